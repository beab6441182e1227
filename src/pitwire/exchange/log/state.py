"""The exchange's state out of its log, and into snapshots: what a start reads so that it need not replay everything."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from msgspec import Struct

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.engine.snapshot import SnapshotUnreadable
from pitwire.exchange.messages import Outcome
from pitwire.exchange.ports import CommandLog
from pitwire.exchange.projections.state import Projections

SNAPSHOT_EVERY = 500_000
"""After how many commands the state is saved, unless told otherwise: a start after a crash replays at most about that
many, in some 6 s. Not more often, because nothing is executed while the state is encoded: some 4 us for each finished
order that is kept, 0.1 s when three accounts have traded without pause."""


class _Saved(Struct, frozen=True, array_like=True):
    version: int
    time_us: int
    engine: bytes
    projections: bytes


_VERSION = 1


class Recovered(NamedTuple):
    """Up to where a log was recovered: of the `sequence` records, the last `replayed` ones were applied again."""

    sequence: int
    time_us: int
    replayed: int


class State(NamedTuple):
    """Engine and projections as the log leaves them."""

    engine: Engine
    projections: Projections
    recovered: Recovered


def recover(log: CommandLog) -> State:
    """The state after the log's last record: from the newest snapshot this version can read, then by replay.

    A snapshot of another version is no loss, only time: the log alone rebuilds everything. Raises `LogCorrupt`.
    """
    engine, projections, snapshot = _restored(log.load_snapshot()) or State(Engine(), Projections(), Recovered(0, 0, 0))
    sequence, time_us = snapshot.sequence, snapshot.time_us
    for record in log.replay(snapshot.sequence):
        try:
            projections.apply(Outcome(record, engine.apply(record)))
        except Exception as error:
            error.add_note(f"raised when record {record.sequence} was replayed: {record.command}")
            raise
        sequence, time_us = record.sequence, record.time_us
    return State(engine, projections, Recovered(sequence, time_us, sequence - snapshot.sequence))


def _restored(snapshot: tuple[int, bytes] | None) -> State | None:
    if snapshot is None:
        return None
    sequence, payload = snapshot
    try:
        saved = msgspec.msgpack.decode(payload, type=_Saved)
        if saved.version != _VERSION:
            return None
        recovered = Recovered(sequence, saved.time_us, 0)
        return State(Engine.restore(saved.engine), Projections.restore(saved.projections), recovered)
    except (msgspec.DecodeError, SnapshotUnreadable):
        return None


class SnapshotSchedule:
    """Saves the state every so many commands, while the exchange goes on.

    The state is encoded on the event loop, where it stands still; writing it happens on another thread. One snapshot is
    written at a time. One that cannot be written is reported and harms nothing but the time of the next start.
    """

    def __init__(self, log: CommandLog, state: State, every: int, on_error: Callable[[OSError], object]) -> None:
        self._log = log
        self._engine = state.engine
        self._projections = state.projections
        self._sequence, self._time_us, replayed = state.recovered
        self._saved = self._sequence - replayed
        self._every = every
        self._on_error = on_error
        self._writing: asyncio.Future[None] | None = None

    def passed(self, outcome: Outcome) -> None:
        """Take note of a durable outcome (`Sequencer.listen`)."""
        self._sequence = outcome.record.sequence
        self._time_us = outcome.record.time_us

    def batch_ended(self) -> None:
        """Begin a snapshot if one is due (`Sequencer.after_batch`: engine and projections stand at the same record)."""
        if self._sequence - self._saved >= self._every and self._writing is None:
            self._saved = self._sequence
            self._writing = asyncio.ensure_future(asyncio.to_thread(self._save, self._sequence, self._encoded()))
            self._writing.add_done_callback(self._written)

    async def finish(self) -> None:
        """Wait for the snapshot that is being written, and save the state as it stands now, if it is newer."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        if self._sequence > self._saved:
            self._saved = self._sequence
            try:
                await asyncio.to_thread(self._save, self._sequence, self._encoded())
            except OSError as error:
                self._on_error(error)

    def _save(self, sequence: int, payload: bytes) -> None:
        self._log.save_snapshot(sequence, payload)

    def _encoded(self) -> bytes:
        saved = _Saved(_VERSION, self._time_us, self._engine.snapshot(), self._projections.snapshot())
        return msgspec.msgpack.encode(saved)

    def _written(self, writing: "asyncio.Future[None]") -> None:
        self._writing = None
        if not writing.cancelled() and (error := writing.exception()) is not None:
            if not isinstance(error, OSError):
                raise error
            self._on_error(error)
