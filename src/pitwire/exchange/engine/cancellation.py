"""Cancelling open orders: one, or all that an account has on a symbol."""

from typing import Final

from pitwire.exchange.engine.contingent import stop_waiting
from pitwire.exchange.engine.events import level_changed
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import CancelOpenOrders, CancelOrder, CommandRejected, Event, OrderCanceled
from pitwire.market.enums import CancelRestriction, OrderStatus
from pitwire.market.rejects import Reject

CANCELED: Final = OrderStatus.CANCELED
NEW: Final = OrderStatus.NEW
ONLY_NEW: Final = CancelRestriction.ONLY_NEW


def cancel(venue: Venue, command: CancelOrder, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Cancel one open order, or say why not. Cancelling is possible whatever the symbol's trading status."""
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    order = find(market, command.account, command.order_id, command.client_order_id)
    if order is None:
        known = command.account in venue.accounts
        return CommandRejected(reason=Reject.UNKNOWN_ORDER if known else Reject.UNKNOWN_ACCOUNT)
    # An open order is either NEW or PARTIALLY_FILLED.
    if command.restriction is not None and (command.restriction is ONLY_NEW) != (order.status is NEW):
        return CommandRejected(reason=Reject.CANCEL_RESTRICTED)
    _cancel(venue, market, order, command.cancel_id, time_us, events)
    events.append(order.trader.position())
    return None


def cancel_all(venue: Venue, command: CancelOpenOrders, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Cancel all open orders of an account on a symbol, oldest first, or say why not."""
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    if command.account not in venue.accounts:
        return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
    trader = market.traders.get(command.account)
    if trader is None or not trader.open_orders:
        return CommandRejected(reason=Reject.NO_OPEN_ORDERS)
    for order in tuple(trader.open_orders.values()):
        _cancel(venue, market, order, command.cancel_id, time_us, events)
    events.append(trader.position())
    return None


def find(market: Market, account: int, order_id: int, client_order_id: str) -> Order | None:
    """The account's open order by either id; where both are given, by both (web-socket-api.md, Cancel order)."""
    if order_id >= 0:
        order = market.orders.get(order_id)
        if order is None or order.trader.account_id != account:
            return None
        if client_order_id and client_order_id != order.command.client_order_id:
            return None
        return order
    trader = market.traders.get(account)
    return None if trader is None else trader.open_orders.get(client_order_id)


def _cancel(venue: Venue, market: Market, order: Order, cancel_id: str, time_us: int, events: list[Event]) -> None:
    rests = order.level is not None
    if rests:
        level_quantity = market.withdraw(order)
    else:
        stop_waiting(venue, order)
    order.unlock()
    order.status = CANCELED
    order.updated_us = time_us
    venue.last_execution_id += 1
    events.append(OrderCanceled(order=order.view(), execution_id=venue.last_execution_id, cancel_id=cancel_id))
    if not rests:
        return
    book = market.book
    book.update_id += 1
    events.append(
        level_changed(
            symbol=market.symbol,
            side=order.command.side,
            price=order.price,
            quantity=level_quantity,
            update_id=book.update_id,
        )
    )
