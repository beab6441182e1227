"""What one account's orders on one symbol still offer, level by level, as their outcomes told it."""

from bisect import bisect_left, insort

from pitwire.exchange.messages import OrderView
from pitwire.market.enums import OrderStatus, Side
from pitwire.market.numbers import Price, Quantity

_OPEN = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)


class RestingOrders:
    """Owns the table of open orders. Nothing but `learn` changes it."""

    def __init__(self) -> None:
        self._levels: dict[Side, dict[Price, dict[str, Quantity]]] = {Side.BUY: {}, Side.SELL: {}}
        self._ranks: dict[Side, list[int]] = {Side.BUY: [], Side.SELL: []}
        """Ascending, the best price last: prices of bids, and the negated prices of asks."""

    def learn(self, order: OrderView) -> None:
        """Take in how an order stood right after an event."""
        levels = self._levels[order.side]
        level = levels.get(order.price)
        if order.status in _OPEN:
            if level is None:
                level = levels[order.price] = {}
                insort(self._ranks[order.side], _rank(order.side, order.price))
            level[order.client_order_id] = Quantity(order.quantity - order.executed)
        elif level is not None and level.pop(order.client_order_id, None) is not None and not level:
            del levels[order.price]
            ranks = self._ranks[order.side]
            del ranks[bisect_left(ranks, _rank(order.side, order.price))]

    def at(self, side: Side, price: Price) -> dict[str, Quantity]:
        """What each order at a price still offers, by client order id, the oldest first. Not to be changed."""
        return self._levels[side].get(price, {})

    def best(self, side: Side) -> Price | None:
        """The best price of a side, or `None` when it is empty."""
        ranks = self._ranks[side]
        return Price(abs(ranks[-1])) if ranks else None

    def better_than(self, side: Side, price: Price) -> list[Price]:
        """The prices of a side that are better than `price`."""
        ranks = self._ranks[side]
        rank = _rank(side, price)
        better = []
        for index in range(len(ranks) - 1, -1, -1):
            if ranks[index] <= rank:
                break
            better.append(Price(abs(ranks[index])))
        return better

    def prices(self) -> list[tuple[Side, Price]]:
        """Every level's side and price."""
        return [(side, price) for side, levels in self._levels.items() for price in levels]


def _rank(side: Side, price: Price) -> int:
    return price if side is Side.BUY else -price
