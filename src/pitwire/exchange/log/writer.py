"""The thread that waits for the disk, so that the event loop need not.

Why a thread of its own (2 cores, fdatasync 0.15 ms; scratch measurements, medians):
TO BE MEASURED
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple

from pitwire.exchange.log.frame import SegmentHead
from pitwire.exchange.log.segments import Tail
from pitwire.exchange.ports import LogFailed

# macOS has no fdatasync, and its fsync does not reach the medium; F_FULLFSYNC does (fcntl(2) there).
_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)


class _Job(NamedTuple):
    data: bytes
    new_segment: SegmentHead | None
    loop: asyncio.AbstractEventLoop
    durable: "asyncio.Future[None]"


class Writer:
    """Owns the open segment file. Appends frames one after the other; after the first failure it writes nothing more.

    A failed fdatasync is never tried again: the kernel has marked the pages clean, so a second one would succeed
    without the data being on the disk.
    """

    def __init__(self, tail: Tail, create: Callable[[SegmentHead], Path]) -> None:
        self._create = create
        self._file = _open(tail.path)
        if tail.torn_bytes:
            os.ftruncate(self._file, tail.end)
            _sync(self._file)
        self.failure: LogFailed | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="pitwire-log", daemon=True)
        self._thread.start()

    def write(self, data: bytes, new_segment: SegmentHead | None) -> "asyncio.Future[None]":
        """Write the frame, to a new segment if one is named; done when durable, `LogFailed` when that failed."""
        loop = asyncio.get_running_loop()
        durable = loop.create_future()
        self._jobs.put(_Job(data, new_segment, loop, durable))
        return durable

    def close(self) -> None:
        """Finish what was handed over, then close the file."""
        self._jobs.put(None)
        self._thread.join()
        os.close(self._file)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self.failure is None:
                try:
                    self._write(job)
                except OSError as error:
                    self.failure = LogFailed(
                        f"the log could not be written: {error}. What was not acknowledged may or may not be on the "
                        "disk. See to the disk, then start again: recovery takes what is there"
                    )
                    self.failure.__cause__ = error
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                job.loop.call_soon_threadsafe(_settle, job.durable, self.failure)

    def _write(self, job: _Job) -> None:
        if job.new_segment is not None:
            file = _open(self._create(job.new_segment))
            os.close(self._file)
            self._file = file
        rest = memoryview(job.data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        _sync(self._file)


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)


def _sync(file: int) -> None:
    if _FULL_SYNC is not None:
        fcntl.fcntl(file, _FULL_SYNC)
    else:
        os.fdatasync(file)


def _settle(durable: "asyncio.Future[None]", failure: LogFailed | None) -> None:
    if durable.done():
        return
    if failure is None:
        durable.set_result(None)
    else:
        durable.set_exception(failure)
