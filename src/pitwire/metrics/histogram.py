"""Latencies, counted by size: a fixed array, whatever is recorded, from which any percentile follows.

Sizes are log-linear, 32 steps to a doubling, so a percentile is at most 3.2 % above the true one. Recording costs
some tenths of a microsecond and allocates nothing, so it may stand on a hot path.
"""

from collections.abc import Iterator
from typing import Final

_STEP_BITS: Final = 5
_STEPS: Final = 1 << _STEP_BITS
VALUE_NS_MAX: Final = (1 << 42) - 1
"""Longer ones, from 73 minutes on, count as this."""
_SIZES: Final = (42 - _STEP_BITS + 1) * _STEPS


class LatencyHistogram:
    """How often which latency, in nanoseconds. Owned by one thread."""

    __slots__ = ("_counts", "count", "max_ns", "total_ns")

    def __init__(self) -> None:
        self._counts = [0] * _SIZES
        self.count = 0
        self.total_ns = 0
        self.max_ns = 0

    def record(self, latency_ns: int) -> None:
        """Count one latency; a negative one, from a clock that was set back, counts as 0."""
        if latency_ns > self.max_ns:
            self.max_ns = latency_ns = min(latency_ns, VALUE_NS_MAX)
        elif latency_ns < 0:
            latency_ns = 0
        self.count += 1
        self.total_ns += latency_ns
        shift = latency_ns.bit_length() - _STEP_BITS - 1
        if shift <= 0:
            self._counts[latency_ns] += 1
        else:
            self._counts[(shift << _STEP_BITS) + (latency_ns >> shift)] += 1

    def percentile_ns(self, percent: float) -> int:
        """The latency that `percent` of all do not exceed; 0 when there are none. 100 is the largest, exactly."""
        if not 0 <= percent <= 100:
            raise ValueError(f"percent is {percent}: pass 0 to 100")
        if percent == 100:
            return self.max_ns
        wanted = max(1, -(-self.count * percent // 100))
        for up_to_ns, seen in self.cumulated():
            if seen >= wanted:
                return min(up_to_ns, self.max_ns)
        return 0

    @property
    def mean_ns(self) -> float:
        """The mean; 0 when there are none."""
        return self.total_ns / self.count if self.count else 0.0

    def cumulated(self) -> Iterator[tuple[int, int]]:
        """Ascending: a latency, and how many do not exceed it, wherever that number grows."""
        seen = 0
        for index, count in enumerate(self._counts):
            if count:
                seen += count
                yield _greatest(index), seen

    def at_most(self, latency_ns: int) -> int:
        """How many latencies are surely not above `latency_ns`: to within one step, as an exporter's buckets need."""
        found = 0
        for up_to_ns, seen in self.cumulated():
            if up_to_ns > latency_ns:
                break
            found = seen
        return found

    def add(self, other: "LatencyHistogram") -> None:
        """Count all of another's latencies too."""
        self._counts = [mine + theirs for mine, theirs in zip(self._counts, other._counts, strict=True)]
        self.count += other.count
        self.total_ns += other.total_ns
        self.max_ns = max(self.max_ns, other.max_ns)

    def reset(self) -> None:
        """Forget all."""
        self._counts = [0] * _SIZES
        self.count = self.total_ns = self.max_ns = 0


def _greatest(index: int) -> int:
    """The greatest latency that is counted at `index`."""
    if index < 2 * _STEPS:
        return index
    shift = (index >> _STEP_BITS) - 1
    return ((index - (shift << _STEP_BITS) + 1) << shift) - 1
