"""A local order book: kept from the depth stream and a snapshot, mended by itself after a gap."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Protocol, Self

from pitwire.client.backoff import Backoff
from pitwire.client.link import Say
from pitwire.client.streams.book_state import BookState
from pitwire.client.streams.cursor import Seam, StreamGap
from pitwire.client.streams.levels import PriceLevel
from pitwire.client.streams.subscription import Subscription
from pitwire.protocol.errors import InvalidParameter, PitwireError, ProtocolViolation
from pitwire.protocol.market_events import DepthUpdate
from pitwire.protocol.redaction import redacted
from pitwire.protocol.results import OrderBook

LEVELS_MAX: Final = 5_000
"""As many as a snapshot may have on each side (web-socket-api.md, Order book)."""


class BookNotSynchronized(PitwireError):
    """The book is not known for now: changes were missed, and a snapshot that they go on from is being asked for."""


class AsksForDepth(Protocol):
    """Who gets snapshots: a client."""

    def depth(self, *, symbol: str, limit: int | None = None) -> Awaitable[OrderBook]:
        """Order book."""
        ...


class LocalBook:
    """The exchange's book of one symbol, as of `update_id`. Made by `Streams.book`; use it with `async with`.

    Entering returns when the book is there. After a gap it asks for a new snapshot by itself; until it has one that
    fits, `is_synchronized` is false and what asks for prices raises `BookNotSynchronized`: no price is ever told that
    is not the exchange's at `update_id`. Levels beyond those of the snapshot are known only once they have changed.
    """

    def __init__(
        self,
        symbol: str,
        changes: Subscription[DepthUpdate],
        client: AsksForDepth,
        limit: int,
        backoff: Backoff,
        say: Say,
    ) -> None:
        if not 1 <= limit <= LEVELS_MAX:
            raise ValueError(f"limit is {limit}: pass 1 to {LEVELS_MAX} levels")
        self.symbol = symbol.upper()
        self._changes = changes
        self._client = client
        self._limit = limit
        self._backoff = backoff
        self._say = say
        self._state = BookState()
        self._is_cut_off = False  # no connection brings the changes
        self._cuts = 0
        changes.on_seam = self._cross
        self._callbacks: dict[object, Callable[[LocalBook], object]] = {}
        self._loop = asyncio.get_running_loop()
        self._since_s = 0.0  # when it was synchronized last
        self._changed: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: asyncio.Task[None] | None = None
        self._failure: PitwireError | None = None
        self.snapshots = 0
        """How many snapshots were asked for."""

    # --- the book ---------------------------------------------------------------------------------------------------

    @property
    def is_synchronized(self) -> bool:
        """Whether the levels are those of the exchange at `update_id`."""
        return self._failure is None and self._state.is_synchronized

    @property
    def update_id(self) -> int:
        """The last change that is in the book."""
        return self._state.update_id

    @property
    def restarts(self) -> int:
        """How often a gap made it begin anew."""
        return self._state.restarts

    @property
    def best_bid(self) -> PriceLevel | None:
        """Price and quantity of the highest bid; `None` where there is none. Raises as `bids` does."""
        return self._known().bids.best()

    @property
    def best_ask(self) -> PriceLevel | None:
        """Price and quantity of the lowest ask; `None` where there is none. Raises as `bids` does."""
        return self._known().asks.best()

    def bids(self, count: int | None = None) -> tuple[PriceLevel, ...]:
        """The best `count` levels, or all, the best first.

        Raises `BookNotSynchronized`, and what ended the book where it has ended.
        """
        return self._known().bids.top(count)

    def asks(self, count: int | None = None) -> tuple[PriceLevel, ...]:
        """See `bids`."""
        return self._known().asks.top(count)

    def quantity(self, price: Decimal) -> Decimal:
        """What stands at `price`, on whichever side; 0 where nothing does. Raises as `bids` does."""
        state = self._known()
        return state.bids.quantity(price) or state.asks.quantity(price)

    def _known(self) -> BookState:
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        if not self._state.is_synchronized:
            raise BookNotSynchronized(f"the book of {self.symbol} is being synchronized: wait with `synchronized()`")
        return self._state

    # --- what changes -----------------------------------------------------------------------------------------------

    def on_update(self, callback: Callable[["LocalBook"], object]) -> Callable[[], None]:
        """Call `callback` after each change of the book, and when it is, or is no more, synchronized.

        Returns what ends that. A callback that raises is logged, and called again all the same.
        """
        key = object()
        self._callbacks[key] = callback
        return lambda: self._callbacks.pop(key, None) and None

    async def changed(self) -> None:
        """Wait for the next change. Raises what ended the book."""
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        if self._changed is None:
            self._changed = self._loop.create_future()
        await asyncio.shield(self._changed)
        if self._failure is not None:
            raise self._failure.with_traceback(None)

    async def synchronized(self) -> None:
        """Wait until the book is synchronized. Raises what ended it."""
        while not self.is_synchronized:
            await self.changed()

    def _tell(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set_result(None)
        for callback in tuple(self._callbacks.values()):
            try:
                callback(self)
            except Exception as error:
                self._say("error", "a callback of a book failed", symbol=self.symbol, error=repr(error))

    # --- keeping it -------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Raises `InvalidParameter` for a symbol that the exchange does not know, and as subscribing does."""
        await self._changes.__aenter__()
        try:
            self._start(self._follow())
            self._ask()
            await self.synchronized()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        self._changes.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._end(BookNotSynchronized(f"the book of {self.symbol} is closed"))

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work, name=f"pitwire book {self.symbol}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:  # a bug: nobody is to wait for ever
            self._say("error", "a book has ended", symbol=self.symbol, error=repr(error))
            self._end(BookNotSynchronized(f"the book of {self.symbol} has ended: {error!r}"))

    async def _follow(self) -> None:
        """Take in what changes, until the subscription ends."""
        while True:
            try:
                event = await anext(self._changes)
                self._take(event)
            except StopAsyncIteration:
                self._end(BookNotSynchronized(f"the depth stream of {self.symbol} has ended"))
                return
            except ProtocolViolation as error:
                self._say("warning", "a change of a book cannot be read", symbol=self.symbol, error=str(error))
                self._lose()
            except PitwireError as error:
                self._end(error)
                return

    def _take(self, event: DepthUpdate | StreamGap) -> None:
        if isinstance(event, StreamGap):
            self._lose()
            return
        was_synchronized = self._state.is_synchronized
        if self._state.receive(event):
            self._tell()
        elif was_synchronized and not self._state.is_synchronized:
            self._begin_anew()

    def _cross(self, seam: Seam) -> None:
        """Without a connection nobody knows the book; in a quiet market no change would show that one was missed."""
        if seam.lost and not self._is_cut_off:
            self._is_cut_off = True
            self._cuts += 1
            self._lose()
        elif not seam.lost and self._is_cut_off:
            self._is_cut_off = False
            self._ask()

    def _lose(self) -> None:
        self._state.restart()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._backoff.lost(self._loop.time() - self._since_s)
        self._say("info", "a book begins anew", symbol=self.symbol, update_id=self._state.update_id)
        self._ask()
        self._tell()

    def _ask(self) -> None:
        if not self._is_cut_off and (self._asking is None or self._asking.done()):
            self._asking = self._start(self._synchronize())

    async def _synchronize(self) -> None:
        """Ask for snapshots until one fits. One that is older than the changes is no reason to forget those."""
        while not self._state.is_synchronized and not self._is_cut_off:
            if self.snapshots:
                await asyncio.sleep(self._backoff.next_delay_s(self._loop.time()))
                if self._is_cut_off:
                    return  # a snapshot of now would say nothing of what happens until there is a connection again
            cuts = self._cuts
            try:
                self.snapshots += 1
                snapshot = await self._client.depth(symbol=self.symbol, limit=self._limit)
            except InvalidParameter as error:
                self._end(error)
                return
            except PitwireError as error:
                self._say("warning", "no snapshot of a book", symbol=self.symbol, error=redacted(str(error)))
            else:
                bids = ((level.price, level.quantity) for level in snapshot.bids)
                asks = ((level.price, level.quantity) for level in snapshot.asks)
                if cuts != self._cuts:
                    continue  # what happened between this snapshot and the new connection, neither says
                if self._fits(snapshot.last_update_id, bids, asks):
                    self._since_s = self._loop.time()
                    self._tell()
                    return
                self._say("info", "a snapshot is too old", symbol=self.symbol, update_id=snapshot.last_update_id)

    def _fits(self, last_update_id: int, bids: Any, asks: Any) -> bool:
        try:
            return self._state.snapshot(last_update_id, bids, asks)
        except ProtocolViolation:
            return False

    def _end(self, error: PitwireError) -> None:
        if self._failure is None:
            self._failure = error
            self._tell()
