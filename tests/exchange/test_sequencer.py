"""The sequencer, with a log whose durability the test decides, a counting engine and recording projections."""

import asyncio
import weakref
from collections.abc import Sequence
from typing import Any

import pytest

from pitwire.exchange.messages import Command, CommandRejected, Event, Outcome, Record, Tick
from pitwire.exchange.ports import Append, LogFailed
from pitwire.exchange.sequencer import Expired, Halted, Overloaded, Sequencer
from pitwire.market.rejects import Reject


class HeldLog:
    """A log whose appends become durable, or fail, when the test says so."""

    def __init__(self) -> None:
        self.last_sequence = 0
        self.appends: list[Append] = []
        self.refuses = False

    def append(self, commands: Sequence[Command], time_us: int) -> Append:
        if self.refuses:
            raise LogFailed("refused")
        records = [Record(self.last_sequence + n, time_us, command) for n, command in enumerate(commands, 1)]
        self.last_sequence += len(records)
        self.appends.append(Append(records, asyncio.get_running_loop().create_future()))
        return self.appends[-1]

    @property
    def batch_sizes(self) -> list[int]:
        return [len(append.records) for append in self.appends]


class Clock:
    def __init__(self) -> None:
        self.time_us = 1_000

    def now_us(self) -> int:
        return self.time_us


class World:
    """A sequencer with everything around it, and what happened in the order in which it happened."""

    def __init__(self, **limits: Any) -> None:
        self.log = HeldLog()
        self.clock = Clock()
        self.happened: list[str] = []
        self.failures: list[Exception] = []
        self.raises_at: tuple[str, int] = ("", 0)
        self.sequencer = Sequencer(
            self.log, Engine(self), Projections(self), self.clock, self.failures.append, **limits
        )  # type: ignore[arg-type]

    def say(self, what: str, sequence: int) -> None:
        self.happened.append(f"{what} {sequence}")
        if self.raises_at == (what, sequence):
            raise ValueError(f"{what} {sequence} raised")

    def taken(self) -> list[str]:
        happened, self.happened = self.happened, []
        return happened

    def submit(self, name: str = "done") -> None:
        self.sequencer.submit(Tick(), lambda outcome: self.say(name, outcome.record.sequence))


class Engine:
    def __init__(self, world: World) -> None:
        self.world = world

    def apply(self, record: Record) -> tuple[Event, ...]:
        self.world.say("applied", record.sequence)
        return (CommandRejected(reason=Reject.UNKNOWN_SYMBOL),)


class Projections:
    def __init__(self, world: World) -> None:
        self.world = world

    def apply(self, outcome: Outcome) -> None:
        self.world.say("projected", outcome.record.sequence)


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_commands_of_one_turn_are_one_append() -> None:
    world = World()
    for _ in range(5):
        world.submit()
    await turns()
    assert world.log.batch_sizes == [5]


async def test_the_engine_runs_while_the_disk_works_and_nothing_leaves_before_it_is_durable() -> None:
    world = World()
    world.submit()
    world.submit()
    await turns()
    assert world.taken() == ["applied 1", "applied 2"]
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert world.taken() == ["projected 1", "done 1", "projected 2", "done 2"]


async def test_each_outcome_is_projected_then_told_to_its_submitter_then_to_the_listeners_then_the_batch_ends() -> None:
    world = World()
    world.sequencer.listen(lambda outcome: world.say("first listener", outcome.record.sequence))
    world.sequencer.listen(lambda outcome: world.say("second listener", outcome.record.sequence))
    world.sequencer.after_batch(lambda: world.happened.append("flush"))
    world.submit()
    world.sequencer.submit(Tick())
    await turns()
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert world.taken() == [
        *("applied 1", "applied 2"),
        *("projected 1", "done 1", "first listener 1", "second listener 1"),
        *("projected 2", "first listener 2", "second listener 2"),
        "flush",
    ]


async def test_what_arrives_during_an_append_is_written_while_that_append_is_released() -> None:
    world = World()
    world.submit()
    await turns()
    world.submit()
    world.submit()
    await turns()
    assert world.log.batch_sizes == [1], "one append at a time"
    world.taken()
    world.sequencer.after_batch(lambda: world.happened.append(f"flush with {len(world.log.appends)} appends made"))
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert world.taken() == ["projected 1", "done 1", "flush with 2 appends made", "applied 2", "applied 3"]


async def test_after_a_batch_the_engine_is_not_ahead_of_the_projections() -> None:
    world = World()
    seen: list[tuple[int, int]] = []
    world.sequencer.after_batch(
        lambda: seen.append(
            (
                sum("applied" in what for what in world.happened),
                sum("projected" in what for what in world.happened),
            )
        )
    )
    world.submit()
    await turns()
    for batch in range(3):
        world.submit()
        world.log.appends[batch].durable.set_result(None)
        await turns()
    assert seen == [(1, 1), (2, 2), (3, 3)]


async def test_a_command_submitted_by_a_receiver_goes_into_the_next_batch() -> None:
    world = World()
    world.sequencer.submit(Tick(), lambda _: world.submit("answered"))
    await turns()
    world.log.appends[0].durable.set_result(None)
    await turns()
    world.log.appends[1].durable.set_result(None)
    await turns()
    assert world.happened[-1] == "answered 2"


async def test_a_batch_is_bounded_and_the_rest_follows() -> None:
    world = World(batch_max=2)
    for _ in range(5):
        world.submit()
    await turns()
    for batch in range(3):
        world.log.appends[batch].durable.set_result(None)
        await turns()
    assert world.log.batch_sizes == [2, 2, 1]
    assert [what for what in world.happened if "done" in what] == [f"done {n}" for n in range(1, 6)]


async def test_beyond_the_stated_bound_a_command_is_refused_and_the_rest_still_runs() -> None:
    world = World(pending_max=2)
    world.submit()
    world.submit()
    with pytest.raises(Overloaded, match="2 commands wait"):
        world.submit()
    await turns()
    world.submit()  # the first two are being written: there is room again
    assert world.log.batch_sizes == [2]


async def test_execute_returns_the_durable_outcome() -> None:
    world = World()
    execution = asyncio.ensure_future(world.sequencer.execute(Tick()))
    await turns()
    assert not execution.done()
    world.log.appends[0].durable.set_result(None)
    outcome = await execution
    assert outcome == Outcome(Record(1, 1_000, Tick()), (CommandRejected(reason=Reject.UNKNOWN_SYMBOL),))


async def test_cancelling_execute_does_not_take_the_command_back() -> None:
    world = World()
    execution = asyncio.ensure_future(world.sequencer.execute(Tick()))
    await turns()
    execution.cancel()
    await turns()
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert world.taken() == ["applied 1", "projected 1"]
    assert world.failures == []


async def test_drain_returns_when_everything_submitted_has_been_released() -> None:
    world = World()
    await world.sequencer.drain()
    world.submit()
    draining = asyncio.ensure_future(world.sequencer.drain())
    await turns()
    assert not draining.done()
    world.log.appends[0].durable.set_result(None)
    await draining
    assert world.happened[-1] == "done 1"


async def test_a_command_whose_time_passes_while_an_append_is_under_way_is_not_executed_and_its_submitter_is_told() -> (
    None
):
    world = World()
    told: list[Outcome | Expired] = []
    world.submit()
    await turns()
    world.sequencer.submit(Tick(), told.append, 1_999)
    world.sequencer.submit(Tick(), told.append, 2_000)
    world.submit()
    world.clock.time_us = 2_000
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert told == [Expired(2_000)]
    assert world.log.batch_sizes == [1, 2]
    world.clock.time_us = 3_000
    world.log.appends[1].durable.set_result(None)
    await turns()
    assert [type(each) for each in told] == [Expired, Outcome], "the window closes after its last microsecond"
    assert world.taken()[-1] == "done 3"


async def test_when_every_queued_command_has_expired_nothing_is_appended_and_the_next_one_is_executed() -> None:
    world = World()
    told: list[Outcome | Expired] = []
    world.sequencer.submit(Tick(), told.append, 999)
    await world.sequencer.drain()
    assert told == [Expired(1_000)]
    assert world.log.batch_sizes == []
    world.submit()
    await turns()
    world.sequencer.submit(Tick(), told.append, 1_001)
    world.clock.time_us = 1_002
    world.log.appends[0].durable.set_result(None)
    await world.sequencer.drain()
    assert told == [Expired(1_000), Expired(1_002)]
    world.submit()
    await turns()
    assert world.log.batch_sizes == [1, 1]


async def test_a_command_that_waits_behind_a_full_batch_expires_too() -> None:
    world = World(batch_max=2)
    told: list[Outcome | Expired] = []
    for _ in range(2):
        world.submit()
    world.sequencer.submit(Tick(), told.append, 1_500)
    world.submit()
    await turns()
    world.clock.time_us = 1_501
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert told == [Expired(1_501)]
    assert world.log.batch_sizes == [2, 1]


async def test_records_never_go_back_in_time() -> None:
    world = World(last_time_us=5_000)
    world.submit()
    await turns()
    world.clock.time_us = 6_000
    world.log.appends[0].durable.set_result(None)
    world.submit()
    await turns()
    world.clock.time_us = 2_000
    world.log.appends[1].durable.set_result(None)
    world.submit()
    await turns()
    assert [append.records[0].time_us for append in world.log.appends] == [5_000, 6_000, 6_000]


async def halt_by_fsync(world: World) -> None:
    world.log.appends[0].durable.set_exception(LogFailed("input/output error"))


async def halt_by_cancellation(world: World) -> None:
    world.log.appends[0].durable.cancel()


async def halt_by_projection(world: World) -> None:
    world.raises_at = ("projected", 1)
    world.log.appends[0].durable.set_result(None)


@pytest.mark.parametrize("halt", [halt_by_fsync, halt_by_cancellation, halt_by_projection])
async def test_a_failure_releases_nothing_and_stops_everything(halt: Any) -> None:
    world = World()
    execution = asyncio.ensure_future(world.sequencer.execute(Tick()))
    await turns()
    world.submit()
    world.taken()
    await halt(world)
    await turns()
    assert [what for what in world.happened if "done" in what] == []
    assert len(world.failures) == 1
    with pytest.raises(Halted, match="unknown"):
        await execution
    with pytest.raises(Halted) as halted:
        world.submit()
    assert halted.value.__cause__ is world.failures[0]
    await world.sequencer.drain()


async def test_an_append_that_the_log_refuses_stops_the_exchange() -> None:
    world = World()
    world.log.refuses = True
    world.submit()
    await turns()
    assert [str(failure) for failure in world.failures] == ["refused"]
    assert world.happened == []


async def test_an_engine_that_raises_stops_the_exchange_and_the_record_is_named() -> None:
    world = World()
    world.raises_at = ("applied", 2)
    world.submit()
    world.submit()
    await turns()
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert world.happened == ["applied 1", "applied 2"]
    assert "record 2" in world.failures[0].__notes__[0]


class Asker:
    """Somebody who asked, such as a connection."""

    def told(self, outcome: Outcome) -> None:
        pass


@pytest.mark.parametrize("batches", [1, 2])
async def test_who_was_told_is_let_go_although_no_command_follows(batches: int) -> None:
    world = World()
    askers = []
    for _ in range(batches):  # the second gathers while the first is written
        asker = Asker()
        world.sequencer.submit(Tick(), asker.told)
        askers.append(weakref.ref(asker))
        del asker
        await turns()
    for number in range(batches):
        assert all(each() is not None for each in askers[number:])
        world.log.appends[number].durable.set_result(None)
        await turns()
    assert [each() for each in askers] == [None] * batches


async def test_a_receiver_that_raises_is_reported_and_holds_up_nobody() -> None:
    world = World()
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    world.raises_at = ("done", 1)
    world.sequencer.listen(lambda outcome: world.say("listener", outcome.record.sequence))
    world.submit()
    world.submit()
    await turns()
    world.log.appends[0].durable.set_result(None)
    await turns()
    assert world.happened[2:] == [
        *("projected 1", "done 1", "listener 1"),
        *("projected 2", "done 2", "listener 2"),
    ]
    assert [str(context["exception"]) for context in reported] == ["done 1 raised"]
    assert world.failures == []
