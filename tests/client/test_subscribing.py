"""User data of a client, from subscribing to the end, over whichever connection."""

import asyncio
import json

import pytest

import pitwire
from pitwire.protocol.errors import (
    InvalidKey,
    OutcomeUnknown,
)
from pitwire.protocol.events import EventStreamTerminated
from pitwire.protocol.frames import text_frame
from pitwire.protocol.requests.auth import SessionLogon
from tests.client.samples import ED25519_KEY, HMAC_KEY, event
from tests.client.scripted_server import ScriptedServer, connected


async def test_iterating_subscribes_once_for_any_number_of_iterators():
    async with connected(ED25519_KEY) as (client, peer, _):
        first, second = client.user_data(), client.user_data()
        steps = [asyncio.ensure_future(anext(each)) for each in (first, second)]
        peer.reply(await peer.request("userDataStream.subscribe"), {"subscriptionId": 0})
        peer.send(event())
        assert [each.asset for each in await asyncio.gather(*steps)] == ["BTC", "BTC"]


async def test_events_right_behind_the_restored_subscription_come_after_the_word_of_it():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0})
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        del server.automatic["userDataStream.subscribe"]
        peer.drop()
        second = await server.peer()
        request = await second.request("userDataStream.subscribe")
        restored = json.dumps({"id": request["id"], "status": 200, "result": {"subscriptionId": 0}}).encode()
        second.raw(text_frame(restored) + text_frame(json.dumps(event(a="ETH")).encode()))
        assert isinstance(await anext(events), pitwire.SubscriptionRestored)
        assert (await anext(events)).asset == "ETH"


ACTIVE_ALREADY = {"code": -2035, "msg": "User Data Stream subscription already active."}


async def test_a_subscription_whose_answer_came_too_late_is_one():
    async with connected(HMAC_KEY, deadline_s=0.04) as (client, peer, server):
        events = client.user_data()
        with pytest.raises(OutcomeUnknown):
            await anext(events)
        peer.reply(await peer.request(), {"subscriptionId": 0})
        step = asyncio.ensure_future(anext(events))
        request = await peer.request("userDataStream.subscribe.signature")
        peer.send({"id": request["id"], "status": 400, "error": ACTIVE_ALREADY})
        peer.send(event())
        assert (await step).asset == "BTC"
        peer.drop()
        await (await server.peer()).request("userDataStream.subscribe.signature")


async def test_a_cancelled_first_step_is_taken_up_by_the_next_and_loses_no_event():
    async with connected(HMAC_KEY) as (client, peer, _):
        events = client.user_data()
        step = asyncio.ensure_future(anext(events))
        request = await peer.request("userDataStream.subscribe.signature")
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        again = asyncio.ensure_future(anext(events))
        peer.reply(request, {"subscriptionId": 0})
        peer.send(event(a="ETH"))
        assert (await again).asset == "ETH"
        answer = client.time()
        peer.reply(await peer.request("time"), {"serverTime": 1})  # and no second subscription before it
        await answer


async def test_events_after_a_cancelled_first_step_wait_for_the_next():
    async with connected(HMAC_KEY) as (client, peer, _):
        events = client.user_data()
        step = asyncio.ensure_future(anext(events))
        request = await peer.request("userDataStream.subscribe.signature")
        step.cancel()
        peer.reply(request, {"subscriptionId": 0})
        peer.send(event(a="ETH"))
        answer = client.time()
        peer.reply(await peer.request("time"), {"serverTime": 1})
        await answer
        assert (await anext(events)).asset == "ETH"


async def test_user_data_of_a_logon_that_the_user_signed_ends_with_the_connection_and_the_client_goes_on():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0})
    async with connected(None, server) as (client, peer, _):
        await client.call(SessionLogon(api_key="ed-key", signature="signed elsewhere", timestamp=1))
        async with client.user_data() as events:
            peer.drop()
            with pytest.raises(InvalidKey, match="cannot be repeated"):
                await anext(events)
            second = await server.peer()
            await client.wait_connected()
            answer = client.time()
            second.reply(await second.request("time"), {"serverTime": 1})
            await answer


async def test_without_a_key_there_is_no_user_data():
    async with connected() as (client, _, _server):
        with pytest.raises(InvalidKey, match="no key"):
            await anext(client.user_data())


async def test_the_iteration_ends_when_the_subscription_is_stopped():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0}, userDataStream_unsubscribe={})
    async with connected(ED25519_KEY, server) as (client, peer, _), client.user_data() as events:
        await client.user_data_stream_unsubscribe(subscription_id=0)
        peer.send({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": 1}})
        assert [type(each) async for each in events] in ([], [EventStreamTerminated])


async def test_a_forgotten_iterator_costs_nothing():
    server = ScriptedServer(userDataStream_subscribe={"subscriptionId": 0})
    async with connected(ED25519_KEY, server) as (client, _, _server):
        events = client.user_data()
        assert len(client._feed.iterators) == 1
        del events
        assert len(client._feed.iterators) == 0
