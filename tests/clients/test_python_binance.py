"""python-binance, unmodified but for the URL, over the WebSocket API."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from binance import AsyncClient
from binance.exceptions import BinanceAPIException

Keys = dict[tuple[str, str], dict[str, str]]


@pytest.fixture(params=["HMAC", "RSA", "ED25519"])
async def client(
    request: pytest.FixtureRequest, exchange_url: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncClient]:
    monkeypatch.setattr(AsyncClient, "WS_API_URL", exchange_url)
    key = keys["alice", request.param]
    secret = {"api_secret": key["secretKey"]} if request.param == "HMAC" else {"private_key": key["privateKeyPem"]}
    client = AsyncClient(key["apiKey"], **secret)
    yield client
    # Its reader notices the end only when the next message comes, or after 10 s: let one come.
    closing = asyncio.ensure_future(client.ws_api.close())
    await asyncio.sleep(0)
    await client.ws_api.ws.send('{"id":"last","method":"ping"}')
    await closing
    await client.close_connection()


async def test_exchange_info_lists_the_symbols(client: AsyncClient) -> None:
    info = await client.ws_get_exchange_info(symbol="BTCUSDT")
    assert [symbol["symbol"] for symbol in info["symbols"]] == ["BTCUSDT"]


async def test_an_order_is_placed_found_and_canceled(client: AsyncClient) -> None:
    placed = await client.ws_create_order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price="20000"
    )
    assert placed["status"] == "NEW"
    found = await client.ws_get_order(symbol="BTCUSDT", orderId=placed["orderId"])
    assert found["clientOrderId"] == placed["clientOrderId"]
    canceled = await client.ws_cancel_order(symbol="BTCUSDT", orderId=placed["orderId"])
    assert (canceled["orderId"], canceled["status"]) == (placed["orderId"], "CANCELED")


async def test_a_refused_order_raises_with_binances_code(client: AsyncClient) -> None:
    with pytest.raises(BinanceAPIException) as refused:
        await client.ws_create_order(
            symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price="20000.001"
        )
    assert refused.value.code == -1013
    assert "PRICE_FILTER" in refused.value.message
