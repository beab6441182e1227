"""The rules of symbols, accounts and the exchange, as they are asked for and as they refuse, over the wire."""

from typing import Any

import msgspec
import pytest

from pitwire.exchange.messages import ListSymbol, SetAccountRules, SetExchangeFilters
from pitwire.market.enums import OrderType, SymbolStatus
from pitwire.market.filters import (
    ExchangeMaxNumOrders,
    IcebergParts,
    MaxAsset,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxPosition,
    PercentPrice,
    TrailingDelta,
)
from tests.exchange.gateway.venue import RULES, Peer, Venue, key_of, open_venue, units

pytestmark = pytest.mark.asyncio


async def refused(peer: Peer, **changes: Any) -> dict[str, Any]:
    """The error that an order is answered with."""
    error: dict[str, Any] = (await peer.place(**changes))["error"]
    return error


async def list_with(venue: Venue, **changes: Any) -> None:
    await venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(RULES, **changes)))


async def test_my_filters_shows_those_of_the_exchange_the_symbol_and_the_account() -> None:
    async with open_venue() as venue, venue.connect() as peer:
        await venue.sequencer.execute(SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=1000),)))
        limits = (
            MaxAsset(asset="BTC", limit=units("42")),
            MaxAsset(asset="JPY", limit=units("1000000")),
        )
        await venue.sequencer.execute(SetAccountRules(account=1, asset_filters=limits))
        response = await peer.call("myFilters", peer.signed(key_of("alice"), {"symbol": "BTCUSDT"}))
        result = response["result"]
        assert result["exchangeFilters"] == [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1000}]
        assert [each["filterType"] for each in result["symbolFilters"]] == [
            "PRICE_FILTER",
            "LOT_SIZE",
            "NOTIONAL",
            "MAX_NUM_ORDERS",
        ]
        assert result["assetFilters"] == [{"filterType": "MAX_ASSET", "asset": "BTC", "limit": "42.00000000"}]
        response = await peer.call("myFilters", peer.signed(key_of("bob"), {"symbol": "BTCUSDT"}))
        assert response["result"]["assetFilters"] == []
        info = await peer.call("exchangeInfo")
        assert info["result"]["exchangeFilters"] == result["exchangeFilters"]
        response = await peer.call("myFilters", peer.signed(key_of("bob"), {"symbol": "NONE"}))
        assert response["error"] == {"code": -1121, "msg": "Invalid symbol."}


@pytest.mark.parametrize(
    ("rule", "order", "name"),
    [
        (MaxPosition(max_position=units("100")), {"quantity": "0.1"}, "MAX_POSITION"),
        (ExchangeMaxNumOrders(max_num_orders=0), {}, "EXCHANGE_MAX_NUM_ORDERS"),
        (MaxAsset(asset="USDT", limit=units("10")), {"quantity": "0.1"}, "MAX_ASSET"),
        (
            PercentPrice(multiplier_up=units("1.3"), multiplier_down=units("0.7"), average_price_minutes=5),
            {"price": "30000"},
            "PERCENT_PRICE",
        ),
        (IcebergParts(limit=2), {"icebergQty": "0.0003"}, "ICEBERG_PARTS"),
        (MaxNumIcebergOrders(max_num_iceberg_orders=0), {"icebergQty": "0.0005"}, "MAX_NUM_ICEBERG_ORDERS"),
        (
            MaxNumAlgoOrders(max_num_algo_orders=0),
            {"type": "STOP_LOSS_LIMIT", "stopPrice": "60000"},
            "MAX_NUM_ALGO_ORDERS",
        ),
        (
            TrailingDelta(
                min_trailing_above_delta=10,
                max_trailing_above_delta=20,
                min_trailing_below_delta=100,
                max_trailing_below_delta=200,
            ),
            {"type": "TAKE_PROFIT_LIMIT", "trailingDelta": 15},
            "TRAILING_DELTA",
        ),
    ],
)
async def test_a_failed_filter_is_named_by_placing_and_by_testing_an_order(
    rule: Any, order: dict[str, Any], name: str
) -> None:
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as bob:
        await alice.log_on("alice")
        await bob.log_on("bob")
        await alice.place(side="SELL")
        await bob.place()
        if isinstance(rule, ExchangeMaxNumOrders):
            await venue.sequencer.execute(SetExchangeFilters(filters=(rule,)))
        elif isinstance(rule, MaxAsset):
            await venue.sequencer.execute(SetAccountRules(account=2, asset_filters=(rule,)))
        else:
            await list_with(
                venue,
                filters=(*RULES.filters, rule),
                order_types=tuple(OrderType),
                iceberg_allowed=True,
                trailing_stop_allowed=True,
            )
        error = {"code": -1013, "msg": f"Filter failure: {name}"}
        assert await refused(bob, **order) == error
        whole = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "50000"}
        tested = await bob.call("order.test", bob.stamped({**whole, "quantity": "0.001", **order}))
        assert tested["error"] == error


async def test_a_symbol_that_is_not_permitted_is_refused_in_binances_words() -> None:
    async with open_venue() as venue, venue.connect() as alice:
        await alice.log_on("alice")
        await list_with(venue, permission_sets=(("TRD_GRP_004",),))
        assert await refused(alice) == {"code": -2010, "msg": "This symbol is not permitted for this account."}
        await venue.sequencer.execute(SetAccountRules(account=1, permissions=("SPOT", "TRD_GRP_004")))
        assert (await alice.place())["status"] == 200
        status = await alice.call("account.status", alice.stamped())
        assert status["result"]["permissions"] == ["SPOT", "TRD_GRP_004"]


@pytest.mark.parametrize("status", [each for each in SymbolStatus if each is not SymbolStatus.TRADING])
async def test_a_symbol_that_is_not_trading_takes_cancels_only(status: SymbolStatus) -> None:
    async with open_venue() as venue, venue.connect() as alice:
        await alice.log_on("alice")
        placed = await alice.place()
        await list_with(venue, status=status)
        info = await alice.call("exchangeInfo", {"symbol": "BTCUSDT"})
        assert info["result"]["symbols"][0]["status"] == status
        assert await refused(alice) == {"code": -2010, "msg": "Market is closed."}
        which = {"symbol": "BTCUSDT", "orderId": placed["result"]["orderId"]}
        assert (await alice.call("order.cancel", alice.stamped(which)))["status"] == 200
