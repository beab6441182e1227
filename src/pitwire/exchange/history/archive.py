"""The archive in SQLite: pages are written by a thread of their own, and can be read at once.

    write ──> pending, a bounded queue ──> thread: one transaction for all that waits ──> in the database
                 │                                                                          │
                 └────────────────────────── pages, named ──────────────────────────────────┘

SQLite lets go of the interpreter's lock while it works, so the event loop goes on meanwhile. The log has everything
that is written here: what a crash or a failure loses, the next start computes again.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from heapq import merge
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import Final, NamedTuple

import structlog

from pitwire.exchange.history.database import VERSION, Database
from pitwire.exchange.projections.archive import PAGE_ITEMS, Kind, Page, Sorting, Wanted

PENDING_MAX: Final = 64
"""How many writes may wait for the disk: about 64 MB. Beyond it `write` waits."""
TOGETHER_MAX: Final = 16
"""How many writes go into one transaction."""
FILE: Final = "history.sqlite"

_logger = structlog.get_logger("pitwire.exchange")


class HistoryFailed(OSError):
    """The history could not be opened or written. Orders and balances are safe in the log, which rebuilds it."""


class _Job(NamedTuple):
    pages: list[tuple[int, Page]]
    complete: int
    """Nothing is missing up to this record, once the job is done; 0 says nothing."""
    done: Event | None


class SqliteArchive:
    """The archive of one data directory, or, without one, of this process.

    Without a directory there is no thread: pages are written at once, and nothing waits for a disk. A file that is
    damaged, or of another version, gives way to an empty one. Raises `HistoryFailed` when the file cannot be opened.
    """

    def __init__(self, directory: Path | None, *, page_items: int = PAGE_ITEMS) -> None:
        self.page_items = page_items
        self._path = None if directory is None else directory / FILE
        self._pending: deque[tuple[int, Page]] = deque()
        self._failure: HistoryFailed | None = None
        self._jobs: Queue[_Job | None] = Queue(PENDING_MAX)
        self._thread: Thread | None = None
        try:
            self._open()
        except sqlite3.OperationalError as error:  # locked, or not allowed, or no room: the file itself may be whole
            raise HistoryFailed(f"the history could not be opened: {error} ({self._path})") from error
        except sqlite3.DatabaseError as error:
            _logger.warning(
                "the history cannot be used: it is rebuilt from the log", path=str(self._path), reason=str(error)
            )
            self._remove()
            self._open()

    @property
    def complete(self) -> int:
        """Up to which record nothing is missing."""
        return self._reader.complete()

    @property
    def last_sequence(self) -> int:
        """The last record that anything here stems from."""
        return self._reader.last_sequence()

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        self._remove()
        self._pending.clear()
        self._open()

    def mark(self, account: int, symbol: str) -> int:
        """The last record of which the archive has everything about this account and symbol; 0 for none."""
        waiting = [page.sequence for _, page in self._pending if (page.account, page.symbol) == (account, symbol)]
        return max([*waiting, self._reader.mark(account, symbol)])

    def write(self, pages: Sequence[Page]) -> None:
        """Take the pages, all or none. Raises `HistoryFailed`.

        Waits when `PENDING_MAX` writes wait already.
        """
        numbered = list(enumerate(pages, self._last_number + 1))
        self._last_number += len(numbered)
        job = _Job(numbered, 0, None)
        if self._thread is None:
            self._attempt([job])
        else:
            self._pending.extend(numbered)
            self._forget_written()
            self._jobs.put(job)
        self._check()

    def settle(self, sequence: int) -> None:
        """Wait until all that was written is durable, and note that nothing is missing up to record `sequence`.

        Any thread may call it. Raises `HistoryFailed`.
        """
        done = Event()
        job = _Job([], sequence, done)
        if self._thread is None:
            self._attempt([job])
        else:
            self._jobs.put(job)
            done.wait()
        self._check()

    def pages(self, kind: Kind, account: int, symbol: str, wanted: Wanted, sorting: Sorting) -> Iterator[Page]:
        """The pages that may have wanted items, nearest first."""
        self._forget_written()
        pending = [page for page in self._pending_of(kind, account, symbol) if page.overlaps(wanted)]
        pending.sort(key=sorting.nearest, reverse=sorting.newest)
        written = self._reader.pages(kind, account, symbol, wanted, sorting, self._last_number - len(self._pending))
        return merge(pending, written, key=sorting.nearest, reverse=sorting.newest) if pending else written

    def named(self, kind: Kind, account: int, symbol: str, name: str) -> Iterator[Page]:
        """The pages of a kind that may have an item with this name, newest first."""
        self._forget_written()
        yield from reversed(self._pending_of(kind, account, symbol))
        yield from self._reader.named(kind, account, symbol, name, self._last_number - len(self._pending))

    def close(self) -> None:
        """Finish what waits, and let go of the file. Raises nothing: what is missing is computed again by a start."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None
        self._writer.close()
        self._reader.close()
        if self._failure is not None:
            _logger.warning("the history is incomplete: the next start takes longer", reason=str(self._failure))

    def _open(self) -> None:
        self._writer = Database(self._path)
        try:
            if (version := self._writer.version()) != VERSION:
                if version:
                    raise sqlite3.DatabaseError(f"version {version}; this is version {VERSION}")
                self._writer.create()
            self._last_number = self._written = self._writer.last_number()
            self._reader = self._writer if self._path is None else Database(self._path)
        except BaseException:
            self._writer.close()
            raise
        if self._path is not None:
            self._thread = Thread(target=self._run, name="pitwire-history", daemon=True)
            self._thread.start()

    def _remove(self) -> None:
        if self._path is not None:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(FILE + suffix).unlink(missing_ok=True)

    def _pending_of(self, kind: Kind, account: int, symbol: str) -> list[Page]:
        return [
            page for _, page in self._pending if page.kind is kind and page.account == account and page.symbol == symbol
        ]

    def _forget_written(self) -> None:
        written = self._written  # by the thread; the pages up to it are in the database
        pending = self._pending
        while pending and pending[0][0] <= written:
            pending.popleft()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            last = False
            while len(jobs) < TOGETHER_MAX and not last:
                try:
                    another = self._jobs.get_nowait()
                except Empty:
                    break
                if another is None:
                    last = True
                else:
                    jobs.append(another)
            self._attempt(jobs)
            if last:
                return

    def _attempt(self, jobs: list[_Job]) -> None:
        """Write, unless a write has failed: after a gap nothing may follow. Whoever waits is told in any case."""
        if self._failure is None:
            try:
                pages = [page for job in jobs for page in job.pages]
                if pages:
                    self._writer.write(pages)
                    self._written = pages[-1][0]
                if complete := max(job.complete for job in jobs):
                    self._writer.set_complete(complete)
            except sqlite3.Error as error:
                self._failure = HistoryFailed(
                    f"the history could not be written: {error}. See to the disk, then start again"
                )
                self._failure.__cause__ = error
        for job in jobs:
            if job.done is not None:
                job.done.set()
