"""One sequence of user data, whatever connection brings it, and what a time without any does to it."""

import json
from typing import Any

import pytest

from pitwire.client.feed import AHEAD_MS_MAX, UserDataFeed
from pitwire.client.link import Link
from pitwire.client.user_data import SubscriptionRestored
from pitwire.protocol.signing import Key
from tests.client.test_missed import traded


class Taken:
    """What an iterator would hand out."""

    account: Key | None = None

    def __init__(self) -> None:
        self.events: list[Any] = []

    def put(self, event: Any) -> None:
        self.events.append(event if isinstance(event, SubscriptionRestored) else json.loads(event)["event"]["I"])


class Line:
    """A connection, as far as the feed is concerned: something that is itself."""


def report(number: int, kind: str, trade: int = -1) -> bytes:
    event = {"e": "executionReport", "s": "A", "i": 1, "I": number, "x": kind, "t": trade}
    return json.dumps({"subscriptionId": 0, "event": event}).encode()


class Feed:
    """A feed whose connection has brought trade 1 and then was lost, and the connection after it."""

    def __init__(self) -> None:
        self.now_ms = 1_000
        self.taken = Taken()
        self.feed = UserDataFeed(lambda: self.now_ms, lambda message, account: None)
        self.feed.iterators.add(self.taken)  # type: ignore[arg-type]
        lost = self.link()
        self.feed.switch(lost)
        self.feed.receive(lost, report(1, "TRADE", 1), None)
        self.feed.lost(lost)
        self.next = self.link()

    def link(self) -> Link:
        link: Any = Line()
        self.feed.expect(link)
        return link  # type: ignore[no-any-return]

    def brings(self, number: int, kind: str, trade: int = -1) -> None:
        self.feed.receive(self.next, report(number, kind, trade), None)

    def goes_on(self, *trades: int) -> None:
        gap = self.feed.gap()
        restored = SubscriptionRestored(
            lost_at_ms=gap.lost_at_ms,
            restored_at_ms=gap.restored_at_ms,
            is_complete=True,
            trades=tuple(traded(number) for number in trades),
        )
        assert self.feed.switch(self.next, {None: restored})

    def told(self) -> list[Any]:
        """The events by number, and the trades of each gap as a list."""
        return [
            [trade.id for trade in event.trades] if isinstance(event, SubscriptionRestored) else event
            for event in self.taken.events
        ]

    def newest(self) -> int:
        return self.feed.seen_trades.known(None, 0).newest["A"]


@pytest.fixture
def lost() -> Feed:
    return Feed()


def test_a_trade_that_is_reported_as_well_is_left_to_its_report(lost: Feed):
    lost.brings(5, "NEW")
    lost.brings(6, "TRADE", 3)
    lost.goes_on(2, 3)
    assert lost.told() == [1, [2], 5, 6]


def test_a_report_that_comes_after_its_trade_was_handed_over_is_let_go(lost: Feed):
    lost.goes_on(2, 3)
    lost.brings(6, "TRADE", 3)
    lost.brings(7, "CANCELED")
    lost.brings(8, "TRADE", 4)
    assert lost.told() == [1, [2, 3], 7, 8]
    lost.now_ms += AHEAD_MS_MAX + 1
    lost.brings(9, "TRADE", 2)
    assert lost.told()[-1] == 9, "so late it is none of that time"


def test_what_was_handed_over_is_not_asked_for_after_the_next_loss(lost: Feed):
    lost.goes_on(2, 3)
    assert lost.newest() == 3


def test_what_a_connection_brought_that_was_lost_before_it_took_over_is_asked_for(lost: Feed):
    lost.brings(6, "TRADE", 3)
    lost.feed.lost(lost.next)
    assert lost.newest() == 1
    assert lost.told() == [1]


def test_one_that_is_being_renewed_is_let_go_when_another_takes_over_than_was_to():
    feed = Feed()
    feed.goes_on()
    feed.now_ms = 5_000
    lost = feed.link()
    feed.feed.lost(lost)
    assert not feed.feed.let_go(lost), "it is lost itself: what bears the user data is to bear them on"
    assert feed.feed.is_borne
    old, feed.next = feed.next, feed.link()
    assert feed.feed.let_go(feed.next)
    assert feed.feed.gap().lost_at_ms == 5_000
    feed.feed.receive(old, report(7, "NEW"), None)
    feed.brings(7, "NEW")
    feed.goes_on()
    assert feed.told() == [1, [], [], 7]
