"""Requests of web-socket-api.md, Market data requests. Times are in milliseconds or microseconds since the epoch."""

from typing import ClassVar

from pitwire.market.enums import KlineInterval, SymbolStatus, TickerType
from pitwire.protocol.requests import weights
from pitwire.protocol.requests.base import Method, Request, Security
from pitwire.protocol.results import (
    AggregateTrade,
    AveragePrice,
    BlockTrade,
    BookTicker,
    DayStatistics,
    Kline,
    OrderBook,
    PriceTicker,
    ReferencePriceInformation,
    ReferencePriceMethod,
    Trade,
    WindowStatistics,
)


class Depth(Request[OrderBook], frozen=True, kw_only=True):
    """Order book.

    `limit` is 100 by default and at most 5000.
    """

    METHOD: ClassVar[Method] = Method("depth", Security.NONE, weight=weights.depth)

    symbol: str
    limit: int | None = None
    symbol_status: SymbolStatus | None = None


class TradesRecent(Request[tuple[Trade, ...]], frozen=True, kw_only=True):
    """Recent trades.

    `limit` is 500 by default and at most 1000.
    """

    METHOD: ClassVar[Method] = Method("trades.recent", Security.NONE, weight=25)

    symbol: str
    limit: int | None = None


class TradesHistorical(Request[tuple[Trade, ...]], frozen=True, kw_only=True):
    """Historical trades.

    `limit` is 500 by default and at most 1000; without `from_id` the most recent trades come.
    """

    METHOD: ClassVar[Method] = Method("trades.historical", Security.NONE, weight=25)

    symbol: str
    from_id: int | None = None
    limit: int | None = None


class BlockTradesHistorical(Request[tuple[BlockTrade, ...]], frozen=True, kw_only=True):
    """Historical Block Trades.

    `limit` is 500 by default and at most 1000.
    """

    METHOD: ClassVar[Method] = Method("blockTrades.historical", Security.NONE, weight=25)

    symbol: str
    from_id: int
    limit: int | None = None


class TradesAggregate(Request[tuple[AggregateTrade, ...]], frozen=True, kw_only=True):
    """Aggregate trades.

    `limit` is 500 by default and at most 1000; `from_id` goes with neither time.
    """

    METHOD: ClassVar[Method] = Method("trades.aggregate", Security.NONE, weight=4)

    symbol: str
    from_id: int | None = None
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None


class Klines(Request[tuple[Kline, ...]], frozen=True, kw_only=True):
    """Klines.

    `limit` is 500 by default and at most 1000; `time_zone` is "0" (UTC) by default, e.g. "-1:00" or "5:45".
    """

    METHOD: ClassVar[Method] = Method("klines", Security.NONE, weight=2)

    symbol: str
    interval: KlineInterval
    start_time: int | None = None
    end_time: int | None = None
    time_zone: str | None = None
    limit: int | None = None


class UiKlines(Request[tuple[Kline, ...]], frozen=True, kw_only=True):
    """UI Klines.

    Klines with changes that make charts look better; the parameters are those of `klines`.
    """

    METHOD: ClassVar[Method] = Method("uiKlines", Security.NONE, weight=2)

    symbol: str
    interval: KlineInterval
    start_time: int | None = None
    end_time: int | None = None
    time_zone: str | None = None
    limit: int | None = None


class AvgPrice(Request[AveragePrice], frozen=True, kw_only=True):
    """Current average price."""

    METHOD: ClassVar[Method] = Method("avgPrice", Security.NONE, weight=2)

    symbol: str


class Ticker24hr(Request[DayStatistics | tuple[DayStatistics, ...]], frozen=True, kw_only=True):
    """24hr ticker price change statistics.

    `symbol` or `symbols`, or neither for all, which is slow and heavy. Only `symbol` answers with a single object.
    """

    METHOD: ClassVar[Method] = Method("ticker.24hr", Security.NONE, weight=weights.day_statistics)

    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    type: TickerType | None = None
    symbol_status: SymbolStatus | None = None


class TickerTradingDay(Request[WindowStatistics | tuple[WindowStatistics, ...]], frozen=True, kw_only=True):
    """Trading Day Ticker.

    Either `symbol` or `symbols`. Only `symbol` answers with a single object.
    """

    METHOD: ClassVar[Method] = Method("ticker.tradingDay", Security.NONE, weight=weights.per_symbol(4, 200))

    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    time_zone: str | None = None
    type: TickerType | None = None
    symbol_status: SymbolStatus | None = None


class Ticker(Request[WindowStatistics | tuple[WindowStatistics, ...]], frozen=True, kw_only=True):
    """Rolling window price change statistics.

    Either `symbol` or `symbols`, at most 200. `window_size` is "1m" to "59m", "1h" to "23h" or "1d" to "7d", by default
    "1d". Only `symbol` answers with a single object.
    """

    METHOD: ClassVar[Method] = Method("ticker", Security.NONE, weight=weights.per_symbol(4, 200))

    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    type: TickerType | None = None
    window_size: str | None = None
    symbol_status: SymbolStatus | None = None


class TickerPrice(Request[PriceTicker | tuple[PriceTicker, ...]], frozen=True, kw_only=True):
    """Symbol price ticker.

    `symbol` or `symbols`, or neither for all. Only `symbol` answers with a single object.
    """

    METHOD: ClassVar[Method] = Method("ticker.price", Security.NONE, weight=weights.one_or_many(2, 4))

    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    symbol_status: SymbolStatus | None = None


class TickerBook(Request[BookTicker | tuple[BookTicker, ...]], frozen=True, kw_only=True):
    """Symbol order book ticker.

    `symbol` or `symbols`, or neither for all. Only `symbol` answers with a single object.
    """

    METHOD: ClassVar[Method] = Method("ticker.book", Security.NONE, weight=weights.one_or_many(2, 4))

    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    symbol_status: SymbolStatus | None = None


class ReferencePrice(Request[ReferencePriceInformation], frozen=True, kw_only=True):
    """Query Reference Price."""

    METHOD: ClassVar[Method] = Method("referencePrice", Security.NONE, weight=2)

    symbol: str


class ReferencePriceCalculation(Request[ReferencePriceMethod], frozen=True, kw_only=True):
    """Query Reference Price Calculation."""

    METHOD: ClassVar[Method] = Method("referencePrice.calculation", Security.NONE, weight=2)

    symbol: str
    symbol_status: SymbolStatus | None = None
