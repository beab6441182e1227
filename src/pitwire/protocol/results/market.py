"""Results of web-socket-api.md, Market data requests. Times are in the connection's unit, by default milliseconds."""

from decimal import Decimal

from msgspec import UNSET, UnsetType, field

from pitwire.protocol.results.base import Result


class PriceLevel(Result, array_like=True, frozen=True, kw_only=True):
    """What rests at one price: `["0.01379900", "3.43200000"]`."""

    price: Decimal
    quantity: Decimal


class OrderBook(Result, frozen=True, kw_only=True):
    """Order book. Best prices first on both sides."""

    last_update_id: int
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]


class Trade(Result, frozen=True, kw_only=True):
    """One of Recent trades or Historical trades."""

    id: int
    price: Decimal
    qty: Decimal
    quote_qty: Decimal
    time: int
    is_buyer_maker: bool
    is_best_match: bool


class BlockTrade(Result, frozen=True, kw_only=True):
    """One of Historical Block Trades."""

    id: int
    price: Decimal
    qty: Decimal
    quote_qty: Decimal
    time: int
    is_buyer_maker: bool


class AggregateTrade(Result, frozen=True, kw_only=True):
    """One of Aggregate trades: the fills of one taker order at one price, `first_trade_id` to `last_trade_id`."""

    id: int = field(name="a")
    price: Decimal = field(name="p")
    quantity: Decimal = field(name="q")
    first_trade_id: int = field(name="f")
    last_trade_id: int = field(name="l")
    time: int = field(name="T")
    is_buyer_maker: bool = field(name="m")
    is_best_match: bool = field(name="M")


class Kline(Result, array_like=True, frozen=True, kw_only=True):
    """A candlestick of Klines or UI Klines, sent as an array. The last element means nothing."""

    open_time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    close_time: int
    quote_volume: Decimal
    trade_count: int
    taker_buy_volume: Decimal
    taker_buy_quote_volume: Decimal
    ignored: str


class AveragePrice(Result, frozen=True, kw_only=True):
    """Current average price, over the last `mins` minutes; `close_time` is the last trade's."""

    mins: int
    price: Decimal
    close_time: int


class WindowStatistics(Result, frozen=True, kw_only=True):
    """Trading Day Ticker and Rolling window price change statistics. `type=MINI` leaves the optional fields out."""

    symbol: str
    price_change: Decimal | UnsetType = UNSET
    price_change_percent: Decimal | UnsetType = UNSET
    weighted_avg_price: Decimal | UnsetType = UNSET
    open_price: Decimal
    high_price: Decimal
    low_price: Decimal
    last_price: Decimal
    volume: Decimal
    quote_volume: Decimal
    open_time: int
    close_time: int
    first_id: int
    last_id: int
    count: int


class DayStatistics(WindowStatistics, frozen=True, kw_only=True):
    """24hr ticker price change statistics. `type=MINI` leaves the optional fields out."""

    prev_close_price: Decimal | UnsetType = UNSET
    last_qty: Decimal | UnsetType = UNSET
    bid_price: Decimal | UnsetType = UNSET
    bid_qty: Decimal | UnsetType = UNSET
    ask_price: Decimal | UnsetType = UNSET
    ask_qty: Decimal | UnsetType = UNSET


class PriceTicker(Result, frozen=True, kw_only=True):
    """Symbol price ticker: the last price."""

    symbol: str
    price: Decimal


class BookTicker(Result, frozen=True, kw_only=True):
    """Symbol order book ticker: the best prices and what rests there."""

    symbol: str
    bid_price: Decimal
    bid_qty: Decimal
    ask_price: Decimal
    ask_qty: Decimal


class ReferencePriceInformation(Result, frozen=True, kw_only=True):
    """Query Reference Price. `reference_price` is `None` when none is set.

    Where none has ever been set, the exchange sends `code` and `msg` instead of everything else, with status 200.
    """

    symbol: str | UnsetType = UNSET
    reference_price: Decimal | UnsetType | None = UNSET
    timestamp: int | UnsetType = UNSET
    code: int | UnsetType = UNSET
    msg: str | UnsetType = UNSET


class ReferencePriceMethod(Result, frozen=True, kw_only=True):
    """Query Reference Price Calculation: ARITHMETIC_MEAN over `bucket_count` buckets, or EXTERNAL."""

    symbol: str
    calculation_type: str
    bucket_count: int | UnsetType = UNSET
    bucket_width_ms: int | UnsetType = UNSET
    external_calculation_id: int | UnsetType = UNSET
