"""The log in files: one append is one frame, made durable by one fdatasync.

The directory holds segments (`*.log`), snapshots (`*.snapshot`) and `lock`, which one process at a time holds.

Retention: segments are never deleted, for the log is the exchange's history and rebuilds everything. A start reads only
from the segment on that holds the newest snapshot's sequence, so older segments may be moved away by hand; a replay
that needs them then says which are missing. Of the snapshots the newest two stay.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pitwire.exchange.log.frame import SEGMENT_HEAD_BYTES, Batch, FrameTooLong, SegmentHead, encode
from pitwire.exchange.log.segments import UNFINISHED, Segments
from pitwire.exchange.log.snapshots import Snapshots
from pitwire.exchange.log.writer import INLINE_NS_MAX, Writer
from pitwire.exchange.messages import Command, Record
from pitwire.exchange.ports import Append, LogFailed

SEGMENT_BYTES_MAX = 16 * 1024 * 1024
"""A segment that has grown to this is followed by a new one: bounds what a start must check before its first record."""


class LogLocked(Exception):
    """Another process uses the directory."""


class FileLog:
    """The command log of one directory, which is created if it is not there.

    Opening takes the directory's lock, checks the log from the newest snapshot on, and cuts off what an interrupted
    append left: it was never acknowledged. Raises `LogLocked`, `LogCorrupt`, or `OSError`.
    """

    def __init__(
        self, directory: Path, *, segment_bytes_max: int = SEGMENT_BYTES_MAX, inline_ns_max: int = INLINE_NS_MAX
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._segment_bytes_max = segment_bytes_max
        self._lock = _lock(directory)
        try:
            for unfinished in directory.glob(
                f"*{UNFINISHED}"
            ):  # what a crash left of a segment or snapshot being begun
                unfinished.unlink()
            self._segments = Segments(directory)
        except BaseException:
            os.close(self._lock)
            raise
        try:
            self._snapshots = Snapshots(directory)
            snapshot = self._snapshots.load()
            tail = self._segments.recover(snapshot[0] if snapshot else 0)
            self._writer = Writer(tail, self._segments, inline_ns_max=inline_ns_max)
        except BaseException:
            self._segments.close()
            os.close(self._lock)
            raise
        self.torn_bytes = tail.torn_bytes
        """How many bytes of an interrupted append were cut off when the log was opened."""
        self._segment_bytes = tail.end
        self._last_sequence = tail.next.first_sequence - 1
        self._chain = tail.next.chain
        self._closed = False

    @property
    def last_sequence(self) -> int:
        """The newest record's sequence; 0 for an empty log."""
        return self._last_sequence

    def append(self, commands: Sequence[Command], time_us: int) -> Append:
        """Give the commands the next sequences, all at `time_us`, and start to make them durable as one frame.

        Raises `LogFailed` after any failure, when the log is closed, and when the commands are more than a frame holds.
        """
        if self._writer.failure is not None:
            raise self._writer.failure
        if self._closed:
            raise LogFailed("the log is closed")
        batch = Batch(self._last_sequence + 1, time_us, commands)
        new_segment = None
        if self._segment_bytes >= self._segment_bytes_max:
            new_segment = SegmentHead(batch.first_sequence, self._chain)
            self._segment_bytes = SEGMENT_HEAD_BYTES
        try:
            data, self._chain = encode(batch, self._chain)
        except FrameTooLong as error:
            raise LogFailed(str(error)) from error
        self._segment_bytes += len(data)
        self._last_sequence += len(commands)
        return Append(list(batch.records()), self._writer.write(data, new_segment))

    def replay(self, after: int) -> Iterator[Record]:
        """The records whose sequence is greater than `after`, in order, each checked on the way.

        Raises `LogCorrupt`. Records that are being appended meanwhile may or may not be among them.
        """
        for batch in self._segments.batches(after):
            for record in batch.records():
                if record.sequence > after:
                    yield record

    def save_snapshot(self, sequence: int, payload: bytes) -> None:
        """Keep the state as it was right after `sequence`. Blocks until that is durable; any thread may call it."""
        self._snapshots.save(sequence, payload)

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """The newest snapshot that is whole, as its sequence and payload."""
        return self._snapshots.load()

    def close(self) -> None:
        """Finish the append that is under way, and let go of the directory."""
        if not self._closed:
            self._closed = True
            self._writer.close()
            self._segments.close()
            os.close(self._lock)


def _lock(directory: Path) -> int:
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise LogLocked(
            f"{directory} is in use by another exchange (process {holder or 'unknown'}). Stop it, or use another one"
        ) from error
    with suppress(OSError):  # only for the message above
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
