"""What `client.metrics` says of what has just happened."""

from typing import Any

import msgspec
import pytest

from pitwire.client.connect import connect
from pitwire.metrics.snapshot import ClientSnapshot
from pitwire.protocol.errors import NotSent, OutcomeUnknown, Rejected
from tests.client.samples import ED25519_KEY, Log, event
from tests.client.scripted_server import MEASURE_CLOCK, connected
from tests.client.test_slot import subscribed_server
from tests.exchange.gateway.venue import open_venue

BALANCE = {"e": "balanceUpdate", "E": 1, "a": "BTC", "d": "1", "T": 1}


class Clock:
    """Time that the test moves."""

    def __init__(self) -> None:
        self.now_ns = 1_700_000_000_000_000_000

    def __call__(self) -> int:
        return self.now_ns


async def test_each_request_is_timed_from_send_to_reply_and_in_flight_until_then():
    clock = Clock()
    async with connected(clock_ns=clock) as (client, peer, _):
        answer = client.ping()
        request = await peer.request("ping")
        assert client.metrics.snapshot().connections.in_flight == 1
        assert "ping" not in client.metrics.snapshot().requests
        clock.now_ns += 25_000_000
        peer.reply(request)
        await answer
        ping = client.metrics.snapshot().requests["ping"]
        assert (ping.count, ping.max_us, ping.total_us) == (1, 25_000, 25_000)
        assert ping.p50_us == pytest.approx(25_000, rel=0.033)
        assert client.metrics.snapshot().connections.in_flight == 0


async def test_failures_are_counted_by_method_and_kind():
    async with connected() as (client, peer, _):
        refused, unknown = client.ping(), client.ping()
        first, _ = await peer.requests(2)
        peer.send({"id": first["id"], "status": 400, "error": {"code": -1100, "msg": "no"}})
        with pytest.raises(Rejected):
            await refused
        peer.drop()
        with pytest.raises(OutcomeUnknown):
            await unknown
        assert client.metrics.snapshot().failures == {"ping": {"refused": 1, "unknown": 1}}


async def test_fields_that_are_not_documented_are_counted_and_logged_once_each():
    log = Log()
    async with connected(ED25519_KEY, subscribed_server(), log=log) as (client, peer, _), client.user_data() as events:
        for _ in range(2):
            answer = client.avg_price(symbol="BTCUSDT")
            peer.reply(await peer.request("avgPrice"), {"mins": 5, "price": "1", "closeTime": 1, "tomorrow": 1})
            await answer
            peer.send({"subscriptionId": 0, "event": BALANCE | {"why": "rest"}})
            await anext(events)
        assert client.metrics.snapshot().unknown_fields == {"AveragePrice.tomorrow": 1, "BalanceUpdate.why": 1}
    told = [await log.hear("an unknown field") for _ in range(2)]
    assert [(each["type"], each["field"]) for each in told] == [("AveragePrice", "tomorrow"), ("BalanceUpdate", "why")]


async def test_a_drop_is_a_reconnection_and_a_gap_and_a_renewal_is_neither():
    clock = Clock()
    server = subscribed_server()
    server.automatic[MEASURE_CLOCK] = lambda: {"serverTime": clock.now_ns // 1_000_000}
    async with (
        connected(ED25519_KEY, server, clock_ns=clock) as (client, peer, _),
        client.user_data() as events,
    ):
        await client.rotate()
        second = await server.peer()
        before = client.metrics.snapshot()
        assert (before.connections.rotations, before.connections.reconnects, before.user_data.gaps) == (1, 0, 0)
        assert before.user_data.is_borne
        second.drop()
        with pytest.raises(OutcomeUnknown):
            await client.time()
        assert not client.metrics.snapshot().is_connected
        assert not client.metrics.snapshot().user_data.is_borne
        clock.now_ns += 1_500_000_000
        await anext(events)
        after = client.metrics.snapshot()
        assert (after.connections.rotations, after.connections.reconnects, after.user_data.gaps) == (1, 1, 1)
        assert after.user_data.gap_ms == pytest.approx(1_500, abs=1)
        assert peer.close_payload is not None


async def test_events_wait_in_the_queue_until_the_application_takes_them():
    clock = Clock()
    async with (
        connected(ED25519_KEY, subscribed_server(), clock_ns=clock) as (client, peer, _),
        client.user_data(queue_events_max=2) as events,
    ):
        for _ in range(3):
            peer.send(event())
        await client.ping()  # its answer comes behind them
        waiting = client.metrics.snapshot().user_data
        assert (waiting.events, waiting.queued, waiting.lost, waiting.iterators) == (3, 2, 1, 1)
        clock.now_ns += 7_000_000
        await anext(events)
        taken = client.metrics.snapshot()
        assert (taken.event_delays.count, taken.event_delays.max_us, taken.user_data.queued) == (1, 7_000, 1)


async def test_the_limits_are_those_that_the_exchange_says():
    async with open_venue() as venue, connect(venue.url) as client:
        before = await used(client, "REQUEST_WEIGHT")
        await client.exchange_info(symbol="BTCUSDT")
        after = await used(client, "REQUEST_WEIGHT")
        assert after - before >= 20  # web-socket-api.md, Exchange information: weight 20
        assert client.metrics.snapshot().weight_share > 0
        assert client.metrics.snapshot().clock.is_measured


async def used(client: Any, kind: str) -> int:
    return sum(each.used for each in client.metrics.snapshot().limits if each.type == kind)


async def test_a_snapshot_encodes_to_json_and_back():
    async with connected() as (client, peer, _):
        answer = client.ping()
        peer.reply(await peer.request("ping"))
        await answer
        snapshot = client.metrics.snapshot()
        assert msgspec.json.decode(msgspec.json.encode(snapshot), type=ClientSnapshot) == snapshot


async def test_a_client_that_is_not_connected_can_be_asked():
    async with connected() as (client, *_):
        pass
    snapshot = client.metrics.snapshot()
    assert (snapshot.connections.wanted, snapshot.limits, snapshot.is_connected) == (0, (), False)
    with pytest.raises(NotSent):
        await client.ping()
