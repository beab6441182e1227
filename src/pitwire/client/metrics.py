"""`client.metrics`: what is measured of a client, gathered from those who own it when somebody asks."""

from collections.abc import Callable, Iterable, Sequence

from pitwire.client.alerts import EVERY_S, Alerts, Notify
from pitwire.client.api_slot import ApiSlot
from pitwire.client.feed import UserDataFeed
from pitwire.client.limits.governor import Limits
from pitwire.client.link import LinkTerms
from pitwire.client.safety.unknown_orders import UnknownOrders
from pitwire.metrics.rules import Rule
from pitwire.metrics.snapshot import (
    ClientSnapshot,
    ClockState,
    Connections,
    Latencies,
    UnknownState,
    UserDataState,
)


class ClientMetrics:
    """The measurements of one client. To be used in its event loop."""

    def __init__(
        self,
        terms: LinkTerms,
        slots: Callable[[], Sequence[ApiSlot]],
        feed: UserDataFeed,
        unknown: UnknownOrders | None,
        limits: Callable[[], Limits | None],
    ) -> None:
        self._terms = terms
        self._slots = slots
        self._feed = feed
        self._unknown = unknown
        self._limits = limits

    def snapshot(self) -> ClientSnapshot:
        """Everything as it is now. Costs some 50 us for each method that was called: ask a few times a second."""
        terms = self._terms
        timings = terms.timings
        limits = self._limits()
        failures: dict[str, dict[str, int]] = {}
        for (method, kind), count in timings.failures.items():
            failures.setdefault(method, {})[kind] = count
        return ClientSnapshot(
            at_ns=timings.now_ns(),
            url=terms.url,
            connections=self._connections(),
            requests={method: Latencies.of(latencies) for method, latencies in timings.by_method().items()},
            failures=failures,
            limits=() if limits is None else limits.usage(terms.key.api_key if terms.key is not None else None),
            waiting=0 if limits is None else limits.waiting,
            user_data=self._user_data(),
            event_delays=Latencies.of(timings.events),
            unknown=self._unknown_orders(),
            unknown_fields=timings.drift.by_field(),
            clock=ClockState(
                is_measured=terms.clock.is_measured,
                offset_us=terms.clock.offset_ns / 1000,
                error_us=terms.clock.error_ns / 1000,
            ),
        )

    def alerts(self, notify: Notify, rules: Iterable[Rule] | None = None, *, every_s: float = EVERY_S) -> Alerts:
        """Alerts of this client, to be used with `async with`: see `Alerts`, and `pitwire.metrics.rules`."""
        return Alerts(self.snapshot, notify, rules, every_s, self._terms.say)

    def _connections(self) -> Connections:
        slots = self._slots()
        links = [slot.link for slot in slots if slot.link is not None]
        return Connections(
            wanted=len(slots),
            ready=len(links),
            reconnects=sum(slot.reconnects for slot in slots),
            failed_attempts=sum(slot.failed_attempts for slot in slots),
            rotations=sum(slot.rotations for slot in slots),
            in_flight=sum(len(link.session.pending) for link in links),
            held=sum(link.session.pending.held for link in links),
        )

    def _user_data(self) -> UserDataState:
        feed = self._feed
        iterators = list(feed.iterators)
        return UserDataState(
            subscriptions=len(self._terms.standing.subscriptions),
            iterators=len(iterators),
            events=feed.events,
            queued=max((iterator.queued for iterator in iterators), default=0),
            lost=sum(iterator.lost for iterator in iterators),
            gaps=feed.gaps,
            gap_ms=feed.gap_ms,
            is_borne=feed.is_borne,
        )

    def _unknown_orders(self) -> UnknownState:
        unknown = self._unknown
        if unknown is None:
            return UnknownState()
        return UnknownState(open=len(unknown), resolved=unknown.resolved, given_up=unknown.given_up)
