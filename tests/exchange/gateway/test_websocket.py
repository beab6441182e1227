"""The gateway over a real socket, seen by a client that others wrote."""

import asyncio
import contextlib
import json
import socket
from pathlib import Path

import pytest
import structlog
import websockets

from pitwire.exchange.gateway.admission import IN_FLIGHT_MAX, Admission
from pitwire.exchange.gateway.connection import REFUSALS_LOGGED_MAX
from pitwire.exchange.gateway.handlers import _COMMANDS, _QUERIES, Handlers
from pitwire.exchange.gateway.limits import REFUSALS_UNTIL_BAN, AddressLimits, UnfilledOrders
from pitwire.exchange.gateway.peer import UNCHARGED_FRAMES_PER_S_MAX, UNREAD_BYTES_MAX
from pitwire.exchange.gateway.websocket import Gateway, PublishedKeysExposed
from pitwire.exchange.projections.state import Projections
from pitwire.protocol.registry import METHODS
from pitwire.protocol.signing import KeyKind
from tests.exchange.gateway.venue import KEYRING, ORDER, TurnedClock, key_of, open_venue

# --- envelopes ----------------------------------------------------------------------------------------------------


async def test_ping_answers_with_an_empty_result_and_the_weight_used():
    async with open_venue(limits=True) as venue, venue.connect() as peer:
        response = await peer.call("ping")
    assert response == {
        "id": 1,
        "status": 200,
        "result": {},
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 3}
        ],
    }


async def test_the_url_may_hide_rate_limits_and_a_request_show_them(venue):
    async with venue.connect("?returnRateLimits=false") as peer:
        assert await peer.call("ping") == {"id": 1, "status": 200, "result": {}}
        assert "rateLimits" in await peer.call("ping", {"returnRateLimits": True})


@pytest.mark.parametrize("query", ["?timeUnit=MICROSECOND", "?timeUnit=microsecond"])
async def test_the_url_may_ask_for_microseconds(venue, query):
    async with venue.connect(query) as peer:
        assert (await peer.call("time"))["result"] == {"serverTime": venue.clock.now_us()}


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/ws-api/v4", 404), ("/ws-api/v3?timeUnit=HOUR", 400)])
async def test_other_paths_and_wrong_urls_are_refused_in_the_handshake(venue, path, status):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(venue.url.removesuffix("/ws-api/v3") + path)
    assert refused.value.response.status_code == status


async def test_a_path_that_is_no_url_is_not_found(venue):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(venue.url.split(":")[2].split("/")[0]))
    writer.write(
        b"GET //[ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert (await asyncio.wait_for(reader.readline(), 5)).split()[1] == b"404"
    writer.transport.abort()


async def test_malformed_json_is_answered_and_the_connection_lives(peer):
    await peer.socket.send("{not json")
    assert (await peer.receive())["error"] == {"code": -1135, "msg": "Invalid JSON Request"}
    assert (await peer.call("ping"))["status"] == 200


async def test_responses_keep_their_ids_when_many_are_in_flight(peer):
    sent = [await peer.send("time" if number % 2 else "ping") for number in range(100)]
    assert [(await peer.receive())["id"] for _ in sent] == sent


def test_every_method_is_served_and_the_readme_says_so():
    served = {request.METHOD.name for request in (*_QUERIES, *_COMMANDS)}
    of_connections = {request.METHOD.name for request in METHODS} - served
    assert all(name.startswith(("session.", "userDataStream.")) for name in of_connections)
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    assert f"serves all {len(METHODS)} methods" in readme


# --- frames -------------------------------------------------------------------------------------------------------


async def test_a_request_may_come_in_fragments(peer):
    await peer.socket.send(['{"id":7,', '"method":', '"ping"}'])
    assert (await peer.receive())["id"] == 7


async def test_binary_frames_are_refused(peer):
    await peer.socket.send(b'{"id":1,"method":"ping"}')
    with pytest.raises(websockets.ConnectionClosedError) as closed:
        await peer.receive()
    assert closed.value.rcvd.code == 1003


async def test_a_request_that_is_too_large_is_refused(peer):
    await peer.socket.send(" " * 70_000)
    with pytest.raises(websockets.ConnectionClosedError) as closed:
        await peer.receive()
    assert closed.value.rcvd.code == 1009


async def test_a_message_that_is_too_large_in_fragments_is_refused(peer):
    await peer.socket.send([" " * 40_000, " " * 40_000])
    with pytest.raises(websockets.ConnectionClosedError) as closed:
        await peer.receive()
    assert closed.value.rcvd.code == 1009


async def test_pings_are_answered_with_their_payload(peer):
    pong = await peer.socket.ping(b"payload")
    await asyncio.wait_for(pong, 5)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x88\x80" + bytes(4), 1000),  # an empty close
        (b"\x88\x82" + bytes(4) + b"\x0b\xb8", 3000),
        (b"\xc1\x80" + bytes(4), 1002),  # a reserved bit
        (b"\x80\x80" + bytes(4), 1002),  # a continuation of nothing
        (b"\x81\x81" + bytes(4) + b"\xff", 1007),  # not UTF-8
        (b"\x83\x80" + bytes(4), 1002),  # an opcode that there is not
        (b"\x81\x00", 1002),  # not masked
        (b"\x89\xfe\x00\x7e" + bytes(4), 1002),  # a control frame that is too long
    ],
)
async def test_what_breaks_the_protocol_is_closed_with_the_code_for_it(venue, frame, code):
    async with raw_client(venue) as (reader, writer):
        writer.write(frame)
        opcode, payload = await asyncio.wait_for(read_frame(reader), 5)
        assert (opcode, int.from_bytes(payload[:2], "big")) == (8, code)


PING, PONG, PART = (bytes([first, 0x80]) + bytes(4) for first in (0x89, 0x8A, 0x00))


@pytest.mark.parametrize("frame", [PING, PONG, PART])
async def test_a_flood_of_frames_that_cost_nothing_is_closed_and_not_read_further(venue, frame):
    async with raw_client(venue) as (reader, writer):
        writer.write((b"\x01\x80" + bytes(4) if frame is PART else b"") + frame * (UNCHARGED_FRAMES_PER_S_MAX + 1))
        answers = [await asyncio.wait_for(read_frame(reader), 5)]
        while answers[-1][0] != 8:
            answers.append(await asyncio.wait_for(read_frame(reader), 5))
        assert len(answers) == 1 + (UNCHARGED_FRAMES_PER_S_MAX if frame is PING else 0)
        assert int.from_bytes(answers[-1][1][:2], "big") == 1008
        (connection,) = venue.gateway._connections
        assert not connection._transport.underlying_transport.is_reading()


async def test_control_frames_within_a_second_s_budget_are_read_second_after_second(venue, peer):
    for _ in range(3):
        peer.socket.transport.write(PONG * UNCHARGED_FRAMES_PER_S_MAX)
        assert (await peer.call("ping"))["status"] == 200
        venue.clock.turn(1)


async def test_a_peer_that_sends_on_while_it_is_closed_is_not_read_further(venue):
    async with raw_client(venue) as (reader, writer):
        writer.write(b"\x80\x80" + bytes(4) + client_frame(b"{}") * (UNCHARGED_FRAMES_PER_S_MAX + 1))
        assert (await asyncio.wait_for(read_frame(reader), 5))[0] == 8
        (connection,) = venue.gateway._connections
        assert not connection._transport.underlying_transport.is_reading()


async def test_a_peer_that_says_goodbye_and_never_reads_is_dropped(venue, monkeypatch):
    monkeypatch.setattr("pitwire.exchange.gateway.peer.CLOSE_S", 0.0)
    async with raw_client(venue) as (_, writer):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        (connection,) = venue.gateway._connections
        unread = connection._transport.underlying_transport
        while not unread.get_write_buffer_size():
            connection.queue(b"x" * 1_000_000)
            connection.flush()
        writer.write(b"\x88\x80" + bytes(4))
        await asyncio.wait_for(connection.wait_closed(), 5)
        assert not venue.gateway._connections


async def test_the_log_says_in_words_what_was_wrong_and_tells_no_secrets(peer):
    """Binance Academy's article puts apiKey, timestamp and signature beside `params`."""
    params = peer.signed(key_of("alice"))
    with structlog.testing.capture_logs() as logs:
        await peer.socket.send(json.dumps({"id": "mine", "method": "session.logon", **params}))
        assert (await peer.receive())["error"] == mandatory("apiKey")
    (logged,) = logs
    assert (logged["event"], logged["id"], logged["code"]) == ("request refused", '"mine"', -1102)
    assert "apiKey, timestamp, signature stand beside params" in logged["reason"]
    assert params["apiKey"] not in str(logs)
    assert params["signature"] not in str(logs)


async def test_a_flood_of_refused_requests_does_not_flood_the_log(peer):
    with structlog.testing.capture_logs() as logs:
        for _ in range(REFUSALS_LOGGED_MAX + 20):
            await peer.call("nonsense")
    assert len(logs) == REFUSALS_LOGGED_MAX
    assert logs[-1]["last_of_this_connection"] is True


async def test_a_close_is_answered_with_its_code(peer):
    await peer.socket.close(3001, "bye")
    assert peer.socket.close_code == 3001


# --- keeping alive ------------------------------------------------------------------------------------------------


async def test_the_exchange_pings_and_a_silent_client_is_closed_after_a_minute(venue):
    async with raw_client(venue) as (reader, _):
        frames = []
        for seconds in (20, 20, 20, 20):
            venue.clock.turn(seconds)
            venue.gateway._tick()
            frames.append(await asyncio.wait_for(read_frame(reader), 5))
    assert [opcode for opcode, _ in frames] == [9, 9, 9, 8]
    assert frames[3][1][2:] == b"no pong within a minute"


async def test_a_client_that_answers_pings_stays(venue, peer):
    for _ in range(10):
        venue.clock.turn(20)
        venue.gateway._tick()
        assert (await peer.call("ping"))["status"] == 200  # `websockets` answers pings by itself


async def test_after_24_hours_the_connection_is_closed(venue, peer):
    venue.clock.turn(24 * 3600)
    venue.gateway._tick()
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await peer.receive()
    assert closed.value.rcvd.code == 1001


async def test_a_stop_is_announced_and_what_is_in_the_log_is_answered(venue, peer, monkeypatch):
    await peer.log_on("alice")
    submitted, submit = asyncio.Event(), venue.sequencer.submit
    monkeypatch.setattr(venue.sequencer, "submit", lambda *order: (submit(*order), submitted.set()))
    await peer.send("order.place", peer.stamped(ORDER))
    await submitted.wait()
    stopping = asyncio.ensure_future(venue.gateway.stop())
    messages = [await peer.receive(), await peer.receive()]
    assert {"event": {"e": "serverShutdown", "E": venue.clock.now_us() // 1000}} in messages
    assert 200 in [message.get("status") for message in messages]
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await peer.receive()
    assert closed.value.rcvd.code == 1001
    await stopping


async def test_while_it_drains_commands_are_refused_and_what_was_submitted_before_is_answered(venue, peer, monkeypatch):
    await peer.log_on("alice")
    submit, drain = venue.sequencer.submit, venue.sequencer.drain
    submitted, draining, refused, submissions = asyncio.Event(), asyncio.Event(), asyncio.Event(), []

    async def drained_after_a_refusal():
        draining.set()
        await refused.wait()
        await drain()

    def watched(*order):
        submit(*order)
        submissions.append(order)
        submitted.set()

    monkeypatch.setattr(venue.sequencer, "submit", watched)
    monkeypatch.setattr(venue.sequencer, "drain", drained_after_a_refusal)
    early = await peer.send("order.place", peer.stamped(ORDER))
    await submitted.wait()
    stopping = asyncio.ensure_future(venue.gateway.stop())
    await draining.wait()
    late = await peer.send("order.place", peer.stamped(ORDER))
    answers = {}
    while len(answers) < 2:
        message = await peer.receive()
        if "id" in message:
            answers[message["id"]] = message
    assert answers[early]["status"] == 200
    assert answers[late]["error"]["code"] == -1016
    refused.set()
    await stopping
    assert len(submissions) == 1


async def test_a_slow_reader_is_cut_off(venue):
    async with raw_client(venue) as (_, writer):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = client_frame(b'{"id":"' + b"x" * 36 + b'","method":"exchangeInfo"}')
        for _ in range(UNREAD_BYTES_MAX // 1000):
            writer.write(request * 20)
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(writer.drain(), 10)
            if not venue.gateway._connections:
                break
            await asyncio.sleep(0)  # lets the exchange read
    assert not venue.gateway._connections


# --- limits -------------------------------------------------------------------------------------------------------


async def test_weight_beyond_the_limit_is_429_with_retry_after_and_going_on_is_a_ban():
    async with open_venue(limits=True) as venue, venue.connect() as peer:
        for _ in range(299):
            assert (await peer.call("exchangeInfo", {"symbol": "BTCUSDT", "returnRateLimits": False}))["status"] == 200
        refused = await peer.call("exchangeInfo")
        now_ms = venue.clock.now_us() // 1000
        assert refused["status"] == 429
        assert refused["error"] == {
            "code": -1003,
            "msg": "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
            "Please use WebSocket Streams for live updates to avoid polling the API.",
            "data": {"serverTime": now_ms, "retryAfter": (now_ms // 60_000 + 1) * 60_000},
        }
        for _ in range(REFUSALS_UNTIL_BAN - 2):
            assert (await peer.call("exchangeInfo"))["status"] == 429
        banned = await peer.call("exchangeInfo")
        assert (banned["status"], banned["error"]["code"]) == (418, -1003)
        assert banned["error"]["data"]["retryAfter"] == now_ms + 120_000
        assert f"IP banned until {now_ms + 120_000}" in banned["error"]["msg"]
        with pytest.raises(websockets.ConnectionClosed):
            await peer.receive()
        async with venue.connect() as again:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await again.receive()
        assert closed.value.rcvd.code == 1008


async def test_unfilled_orders_beyond_the_limit_are_429():
    async with open_venue(limits=True) as venue, venue.connect() as peer:
        await peer.log_on("alice")
        for _ in range(50):
            assert (await peer.place())["status"] == 200
        refused = await peer.place()
        assert (refused["status"], refused["error"]["code"]) == (429, -1015)
        assert refused["error"]["msg"] == "Too many new orders; current limit is 50 orders per 10 SECOND."
        counts = [limit["count"] for limit in (await peer.call("account.rateLimits.orders", peer.stamped()))["result"]]
        assert counts == [50, 50]


async def test_order_responses_show_the_unfilled_orders(peer):
    await peer.log_on("alice")
    limits = (await peer.place())["rateLimits"]
    assert [(limit["rateLimitType"], limit["intervalNum"], limit["count"]) for limit in limits[:2]] == [
        ("ORDERS", 10, 1),
        ("ORDERS", 1, 1),
    ]
    assert limits[2]["rateLimitType"] == "REQUEST_WEIGHT"


async def test_without_limits_no_client_is_told_of_one_that_it_could_reach():
    async with open_venue(limits=False) as venue, venue.connect() as peer:
        await peer.log_on("alice")
        info = await peer.call("exchangeInfo", {"symbol": "BTCUSDT"})
        placed = await peer.place()
        counted = await peer.call("account.rateLimits.orders", peer.stamped())
        told = [*info["result"]["rateLimits"], *info["rateLimits"], *placed["rateLimits"], *counted["result"]]
        assert {limit["limit"] for limit in told} == {1_000_000_000}
        assert len(counted["result"]) == 2


# --- where it may listen ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.1", "example.org", "::"])
async def test_published_keys_are_not_exposed(venue, host):
    handlers = Handlers(Projections(), UnfilledOrders())
    gateway = Gateway(
        Admission(handlers, venue.sequencer, KEYRING, TurnedClock(), AddressLimits()), published=KEYRING.published
    )
    with pytest.raises(PublishedKeysExposed, match="published development keys"):
        await gateway.start(host, 0)


# --- sessions and orders ------------------------------------------------------------------------------------------


async def test_logon_status_logout(venue, peer):
    fresh = (await peer.call("session.status"))["result"]
    assert (fresh["apiKey"], fresh["authorizedSince"], fresh["userDataStream"]) == (None, None, False)
    result = (await peer.log_on("alice"))["result"]
    assert result["apiKey"] == key_of("alice").api_key
    assert result["authorizedSince"] == venue.clock.now_us() // 1000
    assert (await peer.call("session.status"))["result"] == result
    assert (await peer.call("session.logout"))["result"]["apiKey"] is None
    assert (await peer.call("session.logout"))["status"] == 200  # does nothing


async def test_an_order_is_placed_found_and_canceled(peer):
    await peer.log_on("alice")
    placed = (await peer.place(newClientOrderId="mine"))["result"]
    assert (placed["clientOrderId"], placed["status"], placed["fills"]) == ("mine", "NEW", [])
    by_id = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
    assert (await peer.call("order.status", peer.stamped(by_id)))["result"]["status"] == "NEW"
    assert len((await peer.call("openOrders.status", peer.stamped()))["result"]) == 1
    canceled = await peer.call("order.cancel", peer.stamped({"symbol": "BTCUSDT", "origClientOrderId": "mine"}))
    assert (canceled["result"]["status"], canceled["result"]["origClientOrderId"]) == ("CANCELED", "mine")
    again = await peer.call("order.cancel", peer.stamped(by_id))
    assert (again["status"], again["error"]) == (400, {"code": -2011, "msg": "Unknown order sent."})
    history = (await peer.call("allOrders", peer.stamped({"symbol": "BTCUSDT"})))["result"]
    assert [order["status"] for order in history] == ["CANCELED"]


async def test_commands_beyond_the_connections_bound_are_refused_and_not_executed(peer):
    await peer.log_on("alice")
    cancel = {"symbol": "BTCUSDT", "orderId": 99, "returnRateLimits": False}
    request = json.dumps({"id": 1, "method": "order.cancel", "params": peer.stamped(cancel)}).encode()
    # One write, so that the exchange reads them all before its log turns.
    peer.socket.transport.write(client_frame(request) * (IN_FLIGHT_MAX + 100))
    answers = [await peer.receive() for _ in range(IN_FLIGHT_MAX + 100)]
    codes = {answer["error"]["code"] for answer in answers}
    assert codes <= {-2011, -1003}
    assert all(answer["status"] == 429 for answer in answers if answer["error"]["code"] == -1003)
    assert (await peer.place())["status"] == 200


async def test_two_accounts_trade_on_one_connection_with_ad_hoc_keys(peer):
    await peer.log_on("alice")
    await peer.place(side="SELL")
    bob = key_of("bob", KeyKind.HMAC)
    bought = (await peer.call("order.place", peer.signed(bob, {**ORDER, "newOrderRespType": "FULL"})))["result"]
    assert (bought["status"], len(bought["fills"])) == ("FILLED", 1)
    trades = (await peer.call("myTrades", peer.signed(bob, {"symbol": "BTCUSDT"})))["result"]
    assert [trade["isBuyer"] for trade in trades] == [True]
    assert [
        trade["isBuyer"] for trade in (await peer.call("myTrades", peer.stamped({"symbol": "BTCUSDT"})))["result"]
    ] == [False]


@pytest.mark.parametrize(("earlier_ms", "found"), [(0, 1), (1, 0)])
async def test_an_end_time_in_milliseconds_includes_what_is_shown_with_that_millisecond(peer, earlier_ms, found):
    await peer.log_on("alice")
    await peer.place(side="SELL")
    await peer.place(side="BUY")
    trade = (await peer.call("myTrades", peer.stamped({"symbol": "BTCUSDT"})))["result"][0]
    until = peer.stamped({"symbol": "BTCUSDT", "endTime": trade["time"] - earlier_ms})
    assert len({each["id"] for each in (await peer.call("myTrades", until))["result"]}) == found


async def test_market_data_shows_what_happened(peer):
    await peer.log_on("alice")
    await peer.place(side="SELL", price="50001")
    await peer.place()
    symbol = {"symbol": "BTCUSDT"}
    depth = (await peer.call("depth", {**symbol, "limit": 5}))["result"]
    assert depth["bids"] == [["50000.00000000", "0.00100000"]]
    assert depth["asks"] == [["50001.00000000", "0.00100000"]]
    ticker = (await peer.call("ticker.book", symbol))["result"]
    assert (ticker["bidPrice"], ticker["askPrice"]) == ("50000.00000000", "50001.00000000")
    assert isinstance((await peer.call("ticker.book"))["result"], list)
    await peer.place(type="MARKET", price=None, timeInForce=None)
    assert (await peer.call("ticker.price", symbol))["result"]["price"] == "50001.00000000"
    assert len((await peer.call("trades.recent", symbol))["result"]) == 1


async def test_account_methods(peer):
    await peer.log_on("alice")
    status = (await peer.call("account.status", peer.stamped({"omitZeroBalances": True})))["result"]
    assert {balance["asset"]: balance["free"] for balance in status["balances"]} == {
        "BTC": "100.00000000",
        "USDT": "10000000.00000000",
    }
    commission = (await peer.call("account.commission", peer.stamped({"symbol": "BTCUSDT"})))["result"]
    assert commission["standardCommission"]["maker"] == "0.00100000"
    assert (await peer.call("order.test", peer.stamped(ORDER)))["result"] == {}
    with_rates = await peer.call("order.test", peer.stamped({**ORDER, "computeCommissionRates": True}))
    assert "standardCommissionForOrder" in with_rates["result"]


async def test_cancel_all(peer):
    await peer.log_on("alice")
    for price in ("49000", "49001"):
        await peer.place(price=price)
    canceled = (await peer.call("openOrders.cancelAll", peer.stamped({"symbol": "BTCUSDT"})))["result"]
    assert [order["status"] for order in canceled] == ["CANCELED", "CANCELED"]
    none_left = await peer.call("openOrders.cancelAll", peer.stamped({"symbol": "BTCUSDT"}))
    assert none_left["error"] == {"code": -2011, "msg": "Unknown order sent."}


def not_required(name: str) -> dict:
    return {"code": -1106, "msg": f"Parameter '{name}' sent when not required."}


def mandatory(name: str) -> dict:
    return {"code": -1102, "msg": f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."}


MARKET = {"type": "MARKET", "price": None, "timeInForce": None}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"symbol": "NOSUCH"}, {"code": -1121, "msg": "Invalid symbol."}),
        ({"timeInForce": None}, mandatory("timeInForce")),
        ({"price": None}, mandatory("price")),
        ({"quantity": None}, mandatory("quantity")),
        ({"quoteOrderQty": "10"}, not_required("quoteOrderQty")),
        ({"stopPrice": "10"}, not_required("stopPrice")),
        ({"type": "LIMIT_MAKER"}, not_required("timeInForce")),
        ({"type": "MARKET", "timeInForce": None}, not_required("price")),
        ({"type": "MARKET", "price": None}, not_required("timeInForce")),
        ({**MARKET, "quoteOrderQty": "10"}, not_required("quoteOrderQty")),
        (
            {**MARKET, "quantity": None},
            {"code": -1102, "msg": "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"},
        ),
        ({"price": "50000.001"}, {"code": -1013, "msg": "Filter failure: PRICE_FILTER"}),
        ({"price": "0"}, {"code": -1013, "msg": "Filter failure: PRICE_FILTER"}),
        ({"quantity": "0"}, {"code": -1013, "msg": "Filter failure: LOT_SIZE"}),
        ({"quantity": "0.000001"}, {"code": -1013, "msg": "Filter failure: LOT_SIZE"}),
        ({"quantity": "0.00001"}, {"code": -1013, "msg": "Filter failure: NOTIONAL"}),
        ({"price": "50000.000000001"}, {"code": -1111, "msg": "Parameter 'price' has too much precision."}),
        ({"quantity": "8000"}, {"code": -1013, "msg": "Filter failure: NOTIONAL"}),
        (
            {"quantity": "150", "price": "60000", "side": "SELL"},
            {"code": -2010, "msg": "Account has insufficient balance for requested action."},
        ),
        ({"strategyType": 5}, {"code": -1134, "msg": "`strategyType` was less than 1000000."}),
        (
            {"type": "STOP_LOSS", "stopPrice": "1", "price": None, "timeInForce": None},
            {"code": -1013, "msg": "Stop loss orders are not supported for this symbol."},
        ),
        ({"icebergQty": "1"}, {"code": -1013, "msg": "Iceberg orders are not supported for this symbol."}),
        (
            {"selfTradePreventionMode": "EXPIRE_BOTH"},
            {"code": -1013, "msg": "This symbol does not allow the specified self-trade prevention mode."},
        ),
    ],
)
async def test_orders_that_are_refused(peer, changes, error):
    await peer.log_on("alice")
    response = await peer.place(**changes)
    assert (response["status"], response["error"]) == (400, error)


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("order.status", {}, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"),
        ("order.cancel", {}, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"),
        ("order.status", {"orderId": 99}, "Order does not exist."),
        ("order.cancel", {"orderId": 99}, "Unknown order sent."),
        ("order.status", {"symbol": "NOSUCH", "orderId": 1}, "Invalid symbol."),
        ("allOrders", {"limit": 0}, "Data sent for parameter 'limit' is not valid."),
        (
            "allOrders",
            {"startTime": 1_600_000_000_000, "endTime": 1_600_086_400_001},
            "More than 24 hours between startTime and endTime.",
        ),
        ("myTrades", {"startTime": 1, "fromId": 1}, "Combination of optional parameters invalid."),
        ("depth", {"symbolStatus": "HALT"}, "The symbol's status does not match the requested symbolStatus."),
        ("depth", {"symbolStatus": "CANCEL_ONLY"}, "Invalid symbolStatus."),
        ("exchangeInfo", {"symbols": ["BTCUSDT"]}, "Combination of optional parameters invalid."),
        ("ticker.price", {"symbols": ["BTCUSDT"]}, "Combination of optional parameters invalid."),
    ],
)
async def test_queries_that_are_refused(peer, method, params, error):
    await peer.log_on("alice")
    params = {"symbol": "BTCUSDT", **params}
    public = method in ("depth", "exchangeInfo", "ticker.price")
    response = await peer.call(method, params if public else peer.stamped(params))
    assert (response["status"], response["error"]["msg"]) == (400, error)


async def test_a_revoked_key_is_answered_without_an_id_and_ends_the_session(venue, peer):
    await peer.log_on("alice")
    await peer.call("userDataStream.subscribe")
    venue.keyring.revoke(key_of("alice").api_key)
    await peer.send("account.status", peer.stamped())
    assert (await peer.receive())["event"]["e"] == "eventStreamTerminated"
    assert (await peer.receive())["id"] is None
    status = (await peer.call("session.status"))["result"]
    assert (status["apiKey"], status["userDataStream"]) == (None, False)


# --- raw sockets --------------------------------------------------------------------------------------------------


def raw_client(venue):
    return _RawClient(venue.url)


class _RawClient:
    """A TCP connection after the handshake, for what a well-behaved client does not do."""

    def __init__(self, url: str) -> None:
        self._port = int(url.split(":")[2].split("/")[0])

    async def __aenter__(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(
            b"GET /ws-api/v3 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        return reader, self._writer

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, size = await reader.readexactly(2)
    assert size < 126
    return first & 15, await reader.readexactly(size)


def client_frame(payload: bytes) -> bytes:
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return b"\x81" + size + bytes(4) + payload


async def test_an_order_whose_recv_window_closes_while_it_waits_for_the_log_is_not_executed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_venue() as venue, venue.connect() as peer:
        await peer.log_on("alice")
        read = venue.clock.now_us

        def slow() -> int:  # every reading is 0.2 s after the one before: first the gateway's, then the sequencer's
            venue.clock.turn(0.2)
            return read()

        monkeypatch.setattr(venue.clock, "now_us", slow)
        timestamp = read() // 1000 + 200
        late = await peer.call("order.place", {**ORDER, "timestamp": timestamp, "recvWindow": 100})
        assert (late["status"], late["error"]["code"]) == (400, -1021)
        in_time = await peer.call("order.place", {**ORDER, "timestamp": read() // 1000, "recvWindow": 5_000})
        assert (in_time["status"], in_time["result"]["orderId"]) == (200, 1)
