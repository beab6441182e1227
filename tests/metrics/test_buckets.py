"""Values in classes."""

import pytest

from pitwire.metrics.buckets import LATENCY_BOUNDS_US, SIZE_BOUNDS, Buckets


def test_a_class_holds_what_is_at_most_its_bound() -> None:
    histogram = Buckets((1, 10))
    for value in (0, 1, 2, 10, 11, 1_000):
        histogram.add(value)
    assert (histogram.counts, histogram.total) == ([2, 2, 2], 1_024)


@pytest.mark.parametrize("bounds", [LATENCY_BOUNDS_US, SIZE_BOUNDS])
def test_bounds_rise(bounds: tuple[int, ...]) -> None:
    assert list(bounds) == sorted(set(bounds))
