"""When a snapshot and changes make a book (web-socket-streams.md, How to manage a local order book correctly)."""

from decimal import Decimal

import msgspec
import pytest

from pitwire.client.streams.book_state import BookState
from pitwire.protocol.errors import ProtocolViolation
from pitwire.protocol.market_events import DepthUpdate

ONE = [(Decimal(1), Decimal(1))]


def change(first: int, last: int, price: str = "5", bids: bytes | None = None) -> DepthUpdate:
    return DepthUpdate(
        type="depthUpdate",
        event_time=1,
        symbol="BTCUSDT",
        first_update_id=first,
        last_update_id=last,
        bids_json=msgspec.Raw(bids or b'[["%b","%d"]]' % (price.encode(), last)),
        asks_json=msgspec.Raw(b"[]"),
    )


def prices(state: BookState) -> list[int]:
    return [int(price) for price, _ in state.bids.top()]


def test_changes_before_the_snapshot_are_kept_and_those_that_it_has_are_left_out() -> None:
    state = BookState()
    for event in (change(3, 4, "3"), change(5, 7, "5"), change(8, 9, "8")):
        assert not state.receive(event)
    assert state.snapshot(6, ONE, [])
    assert (state.update_id, prices(state)) == (9, [8, 5, 1])
    assert state.receive(change(10, 10, "10"))
    assert state.update_id == 10


def test_a_snapshot_that_is_older_than_the_changes_is_not_taken_and_they_stay() -> None:
    state = BookState()
    state.receive(change(10, 12))
    assert not state.snapshot(8, ONE, [])
    assert not state.is_synchronized
    assert state.snapshot(9, ONE, [])
    assert state.update_id == 12


def test_a_hole_among_the_changes_asks_for_a_snapshot_from_after_it() -> None:
    state = BookState()
    state.receive(change(1, 2))
    state.receive(change(5, 6, "6"))
    assert not state.snapshot(1, ONE, [])
    assert not state.snapshot(3, ONE, [])
    assert state.snapshot(4, ONE, [])
    assert (state.update_id, prices(state)) == (6, [6, 1])


def test_a_gap_begins_anew_with_the_change_that_showed_it() -> None:
    state = BookState()
    assert state.snapshot(4, ONE, [])
    assert not state.receive(change(6, 7, "7"))
    assert (state.is_synchronized, state.restarts) == (False, 1)
    assert state.snapshot(5, [], [])
    assert (state.update_id, prices(state)) == (7, [7])


def test_what_is_in_the_book_is_not_applied_again() -> None:
    state = BookState()
    state.snapshot(9, ONE, [])
    assert not state.receive(change(8, 9))
    assert state.receive(change(8, 11))  # a window that began before
    assert state.update_id == 11


def test_levels_that_cannot_be_read_begin_anew() -> None:
    state = BookState()
    state.snapshot(9, ONE, [])
    with pytest.raises(ProtocolViolation):
        state.receive(change(10, 10, bids=b'[["1"]]'))
    assert not state.is_synchronized
