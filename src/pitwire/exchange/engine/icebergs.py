"""Iceberg orders: what speaks against one. How it shows itself part by part is in `book` and `matching`."""

from typing import Final

from pitwire.exchange.engine.market import Market
from pitwire.exchange.messages import CommandRejected, PlaceOrder
from pitwire.market.enums import OrderType, TimeInForce
from pitwire.market.rejects import Reject

RESTING_TYPES: Final = frozenset(
    {OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT}
)


def iceberg_refusal(market: Market, command: PlaceOrder) -> CommandRejected | None:
    """What speaks against hiding a part of the order, whatever else speaks against it.

    Of several reasons the first in this order is given: symbol, combination of parameters, quantities.
    The filters judge it with all else that they judge.
    """
    shown = command.iceberg_quantity
    if not market.rules.iceberg_allowed:
        return CommandRejected(reason=Reject.ICEBERG_UNSUPPORTED)
    if command.type not in RESTING_TYPES or command.time_in_force is not TimeInForce.GTC:
        return CommandRejected(reason=Reject.UNSUPPORTED_COMBINATION)
    if shown >= command.quantity:
        return CommandRejected(reason=Reject.ICEBERG_EXCEEDS_QUANTITY)
    if shown < 0:
        return CommandRejected(reason=Reject.FILTER_FAILURE, detail="LOT_SIZE")
    return None
