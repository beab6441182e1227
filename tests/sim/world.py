"""Both ends in one seeded simulation: an exchange and its clients in one event loop, in virtual time, over memory.

All chance comes from the seed: how long each piece of data is on its way, what goes wrong, when, and how often. What is
drawn anew in each process (masks, keys of the handshake) decides nothing.
"""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cache
from random import Random
from typing import Any, TypeVar

import structlog
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from msgspec.structs import replace

import pitwire
from pitwire.client.connection import Connection
from pitwire.client.ports import OpenTransport, Surroundings
from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.configuration import Configuration, KeyTerms
from pitwire.exchange.defaults import ACCOUNTS, SYMBOLS
from pitwire.exchange.gateway.faults import Fault
from pitwire.exchange.messages import Command, OrderOpened, Outcome, PlaceOrder
from pitwire.market.enums import OrderType, Side, TimeInForce
from pitwire.market.numbers import SCALE, Price, Quantity
from pitwire.protocol.signing import KeyKind
from pitwire.testing.memory_network import MemoryNetwork, Pair
from pitwire.testing.virtual_time import VirtualTime, virtual_time
from tests.exchange.gateway.venue import key_of
from tests.sim.truth import Truth

T = TypeVar("T")

START_NS = 1_800_000_000_000_000_000
SYMBOL = "BTCUSDT"
ALICE, BOB, CAROL = 1, 2, 3
SKEW_S = 60.0
"""How far a machine's clock may be off."""
NOTICED_S = 10.0
"""How long a client may take to notice that a connection is half-open."""


@cache
def configuration() -> Configuration:
    """One symbol, three accounts that have what is traded on it, and keys of two: read once for all seeds."""
    keys = []
    for account, name in ((ALICE, "alice"), (BOB, "bob")):
        hmac, ed25519 = key_of(name, KeyKind.HMAC), key_of(name)
        keys.append(KeyTerms(api_key=hmac.api_key, account=account, secret_key=hmac.secret_key))
        public = load_pem_private_key(str(ed25519.private_key_pem).encode(), password=None).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        keys.append(KeyTerms(api_key=ed25519.api_key, account=account, public_key=pem))
    traded = (SYMBOLS[0].base, SYMBOLS[0].quote)
    accounts = [replace(each, balances={asset: each.balances[asset] for asset in traded}) for each in ACCOUNTS]
    return Configuration(symbols=SYMBOLS[:1], accounts=tuple(accounts), keys=tuple(keys))


@cache
def signing_key(name: str, kind: KeyKind) -> pitwire.Key:
    """The key of an account."""
    return key_of(name, kind).signing_key()


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
        self.truth = Truth(ALICE)
        self.wrong: list[str] = []
        """What must not be, and was found on the way."""
        self._connected = 0

    @property
    def opened(self) -> Counter[str]:
        """How many orders were placed under each client order id."""
        return self.truth.opened

    @property
    def faults(self) -> Any:
        return self.exchange.faults

    def now_s(self) -> float:
        return self.clock.elapsed_s()

    def client(
        self,
        account: str = "alice",
        open_transport: OpenTransport = Connection.open,
        kind: KeyKind = KeyKind.ED25519,
        **options: Any,
    ) -> pitwire.Client:
        """A client whose clock is off, as machines' clocks are."""
        self._connected += 1
        number, skew_ns = self._connected, int(self.random.uniform(-SKEW_S, SKEW_S) * 1e9)
        surroundings = Surroundings(
            open_transport=open_transport,
            clock_ns=lambda: self.clock.now_ns() + skew_ns,
            random=self.random.random,
            token=lambda: f"sim{number:09}",
        )
        key = signing_key(account, kind)
        return pitwire.connect(self.exchange.ws_url, key=key, surroundings=surroundings, log=SILENT, **options)

    async def rests(self, account: int, side: Side, price: int, quantity: int, name: str) -> int:
        """An order that is simply there, without anybody's client; its id."""
        outcome = await self.execute(limit_order(account, side, price, quantity, name))
        (opened,) = [event for event in outcome.events if isinstance(event, OrderOpened)]
        return opened.order.order_id

    def execute(self, command: Command) -> Awaitable[Outcome]:
        """Have the exchange carry out a command that comes from nobody's client."""
        return self.exchange.sequencer.execute(command)

    def submit(self, command: Command) -> None:
        """The same, whatever comes of it."""
        self.exchange.sequencer.submit(command)

    # --- half-open connections --------------------------------------------------------------------------------------

    def fall_silent(self, pair: Pair) -> None:
        """Pull the cable: nobody is told. After a while it is found to be broken."""
        pair.silent = True
        self._half_open(pair)
        asyncio.get_running_loop().call_later(40, pair.reset)

    def _half_open(self, pair: Pair) -> None:
        since_s = self.now_s()

        def look() -> None:
            if not pair.client.is_closing():
                self.wrong.append(f"half-open since {since_s:.3f} s, and not noticed within {NOTICED_S:g} s")

        asyncio.get_running_loop().call_later(NOTICED_S, look)

    def _watch_faults(self) -> None:
        strike = self.faults.strike

        def watched(rule: Any, connection: Any, *ways: Any) -> None:
            strike(rule, connection, *ways)
            if rule is not None and rule.fault is Fault.HALF_OPEN:
                transport = connection._transport.underlying_transport
                for pair in self.network.pairs:
                    if pair.server is transport:
                        self._half_open(pair)

        self.faults.strike = watched


def limit_order(
    account: int, side: Side, price: int, quantity: int, name: str, lasts: TimeInForce = TimeInForce.GTC
) -> PlaceOrder:
    """The command that places one."""
    return PlaceOrder(
        account=account,
        symbol=SYMBOL,
        side=side,
        type=OrderType.LIMIT,
        client_order_id=name,
        time_in_force=lasts,
        price=Price(price * SCALE),
        quantity=Quantity(quantity),
    )


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
        chosen = {"limits": False, "configuration": configuration(), "http_port": None, **settings}
        async with Exchange.start(Settings(ws_port=0, seed=seed, **chosen), clock) as exchange:
            made.exchange = exchange
            exchange.sequencer.listen(made.truth.observe)
            made._watch_faults()
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
    if made.wrong:
        raise Broken("; ".join(made.wrong))


def simulate(seed: int, work: Callable[[int], Coroutine[Any, Any, T]]) -> T:
    """Run the work of one seed in a loop of its own. Raises `Broken`, with the seed as a note."""
    configured = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        return asyncio.run(work(seed))
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise
    finally:
        structlog.configure(**configured)


def live_objects() -> int:
    """How many objects the garbage collector knows, after collecting."""
    gc.collect()
    return len(gc.get_objects())
