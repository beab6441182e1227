"""Enumerations with Binance's wire strings (enums.md).

Each is a `StrEnum`: a member is its wire string, so `Side("BUY") is Side.BUY` and `Side.BUY == "BUY"`.
"""

from enum import StrEnum
from typing import Self


class GrowingEnum(StrEnum):
    """A set of words that the exchange says, and may add to.

    An unknown word becomes a value of the enum too, equal to its string and not a listed member, so that a new order
    status or order type does not make the answer about an order unreadable. Where a request carries such a word, the
    client (`coerce.member`) and the exchange (`ParameterReader`) take listed members only.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word


class Side(GrowingEnum):
    """Which side of the book an order is on."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        """The side that this one trades with."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(GrowingEnum):
    """What kind of order it is (enums.md, Order types)."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP_LOSS = "STOP_LOSS"
    STOP_LOSS_LIMIT = "STOP_LOSS_LIMIT"
    TAKE_PROFIT = "TAKE_PROFIT"
    TAKE_PROFIT_LIMIT = "TAKE_PROFIT_LIMIT"
    LIMIT_MAKER = "LIMIT_MAKER"


class TimeInForce(GrowingEnum):
    """How long an order stands: until cancelled, for what fills at once, or all at once or not at all."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(GrowingEnum):
    """How an order stands (enums.md, Order status)."""

    NEW = "NEW"
    PENDING_NEW = "PENDING_NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    PENDING_CANCEL = "PENDING_CANCEL"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"


class ExecutionType(GrowingEnum):
    """`x` of an executionReport (user-data-stream.md, Order Update)."""

    NEW = "NEW"
    CANCELED = "CANCELED"
    REPLACED = "REPLACED"
    REJECTED = "REJECTED"
    TRADE = "TRADE"
    EXPIRED = "EXPIRED"
    TRADE_PREVENTION = "TRADE_PREVENTION"


class OrderResponseType(StrEnum):
    """`newOrderRespType`: how much an order placement answers."""

    ACK = "ACK"
    RESULT = "RESULT"
    FULL = "FULL"


class SelfTradePrevention(StrEnum):
    """What happens when an account would trade with itself (faqs/stp_faq.md)."""

    NONE = "NONE"
    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"
    DECREMENT = "DECREMENT"
    TRANSFER = "TRANSFER"


class SymbolStatus(StrEnum):
    """Whether a symbol is traded (enums.md, Symbol status)."""

    TRADING = "TRADING"
    END_OF_DAY = "END_OF_DAY"
    HALT = "HALT"
    BREAK = "BREAK"
    CANCEL_ONLY = "CANCEL_ONLY"


class CancelRestriction(StrEnum):
    """`cancelRestrictions`: cancel only if the order stands so."""

    ONLY_NEW = "ONLY_NEW"
    ONLY_PARTIALLY_FILLED = "ONLY_PARTIALLY_FILLED"


class CancelReplaceMode(StrEnum):
    """`cancelReplaceMode`: whether the new order is tried when the cancellation failed."""

    STOP_ON_FAILURE = "STOP_ON_FAILURE"
    ALLOW_FAILURE = "ALLOW_FAILURE"


class OrderRateLimitExceededMode(StrEnum):
    """`orderRateLimitExceededMode`: what order.cancelReplace does beyond the unfilled order count."""

    DO_NOTHING = "DO_NOTHING"
    CANCEL_ONLY = "CANCEL_ONLY"


class PegPriceType(StrEnum):
    """`pegPriceType`: the best price of the own side (PRIMARY) or of the other one (MARKET)."""

    PRIMARY_PEG = "PRIMARY_PEG"
    MARKET_PEG = "MARKET_PEG"


class PegOffsetType(StrEnum):
    """`pegOffsetType`: what `pegOffsetValue` counts."""

    PRICE_LEVEL = "PRICE_LEVEL"


class ContingencyType(GrowingEnum):
    """What ties the orders of an order list together."""

    OCO = "OCO"
    OTO = "OTO"


class ListStatusType(GrowingEnum):
    """What an order list reports (enums.md, Order List Status)."""

    RESPONSE = "RESPONSE"
    EXEC_STARTED = "EXEC_STARTED"
    UPDATED = "UPDATED"
    ALL_DONE = "ALL_DONE"


class ListOrderStatus(GrowingEnum):
    """How an order list stands (enums.md, Order List Order Status)."""

    EXECUTING = "EXECUTING"
    ALL_DONE = "ALL_DONE"
    REJECT = "REJECT"


class RateLimitType(GrowingEnum):
    """What a rate limit counts (enums.md, Rate limiters)."""

    REQUEST_WEIGHT = "REQUEST_WEIGHT"
    ORDERS = "ORDERS"
    CONNECTIONS = "CONNECTIONS"
    RAW_REQUESTS = "RAW_REQUESTS"


class RateLimitInterval(GrowingEnum):
    """The unit of the interval over which a rate limit counts."""

    SECOND = "SECOND"
    MINUTE = "MINUTE"
    HOUR = "HOUR"
    DAY = "DAY"


class WorkingFloor(StrEnum):
    """Where an order that used smart order routing was last active: at all books together, or at its own alone."""

    EXCHANGE = "EXCHANGE"
    SOR = "SOR"


class TickerType(StrEnum):
    """`type` of the price change statistics: MINI leaves most fields out."""

    FULL = "FULL"
    MINI = "MINI"


class KlineInterval(StrEnum):
    """`interval` of klines: seconds, minutes, hours, days, weeks, months."""

    S1 = "1s"
    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H8 = "8h"
    H12 = "12h"
    D1 = "1d"
    D3 = "3d"
    W1 = "1w"
    MO1 = "1M"


class TimeUnit(StrEnum):
    """`timeUnit` of the connection URL: the unit of every timestamp that the exchange sends."""

    MILLISECOND = "MILLISECOND"
    MICROSECOND = "MICROSECOND"
