"""The trading filters (filters.md): what a price, a quantity and their product must satisfy.

One definition serves both ends: the exchange refuses with it, a client can check before it sends (`order_limits`).
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


class MaxNumOrderAmends(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_NUM_ORDER_AMENDS"):
    """How many times one order may be amended."""

    max_num_order_amends: int


Filter = PriceFilter | LotSize | MarketLotSize | Notional | MaxNumOrders | IcebergParts | MaxNumOrderAmends
