"""Time that jumps: an event loop whose clock goes straight to the next timer whenever there is nothing else to do.

    something is ready          it runs, and no time passes
    a thread works              its result is waited for, and no time passes
    else                        the clock jumps to the next timer

So a day costs as much as what happens in it. What happens, and in which order, depends on the program alone as long as
all that it talks to is in the same loop (`memory_network`). A real socket is listened to between two jumps, but time
does not wait for what is still on its way in it.
"""

import asyncio
import math
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Final

import aiofastnet
from picows import WSAutoPingStrategy

from pitwire.client import connection
from pitwire.testing.memory_network import MemoryNetwork

_RESOLUTION_S: Final = 1e-6
LOOK_EVERY: Final = 16
"""In how many turns of the event loop in which something is ready real sockets are looked at once."""


class VirtualTime:
    """The time of one event loop. It starts at `start_ns`, in nanoseconds since the epoch: now, unless told otherwise.

    It is a clock for both ends: `now_us` for an exchange (`Exchange.start(settings, clock=...)`), `now_ns` for a client
    (`connect(..., clock_ns=...)`).
    """

    def __init__(self, start_ns: int | None = None) -> None:
        self._now_ns = time.time_ns() if start_ns is None else start_ns
        self._zero_ns = self._now_ns
        self._elapsed_s = 0.0
        self.jumps = 0
        """How often the time has jumped."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch."""
        return self._now_ns

    def now_us(self) -> int:
        """Microseconds since the epoch."""
        return self._now_ns // 1_000

    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return self._elapsed_s

    async def advance(
        self, *, seconds: float = 0.0, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0
    ) -> None:
        """Let so much time pass, with all that happens in it."""
        await asyncio.sleep(seconds + 60 * minutes + 3600 * hours + 86400 * days)

    def jump(self, seconds: float) -> None:
        """Move the time on. The event loop calls this."""
        # At least a nanosecond: a remainder that a float cannot tell from zero must not hold the loop for ever.
        self._now_ns += max(1, math.ceil(seconds * 1e9))
        self._elapsed_s = (self._now_ns - self._zero_ns) / 1e9
        self.jumps += 1


@contextmanager
def virtual_time(
    loop: asyncio.AbstractEventLoop, clock: VirtualTime, network: MemoryNetwork | None = None
) -> Iterator[VirtualTime]:
    """Have `loop` run by `clock`, and connect within itself through `network`, until the context is left.

    The loop has to be asyncio's own on Unix: `TypeError` for another (uvloop's cannot be given a clock). Timers that
    are set already stay as far away as they were.
    """
    if not isinstance(loop, asyncio.SelectorEventLoop):
        raise TypeError(f"virtual time needs asyncio's own event loop, and this is {type(loop).__module__}'s")
    network = MemoryNetwork(loop) if network is None else network
    threads = _Threads(loop)
    started_s = loop.time()
    # asyncio takes a selector only when a loop is made; a test gets a loop that others have made.
    selector, resolution_s = loop._selector, loop._clock_resolution  # type: ignore[attr-defined]
    # A timer is due that is closer than this. In months the nanosecond of the real clock is lost in a float's rounding.
    loop._clock_resolution = _RESOLUTION_S  # type: ignore[attr-defined]
    replaced: dict[str, Any] = {
        "time": lambda: started_s + clock._elapsed_s,
        "_selector": _Jumping(selector, clock, threads),
        "run_in_executor": threads.run_in_executor,
        "getaddrinfo": _getaddrinfo(loop.getaddrinfo),
        "create_server": network.create_server,
        "create_connection": network.create_connection,
    }
    for name, value in replaced.items():
        setattr(loop, name, value)
    try:
        with (
            _asked_by_picows(loop, "create_server"),
            _asked_by_picows(loop, "create_connection"),
            _pinged_by_the_loop(),
        ):
            yield clock
    finally:
        loop._selector, loop._clock_resolution = selector, resolution_s  # type: ignore[attr-defined]
        for name in replaced.keys() - {"_selector"}:
            delattr(loop, name)  # the class's own again


@contextmanager
def _asked_by_picows(loop: asyncio.AbstractEventLoop, name: str) -> Iterator[None]:
    """Have aiofastnet, which picows prefers to the loop's own methods, leave what is asked for on `loop` to those."""
    original = getattr(aiofastnet, name)

    async def dispatched(asked: asyncio.AbstractEventLoop, *args: Any, **options: Any) -> Any:
        if asked is loop:
            return await getattr(loop, name)(*args, **options)
        return await original(asked, *args, **options)

    setattr(aiofastnet, name, dispatched)
    try:
        yield
    finally:
        setattr(aiofastnet, name, original)


@contextmanager
def _pinged_by_the_loop() -> Iterator[None]:
    """Have picows ping at fixed times of the event loop: how long a connection was idle it reads off the real clock.

    It pings `auto_ping_idle_timeout` after it has looked for the answer to the ping before. A connection that is
    half-open right after an answer is found out as late as a connection that is idle otherwise: after a wait for
    nothing, an idle time, and a wait for the answer. So half the wait keeps to the bound.
    """
    original = vars(connection)["ws_connect"]

    def periodically(*args: Any, **options: Any) -> Any:
        options["auto_ping_reply_timeout"] /= 2
        return original(*args, auto_ping_strategy=WSAutoPingStrategy.PING_PERIODICALLY, **options)

    setattr(connection, "ws_connect", periodically)  # noqa: B010
    try:
        yield
    finally:
        setattr(connection, "ws_connect", original)  # noqa: B010


class _Threads:
    """The calls that a loop has other threads make, and that have not returned."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._run_in_executor = loop.run_in_executor
        self.at_work = 0

    def run_in_executor(self, executor: Executor | None, call: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """The loop's own, counted."""
        future: asyncio.Future[Any] = self._run_in_executor(executor, call, *args)
        self.at_work += 1
        future.add_done_callback(self._returned)
        return future

    def _returned(self, _: "asyncio.Future[Any]") -> None:
        self.at_work -= 1


class _Jumping:
    """A selector that lets the time jump where it would have waited. All else is the inner selector's."""

    def __init__(self, selector: selectors.BaseSelector, clock: VirtualTime, threads: _Threads) -> None:
        self._selector = selector
        self._clock = clock
        self._threads = threads
        self._looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)

    def select(self, wait_s: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; where that is nothing, the time jumps by `wait_s` seconds.

        Without a wait_s there is no timer to jump to, and while a thread works its result comes first: both wait.
        """
        if wait_s is not None and wait_s <= 0:  # there is something to do: a look at real sockets can wait a little
            self._looks += 1
            return self._selector.select(0) if self._looks % LOOK_EVERY == 0 else []
        ready = self._selector.select(0)
        if ready:
            return ready
        if wait_s is None or self._threads.at_work:
            return self._selector.select(None)
        self._clock.jump(wait_s)
        return ready


def _getaddrinfo(original: Callable[..., Any]) -> Callable[..., Any]:
    """`loop.getaddrinfo` that looks up addresses written as numbers at once: a thread would come back at any time."""

    async def getaddrinfo(host: Any, port: Any, *, flags: int = 0, **kinds: int) -> Any:
        try:
            return socket.getaddrinfo(host, port, flags=flags | socket.AI_NUMERICHOST, **kinds)
        except socket.gaierror:
            return await original(host, port, flags=flags, **kinds)

    return getaddrinfo
