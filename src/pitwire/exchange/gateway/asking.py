"""What handlers of queries have in common: who asks, and how limits, times and statuses are read."""

from typing import Final, NamedTuple

from pitwire.exchange.gateway.refusal import refusal
from pitwire.market.enums import SymbolStatus, TimeUnit
from pitwire.protocol.authorization import MICROSECONDS_FROM
from pitwire.protocol.errors import Code

ROWS_DEFAULT: Final = 500
ROWS_MAX: Final = 1000


class Call(NamedTuple):
    """Who asks, when, and in which unit the answer's timestamps are."""

    account: int
    unit: TimeUnit
    now_us: int


def rows(asked: int | None, default: int = ROWS_DEFAULT, most: int = ROWS_MAX) -> int:
    """How many rows to answer with: more than the documented maximum are cut to it, none are refused."""
    if asked == 0:
        raise refusal(Code.INVALID_PARAMETER, "limit")
    return default if asked is None else min(asked, most)


def start_us(time: int | None) -> int | None:
    """The first microsecond of `time`, which is in milliseconds or microseconds (General API Information)."""
    return time if time is None or time >= MICROSECONDS_FROM else time * 1000


def end_us(time: int | None) -> int | None:
    """The last microsecond of `time`: what is shown with that very millisecond is still within."""
    return time if time is None or time >= MICROSECONDS_FROM else time * 1000 + 999


def check_status(status: SymbolStatus | None) -> None:
    """`symbolStatus` takes TRADING, HALT and BREAK."""
    if status is SymbolStatus.END_OF_DAY or status is SymbolStatus.CANCEL_ONLY:
        raise refusal(Code.INVALID_SYMBOLSTATUS)
