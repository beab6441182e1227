"""From connections to iterators: which connection brings the user data, and what happens when that changes."""

import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from pitwire.client.handover import EventKey, Handover, event_key, trade_of
from pitwire.client.link import Link
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
        self._ahead_until_ms = 0
        self.lost_at_ms = 0
        """Since when no connection has borne the user data; 0 while one does."""
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
            if not self._ahead or not self._is_known(message, account):
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

        `recovered` says for each account what is known of a time in between. Its trades are not reported again.
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
        known: set[tuple[Key | None, str, int]] = set()
        for account, restored in recovered.items():
            known.update((account, trade.symbol, trade.id) for trade in restored.trades)
            for iterator in self.iterators:
                if iterator.account is None or iterator.account == account:
                    iterator.put(restored)
        for message, account in handover.missing():
            if known and (trade := trade_of(message)) is not None and (account, *trade) in known:
                continue
            self._deliver(message, account)
        self._ahead, self._ahead_until_ms = handover.ahead(), self._now_ms() + AHEAD_MS_MAX
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
        """Whether the connection before brought it, which was ahead of this one."""
        if self._now_ms() > self._ahead_until_ms:
            self._ahead.clear()
            return False
        key = event_key(message, account)
        if key not in self._ahead:
            return False
        self._ahead[key] -= 1
        if not self._ahead[key]:
            del self._ahead[key]
        return True

    def _hand_out(self, message: bytes, account: Key | None) -> None:
        self._heard(message, account)
        self._deliver(message, account)

    def _deliver(self, message: bytes, account: Key | None) -> None:
        self.events += 1
        for iterator in self.iterators:
            if iterator.account is None or iterator.account == account:
                iterator.put(message)
