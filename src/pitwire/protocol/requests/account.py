"""Requests of web-socket-api.md, Account requests. Times are in milliseconds or microseconds since the epoch."""

from typing import ClassVar

from pitwire.protocol.requests import weights
from pitwire.protocol.requests.base import Method, Security, SignedRequest
from pitwire.protocol.results import (
    Account,
    AccountCommissionRates,
    AccountTrade,
    Allocation,
    Amendment,
    Order,
    OrderList,
    PreventedMatch,
    RateLimit,
    RelevantFilters,
)


class AccountStatus(SignedRequest[Account], frozen=True, kw_only=True):
    """Account information (USER_DATA)."""

    METHOD: ClassVar[Method] = Method("account.status", Security.USER_DATA, weight=20)

    omit_zero_balances: bool | None = None


class OrderStatus(SignedRequest[Order], frozen=True, kw_only=True):
    """Query order (USER_DATA).

    By `order_id`, by `orig_client_order_id`, or by both, which must then agree.
    """

    METHOD: ClassVar[Method] = Method("order.status", Security.USER_DATA, weight=4)

    symbol: str
    order_id: int | None = None
    orig_client_order_id: str | None = None


class OpenOrdersStatus(SignedRequest[tuple[Order, ...]], frozen=True, kw_only=True):
    """Current open orders (USER_DATA).

    Of one symbol, or of all.
    """

    METHOD: ClassVar[Method] = Method("openOrders.status", Security.USER_DATA, weight=weights.open_orders)

    symbol: str | None = None


class AllOrders(SignedRequest[tuple[Order, ...]], frozen=True, kw_only=True):
    """Account order history (USER_DATA).

    From `order_id` on, or between two times no more than 24 hours apart; `limit` is 500 by default, at most 1000.
    """

    METHOD: ClassVar[Method] = Method("allOrders", Security.USER_DATA, weight=20)

    symbol: str
    order_id: int | None = None
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None


class OrderListStatus(SignedRequest[OrderList], frozen=True, kw_only=True):
    """Query Order list (USER_DATA).

    By `order_list_id` or by the list's client id as `orig_client_order_id`.
    """

    METHOD: ClassVar[Method] = Method("orderList.status", Security.USER_DATA, weight=4)

    orig_client_order_id: str | None = None
    order_list_id: int | None = None


class OpenOrderListsStatus(SignedRequest[tuple[OrderList, ...]], frozen=True, kw_only=True):
    """Current open Order lists (USER_DATA)."""

    METHOD: ClassVar[Method] = Method("openOrderLists.status", Security.USER_DATA, weight=6)


class AllOrderLists(SignedRequest[tuple[OrderList, ...]], frozen=True, kw_only=True):
    """Account order list history (USER_DATA).

    From `from_id` on, or between two times no more than 24 hours apart; `limit` is 500 by default, at most 1000.
    """

    METHOD: ClassVar[Method] = Method("allOrderLists", Security.USER_DATA, weight=20)

    from_id: int | None = None
    start_time: int | None = None
    end_time: int | None = None
    limit: int | None = None


class MyTrades(SignedRequest[tuple[AccountTrade, ...]], frozen=True, kw_only=True):
    """Account trade history (USER_DATA).

    Of one order, from a trade id on, or between two times no more than 24 hours apart; `limit` is 500 by default, at
    most 1000.
    """

    METHOD: ClassVar[Method] = Method("myTrades", Security.USER_DATA, weight=weights.my_trades)

    symbol: str
    order_id: int | None = None
    start_time: int | None = None
    end_time: int | None = None
    from_id: int | None = None
    limit: int | None = None


class AccountRateLimitsOrders(SignedRequest[tuple[RateLimit, ...]], frozen=True, kw_only=True):
    """Unfilled Order Count (USER_DATA)."""

    METHOD: ClassVar[Method] = Method("account.rateLimits.orders", Security.USER_DATA, weight=40)


class MyPreventedMatches(SignedRequest[tuple[PreventedMatch, ...]], frozen=True, kw_only=True):
    """Account prevented matches (USER_DATA).

    By `prevented_match_id`, or by `order_id` with, where wanted, `from_prevented_match_id` and `limit`, which is 500 by
    default and at most 1000.
    """

    METHOD: ClassVar[Method] = Method("myPreventedMatches", Security.USER_DATA, weight=weights.prevented_matches)

    symbol: str
    prevented_match_id: int | None = None
    order_id: int | None = None
    from_prevented_match_id: int | None = None
    limit: int | None = None


class MyAllocations(SignedRequest[tuple[Allocation, ...]], frozen=True, kw_only=True):
    """Account allocations (USER_DATA).

    `limit` is 500 by default and at most 1000.
    """

    METHOD: ClassVar[Method] = Method("myAllocations", Security.USER_DATA, weight=20)

    symbol: str
    start_time: int | None = None
    end_time: int | None = None
    from_allocation_id: int | None = None
    limit: int | None = None
    order_id: int | None = None


class AccountCommission(SignedRequest[AccountCommissionRates], frozen=True, kw_only=True):
    """Account Commission Rates (USER_DATA)."""

    METHOD: ClassVar[Method] = Method("account.commission", Security.USER_DATA, weight=20)

    symbol: str


class OrderAmendments(SignedRequest[tuple[Amendment, ...]], frozen=True, kw_only=True):
    """Query Order Amendments (USER_DATA).

    `limit` is 500 by default and at most 1000.
    """

    METHOD: ClassVar[Method] = Method("order.amendments", Security.USER_DATA, weight=4)

    symbol: str
    order_id: int
    from_execution_id: int | None = None
    limit: int | None = None


class MyFilters(SignedRequest[RelevantFilters], frozen=True, kw_only=True):
    """Query Relevant Filters (USER_DATA)."""

    METHOD: ClassVar[Method] = Method("myFilters", Security.USER_DATA, weight=40)

    symbol: str
