"""Cancelling an order and placing another in one command, which is not a transaction: either half may succeed alone.

Source: web-socket-api.md, Cancel and replace order.
"""

from typing import Final

from pitwire.exchange.engine.cancellation import cancel
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.engine.placement import admit, place
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    CancelFailed,
    CommandRejected,
    Event,
    OrderRejected,
    OrderView,
    PlaceOrder,
    PositionChanged,
    ReplacementFailed,
    ReplaceOrder,
)
from pitwire.market.enums import CancelReplaceMode, OrderStatus
from pitwire.market.rejects import Reject

# "Filters and order count limits are evaluated before cancellation and order placement occurs": what is wrong with the
# order itself keeps the old one alive. All else is found out when it is placed, with the old one gone.
WRONG_IN_ITSELF: Final = frozenset(
    {
        Reject.UNKNOWN_SYMBOL,
        Reject.UNKNOWN_ACCOUNT,
        Reject.UNSUPPORTED_ORDER_TYPE,
        Reject.SELF_TRADE_PREVENTION_NOT_ALLOWED,
        Reject.UNSUPPORTED_COMBINATION,
        Reject.FILTER_FAILURE,
        Reject.ZERO_NOTIONAL,
        Reject.TRAILING_STOP_UNSUPPORTED,
        Reject.ICEBERG_UNSUPPORTED,
        Reject.ICEBERG_EXCEEDS_QUANTITY,
        Reject.PEG_UNSUPPORTED,
        Reject.PEG_WITHOUT_PRICE,
        Reject.PEG_WRONG_FOR_TYPE,
    }
)


def replace(venue: Venue, command: ReplaceOrder, time_us: int, events: list[Event]) -> CommandRejected | None:
    """Cancel, then place; or say why neither was tried, having changed nothing."""
    market = venue.markets.get(command.cancel.symbol)
    if market is not None and not market.rules.cancel_replace_allowed:
        return CommandRejected(reason=Reject.CANCEL_REPLACE_NOT_ALLOWED)
    new = command.place
    if new is not None:
        admitted = admit(venue, new, time_us)
        if isinstance(admitted, CommandRejected) and admitted.reason in WRONG_IN_ITSELF:
            return admitted
    not_canceled = cancel(venue, command.cancel, time_us, events)
    if new is None:
        if not_canceled is not None:
            events.append(ReplacementFailed(cancel=not_canceled))
    elif not_canceled is None:
        not_placed = place(venue, new, time_us, events)
        if not_placed is not None:
            venue.last_execution_id += 1
            order = _rejected(venue, new, time_us)
            events.append(OrderRejected(order=order, execution_id=venue.last_execution_id, rejection=not_placed))
        _gather_positions(events)
    elif command.mode is CancelReplaceMode.STOP_ON_FAILURE:
        events.append(ReplacementFailed(cancel=not_canceled))
    else:
        events.append(CancelFailed(rejection=not_canceled))
        not_placed = place(venue, new, time_us, events)
        if not_placed is not None:
            events[:] = [ReplacementFailed(cancel=not_canceled, placement=not_placed)]
    return None


def _rejected(venue: Venue, command: PlaceOrder, time_us: int) -> OrderView:
    trader = venue.markets[command.symbol].traders[command.account]
    order = Order.unplaced(trader, command, time_us)
    order.status = OrderStatus.REJECTED
    return order.view()


def _gather_positions(events: list[Event]) -> None:
    """Leave one `PositionChanged` for each account, the one after both halves; at the end, accounts ascending."""
    positions = {event.account: event for event in events if isinstance(event, PositionChanged)}
    events[:] = [event for event in events if not isinstance(event, PositionChanged)]
    events.extend([positions[account] for account in sorted(positions)])
