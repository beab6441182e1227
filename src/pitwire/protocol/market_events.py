"""The payloads of the market streams (web-socket-streams.md, Detailed Stream information), typed.

Binance's one-letter names have readable ones here, after the documentation's descriptions. Fields that are not known
are passed over. Times are in the connection's unit, by default milliseconds since the epoch. What comes most often is
read when it is asked for: the levels of a book, which cost several times what all else does, and the numbers of
`bookTicker`, which cost nearly as much as all else (`python -m bench.peers` measures both).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from pitwire.market.enums import KlineInterval
from pitwire.protocol.errors import ProtocolViolation
from pitwire.protocol.streams import Form, Stream, StreamKind, parse_stream

PriceLevel = tuple[Decimal, Decimal]
"""A price and the quantity that stands there; 0 in a change says that the level is gone."""


E = TypeVar("E")


class MarketEvent(Struct, frozen=True, kw_only=True):
    """What a stream tells. `KIND` says by which kind of stream."""

    KIND: ClassVar[StreamKind]


class ReferencePriceUpdate(MarketEvent, frozen=True, kw_only=True):
    """Reference Price Streams."""

    KIND: ClassVar = StreamKind.REFERENCE_PRICE
    type: str = field(name="e")
    symbol: str = field(name="s")
    price: Decimal | None = field(name="r")
    """`None`: there is none for now."""
    time: int = field(name="t")


class AggregateTradeUpdate(MarketEvent, frozen=True, kw_only=True):
    """Aggregate Trade Streams: the trades of one taker order at one price."""

    KIND: ClassVar = StreamKind.AGGREGATE_TRADE
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    aggregate_trade_id: int = field(name="a")
    price: Decimal = field(name="p")
    quantity: Decimal = field(name="q")
    first_trade_id: int = field(name="f")
    last_trade_id: int = field(name="l")
    trade_time: int = field(name="T")
    buyer_is_maker: bool = field(name="m")
    ignored: bool | UnsetType = field(name="M", default=UNSET)


class TradeUpdate(MarketEvent, frozen=True, kw_only=True):
    """Trade Streams: a trade between one buyer and one seller."""

    KIND: ClassVar = StreamKind.TRADE
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    trade_id: int = field(name="t")
    price: Decimal = field(name="p")
    quantity: Decimal = field(name="q")
    trade_time: int = field(name="T")
    buyer_is_maker: bool = field(name="m")
    ignored: bool | UnsetType = field(name="M", default=UNSET)


class BlockTradeUpdate(MarketEvent, frozen=True, kw_only=True):
    """Block Trade Streams."""

    KIND: ClassVar = StreamKind.BLOCK_TRADE
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    block_trade_id: int = field(name="t")
    price: Decimal = field(name="p")
    quantity: Decimal = field(name="q")
    trade_time: int = field(name="T")
    buyer_is_maker: bool = field(name="m")


class StreamedKline(Struct, frozen=True, kw_only=True):
    """A candle as it stands."""

    open_time: int = field(name="t")
    close_time: int = field(name="T")
    symbol: str = field(name="s")
    interval: KlineInterval = field(name="i")
    first_trade_id: int = field(name="f")
    last_trade_id: int = field(name="L")
    open: Decimal = field(name="o")
    close: Decimal = field(name="c")
    high: Decimal = field(name="h")
    low: Decimal = field(name="l")
    volume: Decimal = field(name="v")
    trades: int = field(name="n")
    is_closed: bool = field(name="x")
    quote_volume: Decimal = field(name="q")
    taker_buy_volume: Decimal = field(name="V")
    taker_buy_quote_volume: Decimal = field(name="Q")
    ignored: str | UnsetType = field(name="B", default=UNSET)


class KlineUpdate(MarketEvent, frozen=True, kw_only=True):
    """Kline/Candlestick Streams, in UTC and with a time zone offset."""

    KIND: ClassVar = StreamKind.KLINE
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    kline: StreamedKline = field(name="k")


class MiniTickerUpdate(MarketEvent, frozen=True, kw_only=True):
    """Individual Symbol Mini Ticker Stream, and an element of All Market Mini Tickers Stream."""

    KIND: ClassVar = StreamKind.MINI_TICKER
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    close: Decimal = field(name="c")
    open: Decimal = field(name="o")
    high: Decimal = field(name="h")
    low: Decimal = field(name="l")
    volume: Decimal = field(name="v")
    quote_volume: Decimal = field(name="q")


class TickerUpdate(MarketEvent, frozen=True, kw_only=True):
    """Individual Symbol Ticker Streams: the last 24 hours."""

    KIND: ClassVar = StreamKind.TICKER
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    price_change: Decimal = field(name="p")
    price_change_percent: Decimal = field(name="P")
    weighted_average_price: Decimal = field(name="w")
    previous_close: Decimal = field(name="x")
    last_price: Decimal = field(name="c")
    last_quantity: Decimal = field(name="Q")
    bid_price: Decimal = field(name="b")
    bid_quantity: Decimal = field(name="B")
    ask_price: Decimal = field(name="a")
    ask_quantity: Decimal = field(name="A")
    open: Decimal = field(name="o")
    high: Decimal = field(name="h")
    low: Decimal = field(name="l")
    volume: Decimal = field(name="v")
    quote_volume: Decimal = field(name="q")
    open_time: int = field(name="O")
    close_time: int = field(name="C")
    first_trade_id: int = field(name="F")
    last_trade_id: int = field(name="L")
    trades: int = field(name="n")


class WindowTickerUpdate(MarketEvent, frozen=True, kw_only=True):
    """Individual Symbol Rolling Window Statistics Streams, and an element of that of the whole market.

    `type` says which window: `1hTicker`, `4hTicker` or `1dTicker`.
    """

    KIND: ClassVar = StreamKind.WINDOW_TICKER
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    price_change: Decimal = field(name="p")
    price_change_percent: Decimal = field(name="P")
    open: Decimal = field(name="o")
    high: Decimal = field(name="h")
    low: Decimal = field(name="l")
    last_price: Decimal = field(name="c")
    weighted_average_price: Decimal = field(name="w")
    volume: Decimal = field(name="v")
    quote_volume: Decimal = field(name="q")
    open_time: int = field(name="O")
    close_time: int = field(name="C")
    first_trade_id: int = field(name="F")
    last_trade_id: int = field(name="L")
    trades: int = field(name="n")


class BookTickerUpdate(MarketEvent, frozen=True, kw_only=True, gc=False):
    """Individual Symbol Book Ticker Streams: the best bid and ask as of `update_id`.

    The four numbers as `Decimal` are read from their text each time. They raise `ProtocolViolation` where it is none.
    """

    KIND: ClassVar = StreamKind.BOOK_TICKER
    update_id: int = field(name="u")
    symbol: str = field(name="s")
    bid_price_text: str = field(name="b")
    bid_quantity_text: str = field(name="B")
    ask_price_text: str = field(name="a")
    ask_quantity_text: str = field(name="A")

    @property
    def bid_price(self) -> Decimal:
        """The best bid; 0 where there is none, as its quantity."""
        return _number(self.bid_price_text)

    @property
    def bid_quantity(self) -> Decimal:
        """What is bid for at `bid_price`, in the base asset."""
        return _number(self.bid_quantity_text)

    @property
    def ask_price(self) -> Decimal:
        """The best ask; 0 where there is none, as its quantity."""
        return _number(self.ask_price_text)

    @property
    def ask_quantity(self) -> Decimal:
        """What is offered at `ask_price`, in the base asset."""
        return _number(self.ask_quantity_text)


class AveragePriceUpdate(MarketEvent, frozen=True, kw_only=True):
    """Average Price."""

    KIND: ClassVar = StreamKind.AVERAGE_PRICE
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    interval: str = field(name="i")
    price: Decimal = field(name="w")
    last_trade_time: int = field(name="T")


class PartialDepthUpdate(MarketEvent, frozen=True, kw_only=True):
    """Partial Book Depth Streams: the best levels of each side, best first."""

    KIND: ClassVar = StreamKind.PARTIAL_DEPTH
    last_update_id: int = field(name="lastUpdateId")
    bids_json: Raw = field(name="bids")
    asks_json: Raw = field(name="asks")

    @property
    def bids(self) -> tuple[PriceLevel, ...]:
        """Raises `ProtocolViolation` where they are not as documented, as `asks` does."""
        return _levels(self.bids_json)

    @property
    def asks(self) -> tuple[PriceLevel, ...]:
        """See `bids`."""
        return _levels(self.asks_json)


class DepthUpdate(MarketEvent, frozen=True, kw_only=True):
    """Diff. Depth Stream: the levels that changed from `first_update_id` to `last_update_id`, as they now stand."""

    KIND: ClassVar = StreamKind.DEPTH
    type: str = field(name="e")
    event_time: int = field(name="E")
    symbol: str = field(name="s")
    first_update_id: int = field(name="U")
    last_update_id: int = field(name="u")
    bids_json: Raw = field(name="b")
    asks_json: Raw = field(name="a")

    @property
    def bids(self) -> tuple[PriceLevel, ...]:
        """Raises `ProtocolViolation` where they are not as documented, as `asks` does."""
        return _levels(self.bids_json)

    @property
    def asks(self) -> tuple[PriceLevel, ...]:
        """See `bids`."""
        return _levels(self.asks_json)


EVENTS: Final[Mapping[StreamKind, type[MarketEvent]]] = MappingProxyType(
    {
        event.KIND: event
        for event in (
            ReferencePriceUpdate,
            AggregateTradeUpdate,
            TradeUpdate,
            BlockTradeUpdate,
            KlineUpdate,
            MiniTickerUpdate,
            TickerUpdate,
            WindowTickerUpdate,
            BookTickerUpdate,
            AveragePriceUpdate,
            PartialDepthUpdate,
            DepthUpdate,
        )
    }
)
"""What each kind of stream tells. A stream of the whole market tells arrays of it."""


class _Envelope(Struct):
    stream: str
    data: Raw


_decode_envelope: Final = msgspec.json.Decoder(_Envelope).decode
_decode_levels: Final = msgspec.json.Decoder(tuple[PriceLevel, ...]).decode
_ONE: Final[Mapping[StreamKind, Callable[[Any], Any]]] = MappingProxyType(
    {kind: msgspec.json.Decoder(event).decode for kind, event in EVENTS.items()}
)
_MANY: Final[Mapping[StreamKind, Callable[[Any], Any]]] = MappingProxyType(
    {kind: msgspec.json.Decoder(tuple[event, ...]).decode for kind, event in EVENTS.items()}  # type: ignore[valid-type]
)


class Told(Struct, Generic[E], frozen=True, gc=False):
    """A message of a combined stream, but for its name."""

    data: E


def combined_decoder(form: Form) -> Callable[[bytes], Told[Any]]:
    """What decodes the messages of a combined connection that are of streams of that form, in one go.

    It raises `msgspec.DecodeError`, `UnicodeDecodeError` or `RecursionError`.
    """
    event: Any = EVENTS[form.kind]
    return msgspec.json.Decoder(Told[tuple[event, ...] if form.whole_market else event]).decode  # type: ignore[misc]


def decode_market_event(payload: bytes | memoryview | Raw, form: Form) -> MarketEvent | tuple[MarketEvent, ...]:
    """The payload of a stream of that form; of the whole market it is a tuple.

    Raises `ProtocolViolation` when it lacks a field, or has one of another type than documented.
    """
    decode = (_MANY if form.whole_market else _ONE)[form.kind]
    try:
        event: MarketEvent | tuple[MarketEvent, ...] = decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolViolation(f"not a payload of a stream {form.text}: {error}") from error
    return event


def decode_combined(frame: bytes | memoryview) -> tuple[Stream, MarketEvent | tuple[MarketEvent, ...]]:
    """Which stream a frame of a combined connection is of, and what it tells.

    Raises `ProtocolViolation` when it is none, or of a stream that is not known.
    """
    try:
        envelope = _decode_envelope(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolViolation(f"not a message of a combined stream: {error}") from error
    stream = parse_stream(envelope.stream)
    if stream is None:
        raise ProtocolViolation(f"a message of the stream {envelope.stream!r}, which is not known")
    return stream, decode_market_event(envelope.data, stream.form)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ProtocolViolation(f"not a number: {text!r:.100}") from error


def _levels(raw: Raw) -> tuple[PriceLevel, ...]:
    try:
        return _decode_levels(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolViolation(f"not the levels of a book: {error}") from error
