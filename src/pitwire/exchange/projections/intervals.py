"""When candles open: the 16 kline intervals in any time zone, and the windows of `ticker`.

Source: web-socket-api.md, Klines and Rolling window price change statistics. Where they are silent: candles lie on a
grid that starts at the epoch of the time zone's clock, so three days are counted from 1 January 1970; weeks start on
Monday; months are those of the calendar. That is how Binance's published klines lie.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from pitwire.market.enums import KlineInterval

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US
_MONDAY_US: Final = 4 * DAY_US
"""1 January 1970 was a Thursday."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_UNITS_US: Final[Mapping[str, int]] = MappingProxyType(
    {"s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
)
WIDTHS_US: Final[Mapping[KlineInterval, int]] = MappingProxyType(
    {each: int(each[:-1]) * _UNITS_US[each[-1]] for each in KlineInterval if each is not KlineInterval.MO1}
)
"""How long an interval is; months, which differ, are not here."""
_MOST: Final[Mapping[str, int]] = MappingProxyType({"m": 59, "h": 23, "d": 7})
_OFFSET_MIN: Final = -12 * 60
_OFFSET_MAX: Final = 14 * 60

_time_zone: Final = re.compile(r"([+-]?)([0-9]{1,2})(?::([0-5][0-9]))?", re.ASCII).fullmatch
_window: Final = re.compile(r"([1-9][0-9]?)([mhd])", re.ASCII).fullmatch


def time_zone_us(text: str) -> int | None:
    """How far a time zone's clock is ahead of UTC: `-1:00`, `05:45`, `8`. `None`: no time zone, or beyond -12..+14."""
    found = _time_zone(text)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    offset = int(hours) * 60 + int(minutes or 0)
    if sign == "-":
        offset = -offset
    return offset * MINUTE_US if _OFFSET_MIN <= offset <= _OFFSET_MAX else None


def window_us(text: str) -> int | None:
    """How long a window of `ticker` is: `1m` to `59m`, `1h` to `23h`, `1d` to `7d`. `None`: no such window."""
    found = _window(text)
    if found is None:
        return None
    count, unit = int(found[1]), found[2]
    return count * _UNITS_US[unit] if count <= _MOST[unit] else None


def opening_us(interval: KlineInterval, time_us: int, offset_us: int = 0) -> int:
    """When the candle opened that `time_us` lies in, by a clock that is `offset_us` ahead of UTC."""
    local_us = time_us + offset_us
    width_us = WIDTHS_US.get(interval)
    if width_us is None:
        day = date.fromordinal(_EPOCH + local_us // DAY_US)
        return local_us // DAY_US * DAY_US - (day.day - 1) * DAY_US - offset_us
    phase_us = _MONDAY_US if interval is KlineInterval.W1 else 0
    return local_us - (local_us - phase_us) % width_us - offset_us


def shifted_us(interval: KlineInterval, open_us: int, count: int, offset_us: int = 0) -> int:
    """When the candle opens that is `count` after the one that opens at `open_us`; before it, if that is negative."""
    width_us = WIDTHS_US.get(interval)
    if width_us is not None:
        return open_us + count * width_us
    first = date.fromordinal(_EPOCH + (open_us + offset_us) // DAY_US)
    months = first.year * 12 + first.month - 1 + count
    if months < 1970 * 12:
        return 0
    return (date(months // 12, months % 12 + 1, 1).toordinal() - _EPOCH) * DAY_US - offset_us


def openings_us(interval: KlineInterval, first_us: int, count: int, offset_us: int = 0) -> Iterator[int]:
    """When `count` candles open, the first of which opens at `first_us`."""
    return (shifted_us(interval, first_us, each, offset_us) for each in range(count))
