"""The filters that only some orders meet, each at its bounds; the common ones are in test_order_limits."""

from typing import Any

import pytest

from pitwire.market.enums import OrderType, Side
from pitwire.market.filter_checks import Asked, Standing, first_failure, in_order, name_of
from pitwire.market.filters import (
    AnyFilter,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    IcebergParts,
    LotSize,
    MaxAsset,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    PriceFilter,
    TrailingDelta,
)
from pitwire.market.numbers import Amount, Price, Quantity

COIN = 10**8
LIMIT, MARKET, STOP_LOSS = OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_LOSS
COUNTED = {
    "MAX_NUM_ORDERS": MaxNumOrders(max_num_orders=3),
    "MAX_NUM_ALGO_ORDERS": MaxNumAlgoOrders(max_num_algo_orders=3),
    "MAX_NUM_ICEBERG_ORDERS": MaxNumIcebergOrders(max_num_iceberg_orders=3),
    "MAX_NUM_ORDER_LISTS": MaxNumOrderLists(max_num_order_lists=3),
    "EXCHANGE_MAX_NUM_ORDERS": ExchangeMaxNumOrders(max_num_orders=3),
    "EXCHANGE_MAX_NUM_ALGO_ORDERS": ExchangeMaxNumAlgoOrders(max_num_algo_orders=3),
    "EXCHANGE_MAX_NUM_ICEBERG_ORDERS": ExchangeMaxNumIcebergOrders(max_num_iceberg_orders=3),
    "EXCHANGE_MAX_NUM_ORDER_LISTS": ExchangeMaxNumOrderLists(max_num_order_lists=3),
}


def failure(*filters: AnyFilter, average: float = 0, standing: Standing = Standing(), **order: Any) -> str | None:  # noqa: B008
    """What speaks against an order to buy, a LIMIT one unless it says otherwise, in whole coins."""
    whole = {"price", "quantity", "quote_quantity", "stop_price", "iceberg_quantity"}
    given = {name: round(value * COIN) if name in whole else value for name, value in order.items()}
    terms = {"type": LIMIT, "side": Side.BUY, "price": 0, "quantity": COIN, **given}
    return first_failure(
        in_order(filters), Asked(base="BTC", quote="USDC", **terms), standing, lambda _: round(average * COIN)
    )


@pytest.mark.parametrize(
    ("name", "counted", "order", "uncounted_order"),
    [
        ("MAX_NUM_ORDERS", "open_orders", {}, {"type": MARKET}),
        ("MAX_NUM_ALGO_ORDERS", "algo_orders", {"type": STOP_LOSS}, {}),
        ("MAX_NUM_ICEBERG_ORDERS", "iceberg_orders", {"iceberg_quantity": 1}, {}),
        ("MAX_NUM_ORDER_LISTS", "order_lists", {"in_list": True}, {}),
        ("EXCHANGE_MAX_NUM_ORDERS", "all_open_orders", {}, {"type": MARKET}),
        ("EXCHANGE_MAX_NUM_ALGO_ORDERS", "all_algo_orders", {"type": OrderType.TAKE_PROFIT_LIMIT}, {}),
        ("EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "all_iceberg_orders", {"iceberg_quantity": 1}, {}),
        ("EXCHANGE_MAX_NUM_ORDER_LISTS", "all_order_lists", {"in_list": True}, {}),
    ],
)
def test_how_many_may_be_open(name: str, counted: str, order: dict[str, Any], uncounted_order: dict[str, Any]) -> None:
    rule = COUNTED[name]
    assert name_of(rule) == name
    assert failure(rule, standing=Standing(**{counted: 2}), **order) is None
    assert failure(rule, standing=Standing(**{counted: 3}), **order) == name
    assert failure(rule, standing=Standing(**{counted: 3}), **uncounted_order) is None


def test_price_filter_holds_for_the_stop_price_too() -> None:
    rule = PriceFilter(min_price=Price(10 * COIN), max_price=Price(0), tick_size=Price(COIN))
    assert failure(rule, type=STOP_LOSS, stop_price=10) is None
    assert failure(rule, type=STOP_LOSS, stop_price=9) == "PRICE_FILTER"
    assert failure(rule, type=OrderType.STOP_LOSS_LIMIT, price=10, stop_price=10.5) == "PRICE_FILTER"


def test_lot_size_holds_for_the_visible_quantity_too() -> None:
    rule = LotSize(min_quantity=Quantity(2 * COIN), max_quantity=Quantity(0), step_size=Quantity(COIN))
    assert failure(rule, quantity=4, iceberg_quantity=2) is None
    assert failure(rule, quantity=4, iceberg_quantity=1) == "LOT_SIZE"
    assert failure(rule, quantity=4, iceberg_quantity=2.5) == "LOT_SIZE"


@pytest.mark.parametrize(
    ("order", "failed"),
    [
        ({"price": 10, "quantity": 1}, None),
        ({"price": 10, "quantity": 0.99999999}, "MIN_NOTIONAL"),
        ({"type": MARKET, "quantity": 0.5}, "MIN_NOTIONAL"),
        ({"type": MARKET, "quantity": 1}, None),
        ({"type": MARKET, "quantity": 0, "quote_quantity": 9.99}, "MIN_NOTIONAL"),
    ],
)
def test_min_notional(order: dict[str, Any], failed: str | None) -> None:
    rule = MinNotional(min_notional=Amount(10 * COIN), apply_to_market=True, average_price_minutes=5)
    assert failure(rule, average=10, **order) == failed
    lenient = MinNotional(min_notional=Amount(10 * COIN), apply_to_market=False, average_price_minutes=5)
    assert failure(lenient, average=10, **order) == (failed if "price" in order else None)


@pytest.mark.parametrize(
    ("quantity", "visible", "failed"), [(10, 1, None), (10.1, 1, "ICEBERG_PARTS"), (10.1, 0, None), (9, 0.9, None)]
)
def test_iceberg_parts_are_counted_up(quantity: float, visible: float, failed: str | None) -> None:
    assert failure(IcebergParts(limit=10), quantity=quantity, iceberg_quantity=visible) == failed


@pytest.mark.parametrize(
    ("kind", "side", "above"),
    [
        ("STOP_LOSS", "BUY", True),
        ("STOP_LOSS_LIMIT", "BUY", True),
        ("TAKE_PROFIT", "SELL", True),
        ("TAKE_PROFIT_LIMIT", "SELL", True),
        ("STOP_LOSS", "SELL", False),
        ("STOP_LOSS_LIMIT", "SELL", False),
        ("TAKE_PROFIT", "BUY", False),
        ("TAKE_PROFIT_LIMIT", "BUY", False),
    ],
)
def test_trailing_delta_has_bounds_for_each_direction(kind: str, side: str, above: bool) -> None:
    rule = TrailingDelta(
        min_trailing_above_delta=10,
        max_trailing_above_delta=2000,
        min_trailing_below_delta=20,
        max_trailing_below_delta=1000,
    )
    least, most = (10, 2000) if above else (20, 1000)
    for delta, failed in ((least - 1, "TRAILING_DELTA"), (least, None), (most, None), (most + 1, "TRAILING_DELTA")):
        assert failure(rule, type=OrderType(kind), side=Side(side), trailing_delta=delta) == failed
    assert failure(rule, type=OrderType(kind), side=Side(side)) is None


def test_max_position_counts_what_is_held_asked_for_and_about_to_be() -> None:
    rule = MaxPosition(max_position=Quantity(10 * COIN))
    held = Standing(position=8 * COIN)
    assert failure(rule, quantity=2, standing=held) is None
    assert failure(rule, quantity=2.1, standing=held) == "MAX_POSITION"
    assert failure(rule, quantity=2.1, standing=held, side=Side.SELL) is None


def test_max_asset_binds_the_quantity_of_a_base_asset_and_the_notional_of_a_quote_asset() -> None:
    base, quote = (MaxAsset(asset=asset, limit=Amount(42 * COIN)) for asset in ("BTC", "USDC"))
    assert failure(base, quantity=42, price=1000) is None
    assert failure(base, quantity=42.1, price=0.1) == "MAX_ASSET"
    assert failure(quote, quantity=4.2, price=10) is None
    assert failure(quote, quantity=4.3, price=10) == "MAX_ASSET"
    assert failure(quote, type=MARKET, quantity=0, quote_quantity=43) == "MAX_ASSET"
    assert failure(quote, type=MARKET, quantity=4.3, average=10) == "MAX_ASSET"
    assert failure(quote, type=MARKET, quantity=4.3) is None  # nothing has traded: it has no notional yet
    assert failure(MaxAsset(asset="JPY", limit=Amount(0)), quantity=100, price=100) is None


def test_placing_an_order_is_no_amendment() -> None:
    assert failure(MaxNumOrderAmends(max_num_order_amends=0)) is None
