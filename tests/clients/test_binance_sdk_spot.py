"""binance-sdk-spot, Binance's own connector, unmodified but for the URL, over the WebSocket API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from binance_sdk_spot.spot import ConfigurationWebSocketAPI, Spot

Keys = dict[tuple[str, str], dict[str, str]]


@pytest.fixture(params=["HMAC", "RSA", "ED25519"])
async def connection(request: pytest.FixtureRequest, exchange_url: str, keys: Keys) -> AsyncIterator[Any]:
    key = keys["alice", request.param]
    secret = {"api_secret": key["secretKey"]} if request.param == "HMAC" else {"private_key": key["privateKeyPem"]}
    spot = Spot(config_ws_api=ConfigurationWebSocketAPI(api_key=key["apiKey"], stream_url=exchange_url, **secret))
    connection = await spot.websocket_api.create_connection()
    yield connection
    await connection.close_connection(close_session=True)


async def test_exchange_info_lists_the_symbols(connection: Any) -> None:
    info = (await connection.exchange_info(symbols=["BTCUSDT", "ETHUSDT"])).data()
    # Its ExchangeInfoResponse models the result but is given the whole response, whose result it then has no field for
    # (binance_common/websocket.py, send_message).
    symbols = info.additional_properties["result"]["symbols"]
    assert sorted(symbol["symbol"] for symbol in symbols) == ["BTCUSDT", "ETHUSDT"]


async def test_an_order_is_placed_and_canceled(connection: Any) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC"}
    placed = (await connection.order_place(**order, quantity=0.01, price=20000.0)).data().result
    assert placed.status == "NEW"
    canceled = (await connection.order_cancel(symbol="BTCUSDT", order_id=placed.order_id)).data().result
    assert (canceled.order_id, canceled.status) == (placed.order_id, "CANCELED")


async def test_a_logged_on_session_trades_without_further_signatures(
    request: pytest.FixtureRequest, connection: Any
) -> None:
    if "ED25519" not in request.node.name:
        pytest.skip("session.logon takes Ed25519 keys only")
    logon = (await connection.session_logon()).data().result
    assert logon.api_key
    order = {"symbol": "BTCUSDT", "side": "SELL", "type": "LIMIT", "time_in_force": "GTC"}
    placed = (await connection.order_place(**order, quantity=0.01, price=90000.0)).data().result
    assert placed.order_id > 0
    await connection.order_cancel(symbol="BTCUSDT", order_id=placed.order_id)
    await connection.session_logout()
