"""How long what a client does takes: requests from send to reply, events from their receipt to who takes them."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from pitwire.metrics.histogram import LatencyHistogram
from pitwire.protocol.errors import NotSent, PitwireError, Rejected
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.requests.base import Request


class Timings:
    """The latencies of one client, and how often its requests failed. `now_ns` is a clock that never goes back."""

    __slots__ = ("_latencies", "events", "failures", "now_ns", "received_ns")

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self.now_ns: Final = now_ns
        self.received_ns = 0
        """When the messages came that are gone through now: all of one read came at once."""
        self._latencies: dict[type[Request[Any]], LatencyHistogram] = {}
        self.events = LatencyHistogram()
        """From an event's receipt until the application took it."""
        self.failures: Counter[tuple[str, str]] = Counter()
        """By method and kind: `refused` by the exchange, `not_sent`, or the outcome `unknown` at first."""

    def answered(self, pending: Pending) -> None:
        """A response to `pending` has come, whatever it says."""
        request_type = pending.request.__class__
        latencies = self._latencies.get(request_type)
        if latencies is None:
            latencies = self._latencies[request_type] = LatencyHistogram()
        latencies.record(self.received_ns - pending.sent_ns)

    def failed(self, pending: Pending, failure: PitwireError) -> None:
        """`pending` has failed."""
        kind = "refused" if isinstance(failure, Rejected) else "not_sent" if isinstance(failure, NotSent) else "unknown"
        self.failures[pending.request.METHOD.name, kind] += 1

    def by_method(self) -> dict[str, LatencyHistogram]:
        """The latencies from send to reply, by the methods' names on the wire."""
        return {request_type.METHOD.name: latencies for request_type, latencies in self._latencies.items()}
