from pitwire.exchange.messages import ListSymbol, SetReferencePrice
from pitwire.exchange.projections.tickers import day_ticker, window_ticker
from pitwire.market.enums import TickerType, TimeUnit
from pitwire.market.reference_price import ArithmeticMean, External
from tests.exchange.projections.feeds.following import Following
from tests.exchange.projections.trading import ALICE, BOB, Floor, rules, units

DAY_US = 86_400_000_000
MS = TimeUnit.MILLISECOND

OF_THE_QUERY = {
    "p": "priceChange",
    "P": "priceChangePercent",
    "w": "weightedAvgPrice",
    "x": "prevClosePrice",
    "c": "lastPrice",
    "Q": "lastQty",
    "b": "bidPrice",
    "B": "bidQty",
    "a": "askPrice",
    "A": "askQty",
    "o": "openPrice",
    "h": "highPrice",
    "l": "lowPrice",
    "v": "volume",
    "q": "quoteVolume",
    "O": "openTime",
    "C": "closeTime",
    "F": "firstId",
    "L": "lastId",
    "n": "count",
}


def traded_floor() -> Floor:
    floor = Floor(rules(), rules("ETHUSDT", "ETH"))
    for price in (100, 110, 105):
        floor.place(ALICE, "SELL", price, 1)
        floor.place(BOB, "BUY", price, 1)
    floor.place(ALICE, "SELL", 120, 2)
    return floor


def test_a_days_ticker_tells_what_the_query_answers():
    floor = traded_floor()
    [event] = Following(floor, "btcusdt@ticker").told()
    day = floor.projections.tickers.day("BTCUSDT", floor.now_us)
    asked = day_ticker(day, None, (units(120), units(2)), TickerType.FULL, MS)
    assert event == {
        "e": "24hrTicker",
        "E": floor.now_us // 1000,
        "s": "BTCUSDT",
        **{letter: asked[name] for letter, name in OF_THE_QUERY.items()},
    }


def test_a_windows_ticker_tells_what_the_query_answers():
    floor = traded_floor()
    [event] = Following(floor, "btcusdt@ticker_4h").told()
    window = floor.projections.tickers.window("BTCUSDT", 4 * 3_600_000_000, floor.now_us)
    asked = window_ticker(window, TickerType.FULL, MS)
    assert event["O"] % 60_000 == 0
    assert event == {
        "e": "4hTicker",
        "E": floor.now_us // 1000,
        "s": "BTCUSDT",
        **{letter: asked[name] for letter, name in OF_THE_QUERY.items() if name in asked},
    }


def test_a_mini_ticker_tells_less_of_it():
    floor = traded_floor()
    assert Following(floor, "btcusdt@miniTicker").told() == [
        {
            "e": "24hrMiniTicker",
            "E": floor.now_us // 1000,
            "s": "BTCUSDT",
            "c": "105.00000000",
            "o": "100.00000000",
            "h": "110.00000000",
            "l": "100.00000000",
            "v": "3.00000000",
            "q": "315.00000000",
        }
    ]


def test_a_ticker_is_told_again_when_it_has_changed_by_a_trade_or_by_time():
    floor = traded_floor()
    following = Following(floor, "btcusdt@miniTicker")
    assert len(following.told()) == 1
    assert following.told(floor.now_us + 1_000_000) == []
    following.fresh = True
    assert len(following.told(floor.now_us + 2_000_000)) == 1
    following.place(BOB, "BUY", 120, 1)
    assert len(following.told()) == 1
    [gone] = following.told(floor.now_us + DAY_US)
    assert (gone["c"], gone["v"]) == ("0.00000000", "0.00000000")


def test_the_best_bid_and_ask_are_part_of_a_days_ticker():
    floor = traded_floor()
    following = Following(floor, "btcusdt@ticker")
    following.told()
    following.place(ALICE, "BUY", 90, 1)
    assert [each["b"] for each in following.told()] == ["90.00000000"]


def test_the_whole_market_is_told_as_an_array_of_what_has_changed():
    floor = traded_floor()
    for name, kind in (("!miniTicker@arr", "24hrMiniTicker"), ("!ticker_1h@arr", "1hTicker")):
        following = Following(floor, name)
        [array] = following.told()
        assert [(each["e"], each["s"]) for each in array] == [(kind, "BTCUSDT")]  # nobody traded the other one
        assert following.told() == []
    floor.place(ALICE, "SELL", 10, 1, symbol="ETHUSDT")
    floor.place(BOB, "BUY", 10, 1, symbol="ETHUSDT")
    [array] = following.told()
    assert [each["s"] for each in array] == ["ETHUSDT"]


def test_an_average_price_is_told_when_it_changes():
    following = Following(Floor(), "btcusdt@avgPrice")
    assert following.told() == []
    following.place(ALICE, "SELL", 100, 3)
    time_us = following.floor.now_us
    following.place(BOB, "BUY", 100, 1)
    assert following.told() == [
        {
            "e": "avgPrice",
            "E": following.floor.now_us // 1000,
            "s": "BTCUSDT",
            "i": "5m",
            "w": "100.00000000",
            "T": time_us // 1000,
        }
    ]
    assert following.told() == []


def test_a_reference_price_is_told_every_time_once_there_was_one():
    floor = Floor(rules(reference_price=External(calculation_id=1)))
    following = Following(floor, "btcusdt@referencePrice")
    assert following.told() == []
    set_us = floor.now_us
    following.do(SetReferencePrice(symbol="BTCUSDT", price=units(100)))
    told = {"e": "referencePrice", "s": "BTCUSDT", "r": "100.00000000", "t": set_us // 1000}
    assert following.told() == [told] == following.told()
    set_us = floor.now_us
    following.do(SetReferencePrice(symbol="BTCUSDT", price=units(0)))
    assert following.told() == [{**told, "r": None, "t": set_us // 1000}]
    following.do(ListSymbol(rules=rules(reference_price=ArithmeticMean(bucket_count=2, bucket_width_ms=1000))))
    following.place(ALICE, "SELL", 100, 3)
    following.place(BOB, "BUY", 100, 1)
    assert [each["r"] for each in following.told()] == ["100.00000000"]
