"""A filter as the exchange describes it, made into the one that orders are checked by (filters.md)."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, get_args

from msgspec import UNSET

from pitwire.market.filters import AnyFilter, MaxAsset
from pitwire.market.numbers import scaled
from pitwire.protocol.results.general import FilterRules

_KINDS: Final[Mapping[str, Any]] = MappingProxyType(
    {str(kind.__struct_config__.tag): kind for kind in get_args(AnyFilter)}
)
_WIRE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "min_quantity": "min_qty",
        "max_quantity": "max_qty",
        "average_price_minutes": "avg_price_mins",
    }
)
"""The fields that filters.md calls otherwise."""


def filter_of(rules: FilterRules) -> AnyFilter | None:
    """The filter that `rules` describe; `None` for one that this library does not know, or that lacks a field.

    Raises `ValueError` for a number with more than eight decimal places, which no price or quantity has.
    """
    kind = _KINDS.get(rules.filter_type)
    if kind is None:
        return None
    fields = {}
    for name in kind.__struct_fields__:
        value = getattr(rules, _WIRE_NAMES.get(name, name))
        if value is UNSET:
            return None
        if isinstance(value, Decimal) or (kind is MaxAsset and name == "limit"):
            value = scaled(Decimal(value))
        fields[name] = value
    rule: AnyFilter = kind(**fields)
    return rule
