"""What a client needs of the world around it: a way to connect, clocks, and chance.

By default that is picows, the system's clock and its entropy. A simulation hands in its own, and runs the client on an
event loop with virtual time: everything that waits does so by the loop's clock.
"""

import random
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from msgspec import Struct


class UnsentFrames(Protocol):
    """The frames that a transport could not write at once."""

    @property
    def held(self) -> int:
        """How many frames are held."""
        ...

    def hold(self, key: Any, frame: bytes, /) -> None:
        """Keep a frame that is not written yet."""
        ...

    def release(self) -> list[bytes]:
        """All frames held, in order: they are being written."""
        ...

    def withdraw_abandoned(self) -> None:
        """Forget frames that nobody waits for any longer."""
        ...


class Transport(Protocol):
    """An open connection that carries text messages; `pitwire.client.connection.Connection` is the real one."""

    is_open: bool

    def send(self, key: object, frame: bytes, /) -> None:
        """Send the frame of the request that stands under `key` in the table of pending requests, or hold it there."""
        ...

    def send_recorded(self, key: object, frame: bytes, /) -> None:
        """The same, but call `before_write` first, at the latest at the end of this turn of the event loop."""
        ...

    def close(self, reason: str, /) -> None:
        """Close it, and say so to `on_lost` at once. Without effect where it is not open."""
        ...

    async def wait_closed(self, seconds_max: float, /) -> None:
        """Wait until nothing of it is left, at most so long."""
        ...


class OpenTransport(Protocol):
    """Connects to a URL. Raises `NotSent` with the reason.

    `on_messages` gets the text messages of each read, in order. `on_lost` is called once, with the reason, when the
    connection has ended. `before_write` is called before what was handed to `send_recorded` is written.
    """

    def __call__(
        self,
        url: str,
        pending: UnsentFrames,
        on_messages: Callable[[list[bytes]], None],
        on_lost: Callable[[str], None],
        before_write: Callable[[], None],
        /,
    ) -> Awaitable[Transport]:
        """Connect."""
        ...


def steady_clock() -> Callable[[], int]:
    """A clock that begins at the system's time, in nanoseconds since the epoch, and never steps.

    The offset to the server is measured against it, so it does not matter when the system's clock is set.
    """
    begin_ns = time.time_ns() - time.monotonic_ns()
    monotonic_ns = time.monotonic_ns
    return lambda: begin_ns + monotonic_ns()


def _token() -> str:
    return secrets.token_urlsafe(9)


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a client takes from around it.

    `open_transport` connects. `clock_ns` gives nanoseconds since the epoch, and never goes back. `random` gives numbers
    from [0, 1), `token` 12 characters of [a-zA-Z0-9-_] that no other client has.
    """

    open_transport: OpenTransport
    clock_ns: Callable[[], int]
    random: Callable[[], float] = random.random
    token: Callable[[], str] = _token
