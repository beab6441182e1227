import pytest

from pitwire.recording import market_order
from pitwire.recording.events import BookTicker, DepthDiff, Trade
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording
from tests.locations import recordings_dir

MS = 1_000_000


def ticker(update_id, at_ms, bid, bid_quantity, ask=200, ask_quantity=9):
    return BookTicker(
        receive_ns=round(at_ms * MS),
        symbol="X",
        update_id=update_id,
        bid_price=bid,
        bid_quantity=bid_quantity,
        ask_price=ask,
        ask_quantity=ask_quantity,
    )


def diff(first, last, at_ms):
    return DepthDiff(
        receive_ns=round(at_ms * MS), symbol="X", first_update_id=first, last_update_id=last, bids=(), asks=()
    )


def sale(trade_id, at_ms, price, quantity, time_ms):
    """A taker sells to a resting bid."""
    return Trade(
        receive_ns=round(at_ms * MS),
        symbol="X",
        trade_id=trade_id,
        price=price,
        quantity=quantity,
        time_ms=time_ms,
        buyer_is_maker=True,
    )


IN_TIME = sale(0, 0, 50, 1, time_ms=0)
"""A trade that comes at once: it tells how the two clocks differ."""


def test_a_diff_goes_before_the_best_prices_that_are_newer_and_behind_the_one_of_its_own_update():
    events = [ticker(5, 1, 100, 1), ticker(6, 2, 100, 2), ticker(7, 3, 100, 3), diff(1, 6, 4)]
    assert list(in_market_order(events)) == [events[0], events[1], events[3], events[2]]


def test_a_late_best_price_goes_before_the_diff_that_contains_it():
    events = [diff(1, 6, 1), ticker(5, 2, 100, 1), ticker(7, 3, 100, 2)]
    assert list(in_market_order(events)) == [events[1], events[0], events[2]]


def test_a_trade_goes_before_the_best_price_that_shows_it():
    before, shows, after = ticker(1, 10, 100, 5), ticker(2, 11.2, 100, 3), ticker(3, 11.5, 100, 4)
    trade = sale(1, 12, 100, 2, time_ms=11)
    assert list(in_market_order([IN_TIME, before, shows, after, trade])) == [IN_TIME, before, trade, shows, after]


def test_trades_that_took_a_level_together_go_before_it_is_gone():
    before, gone = ticker(1, 10, 100, 5), ticker(2, 11.2, 98, 1)
    trades = [sale(n, 12, 100, quantity, time_ms=11) for n, quantity in enumerate((2, 2, 1))]
    assert list(in_market_order([IN_TIME, before, gone, *trades])) == [IN_TIME, before, *trades, gone]


def test_a_sweep_stays_together_though_its_deeper_prices_never_were_the_best():
    before, gone = ticker(1, 10, 100, 5), ticker(2, 11.2, 97, 1)
    trades = [sale(1, 12, 100, 5, time_ms=11), sale(2, 12, 99, 8, time_ms=11), sale(3, 12, 98, 8, time_ms=11)]
    assert list(in_market_order([IN_TIME, before, gone, *trades])) == [IN_TIME, before, *trades, gone]


def test_a_trade_is_compared_with_the_last_best_price_that_was_let_go():
    before, shows = ticker(1, 10, 100, 5), ticker(2, 5_011.2, 100, 3)
    trade = sale(1, 5_012, 100, 2, time_ms=5_011)
    assert list(in_market_order([IN_TIME, before, shows, trade])) == [IN_TIME, before, trade, shows]


def test_a_trade_that_nothing_shows_goes_where_its_time_says():
    tickers = [ticker(n, n * 10, 100, 5) for n in range(1, 6)]
    quick, slow = sale(1, 15, 100, 1, time_ms=15), sale(2, 52, 100, 1, time_ms=25)
    assert list(in_market_order([tickers[0], quick, *tickers[1:], slow])) == [
        tickers[0],
        quick,
        tickers[1],
        slow,
        *tickers[2:],
    ]


def test_no_more_than_a_bound_is_held_back(monkeypatch):
    monkeypatch.setattr(market_order, "HELD_EVENTS_MAX", 3)
    taken = []

    def source():
        for n in range(1, 10):
            taken.append(n)
            yield ticker(n, 0, 100, n)

    ordered = in_market_order(source())
    assert next(ordered).update_id == 1
    assert len(taken) == 4


@pytest.mark.parametrize("name", ["btcusdt_20240808.gz", "ethusdt_20240808.gz"])
def test_a_real_recording_keeps_every_event_and_each_streams_own_order(name):
    events = list(Recording(recordings_dir() / name).events())
    ordered = list(in_market_order(events))
    assert sorted(map(id, ordered)) == sorted(map(id, events))
    updates = [
        (event.update_id, 0) if isinstance(event, BookTicker) else (event.last_update_id, 1)
        for event in ordered
        if isinstance(event, (BookTicker, DepthDiff))
    ]
    assert updates == sorted(updates)
    trades = [event.trade_id for event in ordered if isinstance(event, Trade)]
    assert trades == sorted(trades)
