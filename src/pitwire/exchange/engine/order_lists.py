"""An order list: orders that depend on each other, and what they have locked together.

One model serves all kinds (web-socket-api.md, Order lists). A list has one or two phases. Two orders of one phase are a
pair: what trades, works or ends of one of them ends the other. The orders of the second phase are pending until the
one of the first phase, the working order, is filled. OCO is a pair in one phase; OTO and OPO have one order in each of
two phases, OTOCO and OPOCO a pair in the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pitwire.exchange.messages import ListedOrder, OrderListChanged, OrderListView
from pitwire.market.enums import ContingencyType, ListStatusType, OrderStatus
from pitwire.market.numbers import SCALE

if TYPE_CHECKING:
    from pitwire.exchange.engine.market import Trader
    from pitwire.exchange.engine.orders import Order
    from pitwire.exchange.engine.venue import Venue
    from pitwire.market.rejects import Reject

OCO: Final = ContingencyType.OCO
PENDING_NEW: Final = OrderStatus.PENDING_NEW
UPDATED: Final = ListStatusType.UPDATED


class OrderList:
    """What was asked for, which of its orders are still open, and what it has locked itself.

    `orders` are all of them as the wire shows them, in the order of their ids; `open` those that have not ended.
    Of a pair one order locks what it needs, as any order does; the first of the two, the stop loss order, locks nothing
    while it waits. The list has locked what the first needs beyond that: together it is what the dearer one needs.
    With `pays` it has locked what the working order brought in, until the pending orders are placed.
    """

    __slots__ = (
        "client_order_id",
        "contingency",
        "in_second_phase",
        "open",
        "order_list_id",
        "orders",
        "pays",
        "reserved_base",
        "reserved_quote",
        "trader",
        "updated_us",
    )

    def __init__(
        self, order_list_id: int, trader: Trader, client_order_id: str, contingency: ContingencyType, pays: bool
    ) -> None:
        self.order_list_id = order_list_id
        self.trader = trader
        self.client_order_id = client_order_id
        self.contingency = contingency
        self.pays = pays
        self.orders: list[ListedOrder] = []
        self.open: dict[int, Order] = {}
        self.in_second_phase = False
        self.reserved_base = 0
        self.reserved_quote = 0
        self.updated_us = 0

    def add(self, order: Order) -> None:
        """Make an order its next one."""
        self.orders.append(ListedOrder(order.order_id, order.command.client_order_id))
        self.open[order.order_id] = order

    def rename(self, order: Order) -> None:
        """One of its orders goes by another client order id."""
        listed = ListedOrder(order.order_id, order.command.client_order_id)
        self.orders = [listed if each.order_id == order.order_id else each for each in self.orders]

    def awaits(self, order_id: int) -> bool:
        """Whether the order is the working order, which the others wait for."""
        return self.contingency is not OCO and not self.in_second_phase and order_id == self.orders[0].order_id

    def pair(self) -> list[ListedOrder]:
        """The orders of which one ends the other, the stop loss order first; none where there is only one a phase."""
        orders = self.orders if self.contingency is OCO else self.orders[1:]
        return orders if len(orders) == 2 else []

    def other(self, order: Order) -> Order | None:
        """The other order of its pair, while that is open."""
        ids = [each.order_id for each in self.pair()]
        if order.order_id not in ids:
            return None
        return self.open.get(ids[0] if order.order_id == ids[1] else ids[1])

    def has_own_lock(self, order: Order) -> bool:
        """Whether one of its open orders has locked what it needs, as an order of no list would have."""
        if order.level is not None:
            return True
        pair = self.pair()
        return order.status is not PENDING_NEW and not (pair and pair[0].order_id == order.order_id)

    def reserve_difference(self, spare: Order, other: Order) -> None:
        """Lock what the first order of a pair needs beyond what the other one has locked."""
        if spare.is_buy:
            needed = spare.price * spare.quantity // SCALE - other.price * other.quantity // SCALE
            self.reserve(quote=max(0, needed))

    def reserve(self, *, base: int = 0, quote: int = 0) -> None:
        """Lock what is free."""
        trader = self.trader
        self.reserved_base += base
        trader.base.free -= base
        trader.base.locked += base
        self.reserved_quote += quote
        trader.quote.free -= quote
        trader.quote.locked += quote

    def release(self) -> None:
        """Free all that the list itself has locked."""
        self.reserve(base=-self.reserved_base, quote=-self.reserved_quote)

    def view(self) -> OrderListView:
        """A copy of the list as it stands now."""
        trader = self.trader
        return OrderListView(
            self.order_list_id,
            trader.account_id,
            trader.market.symbol,
            self.client_order_id,
            self.contingency,
            tuple(self.orders),
            self.updated_us,
            not self.open,
        )

    def changed(
        self, time_us: int, status_type: ListStatusType | None = None, rejection: Reject | None = None
    ) -> OrderListChanged:
        """The event of a change: by default that it goes on, or is done."""
        self.updated_us = time_us
        if status_type is None:
            status_type = ListStatusType.EXEC_STARTED if self.open else ListStatusType.ALL_DONE
        return OrderListChanged(order_list=self.view(), status_type=status_type, rejection=rejection)


def list_of(venue: Venue, order: Order) -> OrderList | None:
    """The list that an open order belongs to."""
    extras = order.extras
    return None if extras is None else venue.order_lists.get(extras.order_list_id)


def open_list(venue: Venue, order_list: OrderList) -> None:
    """Count a list among the open ones."""
    venue.order_lists[order_list.order_list_id] = order_list
    order_list.trader.account.order_lists[order_list.client_order_id] = order_list
    venue.waiting += 1


def close_list(venue: Venue, order_list: OrderList) -> None:
    """The last order of a list has ended."""
    order_list.release()
    del venue.order_lists[order_list.order_list_id]
    del order_list.trader.account.order_lists[order_list.client_order_id]
    venue.waiting -= 1
