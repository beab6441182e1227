"""The trading filters (filters.md): what a price, a quantity and their product must satisfy.

One definition serves both ends: the exchange refuses with it, a client can check before it sends.
A limit of 0 switches its rule off. filters.md documents that for PRICE_FILTER; Binance's own MARKET_LOT_SIZE rows,
whose step size is 0, show that it holds for quantities too.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pitwire.market.enums import OrderType, Side
from pitwire.market.numbers import SCALE, Amount, Price, Quantity

if TYPE_CHECKING:
    from pitwire.market.symbols import SymbolRules

MARKET: Final = OrderType.MARKET


class PriceFilter(Struct, frozen=True, kw_only=True, array_like=True, tag="PRICE_FILTER"):
    min_price: Price
    max_price: Price
    tick_size: Price


class LotSize(Struct, frozen=True, kw_only=True, array_like=True, tag="LOT_SIZE"):
    min_quantity: Quantity
    max_quantity: Quantity
    step_size: Quantity


class MarketLotSize(Struct, frozen=True, kw_only=True, array_like=True, tag="MARKET_LOT_SIZE"):
    min_quantity: Quantity
    max_quantity: Quantity
    step_size: Quantity


class Notional(Struct, frozen=True, kw_only=True, array_like=True, tag="NOTIONAL"):
    min_notional: Amount
    apply_min_to_market: bool
    max_notional: Amount
    apply_max_to_market: bool
    average_price_minutes: int


class MaxNumOrders(Struct, frozen=True, kw_only=True, array_like=True, tag="MAX_NUM_ORDERS"):
    max_num_orders: int


Filter = PriceFilter | LotSize | MarketLotSize | Notional | MaxNumOrders


class OrderLimits:
    """A symbol's filters laid out flat, so that checking an order is a handful of comparisons.

    `None` stands for a filter that the symbol does not have.
    """

    __slots__ = ("lot_size", "market_lot_size", "max_num_orders", "notional", "price_filter")

    def __init__(self, rules: SymbolRules) -> None:
        self.price_filter: PriceFilter | None = None
        self.lot_size: LotSize | None = None
        self.market_lot_size: MarketLotSize | None = None
        self.notional: Notional | None = None
        self.max_num_orders: MaxNumOrders | None = None
        for each in rules.filters:
            if isinstance(each, PriceFilter):
                self.price_filter = each
            elif isinstance(each, LotSize):
                self.lot_size = each
            elif isinstance(each, MarketLotSize):
                self.market_lot_size = each
            elif isinstance(each, Notional):
                self.notional = each
            else:
                self.max_num_orders = each

    def violation(
        self,
        type: OrderType,
        price: Price,
        quantity: Quantity,
        quote_quantity: Amount,
        reference_price: Price,
        open_orders: int,
    ) -> str | None:
        """See `violation` of this module."""
        if (
            type is not MARKET
            and (prices := self.price_filter) is not None
            and (
                price < prices.min_price
                or (prices.max_price and price > prices.max_price)
                or (prices.tick_size and price % prices.tick_size)
            )
        ):
            return "PRICE_FILTER"
        # An order by quoteOrderQty has no quantity until it meets the book: `lot_violation` judges it there.
        if quantity and (name := self.lot_violation(type, quantity)) is not None:
            return name
        if (bounds := self.notional) is not None:
            notional = quote_quantity * SCALE or (reference_price if type is MARKET else price) * quantity
            if type is not MARKET:
                if notional < bounds.min_notional * SCALE or (
                    bounds.max_notional and notional > bounds.max_notional * SCALE
                ):
                    return "NOTIONAL"
            elif notional and (  # 0: nothing has traded yet, so there is no average price to judge by
                (bounds.apply_min_to_market and notional < bounds.min_notional * SCALE)
                or (bounds.apply_max_to_market and bounds.max_notional and notional > bounds.max_notional * SCALE)
            ):
                return "NOTIONAL"
        if type is not MARKET and (most := self.max_num_orders) is not None and open_orders >= most.max_num_orders:
            return "MAX_NUM_ORDERS"  # a market order never is an open order
        return None

    def lot_violation(self, type: OrderType, quantity: Quantity) -> str | None:
        """`LOT_SIZE`, `MARKET_LOT_SIZE` (a market order must pass both), or `None`."""
        if (lot := self.lot_size) is not None and (
            quantity < lot.min_quantity
            or (lot.max_quantity and quantity > lot.max_quantity)
            or (lot.step_size and quantity % lot.step_size)
        ):
            return "LOT_SIZE"
        if (
            type is MARKET
            and (market_lot := self.market_lot_size) is not None
            and (
                quantity < market_lot.min_quantity
                or (market_lot.max_quantity and quantity > market_lot.max_quantity)
                or (market_lot.step_size and quantity % market_lot.step_size)
            )
        ):
            return "MARKET_LOT_SIZE"
        return None

    def average_price_minutes(self) -> int:
        """Over how many minutes the price is averaged that stands in for a market order's; 0 is the last price."""
        return self.notional.average_price_minutes if self.notional is not None else 0

    def lot_step(self) -> int:
        """The step that the quantity of a market order by quoteOrderQty is rounded down to; 1 where there is none."""
        step = self.lot_size.step_size if self.lot_size is not None else 0
        market_step = self.market_lot_size.step_size if self.market_lot_size is not None else 0
        return lcm(step or 1, market_step or 1)


def violation(
    rules: SymbolRules,
    *,
    type: OrderType,
    side: Side,
    price: Price,
    quantity: Quantity,
    quote_quantity: Amount,
    reference_price: Price,
    open_orders: int,
) -> str | None:
    """The first filter that an order fails, by its wire name, or `None`.

    Filters are tried in the order in which filters.md has them: PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE, NOTIONAL,
    MAX_NUM_ORDERS. `reference_price` stands in for the price that a market order lacks: the average over the
    NOTIONAL filter's minutes, or 0 where nothing has traded yet, which leaves the order's notional unjudged.
    `open_orders` is how many the account has open on the symbol before this one.
    `side` decides nothing yet: PERCENT_PRICE_BY_SIDE will ask for it.
    """
    return OrderLimits(rules).violation(type, price, quantity, quote_quantity, reference_price, open_orders)
