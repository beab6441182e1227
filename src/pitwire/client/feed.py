"""From connections to iterators: which connection brings the user data, and what happens when that changes."""

import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from pitwire.client.handover import EventKey, Handover, event_key, trade_of
from pitwire.client.link import Link
from pitwire.client.missed import SeenTrades
from pitwire.client.user_data import SubscriptionRestored, UserData
from pitwire.protocol.errors import PitwireError
from pitwire.protocol.signing import Key

KEPT_EVENTS_MAX: Final = 100_000
"""How many events of a new connection are kept while it takes over; beyond that it does so at once."""

AHEAD_MS_MAX: Final = 60_000
"""How long a connection may take to bring what the one before it brought: after that it is none that is alive."""


class UserDataFeed:
    """The connection that bears the user data, the one that is to follow it, and the iterators.

    `now_ms` is the server's time. Events of any other connection are let go.
    """

    def __init__(self, now_ms: Callable[[], int], heard: Callable[[bytes, Key | None], None]) -> None:
        self.iterators: weakref.WeakSet[UserData] = weakref.WeakSet()
        self._now_ms = now_ms
        self._heard = heard
        self._bearer: Link | None = None
        self._successor: Link | None = None
        self._handover = Handover()
        self._ahead: Counter[EventKey] = Counter()  # what was handed out, and the bearer may bring yet
        self._restored: set[tuple[Key | None, str, int]] = set()  # trades handed out that may be reported yet
        self._ahead_until_ms = 0
        self.lost_at_ms = 0
        """Since when no connection has borne the user data; 0 while one does."""
        self.seen_trades: Final = SeenTrades()
        """The newest trades that were handed out."""
        self.events = 0
        """How many were handed out."""
        self.gaps = 0
        """How often no connection bore the user data for a while."""
        self.gap_ms = 0
        """How long that was in sum."""

    @property
    def is_borne(self) -> bool:
        """Whether a connection bears the user data."""
        return self._bearer is not None

    def expect(self, link: Link) -> None:
        """`link` is about to be subscribed: keep what it brings until `switch`."""
        self._successor = link
        self._handover = Handover()

    def receive(self, link: Link, message: bytes, account: Key | None) -> None:
        """An event came over `link`."""
        if link is self._bearer:
            if not (self._ahead or self._restored) or not self._is_known(message, account):
                self._hand_out(message, account)
            if self._successor is not None:
                self._handover.brought(message, account)
        elif link is self._successor:
            self._heard(message, account)
            self._handover.keep(message, account)
            if len(self._handover) > KEPT_EVENTS_MAX:
                self.switch(link)

    def announce(self, message: bytes) -> None:
        """An event of a connection itself came."""
        for iterator in self.iterators:
            iterator.put(message)

    def switch(self, link: Link, recovered: Mapping[Key | None, SubscriptionRestored] = MappingProxyType({})) -> bool:
        """From now on `link` bears the user data; without effect, and false, where it was not expected.

        `recovered` says for each account what is known of a time in between. Each of its trades is told once: by
        the report that `link` has brought of it, or else by `recovered`, and then a report that comes later is let go.
        """
        if link is not self._successor:
            return False
        self._bearer, self._successor, handover = link, None, self._handover
        if self.lost_at_ms and not recovered:
            recovered = {None: self.gap()}
        if recovered:
            self.gaps += 1
            self.gap_ms += max(restored.gap_ms for restored in recovered.values())
        self.lost_at_ms = 0
        missing = list(handover.missing())
        reported = {(account, *trade) for message, account in missing if (trade := trade_of(message)) is not None}
        self._restored = set()
        for account, restored in recovered.items():
            # A trade that is reported here as well is left to its report: what came before it says how its order stood.
            trades = [each for each in restored.trades if (account, each.symbol, each.id) not in reported]
            self._restored.update((account, trade.symbol, trade.id) for trade in trades)
            self.seen_trades.restored(trades, account)
            if len(trades) < len(restored.trades):
                restored = msgspec.structs.replace(restored, trades=tuple(trades))
            for iterator in self.iterators:
                if iterator.account is None or iterator.account == account:
                    iterator.put(restored)
        for message, account in missing:
            self._deliver(message, account)
        self._ahead, self._ahead_until_ms = handover.ahead(), self._now_ms() + AHEAD_MS_MAX
        return True

    def let_go(self, link: Link) -> bool:
        """Do not listen to what may still bear the user data: `link` is to follow it. False, without effect, if not."""
        if link is not self._successor:
            return False
        if self._bearer is not None:
            self.lost(self._bearer)
        return True

    def gap(self) -> SubscriptionRestored:
        """The time without user data, up to now, of which nothing further is known."""
        return SubscriptionRestored(lost_at_ms=self.lost_at_ms, restored_at_ms=self._now_ms())

    def lost(self, link: Link) -> None:
        """`link` is lost."""
        if link is self._successor:
            self._successor = None
        elif link is self._bearer:
            self._bearer = None
            self.lost_at_ms = self._now_ms()

    def fail(self, error: PitwireError) -> None:
        """There will be no user data any more: every iterator says so."""
        for iterator in list(self.iterators):
            iterator.fail(error)

    def close(self) -> None:
        """Every iteration ends."""
        for iterator in list(self.iterators):
            iterator.close()

    def _is_known(self, message: bytes, account: Key | None) -> bool:
        """Whether the connection before brought it, which was ahead of this one, or it was asked for."""
        if self._now_ms() > self._ahead_until_ms:
            self._ahead.clear()
            self._restored.clear()
            return False
        if self._is_restored(message, account):
            return True
        key = event_key(message, account)
        if key not in self._ahead:
            return False
        self._ahead[key] -= 1
        if not self._ahead[key]:
            del self._ahead[key]
        return True

    def _is_restored(self, message: bytes, account: Key | None) -> bool:
        """Whether it reports a trade that was asked for already."""
        if not self._restored or (trade := trade_of(message)) is None:
            return False
        return (account, *trade) in self._restored

    def _hand_out(self, message: bytes, account: Key | None) -> None:
        self._heard(message, account)
        self._deliver(message, account)

    def _deliver(self, message: bytes, account: Key | None) -> None:
        self.events += 1
        self.seen_trades.hear(message, account)
        for iterator in self.iterators:
            if iterator.account is None or iterator.account == account:
                iterator.put(message)
