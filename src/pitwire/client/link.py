"""One connection of a client with its session, from its opening to its loss."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

from msgspec import UNSET, Struct, UnsetType

from pitwire.client.ports import OpenTransport, Transport
from pitwire.client.server_clock import ServerClock
from pitwire.client.timings import Timings
from pitwire.protocol.client_session import ClientSession, EventMessage, Malformed, Unmatched
from pitwire.protocol.codec import RequestId
from pitwire.protocol.errors import Code, InvalidTimestamp, NotSent, PitwireError, SubscriptionRejected
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.redaction import redacted
from pitwire.protocol.request_params import row_of
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.general import Time
from pitwire.protocol.results.general import ServerTime
from pitwire.protocol.signing import Key
from pitwire.protocol.standing import Standing

R = TypeVar("R")

IDLE_TICK_S: Final = 15.0
"""How often a connection that no request waits on looks whether anything is due."""
CONNECTION_WEIGHT: Final = 2
"""What connecting costs (web-socket-api.md, IP limits)."""
CLOSE_S_MAX: Final = 1.0
"""How long the server may take over its leave."""


class Say(Protocol):
    """Writes to the client's log; it does not raise."""

    def __call__(self, level: str, event: str, /, **details: Any) -> None:
        """Say it."""
        ...


def say_to(log: Any, url: str) -> Say:
    """A `Say` for a structlog logger. A log that fails takes neither a connection along nor the way back to one."""

    def say(level: str, event: str, /, **details: Any) -> None:
        with suppress(Exception):
            getattr(log, level)(event, url=url, **details)

    return say


def unknown_field_to(say: Say) -> Callable[[str, str], object]:
    """What logs a field that is not documented: its type, and its name."""
    return lambda kind, field: say("warning", "an unknown field", type=kind, field=field)


class LinkTerms(Struct, frozen=True, kw_only=True):
    """What all connections of a client have in common."""

    url: str
    open_transport: OpenTransport
    key: Key | None
    clock: ServerClock
    timings: Timings
    standing: Standing
    new_client_order_id: Callable[[], str]
    tick_s: float
    deadline_ticks: int
    in_flight_max: int
    log_traffic: bool
    is_recorded: bool
    """Whether what places, cancels or changes orders is written down before it is sent."""
    say: Say


class LinkOwner(Protocol):
    """Who has links: a client."""

    def on_event(self, link: "Link", event: EventMessage, /) -> None:
        """An event came."""
        ...

    def takes_over(self, link: "Link", pending: Pending, failure: PitwireError, /) -> bool:
        """A request failed; whether its waiter is to wait on, because somebody sees to it."""
        ...

    def record(self, link: "Link", table_key: object, /) -> None:
        """The order that stands under `table_key` is about to be sent."""
        ...

    def before_write(self) -> None:
        """Orders that were recorded are about to be written."""
        ...

    def on_tick(self, link: "Link", /) -> None:
        """A tick of time has passed."""
        ...

    def on_answer(self, link: "Link", /) -> None:
        """A response came; said only while `is_watched`."""
        ...

    def charge(self, weight: int, /) -> None:
        """So much request weight is used to keep the connection."""
        ...


class Link:
    """A connection and its session. Requests are sent with `send`; `lost` is set when it is over.

    `on_lost` is called once, before the requests in flight end, so that nothing is sent here in answer to their end.
    """

    def __init__(self, terms: LinkTerms, owner: LinkOwner, on_lost: Callable[["Link", str], None]) -> None:
        self._terms = terms
        self._owner = owner
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self.session = ClientSession(
            key=terms.key,
            clock_ns=terms.clock.now_ns,
            new_client_order_id=terms.new_client_order_id,
            deadline_ticks=terms.deadline_ticks,
            in_flight_max=terms.in_flight_max,
            standing=terms.standing,
            takes_over=self._takes_over,
            now_ns=terms.timings.now_ns,
            answered=terms.timings.answered,
        )
        self._timings = terms.timings
        self._transport: Transport
        self._timer: asyncio.TimerHandle
        self._is_idle = False  # the timer is a slow one, for no request waits
        self._say = terms.say
        self._is_wanted = True
        self.is_watched = False
        """Whether its owner is to hear of each response."""
        self.is_open = False
        """Whether requests can be sent here."""
        self.opened_s = 0.0
        """When it was opened, by the event loop's clock."""
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """The reason why it is over, once it is."""

    @classmethod
    async def open(cls, terms: LinkTerms, owner: LinkOwner, on_lost: Callable[["Link", str], None]) -> "Link":
        """Connect. Raises `NotSent` with the reason."""
        link = cls(terms, owner, on_lost)
        owner.charge(CONNECTION_WEIGHT)
        link.is_open = True  # messages may come before `open_transport` returns
        link._transport = await terms.open_transport(
            terms.url, link.session.pending, link._on_messages, link._on_transport_lost, owner.before_write
        )
        link._timer = link._loop.call_later(terms.tick_s, link._tick)
        link.opened_s = link._loop.time()
        if not link.is_open:
            link._timer.cancel()
            raise NotSent("the connection was lost at once")
        return link

    # --- requests ---------------------------------------------------------------------------------------------------

    def send(
        self,
        request: Request[R],
        future: asyncio.Future[R],
        request_id: RequestId | UnsetType = UNSET,
        key: Key | None = None,
    ) -> asyncio.Future[R]:
        """Send `request`; `future` gets its outcome. Raises what `ClientSession.request` does, but for `NotSent`."""
        try:
            table_key, frame = self.session.request(request, future, request_id, key)
        except NotSent as error:
            future.set_exception(error)
            return future
        if self._is_idle:
            self._is_idle = False
            self._timer.cancel()
            self._timer = self._loop.call_later(self._terms.tick_s, self._tick)
        if self._terms.log_traffic:
            self._say("debug", "request", text=redacted(frame.decode()))
        if self._terms.is_recorded and row_of(request.__class__).is_intent:
            self._owner.record(self, table_key)
            self._transport.send_recorded(table_key, frame)
        else:
            self._transport.send(table_key, frame)
        return future

    async def ask(self, request: Request[R], key: Key | None = None) -> R:
        """Send a request of the client's own and wait for its outcome."""
        if not self.is_open:
            raise NotSent("the connection was lost")
        self._owner.charge(request.weight())
        return await self.send(request, self._loop.create_future(), UNSET, key)

    async def measure_clock(self) -> None:
        """Ask the server for its time. One that does not say it is no reason not to talk to it."""
        await self._note_time(self._ask_time())

    async def log_on(self) -> None:
        """Measure the clock, and log on where the client does so."""
        time_answer = self._ask_time()
        logon = self.session.logon()
        if logon is None:
            await self._note_time(time_answer)
            return
        logon_answer = asyncio.ensure_future(self.ask(*logon))  # both at once: it costs one round trip
        try:
            await self._note_time(time_answer)
            await logon_answer
        except InvalidTimestamp:
            await self.ask(*logon)  # it was refused, so this is no second one; now it has the server's time
        finally:
            logon_answer.cancel()

    def _ask_time(self) -> "_TimeAnswer":
        answer = _TimeAnswer(self._terms.clock, self._loop)
        request = Time(return_rate_limits=True)
        self._owner.charge(request.weight())
        self.send(request, answer)
        return answer

    async def _note_time(self, answer: "_TimeAnswer") -> None:
        try:
            stamp = (await answer).server_time
        except NotSent:
            raise
        except PitwireError as error:
            self._say("warning", "the server does not say what time it is", error=redacted(str(error)))
        else:
            self._terms.clock.exchanged(answer.sent_ns, answer.received_ns, stamp)

    async def restore_subscriptions(self) -> bool:
        """Subscribe to what the client's other connections are, or were, subscribed to; whether there was any."""
        wanted = self.session.lost_subscriptions()
        for request, key in wanted:
            await subscribed(self.ask(request, key))
        return bool(wanted)

    # --- the end ----------------------------------------------------------------------------------------------------

    async def drained(self) -> None:
        """Wait until no request is in flight, or the connection is lost. The deadlines bound it."""
        while self.session.pending and self.is_open:
            await asyncio.wait({self.lost}, timeout=self._terms.tick_s)

    async def close(self, reason: str) -> None:
        """Close it and wait until it is gone. What is in flight ends."""
        self.hang_up(reason)
        await self.wait_closed()

    def hang_up(self, reason: str) -> None:
        """Close it without waiting."""
        self._is_wanted = False
        self._transport.close(reason)

    async def wait_closed(self) -> None:
        """Wait until nothing of it is left."""
        await self._transport.wait_closed(CLOSE_S_MAX)

    def _on_transport_lost(self, reason: str) -> None:
        if not self.is_open:
            return
        self.is_open = False
        if hasattr(self, "_timer"):
            self._timer.cancel()
        try:
            self._on_lost(self, reason)
        finally:  # whatever happens there: nobody is to wait for ever
            ended = self.session.disconnected(reason)
            self.lost.set_result(reason)
        if self._is_wanted:
            self._say("warning", "connection lost", reason=redacted(reason), requests_ended=ended)

    # --- what comes in ----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        expired = self.session.tick()
        self._is_idle = not self.session.pending
        self._timer = self._loop.call_later(IDLE_TICK_S if self._is_idle else self._terms.tick_s, self._tick)
        if expired:
            self._say("warning", "no response within the deadline", requests=expired)
        self._owner.on_tick(self)

    def _takes_over(self, pending: Pending, failure: PitwireError) -> bool:
        self._timings.failed(pending, failure)
        return self._owner.takes_over(self, pending, failure)

    def _on_messages(self, messages: list[bytes]) -> None:
        receive = self.session.receive
        self._timings.received_ns = self._timings.now_ns()
        if self._terms.log_traffic:
            for message in messages:
                self._say("debug", "message", text=redacted(message.decode()))
        for message in messages:
            other = receive(message)
            if other is not None:
                if not self.is_open:
                    return  # one of them had it closed: nobody waits for the rest
                self._on_other(other)
            elif self.is_watched:
                self._owner.on_answer(self)

    def _on_other(self, other: EventMessage | Unmatched | Malformed) -> None:
        match other:
            case EventMessage():
                self._owner.on_event(self, other)
            case Unmatched(stray=stray, id=request_id, detail=detail):
                self._say(
                    "warning", "response without a request", kind=str(stray), id=request_id, detail=redacted(detail)
                )
            case Malformed(detail=detail):
                self._say("warning", "message that is no response and no event", detail=redacted(detail))


async def subscribed(answer: Awaitable[Any]) -> None:
    """Wait for a subscription. That it is active already is no failure: an earlier answer came too late."""
    try:
        await answer
    except SubscriptionRejected as error:
        if error.code != Code.SUBSCRIPTION_ACTIVE:
            raise


class _TimeAnswer(asyncio.Future[ServerTime]):
    """The answer to `time`, with the own times when it was asked for and came: a task hears of it a turn later."""

    def __init__(self, clock: ServerClock, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._clock = clock
        self.sent_ns = clock.local_ns()
        self.received_ns = 0

    def set_result(self, result: ServerTime, /) -> None:
        self.received_ns = self._clock.local_ns()
        super().set_result(result)
