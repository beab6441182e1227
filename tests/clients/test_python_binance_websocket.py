"""python-binance over the WebSocket API: every `ws_` method that is for the Spot API."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from binance import AsyncClient, Client
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

from tests.clients.conftest import Keys, Venue
from tests.clients.exercised import Exercised
from tests.clients.test_python_binance_rest import (
    ABOVE_AND_BELOW,
    BTC,
    LTC,
    ORDERS,
    PAIR,
    PENDING,
    SIZE,
    WORKING,
    order,
)

CLIENT = "python-binance"
SURFACES = {AsyncClient: "WebSocket API, AsyncClient", Client: "WebSocket API, Client"}
OTHER_APIS = ("ws_futures",)

QUERIES: dict[str, dict[str, Any]] = {
    "ws_ping": {},
    "ws_get_time": {},
    "ws_get_exchange_info": BTC,
    "ws_get_order_book": BTC,
    "ws_get_recent_trades": BTC,
    "ws_get_historical_trades": BTC,
    "ws_get_aggregate_trades": BTC,
    "ws_get_klines": BTC | {"interval": "1m"},
    "ws_get_uiKlines": BTC | {"interval": "1m"},
    "ws_get_avg_price": BTC,
    "ws_get_ticker": BTC,
    "ws_get_trading_day_ticker": BTC,
    "ws_get_symbol_ticker_window": BTC | {"windowSize": "1h"},
    "ws_get_symbol_ticker": BTC,
    "ws_get_orderbook_ticker": BTC,
    "ws_get_account": {},
    "ws_get_account_rate_limits_orders": {},
    "ws_get_commission_rates": BTC,
    "ws_get_prevented_matches": LTC | {"orderId": 1},
    "ws_get_allocations": BTC,
    "ws_get_all_orders": LTC,
    "ws_get_my_trades": LTC,
    "ws_get_open_orders": LTC,
    "ws_get_oco_open_orders": {},
}


class Threaded:
    """The client that blocks, in a thread of its own, where it has its own event loop."""

    def __init__(self, make: Callable[[], Client]) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._client = self._thread.submit(make).result(30)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(**params: Any) -> Any:
            function = functools.partial(getattr(self._client, name), **params)
            return await asyncio.get_running_loop().run_in_executor(self._thread, function)

        return call

    async def end(self) -> None:
        run = self._client.loop.run_until_complete
        await asyncio.get_running_loop().run_in_executor(self._thread, lambda: run(end(self._client)))
        self._client.close_connection()


@pytest.fixture(
    params=[(kind, key) for kind in (AsyncClient, Client) for key in ("HMAC", "RSA", "ED25519")],
    ids=lambda param: f"{param[0].__name__} {param[1]}",
    scope="module",
)
async def client(
    request: pytest.FixtureRequest, venue: Venue, exchange_url: str, keys: Keys, exercised: Exercised
) -> AsyncIterator[Any]:
    kind, key_type = request.param
    key = keys["alice", key_type]
    secret = {"api_secret": key["secretKey"]} if key_type == "HMAC" else {"private_key": key["privateKeyPem"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "WS_API_URL", exchange_url)
        patch.setattr(BaseClient, "API_URL", venue.http + "/api")
        if kind is Client:
            client = Threaded(lambda: Client(key["apiKey"], **secret))
            watched = exercised.watch(CLIENT, SURFACES[kind], client)
            yield watched
            await client.end()
        else:
            client = AsyncClient(key["apiKey"], **secret)
            yield exercised.watch(CLIENT, SURFACES[kind], client)
            await close(client)


async def close(client: AsyncClient) -> None:
    await end(client)
    await client.close_connection()


async def end(client: AsyncClient | Client) -> None:
    # Its reader notices the end only when the next message comes, or after 10 s: let one come.
    closing = asyncio.ensure_future(client.ws_api.close())
    await asyncio.sleep(0)
    await client.ws_api.ws.send('{"id":"last","method":"ping"}')
    await closing


@pytest.mark.parametrize("method", QUERIES)
async def test_a_query_is_answered(client: Any, method: str) -> None:
    answer = await getattr(client, method)(**QUERIES[method])
    if isinstance(answer, dict) and "symbol" in answer:
        assert answer["symbol"] == QUERIES[method]["symbol"]


@pytest.mark.parametrize("kind", ORDERS)
async def test_an_order_of_each_type_is_tried_placed_found_and_canceled(client: Any, kind: str) -> None:
    wanted = order(type=kind, **ORDERS[kind])
    assert await client.ws_create_test_order(**wanted) == {}
    placed = await client.ws_create_order(**wanted)
    found = await client.ws_get_order(**LTC, orderId=placed["orderId"])
    assert (found["type"], found["status"]) == (kind, "FILLED" if kind == "MARKET" else "NEW")
    if kind != "MARKET":
        canceled = await client.ws_cancel_order(**LTC, orderId=placed["orderId"])
        assert (canceled["orderId"], canceled["status"]) == (placed["orderId"], "CANCELED")


async def test_the_short_forms_place_orders(client: Any) -> None:
    for method, price in (("ws_order_limit", "90"), ("ws_order_limit_buy", "90"), ("ws_order_limit_sell", "120")):
        side = {"side": "BUY"} if method == "ws_order_limit" else {}
        placed = await getattr(client, method)(**LTC, **side, quantity="1", price=price)
        assert (placed["type"], placed["status"], placed["price"]) == ("LIMIT", "NEW", price + ".00000000")
    assert len(await client.ws_cancel_all_open_orders(**LTC)) == 3
    for method in ("ws_order_market", "ws_order_market_buy", "ws_order_market_sell"):
        side = {"side": "BUY"} if method == "ws_order_market" else {}
        placed = await getattr(client, method)(**LTC, **side, quantity="1")
        assert (placed["type"], placed["status"]) == ("MARKET", "FILLED")


async def test_an_order_is_replaced(client: Any) -> None:
    placed = await client.ws_create_order(**order())
    how = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": placed["orderId"]}
    replaced = await client.ws_cancel_and_replace_order(**order(price="91"), **how)
    assert (replaced["cancelResult"], replaced["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    await client.ws_cancel_all_open_orders(**LTC)


LISTS: dict[str, dict[str, Any]] = {
    "ws_create_oco_order": {"side": "SELL"} | ABOVE_AND_BELOW,
    "ws_create_oto_order": WORKING | PENDING | SIZE,
    "ws_create_otoco_order": WORKING | PAIR | SIZE,
}


@pytest.mark.parametrize("kind", LISTS)
async def test_an_order_list_of_each_kind_is_placed_found_and_canceled(client: Any, kind: str) -> None:
    placed = await getattr(client, kind)(**LTC, **LISTS[kind])
    order_list = {"orderListId": placed["orderListId"]}
    assert (await client.ws_get_oco_order(**order_list))["listOrderStatus"] == "EXECUTING"
    assert placed["orderListId"] in [each["orderListId"] for each in await client.ws_get_oco_open_orders()]
    assert (await client.ws_cancel_oco_order(**LTC, **order_list))["listOrderStatus"] == "ALL_DONE"


async def test_a_routed_order_is_tried_and_filled(client: Any) -> None:
    wanted = {**BTC, "side": "BUY", "type": "MARKET", "quantity": "0.001"}
    assert await client.ws_create_test_sor_order(**wanted) == {}
    [routed] = await client.ws_create_sor_order(**wanted)
    assert (routed["status"], routed["usedSor"]) == ("FILLED", True)


async def test_a_refusal_has_binances_code(client: Any) -> None:
    with pytest.raises(BinanceAPIException) as refused:
        await client.ws_create_order(**order(price="90.001"))
    assert (refused.value.code, refused.value.message) == (-1013, "Filter failure: PRICE_FILTER")


@pytest.mark.parametrize("kind", [AsyncClient, Client])
def test_each_method_is_exercised(exercised: Exercised, kind: type) -> None:
    methods = {
        name
        for name, one in vars(kind).items()
        if name.startswith("ws_") and inspect.isfunction(one) and not name.startswith(OTHER_APIS)
    }
    assert methods == exercised.methods(CLIENT, SURFACES[kind])
