"""The order book: price levels, best price first, and in each level the orders that came first, first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from pitwire.exchange.engine.orders import Order


class Level:
    """The orders resting at one price, as a linked queue: joining, leaving and the first are all O(1)."""

    __slots__ = ("first", "hidden", "last", "price", "quantity")

    def __init__(self, price: int) -> None:
        self.price = price
        self.quantity = 0
        """What its orders show of what they have yet to trade."""
        self.hidden = 0
        """The rest of it, which iceberg orders do not show."""
        self.first: Order | None = None
        self.last: Order | None = None

    def reduce(self, order: Order, by: int) -> bool:
        """One of its orders has lost `by` of its quantity, what it hides first. Whether that can be seen."""
        unseen = by if by < order.hidden else order.hidden
        order.hidden -= unseen
        self.hidden -= unseen
        self.quantity -= by - unseen
        return unseen < by

    def orders(self) -> Iterator[Order]:
        """Its orders, oldest first."""
        order = self.first
        while order is not None:
            yield order
            order = order.behind


class BookSide:
    """One side's levels. A level's key is its price for bids and its negated price for asks.

    So on either side a larger key is a better price, the best is the last of `keys`, and most insertions and
    removals happen near the end of the list, where they cost least.
    """

    __slots__ = ("keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        """Ascending."""
        self.levels: dict[int, Level] = {}

    def add(self, order: Order) -> Level:
        """Queue an order at its price, behind those already there."""
        key = order.price * self.sign
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level(order.price)
            keys = self.keys
            if not keys or key > keys[-1]:
                keys.append(key)
            else:
                keys.insert(bisect_left(keys, key), key)
        last = level.last
        if last is None:
            level.first = order
        else:
            last.behind = order
            order.ahead = last
        level.last = order
        hidden = order.hidden
        level.quantity += order.quantity - order.executed - hidden
        if hidden:
            level.hidden += hidden
        order.level = level
        return level

    def remove(self, order: Order, level: Level) -> None:
        """Take an order out of `level`, where it rests, and the level out of the book when it was its last."""
        ahead = order.ahead
        behind = order.behind
        if ahead is None:
            level.first = behind
        else:
            ahead.behind = behind
        if behind is None:
            level.last = ahead
        else:
            behind.ahead = ahead
        order.level = order.ahead = order.behind = None
        hidden = order.hidden
        level.quantity -= order.quantity - order.executed - hidden
        level.hidden -= hidden
        if level.first is None:
            key = level.price * self.sign
            del self.levels[key]
            keys = self.keys
            if keys[-1] == key:
                keys.pop()
            else:
                del keys[bisect_left(keys, key)]

    def drop_filled(self, order: Order) -> None:
        """Take out the first order of the best level, with nothing left to trade: what matching does most."""
        level = self.levels[self.keys[-1]]
        behind = order.behind
        level.first = behind
        order.level = order.behind = None
        if behind is None:
            level.last = None
            del self.levels[self.keys.pop()]
        else:
            behind.ahead = None

    def refresh(self, order: Order, level: Level) -> None:
        """Show the next part of the first order of `level`, whose visible part has traded, behind all others there."""
        extras = order.extras
        assert extras is not None  # only an iceberg order hides anything
        shown = min(order.hidden, extras.iceberg_quantity)
        order.hidden -= shown
        level.hidden -= shown
        level.quantity += shown
        behind = order.behind
        last = level.last
        if behind is None or last is None:
            return
        level.first = behind
        behind.ahead = None
        last.behind = order
        order.ahead = last
        order.behind = None
        level.last = order

    def best_first(self) -> Iterator[Level]:
        """Its levels, best price first."""
        levels = self.levels
        for key in reversed(self.keys):
            yield levels[key]


class OrderBook:
    """Both sides of one symbol. `update_id` numbers the changes of levels."""

    __slots__ = ("asks", "bids", "update_id")

    def __init__(self) -> None:
        self.bids = BookSide(1)
        self.asks = BookSide(-1)
        self.update_id = 0
