"""The state out of the log: snapshots are taken when due, and a start replays only what came after the newest."""

import asyncio
from typing import Any

import pytest

from pitwire.exchange.log.memory import MemoryLog
from pitwire.exchange.log.state import SnapshotSchedule, State, recover
from pitwire.exchange.messages import Command, Deposit, OpenAccount, Outcome
from pitwire.market.numbers import Amount


class FailingLog(MemoryLog):
    def save_snapshot(self, sequence: int, payload: bytes) -> None:
        raise OSError("no space left on device")


class World:
    """A log with a state that follows it, and a schedule that snapshots both."""

    def __init__(self, log: MemoryLog, every: int) -> None:
        self.log = log
        self.errors: list[OSError] = []
        self.state = recover(log)
        self.schedule = SnapshotSchedule(log, self.state, every, self.errors.append)

    async def execute(self, commands: list[Command], time_us: int) -> None:
        """Do with a batch what the sequencer does."""
        for record in self.log.append(commands, time_us).records:
            outcome = Outcome(record, self.state.engine.apply(record))
            self.state.projections.apply(outcome)
            self.schedule.passed(outcome)
        self.schedule.batch_ended()

    async def fill(self, deposits: int) -> None:
        await self.execute([OpenAccount(account=1, name="alice")], 10)
        for number in range(1, deposits + 1):
            await self.execute([Deposit(account=1, asset="BTC", amount=Amount(number))], 10 + number)
            await asyncio.sleep(0)


def same(first: State, second: State) -> bool:
    return (first.engine.snapshot(), first.projections.snapshot()) == (
        second.engine.snapshot(),
        second.projections.snapshot(),
    )


async def test_without_a_snapshot_the_whole_log_is_replayed() -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(5)
    again = recover(world.log)
    assert again.recovered == (6, 15, 6)
    assert same(again, world.state)


@pytest.mark.parametrize("every", [1, 2, 3, 7])
async def test_from_a_snapshot_only_what_came_later_is_replayed(every: int) -> None:
    world = World(MemoryLog(), every)
    await world.fill(20)
    saved = world.log.load_snapshot()
    assert saved is not None
    again = recover(world.log)
    assert again.recovered == (21, 30, 21 - saved[0])
    assert same(again, world.state)


async def test_finishing_saves_the_last_state_with_its_time() -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(3)
    await world.schedule.finish()
    again = recover(world.log)
    assert again.recovered == (4, 13, 0)
    assert same(again, world.state)


async def test_nothing_new_is_nothing_to_save() -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(1)
    await world.schedule.finish()
    first = world.log.load_snapshot()
    await World(world.log, every=1_000).schedule.finish()
    assert world.log.load_snapshot() is first


async def test_a_snapshot_that_cannot_be_written_is_reported_and_the_next_one_is_tried() -> None:
    world = World(FailingLog(), every=5)
    await world.fill(4)
    await world.schedule.finish()
    assert [str(error) for error in world.errors] == ["no space left on device"]
    await world.execute([Deposit(account=1, asset="BTC", amount=Amount(1))], 99)
    await world.schedule.finish()
    assert len(world.errors) == 2


@pytest.mark.parametrize("payload", [b"", b"\xc0", b"not a snapshot", b"\x94\x02\x01\xc4\x00\xc4\x00"])
async def test_a_snapshot_that_this_version_cannot_read_is_passed_over(payload: bytes) -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(2)
    world.log.save_snapshot(2, payload)
    assert recover(world.log).recovered.replayed == 3


async def test_a_record_that_cannot_be_replayed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(2)

    def broken(*_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("pitwire.exchange.log.state.Projections.apply", broken)
    with pytest.raises(ValueError, match="broken") as raised:
        recover(world.log)
    assert "record 1 was replayed: OpenAccount" in raised.value.__notes__[0]
