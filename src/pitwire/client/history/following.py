"""A market followed from a time in the past on: its history first, then what the stream tells, as one sequence."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from pitwire.client.backoff import Backoff
from pitwire.client.client import Client
from pitwire.client.history.joining import Followed, Sequel, Source
from pitwire.client.history.paging import PAGE_ROWS_MAX
from pitwire.client.history.patience import wait_s
from pitwire.client.limits.governor import LimitReached
from pitwire.client.link import Say
from pitwire.client.streams.cursor import Seam, StreamGap
from pitwire.client.streams.subscription import Subscription
from pitwire.protocol.errors import NotSent, OutcomeUnknown, ProtocolViolation, RateLimited
from pitwire.protocol.redaction import redacted

R = TypeVar("R")
T = TypeVar("T")

OFFLINE_S_MAX: Final = 30.0
"""Before it looks again whether it is closed, while the client has no connection."""

Fetch = Callable[[int | None], Awaitable[Sequence[R]]]
"""Asks for the rows from a place on; `None` is the beginning."""


class Follower(AsyncIterator[Followed[R]], Generic[R]):
    """Rows of one market: those of history, then those of the stream, each once. Made by the `follow_` methods.

        history ──no more rows──> subscribed ──what came meanwhile──> live ──a gap──> recovering ──all taken──> live

    It subscribes once history has no more. What the stream then shows to be missing is asked of history before the
    stream goes on: after a lost connection at once when there is another, and wherever an event does not follow on the
    one before. As a context manager it unsubscribes on leaving; without, `close` does. One task takes the rows.

    While a connection is gone it waits for the next one. The iteration ends when it, or the `Streams`, are closed; it
    raises what the exchange refuses, `NotSent` once the client is closed, and `ProtocolViolation` where ids begin
    anew. Cancelling loses no row.
    """

    def __init__(
        self,
        sequel: Sequel[R],
        fetch: Fetch[R],
        subscription: Subscription[Any],
        client: Client,
        new_backoff: Callable[[], Backoff],
        say: Say,
    ) -> None:
        self._sequel = sequel
        self._fetch = fetch
        self._subscription = subscription
        self._client = client
        self._new_backoff = new_backoff
        self._backoff = new_backoff()
        self._say = say
        self._rows: deque[Followed[R]] = deque()
        self._source: Source = "history"
        self._is_subscribed = False
        self._behind = True  # history may have rows that neither it nor the stream has given
        self._is_cut_off = False  # no connection brings the stream
        self._cuts = 0
        self._dropped = 0
        self._event: tuple[R, bool] | None = None  # it waits for what is missing before it
        self._coming: asyncio.Future[Any] | None = None  # the stream's next event
        self._asking: tuple[int, asyncio.Future[Sequence[R]]] | None = None  # after so many cuts, and not answered yet
        self._woken: asyncio.Future[None] | None = None
        self._is_closed = False
        subscription.on_seam = self._cross

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Unsubscribe, and end the iteration."""
        self._is_closed = True
        self._subscription.close()
        if self._coming is not None:
            self._coming.cancel()
        if self._asking is not None:
            self._asking[1].cancel()
        self._wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Followed[R]:
        """The next row. See the class for what it raises; the next call goes on after that."""
        rows = self._rows
        while not self._is_closed:
            if rows:
                return rows.popleft()
            await self._go_on()
        raise StopAsyncIteration

    # --- one step -----------------------------------------------------------------------------------------------------

    async def _go_on(self) -> None:
        if not self._is_subscribed:
            if self._behind:
                self._behind = not await self._ask_history(None)
                return
            await self._subscription.__aenter__()
            self._is_subscribed = self._behind = True
            return
        if self._event is None:
            self._event = await self._next_event()
        if self._event is not None:
            await self._take(*self._event)
        elif self._may_ask and await self._ask_history(None):
            self._behind = False
            self._source = "recovered"  # what is asked for from now on

    async def _take(self, row: R, is_closed: bool) -> None:
        """Take what the stream tells, after what is missing before it."""
        sequel = self._sequel
        while sequel.lacks(row):
            is_last = await self._ask_history(row)
            if self._rows or self._is_closed:
                return  # those first
            if is_last and sequel.lacks(row):
                self._say("info", "history is behind the stream", stream=self._stream, next=sequel.next)
                await self._back_off()
        self._event = None
        followed = sequel.live(row, is_closed)
        if followed is not None:
            self._source = "recovered"
            self._rows.append(followed)

    # --- the stream ---------------------------------------------------------------------------------------------------

    @property
    def _may_ask(self) -> bool:
        """Whether history is to be asked as soon as no event waits."""
        return self._behind and not self._is_cut_off and not self._subscription.is_closed

    async def _next_event(self) -> tuple[R, bool] | None:
        """What the stream tells next; `None` where there is something else to do first, or it was no event."""
        try:
            event = await self._hear()
        except StopAsyncIteration:
            self._is_closed = True
            return None
        except ProtocolViolation as error:
            self._say("warning", "an event that cannot be read", stream=self._stream, error=str(error))
            self._behind = True
            return None
        if isinstance(event, StreamGap):
            self._note(event)
            return None
        return None if event is None else self._sequel.read(event)

    async def _hear(self) -> Any:
        subscription = self._subscription
        if self._coming is None:
            event = subscription.take()
            if event is not None:
                return event
            if subscription.dropped != self._dropped:  # where those were the last ones, no event would show it
                self._dropped, self._behind = subscription.dropped, True
            if self._may_ask:
                return None
            self._coming = _kept(anext(subscription))
        coming = self._coming
        if not coming.done() and not self._may_ask:
            await self._woken_or(coming)
        if not coming.done():
            return None
        self._coming = None
        return None if coming.cancelled() else coming.result()

    def _note(self, gap: StreamGap) -> None:
        """The next event shows what is missing, if anything is."""
        if self._sequel.begins_anew(gap):
            raise ProtocolViolation(
                f"the ids of {self._stream} begin anew at {gap.before}, after {gap.after}: follow it from there on"
            )

    def _cross(self, seam: Seam) -> None:
        """In a quiet market no event would show what was missed: ask as soon as there is a connection again."""
        self._is_cut_off = seam.lost
        if seam.lost:
            self._cuts += 1
            self._behind = True
        self._wake()

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    # --- history ------------------------------------------------------------------------------------------------------

    async def _ask_history(self, before: R | None) -> bool:
        """Take a page of history, all of it or what comes `before` that row; whether there is no more."""
        sequel = self._sequel
        asked = sequel.next
        try:
            rows = await self._answer(asked)
        except LimitReached as reached:
            await self._pause(wait_s(reached, self._client.clock))
            return False
        except (NotSent, OutcomeUnknown, RateLimited) as error:
            self._say("warning", "history does not answer", stream=self._stream, error=redacted(str(error)))
            await self._until_connected()
            return False
        if rows is None:
            return False
        is_last = len(rows) < PAGE_ROWS_MAX
        taken = sequel.page(rows, self._source, before=before, is_last=is_last)
        if taken:
            self._rows.extend(taken)
            self._backoff = self._new_backoff()
        if not is_last and sequel.next == asked:
            raise ProtocolViolation(f"history does not go on: asked for rows of {self._stream} from {asked} on")
        return is_last

    async def _answer(self, asked: int | None) -> Sequence[R] | None:
        """What history answers, also to who was cancelled while it was asked; `None` where that is of no use any more.

        An answer from before a cut does not say what happened until there was another connection.
        """
        if self._asking is None:
            self._asking = self._cuts, _kept(self._fetch(asked))
        cuts, asking = self._asking
        await self._woken_or(asking)
        if not asking.done() or cuts != self._cuts:
            if self._is_closed or cuts != self._cuts:
                asking.cancel()
                self._asking = None
            return None
        self._asking = None
        return asking.result()

    async def _woken_or(self, coming: "asyncio.Future[Any]") -> None:
        self._woken = asyncio.get_running_loop().create_future()
        await asyncio.wait({coming, self._woken}, return_when=asyncio.FIRST_COMPLETED)

    async def _until_connected(self) -> None:
        if self._is_subscribed and self._subscription.is_closed:
            self.close()  # nobody needs to wait for what nothing will follow
        elif self._client.is_connected:
            await self._back_off()
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(OFFLINE_S_MAX):
                    await self._client.wait_connected()

    async def _back_off(self) -> None:
        await self._pause(self._backoff.next_delay_s(asyncio.get_running_loop().time()))

    async def _pause(self, delay_s: float) -> None:
        """Wait so long, or until it is closed."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + delay_s
        while not self._is_closed and (left_s := until_s - loop.time()) > 0:
            self._woken = loop.create_future()
            await asyncio.wait({self._woken}, timeout=left_s)

    @property
    def _stream(self) -> str:
        return ", ".join(stream.name for stream in self._subscription.streams)


def _kept(work: Awaitable[T]) -> "asyncio.Future[T]":
    """Begin what goes on when who waits for it is cancelled, and may end without anybody."""
    kept = asyncio.ensure_future(work)
    kept.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return kept
