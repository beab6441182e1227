"""Market data: levels and best prices, beside the documented examples and beside the engine's own book."""

import pytest

from pitwire.exchange.messages import LevelChanged, SymbolListed
from pitwire.exchange.projections.market_data import Levels, MarketData
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import Side
from tests.exchange.projections import examples
from tests.exchange.projections.trading import ALICE, BOB, Floor, random_commands, rules, units


@pytest.fixture
def floor():
    return Floor()


def test_results_have_the_documented_fields_in_the_documented_order(floor):
    floor.place(BOB, "SELL", 100, 2)
    floor.place(ALICE, "BUY", 100, 1)
    floor.place(ALICE, "BUY", 99, 1)
    market = floor.projections.market
    assert list(market.depth("BTCUSDT")) == list(examples.results("depth")[0])
    assert list(market.book_ticker("BTCUSDT")) == list(examples.results("ticker.book")[0])
    assert list(market.price_ticker("BTCUSDT")) == list(examples.results("ticker.price")[0])


def test_depth_gives_both_sides_best_first_up_to_the_limit(floor):
    for price in (98, 99, 97):
        floor.place(ALICE, "BUY", price, 1)
    for price in (102, 101, 103):
        floor.place(ALICE, "SELL", price, 2)
    assert floor.projections.market.depth("BTCUSDT", 2) == {
        "lastUpdateId": 6,
        "bids": [("99.00000000", "1.00000000"), ("98.00000000", "1.00000000")],
        "asks": [("101.00000000", "2.00000000"), ("102.00000000", "2.00000000")],
    }


def test_depth_without_a_limit_gives_100_levels_and_never_more_than_5000(monkeypatch):
    market = MarketData()
    market.listed(SymbolListed(rules=rules()), 0)
    for n in range(1, 5101):
        change = LevelChanged(symbol="BTCUSDT", side=Side.BUY, price=units(n), quantity=units(1), update_id=n)
        market.level_changed(change, 0)
    assert len(market.depth("BTCUSDT")["bids"]) == 100
    assert len(market.depth("BTCUSDT", 5)["bids"]) == 5
    assert len(market.depth("BTCUSDT", 9999)["bids"]) == 5000
    assert market.depth("BTCUSDT", 1)["bids"] == [("5100.00000000", "1.00000000")]


def test_a_level_that_was_emptied_is_gone_and_an_unknown_one_cannot_be_removed():
    levels = Levels(Side.SELL)
    levels.change(10, 5)
    levels.change(11, 5)
    levels.change(10, 0)
    levels.change(12, 0)
    assert levels.top(10) == [(11, 5)]
    assert levels.best() == (11, 5)


def test_an_empty_market_has_zeros_for_prices(floor):
    market = floor.projections.market
    zero = "0.00000000"
    assert market.book_ticker("BTCUSDT") == {
        "symbol": "BTCUSDT",
        "bidPrice": zero,
        "bidQty": zero,
        "askPrice": zero,
        "askQty": zero,
    }
    assert market.price_ticker("BTCUSDT") == {"symbol": "BTCUSDT", "price": zero}
    assert market.depth("BTCUSDT") == {"lastUpdateId": 0, "bids": [], "asks": []}
    assert market.last_price("BTCUSDT") is None


def test_tickers_follow_the_book_and_the_last_trade(floor):
    floor.place(BOB, "SELL", 101, 2)
    floor.place(BOB, "BUY", 99, 3)
    floor.place(ALICE, "BUY", 101, 1)
    market = floor.projections.market
    assert market.book_ticker("BTCUSDT") == {
        "symbol": "BTCUSDT",
        "bidPrice": "99.00000000",
        "bidQty": "3.00000000",
        "askPrice": "101.00000000",
        "askQty": "1.00000000",
    }
    assert market.price_ticker("BTCUSDT")["price"] == "101.00000000"
    assert market.last_price("BTCUSDT") == units(101)
    assert market.best("BTCUSDT", Side.BUY) == (units(99), units(3))


def test_new_rules_for_a_symbol_leave_its_book_alone(floor):
    floor.place(ALICE, "BUY", 99, 1)
    before = floor.projections.market.depth("BTCUSDT")
    floor.projections.market.listed(SymbolListed(rules=rules()), 0)
    assert floor.projections.market.depth("BTCUSDT") == before


@pytest.mark.parametrize(
    "query",
    [
        lambda market: market.depth("NOPE"),
        lambda market: market.book_ticker("NOPE"),
        lambda market: market.price_ticker("NOPE"),
        lambda market: market.last_price("NOPE"),
        lambda market: market.levels("NOPE", Side.BUY, 1),
    ],
)
def test_an_unknown_symbol_is_named(floor, query):
    with pytest.raises(UnknownSymbol, match="NOPE"):
        query(floor.projections.market)


@pytest.mark.parametrize("seed", range(5))
def test_levels_equal_the_engines_book_after_every_outcome(seed, monkeypatch):
    symbols = {"BTCUSDT": rules(), "ETHBTC": rules("ETHBTC", "ETH", "BTC")}
    floor = Floor(*symbols.values())
    market = floor.projections.market
    trades = 0
    for number, command in enumerate(random_commands(seed, 400, tuple(symbols))):
        floor.do(command)
        for symbol in symbols:
            book = floor.engine.venue.markets[symbol].book
            for side, resting in ((Side.BUY, book.bids), (Side.SELL, book.asks)):
                expected = [(level.price, level.quantity) for level in resting.best_first()]
                assert market.levels(symbol, side, 10**6) == expected, (seed, number, symbol, side)
                assert market.best(symbol, side) == (expected[0] if expected else None)
            assert market.depth(symbol)["lastUpdateId"] == book.update_id
    trades = sum(floor.engine.venue.markets[symbol].last_trade_id for symbol in symbols)
    assert trades > 50, "the random market must trade for this to mean something"
