"""What one part of an application listens to: an async iterator of typed events, with a bounded queue of its own."""

from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from pitwire.client.streams.cursor import Cursor, Seam, StreamGap
from pitwire.client.streams.market_stream import MarketStream
from pitwire.client.streams.queues import Queue
from pitwire.protocol.drift import LOOK_EVERY, Drift
from pitwire.protocol.errors import PitwireError

E = TypeVar("E")


class Listener(Protocol):
    """Who has the connections."""

    async def listen(self, subscription: "Subscription[Any]", cursors: list[Cursor], /) -> None:
        """Have these streams brought; returns when they certainly are."""
        ...

    def unlisten(self, subscription: "Subscription[Any]", cursors: list[Cursor], /) -> None:
        """Have them brought no more."""
        ...


class Subscription(AsyncIterator[E | StreamGap], Generic[E]):
    """Events of its streams, in the order in which each stream has them, and a `StreamGap` wherever some are missing.

    Made by `Streams.subscribe`. As a context manager it subscribes on entering and unsubscribes on leaving; without,
    the first step of the iteration subscribes, and `close` ends it. Streams can be added and taken away at any time.
    One task takes the events of one subscription.

    The iteration ends when the subscription or the `Streams` are closed. Events are decoded when they are taken.
    """

    def __init__(
        self, listener: Listener, streams: tuple[MarketStream[Any], ...], queue: Queue, drift: Drift, *, conflated: bool
    ) -> None:
        self._listener = listener
        self._queue = queue
        self._pop = queue.pop
        self._drift = drift
        self._conflated = conflated
        self._cursors = {stream.name: Cursor(stream, conflated=conflated) for stream in streams}
        self._after_gap: Any = None  # an event that comes after the gap that was told
        self._started = False
        self._closed = False
        self._failure: PitwireError | None = None
        self._skipped = 0
        self.gaps = 0
        """How many gaps were told."""
        self.put = queue.put
        """What to call with each message of one of its streams."""
        self.on_seam: Callable[[Seam], object] | None = None
        """Called at once when a stream's connection is lost, or another takes over: its events may come much later."""
        self._cursor: Cursor | None = None
        self.message: Any = b""
        """That event as it came, with its stream's name around it. Of a whole market, conflated, it is the events."""

    @property
    def streams(self) -> tuple[MarketStream[Any], ...]:
        """What it listens to."""
        return tuple(cursor.stream for cursor in self._cursors.values())

    @property
    def stream(self) -> MarketStream[Any] | None:
        """The stream of the event that was taken last: some events do not say it themselves."""
        return None if self._cursor is None else self._cursor.stream

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    @property
    def waiting(self) -> int:
        """How many events wait to be taken."""
        return len(self._queue)

    @property
    def dropped(self) -> int:
        """How many events were let go because too many waited."""
        return self._queue.dropped

    @property
    def conflated(self) -> int:
        """How many events made way to a later one of the same stream."""
        return self._queue.conflated

    @property
    def skipped(self) -> int:
        """How many events were left out because another connection had brought them before."""
        return self._skipped + sum(cursor.skipped for cursor in self._cursors.values())

    # --- streams come and go ----------------------------------------------------------------------------------------

    async def add(self, *streams: MarketStream[Any] | str) -> None:
        """Listen to these as well; returns when they are listened to. Those that are there already stay as they are.

        Raises `ValueError` for a name of no stream, and `StreamRefused` where the exchange refuses one. Cancelling does
        not take them back.
        """
        new = {}
        for each in streams:
            stream = each if isinstance(each, MarketStream) else MarketStream.of(each)
            if stream.name not in self._cursors:
                new[stream.name] = Cursor(stream, conflated=self._conflated)
        self._cursors.update(new)
        if self._started and not self._closed:
            await self._listener.listen(self, list(new.values()))

    def remove(self, *streams: MarketStream[Any] | str) -> None:
        """Listen to these no more, from now on: what waits of them is thrown away."""
        gone = []
        for each in streams:
            cursor = self._cursors.pop(str(MarketStream.of(str(each))), None)
            if cursor is not None:
                gone.append(cursor)
                self._queue.forget(cursor)
                self._skipped += cursor.skipped
        if self._started and not self._closed:
            self._listener.unlisten(self, gone)

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Unsubscribe. The iteration ends after the events that are waiting."""
        if not self._closed:
            self._closed = True
            if self._started:
                self._listener.unlisten(self, list(self._cursors.values()))
            self._queue.wake()

    async def _start(self) -> None:
        if self._started:
            return
        self._started = True  # before subscribing: the first event may come with the answer
        try:
            await self._listener.listen(self, list(self._cursors.values()))
        except Exception:
            self._started = False
            self._listener.unlisten(self, list(self._cursors.values()))
            raise

    # --- events -----------------------------------------------------------------------------------------------------

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E | StreamGap:
        """The next event, or gap. Cancelling loses none.

        Raises `StreamRefused` where it has to subscribe first and the exchange refuses, and `ProtocolViolation` for
        what is no event; the next call goes on after it.
        """
        event = self.take()
        if event is not None:
            return event
        if not self._started and not self._closed:
            await self._start()
        while True:
            event = self.take()
            if event is not None:
                return event
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            if self._closed:
                raise StopAsyncIteration
            await self._queue.wait()

    def take(self) -> E | StreamGap | None:
        """The next event or gap that is there already; `None` where there is none. Raises as `__anext__` does."""
        event = self._after_gap
        if event is not None:
            self._after_gap = None
            return event  # type: ignore[no-any-return]
        while (item := self._pop()) is not None:
            self._cursor, self.message = cursor, message = item
            event = cursor.take(message)
            if event is None:
                continue
            if not cursor.unlooked:
                cursor.unlooked = LOOK_EVERY
                self._drift.look(event, message)
            cursor.unlooked -= 1
            if cursor.gap is None:
                return event  # type: ignore[no-any-return]
            self._after_gap = event
            self.gaps += 1
            return cursor.take_gap()
        return None

    def cross(self, cursor: Cursor, seam: Seam) -> None:
        """Another connection brings that stream from here on."""
        self._queue.cross(cursor, seam)
        if self.on_seam is not None:
            self.on_seam(seam)

    def fail(self, error: PitwireError) -> None:
        """There will be nothing more: after the events that are waiting `error` is raised, once."""
        self._failure = error
        self._closed = True
        self._queue.wake()
