"""What trades set off: orders whose trigger they are enter the market, and their trades may set off more."""

from collections import deque

from pitwire.exchange.engine.market import Market, Trader
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.placement import cost_of, enter
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    Event,
    OrderExpired,
    OrderTriggered,
    PositionChanged,
    TradeMatched,
    TrailingStarted,
)
from pitwire.market.enums import OrderStatus


def follow(venue: Venue, symbol: str, time_us: int, events: list[Event]) -> None:
    """Carry out all that the trades among `events`, those of one command on `symbol`, set off.

    Every trade is heard in its order, also those of orders that were triggered on the way. Orders enter the
    market one after the other, in the order in which trades triggered them; of those that one trade triggered the
    oldest goes first. The balances that changed come last in `events`, once for each account.
    """
    market = venue.markets[symbol]
    triggers = market.triggers
    due: deque[Order] = deque()
    touched: dict[int, Trader] = {}
    heard = 0
    while True:
        tracking: list[Order] = []
        last_price = 0
        for event in events[heard:]:
            if type(event) is TradeMatched and event.price != last_price:
                last_price = event.price
                triggered, met = triggers.hear(last_price)
                due += triggered
                tracking += met
        if not heard and not due and not tracking:
            return
        _withdraw_positions(market, events, touched)
        for order in tracking:
            _start_trail(order, time_us, events)
        heard = len(events)
        if not due:
            break
        order = due.popleft()
        touched[order.trader.account_id] = order.trader
        _activate(venue, order, time_us, events)
    events.extend([touched[account].position() for account in sorted(touched)])


def _withdraw_positions(market: Market, events: list[Event], touched: dict[int, Trader]) -> None:
    """Take the balances off the end of the events, since they may change again, and note whose they are."""
    while type(event := events[-1]) is PositionChanged:
        touched[event.account] = market.traders[event.account]
        events.pop()


def _start_trail(order: Order, time_us: int, events: list[Event]) -> None:
    order.updated_us = time_us
    order.extend(trailing_us=time_us)
    events.append(TrailingStarted(order=order.view()))


def _activate(venue: Venue, order: Order, time_us: int, events: list[Event]) -> None:
    """Let a triggered order enter the market, or expire it where it cannot."""
    market = order.trader.market
    venue.waiting -= 1
    order.unlock()
    order.updated_us = time_us
    venue.last_execution_id += 1
    if not _can_pay(order):
        market.forget(order)
        order.status = OrderStatus.EXPIRED
        order.extend(rejected=True)
        events.append(OrderExpired(order=order.view(), execution_id=venue.last_execution_id))
        return
    order.working_us = time_us
    events.append(OrderTriggered(order=order.view(), execution_id=venue.last_execution_id))
    enter(venue, order, time_us, events)
    if order.level is None:
        market.forget(order)


def _can_pay(order: Order) -> bool:
    """What had been locked suffices for all but a buyer at the market's price, which had locked nothing."""
    if order.price or not order.is_buy:
        return True
    return order.trader.quote.free >= cost_of(order.trader.market, order.quantity)
