"""How long what a client does takes: requests from send to reply, events from their receipt to who takes them.

What comes passes by here, so here too one result of each method and one event of each type in many is looked at whole,
for fields that are not documented.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Raw

from pitwire.metrics.histogram import LatencyHistogram
from pitwire.protocol.drift import LOOK_EVERY, Drift
from pitwire.protocol.errors import NotSent, PitwireError, Rejected
from pitwire.protocol.events import UnknownEvent
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.requests.base import Request


class Timings:
    """The latencies of one client, and how often its requests failed. `now_ns` is a clock that never goes back."""

    __slots__ = ("_latencies", "_unlooked", "drift", "events", "failures", "now_ns", "received_ns")

    def __init__(self, now_ns: Callable[[], int], drift: Drift) -> None:
        self.now_ns: Final = now_ns
        self.drift: Final = drift
        """Fields that came and are not documented."""
        self._unlooked: dict[type[Any], int] = {}  # how many events of a type are yet to come until one is looked at
        self.received_ns = 0
        """When the messages came that are gone through now: all of one read came at once."""
        self._latencies: dict[type[Request[Any]], LatencyHistogram] = {}
        self.events = LatencyHistogram()
        """From an event's receipt until the application took it."""
        self.failures: Counter[tuple[str, str]] = Counter()
        """By method and kind: `refused` by the exchange, `not_sent`, or the outcome `unknown` at first."""

    def answered(self, pending: Pending, result: Raw) -> None:
        """A response to `pending` has come, with a `result` or none."""
        request_type = pending.request.__class__
        latencies = self._latencies.get(request_type)
        if latencies is None:
            latencies = self._latencies[request_type] = LatencyHistogram()
        if latencies.count % LOOK_EVERY == 0:
            self._look_at(pending, result)
        latencies.record(self.received_ns - pending.sent_ns)

    def _look_at(self, pending: Pending, result: Raw) -> None:
        try:
            decoded = pending.decode(result)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return  # whoever waits for it is told
        self.drift.look(decoded, b'{"result":%b}' % bytes(result))

    def took(self, event: Any, message: bytes) -> None:
        """The application took a user data event, which came in `message`."""
        kind = event.__class__
        unlooked = self._unlooked.get(kind, 0)
        if not unlooked:
            if kind is not UnknownEvent:  # of which nothing is known
                self.drift.look(event, message)
            unlooked = LOOK_EVERY
        self._unlooked[kind] = unlooked - 1

    def failed(self, pending: Pending, failure: PitwireError) -> None:
        """`pending` has failed."""
        kind = "refused" if isinstance(failure, Rejected) else "not_sent" if isinstance(failure, NotSent) else "unknown"
        self.failures[pending.request.METHOD.name, kind] += 1

    def by_method(self) -> dict[str, LatencyHistogram]:
        """The latencies from send to reply, by the methods' names on the wire."""
        return {request_type.METHOD.name: latencies for request_type, latencies in self._latencies.items()}
