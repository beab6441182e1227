"""Many connections to the streams of one exchange process, half of which do not read: `bench.crowd`, smaller."""

from bench.crowd import STREAMS, measure
from bench.orders import exchange

CONNECTIONS = 60
SECONDS = 5.0
BESIDE_BYTES = 64 * 1024 * 1024
"""What the process takes for all else: its connections, its market."""


async def test_those_who_read_lose_nothing_and_those_who_do_not_cost_a_bounded_memory(tmp_path):
    with exchange(tmp_path, "synthetic") as (url, pid):
        report = await measure(url, pid, CONNECTIONS, SECONDS)
    print(report)
    assert (report["connections"], report["streams_each"], report["slow"]) == (CONNECTIONS, 20, CONNECTIONS // 2)
    assert len(set(STREAMS)) == 20
    assert (report["gaps"], report["fast_cut_off"]) == (0, 0)
    assert report["fewest_messages"] > 100
    grown = report["memory_peak_bytes"] - report["memory_before_bytes"]
    assert grown <= report["memory_bound_bytes"] + BESIDE_BYTES
