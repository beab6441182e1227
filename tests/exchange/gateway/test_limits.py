"""Weight, connections, bans and unfilled orders, over a clock that the test turns."""

import pytest

from pitwire.exchange.gateway.limits import (
    ADDRESSES_MAX,
    BAN_FORGOTTEN_AFTER_US,
    CONNECTIONS,
    DAY_US,
    HOUR_US,
    MINUTE_US,
    NOT_ENFORCED,
    ORDERS,
    RATE_LIMITS,
    REFUSALS_UNTIL_BAN,
    REQUEST_WEIGHT,
    SECOND_US,
    AddressLimits,
    UnfilledOrders,
    told,
)
from pitwire.exchange.messages import OrderTraded, OrderView, Outcome, Record, Tick
from pitwire.market.enums import OrderStatus, OrderType, SelfTradePrevention, Side, TimeInForce

NOON = 1_700_000_000_000_000 // DAY_US * DAY_US + 12 * HOUR_US


def test_weight_is_counted_by_calendar_minutes():
    limits = AddressLimits()
    at = NOON + 59 * SECOND_US
    assert limits.charge("a", 6000, at) is None
    refused = limits.charge("a", 1, at)
    assert (refused.limit, refused.retry_after_us, refused.banned) == (REQUEST_WEIGHT, NOON + MINUTE_US, False)
    assert limits.charge("a", 1, NOON + MINUTE_US) is None
    assert limits.used_weight("a", NOON + MINUTE_US) == 1


def test_an_answer_as_of_the_minute_before_does_not_empty_the_count():
    limits = AddressLimits()
    limits.charge("a", 5990, NOON)
    assert limits.used_weight("a", NOON - 1) == 5990
    assert limits.charge("a", 20, NOON) is not None


def test_a_clock_that_was_set_back_does_not_keep_an_address_out():
    limits = AddressLimits()
    limits.charge("a", 6000, NOON)
    assert limits.charge("a", 6000, NOON - HOUR_US) is None


def test_a_refused_request_is_not_counted():
    limits = AddressLimits()
    limits.charge("a", 5990, NOON)
    assert limits.charge("a", 20, NOON) is not None
    assert limits.charge("a", 10, NOON) is None


def test_addresses_do_not_share_their_weight():
    limits = AddressLimits()
    limits.charge("a", 6000, NOON)
    assert limits.charge("b", 6000, NOON) is None


def ban(limits: AddressLimits, at: int) -> int:
    """Fail to back off at `at`; return when the ban ends."""
    limits.charge("a", 6000, at)
    answers = [limits.charge("a", 1, at) for _ in range(REFUSALS_UNTIL_BAN)]
    assert [answer.banned for answer in answers] == [False] * (REFUSALS_UNTIL_BAN - 1) + [True]
    return answers[-1].retry_after_us


def test_whoever_does_not_back_off_is_banned_for_longer_each_time():
    limits = AddressLimits()
    at, lengths = NOON, []
    for _ in range(8):
        until = ban(limits, at)
        lengths.append((until - at) // MINUTE_US)
        assert limits.charge("a", 1, until - 1).banned
        at = until - until % MINUTE_US + MINUTE_US
    assert lengths == [2, 10, 60, 360, 1440, 4320, 4320, 4320]


def test_bans_are_forgotten_after_a_good_while():
    limits = AddressLimits()
    until = ban(limits, NOON)
    at = until + BAN_FORGOTTEN_AFTER_US
    assert ban(limits, at) - at == 2 * MINUTE_US


def test_refusals_of_different_minutes_do_not_add_up():
    limits = AddressLimits()
    for minute in range(5):
        at = NOON + minute * MINUTE_US
        limits.charge("a", 6000, at)
        for _ in range(REFUSALS_UNTIL_BAN - 1):
            assert not limits.charge("a", 1, at).banned


def test_a_banned_address_cannot_connect_either():
    limits = AddressLimits()
    until = ban(limits, NOON)
    assert limits.connect("a", until - 1).banned
    assert limits.connect("a", until) is None


def test_three_hundred_connections_in_five_minutes():
    limits = AddressLimits()
    for _ in range(CONNECTIONS.limit):
        assert limits.connect("a", NOON + MINUTE_US) is None
    refused = limits.connect("a", NOON + 2 * MINUTE_US)
    assert (refused.limit, refused.retry_after_us) == (CONNECTIONS, NOON + 5 * MINUTE_US)
    assert limits.connect("a", NOON + 5 * MINUTE_US) is None


def test_connecting_costs_two():
    limits = AddressLimits()
    limits.connect("a", NOON)
    assert limits.used_weight("a", NOON) == 2


def test_switched_off_limits_count_but_refuse_nothing():
    limits = AddressLimits(enforced=False)
    for _ in range(CONNECTIONS.limit + 1):
        assert limits.connect("a", NOON) is None
    assert limits.charge("a", 10_000, NOON) is None
    assert limits.used_weight("a", NOON) > 6000
    orders = UnfilledOrders(enforced=False)
    for _ in range(ORDERS[0].limit + 1):
        assert orders.charge(1, 1, NOON) is None


def test_addresses_are_forgotten_beyond_a_bound():
    limits = AddressLimits()
    for number in range(ADDRESSES_MAX + 10):
        limits.charge(str(number), 1, NOON)
    assert len(limits._addresses) == ADDRESSES_MAX
    limits.charge("late", 1, NOON + 10 * DAY_US)
    assert len(limits._addresses) == 1


# --- unfilled orders ----------------------------------------------------------------------------------------------


def fill(account: int, *, maker: bool, executed: int = 1, quantity: int = 1, at: int = NOON) -> Outcome:
    order = OrderView(
        1, account, "BTCUSDT", "x", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, 1, 5, 0,
        OrderStatus.PARTIALLY_FILLED, executed, executed, at, at, at, SelfTradePrevention.NONE,
    )  # fmt: skip
    trade = OrderTraded(
        order=order, execution_id=1, trade_id=1, price=1, quantity=quantity, quote=1,
        commission=0, commission_asset="BTC", is_maker=maker,
    )  # fmt: skip
    return Outcome(Record(1, at, Tick()), (trade,))


def test_the_limit_holds_in_each_interval():
    orders = UnfilledOrders()
    for _ in range(50):
        assert orders.charge(1, 1, NOON + SECOND_US) is None
    refused = orders.charge(1, 1, NOON + 2 * SECOND_US)
    assert (refused.limit, refused.retry_after_us) == (ORDERS[0], NOON + 10 * SECOND_US)
    assert orders.charge(2, 1, NOON) is None
    assert orders.charge(1, 1, NOON + 10 * SECOND_US) is None
    assert orders.counts(1, NOON + 10 * SECOND_US) == (1, 51)


def test_the_documented_taker_example():
    """faqs/order_count_decrement.md, Example 1."""
    orders = UnfilledOrders()
    orders.charge(1, 1, NOON)
    orders.charge(1, 1, NOON)
    orders.observe(fill(1, maker=False))
    assert orders.counts(1, NOON)[0] == 1
    orders.charge(1, 1, NOON)
    orders.observe(fill(1, maker=False, executed=2))
    assert orders.counts(1, NOON)[0] == 2


def test_the_documented_maker_example():
    """faqs/order_count_decrement.md, Example 2."""
    orders = UnfilledOrders()
    for _ in range(5):
        orders.charge(1, 1, NOON)
    orders.observe(fill(1, maker=True))
    assert orders.counts(1, NOON)[0] == 0
    for _ in range(2):
        orders.charge(1, 1, NOON)
    orders.observe(fill(1, maker=True, executed=2))
    assert orders.counts(1, NOON)[0] == 2
    orders.observe(fill(1, maker=True))
    assert orders.counts(1, NOON)[0] == 0


def test_an_answer_as_of_the_interval_before_does_not_let_more_orders_in():
    orders = UnfilledOrders()
    accepted = 0
    for _ in range(ORDERS[0].limit + 50):
        accepted += orders.charge(1, 1, NOON) is None
        orders.counts(1, NOON - 1)
    assert accepted == ORDERS[0].limit


def test_a_fill_as_of_the_interval_before_gives_nothing_back_in_this_one():
    orders = UnfilledOrders()
    for _ in range(7):
        orders.charge(1, 1, NOON)
    orders.observe(fill(1, maker=True, at=NOON - 1))
    assert orders.counts(1, NOON) == (7, 2)  # it is the same day still


def test_fills_of_unknown_accounts_are_nobodys():
    orders = UnfilledOrders()
    orders.observe(fill(9, maker=True))
    assert orders.counts(9, NOON) == (0, 0)


@pytest.mark.parametrize("limit", [REQUEST_WEIGHT, *ORDERS, CONNECTIONS])
def test_intervals_have_their_length(limit):
    assert limit.interval_us in (10 * SECOND_US, MINUTE_US, 5 * MINUTE_US, DAY_US)


def test_what_is_told_where_nothing_is_enforced_is_beyond_reach():
    assert told(RATE_LIMITS, enforced=True) == RATE_LIMITS
    assert {limit.limit for limit in told(RATE_LIMITS, enforced=False)} == {NOT_ENFORCED}
