from pitwire.exchange.messages import ReportBlockTrade
from pitwire.market.enums import TimeUnit
from tests.exchange.projections.feeds.following import Following
from tests.exchange.projections.trading import ALICE, BOB, Floor, units


def sweep(following: Following) -> int:
    """An order that takes three resting ones at two prices; returns when."""
    for price in (100, 100, 101):
        following.place(ALICE, "SELL", price, 1)
    time_us = following.floor.now_us
    following.place(BOB, "BUY", 101, 3)
    return time_us


def test_each_trade_is_told_of_with_the_time_of_its_record():
    following = Following(Floor(), "btcusdt@trade")
    time_us = sweep(following)
    first, second, third = following.told(unit=TimeUnit.MICROSECOND)
    assert first == {
        "e": "trade",
        "E": time_us,
        "s": "BTCUSDT",
        "t": 1,
        "p": "100.00000000",
        "q": "1.00000000",
        "T": time_us,
        "m": False,
        "M": True,
    }
    assert (second["t"], third["t"], third["p"]) == (2, 3, "101.00000000")
    assert following.told() == []


def test_a_block_trade_is_told_of_with_its_own_id():
    following = Following(Floor(), "btcusdt@blockTrade")
    sweep(following)
    assert following.told() == []
    for _ in range(2):
        time_us = following.floor.now_us
        command = ReportBlockTrade(symbol="BTCUSDT", price=units("90"), quantity=units("5.5"), buyer_is_maker=True)
        following.do(command)
    first, second = following.told(unit=TimeUnit.MICROSECOND)
    assert second == {
        "e": "blockTrade",
        "E": time_us,
        "s": "BTCUSDT",
        "t": 2,
        "p": "90.00000000",
        "q": "5.50000000",
        "T": time_us,
        "m": True,
    }
    assert first["t"] == 1
    assert following.told() == []


def test_the_trades_of_one_order_at_one_price_are_one_aggregate():
    floor = Floor()
    floor.place(ALICE, "SELL", 99, 1)
    floor.place(BOB, "BUY", 99, 1)  # before anybody listens
    following = Following(floor, "btcusdt@aggTrade")
    time_us = sweep(following)
    first, second = following.told()
    assert first == {
        "e": "aggTrade",
        "E": time_us // 1000,
        "s": "BTCUSDT",
        "a": 2,
        "p": "100.00000000",
        "q": "2.00000000",
        "f": 2,
        "l": 3,
        "T": time_us // 1000,
        "m": False,
        "M": True,
    }
    assert (second["a"], second["p"], second["f"], second["l"]) == (3, "101.00000000", 4, 4)
    assert following.told() == []


def test_the_stream_and_the_query_tell_the_same_aggregates():
    following = Following(Floor(), "btcusdt@aggTrade")
    told = []
    for _ in range(3):
        sweep(following)
        told += following.told()
    asked = following.floor.projections.trades.aggregate("BTCUSDT", 1, None, None, None, TimeUnit.MILLISECOND)
    assert [{key: each[key] for key in "apqflTm"} for each in told] == [
        {key: each[key] for key in "apqflTm"} for each in asked
    ]
