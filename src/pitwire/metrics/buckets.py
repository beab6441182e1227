"""Counts of values between fixed bounds: what a metric of an exporter needs, at the price of one addition."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

LATENCY_BOUNDS_US: Final = tuple(factor * 10**power for power in range(1, 7) for factor in (1, 2, 5))
"""10 us, 20 us, 50 us, ... 5 s."""
SIZE_BOUNDS: Final = tuple(2**power for power in range(13))
"""1, 2, 4, ... 4,096."""


class Buckets:
    """How many values fell into each bucket; it holds what is at most its bound, the last one what is above all."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[int]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0
        """The sum of all values."""

    def add(self, value: int) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value
