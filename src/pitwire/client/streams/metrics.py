"""`streams.metrics`: what is measured of market streams, gathered from those who own it when somebody asks.

Nothing of it costs a message anything: the counts are there in any case, whether something has come is seen by whether
a subscription is where it was, and how old events are is measured of those that are looked at for unknown fields.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import Struct

from pitwire.client.alerts import EVERY_S, Alerts, Notify
from pitwire.client.link import Say
from pitwire.client.streams.slot import StreamSlot
from pitwire.client.streams.subscription import Subscription
from pitwire.metrics.histogram import LatencyHistogram
from pitwire.metrics.rules import Rule, usual_stream_rules
from pitwire.metrics.snapshot import Connections, Latencies, StreamsSnapshot, SubscriptionState
from pitwire.protocol.drift import Drift

NAMES_CHARACTERS_MAX: Final = 60


class Looks(Drift):
    """What the streams look at whole: fields that are not documented, and how old events are when they are taken."""

    def __init__(self, tell: Callable[[str, str], object], now_ns: Callable[[], int], unit_ns: int) -> None:
        super().__init__(tell)
        self._now_ns = now_ns
        self._unit_ns = unit_ns
        self.ages = LatencyHistogram()

    def look(self, event: Any, message: Any) -> None:
        """See `Drift`."""
        time = getattr(event, "event_time", None)
        if time is not None:
            self.ages.record(self._now_ns() - time * self._unit_ns)
        super().look(event, message)


class _Counts(Struct):
    gaps: int = 0
    dropped: int = 0
    conflated: int = 0
    skipped: int = 0

    @classmethod
    def of(cls, subscription: Subscription[Any]) -> "_Counts":
        return cls(subscription.gaps, subscription.dropped, subscription.conflated, subscription.skipped)

    def add(self, later: "_Counts", earlier: "_Counts") -> None:
        """Count what has come between the two."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(later, name) - getattr(earlier, name))


class _Seen:
    """A subscription, as it was when it began, and when it was last seen to have moved."""

    def __init__(self, subscription: Subscription[Any], now_ns: int) -> None:
        self.at_first = _Counts.of(subscription)
        self._message = subscription.message
        self._counts: tuple[int, ...] = ()
        self._since_ns = now_ns

    def silent_ms(self, subscription: Subscription[Any], now_ns: int) -> int:
        """How long it has stayed where it is."""
        message = subscription.message
        counts = subscription.waiting, subscription.dropped, subscription.conflated
        if message is not self._message or counts != self._counts:
            self._message, self._counts, self._since_ns = message, counts, now_ns
        return (now_ns - self._since_ns) // 1_000_000


class StreamsMetrics:
    """The measurements of market streams. To be used in their event loop."""

    def __init__(
        self, url: str, now_ns: Callable[[], int], slots: Callable[[], Iterable[StreamSlot]], looks: Looks, say: Say
    ) -> None:
        self._url = url
        self._now_ns = now_ns
        self._slots = slots
        self._looks = looks
        self._say = say
        self._seen: dict[Subscription[Any], _Seen] = {}
        self._past = _Counts()

    def begun(self, subscription: Subscription[Any]) -> None:
        """It listens."""
        if subscription not in self._seen:
            self._seen[subscription] = _Seen(subscription, self._now_ns())

    def ended(self, subscription: Subscription[Any]) -> None:
        """It listens no more."""
        seen = self._seen.pop(subscription, None)
        if seen is not None:
            self._past.add(_Counts.of(subscription), seen.at_first)

    def snapshot(self) -> StreamsSnapshot:
        """Everything as it is now. Costs some 50 us, and 5 us for each subscription: ask a few times a second."""
        now_ns = self._now_ns()
        counts = _Counts()
        counts.add(self._past, _Counts())
        for subscription, seen in self._seen.items():
            counts.add(_Counts.of(subscription), seen.at_first)
        slots = list(self._slots())
        return StreamsSnapshot(
            at_ns=now_ns,
            url=self._url,
            connections=Connections(
                wanted=len(slots),
                ready=sum(slot.link is not None for slot in slots),
                reconnects=sum(slot.reconnects for slot in slots),
                failed_attempts=sum(slot.failed_attempts for slot in slots),
                rotations=sum(slot.rotations for slot in slots),
            ),
            streams=sum(len(slot.routes) for slot in slots),
            subscriptions=tuple(
                SubscriptionState(
                    streams=_names(subscription),
                    waiting=subscription.waiting,
                    dropped=subscription.dropped,
                    conflated=subscription.conflated,
                    skipped=subscription.skipped,
                    gaps=subscription.gaps,
                    silent_ms=seen.silent_ms(subscription, now_ns),
                )
                for subscription, seen in self._seen.items()
            ),
            gaps=counts.gaps,
            dropped=counts.dropped,
            conflated=counts.conflated,
            skipped=counts.skipped,
            ages=Latencies.of(self._looks.ages),
            unknown_fields=self._looks.by_field(),
        )

    def alerts(self, notify: Notify, rules: Iterable[Rule] | None = None, *, every_s: float = EVERY_S) -> Alerts:
        """Alerts of these streams, to be used with `async with`: see `Alerts`, and `pitwire.metrics.rules`."""
        return Alerts(self.snapshot, notify, usual_stream_rules() if rules is None else rules, every_s, self._say)


def _names(subscription: Subscription[Any]) -> str:
    names = [stream.name for stream in subscription.streams]
    text = ", ".join(names)
    if len(text) <= NAMES_CHARACTERS_MAX:
        return text
    return f"{names[0]} and {len(names) - 1} more"
