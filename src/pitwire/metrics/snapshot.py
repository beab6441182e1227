"""What is measured of a client or of market streams, at one moment: plain values that encode to JSON as they stand."""

from msgspec import Struct

from pitwire.metrics.histogram import LatencyHistogram


class Latencies(Struct, frozen=True, kw_only=True):
    """A histogram's figures, in microseconds; percentiles are at most 3.2 % above the true ones."""

    count: int = 0
    total_us: float = 0.0
    p50_us: float = 0.0
    p90_us: float = 0.0
    p99_us: float = 0.0
    p999_us: float = 0.0
    max_us: float = 0.0
    cumulated: tuple[tuple[int, int], ...] = ()
    """Ascending: a latency in nanoseconds, and how many do not exceed it."""

    @classmethod
    def of(cls, histogram: LatencyHistogram) -> "Latencies":
        """The figures of `histogram` as it is now."""
        cumulated = tuple(histogram.cumulated())
        p50, p90, p99, p999 = (
            min(percentile_ns(cumulated, percent), histogram.max_ns) / 1000 for percent in (50, 90, 99, 99.9)
        )
        return cls(
            count=histogram.count,
            total_us=histogram.total_ns / 1000,
            p50_us=p50,
            p90_us=p90,
            p99_us=p99,
            p999_us=p999,
            max_us=histogram.max_ns / 1000,
            cumulated=cumulated,
        )

    @property
    def mean_us(self) -> float:
        """The mean; 0 when there are none."""
        return self.total_us / self.count if self.count else 0.0


def percentile_ns(cumulated: tuple[tuple[int, int], ...], percent: float) -> int:
    """The latency that `percent` of all do not exceed; 0 when there are none."""
    wanted = cumulated[-1][1] * percent / 100 if cumulated else 0
    return next((up_to_ns for up_to_ns, seen in cumulated if seen >= wanted), 0)


class LimitUsage(Struct, frozen=True, kw_only=True):
    """How much of one of the exchange's limits is used, as the client counts it: not less than the exchange does."""

    type: str
    """`REQUEST_WEIGHT` of this address, or `ORDERS` (unfilled ones) of the client's account."""
    interval_s: int
    limit: int
    used: int

    @property
    def share(self) -> float:
        """The part that is used."""
        return self.used / self.limit if self.limit else 0.0


class Connections(Struct, frozen=True, kw_only=True):
    """The connections of a client, or of market streams. Counts are since it was entered."""

    wanted: int = 0
    ready: int = 0
    reconnects: int = 0
    """How often one was there again after a loss."""
    failed_attempts: int = 0
    rotations: int = 0
    """How often one was renewed without a loss."""
    in_flight: int = 0
    """Requests that wait for a response."""
    held: int = 0
    """Requests that wait to be written."""


class UserDataState(Struct, frozen=True, kw_only=True):
    """What comes of the user data streams."""

    subscriptions: int = 0
    iterators: int = 0
    events: int = 0
    """How many came, each once."""
    queued: int = 0
    """How many wait in the fullest iterator."""
    lost: int = 0
    """How many did not fit into an iterator's queue, since its last `EventsLost`."""
    gaps: int = 0
    """How often no connection bore the user data for a while."""
    gap_ms: int = 0
    """How long that was in sum."""
    is_borne: bool = False
    """Whether a connection bears them now."""


class UnknownState(Struct, frozen=True, kw_only=True):
    """Requests whose outcome nobody said."""

    open: int = 0
    resolved: int = 0
    """How many were found out about."""
    given_up: int = 0
    """How many stayed unknown."""


class ClockState(Struct, frozen=True, kw_only=True):
    """The server's clock, by the own one."""

    is_measured: bool = False
    offset_us: float = 0.0
    """What it is ahead."""
    error_us: float = 0.0
    """How far off that may be, either way."""


class ClientSnapshot(Struct, frozen=True, kw_only=True):
    """Everything that is measured of a client. `at_ns` is its own clock, in nanoseconds since the epoch."""

    at_ns: int
    url: str
    connections: Connections = Connections()
    requests: dict[str, Latencies] = {}
    """From send to reply, by method."""
    failures: dict[str, dict[str, int]] = {}
    """By method and kind: `refused`, `not_sent`, `unknown`. One that was found out about later counts as well."""
    limits: tuple[LimitUsage, ...] = ()
    waiting: int = 0
    """Requests that wait for the exchange's limits, of all clients of this exchange in the event loop."""
    user_data: UserDataState = UserDataState()
    event_delays: Latencies = Latencies()
    """From an event's receipt until the application took it."""
    unknown: UnknownState = UnknownState()
    unknown_fields: dict[str, int] = {}
    """Fields that came and are not documented, as `Order.newField`: how often they were seen in what is looked at, one
    result of a method and one event of a type in 256."""
    clock: ClockState = ClockState()

    @property
    def is_connected(self) -> bool:
        """Whether requests can be sent."""
        return self.connections.ready > 0

    @property
    def weight_share(self) -> float:
        """The part of the request weight that is used, of the interval of which most is."""
        return max((each.share for each in self.limits if each.type == "REQUEST_WEIGHT"), default=0.0)


class SubscriptionState(Struct, frozen=True, kw_only=True):
    """One subscription to market streams, as an application iterates over it; or a local book's. Counts are its own."""

    streams: str
    """Their names; of many the first, and how many there are."""
    waiting: int = 0
    """Events that wait to be taken."""
    dropped: int = 0
    conflated: int = 0
    skipped: int = 0
    gaps: int = 0
    silent_ms: int = 0
    """How long ago the last event came, or was taken, to within the time between two snapshots."""


class StreamsSnapshot(Struct, frozen=True, kw_only=True):
    """Everything that is measured of market streams. `at_ns` is the own clock, in nanoseconds since the epoch.

    Counts are since the streams were entered, of subscriptions that have ended as well.
    """

    at_ns: int
    url: str
    connections: Connections = Connections()
    """In flight and held are no requests here."""
    streams: int = 0
    """How many are listened to."""
    subscriptions: tuple[SubscriptionState, ...] = ()
    gaps: int = 0
    """`StreamGap`s that were told."""
    dropped: int = 0
    """Events that were let go because too many waited."""
    conflated: int = 0
    """Events that made way to a later one."""
    skipped: int = 0
    """Events that two connections brought, left out the second time."""
    ages: Latencies = Latencies()
    """From an event's own time, by the exchange's clock, until the application took it, by the own one: of one event
    of a stream in 256, where it says its time."""
    unknown_fields: dict[str, int] = {}
    """As those of a client."""

    @property
    def is_connected(self) -> bool:
        """Whether every connection that is needed is there."""
        return self.connections.ready == self.connections.wanted > 0

    @property
    def waiting(self) -> int:
        """How many events wait in the fullest queue."""
        return max((each.waiting for each in self.subscriptions), default=0)
