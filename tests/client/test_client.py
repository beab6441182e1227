"""Requests of a client and what comes of them, its keys, and what it logs."""

import asyncio
import json
from typing import Any

import pytest
import structlog
import websockets

from pitwire.client.connect import connect
from pitwire.protocol.errors import (
    FilterFailure,
    InvalidKey,
    NotSent,
    OutcomeUnknown,
    Rejected,
    TooManyInFlight,
)
from pitwire.protocol.requests.general import Time
from pitwire.protocol.signing import Key
from tests.client.samples import ACK, ED25519_KEY, HMAC_KEY, ORDER
from tests.client.scripted_server import LOGON, MEASURE_CLOCK, ScriptedServer, connected

# --- requests and responses -------------------------------------------------------------------------------------------


async def test_a_request_is_answered_with_its_typed_result():
    async with connected() as (client, peer, _):
        answer = client.time()
        peer.reply(await peer.request("time"), {"serverTime": 123})
        assert (await answer).server_time == 123
        assert client.in_flight == 0


async def test_responses_in_reverse_order_reach_their_requests():
    async with connected() as (client, peer, _):
        answers = [client.time() for _ in range(200)]
        for number, request in reversed(list(enumerate(await peer.requests(200)))):
            peer.reply(request, {"serverTime": number})
        assert [each.server_time for each in await asyncio.gather(*answers)] == list(range(200))


@pytest.mark.parametrize("own", [7, "my-id"])
async def test_the_user_may_choose_the_id(own: int | str):
    async with connected() as (client, peer, _):
        answer = client.call(Time(), request_id=own)
        request = await peer.request()
        assert request == {"id": own, "method": "time"}
        with pytest.raises(ValueError, match="in flight"):
            client.call(Time(), request_id=own)
        peer.reply(request, {"serverTime": 1})
        assert (await answer).server_time == 1


async def test_a_null_id_goes_out_and_ends_at_the_deadline():
    async with connected(deadline_s=0.04) as (client, peer, _):
        answer = client.call(Time(), request_id=None)
        peer.reply(await peer.request(), {"serverTime": 1})
        with pytest.raises(OutcomeUnknown, match="deadline"):
            await answer


async def test_errors_are_raised():
    async with connected(HMAC_KEY) as (client, peer, _):
        answer = client.order_place(**ORDER)
        request = await peer.request("order.place")
        peer.send({"id": request["id"], "status": 400, "error": {"code": -1013, "msg": "Filter failure: LOT_SIZE"}})
        with pytest.raises(FilterFailure) as caught:
            await answer
        assert caught.value.filter == "LOT_SIZE"


async def test_rate_limits_are_those_of_the_newest_response():
    async with connected() as (client, peer, _):
        assert client.rate_limits == ()
        answer = client.ping()
        limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 7}
        peer.send({"id": (await peer.request())["id"], "status": 200, "result": {}, "rateLimits": [limit]})
        await answer
        assert [each.count for each in client.rate_limits] == [7]


async def test_rate_limits_of_null_are_none():
    async with connected() as (client, peer, _):
        answer = client.ping()
        peer.send({"id": (await peer.request())["id"], "status": 200, "result": {}, "rateLimits": None})
        await answer
        assert client.rate_limits == ()


async def test_strays_and_garbage_disturb_nobody():
    with structlog.testing.capture_logs() as logs:
        async with connected(log=structlog.get_logger(), deadline_s=0.04) as (client, peer, _):
            late = client.time()
            late_request = await peer.request()
            with pytest.raises(OutcomeUnknown, match="deadline"):
                await late
            answered = client.time()
            request = await peer.request()
            peer.reply(request, {"serverTime": 1})
            await answered
            peer.reply(late_request, {"serverTime": 1})  # late
            peer.reply(request, {"serverTime": 1})  # duplicate
            peer.send({"id": "never", "status": 200, "result": {}})
            peer.send({"id": None, "status": 400, "error": {"code": -1100, "msg": "Illegal"}})
            peer.send(b"garbage")
            peer.send(b"[1, 2, 3]")
            peer.send(b'{"signature":"do not show')
            answer = client.time()
            peer.reply(await peer.request(), {"serverTime": 2})
            assert (await answer).server_time == 2
    assert [entry["kind"] for entry in logs if "kind" in entry] == ["late", "duplicate", "unknown", "null"]
    assert sum(entry["event"] == "message that is no response and no event" for entry in logs) == 3
    assert "do not show" not in str(logs)


async def test_a_cancelled_await_leaks_nothing():
    async with connected(deadline_s=0.04) as (client, peer, _):
        cancelled = client.time()
        request = await peer.request()
        cancelled.cancel()
        peer.reply(request, {"serverTime": 1})
        answer = client.time()
        peer.reply(await peer.request(), {"serverTime": 2})
        assert (await answer).server_time == 2
        assert client.in_flight == 0

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await client.time()
        witness = client.time()  # expires in the same tick, or later
        with pytest.raises(OutcomeUnknown):
            await witness
        assert client.in_flight == 0


@pytest.mark.parametrize("seconds", [0, -1, 1e-9, 3601, float("inf"), float("nan")])
def test_a_deadline_that_cannot_be_kept_is_refused_with_the_legal_range(seconds: float):
    with pytest.raises(ValueError, match=r"deadline_s is .*: pass 0\.01 to 3600 seconds"):
        connect("local", deadline_s=seconds)


async def test_every_request_has_a_deadline():
    async with connected(HMAC_KEY, deadline_s=0.04, resolve=False) as (client, _, _server):
        with pytest.raises(OutcomeUnknown, match=r"order\.place: the deadline passed") as caught:
            await client.order_place(**ORDER, new_client_order_id="mine")
        assert caught.value.client_order_id == "mine"


async def test_too_many_requests_in_flight_are_not_sent():
    async with connected(in_flight_max=2) as (client, _, _server):
        client.time()
        client.time()
        with pytest.raises(NotSent, match="2 requests are in flight"):
            await client.time()


async def test_asking_again_after_not_sent_lets_the_answer_come_that_makes_room():
    async with connected(in_flight_max=1) as (client, peer, _):
        first = client.time()
        replying = asyncio.ensure_future(peer.request())
        replying.add_done_callback(lambda done: peer.reply(done.result(), {"serverTime": 1}))
        async with asyncio.timeout(5):
            while not first.done():
                await client.wait_connected()
                if not first.done():
                    with pytest.raises(TooManyInFlight):
                        await client.time()


# --- keys -------------------------------------------------------------------------------------------------------------


async def test_an_ed25519_key_logs_on_once_and_requests_carry_only_a_timestamp():
    async with ScriptedServer() as server:
        del server.automatic["session.logon"]
        server.automatic[MEASURE_CLOCK] = lambda: {"serverTime": 5}
        client = connect(server.url, key=ED25519_KEY, clock_ns=lambda: 5_000_000)
        entering = asyncio.ensure_future(client.__aenter__())
        peer = await server.peer()
        logon = await peer.request("session.logon")
        assert sorted(logon["params"]) == ["apiKey", "signature", "timestamp"]
        assert not client.is_connected
        peer.reply(logon, LOGON)
        await entering
        answer = client.account_commission(symbol="BTCUSDT")
        assert (await peer.request())["params"] == {"symbol": "BTCUSDT", "timestamp": 5}
        answer.cancel()
        await client.__aexit__(None, None, None)


async def test_an_hmac_key_signs_each_request():
    async with connected(HMAC_KEY) as (client, peer, _):
        answer = client.order_place(**ORDER)
        request = await peer.request("order.place")
        assert request["params"]["apiKey"] == "hmac-key"
        assert len(request["params"]["signature"]) == 64
        peer.reply(request, ACK)
        assert (await answer).order_id == 1


async def test_without_a_key_a_signed_request_is_refused_at_once():
    async with connected() as (client, _, _server):
        with pytest.raises(InvalidKey, match="there is no key"):
            client.order_place(**ORDER)
        assert client.in_flight == 0


async def test_a_refused_logon_is_raised_by_the_context():
    async with ScriptedServer() as server:
        del server.automatic["session.logon"]
        entering = asyncio.ensure_future(connect(server.url, key=ED25519_KEY).__aenter__())
        peer = await server.peer()
        request = await peer.request("session.logon")
        peer.send({"id": request["id"], "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}})
        with pytest.raises(Rejected, match="Invalid API-key"):
            await entering
        await peer.closed()


async def test_a_float_is_refused_before_anything_is_sent():
    async with connected(HMAC_KEY) as (client, _, _server):
        with pytest.raises(TypeError, match=r"price is the float 0\.1"):
            client.order_place(**(ORDER | {"price": 0.1}))
        assert client.in_flight == 0


# --- logging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [ED25519_KEY, HMAC_KEY], ids=lambda key: key.kind)
async def test_every_request_and_response_can_be_logged_and_shows_no_secret(key: Key):
    with structlog.testing.capture_logs() as logs:
        async with connected(key, log=structlog.get_logger(), log_traffic=True) as (client, peer, _):
            answer = client.order_place(**ORDER)
            request = await peer.request()
            peer.reply(request, ACK)
            await answer
    text = json.dumps(logs)
    for secret in ("ed-key", "hmac-key", request["params"].get("signature", "ed-key")):
        assert secret not in text
    sent = [entry["text"] for entry in logs if entry["event"] == "request"]
    received = [entry["text"] for entry in logs if entry["event"] == "message"]
    assert "order.place" in sent[-1]
    assert json.loads(received[-1])["result"] == ACK
    assert all(entry["log_level"] == "debug" for entry in logs)


async def test_the_default_log_is_the_standard_librarys(caplog: pytest.LogCaptureFixture):
    async with connected() as (client, peer, _):
        peer.send({"id": "never", "status": 200})
        answer = client.time()
        peer.reply(await peer.request(), {"serverTime": 1})
        await answer
    assert [record.name for record in caplog.records if "response without a request" in record.message] == [
        "pitwire.client"
    ]


# --- another implementation -------------------------------------------------------------------------------------------


async def test_the_client_talks_to_an_independent_server():
    async def serve(connection: Any) -> None:
        async for message in connection:
            await connection.ping()
            await connection.send(
                json.dumps({"id": json.loads(message)["id"], "status": 200, "result": {"serverTime": 1}})
            )

    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}") as client:
            answers = await asyncio.gather(*[client.time() for _ in range(100)])
            assert {each.server_time for each in answers} == {1}
