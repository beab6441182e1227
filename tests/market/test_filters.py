"""Filters as they stand in a symbol's rules, in the log and in snapshots."""

import msgspec
import pytest

from pitwire.market.filters import (
    Filter,
    LotSize,
    MarketLotSize,
    MaxNumOrderAmends,
    MaxNumOrders,
    Notional,
    PriceFilter,
)
from pitwire.market.numbers import Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules

EVERY = (
    PriceFilter(min_price=Price(1), max_price=Price(2), tick_size=Price(3)),
    LotSize(min_quantity=Quantity(4), max_quantity=Quantity(5), step_size=Quantity(6)),
    MarketLotSize(min_quantity=Quantity(7), max_quantity=Quantity(8), step_size=Quantity(9)),
    Notional(
        min_notional=Amount(10),
        apply_min_to_market=True,
        max_notional=Amount(11),
        apply_max_to_market=False,
        average_price_minutes=5,
    ),
    MaxNumOrders(max_num_orders=12),
    MaxNumOrderAmends(max_num_order_amends=13),
)


def test_rules_come_back_from_the_log_as_they_went_in() -> None:
    original = SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDT", filters=EVERY)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(original), type=SymbolRules) == original


@pytest.mark.parametrize("each", EVERY, ids=lambda each: type(each).__name__)
def test_an_encoded_filter_starts_with_its_wire_name(each: Filter) -> None:
    name = msgspec.msgpack.decode(msgspec.msgpack.encode(each))[0]
    assert name in ("PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "NOTIONAL", "MAX_NUM_ORDERS", "MAX_NUM_ORDER_AMENDS")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(each), type=Filter) == each
