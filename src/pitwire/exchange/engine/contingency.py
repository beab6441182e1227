"""What the orders of a list do to each other.

    one of a pair trades, is triggered, or ends     -> the other one expires: OCO_TRIGGER
    the working order is filled                     -> the pending orders are placed, as any order is
    ... or it ends otherwise                        -> they expire: OTO_PHASE_ONE_EXPIRED
    a pending order is refused when it is placed    -> it expires: REJECTED, and the other of its pair with it

The events of a command are looked at when it has been carried out, in their order (`activation`): so an order that has
traded has done so before the other one of its pair expires. One that is triggered works only after that.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from pitwire.exchange.engine.cancellation import end
from pitwire.exchange.engine.contingent import wait
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.order_lists import OrderList, close_list
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.placement import admit, enter
from pitwire.exchange.engine.triggers import waits_above
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    CommandRejected,
    Event,
    OrderExpired,
    OrderPrevented,
    OrderTraded,
    OrderTriggered,
    PlaceOrder,
    PositionChanged,
)
from pitwire.market.enums import OrderStatus, OrderType
from pitwire.market.numbers import Quantity
from pitwire.market.rejects import Reject

EXPIRED: Final = OrderStatus.EXPIRED
FILLED: Final = OrderStatus.FILLED
OPEN: Final = frozenset({OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_NEW})
OCO_TRIGGER: Final = "OCO_TRIGGER"
WORKING_EXPIRED: Final = "OTO_PHASE_ONE_EXPIRED"
REJECTED: Final = "REJECTED"
BNB: Final = "BNB"


def heed(
    venue: Venue,
    order_list: OrderList,
    event: OrderTraded | OrderExpired | OrderPrevented,
    time_us: int,
    events: list[Event],
) -> bool:
    """Let an order's trade or end do to its list what it does. Returns whether the pending orders are to be placed."""
    order_id = event.order.order_id
    order = order_list.open.get(order_id)
    if order is None:
        return False
    is_working = order_list.awaits(order_id)
    if is_working and order_list.pays and type(event) is OrderTraded:
        _keep(order_list, event)
    status = event.order.status
    had = len(order_list.open)
    if (other := order_list.other(order)) is not None:
        expire(venue, order_list, other, OCO_TRIGGER, time_us, events)
        order_list.release()
    if status not in OPEN:
        del order_list.open[order_id]
        if is_working and status is FILLED:
            return True
        for pending in tuple(order_list.open.values()) if is_working else ():
            expire(venue, order_list, pending, WORKING_EXPIRED, time_us, events)
    _tell(venue, order_list, had, time_us, events)
    return False


def yield_to(venue: Venue, order_list: OrderList, order: Order, time_us: int, events: list[Event]) -> None:
    """One of a pair is about to work: end the other one first, and free what the list has locked for both."""
    had = len(order_list.open)
    if (other := order_list.other(order)) is not None:
        expire(venue, order_list, other, OCO_TRIGGER, time_us, events)
    order_list.release()
    _tell(venue, order_list, had, time_us, events)


def expire(venue: Venue, order_list: OrderList, order: Order, reason: str, time_us: int, events: list[Event]) -> None:
    """End an open order of a list."""
    shown = end(venue, order, EXPIRED, time_us)
    del order_list.open[order.order_id]
    view = structs.replace(order.view(), expiry_reason=reason)
    events.append(OrderExpired(order=view, execution_id=venue.last_execution_id))
    if shown is not None:
        events.append(shown)


def release_pending(venue: Venue, order_list: OrderList, time_us: int, events: list[Event]) -> None:
    """The working order is filled: place the pending orders, or expire them where one of them is refused."""
    market = order_list.trader.market
    order_list.in_second_phase = True
    pending = list(order_list.open.values())
    if order_list.pays:
        _quantify(order_list, market, pending)
    for order in pending:
        market.forget(order)  # or else its own client order id and its own place would speak against it
    commands = [_as_it_stands(order) for order in pending]
    verdicts = [admit(venue, command, time_us) for command in commands]
    if len(commands) == 2 and not prices_fit(commands[0], commands[1], market.average_price.last_price):
        verdicts = [CommandRejected(reason=Reject.BAD_PRICES) for _ in commands]
    for order in pending:
        market.orders[order.order_id] = order
        order.trader.open_orders[order.command.client_order_id] = order
    placed = []
    refused = None
    for order, verdict in zip(pending, verdicts, strict=True):
        if isinstance(verdict, Order):
            verdict.order_id = order.order_id
            verdict.created_us = order.created_us
            verdict.amendments = order.amendments
            verdict.extend(order_list_id=order_list.order_list_id)
            if shown := order.command.iceberg_quantity:
                verdict.extend(iceberg_quantity=shown)
                verdict.command = structs.replace(verdict.command, iceberg_quantity=shown)
            placed.append(verdict)
        else:
            refused = refused or verdict.reason
    if refused is not None:
        for order, verdict in zip(pending, verdicts, strict=True):
            reason = OCO_TRIGGER if isinstance(verdict, Order) else REJECTED
            expire(venue, order_list, order, reason, time_us, events)
        close_list(venue, order_list)
        events.append(order_list.changed(time_us, rejection=refused))
        return
    events.append(order_list.changed(time_us))
    for order in placed:
        order_list.open[order.order_id] = order
        venue.last_execution_id += 1
        events.append(OrderTriggered(order=order.view(), execution_id=venue.last_execution_id))
    set_to_work(venue, order_list, placed, time_us, events)


def set_to_work(
    venue: Venue, order_list: OrderList, orders: Sequence[Order], time_us: int, events: list[Event]
) -> None:
    """Let the accepted orders of a phase, which are counted among the open ones, enter the market or wait."""
    for order in reversed(orders):  # the second of a pair locks what it needs, and the list what more the first needs
        if order.working_us < 0:
            wait(venue, order)
        else:
            enter(venue, order, time_us, events)
            if order.level is None and order.order_id in order.trader.market.orders:
                order.trader.market.forget(order)
    if len(orders) == 2:
        order_list.reserve_difference(orders[0], orders[1])
        while type(events[-1]) is PositionChanged:  # nothing traded, so it is that of the owner, and out of date
            events.pop()


def prices_fit(stop_loss: PlaceOrder, other: PlaceOrder, last: int) -> bool:
    """Whether the prices of a pair lie on both sides of the last price; without one (0), in the right order.

    Sources: web-socket-api.md, Place new Order list - OCO; for BUY errors.md, -1196 and -1198, since the table there
    has for a take profit order to buy what it has for one to sell. A price that is not known yet is not judged.
    """
    sign = 1 if waits_above(stop_loss.type, stop_loss.side) else -1
    outer = 0 if stop_loss.trigger is None else stop_loss.trigger.stop_price
    inner = [other.price] if other.trigger is None else [other.price, other.trigger.stop_price]
    inner = [price for price in inner if price]
    limits = [price for price in (last, outer) if price]
    return all(price * sign < limit * sign for price in inner for limit in limits) and not (
        outer and last and outer * sign <= last * sign
    )


def _keep(order_list: OrderList, event: OrderTraded) -> None:
    """Lock what a trade of the working order brought in (faqs/opo.md).

    Its commission is taken from what else is free of the asset, where there is enough of it and it is not BNB.
    """
    base = order_list.trader.base
    received: int = event.quantity
    if event.commission_asset == base.asset and (base.asset == BNB or base.free < received):
        received -= event.commission
    order_list.reserve(base=min(received, base.free))


def _as_it_stands(order: Order) -> PlaceOrder:
    """A pending order with the quantity that it has by now. As little as an iceberg order shows is shown whole."""
    command = structs.replace(order.command, quantity=Quantity(order.quantity))
    hides = order.quantity > command.iceberg_quantity
    return command if hides else structs.replace(command, iceberg_quantity=Quantity(0))


def _quantify(order_list: OrderList, market: Market, pending: list[Order]) -> None:
    """Give the pending orders what the working order brought in, adjusted to LOT_SIZE and MARKET_LOT_SIZE."""
    limits = market.limits
    at_market = pending[0].command.type is OrderType.MARKET
    step = limits.market_order_step if at_market else limits.step_size
    most = min(limits.max_quantity, limits.market_max_quantity) if at_market else limits.max_quantity
    quantity = Quantity(min(order_list.reserved_base, most) // step * step)
    order_list.release()
    for order in pending:
        order.quantity = quantity


def _tell(venue: Venue, order_list: OrderList, had: int, time_us: int, events: list[Event]) -> None:
    """Say that the list goes on with fewer orders, or is done."""
    if not order_list.open:
        close_list(venue, order_list)
    if len(order_list.open) < had:
        events.append(order_list.changed(time_us))
