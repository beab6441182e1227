"""When what is measured is worth a word: rules that fire once when it gets bad, and clear once when it is good again.

A rule reads one value of each snapshot, of a client or of market streams. It fires when the value is above `above`, and
clears when it is `clear_at` or below, which by default is four fifths of it; in between it stays as it is. A rule
remembers what it has seen, so each belongs to one client, or to one `Streams`. Pure: the time is that of the snapshots.
"""

from collections import deque
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from pitwire.metrics.snapshot import ClientSnapshot, StreamsSnapshot, percentile_ns

CLEAR_SHARE: Final = 0.8
WINDOW_SNAPSHOTS_MAX: Final = 10_000
"""How many snapshots a window holds; beyond that it is shorter than was asked for."""

V = TypeVar("V")


class Alert(Struct, frozen=True, kw_only=True):
    """A rule has fired, or (`is_firing` is false) cleared. `at_ns` is the client's clock, since the epoch."""

    rule: str
    is_firing: bool
    value: float
    above: float
    unit: str
    at_ns: int

    def __str__(self) -> str:
        if self.is_firing:
            return f"{self.rule}: {self.value:.6g} {self.unit} is above {self.above:.6g}"
        return f"{self.rule}: {self.value:.6g} {self.unit} is well again (the limit is {self.above:.6g})"


class Rule:
    """One thing to watch. `name` says what it is called in alerts; make a subclass for a rule of your own."""

    def __init__(self, name: str, unit: str, above: float, clear_at: float | None = None) -> None:
        self.name = name
        self.unit = unit
        self.above = above
        self.clear_at = above * CLEAR_SHARE if clear_at is None else clear_at
        if not 0 <= self.clear_at <= above:
            raise ValueError(f"{name}: clear_at is {self.clear_at}: pass 0 to {above}, where the rule fires")
        self.is_firing = False

    def measure(self, snapshot: Any) -> float | None:
        """The value that is watched, of a `ClientSnapshot` or a `StreamsSnapshot`; `None`: nothing to say yet."""
        raise NotImplementedError

    def evaluate(self, snapshot: ClientSnapshot | StreamsSnapshot) -> Alert | None:
        """What `snapshot` changes, if it does."""
        value = self.measure(snapshot)
        if value is None:
            return None
        is_firing = value > self.clear_at if self.is_firing else value > self.above
        if is_firing == self.is_firing:
            return None
        self.is_firing = is_firing
        return Alert(
            rule=self.name,
            is_firing=is_firing,
            value=value,
            above=self.above,
            unit=self.unit,
            at_ns=snapshot.at_ns,
        )


class _Window(Generic[V]):
    """Values of the last `window_s` seconds, and the one before them."""

    def __init__(self, window_s: float) -> None:
        if window_s <= 0:
            raise ValueError(f"window_s is {window_s}: pass a time above 0")
        self._window_ns = round(window_s * 1e9)
        self._values: deque[tuple[int, V]] = deque(maxlen=WINDOW_SNAPSHOTS_MAX)

    def begin(self, at_ns: int, value: V) -> V:
        """Keep `value`; the one that the window begins with."""
        values = self._values
        values.append((at_ns, value))
        while len(values) > 1 and values[1][0] <= at_ns - self._window_ns:
            values.popleft()
        return values[0][1]


class LatencyAbove(Rule):
    """`percentile` of the requests of the last `window_s` took longer than `ms` from send to reply.

    Of `method` alone, or of all. It clears when they are quick again, or when there are none in the window.
    """

    def __init__(
        self,
        ms: float,
        *,
        percentile: float = 99.0,
        window_s: float = 60.0,
        method: str | None = None,
        clear_at: float | None = None,
    ) -> None:
        if not 0 < percentile <= 100:
            raise ValueError(f"percentile is {percentile}: pass more than 0, up to 100")
        super().__init__(f"latency of {method or 'requests'}, p{percentile:g}", "ms", ms, clear_at)
        self._percentile = percentile
        self._method = method
        self._window: _Window[dict[int, int]] = _Window(window_s)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """The percentile, in milliseconds."""
        counts: dict[int, int] = {}
        for method, latencies in snapshot.requests.items():
            if self._method in (None, method):
                before = 0
                for up_to_ns, seen in latencies.cumulated:
                    counts[up_to_ns] = counts.get(up_to_ns, 0) + seen - before
                    before = seen
        old = self._window.begin(snapshot.at_ns, counts)
        new, seen = [], 0
        for up_to_ns in sorted(counts):
            seen += counts[up_to_ns] - old.get(up_to_ns, 0)
            new.append((up_to_ns, seen))
        if not seen:
            return 0.0 if self.is_firing else None
        return percentile_ns(tuple(new), self._percentile) / 1e6


class WeightAbove(Rule):
    """More than `share` of the exchange's request weight is used."""

    def __init__(self, share: float = 0.8, *, clear_at: float | None = None) -> None:
        super().__init__("request weight", "of the limit", share, clear_at)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """The part that is used."""
        return snapshot.weight_share


class OrdersAbove(Rule):
    """More than `share` of the unfilled orders that the exchange allows the account are used."""

    def __init__(self, share: float = 0.8, *, clear_at: float | None = None) -> None:
        super().__init__("unfilled orders", "of the limit", share, clear_at)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """The part that is used, of the interval of which most is."""
        return max((each.share for each in snapshot.limits if each.type == "ORDERS"), default=0.0)


class ClockOff(Rule):
    """The own clock is off the server's by more than `ms`, for certain: what it may be measured wrong is in its favor.

    The client stamps by the server's clock, so nothing is refused for it; but other programs of the machine may be.
    """

    def __init__(self, ms: float = 500.0, *, clear_at: float | None = None) -> None:
        super().__init__("clock", "ms off", ms, clear_at)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """By how many milliseconds it is off at least."""
        clock = snapshot.clock
        return max(0.0, abs(clock.offset_us) - clock.error_us) / 1000 if clock.is_measured else None


class UserDataSilent(Rule):
    """No user data event has come for `seconds`, while there is a subscription. An event clears it.

    An account on which nothing happens is silent too: choose the time by what yours does.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("user data", "s of silence", seconds)
        self._events = -1
        self._since_ns = 0

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """How many seconds ago the last one came, to within the time between two snapshots."""
        state = snapshot.user_data
        if state.events != self._events or not state.subscriptions:
            self._events, self._since_ns = state.events, snapshot.at_ns
        return (snapshot.at_ns - self._since_ns) / 1e9


class NotConnected(Rule):
    """There has been no connection for `seconds`; of market streams, not every one that is needed."""

    def __init__(self, seconds: float = 5.0) -> None:
        super().__init__("connection", "s without one", seconds)
        self._since_ns: int | None = None

    def measure(self, snapshot: ClientSnapshot | StreamsSnapshot) -> float | None:
        """For how many seconds there has been none."""
        if snapshot.is_connected:
            self._since_ns = None
            return 0.0
        if self._since_ns is None:
            self._since_ns = snapshot.at_ns
        return (snapshot.at_ns - self._since_ns) / 1e9


class ReconnectStorm(Rule):
    """More than `count` connections were lost and made again, or tried in vain, in the last `window_s`."""

    def __init__(self, count: int = 5, *, window_s: float = 300.0, clear_at: float | None = None) -> None:
        super().__init__(f"reconnects in {window_s:g} s", "attempts", count, clear_at)
        self._window: _Window[int] = _Window(window_s)

    def measure(self, snapshot: ClientSnapshot | StreamsSnapshot) -> float | None:
        """How many there were."""
        now = snapshot.connections.reconnects + snapshot.connections.failed_attempts
        return float(now - self._window.begin(snapshot.at_ns, now))


class QueueAbove(Rule):
    """More than `events` user data events wait for a slow iterator."""

    def __init__(self, events: int = 1000, *, clear_at: float | None = None) -> None:
        super().__init__("user data queue", "events", events, clear_at)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """How many wait."""
        return float(snapshot.user_data.queued)


class WaitingAbove(Rule):
    """More than `requests` wait for the exchange's limits, or to be written to a server that does not read."""

    def __init__(self, requests: int = 100, *, clear_at: float | None = None) -> None:
        super().__init__("requests that wait", "requests", requests, clear_at)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """How many wait."""
        return float(snapshot.waiting + snapshot.connections.held)


class OutcomesUnknown(Rule):
    """More than `requests` have an outcome that nobody has said yet."""

    def __init__(self, requests: int = 0) -> None:
        super().__init__("unknown outcomes", "requests", requests)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        """How many have."""
        return float(snapshot.unknown.open)


class StreamSilent(Rule):
    """A subscription to market streams has had no event for `seconds`. An event clears it.

    Of `streams` alone, named as the snapshot names them ("btcusdt@trade"), or of any. A market in which nothing happens
    is silent too: choose the time by what yours does, or a stream that is never silent, such as `kline_1s`.
    """

    def __init__(self, seconds: float, *, streams: str | None = None) -> None:
        super().__init__(streams or "market streams", "s of silence", seconds)
        self._streams = streams

    def measure(self, snapshot: StreamsSnapshot) -> float | None:
        """How many seconds ago the last event came, to the one that has waited longest."""
        silences = [each.silent_ms for each in snapshot.subscriptions if self._streams in (None, each.streams)]
        return max(silences) / 1000 if silences else 0.0 if self.is_firing else None


class StreamGapsAbove(Rule):
    """More than `count` gaps were told in the last `window_s`."""

    def __init__(self, count: int = 0, *, window_s: float = 300.0, clear_at: float | None = None) -> None:
        super().__init__(f"gaps in market streams in {window_s:g} s", "gaps", count, clear_at)
        self._window: _Window[int] = _Window(window_s)

    def measure(self, snapshot: StreamsSnapshot) -> float | None:
        """How many there were."""
        return float(snapshot.gaps - self._window.begin(snapshot.at_ns, snapshot.gaps))


class StreamQueueAbove(Rule):
    """More than `events` wait in one subscription's queue."""

    def __init__(self, events: int = 1000, *, clear_at: float | None = None) -> None:
        super().__init__("market stream queue", "events", events, clear_at)

    def measure(self, snapshot: StreamsSnapshot) -> float | None:
        """How many wait in the fullest."""
        return float(snapshot.waiting)


def usual_rules() -> list[Rule]:
    """Rules that suit any client: slow requests, limits nearly used, clock, connections, queues, unknown outcomes."""
    return [
        LatencyAbove(1000.0),
        WeightAbove(),
        OrdersAbove(),
        ClockOff(),
        NotConnected(),
        ReconnectStorm(),
        QueueAbove(),
        WaitingAbove(),
        OutcomesUnknown(),
    ]


def usual_stream_rules() -> list[Rule]:
    """Rules that suit any market streams: connections, gaps, queues."""
    return [NotConnected(), ReconnectStorm(), StreamGapsAbove(), StreamQueueAbove()]
