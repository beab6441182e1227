"""Plays a market's events in their time: waits until each is due, and has its commands executed.

One event at a time: the next is decided on once the commands of the one before are done, so that decisions never rest
on a table that is behind. A market that falls behind its time catches up without waiting.
"""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from pitwire.exchange.messages import Command, Outcome
from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.exchange.sequencer import Overloaded
from pitwire.recording.events import RecordedEvent

SHORTEST_WAIT_NS = 1_000_000
"""Events due within a millisecond are played together: a timer is no more precise."""
COMMANDS_AT_ONCE_MAX = 512
"""How many commands are submitted before waiting for them: leaves the queue to the users."""
OVERLOAD_WAIT_NS = 5_000_000
EVENTS_WITHOUT_PAUSE_MAX = 64
"""After so many events in a row that needed no command, the event loop gets its turn."""


class Submit(Protocol):
    """What a participant needs of the exchange (`Sequencer` is one)."""

    def submit(self, command: Command) -> None:
        """Have a command executed; commands are executed in the order of their submission."""
        ...

    async def execute(self, command: Command) -> Outcome:
        """Submit a command and wait for its outcome."""
        ...

    def listen(self, callback: Callable[[Outcome], object]) -> None:
        """Have `callback` called with each outcome, before whoever waits in `execute` goes on."""
        ...


class Timer(Protocol):
    """Time that only goes forward."""

    def now_ns(self) -> int:
        """Nanoseconds since some moment."""
        ...

    async def sleep_ns(self, duration_ns: int) -> None:
        """Wait. Cancelling it is what stops a market."""
        ...


class LoopTimer:
    """The running event loop's own time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def now_ns(self) -> int:
        """Nanoseconds on the loop's monotonic clock."""
        return int(self._loop.time() * 1e9)

    async def sleep_ns(self, duration_ns: int) -> None:
        """Wait on the loop."""
        await asyncio.sleep(duration_ns / 1e9)


async def play(
    market: RecordedMarket,
    performances: Iterable[Iterable[RecordedEvent]],
    exchange: Submit,
    *,
    speed: float,
    timer: Timer,
) -> None:
    """Play `performances` one after the other, each from its first event's time on, and return after the last.

    `speed` 2 is twice as fast as recorded; 0 and infinity are as fast as possible. Raises `ValueError` for a negative
    speed or NaN, `Halted` when the exchange stops, and what reading the events raises (`RecordingError`), and
    `DepthGap`. Cancelling it, or an error, leaves the market's orders in the book as they are.
    """
    if math.isnan(speed) or speed < 0:
        raise ValueError(f"speed {speed} is neither positive nor 0")
    pace = 1 / speed if speed else 0.0
    exchange.listen(market.learn)
    await _execute(market.withdrawal(), exchange, timer)
    for events in performances:
        market.restart()
        first_ns: int | None = None
        started_ns = timer.now_ns()
        without_pause = 0
        for event in events:
            if pace:
                if first_ns is None:
                    first_ns = event.receive_ns
                wait_ns = started_ns + int((event.receive_ns - first_ns) * pace) - timer.now_ns()
                if wait_ns >= SHORTEST_WAIT_NS:
                    await timer.sleep_ns(wait_ns)
                    without_pause = 0
            commands = market.decide(event)
            if commands:
                await _execute(commands, exchange, timer)
                without_pause = 0
            elif (without_pause := without_pause + 1) >= EVENTS_WITHOUT_PAUSE_MAX:
                await timer.sleep_ns(0)
                without_pause = 0


async def _execute(commands: Sequence[Command], exchange: Submit, timer: Timer) -> None:
    for start in range(0, len(commands), COMMANDS_AT_ONCE_MAX):
        *others, last = commands[start : start + COMMANDS_AT_ONCE_MAX]
        for command in others:
            while True:
                try:
                    exchange.submit(command)
                except Overloaded:
                    await timer.sleep_ns(OVERLOAD_WAIT_NS)
                else:
                    break
        while True:
            try:
                # Outcomes come in the order of submission: once the last is there, all are.
                await exchange.execute(last)
            except Overloaded:
                await timer.sleep_ns(OVERLOAD_WAIT_NS)
            else:
                break
