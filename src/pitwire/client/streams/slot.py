"""A slot of the market streams: up to 1,024 of them, on a connection that is renewed without losing any."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pitwire.client.backoff import Backoff
from pitwire.client.link import Say
from pitwire.client.ports import OpenTransport
from pitwire.client.slot import Slot, SlotOwner
from pitwire.client.streams.cursor import Seam
from pitwire.client.streams.link import StreamLink, StreamRefused
from pitwire.client.streams.route import Route
from pitwire.protocol.errors import NotSent
from pitwire.protocol.redaction import redacted
from pitwire.protocol.stream_session import STREAMS_MAX

OVERLAP_S: Final = 1.0
"""How long both connections of a renewal are listened to, at least: one server may be behind another."""
_RENEWED: Final = Seam(lost=False)
_LOST: Final = Seam(lost=True)


class StreamSlot(Slot[StreamLink]):
    """Its new connection listens to the same streams before the old one is closed.

    Meanwhile the old one's messages are handed out and the new one's are kept. Once the old one has brought everything
    from before the new one listened, and a while has passed, the new one's are handed out; where both brought an event,
    each subscription's `Cursor` leaves it out the second time.
    """

    def __init__(
        self,
        url: str,
        say: Say,
        owner: SlotOwner[StreamLink],
        backoff: Backoff,
        rotate_after_s: Callable[[], float],
        open_transport: OpenTransport,
    ) -> None:
        super().__init__(url, say, owner, backoff, rotate_after_s)
        self._open_transport = open_transport
        self._bearer: StreamLink | None = None
        self._is_up = asyncio.Event()
        self.routes: dict[bytes, Route] = {}
        """What is to be listened to, by name."""

    @property
    def room(self) -> int:
        """How many more streams it can have."""
        return STREAMS_MAX - len(self.routes)

    async def settled(self, names: list[bytes]) -> None:
        """Return when all these streams are listened to, on whichever connection. Raises `StreamRefused`."""
        while True:
            link = self.link
            if link is None:
                await self._is_up.wait()
                continue
            try:
                await link.settle()
            except NotSent:
                if self.link is link:
                    await asyncio.wait({link.lost})
                continue
            for name in names:
                refusal = link.refusal(name)
                if refusal is not None:
                    raise refusal
            return

    def settle_soon(self) -> None:
        """Streams were taken away: say so to the exchange, without waiting for it."""
        if self.link is not None:
            self._start(self._settle(self.link))

    async def _settle(self, link: StreamLink) -> None:
        with suppress(NotSent):  # the next connection does not listen to them in the first place
            await link.settle()

    async def run(self) -> None:
        """Connect, and keep a connection for ever."""
        if self.link is None:
            try:
                await self.establish()
            except NotSent as error:
                self._failed(error)
        await self.keep()

    # --- what a slot has to do --------------------------------------------------------------------------------------

    async def _open(self) -> StreamLink:
        link = StreamLink(self.routes, self._say, self._on_lost, lambda _: self._on_shutdown(link))
        await link.open(self._url, self._open_transport)
        try:
            await link.settle()
            if not link.is_open:
                raise NotSent("the connection was lost at once")
        except BaseException:
            link.end()
            await link.close("the connection could not be prepared")
            raise
        return link

    def _take(self, link: StreamLink, instead_of: StreamLink | None = None) -> None:
        super()._take(link, instead_of)
        self._is_up.set()

    def _begin(self, link: StreamLink) -> None:
        self._bear(link)

    def _go_on(self, link: StreamLink) -> None:
        # The old one of a renewal whose new one was lost may still be there, with something on its way.
        self._bear(link, lost=self._bearer is not None)

    def _on_lost(self, link: StreamLink, reason: str) -> None:
        if link is self._bearer:
            self._bearer = None
            link.end()
            self._cross(link)
        if link is self.link:
            self._is_up.clear()
        super()._on_lost(link, reason)

    async def _hand_over(self, old: StreamLink, new: StreamLink) -> None:
        is_complete = False
        try:
            await new.settle()
            await old.catch_up()
            await asyncio.wait({old.lost, new.lost}, timeout=OVERLAP_S, return_when=asyncio.FIRST_COMPLETED)
            is_complete = True
        except (NotSent, StreamRefused) as error:
            self._say("warning", "a renewal was not complete", error=redacted(str(error)))
        finally:
            if new.is_open and self.link is new:
                self._bear(new, lost=not is_complete)

    def _bear(self, link: StreamLink, *, lost: bool = False) -> None:
        """Hand out what `link` brings, and nothing else. `lost`: the one before may not have brought everything."""
        if self._bearer is not None:
            if lost:
                self._cross(self._bearer)
            self._bearer.end()
        self._bearer = link
        for route in self.routes.values():
            route.cross(_RENEWED)
        link.begin()

    def _cross(self, lost: StreamLink) -> None:
        """What `lost` listened to may have a gap here."""
        for name in lost.subscribed:
            route = self.routes.get(name)
            if route is not None:
                route.cross(_LOST)

    def _on_shutdown(self, link: StreamLink) -> None:
        self._say("warning", "the server announced its shutdown")
        if link is self.link:
            self.rotate()
