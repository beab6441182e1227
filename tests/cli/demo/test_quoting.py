"""Where the example trader wants its orders."""

from decimal import Decimal

import pytest

from pitwire.cli.demo.quoting import Changes, Plan, Resting, Touch, changes, plan_for
from pitwire.market.enums import Side
from pitwire.protocol.results import FilterRules

D = Decimal
TOUCH = Touch(bid=D(100), ask=D(101))
PLAN = Plan(quantity=D(1), position_max=D(3))


def resting(side: Side, price: int, name: str = "order") -> Resting:
    return Resting(name, side, D(price))


def test_with_no_orders_it_quotes_both_sides_at_the_touch() -> None:
    assert changes(TOUCH, D(0), [], PLAN) == Changes((), ((Side.BUY, D(100)), (Side.SELL, D(101))))


def test_an_order_at_the_touch_keeps_its_place_in_the_queue() -> None:
    assert changes(TOUCH, D(0), [resting(Side.BUY, 100), resting(Side.SELL, 101)], PLAN) == Changes((), ())


def test_an_order_that_the_touch_has_left_is_canceled_and_placed_anew() -> None:
    left = resting(Side.BUY, 98)
    assert changes(TOUCH, D(0), [left, resting(Side.SELL, 101)], PLAN) == Changes((left,), ((Side.BUY, D(100)),))


def test_of_two_orders_on_a_side_one_is_canceled() -> None:
    first, second = resting(Side.BUY, 100, "first"), resting(Side.BUY, 100, "second")
    assert changes(TOUCH, D(0), [first, second, resting(Side.SELL, 101)], PLAN) == Changes((second,), ())


@pytest.mark.parametrize(
    ("position", "sides"),
    [(0, [Side.BUY, Side.SELL]), (2, [Side.BUY, Side.SELL]), (3, [Side.SELL]), (-3, [Side.BUY]), (-2, [*Side])],
)
def test_it_stops_buying_when_it_holds_too_much_and_selling_when_it_has_sold_too_much(
    position: int, sides: list[Side]
) -> None:
    assert [side for side, _ in changes(TOUCH, D(position), [], PLAN).place] == sides


def test_an_order_on_a_side_that_is_not_wanted_any_more_is_canceled() -> None:
    order = resting(Side.BUY, 100)
    assert changes(TOUCH, D(3), [order, resting(Side.SELL, 101)], PLAN) == Changes((order,), ())


def test_the_plan_is_whole_steps_above_the_least_notional() -> None:
    filters = (
        FilterRules(filter_type="LOT_SIZE", step_size=D("0.00001")),
        FilterRules(filter_type="NOTIONAL", min_notional=D(5)),
    )
    plan = plan_for(filters, D(60000))
    assert plan == Plan(quantity=D("0.00834"), position_max=D("0.04170"))
    assert plan.quantity * 60000 >= 100 * 5
