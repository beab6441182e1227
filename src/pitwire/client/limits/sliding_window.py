"""So many in any stretch of time: connection attempts, and the messages that streams take. Pure."""

from collections.abc import MutableSequence
from typing import Final

ATTEMPTS_MAX: Final = 300
ATTEMPTS_US: Final = 300_000_000
"""At most 300 attempts in any 5 minutes (web-socket-api.md, Connection limits): the exchange bans who makes more."""
STREAM_MESSAGES_MAX: Final = 5
STREAM_MESSAGES_US: Final = 1_000_000
"""5 incoming messages a second, pings and pongs among them (web-socket-streams.md, WebSocket Limits)."""


class SlidingWindow:
    """The times of the last `count_max` events, in `count_max + 1` cells from `offset` on.

    Times are microseconds of one clock. An event may be counted ahead of its time.
    """

    def __init__(self, cells: MutableSequence[int], offset: int, count_max: int, span_us: int) -> None:
        self._cells = cells
        self._offset = offset
        self._count_max = count_max
        self._span_us = span_us

    def earliest_us(self) -> int:
        """From when on one more may happen."""
        oldest = self._cells[self._offset + 1 + self._cells[self._offset]]
        return oldest + self._span_us if oldest else 0

    def count(self, at_us: int) -> None:
        """One happens at `at_us`."""
        place = self._cells[self._offset]
        self._cells[self._offset + 1 + place] = at_us
        self._cells[self._offset] = (place + 1) % self._count_max
