"""How long to wait before connecting again: exponential back-off with full jitter, and a bound on attempts."""

from collections import deque
from collections.abc import Callable
from typing import Final

FIRST_DELAY_S_MAX: Final = 0.1
DELAY_S_MAX: Final = 30.0
STABLE_S: Final = 10.0
"""A connection that lasted this long was a good one: the delays begin anew after it."""
RETRY_AFTER_S_MAX: Final = 3 * 24 * 3600.0
"""Bans last up to three days (web-socket-api.md, IP limits); a server that asks for more is believed this much."""
ATTEMPTS_MAX: Final = 300
WINDOW_S: Final = 300.0
"""At most 300 attempts in any 5 minutes (web-socket-api.md, Connection limits): the exchange bans who makes more."""


class Backoff:
    """The attempts to connect that one client has made.

    The delay before the n-th attempt in a row is drawn evenly from 0 to 0.1 * 2^n seconds, at most 30, so that clients
    which lost the same server do not come back at the same moment. `random` gives numbers from [0, 1); times are
    seconds of one monotonic clock.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0
        self._not_before_s = 0.0
        self._attempts: deque[float] = deque(maxlen=ATTEMPTS_MAX)

    def first(self, now_s: float) -> None:
        """Count an attempt that is made at once."""
        self._attempts.append(now_s)

    def next_delay_s(self, now_s: float) -> float:
        """How long to wait before the next attempt, which is counted as made then."""
        delay_s = self._random() * min(DELAY_S_MAX, FIRST_DELAY_S_MAX * 2.0 ** min(self._failures, 32))
        self._failures += 1
        if len(self._attempts) == ATTEMPTS_MAX:
            delay_s = max(delay_s, self._attempts[0] + WINDOW_S - now_s)
        delay_s = max(delay_s, self._not_before_s - now_s)
        self._attempts.append(now_s + delay_s)
        return delay_s

    def retry_after(self, now_s: float, seconds: float) -> None:
        """The server asked to be left alone for `seconds`."""
        self._not_before_s = now_s + min(seconds, RETRY_AFTER_S_MAX)

    def lost(self, lasted_s: float) -> None:
        """A connection was lost that had been good for `lasted_s`."""
        if lasted_s >= STABLE_S:
            self._failures = 0
