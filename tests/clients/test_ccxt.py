"""ccxt: its REST interface, and the WebSocket interface of ccxt.pro, unmodified but for URLs and keys."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
import pytest

from tests.clients.conftest import Keys, Venue
from tests.clients.exercised import Exercised

CLIENT, REST, PRO = "ccxt", "REST", "pro"
BTC, LTC = "BTC/USDT", "LTC/USDT"
SPOT = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}}


def local(exchange: Any, venue: Venue) -> Any:
    """The same, with this exchange's URLs in place of Binance's."""
    urls = exchange.urls["api"]
    for name, url in urls.items():
        if isinstance(url, str):
            urls[name] = url.replace("https://api.binance.com", venue.http)
    if "ws" in urls:
        urls["ws"]["spot"] = venue.ws + "/ws"
        urls["ws"]["ws-api"]["spot"] = venue.ws + "/ws-api/v3"
    return exchange


def made(kind: Any, venue: Venue, key: dict[str, str]) -> Any:
    return local(
        kind({"apiKey": key["apiKey"], "secret": key.get("secretKey") or key["privateKeyPem"], "options": SPOT}), venue
    )


@pytest.fixture(params=["HMAC", "RSA", "ED25519"], scope="module")
async def rest(request: pytest.FixtureRequest, venue: Venue, keys: Keys, exercised: Exercised) -> AsyncIterator[Any]:
    exchange = made(ccxt.async_support.binance, venue, keys["alice", request.param])
    watched = exercised.watch(CLIENT, REST, exchange)
    markets = await watched.load_markets()
    assert {BTC, LTC} <= set(markets)
    yield watched
    await exchange.close()


QUERIES: dict[str, tuple[Any, ...]] = {
    "fetch_time": (),
    "fetch_status": (),
    "fetch_markets": (),
    "fetch_currencies": (),
    "fetch_ticker": (BTC,),
    "fetch_tickers": ([BTC, "ETH/USDT"],),
    "fetch_bids_asks": ([BTC],),
    "fetch_last_prices": ([BTC],),
    "fetch_order_book": (BTC, 5),
    "fetch_trades": (BTC, None, 5),
    "fetch_ohlcv": (BTC, "1m", None, 5),
    "fetch_balance": (),
    "fetch_trading_fee": (BTC,),
    "fetch_trading_fees": (),
    "fetch_my_trades": (LTC,),
    "fetch_orders": (LTC,),
    "fetch_open_orders": (LTC,),
    "fetch_closed_orders": (LTC,),
    "fetch_canceled_orders": (LTC,),
    "fetch_canceled_and_closed_orders": (LTC,),
    "fetch_l2_order_book": (BTC,),
}
MAY_BE_EMPTY = {"fetch_my_trades", "fetch_orders", "fetch_open_orders", "fetch_closed_orders"} | {
    "fetch_canceled_orders",
    "fetch_canceled_and_closed_orders",
}


@pytest.mark.parametrize("method", QUERIES)
async def test_a_query_is_answered(rest: Any, method: str) -> None:
    answer = await getattr(rest, method)(*QUERIES[method])
    assert answer or method in MAY_BE_EMPTY
    if method in ("fetch_ticker", "fetch_order_book"):
        assert answer["symbol"] == BTC
    if method == "fetch_balance":
        assert answer["BTC"]["total"] == answer["BTC"]["free"] + answer["BTC"]["used"] > 0


ORDERS: dict[str, tuple[str, float | None, dict[str, Any]]] = {
    "LIMIT": ("limit", 90, {}),
    "LIMIT_MAKER": ("limit", 90, {"postOnly": True}),
    "MARKET": ("market", None, {}),
    "STOP_LOSS": ("market", None, {"stopLossPrice": 110}),
    "STOP_LOSS_LIMIT": ("limit", 111, {"stopLossPrice": 110}),
    "TAKE_PROFIT": ("market", None, {"takeProfitPrice": 95}),
    "TAKE_PROFIT_LIMIT": ("limit", 90, {"takeProfitPrice": 95}),
}


@pytest.mark.parametrize("kind", ORDERS)
async def test_an_order_of_each_type_is_placed_found_and_canceled(rest: Any, kind: str) -> None:
    type_, price, params = ORDERS[kind]
    assert await rest.create_order(LTC, type_, "buy", 1, price, {**params, "test": True}) is not None
    placed = await rest.create_order(LTC, type_, "buy", 1, price, params)
    found = await rest.fetch_order(placed["id"], LTC)
    assert (found["info"]["type"], found["status"]) == (kind, "closed" if kind == "MARKET" else "open")
    if kind == "MARKET":
        [trade] = await rest.fetch_order_trades(placed["id"], LTC)
        assert (trade["amount"], trade["price"]) == (1, 101)
        assert placed["id"] in [each["order"] for each in await rest.fetch_my_trades(LTC)]
    else:
        assert placed["id"] in [each["id"] for each in await rest.fetch_open_orders(LTC)]
        assert (await rest.cancel_order(placed["id"], LTC))["status"] == "canceled"


async def test_an_order_is_edited_and_all_are_canceled(rest: Any) -> None:
    placed = await rest.create_limit_buy_order(LTC, 1, 90)
    edited = await rest.edit_order(placed["id"], LTC, "limit", "buy", 2, 91)
    assert (edited["price"], edited["amount"]) == (91, 2)
    await rest.create_limit_sell_order(LTC, 1, 120)
    assert len(await rest.cancel_all_orders(LTC)) == 2


async def test_market_orders_have_short_forms(rest: Any) -> None:
    assert (await rest.create_market_buy_order(LTC, 1))["status"] == "closed"
    assert (await rest.create_market_sell_order(LTC, 1))["status"] == "closed"
    assert (await rest.create_market_order_with_cost(LTC, "buy", 101))["cost"] == 101
    assert (await rest.create_market_buy_order_with_cost(LTC, 101))["filled"] == 1
    assert (await rest.create_market_sell_order_with_cost(LTC, 99))["cost"] == 99


async def test_a_refusal_is_its_own_exception(rest: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds):
        await rest.create_limit_sell_order(LTC, 8_000, 120)
    with pytest.raises(ccxt.OrderNotFound):
        await rest.fetch_order("999999999", LTC)


@pytest.fixture(params=["HMAC", "RSA", "ED25519"], scope="module")
async def pro(request: pytest.FixtureRequest, venue: Venue, keys: Keys, exercised: Exercised) -> AsyncIterator[Any]:
    exchange = made(ccxt.pro.binance, venue, keys["alice", request.param])
    await exchange.load_markets()
    yield exercised.watch(CLIENT, PRO, exchange)
    await exchange.close()


WATCHED: dict[str, tuple[Any, ...]] = {
    "watch_ticker": (BTC,),
    "watch_tickers": ([BTC],),
    "watch_bids_asks": ([BTC],),
    "watch_trades": (BTC,),
    "watch_trades_for_symbols": ([BTC, "ETH/USDT"],),
    "watch_order_book": (BTC,),
    "watch_order_book_for_symbols": ([BTC, "ETH/USDT"],),
    "watch_ohlcv": (BTC, "1m"),
    "watch_ohlcv_for_symbols": ([[BTC, "1m"]],),
}


@pytest.mark.parametrize("method", WATCHED)
async def test_the_market_is_watched(pro: Any, method: str) -> None:
    for _ in range(3):
        assert await asyncio.wait_for(getattr(pro, method)(*WATCHED[method]), 30)


UNWATCHED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "un_watch_ticker": ("watch_ticker", ("ETH/USDT",)),
    "un_watch_tickers": ("watch_tickers", (["BNB/USDT"],)),
    "un_watch_trades": ("watch_trades", ("BNB/USDT",)),
    "un_watch_order_book": ("watch_order_book", ("BNB/USDT",)),
    "un_watch_ohlcv": ("watch_ohlcv", ("BNB/USDT", "1m")),
}


@pytest.mark.parametrize("method", UNWATCHED)
async def test_the_market_is_watched_no_more(pro: Any, method: str) -> None:
    watch, arguments = UNWATCHED[method]
    await asyncio.wait_for(getattr(pro, watch)(*arguments), 30)
    assert await asyncio.wait_for(getattr(pro, method)(*arguments), 30) is not None


async def test_a_watched_book_is_the_book(pro: Any, venue: Venue) -> None:
    book = await asyncio.wait_for(pro.watch_order_book(LTC), 30)
    for price in ("98.7", "98.6"):
        venue.bob("BUY", price, "3")
    snapshot = await pro.fetch_order_book(LTC)
    while book["bids"][:5] != snapshot["bids"][:5]:
        book = await asyncio.wait_for(pro.watch_order_book(LTC), 30)
        snapshot = await pro.fetch_order_book(LTC)
    assert book["asks"][0][0] == 101


ASKED: dict[str, tuple[Any, ...]] = {
    "fetch_ohlcv_ws": (BTC, "1m"),
    "fetch_trades_ws": (BTC,),
    "fetch_balance_ws": (),
    "fetch_orders_ws": (LTC,),
    "fetch_open_orders_ws": (LTC,),
    "fetch_closed_orders_ws": (LTC,),
    "fetch_my_trades_ws": (LTC,),
}


@pytest.mark.parametrize("method", ASKED)
async def test_a_query_is_answered_over_the_websocket_api(pro: Any, method: str) -> None:
    assert await asyncio.wait_for(getattr(pro, method)(*ASKED[method]), 30) is not None


async def test_orders_are_placed_edited_found_and_canceled_over_the_websocket_api(pro: Any) -> None:
    placed = await pro.create_order_ws(LTC, "limit", "buy", 1, 90)
    edited = await pro.edit_order_ws(placed["id"], LTC, "limit", "buy", 2, 91)
    assert (edited["price"], edited["amount"]) == (91, 2)
    assert (await pro.fetch_order_ws(edited["id"], LTC))["status"] == "open"
    assert (await pro.cancel_order_ws(edited["id"], LTC))["status"] == "canceled"
    await pro.create_order_ws(LTC, "limit", "buy", 1, 90)
    assert len(await pro.cancel_all_orders_ws(LTC)) == 1


async def test_own_orders_trades_and_balances_are_watched(pro: Any) -> None:
    orders, trades, balances = (
        asyncio.ensure_future(each) for each in (pro.watch_orders(LTC), pro.watch_my_trades(LTC), pro.watch_balance())
    )
    placed = set()
    # It does not say when it has subscribed.
    async with asyncio.timeout(30):
        while not (orders.done() and trades.done() and balances.done()):
            placed.add((await pro.create_order_ws(LTC, "market", "buy", 1))["id"])
            await asyncio.wait([orders, trades, balances], timeout=1)
    assert orders.result()[-1]["id"] in placed
    assert trades.result()[-1]["order"] in placed
    assert balances.result()["LTC"]["total"] > 0
