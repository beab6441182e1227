"""Order lists as their owners see them: `orderList.status`, `openOrderLists.status`, `allOrderLists`.

Lists that are open are in memory. Those that are done go to the archive's pages, as finished orders do; the ids of
lists count over all symbols, so they are gathered under no symbol.
"""

from collections.abc import Iterable
from typing import Any, Final

from pitwire.exchange.messages import OrderListChanged, OrderListView
from pitwire.exchange.projections.archive import ORDER_LISTS, Sorting, Wanted
from pitwire.exchange.projections.gathering import Gathering
from pitwire.exchange.projections.orders import LIMIT_DEFAULT, LIMIT_MAX, NoSuchOrder, lookup
from pitwire.exchange.projections.wire import instant, page_size
from pitwire.market.enums import ListOrderStatus, ListStatusType, TimeUnit

OF_NO_SYMBOL: Final = ""


class OrderLists:
    """The order lists of all accounts."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._open: dict[int, dict[int, OrderListView]] = {}

    def changed(self, event: OrderListChanged, _time_us: int) -> None:
        """Take in a new list, or what became of one."""
        order_list = event.order_list
        opened = self._open.setdefault(order_list.account, {})
        if not order_list.is_done:
            opened[order_list.order_list_id] = order_list
            return
        opened.pop(order_list.order_list_id, None)
        gathered = self._gathering.of(order_list.account, OF_NO_SYMBOL)
        if self._gathering.takes(gathered):
            self._gathering.add(gathered, ORDER_LISTS, order_list)

    def status(
        self, account: int, order_list_id: int | None, list_client_order_id: str | None, unit: TimeUnit
    ) -> dict[str, Any]:
        """The result of `orderList.status` (web-socket-api.md, Query Order list).

        With a client order id the other id is ignored; one that was used again means the newest list. Raises
        `NoSuchOrder`.
        """
        opened = self._open.get(account, {})
        found: OrderListView | None = None
        if list_client_order_id is not None:
            named = [each for each in opened.values() if each.list_client_order_id == list_client_order_id]
            found = (
                named[0] if named else self._gathering.named(ORDER_LISTS, account, OF_NO_SYMBOL, list_client_order_id)
            )
        elif order_list_id is not None:
            found = opened.get(order_list_id)
            if found is None:
                wanted = Wanted(first_id=order_list_id, last_id=order_list_id)
                chosen = self._gathering.chosen(ORDER_LISTS, account, OF_NO_SYMBOL, wanted, Sorting(), 1)
                found = chosen[0] if chosen else None
        if found is None:
            raise NoSuchOrder
        return list_status(found, unit)

    def open(self, account: int, unit: TimeUnit) -> list[dict[str, Any]]:
        """The result of `openOrderLists.status` (web-socket-api.md, Current open Order lists), by id."""
        return [list_status(each, unit) for each in self._open.get(account, {}).values()]

    def all(
        self,
        account: int,
        from_id: int | None,
        start_us: int | None,
        end_us: int | None,
        limit: int | None,
        unit: TimeUnit,
    ) -> list[dict[str, Any]]:
        """The result of `allOrderLists` (web-socket-api.md, Account order list history).

        `limit` lists, by default 500, at most 1000. With `start_us` or `end_us` (both inclusive) `from_id` is ignored,
        and lists are chosen and sorted by the time at which their status last changed; otherwise by id: from
        `from_id` on, or the most recent. Raises `LookupTooLong`.
        """
        first_us, last_us = lookup(start_us, end_us)
        if start_us is not None or end_us is not None:
            wanted = Wanted(first_us=first_us, last_us=last_us)
            sorting = Sorting(by_time=True, newest=start_us is None)
        else:
            wanted = Wanted(first_id=0 if from_id is None else from_id)
            sorting = Sorting(newest=from_id is None)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        opened = self._open.get(account, {}).values()
        chosen = self._gathering.chosen(ORDER_LISTS, account, OF_NO_SYMBOL, wanted, sorting, count, opened)
        return [list_status(each, unit) for each in chosen]

    def state(self) -> list[OrderListView]:
        """What a snapshot keeps."""
        return [each for _, opened in sorted(self._open.items()) for each in opened.values()]

    @classmethod
    def of(cls, state: Iterable[OrderListView], gathering: Gathering) -> "OrderLists":
        """The open lists that a snapshot kept; the archive has what was done by then."""
        order_lists = cls(gathering)
        for each in state:
            order_lists._open.setdefault(each.account, {})[each.order_list_id] = each
        return order_lists


def list_status(order_list: OrderListView, unit: TimeUnit) -> dict[str, Any]:
    """An order list as every answer about one shows it."""
    done = order_list.is_done
    return {
        "orderListId": order_list.order_list_id,
        "contingencyType": order_list.contingency,
        "listStatusType": ListStatusType.ALL_DONE if done else ListStatusType.EXEC_STARTED,
        "listOrderStatus": ListOrderStatus.ALL_DONE if done else ListOrderStatus.EXECUTING,
        "listClientOrderId": order_list.list_client_order_id,
        "transactionTime": instant(order_list.updated_us, unit),
        "symbol": order_list.symbol,
        "orders": listed_orders(order_list),
    }


def listed_orders(order_list: OrderListView) -> list[dict[str, Any]]:
    """The orders of a list, by their ids."""
    return [
        {"symbol": order_list.symbol, "orderId": order.order_id, "clientOrderId": order.client_order_id}
        for order in order_list.orders
    ]
