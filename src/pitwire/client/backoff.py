"""How long to wait before connecting again: exponential back-off with full jitter."""

from collections.abc import Callable
from typing import Final

FIRST_DELAY_S_MAX: Final = 0.1
DELAY_S_MAX: Final = 30.0
STABLE_S: Final = 10.0
"""A connection that lasted this long was a good one: the delays begin anew after it."""
RETRY_AFTER_S_MAX: Final = 3 * 24 * 3600.0
"""Bans last up to three days (web-socket-api.md, IP limits); a server that asks for more is believed this much."""


class Backoff:
    """The attempts to connect that failed in a row, of one place of a client's pool.

    The delay before the n-th attempt in a row is drawn evenly from 0 to 0.1 * 2^n seconds, at most 30, so that clients
    which lost the same server do not come back at the same moment. `random` gives numbers from [0, 1); times are
    seconds of one monotonic clock.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0
        self._not_before_s = 0.0

    def next_delay_s(self, now_s: float) -> float:
        """How long to wait before the next attempt."""
        delay_s = self._random() * min(DELAY_S_MAX, FIRST_DELAY_S_MAX * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return max(delay_s, self._not_before_s - now_s)

    def retry_after(self, now_s: float, seconds: float) -> None:
        """The server asked to be left alone for `seconds`."""
        self._not_before_s = now_s + min(seconds, RETRY_AFTER_S_MAX)

    def lost(self, lasted_s: float) -> None:
        """A connection was lost that had been good for `lasted_s`."""
        if lasted_s >= STABLE_S:
            self._failures = 0
