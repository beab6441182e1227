"""Clients for Binance's WebSocket API behind one interface, each used in the quickest way that its documentation shows.

`request` is the smallest request that a client offers, `order` a LIMIT IOC order that nothing meets, so that none is
left in the book. Who can, logs on; who cannot, signs each order with HMAC, the cheapest signature. Market events are
taken as a user of the client gets them: as an object or a dict, never as text.

This module runs in the environment of each client, so it imports none before it is asked to.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, ClassVar

SYMBOL = "BTCUSDT"
ORDER = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "IOC",
    "quantity": "0.001",
    "price": "19000",
    "newOrderRespType": "ACK",
}

OnUpdate = Callable[[int], None]
"""Told the update id of each market event that the application got."""


class Peer:
    """A client under measurement. `world` has the URLs `api`, `http` and `streams`, the keys, and `first_id`."""

    DISTRIBUTION: ClassVar[str]
    REQUEST: ClassVar[str] = "ping"
    ORDER: ClassVar[str] = "session"
    """How an order is authenticated."""
    KINDS: ClassVar[tuple[str, ...]] = ("bookTicker", "depth")

    def __init__(self, world: dict[str, Any]) -> None:
        self.world = world

    @property
    def version(self) -> str:
        return version(self.DISTRIBUTION)

    async def open(self) -> None:
        raise NotImplementedError

    async def request(self) -> Any:
        raise NotImplementedError

    async def order(self) -> Any:
        raise NotImplementedError

    async def listen(self, kind: str, on_update: OnUpdate) -> None:
        raise NotImplementedError

    def follow(self, work: Any) -> None:
        """Keep a task that takes events."""
        self._following = getattr(self, "_following", [])
        self._following.append(asyncio.ensure_future(work))


class Bare(Peer):
    """picows with nothing around it: no ids matched, nothing decoded."""

    DISTRIBUTION = "picows"

    async def open(self) -> None:
        from picows import WSMsgType

        from bench.bare import connect_bare
        from pitwire.protocol.signing import Key

        self._text = WSMsgType.TEXT
        self._client = await connect_bare(self.world["api"])
        ed25519 = self.world["keys"]["ED25519"]
        key = Key.ed25519(ed25519["apiKey"], ed25519["privateKeyPem"])
        params = {"apiKey": key.api_key, "timestamp": time.time_ns() // 1_000_000}
        payload = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
        logon = {"id": 0, "method": "session.logon", "params": params | {"signature": key.sign(payload.encode())}}
        await self._send(json.dumps(logon).encode())
        order = json.dumps({"id": 1, "method": "order.place", "params": ORDER | {"timestamp": 0}})
        self._order = order.replace('"timestamp": 0', '"timestamp": %d').encode()

    def _send(self, frame: bytes) -> "asyncio.Future[None]":
        client = self._client
        future = client.loop.create_future()
        client.waiters.append(future)
        client.transport.send(self._text, frame)
        return future

    def request(self) -> Any:
        return self._client.ping()

    def order(self) -> Any:
        return self._send(self._order % (time.time_ns() // 1_000_000))

    async def listen(self, kind: str, on_update: OnUpdate) -> None:
        from picows import WSFrame, WSListener, WSTransport, ws_connect

        text = self._text

        class Receiver(WSListener):  # type: ignore[misc]
            update_id = self.world["first_id"] - 1

            def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
                if frame.msg_type is text:
                    frame.get_payload_as_bytes()
                    self.update_id += 1
                    on_update(self.update_id)

        name = "depth@100ms" if kind == "depth" else kind
        await ws_connect(Receiver, f"{self.world['streams']}/stream?streams={SYMBOL.lower()}@{name}")


class Pitwire(Peer):
    """pitwire's own client. What is decoded when it is asked for is measured without and with that:
    `bookTicker_numbers` are the four numbers as Decimals, which others hand out as text, `depth_levels` all levels."""

    DISTRIBUTION = "pitwire"
    KINDS = ("bookTicker", "bookTicker_numbers", "depth", "depth_levels")

    async def open(self) -> None:
        import pitwire

        ed25519 = self.world["keys"]["ED25519"]
        key = pitwire.Key.ed25519(ed25519["apiKey"], ed25519["privateKeyPem"])
        self._pitwire = pitwire
        self._client = await pitwire.connect(self.world["api"], key=key).__aenter__()
        self.request = self._client.ping  # type: ignore[method-assign]

    async def order(self) -> Any:
        await self._client.order_place(
            symbol=SYMBOL,
            side="BUY",
            type="LIMIT",
            time_in_force="IOC",
            quantity="0.001",
            price="19000",
            new_order_resp_type="ACK",
        )

    async def listen(self, kind: str, on_update: OnUpdate) -> None:
        from pitwire import MarketStream

        streams = await self._pitwire.streams(self.world["streams"]).__aenter__()

        async def tickers() -> None:
            async for event in subscription:
                on_update(event.update_id)

        async def numbers() -> None:
            async for event in subscription:
                _ = event.bid_price, event.bid_quantity, event.ask_price, event.ask_quantity
                on_update(event.update_id)

        async def changes() -> None:
            async for event in subscription:
                on_update(event.last_update_id)

        async def levels() -> None:
            async for event in subscription:
                assert len(event.bids) == len(event.asks)
                on_update(event.last_update_id)

        make = MarketStream.book_ticker if kind.startswith("bookTicker") else MarketStream.depth
        stream: Any = make(SYMBOL)
        subscription: Any = streams.subscribe(stream)
        takers = {"bookTicker": tickers, "bookTicker_numbers": numbers, "depth": changes, "depth_levels": levels}
        self.follow(takers[kind]())


class PythonBinance(Peer):
    DISTRIBUTION = "python-binance"
    ORDER = "HMAC"

    async def open(self) -> None:
        from binance import AsyncClient
        from binance.ws.streams import BinanceSocketManager

        AsyncClient.WS_API_URL = self.world["api"]
        BinanceSocketManager.STREAM_URL = self.world["streams"] + "/"
        hmac = self.world["keys"]["HMAC"]
        self._client = AsyncClient(hmac["apiKey"], hmac["secretKey"])
        self._sockets = BinanceSocketManager(self._client, max_queue_size=1_000_000)
        self.request = self._client.ws_ping

    async def order(self) -> Any:
        await self._client.ws_create_order(**ORDER)

    async def listen(self, kind: str, on_update: OnUpdate) -> None:
        if kind == "depth":
            socket = self._sockets.depth_socket(SYMBOL, interval=100)
        else:
            socket = self._sockets.symbol_book_ticker_socket(SYMBOL)

        async def take() -> None:
            async with socket as stream:
                while True:
                    event = await stream.recv()
                    on_update(event["u"])

        self.follow(take())


class BinanceSdkSpot(Peer):
    DISTRIBUTION = "binance-sdk-spot"

    async def open(self) -> None:
        from binance_sdk_spot.spot import ConfigurationWebSocketAPI, ConfigurationWebSocketStreams, Spot

        ed25519 = self.world["keys"]["ED25519"]
        self._spot = Spot(
            config_ws_api=ConfigurationWebSocketAPI(
                api_key=ed25519["apiKey"], private_key=ed25519["privateKeyPem"], stream_url=self.world["api"]
            ),
            config_ws_streams=ConfigurationWebSocketStreams(stream_url=self.world["streams"] + "/stream"),
        )
        self._connection = await self._spot.websocket_api.create_connection()
        await self._connection.session_logon()
        self.request = self._connection.ping

    async def order(self) -> Any:
        answer = await self._connection.order_place(
            symbol=SYMBOL,
            side="BUY",
            type="LIMIT",
            time_in_force="IOC",
            quantity=0.001,
            price=19000.0,
            new_order_resp_type="ACK",
        )
        return answer.data().result

    async def listen(self, kind: str, on_update: OnUpdate) -> None:
        streams = await self._spot.websocket_streams.create_connection()
        if kind == "depth":
            stream = await streams.diff_book_depth(symbol=SYMBOL.lower(), update_speed="100ms")
        else:
            stream = await streams.book_ticker(symbol=SYMBOL.lower())
        stream.on("message", lambda event: on_update(event.u))


class Ccxt(Peer):
    """ccxt pro. It has no ping for Spot: `trades.historical` of one trade is the nearest. It keeps a whole book of the
    depth stream, and hands out the latest state of it."""

    DISTRIBUTION = "ccxt"
    REQUEST = "trades.historical"
    ORDER = "HMAC"

    async def open(self) -> None:
        from ccxt import pro

        hmac = self.world["keys"]["HMAC"]
        options = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}
        self._exchange = exchange = pro.binance(
            {"apiKey": hmac["apiKey"], "secret": hmac["secretKey"], "enableRateLimit": False, "options": options}
        )
        for name, url in exchange.urls["api"].items():
            if isinstance(url, str):
                exchange.urls["api"][name] = url.replace("https://api.binance.com", self.world["http"])
        exchange.urls["api"]["ws"]["spot"] = self.world["streams"] + "/ws"
        exchange.urls["api"]["ws"]["ws-api"]["spot"] = self.world["api"]
        await exchange.load_markets()

    async def request(self) -> Any:
        return await self._exchange.fetch_trades_ws("BTC/USDT", limit=1)

    async def order(self) -> Any:
        return await self._exchange.create_order_ws(
            "BTC/USDT", "limit", "buy", 0.001, 19000, {"timeInForce": "IOC", "newOrderRespType": "ACK"}
        )

    async def listen(self, kind: str, on_update: OnUpdate) -> None:
        async def books() -> None:
            while True:
                book = await self._exchange.watch_order_book("BTC/USDT")
                on_update(book["nonce"])

        async def tickers() -> None:
            while True:
                ticker = await self._exchange.watch_bids_asks(["BTC/USDT"])
                on_update(int(ticker["BTC/USDT"]["info"]["u"]))

        self.follow(books() if kind == "depth" else tickers())


class Unicorn(Peer):
    """unicorn-binance-websocket-api. It works in threads of its own and hands out dicts."""

    DISTRIBUTION = "unicorn-binance-websocket-api"
    ORDER = "HMAC"

    async def open(self) -> None:
        from unicorn_binance_websocket_api import BinanceWebSocketApiManager

        hmac = self.world["keys"]["HMAC"]
        self._loop = asyncio.get_running_loop()
        self._manager = BinanceWebSocketApiManager(
            exchange="binance.com",
            warn_on_update=False,
            output_default="dict",
            restful_base_uri=self.world["http"],
            websocket_base_uri=self.world["streams"] + "/",
            websocket_api_base_uri=self.world["api"],
        )
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._stream = self._manager.create_stream(
            api=True, api_key=hmac["apiKey"], api_secret=hmac["secretKey"], process_stream_data=self._answered
        )
        while not self._manager.is_socket_ready(stream_id=self._stream):  # noqa: ASYNC110 - nothing to wait for
            await asyncio.sleep(0.05)

    def _answered(self, answer: dict[str, Any]) -> None:
        waiting = self._waiting.pop(answer["id"])
        self._loop.call_soon_threadsafe(waiting.set_result, answer)

    def _new_request(self) -> tuple[str, "asyncio.Future[Any]"]:
        # Its own `process_response` is registered after sending: an answer that is quicker is lost, and waited for.
        request_id = self._manager.get_new_uuid_id()
        future = self._waiting[request_id] = self._loop.create_future()
        return request_id, future

    async def request(self) -> Any:
        request_id, future = self._new_request()
        self._manager.api.spot.ping(request_id=request_id, stream_id=self._stream)
        return await future

    async def order(self) -> Any:
        request_id, future = self._new_request()
        self._manager.api.spot.create_order(
            request_id=request_id,
            stream_id=self._stream,
            symbol=SYMBOL,
            side="BUY",
            order_type="LIMIT",
            time_in_force="IOC",
            quantity=0.001,
            price=19000,
            new_order_resp_type="ACK",
        )
        return await future

    async def listen(self, kind: str, on_update: OnUpdate) -> None:
        def take(event: dict[str, Any]) -> None:
            with contextlib.suppress(KeyError):  # the answer to its SUBSCRIBE
                on_update(event["data"]["u"])

        channel = "depth@100ms" if kind == "depth" else kind
        self._manager.create_stream(channels=[channel], markets=[SYMBOL.lower()], process_stream_data=take)


PEERS: dict[str, type[Peer]] = {
    "bare": Bare,
    "pitwire": Pitwire,
    "python-binance": PythonBinance,
    "binance-sdk-spot": BinanceSdkSpot,
    "ccxt": Ccxt,
    "unicorn": Unicorn,
}
OURS = ("bare", "pitwire")
