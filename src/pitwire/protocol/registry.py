"""The table of all methods. Whatever has to know "all methods" reads it here: client, exchange, generator, tests."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin

from pitwire.protocol.requests import account, auth, general, lists, market, trading, user_stream
from pitwire.protocol.requests.base import Request

METHODS: Final[tuple[type[Request[Any]], ...]] = (
    general.Ping,
    general.Time,
    general.ExchangeInfo,
    general.ExecutionRules,
    market.Depth,
    market.TradesRecent,
    market.TradesHistorical,
    market.BlockTradesHistorical,
    market.TradesAggregate,
    market.Klines,
    market.UiKlines,
    market.AvgPrice,
    market.Ticker24hr,
    market.TickerTradingDay,
    market.Ticker,
    market.TickerPrice,
    market.TickerBook,
    market.ReferencePrice,
    market.ReferencePriceCalculation,
    auth.SessionLogon,
    auth.SessionStatus,
    auth.SessionLogout,
    trading.OrderPlace,
    trading.OrderTest,
    trading.OrderCancel,
    trading.OrderCancelReplace,
    trading.OrderAmendKeepPriority,
    trading.OpenOrdersCancelAll,
    lists.OrderListPlace,
    lists.OrderListPlaceOco,
    lists.OrderListPlaceOto,
    lists.OrderListPlaceOtoco,
    lists.OrderListPlaceOpo,
    lists.OrderListPlaceOpoco,
    lists.OrderListCancel,
    trading.SorOrderPlace,
    trading.SorOrderTest,
    account.AccountStatus,
    account.OrderStatus,
    account.OpenOrdersStatus,
    account.AllOrders,
    account.OrderListStatus,
    account.OpenOrderListsStatus,
    account.AllOrderLists,
    account.MyTrades,
    account.AccountRateLimitsOrders,
    account.MyPreventedMatches,
    account.MyAllocations,
    account.AccountCommission,
    account.OrderAmendments,
    account.MyFilters,
    user_stream.UserDataStreamSubscribe,
    user_stream.UserDataStreamUnsubscribe,
    user_stream.SessionSubscriptions,
    user_stream.UserDataStreamSubscribeSignature,
)
"""All 55 methods, in the documentation's order."""

by_name: Final[Mapping[str, type[Request[Any]]]] = MappingProxyType(
    {request.METHOD.name: request for request in METHODS}
)
"""The request struct of each wire name, e.g. `order.place`."""


def result_type(request: type[Request[Any]]) -> Any:
    """The `R` of a `Request[R]`: what a successful response to it decodes into, as msgspec takes it."""
    for base in getattr(request, "__orig_bases__", ()):
        if isinstance(origin := get_origin(base), type) and issubclass(origin, Request):
            return get_args(base)[0]
    raise TypeError(f"{request.__name__} does not say what it is answered with: derive it from Request[...]")
