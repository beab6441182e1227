"""binance-sdk-spot's market streams: every stream that it has."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from binance_sdk_spot.spot import ConfigurationWebSocketStreams, Spot
from binance_sdk_spot.websocket_streams import SpotWebSocketStreams

from tests.clients.conftest import QUIET, Venue
from tests.clients.exercised import Exercised

CLIENT, SURFACE = "binance-sdk-spot", "streams"
OF_NO_STREAM = {"ping_server", "subscribe", "unsubscribe", "on", "close_connection"}
RETIRED = {"user_data"}
"""Listen keys, which Binance retired on 2026-02-20: user data comes over the WebSocket API."""

BTC = {"symbol": "btcusdt"}
STREAMS: dict[str, dict[str, Any]] = {
    "agg_trade": BTC,
    "trade": BTC,
    "block_trade": {"symbol": QUIET.lower()},
    "kline": BTC | {"interval": "1s"},
    "kline_offset": BTC | {"interval": "1m"},
    "mini_ticker": BTC,
    "all_mini_ticker": {},
    "ticker": BTC,
    "rolling_window_ticker": BTC | {"window_size": "1h"},
    "all_market_rolling_window_ticker": {"window_size": "1h"},
    "book_ticker": BTC,
    "avg_price": BTC,
    "partial_book_depth": BTC | {"levels": "5"},
    "diff_book_depth": BTC | {"update_speed": "100ms"},
    "reference_price": BTC,
}


@pytest.fixture(scope="module")
async def streams(venue: Venue, exercised: Exercised) -> AsyncIterator[Any]:
    spot = Spot(config_ws_streams=ConfigurationWebSocketStreams(stream_url=venue.ws + "/stream"))
    connection = await spot.websocket_streams.create_connection()
    yield exercised.watch(CLIENT, SURFACE, connection)
    await connection.close_connection(close_session=True)


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_stream_is_heard(venue: Venue, streams: Any, stream: str) -> None:
    heard: asyncio.Queue[Any] = asyncio.Queue()
    handle = await getattr(streams, stream)(**STREAMS[stream])
    handle.on("message", heard.put_nowait)
    if stream == "block_trade":
        await streams.list_subscribe()
        venue.control(f"/symbols/{QUIET}/block-trades", {"price": "100", "quantity": "500"})
    event = await asyncio.wait_for(heard.get(), 30)
    content = event.to_dict() if hasattr(event, "to_dict") else event
    print(content)
    assert content
    await handle.unsubscribe()


def test_each_stream_is_exercised(exercised: Exercised) -> None:
    methods = {name for name in vars(SpotWebSocketStreams) if not name.startswith("_")}
    assert methods - OF_NO_STREAM - RETIRED == exercised.methods(CLIENT, SURFACE)
