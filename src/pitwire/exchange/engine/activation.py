"""What trades set off: orders whose trigger they are enter the market, and their trades may set off more."""

from collections import deque

from msgspec import structs

from pitwire.exchange.engine.contingency import heed, release_pending, yield_to
from pitwire.exchange.engine.contingent import stop_waiting
from pitwire.exchange.engine.filtering import judged_failure
from pitwire.exchange.engine.market import Market, Trader
from pitwire.exchange.engine.order_lists import OrderList, list_of
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.pegs import pegged_price
from pitwire.exchange.engine.placement import enter
from pitwire.exchange.engine.prevention import cost_of, met
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    Event,
    OrderExpired,
    OrderPrevented,
    OrderTraded,
    OrderTriggered,
    PositionChanged,
    TradeMatched,
    TrailingStarted,
)
from pitwire.market.enums import OrderStatus
from pitwire.market.numbers import SCALE, Price, Quantity


def follow(venue: Venue, symbol: str, time_us: int, events: list[Event]) -> None:
    """Carry out all that the trades among `events`, those of one command on `symbol`, set off.

    Every trade is heard in its order, also those of orders that were triggered on the way. Orders enter the
    market one after the other, in the order in which trades triggered them; of those that one trade triggered the
    oldest goes first. What an order's trade or end does to its order list happens when it is heard, but pending orders
    enter the market in their turn. The balances that changed come last in `events`, once for each account.
    """
    market = venue.markets.get(symbol)
    if market is None:
        return
    triggers = market.triggers
    due: deque[Order | OrderList] = deque()
    touched: dict[int, Trader] = {}
    heard = 0
    while True:
        tracking: list[Order] = []
        last_price = 0
        for event in events[heard:]:
            if type(event) is TradeMatched:
                if event.price != last_price:
                    last_price = event.price
                    triggered, met = triggers.hear(last_price)
                    due += triggered
                    tracking += met
            elif type(event) is OrderTraded or type(event) is OrderExpired or type(event) is OrderPrevented:
                extras = event.order.extras
                order_list = None if extras is None else venue.order_lists.get(extras.order_list_id)
                if order_list is not None:
                    _withdraw_positions(market, events, touched)
                    touched[order_list.trader.account_id] = order_list.trader
                    if heed(venue, order_list, event, time_us, events):
                        due.append(order_list)
        if not heard and not due and not tracking and not touched:
            return
        _withdraw_positions(market, events, touched)
        for order in tracking:
            _start_trail(order, time_us, events)
        heard = len(events)
        if not due:
            break
        next_due = due.popleft()
        touched[next_due.trader.account_id] = next_due.trader
        if isinstance(next_due, Order):
            _activate(venue, next_due, time_us, events)
        else:
            release_pending(venue, next_due, time_us, events)
    events.extend([touched[account].position() for account in sorted(touched)])


def _withdraw_positions(market: Market, events: list[Event], touched: dict[int, Trader]) -> None:
    """Take the balances off the end of the events, since they may change again, and note whose they are."""
    while type(event := events[-1]) is PositionChanged:
        touched[event.account] = market.traders[event.account]
        events.pop()


def _start_trail(order: Order, time_us: int, events: list[Event]) -> None:
    if order.status is not OrderStatus.NEW:
        return  # a later trade ended it, with its order list
    order.updated_us = time_us
    order.extend(trailing_us=time_us)
    events.append(TrailingStarted(order=order.view()))


def _activate(venue: Venue, order: Order, time_us: int, events: list[Event]) -> None:
    """Let a triggered order enter the market, or expire it where it cannot."""
    if order.status is not OrderStatus.NEW:
        return  # what was due before it ended it, with its order list
    market = order.trader.market
    order_list = list_of(venue, order)
    if order_list is not None:
        yield_to(venue, order_list, order, time_us, events)
    stop_waiting(venue, order)
    order.updated_us = time_us
    venue.last_execution_id += 1
    price = _price(venue, order, time_us)
    if price is None:
        market.forget(order)
        order.status = OrderStatus.EXPIRED
        order.extend(rejected=True)
        events.append(OrderExpired(order=order.view(), execution_id=venue.last_execution_id))
        return
    order.price = price
    order.working_us = time_us
    events.append(OrderTriggered(order=order.view(), execution_id=venue.last_execution_id))
    enter(venue, order, time_us, events)
    if order.level is None:
        market.forget(order)


def _price(venue: Venue, order: Order, time_us: int) -> int | None:
    """The price at which the order enters the market, 0 for any; `None` where it may not, or cannot be paid for.

    What had been locked suffices for a price that was known before. Only one that was not is judged by the filters.
    """
    trader = order.trader
    market = trader.market
    extras = order.extras
    if extras is not None and extras.peg is not None:
        price = pegged_price(market, order.is_buy, extras.peg)
        notional = price * order.quantity
        if not price or notional < SCALE:
            return None
        command = structs.replace(order.command, price=Price(price), quantity=Quantity(order.quantity))
        if judged_failure(venue, trader, command, time_us, without=order) is not None:
            return None
        order.extend(pegged_price=price)
        return None if order.is_buy and trader.quote.free < notional // SCALE else price
    if not order.price and order.is_buy and trader.quote.free < cost_of(met(trader, order.command), order.quantity):
        return None
    return order.price
