"""Which stream to subscribe to, and the type of what it tells."""

from typing import Any, Generic, Self, TypeVar

from pitwire.market.enums import KlineInterval
from pitwire.protocol.market_events import (
    AggregateTradeUpdate,
    AveragePriceUpdate,
    BlockTradeUpdate,
    BookTickerUpdate,
    DepthUpdate,
    KlineUpdate,
    MiniTickerUpdate,
    PartialDepthUpdate,
    ReferencePriceUpdate,
    TickerUpdate,
    TradeUpdate,
    WindowTickerUpdate,
)
from pitwire.protocol.streams import FAST_MS, UTC_8, Stream, parse_stream

E = TypeVar("E")


class MarketStream(Stream, Generic[E], frozen=True):
    """A stream of the documentation (web-socket-streams.md, Detailed Stream information).

    Made by the function of its kind, or of its name. Symbols may be given in either case. Each raises `ValueError` for
    what no stream has.
    """

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, name: str) -> "MarketStream[Any]":
        """The stream of that name, as `btcusdt@trade`."""
        stream = parse_stream(name)
        if stream is None:
            symbol, _, form = name.partition("@")
            lower = f"{symbol.lower()}@{form}"
            hint = f": the symbol stands in lower case, {lower!r}" if parse_stream(lower) is not None else ""
            raise ValueError(f"there is no stream {name!r:.100}{hint} (see web-socket-streams.md)")
        return cls(stream.symbol, stream.form)

    @classmethod
    def _of(cls, symbol: str, text: str) -> Self:
        stream = cls.of(f"{symbol.lower()}@{text}")
        assert isinstance(stream, cls)
        return stream

    @staticmethod
    def trade(symbol: str) -> "MarketStream[TradeUpdate]":
        """Trade Streams."""
        return MarketStream._of(symbol, "trade")

    @staticmethod
    def agg_trade(symbol: str) -> "MarketStream[AggregateTradeUpdate]":
        """Aggregate Trade Streams."""
        return MarketStream._of(symbol, "aggTrade")

    @staticmethod
    def block_trade(symbol: str) -> "MarketStream[BlockTradeUpdate]":
        """Block Trade Streams."""
        return MarketStream._of(symbol, "blockTrade")

    @staticmethod
    def kline(symbol: str, interval: KlineInterval | str, *, utc_8: bool = False) -> "MarketStream[KlineUpdate]":
        """Kline/Candlestick Streams for UTC, or with `utc_8` for UTC+8."""
        return MarketStream._of(symbol, f"kline_{KlineInterval(interval)}" + (f"@{UTC_8}" if utc_8 else ""))

    @staticmethod
    def mini_ticker(symbol: str) -> "MarketStream[MiniTickerUpdate]":
        """Individual Symbol Mini Ticker Stream."""
        return MarketStream._of(symbol, "miniTicker")

    @staticmethod
    def mini_tickers() -> "MarketStream[tuple[MiniTickerUpdate, ...]]":
        """All Market Mini Tickers Stream."""
        return MarketStream.of("!miniTicker@arr")

    @staticmethod
    def ticker(symbol: str) -> "MarketStream[TickerUpdate]":
        """Individual Symbol Ticker Streams."""
        return MarketStream._of(symbol, "ticker")

    @staticmethod
    def window_ticker(symbol: str, window: str) -> "MarketStream[WindowTickerUpdate]":
        """Individual Symbol Rolling Window Statistics Streams; `window` is 1h, 4h or 1d."""
        return MarketStream._of(symbol, f"ticker_{window}")

    @staticmethod
    def window_tickers(window: str) -> "MarketStream[tuple[WindowTickerUpdate, ...]]":
        """All Market Rolling Window Statistics Streams; `window` is 1h, 4h or 1d."""
        return MarketStream.of(f"!ticker_{window}@arr")

    @staticmethod
    def book_ticker(symbol: str) -> "MarketStream[BookTickerUpdate]":
        """Individual Symbol Book Ticker Streams."""
        return MarketStream._of(symbol, "bookTicker")

    @staticmethod
    def average_price(symbol: str) -> "MarketStream[AveragePriceUpdate]":
        """Average Price."""
        return MarketStream._of(symbol, "avgPrice")

    @staticmethod
    def reference_price(symbol: str) -> "MarketStream[ReferencePriceUpdate]":
        """Reference Price Streams."""
        return MarketStream._of(symbol, "referencePrice")

    @staticmethod
    def partial_depth(symbol: str, levels: int, *, update_ms: int = FAST_MS) -> "MarketStream[PartialDepthUpdate]":
        """Partial Book Depth Streams; 5, 10 or 20 `levels`, every 100 or 1000 ms."""
        return MarketStream._of(symbol, f"depth{levels}@{update_ms}ms")

    @staticmethod
    def depth(symbol: str, *, update_ms: int = FAST_MS) -> "MarketStream[DepthUpdate]":
        """Diff. Depth Stream, every 100 or 1000 ms."""
        return MarketStream._of(symbol, f"depth@{update_ms}ms")
