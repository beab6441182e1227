"""The figures of a snapshot."""

import random

import pytest

from pitwire.metrics.histogram import LatencyHistogram
from pitwire.metrics.snapshot import ClientSnapshot, Latencies, LimitUsage, percentile_ns


def test_the_figures_are_those_of_the_histogram():
    seed = 7
    print("seed", seed)
    chance = random.Random(seed)
    histogram = LatencyHistogram()
    for _ in range(10_000):
        histogram.record(chance.randrange(10**6))
    figures = Latencies.of(histogram)
    assert figures.count == 10_000
    assert figures.p50_us == histogram.percentile_ns(50) / 1000
    assert figures.p99_us == histogram.percentile_ns(99) / 1000
    assert figures.p999_us == histogram.percentile_ns(99.9) / 1000
    assert figures.mean_us == pytest.approx(histogram.mean_ns / 1000)
    assert figures.cumulated[-1][1] == 10_000


def test_nothing_recorded_is_all_zeros():
    assert Latencies.of(LatencyHistogram()) == Latencies()
    assert percentile_ns((), 50) == 0
    assert Latencies().mean_us == 0


def test_the_weight_is_that_of_the_fullest_interval():
    limits = (
        LimitUsage(type="REQUEST_WEIGHT", interval_s=60, limit=6000, used=3000),
        LimitUsage(type="REQUEST_WEIGHT", interval_s=3600, limit=100, used=90),
        LimitUsage(type="ORDERS", interval_s=10, limit=100, used=99),
    )
    assert ClientSnapshot(at_ns=0, url="", limits=limits).weight_share == 0.9
    assert ClientSnapshot(at_ns=0, url="").weight_share == 0
