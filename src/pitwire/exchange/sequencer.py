"""The one place where commands get their order, and where outcomes are held back until they are durable.

A command's way: `submit` queues it; all that one turn of the event loop queued becomes one append to the log;
the engine applies the records while the disk is busy; once they are durable, the projections learn of each
outcome, whoever submitted it is told, then the listeners. While an append is under way the next batch gathers,
so batches grow with the load and an fsync is shared by all that arrived during the one before.

    gathering ──append──> writing (engine applies) ──durable──> released
                             │ LogFailed, or the engine or a projection raised
                             └──> halted: nothing more is released, nothing more is accepted
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, overload

from pitwire.exchange.messages import Command, Event, Outcome, Record
from pitwire.exchange.ports import Append, Clock, CommandLog
from pitwire.metrics.buckets import LATENCY_BOUNDS_US, SIZE_BOUNDS, Buckets

PENDING_MAX = 16_384
"""How many commands may wait for the log: about a second's worth. Beyond it `submit` raises `Overloaded`."""
BATCH_MAX = 4_096
"""How many commands go into one append: bounds a frame's size and how long one batch holds the event loop."""

NEVER_US: Final = 2**63
"""When a command expires that nothing was said of."""


class Expired(NamedTuple):
    """A command's time had passed before its turn came: it was not executed, and never will be."""

    time_us: int
    """When that was seen."""


Done = Callable[[Outcome], object]
DoneOrExpired = Callable[[Outcome | Expired], object]


class Overloaded(Exception):
    """Too many commands wait for the log; this one was not taken and will never be executed."""


class Halted(Exception):
    """The exchange has stopped executing commands; its cause says why.

    A command that was submitted before has an unknown outcome: a restart recovers it if it reached the disk.
    """


class StateMachine(Protocol):
    """What decides: the matching engine."""

    def apply(self, record: Record) -> tuple[Event, ...]:
        """What follows from the record. A business reject is an event; raising means that the state is lost."""
        ...


class Projection(Protocol):
    """What outcomes are told to first: the state that queries read."""

    def apply(self, outcome: Outcome) -> None:
        """Take the outcome in. Raising means that the state is lost."""
        ...


class Sequencer:
    """Owns the commands between admission and release. Belongs to one event loop, as everything it calls does.

    `on_failure` is called once, with the reason, when the log, the engine or a projection failed. `last_time_us` is
    the newest record's time: records never go back in time, whatever the clock does.
    """

    def __init__(
        self,
        log: CommandLog,
        engine: StateMachine,
        projections: Projection,
        clock: Clock,
        on_failure: Callable[[Exception], object],
        *,
        last_time_us: int = 0,
        pending_max: int = PENDING_MAX,
        batch_max: int = BATCH_MAX,
    ) -> None:
        self._log = log
        self._apply_to_engine = engine.apply
        self._apply_to_projections = projections.apply
        self._clock = clock
        self._on_failure = on_failure
        self._last_time_us = last_time_us
        self._pending_max = pending_max
        self._batch_max = batch_max
        self._loop = asyncio.get_running_loop()
        self._failure: Exception | None = None
        self._busy = False  # an append is under way, or will start on the next turn of the loop
        self._commands: list[Command] = []
        self._done: list[Callable[[Any], object] | None] = []
        self._expires_us: list[int] = []
        self._first_expiry_us = NEVER_US  # no queued command expires before
        self._expired: list[tuple[Callable[[Any], object], Expired]] = []  # not told yet
        self._outcomes: list[Outcome] = []
        self._outcomes_done: list[Done | None] = []
        self._waiting: set[asyncio.Future[Outcome]] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._listeners: list[Done] = []
        self._after_batch: list[Callable[[], object]] = []
        self._append_began_us = 0
        self.batch_commands = Buckets(SIZE_BOUNDS)
        """How many commands each append had."""
        self.append_us = Buckets(LATENCY_BOUNDS_US)
        """How long each append took to be durable, in microseconds."""

    @property
    def waiting(self) -> int:
        """How many commands wait for an append."""
        return len(self._commands)

    @property
    def last_sequence(self) -> int:
        """The newest record's sequence, durable or not yet; 0 when there is none."""
        return self._log.last_sequence

    @overload
    def submit(self, command: Command, done: Done | None = None) -> None: ...

    @overload
    def submit(self, command: Command, done: DoneOrExpired, expires_us: int) -> None: ...

    def submit(self, command: Command, done: Callable[[Any], object] | None = None, expires_us: int = NEVER_US) -> None:
        """Have `command` executed; `done` is called with its outcome once that is durable.

        If its turn comes after `expires_us`, it is not executed, and `done` is called with `Expired` instead.

        Raises `Overloaded` when `pending_max` commands wait already, and `Halted` after a failure. When it returns,
        the command will be executed unless it expires or the exchange fails; it cannot be taken back.
        """
        if self._failure is not None:
            raise Halted(f"the exchange has halted: {self._failure}") from self._failure
        if len(self._commands) >= self._pending_max:
            raise Overloaded(f"{self._pending_max} commands wait for the log already")
        self._commands.append(command)
        self._done.append(done)
        self._expires_us.append(expires_us)
        if expires_us < self._first_expiry_us:
            self._first_expiry_us = expires_us
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._start_batch)

    async def execute(self, command: Command) -> Outcome:
        """Submit `command` and wait for its durable outcome. Raises as `submit` does, and `Halted` on a later failure.

        Cancelling the await does not take the command back.
        """
        outcome: asyncio.Future[Outcome] = self._loop.create_future()
        self.submit(command, partial(_resolve, outcome))
        self._waiting.add(outcome)
        outcome.add_done_callback(self._waiting.discard)
        return await outcome

    def listen(self, callback: Done) -> None:
        """Have `callback` called with every durable outcome, in log order, after the submitter's `done`."""
        self._listeners.append(callback)

    def after_batch(self, callback: Callable[[], object]) -> None:
        """Have `callback` called once per durable batch, after its last outcome, in the order of registration.

        At that moment engine and projections stand at the same sequence, the batch's last.
        """
        self._after_batch.append(callback)

    async def drain(self) -> None:
        """Wait until everything submitted has been released, or the exchange has halted."""
        while self._busy and self._failure is None:
            idle: asyncio.Future[None] = self._loop.create_future()
            self._idle.append(idle)
            await idle

    def _start_batch(self) -> None:
        append = self._append()
        self._tell_expired()
        if append is not None:
            self._apply(append)
        elif self._failure is None:  # all had expired
            self._go_on()

    def _go_on(self) -> None:
        if self._commands:  # submitted by those just told
            self._loop.call_soon(self._start_batch)
        else:
            self._busy = False
            self._wake_idle()

    def _append(self) -> Append | None:
        now_us = self._clock.now_us()
        if now_us > self._first_expiry_us:
            self._drop_expired(now_us)
            if not self._commands:
                return None
        commands, done = self._commands, self._done
        if len(commands) > self._batch_max:
            self._commands, self._done = commands[self._batch_max :], done[self._batch_max :]
            self._expires_us = self._expires_us[self._batch_max :]
            del commands[self._batch_max :], done[self._batch_max :]
        else:
            self._commands, self._done, self._expires_us = [], [], []
            self._first_expiry_us = NEVER_US
        self._last_time_us = max(self._last_time_us, now_us)
        try:
            append = self._log.append(commands, self._last_time_us)
        except Exception as error:
            self._halt(error)
            return None
        self._outcomes_done = done
        self._append_began_us = now_us
        append.durable.add_done_callback(self._on_durable)
        return append

    def _drop_expired(self, now_us: int) -> None:
        queued = list(zip(self._commands, self._done, self._expires_us, strict=True))
        in_time = [each for each in queued if now_us <= each[2]]
        self._expired += [(done, Expired(now_us)) for _, done, expires_us in queued if done and now_us > expires_us]
        self._commands = [command for command, _, _ in in_time]
        self._done = [done for _, done, _ in in_time]
        self._expires_us = [expires_us for _, _, expires_us in in_time]
        self._first_expiry_us = min(self._expires_us, default=NEVER_US)

    def _tell_expired(self) -> None:
        if self._expired:
            expired, self._expired = self._expired, []
            for done, at in expired:
                try:
                    done(at)
                except Exception as error:
                    self._report(error)

    def _apply(self, append: Append) -> None:
        apply = self._apply_to_engine
        outcomes = self._outcomes = []
        for record in append.records:
            try:
                events = apply(record)
            except Exception as error:
                error.add_note(f"raised by the engine at record {record.sequence}: {record.command}")
                self._halt(error)
                return
            outcomes.append(Outcome(record, events))

    def _on_durable(self, durable: "asyncio.Future[None]") -> None:
        if self._failure is not None:
            return
        if durable.cancelled():
            self._halt(RuntimeError("the log's append was cancelled"))
            return
        if error := durable.exception():
            self._halt(error if isinstance(error, Exception) else RuntimeError(repr(error)))
            return
        outcomes, done = self._outcomes, self._outcomes_done
        self._outcomes, self._outcomes_done = [], []  # the next command may be hours away, and `done` keeps connections
        self.batch_commands.add(len(outcomes))
        self.append_us.add(max(0, self._clock.now_us() - self._append_began_us))
        # The next batch goes to the disk first, so that it is written while this one is told to the world.
        following = self._append() if self._commands else None
        self._release(outcomes, done)
        self._tell_expired()
        if self._failure is not None:
            return
        if following is not None:
            self._apply(following)
        else:
            self._go_on()

    def _release(self, outcomes: list[Outcome], done: list[Done | None]) -> None:
        project, listeners = self._apply_to_projections, self._listeners
        for outcome, told in zip(outcomes, done, strict=True):
            try:
                project(outcome)
            except Exception as error:
                error.add_note(f"raised by a projection at record {outcome.record.sequence}: {outcome.record.command}")
                self._halt(error)
                return
            # What a receiver does with an outcome is its own affair: its failure must not hold up the exchange.
            if told is not None:
                try:
                    told(outcome)
                except Exception as error:
                    self._report(error)
            for listener in listeners:
                try:
                    listener(outcome)
                except Exception as error:
                    self._report(error)
        for callback in self._after_batch:
            try:
                callback()
            except Exception as error:
                self._report(error)

    def _report(self, error: Exception) -> None:
        self._loop.call_exception_handler(
            {"message": "a receiver of outcomes raised; the exchange goes on", "exception": error}
        )

    def _halt(self, error: Exception) -> None:
        if self._failure is not None:
            return
        self._failure = error
        self._commands, self._done, self._expires_us, self._outcomes, self._outcomes_done = [], [], [], [], []
        for waiting in list(self._waiting):
            if not waiting.done():
                halted = Halted(f"the exchange has halted: {error}; whether the command was executed is unknown")
                halted.__cause__ = error
                waiting.set_exception(halted)
        self._wake_idle()
        self._on_failure(error)

    def _wake_idle(self) -> None:
        idle, self._idle = self._idle, []
        for waiter in idle:
            if not waiter.done():
                waiter.set_result(None)


def _resolve(future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)
