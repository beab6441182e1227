import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

import pitwire
from pitwire.client.connection import Connection
from pitwire.client.limits.governor import LimitReached, Limits, limits_of
from pitwire.client.ports import Surroundings
from pitwire.client.server_clock import ServerClock
from pitwire.market.enums import OrderType, RateLimitInterval, RateLimitType, Side
from pitwire.protocol.errors import Banned, RateLimited
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.general import ExchangeInfo, Ping
from pitwire.protocol.requests.lists import OrderListCancel
from pitwire.protocol.requests.trading import OpenOrdersCancelAll, OrderCancel, OrderPlace
from pitwire.protocol.results import RateLimit
from tests.client.samples import HMAC_KEY, ORDER
from tests.client.scripted_server import connected
from tests.exchange.gateway.venue import key_of, open_venue

MINUTE_NS = 60_000_000_000
NOON_NS = 1_700_000_000_000_000_000 // MINUTE_NS * MINUTE_NS
ORDER_REQUEST = OrderPlace(symbol="BTCUSDT", side=Side.BUY, type=OrderType.MARKET)
CANCEL = OrderCancel(symbol="BTCUSDT", order_id=1)


class Exchange:
    """Limits by a clock that the test turns; what is sent is kept."""

    def __init__(self, policy: Any = "wait", weight: int = 100, orders: int = 10, **how: Any) -> None:
        self.now_ns = NOON_NS + 5_000_000_000
        self.limits = Limits(policy, **how)
        clock = ServerClock(lambda: self.now_ns)
        clock.exchanged(self.now_ns, self.now_ns, self.now_ns // 1000)
        self.limits.attach(clock)
        self.limits.learn_limits(
            (a_limit("REQUEST_WEIGHT", "MINUTE", 1, weight), a_limit("ORDERS", "SECOND", 10, orders))
        )
        self.sent: list[str] = []
        self.waiters: list[asyncio.Future[Any]] = []

    def call(self, request: Request[Any], name: str = "", account: str = "alice") -> bool:
        """Send it, or let it wait; whether it was sent at once."""
        if self.limits.admits(request, account):
            self.sent.append(name)
            return True
        waiter = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        give_up_s = asyncio.get_running_loop().time() + 1000
        self.limits.wait(request, account, waiter, lambda: self.sent.append(name), give_up_s)
        return False

    def turn(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)
        self.limits._pump()


def a_limit(kind: str, interval: str, number: int, limit: int, **count: Any) -> RateLimit:
    return RateLimit(
        rate_limit_type=RateLimitType(kind),
        interval=RateLimitInterval(interval),
        interval_num=number,
        limit=limit,
        **count,
    )


def counts(*limits: RateLimit) -> bytes:
    return json.dumps(
        [
            {
                "rateLimitType": each.rate_limit_type,
                "interval": each.interval,
                "intervalNum": each.interval_num,
                "limit": each.limit,
                "count": each.count,
            }
            for each in limits
        ]
    ).encode()


async def test_what_there_is_no_room_for_waits_for_the_next_minute():
    exchange = Exchange()
    assert sum(exchange.call(Ping()) for _ in range(120)) == 95
    exchange.turn(54.9)
    assert len(exchange.sent) == 95
    exchange.turn(0.2)
    assert len(exchange.sent) == 120


@pytest.mark.parametrize(
    "cancel",
    [CANCEL, OpenOrdersCancelAll(symbol="BTCUSDT"), OrderListCancel(symbol="BTCUSDT", order_list_id=1)],
    ids=lambda request: request.METHOD.name,
)
async def test_cancellations_have_a_reserve_and_go_before_all_that_waits(cancel: Request[Any]):
    exchange = Exchange()
    while exchange.call(Ping(), "query"):
        pass
    assert exchange.call(cancel, "cancel"), "it does not wait behind a query"
    while exchange.call(cancel, "cancel"):
        pass
    assert exchange.sent.count("cancel") == 5
    exchange.sent.clear()
    exchange.call(Ping(), "query")
    exchange.turn(60)
    assert exchange.sent == ["cancel", "query", "query"]


async def test_unfilled_orders_are_counted_by_account_and_hold_up_no_query():
    exchange = Exchange()
    for _ in range(12):
        exchange.call(ORDER_REQUEST, "alice")
        exchange.call(ORDER_REQUEST, "bob", account="bob")
    assert (exchange.sent.count("alice"), exchange.sent.count("bob")) == (10, 10)
    assert exchange.call(Ping(), "query")
    exchange.turn(10)
    assert (exchange.sent.count("alice"), exchange.sent.count("bob")) == (12, 12)


async def test_orders_that_were_filled_make_room():
    exchange = Exchange()
    for _ in range(11):
        exchange.call(ORDER_REQUEST)
    exchange.now_ns += 1_000_000_000
    exchange.limits.learn_orders(counts(a_limit("ORDERS", "SECOND", 10, 10, count=3)), "alice", in_flight=0)
    exchange.turn(0)
    assert len(exchange.sent) == 11


async def test_an_order_without_room_for_its_weight_takes_no_unfilled_order():
    exchange = Exchange(weight=20)
    while exchange.call(Ping()):
        pass
    exchange.call(ORDER_REQUEST)
    exchange.turn(61)
    for _ in range(9):
        exchange.call(ORDER_REQUEST, "order")
    assert exchange.sent.count("order") == 9


async def test_who_would_rather_not_wait_is_refused_with_the_time_when_there_is_room():
    exchange = Exchange("refuse")
    while exchange.call(Ping()):
        pass
    with pytest.raises(LimitReached, match=r"ping: the exchange's limits allow no more before") as caught:
        await exchange.waiters[0]
    assert caught.value.retry_at_ms == (NOON_NS + MINUTE_NS) // 1_000_000


async def test_who_wants_no_limits_has_none():
    exchange = Exchange("off")
    assert all(exchange.call(ExchangeInfo()) for _ in range(100))


async def test_a_refusal_is_obeyed_to_the_millisecond():
    exchange = Exchange()
    retry_ms = (NOON_NS + 30_000_000_000) // 1_000_000 + 7
    data = {"serverTime": 1, "retryAfter": retry_ms}
    exchange.limits.refused(Banned(418, -1003, "banned", data), "alice")
    exchange.call(CANCEL, "cancel")
    exchange.now_ns = retry_ms * 1_000_000 - 1_000_000
    exchange.turn(0)
    assert exchange.sent == []
    exchange.turn(0.004)  # the clock's error has grown to 2.5 ms meanwhile
    assert exchange.sent == ["cancel"]


async def test_a_refusal_of_orders_stops_that_accounts_orders_and_nothing_else():
    exchange = Exchange()
    data = {"serverTime": 1, "retryAfter": (NOON_NS + 8_000_000_000) // 1_000_000}
    exchange.limits.refused(RateLimited(429, -1015, "Too many new orders", data), "alice")
    assert not exchange.call(ORDER_REQUEST, "alice")
    assert exchange.call(ORDER_REQUEST, "bob", account="bob")
    assert exchange.call(Ping(), "query")
    exchange.turn(3.01)
    assert exchange.sent == ["bob", "query", "alice"]


async def test_what_others_of_the_address_use_is_learned_from_responses():
    exchange = Exchange()
    exchange.limits.learn_weight(counts(a_limit("REQUEST_WEIGHT", "MINUTE", 1, 100, count=90)))
    assert sum(exchange.call(Ping()) for _ in range(10)) == 5
    assert exchange.limits.is_close()


async def test_who_waits_no_longer_is_forgotten_and_who_waited_too_long_is_told():
    exchange = Exchange()
    while exchange.call(Ping(), "query"):
        pass
    exchange.waiters[0].cancel()
    waiter = asyncio.get_running_loop().create_future()
    exchange.limits.wait(Ping(), "alice", waiter, lambda: None, asyncio.get_running_loop().time())
    exchange.turn(0)
    with pytest.raises(LimitReached):
        await waiter
    exchange.sent.clear()
    exchange.turn(60)
    assert exchange.sent == []


async def test_two_processes_share_what_there_is(tmp_path: Path):
    one, other = (Exchange(share=tmp_path / "limits") for _ in range(2))
    for _ in range(120):
        one.call(Ping())
        other.call(Ping())
        one.limits.tick()
        other.limits.tick()
    assert len(one.sent) + len(other.sent) == 95


async def test_attempts_to_connect_are_bounded_for_all_together(tmp_path: Path):
    one, other = (Exchange(share=tmp_path / "limits") for _ in range(2))
    for _ in range(150):
        for exchange in (one, other):
            assert exchange.limits.attempt_in_s() == 0
            exchange.limits.attempt(0.0)
    assert one.limits.attempt_in_s() == 300
    assert other.limits.attempt_in_s() == 300


async def test_clients_of_one_exchange_share_their_limits_unless_told_otherwise():
    assert limits_of("a:1") is not limits_of("a:2")
    limits = limits_of("a:1")
    assert limits_of("a:1") is limits


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"policy": "hope"}, 'policy is \'hope\': pass "wait", "refuse" or "off"'),
        ({"reserve_share": 1}, "reserve_share is 1: pass a part of the limit"),
    ],
)
def test_what_makes_no_sense_is_refused(how: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        Limits(**how)


# --- with a client --------------------------------------------------------------------------------------------------


async def test_a_client_learns_the_limits_and_waits_before_the_server_would_refuse():
    limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "DAY", "intervalNum": 1, "limit": 200, "count": 180}]
    async with connected(deadline_s=0.2) as (client, peer, _):
        answer = client.ping()
        request = await peer.request("ping")
        peer.send({"id": request["id"], "status": 200, "result": {}, "rateLimits": limits})
        await answer
        client.on_tick(client._ready[0])
        answers = [client.ping() for _ in range(10)]
        for request in await peer.requests(10):
            peer.reply(request)
        await asyncio.gather(*answers)
        with pytest.raises(pitwire.LimitReached):
            await client.ping()


async def test_an_exchange_that_is_asked_for_more_than_it_allows_has_nothing_to_refuse():
    """Six clients ask for half as much again as a minute allows, and cancel orders in between."""
    async with open_venue(limits=True) as venue, AsyncExitStack() as stack:
        surroundings = Surroundings(open_transport=Connection.open, clock_ns=lambda: venue.clock.now_us() * 1000)
        key = key_of("alice").signing_key()
        clients = [
            await stack.enter_async_context(
                pitwire.connect(venue.url, key=key, surroundings=surroundings, deadline_s=120)
            )
            for _ in range(6)
        ]
        venue.clock.turn(61 - venue.clock.now_us() / 1e6 % 60)  # a second into a minute
        for client in clients:
            await client._ready[0].measure_clock()
        answers = [client.account_status() for client in clients for _ in range(75)]  # 9000 of the 6000 a minute
        order = await clients[0].order_place(**ORDER)
        await clients[1].order_cancel(symbol="BTCUSDT", order_id=order.order_id)
        waiting = [each for each in answers if not each.done()]
        assert len(waiting) >= 150
        while not all(each.done() for each in answers):
            venue.clock.turn(15)
            await asyncio.wait([each for each in answers if not each.done()], timeout=0.3)
        await asyncio.gather(*answers)


async def test_a_client_that_was_refused_sends_nothing_until_it_may():
    async with connected(HMAC_KEY, deadline_s=0.2, resolve=False) as (client, peer, _):
        answer = client.order_place(**ORDER)
        request = await peer.request("order.place")
        retry_ms = client.clock.now_ns() // 1_000_000 + 60_000
        data = {"serverTime": 1, "retryAfter": retry_ms}
        peer.send({"id": request["id"], "status": 429, "error": {"code": -1003, "msg": "Too much", "data": data}})
        with pytest.raises(pitwire.RateLimited):
            await answer
        with pytest.raises(pitwire.LimitReached) as caught:
            await client.order_cancel(symbol="BTCUSDT", order_id=1)
        assert caught.value.retry_at_ms == retry_ms
