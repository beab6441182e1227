"""What is measured of clients and streams, for Prometheus. The names go on as the exchange's `/metrics` begins them."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Protocol, Self

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from pitwire.metrics.snapshot import ClientSnapshot, Latencies, StreamsSnapshot

SCRAPE_S_MAX: Final = 5.0
"""How long a scrape waits for the event loop. A loop that is busy for longer is a scrape that fails."""
BOUNDS_NS: Final = (*(digit * 10**power for power in range(3, 9) for digit in (10, 25, 50)), 10**10)
"""The buckets of latencies: 10 us to 10 s."""


class Measured(Protocol):
    """Something of which snapshots can be taken: `client.metrics`, `streams.metrics`."""

    def snapshot(self) -> ClientSnapshot | StreamsSnapshot:
        """Everything as it is now."""
        ...


class HasMetrics(Protocol):
    """A client, or market streams."""

    @property
    def metrics(self) -> Measured:
        """What is measured of it."""
        ...


class ClientCollector(Collector):
    """Collects the metrics of `clients` and streams, by the name that each is to have in the label `client`.

    To be made in their event loop. It may be asked from any other thread: the snapshots are taken in the loop,
    between two of its turns. Blocking clients may be asked from any thread: of those it is made outside of any loop.
    Register it with any registry of prometheus_client.
    """

    def __init__(self, clients: Mapping[str, HasMetrics]) -> None:
        self._clients = dict(clients)
        self._loop = _running_loop()

    def describe(self) -> list[Metric]:
        """Nothing in advance: registering asks no client."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics as they stand now. Raises `TimeoutError` when the event loop does not get to it within 5 s."""
        taken = self._take() if self._is_in_loop() else self._take_in_loop()
        clients = {name: each for name, each in taken.items() if isinstance(each, ClientSnapshot)}
        yield from _gathered(clients, _GAUGES, _COUNTERS)
        yield from _by_label(clients)
        streams = {name: each for name, each in taken.items() if isinstance(each, StreamsSnapshot)}
        if streams:
            yield from _gathered(streams, _STREAM_GAUGES, _STREAM_COUNTERS)
            yield from _by_subscription(streams)

    def _is_in_loop(self) -> bool:
        return self._loop is None or _running_loop() is self._loop

    def _take(self) -> dict[str, ClientSnapshot | StreamsSnapshot]:
        return {name: client.metrics.snapshot() for name, client in self._clients.items()}

    def _take_in_loop(self) -> dict[str, ClientSnapshot | StreamsSnapshot]:
        taken: Future[dict[str, ClientSnapshot | StreamsSnapshot]] = Future()

        def take() -> None:
            try:
                taken.set_result(self._take())
            except Exception as error:
                taken.set_exception(error)

        assert self._loop is not None
        self._loop.call_soon_threadsafe(take)
        return taken.result(SCRAPE_S_MAX)


_Rows = tuple[tuple[str, str, Callable[[Any], float]], ...]

_GAUGES: Final[_Rows] = (
    ("pitwire_client_connected", "1 while requests can be sent.", lambda s: s.is_connected),
    ("pitwire_client_connections", "Connections that are ready.", lambda s: s.connections.ready),
    ("pitwire_client_requests_in_flight", "Requests that wait for a response.", lambda s: s.connections.in_flight),
    ("pitwire_client_requests_held", "Requests that wait to be written.", lambda s: s.connections.held),
    ("pitwire_client_requests_waiting", "Requests that wait for the exchange's limits.", lambda s: s.waiting),
    ("pitwire_client_events_queued", "Events in the fullest queue of user data.", lambda s: s.user_data.queued),
    ("pitwire_client_user_data_subscriptions", "Subscriptions.", lambda s: s.user_data.subscriptions),
    ("pitwire_client_outcomes_unknown", "Requests whose outcome is being found out.", lambda s: s.unknown.open),
    ("pitwire_client_clock_offset_seconds", "What the server's clock is ahead.", lambda s: s.clock.offset_us / 1e6),
    ("pitwire_client_clock_error_seconds", "How far off that may be.", lambda s: s.clock.error_us / 1e6),
    ("pitwire_client_unknown_fields", "Fields that came and are not documented.", lambda s: len(s.unknown_fields)),
)
_COUNTERS: Final[_Rows] = (
    ("pitwire_client_reconnects", "Connections made again after a loss.", lambda s: s.connections.reconnects),
    ("pitwire_client_failed_attempts", "Connections tried in vain.", lambda s: s.connections.failed_attempts),
    ("pitwire_client_rotations", "Connections renewed without a loss.", lambda s: s.connections.rotations),
    ("pitwire_client_events", "User data events.", lambda s: s.user_data.events),
    ("pitwire_client_gaps", "Times without user data.", lambda s: s.user_data.gaps),
    ("pitwire_client_gap_seconds", "How long those were.", lambda s: s.user_data.gap_ms / 1000),
    ("pitwire_client_outcomes_resolved", "Unknown outcomes found out.", lambda s: s.unknown.resolved),
    ("pitwire_client_outcomes_given_up", "Outcomes that stayed unknown.", lambda s: s.unknown.given_up),
)


_STREAM_GAUGES: Final[_Rows] = (
    ("pitwire_streams_connected", "1 while every connection that is needed is there.", lambda s: s.is_connected),
    ("pitwire_streams_connections", "Connections that are ready.", lambda s: s.connections.ready),
    ("pitwire_streams_listened", "Streams that are listened to.", lambda s: s.streams),
    ("pitwire_streams_unknown_fields", "Fields that came and are not documented.", lambda s: len(s.unknown_fields)),
)
_STREAM_COUNTERS: Final[_Rows] = (
    ("pitwire_streams_reconnects", "Connections made again after a loss.", lambda s: s.connections.reconnects),
    ("pitwire_streams_failed_attempts", "Connections tried in vain.", lambda s: s.connections.failed_attempts),
    ("pitwire_streams_rotations", "Connections renewed without a loss.", lambda s: s.connections.rotations),
    ("pitwire_streams_gaps", "Gaps that were told.", lambda s: s.gaps),
    ("pitwire_streams_dropped", "Events let go because too many waited.", lambda s: s.dropped),
    ("pitwire_streams_conflated", "Events that made way to a later one.", lambda s: s.conflated),
    ("pitwire_streams_skipped", "Events that two connections brought.", lambda s: s.skipped),
)


def _gathered(snapshots: Mapping[str, Any], gauges: _Rows, counters: _Rows) -> Iterator[Metric]:
    for kind, rows in ((GaugeMetricFamily, gauges), (CounterMetricFamily, counters)):
        for name, text, read in rows:
            family = kind(name, text, labels=["client"])
            for client, snapshot in snapshots.items():
                family.add_metric([client], read(snapshot))
            yield family


def _by_subscription(snapshots: Mapping[str, StreamsSnapshot]) -> Iterator[Metric]:
    labels = ["client", "subscription"]
    queued = GaugeMetricFamily("pitwire_streams_queued", "Events that wait to be taken.", labels=labels)
    silent = GaugeMetricFamily("pitwire_streams_silent_seconds", "How long ago the last event came.", labels=labels)
    age = HistogramMetricFamily(
        "pitwire_streams_event_age_seconds", "From an event's own time until it was taken.", labels=["client"]
    )
    for client, snapshot in snapshots.items():
        for name in {each.streams for each in snapshot.subscriptions}:  # several may have the same: the worst counts
            those = [each for each in snapshot.subscriptions if each.streams == name]
            queued.add_metric([client, name], max(each.waiting for each in those))
            silent.add_metric([client, name], max(each.silent_ms for each in those) / 1000)
        age.add_metric([client], *_buckets(snapshot.ages))
    yield from (queued, silent, age)


def _by_label(snapshots: Mapping[str, ClientSnapshot]) -> Iterator[Metric]:
    latency = HistogramMetricFamily(
        "pitwire_client_request_seconds", "From send to reply.", labels=["client", "method"]
    )
    delay = HistogramMetricFamily(
        "pitwire_client_event_seconds", "From an event's receipt until it was taken.", labels=["client"]
    )
    failures = CounterMetricFamily(
        "pitwire_client_failures", "Requests that failed.", labels=["client", "method", "kind"]
    )
    limit = GaugeMetricFamily(
        "pitwire_client_limit", "The exchange's limits.", labels=["client", "type", "interval_seconds"]
    )
    used = GaugeMetricFamily(
        "pitwire_client_limit_used", "What is used of them.", labels=["client", "type", "interval_seconds"]
    )
    for client, snapshot in snapshots.items():
        for method, latencies in snapshot.requests.items():
            latency.add_metric([client, method], *_buckets(latencies))
        delay.add_metric([client], *_buckets(snapshot.event_delays))
        for method, kinds in snapshot.failures.items():
            for kind, count in kinds.items():
                failures.add_metric([client, method, kind], count)
        for each in snapshot.limits:
            labels = [client, each.type, str(each.interval_s)]
            limit.add_metric(labels, each.limit)
            used.add_metric(labels, each.used)
    yield from (latency, delay, failures, limit, used)


def _buckets(latencies: Latencies) -> tuple[list[tuple[str, float]], float]:
    """The buckets as Prometheus has them, each with all that is surely not above it, and the sum in seconds."""
    found, place, seen = [], 0, 0
    cumulated = latencies.cumulated
    for bound_ns in BOUNDS_NS:
        while place < len(cumulated) and cumulated[place][0] <= bound_ns:
            seen = cumulated[place][1]
            place += 1
        found.append((f"{bound_ns / 1e9:g}", float(seen)))
    found.append(("+Inf", float(latencies.count)))
    return found, latencies.total_us / 1e6


def _running_loop() -> asyncio.AbstractEventLoop | None:
    with suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


class MetricsServer:
    """An HTTP server for Prometheus, in a thread of its own, until `close`; or as a context manager."""

    def __init__(self, clients: Mapping[str, HasMetrics], host: str, port: int) -> None:
        registry = CollectorRegistry()
        registry.register(ClientCollector(clients))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._server, self._thread = start_http_server(port, host, registry)
        self.url: Final = f"http://{host}:{self._server.server_port}/metrics"
        """Where the metrics are."""

    def close(self) -> None:
        """End it. A scrape that is under way is answered first, where the event loop lets it."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def serve(client: HasMetrics | Mapping[str, HasMetrics], port: int = 9464, *, host: str = "127.0.0.1") -> MetricsServer:
    """Serve the metrics of a client, or of several and of streams by name, at `http://host:port/metrics`.

    To be called in their event loop, or for blocking clients outside of any; port 0 takes a free one. By default only
    this machine can ask: there is no password, and what is told names no account, no key and no order. Raises `OSError`
    when the port is taken.
    """
    return MetricsServer(client if isinstance(client, Mapping) else {"main": client}, host, port)
