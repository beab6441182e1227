"""A request that places, cancels or changes orders, as it was sent: all that is needed to ask what became of it."""

from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from pitwire.client.server_clock import MICROSECONDS_FROM
from pitwire.protocol.requests.base import SignedRequest
from pitwire.protocol.signing import Key

RECV_WINDOW_MS: Final = Decimal(5000)
"""How old a request may be when it comes, unless it says otherwise (web-socket-api.md, Timing security)."""
AHEAD_US_MAX: Final = 1_000_000
"""How far a request's `timestamp` may be ahead of the server's clock (the same)."""


def microseconds(time: int) -> int:
    """A time in milliseconds or microseconds since the epoch, in microseconds."""
    return time if time >= MICROSECONDS_FROM else time * 1000


class Intent(Struct, frozen=True, kw_only=True):
    """`request` has every client order id that it was sent with; `timestamp` is as it was sent, in ms or us.

    `key` signed it, or signs for the same account; `None` stands for the account that is logged on.
    """

    request: SignedRequest[Any]
    client_order_id: str | None
    timestamp: int
    key: Key | None = None

    @property
    def sent_us(self) -> int:
        """`timestamp` in microseconds."""
        return microseconds(self.timestamp)

    @property
    def expires_us(self) -> int:
        """From this server time on the exchange does not accept it any more."""
        window = self.request.recv_window
        return self.sent_us + int((RECV_WINDOW_MS if window is None else window) * 1000)

    def is_older(self, time: int) -> bool:
        """Whether something of `time` (ms or us, by the server's clock) was there before this can have come."""
        return microseconds(time) < self.sent_us - AHEAD_US_MAX
