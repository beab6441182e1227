"""Each filter at its bounds, and which is named when several fail."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwire.market.enums import OrderType, Side
from pitwire.market.filter_checks import Asked, Standing, first_failure, in_order
from pitwire.market.filters import (
    Filter,
    LotSize,
    MarketLotSize,
    MaxNumOrderAmends,
    MaxNumOrders,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
)
from pitwire.market.numbers import Amount, Price, Quantity
from pitwire.market.order_limits import OrderLimits
from pitwire.market.symbols import SymbolRules

COIN = 10**8
PRICES = PriceFilter(min_price=Price(10 * COIN), max_price=Price(1000 * COIN), tick_size=Price(COIN // 2))
LOTS = LotSize(min_quantity=Quantity(2 * COIN), max_quantity=Quantity(50 * COIN), step_size=Quantity(COIN // 4))
MARKET_LOTS = MarketLotSize(min_quantity=Quantity(3 * COIN), max_quantity=Quantity(8 * COIN), step_size=Quantity(0))
MOST = MaxNumOrders(max_num_orders=3)


def notional(*, min_to_market: bool = True, max_to_market: bool = True, most: int = 5000) -> Notional:
    return Notional(
        min_notional=Amount(100 * COIN),
        apply_min_to_market=min_to_market,
        max_notional=Amount(most * COIN),
        apply_max_to_market=max_to_market,
        average_price_minutes=5,
    )


def rules(*filters: Filter) -> SymbolRules:
    return SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDT", filters=filters)


def judged(filters: tuple[Filter, ...], **order: Any) -> str | None:
    """What speaks against a LIMIT order, or a MARKET order where no price is given, in whole coins.

    The fast bounds and the table of all filters must say the same.
    """
    price = round(order.pop("price", 0) * COIN)
    kind = order.pop("type", OrderType.LIMIT if price else OrderType.MARKET)
    quantity, quote = (round(order.pop(name, 0) * COIN) for name in ("quantity", "quote"))
    average = round(order.pop("average", 0) * COIN)
    side = order.pop("side", Side.BUY)
    standing = Standing(**order)
    asked = Asked("BTC", "USDT", kind, side, price, quantity, quote)
    failed = first_failure(in_order(filters), asked, standing, lambda _: average)
    limits = OrderLimits(rules(*filters))
    assert limits.is_plain
    if kind is OrderType.MARKET:
        assert limits.market_order_violation(quantity, quote, average) == failed
    else:
        lowest, highest = limits.price_bounds(lambda _: average)[side is Side.SELL]
        passes = limits.lets_pass(price, quantity, price * quantity, standing.open_orders)
        assert (lowest <= price <= highest and passes) == (failed is None)
    return failed


@pytest.mark.parametrize(
    ("price", "failed"),
    [
        (10, None),
        (1000, None),
        (10.5, None),
        (9.5, "PRICE_FILTER"),
        (1000.5, "PRICE_FILTER"),
        (10.25, "PRICE_FILTER"),
        (10.50000001, "PRICE_FILTER"),
    ],
)
def test_price_filter(price: float, failed: str | None) -> None:
    assert judged((PRICES,), price=price, quantity=1) == failed
    assert judged((PRICES,), price=price, quantity=1, type=OrderType.LIMIT_MAKER) == failed


def test_a_market_order_has_no_price_to_filter() -> None:
    assert judged((PRICES,), quantity=1) is None


@pytest.mark.parametrize(
    ("quantity", "failed"),
    [(2, None), (50, None), (2.25, None), (1.75, "LOT_SIZE"), (50.25, "LOT_SIZE"), (2.1, "LOT_SIZE"), (0, "LOT_SIZE")],
)
def test_lot_size_holds_for_limit_and_market_orders(quantity: float, failed: str | None) -> None:
    assert judged((LOTS,), price=10, quantity=quantity) == failed
    assert judged((LOTS,), quantity=quantity) == failed


@pytest.mark.parametrize(
    ("quantity", "failed"),
    [(3, None), (8, None), (3.1, "LOT_SIZE"), (2.75, "MARKET_LOT_SIZE"), (8.25, "MARKET_LOT_SIZE")],
)
def test_market_lot_size_comes_on_top_of_lot_size_for_market_orders_only(quantity: float, failed: str | None) -> None:
    assert judged((LOTS, MARKET_LOTS), quantity=quantity) == failed
    assert judged((LOTS, MARKET_LOTS), price=10, quantity=2.75) is None


@pytest.mark.parametrize(
    "switched_off",
    [
        PriceFilter(min_price=Price(0), max_price=Price(0), tick_size=Price(0)),
        LotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(0)),
        MarketLotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(0)),
        Notional(
            min_notional=Amount(0),
            apply_min_to_market=True,
            max_notional=Amount(0),
            apply_max_to_market=True,
            average_price_minutes=0,
        ),
    ],
)
def test_a_bound_of_zero_switches_its_rule_off(switched_off: Filter) -> None:
    assert judged((switched_off,), price=0.00000001, quantity=123456789.00000001) is None
    assert judged((switched_off,), quantity=123456789.00000001, average=1) is None


@pytest.mark.parametrize(
    ("order", "failed"),
    [
        ({"price": 10, "quantity": 10}, None),
        ({"price": 10, "quantity": 9.99999999}, "NOTIONAL"),
        ({"price": 10, "quantity": 500}, None),
        ({"price": 10, "quantity": 500.00000001}, "NOTIONAL"),
        ({"quantity": 10, "average": 10}, None),
        ({"quantity": 9.9, "average": 10}, "NOTIONAL"),
        ({"quantity": 501, "average": 10}, "NOTIONAL"),
        ({"quantity": 0.1, "average": 0}, None),
        ({"quote": 100}, None),
        ({"quote": 99.99999999, "average": 10}, "NOTIONAL"),
        ({"quote": 5000.00000001}, "NOTIONAL"),
    ],
)
def test_notional(order: dict[str, Any], failed: str | None) -> None:
    assert judged((notional(),), **order) == failed


def test_notional_leaves_market_orders_alone_where_it_does_not_apply_to_them() -> None:
    lenient = notional(min_to_market=False, max_to_market=False)
    assert judged((lenient,), quantity=1, average=10) is None
    assert judged((lenient,), quote=9999) is None
    assert judged((lenient,), price=10, quantity=1) == "NOTIONAL"
    assert judged((lenient,), price=10, quantity=9999) == "NOTIONAL"


PERCENT = PercentPrice(multiplier_up=130_000_000, multiplier_down=70_000_000, average_price_minutes=5)
BY_SIDE = PercentPriceBySide(
    bid_multiplier_up=120_000_000,
    bid_multiplier_down=20_000_000,
    ask_multiplier_up=500_000_000,
    ask_multiplier_down=80_000_000,
    average_price_minutes=1,
)


@pytest.mark.parametrize(
    ("price", "failed"),
    [(130, None), (70, None), (130.01, "PERCENT_PRICE"), (69.99, "PERCENT_PRICE")],
)
def test_percent_price_is_about_the_average(price: float, failed: str | None) -> None:
    assert judged((PERCENT,), price=price, quantity=1, average=100) == failed
    assert judged((PERCENT,), price=price, quantity=1) is None  # before the first trade there is no average


@pytest.mark.parametrize(
    ("side", "price", "failed"),
    [
        (Side.BUY, 120, None),
        (Side.BUY, 20, None),
        (Side.BUY, 120.01, "PERCENT_PRICE_BY_SIDE"),
        (Side.BUY, 19.99, "PERCENT_PRICE_BY_SIDE"),
        (Side.SELL, 500, None),
        (Side.SELL, 80, None),
        (Side.SELL, 500.01, "PERCENT_PRICE_BY_SIDE"),
        (Side.SELL, 79.99, "PERCENT_PRICE_BY_SIDE"),
    ],
)
def test_percent_price_by_side(side: Side, price: float, failed: str | None) -> None:
    assert judged((BY_SIDE,), side=side, price=price, quantity=1, average=100) == failed
    assert judged((BY_SIDE,), side=side, quantity=1, average=100) is None


@settings(max_examples=300, deadline=None)
@given(
    st.sets(st.sampled_from((PRICES, LOTS, MARKET_LOTS, MOST, PERCENT, BY_SIDE, notional())), max_size=7),
    st.sampled_from(list(Side)),
    st.integers(0, 1100),
    st.integers(0, 220),
    st.booleans(),
    st.sampled_from((0, 1, 90, 400)),
    st.integers(0, 4),
)
def test_bounds_and_table_agree_about_any_order(
    filters: set[Filter], side: Side, price: int, quantity: int, by_quote: bool, average: int, open_orders: int
) -> None:
    amount = {"quote": quantity / 4} if by_quote and quantity and not price else {"quantity": quantity / 4}
    judged(tuple(filters), side=side, price=price / 2, average=average, open_orders=open_orders, **amount)


@pytest.mark.parametrize(("open_orders", "failed"), [(2, None), (3, "MAX_NUM_ORDERS"), (4, "MAX_NUM_ORDERS")])
def test_max_num_orders_counts_the_orders_before_this_one(open_orders: int, failed: str | None) -> None:
    assert judged((MOST,), price=10, quantity=1, open_orders=open_orders) == failed
    assert judged((MOST,), quantity=1, open_orders=open_orders) is None


def test_of_several_failures_the_one_that_filters_md_has_first_is_named() -> None:
    every = (MOST, notional(), MARKET_LOTS, LOTS, PRICES)  # whatever the order in which a symbol lists them
    assert judged(every, price=9, quantity=1, open_orders=3) == "PRICE_FILTER"
    assert judged(every, price=10, quantity=1, open_orders=3) == "LOT_SIZE"
    assert judged(every, price=10, quantity=2, open_orders=3) == "NOTIONAL"
    assert judged(every, price=10, quantity=10, open_orders=3) == "MAX_NUM_ORDERS"
    assert judged(every, price=10, quantity=10) is None
    assert judged(every, quantity=1, average=1) == "LOT_SIZE"
    assert judged(every, quantity=2, average=1) == "NOTIONAL"
    assert judged(every, quantity=2, average=50) == "MARKET_LOT_SIZE"


@pytest.mark.parametrize(("lot_step", "market_step", "expected"), [(0, 0, 1), (4, 0, 4), (0, 6, 6), (4, 6, 12)])
def test_the_step_of_a_market_order_satisfies_both_lot_filters(lot_step: int, market_step: int, expected: int) -> None:
    limits = OrderLimits(
        rules(
            LotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(lot_step)),
            MarketLotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(market_step)),
        )
    )
    assert limits.market_order_step == expected


@pytest.mark.parametrize(
    ("quantity", "failed"),
    [(11, None), (10, None), (9.75, "NOTIONAL"), (1.75, "LOT_SIZE"), (10.1, "LOT_SIZE")],
)
def test_an_amended_order_is_judged_by_its_new_quantity_but_not_by_the_price_that_it_has(
    quantity: float, failed: str | None
) -> None:
    limits = OrderLimits(rules(PRICES, LOTS, notional(), MaxNumOrders(max_num_orders=0)))
    price = 10 * COIN + 1  # no multiple of the tick size, which was another when the order was placed
    assert limits.amendment_violation(price, round(quantity * COIN)) == failed


def test_how_often_an_order_may_be_amended_is_a_bound_too() -> None:
    assert OrderLimits(rules(MaxNumOrderAmends(max_num_order_amends=10))).max_num_order_amends == 10
    assert OrderLimits(rules()).max_num_order_amends > 10**9
