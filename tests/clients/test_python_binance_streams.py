"""python-binance's market streams, user stream and depth cache."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.base_client import BaseClient
from binance.ws.depthcache import DepthCacheManager

from tests.clients.conftest import QUIET, Keys, Venue
from tests.clients.exercised import Exercised
from tests.clients.test_python_binance_rest import LTC, order
from tests.clients.test_python_binance_websocket import close

CLIENT, SURFACE = "python-binance", "streams"
OVERLAP = (
    "the first event that overlaps the snapshot makes it ask for another snapshot, to which it then applies that older"
    " event (binance/ws/depthcache.py:390): the book is right again with the events that follow"
)
BTC = {"symbol": "BTCUSDT"}
STREAMS: dict[str, tuple[dict[str, Any], str | None]] = {
    "trade_socket": (BTC, "trade"),
    "aggtrade_socket": (BTC, "aggTrade"),
    "kline_socket": (BTC, "kline"),
    "depth_socket": (BTC, "depthUpdate"),
    "symbol_miniticker_socket": (BTC, "24hrMiniTicker"),
    "symbol_ticker_socket": (BTC, "24hrTicker"),
    "symbol_book_ticker_socket": (BTC, None),
    "multiplex_socket": ({"streams": ["btcusdt@trade", "ethusdt@bookTicker"]}, None),
}
"""The event type of each; `None` where the payload has none."""


@pytest.fixture(scope="module")
async def client(venue: Venue, exchange_url: str, keys: Keys) -> AsyncIterator[AsyncClient]:
    key = keys["alice", "ED25519"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "API_URL", venue.http + "/api")
        patch.setattr(BaseClient, "WS_API_URL", exchange_url)
        patch.setattr(BinanceSocketManager, "STREAM_URL", venue.ws + "/")
        client = await AsyncClient.create(key["apiKey"], private_key=key["privateKeyPem"])
        yield client
        await close(client)


@pytest.fixture(scope="module")
def sockets(client: AsyncClient, exercised: Exercised) -> Any:
    return exercised.watch(CLIENT, SURFACE, BinanceSocketManager(client))


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_stream_is_heard(sockets: Any, stream: str) -> None:
    arguments, kind = STREAMS[stream]
    async with getattr(sockets, stream)(**arguments) as socket:
        event = await asyncio.wait_for(socket.recv(), 30)
    if stream == "multiplex_socket":
        assert event["stream"] in arguments["streams"]
    else:
        assert (event.get("e"), event["s"]) == (kind, "BTCUSDT")


async def test_the_best_levels_are_heard(sockets: Any) -> None:
    async with sockets.depth_socket(QUIET, depth=5) as socket:
        levels = await asyncio.wait_for(socket.recv(), 30)
    assert levels["bids"][0][0] == "99.00000000"


async def test_all_mini_tickers_are_heard(sockets: Any) -> None:
    async with sockets.miniticker_socket(1000) as socket:
        tickers = await asyncio.wait_for(socket.recv(), 30)
    assert all(ticker["e"] == "24hrMiniTicker" for ticker in tickers)


@pytest.mark.parametrize(
    ("stream", "name", "line"), [("ticker_socket", "!ticker@arr", 617), ("book_ticker_socket", "!bookTicker", 896)]
)
async def test_a_stream_that_binance_has_no_more_is_silent(
    sockets: Any, exercised: Exercised, stream: str, name: str, line: int
) -> None:
    async with getattr(sockets, stream)() as socket:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 2)
    exercised.flaw(
        CLIENT, SURFACE, stream, f"asks for `{name}`, a stream that Binance has no more (binance/ws/streams.py:{line})"
    )


async def test_the_user_stream_tells_of_an_order(client: AsyncClient, sockets: Any) -> None:
    async with sockets.user_socket() as socket:
        placed = await client.create_order(**order())
        report = await asyncio.wait_for(socket.recv(), 10)
        assert (report["e"], report["i"], report["x"]) == ("executionReport", placed["orderId"], "NEW")
        assert (await asyncio.wait_for(socket.recv(), 10))["e"] == "outboundAccountPosition"
        await client.cancel_order(**LTC, orderId=placed["orderId"])
        assert (await asyncio.wait_for(socket.recv(), 10))["x"] == "CANCELED"


async def test_its_depth_cache_is_the_book(client: AsyncClient, venue: Venue, exercised: Exercised) -> None:
    async with DepthCacheManager(client, QUIET, limit=100, conv_type=Decimal, ws_interval=100) as cache:
        for price in ("98.5", "98.4", "98.3"):
            venue.bob("BUY", price, "2")
            depth = await asyncio.wait_for(cache.recv(), 10)
        while depth.get_bids() != [[Decimal(each) for each in level] for level in await bids(client)]:
            depth = await asyncio.wait_for(cache.recv(), 10)
        assert depth.get_asks()[0][0] == Decimal(101)
        exercised.note(CLIENT, SURFACE, "DepthCacheManager")
        exercised.flaw(CLIENT, SURFACE, "DepthCacheManager", OVERLAP)


async def bids(client: AsyncClient) -> list[list[str]]:
    found: list[list[str]] = (await client.get_order_book(symbol=QUIET))["bids"]
    return found
