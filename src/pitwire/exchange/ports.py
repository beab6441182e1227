"""What the exchange needs from outside: a clock, and a log that puts commands in order and keeps them."""

from asyncio import Future
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from pitwire.exchange.messages import Command, Record


class Clock(Protocol):
    """Tells the time."""

    def now_us(self) -> int:
        """Microseconds since the Unix epoch."""
        ...


class Append(NamedTuple):
    """Commands that got their places in the sequence."""

    records: Sequence[Record]
    durable: "Future[None]"
    """Done when the records would survive a crash; `LogFailed` when that can never be said of them."""


class LogFailed(Exception):
    """The log could not make records durable. Nothing further may be acknowledged; the exchange stops."""


class LogCorrupt(Exception):
    """The log is damaged where no interrupted write explains it. Nothing was changed; the message names the remedy."""


class CommandLog(Protocol):
    """Where commands get their order, and where they are kept."""

    @property
    def last_sequence(self) -> int:
        """The newest record's sequence; 0 for an empty log. Sequences are 1, 2, 3, ..."""
        ...

    def append(self, commands: Sequence[Command], time_us: int) -> Append:
        """Give the commands the next sequences, all at `time_us`, and start to make them durable as one frame.

        At most one append is under way at a time: the sequencer awaits `durable` before the next.
        Raises `LogFailed` once any append has failed.
        """
        ...

    def replay(self, after: int) -> Iterator[Record]:
        """The records whose sequence is greater than `after`, in order. Raises `LogCorrupt` on damage in the middle."""
        ...

    def save_snapshot(self, sequence: int, payload: bytes) -> None:
        """Keep the state as it was right after `sequence`, so that a start replays only what came later."""
        ...

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """The newest snapshot that is whole, as its sequence and payload."""
        ...

    def close(self) -> None:
        """Finish the append that is under way, and let go of what the log holds."""
        ...
