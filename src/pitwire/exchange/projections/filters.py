"""Filters as `exchangeInfo` and `myFilters` show them (filters.md)."""

from typing import Any

from pitwire.market.filter_checks import name_of
from pitwire.market.filters import (
    AnyFilter,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
)
from pitwire.market.numbers import decimal, text

_COUNTS = {
    "max_num_orders": "maxNumOrders",
    "max_num_algo_orders": "maxNumAlgoOrders",
    "max_num_iceberg_orders": "maxNumIcebergOrders",
    "max_num_order_amends": "maxNumOrderAmends",
    "max_num_order_lists": "maxNumOrderLists",
    "min_trailing_above_delta": "minTrailingAboveDelta",
    "max_trailing_above_delta": "maxTrailingAboveDelta",
    "min_trailing_below_delta": "minTrailingBelowDelta",
    "max_trailing_below_delta": "maxTrailingBelowDelta",
}


def described(rule: AnyFilter) -> dict[str, Any]:
    """One filter, with its name first and its fields in the documented order."""
    return {"filterType": name_of(rule), **_fields(rule)}


def _fields(rule: AnyFilter) -> dict[str, Any]:
    match rule:
        case PriceFilter():
            return {
                "minPrice": text(rule.min_price),
                "maxPrice": text(rule.max_price),
                "tickSize": text(rule.tick_size),
            }
        case PercentPrice():
            return {
                "multiplierUp": multiplier(rule.multiplier_up, places=4),
                "multiplierDown": multiplier(rule.multiplier_down, places=4),
                "avgPriceMins": rule.average_price_minutes,
            }
        case PercentPriceBySide():
            return {
                "bidMultiplierUp": multiplier(rule.bid_multiplier_up),
                "bidMultiplierDown": multiplier(rule.bid_multiplier_down),
                "askMultiplierUp": multiplier(rule.ask_multiplier_up),
                "askMultiplierDown": multiplier(rule.ask_multiplier_down),
                "avgPriceMins": rule.average_price_minutes,
            }
        case LotSize() | MarketLotSize():
            return {
                "minQty": text(rule.min_quantity),
                "maxQty": text(rule.max_quantity),
                "stepSize": text(rule.step_size),
            }
        case MinNotional():
            return {
                "minNotional": text(rule.min_notional),
                "applyToMarket": rule.apply_to_market,
                "avgPriceMins": rule.average_price_minutes,
            }
        case Notional():
            return {
                "minNotional": text(rule.min_notional),
                "applyMinToMarket": rule.apply_min_to_market,
                "maxNotional": text(rule.max_notional),
                "applyMaxToMarket": rule.apply_max_to_market,
                "avgPriceMins": rule.average_price_minutes,
            }
        case IcebergParts():
            return {"limit": rule.limit}
        case MaxPosition():
            return {"maxPosition": text(rule.max_position)}
        case MaxAsset():
            return {"asset": rule.asset, "limit": text(rule.limit)}
    return {_COUNTS[field]: getattr(rule, field) for field in rule.__struct_fields__}


def multiplier(value: int, places: int = 0) -> str:
    """A fraction scaled by 1e-8 with at least so many decimal places, and no more than it needs."""
    shortest = format(decimal(value).normalize(), "f")
    whole, _, digits = shortest.partition(".")
    digits = digits.ljust(places, "0")
    return f"{whole}.{digits}" if digits else whole
