"""The client: the API's methods on a connection that is kept up, logged on and subscribed."""

import asyncio
import itertools
import logging
import random
import secrets
import time
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from pitwire.client.backoff import Backoff
from pitwire.client.connection import Connection, HandshakeRefused
from pitwire.client.endpoints import endpoint_url
from pitwire.client.methods import Methods
from pitwire.client.user_data import QUEUE_EVENTS_MAX, SubscriptionRestored, UserData
from pitwire.market.enums import TimeUnit
from pitwire.protocol.client_session import IN_FLIGHT_MAX, ClientSession, EventMessage, Malformed, Unmatched
from pitwire.protocol.codec import RequestId
from pitwire.protocol.errors import (
    Code,
    InvalidKey,
    InvalidSignature,
    NotSent,
    PitwireError,
    RateLimited,
    SubscriptionRejected,
    Unauthorized,
)
from pitwire.protocol.redaction import redacted
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results import RateLimit
from pitwire.protocol.signing import Key

R = TypeVar("R")

DEADLINE_S: Final = 10.0
"""The exchange itself gives a request 10 s (web-socket-api.md, General API Information)."""
DEADLINE_S_MIN: Final = 0.01
DEADLINE_S_MAX: Final = 3600.0
TICK_S_MAX: Final = 0.25
CLOSE_S_MAX: Final = 1.0
"""How long `async with` waits at its end for the server to take its leave."""
DRAIN_S_MAX: Final = 1.0
"""After `serverShutdown`: how long requests in flight may take before the connection is given up for a new one."""

_REFUSED_FOR_GOOD: Final = (Unauthorized, InvalidSignature)
"""What a logon or the restoring of a subscription ends with when no further attempt can do better."""

_decode_rate_limits = msgspec.json.Decoder(tuple[RateLimit, ...] | None).decode


def connect(
    endpoint: str = "local",
    *,
    key: Key | None = None,
    deadline_s: float = DEADLINE_S,
    time_unit: TimeUnit | str | None = None,
    return_rate_limits: bool | None = None,
    in_flight_max: int = IN_FLIGHT_MAX,
    log: Any = None,
    log_traffic: bool = False,
    clock_ns: Callable[[], int] = time.time_ns,
) -> "Client":
    """A client of `endpoint`: "local", "live", "testnet", "demo", or a ws:// or wss:// URL. Use it with `async with`.

    `key` signs the requests that need it; an Ed25519 key logs on instead, once for each connection.
    `deadline_s` is how long a request waits for its response, 0.01 s to an hour; it ends at most a fortieth, or 0.25 s,
    after that.
    `time_unit` and `return_rate_limits` hold for the whole connection (web-socket-api.md, General API Information).
    `in_flight_max` bounds the requests that wait for a response.
    `log` is a structlog logger; by default the standard library's logger `pitwire.client` behind structlog.
    `log_traffic` logs every request and every response at level DEBUG, API keys and signatures redacted.
    `clock_ns` gives nanoseconds since the epoch, for `timestamp`.

    Entering the context connects and logs on; it raises `NotSent` when there is no connection to be had and `Rejected`
    when the exchange refuses the key. From then on a lost connection is made again by itself: see `Client`.
    """
    return Client(
        endpoint_url(endpoint, time_unit=time_unit, return_rate_limits=return_rate_limits),
        key=key,
        deadline_s=deadline_s,
        in_flight_max=in_flight_max,
        log=log if log is not None else _default_log(),
        log_traffic=log_traffic,
        clock_ns=clock_ns,
    )


class Client(Methods):
    """The API's methods, over one connection at a time. Made by `connect`.

    When the connection is lost every request in flight ends at once: with `NotSent` if it was not written yet, else
    with `OutcomeUnknown`. The client connects again with back-off and jitter, logs on again and restores its user data
    subscriptions; until that is done requests raise `NotSent` at once (see `wait_connected`). `serverShutdown` is
    answered with a new connection as soon as the requests in flight are answered. Where the server asks for time
    (`Retry-After`), it gets it. When it refuses the key itself (`Unauthorized`, `InvalidSignature`), the client gives
    up: requests, `wait_connected` and iterators raise that.

    Every order goes out with a client order id, made here when the caller gives none: `OutcomeUnknown` carries it.
    """

    def __init__(
        self,
        url: str,
        *,
        key: Key | None,
        deadline_s: float,
        in_flight_max: int,
        log: Any,
        log_traffic: bool,
        clock_ns: Callable[[], int],
    ) -> None:
        if not DEADLINE_S_MIN <= deadline_s <= DEADLINE_S_MAX:
            raise ValueError(f"deadline_s is {deadline_s}: pass {DEADLINE_S_MIN:g} to {DEADLINE_S_MAX:g} seconds")
        self.url = url
        self._tick_s = min(TICK_S_MAX, deadline_s / 40)
        self._session = ClientSession(
            key=key,
            clock_ns=clock_ns,
            new_client_order_id=_client_order_ids(),
            deadline_ticks=round(deadline_s / self._tick_s),
            in_flight_max=in_flight_max,
        )
        self._clock_ns = clock_ns
        self._log = log
        self._log_traffic = log_traffic
        self._backoff = Backoff(random.random)
        self._ready: Connection | None = None
        self._draining: Connection | None = None
        self._drain_ticks = 0
        self._why_not_ready = "the client is not connected: use it in `async with`"
        self._refusal: PitwireError | None = None  # why there will be no connection any more
        self._ready_since_s = 0.0
        self._connected = asyncio.Event()
        self._lost: asyncio.Queue[Connection] = asyncio.Queue()  # at most one: the next comes after the reconnect
        self._subscribing: asyncio.Future[Any] | None = None
        self._lost_at_ms = 0
        self._iterators: weakref.WeakSet[UserData] = weakref.WeakSet()
        self._keeper: asyncio.Task[None] | None = None

    # --- requests ---------------------------------------------------------------------------------------------------

    def call(
        self, request: Request[R], /, *, request_id: RequestId | UnsetType = UNSET, key: Key | None = None
    ) -> asyncio.Future[R]:
        """Send `request`; the future that its response settles.

        `request_id` is sent instead of an id of the client's own; it must not be in flight. With `None` no response
        can be matched, so the await ends with `OutcomeUnknown` at the deadline. `key` signs this one request, whoever
        is logged on (web-socket-api.md, Authorize ad hoc requests).

        The future raises `NotSent` (safe to send again), `OutcomeUnknown` or `Rejected`. Cancelling it takes nothing
        back that was sent. A request that cannot be made (a used id, no key) raises `TypeError`, `ValueError` or
        `InvalidKey` at once.
        """
        connection = self._ready
        if connection is None:
            future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
            future.set_exception(self._refused() or NotSent(f"{request.METHOD.name}: {self._why_not_ready}"))
            return future
        return self._send(connection, request, self._loop.create_future(), request_id, key)

    def _send(
        self,
        connection: Connection,
        request: Request[R],
        future: asyncio.Future[R],
        request_id: RequestId | UnsetType,
        key: Key | None,
    ) -> asyncio.Future[R]:
        try:
            table_key, frame = self._session.request(request, future, request_id, key)
        except NotSent as error:
            future.set_exception(error)
            return future
        if self._log_traffic:
            self._say("debug", "request", text=redacted(frame.decode()))
        connection.send(table_key, frame)
        return future

    async def wait_connected(self) -> None:
        """Wait until requests can be sent; other tasks get their turn in any case.

        Raises `NotSent` when the client was not entered or is closed, also while waiting, and what the exchange said
        when it refused the key for good.
        """
        await asyncio.sleep(0)
        while self._ready is None:
            if self._keeper is None or self._refusal is not None:
                raise self._refused() or NotSent(self._why_not_ready)
            await self._connected.wait()

    def _refused(self) -> PitwireError | None:
        return None if self._refusal is None else self._refusal.with_traceback(None)  # it is raised again and again

    @property
    def is_connected(self) -> bool:
        """Whether requests can be sent now: connected, logged on and subscribed as before."""
        return self._ready is not None

    @property
    def in_flight(self) -> int:
        """How many requests wait for a response, those included whose await was cancelled."""
        return len(self._session.pending)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """What the newest response with rate limits said of them; empty before the first."""
        raw = self._session.last_rate_limits
        return (_decode_rate_limits(raw) if raw else None) or ()

    def user_data(self, *, queue_events_max: int = QUEUE_EVENTS_MAX) -> UserData:
        """The account's events: see `UserData`. Every iterator gets all user data events of this client.

        With an Ed25519 key the subscription belongs to the logon, with another it is signed by itself.
        """
        iterator = UserData(
            self._subscribe, lambda: self._keeper is not None and self._session.subscribed, queue_events_max
        )
        self._iterators.add(iterator)
        return iterator

    async def _subscribe(self) -> None:
        if self._subscribing is None or self._subscribing.done():
            wanted = self._session.own_subscription()
            if wanted is None:
                return
            request, key = wanted
            self._subscribing = self.call(request, key=key)
        await _subscribed(asyncio.shield(self._subscribing))  # one request for all, whoever of them is cancelled

    # --- the connection ---------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._keeper is not None:
            raise RuntimeError("this client is connected already: one `async with` for each connect()")
        self._loop = asyncio.get_running_loop()
        self._backoff.first(self._loop.time())
        await self._establish()
        self._keeper = asyncio.create_task(self._keep_connected(), name=f"pitwire {self.url}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection. Requests in flight end with `OutcomeUnknown`, iterators of user data end."""
        keeper, self._keeper = self._keeper, None
        connection, self._ready = self._ready or self._draining, None
        self._why_not_ready, self._refusal = "the client is closed", None
        if connection is not None:
            self._timer.cancel()
            connection.close(self._why_not_ready)
        self._session.disconnected(self._why_not_ready)
        self._connected.set()  # who waits for it learns that it will not come
        for iterator in list(self._iterators):
            iterator.close()
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait({keeper})
            if not keeper.cancelled():
                keeper.result()  # raises what ended it before its time
        if connection is not None:
            await connection.wait_closed(CLOSE_S_MAX)

    async def _establish(self) -> None:
        """Connect, log on and subscribe again; then requests may be sent.

        Raises a `PitwireError`, and then leaves nothing open.
        """
        connection = await Connection.open(self.url, self._session.pending, self._on_message, self._on_lost)
        timer = _Timer(self._loop, self._tick_s, self._on_tick)
        try:
            logon = self._session.logon()
            if logon is not None:
                await self._prepare(connection, *logon, self._loop.create_future())
            for request, key in self._session.lost_subscriptions():
                announced = _Announced(self._announce_restored, self._loop)
                await _subscribed(self._prepare(connection, request, key, announced))
            if not connection.is_open:
                raise NotSent("the connection was lost at once")
        except BaseException:
            timer.cancel()
            connection.close("the connection could not be prepared")
            await connection.wait_closed(CLOSE_S_MAX)
            raise
        self._timer = timer
        self._ready = connection
        self._ready_since_s = self._loop.time()
        self._connected.set()

    async def _prepare(
        self, connection: Connection, request: Request[Any], key: Key | None, future: asyncio.Future[Any]
    ) -> None:
        if not connection.is_open:
            raise NotSent("the connection was lost at once")
        await self._send(connection, request, future, UNSET, key)

    def _announce_restored(self) -> None:
        now_ms = self._clock_ns() // 1_000_000
        self._hand_out(SubscriptionRestored(lost_at_ms=self._lost_at_ms, restored_at_ms=now_ms))

    async def _keep_connected(self) -> None:
        try:
            await self._reconnect_for_ever()
        except _REFUSED_FOR_GOOD as error:
            self._give_up(error)
        except Exception as error:
            self._give_up(NotSent(f"connecting again has ended: {error!r}"))
            raise  # a bug: leaving the context shows it

    def _give_up(self, error: PitwireError) -> None:
        self._refusal = error
        self._connected.set()  # who waits for it learns that it will not come
        for iterator in list(self._iterators):
            iterator.fail(error)
        self._say("error", "the client connects no more", error=redacted(str(error)))

    async def _reconnect_for_ever(self) -> None:
        while True:
            connection = await self._lost.get()
            await connection.wait_closed(CLOSE_S_MAX)
            while not await self._reconnected():
                pass
            self._say("info", "connected again")

    async def _reconnected(self) -> bool:
        delay_s = self._backoff.next_delay_s(self._loop.time())
        self._say("info", "reconnecting", delay_s=round(delay_s, 3))
        await asyncio.sleep(delay_s)
        try:
            await self._establish()
        except _REFUSED_FOR_GOOD:
            raise
        except Exception as error:  # whatever it was, the next attempt may do better
            self._backoff.retry_after(self._loop.time(), self._retry_after_s(error))
            reason = redacted(str(error) or repr(error))
            self._why_not_ready = f"not connected ({reason}); connecting again"
            self._say("warning", "reconnecting failed", error=reason)
            return False
        return True

    def _retry_after_s(self, error: Exception) -> float:
        match error:
            case HandshakeRefused(retry_after_s=seconds):
                return seconds
            case RateLimited(retry_after_ms=int(time_ms)):
                return time_ms / 1000 - self._clock_ns() / 1e9
            case _:
                return 0.0

    def _on_lost(self, connection: Connection, reason: str) -> None:
        ended = self._session.disconnected(reason)
        if connection is not self._ready and connection is not self._draining:
            return  # it was never ready: `_establish` tells its caller
        self._timer.cancel()
        self._ready = self._draining = None
        self._backoff.lost(self._loop.time() - self._ready_since_s)
        if self._keeper is None:
            return
        self._lost_at_ms = self._clock_ns() // 1_000_000
        if self._session.drop_what_cannot_be_restored():
            gone = InvalidKey("the user data subscription went with a logon that cannot be repeated without its key")
            for iterator in list(self._iterators):
                iterator.fail(gone)
        self._why_not_ready = f"not connected ({reason}); connecting again"
        self._connected.clear()
        self._lost.put_nowait(connection)
        self._say("warning", "connection lost", reason=redacted(reason), requests_ended=ended)

    def _on_tick(self) -> None:
        expired = self._session.tick()
        if expired:
            self._say("warning", "no response within the deadline", requests=expired)
        if self._draining is not None:
            self._drain_ticks -= 1
            if self._drain_ticks <= 0 or not self._session.pending:
                self._draining.close("the server announced its shutdown")

    # --- what comes in ----------------------------------------------------------------------------------------------

    def _on_message(self, message: bytes) -> None:
        if self._log_traffic:
            self._say("debug", "message", text=redacted(message.decode()))
        other = self._session.receive(message)
        if other is None:
            return
        match other:
            case EventMessage():
                self._hand_out(message)
                if other.type == "serverShutdown":
                    self._drain()
            case Unmatched(stray=stray, id=request_id, detail=detail):
                self._say(
                    "warning", "response without a request", kind=str(stray), id=request_id, detail=redacted(detail)
                )
            case Malformed(detail=detail):
                self._say("warning", "message that is no response and no event", detail=redacted(detail))

    def _hand_out(self, event: bytes | SubscriptionRestored) -> None:
        for iterator in self._iterators:
            iterator.put(event)

    def _drain(self) -> None:
        """Send nothing further on this connection; `_on_tick` gives it up when the requests in flight are answered."""
        if self._ready is None:
            return
        self._draining, self._ready = self._ready, None
        self._drain_ticks = round(DRAIN_S_MAX / self._tick_s)
        self._why_not_ready = "the server announced its shutdown; connecting again"
        self._connected.clear()
        self._say("warning", "the server announced its shutdown")

    def _say(self, level: str, event: str, **details: Any) -> None:
        with suppress(Exception):  # a log that fails takes neither the connection along nor the way back to one
            getattr(self._log, level)(event, url=self.url, **details)


async def _subscribed(answer: Awaitable[Any]) -> None:
    try:
        await answer
    except SubscriptionRejected as error:
        if error.code != Code.SUBSCRIPTION_ACTIVE:  # active is what it should be: an earlier answer came too late
            raise


class _Announced(asyncio.Future[Any]):
    """A future that says at once when it has its result: who awaits it hears of it only after the messages behind."""

    def __init__(self, announce: Callable[[], None], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._announce = announce

    def set_result(self, result: Any, /) -> None:
        super().set_result(result)
        self._announce()


class _Timer:
    """Calls `callback` every `interval_s` until it is cancelled."""

    def __init__(self, loop: asyncio.AbstractEventLoop, interval_s: float, callback: Callable[[], None]) -> None:
        self._loop = loop
        self._interval_s = interval_s
        self._callback = callback
        self._handle = loop.call_later(interval_s, self._run)

    def _run(self) -> None:
        self._handle = self._loop.call_later(self._interval_s, self._run)
        self._callback()

    def cancel(self) -> None:
        self._handle.cancel()


def _client_order_ids() -> Callable[[], str]:
    """Strings that no other client makes: 72 random bits for this one, and a count.

    At most 36 characters of [a-zA-Z0-9-_], as errors.md has it for `newClientOrderId`.
    """
    prefix = f"pw{secrets.token_urlsafe(9)}-"
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers)}"


def _default_log() -> Any:
    """structlog in front of the standard library's logger: what is shown where is the application's to say."""
    return structlog.wrap_logger(
        logging.getLogger("pitwire.client"),
        processors=[structlog.stdlib.filter_by_level, structlog.processors.KeyValueRenderer(key_order=["event"])],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
