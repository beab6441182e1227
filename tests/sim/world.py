"""Both ends in one seeded simulation: an exchange and its clients in one event loop, in virtual time, over memory.

All chance comes from the seed: how long each piece of data is on its way, what goes wrong, when, and how often. What is
drawn anew in each process (masks, keys of the handshake) decides nothing.
"""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import structlog

import pitwire
from pitwire.client.connection import Connection
from pitwire.client.ports import Surroundings
from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.configuration import Configuration
from pitwire.exchange.defaults import ACCOUNTS, SYMBOLS
from pitwire.exchange.messages import OrderOpened, Outcome, PlaceOrder
from pitwire.market.enums import OrderType, Side, TimeInForce, TimeUnit
from pitwire.market.numbers import SCALE, Price, Quantity
from pitwire.testing.memory_network import MemoryNetwork
from pitwire.testing.virtual_time import VirtualTime, virtual_time
from tests.exchange.gateway.venue import key_of

START_NS = 1_800_000_000_000_000_000
SYMBOL = "BTCUSDT"
ALICE, BOB = 1, 2


CONFIGURATION = Configuration(symbols=SYMBOLS[:1], accounts=ACCOUNTS[:2])


class Broken(AssertionError):
    """The simulation found what must not be."""


class World:
    """What one seed makes: `random` is to be asked for every decision."""

    def __init__(self, seed: int, clock: VirtualTime, network: MemoryNetwork, random: Random) -> None:
        self.seed = seed
        self.clock = clock
        self.network = network
        self.random = random
        self.exchange: Exchange
        self.opened: Counter[str] = Counter()
        """How many orders were placed under each client order id."""
        self._connected = 0

    @property
    def faults(self) -> Any:
        return self.exchange.faults

    def now_s(self) -> float:
        return self.clock.elapsed_s()

    def client(self, account: str = "alice", **options: Any) -> pitwire.Client:
        """A client whose clock is off by up to a minute, as machines' clocks are."""
        self._connected += 1
        number, skew_ns = self._connected, int(self.random.uniform(-60e9, 60e9))
        surroundings = Surroundings(
            open_transport=Connection.open,
            clock_ns=lambda: self.clock.now_ns() + skew_ns,
            random=self.random.random,
            token=lambda: f"sim{number:09}",
        )
        key = key_of(account).signing_key()
        return pitwire.connect(self.exchange.ws_url, key=key, surroundings=surroundings, log=SILENT, **options)

    async def rests(self, account: int, side: Side, price: int, quantity: int, name: str) -> int:
        """An order that is simply there, without anybody's client; its id."""
        outcome = await self.exchange.sequencer.execute(
            PlaceOrder(
                account=account,
                symbol=SYMBOL,
                side=side,
                type=OrderType.LIMIT,
                client_order_id=name,
                time_in_force=TimeInForce.GTC,
                price=Price(price * SCALE),
                quantity=Quantity(quantity),
            )
        )
        (opened,) = [event for event in outcome.events if isinstance(event, OrderOpened)]
        return opened.order.order_id

    def orders(self) -> list[dict[str, Any]]:
        """Alice's orders as the exchange has them, whatever she was told."""
        all_orders = self.exchange.projections.orders.all
        return all_orders(ALICE, SYMBOL, None, None, None, 1000, TimeUnit.MILLISECOND)

    def _observe(self, outcome: Outcome) -> None:
        for event in outcome.events:
            if isinstance(event, OrderOpened):
                self.opened[event.order.client_order_id] += 1


class _Silent:
    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *args, **details: None


SILENT = _Silent()


@asynccontextmanager
async def world(seed: int, *, latency_s_max: float = 0.05, **settings: Any) -> AsyncIterator[World]:
    """The world of a seed. On leaving it nothing may be left: no task, no connection, no error that nobody took."""
    random = Random(seed)
    loop = asyncio.get_running_loop()
    delays = Random(random.randrange(1 << 62))
    network = MemoryNetwork(loop, lambda: delays.uniform(0.0002, latency_s_max))
    clock = VirtualTime(START_NS)
    errors: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: errors.append(context))
    with virtual_time(loop, clock, network):
        made = World(seed, clock, network, random)
        chosen = {"limits": False, "configuration": CONFIGURATION, "http_port": None, **settings}
        async with Exchange.start(Settings(ws_port=0, seed=seed, **chosen), clock) as exchange:
            made.exchange = exchange
            exchange.sequencer.listen(made._observe)
            yield made
            exchange.faults.clear()
        await clock.advance(seconds=200)  # half-open connections are dropped, and what was cut off has come to its end
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if left:
            raise Broken(f"tasks are left: {left}")
        if network.pairs:
            raise Broken(f"{len(network.pairs)} connections are left")
    if errors:
        raise Broken(f"errors that nobody took: {errors}")


def simulate(seed: int, work: Callable[[int], Awaitable[None]]) -> None:
    """Run the work of one seed in a loop of its own. Raises `Broken`, the seed and the way to repeat it in its text."""
    configured = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        asyncio.run(_working(work(seed)))
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise
    finally:
        structlog.configure(**configured)


async def _working(work: Awaitable[None]) -> None:
    await work


def live_objects() -> int:
    """How many objects the garbage collector knows, after collecting."""
    gc.collect()
    return len(gc.get_objects())
