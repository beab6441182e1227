"""The client for scripts and notebooks: the same names, and every call returns its result.

    with pitwire.connect_blocking("local", key=key) as client:
        order = client.order_place(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
        for event in client.user_data(timeout_s=10):
            ...

The client itself is the asynchronous one, with all that it does, in an event loop on a thread of its own: so it keeps
its connection, answers pings and hears events while the script does something else, and works where another event loop
runs already, as in a notebook.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from msgspec import UNSET, UnsetType

from pitwire.client.alerts import EVERY_S, Alerts, Notify
from pitwire.client.blocking_methods import BlockingMethods
from pitwire.client.client import Client
from pitwire.client.connect import connect
from pitwire.client.safety.recording import Recovered
from pitwire.client.symbol import Symbol
from pitwire.client.user_data import QUEUE_EVENTS_MAX, SubscriptionRestored
from pitwire.metrics.rules import Rule
from pitwire.metrics.snapshot import ClientSnapshot
from pitwire.protocol.codec import RequestId
from pitwire.protocol.events import ConnectionEvent, UserDataEvent
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results import RateLimit
from pitwire.protocol.signing import Key

R = TypeVar("R")
T = TypeVar("T")

THREAD_NAME: Final = "pitwire"


class BlockingClient(BlockingMethods):
    """A `Client` behind calls that wait. Use it with `with`; any thread may call it.

    A call raises what the await of the asynchronous one would raise. Ctrl-C while a call waits raises
    `KeyboardInterrupt` and takes nothing back that was sent.
    """

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make
        self._client: Client
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Connect and log on. Raises as `async with connect(...)` does."""
        if self._loop is not None:
            raise RuntimeError("this client is connected already: one `with` for each connect_blocking()")
        loop = self._loop = _new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name=THREAD_NAME, daemon=True)
        self._thread.start()
        try:
            self._wait(self._enter())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection and end the thread."""
        try:
            self._wait(self._client.__aexit__(kind, error, traceback))
        finally:
            self._stop()

    def call(self, request: Request[R], /, *, request_id: RequestId | UnsetType = UNSET, key: Key | None = None) -> R:
        """Send `request` and wait for its result. Raises as `Client.call` does."""
        return self._wait(self._call(request, request_id, key))

    def symbol(self, name: str, *, renew: bool = False) -> Symbol:
        """The rules of a symbol, to round and check orders by. Raises as `Client.symbol` does."""
        return self._wait(self._client.symbol(name, renew=renew))

    def wait_connected(self) -> None:
        """Wait until requests can be sent. Raises as `Client.wait_connected` does."""
        self._wait(self._client.wait_connected())

    def rotate(self) -> None:
        """Renew every connection now. Raises as `Client.rotate` does."""
        self._wait(self._client.rotate())

    def recover(self) -> tuple[Recovered, ...]:
        """What became of the orders that an earlier process with the same journal left: see `Client.recover`."""
        return self._wait(self._client.recover())

    @property
    def is_connected(self) -> bool:
        """Whether requests can be sent now."""
        return self._loop is not None and self._client.is_connected

    @property
    def in_flight(self) -> int:
        """How many requests wait for a response."""
        return self.run(_told(lambda: self._client.in_flight))

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """What the newest response with rate limits said of them; empty before the first."""
        return self.run(_told(lambda: self._client.rate_limits))

    @property
    def metrics(self) -> "BlockingMetrics":
        """What is measured."""
        return BlockingMetrics(self)

    @property
    def limits(self) -> "BlockingLimits":
        """The exchange's limits, for REST calls that you make yourself."""
        return BlockingLimits(self)

    def user_data(
        self, *, timeout_s: float | None = None, key: Key | None = None, queue_events_max: int = QUEUE_EVENTS_MAX
    ) -> Iterator[UserDataEvent | ConnectionEvent | SubscriptionRestored]:
        """The account's events, subscribed to when this is called: see `Client.user_data`.

        The iteration waits for each event; it ends when none came for `timeout_s`, by default never.
        """
        events = self._client.user_data(key=key, queue_events_max=queue_events_max)
        self._wait(events.__aenter__())
        return self._iterate(events, timeout_s)

    def iterate(self, items: AsyncIterator[T], *, timeout_s: float | None = None) -> Iterator[T]:
        """Whatever the asynchronous library iterates over, such as the pages of a `History` of `asynchronous`.

        The iteration ends when nothing came for `timeout_s`, by default never.
        """
        return self._iterate(items, timeout_s)

    @contextmanager
    def entered(self, context: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """Whatever the asynchronous library uses with `async with`, such as `pitwire.streams()`, for a plain `with`."""
        entered = self._wait(_entered(context))
        try:
            yield entered
        except BaseException as error:
            if not self._wait(_left(context, error)):
                raise
        else:
            self._wait(_left(context, None))

    def run(self, work: Awaitable[T]) -> T:
        """The result of an awaitable of the asynchronous library, awaited in the client's own event loop."""
        return self._wait(_awaited(work))

    @property
    def asynchronous(self) -> Client:
        """The client itself, for what is there for `async` only; what it gives is awaited by `run`."""
        return self._client

    async def _enter(self) -> None:
        self._client = self._make()
        await self._client.__aenter__()

    async def _call(self, request: Request[R], request_id: RequestId | UnsetType, key: Key | None) -> R:
        return await self._client.call(request, request_id=request_id, key=key)

    def _iterate(self, items: AsyncIterator[T], timeout_s: float | None) -> Iterator[T]:
        while True:
            try:
                yield self._wait(_next(items, timeout_s))
            except (StopAsyncIteration, TimeoutError):
                return

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise RuntimeError("the client is not connected: use it in `with`")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        assert loop is not None  # it was entered
        assert thread is not None
        asyncio.run_coroutine_threadsafe(_shut_down(loop), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class BlockingMetrics:
    """`client.metrics` of a blocking client: any thread may ask."""

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    def snapshot(self) -> ClientSnapshot:
        """Everything as it is now: see `ClientMetrics.snapshot`."""
        return self._client.run(_told(self._client.asynchronous.metrics.snapshot))

    @contextmanager
    def alerts(
        self, notify: Notify, rules: Iterable[Rule] | None = None, *, every_s: float = EVERY_S
    ) -> Iterator[Alerts]:
        """Alerts while the context lasts: see `Alerts`.

        `notify` is called on the client's thread, on which no call of this client can wait.
        """
        client = self._client
        with client.entered(client.asynchronous.metrics.alerts(notify, rules, every_s=every_s)) as alerts:
            yield alerts


class BlockingLimits:
    """`client.limits` of a blocking client: any thread may use it."""

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    def admit(
        self,
        *,
        weight: int,
        orders: int = 0,
        urgent: bool = False,
        within_s: float | None = None,
        api_key: str | None = None,
    ) -> None:
        """Wait until such a call may be made: see `RestLimits.admit`."""
        limits = self._client.asynchronous.limits
        self._client.run(limits.admit(weight=weight, orders=orders, urgent=urgent, within_s=within_s, api_key=api_key))

    def learn(
        self, headers: Mapping[str, str], status: int = 200, *, code: int | None = None, api_key: str | None = None
    ) -> None:
        """Take in what an answer says: see `RestLimits.learn`."""
        limits = self._client.asynchronous.limits
        self._client.run(_told(lambda: limits.learn(headers, status, code=code, api_key=api_key)))


def connect_blocking(endpoint: str = "local", **terms: Any) -> BlockingClient:
    """A client for scripts and notebooks, to be used with `with`. `terms` are those of `pitwire.connect`."""
    return BlockingClient(lambda: connect(endpoint, **terms))


async def _shut_down(loop: asyncio.AbstractEventLoop) -> None:
    await loop.shutdown_asyncgens()


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _told(tell: Callable[[], T]) -> T:
    return tell()


async def _entered(context: AbstractAsyncContextManager[T]) -> T:
    return await context.__aenter__()


async def _left(context: AbstractAsyncContextManager[Any], error: BaseException | None) -> bool:
    if error is None:
        return bool(await context.__aexit__(None, None, None))
    return bool(await context.__aexit__(type(error), error, error.__traceback__))


async def _next(items: AsyncIterator[T], timeout_s: float | None) -> T:
    async with asyncio.timeout(timeout_s):
        return await anext(items)


def _new_event_loop() -> asyncio.AbstractEventLoop:
    with suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()
