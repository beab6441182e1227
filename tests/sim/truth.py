"""What the exchange has done, whatever anybody was told: the engine's own events of one account."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pitwire.exchange.messages import (
    CommandRejected,
    OrderAmended,
    OrderCanceled,
    OrderListChanged,
    OrderListView,
    OrderOpened,
    OrderTraded,
    OrderView,
    Outcome,
)
from pitwire.market.enums import OrderStatus

OPEN = frozenset({OrderStatus.NEW, OrderStatus.PENDING_NEW, OrderStatus.PARTIALLY_FILLED})


class Truth:
    """The orders of `account`, and what became of them."""

    def __init__(self, account: int) -> None:
        self._account = account
        self.opened: Counter[str] = Counter()
        """How many orders were placed under each client order id, by anybody."""
        self.orders: dict[int, OrderView] = {}
        """Each as it stands now."""
        self.lists: dict[str, OrderListView] = {}
        self.trades: Counter[int] = Counter()
        self.canceled: set[int] = set()
        """Those that were cancelled, not those that ended by themselves."""
        self.amended: set[int] = set()
        self.refused: set[str] = set()
        """The client order ids of commands that were refused."""

    def observe(self, outcome: Outcome) -> None:
        """Take in what a command brought about."""
        for event in outcome.events:
            if isinstance(event, OrderOpened):
                self.opened[event.order.client_order_id] += 1
            if isinstance(event, CommandRejected):
                self._refused(outcome.record.command)
            elif isinstance(event, OrderListChanged):
                if event.order_list.account == self._account:
                    self.lists[event.order_list.list_client_order_id] = event.order_list
            elif isinstance(order := getattr(event, "order", None), OrderView) and order.account == self._account:
                self._happened(event, order)

    def _refused(self, command: Any) -> None:
        self.refused.update(
            getattr(command, name, "") for name in ("client_order_id", "list_client_order_id", "new_client_order_id")
        )

    def _happened(self, event: Any, order: OrderView) -> None:
        self.orders[order.order_id] = order
        if isinstance(event, OrderTraded):
            self.trades[event.trade_id] += 1
        elif isinstance(event, OrderCanceled):
            self.canceled.add(order.order_id)
        elif isinstance(event, OrderAmended):
            self.amended.add(order.order_id)

    def ids(self, names: Iterable[str]) -> list[int]:
        """The ids of the orders of these names that are there."""
        wanted = set(names)
        return [number for number, order in self.orders.items() if order.client_order_id in wanted]

    def open(self) -> set[int]:
        """The orders that are open."""
        return {number for number, order in self.orders.items() if order.status in OPEN}
