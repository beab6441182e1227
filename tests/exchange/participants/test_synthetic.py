"""The synthetic market's statistics against what it is calibrated on, its determinism, and its book's soundness."""

from functools import cache
from itertools import islice, takewhile
from random import Random

import pytest

from pitwire.exchange.engine.digest import event_digest
from pitwire.exchange.messages import CommandRejected
from pitwire.exchange.participants.calibration import CALIBRATIONS
from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.exchange.participants.synthetic import UnknownSymbol, synthetic_markets
from pitwire.market.enums import Side
from pitwire.recording.depth import RecordedDepth
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, Trade
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording
from pitwire.recording.statistics import measure
from tests.exchange.participants.direct import LOTS, DirectExchange
from tests.locations import recordings_dir

MINUTE_NS = 60_000_000_000
RECORDED_NS = 346_000_000_000
TOLERANCES = {
    "takers_per_s": 0.1,
    "trades_per_s": 0.2,
    "tickers_per_s": 0.05,
    "price_change_share": 0.2,
    "price_change_ticks": 0.35,
    "volatility": 0.35,
    "spread_ticks": 1.0,
    "levels_per_diff": 0.1,
    "removed_share": 0.2,
    "level_distance_ticks": 0.2,
}
"""How far each may be from the recording's, as a fraction of it. Spread and volatility hang on few large events."""


@cache
def recorded(symbol):
    recording = Recording(recordings_dir() / f"{symbol.lower()}_20240808.gz")
    return measure(in_market_order(recording.events()), CALIBRATIONS[symbol].tick_size)


def events(symbol, seed, duration_ns):
    market = synthetic_markets([symbol], Random(seed))[symbol]
    return list(takewhile(lambda event: event.receive_ns < duration_ns, market))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_its_statistics_are_those_of_the_recording(symbol, seed):
    print(f"seed {seed}")
    real = recorded(symbol)
    synthetic = measure(events(symbol, seed, RECORDED_NS), CALIBRATIONS[symbol].tick_size)
    found = {name: getattr(synthetic, name) / getattr(real, name) - 1 for name in TOLERANCES}
    assert {name: round(off, 3) for name, off in found.items() if abs(off) > TOLERANCES[name]} == {}
    for sizes in ("trade_sizes", "top_sizes", "level_sizes"):
        made, wanted = getattr(synthetic, sizes), getattr(real, sizes)
        assert made.median == pytest.approx(wanted.median, rel=0.6), sizes
        assert made.log_deviation == pytest.approx(wanted.log_deviation, rel=0.15), sizes


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_the_calibration_is_what_the_tool_measures(symbol):
    measured = recorded(symbol)
    kept = CALIBRATIONS[symbol].statistics
    for name in TOLERANCES:
        assert getattr(kept, name) == pytest.approx(getattr(measured, name), rel=1e-3), name


@pytest.mark.parametrize("symbol", CALIBRATIONS)
def test_its_book_is_never_crossed_or_empty_and_its_numbers_keep_to_tick_and_step(symbol):
    calibration = CALIBRATIONS[symbol]
    depth = RecordedDepth()
    bid = ask = 0
    for event in events(symbol, 7, MINUTE_NS):
        if isinstance(event, DepthSnapshot):
            depth.replace(event)
        elif isinstance(event, DepthDiff):
            assert depth.change(event)
            assert max(depth.bids) < min(depth.asks)
            assert all(price % calibration.tick_size == 0 for price in (*depth.bids, *depth.asks))
            assert all(size % calibration.step_size == 0 for size in (*depth.bids.values(), *depth.asks.values()))
            if bid:
                assert (max(depth.bids), min(depth.asks)) == (bid, ask)
        elif isinstance(event, BookTicker):
            bid, ask = event.bid_price, event.ask_price
            assert 0 < bid < ask
        else:
            assert event.quantity > 0


@pytest.mark.parametrize("symbol", CALIBRATIONS)
def test_the_exchange_takes_every_order_and_prints_every_trade(symbol):
    exchange = DirectExchange()
    market = RecordedMarket(symbol, LOTS[symbol])
    exchange.listen(market.learn)
    refused = []
    for event in events(symbol, 3, MINUTE_NS // 3):
        before = len(exchange.trades)
        for command in market.decide(event):
            outcome = exchange.submit(command)
            refused += [outcome] if isinstance(outcome.events[0], CommandRejected) else []
        if isinstance(event, BookTicker):
            assert exchange.best(symbol, Side.BUY) == event.best(Side.BUY)
            assert exchange.best(symbol, Side.SELL) == event.best(Side.SELL)
        elif isinstance(event, Trade):
            assert sum(trade.quantity for trade in exchange.trades[before:]) == event.quantity
    assert refused == []
    assert market.late_trades == 0


def digest(seed):
    exchange = DirectExchange()
    outcomes = []
    exchange.listen(outcomes.append)
    for symbol, market_events in synthetic_markets(["BTCUSDT", "ETHBTC"], Random(seed)).items():
        market = RecordedMarket(symbol, LOTS[symbol])
        exchange.listen(market.learn)
        for event in islice(market_events, 500):
            for command in market.decide(event):
                exchange.submit(command)
    return event_digest(outcomes)


def test_the_same_seed_gives_the_same_history_and_another_seed_another():
    assert digest(5) == digest(5)
    assert digest(5) != digest(6)


def test_a_symbols_events_do_not_depend_on_which_others_are_asked_for():
    alone = synthetic_markets(["ETHBTC"], Random(9))["ETHBTC"]
    together = synthetic_markets(["BTCUSDT", "ETHBTC", "ETHUSDT"], Random(9))
    list(islice(together["BTCUSDT"], 1_000))
    assert list(islice(alone, 300)) == list(islice(together["ETHBTC"], 300))


def test_prices_stay_consistent_across_symbols():
    prices = {}
    for symbol, market in synthetic_markets(CALIBRATIONS, Random(11)).items():
        tickers = (event for event in market if isinstance(event, BookTicker))
        *_, last = takewhile(lambda event: event.receive_ns < 3 * MINUTE_NS, tickers)
        prices[symbol] = last.bid_price / 10**8
    assert prices["ETHBTC"] == pytest.approx(prices["ETHUSDT"] / prices["BTCUSDT"], rel=0.005)
    assert prices["BNBBTC"] == pytest.approx(prices["BNBUSDT"] / prices["BTCUSDT"], rel=0.005)
    assert prices["BTCUSDC"] == pytest.approx(prices["BTCUSDT"], rel=0.005)


def test_a_symbol_without_calibration_is_refused():
    with pytest.raises(UnknownSymbol, match="no synthetic market for DOGEUSDT: there is one for BTCUSDT"):
        synthetic_markets(["DOGEUSDT"], Random(1))
