"""How many requests were answered, how, and how long that took. Counted where they pass, read when somebody asks."""

from pitwire.metrics.buckets import LATENCY_BOUNDS_US, Buckets
from pitwire.protocol.errors import WireError

MALFORMED = "malformed"
"""In place of a method's name, for what was no request of any."""


class RequestCounts:
    """The counts of one exchange since it started, over all surfaces."""

    def __init__(self) -> None:
        self.statuses: dict[tuple[str, int], int] = {}
        """By method and status."""
        self.latencies: dict[str, Buckets] = {}
        """In microseconds, by method: from the request's arrival to its answer, for those that were carried out."""

    def refused(self, method: str, status: int) -> None:
        """Count a request that was not carried out."""
        key = (method, status)
        self.statuses[key] = self.statuses.get(key, 0) + 1

    def answered(self, method: str, answer: bytes | WireError, took_us: int) -> None:
        """Count a request that was carried out, or refused by whoever carried it out."""
        key = (method, answer.status if type(answer) is WireError else 200)
        self.statuses[key] = self.statuses.get(key, 0) + 1
        latency = self.latencies.get(method)
        if latency is None:
            latency = self.latencies[method] = Buckets(LATENCY_BOUNDS_US)
        latency.add(took_us if took_us > 0 else 0)
