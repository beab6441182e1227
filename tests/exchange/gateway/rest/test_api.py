"""The REST API over a real socket, seen by a client that others wrote."""

import asyncio

import pytest

from pitwire.exchange.gateway.limits import REFUSALS_UNTIL_BAN
from pitwire.exchange.gateway.rest import api
from pitwire.exchange.sequencer import Halted, Overloaded
from pitwire.protocol.signing import KeyKind
from tests.exchange.gateway.venue import ORDER, key_of

INFO_WEIGHT = 20


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize("in_body", [False, True])
async def test_an_order_is_placed_found_and_canceled_with_every_kind_of_key(rest, kind, in_body):
    key = key_of("alice", kind)
    placed = (
        await rest.signed("POST", "order", {**ORDER, "newClientOrderId": "mine"}, key=key, in_body=in_body)
    ).json()
    assert (placed["clientOrderId"], placed["status"], placed["fills"]) == ("mine", "NEW", [])
    by_id = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
    assert (await rest.signed("GET", "order", by_id, key=key)).json()["status"] == "NEW"
    assert len((await rest.signed("GET", "openOrders", key=key)).json()) == 1
    canceled = (await rest.signed("DELETE", "order", by_id, key=key, in_body=in_body)).json()
    assert (canceled["status"], canceled["origClientOrderId"]) == ("CANCELED", "mine")
    again = await rest.signed("DELETE", "order", by_id, key=key)
    assert (again.status_code, again.json()) == (400, {"code": -2011, "msg": "Unknown order sent."})


async def test_both_surfaces_serve_one_exchange(rest):
    async with rest.venue.connect() as peer:
        await peer.log_on("alice")
        await peer.call("userDataStream.subscribe")
        placed = (await rest.signed("POST", "order", ORDER)).json()
        while "event" not in (event := await peer.receive()) or event["event"]["e"] != "executionReport":
            pass
        assert event["event"]["i"] == placed["orderId"]
    assert [order["orderId"] for order in (await rest.signed("GET", "openOrders")).json()] == [placed["orderId"]]


async def test_an_order_is_answered_only_once_it_is_durable(rest, monkeypatch):
    log, held = rest.venue.sequencer._log, asyncio.Event()
    append = log.append

    def held_append(*batch):
        return append(*batch)._replace(durable=asyncio.ensure_future(held.wait()))

    monkeypatch.setattr(log, "append", held_append)
    answer = asyncio.ensure_future(rest.signed("POST", "order", ORDER))
    assert (await rest.get("ping")).json() == {}  # served meanwhile
    assert not answer.done()
    held.set()
    assert (await answer).json()["status"] == "NEW"


async def test_a_log_that_does_not_answer_leaves_the_outcome_unknown(rest, monkeypatch):
    monkeypatch.setattr(api, "ANSWER_S", 0.01)
    monkeypatch.setattr(rest.venue.sequencer, "submit", lambda *order: None)
    answer = await rest.signed("POST", "order", ORDER)
    assert (answer.status_code, answer.json()["code"]) == (504, -1007)
    assert "execution status unknown" in answer.json()["msg"]


async def test_an_order_whose_time_has_passed_in_the_queue_is_not_executed(rest, monkeypatch):
    submit = rest.venue.sequencer.submit

    def late(*order):
        submit(*order)
        rest.venue.clock.turn(10)

    monkeypatch.setattr(rest.venue.sequencer, "submit", late)
    answer = await rest.signed("POST", "order", ORDER)
    monkeypatch.undo()
    assert (answer.status_code, answer.json()["code"]) == (400, -1021)
    assert (await rest.signed("GET", "openOrders")).json() == []


@pytest.mark.parametrize(("raised", "status", "code"), [(Overloaded, 429, -1003), (Halted, 503, -1016)])
async def test_a_sequencer_that_takes_nothing(rest, monkeypatch, raised, status, code):
    def refuse(*order):
        raise raised("for the test")

    monkeypatch.setattr(rest.venue.sequencer, "submit", refuse)
    answer = await rest.signed("POST", "order", ORDER)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ("retry-after" in answer.headers) is (status == 429)


async def test_while_it_drains_commands_are_refused_and_queries_answered(rest):
    rest.venue.gateway._admission.draining = True
    assert (await rest.signed("POST", "order", ORDER)).status_code == 503
    assert (await rest.signed("GET", "openOrders")).json() == []


async def test_a_replacement_that_half_fails_has_status_409_and_says_which_half(rest):
    replace = {**ORDER, "cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": 99}
    answer = await rest.signed("POST", "order/cancelReplace", replace)
    assert (answer.status_code, answer.json()["code"]) == (409, -2021)
    assert answer.json()["data"]["newOrderResult"] == "SUCCESS"
    both = await rest.signed("POST", "order/cancelReplace", {**replace, "cancelReplaceMode": "STOP_ON_FAILURE"})
    assert (both.status_code, both.json()["code"]) == (400, -2022)


# --- units --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["MICROSECOND", "microsecond"])
async def test_times_are_in_microseconds_for_who_asks(rest, unit):
    answer = await rest.client.get("/api/v3/time", headers={"X-MBX-TIME-UNIT": unit})
    assert answer.json() == {"serverTime": rest.venue.clock.now_us()}
    assert (await rest.get("time")).json() == {"serverTime": rest.venue.clock.now_us() // 1000}
    placed = await rest.signed("POST", "order", ORDER, headers={"X-MBX-TIME-UNIT": unit})
    assert placed.json()["transactTime"] >= rest.venue.clock.now_us()


async def test_another_unit_is_refused(rest):
    answer = await rest.client.get("/api/v3/time", headers={"X-MBX-TIME-UNIT": "NANOSECOND"})
    assert (answer.status_code, answer.json()["code"]) == (400, -1194)


# --- limits -------------------------------------------------------------------------------------------------------


async def test_every_answer_shows_the_used_weight_of_the_address_whatever_the_surface(limited):
    async with limited.venue.connect() as peer:
        await peer.call("ping")
    shown = [
        await limited.get("ping"),
        await limited.get("exchangeInfo"),
        await limited.get("depth"),
        await limited.get("depth", symbol="ABC"),
    ]
    used = [int(answer.headers["x-mbx-used-weight-1m"]) for answer in shown]
    # 2 for the connection and 1 for its ping went before; a request that cannot be read costs 1.
    assert used == [4, 4 + INFO_WEIGHT, 5 + INFO_WEIGHT, 10 + INFO_WEIGHT]


async def test_what_places_orders_shows_the_unfilled_orders(limited):
    first = await limited.signed("POST", "order", ORDER)
    second = await limited.signed("POST", "order", ORDER)
    counts = [(each.headers["x-mbx-order-count-10s"], each.headers["x-mbx-order-count-1d"]) for each in (first, second)]
    assert counts == [("1", "1"), ("2", "2")]
    assert "x-mbx-order-count-10s" not in (await limited.signed("GET", "openOrders")).headers


async def test_beyond_the_unfilled_orders_it_says_when_to_come_back(limited):
    limited.venue.clock.turn(10 - limited.venue.clock.now_us() / 1e6 % 10 + 1.5)  # into an interval
    answers = [await limited.signed("POST", "order", ORDER) for _ in range(51)]
    assert {answer.status_code for answer in answers[:50]} == {200}
    assert (answers[50].status_code, answers[50].json()["code"]) == (429, -1015)
    assert answers[50].headers["retry-after"] == "9"
    assert set(answers[50].json()) == {"code", "msg"}


async def test_beyond_the_weight_429_and_then_418_on_both_surfaces_until_the_ban_is_over(limited):
    limited.venue.clock.turn(60 - limited.venue.clock.now_us() / 1e6 % 60 + 1.5)
    async with limited.venue.connect() as peer:
        while (answer := await limited.get("exchangeInfo")).status_code == 200:
            pass
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, -1003, "59")
        assert set(answer.json()) == {"code", "msg"}
        for _ in range(REFUSALS_UNTIL_BAN):
            answer = await limited.get("exchangeInfo")
        assert (answer.status_code, answer.json()["code"]) == (418, -1003)
        assert int(answer.headers["retry-after"]) == 120
        assert (await peer.socket.wait_closed()) is None  # shut out there too
    limited.venue.clock.turn(121)
    assert (await limited.get("ping")).status_code == 200


# --- what is no request -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v3/nix", "/api/v3/order/", "/api/v1/ping", "/api/v3", "/", "/api/v3/%3Cb%3E"])
async def test_an_unknown_path_is_not_found(rest, path):
    answer = await rest.client.get(path)
    assert answer.status_code == 404
    assert "404 Not Found" in answer.text
    assert "<b>" not in answer.text


async def test_an_endpoint_with_other_verbs_says_so(rest):
    answer = await rest.client.post("/api/v3/ping")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert sorted((await rest.client.patch("/api/v3/order")).headers["allow"].split(", ")) == ["DELETE", "GET", "POST"]


async def test_a_body_is_bounded(rest):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await rest.client.post("/api/v3/order", content=b"a" * (api.BODY_BYTES_MAX + 1), headers=headers)
    assert answer.status_code == 413
    assert str(api.BODY_BYTES_MAX) in answer.json()["msg"]
    assert (await rest.get("ping")).status_code == 200


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/sbe", 406), ("application/sbe, application/json", 200), ("*/*", 200), ("text/html", 200)],
)
async def test_sbe_alone_is_not_acceptable(rest, accept, status):
    answer = await rest.client.get("/api/v3/ping", headers={"Accept": accept})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("verb", "path", "params", "status", "code"),
    [
        ("GET", "depth", {"symbol": "ABC"}, 400, -1121),
        ("GET", "depth", {"symbol": "BTCUSDT", "limit": 0}, 400, -1130),
        ("GET", "depth", {"symbol": "BTCUSDT", "symbolStatus": "HALT"}, 400, -1220),
        ("POST", "order", {**ORDER, "price": "0.001"}, 400, -1013),
        ("POST", "order", {**ORDER, "side": "SELL", "quantity": "101"}, 400, -2010),
        ("POST", "order", {**ORDER, "price": None}, 400, -1102),
        ("POST", "order", {**ORDER, "quantity": "1e5"}, 400, -1100),
        ("POST", "order/test", {**ORDER, "type": "ODD"}, 400, -1116),
        ("GET", "order", {"symbol": "BTCUSDT", "orderId": 5}, 400, -2013),
        ("GET", "order", {"symbol": "BTCUSDT"}, 400, -1102),
        ("GET", "account", {"recvWindow": 60001}, 400, -1102),
        ("GET", "allOrders", {"symbol": "BTCUSDT", "oderId": 5}, 400, -1104),
    ],
)
async def test_bad_requests(rest, verb, path, params, status, code):
    sent = {name: value for name, value in params.items() if value is not None}
    answer = await rest.signed(verb, path, sent) if path != "depth" else await rest.get(path, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["msg"]
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
