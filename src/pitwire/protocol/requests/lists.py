"""Requests of web-socket-api.md, Order lists.

Trailing deltas are in basis points. Which parameters an order's type needs is the same as for `order.place`.
"""

from decimal import Decimal
from typing import ClassVar

from pitwire.market.enums import (
    OrderResponseType,
    OrderType,
    PegOffsetType,
    PegPriceType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from pitwire.protocol.requests.base import Method, R_co, Security, SignedRequest
from pitwire.protocol.results import OrderListCanceled, OrderListPlaced


class OrderListPlace(SignedRequest[OrderListPlaced], frozen=True, kw_only=True):
    """Place new OCO - Deprecated (TRADE).

    A LIMIT_MAKER at `price` and a stop loss at `stop_price` or by `trailing_delta`; `order_list_place_oco` replaces it.
    """

    METHOD: ClassVar[Method] = Method("orderList.place", Security.TRADE, weight=1, unfilled_orders=1)

    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    list_client_order_id: str | None = None
    limit_client_order_id: str | None = None
    limit_iceberg_qty: Decimal | None = None
    limit_strategy_id: int | None = None
    limit_strategy_type: int | None = None
    stop_price: Decimal | None = None
    trailing_delta: int | None = None
    stop_client_order_id: str | None = None
    stop_limit_price: Decimal | None = None
    stop_limit_time_in_force: TimeInForce | None = None
    stop_iceberg_qty: Decimal | None = None
    stop_strategy_id: int | None = None
    stop_strategy_type: int | None = None
    new_order_resp_type: OrderResponseType | None = None
    self_trade_prevention_mode: SelfTradePrevention | None = None


class OrderListPlaceOco(SignedRequest[OrderListPlaced], frozen=True, kw_only=True):
    """Place new Order list - OCO (TRADE).

    Two orders, one above and one below the market; what fills or triggers one cancels the other.
    """

    METHOD: ClassVar[Method] = Method("orderList.place.oco", Security.TRADE, weight=1, unfilled_orders=2)

    symbol: str
    list_client_order_id: str | None = None
    side: Side
    quantity: Decimal
    above_type: OrderType
    above_client_order_id: str | None = None
    above_iceberg_qty: Decimal | None = None
    above_price: Decimal | None = None
    above_stop_price: Decimal | None = None
    above_trailing_delta: int | None = None
    above_time_in_force: TimeInForce | None = None
    above_strategy_id: int | None = None
    above_strategy_type: int | None = None
    above_peg_price_type: PegPriceType | None = None
    above_peg_offset_type: PegOffsetType | None = None
    above_peg_offset_value: int | None = None
    below_type: OrderType
    below_client_order_id: str | None = None
    below_iceberg_qty: Decimal | None = None
    below_price: Decimal | None = None
    below_stop_price: Decimal | None = None
    below_trailing_delta: int | None = None
    below_time_in_force: TimeInForce | None = None
    below_strategy_id: int | None = None
    below_strategy_type: int | None = None
    below_peg_price_type: PegPriceType | None = None
    below_peg_offset_type: PegOffsetType | None = None
    below_peg_offset_value: int | None = None
    new_order_resp_type: OrderResponseType | None = None
    self_trade_prevention_mode: SelfTradePrevention | None = None


class _WithWorkingOrder(SignedRequest[R_co], frozen=True, kw_only=True):
    """A list whose working order goes on the book at once, and whose pending orders wait until it is filled."""

    symbol: str
    list_client_order_id: str | None = None
    new_order_resp_type: OrderResponseType | None = None
    self_trade_prevention_mode: SelfTradePrevention | None = None
    working_type: OrderType
    working_side: Side
    working_client_order_id: str | None = None
    working_price: Decimal
    working_quantity: Decimal
    working_iceberg_qty: Decimal | None = None
    working_time_in_force: TimeInForce | None = None
    working_strategy_id: int | None = None
    working_strategy_type: int | None = None
    working_peg_price_type: PegPriceType | None = None
    working_peg_offset_type: PegOffsetType | None = None
    working_peg_offset_value: int | None = None


class _WithPendingOrder(_WithWorkingOrder[R_co], frozen=True, kw_only=True):
    """One pending order."""

    pending_type: OrderType
    pending_side: Side
    pending_client_order_id: str | None = None
    pending_price: Decimal | None = None
    pending_stop_price: Decimal | None = None
    pending_trailing_delta: int | None = None
    pending_iceberg_qty: Decimal | None = None
    pending_time_in_force: TimeInForce | None = None
    pending_strategy_id: int | None = None
    pending_strategy_type: int | None = None
    pending_peg_price_type: PegPriceType | None = None
    pending_peg_offset_type: PegOffsetType | None = None
    pending_peg_offset_value: int | None = None


class _WithPendingPair(_WithWorkingOrder[R_co], frozen=True, kw_only=True):
    """A pair of pending orders, one above and one below, of which one cancels the other."""

    pending_side: Side
    pending_above_type: OrderType
    pending_above_client_order_id: str | None = None
    pending_above_price: Decimal | None = None
    pending_above_stop_price: Decimal | None = None
    pending_above_trailing_delta: int | None = None
    pending_above_iceberg_qty: Decimal | None = None
    pending_above_time_in_force: TimeInForce | None = None
    pending_above_strategy_id: int | None = None
    pending_above_strategy_type: int | None = None
    pending_above_peg_price_type: PegPriceType | None = None
    pending_above_peg_offset_type: PegOffsetType | None = None
    pending_above_peg_offset_value: int | None = None
    pending_below_type: OrderType | None = None
    pending_below_client_order_id: str | None = None
    pending_below_price: Decimal | None = None
    pending_below_stop_price: Decimal | None = None
    pending_below_trailing_delta: int | None = None
    pending_below_iceberg_qty: Decimal | None = None
    pending_below_time_in_force: TimeInForce | None = None
    pending_below_strategy_id: int | None = None
    pending_below_strategy_type: int | None = None
    pending_below_peg_price_type: PegPriceType | None = None
    pending_below_peg_offset_type: PegOffsetType | None = None
    pending_below_peg_offset_value: int | None = None


class OrderListPlaceOto(_WithPendingOrder[OrderListPlaced], frozen=True, kw_only=True):
    """Place new Order list - OTO (TRADE).

    A working order that, once filled, places a pending one.
    """

    METHOD: ClassVar[Method] = Method("orderList.place.oto", Security.TRADE, weight=1, unfilled_orders=2)

    pending_quantity: Decimal


class OrderListPlaceOtoco(_WithPendingPair[OrderListPlaced], frozen=True, kw_only=True):
    """Place new Order list - OTOCO (TRADE).

    A working order that, once filled, places a pair of which one cancels the other.
    """

    METHOD: ClassVar[Method] = Method("orderList.place.otoco", Security.TRADE, weight=1, unfilled_orders=3)

    pending_quantity: Decimal


class OrderListPlaceOpo(_WithPendingOrder[OrderListPlaced], frozen=True, kw_only=True):
    """OPO (TRADE).

    A working buy order that, once filled, places a pending sell order for what it brought in (faqs/opo.md).
    """

    METHOD: ClassVar[Method] = Method("orderList.place.opo", Security.TRADE, weight=1, unfilled_orders=2)


class OrderListPlaceOpoco(_WithPendingPair[OrderListPlaced], frozen=True, kw_only=True):
    """OPOCO (TRADE).

    A working buy order that, once filled, places a pair of sell orders for what it brought in (faqs/opo.md).
    """

    METHOD: ClassVar[Method] = Method("orderList.place.opoco", Security.TRADE, weight=1, unfilled_orders=3)


class OrderListCancel(SignedRequest[OrderListCanceled], frozen=True, kw_only=True):
    """Cancel Order list (TRADE).

    By `order_list_id`, by `list_client_order_id`, or by both, which must then agree.
    """

    METHOD: ClassVar[Method] = Method("orderList.cancel", Security.TRADE, weight=1)

    symbol: str
    order_list_id: int | None = None
    list_client_order_id: str | None = None
    new_client_order_id: str | None = None
