"""Orders judged by the trading filters that concern every order, fast (`filter_checks` has all filters).

The structs of the filters are in `filters`; here is only arithmetic, which mypyc can compile.
"""

from collections.abc import Callable
from math import lcm
from typing import Final

from pitwire.market.filters import (
    LotSize,
    MarketLotSize,
    MaxNumOrderAmends,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
)
from pitwire.market.numbers import SCALE
from pitwire.market.symbols import SymbolRules

UNLIMITED: Final = 1 << 200

Bounds = tuple[int, int]
"""The lowest and the highest price that are allowed."""


def _narrowed(bounds: Bounds, middle: int, down: int, up: int) -> Bounds:
    lowest = -(-middle * down // SCALE)
    highest = middle * up // SCALE
    return lowest if lowest > bounds[0] else bounds[0], highest if highest < bounds[1] else bounds[1]


class OrderLimits:
    """A symbol's filters laid out as plain bounds, so that checking an order is a handful of comparisons.

    A rule that is switched off, or whose filter the symbol does not have, is a bound that nothing exceeds.
    Notional bounds are those of `price * quantity`, in units of 1e-16.
    """

    __slots__ = (
        "average_minutes_max",
        "average_price_minutes",
        "is_plain",
        "least_notional",
        "market_max_notional",
        "market_max_quantity",
        "market_min_notional",
        "market_min_quantity",
        "market_step_size",
        "max_notional",
        "max_num_order_amends",
        "max_num_orders",
        "max_price",
        "max_quantity",
        "min_notional",
        "min_price",
        "min_quantity",
        "percent_price",
        "percent_price_by_side",
        "step_size",
        "tick_size",
    )

    def __init__(self, rules: SymbolRules) -> None:
        self.min_price = self.min_quantity = self.market_min_quantity = 0
        self.max_price = self.max_quantity = self.market_max_quantity = UNLIMITED
        self.tick_size = self.step_size = self.market_step_size = 1
        self.min_notional = self.market_min_notional = 0
        self.max_notional = self.market_max_notional = UNLIMITED
        self.max_num_orders = UNLIMITED
        self.least_notional = 0
        """MIN_NOTIONAL's, which an amended order has to keep too."""
        self.max_num_order_amends = UNLIMITED
        self.average_price_minutes = 0
        """How far back the average reaches that stands in for a market order's price; 0 is the last price."""
        self.average_minutes_max = 0
        """How far back the average reaches for any of the filters."""
        self.percent_price: PercentPrice | None = None
        self.percent_price_by_side: PercentPriceBySide | None = None
        self.is_plain = True
        """No filter but those of this class concerns a LIMIT, LIMIT_MAKER or MARKET order that is no iceberg."""
        for each in rules.filters:
            if isinstance(each, PriceFilter):
                self.min_price = each.min_price
                self.max_price = each.max_price or UNLIMITED
                self.tick_size = each.tick_size or 1
            elif isinstance(each, LotSize):
                self.min_quantity = each.min_quantity
                self.max_quantity = each.max_quantity or UNLIMITED
                self.step_size = each.step_size or 1
            elif isinstance(each, MarketLotSize):
                self.market_min_quantity = each.min_quantity
                self.market_max_quantity = each.max_quantity or UNLIMITED
                self.market_step_size = each.step_size or 1
            elif isinstance(each, Notional):
                self.min_notional = each.min_notional * SCALE
                self.max_notional = each.max_notional * SCALE or UNLIMITED
                self.market_min_notional = self.min_notional if each.apply_min_to_market else 0
                self.market_max_notional = self.max_notional if each.apply_max_to_market else UNLIMITED
                self.average_price_minutes = each.average_price_minutes
            elif isinstance(each, MaxNumOrderAmends):
                self.max_num_order_amends = each.max_num_order_amends
            elif isinstance(each, PercentPrice):
                self.percent_price = each
            elif isinstance(each, PercentPriceBySide):
                self.percent_price_by_side = each
            elif isinstance(each, MaxNumOrders):
                self.max_num_orders = each.max_num_orders
            elif isinstance(each, MinNotional):
                self.least_notional = each.min_notional * SCALE
                self.is_plain = False
            elif isinstance(each, MaxPosition):
                self.is_plain = False
            if isinstance(each, Notional | MinNotional | PercentPrice | PercentPriceBySide):
                self.average_minutes_max = max(self.average_minutes_max, each.average_price_minutes)

    @property
    def market_order_step(self) -> int:
        """The step that the quantity of a market order must follow: LOT_SIZE's and MARKET_LOT_SIZE's at once."""
        return lcm(self.step_size, self.market_step_size)

    def price_bounds(self, average: Callable[[int], int]) -> tuple[Bounds, Bounds]:
        """What PRICE_FILTER and the percent filters leave to the price of a buyer, and to that of a seller.

        `average` gives the average price over so many minutes, 0 where there is none: then nothing is judged by it.
        """
        bids = asks = (self.min_price, self.max_price)
        percent = self.percent_price
        if percent is not None and (middle := average(percent.average_price_minutes)):
            bids = asks = _narrowed(bids, middle, percent.multiplier_down, percent.multiplier_up)
        by_side = self.percent_price_by_side
        if by_side is not None and (middle := average(by_side.average_price_minutes)):
            bids = _narrowed(bids, middle, by_side.bid_multiplier_down, by_side.bid_multiplier_up)
            asks = _narrowed(asks, middle, by_side.ask_multiplier_down, by_side.ask_multiplier_up)
        return bids, asks

    def lets_pass(self, price: int, quantity: int, notional: int, open_orders: int) -> bool:
        """Whether a LIMIT or LIMIT_MAKER order within the `price_bounds` keeps to everything else.

        `notional` is `price * quantity`, `open_orders` how many the account has on the symbol before this one.
        """
        return not (
            price % self.tick_size
            or quantity < self.min_quantity
            or quantity > self.max_quantity
            or quantity % self.step_size
            or notional < self.min_notional
            or notional > self.max_notional
            or open_orders >= self.max_num_orders
        )

    def market_order_violation(self, quantity: int, quote_quantity: int, reference_price: int) -> str | None:
        """The first filter that a MARKET order fails, which never is an open order.

        One by `quote_quantity` has no quantity until it meets the book, where the exchange judges it.
        `reference_price` stands in for its price; 0 leaves its notional unjudged.
        """
        if quote_quantity:
            notional = quote_quantity * SCALE
        else:
            if self.lot_violation(quantity) is not None:
                return "LOT_SIZE"
            notional = reference_price * quantity
        if notional and not self.market_min_notional <= notional <= self.market_max_notional:
            return "NOTIONAL"
        return None if quote_quantity else self.market_lot_violation(quantity)

    def grid_violation(self, price: int, quantity: int) -> str | None:
        """`PRICE_FILTER`, `LOT_SIZE` or `None`: what binds the market's own accounts too. `price` 0 is not judged."""
        if price and (price < self.min_price or price > self.max_price or price % self.tick_size):
            return "PRICE_FILTER"
        return self.lot_violation(quantity)

    def amendment_violation(self, price: int, quantity: int) -> str | None:
        """Which filter an open order would fail with another quantity. Its price was judged when it was placed.

        One that waits to trade at the market's price has none: its notional is not judged again.
        """
        failed = self.lot_violation(quantity)
        if failed is not None or not price:
            return failed
        if price * quantity < self.least_notional:
            return "MIN_NOTIONAL"
        if not self.min_notional <= price * quantity <= self.max_notional:
            return "NOTIONAL"
        return None

    def lot_violation(self, quantity: int) -> str | None:
        """`LOT_SIZE`, or `None`."""
        if quantity < self.min_quantity or quantity > self.max_quantity or quantity % self.step_size:
            return "LOT_SIZE"
        return None

    def market_lot_violation(self, quantity: int) -> str | None:
        """`MARKET_LOT_SIZE`, or `None`."""
        if (
            quantity < self.market_min_quantity
            or quantity > self.market_max_quantity
            or quantity % self.market_step_size
        ):
            return "MARKET_LOT_SIZE"
        return None
