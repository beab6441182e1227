"""The segment files of a log directory, as they are read: in order, every frame checked against the one before.

A segment is named after its first sequence (`00000000000000000001.log`). Only the end of the last one may be
unfinished: a new segment is begun only after every frame before it is durable.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from pitwire.exchange.log.frame import (
    GENESIS,
    SEGMENT_HEAD_BYTES,
    Batch,
    Damage,
    Frame,
    SegmentHead,
    decode,
    decode_head,
    encode_head,
    frames,
    place,
)
from pitwire.exchange.log.sync import sync_file, sync_path
from pitwire.exchange.ports import LogCorrupt

UNFINISHED = ".unfinished"
"""How a file's name ends until its content is durable."""

_NAME = re.compile(r"\d{20}\.log")


class Tail(NamedTuple):
    """Where the log goes on: the last segment, the end of its last whole frame, and what the next frame follows."""

    path: Path
    end: int
    next: SegmentHead
    time_us: int
    """The last frame's time; 0 when no frame was read."""
    torn_bytes: int
    """What an interrupted write left behind `end`."""


class Segments:
    """The segment files of one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)  # `publish` must not need a new one

    def close(self) -> None:
        """Let go of the directory."""
        os.close(self._descriptor)

    def begin(self, head: SegmentHead) -> int:
        """Open the file of a new segment, which has no name yet, for appending. Raises `OSError`."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        return os.open(self._path(head).with_suffix(UNFINISHED), flags, 0o644)

    def publish(self, head: SegmentHead, file: int) -> None:
        """Give the file that was begun its head and its name: that appears only with the whole head, and durably.

        Raises `OSError`, but never for want of a file descriptor.
        """
        self._put(self._path(head), file, encode_head(head))

    def recover(self, after: int) -> Tail:
        """Check every frame of the segments that hold what came after `after`, and say where the log ends.

        What was found is durable then, and what an interrupted write left is cut off. An empty directory gets its
        first segment. Raises `LogCorrupt`, or `OSError`.
        """
        if not self._paths() and after == 0:
            sync_path(self._directory)
            head = SegmentHead(1, GENESIS)
            file = self.begin(head)
            try:
                self.publish(head, file)
            finally:
                os.close(file)
        reading = _Reading(self._holding(after), after)
        for _ in reading:
            pass
        tail = reading.tail
        if tail.next.first_sequence <= after:
            raise LogCorrupt(
                f"{tail.path}: the log ends at sequence {tail.next.first_sequence - 1}, but there is a snapshot of "
                f"sequence {after}, which was durable then. Restore the directory from a backup; or, to go on from "
                f"sequence {tail.next.first_sequence - 1}, remove the snapshots of later sequences"
            )
        # A process that died between write and fdatasync leaves whole frames that are in the page cache alone, and
        # one whose fdatasync failed leaves them there marked clean, so that another fsync of this file would succeed
        # and write nothing (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020: ext4,
        # XFS, Btrfs). So the very bytes that were checked are written once more, to a new file. Only the last segment
        # may hold such frames: a new one is begun only after every frame before it is durable.
        self._rewrite(tail.path, reading.data[: tail.end])
        return tail

    def batches(self, after: int) -> Iterator[Batch]:
        """The appends that hold records after `after`; the first may begin before. Raises `LogCorrupt`."""
        reading = _Reading(self._holding(after), after)
        for frame in reading:
            try:
                yield decode(frame.payload)
            except msgspec.DecodeError as error:
                raise LogCorrupt(
                    f"{reading.tail.path}: the frame that ends at byte {frame.end} is whole, but this version cannot "
                    f"read it ({error}). Start the version that wrote it"
                ) from error

    def _rewrite(self, path: Path, content: bytes) -> None:
        with path.with_suffix(UNFINISHED).open("wb", buffering=0) as file:
            self._put(path, file.fileno(), content)

    def _put(self, path: Path, file: int, content: bytes) -> None:
        """Make `content` durable under the name: after a crash it has that, or is as it was."""
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]
        sync_file(file)
        path.with_suffix(UNFINISHED).replace(path)
        sync_file(self._descriptor)

    def _path(self, head: SegmentHead) -> Path:
        return self._directory / f"{head.first_sequence:020d}.log"

    def _paths(self) -> list[Path]:
        return sorted(path for path in self._directory.iterdir() if _NAME.fullmatch(path.name))

    def _holding(self, after: int) -> list[Path]:
        paths = self._paths()
        starts = [index for index, path in enumerate(paths) if int(path.stem) <= after + 1]
        if not starts:
            first = int(paths[0].stem) - 1 if paths else after
            raise LogCorrupt(
                f"{self._directory}: no segment holds the records {after + 1} to {first}. Put back the segments that "
                "were moved away; they end in .log"
            )
        return paths[starts[-1] :]


class _Reading:
    """One pass over consecutive segments: gives the frames with records after `after`, and knows where it stands."""

    def __init__(self, paths: list[Path], after: int) -> None:
        self._paths = paths
        self._after = after
        self.tail: Tail
        self.data = b""
        """The bytes of the segment that is being read, or was read last."""

    def __iter__(self) -> Iterator[Frame]:
        expected: SegmentHead | None = None
        time_us = 0
        for path in self._paths:
            data = self.data = path.read_bytes()
            sequence = int(path.stem)
            end = 0
            try:
                head = decode_head(data)
                if head.first_sequence != sequence or expected not in (None, head):
                    raise Damage(0, "the segment does not follow the one before it", torn=False)
                chain, end = head.chain, SEGMENT_HEAD_BYTES
                self.tail = Tail(path, end, head, time_us, 0)
                for frame in frames(data, chain):
                    first_sequence, count, time_us = place(frame.payload)
                    if first_sequence != sequence:
                        what = f"the frame starts with sequence {first_sequence}, not {sequence}"
                        raise Damage(end, what, torn=False)
                    sequence, chain, end = sequence + count, frame.chain, frame.end
                    self.tail = Tail(path, end, SegmentHead(sequence, chain), time_us, 0)
                    if sequence > self._after + 1:
                        yield frame
            except Damage as damage:
                if not (damage.torn and path is self._paths[-1]):
                    raise _corrupt(path, damage, sequence) from None
                self.tail = self.tail._replace(torn_bytes=len(data) - end)
            expected = self.tail.next


def _corrupt(path: Path, damage: Damage, sequence: int) -> LogCorrupt:
    return LogCorrupt(
        f"{path} is damaged {damage}. No interrupted write leaves that, so records from sequence {sequence} on, which "
        "may have been acknowledged, cannot be read. Nothing was changed. Restore the directory from a backup; or, to "
        f"give up every record from {sequence} on, remove the later .log files and the .snapshot files of later "
        f"sequences, and cut this one: truncate --size={damage.offset} {path}"
    )
