"""Filters as they stand in a symbol's rules, in the log, in snapshots and in answers."""

import json

import msgspec
import pytest

from pitwire.exchange.projections.filters import described
from pitwire.market.filter_checks import in_order, name_of
from pitwire.market.filters import (
    AnyFilter,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    Filter,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from pitwire.market.numbers import Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules
from tests.locations import spec_dir

COIN = 10**8
# As spec/filters.json has them, in its order.
SYMBOL_FILTERS: tuple[Filter, ...] = (
    PriceFilter(min_price=Price(100), max_price=Price(100_000 * COIN), tick_size=Price(100)),
    PercentPrice(multiplier_up=130_000_000, multiplier_down=70_000_000, average_price_minutes=5),
    PercentPriceBySide(
        bid_multiplier_up=120_000_000,
        bid_multiplier_down=20_000_000,
        ask_multiplier_up=500_000_000,
        ask_multiplier_down=80_000_000,
        average_price_minutes=1,
    ),
    LotSize(min_quantity=Quantity(100_000), max_quantity=Quantity(100_000 * COIN), step_size=Quantity(100_000)),
    MinNotional(min_notional=Amount(100_000), apply_to_market=True, average_price_minutes=5),
    Notional(
        min_notional=Amount(10 * COIN),
        apply_min_to_market=False,
        max_notional=Amount(10_000 * COIN),
        apply_max_to_market=False,
        average_price_minutes=5,
    ),
    IcebergParts(limit=10),
    MarketLotSize(min_quantity=Quantity(100_000), max_quantity=Quantity(100_000 * COIN), step_size=Quantity(100_000)),
    MaxNumOrders(max_num_orders=25),
    MaxNumAlgoOrders(max_num_algo_orders=5),
    MaxNumIcebergOrders(max_num_iceberg_orders=5),
    MaxPosition(max_position=Quantity(10 * COIN)),
    TrailingDelta(
        min_trailing_above_delta=10,
        max_trailing_above_delta=2000,
        min_trailing_below_delta=10,
        max_trailing_below_delta=2000,
    ),
    MaxNumOrderAmends(max_num_order_amends=10),
    MaxNumOrderLists(max_num_order_lists=20),
)
EVERY: tuple[AnyFilter, ...] = (
    *SYMBOL_FILTERS,
    ExchangeMaxNumOrders(max_num_orders=1000),
    ExchangeMaxNumAlgoOrders(max_num_algo_orders=200),
    ExchangeMaxNumIcebergOrders(max_num_iceberg_orders=10000),
    ExchangeMaxNumOrderLists(max_num_order_lists=20),
    MaxAsset(asset="USDC", limit=Amount(42 * COIN)),
)


def test_rules_come_back_from_the_log_as_they_went_in() -> None:
    original = SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDT", filters=SYMBOL_FILTERS)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(original), type=SymbolRules) == original


@pytest.mark.parametrize("each", EVERY, ids=name_of)
def test_an_encoded_filter_starts_with_its_wire_name(each: AnyFilter) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(each))[0] == name_of(each)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(each), type=type(each)) == each


def test_every_documented_filter_is_shown_field_by_field_as_documented() -> None:
    documented = json.loads((spec_dir() / "filters.json").read_text("utf-8"))
    assert [described(each) for each in EVERY] == documented
    assert [list(described(each)) for each in EVERY] == [list(each) for each in documented]


def test_filters_are_tried_in_the_documented_order() -> None:
    assert in_order(reversed(EVERY)) == EVERY
