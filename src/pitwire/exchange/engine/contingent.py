"""Contingent orders before their time: what speaks against one, and how it waits for its trigger.

What sets them off is in `activation`.
"""

from typing import Final

from pitwire.exchange.engine.filtering import judged_failure
from pitwire.exchange.engine.market import Trader
from pitwire.exchange.engine.order_lists import list_of
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.triggers import waits_above
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import CommandRejected, OrderExtras, PlaceOrder, Trigger
from pitwire.market.enums import OrderType, TimeInForce
from pitwire.market.numbers import SCALE
from pitwire.market.rejects import Reject

AT_MARKET: Final = frozenset({OrderType.STOP_LOSS, OrderType.TAKE_PROFIT})
"""The types that become a market order; the others become a limit order."""
BASIS_POINTS_MAX: Final = 10_000


def admit_contingent(venue: Venue, trader: Trader, command: PlaceOrder, time_us: int) -> Order | CommandRejected:
    """The order as it would wait, or what speaks against it. Changes nothing.

    Of several reasons the first in this order is given: combination of parameters, filters, client order id, a stop
    price that the market has reached already, balance. A buyer at the market's price, or at a pegged one, needs its
    balance only when triggered, since nobody knows before what it will cost.
    """
    market = trader.market
    trigger = command.trigger
    if trigger is None or not _fits(command, trigger):
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    if trigger.trailing_delta and not market.rules.trailing_stop_allowed:
        return CommandRejected(reason=Reject.TRAILING_STOP_UNSUPPORTED)
    price = command.price
    quantity = command.quantity
    notional = price * quantity
    failed = judged_failure(venue, trader, command, time_us)
    if failed is not None:
        return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    if quantity <= 0 or (price and notional < SCALE):
        return CommandRejected(reason=Reject.ZERO_NOTIONAL)
    if command.client_order_id in trader.open_orders:
        return CommandRejected(reason=Reject.DUPLICATE_ORDER)
    last_price = market.average_price.last_price
    stop_price = trigger.stop_price
    if stop_price and last_price:
        above = waits_above(command.type, command.side)
        if stop_price <= last_price if above else stop_price >= last_price:
            return CommandRejected(reason=Reject.WOULD_TRIGGER_IMMEDIATELY)
    order = Order(market.last_order_id + 1, trader, command, quantity, time_us)
    if (trader.quote.free < notional // SCALE) if order.is_buy else (trader.base.free < quantity):
        return CommandRejected(reason=Reject.INSUFFICIENT_BALANCE)
    order.working_us = -1
    order.extras = OrderExtras(
        trigger=trigger,
        trailing_us=-1 if stop_price else time_us,
        iceberg_quantity=command.iceberg_quantity,
        peg=command.peg,
    )
    return order


def wait(venue: Venue, order: Order) -> None:
    """Let an accepted order wait. What it needs is locked from now on, unless its list has locked that."""
    market = order.trader.market
    if _has_own_lock(venue, order):
        order.lock()
    market.orders[order.order_id] = order
    order.trader.open_orders[order.command.client_order_id] = order
    market.triggers.add(order, market.average_price.last_price)
    venue.waiting += 1


def stop_waiting(venue: Venue, order: Order) -> None:
    """An order waits no longer for its trigger, and has nothing locked. It stays among the open orders."""
    order.trader.market.triggers.remove(order)
    if _has_own_lock(venue, order):
        order.unlock()
    venue.waiting -= 1


def _has_own_lock(venue: Venue, order: Order) -> bool:
    order_list = list_of(venue, order)
    return order_list is None or order_list.has_own_lock(order)


def _fits(command: PlaceOrder, trigger: Trigger) -> bool:
    if command.quote_quantity or trigger.stop_price < 0 or not 0 <= trigger.trailing_delta < BASIS_POINTS_MAX:
        return False
    if not trigger.stop_price and not trigger.trailing_delta:
        return False
    if command.type in AT_MARKET:
        return not command.price and command.time_in_force is TimeInForce.GTC
    return command.price > 0 or (command.price == 0 and command.peg is not None)
