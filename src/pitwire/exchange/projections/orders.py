"""Orders and trades as their owners see them: `order.status`, `openOrders.status`, `allOrders`, `myTrades`."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from msgspec import Struct

from pitwire.exchange.messages import (
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderOpened,
    OrderTraded,
    OrderTriggered,
    OrderView,
    TrailingStarted,
)
from pitwire.exchange.projections.accounts import Accounts
from pitwire.exchange.projections.conditional import add_expiry_reason, add_extras, add_strategy
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import ZERO, grid_text, instant, page_size
from pitwire.market.enums import OrderStatus, Side, TimeUnit
from pitwire.market.numbers import text

FINISHED_KEPT = 10_000
"""Finished orders kept per account and symbol; the first to finish is forgotten first. Open ones are never dropped."""
TRADES_KEPT = 10_000
"""Trades kept per account and symbol; the oldest is forgotten first."""
MARKET_MAKERS_KEPT = 100
"""Of either, for a market's own accounts: they make most of all orders, and nobody asks for their history."""
LIMIT_DEFAULT = 500
LIMIT_MAX = 1000
LOOKUP_HOURS_MAX = 24
_LOOKUP_MS_MAX = LOOKUP_HOURS_MAX * 3_600_000
_END_OF_TIME_US = 2**63 - 1

_NEW, _PARTIALLY_FILLED = OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED
_T = TypeVar("_T")


class NoSuchOrder(LookupError):
    """No order of this account on this symbol has these ids: -2013 on the wire."""


class LookupTooLong(ValueError):
    """More than 24 hours lie between `startTime` and `endTime`: -1127 on the wire."""

    def __init__(self) -> None:
        super().__init__(f"more than {LOOKUP_HOURS_MAX} hours between startTime and endTime")
        self.hours_max = LOOKUP_HOURS_MAX


class BadCombination(ValueError):
    """Parameters that cannot be sent together: -1128 on the wire."""


class History:
    """The orders and trades of one account on one symbol.

    Order ids of a symbol only grow, so the orders are in the order of their ids, which is that of their creation.
    """

    __slots__ = ("by_client_order_id", "by_order_id", "finished", "finished_kept", "open", "trades")

    def __init__(self, market_maker: bool) -> None:
        self.finished_kept = MARKET_MAKERS_KEPT if market_maker else FINISHED_KEPT
        self.by_order_id: dict[int, OrderView] = {}
        self.by_client_order_id: dict[str, int] = {}
        self.open: dict[int, OrderView] = {}
        self.finished: deque[int] = deque()
        self.trades: deque[OrderTraded] = deque(maxlen=MARKET_MAKERS_KEPT if market_maker else TRADES_KEPT)

    def opened(self, order: OrderView) -> None:
        """Take in a new order."""
        self.by_order_id[order.order_id] = self.open[order.order_id] = order
        # An id may be used again once its order has finished: the newest order is the one it then means.
        self.by_client_order_id[order.client_order_id] = order.order_id

    def changed(self, order: OrderView) -> None:
        """Take in an order as it now stands."""
        order_id = order.order_id
        self.by_order_id[order_id] = order
        status = order.status
        if status is _PARTIALLY_FILLED or status is _NEW:
            self.open[order_id] = order
            return
        del self.open[order_id]
        self.finished.append(order_id)
        if len(self.finished) > self.finished_kept:
            self._forget(self.finished.popleft())

    def amended(self, order: OrderView, previous_client_order_id: str) -> None:
        """Take in an order that may go by another client order id now. Each id means the newest order that has it."""
        self.changed(order)
        if order.client_order_id != previous_client_order_id:
            self.by_client_order_id.pop(previous_client_order_id, None)
            ids = (previous_client_order_id, order.client_order_id)
            for each in self.by_order_id.values():
                if each.client_order_id in ids:
                    self.by_client_order_id[each.client_order_id] = each.order_id

    def _forget(self, order_id: int) -> None:
        client_order_id = self.by_order_id.pop(order_id).client_order_id
        if self.by_client_order_id[client_order_id] == order_id:
            del self.by_client_order_id[client_order_id]

    def find(self, order_id: int | None, client_order_id: str | None) -> OrderView:
        """By `order_id` first, which `client_order_id` must then agree with (web-socket-api.md, Query order)."""
        if order_id is None and client_order_id is not None:
            order_id = self.by_client_order_id.get(client_order_id)
        order = None if order_id is None else self.by_order_id.get(order_id)
        if order is None or (client_order_id is not None and order.client_order_id != client_order_id):
            raise NoSuchOrder
        return order

    def orders_from(self, order_id: int) -> Iterator[OrderView]:
        """The orders with this id or a greater one, in the order of their ids."""
        ids = list(self.by_order_id)
        return (self.by_order_id[found] for found in islice(ids, bisect_left(ids, order_id), None))


class HistoryState(Struct, array_like=True):
    """What a snapshot keeps of a `History`: orders by id, finished ids in the order in which they finished."""

    account: int
    symbol: str
    orders: list[OrderView]
    finished: list[int]
    trades: list[OrderTraded]


class Orders:
    """The histories of all accounts. Every query raises `UnknownSymbol` for a symbol that is not listed."""

    def __init__(self, symbols: Symbols, accounts: Accounts) -> None:
        self._symbols = symbols
        self._accounts = accounts
        self._histories: dict[int, dict[str, History]] = {}

    def opened(self, event: OrderOpened, _time_us: int) -> None:
        """Take in a new order."""
        order = event.order
        histories = self._histories.get(order.account)
        if histories is None:
            histories = self._histories[order.account] = {}
        history = histories.get(order.symbol)
        if history is None:
            history = histories[order.symbol] = self._new_history(order.account)
        history.opened(order)

    def changed(self, event: OrderCanceled | OrderExpired | OrderTriggered | TrailingStarted, _time_us: int) -> None:
        """Take in the end of an order, or that its time has come."""
        order = event.order
        self._histories[order.account][order.symbol].changed(order)

    def amended(self, event: OrderAmended, _time_us: int) -> None:
        """Take in an order with another quantity, and perhaps another client order id."""
        order = event.order
        self._histories[order.account][order.symbol].amended(order, event.previous_client_order_id)

    def traded(self, event: OrderTraded, _time_us: int) -> None:
        """Take in one side of a trade."""
        order = event.order
        history = self._histories[order.account][order.symbol]
        history.changed(order)
        history.trades.append(event)

    def status(
        self, account: int, symbol: str, order_id: int | None, client_order_id: str | None, unit: TimeUnit
    ) -> dict[str, Any]:
        """The result of `order.status` (web-socket-api.md, Query order).

        With both ids the order is searched by `order_id`, and its client order id must then be the one given. A client
        order id that was used again means the newest order. Raises `NoSuchOrder`, also for an order that finished so
        long ago that it has been forgotten.
        """
        return _order(self._history(account, symbol).find(order_id, client_order_id), unit)

    def open(self, account: int, symbol: str | None, unit: TimeUnit) -> list[dict[str, Any]]:
        """The result of `openOrders.status` (web-socket-api.md, Current open orders), oldest first.

        Orders of all symbols when `symbol` is None, then sorted by creation time, symbol and order id.
        """
        if symbol is not None:
            return [_order(order, unit) for order in self._history(account, symbol).open.values()]
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
        first_us, last_us = _lookup(start_us, end_us)
        history = self._history(account, symbol)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        chosen: Iterable[OrderView]
        if start_us is not None or end_us is not None:
            found = [order for order in history.by_order_id.values() if first_us <= order.updated_us <= last_us]
            found.sort(key=attrgetter("updated_us"))  # of equal ones the smaller id stays first
            chosen = found[:count] if start_us is not None else _last(found, count)
        elif order_id is not None:
            chosen = islice(history.orders_from(order_id), count)
        else:
            chosen = reversed(list(islice(reversed(history.by_order_id.values()), count)))
        return [_order(order, unit) for order in chosen]

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
        first_us, last_us = _lookup(start_us, end_us)
        found = list(self._history(account, symbol).trades)
        if from_id is not None:
            found = found[bisect_left(found, from_id, key=attrgetter("trade_id")) :]
        if order_id is not None:
            found = [trade for trade in found if trade.order.order_id == order_id]
        if timed:
            found = [trade for trade in found if first_us <= trade.order.updated_us <= last_us]
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        chosen = found[:count] if start_us is not None or from_id is not None else _last(found, count)
        return [_trade(trade, unit) for trade in chosen]

    def open_count(self, account: int, symbol: str) -> int:
        """How many orders of the account are open on the symbol."""
        return len(self._history(account, symbol).open)

    def state(self) -> list[HistoryState]:
        """What a snapshot keeps."""
        return [
            HistoryState(
                account, symbol, list(history.by_order_id.values()), list(history.finished), list(history.trades)
            )
            for account, histories in self._histories.items()
            for symbol, history in histories.items()
        ]

    @classmethod
    def of(cls, state: list[HistoryState], symbols: Symbols, accounts: Accounts) -> "Orders":
        """The orders that a snapshot kept."""
        orders = cls(symbols, accounts)
        for kept in state:
            history = orders._new_history(kept.account)
            orders._histories.setdefault(kept.account, {})[kept.symbol] = history
            history.finished.extend(kept.finished)
            history.trades.extend(kept.trades)
            finished = set(kept.finished)
            for order in kept.orders:
                history.opened(order)
                if order.order_id in finished:
                    del history.open[order.order_id]
        return orders

    def _history(self, account: int, symbol: str) -> History:
        self._symbols.rules(symbol)
        return self._histories.get(account, {}).get(symbol) or History(market_maker=False)

    def _new_history(self, account: int) -> History:
        return History(self._accounts.is_market_maker(account))


def _lookup(start_us: int | None, end_us: int | None) -> tuple[int, int]:
    """The first and the last microsecond of a lookup."""
    # In whole milliseconds: an end that was sent in milliseconds stands for the last microsecond of its millisecond.
    if start_us is not None and end_us is not None and (end_us - start_us) // 1000 > _LOOKUP_MS_MAX:
        raise LookupTooLong
    return 0 if start_us is None else start_us, _END_OF_TIME_US if end_us is None else end_us


def _last(items: list[_T], count: int) -> list[_T]:
    return items[max(0, len(items) - count) :]


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
    result["selfTradePreventionMode"] = order.self_trade_prevention
    add_expiry_reason(result, order)
    return result


def _trade(trade: OrderTraded, unit: TimeUnit) -> dict[str, Any]:
    order = trade.order
    return {
        "symbol": order.symbol,
        "id": trade.trade_id,
        "orderId": order.order_id,
        "orderListId": -1,
        "price": grid_text(trade.price),
        "qty": grid_text(trade.quantity),
        "quoteQty": text(trade.quote),
        "commission": text(trade.commission),
        "commissionAsset": trade.commission_asset,
        # The order's copy was made by this very trade, so its last update is the time of the trade.
        "time": instant(order.updated_us, unit),
        "isBuyer": order.side is Side.BUY,
        "isMaker": trade.is_maker,
        "isBestMatch": True,
    }
