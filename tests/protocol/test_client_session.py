import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from msgspec import UNSET

from pitwire.market.enums import OrderType, Side, TimeInForce
from pitwire.protocol.client_session import ClientSession, EventMessage, Malformed, Unmatched
from pitwire.protocol.codec import signing_text
from pitwire.protocol.errors import (
    FilterFailure,
    InvalidKey,
    NotSent,
    OutcomeUnknown,
    ProtocolViolation,
    Rejected,
    Unauthorized,
)
from pitwire.protocol.pending_requests import Stray
from pitwire.protocol.registry import METHODS
from pitwire.protocol.requests.account import AccountStatus
from pitwire.protocol.requests.auth import SessionLogon, SessionLogout
from pitwire.protocol.requests.base import Request, SignedRequest
from pitwire.protocol.requests.general import ExchangeInfo, Ping, Time
from pitwire.protocol.requests.trading import OrderCancel, OrderPlace
from pitwire.protocol.requests.user_stream import (
    UserDataStreamSubscribe,
    UserDataStreamSubscribeSignature,
    UserDataStreamUnsubscribe,
)
from pitwire.protocol.signing import Key, Verifier, payload


class Box:
    """A waiter that keeps what it is handed."""

    def __init__(self) -> None:
        self.outcome: Any = None
        self.gone = False

    def done(self) -> bool:
        return self.gone or self.outcome is not None

    def set_result(self, result: Any, /) -> None:
        assert not self.done()
        self.outcome = result

    def set_exception(self, exception: BaseException, /) -> None:
        assert not self.done()
        self.outcome = exception


def pem_of(private: Any) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem_of(private: Any) -> bytes:
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED25519_KEY = Key.ed25519("ed-key", pem_of(ED25519))
RSA_KEY = Key.rsa("rsa-key", pem_of(RSA))
HMAC_KEY = Key.hmac("hmac-key", "secret")
VERIFIERS = {
    "ed-key": Verifier.ed25519(public_pem_of(ED25519)),
    "rsa-key": Verifier.rsa(public_pem_of(RSA)),
    "hmac-key": Verifier.hmac("secret"),
}
LIMIT_ORDER = OrderPlace(
    symbol="BTCUSDT",
    side=Side.BUY,
    type=OrderType.LIMIT,
    time_in_force=TimeInForce.GTC,
    quantity=Decimal("0.01"),
    price=Decimal(50000),
)
SESSION_REPLY = {
    "apiKey": "ed-key",
    "authorizedSince": 1,
    "connectedSince": 1,
    "returnRateLimits": False,
    "serverTime": 1,
    "userDataStream": False,
}


def a_session(key: Key | None = None, deadline_ticks: int = 3) -> ClientSession:
    names = (f"order-{number}" for number in itertools.count(1))
    return ClientSession(
        key=key,
        clock_ns=lambda: 1_700_000_000_123_456_789,
        new_client_order_id=lambda: next(names),
        deadline_ticks=deadline_ticks,
    )


def send(session: ClientSession, request: Request[Any], **how: Any) -> tuple[dict[str, Any], Box]:
    box = Box()
    return json.loads(session.request(request, box, **how)[1]), box


def reply(session: ClientSession, request_id: Any, result: Any = None, **envelope: Any) -> Any:
    return session.receive(json.dumps({"id": request_id, "status": 200, "result": result or {}} | envelope).encode())


def fail(session: ClientSession, request_id: Any, status: int, code: int, message: str) -> Any:
    return session.receive(
        json.dumps({"id": request_id, "status": status, "error": {"code": code, "msg": message}}).encode()
    )


def ask(session: ClientSession, request: Request[Any], result: Any = None, **how: Any) -> Any:
    """Send, and have it answered with `result`."""
    frame, box = send(session, request, **how)
    reply(session, frame["id"], result)
    return box.outcome


def log_on(session: ClientSession) -> None:
    logon = session.logon()
    assert logon is not None
    request, key = logon
    ask(session, request, SESSION_REPLY, key=key)
    assert session.logged_on


def signed_well(params: dict[str, Any]) -> bool:
    texts = {name: signing_text(value) for name, value in params.items() if name != "signature"}
    return VERIFIERS[params["apiKey"]].verify(payload(texts), params["signature"])


# --- frames ---------------------------------------------------------------------------------------------------------


def test_frames_carry_consecutive_ids_and_only_the_params_there_are():
    session = a_session()
    frames = [session.request(request, Box())[1] for request in (Ping(), Time(), ExchangeInfo(symbol="BNBUSDT"))]
    assert frames == [
        b'{"id":1,"method":"ping"}',
        b'{"id":2,"method":"time"}',
        b'{"id":3,"method":"exchangeInfo","params":{"symbol":"BNBUSDT"}}',
    ]


@pytest.mark.parametrize("own", [0, -5, 2**63 - 1, "a", "A-b_" * 9, None], ids=repr)
def test_the_users_own_ids_go_out_as_they_are(own: Any):
    session = a_session()
    frame, box = send(session, Time(), request_id=own)
    assert frame == {"id": own, "method": "time"}
    stray = reply(session, own, {"serverTime": 5})
    if own is None:
        assert stray == Unmatched(Stray.NULL, "None", "status 200")
        assert box.outcome is None  # it ends by deadline
        assert len(session.pending) == 1
    else:
        assert stray is None
        assert box.outcome.server_time == 5


@pytest.mark.parametrize("key", [HMAC_KEY, RSA_KEY, ED25519_KEY], ids=lambda key: key.kind)
def test_without_a_logon_every_request_that_needs_it_is_signed(key: Key):
    session = a_session(key)
    for request in (LIMIT_ORDER, OrderCancel(symbol="１２３", order_id=5), AccountStatus(recv_window=Decimal("60.5"))):
        params = send(session, request)[0]["params"]
        assert params["apiKey"] == key.api_key
        assert params["timestamp"] == 1_700_000_000_123
        assert signed_well(params)
    assert "params" not in send(session, Ping())[0]


def test_after_the_logon_only_the_timestamp_is_added():
    session = a_session(ED25519_KEY)
    logon = session.logon()
    assert logon is not None
    frame, _ = send(session, logon[0], key=logon[1])
    assert frame["method"] == "session.logon"
    assert signed_well(frame["params"])
    assert not session.logged_on
    reply(session, frame["id"], SESSION_REPLY)
    assert session.logged_on
    assert send(session, LIMIT_ORDER)[0]["params"] == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01",
        "price": "50000",
        "newClientOrderId": "order-1",
        "timestamp": 1_700_000_000_123,
    }
    assert send(session, AccountStatus())[0]["params"] == {"timestamp": 1_700_000_000_123}
    assert send(session, AccountStatus(timestamp=7))[0]["params"] == {"timestamp": 7}
    assert send(session, AccountStatus(recv_window=Decimal(100)))[0]["params"]["recvWindow"] == 100


def test_small_and_large_decimals_have_no_exponent_on_either_path():
    for session in (a_session(HMAC_KEY), a_session(ED25519_KEY)):
        if session.logon():
            log_on(session)
        order = OrderPlace(
            symbol="B", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal("1E-8"), price=Decimal("1E+3")
        )
        params = send(session, order)[0]["params"]
        assert (params["quantity"], params["price"]) == ("0.00000001", "1000")
        tricky = OrderCancel(symbol="B", orig_client_order_id="E-1 E+1")
        assert send(session, tricky)[0]["params"]["origClientOrderId"] == "E-1 E+1"


def test_no_unsigned_method_has_a_decimal_parameter():
    """The session writes their params without looking at each."""
    for method in METHODS:
        if not issubclass(method, SignedRequest):
            assert not [name for name, kind in method.__annotations__.items() if "Decimal" in str(kind)]


def test_every_order_has_a_client_order_id_before_it_is_sent():
    for session in (a_session(HMAC_KEY), a_session(ED25519_KEY)):
        if session.logon():
            log_on(session)
        assert send(session, LIMIT_ORDER)[0]["params"]["newClientOrderId"] == "order-1"
        assert send(session, LIMIT_ORDER)[0]["params"]["newClientOrderId"] == "order-2"
        named = OrderPlace(symbol="B", side=Side.BUY, type=OrderType.MARKET, new_client_order_id="mine")
        _, box = send(session, named)
        assert send(session, OrderCancel(symbol="B", order_id=1))[0]["params"]["newClientOrderId"] == "order-3"
        session.disconnected("gone")
        assert box.outcome.client_order_id == "mine"


def test_a_key_signs_one_request_whoever_is_logged_on():
    session = a_session(ED25519_KEY)
    log_on(session)
    params = send(session, AccountStatus(), key=HMAC_KEY)[0]["params"]
    assert params["apiKey"] == "hmac-key"
    assert signed_well(params)
    assert "apiKey" not in send(session, AccountStatus())[0]["params"]


def test_what_the_user_signed_goes_out_untouched():
    session = a_session(ED25519_KEY)
    request = AccountStatus(api_key="other", signature="sig", timestamp=3)
    assert send(session, request)[0]["params"] == {"apiKey": "other", "signature": "sig", "timestamp": 3}


def test_a_request_that_cannot_be_signed_is_refused_and_not_registered():
    session = a_session()
    with pytest.raises(InvalidKey, match="there is no key"):
        session.request(AccountStatus(), Box())
    with pytest.raises(InvalidKey, match="another API key"):
        a_session(HMAC_KEY).request(AccountStatus(api_key="other"), Box())
    assert len(session.pending) == 0


# --- responses ------------------------------------------------------------------------------------------------------


def test_responses_in_any_order_reach_their_own_requests():
    session = a_session()
    sent = [send(session, Time()) for _ in range(5)]
    for frame, _ in reversed(sent):
        reply(session, frame["id"], {"serverTime": frame["id"] * 10})
    assert [box.outcome.server_time for _, box in sent] == [10, 20, 30, 40, 50]
    assert len(session.pending) == 0


def test_a_response_may_have_its_keys_in_any_order():
    session = a_session()
    _, box = send(session, Time())
    assert session.receive(b'{"rateLimits":[{"count":1}],"result":{"serverTime":9},"status":200,"id":1}') is None
    assert box.outcome.server_time == 9
    assert bytes(session.last_rate_limits) == b'[{"count":1}]'


@pytest.mark.parametrize(
    ("status", "code", "message", "error"),
    [
        (400, -1013, "Filter failure: PRICE_FILTER", FilterFailure),
        (401, -2015, "Invalid API-key, IP, or permissions for action.", Unauthorized),
        (400, -9999, "new", Rejected),
        (504, -1007, "Timeout", OutcomeUnknown),
        (500, -1000, "Unknown", OutcomeUnknown),
    ],
)
def test_failures_are_exceptions_of_their_own(status: int, code: int, message: str, error: type[Exception]):
    session = a_session(HMAC_KEY)
    frame, box = send(session, LIMIT_ORDER)
    assert fail(session, frame["id"], status, code, message) is None
    assert isinstance(box.outcome, error)
    if isinstance(box.outcome, OutcomeUnknown):
        assert box.outcome.client_order_id == "order-1"


def test_a_subscription_of_unknown_number_is_restored_until_it_is_terminated():
    session = a_session(HMAC_KEY)
    frame, _ = send(session, UserDataStreamSubscribeSignature())
    fail(session, frame["id"], 400, -2035, "User Data Stream subscription already active.")
    assert session.standing.subscriptions
    session.disconnected("gone")
    assert len(session.lost_subscriptions()) == 1
    session.receive(b'{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1}}')
    assert not session.standing.subscriptions


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (b'"error":{"code":-2010,"msg":"no","data":[1]}', -2010, "no"),
        (b'"error":{"code":-2010,"msg":null}', -2010, "the response says no more"),
        (b'"error":{"code":"-2010","msg":"no"}', 0, "no"),
        (b'"error":[]', 0, "the response says no more"),
        (b'"error":null', 0, "the response says no more"),
        (b'"error":{"code":-2010,"msg":"no"},"subscriptionId":"q","event":null', -2010, "no"),
    ],
)
def test_a_refusal_that_is_not_as_documented_is_a_refusal(error: bytes, code: int, message: str):
    session = a_session(HMAC_KEY)
    frame, box = send(session, LIMIT_ORDER)
    assert session.receive(b'{"id":%d,"status":400,%b}' % (frame["id"], error)) is None
    assert isinstance(box.outcome, Rejected)
    assert (box.outcome.code, box.outcome.message) == (code, message)


def test_an_order_whose_result_cannot_be_read_is_named_with_what_came():
    session = a_session(HMAC_KEY)
    frame, box = send(session, LIMIT_ORDER)
    session.receive(b'{"id":%d,"status":200,"result":{"orderId":"seven"}}' % frame["id"])
    assert isinstance(box.outcome, ProtocolViolation)
    assert box.outcome.client_order_id == "order-1"
    assert "order-1" in str(box.outcome)
    assert box.outcome.raw == b'{"orderId":"seven"}'


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (b'{"id":1,"status":200,"result":{"serverTime":"soon"}}', ProtocolViolation),
        (b'{"id":1,"status":200}', ProtocolViolation),
        (b'{"id":1,"status":200,"result":' + b"[" * 5000 + b"]" * 5000 + b"}", ProtocolViolation),
        (b'{"id":1,"status":400}', Rejected),
        (b'{"id":1}', OutcomeUnknown),
    ],
    ids=["wrong type", "no result", "too deep", "no error", "no status"],
)
def test_a_response_that_is_not_as_documented_ends_its_request_and_nothing_else(
    response: bytes, error: type[Exception]
):
    session = a_session()
    _, box = send(session, Time())
    _, other = send(session, Time())
    result = session.receive(response)
    if isinstance(result, Malformed):  # nested so deep that not even the id was read
        session.disconnected("gone")
        assert isinstance(box.outcome, OutcomeUnknown)
        return
    assert result is None
    assert isinstance(box.outcome, error)
    assert other.outcome is None
    assert len(session.pending) == 1


def test_late_duplicate_unknown_and_null_responses_are_told_apart_and_disturb_nobody():
    session = a_session(deadline_ticks=0)
    late, _ = send(session, Time())
    session.tick()
    answered, _ = send(session, Time())
    reply(session, answered["id"], {"serverTime": 1})
    _, waiting = send(session, Time())
    strays = [
        reply(session, late["id"], {"serverTime": 1}),
        reply(session, answered["id"], {"serverTime": 1}),
        reply(session, 77, {"serverTime": 1}),
        reply(session, "77", {"serverTime": 1}),
        fail(session, None, 400, -1100, "Illegal"),
        session.receive(b'{"status":400,"error":{"code":-1,"msg":"no id at all"}}'),
    ]
    assert strays == [
        Unmatched(Stray.LATE, "1", "status 200"),
        Unmatched(Stray.DUPLICATE, "2", "status 200"),
        Unmatched(Stray.UNKNOWN, "77", "status 200"),
        Unmatched(Stray.UNKNOWN, "'77'", "status 200"),
        Unmatched(Stray.NULL, "None", "status 400, code -1100: Illegal"),
        Unmatched(Stray.NULL, "None", "status 400, code -1: no id at all"),
    ]
    assert waiting.outcome is None


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"hello",
        b"null",
        b"[]",
        b"{}",
        b'{"id":1.5}',
        b'{"event":5}',
        b"\xff\xfe",
        b'{"x":' + b"[" * 100_000,
        b'{"event":{}}',
        b'{"subscriptionId":0,"event":["eventStreamTerminated"]}',
    ],
    ids=lambda message: message[:20],
)
def test_garbage_is_survived(message: bytes):
    session = a_session()
    _, box = send(session, Ping())
    assert isinstance(session.receive(message), Malformed)
    assert box.outcome is None
    reply(session, 1)
    assert box.outcome is not None


def test_a_cancelled_wait_leaves_with_its_response():
    session = a_session()
    _, box = send(session, Time())
    box.gone = True
    assert reply(session, 1, {"serverTime": 1}) is None
    assert box.outcome is None
    assert len(session.pending) == 0
    assert reply(session, 1, {"serverTime": 1}) == Unmatched(Stray.DUPLICATE, "1", "status 200")


# --- drops ----------------------------------------------------------------------------------------------------------


def test_a_drop_ends_every_request_and_says_whether_it_was_written():
    session = a_session(HMAC_KEY)
    _, written = send(session, LIMIT_ORDER)
    unsent = Box()
    session.pending.hold(*session.request(LIMIT_ORDER, unsent))
    assert session.disconnected("the connection was lost") == 2
    assert isinstance(written.outcome, OutcomeUnknown)
    assert written.outcome.client_order_id == "order-1"
    assert isinstance(unsent.outcome, NotSent)
    assert len(session.pending) == 0


def test_ids_are_not_used_again_after_a_drop():
    session = a_session()
    send(session, Time())
    session.disconnected("gone")
    assert send(session, Time())[0]["id"] == 2
    assert reply(session, 1, {"serverTime": 1}) == Unmatched(Stray.DUPLICATE, "1", "status 200")


# --- logon and subscriptions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, HMAC_KEY, RSA_KEY], ids=["none", "hmac", "rsa"])
def test_only_ed25519_keys_log_on_by_themselves(key: Key | None):
    assert a_session(key).logon() is None


def test_other_keys_are_not_even_tried_for_a_logon():
    for key in (HMAC_KEY, RSA_KEY):
        with pytest.raises(InvalidKey, match=r"session\.logon takes Ed25519 keys only"):
            a_session(key).request(SessionLogon(), Box())


def test_a_logon_lasts_as_long_as_the_connection():
    session = a_session(ED25519_KEY)
    log_on(session)
    session.disconnected("gone")
    assert not session.logged_on
    assert "signature" in send(session, AccountStatus())[0]["params"]
    log_on(session)
    assert "signature" not in send(session, AccountStatus())[0]["params"]


def test_after_a_logout_requests_are_signed_and_the_next_connection_stays_logged_out():
    session = a_session(ED25519_KEY)
    log_on(session)
    ask(session, UserDataStreamSubscribe(), {"subscriptionId": 0})
    ask(session, SessionLogout(), SESSION_REPLY)
    assert not session.logged_on
    assert signed_well(send(session, AccountStatus())[0]["params"])
    session.disconnected("gone")
    assert session.logon() is None
    assert session.lost_subscriptions() == []


def test_a_logon_with_another_key_is_the_one_that_is_repeated():
    session = a_session(HMAC_KEY)
    ask(session, SessionLogon(), SESSION_REPLY, key=ED25519_KEY)
    assert session.logged_on
    session.disconnected("gone")
    assert session.logon() == (SessionLogon(), ED25519_KEY)


def test_a_refused_logon_leaves_the_session_as_it_was():
    session = a_session(ED25519_KEY)
    request, key = session.logon() or (None, None)
    assert request is not None
    frame, box = send(session, request, key=key)
    fail(session, frame["id"], 400, -1022, "Signature for this request is not valid.")
    assert isinstance(box.outcome, Rejected)
    assert not session.logged_on


def test_a_revoked_key_answers_null_and_requests_are_signed_one_by_one_from_then_on():
    session = a_session(ED25519_KEY)
    log_on(session)
    _, box = send(session, AccountStatus())
    stray = fail(session, None, 401, -2015, "Invalid API-key, IP, or permissions for action.")
    assert isinstance(stray, Unmatched)
    assert box.outcome is None  # nobody can say that this was the one
    frame, box = send(session, AccountStatus())
    assert signed_well(frame["params"])
    fail(session, frame["id"], 401, -2015, "Invalid API-key, IP, or permissions for action.")
    assert isinstance(box.outcome, Unauthorized)


def test_lost_subscriptions_are_those_that_were_active():
    session = a_session(ED25519_KEY)
    log_on(session)
    ask(session, UserDataStreamSubscribe(), {"subscriptionId": 0})
    ask(session, UserDataStreamSubscribeSignature(), {"subscriptionId": 1}, key=HMAC_KEY)
    ask(session, UserDataStreamSubscribeSignature(), {"subscriptionId": 2}, key=RSA_KEY)
    ask(session, UserDataStreamUnsubscribe(subscription_id=2))
    assert session.lost_subscriptions() == []
    session.disconnected("gone")
    lost = [(UserDataStreamSubscribe(), None), (UserDataStreamSubscribeSignature(), HMAC_KEY)]
    assert session.lost_subscriptions() == lost
    log_on(session)
    ask(session, UserDataStreamSubscribe(), {"subscriptionId": 5})
    assert session.lost_subscriptions() == lost[1:]
    ask(session, UserDataStreamUnsubscribe())
    assert session.lost_subscriptions() == []


def test_events_that_come_before_the_number_of_their_subscription_are_those_of_the_one_that_is_asked_for():
    session = a_session(ED25519_KEY)
    log_on(session)
    ask(session, UserDataStreamSubscribe(), {"subscriptionId": 0})
    frame, _ = send(session, UserDataStreamSubscribeSignature(), key=HMAC_KEY)
    assert (session.account_of(0), session.account_of(1)) == (None, HMAC_KEY)
    send(session, UserDataStreamSubscribeSignature(), key=RSA_KEY)
    assert session.account_of(1) is None, "it may be either's"
    reply(session, frame["id"], {"subscriptionId": 1})
    assert (session.account_of(1), session.account_of(2)) == (HMAC_KEY, RSA_KEY)


def test_events_of_a_subscription_whose_number_nobody_told_are_those_of_the_one_that_is_wanted():
    session = a_session(HMAC_KEY)
    frame, _ = send(session, UserDataStreamSubscribeSignature())
    fail(session, frame["id"], 400, -2035, "User Data Stream subscription already active.")
    assert session.account_of(0) == HMAC_KEY


def test_a_subscription_is_over_whether_the_event_or_the_response_comes_first():
    terminated = b'{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1}}'
    for event_first in (True, False):
        session = a_session(ED25519_KEY)
        log_on(session)
        ask(session, UserDataStreamSubscribe(), {"subscriptionId": 0})
        frame, _ = send(session, UserDataStreamUnsubscribe(subscription_id=0))
        if event_first:
            assert session.receive(terminated) == EventMessage(terminated, 0, "eventStreamTerminated")
            reply(session, frame["id"])
        else:
            reply(session, frame["id"])
            session.receive(terminated)
        session.disconnected("gone")
        assert session.lost_subscriptions() == []


def test_what_the_user_signed_cannot_be_restored():
    session = a_session(HMAC_KEY)
    request = UserDataStreamSubscribeSignature(api_key="other", signature="sig", timestamp=1)
    ask(session, request, {"subscriptionId": 0})
    session.disconnected("gone")
    assert session.lost_subscriptions() == []


def test_the_own_subscription_fits_the_way_the_session_authenticates():
    with pytest.raises(InvalidKey, match="user data belongs to an account"):
        a_session().own_subscription()
    by_signature = a_session(HMAC_KEY)
    assert by_signature.own_subscription() == (UserDataStreamSubscribeSignature(), HMAC_KEY)
    ask(by_signature, UserDataStreamSubscribeSignature(), {"subscriptionId": 0}, key=HMAC_KEY)
    assert by_signature.own_subscription() is None
    by_logon = a_session(ED25519_KEY)
    log_on(by_logon)
    assert by_logon.own_subscription() == (UserDataStreamSubscribe(), None)


# --- events ---------------------------------------------------------------------------------------------------------


def test_events_come_out_as_they_were_received():
    session = a_session()
    report = b'{"subscriptionId":3,"event":{"e":"executionReport","E":1}}'
    shutdown = b'{"event":{"e":"serverShutdown","E":1}}'
    assert session.receive(report) == EventMessage(report, 3)
    assert session.receive(shutdown) == EventMessage(shutdown, None, "serverShutdown")


def test_unset_is_not_null():
    session = a_session()
    assert send(session, Ping(), request_id=UNSET)[0]["id"] == 1
