"""The memory log: order without durability."""

import pytest

from pitwire.exchange.log.memory import MemoryLog
from pitwire.exchange.messages import CancelOpenOrders, Record


def command(number: int) -> CancelOpenOrders:
    return CancelOpenOrders(account=1, symbol="BTCUSDT", cancel_id=str(number))


async def test_appends_get_consecutive_sequences_and_are_durable_at_once() -> None:
    log = MemoryLog()
    assert log.last_sequence == 0
    first = log.append([command(1), command(2)], 10)
    second = log.append([command(3)], 20)
    assert first.durable.done()
    assert list(first.records) == [Record(1, 10, command(1)), Record(2, 10, command(2))]
    assert list(second.records) == [Record(3, 20, command(3))]
    assert log.last_sequence == 3


async def test_replay_starts_after_the_asked_sequence() -> None:
    log = MemoryLog()
    log.append([command(n) for n in range(1, 6)], 10)
    assert [record.sequence for record in log.replay(3)] == [4, 5]
    assert list(log.replay(5)) == []


async def test_only_the_newest_records_are_kept_and_asking_for_older_ones_says_so() -> None:
    log = MemoryLog(records_max=2)
    log.append([command(n) for n in range(1, 6)], 10)
    assert [record.sequence for record in log.replay(3)] == [4, 5]
    with pytest.raises(LookupError, match="records 3 to 3 are no longer kept"):
        log.replay(2)


def test_the_newest_snapshot_is_the_one_that_is_kept() -> None:
    log = MemoryLog()
    assert log.load_snapshot() is None
    log.save_snapshot(1, b"one")
    log.save_snapshot(2, b"two")
    assert log.load_snapshot() == (2, b"two")
