"""Makes frames durable: on the event loop's own thread while the disk is fast, on a thread of its own when it is slow.

Why not always on a thread: handing an append over and hearing back (queue, two waits for the interpreter lock,
`call_soon_threadsafe`) takes longer than a fast disk's fdatasync itself. Measured on 2 cores with an fdatasync of
0.15 ms, sequencer and log alone, one order in flight: 0.23 ms and 130 us of CPU an order when the loop itself waits,
0.35 to 0.6 ms and 230 to 400 us with a thread; the thread lost likewise with one write-through call instead of write
and fdatasync, with the write on the loop, with an eventfd instead of `call_soon_threadsafe`, and most with
`run_in_executor`. With 100 in flight both reach the same rate: what a thread would overlap, its lock contention costs.
A slow disk turns this around: then waiting would hold up pings, queries and everybody's input, and a thread's cost
is small beside the disk's.
"""

import asyncio
import contextlib
import os
from queue import SimpleQueue
from threading import Thread
from time import perf_counter_ns
from typing import NamedTuple

from pitwire.exchange.log.frame import SegmentHead
from pitwire.exchange.log.segments import Segments, Tail
from pitwire.exchange.log.sync import sync_data
from pitwire.exchange.ports import LogFailed

INLINE_NS_MAX = 500_000
"""Beyond half a millisecond the loop has better to do than to wait, and a thread's 0.1 to 0.3 ms matter less."""


class _NewSegment(NamedTuple):
    head: SegmentHead
    file: int


class _Job(NamedTuple):
    data: bytes
    new_segment: _NewSegment | None
    loop: asyncio.AbstractEventLoop
    durable: "asyncio.Future[None]"


class Writer:
    """Owns the open segment file. Appends frames one after the other; after the first failure it writes nothing more.

    A failed fdatasync is never tried again: the kernel has marked the pages clean, so a second one would succeed
    without the data being on the disk.

    A spare file descriptor is kept for the next segment: sockets that have used up all others must not stop the log. It
    is given up and taken again on the event loop, which accepts the sockets, so none of them comes between.

    `inline_ns_max` is how long an append may be expected to take and still be waited for on the event loop.
    """

    def __init__(self, tail: Tail, segments: Segments, *, inline_ns_max: int = INLINE_NS_MAX) -> None:
        self._segments = segments
        self._file = os.open(tail.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._spare: int | None = os.dup(self._file)
        self._inline_ns_max = inline_ns_max
        self._expected_ns = inline_ns_max + 1  # the first append shows what the disk is like
        self._handed_over = 0
        self.failure: LogFailed | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="pitwire-log", daemon=True)
        self._thread.start()

    def write(self, data: bytes, new_segment: SegmentHead | None) -> "asyncio.Future[None]":
        """Write the frame, to a new segment if one is named; done when durable, `LogFailed` when that failed."""
        loop = asyncio.get_running_loop()
        durable = loop.create_future()
        try:
            begun = None if new_segment is None else _NewSegment(new_segment, self._begin(new_segment))
        except OSError as error:
            self._fail(error)
            self._settle(durable)
            return durable
        job = _Job(data, begun, loop, durable)
        if self._expected_ns > self._inline_ns_max or self._handed_over or new_segment is not None:
            self._handed_over += 1
            self._jobs.put(job)
        else:
            self._attempt(job)
            self._settle(durable)
        return durable

    def close(self) -> None:
        """Finish what was handed over, then close the file."""
        self._jobs.put(None)
        self._thread.join()
        os.close(self._file)
        self._give_up_spare()

    def _begin(self, head: SegmentHead) -> int:
        self._give_up_spare()
        return self._segments.begin(head)

    def _give_up_spare(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._attempt(job)
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                job.loop.call_soon_threadsafe(self._take_back, job.durable)

    def _take_back(self, durable: "asyncio.Future[None]") -> None:
        self._handed_over -= 1
        self._settle(durable)

    def _settle(self, durable: "asyncio.Future[None]") -> None:
        if durable.done():
            return
        if self.failure is None:
            durable.set_result(None)
        else:
            durable.set_exception(self.failure)

    def _attempt(self, job: _Job) -> None:
        if self.failure is not None:
            return
        begun_ns = perf_counter_ns()
        try:
            if job.new_segment is not None:
                self._segments.publish(*job.new_segment)
                # The full segment's descriptor is the next spare: it is never free for a socket.
                self._spare, self._file = self._file, job.new_segment.file
            rest = memoryview(job.data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            sync_data(self._file)
        except OSError as error:
            self._fail(error)
        taken_ns = perf_counter_ns() - begun_ns
        # A running mean over about eight appends: one hiccup changes nothing, a disk that has become slow soon does.
        self._expected_ns += (taken_ns - self._expected_ns) // 8

    def _fail(self, error: OSError) -> None:
        self.failure = LogFailed(
            f"the log could not be written: {error}. What was not acknowledged may or may not be on the disk. "
            "See to the disk, then start again: recovery takes what is there"
        )
        self.failure.__cause__ = error
