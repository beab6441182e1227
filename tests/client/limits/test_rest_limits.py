"""REST calls of the application's own, within the limits that the client's requests keep to."""

import asyncio
from email.utils import formatdate
from typing import Any

import pytest

import pitwire
from pitwire.client.limits.governor import LimitReached
from pitwire.client.limits.rest_limits import RestLimits
from pitwire.protocol.requests.general import Ping
from tests.client.limits.test_governor import CANCEL, NOON_NS, ORDER_REQUEST, Exchange
from tests.client.samples import HMAC_KEY
from tests.client.scripted_server import connected


def of(exchange: Exchange) -> RestLimits:
    return RestLimits(exchange.limits, "alice", within_s=1000)


def queries(exchange: Exchange) -> int:
    """How many queries of weight 1 the client may make now."""
    made = 0
    while exchange.limits.admits(Ping(), "alice"):
        made += 1
    return made


async def test_calls_and_requests_use_the_same_weight():
    exchange = Exchange()
    await of(exchange).admit(weight=60)
    assert queries(exchange) == 35


async def test_orders_of_calls_and_of_requests_are_counted_together_for_the_account():
    exchange = Exchange()
    await of(exchange).admit(weight=1, orders=7)
    await of(exchange).admit(weight=1, orders=10, api_key="bob")
    assert sum(exchange.call(ORDER_REQUEST) for _ in range(5)) == 3


async def test_a_call_waits_its_turn_for_room():
    exchange = Exchange()
    assert queries(exchange) == 95
    exchange.call(Ping(), "query")
    call = asyncio.ensure_future(of(exchange).admit(weight=95))
    await asyncio.sleep(0)
    exchange.call(Ping(), "later")
    exchange.turn(61)
    await asyncio.sleep(0)
    assert exchange.sent == ["query"], "the call needs more than is left, and nobody overtakes it"
    assert not call.done()
    exchange.turn(61)
    await call
    assert exchange.sent == ["query"]
    exchange.turn(61)
    assert exchange.sent == ["query", "later"]


async def test_an_urgent_call_has_the_reserve_of_cancellations():
    exchange = Exchange()
    queries(exchange)
    await of(exchange).admit(weight=5, urgent=True)
    assert not exchange.call(CANCEL, "cancel")


async def test_a_call_that_finds_no_room_in_time_is_not_to_be_made():
    exchange = Exchange()
    queries(exchange)
    with pytest.raises(LimitReached, match="a call: the exchange's limits allow no more before") as caught:
        await of(exchange).admit(weight=1, within_s=0)
    assert caught.value.retry_at_ms == (NOON_NS + 60_000_000_000) // 1_000_000
    refusing = Exchange("refuse")
    queries(refusing)
    with pytest.raises(LimitReached):
        await of(refusing).admit(weight=1)
    await of(Exchange("off")).admit(weight=1_000_000)


async def test_a_call_that_is_cancelled_while_it_waits_counts_nothing():
    exchange = Exchange()
    queries(exchange)
    calls = [asyncio.ensure_future(of(exchange).admit(weight=50, orders=5)) for _ in range(2)]
    await asyncio.sleep(0)
    calls[0].cancel()
    await asyncio.wait(calls[:1])
    exchange.turn(61)  # the second is admitted, and cancelled before it hears of it
    calls[1].cancel()
    await asyncio.wait(calls)
    assert calls[1].cancelled()
    assert sum(exchange.call(ORDER_REQUEST) for _ in range(20)) == 10
    assert queries(exchange) == 85


@pytest.mark.parametrize("cost", [{"weight": -1}, {"weight": 1, "orders": -1}])
async def test_a_cost_that_makes_no_sense_is_refused(cost: dict[str, Any]):
    with pytest.raises(ValueError, match="pass what the call costs"):
        await of(Exchange()).admit(**cost)


async def test_what_answers_say_is_used_is_believed_where_it_is_more():
    exchange = Exchange()
    of(exchange).learn({"X-MBX-USED-WEIGHT-1M": "90", "X-MBX-ORDER-COUNT-10S": "8"})
    assert sum(exchange.call(ORDER_REQUEST) for _ in range(5)) == 2
    of(exchange).learn({"X-MBX-USED-WEIGHT-1M": "10"})
    assert queries(exchange) == 3


async def test_an_answer_from_before_the_interval_says_nothing_of_it():
    exchange = Exchange()
    used = {"X-MBX-USED-WEIGHT-1M": "90", "X-MBX-ORDER-COUNT-10S": "8"}
    noon_s = NOON_NS // 1_000_000_000
    of(exchange).learn({**used, "Date": formatdate(noon_s - 1, usegmt=True)})
    assert exchange.limits.usage("alice")[0].used == 0
    of(exchange).learn({**used, "Date": formatdate(noon_s, usegmt=True)})
    assert [each.used for each in exchange.limits.usage("alice")] == [90, 8]


@pytest.mark.parametrize("status", [429, 418])
async def test_a_refusal_holds_back_requests_and_calls_as_long_as_it_says(status: int):
    exchange = Exchange()
    of(exchange).learn({"Retry-After": "30"}, status)
    exchange.call(CANCEL, "cancel")
    call = asyncio.ensure_future(of(exchange).admit(weight=1))
    await asyncio.sleep(0)
    exchange.turn(29.9)
    assert exchange.sent == []
    exchange.turn(0.11)
    assert exchange.sent == ["cancel"]
    await call


async def test_too_many_orders_holds_back_that_accounts_orders_and_nothing_else():
    exchange = Exchange()
    of(exchange).learn({"Retry-After": "8"}, 429, code=-1015)
    assert not exchange.call(ORDER_REQUEST, "alice")
    assert exchange.call(ORDER_REQUEST, "bob", account="bob")
    assert exchange.call(Ping(), "query")
    exchange.turn(8.1)
    assert exchange.sent == ["bob", "query", "alice"]


async def test_other_answers_hold_nobody_back():
    exchange = Exchange()
    for status, headers in ((200, {"Retry-After": "30"}), (503, {"Retry-After": "30"}), (429, {}), (429, {"x": "1"})):
        of(exchange).learn(headers, status)
    assert exchange.call(Ping())


# --- with a client --------------------------------------------------------------------------------------------------


async def test_a_client_s_limits_are_those_of_its_own_account_and_deadline():
    async with connected(HMAC_KEY, deadline_s=0.2) as (client, _, _):
        client.limits.learn({"Retry-After": "60"}, 429)
        with pytest.raises(pitwire.LimitReached):
            await client.ping()
        with pytest.raises(pitwire.LimitReached):
            await client.limits.admit(weight=1)


def test_a_client_that_is_not_connected_has_no_limits():
    with pytest.raises(RuntimeError, match="use it in `async with`"):
        _ = pitwire.connect("local").limits
