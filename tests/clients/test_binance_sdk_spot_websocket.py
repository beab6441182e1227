"""binance-sdk-spot over the WebSocket API: every method that it has, with signatures and in a logged-on session."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from binance_sdk_spot.spot import ConfigurationWebSocketAPI, Spot
from binance_sdk_spot.websocket_api import SpotWebSocketAPI

from tests.clients.conftest import QUIET, Keys, Venue
from tests.clients.exercised import Exercised
from tests.clients.test_binance_sdk_spot_rest import BTC, LTC, ORDERS, PAIR, PENDING, WORKING, order

CLIENT, SURFACE = "binance-sdk-spot", "WebSocket API"
NO_DICT = (
    "the result is right, but its `to_dict()` fails: it asks the numbers of a kline for theirs"
    " (binance_sdk_spot/websocket_api/models/{}_response.py:99)"
)
NO_RAISE = "a refusal is not raised: it is returned as a dict in place of the result (binance_common/websocket.py:318)"
OF_NO_METHOD = {"send_message", "send_signed_message", "ping_server", "close_connection"}

MARKET: dict[str, dict[str, Any]] = {
    "ping": {},
    "time": {},
    "exchange_info": {"symbols": ["BTCUSDT", "ETHUSDT"]},
    "execution_rules": LTC,
    "depth": BTC | {"limit": 5},
    "trades_recent": BTC | {"limit": 3},
    "trades_historical": BTC | {"limit": 3},
    "block_trades_historical": LTC | {"from_id": 1},
    "trades_aggregate": BTC | {"limit": 3},
    "klines": BTC | {"interval": "1m", "limit": 3, "time_zone": "+02:00"},
    "ui_klines": BTC | {"interval": "1m", "limit": 3},
    "avg_price": BTC,
    "ticker24hr": BTC,
    "ticker": BTC | {"window_size": "1h"},
    "ticker_trading_day": BTC,
    "ticker_price": BTC,
    "ticker_book": BTC,
    "reference_price": LTC,
    "reference_price_calculation": BTC,
}
ACCOUNT: dict[str, dict[str, Any]] = {
    "account_status": {"omit_zero_balances": True},
    "account_commission": BTC,
    "account_rate_limits_orders": {},
    "my_filters": BTC,
    "my_prevented_matches": LTC | {"order_id": 1},
    "my_allocations": BTC,
    "all_order_lists": {"limit": 5},
    "open_order_lists_status": {},
    "all_orders": LTC,
    "my_trades": LTC,
    "open_orders_status": LTC,
}


@pytest.fixture(params=["HMAC", "RSA", "ED25519", "ED25519 logged on"], scope="module")
async def api(
    request: pytest.FixtureRequest, venue: Venue, exchange_url: str, keys: Keys, exercised: Exercised
) -> AsyncIterator[Any]:
    kind, _, logged_on = request.param.partition(" ")
    key = keys["alice", kind]
    secret = {"api_secret": key["secretKey"]} if kind == "HMAC" else {"private_key": key["privateKeyPem"]}
    venue.control(f"/symbols/{QUIET}/block-trades", {"price": "100", "quantity": "500"})
    spot = Spot(config_ws_api=ConfigurationWebSocketAPI(api_key=key["apiKey"], stream_url=exchange_url, **secret))
    connection = await spot.websocket_api.create_connection()
    watched = exercised.watch(CLIENT, SURFACE, connection)
    if logged_on:
        assert (await watched.session_logon()).data().result.api_key == key["apiKey"]
    yield watched
    await connection.close_connection(close_session=True)


async def ask(api: Any, method: str, **params: Any) -> Any:
    """The result, as plain JSON again."""
    found = (await getattr(api, method)(**params)).data()
    if method in ("klines", "ui_klines"):
        return found.result  # see NO_DICT
    content = found.to_dict() if hasattr(found, "to_dict") else found
    return content.get("result", content) if isinstance(content, dict) else content


@pytest.mark.parametrize("method", MARKET)
async def test_what_everybody_may_ask_is_answered(api: Any, exercised: Exercised, method: str) -> None:
    result = await ask(api, method, **MARKET[method])
    if method in ("klines", "ui_klines"):
        exercised.flaw(CLIENT, SURFACE, method, NO_DICT.format(method.replace("uiK", "ui_k")))
        assert [len(kline) for kline in result] == [12] * len(result)
    assert result or method == "ping"
    if isinstance(result, dict) and "symbol" in result:
        assert result["symbol"] == MARKET[method]["symbol"]


@pytest.mark.parametrize("method", ACCOUNT)
async def test_what_an_account_may_ask_is_answered(api: Any, method: str) -> None:
    await ask(api, method, **ACCOUNT[method])


@pytest.mark.parametrize("kind", ORDERS)
async def test_an_order_of_each_type_is_tried_placed_found_and_canceled(api: Any, kind: str) -> None:
    wanted = order(type=kind, **ORDERS[kind])
    await ask(api, "order_test", **wanted)
    placed = await ask(api, "order_place", **wanted, new_order_resp_type="RESULT")
    found = await ask(api, "order_status", **LTC, order_id=placed["orderId"])
    assert (found["type"], found["status"]) == (kind, "FILLED" if kind == "MARKET" else "NEW")
    if kind == "MARKET":
        assert placed["orderId"] in [each["orderId"] for each in await ask(api, "my_trades", **LTC)]
    else:
        assert placed["orderId"] in [each["orderId"] for each in await ask(api, "open_orders_status", **LTC)]
        canceled = await ask(api, "order_cancel", **LTC, order_id=placed["orderId"])
        assert canceled["status"] == "CANCELED"
    assert placed["orderId"] in [each["orderId"] for each in await ask(api, "all_orders", **LTC)]


async def test_an_order_is_amended_and_replaced_and_all_are_canceled(api: Any) -> None:
    placed = await ask(api, "order_place", **order(quantity=2.0))
    amended = await ask(api, "order_amend_keep_priority", **LTC, order_id=placed["orderId"], new_qty=1.5)
    assert amended["amendedOrder"]["qty"] == "1.50000000"
    amendments = await ask(api, "order_amendments", **LTC, order_id=placed["orderId"])
    assert [each["newQty"] for each in amendments] == ["1.50000000"]
    replacement = order(price=91.0) | {"cancel_replace_mode": "STOP_ON_FAILURE", "cancel_order_id": placed["orderId"]}
    replaced = await ask(api, "order_cancel_replace", **replacement)
    assert (replaced["cancelResult"], replaced["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    canceled = await ask(api, "open_orders_cancel_all", **LTC)
    assert [each["orderId"] for each in canceled] == [replaced["newOrderResponse"]["orderId"]]


LISTS: dict[str, dict[str, Any]] = {
    "order_list_place": {"side": "SELL", "quantity": 1.0, "price": 120.0, "stop_price": 80.0},
    "order_list_place_oco": {"side": "SELL", "quantity": 1.0, "above_type": "LIMIT_MAKER", "above_price": 120.0}
    | {"below_type": "STOP_LOSS", "below_stop_price": 80.0},
    "order_list_place_oto": WORKING | PENDING | {"pending_quantity": 1.0},
    "order_list_place_otoco": WORKING | PAIR | {"pending_quantity": 1.0},
    "order_list_place_opo": WORKING | PENDING,
    "order_list_place_opoco": WORKING | PAIR,
}


@pytest.mark.parametrize("kind", LISTS)
async def test_an_order_list_of_each_kind_is_placed_found_and_canceled(api: Any, kind: str) -> None:
    placed = await ask(api, kind, **LTC, **LISTS[kind])
    order_list = {"order_list_id": placed["orderListId"]}
    assert (await ask(api, "order_list_status", **order_list))["listOrderStatus"] == "EXECUTING"
    assert placed["orderListId"] in [each["orderListId"] for each in await ask(api, "open_order_lists_status")]
    assert (await ask(api, "order_list_cancel", **LTC, **order_list))["listOrderStatus"] == "ALL_DONE"
    assert placed["orderListId"] in [each["orderListId"] for each in await ask(api, "all_order_lists")]


async def test_a_routed_order_is_tried_and_filled(api: Any) -> None:
    wanted = {**BTC, "side": "BUY", "type": "MARKET", "quantity": 0.001}
    await ask(api, "sor_order_test", **wanted)
    routed = await ask(api, "sor_order_place", **wanted)
    routed = routed[0] if isinstance(routed, list) else routed
    assert (routed["status"], routed["usedSor"]) == ("FILLED", True)


async def test_user_data_is_subscribed_to_and_heard(api: Any) -> None:
    heard: asyncio.Queue[Any] = asyncio.Queue()
    if (await ask(api, "session_status")).get("apiKey"):
        subscription = await api.user_data_stream_subscribe()
    else:
        subscription = await api.user_data_stream_subscribe_signature()
    subscription.stream.on("message", heard.put_nowait)
    assert len(await ask(api, "session_subscriptions")) == 1
    placed = await ask(api, "order_place", **order())
    report = (await asyncio.wait_for(heard.get(), 10)).actual_instance
    assert (type(report).__name__, report.i, report.p) == ("ExecutionReport", placed["orderId"], "90.00000000")
    position = (await asyncio.wait_for(heard.get(), 10)).actual_instance
    assert type(position).__name__ == "OutboundAccountPosition"
    await ask(api, "order_cancel", **LTC, order_id=placed["orderId"])
    await ask(api, "user_data_stream_unsubscribe")
    assert await ask(api, "session_subscriptions") in ([], {}, None)


async def test_a_refusal_has_binances_code(api: Any, exercised: Exercised) -> None:
    refused = (await api.order_place(**order(price=90.001))).data()
    assert refused["error"] == {"code": -1013, "msg": "Filter failure: PRICE_FILTER"}
    exercised.flaw(CLIENT, SURFACE, "order_place", NO_RAISE)


async def test_a_session_is_logged_out_and_has_no_key_then(api: Any) -> None:
    await ask(api, "session_logout")
    assert (await ask(api, "session_status")).get("apiKey") is None


def test_each_method_is_exercised(exercised: Exercised) -> None:
    methods = {name for name in vars(SpotWebSocketAPI) if not name.startswith("_")}
    assert methods - OF_NO_METHOD == exercised.methods(CLIENT, SURFACE)
