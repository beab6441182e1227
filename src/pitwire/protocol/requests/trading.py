"""Requests of web-socket-api.md, Trading requests: single orders and SOR. Order lists are in `lists`."""

from decimal import Decimal
from typing import ClassVar

from pitwire.market.enums import (
    CancelReplaceMode,
    CancelRestriction,
    OrderRateLimitExceededMode,
    OrderResponseType,
    OrderType,
    PegOffsetType,
    PegPriceType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from pitwire.protocol.requests import weights
from pitwire.protocol.requests.base import Method, R_co, Security, SignedRequest
from pitwire.protocol.results import Canceled, CancelReplaced, OrderAmended, OrderPlaced, OrderTested


class _NewOrder(SignedRequest[R_co], frozen=True, kw_only=True):
    """What placing an order takes; which parameters a type needs is a table (Place new order (TRADE))."""

    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    quote_order_qty: Decimal | None = None
    new_client_order_id: str | None = None
    new_order_resp_type: OrderResponseType | None = None
    stop_price: Decimal | None = None
    trailing_delta: int | None = None
    iceberg_qty: Decimal | None = None
    strategy_id: int | None = None
    strategy_type: int | None = None
    self_trade_prevention_mode: SelfTradePrevention | None = None
    peg_price_type: PegPriceType | None = None
    peg_offset_value: int | None = None
    peg_offset_type: PegOffsetType | None = None


class OrderPlace(_NewOrder[OrderPlaced], frozen=True, kw_only=True):
    """Place new order (TRADE).

    LIMIT takes `time_in_force`, `price`, `quantity`; LIMIT_MAKER `price`, `quantity`; MARKET `quantity` or
    `quote_order_qty`. `new_order_resp_type` is FULL by default for LIMIT and MARKET, ACK otherwise.
    """

    METHOD: ClassVar[Method] = Method("order.place", Security.TRADE, weight=1, unfilled_orders=1)


class OrderTest(_NewOrder[OrderTested], frozen=True, kw_only=True):
    """Test new order (TRADE).

    Checks the parameters and the signature of an order, and does not place it.
    """

    METHOD: ClassVar[Method] = Method("order.test", Security.TRADE, weight=weights.order_test)

    compute_commission_rates: bool | None = None


class OrderCancel(SignedRequest[Canceled], frozen=True, kw_only=True):
    """Cancel order (TRADE).

    By `order_id`, by `orig_client_order_id`, or by both, which must then agree. An order of an order list takes the
    whole list with it.
    """

    METHOD: ClassVar[Method] = Method("order.cancel", Security.TRADE, weight=1)

    symbol: str
    order_id: int | None = None
    orig_client_order_id: str | None = None
    new_client_order_id: str | None = None
    cancel_restrictions: CancelRestriction | None = None


class OrderCancelReplace(SignedRequest[CancelReplaced], frozen=True, kw_only=True):
    """Cancel and replace order (TRADE).

    The order to cancel by `cancel_order_id`, `cancel_orig_client_order_id` or both; the new one as in `order.place`.
    """

    METHOD: ClassVar[Method] = Method("order.cancelReplace", Security.TRADE, weight=1, unfilled_orders=1)

    symbol: str
    cancel_replace_mode: CancelReplaceMode
    cancel_order_id: int | None = None
    cancel_orig_client_order_id: str | None = None
    cancel_new_client_order_id: str | None = None
    side: Side
    type: OrderType
    time_in_force: TimeInForce | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    quote_order_qty: Decimal | None = None
    new_client_order_id: str | None = None
    new_order_resp_type: OrderResponseType | None = None
    stop_price: Decimal | None = None
    trailing_delta: int | None = None
    iceberg_qty: Decimal | None = None
    strategy_id: int | None = None
    strategy_type: int | None = None
    self_trade_prevention_mode: SelfTradePrevention | None = None
    cancel_restrictions: CancelRestriction | None = None
    order_rate_limit_exceeded_mode: OrderRateLimitExceededMode | None = None
    peg_price_type: PegPriceType | None = None
    peg_offset_value: int | None = None
    peg_offset_type: PegOffsetType | None = None


class OrderAmendKeepPriority(SignedRequest[OrderAmended], frozen=True, kw_only=True):
    """Order Amend Keep Priority (TRADE).

    Reduces an open order's quantity to `new_qty`. The order by `order_id` or `orig_client_order_id`.
    """

    METHOD: ClassVar[Method] = Method("order.amend.keepPriority", Security.TRADE, weight=4, unfilled_orders=0)

    symbol: str
    order_id: int | None = None
    orig_client_order_id: str | None = None
    new_client_order_id: str | None = None
    new_qty: Decimal


class OpenOrdersCancelAll(SignedRequest[tuple[Canceled, ...]], frozen=True, kw_only=True):
    """Cancel open orders (TRADE).

    All open orders on the symbol, order lists among them.
    """

    METHOD: ClassVar[Method] = Method("openOrders.cancelAll", Security.TRADE, weight=1)

    symbol: str


class _NewSorOrder(SignedRequest[R_co], frozen=True, kw_only=True):
    """What placing an order with smart order routing takes: LIMIT and MARKET only."""

    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce | None = None
    price: Decimal | None = None
    quantity: Decimal
    new_client_order_id: str | None = None
    new_order_resp_type: OrderResponseType | None = None
    iceberg_qty: Decimal | None = None
    strategy_id: int | None = None
    strategy_type: int | None = None
    self_trade_prevention_mode: SelfTradePrevention | None = None


class SorOrderPlace(_NewSorOrder[tuple[OrderPlaced, ...]], frozen=True, kw_only=True):
    """Place new order using SOR (TRADE).

    LIMIT and MARKET only, and no `quote_order_qty`.
    """

    METHOD: ClassVar[Method] = Method("sor.order.place", Security.TRADE, weight=1, unfilled_orders=1)


class SorOrderTest(_NewSorOrder[OrderTested], frozen=True, kw_only=True):
    """Test new order using SOR (TRADE).

    Checks the parameters and the signature of an order, and does not place it.
    """

    METHOD: ClassVar[Method] = Method("sor.order.test", Security.TRADE, weight=weights.order_test)

    compute_commission_rates: bool | None = None
