"""The results of requests whose response was lost, made from what queries say.

The types are those of the response. What differs: an order's state (`status`, `executed_qty` and what belongs to it) is
that of the query, not of the moment of the request; `fills` are the trades that the order made as a taker; prevented
matches are left out; whatever a query does not show is unset.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict

from pitwire.market.enums import ExecutionType, OrderResponseType, OrderType
from pitwire.protocol.events import ExecutionReport
from pitwire.protocol.requests.trading import OrderAmendKeepPriority
from pitwire.protocol.results.account import AccountTrade, Amendment, Order
from pitwire.protocol.results.lists import OrderList, OrderListCanceled, OrderListPlaced
from pitwire.protocol.results.trading import (
    AmendedListStatus,
    AmendedOrder,
    Canceled,
    CanceledOrder,
    ConditionalFields,
    Fill,
    OrderAmended,
    OrderPlaced,
)

_CONDITIONAL = ConditionalFields.__struct_fields__
_ZERO_MEANS_NONE = frozenset({"stop_price", "iceberg_qty"})  # queries always have them (Query order)
_LIST_FIELDS = OrderList.__struct_fields__


def response_type(request: Any) -> OrderResponseType:
    """Which response the request asked for (Place new order: FULL for MARKET and LIMIT, ACK for the other types)."""
    wanted: OrderResponseType | None = request.new_order_resp_type
    if wanted is not None:
        return wanted
    kind = getattr(request, "type", None)
    return OrderResponseType.FULL if kind in (OrderType.LIMIT, OrderType.MARKET) else OrderResponseType.ACK


def placed(order: Order, wanted: OrderResponseType, trades: Sequence[AccountTrade] = ()) -> OrderPlaced:
    """The response to the placing of `order`."""
    acknowledged: dict[str, Any] = {
        "symbol": order.symbol,
        "order_id": order.order_id,
        "order_list_id": order.order_list_id,
        "client_order_id": order.client_order_id,
        "transact_time": order.time,
    }
    if wanted == OrderResponseType.ACK:
        return OrderPlaced(**acknowledged)
    fills: Any = UNSET
    if wanted == OrderResponseType.FULL:
        fills = tuple(
            Fill(
                price=trade.price,
                qty=trade.qty,
                commission=trade.commission,
                commission_asset=trade.commission_asset,
                trade_id=trade.id,
            )
            for trade in trades
            if not trade.is_maker
        )
    return OrderPlaced(
        **acknowledged,
        **_state(order),
        **_conditional(order),
        working_time=order.working_time,
        fills=fills,
    )


def placed_as_reported(report: ExecutionReport, wanted: OrderResponseType) -> OrderPlaced:
    """The response to the placing of the order that an event reports; what the event does not show is unset."""
    acknowledged: dict[str, Any] = {
        "symbol": report.symbol,
        "order_id": report.order_id,
        "order_list_id": report.order_list_id,
        "client_order_id": report.original_client_order_id or report.client_order_id,
        "transact_time": report.creation_time,
    }
    if wanted == OrderResponseType.ACK:
        return OrderPlaced(**acknowledged)
    return OrderPlaced(
        **acknowledged,
        price=report.price,
        orig_qty=report.quantity,
        executed_qty=report.executed,
        orig_quote_order_qty=report.quote_order_quantity,
        cummulative_quote_qty=report.quote_executed,
        status=report.status,
        time_in_force=report.time_in_force,
        type=report.type,
        side=report.side,
        working_time=report.working_time,
        self_trade_prevention_mode=report.self_trade_prevention_mode,
    )


def says_it_exists(report: ExecutionReport) -> bool:
    """Whether an event of an order shows that it was taken: all but a refusal do."""
    return report.execution_type != ExecutionType.REJECTED


def canceled_order(order: Order, cancel_id: str | None) -> CanceledOrder:
    """An order as its cancellation left it; `cancel_id` is the cancel's own client order id."""
    return CanceledOrder(
        symbol=order.symbol,
        orig_client_order_id=order.client_order_id,
        order_id=order.order_id,
        order_list_id=order.order_list_id,
        client_order_id=cancel_id or order.client_order_id,
        transact_time=order.update_time,
        **_state(order),
        **_conditional(order),
    )


def canceled(order: Order, cancel_id: str | None) -> Canceled:
    """The response to the cancellation of a single order."""
    return Canceled(**asdict(canceled_order(order, cancel_id)))


def canceled_list(order_list: OrderList, orders: Sequence[Order], cancel_id: str | None) -> Canceled:
    """The response to the cancellation of an order that took its list with it."""
    return Canceled(**_list(order_list), order_reports=tuple(canceled_order(order, cancel_id) for order in orders))


def list_placed(order_list: OrderList, orders: Sequence[Order], wanted: OrderResponseType) -> OrderListPlaced:
    """The response to the placing of a list."""
    return OrderListPlaced(**_list(order_list), order_reports=tuple(placed(order, wanted) for order in orders))


def list_canceled(order_list: OrderList, orders: Sequence[Order], cancel_id: str | None) -> OrderListCanceled:
    """The response to the cancellation of a list."""
    return OrderListCanceled(
        **_list(order_list), order_reports=tuple(canceled_order(order, cancel_id) for order in orders)
    )


def amended(
    request: OrderAmendKeepPriority, order: Order, amendment: Amendment, order_list: OrderList | None
) -> OrderAmended:
    """The response to an amendment."""
    state = _state(order)
    del state["orig_qty"], state["orig_quote_order_qty"], state["cummulative_quote_qty"]
    return OrderAmended(
        transact_time=amendment.time,
        execution_id=amendment.execution_id,
        amended_order=AmendedOrder(
            symbol=order.symbol,
            order_id=order.order_id,
            order_list_id=order.order_list_id,
            orig_client_order_id=amendment.orig_client_order_id,
            client_order_id=amendment.new_client_order_id,
            qty=amendment.new_qty,
            prevented_qty=order.prevented_quantity or type(order.price)(0),
            quote_order_qty=order.orig_quote_order_qty,
            cumulative_quote_qty=order.cummulative_quote_qty,
            working_time=order.working_time,
            **state,
            **_conditional(order),
        ),
        list_status=UNSET
        if order_list is None
        else msgspec.convert(order_list, AmendedListStatus, from_attributes=True),
    )


def _state(order: Order) -> dict[str, Any]:
    return {
        "price": order.price,
        "orig_qty": order.orig_qty,
        "executed_qty": order.executed_qty,
        "orig_quote_order_qty": order.orig_quote_order_qty,
        "cummulative_quote_qty": order.cummulative_quote_qty,
        "status": order.status,
        "time_in_force": order.time_in_force,
        "type": order.type,
        "side": order.side,
        "self_trade_prevention_mode": order.self_trade_prevention_mode,
    }


def _conditional(order: Order) -> dict[str, Any]:
    fields = {name: getattr(order, name) for name in _CONDITIONAL}
    return {
        name: value
        for name, value in fields.items()
        if value is not UNSET and not (name in _ZERO_MEANS_NONE and not value)
    }


def _list(order_list: OrderList) -> dict[str, Any]:
    return {name: getattr(order_list, name) for name in _LIST_FIELDS}
