"""Symbols through the control endpoints, as traders find them."""

import asyncio

import pytest

import pitwire
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

NEW = {"base": "DOGE", "quote": "USDT", "tick_size": 0.00001, "step_size": "1", "min_notional": 1}
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": "1", "price": "100"}


async def test_a_symbol_is_listed_and_traded(operator):
    listed = await operator.ask("POST", "/symbols", NEW)
    assert (listed["symbol"], listed["status"]) == ("DOGEUSDT", "TRADING")
    assert listed["filters"][0]["tickSize"] == "0.00001000"
    async with pitwire.connect(operator.exchange.ws_url, key=DEVELOPMENT_KEYS[0].signing_key()) as client:
        order = {**ORDER, "symbol": "DOGEUSDT", "price": "0.5", "quantity": "100"}
        assert (await client.order_place(**order)).status == "NEW"
    assert await operator.ask("GET", "/symbols/DOGEUSDT") == listed
    assert [each["symbol"] for each in await operator.ask("GET", "/symbols")][-1] == "DOGEUSDT"


async def test_a_halt_keeps_orders_out_and_an_end_of_it_lets_them_in(operator):
    async with pitwire.connect(operator.exchange.ws_url, key=DEVELOPMENT_KEYS[0].signing_key()) as client:
        assert (await operator.ask("PATCH", "/symbols/BTCUSDT", {"status": "HALT"}))["status"] == "HALT"
        with pytest.raises(pitwire.OrderRejected, match="Market is closed"):
            await client.order_place(**ORDER)
        await operator.ask("PATCH", "/symbols/BTCUSDT", {"status": "TRADING"})
        assert (await client.order_place(**ORDER)).status == "NEW"


async def test_filters_are_replaced_added_and_taken_away_by_their_type(operator):
    limit = {"type": "MAX_POSITION", "max_position": "10"}
    before = (await operator.ask("GET", "/symbols/BTCUSDT"))["filters"]
    after = (await operator.ask("PATCH", "/symbols/BTCUSDT", {"filters": [limit]}))["filters"]
    assert after == [*before, {"filterType": "MAX_POSITION", "maxPosition": "10.00000000"}]
    removed = await operator.ask("PATCH", "/symbols/BTCUSDT", {"without_filters": ["MAX_POSITION"]})
    assert removed["filters"] == before
    tick = {"type": "PRICE_FILTER", "min_price": "0.1", "max_price": "1000", "tick_size": 0.1}
    changed = (await operator.ask("PATCH", "/symbols/BTCUSDT", {"filters": [tick]}))["filters"]
    assert changed[0]["tickSize"] == "0.10000000"
    assert changed[1:] == before[1:]


async def test_changes_at_once_are_all_kept(operator):
    changes = [{"status": "HALT"}, {"order_types": ["LIMIT"]}, {"iceberg_allowed": False}]
    await asyncio.gather(*(operator.ask("PATCH", "/symbols/BTCUSDT", change) for change in changes))
    changed = await operator.ask("GET", "/symbols/BTCUSDT")
    assert (changed["status"], changed["orderTypes"], changed["icebergAllowed"]) == ("HALT", ["LIMIT"], False)


async def test_permissions_and_kinds_of_orders(operator):
    change = {"permission_sets": [["TRD_GRP_004"]], "order_types": ["LIMIT"], "iceberg_allowed": False}
    changed = await operator.ask("PATCH", "/symbols/BTCUSDT", change)
    assert (changed["permissionSets"], changed["orderTypes"], changed["icebergAllowed"]) == (
        [["TRD_GRP_004"]],
        ["LIMIT"],
        False,
    )
    replaced = await operator.ask("PUT", "/symbols/BTCUSDT", {**NEW, "base": "BTC"})
    assert replaced["permissionSets"] == [["SPOT"]]


async def test_an_external_reference_price_is_set_and_withdrawn(operator):
    terms = {**NEW, "reference_price": {"external_calculation_id": 42}}
    await operator.ask("POST", "/symbols", terms)
    path = "/symbols/DOGEUSDT/reference-price"
    assert (await operator.ask("PUT", path, {"price": "0.5"}))["referencePrice"] == "0.50000000"
    assert (await operator.ask("PUT", path, {"price": None}))["referencePrice"] is None
    status, error = await operator.refused("PUT", "/symbols/BTCUSDT/reference-price", {"price": 1})
    assert (status, error) == (409, "BTCUSDT: the reference price is not calculated outside")


async def test_a_block_trade_becomes_public(operator):
    trade = {"price": "60000", "quantity": "100"}
    assert await operator.ask("POST", "/symbols/BTCUSDT/block-trades", trade) == {
        "id": 1,
        "symbol": "BTCUSDT",
        "price": "60000.00000000",
        "qty": "100.00000000",
    }
    public = await operator.client.get("/api/v3/historicalBlockTrades?symbol=BTCUSDT&fromId=1")
    assert [each["qty"] for each in public.json()] == ["100.00000000"]


async def test_open_orders_are_taken_out_of_a_market(operator):
    async with (
        pitwire.connect(operator.exchange.ws_url, key=DEVELOPMENT_KEYS[0].signing_key()) as client,
        client.user_data() as events,
    ):
        placed = await client.order_place(**ORDER)
        assert (await operator.refused("POST", "/symbols/BTCUSDT/expire-orders", {"account": 2}))[0] == 409
        assert await operator.ask("POST", "/symbols/BTCUSDT/expire-orders", {}) == {"symbol": "BTCUSDT", "expired": 1}
        async for event in events:
            if isinstance(event, pitwire.ExecutionReport) and event.execution_type == "EXPIRED":
                break
        assert (event.order_id, event.expiry_reason) == (placed.order_id, "EXCHANGE_CANCELED")


async def test_filters_of_the_whole_exchange(operator):
    rules = [{"type": "EXCHANGE_MAX_NUM_ORDERS", "max_num_orders": 7}]
    assert await operator.ask("PUT", "/exchange-filters", rules) == [
        {"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 7}
    ]
    assert await operator.ask("PUT", "/exchange-filters", []) == []


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "sentence"),
    [
        ("GET", "/symbols/ABC", None, 404, "there is no symbol ABC; known: BTCUSDT, ETHUSDT"),
        ("PATCH", "/symbols/ABC", {"status": "HALT"}, 404, "there is no symbol ABC"),
        ("PATCH", "/symbols/BTCUSDT", {"status": "OPEN"}, 400, "status: Invalid enum value 'OPEN'"),
        ("PATCH", "/symbols/BTCUSDT", {"filters": [{"type": "ODD"}]}, 400, "type 'ODD' is none of PRICE_FILTER"),
        ("PATCH", "/symbols/BTCUSDT", {"without_filters": ["ODD"]}, 404, "BTCUSDT has no filter ODD; it has PRICE_"),
        ("PATCH", "/symbols/BTCUSDT", {"permission_sets": [[]]}, 400, "a set is empty"),
        ("PUT", "/symbols/BTCUSDT", NEW, 400, "base and quote make DOGEUSDT, not BTCUSDT"),
        ("POST", "/symbols", {**NEW, "base": "BTC"}, 409, "BTCUSDT is listed already"),
        ("POST", "/symbols", {**NEW, "base": "btc"}, 400, "base 'btc' is not 1 to 10 capital letters"),
        ("POST", "/symbols", {**NEW, "tick_size": 0}, 400, "tick_size 0 is not a positive number"),
        ("POST", "/symbols/BTCUSDT/block-trades", {"price": "0", "quantity": "1"}, 409, "BTCUSDT"),
        ("POST", "/symbols/ABC/expire-orders", {}, 404, "there is no symbol ABC"),
        ("POST", "/symbols/BTCUSDT/expire-orders", {"account": 99}, 404, "there is no account 99; known: "),
        ("POST", "/symbols/BTCUSDT/expire-orders", {}, 409, "nobody has open orders in BTCUSDT"),
        ("PUT", "/exchange-filters", [{"type": "LOT_SIZE"}], 400, "type 'LOT_SIZE' is none of EXCHANGE_MAX"),
    ],
)
async def test_what_is_refused_names_the_value_and_the_remedy(operator, verb, path, body, status, sentence):
    before = await operator.ask("GET", "/symbols")
    answered, error = await operator.refused(verb, path, body)
    assert answered == status, error
    assert sentence in error
    assert await operator.ask("GET", "/symbols") == before
