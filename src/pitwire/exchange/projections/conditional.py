"""Fields of an order that appear only when their condition holds.

Source: web-socket-api.md, Conditional fields in Order Responses; user-data-stream.md, Conditional Fields in Execution
Report.
"""

from typing import Any

from pitwire.exchange.messages import OrderExtras, OrderView
from pitwire.exchange.projections.wire import grid_text, instant
from pitwire.market.enums import OrderStatus, PegOffsetType, TimeInForce, TimeUnit

_EXPIRED = OrderStatus.EXPIRED


def expiry_reason(order: OrderView) -> str:
    """Why the rest of an expired order lapsed (user-data-stream.md, Order Expiry Reason)."""
    if order.expiry_reason:
        return order.expiry_reason
    if order.extras is not None and order.extras.rejected:
        return "REJECTED"
    if order.time_in_force is TimeInForce.FOK:
        return "UNFILLED_FOK_ORDER_EXPIRED"
    if order.time_in_force is TimeInForce.IOC:
        return "UNFILLED_IOC_QUANTITY_EXPIRED"
    return "INSUFFICIENT_LIQUIDITY"


def add_strategy(result: dict[str, Any], order: OrderView) -> None:
    """`strategyId` and `strategyType` appear if they were sent with the order."""
    if order.strategy_id != -1:
        result["strategyId"] = order.strategy_id
    if order.strategy_type != -1:
        result["strategyType"] = order.strategy_type


def add_extras(result: dict[str, Any], extras: OrderExtras, unit: TimeUnit) -> None:
    """`orderListId` is that of the list. `stopPrice` appears for orders with a trigger, `trailingDelta` and
    `trailingTime` for those that trail.

    `icebergQty` and what a peg consists of appear if they were sent with the order, `peggedPrice` once it is taken.
    """
    result["orderListId"] = extras.order_list_id
    trigger = extras.trigger
    if trigger is not None:
        result["stopPrice"] = grid_text(trigger.stop_price)
        if trigger.trailing_delta:
            result["trailingDelta"] = trigger.trailing_delta
            result["trailingTime"] = instant(extras.trailing_us, unit)
    if extras.iceberg_quantity:
        result["icebergQty"] = grid_text(extras.iceberg_quantity)
    peg = extras.peg
    if peg is not None:
        result["pegPriceType"] = peg.price_type
        if peg.offset >= 0:
            result["pegOffsetType"] = PegOffsetType.PRICE_LEVEL
            result["pegOffsetValue"] = peg.offset
        if extras.pegged_price:
            result["peggedPrice"] = grid_text(extras.pegged_price)


def add_working_floor(result: dict[str, Any], extras: OrderExtras | None) -> None:
    """`workingFloor` appears for orders that use smart order routing, and with it, later on, `usedSor`."""
    if extras is not None and extras.working_floor is not None:
        result["workingFloor"] = extras.working_floor


def add_used_sor(result: dict[str, Any], extras: OrderExtras | None) -> None:
    """`usedSor` appears for orders that use smart order routing."""
    if extras is not None and extras.working_floor is not None:
        result["usedSor"] = True


def add_expiry_reason(result: dict[str, Any], order: OrderView) -> None:
    """`expiryReason` appears when the order has expired."""
    if order.status is _EXPIRED:
        result["expiryReason"] = expiry_reason(order)


def add_prevented_quantity(result: dict[str, Any], order: OrderView) -> None:
    """`preventedQuantity` appears when self-trade prevention took from the order (faqs/stp_faq.md)."""
    if order.prevented:
        result["preventedQuantity"] = grid_text(order.prevented)


def add_prevented(result: dict[str, Any], order: OrderView) -> None:
    """With it, what is queried has the match that was prevented, the last one of several."""
    if order.prevented:
        result["preventedMatchId"] = order.prevented_match_id
        result["preventedQuantity"] = grid_text(order.prevented)
