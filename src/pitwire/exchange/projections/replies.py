"""What the sender of a command is answered: the results of the methods that place, cancel and amend orders."""

from typing import Any, Final

from pitwire.exchange.messages import (
    CommandRejected,
    LevelChanged,
    MatchPrevented,
    OrderAllocated,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderListChanged,
    OrderOpened,
    OrderPrevented,
    OrderTraded,
    OrderTriggered,
    OrderView,
    Outcome,
    PositionChanged,
    TradeMatched,
)
from pitwire.exchange.projections.conditional import (
    add_expiry_reason,
    add_extras,
    add_prevented_quantity,
    add_strategy,
    add_used_sor,
    add_working_floor,
)
from pitwire.exchange.projections.order_lists import list_status
from pitwire.exchange.projections.wire import ZERO, grid_text, instant
from pitwire.market.enums import OrderResponseType, OrderStatus, TimeUnit
from pitwire.market.numbers import text

ONE_PARTY: Final = "ONE_PARTY_TRADE_REPORT"
"""`matchType` of an allocation: its other party is the exchange."""
_ACK = OrderResponseType.ACK
_FULL = OrderResponseType.FULL
_PENDING_NEW = OrderStatus.PENDING_NEW
_SILENT = frozenset({OrderOpened, LevelChanged, PositionChanged, TradeMatched})


def rejection(outcome: Outcome) -> CommandRejected | None:
    """Why the command was refused, or None if it was carried out."""
    events = outcome.events
    if events and type(event := events[0]) is CommandRejected:
        return event
    return None


def order_placed(outcome: Outcome, response_type: OrderResponseType, unit: TimeUnit) -> dict[str, Any]:
    """The result of `order.place` (web-socket-api.md, Place new order).

    The outcome must be that of an accepted `PlaceOrder`: ask `rejection` first.
    """
    opened = outcome.events[0]
    assert type(opened) is OrderOpened, f"an accepted order opens first, not {type(opened).__name__}"
    return _placed(opened.order, outcome, response_type, unit)


def order_list_placed(outcome: Outcome, response_type: OrderResponseType, unit: TimeUnit) -> dict[str, Any]:
    """The result of `orderList.place` and its siblings (web-socket-api.md, Order lists).

    The list is shown as it was placed, also where its working order was filled at once. The outcome must be that of
    an accepted `PlaceOrderList`: ask `rejection` first.
    """
    changed = outcome.events[0]
    assert type(changed) is OrderListChanged, f"an accepted list comes first, not {type(changed).__name__}"
    result = list_status(changed.order_list, unit)
    listed = {order.order_id for order in changed.order_list.orders}
    result["orderReports"] = [
        _placed(event.order, outcome, response_type, unit)
        for event in outcome.events
        if type(event) is OrderOpened and event.order.order_id in listed
    ]
    return result


def _placed(order: OrderView, outcome: Outcome, response_type: OrderResponseType, unit: TimeUnit) -> dict[str, Any]:
    """The report of an order that the outcome's command placed; `order` is how it was opened."""
    time_us = outcome.record.time_us
    transact_time = instant(time_us, unit)
    if response_type is _ACK:
        return {
            "symbol": order.symbol,
            "orderId": order.order_id,
            "orderListId": -1 if order.extras is None else order.extras.order_list_id,
            "clientOrderId": order.client_order_id,
            "transactTime": transact_time,
        }

    fills: list[OrderTraded] = []
    allocations: list[OrderAllocated] = []
    prevented: list[MatchPrevented] = []
    order_id = order.order_id
    # A pending order is shown as pending, whatever the same command made of it since.
    for event in () if order.status is _PENDING_NEW else outcome.events:
        # Most events tell nothing of the order. Not isinstance: for a struct that asks the metaclass, which takes
        # 0.2 us when the answer is no.
        if type(event) in _SILENT:
            continue
        if type(event) is OrderTraded:
            if event.order.order_id == order_id and event.order.symbol == order.symbol:
                order = event.order
                fills.append(event)
        elif type(event) is MatchPrevented:
            if event.taker_order_id == order_id:
                prevented.append(event)
        elif type(event) is OrderAllocated:
            order = event.order
            allocations.append(event)
        elif (type(event) is OrderExpired or type(event) is OrderPrevented) and event.order.order_id == order_id:
            if event.order.symbol == order.symbol:
                order = event.order
        elif type(event) is OrderTriggered:
            break  # from here on it is another order's doing
    result: dict[str, Any] = {
        "symbol": order.symbol,
        "orderId": order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "transactTime": transact_time,
        "price": grid_text(order.price),
        "origQty": grid_text(order.quantity),
        "executedQty": grid_text(order.executed),
        "origQuoteOrderQty": grid_text(order.quote_quantity),
        "cummulativeQuoteQty": text(order.quote_executed) if order.quote_executed else ZERO,
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
    }
    if not order.quantity:
        del result["origQty"]  # as in the documentation's example of an OPO
    extras = order.extras
    if extras is not None:
        add_extras(result, extras, unit)
    add_strategy(result, order)
    # An order that works works since it was placed, unless it was triggered at once.
    working_us = order.working_us
    result["workingTime"] = transact_time if working_us == time_us else instant(working_us, unit)
    if response_type is _FULL:
        result["fills"] = [*map(_allocation, allocations), *map(_fill, fills)]
    if prevented and response_type is _FULL:
        result["preventedMatches"] = [_prevented_match(match) for match in prevented]
    if extras is not None:
        add_working_floor(result, extras)
    result["selfTradePreventionMode"] = order.self_trade_prevention
    if extras is not None:
        add_used_sor(result, extras)
    if prevented:
        if (trade_group := prevented[0].trade_group) != -1:
            result["tradeGroupId"] = trade_group
        add_prevented_quantity(result, order)
    add_expiry_reason(result, order)
    return result


def order_canceled(outcome: Outcome, unit: TimeUnit) -> dict[str, Any]:
    """The result of `order.cancel` and `orderList.cancel`: of an order, or of the whole list that it belonged to.

    The order's `clientOrderId` is the id of the cancel itself (web-socket-api.md, Cancel order). The outcome must be
    that of an accepted command: ask `rejection` first.
    """
    return orders_canceled(outcome, unit)[0]


def orders_canceled(outcome: Outcome, unit: TimeUnit) -> list[dict[str, Any]]:
    """The result of `openOrders.cancelAll` (web-socket-api.md, Cancel open orders), in the order of canceling."""
    transact_time = instant(outcome.record.time_us, unit)
    results: list[dict[str, Any]] = []
    of_list: list[dict[str, Any]] = []
    for event in outcome.events:
        if type(event) is OrderCanceled:
            result = _canceled(event.order, event.cancel_id, transact_time, unit)
            (results if result["orderListId"] == -1 else of_list).append(result)
        elif type(event) is OrderListChanged and of_list:  # follows what was cancelled of it
            results.append({**list_status(event.order_list, unit), "orderReports": of_list})
            of_list = []
    return results


def order_amended(outcome: Outcome, unit: TimeUnit) -> dict[str, Any]:
    """The result of `order.amend.keepPriority` (web-socket-api.md, Order Amend Keep Priority).

    The outcome must be that of an accepted `AmendOrder`: ask `rejection` first.
    """
    event = outcome.events[0]
    assert type(event) is OrderAmended, f"an accepted amendment comes first, not {type(event).__name__}"
    order = event.order
    amended: dict[str, Any] = {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "origClientOrderId": event.previous_client_order_id,
        "clientOrderId": order.client_order_id,
        "price": grid_text(order.price),
        "qty": grid_text(order.quantity),
        "executedQty": grid_text(order.executed),
        "preventedQty": grid_text(order.prevented) if order.prevented else ZERO,
        "quoteOrderQty": grid_text(order.quote_quantity),
        "cumulativeQuoteQty": text(order.quote_executed),  # one m, here and only here
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
    }
    if order.extras is not None:
        add_extras(amended, order.extras, unit)
    add_strategy(amended, order)
    amended["workingTime"] = instant(order.working_us, unit)
    add_working_floor(amended, order.extras)
    amended["selfTradePreventionMode"] = order.self_trade_prevention
    add_used_sor(amended, order.extras)
    result = {
        "transactTime": instant(outcome.record.time_us, unit),
        "executionId": event.execution_id,
        "amendedOrder": amended,
    }
    if (order_list := event.order_list) is not None:
        shown = list_status(order_list, unit)
        del shown["listStatusType"], shown["transactionTime"]  # not in this answer
        result["listStatus"] = shown
    return result


def _canceled(order: OrderView, cancel_id: str, transact_time: int, unit: TimeUnit) -> dict[str, Any]:
    result: dict[str, Any] = {
        "symbol": order.symbol,
        "origClientOrderId": order.client_order_id,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": cancel_id,
        "transactTime": transact_time,
        "price": grid_text(order.price),
        "origQty": grid_text(order.quantity),
        "executedQty": grid_text(order.executed),
        "origQuoteOrderQty": grid_text(order.quote_quantity),
        "cummulativeQuoteQty": text(order.quote_executed),
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
    }
    if order.extras is not None:
        add_extras(result, order.extras, unit)
    add_strategy(result, order)
    add_working_floor(result, order.extras)
    result["selfTradePreventionMode"] = order.self_trade_prevention
    add_used_sor(result, order.extras)
    add_prevented_quantity(result, order)
    return result


def _prevented_match(match: MatchPrevented) -> dict[str, Any]:
    result: dict[str, Any] = {
        "preventedMatchId": match.prevented_match_id,
        "makerSymbol": match.maker_symbol or match.symbol,
        "makerOrderId": match.maker_order_id,
        "price": grid_text(match.price),
    }
    if match.taker_prevented is not None:
        result["takerPreventedQuantity"] = grid_text(match.taker_prevented)
    if match.maker_prevented is not None:
        result["makerPreventedQuantity"] = grid_text(match.maker_prevented)
    return result


def _fill(trade: OrderTraded) -> dict[str, Any]:
    return {
        "price": grid_text(trade.price),
        "qty": grid_text(trade.quantity),
        "commission": text(trade.commission),
        "commissionAsset": trade.commission_asset,
        "tradeId": trade.trade_id,
    }


def _allocation(allocation: OrderAllocated) -> dict[str, Any]:
    """A fill by smart order routing (faqs/sor_faq.md)."""
    return {
        "matchType": ONE_PARTY,
        "price": grid_text(allocation.price),
        "qty": grid_text(allocation.quantity),
        "commission": text(allocation.commission),
        "commissionAsset": allocation.commission_asset,
        "tradeId": -1,
        "allocId": allocation.allocation_id,
    }
