import asyncio
import gc
import json
import time
import weakref
from decimal import Decimal
from typing import Any

import pytest
import structlog
import websockets
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import pitwire
from pitwire.client import connection
from pitwire.client.connect import connect
from pitwire.client.ports import Surroundings
from pitwire.protocol.errors import (
    FilterFailure,
    InvalidKey,
    NotSent,
    OutcomeUnknown,
    Rejected,
    TooManyInFlight,
    Unauthorized,
)
from pitwire.protocol.events import EventStreamTerminated, ServerShutdown
from pitwire.protocol.frames import text_frame
from pitwire.protocol.requests.auth import SessionLogon
from pitwire.protocol.requests.general import Time
from pitwire.protocol.signing import Key
from tests.client.scripted_server import LOGON, MEASURE_CLOCK, ScriptedServer, connected, connection_lost

ED25519_KEY = Key.ed25519(
    "ed-key", ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
)
HMAC_KEY = Key.hmac("hmac-key", "hmac-secret")
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": "0.01",
    "price": Decimal(50000),
}
ACK = {"symbol": "BTCUSDT", "orderId": 1, "orderListId": -1, "clientOrderId": "x", "transactTime": 1}
REPORT = {"e": "balanceUpdate", "E": 1, "a": "BTC", "d": "1.0", "T": 1}


def event(subscription: int | None = 0, **changes: Any) -> dict[str, Any]:
    return {"subscriptionId": subscription, "event": REPORT | changes}


# --- requests and responses -----------------------------------------------------------------------------------------


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


# --- keys -----------------------------------------------------------------------------------------------------------


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


# --- the connection -------------------------------------------------------------------------------------------------


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


class Log:
    """Keeps what it is told, for a test to wait for."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    def info(self, event: str, **details: Any) -> None:
        self.said.put_nowait((event, details))

    debug = warning = error = info

    async def hear(self, wanted: str) -> dict[str, Any]:
        while True:
            event, details = await self.said.get()
            if event == wanted:
                return details


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


# --- user data ------------------------------------------------------------------------------------------------------


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


# --- logging --------------------------------------------------------------------------------------------------------


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


# --- another implementation -----------------------------------------------------------------------------------------


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
