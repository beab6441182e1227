"""The client: the API's methods on connections that are kept up, logged on and subscribed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from pitwire.client.api_slot import ApiSlot
from pitwire.client.backoff import Backoff
from pitwire.client.clock_sync import ClockSync
from pitwire.client.feed import UserDataFeed
from pitwire.client.limits.governor import Limits, limits_of
from pitwire.client.limits.learning import LimitsLearning
from pitwire.client.limits.rest_limits import RestLimits
from pitwire.client.link import Link, LinkTerms
from pitwire.client.methods import Methods
from pitwire.client.metrics import ClientMetrics
from pitwire.client.missed import find_missed
from pitwire.client.safety.journal import Journal
from pitwire.client.safety.recording import Recording, Recovered
from pitwire.client.safety.resolver import Resolver
from pitwire.client.safety.unknown_orders import UnknownOrders
from pitwire.client.slot import REFUSED_FOR_GOOD, ROTATE_JITTER
from pitwire.client.subscribing import Subscribing
from pitwire.client.symbol import Symbol
from pitwire.client.user_data import QUEUE_EVENTS_MAX, UserData
from pitwire.protocol.client_session import EventMessage
from pitwire.protocol.codec import RequestId
from pitwire.protocol.errors import (
    CancelReplaceFailed,
    InvalidTimestamp,
    NotSent,
    OutcomeUnknown,
    PitwireError,
    RateLimited,
)
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.redaction import redacted
from pitwire.protocol.request_params import row_of, with_order_id
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.general import ExchangeInfo, Ping
from pitwire.protocol.results import RateLimit
from pitwire.protocol.signing import Key

R = TypeVar("R")

_decode_rate_limits = msgspec.json.Decoder(tuple[RateLimit, ...] | None).decode


class Client(Methods):
    """The API's methods, over one connection or several. Made by `connect`.

    When a connection is lost its requests in flight end at once: with `OutcomeUnknown` if they were written; those that
    were not go over another connection where there is one, else they end with `NotSent`. What places, cancels or
    changes orders and was written is asked about first, and ends with what came of it: see
    docs/guarantees/order-safety.md.

    The client connects again with back-off and jitter, logs on again and restores its user data subscriptions; while no
    connection is there requests raise `NotSent` at once (see `wait_connected`). Where the server asks for time
    (`Retry-After`), it gets it. When it refuses the key itself (`Unauthorized`, `InvalidSignature`), the client gives
    up: requests, `wait_connected` and iterators raise that.

    A connection is renewed before it is a day old, when the server announces its shutdown, and on `rotate()`: the new
    one is there before the old one goes, and no request fails and no event is missed for it.

    Every order goes out with a client order id, made here when the caller gives none: `OutcomeUnknown` carries it.
    """

    def __init__(
        self,
        terms: LinkTerms,
        *,
        connections: int,
        rotate_after_s: float,
        random: Callable[[], float],
        unknown: UnknownOrders | None,
        limits: Limits | None,
        journal: Path | None,
    ) -> None:
        self.url = terms.url
        self.clock: Final = terms.clock
        """The server's time, as far as it is known."""
        self._terms = terms
        self._say = terms.say
        self._connections = connections
        self._rotate_after_s = rotate_after_s
        self._random = random
        self._slots: list[ApiSlot] = []
        self._ready: list[Link] = []
        self._turn = 0
        self._why_not = "the client is not connected: use it in `async with`"
        self._refusal: PitwireError | None = None  # why there will be no connection any more
        self._connected = asyncio.Event()
        self._symbols: dict[str, Symbol] = {}
        self._subscribing = Subscribing(terms.standing, lambda: self._bearer().session, self._subscribe)
        self._feed = UserDataFeed(self._now_ms, self._heard)
        self._keepers: set[asyncio.Task[None]] = set()
        self._rate_limits = b""
        self._account = terms.key.api_key if terms.key is not None else ""
        self._shared_limits = limits
        self._limits: Limits
        self._learning: LimitsLearning
        self._journal = journal
        self._recording: Recording | None = None
        self._unknown = unknown
        self._resolver: Resolver | None = None
        self._clock_sync = ClockSync(terms.clock, self._send_again)
        self._metrics = ClientMetrics(
            terms, lambda: self._slots, self._feed, unknown, lambda: self._limits if self._slots else None
        )

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
        ready = self._ready
        if not ready:
            future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
            future.set_exception(self._refused() or NotSent(f"{request.METHOD.name}: {self._why_not_ready()}"))
            return future
        if not self._limits.admits(request, self._account if key is None else key.api_key):
            return self._wait_for_limits(request, request_id, key)
        link = ready[0] if self._connections == 1 else self._choose(request)
        return link.send(request, self._loop.create_future(), request_id, key)

    def _wait_for_limits(
        self, request: Request[R], request_id: RequestId | UnsetType, key: Key | None, *, urgent: bool = False
    ) -> asyncio.Future[R]:
        future: asyncio.Future[R] = self._loop.create_future()

        def send() -> None:
            if not self._ready:
                future.set_exception(NotSent(f"{request.METHOD.name}: {self._why_not_ready()}"))
                return
            try:
                self._choose(request).send(request, future, request_id, key)
            except (PitwireError, TypeError, ValueError) as error:
                future.set_exception(error)

        account = self._account if key is None else key.api_key
        give_up_s = self._loop.time() + self._terms.tick_s * self._terms.deadline_ticks
        self._limits.wait(request, account, future, send, give_up_s, urgent=urgent)
        return future

    def _choose(self, request: Request[Any]) -> Link:
        """Take turns; what concerns the session itself goes over the first connection, while it is there."""
        if self._connections == 1:
            return self._ready[0]
        first = self._slots[0].link
        if first is not None and row_of(request.__class__).changes_session:
            return first
        self._turn += 1
        return self._ready[self._turn % len(self._ready)]

    async def symbol(self, name: str, *, renew: bool = False) -> Symbol:
        """The rules of a symbol, to round and check orders by before they are sent: see `Symbol`.

        They are asked for once, and again with `renew`. Raises as any request does; `Rejected` for an unknown symbol.
        """
        known = self._symbols.get(name)
        if known is None or renew:
            information = await self.call(ExchangeInfo(symbol=name))
            known = self._symbols[name] = Symbol(information.symbols[0])
        return known

    async def wait_connected(self) -> None:
        """Wait until requests can be sent; other tasks get their turn in any case.

        Raises `NotSent` when the client was not entered or is closed, also while waiting, and what the exchange said
        when it refused the key for good.
        """
        await asyncio.sleep(0)
        while not self._ready:
            if not self._slots or self._refusal is not None:
                raise self._refused() or NotSent(self._why_not)
            await self._connected.wait()

    def _why_not_ready(self) -> str:
        return self._slots[0].why_not if self._slots else self._why_not

    def _refused(self) -> PitwireError | None:
        return None if self._refusal is None else self._refusal.with_traceback(None)  # it is raised again and again

    @property
    def metrics(self) -> ClientMetrics:
        """What is measured."""
        return self._metrics

    @property
    def limits(self) -> RestLimits:
        """The exchange's limits, for REST calls that you make yourself: see `RestLimits`."""
        if not self._slots:
            raise RuntimeError(self._why_not)
        return RestLimits(self._limits, self._account, self._terms.tick_s * self._terms.deadline_ticks)

    @property
    def is_connected(self) -> bool:
        """Whether requests can be sent now: connected, logged on and subscribed as before."""
        return bool(self._ready)

    @property
    def in_flight(self) -> int:
        """How many requests wait for a response, those included whose await was cancelled."""
        return sum(len(link.session.pending) for link in self._ready)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """What the newest response with rate limits said of them; empty before the first."""
        raw = self._ready[0].session.last_rate_limits if self._ready else self._rate_limits
        return (_decode_rate_limits(raw) if raw else None) or ()

    # --- user data --------------------------------------------------------------------------------------------------

    def user_data(self, *, key: Key | None = None, queue_events_max: int = QUEUE_EVENTS_MAX) -> UserData:
        """The account's events: see `UserData`.

        Without `key` it subscribes to the client's own account, and gets all user data events of this client: with an
        Ed25519 key the subscription belongs to the logon, with another it is signed by itself. With `key` it
        subscribes to the account of that key, beside the client's own, and gets the events of that account only.
        """
        iterator = UserData(
            lambda: self._subscribing.subscribe(key),
            lambda: bool(self._slots and self._terms.standing.subscriptions),
            queue_events_max,
            self._terms.timings,
            key,
        )
        self._feed.iterators.add(iterator)
        return iterator

    def _subscribe(self, request: Request[Any], key: Key | None) -> asyncio.Future[Any]:
        self._feed.seen_trades.begin(key, self.clock.earliest_ns() // 1_000_000)
        return self.call(request, key=key)

    def _bearer(self) -> Link:
        link = self._slots[0].link if self._slots else None
        if link is None:
            raise self._refused() or NotSent(f"user data: {self._why_not_ready()}")
        return link

    # --- what an earlier process left -------------------------------------------------------------------------------

    async def recover(self) -> tuple[Recovered, ...]:
        """What became of the orders that an earlier process with the same journal had under way.

        They are asked about from the start on. Waits until each is known, which takes at most as long as an unknown
        outcome may (docs/guarantees/order-safety.md). Each is handed out once; cancelling loses none.
        """
        return () if self._recording is None else await self._recording.recover()

    # --- connections ------------------------------------------------------------------------------------------------

    async def rotate(self) -> None:
        """Renew every connection now; returns when the old ones are closed.

        No request fails and no event is missed for it. Cancelling does not stop it. Raises `NotSent` where the client
        is not connected.
        """
        if not self._slots:
            raise NotSent(self._why_not)
        await asyncio.gather(*(asyncio.shield(slot.rotate()) for slot in self._slots))

    async def __aenter__(self) -> Self:
        if self._slots or self._keepers:
            raise RuntimeError("this client is connected already: one `async with` for each connect()")
        self._loop = asyncio.get_running_loop()
        if self._journal is not None:
            self._recording = Recording(Journal(self._journal), self._terms.key)
        self._limits = self._shared_limits or limits_of(urlsplit(self.url).netloc)
        self._limits.attach(self.clock)
        self._learning = LimitsLearning(
            self._limits, self._account, self._say, lambda query, key: self.call(query, key=key), lambda: self.in_flight
        )
        slots = [self._new_slot(number) for number in range(self._connections)]
        self._slots = slots
        try:
            async with asyncio.TaskGroup() as group:
                for slot in slots:
                    group.create_task(slot.establish())
        except BaseExceptionGroup as errors:
            await self._close("the client could not connect")
            raise errors.exceptions[0] from None
        except BaseException:
            await self._close("the client could not connect")
            raise
        if self._unknown is not None:
            self._resolver = Resolver(self._unknown, self._ask, self.clock, self._say)
            self._resolver.start()
            if self._recording is not None:
                self._recording.resolve_left(self._resolver)
        self._keepers = {asyncio.create_task(self._keep(slot), name=f"pitwire {self.url}") for slot in slots}
        return self

    def _new_slot(self, number: int) -> ApiSlot:
        return ApiSlot(
            self._terms,
            self,
            Backoff(self._random),
            self._feed if number == 0 else None,
            lambda: self._rotate_after_s * (1 - ROTATE_JITTER * self._random()),
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections. Requests in flight end with `OutcomeUnknown`, iterators of user data end."""
        keepers, self._keepers = self._keepers, set()
        await self._close("the client is closed")
        for keeper in keepers:
            keeper.cancel()
        if keepers:
            await asyncio.wait(keepers)
        for keeper in keepers:
            if not keeper.cancelled():
                keeper.result()  # raises what ended it before its time

    async def _close(self, reason: str) -> None:
        slots, self._slots = self._slots, []
        self._why_not, self._refusal = reason, None
        self._ready.clear()
        self._connected.set()  # who waits for it learns that it will not come
        await self._clock_sync.close()
        await self._learning.close()
        await asyncio.gather(*(slot.close(reason) for slot in slots))
        if self._resolver is not None:
            await self._resolver.close(reason)
        if self._recording is not None:
            recording, self._recording = self._recording, None
            await asyncio.sleep(0)  # what has just ended says so to the journal in this turn of the event loop
            recording.close()
        self._feed.close()

    async def _keep(self, slot: ApiSlot) -> None:
        try:
            await slot.keep()
        except REFUSED_FOR_GOOD as error:
            self._give_up(error)
        except Exception as error:
            self._give_up(NotSent(f"connecting again has ended: {error!r}"))
            raise  # a bug: leaving the context shows it

    def _give_up(self, error: PitwireError) -> None:
        self._refusal = error
        self._connected.set()  # who waits for it learns that it will not come
        self._feed.fail(error)
        self._say("error", "the client connects no more", error=redacted(str(error)))

    # --- what slots and links report --------------------------------------------------------------------------------

    def on_ready(self, link: Link, instead_of: Link | None) -> None:
        """Requests may be sent over `link`, and no more over the other."""
        if instead_of in self._ready:
            self._ready[self._ready.index(instead_of)] = link
        else:
            self._ready.append(link)
        self._connected.set()
        self.on_answer(link)
        self._learning.connected(link)
        if self._resolver is not None:
            self._resolver.connected()

    def attempt(self, delay_s: float) -> float:
        """A connection is to be tried in `delay_s`: counts it, and returns how long to wait for the limit's sake."""
        delay_s = max(delay_s, self._limits.attempt_in_s())
        self._limits.attempt(delay_s)
        return delay_s

    def charge(self, weight: int) -> None:
        """So much request weight is used to keep a connection."""
        self._limits.charge(weight)

    def on_answer(self, link: Link) -> None:
        """A response has said what is used of the limits."""
        self._learning.answered(link)

    def on_unready(self, link: Link, reason: str) -> None:
        """No more requests may be sent over `link`: it is lost."""
        self._rate_limits = link.session.last_rate_limits or self._rate_limits
        if link in self._ready:
            self._ready.remove(link)
        if not self._ready:
            self._connected.clear()

    async def recover_gap(self, link: Link) -> None:
        """`link` is subscribed again after a loss: find out what was missed, and tell the iterators."""
        if not self._feed.let_go(link):  # one that is being renewed may bear them yet, where its successor was lost
            return
        accounts = list(self._terms.standing.subscriptions)
        if not accounts:
            self._feed.lost_at_ms = 0
        gap = self._feed.gap()
        seen, symbols = self._feed.seen_trades, self._terms.standing.symbols
        missed = [find_missed(self._ask, each, seen.known(each, gap.lost_at_ms, symbols), gap) for each in accounts]
        recovered = dict(zip(accounts, await asyncio.gather(*missed), strict=True))
        if self._connections > 1:  # another may have answered: what `link` brings of that time has come by its pong
            with suppress(PitwireError):
                await link.ask(Ping())
        self._feed.switch(link, recovered)

    def on_event(self, link: Link, event: EventMessage) -> None:
        """An event came over `link`."""
        number = event.subscription_id
        if number is not None:
            self._feed.receive(link, event.message, link.session.account_of(number))
            return
        self._feed.announce(event.message)
        if event.type == "serverShutdown":
            self._say("warning", "the server announced its shutdown")
            for slot in self._slots:
                if slot.link is link:
                    slot.rotate()

    def takes_over(self, link: Link, pending: Pending, failure: PitwireError) -> bool:
        """A request failed: whether its waiter is to wait on."""
        match failure:
            case NotSent() if not link.is_open and self._ready:
                return self._send_elsewhere(pending, failure)
            case InvalidTimestamp():
                return self._clock_sync.refused(link, pending, failure)
            case OutcomeUnknown() if pending.timestamp and self._resolver is not None:
                return self._resolver.take(pending, failure)
            case RateLimited():
                self._limits.refused(failure, self._account if pending.key is None else pending.key.api_key)
            case CancelReplaceFailed() if self._resolver is not None and None in (failure.canceled, failure.placed):
                return self._resolver.take(pending, failure)
        return False

    def _send_elsewhere(self, pending: Pending, failure: PitwireError) -> bool:
        """Send what a lost connection did not write over another one."""
        if pending.chosen_id or pending.changes_session:
            return False
        self._send_again(pending, failure)
        return True

    def _send_again(self, pending: Pending, failure: PitwireError) -> None:
        """Send what certainly was not carried out, under the client order ids that it has."""
        waiter: Any = pending.waiter
        if not self._ready:
            waiter.set_exception(failure)
            return
        request = with_order_id(pending.request, pending.client_order_id)
        self._limits.charge(request.weight())
        self._choose(request).send(request, waiter, UNSET, pending.key)

    async def _ask(self, query: Request[Any], key: Key | None) -> Any:
        """A query of the client's own: like a cancellation it waits behind nobody."""
        if not self._ready:
            raise NotSent(self._why_not_ready())
        if not self._limits.admits(query, self._account, urgent=True):
            return await self._wait_for_limits(query, UNSET, key, urgent=True)
        return await self._choose(query).send(query, self._loop.create_future(), UNSET, key)

    def record(self, link: Link, table_key: object) -> None:
        """The order that stands under `table_key` is about to be sent."""
        if self._recording is not None:
            self._recording.record(link.session.pending, table_key)

    def before_write(self) -> None:
        """Orders that were recorded are about to be written."""
        if self._recording is not None:
            self._recording.sync()

    def on_tick(self, link: Link) -> None:
        """A tick of time has passed."""
        self._clock_sync.tick(link, self._loop.time())
        self._limits.tick()
        if self._recording is not None:
            self._recording.tick()
        self.on_answer(link)
        link.is_watched = self._limits.is_close()

    def _heard(self, message: bytes, account: Key | None) -> None:
        """An event of `account` came, for the first time or again over another connection."""
        if b'"x":"TRADE"' in message:
            self._learning.filled(account)
        if self._unknown:
            assert self._resolver is not None
            self._resolver.hear(message)

    def _now_ms(self) -> int:
        return self.clock.now_ns() // 1_000_000
