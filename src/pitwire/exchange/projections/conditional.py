"""Fields of an order that appear only when their condition holds.

Source: web-socket-api.md, Conditional fields in Order Responses; user-data-stream.md, Conditional Fields in Execution
Report. The fields of trailing stops, icebergs, pegged orders and SOR belong to order types that the engine does not
take yet, so their conditions never hold.
"""

from typing import Any

from pitwire.exchange.messages import OrderView
from pitwire.exchange.projections.wire import grid_text
from pitwire.market.enums import OrderStatus, TimeInForce

_EXPIRED = OrderStatus.EXPIRED


def expiry_reason(order: OrderView) -> str:
    """Why the rest of an expired order lapsed (user-data-stream.md, Order Expiry Reason)."""
    if order.expiry_reason:
        return order.expiry_reason
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
