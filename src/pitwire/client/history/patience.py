"""Waits for the exchange's limits for as long as it takes: history has no deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pitwire.client.limits.governor import LimitReached
from pitwire.client.server_clock import ServerClock

T = TypeVar("T")


async def patiently(ask: Callable[[], Awaitable[T]], clock: ServerClock) -> T:
    """The answer to what `ask` asks, which is asked again whenever the client's governor has let it wait in vain."""
    while True:
        try:
            return await ask()
        except LimitReached as reached:
            await asyncio.sleep(wait_s(reached, clock))


def wait_s(reached: LimitReached, clock: ServerClock) -> float:
    """How long until what was refused may be asked, by the server's clock."""
    return max(0.0, reached.retry_at_ms / 1e3 - clock.now_ns() / 1e9)
