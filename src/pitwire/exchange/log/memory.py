"""A log that keeps nothing beyond the process: for tests, and for an exchange that may forget."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count

from pitwire.exchange.messages import Command, Record
from pitwire.exchange.ports import Append

RECORDS_MAX = 100_000
"""How many of the newest records are kept for `replay`, unless told otherwise: about 50 MB."""


class MemoryLog:
    """The sequence, without durability: an append is done as soon as it is made.

    Only the newest `records_max` records can be replayed; a process that runs for days does not grow.
    """

    def __init__(self, *, records_max: int = RECORDS_MAX) -> None:
        self._last_sequence = 0
        self._records: deque[Record] = deque(maxlen=records_max)
        self._snapshot: tuple[int, bytes] | None = None

    @property
    def last_sequence(self) -> int:
        """The newest record's sequence; 0 for an empty log."""
        return self._last_sequence

    def append(self, commands: Sequence[Command], time_us: int) -> Append:
        """Give the commands the next sequences, all at `time_us`. Needs a running event loop."""
        records = [
            Record(sequence, time_us, command)
            for sequence, command in zip(count(self._last_sequence + 1), commands, strict=False)
        ]
        self._last_sequence += len(records)
        self._records.extend(records)
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        durable.set_result(None)
        return Append(records, durable)

    def replay(self, after: int) -> Iterator[Record]:
        """The records whose sequence is greater than `after`, in order.

        Raises `LookupError` when the first of them is no longer kept.
        """
        forgotten = self._last_sequence - len(self._records)
        if after < forgotten:
            raise LookupError(f"records {after + 1} to {forgotten} are no longer kept in memory")
        return iter([record for record in self._records if record.sequence > after])

    def save_snapshot(self, sequence: int, payload: bytes) -> None:
        """Keep the state as it was right after `sequence`; an earlier snapshot is dropped."""
        self._snapshot = (sequence, payload)

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """The newest snapshot, as its sequence and payload."""
        return self._snapshot

    def close(self) -> None:
        """Nothing is held: the records stay readable."""
