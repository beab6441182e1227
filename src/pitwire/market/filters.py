"""The trading filters (filters.md): what an order, and an account's orders together, must satisfy.

One definition serves both ends: the exchange refuses with it, a client can check before it sends (`filter_checks`).
A limit of 0 switches its rule off. filters.md documents that for PRICE_FILTER; Binance's own MARKET_LOT_SIZE rows,
whose step size is 0, show that it holds for quantities too.
"""

from msgspec import Struct

from pitwire.market.numbers import Amount, Price, Quantity


class PriceFilter(Struct, frozen=True, kw_only=True, array_like=True, tag="PRICE_FILTER"):
    """Bounds of a price, and the tick that it is a multiple of."""

    min_price: Price
    max_price: Price
    tick_size: Price


class PercentPrice(Struct, frozen=True, kw_only=True, array_like=True, tag="PERCENT_PRICE"):
    """Bounds of a price relative to the average price. Multipliers are fractions scaled by 1e-8."""

    multiplier_up: int
    multiplier_down: int
    average_price_minutes: int


class PercentPriceBySide(Struct, frozen=True, kw_only=True, array_like=True, tag="PERCENT_PRICE_BY_SIDE"):
    """The same with bounds of their own for buying (bid) and selling (ask)."""

    bid_multiplier_up: int
    bid_multiplier_down: int
    ask_multiplier_up: int
    ask_multiplier_down: int
    average_price_minutes: int


class LotSize(Struct, frozen=True, kw_only=True, array_like=True, tag="LOT_SIZE"):
    """Bounds of any order's quantity, and the step that it is a multiple of."""

    min_quantity: Quantity
    max_quantity: Quantity
    step_size: Quantity


class MarketLotSize(Struct, frozen=True, kw_only=True, array_like=True, tag="MARKET_LOT_SIZE"):
    """The same for market orders, on top of LOT_SIZE."""

    min_quantity: Quantity
    max_quantity: Quantity
    step_size: Quantity


class MinNotional(Struct, frozen=True, kw_only=True, array_like=True, tag="MIN_NOTIONAL"):
    """The least `price * quantity`: what NOTIONAL took the place of on most symbols."""

    min_notional: Amount
    apply_to_market: bool
    average_price_minutes: int


class Notional(Struct, frozen=True, kw_only=True, array_like=True, tag="NOTIONAL"):
    """Bounds of `price * quantity`; a market order has the average price of the last minutes for a price."""

    min_notional: Amount
    apply_min_to_market: bool
    max_notional: Amount
    apply_max_to_market: bool
    average_price_minutes: int


class MaxNumOrders(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_NUM_ORDERS"):
    """How many orders an account may have open on the symbol."""

    max_num_orders: int


class IcebergParts(Struct, frozen=True, kw_only=True, array_like=True, tag="ICEBERG_PARTS"):
    """Into how many visible parts an iceberg order may fall."""

    limit: int


class MaxNumAlgoOrders(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_NUM_ALGO_ORDERS"):
    """How many stop loss and take profit orders an account may have open on the symbol."""

    max_num_algo_orders: int


class MaxNumIcebergOrders(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_NUM_ICEBERG_ORDERS"):
    """How many iceberg orders an account may have open on the symbol."""

    max_num_iceberg_orders: int


class MaxPosition(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_POSITION"):
    """How much of the base asset an account may have, and have asked for in open BUY orders."""

    max_position: Quantity


class TrailingDelta(Struct, frozen=True, kw_only=True, array_like=True, tag="TRAILING_DELTA"):
    """Bounds of `trailingDelta` in basis points, for orders that trigger above the price and below it."""

    min_trailing_above_delta: int
    max_trailing_above_delta: int
    min_trailing_below_delta: int
    max_trailing_below_delta: int


class MaxNumOrderAmends(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_NUM_ORDER_AMENDS"):
    """How often one order may be amended."""

    max_num_order_amends: int


class MaxNumOrderLists(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_NUM_ORDER_LISTS"):
    """How many order lists an account may have open on the symbol."""

    max_num_order_lists: int


class ExchangeMaxNumOrders(Struct, frozen=True, kw_only=True, array_like=True, tag="EXCHANGE_MAX_NUM_ORDERS"):
    """How many orders an account may have open on the whole exchange."""

    max_num_orders: int


class ExchangeMaxNumAlgoOrders(Struct, frozen=True, kw_only=True, array_like=True, tag="EXCHANGE_MAX_NUM_ALGO_ORDERS"):
    """How many stop loss and take profit orders an account may have open on the whole exchange."""

    max_num_algo_orders: int


class ExchangeMaxNumIcebergOrders(
    Struct, frozen=True, kw_only=True, array_like=True, tag="EXCHANGE_MAX_NUM_ICEBERG_ORDERS"
):
    """How many iceberg orders an account may have open on the whole exchange."""

    max_num_iceberg_orders: int


class ExchangeMaxNumOrderLists(Struct, frozen=True, kw_only=True, array_like=True, tag="EXCHANGE_MAX_NUM_ORDER_LISTS"):
    """How many order lists an account may have open on the whole exchange."""

    max_num_order_lists: int


class MaxAsset(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_ASSET"):
    """How much of an asset an account may ask for in one order: its quantity, or where it is the quote its notional."""

    asset: str
    limit: Amount


Filter = (
    PriceFilter
    | PercentPrice
    | PercentPriceBySide
    | LotSize
    | MinNotional
    | Notional
    | IcebergParts
    | MarketLotSize
    | MaxNumOrders
    | MaxNumAlgoOrders
    | MaxNumIcebergOrders
    | MaxPosition
    | TrailingDelta
    | MaxNumOrderAmends
    | MaxNumOrderLists
)
"""A filter of a symbol, in the order in which filters.md has them."""

ExchangeFilter = (
    ExchangeMaxNumOrders | ExchangeMaxNumAlgoOrders | ExchangeMaxNumIcebergOrders | ExchangeMaxNumOrderLists
)
"""A filter of the whole exchange."""

AnyFilter = Filter | ExchangeFilter | MaxAsset
