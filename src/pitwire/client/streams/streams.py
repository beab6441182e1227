"""The market streams: subscriptions of an application, spread over as many connections as they need."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar, overload
from urllib.parse import urlsplit

from pitwire.client.backoff import Backoff
from pitwire.client.endpoints import time_unit
from pitwire.client.limits.governor import limits_of
from pitwire.client.link import Say, unknown_field_to
from pitwire.client.ports import Surroundings
from pitwire.client.server_clock import ServerClock
from pitwire.client.slot import ROTATE_JITTER
from pitwire.client.streams.book import LEVELS_MAX, AsksForDepth, LocalBook
from pitwire.client.streams.cursor import Cursor
from pitwire.client.streams.link import StreamLink
from pitwire.client.streams.market_stream import MarketStream
from pitwire.client.streams.metrics import Looks, StreamsMetrics
from pitwire.client.streams.queues import QUEUE_BYTES_MAX, QUEUE_EVENTS_MAX, Policy, new_queue
from pitwire.client.streams.route import Route
from pitwire.client.streams.slot import StreamSlot
from pitwire.client.streams.subscription import Subscription
from pitwire.market.enums import TimeUnit
from pitwire.protocol.drift import Drift
from pitwire.protocol.errors import NotSent, PitwireError
from pitwire.protocol.streams import FAST_MS

E = TypeVar("E")

CONNECTIONS_MAX: Final = 50
"""51,200 streams: more than Binance has. An address may connect 300 times in 5 minutes."""


class Streams:
    """Connections to the market streams, and the subscriptions that they serve. Made by `streams`.

    A connection is made again with back-off when it is lost, and renewed before it is a day old, when the server
    announces its shutdown, and on `rotate()`; the new one listens to everything before the old one goes. Each event
    comes once, in its stream's order. What was missed is told as a `StreamGap`. See docs/guarantees/market-data.md.
    """

    def __init__(self, url: str, surroundings: Surroundings, say: Say, rotate_after_s: float) -> None:
        self.url = url
        unit_ns = 1_000_000 if time_unit(url) is TimeUnit.MILLISECOND else 1_000
        looks = Looks(unknown_field_to(say), surroundings.clock_ns, unit_ns)
        self.drift: Final[Drift] = looks
        """Fields that came and are not documented."""
        self._surroundings = surroundings
        self.say: Final = say
        """Writes to the log."""
        self._rotate_after_s = rotate_after_s
        self._slots: dict[StreamSlot, asyncio.Task[None]] = {}
        self._slot_of: dict[bytes, StreamSlot] = {}
        self._subscriptions: dict[Subscription[Any], None] = {}
        self._why_not = "the streams are not connected: use them in `async with`"
        self._is_open = False
        self.metrics: Final = StreamsMetrics(url, surroundings.clock_ns, lambda: self._slots, looks, say)
        """What is measured."""

    # --- subscriptions ----------------------------------------------------------------------------------------------

    @overload
    def subscribe(
        self,
        *streams: MarketStream[E],
        queue: Policy = "wait",
        queue_events_max: int = QUEUE_EVENTS_MAX,
        queue_bytes_max: int = QUEUE_BYTES_MAX,
    ) -> Subscription[E]: ...

    @overload
    def subscribe(
        self,
        *streams: MarketStream[Any] | str,
        queue: Policy = "wait",
        queue_events_max: int = QUEUE_EVENTS_MAX,
        queue_bytes_max: int = QUEUE_BYTES_MAX,
    ) -> Subscription[Any]: ...

    def subscribe(
        self,
        *streams: MarketStream[Any] | str,
        queue: Policy = "wait",
        queue_events_max: int = QUEUE_EVENTS_MAX,
        queue_bytes_max: int = QUEUE_BYTES_MAX,
    ) -> Subscription[Any]:
        """Listen to streams: `MarketStream.trade("BTCUSDT")`, or by name, `"btcusdt@trade"`. See `Subscription`.

        `queue` says what happens when events come faster than they are taken. "wait" keeps them up to the bound; what
        comes beyond it is counted as dropped, and a `StreamGap` stands in its place. "drop_oldest" keeps the newest and
        counts the others. "conflate" keeps the latest of each stream, and of each symbol of the whole market.
        The bounds are `queue_events_max` and `queue_bytes_max`; "conflate" needs none.

        Raises `ValueError` for a name of no stream and for bounds without sense.
        """
        wanted = {
            stream.name: stream
            for stream in (each if isinstance(each, MarketStream) else MarketStream.of(each) for each in streams)
        }
        waiting = new_queue(queue, queue_events_max, queue_bytes_max)
        return Subscription(self, tuple(wanted.values()), waiting, self.drift, conflated=queue == "conflate")

    def book(
        self, symbol: str, client: AsksForDepth, *, update_ms: int = FAST_MS, limit: int = LEVELS_MAX
    ) -> LocalBook:
        """A local book of `symbol`, for which `client` gets snapshots of `limit` levels a side. See `LocalBook`.

        `update_ms` is how often it changes, 100 or 1000. A snapshot of 5,000 levels has a weight of 250, one of 100
        levels a weight of 5 (web-socket-api.md, Order book).
        """
        changes = self.subscribe(MarketStream.depth(symbol, update_ms=update_ms))
        return LocalBook(symbol, changes, client, limit, self.backoff(), self.say)

    def backoff(self) -> Backoff:
        """A back-off for somebody who asks for what the streams have missed."""
        return Backoff(self._surroundings.random)

    async def listen(self, subscription: Subscription[Any], cursors: list[Cursor]) -> None:
        """Have these streams brought to `subscription`; returns when they certainly are."""
        if not self._is_open:
            raise NotSent(self._why_not)
        self._subscriptions[subscription] = None
        self.metrics.begun(subscription)
        names: dict[StreamSlot, list[bytes]] = {}
        for cursor in cursors:
            name = cursor.stream.name.encode()
            slot = self._slot_of.get(name)
            if slot is None:
                slot = self._slot_of[name] = self._slot_with_room()
                slot.routes[name] = Route(cursor.stream)
            slot.routes[name].add(subscription, cursor)
            names.setdefault(slot, []).append(name)
        await asyncio.gather(*(slot.settled(those) for slot, those in names.items()))

    def unlisten(self, subscription: Subscription[Any], cursors: list[Cursor]) -> None:
        """Have them brought no more."""
        if not subscription.streams or subscription.is_closed:
            self._subscriptions.pop(subscription, None)
            self.metrics.ended(subscription)
        changed = set()
        for cursor in cursors:
            name = cursor.stream.name.encode()
            slot = self._slot_of.get(name)
            if slot is None:
                continue
            slot.routes[name].remove(cursor)
            if not slot.routes[name]:
                del slot.routes[name], self._slot_of[name]
                changed.add(slot)
        for slot in changed:
            slot.settle_soon()

    def _slot_with_room(self) -> StreamSlot:
        for slot in self._slots:
            if slot.room:
                return slot
        if len(self._slots) >= CONNECTIONS_MAX:
            raise ValueError(f"{len(self._slot_of)} streams are as many as {CONNECTIONS_MAX} connections can have")
        return self._add_slot()

    # --- connections ------------------------------------------------------------------------------------------------

    @property
    def connections(self) -> int:
        """How many connections there are now."""
        return sum(slot.link is not None for slot in self._slots)

    async def rotate(self) -> None:
        """Renew every connection now; returns when the old ones are closed. Cancelling does not stop it."""
        await asyncio.gather(*(asyncio.shield(slot.rotate()) for slot in self._slots))

    async def __aenter__(self) -> Self:
        """Connect. Raises `NotSent` when there is no connection to be had."""
        if self._slots:
            raise RuntimeError("these streams are connected already: one `async with` for each streams()")
        self._limits = limits_of(urlsplit(self.url).netloc)
        if not self._limits.is_attached:
            self._limits.attach(ServerClock(self._surroundings.clock_ns))
        first = self._new_slot()
        await first.establish()
        self._is_open = True
        self._keep(first)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections. Iterations end after the events that are waiting."""
        self._why_not, self._is_open = "the streams are closed", False
        for subscription in list(self._subscriptions):
            subscription.close()
        slots, self._slots = self._slots, {}
        await asyncio.gather(*(slot.close(self._why_not) for slot in slots))
        for keeper in slots.values():
            keeper.cancel()
        if slots:
            await asyncio.wait(slots.values())
        for keeper in slots.values():
            if not keeper.cancelled():
                keeper.result()  # raises what ended it before its time

    def _new_slot(self) -> StreamSlot:
        random: Callable[[], float] = self._surroundings.random
        return StreamSlot(
            self.url,
            self.say,
            self,
            Backoff(random),
            lambda: self._rotate_after_s * (1 - ROTATE_JITTER * random()),
            self._surroundings.open_transport,
        )

    def _add_slot(self) -> StreamSlot:
        slot = self._new_slot()
        self._keep(slot)
        return slot

    def _keep(self, slot: StreamSlot) -> None:
        self._slots[slot] = asyncio.create_task(self._run(slot), name=f"pitwire {self.url}")

    async def _run(self, slot: StreamSlot) -> None:
        try:
            await slot.run()
        except Exception as error:  # a bug: leaving the context shows it
            failure = NotSent(f"connecting again has ended: {error!r}")
            self._fail(failure)
            raise

    def _fail(self, error: PitwireError) -> None:
        for subscription in list(self._subscriptions):
            subscription.fail(error)

    # --- what slots report ------------------------------------------------------------------------------------------

    def on_ready(self, link: StreamLink, instead_of: StreamLink | None) -> None:
        """A slot has a connection."""

    def on_unready(self, link: StreamLink, reason: str) -> None:
        """It has lost it."""

    def attempt(self, delay_s: float) -> float:
        """A connection is to be tried in `delay_s`: count it, and say how long to wait."""
        delay_s = max(delay_s, self._limits.attempt_in_s())
        self._limits.attempt(delay_s)
        return delay_s
