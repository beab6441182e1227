"""Connections of a client: made, lost, refused, made again, left."""

import asyncio
import gc
import time
import weakref
from typing import Any

import pytest

import pitwire
from pitwire.client import connection
from pitwire.client.connect import connect
from pitwire.client.ports import Surroundings
from pitwire.protocol.errors import (
    NotSent,
    OutcomeUnknown,
    Unauthorized,
)
from pitwire.protocol.events import ServerShutdown
from tests.client.samples import ED25519_KEY, HMAC_KEY, Log, event
from tests.client.scripted_server import MEASURE_CLOCK, ScriptedServer, connected, connection_lost


async def test_nobody_there_is_said_at_once(unused_tcp_port: int):
    with pytest.raises(NotSent, match=r"cannot connect to .*pitwire exchange"):
        async with connect(f"ws://127.0.0.1:{unused_tcp_port}"):
            pass


async def test_a_refused_handshake_is_said_with_its_status():
    async with ScriptedServer() as server:
        server.refuse = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
        with pytest.raises(NotSent, match="HTTP status 429"):
            async with connect(server.url):
                pass


async def test_the_client_connects_again_after_an_error_that_nobody_thought_of():
    attempts = []

    async def fail_the_second(*arguments: Any) -> connection.Connection:
        attempts.append(1)
        if len(attempts) == 2:
            raise RuntimeError("nobody thought of it")
        return await connection.Connection.open(*arguments)

    surroundings = Surroundings(open_transport=fail_the_second, clock_ns=time.time_ns)
    async with connected(surroundings=surroundings) as (client, peer, _):
        peer.drop()
        await connection_lost(client)
        await client.wait_connected()
        assert len(attempts) == 3


async def test_after_a_drop_the_client_connects_logs_on_and_subscribes_again():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0})
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        peer.send(event())
        assert (await anext(events)).asset == "BTC"
        pending = client.time()
        await peer.request()
        peer.drop()
        with pytest.raises(OutcomeUnknown, match="the connection was lost"):
            await pending
        with pytest.raises(NotSent, match="connecting again"):
            await client.time()
        second = await server.peer()
        assert isinstance(await anext(events), pitwire.SubscriptionRestored)
        second.send(event(a="ETH"))
        assert (await anext(events)).asset == "ETH"
        assert client.is_connected


async def test_a_subscription_that_failed_with_its_connection_does_not_keep_that_in_memory():
    async with connected(ED25519_KEY) as (client, peer, server):
        lost = weakref.ref(client._ready[0])
        subscribing = asyncio.ensure_future(anext(client.user_data()))
        await peer.request("userDataStream.subscribe")
        peer.drop()
        with pytest.raises(OutcomeUnknown):
            await subscribing
        del subscribing
        await server.peer()
        await client.wait_connected()
        gc.collect()
        assert lost() is None


async def test_with_an_hmac_key_the_subscription_is_restored_by_signature():
    server = ScriptedServer(userDataStream_subscribe_signature={"subscriptionId": 3})
    async with connected(HMAC_KEY, server) as (client, peer, _), client.user_data() as events:
        peer.drop()
        second = await server.peer()
        assert isinstance(await anext(events), pitwire.SubscriptionRestored)
        second.send(event(3))
        assert (await anext(events)).subscription_id == 3


async def test_the_client_keeps_trying_until_the_server_is_back():
    async with connected(ED25519_KEY) as (client, peer, server):
        server.refuse = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        peer.drop()
        for _ in range(3):
            await server.refused.get()
        assert not client.is_connected
        server.refuse = None
        await client.wait_connected()
        assert client.is_connected


async def test_a_key_that_is_refused_for_good_ends_the_reconnecting_and_is_said_everywhere():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0})
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        del server.automatic["session.logon"]
        step = asyncio.ensure_future(anext(events))
        peer.drop()
        await connection_lost(client)
        waiting = asyncio.ensure_future(client.wait_connected())
        second = await server.peer()
        logon = await second.request("session.logon")
        second.send({"id": logon["id"], "status": 401, "error": {"code": -2015, "msg": "Invalid API-key, IP"}})
        for ended in (lambda: step, lambda: waiting, client.time, client.wait_connected, lambda: anext(events)):
            with pytest.raises(Unauthorized, match="Invalid API-key"):
                await ended()
        assert server.connections == 2


@pytest.mark.parametrize("status", ["418 I'm a teapot", "429 Too Many Requests"])
async def test_a_server_that_asks_to_be_left_alone_gets_its_time(status: str):
    log = Log()
    async with connected(log=log) as (client, peer, server):
        server.refuse = f"HTTP/1.1 {status}\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n".encode()
        peer.drop()
        assert (await log.hear("reconnecting"))["delay_s"] < 1
        assert (await log.hear("reconnecting"))["delay_s"] > 119
        with pytest.raises(NotSent, match=status[:3]):
            await client.time()


async def test_a_logon_that_is_over_a_limit_waits_until_it_may_be_tried_again():
    log = Log()
    async with connected(ED25519_KEY, log=log, clock_ns=lambda: 5_000_000_000) as (_client, peer, server):
        del server.automatic["session.logon"]
        server.automatic[MEASURE_CLOCK] = lambda: {"serverTime": 5_000}
        peer.drop()
        second = await server.peer()
        logon = await second.request("session.logon")
        data = {"serverTime": 5_000, "retryAfter": 65_000}
        second.send({"id": logon["id"], "status": 418, "error": {"code": -1003, "msg": "banned", "data": data}})
        await log.hear("reconnecting failed")
        assert (await log.hear("reconnecting"))["delay_s"] > 59


async def test_a_log_that_fails_takes_nothing_along():
    class Full:
        def info(self, event: str, **details: Any) -> None:
            raise OSError("disk full")

        debug = warning = error = info

    async with connected(log=Full(), log_traffic=True) as (client, peer, server):
        peer.send(b"garbage")
        answer = client.time()
        peer.reply(await peer.request(), {"serverTime": 1})
        await answer
        peer.drop()
        await connection_lost(client)
        await server.peer()
        await client.wait_connected()


async def test_waiting_for_a_connection_that_nobody_makes_is_refused():
    with pytest.raises(NotSent, match="use it in `async with`"):
        await connect("ws://127.0.0.1:1").wait_connected()


async def test_a_drop_during_the_logon_is_another_failed_attempt():
    async with connected(ED25519_KEY) as (client, peer, server):
        logon = server.automatic.pop("session.logon")
        peer.drop()
        second = await server.peer()
        await second.request("session.logon")
        second.drop()
        server.automatic["session.logon"] = logon
        await server.peer()
        await client.wait_connected()


async def test_server_shutdown_is_announced_and_answered_with_a_new_connection_before_the_old_one_goes():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0}, ping={})
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        answer = client.time()
        request = await peer.request()
        peer.send({"event": {"e": "serverShutdown", "E": 5}})
        assert isinstance(await anext(events), ServerShutdown)
        second = await server.peer()
        assert client.is_connected
        peer.reply(request, {"serverTime": 1})
        assert (await answer).server_time == 1
        await peer.closed()
        second.send(event(a="ETH"))
        assert (await anext(events)).asset == "ETH"


async def test_leaving_the_context_ends_requests_and_iterators_and_says_goodbye():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0})
    async with server:
        async with connect(server.url, key=ED25519_KEY) as client:
            peer = await server.peer()
            events = await client.user_data().__aenter__()
            waiting = asyncio.ensure_future(anext(events, "the end"))
            pending = client.time()
            await peer.request("time")
        with pytest.raises(OutcomeUnknown, match="the client is closed"):
            await pending
        assert await waiting == "the end"
        await peer.closed()
        assert peer.close_payload == b"\x03\xe8"
        with pytest.raises(NotSent, match="the client is closed"):
            await client.time()
        with pytest.raises(NotSent, match="the client is closed"):
            await client.wait_connected()
        assert client.in_flight == 0


async def test_nothing_holds_a_client_that_was_left():
    async with ScriptedServer() as server:
        client = connect(server.url)
        async with client:
            pass
        gone = weakref.ref(client)
        del client
        await asyncio.sleep(0)  # asyncio is done with the task
        gc.collect()
        assert gone() is None


async def test_the_client_can_be_left_while_it_is_connecting_again():
    async with connected() as (client, peer, server):
        server.refuse = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        peer.drop()
        with pytest.raises(OutcomeUnknown):
            await client.time()


async def test_before_it_is_entered_a_client_sends_nothing():
    with pytest.raises(NotSent, match="use it in `async with`"):
        await connect("ws://127.0.0.1:1").time()


async def test_the_url_carries_what_holds_for_the_whole_connection():
    async with connected(time_unit="MICROSECOND", return_rate_limits=False) as (_client, peer, _):
        assert peer.target == "/ws-api/v3?timeUnit=MICROSECOND&returnRateLimits=false"
