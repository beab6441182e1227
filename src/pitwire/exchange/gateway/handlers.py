"""What each method does. Transport-agnostic: a WebSocket frame and a REST call come to the same handlers.

A query is answered at once, from projections. A command becomes a record in the log, and is answered from its
outcome once that is durable. Session methods belong to a connection and are in `sessions`; what market data queries
answer is in `market_queries`. A method of the registry
that is in none of the three tables is answered with -1020 and its name.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from pitwire.exchange.gateway import commands, list_commands
from pitwire.exchange.gateway.asking import Call, check_status, end_us, rows, start_us
from pitwire.exchange.gateway.commands import NewId, check_some_id
from pitwire.exchange.gateway.filtering import filter_failure
from pitwire.exchange.gateway.limits import RATE_LIMITS, RateLimit, UnfilledOrders, told
from pitwire.exchange.gateway.market_queries import MARKET_QUERIES
from pitwire.exchange.gateway.refusal import Refusal, refusal
from pitwire.exchange.gateway.replacement import order_replaced, response_type, without_placement
from pitwire.exchange.messages import Command, Outcome, PlaceOrder
from pitwire.exchange.projections.accounts import UnknownAccount
from pitwire.exchange.projections.orders import BadCombination, LookupTooLong, NoSuchOrder, OrderArchived
from pitwire.exchange.projections.reference_prices import NoReferencePrice
from pitwire.exchange.projections.replies import (
    order_amended,
    order_canceled,
    order_list_placed,
    order_placed,
    orders_canceled,
    rejection,
)
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.projections.symbols import StatusMismatch, UnknownSymbol
from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import RateLimitType, TimeUnit
from pitwire.market.rejects import Reject
from pitwire.protocol.errors import Code, WireError, of_amend_reject, of_reject, wire_error
from pitwire.protocol.requests.account import (
    AccountCommission,
    AccountRateLimitsOrders,
    AccountStatus,
    AllOrderLists,
    AllOrders,
    MyAllocations,
    MyFilters,
    MyPreventedMatches,
    MyTrades,
    OpenOrderListsStatus,
    OpenOrdersStatus,
    OrderAmendments,
    OrderListStatus,
    OrderStatus,
)
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.general import ExchangeInfo, Ping, Time
from pitwire.protocol.requests.lists import (
    OrderListCancel,
    OrderListPlace,
    OrderListPlaceOco,
    OrderListPlaceOpo,
    OrderListPlaceOpoco,
    OrderListPlaceOto,
    OrderListPlaceOtoco,
)
from pitwire.protocol.requests.trading import (
    OpenOrdersCancelAll,
    OrderAmendKeepPriority,
    OrderCancel,
    OrderCancelReplace,
    OrderPlace,
    OrderTest,
    SorOrderPlace,
    SorOrderTest,
)

_encode = msgspec.json.Encoder().encode


class Handlers:
    """The methods, over one exchange's projections.

    `new_id` makes client order ids; by default 22 random hexadecimal digits.
    """

    def __init__(
        self,
        projections: Projections,
        unfilled_orders: UnfilledOrders,
        rate_limits: Sequence[RateLimit] = RATE_LIMITS,
        new_id: NewId = lambda: secrets.token_hex(11),
    ) -> None:
        self.projections = projections
        self.unfilled_orders = unfilled_orders
        self.rate_limits = told(rate_limits, enforced=unfilled_orders.enforced)
        self.new_id = new_id

    def query(self, request: Request[Any], call: Call) -> bytes | WireError | None:
        """The result, as JSON, or why there is none. None: the method is no query."""
        answer = _QUERIES.get(type(request))
        if answer is None:
            return None
        try:
            return _encode(answer(self, request, call))
        except Exception as error:
            refused = _wire_error_of(error)
            if refused is None:
                raise
            return refused

    def command(self, request: Request[Any], account: int) -> Command | WireError | None:
        """The command to submit, or why there is none. None: the method is no command."""
        entry = _COMMANDS.get(type(request))
        if entry is None:
            return None
        try:
            return entry.make(request, account, self.projections.symbols.rules, self.new_id)
        except Exception as error:
            refused = _wire_error_of(error)
            if refused is None:
                raise
            return refused

    def beyond_limit(self, request: Request[Any], command: Command) -> Command | None:
        """What `request` still asks for when the account may place no more orders; None: nothing."""
        return without_placement(request, command)

    def reply(
        self, request: Request[Any], outcome: Outcome, unit: TimeUnit, over_limit: WireError | None = None
    ) -> bytes | WireError:
        """The result of the command that `command` made of `request`, as JSON, or the engine's refusal.

        `over_limit` is the error for the unfilled order count if the command was one of `beyond_limit`.
        """
        entry = _COMMANDS[type(request)]
        rejected = rejection(outcome)
        if rejected is not None:
            return entry.refusal(rejected.reason, rejected.detail)
        if over_limit is not None and isinstance(request, OrderCancelReplace):
            result = order_replaced(request, outcome, unit, over_limit)
        else:
            result = entry.reply(request, outcome, unit)
        return result if isinstance(result, WireError) else _encode(result)


def not_available(request: Request[Any]) -> WireError:
    """For a documented method that this exchange does not serve yet."""
    name = request.METHOD.name
    return wire_error(
        Code.UNSUPPORTED_OPERATION, message=f"This operation is not supported: {name} is not available yet."
    )


_REFUSALS: Final[Mapping[type[Exception], Callable[[Any], WireError]]] = MappingProxyType(
    {
        Refusal: lambda error: error.error,
        UnknownSymbol: lambda error: wire_error(Code.BAD_SYMBOL),
        StatusMismatch: lambda error: wire_error(Code.SYMBOL_DOES_NOT_MATCH_STATUS),
        NoReferencePrice: lambda error: wire_error(Code.NO_REFERENCE_PRICE),
        NoSuchOrder: lambda error: wire_error(Code.NO_SUCH_ORDER),
        OrderArchived: lambda error: wire_error(Code.ORDER_ARCHIVED),
        LookupTooLong: lambda error: wire_error(Code.MORE_THAN_XX_HOURS, error.hours_max),
        BadCombination: lambda error: wire_error(Code.OPTIONAL_PARAMS_BAD_COMBO),
        UnknownAccount: lambda error: wire_error(Code.REJECTED_MBX_KEY),
    }
)


def _wire_error_of(error: Exception) -> WireError | None:
    worded = _REFUSALS.get(type(error))
    return None if worded is None else worded(error)


# --- general ------------------------------------------------------------------------------------------------------


def _ping(_: Handlers, __: Ping, ___: Call) -> dict[str, Any]:
    return {}


def _time(_: Handlers, __: Time, call: Call) -> dict[str, Any]:
    return {"serverTime": instant(call.now_us, call.unit)}


def _exchange_info(handlers: Handlers, request: ExchangeInfo, call: Call) -> dict[str, Any]:
    named = request.symbol is not None or request.symbols is not None
    chosen = [each for each in (request.symbol, request.symbols, request.permissions) if each is not None]
    if len(chosen) > 1 or (named and request.symbol_status is not None):
        raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO)
    check_status(request.symbol_status)
    permissions = request.permissions
    return handlers.projections.symbols.exchange_info(
        handlers.rate_limits,
        call.now_us,
        call.unit,
        symbol=request.symbol,
        symbols=request.symbols,
        permissions=(permissions,) if isinstance(permissions, str) else permissions,
        symbol_status=request.symbol_status,
        show_permission_sets=request.show_permission_sets is not False,
    )


# --- account ------------------------------------------------------------------------------------------------------


def _account_status(handlers: Handlers, request: AccountStatus, call: Call) -> dict[str, Any]:
    return handlers.projections.accounts.status(call.account, bool(request.omit_zero_balances), call.unit)


def _account_commission(handlers: Handlers, request: AccountCommission, call: Call) -> dict[str, Any]:
    return handlers.projections.accounts.commission(call.account, request.symbol)


def _my_filters(handlers: Handlers, request: MyFilters, call: Call) -> dict[str, Any]:
    return handlers.projections.accounts.filters(call.account, request.symbol)


def _account_rate_limits(handlers: Handlers, _: AccountRateLimitsOrders, call: Call) -> list[dict[str, Any]]:
    counts = handlers.unfilled_orders.counts(call.account, call.now_us)
    limits = [limit for limit in handlers.rate_limits if limit.rate_limit_type is RateLimitType.ORDERS]
    return [{**msgspec.to_builtins(limit), "count": count} for limit, count in zip(limits, counts, strict=True)]


def _order_status(handlers: Handlers, request: OrderStatus, call: Call) -> dict[str, Any]:
    check_some_id(request.order_id, request.orig_client_order_id)
    return handlers.projections.orders.status(
        call.account, request.symbol, request.order_id, request.orig_client_order_id, call.unit, call.now_us
    )


def _open_orders(handlers: Handlers, request: OpenOrdersStatus, call: Call) -> list[dict[str, Any]]:
    return handlers.projections.orders.open(call.account, request.symbol, call.unit)


def _all_orders(handlers: Handlers, request: AllOrders, call: Call) -> list[dict[str, Any]]:
    return handlers.projections.orders.all(
        call.account,
        request.symbol,
        request.order_id,
        start_us(request.start_time),
        end_us(request.end_time),
        rows(request.limit),
        call.unit,
    )


def _order_list_status(handlers: Handlers, request: OrderListStatus, call: Call) -> dict[str, Any]:
    check_some_id(request.order_list_id, request.orig_client_order_id, "origClientOrderId", "orderListId")
    return handlers.projections.order_lists.status(
        call.account, request.order_list_id, request.orig_client_order_id, call.unit
    )


def _all_order_lists(handlers: Handlers, request: AllOrderLists, call: Call) -> list[dict[str, Any]]:
    return handlers.projections.order_lists.all(
        call.account,
        request.from_id,
        start_us(request.start_time),
        end_us(request.end_time),
        rows(request.limit),
        call.unit,
    )


def _my_trades(handlers: Handlers, request: MyTrades, call: Call) -> list[dict[str, Any]]:
    return handlers.projections.orders.trades(
        call.account,
        request.symbol,
        request.order_id,
        start_us(request.start_time),
        end_us(request.end_time),
        request.from_id,
        rows(request.limit),
        call.unit,
    )


def _order_amendments(handlers: Handlers, request: OrderAmendments, call: Call) -> list[dict[str, Any]]:
    return handlers.projections.amendments.of_order(
        call.account,
        request.symbol,
        request.order_id,
        request.from_execution_id,
        rows(request.limit),
        call.unit,
    )


def _my_prevented_matches(handlers: Handlers, request: MyPreventedMatches, call: Call) -> list[dict[str, Any]]:
    match_id, order_id = request.prevented_match_id, request.order_id
    if match_id is None and order_id is None:
        raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, "preventedMatchId", "orderId")
    by_order = order_id is not None or request.from_prevented_match_id is not None or request.limit is not None
    if (match_id is not None and by_order) or (request.limit is not None and request.from_prevented_match_id is None):
        raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO)
    return handlers.projections.prevented_matches.query(
        call.account,
        request.symbol,
        match_id,
        order_id,
        request.from_prevented_match_id,
        rows(request.limit),
        call.unit,
    )


def _my_allocations(handlers: Handlers, request: MyAllocations, call: Call) -> list[dict[str, Any]]:
    return handlers.projections.orders.allocations(
        call.account,
        request.symbol,
        request.order_id,
        start_us(request.start_time),
        end_us(request.end_time),
        request.from_allocation_id,
        rows(request.limit),
        call.unit,
    )


def _sor_order_test(handlers: Handlers, request: SorOrderTest, call: Call) -> dict[str, Any]:
    symbols = handlers.projections.symbols
    order = commands.route_order(request, call.account, symbols.rules, handlers.new_id).order
    if order.symbol not in symbols.routes.get(symbols.rules(order.symbol).base, ()):
        raise Refusal(of_reject(Reject.SOR_UNSUPPORTED))
    tested = _tested(handlers, order, request.compute_commission_rates, call)
    tested.pop("specialCommissionForOrder", None)  # (web-socket-api.md, Test new order using SOR)
    return tested


def _order_test(handlers: Handlers, request: OrderTest, call: Call) -> dict[str, Any]:
    order = commands.place_order(request, call.account, handlers.projections.symbols.rules, handlers.new_id)
    return _tested(handlers, order, request.compute_commission_rates, call)


def _tested(handlers: Handlers, order: PlaceOrder, rates: bool | None, call: Call) -> dict[str, Any]:
    """Everything that would keep the order from the matching engine, but nothing that only the engine knows."""
    projections = handlers.projections
    failed = filter_failure(projections, order, call.now_us)
    if failed is not None:
        raise refusal(Code.INVALID_MESSAGE, message=f"Filter failure: {failed}")
    if rates:
        return projections.accounts.order_commission(call.account, order.symbol, order.side)
    return {}


# --- trading ------------------------------------------------------------------------------------------------------


def _placed(request: OrderPlace, outcome: Outcome, unit: TimeUnit) -> dict[str, Any]:
    return order_placed(outcome, response_type(request), unit)


def _routed(request: SorOrderPlace, outcome: Outcome, unit: TimeUnit) -> list[dict[str, Any]]:
    return [order_placed(outcome, response_type(request), unit)]


def _of_market(answer: Callable[[Projections, Any, Call], Any]) -> Callable[[Handlers, Any, Call], Any]:
    return lambda handlers, request, call: answer(handlers.projections, request, call)


def _list_placed(request: list_commands.Placing, outcome: Outcome, unit: TimeUnit) -> dict[str, Any]:
    return order_list_placed(outcome, list_commands.response_type(request), unit)


class _Commanded(NamedTuple):
    make: Callable[..., Command]
    reply: Callable[[Any, Outcome, TimeUnit], Any]
    refusal: Callable[[Reject, str], WireError] = of_reject


_COMMANDS: Final[Mapping[type[Request[Any]], _Commanded]] = MappingProxyType(
    {
        OrderPlace: _Commanded(commands.place_order, _placed),
        SorOrderPlace: _Commanded(commands.route_order, _routed),
        OrderCancel: _Commanded(commands.cancel_order, lambda _, outcome, unit: order_canceled(outcome, unit)),
        OpenOrdersCancelAll: _Commanded(
            commands.cancel_open_orders, lambda _, outcome, unit: orders_canceled(outcome, unit)
        ),
        OrderCancelReplace: _Commanded(commands.replace_order, order_replaced),
        OrderAmendKeepPriority: _Commanded(
            commands.amend_order, lambda _, outcome, unit: order_amended(outcome, unit), of_amend_reject
        ),
        OrderListPlace: _Commanded(list_commands.place_old_oco, _list_placed),
        OrderListPlaceOco: _Commanded(list_commands.place_oco, _list_placed),
        **dict.fromkeys(
            (OrderListPlaceOto, OrderListPlaceOtoco, OrderListPlaceOpo, OrderListPlaceOpoco),
            _Commanded(list_commands.place_with_pending, _list_placed),
        ),
        OrderListCancel: _Commanded(list_commands.cancel_list, lambda _, outcome, unit: order_canceled(outcome, unit)),
    }
)

_QUERIES: Final[Mapping[type[Request[Any]], Callable[[Handlers, Any, Call], Any]]] = MappingProxyType(
    {
        Ping: _ping,
        Time: _time,
        ExchangeInfo: _exchange_info,
        **{method: _of_market(answer) for method, answer in MARKET_QUERIES.items()},
        AccountStatus: _account_status,
        AccountCommission: _account_commission,
        AccountRateLimitsOrders: _account_rate_limits,
        OrderStatus: _order_status,
        OpenOrdersStatus: _open_orders,
        AllOrders: _all_orders,
        MyTrades: _my_trades,
        MyPreventedMatches: _my_prevented_matches,
        MyFilters: _my_filters,
        OrderTest: _order_test,
        SorOrderTest: _sor_order_test,
        MyAllocations: _my_allocations,
        OrderAmendments: _order_amendments,
        OrderListStatus: _order_list_status,
        OpenOrderListsStatus: lambda handlers, _, call: handlers.projections.order_lists.open(call.account, call.unit),
        AllOrderLists: _all_order_lists,
    }
)
