"""Many unknown requests about one symbol's orders, asked about together where that costs less. No I/O.

A survey is a generator as an inquiry is: it yields queries, is sent their results, and returns what they show, a
`Survey`. An inquiry is then answered from that, in place of the exchange.

    openOrders.status        6   the orders that are open
    allOrders               20   those that have ended since the oldest of the requests was sent, a thousand a page
    myTrades                20   what filled the orders among them, a thousand a page
    order.status             4   for each that the survey does not show, once it is final

A survey only finds. That it does not show something means nothing: `allOrders` reads the database, which is behind the
memory that `order.status` looks at first (web-socket-api.md, Data sources). For the same reason an order counts as
ended by `allOrders`, which changes no more, and as open by `openOrders.status` alone.
"""

from collections.abc import Generator, Sequence
from typing import Any, Final

from msgspec import Struct

from pitwire.client.safety import reconstruction as made
from pitwire.client.safety.inquiry import OPEN, Found, Refused, inquiry
from pitwire.client.safety.intent import AHEAD_US_MAX, Intent, microseconds
from pitwire.market.enums import OrderResponseType
from pitwire.protocol.errors import Rejected
from pitwire.protocol.requests import account
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.trading import OrderCancel, OrderPlace, SorOrderPlace
from pitwire.protocol.results.account import AccountTrade, Order

PAGE: Final = 1000
"""The most that `allOrders` and `myTrades` return (Account order history, Account trade history: limit)."""
_ONE_ORDER: Final = account.OrderStatus(symbol="", order_id=0).weight()
_OPEN_ORDERS: Final = account.OpenOrdersStatus(symbol="").weight()
_ORDERS_PAGE: Final = account.AllOrders(symbol="").weight()
_TRADES_OF_ONE: Final = account.MyTrades(symbol="", order_id=0).weight()
_TRADES_PAGE: Final = account.MyTrades(symbol="").weight()


class Unseen(Struct, frozen=True):
    """The survey does not show what became of it. `ask_singly`: an inquiry may, now; else nothing came of it yet."""

    ask_singly: bool


def saves(weight: int, number: int, each: int) -> bool:
    """Whether a weight of `weight` costs less than `each` for all `number`, though half of them may cost that later."""
    return 2 * weight <= number * each


def is_worth_it(number: int) -> bool:
    """Whether a survey costs less than asking about `number` requests singly."""
    return saves(_OPEN_ORDERS + _ORDERS_PAGE, number, _ONE_ORDER)


def subject(intent: Intent) -> tuple[Any, str] | None:
    """What a survey would be made of: an account, by its key, and a symbol. None for what no survey can find."""
    match intent.request:
        case OrderPlace(symbol=symbol) | SorOrderPlace(symbol=symbol) | OrderCancel(symbol=symbol):
            return intent.key, symbol
        case _:  # lists are not in what is surveyed, and of two orders each may be seen at another time
            return None


class Survey:
    """What the queries showed."""

    def __init__(self) -> None:
        self.is_refused = False
        """Whether the exchange does not let it be made."""
        self._orders: dict[int, Order] = {}
        self._named: dict[str, Order] = {}
        self._trades: dict[int, dict[int, AccountTrade]] = {}

    def finding(self, intent: Intent) -> Found | Refused | Unseen:
        """What became of `intent`, if that is to be seen."""
        asking = inquiry(intent)
        query = next(asking)
        while (answer := self._answer(query)) is not None:
            try:
                query = asking.send(answer)
            except StopIteration as end:
                if isinstance(end.value, Found | Refused):
                    return end.value
                break
        asking.close()
        order = self.of(intent)
        is_cancel = isinstance(intent.request, OrderCancel)
        nothing_yet = order is None if not is_cancel else order is not None and order.status in OPEN
        return Unseen(ask_singly=self.is_refused or not nothing_yet)

    def _answer(self, query: Request[Any]) -> Any:
        match query:
            case account.OrderStatus():
                return self._order(query.order_id, query.orig_client_order_id)
            case account.MyTrades(order_id=int(order_id)):
                is_whole = not self.lacks_trades(self._orders[order_id])
                trades = self._trades.get(order_id, {})
                return tuple(trades[number] for number in sorted(trades)) if is_whole else None
            case _:
                return None

    def _order(self, order_id: int | None, client_order_id: str | None) -> Order | None:
        """By `order_id` first, which the other must then agree with (web-socket-api.md, Query order)."""
        if order_id is None:
            return None if client_order_id is None else self._named.get(client_order_id)
        order = self._orders.get(order_id)
        return order if order is not None and client_order_id in (None, order.client_order_id) else None

    def of(self, intent: Intent) -> Order | None:
        """The order that it is about, if that is to be seen."""
        request: Any = intent.request
        if isinstance(request, OrderCancel):
            return self._order(request.order_id, request.orig_client_order_id)
        order = self._order(None, intent.client_order_id)
        return None if order is None or intent.is_older(order.time) else order

    def add(self, orders: Sequence[Order]) -> None:
        """These orders are there."""
        for order in orders:
            self._orders[order.order_id] = order
            namesake = self._named.get(order.client_order_id)
            if namesake is None or namesake.order_id <= order.order_id:  # an id may be used again: the newest has it
                self._named[order.client_order_id] = order

    def add_trades(self, trades: Sequence[AccountTrade]) -> None:
        """These trades were made."""
        for trade in trades:
            self._trades.setdefault(trade.order_id, {})[trade.id] = trade

    def lacks_trades(self, order: Order) -> bool:
        """Whether some of what filled it is missing."""
        return sum(trade.qty for trade in self._trades.get(order.order_id, {}).values()) != order.executed_qty


def survey(intents: Sequence[Intent]) -> Generator[Request[Any], Any, Survey]:
    """The survey of what became of `intents`, all of one `subject`."""
    request: Any = intents[0].request
    symbol: str = request.symbol
    seen = Survey()
    try:
        seen.add((yield account.OpenOrdersStatus(symbol=symbol)))
        yield from _ended_orders(symbol, intents, seen)
        yield from _fills(symbol, intents, seen)
    except Rejected:
        seen.is_refused = True
    return seen


def _ended_orders(symbol: str, intents: Sequence[Intent], seen: Survey) -> Generator[Request[Any], Any, None]:
    """Read them in the order of their last update, page by page, as long as that is worth it.

    By which time a page begins is documented, in which order it is not. What another order of them hides is asked for
    singly.
    """
    start_us = min(intent.sent_us for intent in intents) - AHEAD_US_MAX
    weight = _OPEN_ORDERS + _ORDERS_PAGE
    while saves(weight, len(intents), _ONE_ORDER) and saves(_ORDERS_PAGE, _missing(intents, seen), _ONE_ORDER):
        page = yield account.AllOrders(symbol=symbol, start_time=start_us // 1000, limit=PAGE)
        seen.add([order for order in page if order.status not in OPEN])
        newest_us = max((microseconds(order.update_time) for order in page), default=0)
        if len(page) < PAGE or newest_us // 1000 <= start_us // 1000:
            return
        start_us = newest_us
        weight += _ORDERS_PAGE


def _missing(intents: Sequence[Intent], seen: Survey) -> int:
    """Of how many the survey says nothing yet; that the order to cancel is open says nothing."""
    orders = [(intent, seen.of(intent)) for intent in intents]
    return sum(
        order is None or (isinstance(intent.request, OrderCancel) and order.status in OPEN) for intent, order in orders
    )


def _fills(symbol: str, intents: Sequence[Intent], seen: Survey) -> Generator[Request[Any], Any, None]:
    """Read the trades of all orders whose response had `fills`."""
    orders = [
        order
        for intent in intents
        if not isinstance(intent.request, OrderCancel)
        and made.response_type(intent.request) == OrderResponseType.FULL
        and (order := seen.of(intent)) is not None
        and order.executed_qty
    ]
    start_us = min((microseconds(order.time) for order in orders), default=0)
    query = account.MyTrades(symbol=symbol, start_time=start_us // 1000, limit=PAGE)
    weight = _TRADES_PAGE
    while saves(weight, len(orders), _TRADES_OF_ONE) and saves(
        _TRADES_PAGE, sum(map(seen.lacks_trades, orders)), _TRADES_OF_ONE
    ):
        page = yield query
        seen.add_trades(page)
        if len(page) < PAGE:
            return
        query = account.MyTrades(symbol=symbol, from_id=max(trade.id for trade in page) + 1, limit=PAGE)
        weight += _TRADES_PAGE
