"""The proof: a book kept from nothing but our depth stream and one snapshot is the engine's, level by level.

Both recordings are played whole, as fast as can be, in their own time: every 100 ms of it the streams tell what has
changed, over a real socket, and whenever they do, every level of the local book is compared with the engine's at the
same update id. The snapshot is asked for in the middle, as web-socket-streams.md says (How to manage a local order
book correctly).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import websockets

from pitwire.exchange import defaults
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.handlers import Handlers
from pitwire.exchange.gateway.handshake import PATH
from pitwire.exchange.gateway.keyring import development_keyring
from pitwire.exchange.gateway.limits import AddressLimits, UnfilledOrders
from pitwire.exchange.gateway.websocket import Gateway
from pitwire.exchange.log.memory import MemoryLog
from pitwire.exchange.messages import ListSymbol
from pitwire.exchange.participants import accounts
from pitwire.exchange.participants.markets import run_recorded
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.sequencer import Sequencer
from pitwire.recording.depth import RecordedDepth
from pitwire.recording.events import DepthDiff, DepthSnapshot
from pitwire.recording.reader import Recording, units
from tests.exchange.participants.direct import ASSETS
from tests.locations import recordings_dir

WINDOW_NS = 100_000_000
SNAPSHOT_AFTER = 50
"""So many events come before the snapshot is asked for."""


class PlayedTime:
    """The recording's own time: it passes only while the market waits, and at the end of each window somebody looks."""

    def __init__(self, start_us: int) -> None:
        self.start_us = start_us - start_us % (WINDOW_NS // 1000)
        self.time_ns = 0
        self.look = None

    def now_ns(self) -> int:
        return self.time_ns

    def now_us(self) -> int:
        return self.start_us + self.time_ns // 1000

    async def sleep_ns(self, duration_ns: int) -> None:
        until_ns = self.time_ns + duration_ns
        while self.time_ns // WINDOW_NS < until_ns // WINDOW_NS:
            self.time_ns = (self.time_ns // WINDOW_NS + 1) * WINDOW_NS
            await self.look()
        self.time_ns = until_ns
        await asyncio.sleep(0)


class LocalBook:
    """Follows one symbol over two connections: its depth stream, and the API for the snapshot."""

    def __init__(self, symbol: str, stream, api) -> None:
        self.symbol = symbol
        self.stream = stream
        self.api = api
        self.depth = RecordedDepth()
        self.told = 0
        """The last update id that the stream told."""
        self.events = 0

    async def read(self) -> None:
        async with asyncio.timeout(10):
            event = json.loads(await self.stream.recv())
        assert event["U"] == self.told + 1, "the stream has a gap"
        self.told = event["u"]
        self.events += 1
        diff = DepthDiff(
            receive_ns=0,
            symbol=event["s"],
            first_update_id=event["U"],
            last_update_id=event["u"],
            bids=levels(event["b"]),
            asks=levels(event["a"]),
        )
        self.depth.change(diff)
        if self.events == SNAPSHOT_AFTER:
            await self.ask()

    async def ask(self) -> None:
        await self.api.send(json.dumps({"id": 1, "method": "depth", "params": {"symbol": self.symbol, "limit": 5000}}))
        async with asyncio.timeout(10):
            result = json.loads(await self.api.recv())["result"]
        snapshot = DepthSnapshot(
            receive_ns=0,
            symbol=self.symbol,
            last_update_id=result["lastUpdateId"],
            bids=levels(result["bids"]),
            asks=levels(result["asks"]),
        )
        self.depth.replace(snapshot)


def levels(texts):
    return tuple((units(price), units(quantity)) for price, quantity in texts)


@asynccontextmanager
async def market(clock: PlayedTime) -> AsyncIterator[tuple[Engine, Sequencer, Gateway, str]]:
    engine, projections, failures = Engine(), Projections(), []
    sequencer = Sequencer(MemoryLog(records_max=0), engine, projections, clock, failures.append)
    for terms in defaults.SYMBOLS:
        await sequencer.execute(ListSymbol(rules=terms.rules()))
    for command in accounts.opening(ASSETS):
        await sequencer.execute(command)
    handlers = Handlers(projections, UnfilledOrders(enforced=False))
    keyring = development_keyring()
    admission = Admission(handlers, sequencer, keyring, clock, AddressLimits(enforced=False))
    gateway = Gateway(admission, published=True)
    port = await gateway.start("127.0.0.1", 0)
    try:
        yield engine, sequencer, gateway, f"ws://127.0.0.1:{port}"
    finally:
        await gateway.stop()
        assert not failures


@pytest.mark.parametrize("name", ["btcusdt_20240808.gz", "ethusdt_20240808.gz"])
async def test_a_book_kept_from_the_depth_stream_is_the_engines_at_every_event(name):
    path = recordings_dir() / name
    recording = Recording(path)
    symbol = recording.symbol
    clock = PlayedTime(next(recording.events()).receive_ns // 1000)
    compared = mismatches = 0
    async with (
        market(clock) as (engine, sequencer, gateway, url),
        websockets.connect(f"{url}/ws/{symbol.lower()}@depth@100ms", ping_interval=None) as stream,
        websockets.connect(url + PATH, ping_interval=None, max_size=None) as api,
    ):
        local = LocalBook(symbol, stream, api)
        book = engine.venue.markets[symbol].book

        async def look() -> None:
            nonlocal compared, mismatches
            gateway.market_streams.tick(clock.now_us())
            if book.update_id == local.told:
                return
            await local.read()
            assert local.told == book.update_id
            if local.depth.last_update_id:
                assert local.depth.last_update_id == book.update_id
                for found, side in ((local.depth.bids, book.bids), (local.depth.asks, book.asks)):
                    compared += 1
                    mismatches += found != {level.price: level.quantity for level in side.best_first()}

        clock.look = look
        await run_recorded([path], sequencer, engine.rules, timer=clock, repeat=False)
        await clock.sleep_ns(WINDOW_NS)  # what came after the last whole window
        print(f"\n{symbol}: {local.events} events, {book.update_id} updates, {compared} sides, {mismatches} mismatches")
        assert local.events > 3000
        assert compared == 2 * (local.events - SNAPSHOT_AFTER + 1)
        assert mismatches == 0
