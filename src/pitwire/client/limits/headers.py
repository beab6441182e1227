"""What the headers of a REST answer say of the limits (rest-api.md, LIMITS). Pure."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct

_INTERVAL_US: Final = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_count_name: Final = re.compile(r"x-mbx-(used-weight|order-count)-([1-9][0-9]{0,5})([smhd])").fullmatch
_is_number: Final = re.compile(r"[0-9]{1,9}").fullmatch


class Told(Struct, frozen=True, kw_only=True):
    """Counts by the length of their interval, in microseconds; what is not said is empty, or None."""

    weights: dict[int, int]
    """The request weight that the address has used."""
    orders: dict[int, int]
    """The unfilled orders that the account has placed."""
    retry_after_s: int | None
    """How long to leave the exchange alone."""
    at_us: int | None
    """When the answer was made, to the second before, in microseconds since the epoch."""


def told(headers: Mapping[str, str]) -> Told:
    """Read them. Names are told apart by their letters alone, upper or lower; what cannot be read is passed over."""
    weights: dict[int, int] = {}
    orders: dict[int, int] = {}
    retry_after_s = at_us = None
    for name, value in headers.items():
        name = name.lower()
        if name == "date":
            at_us = _time_us(value)
        elif not _is_number(value):
            continue
        elif name == "retry-after":
            retry_after_s = int(value)
        elif match := _count_name(name):
            kind, number, letter = match.groups()
            counts = weights if kind == "used-weight" else orders
            counts[int(number) * _INTERVAL_US[letter]] = int(value)
    return Told(weights=weights, orders=orders, retry_after_s=retry_after_s, at_us=at_us)


def _time_us(value: str) -> int | None:
    try:
        return int(parsedate_to_datetime(value).timestamp()) * 1_000_000
    except (ValueError, OverflowError):
        return None
