"""Filters as a configuration file writes them: a table with `type`, and the filter's fields with decimals in them.

{ type = "PERCENT_PRICE", multiplier_up = "1.3", multiplier_down = "0.7", average_price_minutes = 5 }
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec

from pitwire.market import filters
from pitwire.market.filter_checks import name_of
from pitwire.market.filters import ExchangeFilter, Filter
from pitwire.market.numbers import scaled

_SYMBOL_FILTERS: Final[Mapping[str, type[Filter]]] = MappingProxyType(
    {
        str(kind.__struct_config__.tag): kind
        for kind in (
            filters.PriceFilter,
            filters.PercentPrice,
            filters.PercentPriceBySide,
            filters.LotSize,
            filters.MinNotional,
            filters.Notional,
            filters.IcebergParts,
            filters.MarketLotSize,
            filters.MaxNumOrders,
            filters.MaxNumAlgoOrders,
            filters.MaxNumIcebergOrders,
            filters.MaxPosition,
            filters.TrailingDelta,
            filters.MaxNumOrderAmends,
            filters.MaxNumOrderLists,
        )
    }
)
_EXCHANGE_FILTERS: Final[Mapping[str, type[ExchangeFilter]]] = MappingProxyType(
    {
        "EXCHANGE_MAX_NUM_ORDERS": filters.ExchangeMaxNumOrders,
        "EXCHANGE_MAX_NUM_ALGO_ORDERS": filters.ExchangeMaxNumAlgoOrders,
        "EXCHANGE_MAX_NUM_ICEBERG_ORDERS": filters.ExchangeMaxNumIcebergOrders,
        "EXCHANGE_MAX_NUM_ORDER_LISTS": filters.ExchangeMaxNumOrderLists,
    }
)
_SCALED: Final = (
    *("min_price", "max_price", "tick_size", "min_quantity", "max_quantity", "step_size", "min_notional"),
    *("max_notional", "max_position", "multiplier_up", "multiplier_down"),
    *("bid_multiplier_up", "bid_multiplier_down", "ask_multiplier_up", "ask_multiplier_down"),
)
"""The fields that are prices, quantities, amounts and fractions."""
F = TypeVar("F", Filter, ExchangeFilter)
MINUTES_MAX: Final = 24 * 60


class FilterInvalid(ValueError):
    """A table that is no filter; the message says why."""


def symbol_filter(table: Mapping[str, Any]) -> Filter:
    """The filter of a symbol that a table describes. Raises `FilterInvalid`."""
    return _filter(table, _SYMBOL_FILTERS)


def exchange_filter(table: Mapping[str, Any]) -> ExchangeFilter:
    """The filter of the whole exchange that a table describes. Raises `FilterInvalid`."""
    return _filter(table, _EXCHANGE_FILTERS)


def together(shaped: tuple[Filter, ...], others: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """`shaped` and `others`; one of the others goes before a shaped one of its type."""
    named = {name_of(each): each for each in (*shaped, *others)}
    return tuple(named.values())


def _filter(table: Mapping[str, Any], kinds: Mapping[str, type[F]]) -> F:
    name = table.get("type")
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise FilterInvalid(f"type {name!r} is none of {', '.join(kinds)}")
    fields: dict[str, Any] = {field: value for field, value in table.items() if field != "type"}
    expected: tuple[str, ...] = kind.__struct_fields__
    if set(fields) != set(expected):
        raise FilterInvalid(f"{name} has the fields {', '.join(expected)}, not {', '.join(fields) or 'none'}")
    for field, value in fields.items():
        if field in _SCALED:
            fields[field] = _units(f"{name}: {field}", value)
        elif type(value) is int and value < 0:
            raise FilterInvalid(f"{name}: {field} {value} is negative")
        elif field == "average_price_minutes" and type(value) is int and value > MINUTES_MAX:
            raise FilterInvalid(f"{name}: {field} {value} is more than {MINUTES_MAX}")
    try:
        return msgspec.convert([name, *(fields[field] for field in expected)], kind)
    except msgspec.ValidationError as error:
        raise FilterInvalid(f"{name}: {error}") from error


def _units(what: str, value: object) -> int:
    try:
        units = scaled(Decimal(str(value)))
    except (ArithmeticError, ValueError) as error:
        raise FilterInvalid(f"{what} {value!r} is not a number with at most eight decimal places") from error
    if units < 0:
        raise FilterInvalid(f"{what} {value} is negative")
    return units
