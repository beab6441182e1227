"""`/metrics` for Prometheus, and `/health`: both are read from what is there when somebody asks.

Neither needs a token: they name no account, no key and no order.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.rest.answers import Answer, wrong_verb
from pitwire.metrics.buckets import Buckets

_US: Final = 1e-6
_OVER_LIMIT: Final = frozenset({418, 429})


class Monitoring:
    """The two endpoints of one exchange, as an ASGI application.

    `connections` gives the number of open connections by kind, `receivers` that of the receivers of streams by kind,
    and `failure` why the exchange has halted, if it has.
    """

    def __init__(
        self,
        admission: Admission,
        engine: Engine,
        connections: Callable[[], dict[str, int]],
        receivers: Callable[[], dict[str, int]],
        failure: Callable[[], Exception | None],
    ) -> None:
        self._admission = admission
        self._failure = failure
        self._registry = CollectorRegistry()
        self._registry.register(_Exchange(admission, engine, connections, receivers, failure))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["method"] not in ("GET", "HEAD"):
            answer = wrong_verb(scope["method"], scope["path"], ["GET", "HEAD"])
        else:
            answer = self._health() if scope["path"].startswith("/health") else self._metrics()
        headers = [*answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _metrics(self) -> Answer:
        body = generate_latest(self._registry)
        return _answer(200, CONTENT_TYPE_LATEST.encode(), body)

    def _health(self) -> Answer:
        failure = self._failure()
        state = "halted" if failure is not None else "draining" if self._admission.draining else "serving"
        health: dict[str, Any] = {"status": state, "sequence": self._admission.sequencer.last_sequence}
        if failure is not None:
            health["reason"] = str(failure)
        return _answer(200 if state == "serving" else 503, b"application/json", msgspec.json.encode(health))


class _Exchange(Collector):
    """Everything that is measured of one exchange."""

    def __init__(
        self,
        admission: Admission,
        engine: Engine,
        connections: Callable[[], dict[str, int]],
        receivers: Callable[[], dict[str, int]],
        failure: Callable[[], Exception | None],
    ) -> None:
        self._admission = admission
        self._engine = engine
        self._connections = connections
        self._receivers = receivers
        self._failure = failure

    def collect(self) -> Iterator[Metric]:
        """The metrics as they stand now."""
        yield from self._requests()
        yield from self._log()
        yield _by("pitwire_connections", "Open connections.", "kind", self._connections())
        yield _by("pitwire_stream_receivers", "Receivers of streams: subscriptions.", "kind", self._receivers())
        orders = {symbol: len(market.orders) for symbol, market in self._engine.venue.markets.items()}
        yield _by("pitwire_open_orders", "Orders that are open, of users and of the market.", "symbol", orders)
        halted = GaugeMetricFamily("pitwire_halted", "1 once nothing is executed any more.")
        halted.add_metric([], int(self._failure() is not None))
        yield halted

    def _requests(self) -> Iterator[Metric]:
        counts = self._admission.counts
        requests = CounterMetricFamily("pitwire_requests", "Requests answered.", labels=["method", "status"])
        over_limit = 0
        for (method, status), number in list(counts.statuses.items()):
            requests.add_metric([method, str(status)], number)
            over_limit += number if status in _OVER_LIMIT else 0
        yield requests
        refused = CounterMetricFamily("pitwire_requests_over_limit", "Requests refused for a rate limit or a ban.")
        refused.add_metric([], over_limit)
        yield refused
        latency = HistogramMetricFamily(
            "pitwire_request_seconds", "From a request's arrival to its answer.", labels=["method"]
        )
        for method, histogram in list(counts.latencies.items()):
            latency.add_metric([method], *_buckets(histogram, _US))
        yield latency

    def _log(self) -> Iterator[Metric]:
        sequencer = self._admission.sequencer
        size = HistogramMetricFamily("pitwire_log_batch_commands", "Commands in one append to the log.")
        size.add_metric([], *_buckets(sequencer.batch_commands, 1))
        yield size
        append = HistogramMetricFamily("pitwire_log_append_seconds", "From the start of an append until it is durable.")
        append.add_metric([], *_buckets(sequencer.append_us, _US))
        yield append
        sequence = CounterMetricFamily("pitwire_sequence", "The newest record's place in the log.")
        sequence.add_metric([], sequencer.last_sequence)
        yield sequence
        waiting = GaugeMetricFamily("pitwire_commands_waiting", "Commands that wait for the log.")
        waiting.add_metric([], sequencer.waiting)
        yield waiting


def _by(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _buckets(histogram: Buckets, unit: float) -> tuple[list[tuple[str, float]], float]:
    """The classes as Prometheus has them, each with all that is below it, and the sum."""
    found, count = [], 0
    for bound, number in zip((*histogram.bounds, None), histogram.counts, strict=True):
        count += number
        found.append(("+Inf" if bound is None else f"{bound * unit:g}", float(count)))
    return found, histogram.total * unit


def _answer(status: int, kind: bytes, body: bytes) -> Answer:
    return Answer(status, [(b"content-type", kind), (b"content-length", b"%d" % len(body))], body)
