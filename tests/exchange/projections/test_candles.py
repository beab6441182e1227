"""Candles of every interval and time zone, beside candles that are computed anew from all trades."""

import pytest

from pitwire.exchange.messages import SymbolListed
from pitwire.exchange.projections import candles as candles_module
from pitwire.exchange.projections.candles import Candle, Candles
from pitwire.exchange.projections.intervals import DAY_US, MINUTE_US, SECOND_US, opening_us, shifted_us
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import KlineInterval
from tests.exchange.projections.tape import SYMBOL, Tape
from tests.exchange.projections.trading import START_US, rules, units

OFFSETS_US = [minutes * MINUTE_US for minutes in (0, 480, 345, -720, 840, 67)]
ALL_INTERVALS = list(KlineInterval)


@pytest.fixture
def little_memory(monkeypatch):
    """So little that most of it is the archive's."""
    monkeypatch.setattr(candles_module, "KEPT", (5, 4, 3))


def computed(trades, interval, offset_us, now_us):
    """All candles from the first trade to now, oldest first, the plain way."""
    found = {}
    for time_us, trade in trades:
        opened_us = opening_us(interval, time_us, offset_us)
        taken, paid = (0, 0) if trade.buyer_is_maker else (trade.quantity, trade.quote)
        candle = found.get(opened_us)
        if candle is None:
            price, number = trade.price, trade.trade_id
            found[opened_us] = Candle(
                opened_us, price, price, price, price, trade.quantity, trade.quote, 1, taken, paid, number, number
            )
            continue
        candle.high, candle.low = max(candle.high, trade.price), min(candle.low, trade.price)
        candle.close, candle.last_id = trade.price, trade.trade_id
        candle.volume += trade.quantity
        candle.quote += trade.quote
        candle.trades += 1
        candle.taker_volume += taken
        candle.taker_quote += paid
    return found


def without_gaps(found, interval, offset_us, first_us, last_us, count):
    """At most `count` of them from one opening time to another, with flat ones in between."""
    candles, opened_us = [], first_us
    while opened_us <= last_us and len(candles) < count:
        candle = found.get(opened_us)
        if candle is None:
            close = max((each for each in found.items() if each[0] < opened_us), key=lambda each: each[0])[1].close
            candle = Candle(opened_us, close, close, close, close, 0, 0, 0, 0, 0, -1, -1)
        candles.append(candle)
        opened_us = shifted_us(interval, opened_us, 1, offset_us)
    return candles


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("interval", ALL_INTERVALS)
def test_candles_are_those_computed_from_all_trades(seed, interval, little_memory):
    tape = Tape(page_items=3 + seed)
    now_us = tape.random_trades(seed, 400, START_US) + 90 * SECOND_US
    for offset_us in OFFSETS_US:
        found = computed(tape.trades, interval, offset_us, now_us)
        newest = opening_us(interval, now_us, offset_us)
        first = min(found)
        expected = without_gaps(
            found, interval, offset_us, max(first, shifted_us(interval, newest, -99, offset_us)), newest, 100
        )
        assert tape.candles.klines(SYMBOL, interval, None, None, offset_us, 100, now_us) == expected, (seed, offset_us)
        for index in (0, 100, 300):  # from before, at, and after a trade's moment
            for start_us in (tape.trades[index][0], opening_us(interval, tape.trades[index][0], offset_us)):
                opened = opening_us(interval, start_us, offset_us)
                begin = opened if opened == start_us else shifted_us(interval, opened, 1, offset_us)
                expected = without_gaps(found, interval, offset_us, begin, newest, 60)
                given = tape.candles.klines(SYMBOL, interval, start_us, None, offset_us, 60, now_us)
                assert given == expected, (seed, offset_us, index)
        end_us = tape.trades[200][0]
        last = opening_us(interval, end_us, offset_us)
        begin = max(first, shifted_us(interval, last, -19, offset_us))
        expected = without_gaps(found, interval, offset_us, begin, last, 20)
        assert tape.candles.klines(SYMBOL, interval, None, end_us, offset_us, 20, now_us) == expected, (seed, offset_us)
        assert tape.candles.at(SYMBOL, interval, end_us, offset_us) == found[last]


def test_no_trades_no_candles_and_none_before_the_first_trade_or_after_now():
    tape = Tape()
    hour, now_us = KlineInterval.H1, START_US + DAY_US
    assert tape.candles.klines(SYMBOL, hour, None, None, 0, 500, now_us) == []
    assert tape.candles.at(SYMBOL, hour, now_us) is None
    tape.trade(START_US, 100, 1)
    opened = [each.open_us for each in tape.candles.klines(SYMBOL, hour, 0, None, 0, 500, now_us)]
    first_us = opening_us(hour, START_US)
    assert opened == [first_us + each * 60 * MINUTE_US for each in range(25)]
    assert tape.candles.at(SYMBOL, hour, START_US - 60 * MINUTE_US) is None
    assert tape.candles.klines(SYMBOL, hour, now_us + 1, None, 0, 500, now_us) == []
    assert tape.candles.klines(SYMBOL, hour, None, START_US - DAY_US, 0, 500, now_us) == []
    assert tape.candles.klines(SYMBOL, hour, 2**62, 2**62, 0, 500, now_us) == []
    assert tape.candles.klines(SYMBOL, KlineInterval.MO1, 0, 2**62, 0, 500, now_us)[0].trades == 1


def test_a_candle_without_trades_has_the_close_before_it_and_nothing_else():
    tape = Tape()
    tape.trade(START_US, 100, 1)
    tape.trade(START_US, 103, 1)
    second = opening_us(KlineInterval.S1, START_US)
    found = tape.candles.klines(SYMBOL, KlineInterval.S1, second + 5 * SECOND_US, None, 0, 2, START_US + DAY_US)
    price = units(103)
    assert found == [
        Candle(second + each * SECOND_US, price, price, price, price, 0, 0, 0, 0, 0, -1, -1) for each in (5, 6)
    ]


def test_what_takers_bought_is_counted_apart():
    tape = Tape()
    tape.trade(START_US, 100, 2)
    tape.trade(START_US, 100, 3, buyer_is_maker=True)
    candle = tape.candles.at(SYMBOL, KlineInterval.D1, START_US)
    assert (candle.volume, candle.taker_volume) == (units(5), units(2))
    assert (candle.quote, candle.taker_quote) == (units(500), units(200))


def test_memory_is_bounded(little_memory):
    tape = Tape(page_items=2)
    tape.random_trades(1, 3000, START_US)
    held = [len(series.items) for series in tape.candles._tapes[SYMBOL].over]
    assert all(count < kept + 4 for count, kept in zip(held, (5, 4, 3), strict=True)), held


def test_new_rules_leave_the_candles_alone():
    tape = Tape()
    tape.trade(START_US, 100, 1)
    tape.candles.listed(SymbolListed(rules=rules(SYMBOL)), 0)
    assert tape.candles.at(SYMBOL, KlineInterval.D1, START_US).trades == 1


def test_an_unknown_symbol_is_named():
    with pytest.raises(UnknownSymbol, match="NOPE"):
        Tape().candles.klines("NOPE", KlineInterval.D1, None, None, 0, 1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_candles_go_on_from_a_snapshot(seed):
    tape = Tape(page_items=5)
    now_us = tape.random_trades(seed, 300, START_US)
    tape.chronicle.seal_all()
    resumed = Candles.of([SYMBOL], tape.candles.state(), tape.chronicle)
    asked = [(KlineInterval.S1, 0), (KlineInterval.H1, 345 * MINUTE_US), (KlineInterval.D1, 0)]
    for interval, offset_us in asked:
        ask = (SYMBOL, interval, START_US, None, offset_us, 100, now_us)
        assert resumed.klines(*ask) == tape.candles.klines(*ask), seed
