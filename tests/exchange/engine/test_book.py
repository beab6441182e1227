"""Levels in the order of their price, and orders in the order of their arrival."""

import random

from pitwire.exchange.engine.accounts import Account
from pitwire.exchange.engine.book import BookSide
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.messages import PlaceOrder
from pitwire.market.enums import OrderType, Side
from pitwire.market.numbers import Price, Quantity
from pitwire.market.symbols import SymbolRules

TRADER = Market(SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDT")).trader(Account(1, "", 0, 0, False))


def resting(order_id: int, side: Side, price: int, quantity: int = 1) -> Order:
    command = PlaceOrder(
        account=1,
        symbol="BTCUSDT",
        side=side,
        type=OrderType.LIMIT,
        client_order_id=str(order_id),
        price=Price(price),
        quantity=Quantity(quantity),
    )
    return Order(order_id, TRADER, command, quantity, 0)


def contents(side: BookSide) -> list[tuple[int, int, list[int]]]:
    return [(level.price, level.quantity, [order.order_id for order in level.orders()]) for level in side.best_first()]


def test_bids_fall_and_asks_rise_from_the_best() -> None:
    for sign, side, expected in ((1, Side.BUY, [30, 20, 10]), (-1, Side.SELL, [10, 20, 30])):
        half = BookSide(sign)
        for order_id, price in enumerate((20, 10, 30), 1):
            half.add(resting(order_id, side, price))
        assert [level.price for level in half.best_first()] == expected


def test_random_additions_and_removals_agree_with_a_sorted_list() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    half = BookSide(-1)
    orders: list[Order] = []
    for order_id in range(1_000):
        draw = rng.random()
        if orders and draw < 0.2:
            filled = next(next(half.best_first()).orders())
            next(half.best_first()).quantity -= filled.quantity
            half.drop_filled(filled)
            orders.remove(filled)
        elif orders and draw < 0.45:
            order = orders.pop(rng.randrange(len(orders)))
            assert order.level is not None
            half.remove(order, order.level)
            assert (order.level, order.ahead, order.behind) == (None, None, None)
        else:
            orders.append(resting(order_id, Side.SELL, rng.randint(1, 12), rng.randint(1, 9)))
            half.add(orders[-1])
        expected = [
            (
                price,
                sum(o.quantity for o in orders if o.price == price),
                [o.order_id for o in orders if o.price == price],
            )
            for price in sorted({o.price for o in orders})
        ]
        assert contents(half) == expected
