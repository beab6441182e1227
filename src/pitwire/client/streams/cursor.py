"""How far one subscription is in one stream: what comes next, what came before, and what is missing in between.

    trade, aggTrade, blockTrade, depth     ids without holes: a hole is a gap, wherever it comes from
    bookTicker, depth<levels>              ids that grow: what a lost connection missed cannot be told, so it is a gap
    all others                             times, likewise

Nothing is compared but by what the events themselves carry. Pure.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import Struct

from pitwire.client.streams.market_stream import MarketStream
from pitwire.protocol.errors import ProtocolViolation
from pitwire.protocol.market_events import combined_decoder
from pitwire.protocol.streams import StreamKind

SKIPPED_MAX: Final = 1_000
"""So many events in a row are taken for repetitions of earlier ones; beyond that the ids have begun anew."""


class StreamGap(Struct, frozen=True, kw_only=True):
    """Events of a stream that were missed and will not come any more. What follows goes on from `before`.

    `after` is where the stream was before, `before` where it goes on: trade ids, update ids, or times of events where
    they have no ids. `length` is how many ids lie between the two where ids have no holes; elsewhere it is `None`, and
    whether anything was missed is not known, for the connection was gone for a while. `after` is `None` where nothing
    had come yet.
    """

    stream: MarketStream[Any]
    after: int | None
    before: int
    length: int | None = None


class Seam(Struct, frozen=True):
    """From here on another connection brings the stream; `lost`: not all that came before may have been brought."""

    lost: bool


class _Order(Struct, frozen=True):
    """Where an event begins and ends in its stream; `dense` where there are no holes."""

    first: Callable[[Any], int]
    last: Callable[[Any], int]
    dense: bool = False


def _by(name: str, *, dense: bool = False) -> _Order:
    return _Order(attrgetter(name), attrgetter(name), dense)


_NOT_DECODED: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_TIMED: Final = _by("event_time")
_ORDERS: Final[Mapping[StreamKind, _Order]] = MappingProxyType(
    {
        StreamKind.REFERENCE_PRICE: _by("time"),
        StreamKind.AGGREGATE_TRADE: _by("aggregate_trade_id", dense=True),
        StreamKind.TRADE: _by("trade_id", dense=True),
        StreamKind.BLOCK_TRADE: _by("block_trade_id", dense=True),
        StreamKind.KLINE: _TIMED,
        StreamKind.MINI_TICKER: _TIMED,
        StreamKind.TICKER: _TIMED,
        StreamKind.WINDOW_TICKER: _TIMED,
        StreamKind.BOOK_TICKER: _by("update_id"),
        StreamKind.AVERAGE_PRICE: _TIMED,
        StreamKind.PARTIAL_DEPTH: _by("last_update_id"),
        StreamKind.DEPTH: _Order(attrgetter("first_update_id"), attrgetter("last_update_id"), dense=True),
    }
)


def _newest(events: tuple[Any, ...]) -> int:
    return max((event.event_time for event in events), default=0)


_WHOLE_MARKET: Final = _Order(_newest, _newest)


class Cursor:
    """One subscription's place in one stream. `conflated` says that events may be left out on purpose."""

    __slots__ = (
        "_checked",
        "_decode",
        "_last",
        "_looks",
        "_order",
        "_seam",
        "_skipped",
        "gap",
        "skipped",
        "stream",
        "unlooked",
    )

    def __init__(self, stream: MarketStream[Any], *, conflated: bool = False) -> None:
        form = stream.form
        self.stream = stream
        self._decode = combined_decoder(form)
        self._order = _WHOLE_MARKET if form.whole_market else _ORDERS[form.kind]
        self._checked = self._order.dense and not conflated
        self._looks = self._checked  # whether the next event is to be compared with the last
        self._last: Any = None  # the last event, or its message
        self._seam: Seam | None = None
        self._skipped = 0  # in a row
        self.gap: StreamGap | None = None
        """What was missing before the event that was taken last, until `take_gap`."""
        self.unlooked = 0
        """How many events are yet to come until one is looked at for what is not documented."""
        self.skipped = 0
        """How many events were left out because they had come before."""

    def cross(self, seam: Seam) -> None:
        """What comes next comes after `seam`."""
        if self._seam is None or not self._seam.lost:
            self._seam = seam
            self._looks = True

    def take(self, message: bytes | tuple[Any, ...]) -> Any:
        """The event of a message; `None` where it has been taken before. See `gap`.

        Raises `ProtocolViolation`.
        """
        try:
            event = self._decode(message).data  # type: ignore[arg-type]
        except (TypeError, *_NOT_DECODED):
            event = self._event(message)  # merged ones, and what is wrong
        if self._looks and not self._is_next(event):
            return None
        self._last = event
        return event

    def take_gap(self) -> StreamGap | None:
        """`gap`, which is told by that."""
        gap, self.gap = self.gap, None
        return gap

    def discard(self, message: bytes | tuple[Any, ...]) -> None:
        """Nobody wants this one. A gap before it is still one."""
        if self._looks:
            try:
                self.take(message)
            except ProtocolViolation:
                return
        else:
            self._last = message

    def merge(self, earlier: bytes | tuple[Any, ...], later: bytes) -> bytes | tuple[Any, ...]:
        """One message in place of two: the later one, of the whole market the latest of each symbol."""
        if not self.stream.form.whole_market:
            return later
        try:
            events = {event.symbol: event for each in (earlier, later) for event in self._event(each)}
        except ProtocolViolation:
            return later
        return tuple(events.values())

    def _event(self, message: Any) -> Any:
        if message.__class__ is not bytes:
            return message
        try:
            return self._decode(message).data
        except _NOT_DECODED as error:
            raise ProtocolViolation(f"not a message of the stream {self.stream.name}: {error}") from error

    def _is_next(self, event: Any) -> bool:
        """Whether the event is a new one; notes what is missing before it."""
        order, seam = self._order, self._seam
        first = order.first(event)
        if self._last.__class__ is bytes:
            self._last = self._event(self._last)
        if self._last is None:
            if seam is not None and seam.lost:
                self._note(None, first, None)
            self._seam, self._looks = None, self._checked
            return True
        after = order.last(self._last)
        if order.last(event) <= after:
            self._skipped += 1
            if self._skipped <= SKIPPED_MAX:
                self.skipped += 1
                return False
            self._note(after, first, None)
        elif self._checked:
            if first > after + 1:
                self._note(after, first, first - after - 1)
        elif seam is not None and seam.lost:
            self._note(after, first, None)
        self._skipped = 0
        self._seam, self._looks = None, self._checked
        return True

    def _note(self, after: int | None, before: int, length: int | None) -> None:
        gap = self.gap
        if gap is not None:  # nobody has asked yet
            after = gap.after
            length = None if length is None or gap.length is None else gap.length + length
        self.gap = StreamGap(stream=self.stream, after=after, before=before, length=length)
