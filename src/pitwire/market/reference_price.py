"""The reference price of a symbol, and the range around it that trades have to keep to.

Source: faqs/price_range_execution_rules.md.
"""

from collections import deque
from typing import Final

from msgspec import Struct

from pitwire.market.numbers import SCALE

BUCKETS_MAX: Final = 1_000
BUCKET_WIDTH_MS_MAX: Final = 3_600_000
_EXTRA: Final = 10_000
"""Trade counts have four decimal places, and sums of prices four more than prices."""


class ArithmeticMean(Struct, frozen=True, kw_only=True, array_like=True, tag="ARITHMETIC_MEAN"):
    """The mean of the prices of all trades in the last `bucket_count` times `bucket_width_ms`."""

    bucket_count: int
    bucket_width_ms: int


class External(Struct, frozen=True, kw_only=True, array_like=True, tag="EXTERNAL"):
    """It is set from outside the matching engine, by the method that `calculation_id` names."""

    calculation_id: int


Calculation = ArithmeticMean | External


class PriceRange(Struct, frozen=True, kw_only=True, array_like=True):
    """How far from the reference price an order may trade: fractions of it scaled by 1e-8, `None` for any distance."""

    bid_limit_up: int | None = None
    bid_limit_down: int | None = None
    ask_limit_up: int | None = None
    ask_limit_down: int | None = None


class ReferenceState(Struct, frozen=True, array_like=True):
    """What a snapshot keeps of a reference price."""

    price: int
    set_us: int
    buckets: tuple[tuple[int, int, int], ...] = ()


class ReferencePrice:
    """The reference price of one symbol as trades and operators make it.

    Of an arithmetic mean it keeps at most `bucket_count + 1` buckets.
    """

    __slots__ = ("_buckets", "_price", "calculation", "set_us")

    def __init__(self, calculation: Calculation, state: ReferenceState | None = None) -> None:
        self.calculation = calculation
        self._price = 0 if state is None else state.price
        self.set_us = -1 if state is None else state.set_us
        """When it was set last, or when the last trade came; -1: it never was."""
        self._buckets: deque[list[int]] = deque(map(list, () if state is None else state.buckets))
        """[open time, trades, sum of their prices], oldest first."""

    def state(self) -> ReferenceState:
        """What brings it back."""
        return ReferenceState(
            self._price, self.set_us, tuple((opened, trades, total) for opened, trades, total in self._buckets)
        )

    def set(self, time_us: int, price: int) -> None:
        """Set an external price; 0 means that there is none for now."""
        self._price = price
        self.set_us = time_us

    def traded(self, time_us: int, price: int) -> None:
        """Count one trade. An external price does not follow trades."""
        calculation = self.calculation
        if not isinstance(calculation, ArithmeticMean):
            return
        self.set_us = time_us
        width_us = calculation.bucket_width_ms * 1000
        opened = time_us - time_us % width_us
        buckets = self._buckets
        if buckets and buckets[-1][0] >= opened:
            newest = buckets[-1]
            newest[1] += 1
            newest[2] += price
            return
        cutoff = time_us - width_us * calculation.bucket_count
        while buckets and buckets[0][0] + width_us <= cutoff:
            buckets.popleft()
        buckets.append([opened, 1, price])

    def at(self, time_us: int) -> int:
        """The price as of `time_us`, rounded down; 0 when there is none.

        The bucket that the window begins in counts for the fraction of it that lies within.
        """
        calculation = self.calculation
        if not isinstance(calculation, ArithmeticMean):
            return self._price
        width_us = calculation.bucket_width_ms * 1000
        cutoff = time_us - width_us * calculation.bucket_count
        count = total = 0
        for opened, trades, prices in self._buckets:
            expired_us = cutoff - opened
            if expired_us >= width_us:
                continue
            trades, prices = trades * _EXTRA, prices * _EXTRA
            if expired_us > 0:
                trades -= trades * expired_us // width_us
                prices -= prices * expired_us // width_us
            count += trades
            total += prices
        return total // count if count else 0


def execution_limits(price_range: PriceRange, is_buy: bool, reference: int) -> tuple[int, int | None]:
    """The lowest and the highest price at which an order may trade, both included; `None`: at any high price."""
    if is_buy:
        down, up = price_range.bid_limit_down, price_range.bid_limit_up
    else:
        down, up = price_range.ask_limit_down, price_range.ask_limit_up
    lowest = 0 if down is None else -(-reference * down // SCALE)
    return lowest, None if up is None else reference * up // SCALE
