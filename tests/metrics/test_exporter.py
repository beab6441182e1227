"""What Prometheus gets."""

import asyncio
import urllib.error
import urllib.request
from contextlib import closing

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pitwire.metrics import ClientCollector, serve
from pitwire.metrics.histogram import LatencyHistogram
from pitwire.metrics.snapshot import (
    ClientSnapshot,
    Connections,
    Latencies,
    LimitUsage,
    StreamsSnapshot,
    SubscriptionState,
)


class Client:
    """Something that is measured."""

    def __init__(self, snapshot: ClientSnapshot | StreamsSnapshot) -> None:
        self._snapshot = snapshot
        self.loops: list[asyncio.AbstractEventLoop] = []

    @property
    def metrics(self) -> "Client":
        return self

    def snapshot(self) -> ClientSnapshot | StreamsSnapshot:
        self.loops.append(asyncio.get_running_loop())
        return self._snapshot


def a_snapshot() -> ClientSnapshot:
    histogram = LatencyHistogram()
    for took_ns in (9_000, 400_000, 2_000_000, 60_000_000_000):
        histogram.record(took_ns)
    return ClientSnapshot(
        at_ns=0,
        url="",
        connections=Connections(wanted=1, ready=1, reconnects=3),
        requests={"ping": Latencies.of(histogram)},
        failures={"ping": {"refused": 2}},
        limits=(LimitUsage(type="ORDERS", interval_s=10, limit=50, used=7),),
    )


async def scraped(url: str) -> dict[tuple[str, ...], float]:
    text = await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=20).read().decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_prometheus_reads_them_from_loopback_and_they_are_taken_in_the_event_loop():
    client = Client(a_snapshot())
    with serve(client, 0) as server:
        assert server.url.startswith("http://127.0.0.1:")
        got = await scraped(server.url)
    assert client.loops == [asyncio.get_running_loop()]
    assert got["pitwire_client_connected", "main"] == 1
    assert got["pitwire_client_reconnects_total", "main"] == 3
    assert got["pitwire_client_failures_total", "main", "refused", "ping"] == 2
    assert got["pitwire_client_limit_used", "main", "10", "ORDERS"] == 7
    bucket = "pitwire_client_request_seconds_bucket"
    assert [got[bucket, "main", bound, "ping"] for bound in ("1e-05", "0.001", "10")] == [1, 2, 3]
    assert got[bucket, "main", "+Inf", "ping"] == 4
    assert got["pitwire_client_request_seconds_count", "main", "ping"] == 4
    assert got["pitwire_client_request_seconds_sum", "main", "ping"] == pytest.approx(60.002409)


async def test_several_clients_are_told_apart_by_their_names():
    with closing(serve({"maker": Client(a_snapshot()), "taker": Client(a_snapshot())}, 0)) as server:
        got = await scraped(server.url)
    assert [got["pitwire_client_connected", name] for name in ("maker", "taker")] == [1, 1]


async def test_streams_are_told_beside_clients():
    histogram = LatencyHistogram()
    histogram.record(400_000)
    streams = StreamsSnapshot(
        at_ns=0,
        url="",
        connections=Connections(wanted=2, ready=1, reconnects=4),
        streams=7,
        subscriptions=(
            SubscriptionState(streams="x@trade", waiting=5, silent_ms=1_500),
            SubscriptionState(streams="x@trade", waiting=9, silent_ms=500),
            SubscriptionState(streams="y@trade"),
        ),
        gaps=3,
        dropped=11,
        ages=Latencies.of(histogram),
        unknown_fields={"TradeUpdate.Z": 8},
    )
    with closing(serve({"bot": Client(a_snapshot()), "market": Client(streams)}, 0)) as server:
        got = await scraped(server.url)
    assert got["pitwire_client_connected", "bot"] == 1
    assert ("pitwire_client_connected", "market") not in got
    assert [got[f"pitwire_streams_{name}", "market"] for name in ("connected", "connections", "listened")] == [0, 1, 7]
    assert [got[f"pitwire_streams_{name}_total", "market"] for name in ("reconnects", "gaps", "dropped")] == [4, 3, 11]
    assert got["pitwire_streams_queued", "market", "x@trade"] == 9
    assert got["pitwire_streams_silent_seconds", "market", "x@trade"] == 1.5
    assert got["pitwire_streams_queued", "market", "y@trade"] == 0
    assert got["pitwire_streams_event_age_seconds_count", "market"] == 1
    assert got["pitwire_streams_unknown_fields", "market"] == 1
    assert got["pitwire_client_unknown_fields", "bot"] == 0


async def test_a_collector_asked_in_the_loop_itself_answers():
    metrics = list(ClientCollector({"x": Client(a_snapshot())}).collect())
    assert "pitwire_client_clock_offset_seconds" in {metric.name for metric in metrics}


async def test_a_closed_server_answers_no_more():
    server = serve(Client(a_snapshot()), 0)
    server.close()
    with pytest.raises(urllib.error.URLError):
        await scraped(server.url)
