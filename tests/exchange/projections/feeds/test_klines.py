import pytest

from pitwire.exchange.projections.feeds import klines
from pitwire.exchange.projections.feeds.klines import KlineFeed
from pitwire.market.enums import KlineInterval, TimeUnit
from tests.exchange.projections.tape import Tape

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
MIDNIGHT_US = 1_700_006_400_000_000
"""In UTC."""


def told(feed: KlineFeed, now_us: int, *, fresh: bool = False) -> list:
    return [content(TimeUnit.MILLISECOND) for content in feed.take(now_us, fresh=fresh)]


def feed_of(tape: Tape, interval: str, offset_us: int = 0) -> KlineFeed:
    return KlineFeed("BTCUSDT", tape.candles, KlineInterval(interval), offset_us)


def trade(tape: Tape, feed: KlineFeed, time_us: int, price: str) -> None:
    tape.trade(time_us, price, "1")
    feed.observe(tape.trades[-1][1], time_us)


def closes(events: list) -> list[tuple[int, bool]]:
    """When each candle opened, in minutes from midnight, and whether it is over."""
    return [((each["k"]["t"] * 1000 - MIDNIGHT_US) // MINUTE_US, each["k"]["x"]) for each in events]


def test_a_candle_is_told_as_documented():
    tape = Tape()
    tape.trade(MIDNIGHT_US, "100", "1")
    tape.trade(MIDNIGHT_US + 1, "102", "2", buyer_is_maker=True)
    [event] = told(feed_of(tape, "1m"), MIDNIGHT_US + 2_000_000)
    assert event == {
        "e": "kline",
        "E": (MIDNIGHT_US + 2_000_000) // 1000,
        "s": "BTCUSDT",
        "k": {
            "t": MIDNIGHT_US // 1000,
            "T": (MIDNIGHT_US + MINUTE_US) // 1000 - 1,
            "s": "BTCUSDT",
            "i": "1m",
            "f": 1,
            "L": 2,
            "o": "100.00000000",
            "c": "102.00000000",
            "h": "102.00000000",
            "l": "100.00000000",
            "v": "3.00000000",
            "n": 2,
            "x": False,
            "q": "304.00000000",
            "V": "1.00000000",
            "Q": "100.00000000",
            "B": "0",
        },
    }


def test_a_candle_is_told_when_it_changes_when_it_is_over_and_to_whoever_begins_to_listen():
    tape = Tape()
    feed = feed_of(tape, "1m")
    assert told(feed, MIDNIGHT_US, fresh=True) == []  # nothing was ever traded
    assert feed.due_us(MIDNIGHT_US) is None
    trade(tape, feed, MIDNIGHT_US, "100")
    assert feed.due_us(MIDNIGHT_US + 1) == MIDNIGHT_US + 1
    assert closes(told(feed, MIDNIGHT_US + 2_000_000)) == [(0, False)]
    assert feed.due_us(MIDNIGHT_US + 2_000_000) == MIDNIGHT_US + MINUTE_US
    assert told(feed, MIDNIGHT_US + 4_000_000) == []
    assert closes(told(feed, MIDNIGHT_US + 6_000_000, fresh=True)) == [(0, False)]
    trade(tape, feed, MIDNIGHT_US + 7_000_000, "101")
    assert closes(told(feed, MIDNIGHT_US + 8_000_000)) == [(0, False)]
    assert closes(told(feed, MIDNIGHT_US + MINUTE_US)) == [(0, True)]
    assert told(feed, MIDNIGHT_US + MINUTE_US + 2_000_000) == []
    trade(tape, feed, MIDNIGHT_US + MINUTE_US + 3_000_000, "101")
    assert closes(told(feed, MIDNIGHT_US + MINUTE_US + 4_000_000)) == [(1, False)]


def test_candles_without_trades_are_told_once_when_they_are_over():
    tape = Tape()
    feed = feed_of(tape, "1m")
    tape.trade(MIDNIGHT_US, "100", "1")
    told(feed, MIDNIGHT_US + 1)
    events = told(feed, MIDNIGHT_US + 3 * MINUTE_US)
    assert closes(events) == [(0, True), (1, True), (2, True)]
    assert (events[2]["k"]["o"], events[2]["k"]["c"], events[2]["k"]["n"]) == ("100.00000000", "100.00000000", 0)


def test_what_was_traded_since_is_told_beside_the_candle_that_is_over():
    tape = Tape()
    feed = feed_of(tape, "1s")
    tape.trade(MIDNIGHT_US, "100", "1")
    told(feed, MIDNIGHT_US + 1)
    trade(tape, feed, MIDNIGHT_US + 1_000_010, "100")
    assert [each["k"]["x"] for each in told(feed, MIDNIGHT_US + 1_000_020)] == [True, False]


@pytest.mark.parametrize(("offset_us", "opens_us"), [(0, 16 * HOUR_US), (8 * HOUR_US, 0)])
def test_a_day_begins_by_its_own_clock(offset_us, opens_us):
    day_us = 1_700_006_400_000_000 // (24 * HOUR_US) * 24 * HOUR_US
    tape = Tape()
    tape.trade(day_us + 17 * HOUR_US, "100", "1")
    [event] = told(feed_of(tape, "1d", offset_us), day_us + 17 * HOUR_US + 1)
    assert event["k"]["t"] * 1000 == day_us + (16 * HOUR_US if offset_us else 0)


def test_a_clock_that_jumps_does_not_make_it_tell_without_end(monkeypatch):
    monkeypatch.setattr(klines, "CLOSED_MAX", 5)
    tape = Tape()
    feed = feed_of(tape, "1s")
    tape.trade(MIDNIGHT_US, "100", "1")
    told(feed, MIDNIGHT_US + 1)
    assert len(told(feed, MIDNIGHT_US + HOUR_US)) == 5
    assert len(told(feed, MIDNIGHT_US + HOUR_US + 1_000_000)) == 1
