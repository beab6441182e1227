"""Amending an open order: less of it, and perhaps another client order id, in the same place in the queue.

Source: faqs/order_amend_keep_priority.md; web-socket-api.md, Order Amend Keep Priority.
"""

import msgspec

from pitwire.exchange.engine.cancellation import find
from pitwire.exchange.engine.events import level_changed
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.order_lists import UPDATED, OrderList, list_of
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import AmendOrder, CommandRejected, Event, OrderAmended
from pitwire.market.enums import OrderStatus, SymbolStatus
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
    order_list = list_of(venue, order)
    if order_list is not None and order_list.pays and order.status is OrderStatus.PENDING_NEW:
        return CommandRejected(reason=Reject.AMEND_PENDING_OPO)
    # faqs/order_amend_keep_priority.md, Can Order lists be amended?: a pair has one quantity.
    other = None if order_list is None else order_list.other(order)
    rejected = _refusal(market, order, command)
    if rejected is None and other is not None:
        rejected = _filter_refusal(market, other, command.quantity)
    if rejected is not None:
        return rejected
    if order_list is None:
        _amend(venue, order, command.quantity, command.new_client_order_id, time_us, events)
    else:
        _amend_in_list(venue, order_list, order, other, command, time_us, events)
    events.append(order.trader.position())
    return None


def _refusal(market: Market, order: Order, command: AmendOrder) -> CommandRejected | None:
    quantity = command.quantity
    asked = order.quantity + order.prevented
    if quantity > asked:
        return CommandRejected(reason=Reject.QUANTITY_INCREASE)
    if quantity == asked:
        return CommandRejected(reason=Reject.NO_CHANGE)
    refused = _filter_refusal(market, order, quantity)
    if refused is not None:
        return refused
    if quantity - order.prevented <= order.executed:
        # Nothing would be left to trade. Binance does not document what it answers then.
        return CommandRejected(reason=Reject.ZERO_NOTIONAL)
    new_id = command.new_client_order_id
    if new_id != order.command.client_order_id and new_id in order.trader.open_orders:
        return CommandRejected(reason=Reject.DUPLICATE_ORDER)
    if order.amendments >= market.limits.max_num_order_amends:
        return CommandRejected(reason=Reject.TOO_MANY_AMENDMENTS)
    return None


def _filter_refusal(market: Market, order: Order, quantity: int) -> CommandRejected | None:
    failed = market.limits.amendment_violation(order.price, quantity)
    return None if failed is None else CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)


def _amend_in_list(
    venue: Venue,
    order_list: OrderList,
    order: Order,
    other: Order | None,
    command: AmendOrder,
    time_us: int,
    events: list[Event],
) -> None:
    """Amend an order, and the other one of its pair with it. What a working order of an OPO brought in stays locked."""
    new_id = command.new_client_order_id
    is_renamed = new_id != order.command.client_order_id
    if other is not None:
        order_list.release()
    _amend(venue, order, command.quantity, new_id, time_us, events, order_list)
    if other is not None:
        _amend(venue, other, command.quantity, other.command.client_order_id, time_us, events, order_list)
        if other.status is not OrderStatus.PENDING_NEW:
            spare, fully_locked = sorted((order, other), key=lambda each: each.order_id)
            order_list.reserve_difference(spare, fully_locked)
    if is_renamed:
        events.append(order_list.changed(time_us, UPDATED))


def _amend(
    venue: Venue,
    order: Order,
    quantity: Quantity,
    client_order_id: str,
    time_us: int,
    events: list[Event],
    order_list: OrderList | None = None,
) -> None:
    previous_id = order.command.client_order_id
    previous_quantity = order.quantity + order.prevented
    locks = order_list is None or order_list.has_own_lock(order)
    if locks:
        order.unlock()
    order.quantity = quantity - order.prevented
    if locks:
        order.lock()
    order.amendments += 1
    order.updated_us = time_us
    _rename(order, client_order_id)
    if order_list is not None:
        order_list.rename(order)
    venue.last_execution_id += 1
    events.append(
        OrderAmended(
            order=order.view(),
            execution_id=venue.last_execution_id,
            previous_client_order_id=previous_id,
            previous_quantity=Quantity(previous_quantity),
            order_list=None if order_list is None else order_list.view(),
        )
    )
    level = order.level
    if level is not None and level.reduce(order, previous_quantity - quantity):
        market = order.trader.market
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


def _rename(order: Order, client_order_id: str) -> None:
    """Have the order go by another client order id."""
    previous_id = order.command.client_order_id
    if client_order_id != previous_id:
        open_orders = order.trader.open_orders
        del open_orders[previous_id]
        order.command = msgspec.structs.replace(order.command, client_order_id=client_order_id)
        open_orders[client_order_id] = order
