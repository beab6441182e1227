"""How a connection is renewed, and a lost one made again."""

import asyncio
from typing import Any

import pytest

import pitwire
from pitwire.protocol.errors import NotSent
from tests.client.samples import ED25519_KEY, event
from tests.client.scripted_server import Peer, ScriptedServer, connected, connection_lost


def subscribed_server(**automatic: Any) -> ScriptedServer:
    return ScriptedServer(userDataStream_subscribe={"subscriptionId": 0}, ping={}, **automatic)


def trade(number: int, symbol: str = "BTCUSDT") -> dict[str, Any]:
    """The least of an execution report that tells one from another."""
    report = {"e": "executionReport", "E": number, "s": symbol, "i": 1, "I": number, "x": "TRADE", "t": number}
    return {"subscriptionId": 0, "event": report}


async def numbers(events: pitwire.UserData, count: int) -> list[int]:
    got = []
    for _ in range(count):
        taken = await anext(events)
        assert isinstance(taken, pitwire.UnknownEvent)
        got.append(int(taken.raw.split(b'"I": ')[1].split(b",")[0]))
    return got


async def test_a_renewal_makes_before_it_breaks_and_no_request_fails():
    async with connected(ED25519_KEY, subscribed_server()) as (client, peer, server):
        old_answer = client.time()
        old_request = await peer.request("time")
        renewal = asyncio.ensure_future(client.rotate())
        second = await server.peer()
        answer = client.time()
        while (request := await asyncio.wait_for(either(peer, second), 5))[0] is peer:
            peer.reply(request[1], {"serverTime": 2})
            await answer
            answer = client.time()
        second.reply(request[1], {"serverTime": 3})
        assert (await answer).server_time == 3
        assert not renewal.done()
        peer.reply(old_request, {"serverTime": 1})
        assert (await old_answer).server_time == 1
        await renewal
        await peer.closed()
        assert client.is_connected
        assert server.connections == 2


async def either(*peers: Peer) -> tuple[Peer, dict[str, Any]]:
    """The next request, and to whom it came."""
    waiting = {asyncio.ensure_future(peer.request()): peer for peer in peers}
    done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for other in others:
        other.cancel()
    task = done.pop()
    return waiting[task], task.result()


async def test_user_data_over_both_connections_is_one_sequence():
    server = subscribed_server()
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        peer.send(trade(1))
        assert await numbers(events, 1) == [1]
        del server.automatic["ping"]
        renewal = asyncio.ensure_future(client.rotate())
        second = await server.peer()
        barrier = await peer.request("ping")  # the new connection is subscribed now
        second.send(trade(3))  # the new one is ahead: what the old one has yet to bring comes first
        second.send(trade(4))
        peer.send(trade(2))
        peer.send(trade(3))
        assert await numbers(events, 2) == [2, 3]
        peer.reply(barrier)
        assert await numbers(events, 1) == [4]
        peer.send(trade(4))
        await renewal
        second.send(trade(5))
        assert await numbers(events, 1) == [5]


async def test_an_old_connection_that_is_lost_before_its_data_was_complete_is_a_gap():
    server = subscribed_server()
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        del server.automatic["ping"]
        renewal = asyncio.ensure_future(client.rotate())
        second = await server.peer()
        await peer.request("ping")
        second.send(trade(2))
        peer.drop()
        assert isinstance(await anext(events), pitwire.SubscriptionRestored)
        assert await numbers(events, 1) == [2]
        await renewal
        assert client.is_connected


async def test_a_renewal_that_fails_leaves_the_old_connection_and_is_tried_again():
    async with connected(ED25519_KEY, subscribed_server()) as (client, peer, server):
        server.refuse = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        renewal = asyncio.ensure_future(client.rotate())
        await server.refused.get()
        answer = client.time()
        peer.reply(await peer.request("time"), {"serverTime": 1})
        await answer
        server.refuse = None
        await renewal
        await peer.closed()


async def test_a_connection_that_is_lost_while_it_is_renewed_is_made_again_once():
    server = subscribed_server()
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        logon = server.automatic.pop("session.logon")
        renewal = asyncio.ensure_future(client.rotate())
        second = await server.peer()
        request = await second.request("session.logon")
        peer.drop()
        while client.is_connected:  # noqa: ASYNC110  (nothing says it; the next turn of the loop, or the one after)
            await asyncio.sleep(0)
        server.automatic["session.logon"] = logon
        second.reply(request, logon)
        await renewal
        assert isinstance(await anext(events), pitwire.SubscriptionRestored)
        assert server.connections == 2
        assert client.is_connected


async def test_a_connection_is_renewed_at_its_age():
    async with connected(ED25519_KEY, subscribed_server(), rotate_after_s=1) as (_client, peer, server):
        await server.peer()
        await peer.closed()


@pytest.mark.parametrize("seconds", [0, 24 * 3600, float("nan")])
def test_an_age_that_cannot_be_kept_is_refused_with_the_legal_range(seconds: float):
    with pytest.raises(ValueError, match=r"rotate_after_s is .*: pass 1 to 86100 seconds"):
        pitwire.connect("local", rotate_after_s=seconds)


async def test_a_client_that_is_not_connected_renews_nothing():
    with pytest.raises(NotSent):
        await pitwire.connect("local").rotate()


async def test_leaving_in_the_middle_of_a_renewal_leaves_nothing_open():
    async with subscribed_server() as server:
        async with pitwire.connect(server.url, key=ED25519_KEY) as client:
            peer = await server.peer()
            pending = client.time()
            await peer.request("time")
            renewal = asyncio.ensure_future(client.rotate())
            second = await server.peer()
        with pytest.raises((asyncio.CancelledError, pitwire.NotSent)):
            await renewal
        with pytest.raises(pitwire.OutcomeUnknown):
            await pending
        await peer.closed()
        await second.closed()


# --- several connections --------------------------------------------------------------------------------------------


async def test_requests_take_turns_among_the_connections():
    async with ScriptedServer() as server, pitwire.connect(server.url, connections=3) as client:
        peers = [await server.peer() for _ in range(3)]
        answers = [client.time() for _ in range(6)]
        for peer in peers:
            for request in await peer.requests(2):
                peer.reply(request, {"serverTime": 1})
        await asyncio.gather(*answers)


async def test_what_a_lost_connection_had_not_written_goes_over_another():
    async with ScriptedServer() as server, pitwire.connect(server.url, connections=2) as client:
        first, second = await server.peer(), await server.peer()
        first.stop_reading()
        second.stop_reading()
        answers: list[asyncio.Future[Any]] = []
        while not all(link.session.pending.held for link in client._ready):
            answers += [client.depth(symbol="x" * 100_000) for _ in range(4)]
            await asyncio.sleep(0)
        first.drop()
        second.read_on()
        for link in client._ready:
            if not link.session.pending.held:
                break
        answering = asyncio.ensure_future(answer_all(second))
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        answering.cancel()
        assert {type(each) for each in outcomes} == {pitwire.OutcomeUnknown, pitwire.protocol.results.OrderBook}


async def answer_all(peer: Peer) -> None:
    while True:
        peer.reply(await peer.request(), {"lastUpdateId": 1, "bids": [], "asks": []})


async def test_one_connection_that_is_lost_leaves_the_others():
    async with ScriptedServer() as server, pitwire.connect(server.url, connections=2) as client:
        first, second = await server.peer(), await server.peer()
        server.refuse = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        first.drop()
        await server.refused.get()
        assert client.is_connected
        answers = [client.time() for _ in range(3)]
        for request in await second.requests(3):
            second.reply(request, {"serverTime": 1})
        await asyncio.gather(*answers)
        server.refuse = None
        await server.peer()


async def test_the_subscription_is_on_the_first_connection_only():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0})
    async with server, pitwire.connect(server.url, key=ED25519_KEY, connections=2) as client:
        peers = [await server.peer() for _ in range(2)]
        async with client.user_data() as events:
            for peer in peers:
                peer.send(event())
            assert (await anext(events)).asset == "BTC"  # type: ignore[union-attr]
            answers = [client.time() for _ in range(2)]
            for peer in peers:
                peer.reply(await peer.request(), {"serverTime": 1})
            await asyncio.gather(*answers)
            assert not events._queue


@pytest.mark.parametrize("number", [0, 51])
def test_a_number_of_connections_that_makes_no_sense_is_refused(number: int):
    with pytest.raises(ValueError, match=f"connections is {number}: pass 1 to 50"):
        pitwire.connect("local", connections=number)


async def test_a_logon_that_nobody_can_repeat_is_not_waited_for():
    async with connected(None, subscribed_server()) as (client, peer, _):
        peer.drop()
        await connection_lost(client)
        await client.wait_connected()
