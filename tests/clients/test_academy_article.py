"""The walkthrough of Binance Academy's article on the WebSocket API, with the client and the crypto that it uses.

The article's own snippets put `apiKey`, `timestamp` and `signature` beside `params`, which Binance refuses; the
walkthrough here puts them where they belong, and the last tests show the refusal.
"""

import json
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import websocket
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

Keys = dict[tuple[str, str], dict[str, str]]


def sign(key: dict[str, str], params: dict[str, Any]) -> dict[str, Any]:
    """`params` with the Ed25519 signature that PyCryptodome makes of them."""
    payload = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
    signer = eddsa.new(ECC.import_key(key["privateKeyPem"]), "rfc8032")
    return params | {"signature": b64encode(signer.sign(payload.encode())).decode()}


class Wire:
    """The article's socket: sends requests, and keeps what comes until it is asked for."""

    def __init__(self, url: str) -> None:
        self.socket = websocket.create_connection(url, timeout=10)
        self.responses: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, params: dict[str, Any] | None = None, **beside: Any) -> str:
        request_id = str(uuid.uuid4())
        request = {"id": request_id, "method": method} | ({} if params is None else {"params": params}) | beside
        self.socket.send(json.dumps(request))
        return request_id

    def take(self) -> None:
        message = json.loads(self.socket.recv())
        if "event" in message:
            self.events.append(message["event"])
        else:
            self.responses[message["id"]] = message

    def response(self, request_id: str) -> dict[str, Any]:
        while request_id not in self.responses:
            self.take()
        return self.responses.pop(request_id)

    def event(self, kind: str) -> dict[str, Any]:
        while not any(event["e"] == kind for event in self.events):
            self.take()
        return next(event for event in self.events if event["e"] == kind)


@pytest.fixture
def wire(exchange_url: str) -> Iterator[Wire]:
    wire = Wire(exchange_url)
    yield wire
    wire.socket.close()


def now_ms() -> int:
    return int(time.time() * 1000)


def test_exchange_info_comes_back_with_the_id_of_the_request(wire: Wire) -> None:
    response = wire.response(wire.send("exchangeInfo", {"symbol": "BNBUSDT"}))
    assert response["status"] == 200
    assert [symbol["symbol"] for symbol in response["result"]["symbols"]] == ["BNBUSDT"]


def test_two_requests_in_one_go_are_matched_by_their_ids(wire: Wire) -> None:
    time_id, info_id = wire.send("time"), wire.send("exchangeInfo", {"symbol": "BTCUSDT"})
    assert wire.response(info_id)["result"]["symbols"][0]["symbol"] == "BTCUSDT"
    assert abs(wire.response(time_id)["result"]["serverTime"] - now_ms()) < 10_000


def test_log_on_place_an_order_see_its_event_and_log_out(wire: Wire, keys: Keys) -> None:
    key = keys["alice", "ED25519"]
    logon = wire.response(wire.send("session.logon", sign(key, {"apiKey": key["apiKey"], "timestamp": now_ms()})))
    assert logon["status"] == 200
    assert logon["result"]["apiKey"] == key["apiKey"]

    status = wire.response(wire.send("session.status"))
    assert status["result"]["apiKey"] == key["apiKey"]

    subscription = wire.response(wire.send("userDataStream.subscribe"))
    assert subscription["result"] == {"subscriptionId": 0}

    order = {"symbol": "BNBUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1"}
    placed = wire.response(wire.send("order.place", order | {"price": "500.00", "timestamp": now_ms()}))
    assert placed["status"] == 200, placed
    report = wire.event("executionReport")
    assert (report["i"], report["x"], report["p"]) == (placed["result"]["orderId"], "NEW", "500.00000000")

    logout = wire.response(wire.send("session.logout"))
    assert (logout["status"], logout["result"]["apiKey"]) == (200, None)
    refused = wire.response(wire.send("order.place", order | {"price": "500.00", "timestamp": now_ms()}))
    assert (refused["status"], refused["error"]["code"]) == (400, -1102)


def test_the_articles_own_logon_with_its_parameters_beside_params_is_refused(wire: Wire, keys: Keys) -> None:
    key = keys["alice", "ED25519"]
    signed = sign(key, {"timestamp": now_ms()})
    response = wire.response(wire.send("session.logon", apiKey=key["apiKey"], **signed))
    assert response["status"] == 400
    assert "result" not in response
    assert wire.response(wire.send("session.status"))["result"]["apiKey"] is None


def test_a_signature_that_leaves_out_the_api_key_as_the_articles_does_is_refused(wire: Wire, keys: Keys) -> None:
    key = keys["alice", "ED25519"]
    response = wire.response(wire.send("session.logon", {"apiKey": key["apiKey"]} | sign(key, {"timestamp": now_ms()})))
    assert (response["status"], response["error"]["code"]) == (400, -1022)
