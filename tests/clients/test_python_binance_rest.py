"""python-binance over REST: every method of its two clients that is for an endpoint of the Spot API."""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from binance import AsyncClient, Client
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

from tests.clients.conftest import QUIET, Keys, Venue
from tests.clients.exercised import Exercised

CLIENT = "python-binance"
SURFACES = {AsyncClient: "REST, AsyncClient", Client: "REST, Client"}
SPOT = re.compile(r'self\._(?:get|post|put|delete)\(\s*"|self\._request_api\(|self\.(?:order_|create_order|create_oco)')
LISTEN_KEYS = {"stream_get_listen_key", "stream_keepalive", "stream_close"} | {
    f"v3_{verb}_user_data_stream" for verb in ("post", "put", "delete")
}
"""Retired by Binance on 2026-02-20."""
NO_SUCH_PATH = {"v3_post_cancel_replace"}

BTC = {"symbol": "BTCUSDT"}
LTC = {"symbol": QUIET}
QUERIES: dict[str, dict[str, Any]] = {
    "ping": {},
    "get_server_time": {},
    "get_exchange_info": {},
    "get_symbol_info": BTC,
    "get_all_tickers": {},
    "get_orderbook_tickers": {},
    "get_order_book": BTC,
    "get_recent_trades": BTC,
    "get_historical_trades": BTC,
    "get_aggregate_trades": BTC,
    "get_klines": BTC | {"interval": "1m"},
    "get_ui_klines": BTC | {"interval": "1m"},
    "get_historical_klines": BTC | {"interval": "1m", "start_str": "1 hour ago UTC"},
    "get_avg_price": BTC,
    "get_ticker": BTC,
    "get_symbol_ticker": BTC,
    "get_symbol_ticker_window": BTC | {"windowSize": "1h"},
    "get_orderbook_ticker": BTC,
    "v3_get_ticker_trading_day": BTC,
    "get_account": {},
    "v3_get_account": {},
    "get_asset_balance": {"asset": "BTC"},
    "v3_get_account_commission": BTC,
    "get_current_order_count": {},
    "v3_get_rate_limit_order": {},
    "get_prevented_matches": LTC | {"orderId": 1},
    "v3_get_my_prevented_matches": LTC | {"orderId": 1},
    "get_allocations": BTC,
    "v3_get_my_allocations": BTC,
    "get_all_orders": LTC,
    "v3_get_all_orders": LTC,
    "get_my_trades": LTC,
    "v3_get_my_trades": LTC,
    "get_open_orders": LTC,
    "v3_get_open_orders": LTC,
    "get_open_oco_orders": {},
    "v3_get_open_order_list": {},
    "v3_get_all_order_list": {},
    "get_system_status": {},
    "get_account_status": {},
    "get_account_api_permissions": {},
    "get_trade_fee": {},
    "get_all_coins_info": {},
    "get_margin_all_pairs": {},
}

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture(
    params=[(kind, key) for kind in (AsyncClient, Client) for key in ("HMAC", "RSA", "ED25519")],
    ids=lambda param: f"{param[0].__name__} {param[1]}",
    scope="module",
)
async def client(request: pytest.FixtureRequest, venue: Venue, keys: Keys, exercised: Exercised) -> AsyncIterator[Any]:
    kind, key_type = request.param
    key = keys["alice", key_type]
    secret = {"api_secret": key["secretKey"]} if key_type == "HMAC" else {"private_key": key["privateKeyPem"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "API_URL", venue.http + "/api")
        patch.setattr(BaseClient, "MARGIN_API_URL", venue.http + "/sapi")
        client = (
            await AsyncClient.create(key["apiKey"], **secret)
            if kind is AsyncClient
            else Client(key["apiKey"], **secret)
        )
        yield exercised.watch(CLIENT, SURFACES[kind], client)
        closed = client.close_connection()
        if inspect.isawaitable(closed):
            await closed


async def ask(client: Any, method: str, **params: Any) -> Any:
    answer = getattr(client, method)(**params)
    return await answer if inspect.isawaitable(answer) else answer


def has(client: Any, method: str) -> bool:
    return hasattr(client, method)


@pytest.mark.parametrize("method", QUERIES)
async def test_a_query_is_answered(client: Any, method: str) -> None:
    if not has(client, method):
        pytest.skip("only the other of the two clients has it")
    answer = await ask(client, method, **QUERIES[method])
    if isinstance(answer, dict) and "symbol" in answer:
        assert answer["symbol"] == QUERIES[method]["symbol"]
    if method in ("get_recent_trades", "get_aggregate_trades", "get_klines", "get_historical_klines"):
        assert answer


NO_PRICE: dict[str, Any] = {"price": None, "timeInForce": None}
ORDERS = {
    "LIMIT": {},
    "LIMIT_MAKER": {"timeInForce": None},
    "MARKET": NO_PRICE,
    "STOP_LOSS": NO_PRICE | {"stopPrice": "110"},
    "STOP_LOSS_LIMIT": {"stopPrice": "110", "price": "111"},
    "TAKE_PROFIT": NO_PRICE | {"stopPrice": "95"},
    "TAKE_PROFIT_LIMIT": {"stopPrice": "95"},
}


def order(**changes: Any) -> dict[str, Any]:
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "90"}
    return {name: value for name, value in {**LTC, **limit, **changes}.items() if value is not None}


V3_ORDER = ("v3_post_order_test", "v3_post_order", "v3_get_order", "v3_delete_order")
OWN_ORDER = ("create_test_order", "create_order", "get_order", "cancel_order")


@pytest.mark.parametrize("methods", [OWN_ORDER, V3_ORDER], ids=["own", "v3"])
@pytest.mark.parametrize("kind", ORDERS)
async def test_an_order_of_each_type_is_tried_placed_found_and_canceled(
    client: Any, methods: tuple[str, ...], kind: str
) -> None:
    if not has(client, methods[0]):
        pytest.skip("only the other of the two clients has it")
    attempt, place, find, cancel = methods
    wanted = order(type=kind, **ORDERS[kind])
    assert await ask(client, attempt, **wanted) == {}
    placed = await ask(client, place, **wanted)
    found = await ask(client, find, **LTC, orderId=placed["orderId"])
    assert (found["type"], found["status"]) == (kind, "FILLED" if kind == "MARKET" else "NEW")
    if kind != "MARKET":
        assert placed["orderId"] in [each["orderId"] for each in await ask(client, "get_open_orders", **LTC)]
        assert (await ask(client, cancel, **LTC, orderId=placed["orderId"]))["status"] == "CANCELED"


async def test_the_short_forms_place_orders(client: Any) -> None:
    for method, price in (("order_limit", "90"), ("order_limit_buy", "90"), ("order_limit_sell", "120")):
        side = {"side": "BUY"} if method == "order_limit" else {}
        placed = await ask(client, method, **LTC, **side, quantity="1", price=price)
        assert (placed["type"], placed["status"], placed["price"]) == ("LIMIT", "NEW", price + ".00000000")
    canceled = await ask(client, "cancel_all_open_orders", **LTC)
    assert len(canceled) == 3
    for method in ("order_market", "order_market_buy", "order_market_sell"):
        side = {"side": "BUY"} if method == "order_market" else {}
        placed = await ask(client, method, **LTC, **side, quantity="1")
        assert (placed["type"], placed["status"]) == ("MARKET", "FILLED")


@pytest.mark.parametrize("method", ["cancel_replace_order", "v3_post_order_cancel_replace"])
async def test_an_order_is_replaced_and_all_are_canceled(client: Any, method: str) -> None:
    if not has(client, method):
        pytest.skip("only the other of the two clients has it")
    placed = await ask(client, "create_order", **order())
    how = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": placed["orderId"]}
    replaced = await ask(client, method, **order(price="91"), **how)
    assert (replaced["cancelResult"], replaced["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    cancel = "cancel_all_open_orders" if method == "cancel_replace_order" else "v3_delete_open_orders"
    canceled = await ask(client, cancel, **LTC)
    assert [each["orderId"] for each in canceled] == [replaced["newOrderResponse"]["orderId"]]


WORKING = {"workingType": "LIMIT", "workingSide": "BUY", "workingPrice": "90", "workingQuantity": "1"}
WORKING |= {"workingTimeInForce": "GTC"}
PENDING = {"pendingType": "LIMIT", "pendingSide": "SELL", "pendingPrice": "120", "pendingTimeInForce": "GTC"}
PAIR = {"pendingSide": "SELL", "pendingAboveType": "LIMIT_MAKER", "pendingAbovePrice": "120"}
PAIR |= {"pendingBelowType": "STOP_LOSS", "pendingBelowStopPrice": "80"}
SIZE = {"pendingQuantity": "1"}
ABOVE_AND_BELOW = {"quantity": "1", "aboveType": "LIMIT_MAKER", "abovePrice": "120"}
ABOVE_AND_BELOW |= {"belowType": "STOP_LOSS", "belowStopPrice": "80"}
STOP_ABOVE = {"quantity": "1", "aboveType": "STOP_LOSS", "aboveStopPrice": "120"}
STOP_ABOVE |= {"belowType": "LIMIT_MAKER", "belowPrice": "80"}
LISTS: dict[str, dict[str, Any]] = {
    "create_oco_order": {"side": "SELL"} | ABOVE_AND_BELOW,
    "order_oco_sell": ABOVE_AND_BELOW,
    "order_oco_buy": STOP_ABOVE,
    "v3_post_order_list_oco": {"side": "SELL"} | ABOVE_AND_BELOW,
    "v3_post_order_list_oto": WORKING | PENDING | SIZE,
    "v3_post_order_list_otoco": WORKING | PAIR | SIZE,
}


@pytest.mark.parametrize("kind", LISTS)
async def test_an_order_list_of_each_kind_is_placed_found_and_canceled(client: Any, kind: str) -> None:
    if not has(client, kind):
        pytest.skip("only the other of the two clients has it")
    placed = await ask(client, kind, **LTC, **LISTS[kind])
    order_list = {"orderListId": placed["orderListId"]}
    assert (await ask(client, "v3_get_order_list", **order_list))["listOrderStatus"] == "EXECUTING"
    assert placed["orderListId"] in [each["orderListId"] for each in await ask(client, "get_open_oco_orders")]
    assert (await ask(client, "v3_delete_order_list", **LTC, **order_list))["listOrderStatus"] == "ALL_DONE"
    assert placed["orderListId"] in [each["orderListId"] for each in await ask(client, "v3_get_all_order_list")]


async def test_a_routed_order_is_tried_and_filled(client: Any) -> None:
    wanted = {**BTC, "side": "BUY", "type": "MARKET", "quantity": "0.001"}
    assert await ask(client, "v3_post_sor_order_test", **wanted) == {}
    routed = await ask(client, "v3_post_sor_order", **wanted)
    assert (routed["status"], routed["usedSor"]) == ("FILLED", True)


async def test_a_refusal_has_binances_code(client: Any) -> None:
    with pytest.raises(BinanceAPIException) as refused:
        await ask(client, "create_order", **order(price="90.001"))
    assert (refused.value.code, refused.value.message) == (-1013, "Filter failure: PRICE_FILTER")


async def test_a_path_that_binance_has_not_is_not_found(client: Any, exercised: Exercised) -> None:
    with pytest.raises(BinanceAPIException) as refused:
        await ask(client, "v3_post_cancel_replace", **order())
    assert refused.value.status_code == 404
    where = {AsyncClient: "async_client.py:5225", Client: "client.py:15783"}[type(client.unwrapped())]
    why = f"asks for `/api/v3/cancelReplace`, a path that Binance has not (binance/{where})"
    exercised.flaw(CLIENT, SURFACES[type(client.unwrapped())], "v3_post_cancel_replace", why)


@pytest.mark.parametrize("kind", [AsyncClient, Client])
def test_each_method_of_a_spot_endpoint_is_exercised(exercised: Exercised, kind: type) -> None:
    methods = {name for name, one in vars(kind).items() if inspect.isfunction(one) and of_the_spot_api(name, one)}
    assert methods - LISTEN_KEYS - NO_SUCH_PATH - exercised.methods(CLIENT, SURFACES[kind]) == set()


def of_the_spot_api(name: str, function: Any) -> bool:
    return name.startswith("v3_") or (name[0] != "_" and bool(SPOT.search(inspect.getsource(function))))
