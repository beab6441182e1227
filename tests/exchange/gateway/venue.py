"""An exchange behind a real socket, over a clock that the test turns."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import websockets

from pitwire.exchange.development_keys import DEVELOPMENT_KEYS, DevelopmentKey
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.handlers import Handlers
from pitwire.exchange.gateway.handshake import PATH
from pitwire.exchange.gateway.keyring import development_keyring
from pitwire.exchange.gateway.limits import AddressLimits, UnfilledOrders
from pitwire.exchange.gateway.websocket import Gateway
from pitwire.exchange.log.memory import MemoryLog
from pitwire.exchange.messages import Deposit, ListSymbol, OpenAccount, PlaceOrder
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.sequencer import Sequencer
from pitwire.market.enums import OrderType, Side
from pitwire.market.filters import LotSize, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import scaled
from pitwire.market.symbols import SymbolRules
from pitwire.protocol.signing import KeyKind, payload

KEYRING = development_keyring()


def units(text: str) -> int:
    return scaled(Decimal(text))


RULES = SymbolRules(
    symbol="BTCUSDT",
    base="BTC",
    quote="USDT",
    order_types=(OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET),
    filters=(
        PriceFilter(min_price=units("0.01"), max_price=units("1000000"), tick_size=units("0.01")),
        LotSize(min_quantity=units("0.00001"), max_quantity=units("9000"), step_size=units("0.00001")),
        Notional(
            min_notional=units("5"),
            apply_min_to_market=True,
            max_notional=units("9000000"),
            apply_max_to_market=False,
            average_price_minutes=0,
        ),
        MaxNumOrders(max_num_orders=200),
    ),
)
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "price": "50000",
    "quantity": "0.001",
}


def key_of(name: str, kind: KeyKind = KeyKind.ED25519) -> DevelopmentKey:
    return next(key for key in DEVELOPMENT_KEYS if key.name == name and key.kind is kind)


class TurnedClock:
    """Stands at the time at which it was made until it is turned on."""

    def __init__(self) -> None:
        self._now_us = time.time_ns() // 1000

    def now_us(self) -> int:
        return self._now_us

    def turn(self, seconds: float) -> None:
        self._now_us += round(seconds * 1_000_000)


class Venue:
    def __init__(
        self,
        gateway: Gateway,
        sequencer: Sequencer,
        engine: Engine,
        projections: Projections,
        clock: TurnedClock,
        port: int,
        keyring: Any,
    ) -> None:
        self.gateway = gateway
        self.engine = engine
        self.projections = projections
        self.sequencer = sequencer
        self.clock = clock
        self.base_url = f"ws://127.0.0.1:{port}"
        self.url = self.base_url + PATH
        self.keyring = keyring

    def state(self) -> tuple[bytes, bytes]:
        """All that the engine and the projections know."""
        return self.engine.snapshot(), self.projections.snapshot()

    @asynccontextmanager
    async def connect(self, query: str = "") -> AsyncIterator["Peer"]:
        async with websockets.connect(self.url + query, ping_interval=None, max_size=None) as socket:
            yield Peer(self, socket)

    async def place(self, account: int, side: str, price: str, quantity: str) -> None:
        """A limit order of whoever, executed, and told to all who listen."""
        command = PlaceOrder(
            account=account,
            symbol="BTCUSDT",
            side=Side(side),
            type=OrderType.LIMIT,
            client_order_id=f"{side}{price}{quantity}",
            price=units(price),
            quantity=units(quantity),
        )
        await self.sequencer.execute(command)

    @asynccontextmanager
    async def streams(self, target: str) -> AsyncIterator["Peer"]:
        """A connection to market streams: `/ws/btcusdt@trade`."""
        async with websockets.connect(self.base_url + target, ping_interval=None, max_size=None) as socket:
            yield Peer(self, socket)


class Peer:
    """A client that others wrote (`websockets`), with just enough around it to ask and to sign."""

    def __init__(self, venue: Venue, socket: Any) -> None:
        self.venue = venue
        self.socket = socket
        self._id = 0

    async def send(self, method: str, params: dict[str, Any] | None = None) -> int:
        self._id += 1
        request = {"id": self._id, "method": method} | ({} if params is None else {"params": params})
        await self.socket.send(json.dumps(request))
        return self._id

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            message: dict[str, Any] = json.loads(await self.socket.recv())
            return message

    async def call(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The response to a request, which must be the next message."""
        sent = await self.send(method, params)
        response = await self.receive()
        assert response["id"] == sent, response
        return response

    def stamped(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return {**(params or {}), "timestamp": self.venue.clock.now_us() // 1000}

    def signed(self, key: DevelopmentKey, params: dict[str, Any] | None = None) -> dict[str, Any]:
        whole = self.stamped({**(params or {}), "apiKey": key.api_key})
        text = payload({name: value if isinstance(value, str) else json.dumps(value) for name, value in whole.items()})
        return {**whole, "signature": key.signing_key().sign(text)}

    async def log_on(self, name: str) -> dict[str, Any]:
        return await self.call("session.logon", self.signed(key_of(name)))

    async def place(self, **changes: Any) -> dict[str, Any]:
        params = {name: value for name, value in {**ORDER, **changes}.items() if value is not None}
        return await self.call("order.place", self.stamped(params))


@asynccontextmanager
async def open_venue(*, limits: bool = False) -> AsyncIterator[Venue]:
    """BTCUSDT, and the accounts alice, bob and carol with 100 BTC and 10 million USDT each."""
    clock = TurnedClock()
    projections = Projections()
    failures: list[Exception] = []
    engine = Engine()
    sequencer = Sequencer(MemoryLog(), engine, projections, clock, failures.append)
    await sequencer.execute(ListSymbol(rules=RULES))
    for account, name in ((1, "alice"), (2, "bob"), (3, "carol")):
        await sequencer.execute(OpenAccount(account=account, name=name))
        for asset, amount in (("BTC", "100"), ("USDT", "10000000")):
            await sequencer.execute(Deposit(account=account, asset=asset, amount=units(amount)))
    keyring = development_keyring()
    handlers = Handlers(projections, UnfilledOrders(enforced=limits))
    admission = Admission(handlers, sequencer, keyring, clock, AddressLimits(enforced=limits))
    gateway = Gateway(admission, published=keyring.published)
    port = await gateway.start("127.0.0.1", 0)
    try:
        yield Venue(gateway, sequencer, engine, projections, clock, port, keyring)
    finally:
        await gateway.stop()
        assert not failures, failures
