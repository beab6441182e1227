"""Placing an order list: first everything that can speak against it, then its first phase begins.

Source: web-socket-api.md, Order lists. An order that works at once must pass as any order must. Of a pending one only
what is wrong with it whatever the moment speaks against it: it is judged again, in full, when it is placed.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from pitwire.exchange.engine.contingency import prices_fit, set_to_work
from pitwire.exchange.engine.filtering import list_failure
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.order_lists import OCO, OrderList, open_list
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.placement import admit
from pitwire.exchange.engine.triggers import STOP_LOSSES
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import CommandRejected, Event, OrderOpened, PlaceOrder, PlaceOrderList
from pitwire.market.enums import OrderStatus, OrderType, Side
from pitwire.market.rejects import Reject

WORKING_TYPES: Final = frozenset({OrderType.LIMIT, OrderType.LIMIT_MAKER})
TAKING_PROFIT: Final = frozenset({OrderType.LIMIT_MAKER, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT})
OF_THE_MOMENT: Final = frozenset(
    {
        Reject.INSUFFICIENT_BALANCE,
        Reject.WOULD_MATCH_IMMEDIATELY,
        Reject.WOULD_TRIGGER_IMMEDIATELY,
        Reject.PEG_WITHOUT_LIQUIDITY,
    }
)
"""What speaks against placing a pending order now need not do so once its working order is filled."""
QUANTITY_FILTERS: Final = frozenset(
    {"LOT_SIZE", "MARKET_LOT_SIZE", "MIN_NOTIONAL", "NOTIONAL", "ICEBERG_PARTS", "MAX_ASSET"}
)
"""What judges the quantity of an order, but for MAX_POSITION: that is for buy orders."""


def place_list(venue: Venue, command: PlaceOrderList, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Place an order list, or say why not, having changed nothing."""
    orders = admit_list(venue, command, time_us)
    if isinstance(orders, CommandRejected):
        return orders
    trader = orders[0].trader
    market = trader.market
    venue.last_order_list_id += 1
    order_list = OrderList(
        venue.last_order_list_id, trader, command.list_client_order_id, command.contingency, command.pays
    )
    for order in orders:
        market.last_order_id += 1
        order.order_id = market.last_order_id
        order.extend(order_list_id=order_list.order_list_id)
        order_list.add(order)
    open_list(venue, order_list)
    working = orders if command.contingency is OCO else orders[:1]
    for order in orders[len(working) :]:
        order.status = OrderStatus.PENDING_NEW
        market.orders[order.order_id] = order
        trader.open_orders[order.command.client_order_id] = order
    events.append(order_list.changed(time_us))
    for order in orders:
        venue.last_execution_id += 1
        events.append(OrderOpened(order=order.view(), execution_id=venue.last_execution_id))
    set_to_work(venue, order_list, working, time_us, events)
    if len(working) == 2:
        events.append(trader.position())
    return None


def admit_list(venue: Venue, command: PlaceOrderList, time_us: int) -> list[Order] | CommandRejected:
    """The orders as they would be placed, or what speaks against the list. Changes nothing that can be seen.

    Of several reasons the first in this order is given: symbol, what lists it takes, combination of orders, client
    order ids, prices of a pair, each order in itself and in its order, filters that count orders and lists.
    """
    market = venue.markets.get(command.symbol)
    if market is None:
        return CommandRejected(reason=Reject.UNKNOWN_SYMBOL)
    account = venue.accounts.get(command.account)
    if account is None:
        return CommandRejected(reason=Reject.UNKNOWN_ACCOUNT)
    refused = _unsupported(market, command)
    if refused is not None:
        return CommandRejected(reason=refused)
    names = {order.client_order_id for order in command.orders}
    if len(names) < len(command.orders) or command.list_client_order_id in account.order_lists:
        return CommandRejected(reason=Reject.DUPLICATE_ORDER)
    trader = market.trader(account)
    is_pair = command.contingency is OCO
    pair = command.orders if is_pair else command.orders[1:]
    if len(pair) == 2 and not prices_fit(pair[0], pair[1], market.average_price.last_price if is_pair else 0):
        return CommandRejected(reason=Reject.BAD_PRICES)
    orders = []
    for number, asked in enumerate(command.orders):
        if is_pair or number == 0:
            order = admit(venue, asked, time_us)
        else:
            order = _admit_pending(venue, command, asked, time_us)
        if isinstance(order, CommandRejected):
            return order
        orders.append(order)
    failed = list_failure(venue, trader, command.orders, time_us)
    if failed is not None:
        return CommandRejected(reason=Reject.FILTER_FAILURE, detail=failed)
    return orders


def _unsupported(market: Market, command: PlaceOrderList) -> Reject | None:
    rules = market.rules
    orders = command.orders
    is_pair = command.contingency is OCO
    if not is_pair and not rules.oto_allowed:
        return Reject.OTO_UNSUPPORTED
    if command.pays and not rules.opo_allowed:
        return Reject.OPO_UNSUPPORTED
    if (is_pair or len(orders) == 3) and not rules.oco_allowed:
        return Reject.OCO_UNSUPPORTED
    if any((each.account, each.symbol) != (command.account, command.symbol) or each.quote_quantity for each in orders):
        return Reject.UNSUPPORTED_COMBINATION
    if is_pair:
        fits = not command.pays and _is_pair(orders)
    else:
        fits = orders[0].type in WORKING_TYPES and (len(orders) == 2 or _is_pair(orders[1:]))
    if command.pays:
        pending = orders[1:]
        fits = fits and orders[0].side is Side.BUY and all(each.side is Side.SELL for each in pending)
        fits = fits and not any(each.quantity for each in pending)
    return None if fits else Reject.UNSUPPORTED_COMBINATION


def _is_pair(orders: Sequence[PlaceOrder]) -> bool:
    if len(orders) != 2:
        return False
    stop_loss, other = orders
    return (
        stop_loss.type in STOP_LOSSES
        and other.type in TAKING_PROFIT
        and (stop_loss.side, stop_loss.quantity) == (other.side, other.quantity)
    )


def _admit_pending(venue: Venue, command: PlaceOrderList, asked: PlaceOrder, time_us: int) -> Order | CommandRejected:
    """A pending order as it will wait for the working order. One that has no quantity yet is judged by the most."""
    judged = structs.replace(asked, quantity=command.orders[0].quantity) if command.pays else asked
    verdict = admit(venue, judged, time_us)
    # faqs/opo.md: filters see the quantity when the working order is filled.
    if (
        isinstance(verdict, CommandRejected)
        and verdict.reason not in OF_THE_MOMENT
        and not (command.pays and verdict.detail in QUANTITY_FILTERS)
    ):
        return verdict
    market = venue.markets[command.symbol]
    return Order.unplaced(market.traders[command.account], asked, time_us)
