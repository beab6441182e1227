"""Results of web-socket-api.md, Account requests. Times are in the connection's time unit, by default milliseconds."""

from decimal import Decimal

from msgspec import UNSET, UnsetType

from pitwire.market.enums import OrderStatus, OrderType, Side, TimeInForce
from pitwire.protocol.results.base import Result
from pitwire.protocol.results.general import FilterRules
from pitwire.protocol.results.trading import CommissionDiscount, ConditionalFields


class CommissionRates(Result, frozen=True, kw_only=True):
    """Commission rates as fractions: 0.001 is 0.1 %."""

    maker: Decimal
    taker: Decimal
    buyer: Decimal
    seller: Decimal


class AssetBalance(Result, frozen=True, kw_only=True):
    """What an account has of an asset; `locked` is bound in open orders."""

    asset: str
    free: Decimal
    locked: Decimal


class Account(Result, frozen=True, kw_only=True):
    """Account information. `maker_commission` and its three neighbours are in units of 0.01 %."""

    maker_commission: int
    taker_commission: int
    buyer_commission: int
    seller_commission: int
    commission_rates: CommissionRates
    can_trade: bool
    can_withdraw: bool
    can_deposit: bool
    brokered: bool
    require_self_trade_prevention: bool
    prevent_sor: bool
    update_time: int
    account_type: str
    balances: tuple[AssetBalance, ...]
    permissions: tuple[str, ...]
    uid: int
    trade_group_id: int | UnsetType = UNSET


class Order(ConditionalFields, frozen=True, kw_only=True):
    """Query order, Current open orders, Account order history."""

    symbol: str
    order_id: int
    order_list_id: int
    client_order_id: str
    price: Decimal
    orig_qty: Decimal
    executed_qty: Decimal
    cummulative_quote_qty: Decimal
    status: OrderStatus
    time_in_force: TimeInForce
    type: OrderType
    side: Side
    time: int
    update_time: int
    is_working: bool
    working_time: int | UnsetType = UNSET
    orig_quote_order_qty: Decimal
    self_trade_prevention_mode: str | UnsetType = UNSET


class AccountTrade(Result, frozen=True, kw_only=True):
    """One of Account trade history."""

    symbol: str
    id: int
    order_id: int
    order_list_id: int
    price: Decimal
    qty: Decimal
    quote_qty: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    is_buyer: bool
    is_maker: bool
    is_best_match: bool


class PreventedMatch(Result, frozen=True, kw_only=True):
    """One of Account prevented matches: a match that self-trade prevention kept from happening (faqs/stp_faq.md)."""

    symbol: str
    prevented_match_id: int
    taker_order_id: int
    maker_symbol: str
    maker_order_id: int
    trade_group_id: int
    self_trade_prevention_mode: str
    price: Decimal
    maker_prevented_quantity: Decimal | UnsetType = UNSET
    taker_prevented_quantity: Decimal | UnsetType = UNSET
    transact_time: int


class Allocation(Result, frozen=True, kw_only=True):
    """One of Account allocations, from smart order routing (faqs/sor_faq.md)."""

    symbol: str
    allocation_id: int
    allocation_type: str
    order_id: int
    order_list_id: int
    price: Decimal
    qty: Decimal
    quote_qty: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    is_buyer: bool
    is_maker: bool
    is_allocator: bool


class AccountCommissionRates(Result, frozen=True, kw_only=True):
    """Account Commission Rates for one symbol (faqs/commission_faq.md)."""

    symbol: str
    standard_commission: CommissionRates
    special_commission: CommissionRates | UnsetType = UNSET
    tax_commission: CommissionRates
    discount: CommissionDiscount


class Amendment(Result, frozen=True, kw_only=True):
    """One of Query Order Amendments."""

    symbol: str
    order_id: int
    execution_id: int
    orig_client_order_id: str
    new_client_order_id: str
    orig_qty: Decimal
    new_qty: Decimal
    time: int


class RelevantFilters(Result, frozen=True, kw_only=True):
    """Query Relevant Filters: those that bind this account on this symbol."""

    exchange_filters: tuple[FilterRules, ...]
    symbol_filters: tuple[FilterRules, ...]
    asset_filters: tuple[FilterRules, ...]
