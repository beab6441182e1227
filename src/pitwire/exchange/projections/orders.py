"""Orders and what filled them, as their owners see them.

`order.status`, `openOrders.status`, `allOrders`, `myTrades`, `myAllocations`.
Open orders are in memory. What has finished is gathered per account and symbol, and goes to the archive page by page.
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from pitwire.exchange.messages import (
    OrderAllocated,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderOpened,
    OrderPrevented,
    OrderTraded,
    OrderTriggered,
    OrderView,
    TrailingStarted,
)
from pitwire.exchange.projections.archive import (
    ALLOCATIONS,
    ORDERS,
    TRADES,
    AccountAllocation,
    AccountTrade,
    Sorting,
    Wanted,
)
from pitwire.exchange.projections.conditional import (
    add_expiry_reason,
    add_extras,
    add_prevented,
    add_strategy,
    add_used_sor,
    add_working_floor,
)
from pitwire.exchange.projections.gathering import Gathered, Gathering
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import ZERO, grid_text, instant, page_size
from pitwire.market.enums import OrderStatus, Side, TimeUnit
from pitwire.market.numbers import text

LIMIT_DEFAULT = 500
LIMIT_MAX = 1000
LOOKUP_HOURS_MAX = 24
ARCHIVED_DAYS: Final = 90
_LOOKUP_MS_MAX = LOOKUP_HOURS_MAX * 3_600_000
_ARCHIVED_US: Final = ARCHIVED_DAYS * 24 * 3_600_000_000
_END_OF_TIME_US = 2**63 - 1

_NEW, _PARTIALLY_FILLED, _PENDING_NEW = OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_NEW
_BUY = Side.BUY


class NoSuchOrder(LookupError):
    """No order of this account on this symbol has these ids: -2013 on the wire."""


class OrderArchived(LookupError):
    """The order ended more than 90 days ago without having traded: -2026 on the wire."""


class LookupTooLong(ValueError):
    """More than 24 hours lie between `startTime` and `endTime`: -1127 on the wire."""

    def __init__(self) -> None:
        super().__init__(f"more than {LOOKUP_HOURS_MAX} hours between startTime and endTime")
        self.hours_max = LOOKUP_HOURS_MAX


class BadCombination(ValueError):
    """Parameters that cannot be sent together: -1128 on the wire."""


class History:
    """The orders of one account on one symbol: those that are open, and what is gathered of all others."""

    __slots__ = ("gathered", "open")

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.open: dict[int, OrderView] = {}


class HistoryState(Struct, array_like=True):
    """What a snapshot keeps of a `History`: the open orders by id."""

    account: int
    symbol: str
    orders: list[OrderView]


class Orders:
    """The histories of all accounts. Every query raises `UnknownSymbol` for a symbol that is not listed."""

    def __init__(self, symbols: Symbols, gathering: Gathering) -> None:
        self._symbols = symbols
        self._gathering = gathering
        self._histories: dict[int, dict[str, History]] = {}

    def opened(self, event: OrderOpened, _time_us: int) -> None:
        """Take in a new order."""
        order = event.order
        histories = self._histories.get(order.account)
        if histories is None:
            histories = self._histories[order.account] = {}
        history = histories.get(order.symbol)
        if history is None:
            history = histories[order.symbol] = self._new_history(order.account, order.symbol)
        history.open[order.order_id] = order

    def changed(
        self, event: OrderCanceled | OrderExpired | OrderPrevented | OrderTriggered | TrailingStarted, _time_us: int
    ) -> None:
        """Take in the end of an order, what self-trade prevention left of it, or that its time has come."""
        order = event.order
        self._changed(self._histories[order.account][order.symbol], order)

    def amended(self, event: OrderAmended, _time_us: int) -> None:
        """Take in an order with another quantity, and perhaps another client order id."""
        order = event.order
        self._changed(self._histories[order.account][order.symbol], order)

    def traded(self, event: OrderTraded, _time_us: int) -> None:
        """Take in one side of a trade."""
        order = event.order
        history = self._histories[order.account][order.symbol]
        self._changed(history, order)
        gathering, gathered = self._gathering, history.gathered
        if gathering.takes(gathered):
            trade = AccountTrade(
                event.trade_id,
                order.order_id,
                order.updated_us,  # the order's copy was made by this very trade
                event.price,
                event.quantity,
                event.quote,
                event.commission,
                event.commission_asset,
                order.side is _BUY,
                event.is_maker,
                -1 if order.extras is None else order.extras.order_list_id,
            )
            gathering.add(gathered, TRADES, trade)

    def allocated(self, event: OrderAllocated, _time_us: int) -> None:
        """Take in what smart order routing passed on to an order."""
        order = event.order
        history = self._histories[order.account][order.symbol]
        self._changed(history, order)
        gathering, gathered = self._gathering, history.gathered
        if gathering.takes(gathered):
            allocation = AccountAllocation(
                event.allocation_id,
                order.order_id,
                order.updated_us,
                event.price,
                event.quantity,
                event.quote,
                event.commission,
                event.commission_asset,
                order.side is _BUY,
            )
            gathering.add(gathered, ALLOCATIONS, allocation)

    def status(
        self,
        account: int,
        symbol: str,
        order_id: int | None,
        client_order_id: str | None,
        unit: TimeUnit,
        now_us: int = 0,
    ) -> dict[str, Any]:
        """The result of `order.status` (web-socket-api.md, Query order).

        With both ids the order is searched by `order_id`, and its client order id must then be the one given. A client
        order id that was used again means the newest order. Raises `NoSuchOrder`, and `OrderArchived` for an order that
        was cancelled or expired without a trade more than 90 days before `now_us` (errors.md, -2026).
        """
        order = self._find(account, symbol, order_id, client_order_id)
        status = order.status
        is_open = status is _NEW or status is _PENDING_NEW
        if not is_open and not order.executed and now_us - order.updated_us > _ARCHIVED_US:
            raise OrderArchived
        return _order(order, unit)

    def open(self, account: int, symbol: str | None, unit: TimeUnit) -> list[dict[str, Any]]:
        """The result of `openOrders.status` (web-socket-api.md, Current open orders), oldest first.

        Orders of all symbols when `symbol` is None, then sorted by creation time, symbol and order id.
        """
        if symbol is not None:
            return [_order(order, unit) for order in self._open(account, symbol).values()]
        histories = self._histories.get(account, {}).values()
        orders = [order for history in histories for order in history.open.values()]
        orders.sort(key=lambda order: (order.created_us, order.symbol, order.order_id))
        return [_order(order, unit) for order in orders]

    def all(
        self,
        account: int,
        symbol: str,
        order_id: int | None,
        start_us: int | None,
        end_us: int | None,
        limit: int | None,
        unit: TimeUnit,
    ) -> list[dict[str, Any]]:
        """The result of `allOrders` (web-socket-api.md, Account order history).

        `limit` orders, by default 500, at most 1000.
        With `start_us` or `end_us` (both inclusive) `order_id` is ignored, and orders are chosen and sorted by the time
        of their last update: the oldest with a start, the most recent with an end alone. Otherwise they are sorted by
        id: from `order_id` on, or the most recent. Raises `LookupTooLong`.
        """
        first_us, last_us = lookup(start_us, end_us)
        if start_us is not None or end_us is not None:
            wanted = Wanted(first_us=first_us, last_us=last_us)
            sorting = Sorting(by_time=True, newest=start_us is None)
        else:
            wanted = Wanted(first_id=0 if order_id is None else order_id)
            sorting = Sorting(newest=order_id is None)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        return [_order(order, unit) for order in self._chosen_orders(account, symbol, wanted, sorting, count)]

    def trades(
        self,
        account: int,
        symbol: str,
        order_id: int | None,
        start_us: int | None,
        end_us: int | None,
        from_id: int | None,
        limit: int | None,
        unit: TimeUnit,
    ) -> list[dict[str, Any]]:
        """The result of `myTrades` (web-socket-api.md, Account trade history).

        `limit` trades, by default 500, at most 1000, oldest first. With `start_us` or `from_id` the oldest are
        chosen, otherwise the most recent. An account that trades with itself has the trade twice, once for each of its
        orders. Raises `LookupTooLong`, and `BadCombination` when a time is given with `from_id` or `order_id`.
        """
        timed = start_us is not None or end_us is not None
        if timed and (from_id is not None or order_id is not None):
            raise BadCombination("startTime and endTime cannot be sent together with fromId or orderId")
        wanted = Wanted(0 if from_id is None else from_id, _END_OF_TIME_US, *lookup(start_us, end_us))
        if order_id is not None:
            wanted = wanted._replace(first_order=order_id, last_order=order_id)
        sorting = Sorting(newest=start_us is None and from_id is None)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        self._symbols.rules(symbol)
        chosen = self._gathering.chosen(TRADES, account, symbol, wanted, sorting, count)
        return [_trade(trade, symbol, unit) for trade in chosen]

    def allocations(
        self,
        account: int,
        symbol: str,
        order_id: int | None,
        start_us: int | None,
        end_us: int | None,
        from_id: int | None,
        limit: int | None,
        unit: TimeUnit,
    ) -> list[dict[str, Any]]:
        """The result of `myAllocations` (web-socket-api.md, Account allocations), oldest first.

        `limit` of them, by default 500, at most 1000: the newest with an end alone, otherwise the oldest. Raises
        `LookupTooLong`, and `BadCombination` when a time is given with `from_id` or `order_id`.
        """
        self._symbols.rules(symbol)
        timed = start_us is not None or end_us is not None
        if timed and (from_id is not None or order_id is not None):
            raise BadCombination("startTime and endTime cannot be sent together with fromAllocationId or orderId")
        wanted = Wanted(0 if from_id is None else from_id, _END_OF_TIME_US, *lookup(start_us, end_us))
        if order_id is not None:
            wanted = wanted._replace(first_order=order_id, last_order=order_id)
        sorting = Sorting(newest=start_us is None and end_us is not None)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        chosen = self._gathering.chosen(ALLOCATIONS, account, symbol, wanted, sorting, count)
        return [_allocation(allocation, symbol, unit) for allocation in chosen]

    def open_count(self, account: int, symbol: str) -> int:
        """How many orders of the account are open on the symbol."""
        return len(self._open(account, symbol))

    def open_views(self, account: int) -> list[OrderView]:
        """The account's open orders on all symbols."""
        return [order for history in self._histories.get(account, {}).values() for order in history.open.values()]

    def state(self) -> list[HistoryState]:
        """What a snapshot keeps."""
        return [
            HistoryState(account, symbol, list(history.open.values()))
            for account, histories in sorted(self._histories.items())
            for symbol, history in sorted(histories.items())
            if history.open
        ]

    @classmethod
    def of(cls, state: Sequence[HistoryState], symbols: Symbols, gathering: Gathering) -> "Orders":
        """The orders that a snapshot kept; the archive has what had finished by then."""
        orders = cls(symbols, gathering)
        for kept in state:
            history = orders._new_history(kept.account, kept.symbol)
            orders._histories.setdefault(kept.account, {})[kept.symbol] = history
            history.open = {order.order_id: order for order in kept.orders}
        return orders

    def _changed(self, history: History, order: OrderView) -> None:
        status = order.status
        if status is _PARTIALLY_FILLED or status is _NEW or status is _PENDING_NEW:
            history.open[order.order_id] = order
            return
        del history.open[order.order_id]
        gathering, gathered = self._gathering, history.gathered
        if gathering.takes(gathered):
            gathering.add(gathered, ORDERS, order)

    def _find(self, account: int, symbol: str, order_id: int | None, client_order_id: str | None) -> OrderView:
        """By `order_id` first, which `client_order_id` must then agree with (web-socket-api.md, Query order)."""
        opened = self._open(account, symbol)
        if order_id is not None:
            order = opened.get(order_id)
            if order is None:
                wanted = Wanted(first_id=order_id, last_id=order_id)
                found = self._chosen_orders(account, symbol, wanted, Sorting(), 1)
                order = found[0] if found else None
            if order is not None and client_order_id in (None, order.client_order_id):
                return order
        elif client_order_id is not None:
            # An id may be used again once its order has finished: the newest order is the one it then means.
            for order in opened.values():
                if order.client_order_id == client_order_id:
                    return order
            found = self._gathering.named(ORDERS, account, symbol, client_order_id)
            if found is not None:
                return found  # type: ignore[no-any-return]
        raise NoSuchOrder

    def _chosen_orders(
        self, account: int, symbol: str, wanted: Wanted, sorting: Sorting, count: int
    ) -> list[OrderView]:
        opened = self._open(account, symbol)
        return self._gathering.chosen(ORDERS, account, symbol, wanted, sorting, count, opened.values())

    def _open(self, account: int, symbol: str) -> dict[int, OrderView]:
        self._symbols.rules(symbol)
        history = self._histories.get(account, {}).get(symbol)
        return {} if history is None else history.open

    def _new_history(self, account: int, symbol: str) -> History:
        return History(self._gathering.of(account, symbol))


def lookup(start_us: int | None, end_us: int | None) -> tuple[int, int]:
    """The first and the last microsecond of a lookup. Raises `LookupTooLong`."""
    # In whole milliseconds: an end that was sent in milliseconds stands for the last microsecond of its millisecond.
    if start_us is not None and end_us is not None and (end_us - start_us) // 1000 > _LOOKUP_MS_MAX:
        raise LookupTooLong
    return 0 if start_us is None else start_us, _END_OF_TIME_US if end_us is None else end_us


def _order(order: OrderView, unit: TimeUnit) -> dict[str, Any]:
    result: dict[str, Any] = {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "price": grid_text(order.price),
        "origQty": grid_text(order.quantity),
        "executedQty": grid_text(order.executed),
        "cummulativeQuoteQty": text(order.quote_executed),
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
        "stopPrice": ZERO,
        "icebergQty": ZERO,
        "time": instant(order.created_us, unit),
        "updateTime": instant(order.updated_us, unit),
        "isWorking": order.working_us >= 0,
        "workingTime": instant(order.working_us, unit),
        "origQuoteOrderQty": text(order.quote_quantity),
    }
    if order.extras is not None:
        add_extras(result, order.extras, unit)
    add_strategy(result, order)
    add_working_floor(result, order.extras)
    result["selfTradePreventionMode"] = order.self_trade_prevention
    add_used_sor(result, order.extras)
    add_prevented(result, order)
    add_expiry_reason(result, order)
    return result


def _allocation(allocation: AccountAllocation, symbol: str, unit: TimeUnit) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "allocationId": allocation.allocation_id,
        "allocationType": "SOR",
        "orderId": allocation.order_id,
        "orderListId": -1,
        "price": grid_text(allocation.price),
        "qty": grid_text(allocation.quantity),
        "quoteQty": text(allocation.quote),
        "commission": text(allocation.commission),
        "commissionAsset": allocation.commission_asset,
        "time": instant(allocation.time_us, unit),
        "isBuyer": allocation.is_buyer,
        "isMaker": False,
        "isAllocator": False,
    }


def _trade(trade: AccountTrade, symbol: str, unit: TimeUnit) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "orderListId": trade.order_list_id,
        "price": grid_text(trade.price),
        "qty": grid_text(trade.quantity),
        "quoteQty": text(trade.quote),
        "commission": text(trade.commission),
        "commissionAsset": trade.commission_asset,
        "time": instant(trade.time_us, unit),
        "isBuyer": trade.is_buyer,
        "isMaker": trade.is_maker,
        "isBestMatch": True,
    }
