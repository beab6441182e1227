"""Who listens to which market stream: each payload is encoded once per time unit and envelope, however many listen.

A stream is open while somebody listens to it. What happens on the exchange comes with the outcomes of the log, so
nothing is told that is not durable; what is told at intervals is told at the whole multiples of them on the exchange's
clock, by one timer, which is set only for times at which a stream may have something to tell.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
import structlog

from pitwire.exchange.messages import Outcome, SymbolListed
from pitwire.exchange.ports import Clock
from pitwire.exchange.projections.feeds.base import Content, Feed
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import TimeUnit
from pitwire.protocol.frames import text_frame
from pitwire.protocol.streams import Stream, parse_stream

_MS_US: Final = 1_000
_NEVER_US: Final = 2**63
WAIT_US_MAX: Final = 60_000_000
"""The timer looks at the clock at least so often, in case that was set forward."""
_UNITS: Final = (TimeUnit.MILLISECOND, TimeUnit.MICROSECOND)

_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger(__name__)

OpenFeed = Callable[[Stream], Feed]
"""Raises `UnknownSymbol` when the stream's symbol is not listed."""


def envelope(unit: TimeUnit, *, combined: bool) -> int:
    """The number of an envelope: which time unit, and whether the stream's name stands around the payload."""
    return _UNITS.index(unit) * 2 + combined


class StreamListener(Protocol):
    """A connection that frames can be queued on."""

    envelope: int
    """See `envelope`; it may change between two frames."""

    def queue(self, frame: bytes) -> None:
        """Have `frame` written with the connection's next write."""
        ...


class OpenStream:
    """A stream that somebody listens to. `feed` is `None` while its symbol is not listed."""

    __slots__ = ("_head", "feed", "fresh", "listeners", "period_us", "stream", "symbol")

    def __init__(self, name: str, stream: Stream) -> None:
        self._head = b'{"stream":%b,"data":' % _encode(name)
        self.stream = stream
        self.symbol = stream.symbol.upper()
        self.period_us = stream.form.update_ms * _MS_US
        """Between two updates; 0 is in real time."""
        self.feed: Feed | None = None
        self.listeners: dict[StreamListener, None] = {}
        self.fresh = True

    def tell(self, now_us: int) -> None:
        """Queue what the feed has to tell for all who listen. A feed that fails is logged; the others go on."""
        if self.feed is None:
            return
        try:
            contents = self.feed.take(now_us, fresh=self.fresh)
            self.fresh = False
            for content in contents:
                self._send(content)
        except Exception:
            _log.exception("a stream failed", stream=self.stream.name)

    def due_us(self, now_us: int) -> int | None:
        """When it may have something to tell at the earliest, if nothing happens until then."""
        return now_us if self.fresh or self.feed is None else self.feed.due_us(now_us)

    def _send(self, content: Content) -> None:
        frames: list[bytes | None] = [None, None, None, None]
        for listener in self.listeners:
            number = listener.envelope
            frame = frames[number]
            if frame is None:
                payload = _encode(content(_UNITS[number >> 1]))
                frame = frames[number] = text_frame(self._head + payload + b"}" if number & 1 else payload)
            listener.queue(frame)


class MarketStreams:
    """The streams that the connections of one gateway listen to. Belongs to one event loop.

    `flush` is called after each turn of the timer.
    """

    def __init__(self, open_feed: OpenFeed, clock: Clock, flush: Callable[[], object]) -> None:
        self._open_feed = open_feed
        self._clock = clock
        self._flush = flush
        self._open: dict[str, OpenStream] = {}
        self._observers: dict[type, dict[str, dict[OpenStream, None]]] = {}
        """By the type and the symbol of an event; those that wait for their symbol are observers of `SymbolListed`."""
        self._timed: dict[int, dict[OpenStream, None]] = {}
        """By the microseconds between two updates."""
        self._turns: dict[int, int] = {}
        """The number of the last update of each of `_timed`: a time divided by what lies between two updates."""
        self._timer: asyncio.TimerHandle | None = None
        self._set_to_us = _NEVER_US
        """What the timer is set to."""

    def add(self, name: str, listener: StreamListener) -> None:
        """From now on tell `listener` what the stream of that name tells: nothing, if there is none."""
        opened = self._open.get(name)
        if opened is None:
            stream = parse_stream(name)
            if stream is None:
                return
            opened = self._open[name] = OpenStream(name, stream)
            self._start(opened)
        opened.listeners[listener] = None
        opened.fresh = True
        self._wake(opened)

    def remove(self, name: str, listener: StreamListener) -> None:
        """Tell `listener` nothing more of that stream."""
        opened = self._open.get(name)
        if opened is not None:
            opened.listeners.pop(listener, None)
            if not opened.listeners:
                del self._open[name]
                self._stop(opened)

    @property
    def receivers(self) -> int:
        """How many subscriptions there are."""
        return sum(len(opened.listeners) for opened in self._open.values())

    def publish(self, outcome: Outcome) -> None:
        """Tell what an outcome brought. Called once for each outcome, in the order of the log."""
        observers = self._observers
        if not observers:
            return
        time_us = outcome.record.time_us
        due: dict[OpenStream, None] = {}
        for event in outcome.events:
            by_symbol = observers.get(type(event))
            if by_symbol is None:
                continue
            symbol = event.rules.symbol if isinstance(event, SymbolListed) else event.symbol  # type: ignore[union-attr]
            for opened in tuple(by_symbol.get(symbol, ())):
                if opened.feed is None:
                    self._stop(opened)
                    self._start(opened)
                    self._wake(opened)
                    continue
                opened.feed.observe(event, time_us)
                if opened.period_us:
                    self._wake(opened)
                else:
                    due[opened] = None
        for opened in due:
            opened.tell(time_us)

    def next_tick_us(self) -> int | None:
        """When something may be told next; `None` while there is nothing before something happens."""
        now_us = self._clock.now_us()
        found: int | None = None
        for period_us, streams in self._timed.items():
            next_us = (now_us // period_us + 1) * period_us
            for opened in streams:
                due_us = opened.due_us(now_us)
                if due_us is not None:
                    turn_us = max(next_us, -(-due_us // period_us) * period_us)
                    if found is None or turn_us < found:
                        found = turn_us
                    if turn_us == next_us:
                        break
        return found

    def tick(self, now_us: int) -> None:
        """Tell what is told at intervals and is due."""
        for period_us, streams in self._timed.items():
            turn = now_us // period_us
            if turn != self._turns[period_us]:
                self._turns[period_us] = turn
                for opened in streams:
                    opened.tell(now_us)
        self._flush()

    def stop(self) -> None:
        """Tell nothing more at intervals."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._set_to_us = _NEVER_US

    def _start(self, opened: OpenStream) -> None:
        try:
            opened.feed = self._open_feed(opened.stream)
        except UnknownSymbol:
            self._observe(SymbolListed, opened)
            return
        for event in opened.feed.observes:
            self._observe(event, opened)
        period_us = opened.period_us
        if period_us:
            if period_us not in self._timed:
                self._timed[period_us] = {}
                self._turns[period_us] = self._clock.now_us() // period_us
            self._timed[period_us][opened] = None

    def _observe(self, event: type, opened: OpenStream) -> None:
        self._observers.setdefault(event, {}).setdefault(opened.symbol, {})[opened] = None

    def _stop(self, opened: OpenStream) -> None:
        observed: tuple[type[Any], ...] = (SymbolListed,) if opened.feed is None else opened.feed.observes
        for event in observed:
            by_symbol = self._observers[event]
            del by_symbol[opened.symbol][opened]
            if not by_symbol[opened.symbol]:
                del by_symbol[opened.symbol]
            if not by_symbol:
                del self._observers[event]
        period_us = opened.period_us
        if opened.feed is not None and period_us:
            del self._timed[period_us][opened]
            if not self._timed[period_us]:
                del self._timed[period_us], self._turns[period_us]
                if not self._timed:
                    self.stop()

    def _wake(self, opened: OpenStream) -> None:
        """A stream that is told at intervals may have something to tell: see to it that its next turn comes."""
        if opened.period_us and self._set_to_us > self._clock.now_us() + opened.period_us:
            self._schedule()

    def _schedule(self) -> None:
        """Set the timer to the next time at which anything is due."""
        self.stop()
        due_us = self.next_tick_us()
        if due_us is not None:
            self._set_to_us = due_us
            delay_us = min(due_us - self._clock.now_us(), WAIT_US_MAX)
            delay_ms = (delay_us + _MS_US - 1) // _MS_US  # whole ones: a timer must not come too early
            self._timer = asyncio.get_running_loop().call_later(delay_ms / 1e3, self._on_timer)

    def _on_timer(self) -> None:
        self._set_to_us = _NEVER_US
        try:
            self.tick(self._clock.now_us())
        finally:
            self._schedule()
