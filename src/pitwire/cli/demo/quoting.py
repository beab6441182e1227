"""Where the example trader wants its orders: a pure decision, made anew whenever the touch or the position changes.

It joins the best bid and the best ask, one order each, and stops buying (or selling) while it holds too much (or too
little). That is the simplest market maker there is; it shows the API and is no way to make money.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from pitwire.market.enums import Side
from pitwire.protocol.results import FilterRules

ORDER_NOTIONALS = 100
POSITION_ORDERS_MAX = 5


@dataclass(frozen=True)
class Touch:
    """The best bid and the best ask, in the quote asset."""

    bid: Decimal
    ask: Decimal


@dataclass(frozen=True)
class Plan:
    """How much to quote, in the base asset: `quantity` an order, and at most `position_max` bought or sold in all."""

    quantity: Decimal
    position_max: Decimal


def plan_for(filters: Iterable[FilterRules], price: Decimal) -> Plan:
    """Orders of a hundred times the least that the symbol allows, about 500 USDT; at most five of them held."""
    rules = {rule.filter_type: rule for rule in filters}
    step, least = rules["LOT_SIZE"].step_size, rules["NOTIONAL"].min_notional
    assert isinstance(step, Decimal)  # a LOT_SIZE always has one, and a NOTIONAL the other
    assert isinstance(least, Decimal)
    steps = (ORDER_NOTIONALS * least / price / step).to_integral_value(ROUND_CEILING)
    return Plan(quantity=steps * step, position_max=POSITION_ORDERS_MAX * steps * step)


@dataclass(frozen=True)
class Resting:
    """An order of ours that is open, or was sent and is not answered yet."""

    client_order_id: str
    side: Side
    price: Decimal


@dataclass(frozen=True)
class Changes:
    """What has to be done so that the orders are where they should be."""

    cancel: tuple[Resting, ...]
    place: tuple[tuple[Side, Decimal], ...]


def wanted_price(side: Side, touch: Touch, position: Decimal, plan: Plan) -> Decimal | None:
    """The price to quote on `side`, or None for no quote. `position` is what was bought less what was sold."""
    if side is Side.BUY:
        return touch.bid if position + plan.quantity <= plan.position_max else None
    return touch.ask if position - plan.quantity >= -plan.position_max else None


def changes(touch: Touch, position: Decimal, resting: Iterable[Resting], plan: Plan) -> Changes:
    """The cancels and placements that lead from `resting` to one order at the touch on each wanted side."""
    orders = list(resting)
    cancel: list[Resting] = []
    place: list[tuple[Side, Decimal]] = []
    for side in (Side.BUY, Side.SELL):
        price = wanted_price(side, touch, position, plan)
        kept = [order for order in orders if order.side is side and order.price == price][:1]
        cancel += [order for order in orders if order.side is side and order not in kept]
        if price is not None and not kept:
            place.append((side, price))
    return Changes(tuple(cancel), tuple(place))
