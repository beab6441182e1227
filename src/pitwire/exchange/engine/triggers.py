"""The orders of one market that wait for a price, found by the price of a trade (faqs/trailing-stop-faq.md)."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from pitwire.market.enums import OrderType, Side

if TYPE_CHECKING:
    from pitwire.exchange.engine.orders import Order

STOP_LOSSES: Final = frozenset({OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT})
BASIS_POINTS: Final = 10_000

Waiting = tuple[int, int, "Order"]
"""A stop price (negated where a fall triggers), the order's id, the order."""


def waits_above(order_type: OrderType, side: Side) -> bool:
    """Whether the stop price lies above the market's price: that of a stop to buy, and of a profit to take by selling.

    (web-socket-api.md, Place new order: Trigger order price rules)
    """
    return (order_type in STOP_LOSSES) == (side is Side.BUY)


class Trail:
    """A trailing stop order that tracks the price. `best` is the price furthest in its favour; 0 before any trade."""

    __slots__ = ("best", "order", "trailing_delta")

    def __init__(self, order: Order, trailing_delta: int, best: int) -> None:
        self.order = order
        self.trailing_delta = trailing_delta
        self.best = best

    def hear(self, price: int) -> bool:
        """Take in the price of a trade. Whether the order is triggered: the price came back by its delta."""
        best = self.best
        if self.order.is_buy:
            if price < best or not best:
                self.best = price
                return False
            return price * BASIS_POINTS >= best * (BASIS_POINTS + self.trailing_delta)
        if price > best:
            self.best = price
            return False
        return price * BASIS_POINTS <= best * (BASIS_POINTS - self.trailing_delta)


class Triggers:
    """Who waits for what. Orders with a stop price are sorted by it; each one that trails hears every price."""

    __slots__ = ("above", "below", "trails")

    def __init__(self) -> None:
        self.above: list[Waiting] = []
        """Triggered by a rise: the lowest stop price first, and of equal ones the oldest order."""
        self.below: list[Waiting] = []
        """Triggered by a fall: the highest stop price first."""
        self.trails: dict[int, Trail] = {}
        """By order id."""

    def add(self, order: Order, best: int) -> None:
        """Let an order wait. One that trails without a stop price, or whose stop price was met, starts from `best`."""
        trigger = order.command.trigger
        assert trigger is not None  # no other order waits
        if trigger.stop_price and (not trigger.trailing_delta or order.extras is None or order.extras.trailing_us < 0):
            entry = _entry(order, trigger.stop_price)
            side = self._side(order)
            side.insert(bisect_left(side, entry), entry)
        else:
            self.trails[order.order_id] = Trail(order, trigger.trailing_delta, best)

    def remove(self, order: Order) -> None:
        """Let an order wait no longer; one that was triggered just now does not."""
        if self.trails.pop(order.order_id, None) is not None:
            return
        trigger = order.command.trigger
        assert trigger is not None
        side = self._side(order)
        place = bisect_left(side, _entry(order, trigger.stop_price))
        if place < len(side) and side[place][2] is order:
            del side[place]

    def hear(self, price: int) -> tuple[list[Order], list[Order]]:
        """The orders that a trade at `price` triggers, and those that it makes track the price; the oldest first.

        They have left their places here; those that track start from this very price.
        """
        triggered = [trail.order for trail in self.trails.values() if trail.hear(price)]
        for order in triggered:
            del self.trails[order.order_id]
        met: list[Order] = []
        for side, key in ((self.above, price), (self.below, -price)):
            count = 0
            while count < len(side) and side[count][0] <= key:
                met.append(side[count][2])
                count += 1
            if count:
                del side[:count]
        tracking: list[Order] = []
        for order in met:
            trigger = order.command.trigger
            assert trigger is not None
            if trigger.trailing_delta:
                self.trails[order.order_id] = Trail(order, trigger.trailing_delta, price)
                tracking.append(order)
            else:
                triggered.append(order)
        triggered.sort(key=_age)
        tracking.sort(key=_age)
        return triggered, tracking

    def best(self, order: Order) -> int:
        """The best price that a trailing order has seen; 0 when it has seen none, or does not trail yet."""
        trail = self.trails.get(order.order_id)
        return 0 if trail is None else trail.best

    def orders(self) -> list[Order]:
        """All that wait, the oldest first."""
        waiting = [entry[2] for side in (self.above, self.below) for entry in side]
        waiting += [trail.order for trail in self.trails.values()]
        waiting.sort(key=_age)
        return waiting

    def _side(self, order: Order) -> list[Waiting]:
        return self.above if waits_above(order.command.type, order.command.side) else self.below


def _entry(order: Order, stop_price: int) -> Waiting:
    above = waits_above(order.command.type, order.command.side)
    return (stop_price if above else -stop_price, order.order_id, order)


def _age(order: Order) -> int:
    return order.order_id
