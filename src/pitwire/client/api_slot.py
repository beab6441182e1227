"""A slot of the WebSocket API: its connections log on, and one of the slots bears the user data."""

from collections.abc import Callable
from typing import Protocol

from pitwire.client.backoff import Backoff
from pitwire.client.feed import UserDataFeed
from pitwire.client.link import Link, LinkOwner, LinkTerms
from pitwire.client.slot import Slot, SlotOwner
from pitwire.protocol.errors import InvalidKey, NotSent, PitwireError, RateLimited
from pitwire.protocol.requests.general import Ping


class ApiSlotOwner(SlotOwner[Link], LinkOwner, Protocol):
    """Who has such slots: a client."""

    async def recover_gap(self, link: Link, /) -> None:
        """`link` is subscribed again after a loss: find out what was missed, and switch the feed to it."""
        ...


class ApiSlot(Slot[Link]):
    """Its new connection is logged on and subscribed before requests go over it.

    In a renewal the old one is closed when its last request is answered. `feed` is given to the slot whose connection
    bears the user data.
    """

    def __init__(
        self,
        terms: LinkTerms,
        owner: ApiSlotOwner,
        backoff: Backoff,
        feed: UserDataFeed | None,
        rotate_after_s: Callable[[], float],
    ) -> None:
        super().__init__(terms.url, terms.say, owner, backoff, rotate_after_s)
        self._terms = terms
        self._api_owner = owner
        self._feed = feed

    async def _open(self) -> Link:
        link = await Link.open(self._terms, self._api_owner, self._on_lost)
        try:
            await link.log_on()
            if self._feed is not None:
                self._feed.expect(link)
                await link.restore_subscriptions()
            if not link.is_open:
                raise NotSent("the connection was lost at once")
        except BaseException:
            if self._feed is not None:
                self._feed.lost(link)
            await link.close("the connection could not be prepared")
            raise
        return link

    def _begin(self, link: Link) -> None:
        if self._feed is not None:
            self._feed.switch(link)

    def _go_on(self, link: Link) -> None:
        if self._feed is not None:
            self._start(self._api_owner.recover_gap(link))

    def _retry_after_s(self, error: Exception) -> float:
        match error:
            case RateLimited(retry_after_ms=int(time_ms)):
                return time_ms / 1000 - self._terms.clock.now_ns() / 1e9
            case _:
                return super()._retry_after_s(error)

    def _on_lost(self, link: Link, reason: str) -> None:
        if self._feed is not None:
            self._feed.lost(link)
            if link is self.link and self._terms.standing.drop_what_cannot_be_restored():
                self._feed.fail(
                    InvalidKey("the user data subscription went with a logon that cannot be repeated without its key")
                )
        super()._on_lost(link, reason)

    async def _hand_over(self, old: Link, new: Link) -> None:
        if self._feed is not None:
            await self._hand_over_feed(self._feed, old, new)
        await old.drained()

    async def _hand_over_feed(self, feed: UserDataFeed, old: Link, new: Link) -> None:
        try:
            while await new.restore_subscriptions():  # what was subscribed on the old one meanwhile
                pass
            await old.ask(Ping())  # what the old one brought before the new one was subscribed has come, too, by then
        except PitwireError as error:
            self._say("warning", "the old connection was lost before its user data was complete", error=str(error))
            await self._api_owner.recover_gap(new)
        else:
            feed.switch(new)
