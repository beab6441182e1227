"""Results of web-socket-api.md, General requests. Times are in the connection's time unit, by default milliseconds."""

from decimal import Decimal

from msgspec import UNSET, UnsetType

from pitwire.market.enums import RateLimitInterval, RateLimitType
from pitwire.protocol.results.base import Result


class ServerTime(Result, frozen=True, kw_only=True):
    """Check server time."""

    server_time: int


class RateLimit(Result, frozen=True, kw_only=True):
    """A limit of so many per `interval_num` intervals. `count`, what is used of it, is absent from exchangeInfo."""

    rate_limit_type: RateLimitType
    interval: RateLimitInterval
    interval_num: int
    limit: int
    count: int | UnsetType = UNSET


class FilterRules(Result, frozen=True, kw_only=True):
    """A filter as the exchange describes it (filters.md): `filter_type` says which of the fields are set.

    One struct for all, because a filter that this library does not know must not make exchangeInfo unreadable.
    """

    filter_type: str
    min_price: Decimal | UnsetType = UNSET
    max_price: Decimal | UnsetType = UNSET
    tick_size: Decimal | UnsetType = UNSET
    multiplier_up: Decimal | UnsetType = UNSET
    multiplier_down: Decimal | UnsetType = UNSET
    bid_multiplier_up: Decimal | UnsetType = UNSET
    bid_multiplier_down: Decimal | UnsetType = UNSET
    ask_multiplier_up: Decimal | UnsetType = UNSET
    ask_multiplier_down: Decimal | UnsetType = UNSET
    min_qty: Decimal | UnsetType = UNSET
    max_qty: Decimal | UnsetType = UNSET
    step_size: Decimal | UnsetType = UNSET
    min_notional: Decimal | UnsetType = UNSET
    max_notional: Decimal | UnsetType = UNSET
    apply_to_market: bool | UnsetType = UNSET
    apply_min_to_market: bool | UnsetType = UNSET
    apply_max_to_market: bool | UnsetType = UNSET
    avg_price_mins: int | UnsetType = UNSET
    max_num_orders: int | UnsetType = UNSET
    max_num_algo_orders: int | UnsetType = UNSET
    max_num_iceberg_orders: int | UnsetType = UNSET
    max_num_order_amends: int | UnsetType = UNSET
    max_num_order_lists: int | UnsetType = UNSET
    max_position: Decimal | UnsetType = UNSET
    min_trailing_above_delta: int | UnsetType = UNSET
    max_trailing_above_delta: int | UnsetType = UNSET
    min_trailing_below_delta: int | UnsetType = UNSET
    max_trailing_below_delta: int | UnsetType = UNSET
    asset: str | UnsetType = UNSET
    # ICEBERG_PARTS counts parts with it, in a JSON number; MAX_ASSET means an amount, in a string.
    limit: int | Decimal | UnsetType = UNSET


class SymbolInformation(Result, frozen=True, kw_only=True):
    """One symbol of exchangeInfo. `permission_sets` is an AND of ORs: one permission of each inner tuple is needed."""

    symbol: str
    status: str
    base_asset: str
    base_asset_precision: int
    quote_asset: str
    quote_precision: int
    quote_asset_precision: int
    base_commission_precision: int
    quote_commission_precision: int
    order_types: tuple[str, ...]
    iceberg_allowed: bool
    oco_allowed: bool
    oto_allowed: bool
    opo_allowed: bool | UnsetType = UNSET
    quote_order_qty_market_allowed: bool
    allow_trailing_stop: bool
    cancel_replace_allowed: bool
    amend_allowed: bool | UnsetType = UNSET
    peg_instructions_allowed: bool | UnsetType = UNSET
    is_spot_trading_allowed: bool
    is_margin_trading_allowed: bool
    filters: tuple[FilterRules, ...]
    permissions: tuple[str, ...] = ()
    permission_sets: tuple[tuple[str, ...], ...] = ()
    default_self_trade_prevention_mode: str
    allowed_self_trade_prevention_modes: tuple[str, ...]


class SmartOrderRouting(Result, frozen=True, kw_only=True):
    """Symbols among which orders for `base_asset` can be routed (faqs/sor_faq.md)."""

    base_asset: str
    symbols: tuple[str, ...]


class ExchangeInformation(Result, frozen=True, kw_only=True):
    """Exchange information. `sors` is sent only where smart order routing is available."""

    timezone: str
    server_time: int
    rate_limits: tuple[RateLimit, ...]
    exchange_filters: tuple[FilterRules, ...]
    symbols: tuple[SymbolInformation, ...]
    sors: tuple[SmartOrderRouting, ...] | UnsetType = UNSET


class ExecutionRule(Result, frozen=True, kw_only=True):
    """A rule of execution (faqs/price_range_execution_rules.md): how far from the reference price a trade may be."""

    rule_type: str
    bid_limit_mult_up: Decimal | UnsetType = UNSET
    bid_limit_mult_down: Decimal | UnsetType = UNSET
    ask_limit_mult_up: Decimal | UnsetType = UNSET
    ask_limit_mult_down: Decimal | UnsetType = UNSET


class SymbolExecutionRules(Result, frozen=True, kw_only=True):
    """The execution rules of one symbol."""

    symbol: str
    rules: tuple[ExecutionRule, ...]


class ExecutionRulesInformation(Result, frozen=True, kw_only=True):
    """Query Execution Rules."""

    symbol_rules: tuple[SymbolExecutionRules, ...]
