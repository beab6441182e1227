"""What to ask of a request whose outcome nobody said, and what the answers mean, one procedure for each method.

An inquiry is a generator: it yields queries, is sent their results, has refusals thrown in, and returns a `Finding`. It
decides and does no I/O. Queries may be repeated as often as one likes, so an inquiry that is broken off is made again
from its beginning.

A finding is one of: `Found`, the result that the response would have had; `Refused`, the error that it would have been;
`Nothing`, no trace of the request. The last is final only when the query was made after the exchange could accept the
request no more; `unless` then says what is to be raised instead of `NeverArrived`.
"""

from collections.abc import Generator
from typing import Any

import msgspec
from msgspec import Struct

from pitwire.client.safety import reconstruction as made
from pitwire.client.safety.intent import Intent, microseconds
from pitwire.market.enums import CancelReplaceMode, ListOrderStatus, OrderResponseType, OrderStatus
from pitwire.protocol.errors import (
    CancelRejected,
    CancelReplaceFailed,
    Code,
    NoSuchOrder,
    OrderArchived,
    PitwireError,
    Rejected,
)
from pitwire.protocol.requests import account
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.lists import OrderListCancel
from pitwire.protocol.requests.trading import (
    OpenOrdersCancelAll,
    OrderAmendKeepPriority,
    OrderCancel,
    OrderCancelReplace,
    OrderPlace,
    SorOrderPlace,
)
from pitwire.protocol.results.account import Order
from pitwire.protocol.results.lists import OrderList
from pitwire.protocol.results.trading import CancelReplaced

OPEN = frozenset({OrderStatus.NEW, OrderStatus.PENDING_NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_CANCEL})
_UNKNOWN_ORDER = "Unknown order sent."
ORDERS_MAX = 1000
"""How far back the orders are read that a lost cancel-all may have cancelled (Account order history: limit)."""


class Found(Struct, frozen=True):
    """The result that the response had."""

    result: Any


class Refused(Struct, frozen=True):
    """The error that the response was."""

    error: PitwireError


class Nothing(Struct, frozen=True):
    """Nothing is to be seen of it. `unless`: what is true, instead of nothing at all, if that stays so."""

    unless: PitwireError | None = None


Finding = Found | Refused | Nothing
Asking = Generator[Request[Any], Any, Any]


def inquiry(intent: Intent) -> Generator[Request[Any], Any, Finding]:
    """The inquiry into what became of `intent`."""
    match intent.request:
        case OrderPlace() | SorOrderPlace():
            return _place(intent)
        case OrderCancel():
            return _cancel(intent, intent.request)
        case OrderCancelReplace():
            return _cancel_replace(intent, intent.request)
        case OrderAmendKeepPriority():
            return _amend(intent, intent.request)
        case OpenOrdersCancelAll():
            return _cancel_all(intent, intent.request)
        case OrderListCancel():
            return _cancel_list(intent, intent.request)
        case _:
            return _place_list(intent)


def _place(intent: Intent) -> Generator[Request[Any], Any, Finding]:
    request: Any = intent.request
    try:
        order = yield from _new_order(intent, request.symbol)
        if order is None:
            return Nothing()
        result = yield from _as_placed(order, made.response_type(request))
    except OrderArchived as error:
        return Refused(error)  # it was placed, over 90 days ago, and ended without a trade
    return Found((result,) if isinstance(request, SorOrderPlace) else result)


def _new_order(intent: Intent, symbol: str) -> Generator[Request[Any], Any, Order | None]:
    """The order that the request placed, if it did.

    Client order ids are unique among open orders only, so an older order may have had the same.
    """
    order: Order | None = yield from _order(
        account.OrderStatus(symbol=symbol, orig_client_order_id=intent.client_order_id)
    )
    return None if order is None or intent.is_older(order.time) else order


def _order(query: account.OrderStatus) -> Generator[Request[Any], Any, Order | None]:
    try:
        order: Order = yield query
    except NoSuchOrder:
        return None
    return order


def _as_placed(order: Order, wanted: OrderResponseType) -> Asking:
    trades = ()
    if wanted == OrderResponseType.FULL and order.executed_qty:
        trades = yield account.MyTrades(symbol=order.symbol, order_id=order.order_id)
    return made.placed(order, wanted, trades)


def _place_list(intent: Intent) -> Generator[Request[Any], Any, Finding]:
    request: Any = intent.request
    order_list = yield from _list(account.OrderListStatus(orig_client_order_id=intent.client_order_id))
    if order_list is None or intent.is_older(order_list.transaction_time):
        return Nothing()
    orders = yield from _orders_of(order_list)
    wanted = request.new_order_resp_type or OrderResponseType.RESULT
    return Found(made.list_placed(order_list, orders, wanted))


def _list(query: account.OrderListStatus) -> Generator[Request[Any], Any, OrderList | None]:
    try:
        order_list: OrderList = yield query
    except NoSuchOrder:
        return None
    except Rejected as error:
        if "does not exist" in error.message:
            return None
        raise
    return order_list


def _orders_of(order_list: OrderList) -> Generator[Request[Any], Any, list[Order]]:
    orders: list[Order] = []
    for listed in order_list.orders:
        order = yield account.OrderStatus(symbol=listed.symbol, order_id=listed.order_id)
        orders.append(order)
    return orders


def _cancel(intent: Intent, request: OrderCancel) -> Generator[Request[Any], Any, Finding]:
    query = account.OrderStatus(
        symbol=request.symbol, order_id=request.order_id, orig_client_order_id=request.orig_client_order_id
    )
    try:
        order = yield from _order(query)
    except OrderArchived:
        return Refused(_nothing_to_cancel())
    if order is None or order.status in OPEN:
        return Nothing()
    if not _was_canceled(intent, order):
        return Refused(_nothing_to_cancel())
    if order.order_list_id == -1:
        return Found(made.canceled(order, request.new_client_order_id))
    order_list = yield account.OrderListStatus(order_list_id=order.order_list_id)
    gone = [each for each in (yield from _orders_of(order_list)) if _was_canceled(intent, each)]
    return Found(made.canceled_list(order_list, gone, request.new_client_order_id))


def _was_canceled(intent: Intent, order: Order) -> bool:
    """Whether the order was cancelled no earlier than the request can have done it.

    By whom is not asked: a cancellation that comes second would have been refused, but the order is cancelled.
    """
    return order.status == OrderStatus.CANCELED and not intent.is_older(order.update_time)


def _nothing_to_cancel() -> CancelRejected:
    return CancelRejected(400, Code.CANCEL_REJECTED, _UNKNOWN_ORDER)


def _cancel_list(intent: Intent, request: OrderListCancel) -> Generator[Request[Any], Any, Finding]:
    query = account.OrderListStatus(
        order_list_id=request.order_list_id,
        orig_client_order_id=request.list_client_order_id if request.order_list_id is None else None,
    )
    order_list = yield from _list(query)
    if order_list is None or order_list.list_order_status == ListOrderStatus.EXECUTING:
        return Nothing()
    orders = yield from _orders_of(order_list)
    gone = [order for order in orders if _was_canceled(intent, order)]
    if not gone:
        return Refused(_nothing_to_cancel())
    return Found(made.list_canceled(order_list, gone, request.new_client_order_id))


def _cancel_all(intent: Intent, request: OpenOrdersCancelAll) -> Generator[Request[Any], Any, Finding]:
    still_open = yield account.OpenOrdersStatus(symbol=request.symbol)
    if any(microseconds(order.time) < intent.sent_us for order in still_open):
        return Nothing()
    orders = yield account.AllOrders(symbol=request.symbol, limit=ORDERS_MAX)
    gone = [order for order in orders if _was_canceled(intent, order)]
    if not gone:
        # What is open may have been so before, by an exchange's clock that is known only nearly.
        return Nothing(unless=None if still_open else _nothing_to_cancel())
    results = []
    lists = set()
    for order in gone:
        if order.order_list_id == -1:
            results.append(made.canceled(order, None))
        elif order.order_list_id not in lists:
            lists.add(order.order_list_id)
            order_list = yield account.OrderListStatus(order_list_id=order.order_list_id)
            of_list = [each for each in gone if each.order_list_id == order.order_list_id]
            results.append(made.canceled_list(order_list, of_list, None))
    return Found(tuple(results))


def _cancel_replace(intent: Intent, request: OrderCancelReplace) -> Generator[Request[Any], Any, Finding]:
    new = yield from _new_order(intent, request.symbol)
    query = account.OrderStatus(
        symbol=request.symbol,
        order_id=request.cancel_order_id,
        orig_client_order_id=request.cancel_orig_client_order_id,
    )
    old, is_shown = None, True
    try:
        old = yield from _order(query)
        is_shown = old is not None
    except OrderArchived:
        pass  # it has ended long ago
    is_canceled = old is not None and _was_canceled(intent, old)
    if new is None and old is not None and old.status in OPEN:
        return Nothing()
    cancel_response = (
        made.canceled(old, request.cancel_new_client_order_id) if old is not None and is_canceled else None
    )
    new_response = None if new is None else (yield from _as_placed(new, made.response_type(request)))
    if cancel_response is not None and new_response is not None:
        return Found(
            CancelReplaced(
                cancel_result="SUCCESS",
                new_order_result="SUCCESS",
                cancel_response=cancel_response,
                new_order_response=new_response,
            )
        )
    error = _half_done(intent, request, cancel_response, new_response)
    # What was placed stays placed. What was cancelled alone may have its new order shown yet; so may the old one be.
    return Refused(error) if new is not None and is_shown else Nothing(unless=error)


def _half_done(
    intent: Intent, request: OrderCancelReplace, cancel_response: Any, new_response: Any
) -> CancelReplaceFailed:
    unattempted = cancel_response is None and request.cancel_replace_mode == CancelReplaceMode.STOP_ON_FAILURE
    in_part = cancel_response is not None or new_response is not None
    data = {
        "cancelResult": "FAILURE" if cancel_response is None else "SUCCESS",
        "newOrderResult": "SUCCESS" if new_response is not None else "NOT_ATTEMPTED" if unattempted else "FAILURE",
        "cancelResponse": {"code": Code.CANCEL_REJECTED.value, "msg": _UNKNOWN_ORDER}
        if cancel_response is None
        else msgspec.to_builtins(cancel_response),
        "newOrderResponse": None if new_response is None else msgspec.to_builtins(new_response),
    }
    code = Code.CANCEL_REPLACE_PARTIALLY_FAILED if in_part else Code.CANCEL_REPLACE_FAILED
    message = "Order cancel-replace partially failed." if in_part else "Order cancel-replace failed."
    return CancelReplaceFailed(409 if in_part else 400, code, message, data, intent.client_order_id)


def _amend(intent: Intent, request: OrderAmendKeepPriority) -> Generator[Request[Any], Any, Finding]:
    symbol = request.symbol
    # An amendment gives the order its new client order id, so under the old one it is found only if there was none.
    order = yield from _order(
        account.OrderStatus(symbol=symbol, order_id=request.order_id)
        if request.order_id is not None
        else account.OrderStatus(symbol=symbol, orig_client_order_id=request.new_client_order_id)
    )
    if order is None:
        return Nothing()
    amendments = yield account.OrderAmendments(symbol=symbol, order_id=order.order_id, limit=ORDERS_MAX)
    for amendment in reversed(amendments):
        if (
            amendment.new_client_order_id == request.new_client_order_id
            and amendment.new_qty == request.new_qty
            and not intent.is_older(amendment.time)
        ):
            order_list = None
            if order.order_list_id != -1:
                order_list = yield account.OrderListStatus(order_list_id=order.order_list_id)
            return Found(made.amended(request, order, amendment, order_list))
    return Nothing()
