"""Cancelling open orders: one, a whole order list, or all of an account on a symbol; or the exchange takes them out."""

from typing import Final

from msgspec import structs

from pitwire.exchange.engine.contingent import stop_waiting
from pitwire.exchange.engine.events import level_changed
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.order_lists import OrderList, close_list, list_of
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    CommandRejected,
    Event,
    ExpireOpenOrders,
    LevelChanged,
    OrderCanceled,
    OrderExpired,
)
from pitwire.market.enums import CancelRestriction, OrderStatus
from pitwire.market.rejects import Reject

ALL_ACCOUNTS: Final = -1
CANCELED: Final = OrderStatus.CANCELED
EXCHANGE_CANCELED: Final = "EXCHANGE_CANCELED"
EXPIRED: Final = OrderStatus.EXPIRED
NEW: Final = OrderStatus.NEW
PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
PENDING_NEW: Final = OrderStatus.PENDING_NEW
ONLY_NEW: Final = CancelRestriction.ONLY_NEW


def cancel(venue: Venue, command: CancelOrder, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Cancel one open order, and with it its order list, or say why not.

    Cancelling is possible whatever the symbol's trading status.
    """
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    order = find(market, command.account, command.order_id, command.client_order_id)
    if order is None:
        known = command.account in venue.accounts
        return CommandRejected(reason=Reject.UNKNOWN_ORDER if known else Reject.UNKNOWN_ACCOUNT)
    # A pending order is neither NEW nor PARTIALLY_FILLED, so either restriction keeps it.
    restriction = command.restriction
    if restriction is not None and order.status is not (NEW if restriction is ONLY_NEW else PARTIALLY_FILLED):
        return CommandRejected(reason=Reject.CANCEL_RESTRICTED)
    order_list = None if order.extras is None else list_of(venue, order)
    if order_list is None:
        _cancel(venue, order, command.cancel_id, time_us, events)
    else:
        _cancel_list(venue, order_list, command.cancel_id, time_us, events)
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
    for order in sorted(trader.open_orders.values(), key=_age):
        order_list = list_of(venue, order)
        if order_list is not None:
            _cancel_list(venue, order_list, command.cancel_id, time_us, events)
        elif order.status is not CANCELED:  # with its list
            _cancel(venue, order, command.cancel_id, time_us, events)
    events.append(trader.position())
    return None


def cancel_list(venue: Venue, command: CancelOrderList, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Cancel all open orders of an order list, or say why not."""
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    account = venue.accounts.get(command.account)
    if account is None:
        return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
    name = command.list_client_order_id
    # Where both are given, both must name it (web-socket-api.md, Cancel Order list).
    by_id = venue.order_lists.get(command.order_list_id) if command.order_list_id >= 0 else None
    order_list = account.order_lists.get(name) if command.order_list_id < 0 else by_id
    if (
        order_list is None
        or order_list.trader.account is not account
        or order_list.trader.market is not market
        or name not in ("", order_list.client_order_id)
    ):
        return CommandRejected(reason=Reject.UNKNOWN_ORDER)
    _cancel_list(venue, order_list, command.cancel_id, time_us, events)
    events.append(order_list.trader.position())
    return None


def expire_all(venue: Venue, command: ExpireOpenOrders, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Take all open orders out of a market, account by account and the oldest first, or say why not."""
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    if command.account != ALL_ACCOUNTS and command.account not in venue.accounts:
        return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
    traders = [
        trader
        for account, trader in sorted(market.traders.items())
        if trader.open_orders and command.account in (ALL_ACCOUNTS, account)
    ]
    if not traders:
        return CommandRejected(reason=Reject.NO_OPEN_ORDERS)
    for trader in traders:
        lists: dict[int, OrderList] = {}
        for order in sorted(trader.open_orders.values(), key=_age):
            if (order_list := list_of(venue, order)) is not None:
                lists[order_list.order_list_id] = order_list
            shown = end(venue, order, EXPIRED, time_us)
            view = structs.replace(order.view(), expiry_reason=EXCHANGE_CANCELED)
            events.append(OrderExpired(order=view, execution_id=venue.last_execution_id))
            if shown is not None:
                events.append(shown)
        for order_list in lists.values():
            order_list.open.clear()
            close_list(venue, order_list)
            events.append(order_list.changed(time_us))
    events.extend([trader.position() for trader in traders])
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


def end(venue: Venue, order: Order, status: OrderStatus, time_us: int) -> LevelChanged | None:
    """An open order is open no longer, wherever it was, and nothing is locked for it. Returns what the book shows."""
    market = order.trader.market
    shown = None
    if order.level is not None:
        level_quantity = market.withdraw(order)
        order.unlock()
        book = market.book
        book.update_id += 1
        shown = level_changed(
            symbol=market.symbol,
            side=order.command.side,
            price=order.price,
            quantity=level_quantity,
            update_id=book.update_id,
        )
    else:
        if order.status is not PENDING_NEW:
            stop_waiting(venue, order)
        market.forget(order)
    order.status = status
    order.updated_us = time_us
    venue.last_execution_id += 1
    return shown


def _cancel_list(venue: Venue, order_list: OrderList, cancel_id: str, time_us: int, events: list[Event]) -> None:
    for order in order_list.open.values():
        _cancel(venue, order, cancel_id, time_us, events)
    order_list.open.clear()
    close_list(venue, order_list)
    events.append(order_list.changed(time_us))


def _cancel(venue: Venue, order: Order, cancel_id: str, time_us: int, events: list[Event]) -> None:
    shown = end(venue, order, CANCELED, time_us)
    events.append(OrderCanceled(order=order.view(), execution_id=venue.last_execution_id, cancel_id=cancel_id))
    if shown is not None:
        events.append(shown)


def _age(order: Order) -> int:
    return order.order_id
