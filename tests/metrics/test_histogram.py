import math
import random

import pytest

from pitwire.metrics.histogram import VALUE_NS_MAX, LatencyHistogram


def histogram(*latencies):
    filled = LatencyHistogram()
    for latency in latencies:
        filled.record(latency)
    return filled


def test_nothing_recorded_is_zero_everywhere():
    empty = LatencyHistogram()
    assert (empty.count, empty.percentile_ns(50), empty.percentile_ns(100), empty.mean_ns) == (0, 0, 0, 0.0)


@pytest.mark.parametrize("latency", [0, 1, 31, 32, 63, 64, 65, 1_000, 999_999, 123_456_789, VALUE_NS_MAX])
def test_one_latency_is_every_percentile(latency):
    one = histogram(latency)
    assert [one.percentile_ns(percent) for percent in (0, 50, 99.9, 100)] == [latency] * 4


def test_percentiles_are_at_most_one_step_above_the_true_ones():
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    latencies = sorted(int(rng.lognormvariate(11, 2)) for _ in range(5_000))
    filled = histogram(*latencies)
    for percent in (1, 25, 50, 90, 99, 99.9, 100):
        true = latencies[max(1, math.ceil(len(latencies) * percent / 100)) - 1]
        assert true <= filled.percentile_ns(percent) <= true * (1 + 1 / 31) + 1
    assert filled.max_ns == latencies[-1]
    assert filled.mean_ns == pytest.approx(sum(latencies) / len(latencies))


def test_every_latency_up_to_a_million_lies_in_its_step():
    for latency in (*range(2_000), *range(2_000, 1_000_000, 997)):
        found = next(histogram(latency).cumulated())[0]
        assert latency <= found <= latency * 33 // 32 + 1


def test_what_is_negative_counts_as_nothing_and_what_is_too_long_as_the_longest():
    odd = histogram(-5, VALUE_NS_MAX * 9)
    assert (odd.count, odd.percentile_ns(50), odd.max_ns) == (2, 0, VALUE_NS_MAX)


def test_two_add_up():
    first, second = histogram(10, 20), histogram(30, 1_000)
    first.add(second)
    assert (first.count, first.max_ns, first.total_ns, first.at_most(30)) == (4, 1_000, 1_060, 3)
    first.reset()
    assert (first.count, list(first.cumulated())) == (0, [])


@pytest.mark.parametrize("percent", [-1, 100.1])
def test_a_percentage_that_is_none_is_refused(percent):
    with pytest.raises(ValueError, match="pass 0 to 100"):
        LatencyHistogram().percentile_ns(percent)
