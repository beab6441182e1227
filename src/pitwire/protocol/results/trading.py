"""Results of web-socket-api.md, Trading requests. Times are in the connection's time unit, by default milliseconds."""

from decimal import Decimal

from msgspec import UNSET, UnsetType

from pitwire.market.enums import (
    ContingencyType,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from pitwire.protocol.results.base import Result


class ConditionalFields(Result, frozen=True, kw_only=True):
    """Conditional fields in Order Responses: each is set only where its condition holds."""

    iceberg_qty: Decimal | UnsetType = UNSET
    prevented_match_id: int | UnsetType = UNSET
    prevented_quantity: Decimal | UnsetType = UNSET
    stop_price: Decimal | UnsetType = UNSET
    strategy_id: int | UnsetType = UNSET
    strategy_type: int | UnsetType = UNSET
    trailing_delta: int | UnsetType = UNSET
    trailing_time: int | UnsetType = UNSET
    used_sor: bool | UnsetType = UNSET
    working_floor: str | UnsetType = UNSET
    peg_price_type: str | UnsetType = UNSET
    peg_offset_type: str | UnsetType = UNSET
    peg_offset_value: int | UnsetType = UNSET
    pegged_price: Decimal | UnsetType = UNSET
    expiry_reason: str | UnsetType = UNSET


class Fill(Result, frozen=True, kw_only=True):
    """A trade that filled an order as it was placed. `match_type` and `alloc_id` come with smart order routing."""

    price: Decimal
    qty: Decimal
    commission: Decimal
    commission_asset: str
    trade_id: int
    match_type: str | UnsetType = UNSET
    alloc_id: int | UnsetType = UNSET


class PreventedMatchOfOrder(Result, frozen=True, kw_only=True):
    """A match that self-trade prevention kept an order from as it was placed (faqs/stp_faq.md)."""

    prevented_match_id: int
    maker_symbol: str | UnsetType = UNSET
    maker_order_id: int
    price: Decimal
    taker_prevented_quantity: Decimal | UnsetType = UNSET
    maker_prevented_quantity: Decimal | UnsetType = UNSET


class OrderPlaced(ConditionalFields, frozen=True, kw_only=True):
    """Place new order. `newOrderRespType` decides what is set: ACK up to `transact_time`, RESULT all but `fills`.

    `order_list_id` is -1 for an order of its own; `working_time` is -1 while the order waits for something.
    """

    symbol: str
    order_id: int
    order_list_id: int
    client_order_id: str
    transact_time: int
    price: Decimal | UnsetType = UNSET
    orig_qty: Decimal | UnsetType = UNSET
    executed_qty: Decimal | UnsetType = UNSET
    orig_quote_order_qty: Decimal | UnsetType = UNSET
    cummulative_quote_qty: Decimal | UnsetType = UNSET
    status: OrderStatus | UnsetType = UNSET
    time_in_force: TimeInForce | UnsetType = UNSET
    type: OrderType | UnsetType = UNSET
    side: Side | UnsetType = UNSET
    working_time: int | UnsetType = UNSET
    fills: tuple[Fill, ...] | UnsetType = UNSET
    prevented_matches: tuple[PreventedMatchOfOrder, ...] | UnsetType = UNSET
    self_trade_prevention_mode: str | UnsetType = UNSET
    trade_group_id: int | UnsetType = UNSET


class MakerTakerRates(Result, frozen=True, kw_only=True):
    """Commission rates for the two sides of a trade, as fractions."""

    maker: Decimal
    taker: Decimal


class CommissionDiscount(Result, frozen=True, kw_only=True):
    """Discount on standard commission when it is paid in `discount_asset`."""

    enabled_for_account: bool
    enabled_for_symbol: bool
    discount_asset: str
    discount: Decimal


class OrderTested(Result, frozen=True, kw_only=True):
    """Test new order: nothing is set, unless `computeCommissionRates` was."""

    standard_commission_for_order: MakerTakerRates | UnsetType = UNSET
    special_commission_for_order: MakerTakerRates | UnsetType = UNSET
    tax_commission_for_order: MakerTakerRates | UnsetType = UNSET
    discount: CommissionDiscount | UnsetType = UNSET


class ListedOrder(Result, frozen=True, kw_only=True):
    """An order of an order list, by its ids."""

    symbol: str
    order_id: int
    client_order_id: str


class CanceledOrder(ConditionalFields, frozen=True, kw_only=True):
    """An order as its cancellation left it. `client_order_id` is the cancel's, `orig_client_order_id` the order's."""

    symbol: str
    orig_client_order_id: str | UnsetType = UNSET
    order_id: int
    order_list_id: int
    client_order_id: str
    transact_time: int
    price: Decimal
    orig_qty: Decimal | UnsetType = UNSET
    executed_qty: Decimal
    orig_quote_order_qty: Decimal | UnsetType = UNSET
    cummulative_quote_qty: Decimal
    status: OrderStatus
    time_in_force: TimeInForce
    type: OrderType
    side: Side
    self_trade_prevention_mode: str | UnsetType = UNSET


class Canceled(ConditionalFields, frozen=True, kw_only=True):
    """Cancel order, Cancel open orders: a single order or, where it was part of one, its whole order list.

    The two shapes share `symbol` and `order_list_id` only. `is_order_list` tells them apart: a list sets the fields
    from `contingency_type` on, an order those before.
    """

    symbol: str
    order_list_id: int
    orig_client_order_id: str | UnsetType = UNSET
    order_id: int | UnsetType = UNSET
    client_order_id: str | UnsetType = UNSET
    transact_time: int | UnsetType = UNSET
    price: Decimal | UnsetType = UNSET
    orig_qty: Decimal | UnsetType = UNSET
    executed_qty: Decimal | UnsetType = UNSET
    orig_quote_order_qty: Decimal | UnsetType = UNSET
    cummulative_quote_qty: Decimal | UnsetType = UNSET
    status: OrderStatus | UnsetType = UNSET
    time_in_force: TimeInForce | UnsetType = UNSET
    type: OrderType | UnsetType = UNSET
    side: Side | UnsetType = UNSET
    self_trade_prevention_mode: str | UnsetType = UNSET
    contingency_type: ContingencyType | UnsetType = UNSET
    list_status_type: ListStatusType | UnsetType = UNSET
    list_order_status: ListOrderStatus | UnsetType = UNSET
    list_client_order_id: str | UnsetType = UNSET
    transaction_time: int | UnsetType = UNSET
    orders: tuple[ListedOrder, ...] | UnsetType = UNSET
    order_reports: tuple[CanceledOrder, ...] | UnsetType = UNSET

    @property
    def is_order_list(self) -> bool:
        """Whether a whole order list was cancelled."""
        return self.contingency_type is not UNSET


class CancelReplaced(Result, frozen=True, kw_only=True):
    """Cancel and replace order, both halves done. Where one failed, `CancelReplaceFailed` is raised instead."""

    cancel_result: str
    new_order_result: str
    cancel_response: Canceled
    new_order_response: OrderPlaced


class AmendedOrder(ConditionalFields, frozen=True, kw_only=True):
    """An order after its quantity was reduced. Here, and only here, Binance spells `cumulativeQuoteQty` with one m."""

    symbol: str
    order_id: int
    order_list_id: int
    orig_client_order_id: str
    client_order_id: str
    price: Decimal
    qty: Decimal
    executed_qty: Decimal
    prevented_qty: Decimal
    quote_order_qty: Decimal
    cumulative_quote_qty: Decimal
    status: OrderStatus
    time_in_force: TimeInForce
    type: OrderType
    side: Side
    working_time: int | UnsetType = UNSET
    self_trade_prevention_mode: str


class AmendedListStatus(Result, frozen=True, kw_only=True):
    """The order list that an amended order belongs to."""

    order_list_id: int
    contingency_type: ContingencyType
    list_order_status: ListOrderStatus
    list_client_order_id: str
    symbol: str
    orders: tuple[ListedOrder, ...]


class OrderAmended(Result, frozen=True, kw_only=True):
    """Order Amend Keep Priority."""

    transact_time: int
    execution_id: int
    amended_order: AmendedOrder
    list_status: AmendedListStatus | UnsetType = UNSET
