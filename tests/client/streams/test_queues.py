"""What waits for a slow consumer, by policy."""

from typing import Any

import pytest

from pitwire.client.streams.cursor import Cursor, Seam
from pitwire.client.streams.market_stream import MarketStream
from pitwire.client.streams.queues import Queue, new_queue
from tests.client.streams.messages import book_ticker, mini_tickers, trade


def taken(queue: Queue) -> list[Any]:
    """The ids of what comes out, and gaps as (after, before, length)."""
    out: list[Any] = []
    while (item := queue.pop()) is not None:
        cursor, message = item
        event = cursor.take(message)
        gap = cursor.take_gap()
        if gap is not None:
            out.append((gap.after, gap.before, gap.length))
        if event is not None:
            out.append(getattr(event, "trade_id", getattr(event, "update_id", event)))
    return out


def test_a_queue_that_waits_keeps_what_fits_and_says_what_did_not() -> None:
    queue, cursor = new_queue("wait", 3, 10_000), Cursor(MarketStream.trade("BTCUSDT"))
    for number in range(1, 8):
        queue.put(cursor, trade(number))
    assert (len(queue), queue.dropped) == (3, 4)
    assert taken(queue) == [1, 2, 3]
    queue.put(cursor, trade(8))
    assert taken(queue) == [(3, 8, 4), 8]


def test_a_queue_that_waits_says_so_of_streams_without_ids_of_their_own_as_well() -> None:
    queue, cursor = new_queue("wait", 1, 10_000), Cursor(MarketStream.book_ticker("BTCUSDT"))
    queue.put(cursor, book_ticker(1))
    queue.put(cursor, book_ticker(2))
    assert taken(queue) == [1]
    queue.put(cursor, book_ticker(3))
    assert taken(queue) == [(1, 3, None), 3]


@pytest.mark.parametrize("policy", ["wait", "drop_oldest"])
def test_bytes_are_bounded_too(policy: Any) -> None:
    size = len(trade(1))
    queue, cursor = new_queue(policy, 1_000, 3 * size), Cursor(MarketStream.trade("BTCUSDT"))
    for number in range(1, 8):
        queue.put(cursor, trade(number))
        assert len(queue) <= 3
    assert queue.dropped == 4
    queue.put(cursor, trade(8, more="x" * 4 * size))  # one that would not fit into an empty queue either
    assert queue.dropped == 5 + (3 if policy == "drop_oldest" else 0)


def test_the_oldest_make_room_and_are_counted_and_what_was_missing_among_them_is_still_told() -> None:
    queue, cursor = new_queue("drop_oldest", 3, 10_000), Cursor(MarketStream.trade("BTCUSDT"))
    for number in range(1, 8):
        queue.put(cursor, trade(number))
    assert (len(queue), queue.dropped) == (3, 4)
    assert taken(queue) == [5, 6, 7]
    for number in (8, 11, 12, 13, 14):
        queue.put(cursor, trade(number))
    assert taken(queue) == [(8, 11, 2), 12, 13, 14]


def test_the_latest_of_each_stream_stands_in_for_those_before() -> None:
    queue = new_queue("conflate", 1, 1)
    bitcoin = Cursor(MarketStream.book_ticker("BTCUSDT"), conflated=True)
    ether = Cursor(MarketStream.book_ticker("ETHUSDT"), conflated=True)
    for number in range(1, 6):
        queue.put(bitcoin, book_ticker(number))
    queue.put(ether, book_ticker(3, "ETHUSDT"))
    queue.put(bitcoin, book_ticker(6))
    assert (len(queue), queue.conflated) == (2, 5)
    assert taken(queue) == [6, 3]


def test_of_the_whole_market_the_latest_of_each_symbol_stays() -> None:
    queue, cursor = new_queue("conflate", 1, 1), Cursor(MarketStream.mini_tickers(), conflated=True)
    queue.put(cursor, mini_tickers(1, "BTCUSDT", "ETHUSDT"))
    queue.put(cursor, mini_tickers(2, "BTCUSDT"))
    queue.put(cursor, mini_tickers(3, "BNBUSDT"))
    [events] = taken(queue)
    assert {event.symbol: event.event_time for event in events} == {"BTCUSDT": 2, "ETHUSDT": 1, "BNBUSDT": 3}


@pytest.mark.parametrize("policy", ["wait", "drop_oldest", "conflate"])
def test_a_seam_stands_where_it_was_crossed(policy: Any) -> None:
    conflated = policy == "conflate"
    queue, cursor = new_queue(policy, 9, 10_000), Cursor(MarketStream.book_ticker("BTCUSDT"), conflated=conflated)
    queue.put(cursor, book_ticker(1))
    assert taken(queue) == [1]
    queue.put(cursor, book_ticker(2))
    queue.cross(cursor, Seam(lost=True))
    queue.cross(cursor, Seam(lost=False))  # does not make up for the loss
    assert taken(queue) == [2]
    queue.put(cursor, book_ticker(5))
    assert taken(queue) == [(2, 5, None), 5]


@pytest.mark.parametrize("policy", ["wait", "drop_oldest", "conflate"])
def test_what_is_forgotten_makes_room(policy: Any) -> None:
    queue = new_queue(policy, 3, 10_000)
    gone, stays = Cursor(MarketStream.trade("BTCUSDT")), Cursor(MarketStream.trade("ETHUSDT"))
    queue.cross(gone, Seam(lost=True))
    queue.put(gone, trade(1))
    queue.put(stays, trade(7, "ETHUSDT"))
    queue.forget(gone)
    assert len(queue) == 1, "where another connection took over is forgotten with it"
    assert taken(queue) == [7]


@pytest.mark.parametrize("bounds", [(0, 1), (1, 0)])
def test_bounds_without_sense_are_refused(bounds: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="pass 1 or more"):
        new_queue("wait", *bounds)
    with pytest.raises(ValueError, match='pass "wait", "drop_oldest" or "conflate"'):
        new_queue("drop_newest", 1, 1)  # type: ignore[arg-type]
