"""Fields of an order that appear only when their condition holds.

Source: web-socket-api.md, Conditional fields in Order Responses; user-data-stream.md, Conditional Fields in Execution
Report. The fields of trailing stops, icebergs, pegged orders, SOR and self-trade prevention belong to order types that
the engine does not take yet, so their conditions never hold.
"""

from typing import Any

from pitwire.exchange.messages import OrderView
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
