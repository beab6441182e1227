"""The user's own events as an async iterator, across reconnects."""

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from msgspec import Struct

from pitwire.client.timings import Timings
from pitwire.protocol.errors import EventsLost, PitwireError
from pitwire.protocol.events import ConnectionEvent, UserDataEvent, decode_event_frame
from pitwire.protocol.results.account import AccountTrade, AssetBalance, Order
from pitwire.protocol.signing import Key

QUEUE_EVENTS_MAX: Final = 100_000
"""The default bound on the events that wait for one iterator: some 80 MB of execution reports."""


class SubscriptionRestored(Struct, frozen=True, kw_only=True):
    """The connection was lost, and events with it. This is what was missed, asked for once the client was back.

    Where `is_complete`, `trades` are those of the time in between, `open_orders` and `balances` what stands now; the
    events that follow go on from there, and none of them reports one of these trades again. Trades are those of the
    symbols that orders are open on, or that events or requests of this client were about; who takes over orders that
    others have placed asks once for their symbols' trades. Where not, the exchange did not answer in time: ask for
    open orders, balances and trades (`open_orders_status`, `account_status`, `my_trades`).

    `api_key` is that of the account, where it is not the client's own. Times are the server's, in milliseconds since
    the epoch.
    """

    lost_at_ms: int
    restored_at_ms: int
    is_complete: bool = False
    trades: tuple[AccountTrade, ...] = ()
    open_orders: tuple[Order, ...] = ()
    balances: tuple[AssetBalance, ...] = ()
    api_key: str | None = None

    @property
    def gap_ms(self) -> int:
        """How long no event came."""
        return self.restored_at_ms - self.lost_at_ms


class UserData(AsyncIterator[UserDataEvent | ConnectionEvent | SubscriptionRestored]):
    """Events in the order in which they came, from the moment of subscribing.

    `async for event in client.user_data()` subscribes with the first step. As a context manager it subscribes on
    entering: `async with client.user_data() as events` misses nothing that later requests bring about.

    One task takes the events of one iterator; `user_data()` may be called once for each task.
    Ends when the client is closed or its last subscription is stopped. Events are decoded when they are taken.
    Raises `EventsLost` when more than `queue_events_max` events waited: after those that were kept, in their place.
    """

    def __init__(
        self,
        subscribe: Callable[[], Awaitable[None]],
        subscribed: Callable[[], bool],
        queue_events_max: int,
        timings: Timings,
        account: Key | None = None,
    ) -> None:
        self.account: Final = account
        """The key of the account whose events it gets; `None`: of all that the client is subscribed to."""
        self._subscribe = subscribe
        self._still_subscribed = subscribed
        self._timings = timings
        self._queue: deque[tuple[int, bytes | SubscriptionRestored]] = deque()  # with the time of receipt
        self._queue_events_max = queue_events_max
        self._lost = 0
        self._failure: PitwireError | None = None
        self._waiter: Future[None] | None = None
        self._started = False
        self._is_subscribed = False
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> UserDataEvent | ConnectionEvent | SubscriptionRestored:
        """The next event. Cancelling loses none.

        Raises `NotSent`, `OutcomeUnknown`, `Rejected` or `InvalidKey` where it has to subscribe first and cannot,
        `ProtocolViolation` for what is no event (the next call goes on after it).
        """
        if not self._is_subscribed:
            await self._start()
        if self._waiter is not None:
            raise RuntimeError("another task waits for this iterator's next event: call user_data() for each task")
        queue = self._queue
        while not queue:
            if self._lost:
                lost, self._lost = self._lost, 0
                raise EventsLost(lost, self._queue_events_max)
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure.with_traceback(None)
            if self._closed or not self._still_subscribed():
                raise StopAsyncIteration
            self._waiter = get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        received_ns, taken = queue.popleft()
        timings = self._timings
        timings.events.record(timings.now_ns() - received_ns)
        if not isinstance(taken, bytes):
            return taken
        event = decode_event_frame(taken)
        timings.took(event, taken)
        return event

    async def _start(self) -> None:
        self._started = True  # before subscribing: the first event may come with the response
        try:
            await self._subscribe()
        except Exception:  # a cancelled step is another matter: the request is under way, and its events are kept
            self._started = False
            raise
        self._is_subscribed = True

    def put(self, event: bytes | SubscriptionRestored) -> None:
        """Hand an event to the iterator: a message as received, or what the client has to say itself."""
        if not self._started or self._closed:
            return
        if len(self._queue) >= self._queue_events_max or self._lost:
            self._lost += 1  # also what comes while there is room again: the gap stays where it is
            return
        self._queue.append((self._timings.now_ns(), event))
        self._wake()

    @property
    def queued(self) -> int:
        """How many events wait."""
        return len(self._queue)

    @property
    def lost(self) -> int:
        """How many did not fit, of which `EventsLost` is still to tell."""
        return self._lost

    def fail(self, error: PitwireError) -> None:
        """The subscription is gone for good: after the events that are waiting `error` is raised, once.

        The step after that subscribes anew, or says why that cannot be done.
        """
        if self._started:
            self._failure = error
            self._started = self._is_subscribed = False
            self._wake()

    def close(self) -> None:
        """Let the iteration end after the events that are waiting. The subscription itself goes on."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
