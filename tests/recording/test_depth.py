import pytest

from pitwire.market.enums import Side
from pitwire.recording import depth
from pitwire.recording.depth import DepthGap, RecordedDepth
from pitwire.recording.events import DepthDiff, DepthSnapshot


def diff(first, last, bids=(), asks=()):
    return DepthDiff(receive_ns=0, symbol="X", first_update_id=first, last_update_id=last, bids=bids, asks=asks)


def snapshot(last, bids=((100, 1),), asks=((101, 1),)):
    return DepthSnapshot(receive_ns=0, symbol="X", last_update_id=last, bids=bids, asks=asks)


def test_diffs_before_the_snapshot_are_kept_and_those_it_has_already_are_dropped():
    book = RecordedDepth()
    assert not book.change(diff(1, 4, bids=((100, 7),)))
    assert not book.change(diff(5, 8, bids=((100, 9),)))
    book.replace(snapshot(6))
    assert book.quantity(Side.BUY, 100) == 9
    assert book.last_update_id == 8


def test_a_diff_sets_adds_and_removes_levels():
    book = RecordedDepth()
    book.replace(snapshot(6))
    assert book.change(diff(7, 9, bids=((100, 0), (99, 5)), asks=((101, 3),)))
    assert (book.bids, book.asks) == ({99: 5}, {101: 3})
    assert list(book.prices()) == [(Side.BUY, 99), (Side.SELL, 101)]


@pytest.mark.parametrize("first", [8, 20])
def test_a_diff_that_leaves_a_gap_is_refused(first):
    book = RecordedDepth()
    book.replace(snapshot(6))
    with pytest.raises(DepthGap, match=f"starts with update {first}, expected was 7"):
        book.change(diff(first, 30))


def test_a_snapshot_older_than_the_first_diff_kept_is_refused():
    book = RecordedDepth()
    book.change(diff(20, 30))
    with pytest.raises(DepthGap, match="starts with update 20, expected was 7"):
        book.replace(snapshot(6))


def test_an_old_diff_changes_nothing():
    book = RecordedDepth()
    book.replace(snapshot(6))
    assert not book.change(diff(2, 6, bids=((100, 50),)))
    assert book.quantity(Side.BUY, 100) == 1


def test_diffs_without_a_snapshot_are_kept_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(depth, "KEPT_DIFFS_MAX", 2)
    book = RecordedDepth()
    book.change(diff(1, 1))
    book.change(diff(2, 2))
    with pytest.raises(DepthGap, match="2 depth diffs of X and no snapshot"):
        book.change(diff(3, 3))


def test_after_a_reset_it_waits_for_a_snapshot_again():
    book = RecordedDepth()
    book.replace(snapshot(6))
    book.reset()
    assert not book.change(diff(1, 2))
    assert book.quantity(Side.BUY, 100) == 0
