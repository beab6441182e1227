"""A week of virtual time with one fault after the other: nothing is left behind."""

import asyncio
import gc
import os
from collections import Counter
from typing import Any

import pitwire
from pitwire.client.link import Link
from pitwire.exchange.gateway.faults import Fault, Phase, Rule
from pitwire.exchange.gateway.peer import Peer
from pitwire.testing.memory_network import MemoryTransport
from tests.sim.world import SYMBOL, Broken, World, simulate, world

SEED = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
DAYS = 7
FAULT_EVERY_S = 1200.0
COUNTED: tuple[type, ...] = (asyncio.Task, asyncio.Future, asyncio.Handle, Link, Peer, MemoryTransport)


def test_a_week_of_faults_leaks_no_task_no_future_and_no_memory() -> None:
    simulate(SEED, week)


def counted() -> Counter[str]:
    """How many there are of each kind; of handles, those that are yet to run."""
    gc.collect()
    # A cancelled timer keeps nothing alive, and stays in the loop's heap until half of that is cancelled.
    live = (each for each in gc.get_objects() if not (isinstance(each, asyncio.Handle) and each.cancelled()))
    return Counter(kind.__name__ for each in live for kind in COUNTED if isinstance(each, kind))


async def week(seed: int) -> None:
    async with world(seed) as here, here.client() as client, client.user_data() as events:
        watching = asyncio.ensure_future(watch(events))
        counts: list[Counter[str]] = []
        totals: list[int] = []
        for _ in range(DAYS):
            await day(here, client)
            here.faults.clear()
            await here.clock.advance(minutes=5)  # what was held up is over, what was half-open is closed
            await client.wait_connected()
            before = counted()
            await here.clock.advance(minutes=15)  # a renewal may be under way: what it leaves behind is gone by then
            counts.append(before & counted())
            totals.append(len(gc.get_objects()))
        print(f"seed {seed}: {here.clock.jumps} jumps, {here.opened.total()} orders; objects {totals}")
        for kind in counts[0] | counts[-1]:
            print(f"  {kind}: {[each[kind] for each in counts]}")
        # The second day has seen everything once; later ones add nothing but what the exchange remembers of orders.
        for kind in (each.__name__ for each in COUNTED):
            if counts[-1][kind] > counts[1][kind] + 3:
                raise Broken(f"there are more and more of {kind}: {[each[kind] for each in counts]}")
        orders_a_day = here.opened.total() / DAYS
        if (totals[-1] - totals[1]) / (DAYS - 2) > 40 * orders_a_day:
            raise Broken(f"objects grow by more than the orders of a day: {totals}")
    await watching


async def watch(events: pitwire.UserData) -> None:
    async for _ in events:
        pass


async def day(here: World, client: pitwire.Client) -> None:
    random = here.random
    ends_s = here.now_s() + 86_400
    number = 0
    while here.now_s() < ends_s:
        here.faults.clear()
        here.faults.add(
            Rule(
                fault=random.choice([Fault.CUT, Fault.HALF_OPEN, Fault.DROP, Fault.ERROR, Fault.SHUTDOWN]),
                phase=random.choice([Phase.RECEIVED, Phase.ADMITTED, Phase.EXECUTED]),
                method=random.choice(["order.place", "order.cancel", "order.status", "session.logon", "time"]),
                count=random.choice([1, 2]),
                delay_ms=random.randrange(5_000),
            )
        )
        if random.random() < 0.3 and here.network.pairs:
            random.choice(here.network.pairs).reset()
        number += 1
        await order_and_cancel(here, client, f"w{int(here.now_s())}-{number}")
        await here.clock.advance(seconds=random.uniform(0, 2 * FAULT_EVERY_S))


async def order_and_cancel(here: World, client: pitwire.Client, name: str) -> None:
    terms: Any = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": "0.01"}
    try:
        await client.wait_connected()
        await client.order_place(price="50000", new_client_order_id=name, **terms)
        await client.order_cancel(symbol=SYMBOL, orig_client_order_id=name)
    except (pitwire.NotSent, pitwire.NeverArrived):
        pass
    if here.opened[name] > 1:
        raise Broken(f"{name} was placed {here.opened[name]} times")
