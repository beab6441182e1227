"""Clients that ask for more than is allowed. Their governors keep them within the exchange's limits.

python -m tests.sim.asking URL SHARE SECONDS     ten clients in a process of their own, for tests/sim/test_limits.py
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pitwire
from tests.exchange.gateway.venue import key_of

SYMBOL = "BTCUSDT"
WEIGHT = 20
"""Of the query that is asked for most: `myTrades`."""


class Asked:
    """What came of the requests."""

    def __init__(self) -> None:
        self.ended: Counter[str] = Counter()
        self.cancels_s: list[float] = []
        """How long each cancellation took."""

    async def note(self, what: str, request: Any) -> None:
        """Wait for a request and note how it ended."""
        try:
            await request
        except pitwire.RateLimited:
            self.ended["429"] += 1
        except pitwire.LimitReached:
            self.ended[f"{what} not sent"] += 1
        except pitwire.PitwireError as error:
            self.ended[f"{what} {type(error).__name__}"] += 1
        else:
            self.ended[what] += 1


async def ask(client: pitwire.Client, asked: Asked, every_s: float, seconds: float, now_s: Callable[[], float]) -> None:
    """A query each `every_s`, an order each second, a cancellation each eight seconds, answered or not."""
    waiting = asyncio.Event()
    begun_s = now_s()
    number = 0

    async def wait(until_s: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, until_s - now_s())):
                await waiting.wait()
        except TimeoutError:
            pass

    async def cancel() -> None:
        sent_s = now_s()
        await asked.note("cancel", client.order_cancel(symbol=SYMBOL, orig_client_order_id="none"))
        asked.cancels_s.append(now_s() - sent_s)

    async with asyncio.TaskGroup() as group:
        while (due_s := begun_s + number * every_s) < begun_s + seconds:
            await wait(due_s)
            group.create_task(asked.note("query", client.my_trades(symbol=SYMBOL)))
            if number % max(1, round(1 / every_s)) == 0:
                order = client.order_place(
                    symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="IOC", quantity="0.001", price="20000"
                )
                group.create_task(asked.note("order", order))
            if number % max(1, round(8 / every_s)) == 0:
                group.create_task(cancel())
            number += 1


async def _process(url: str, share: str, seconds: float) -> None:
    limits = pitwire.Limits(share=share)
    asked = Asked()
    key = key_of("alice").signing_key()
    clients = [pitwire.connect(url, key=key, limits=limits, deadline_s=2) for _ in range(10)]
    for client in clients:
        await client.__aenter__()
    now_s = asyncio.get_running_loop().time
    await asyncio.gather(*(ask(client, asked, 0.1, seconds, now_s) for client in clients))
    for client in clients:
        await client.__aexit__(None, None, None)
    print(json.dumps({"ended": asked.ended, "cancel_s_max": max(asked.cancels_s)}))


if __name__ == "__main__":
    asyncio.run(_process(sys.argv[1], sys.argv[2], float(sys.argv[3])))
