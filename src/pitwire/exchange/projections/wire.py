"""How projections write times and numbers: in the asked time unit, and with eight decimal places."""

from functools import lru_cache

from pitwire.market.enums import TimeUnit
from pitwire.market.numbers import text

ZERO = text(0)
# Python 3.11 looks an enum's member up in 0.1 us. The projections compare with a few of them for every order, so they
# keep these at hand, here and in the modules beside this one.
_MICROSECOND = TimeUnit.MICROSECOND

grid_text = lru_cache(maxsize=65_536)(text)
"""`numbers.text` with a memory: prices and quantities lie on a symbol's grid, so the same few come again and again."""


def page_size(limit: int | None, default: int, maximum: int) -> int:
    """How many entries a query returns at most: `default` when no limit was sent, and never more than `maximum`."""
    return default if limit is None else max(0, min(limit, maximum))


def microseconds_per(unit: TimeUnit) -> int:
    """How many microseconds one `unit` is long."""
    return 1 if unit is _MICROSECOND else 1000


def instant(time_us: int, unit: TimeUnit) -> int:
    """A time since the Unix epoch in `unit`, rounded down. A negative time means "never" and is written as -1."""
    if time_us < 0:
        return -1
    return time_us if unit is _MICROSECOND else time_us // 1000
