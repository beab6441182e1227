"""An exchange in virtual time and a network in memory, in which connections are late, are cut, and fall silent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

import pitwire
from pitwire.client.connection import Connection
from pitwire.client.ports import Surroundings
from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.testing.memory_network import MemoryNetwork, Pair
from pitwire.testing.virtual_time import VirtualTime, virtual_time

START_NS = 1_800_000_000_000_000_000


class Witness(WSListener):  # type: ignore[misc]
    """Listens over a connection of its own that nothing happens to, and keeps every message."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            self.messages.append(frame.get_payload_as_bytes())


class ExchangeClock:
    """The exchange's clock: the world's, until it is turned on while no time passes."""

    def __init__(self, clock: VirtualTime) -> None:
        self._clock = clock
        self._ahead_us = 0

    def now_us(self) -> int:
        return self._clock.now_us() + self._ahead_us

    def turn(self, seconds: float) -> None:
        self._ahead_us += round(seconds * 1e6)


class World:
    """What is in it. `latency_s_max` may be changed at any time."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.loop = asyncio.get_running_loop()
        self.latency_s_max = 0.0
        self.network = MemoryNetwork(self.loop, lambda: self.random.random() * self.latency_s_max)
        self.clock = VirtualTime(start_ns=START_NS)
        self.exchange_clock = ExchangeClock(self.clock)
        self.exchange: Exchange
        self.safe: set[Pair] = set()
        """Connections that nothing happens to."""

    def surroundings(self) -> Surroundings:
        return Surroundings(
            open_transport=Connection.open,
            clock_ns=self.clock.now_ns,
            random=self.random.random,
            token=lambda: f"{self.random.getrandbits(48):012x}",
        )

    def streams(self, **how: Any) -> pitwire.Streams:
        return pitwire.streams(self.exchange.ws_url, surroundings=self.surroundings(), **how)

    @asynccontextmanager
    async def client(self, account: str | None = None, **how: Any) -> AsyncIterator[pitwire.Client]:
        """A client whose connection is safe."""
        keys = [key for key in DEVELOPMENT_KEYS if key.name == account and key.kind == "ED25519"]
        key = keys[0].signing_key() if keys else None
        async with pitwire.connect(self.exchange.ws_url, key=key, surroundings=self.surroundings(), **how) as client:
            self.safe.add(self.network.pairs[-1])
            yield client

    @asynccontextmanager
    async def witness(self, *names: str) -> AsyncIterator[Witness]:
        base = self.exchange.ws_url.removesuffix("/ws-api/v3")
        _, witness = await ws_connect(Witness, f"{base}/stream?streams={'/'.join(names)}")
        self.safe.add(self.network.pairs[-1])
        yield witness
        witness.transport.disconnect()

    async def trade(self, seller: pitwire.Client, buyer: pitwire.Client, bought: str = "0.002") -> None:
        """One trade of 0.002 at 50,000; what is bought beyond that stays in the book."""
        terms: Any = {"symbol": "BTCUSDT", "type": "LIMIT", "time_in_force": "GTC", "price": "50000"}
        await seller.order_place(side="SELL", quantity="0.002", **terms)
        await buyer.order_place(side="BUY", quantity=bought, **terms)

    def cut(self) -> None:
        """Break every connection but the safe ones, now."""
        for pair in list(self.network.pairs):
            if pair not in self.safe:
                pair.reset()

    @asynccontextmanager
    async def troubles(self, mean_s: float, *, spared: Callable[[Pair], bool] = lambda _: False) -> AsyncIterator[None]:
        """Every now and then a connection is cut, and now and then one falls silent instead."""

        async def make() -> None:
            while True:
                await self.clock.advance(seconds=self.random.expovariate(1 / mean_s))
                pairs = [pair for pair in self.network.pairs if pair not in self.safe and not spared(pair)]
                if pairs:
                    pair = self.random.choice(pairs)
                    if self.random.random() < 0.2:
                        pair.silent = True
                    else:
                        pair.reset()

        making = asyncio.ensure_future(make())
        try:
            yield
        finally:
            making.cancel()
            with suppress(asyncio.CancelledError):
                await making


@asynccontextmanager
async def world(seed: int, **settings: Any) -> AsyncIterator[World]:
    """A world with an exchange that is started with `settings`; the seed is printed."""
    print(f"seed {seed}")
    made = World(seed)
    with virtual_time(made.loop, made.clock, made.network):
        terms = {"ws_port": 0, "http_port": None, "seed": seed} | settings
        async with Exchange.start(Settings(**terms), made.exchange_clock) as made.exchange:
            yield made
