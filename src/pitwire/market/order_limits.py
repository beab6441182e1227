"""Orders judged by the trading filters of their symbol (filters.md).

The structs of the filters are in `filters`; here is only arithmetic, which mypyc can compile.
"""

from math import lcm
from typing import Final

from pitwire.market.enums import OrderType, Side
from pitwire.market.filters import IcebergParts, LotSize, MarketLotSize, MaxNumOrderAmends, Notional, PriceFilter
from pitwire.market.numbers import SCALE, Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules

UNLIMITED: Final = 1 << 200


class OrderLimits:
    """A symbol's filters laid out as plain bounds, so that checking an order is a handful of comparisons.

    A rule that is switched off, or whose filter the symbol does not have, is a bound that nothing exceeds.
    Notional bounds are those of `price * quantity`, in units of 1e-16.
    """

    __slots__ = (
        "average_price_minutes",
        "iceberg_parts",
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
        self.iceberg_parts = UNLIMITED
        self.max_num_order_amends = UNLIMITED
        self.average_price_minutes = 0
        """How far back the average reaches that stands in for a market order's price; 0 is the last price."""
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
            elif isinstance(each, IcebergParts):
                self.iceberg_parts = each.limit or UNLIMITED
            elif isinstance(each, MaxNumOrderAmends):
                self.max_num_order_amends = each.max_num_order_amends
            else:
                self.max_num_orders = each.max_num_orders

    @property
    def market_order_step(self) -> int:
        """The step that the quantity of a market order must follow: LOT_SIZE's and MARKET_LOT_SIZE's at once."""
        return lcm(self.step_size, self.market_step_size)

    def limit_order_violation(self, price: int, quantity: int, notional: int, open_orders: int) -> str | None:
        """Which filter a LIMIT or LIMIT_MAKER order fails first, see `violation`. `notional` is `price * quantity`."""
        if price < self.min_price or price > self.max_price or price % self.tick_size:
            return "PRICE_FILTER"
        if quantity < self.min_quantity or quantity > self.max_quantity or quantity % self.step_size:
            return "LOT_SIZE"
        if not self.min_notional <= notional <= self.max_notional:
            return "NOTIONAL"
        if open_orders >= self.max_num_orders:
            return "MAX_NUM_ORDERS"
        return None

    def market_order_violation(self, quantity: int, quote_quantity: int, reference_price: int) -> str | None:
        """The first filter that a MARKET order fails, which never is an open order. See `violation` of this module."""
        if quote_quantity:
            notional = quote_quantity * SCALE
        else:
            failed = self.lot_violation(quantity) or self.market_lot_violation(quantity)
            if failed is not None:
                return failed
            notional = reference_price * quantity
        if notional and not self.market_min_notional <= notional <= self.market_max_notional:
            return "NOTIONAL"
        return None

    def iceberg_violation(self, quantity: int, shown: int) -> str | None:
        """`LOT_SIZE` where the shown quantity fails it, `ICEBERG_PARTS` where there are too many parts, or `None`."""
        if self.lot_violation(shown) is not None or shown <= 0:
            return "LOT_SIZE"
        return "ICEBERG_PARTS" if -(-quantity // shown) > self.iceberg_parts else None

    def price_violation(self, price: int) -> str | None:
        """`PRICE_FILTER`, or `None`."""
        if price < self.min_price or price > self.max_price or price % self.tick_size:
            return "PRICE_FILTER"
        return None

    def amendment_violation(self, price: int, quantity: int) -> str | None:
        """Which filter an open order would fail with another quantity. Its price was judged when it was placed.

        One that waits to trade at the market's price has none: its notional is not judged again.
        """
        failed = self.lot_violation(quantity)
        if failed is None and price and not self.min_notional <= price * quantity <= self.max_notional:
            return "NOTIONAL"
        return failed

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


def violation(
    rules: SymbolRules,
    *,
    type: OrderType,  # noqa: A002  (Binance's word)
    side: Side,
    price: Price,
    quantity: Quantity,
    quote_quantity: Amount,
    reference_price: Price,
    open_orders: int,
) -> str | None:
    """The first filter that an order fails, by its wire name, or `None`.

    Filters are tried in the order in which filters.md has them: PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE, NOTIONAL,
    MAX_NUM_ORDERS. A market order must pass both lot filters; one by `quote_quantity` has no quantity until it meets
    the book, where the exchange judges it. `reference_price` stands in for the price that a market order lacks: the
    average over the NOTIONAL filter's minutes, or 0 where nothing has traded yet, which leaves its notional unjudged.
    `open_orders` is how many the account has open on the symbol before this one.
    `side` decides nothing yet: PERCENT_PRICE_BY_SIDE will ask for it.
    """
    limits = OrderLimits(rules)
    if type in (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT):
        return limits.market_order_violation(quantity, quote_quantity, reference_price)
    return limits.limit_order_violation(price, quantity, price * quantity, open_orders)
