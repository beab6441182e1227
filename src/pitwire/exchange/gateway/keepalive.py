"""When a connection is pinged, and when it has been silent or open for too long.

Source: web-socket-api.md, General API Information.
Pure: the time is handed in.
"""

from enum import Enum
from typing import Final

PING_EVERY_US: Final = 20_000_000
PONG_WITHIN_US: Final = 60_000_000
LIFETIME_US: Final = 24 * 3_600_000_000


class Due(Enum):
    """What is to be done about a connection."""

    NOTHING = "nothing"
    PING = "send a ping"
    SILENT = "close: a ping was not answered within a minute"
    EXPIRED = "close: open for 24 hours"


class Keepalive:
    """The pings that a connection has been sent and has not answered: at most one for each 20 s of a minute."""

    __slots__ = ("_opened_us", "_pinged_us", "_unanswered")

    def __init__(self, now_us: int) -> None:
        self._opened_us = now_us
        self._pinged_us = now_us
        self._unanswered: dict[bytes, int] = {}

    def due(self, now_us: int) -> Due:
        """What to do now. After PING call `pinged` with what was sent."""
        if now_us - self._opened_us >= LIFETIME_US:
            return Due.EXPIRED
        if self._unanswered and now_us - next(iter(self._unanswered.values())) >= PONG_WITHIN_US:
            return Due.SILENT
        # A clock that was set back says nothing of how long ago the last ping was.
        return Due.NOTHING if 0 <= now_us - self._pinged_us < PING_EVERY_US else Due.PING

    def next_us(self) -> int:
        """When something is to be done, unless a pong comes first."""
        asked_us = next(iter(self._unanswered.values()), self._pinged_us)
        return min(self._opened_us + LIFETIME_US, self._pinged_us + PING_EVERY_US, asked_us + PONG_WITHIN_US)

    def pinged(self, payload: bytes, now_us: int) -> None:
        """A ping with `payload` went out. If the clock was set back since the last one, what is to come counts anew."""
        if now_us < self._pinged_us:
            self._unanswered.clear()
            self._opened_us = min(self._opened_us, now_us)
        self._pinged_us = now_us
        self._unanswered[payload] = now_us

    def ponged(self, payload: bytes) -> None:
        """A pong came in. It answers the ping with its payload and those before (RFC 6455, 5.5.3).

        A pong that answers no ping changes nothing: unsolicited pongs do not keep a connection alive.
        """
        if payload in self._unanswered:
            for earlier in list(self._unanswered):
                del self._unanswered[earlier]
                if earlier == payload:
                    return
