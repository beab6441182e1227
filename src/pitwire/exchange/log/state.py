"""The exchange's state out of its log, and into snapshots: what a start reads so that it need not replay everything."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

import msgspec
import structlog
from msgspec import Struct

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.engine.snapshot import SnapshotUnreadable
from pitwire.exchange.messages import Outcome
from pitwire.exchange.ports import CommandLog
from pitwire.exchange.projections.archive import Archive
from pitwire.exchange.projections.state import Projections

SNAPSHOT_EVERY = 500_000
"""After how many commands the state is saved, unless told otherwise: a start after a crash replays at most about that
many, in some 6 s. Not more often, because nothing is executed while the state is encoded: some 4 us for each open
order."""

_logger = structlog.get_logger("pitwire.exchange")


class _Saved(Struct, frozen=True, array_like=True):
    version: int
    time_us: int
    engine: bytes
    projections: bytes


_VERSION = 4


class Recovered(NamedTuple):
    """Up to where a log was recovered: of the `sequence` records, the last `replayed` ones were applied again."""

    sequence: int
    time_us: int
    replayed: int


class DurableArchive(Archive, Protocol):
    """An archive that outlives the process."""

    @property
    def complete(self) -> int:
        """Up to which record nothing is missing."""
        ...

    @property
    def last_sequence(self) -> int:
        """The last record that anything in it stems from."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


class State(NamedTuple):
    """Engine and projections as the log leaves them."""

    engine: Engine
    projections: Projections
    recovered: Recovered


def recover(log: CommandLog, archive: DurableArchive | None = None) -> State:
    """The state after the log's last record: from the newest snapshot this version can read, then by replay.

    A snapshot of another version is no loss, only time: the log alone rebuilds everything. So is an archive that lacks
    what came before the snapshot, or that belongs to another log: the whole log is replayed, and the archive takes what
    it lacks. Without an `archive`, what had finished before the snapshot is unknown. Raises `LogCorrupt`, and `OSError`
    when the archive cannot be written.
    """
    if archive is not None and archive.last_sequence > log.last_sequence:
        archive.clear()
    snapshot = log.load_snapshot()
    if snapshot is not None and archive is not None and archive.complete < snapshot[0]:
        _logger.warning("the history lacks what came before the snapshot: it is rebuilt from the log")
        snapshot = None
    engine, projections, restored = _restored(snapshot, archive) or State(
        Engine(), Projections(archive), Recovered(0, 0, 0)
    )
    sequence, time_us = restored.sequence, restored.time_us
    for record in log.replay(restored.sequence):
        try:
            projections.apply(Outcome(record, engine.apply(record)))
        except Exception as error:
            error.add_note(f"raised when record {record.sequence} was replayed: {record.command}")
            raise
        sequence, time_us = record.sequence, record.time_us
    return State(engine, projections, Recovered(sequence, time_us, sequence - restored.sequence))


def _restored(snapshot: tuple[int, bytes] | None, archive: Archive | None) -> State | None:
    if snapshot is None:
        return None
    sequence, payload = snapshot
    try:
        saved = msgspec.msgpack.decode(payload, type=_Saved)
        if saved.version != _VERSION:
            return None
        recovered = Recovered(sequence, saved.time_us, 0)
        return State(Engine.restore(saved.engine), Projections.restore(saved.projections, archive), recovered)
    except (msgspec.DecodeError, SnapshotUnreadable):
        return None


class SnapshotSchedule:
    """Saves the state every so many commands, while the exchange goes on.

    The state is encoded on the event loop, where it stands still; writing it happens on another thread. One snapshot is
    written at a time. One that cannot be written is reported and harms nothing but the time of the next start. It is
    written only once the archive has everything up to it, durably.
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
        self._asked: list[asyncio.Future[int]] = []
        self._answered: list[asyncio.Future[int]] = []  # as soon as the one under way is written

    def passed(self, outcome: Outcome) -> None:
        """Take note of a durable outcome (`Sequencer.listen`)."""
        self._sequence = outcome.record.sequence
        self._time_us = outcome.record.time_us

    def batch_ended(self) -> None:
        """Begin a snapshot if one is due (`Sequencer.after_batch`: engine and projections stand at the same record)."""
        due = self._sequence - self._saved >= self._every or self._asked
        if due and self._writing is None:
            self._saved = self._sequence
            self._answered, self._asked = self._asked, []
            self._writing = asyncio.ensure_future(asyncio.to_thread(self._save, self._sequence, self._sealed()))
            self._writing.add_done_callback(self._written)

    async def take(self, end_batch: Callable[[], Awaitable[object]]) -> int:
        """Save the state out of turn, and wait until it is on the disk; the record up to which it goes.

        `end_batch` sees to it that a batch ends soon. Raises `OSError`, and what `end_batch` raises.
        """
        while self._writing is not None:
            await asyncio.wait([self._writing])
        asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        await end_batch()
        return await asked

    async def finish(self) -> None:
        """Wait for the snapshot that is being written, and save the state as it stands now, if it is newer."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        if self._sequence > self._saved:
            self._saved = self._sequence
            try:
                await asyncio.to_thread(self._save, self._sequence, self._sealed())
            except OSError as error:
                self._on_error(error)

    def _save(self, sequence: int, payload: bytes) -> None:
        self._projections.archive.settle(sequence)
        self._log.save_snapshot(sequence, payload)

    def _sealed(self) -> bytes:
        """The state as it stands now, without what has finished: that is the archive's."""
        self._projections.seal_all()
        saved = _Saved(_VERSION, self._time_us, self._engine.snapshot(), self._projections.snapshot())
        return msgspec.msgpack.encode(saved)

    def _written(self, writing: "asyncio.Future[None]") -> None:
        self._writing = None
        answered, self._answered = self._answered, []
        if writing.cancelled():
            return
        error = writing.exception()
        for asked in answered:
            if not asked.done():
                asked.set_result(self._saved) if error is None else asked.set_exception(error)
        if error is not None:
            if not isinstance(error, OSError):
                raise error
            self._on_error(error)
