"""What successful responses carry: one struct per shape, in modules by the documentation's chapters.

Numbers that Binance sends as text are `Decimal`, exactly as sent. Fields have Binance's names in snake_case. Words that
say what an order is or how it stands are enums of `pitwire.market.enums`. Words that Binance keeps adding to (symbol
status, self-trade prevention, permissions, pegs) are plain `str`, equal to the enums' members: a new one must not make
an answer about an order unreadable.
"""

from pitwire.protocol.results.account import (
    Account,
    AccountCommissionRates,
    AccountTrade,
    Allocation,
    Amendment,
    AssetBalance,
    CommissionRates,
    Order,
    PreventedMatch,
    RelevantFilters,
)
from pitwire.protocol.results.base import (
    Empty,
    Result,
)
from pitwire.protocol.results.general import (
    ExchangeInformation,
    ExecutionRule,
    ExecutionRulesInformation,
    FilterRules,
    RateLimit,
    ServerTime,
    SmartOrderRouting,
    SymbolExecutionRules,
    SymbolInformation,
)
from pitwire.protocol.results.lists import (
    OrderList,
    OrderListCanceled,
    OrderListPlaced,
)
from pitwire.protocol.results.market import (
    AggregateTrade,
    AveragePrice,
    BlockTrade,
    BookTicker,
    DayStatistics,
    Kline,
    OrderBook,
    PriceLevel,
    PriceTicker,
    ReferencePriceInformation,
    ReferencePriceMethod,
    Trade,
    WindowStatistics,
)
from pitwire.protocol.results.session import (
    Session,
    Subscription,
)
from pitwire.protocol.results.trading import (
    AmendedListStatus,
    AmendedOrder,
    Canceled,
    CanceledOrder,
    CancelReplaced,
    CommissionDiscount,
    ConditionalFields,
    Fill,
    ListedOrder,
    MakerTakerRates,
    OrderAmended,
    OrderPlaced,
    OrderTested,
)

__all__ = [
    "Account",
    "AccountCommissionRates",
    "AccountTrade",
    "AggregateTrade",
    "Allocation",
    "AmendedListStatus",
    "AmendedOrder",
    "Amendment",
    "AssetBalance",
    "AveragePrice",
    "BlockTrade",
    "BookTicker",
    "CancelReplaced",
    "Canceled",
    "CanceledOrder",
    "CommissionDiscount",
    "CommissionRates",
    "ConditionalFields",
    "DayStatistics",
    "Empty",
    "ExchangeInformation",
    "ExecutionRule",
    "ExecutionRulesInformation",
    "Fill",
    "FilterRules",
    "Kline",
    "ListedOrder",
    "MakerTakerRates",
    "Order",
    "OrderAmended",
    "OrderBook",
    "OrderList",
    "OrderListCanceled",
    "OrderListPlaced",
    "OrderPlaced",
    "OrderTested",
    "PreventedMatch",
    "PriceLevel",
    "PriceTicker",
    "RateLimit",
    "ReferencePriceInformation",
    "ReferencePriceMethod",
    "RelevantFilters",
    "Result",
    "ServerTime",
    "Session",
    "SmartOrderRouting",
    "Subscription",
    "SymbolExecutionRules",
    "SymbolInformation",
    "Trade",
    "WindowStatistics",
]
