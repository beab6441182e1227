"""Connections are renewed under load, and nobody notices."""

import asyncio
import os
from collections import Counter

import pitwire
from pitwire.market.enums import Side
from pitwire.market.numbers import SCALE
from tests.sim.world import BOB, SYMBOL, Broken, World, simulate, world

SEED = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
ROTATIONS = 20
REQUESTS_PER_S = 1_000
BETWEEN_S = 1.0


def test_a_thousand_requests_a_second_and_a_busy_stream_pass_twenty_rotations() -> None:
    simulate(SEED, rotations)


async def rotations(seed: int) -> None:
    async with world(seed, latency_s_max=0.01) as here, here.client() as client:
        events: list[tuple[str, str]] = []
        async with client.user_data() as stream:
            listening = asyncio.ensure_future(listen(stream, events))
            over = asyncio.Event()
            load = [asyncio.ensure_future(work(here, client, worker, over)) for worker in range(100)]
            market = asyncio.ensure_future(trade(here, over))
            for _ in range(ROTATIONS):
                await here.clock.advance(seconds=BETWEEN_S * here.random.uniform(0.5, 1.5))
                await client.rotate()
            took_s = here.now_s()
            over.set()
            made = sum(await asyncio.gather(*load))  # raises what any request failed with
            await market
            await here.clock.advance(seconds=5)
            stream.close()
            await listening
        print(f"seed {seed}: {made} requests in {took_s:.1f} s of virtual time, {len(events)} events")
        if made < 0.9 * REQUESTS_PER_S * took_s:
            raise Broken(f"only {made / took_s:.0f} requests a second were made")
        expected = Counter({(name, "NEW"): 1 for name in here.opened if not name.startswith("bob")})
        seen = Counter(events)
        new = Counter({key: number for key, number in seen.items() if key[1] == "NEW"})
        if new != expected:
            raise Broken(f"lost {list(expected - new)[:5]}, doubled or invented {list(new - expected)[:5]}")
        ends = Counter(name for name, kind in events if kind in ("CANCELED", "FILLED"))
        if ends != Counter({name: 1 for name, _ in expected}):
            raise Broken(f"orders that did not end once: {[name for name, n in ends.items() if n != 1][:5]}")


async def listen(stream: pitwire.UserData, events: list[tuple[str, str]]) -> None:
    async for event in stream:
        if isinstance(event, pitwire.ExecutionReport):
            if event.status == "CANCELED":
                events.append((event.original_client_order_id, "CANCELED"))
            else:
                events.append((event.client_order_id, str(event.status)))
        elif not isinstance(event, pitwire.OutboundAccountPosition):
            raise Broken(f"a renewal was noticed: {event}")


async def work(here: World, client: pitwire.Client, worker: int, over: asyncio.Event) -> int:
    """Place and cancel, ten requests a second, whatever they take; how many were made."""
    made = 0
    every_s = 100 / REQUESTS_PER_S
    await here.clock.advance(seconds=every_s * worker / 100)
    due_s = here.now_s()
    while not over.is_set():
        name = f"w{worker}-{made}"
        await client.order_place(
            symbol=SYMBOL,
            side="BUY",
            type="LIMIT",
            time_in_force="GTC",
            quantity="0.001",
            price=str(50_000 - worker),
            new_client_order_id=name,
        )
        due_s += every_s
        await here.clock.advance(seconds=max(0.0, due_s - here.now_s()))
        await client.order_cancel(symbol=SYMBOL, orig_client_order_id=name)
        made += 2
        due_s += every_s
        await here.clock.advance(seconds=max(0.0, due_s - here.now_s()))
    return made


async def trade(here: World, over: asyncio.Event) -> None:
    """Somebody else trades meanwhile, away from these orders."""
    number = 0
    while not over.is_set():
        number += 1
        await here.rests(BOB, Side.SELL, 70_000 + number % 50, SCALE // 1000, f"bob{number}")
        await here.clock.advance(seconds=0.5)
