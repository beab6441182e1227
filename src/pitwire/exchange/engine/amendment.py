"""Amending an open order: less of it, and perhaps another client order id, in the same place in the queue.

Source: faqs/order_amend_keep_priority.md; web-socket-api.md, Order Amend Keep Priority.
"""

import msgspec

from pitwire.exchange.engine.cancellation import find
from pitwire.exchange.engine.events import level_changed
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import AmendOrder, CommandRejected, Event, OrderAmended
from pitwire.market.enums import SymbolStatus
from pitwire.market.numbers import Quantity
from pitwire.market.rejects import Reject


def amend(venue: Venue, command: AmendOrder, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Reduce an open order's quantity, or say why not.

    Of several reasons the first in this order is given: symbol, account, whether the symbol allows it, trading status,
    order, its new quantity (not more, not the same), filters, what is left of it, client order id, how often it was
    amended.
    """
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    if command.account not in venue.accounts:
        return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
    if not market.rules.amend_allowed:
        return CommandRejected(reason=Reject.AMEND_NOT_ALLOWED)
    if market.rules.status is not SymbolStatus.TRADING:
        return CommandRejected(reason=Reject.MARKET_CLOSED)
    order = find(market, command.account, command.order_id, command.client_order_id)
    if order is None:
        return CommandRejected(reason=Reject.UNKNOWN_ORDER)
    rejected = _refusal(market, order, command)
    if rejected is None:
        _amend(venue, market, order, command, time_us, events)
    return rejected


def _refusal(market: Market, order: Order, command: AmendOrder) -> CommandRejected | None:
    quantity = command.quantity
    asked = order.quantity + order.prevented
    if quantity > asked:
        return CommandRejected(reason=Reject.QUANTITY_INCREASE)
    if quantity == asked:
        return CommandRejected(reason=Reject.NO_CHANGE)
    failed = market.limits.amendment_violation(order.price, quantity)
    if failed is not None:
        return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    if quantity - order.prevented <= order.executed:
        # Nothing would be left to trade. Binance does not document what it answers then.
        return CommandRejected(reason=Reject.ZERO_NOTIONAL)
    new_id = command.new_client_order_id
    if new_id != order.command.client_order_id and new_id in order.trader.open_orders:
        return CommandRejected(reason=Reject.DUPLICATE_ORDER)
    if order.amendments >= market.limits.max_num_order_amends:
        return CommandRejected(reason=Reject.TOO_MANY_AMENDMENTS)
    return None


def _amend(venue: Venue, market: Market, order: Order, command: AmendOrder, time_us: int, events: list[Event]) -> None:
    previous_id = order.command.client_order_id
    previous_quantity = order.quantity + order.prevented
    order.unlock()
    order.quantity = command.quantity - order.prevented
    order.lock()
    order.amendments += 1
    order.updated_us = time_us
    _rename(order, command.new_client_order_id)
    venue.last_execution_id += 1
    events.append(
        OrderAmended(
            order=order.view(),
            execution_id=venue.last_execution_id,
            previous_client_order_id=previous_id,
            previous_quantity=Quantity(previous_quantity),
        )
    )
    level = order.level
    if level is not None and level.reduce(order, previous_quantity - command.quantity):
        book = market.book
        book.update_id += 1
        events.append(
            level_changed(
                symbol=market.symbol,
                side=order.command.side,
                price=order.price,
                quantity=level.quantity,
                update_id=book.update_id,
            )
        )
    events.append(order.trader.position())


def _rename(order: Order, client_order_id: str) -> None:
    """Have the order go by another client order id, at its old place among the trader's open orders."""
    previous_id = order.command.client_order_id
    if client_order_id != previous_id:
        order.command = msgspec.structs.replace(order.command, client_order_id=client_order_id)
        trader = order.trader
        trader.open_orders = {
            client_order_id if each is order else name: each for name, each in trader.open_orders.items()
        }
