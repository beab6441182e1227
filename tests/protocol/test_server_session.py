"""Every way in which a request can be wrong, with the code and the message that it is refused with."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.exchange.gateway.keyring import development_keyring
from pitwire.market.enums import TimeUnit
from pitwire.protocol.authorization import NOBODY, Admitted, RegisteredKey
from pitwire.protocol.registry import by_name
from pitwire.protocol.requests.base import Security
from pitwire.protocol.server_session import Refused, ServerSession, signed_text
from pitwire.protocol.signing import Key, KeyKind, Verifier, payload

NOW_US = 1_700_000_000_000_000
NOW_MS = NOW_US // 1000
HMAC, RSA, ED25519 = (
    next(key for key in DEVELOPMENT_KEYS if key.name == "alice" and key.kind is kind) for kind in KeyKind
)
KEYRING = development_keyring()
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "1.5", "quantity": "2"}


def session(keys=KEYRING, **options) -> ServerSession:
    return ServerSession(keys, NOW_US - 5_000_000, **options)


def signed(params: dict, key=HMAC, signature: str | None = None) -> dict:
    """`params` completed with key, timestamp and signature, unless they say otherwise."""
    whole = {"apiKey": key.api_key, "timestamp": NOW_MS, **params}
    text = payload({name: value if isinstance(value, str) else json.dumps(value) for name, value in whole.items()})
    return {**whole, "signature": key.signing_key().sign(text) if signature is None else signature}


def frame(method: str, params: dict | None = None, request_id: object = 1) -> bytes:
    request = {"id": request_id, "method": method}
    return json.dumps(request if params is None else {**request, "params": params}).encode()


def refused(raw: bytes, on: ServerSession | None = None) -> Refused:
    outcome = (on or session()).receive(raw, NOW_US)
    assert isinstance(outcome, Refused), outcome
    return outcome


def admitted(raw: bytes, on: ServerSession | None = None) -> Admitted:
    outcome = (on or session()).receive(raw, NOW_US)
    assert isinstance(outcome, Admitted), outcome
    return outcome


ID = "Invalid 'id' in JSON request; expected an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null."
METHOD = "Invalid 'method' in JSON request; expected a string."
PARAMS = "Invalid 'params' in JSON request; expected an object."


@pytest.mark.parametrize(
    ("raw", "request_id", "message"),
    [
        (b"", b"null", "Invalid JSON Request"),
        (b"hello", b"null", "Invalid JSON Request"),
        (b'{"id":1,"method":"ping"', b"null", "Invalid JSON Request"),
        (b'{"id":1,"method":"ping"} {}', b"null", "Invalid JSON Request"),
        (b"[1]", b"null", "Invalid JSON Request"),
        (b"null", b"null", "Invalid JSON Request"),
        (b'"ping"', b"null", "Invalid JSON Request"),
        (b'{"id":' + b"[" * 60_000, b"null", "Invalid JSON Request"),
        (b'{"method":"ping"}', b"null", ID),
        (b'{"id":1.5,"method":"ping"}', b"null", ID),
        (b'{"id":{},"method":"ping"}', b"null", ID),
        (b'{"id":"","method":"ping"}', b"null", ID),
        (b'{"id":"white space","method":"ping"}', b"null", ID),
        (b'{"id":"' + b"x" * 37 + b'","method":"ping"}', b"null", ID),
        (b'{"id":' + b"1" * 21 + b',"method":"ping"}', b"null", ID),
        (b'{"id":1}', b"1", METHOD),
        (b'{"id":1,"method":null}', b"1", METHOD),
        (b'{"id":"a","method":7}', b'"a"', METHOD),
        (b'{"id":1,"method":"ping","params":[]}', b"1", PARAMS),
        (b'{"id":1,"method":"ping","params":null}', b"1", PARAMS),
        (b'{"id":1,"method":"ping","params":"x"}', b"1", PARAMS),
        (b'{"id":1,"method":"pong"}', b"1", "Invalid 'method' in JSON request; unknown method."),
        (b'{"id":1,"method":"v4/ping"}', b"1", "Invalid 'method' in JSON request; unknown method."),
        (b'{"id":1,"method":"v3/v3/ping"}', b"1", "Invalid 'method' in JSON request; unknown method."),
    ],
)
def test_a_malformed_envelope_is_minus_1135_and_keeps_the_id_if_it_is_one(raw, request_id, message):
    outcome = refused(raw)
    assert (outcome.id, outcome.error.status, outcome.error.code, outcome.error.msg) == (
        request_id,
        400,
        -1135,
        message,
    )


@pytest.mark.parametrize("request_id", [1, -7, 0, 10**19, "a-b_C9", "x" * 36, None])
def test_ids_of_every_documented_type_come_back_as_sent(request_id):
    assert admitted(frame("ping", request_id=request_id)).id == json.dumps(request_id).encode()


def test_a_method_may_be_prefixed_with_its_version():
    assert admitted(frame("v3/ping")).request.METHOD.name == "ping"


def range_of(name: str, legal: str) -> str:
    return f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."


def mandatory(name: str) -> str:
    return f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."


DECIMAL_RANGE = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
INTEGER_RANGE = "^[0-9]{1,20}$"
SYMBOL_RANGE = r"^[\w\-._&&[^a-z]]{1,50}$"
CLIENT_ORDER_ID_RANGE = "^[a-zA-Z0-9-_]{1,36}$"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"symbol": ...}, -1102, mandatory("symbol")),
        ({"symbol": ""}, -1102, mandatory("symbol")),
        ({"symbol": None}, -1102, mandatory("symbol")),
        ({"symbol": 5}, -1102, mandatory("symbol")),
        ({"symbol": []}, -1102, mandatory("symbol")),
        ({"symbol": {}}, -1102, mandatory("symbol")),
        ({"symbol": True}, -1102, mandatory("symbol")),
        ({"symbol": "btcusdt"}, -1100, range_of("symbol", SYMBOL_RANGE)),
        ({"symbol": "BTC/USDT"}, -1100, range_of("symbol", SYMBOL_RANGE)),
        ({"symbol": "B" * 51}, -1100, range_of("symbol", SYMBOL_RANGE)),
        ({"side": ...}, -1102, mandatory("side")),
        ({"side": "buy"}, -1117, "Invalid side."),
        ({"side": "HOLD"}, -1117, "Invalid side."),
        ({"type": "TRAILING_STOP"}, -1116, "Invalid orderType."),
        ({"timeInForce": "GTD"}, -1115, "Invalid timeInForce."),
        ({"type": "ICEBERG"}, -1116, "Invalid orderType."),
        ({"timeInForce": "DAY"}, -1115, "Invalid timeInForce."),
        ({"newOrderRespType": "LONG"}, -1130, "Data sent for parameter 'newOrderRespType' is not valid."),
        ({"price": ""}, -1105, "Parameter 'price' was empty."),
        ({"price": None}, -1105, "Parameter 'price' was empty."),
        ({"price": "abc"}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": "-1"}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": -1}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": "1e5"}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": 0.00001}, -1100, range_of("price", DECIMAL_RANGE)),  # json writes 1e-05
        ({"price": "NaN"}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": "Infinity"}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": "١"}, -1100, range_of("price", DECIMAL_RANGE)),  # a digit, but not an ASCII one
        ({"price": "1" * 21}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": "1.", "quantity": "1"}, -1100, range_of("price", DECIMAL_RANGE)),
        ({"price": True}, -1130, "Data sent for parameter 'price' is not valid."),
        ({"price": ["1"]}, -1130, "Data sent for parameter 'price' is not valid."),
        ({"newClientOrderId": ""}, -1118, "New client order ID was empty."),
        ({"newClientOrderId": "a b"}, -1100, range_of("newClientOrderId", CLIENT_ORDER_ID_RANGE)),
        ({"newClientOrderId": "x" * 37}, -1100, range_of("newClientOrderId", CLIENT_ORDER_ID_RANGE)),
        ({"newClientOrderId": "é"}, -1100, range_of("newClientOrderId", CLIENT_ORDER_ID_RANGE)),
        ({"strategyId": "x"}, -1100, range_of("strategyId", INTEGER_RANGE)),
        ({"strategyId": 1.5}, -1100, range_of("strategyId", INTEGER_RANGE)),
        ({"strategyId": 2**63}, -1108, "Parameter 'strategyId' overflowed."),
        ({"returnRateLimits": "maybe"}, -1130, "Data sent for parameter 'returnRateLimits' is not valid."),
        ({"foo": 1}, -1104, "Not all sent parameters were read; read '9' parameter(s) but was sent '10'."),
        ({"timeinforce": "GTC"}, -1104, "Not all sent parameters were read; read '9' parameter(s) but was sent '10'."),
        ({"timestamp": ...}, -1102, mandatory("timestamp")),
        ({"timestamp": ""}, -1102, mandatory("timestamp")),
        ({"timestamp": None}, -1102, mandatory("timestamp")),
        ({"timestamp": "now"}, -1100, range_of("timestamp", INTEGER_RANGE)),
        ({"apiKey": ...}, -1102, mandatory("apiKey")),
        ({"apiKey": ""}, -1102, mandatory("apiKey")),
        ({"signature": ...}, -1102, mandatory("signature")),
        ({"signature": None}, -1102, mandatory("signature")),
        ({"apiKey": "too-short"}, -2014, "API-key format invalid."),
        ({"apiKey": "Z" * 64}, -2015, "Invalid API-key, IP, or permissions for action."),
        ({"signature": "00"}, -1022, "Signature for this request is not valid."),
        ({"signature": "é" * 10}, -1022, "Signature for this request is not valid."),
        ({"signature": 5}, -1102, mandatory("signature")),
        ({"price": "1.6"}, -1022, "Signature for this request is not valid."),  # signed was another price
        ({"timestamp": NOW_MS - 5001}, -1021, "Timestamp for this request is outside of the recvWindow."),
        ({"timestamp": 0}, -1021, "Timestamp for this request is outside of the recvWindow."),
        ({"timestamp": NOW_MS + 1000}, -1021, "Timestamp for this request was 1000ms ahead of the server's time."),
        ({"timestamp": NOW_US + 10**6}, -1021, "Timestamp for this request was 1000ms ahead of the server's time."),
        ({"recvWindow": 60_001}, -1102, "'recvWindow' contains unexpected value. Cannot be greater than 60000."),
        ({"recvWindow": "60000.001"}, -1102, "'recvWindow' contains unexpected value. Cannot be greater than 60000."),
        ({"recvWindow": "5000.1234"}, -1111, "Parameter 'recvWindow' has too much precision."),
        ({"recvWindow": -1}, -1100, range_of("recvWindow", DECIMAL_RANGE)),
    ],
)
def test_a_wrong_order_is_refused_with_the_documented_code_and_message(changes, code, message):
    params = signed(ORDER) | changes
    params = {name: value for name, value in params.items() if value is not ...}
    outcome = refused(frame("order.place", params))
    assert (outcome.error.code, outcome.error.msg) == (code, message)
    assert outcome.error.status == (401 if code in (-2014, -2015) else 400)
    assert outcome.explanation


def test_duplicate_parameters_are_refused():
    raw = b'{"id":1,"method":"depth","params":{"symbol":"A","limit":5,"symbol":"B"}}'
    outcome = refused(raw)
    assert (outcome.error.code, outcome.error.msg) == (-1101, "Duplicate values for a parameter detected.")
    assert "symbol" in outcome.explanation


def test_a_duplicate_cannot_hide_behind_white_space_or_colons_in_values():
    raw = b'{"id":1,"method":"depth","params":{"symbol" :"A","\\u0073ymbol"\t: "B"}}'
    assert refused(raw).error.code == -1101
    order = frame("klines", {"symbol": "A", "interval": "1s", "timeZone": "-1:00"})
    assert admitted(order).request.time_zone == "-1:00"


def test_deeply_nested_parameters_are_refused():
    raw = b'{"id":1,"method":"ping","params":{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}}"
    assert refused(raw).error.code == -1135


@pytest.mark.parametrize(
    ("symbols", "code"),
    [
        ("BTCUSDT", -1135),
        ([1], -1135),
        ({}, -1135),
        (["btcusdt"], -1100),
        (["BTCUSDT", "BTCUSDT"], -1151),
    ],
)
def test_lists_of_symbols(symbols, code):
    assert refused(frame("ticker.price", {"symbols": symbols})).error.code == code


@pytest.mark.parametrize(
    ("method", "name", "sent", "read"),
    [
        ("ticker.price", "symbols", ["A", "B"], ("A", "B")),
        ("ticker.price", "symbols", '["A","B"]', ("A", "B")),
        ("ticker.price", "symbols", '["１２"]', ("１２",)),
        ("exchangeInfo", "permissions", "SPOT", "SPOT"),
        ("exchangeInfo", "permissions", ["SPOT"], ("SPOT",)),
        ("exchangeInfo", "permissions", '["SPOT"]', ("SPOT",)),
    ],
)
def test_arrays_may_come_as_strings_that_hold_json(method, name, sent, read):
    """As binance-sdk-spot sends them."""
    assert getattr(admitted(frame(method, {name: sent})).request, name) == read


@pytest.mark.parametrize("sent", ['["A"', "[1]", '["A"],"symbol":"B"', "[" * 60_000, "["])
def test_strings_that_hold_no_array_are_refused(sent):
    outcome = refused(frame("ticker.price", {"symbols": sent}))
    assert (outcome.error.code, outcome.error.msg) == (-1135, "JSON sent for parameter 'symbols' is not valid")


def test_numbers_and_booleans_may_come_as_strings():
    request = admitted(frame("order.place", signed({**ORDER, "timestamp": str(NOW_MS), "price": 1.5}))).request
    assert str(request.price) == "1.5"
    assert request.timestamp == NOW_MS
    assert admitted(frame("ping", {"returnRateLimits": "false"})).return_rate_limits is False


@pytest.mark.parametrize("kind", list(KeyKind))
def test_each_kind_of_key_signs_requests(kind):
    key = next(key for key in DEVELOPMENT_KEYS if key.name == "bob" and key.kind is kind)
    outcome = admitted(frame("order.place", signed(ORDER, key)))
    assert (outcome.account, outcome.key.api_key) == (2, key.api_key)


def test_the_signature_is_over_the_values_as_they_were_sent():
    params = signed(
        {"symbol": "１２３４５６", "price": "1.50", "recvWindow": 5000.0, **{k: ORDER[k] for k in ("side", "type")}}
    )
    assert '"recvWindow": 5000.0' in frame("order.place", params).decode()
    for ascii_only in (True, False):  # escaped or not, the same text
        raw = json.dumps({"id": 1, "method": "order.place", "params": params}, ensure_ascii=ascii_only).encode()
        assert admitted(raw).request.symbol == "１２３４５６"


def test_hmac_signatures_are_not_case_sensitive():
    params = signed(ORDER)
    assert admitted(frame("order.place", params | {"signature": params["signature"].upper()}))


def test_the_documentations_hmac_example_verifies():
    """web-socket-api.md, SIGNED request example (HMAC)."""
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    api_key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"

    class Documented:
        def find(self, _: str) -> RegisteredKey:
            return RegisteredKey(api_key=api_key, account=9, verifier=Verifier.hmac(secret))

    params = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01000000",
        "price": "52000.00",
        "recvWindow": 100,
        "timestamp": 1645423376532,
        "apiKey": api_key,
        "signature": "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
    }
    on = ServerSession(Documented(), 0)
    outcome = on.receive(frame("order.place", params), 1645423376532_000 + 100_000)
    assert isinstance(outcome, Admitted)
    assert (
        Key.hmac(api_key, secret).sign(signed_text(on.read(frame("order.place", params)).params)) == params["signature"]
    )


@pytest.mark.parametrize(
    ("age_us", "window", "fits"),
    [
        (5_000_000, None, True),
        (5_000_001, None, False),
        (60_000_000, 60_000, True),
        (1_500, "1.5", True),
        (1_501, "1.5", False),
        (0, 0, True),
        (1, 0, False),
        (-999_999, None, True),
        (-1_000_000, None, False),
    ],
)
def test_the_window_is_as_wide_as_documented_to_the_microsecond(age_us, window, fits):
    params = {**ORDER, "timestamp": NOW_US - age_us} | ({} if window is None else {"recvWindow": window})
    outcome = session().receive(frame("order.place", signed(params)), NOW_US)
    assert isinstance(outcome, Admitted) is fits


def test_public_methods_need_nobody():
    assert admitted(frame("time")).account == NOBODY


def test_a_missing_permission_is_refused_as_minus_2015():
    class ReadOnly:
        def find(self, api_key: str) -> RegisteredKey:
            verifier = KEYRING.find(api_key).verifier
            return RegisteredKey(
                api_key=api_key, account=1, verifier=verifier, permissions=frozenset({Security.USER_DATA})
            )

    on = session(ReadOnly())
    assert admitted(frame("account.status", signed({})), on).account == 1
    outcome = refused(frame("order.place", signed(ORDER)), on)
    assert (outcome.error.status, outcome.error.code) == (401, -2015)
    assert "TRADE" in outcome.explanation


# --- sessions -----------------------------------------------------------------------------------------------------


def logged_on(key=ED25519, keys=KEYRING) -> ServerSession:
    on = session(keys)
    on.log_on(admitted(frame("session.logon", signed({}, key)), on).key, NOW_US)
    return on


@pytest.mark.parametrize(
    ("key", "message"), [(HMAC, "HMAC-SHA-256 API key is not supported."), (RSA, "RSA API key is not supported.")]
)
def test_only_ed25519_keys_log_on(key, message):
    outcome = refused(frame("session.logon", signed({}, key)))
    assert (outcome.error.status, outcome.error.code, outcome.error.msg) == (400, -2028, message)


def test_after_logon_key_and_signature_may_be_left_out_but_not_the_timestamp():
    on = logged_on()
    assert admitted(frame("order.place", {**ORDER, "timestamp": NOW_MS}), on).account == 1
    assert refused(frame("order.place", ORDER), on).error.msg == mandatory("timestamp")
    late = refused(frame("order.place", {**ORDER, "timestamp": NOW_MS - 6000}), on)
    assert late.error.code == -1021


def test_an_ad_hoc_key_overrides_the_sessions():
    bob = next(key for key in DEVELOPMENT_KEYS if key.name == "bob" and key.kind is KeyKind.RSA)
    on = logged_on()
    assert admitted(frame("order.place", signed(ORDER, bob)), on).account == 2
    assert admitted(frame("order.place", {**ORDER, "timestamp": NOW_MS}), on).account == 1


def test_an_ad_hoc_key_without_a_signature_is_refused_unless_it_is_the_sessions():
    on = logged_on()
    own = {**ORDER, "timestamp": NOW_MS, "apiKey": ED25519.api_key}
    assert admitted(frame("order.place", own), on).account == 1
    assert refused(frame("order.place", {**own, "apiKey": HMAC.api_key}), on).error.msg == mandatory("signature")


def test_a_signature_is_verified_even_where_none_was_needed():
    params = {**ORDER, "timestamp": NOW_MS, "signature": "AAAA"}
    assert refused(frame("order.place", params), logged_on()).error.code == -1022


@pytest.mark.parametrize("method", ["session.logon", "userDataStream.subscribe.signature"])
def test_a_session_does_not_stand_in_for_a_key_that_must_be_given(method):
    assert refused(frame(method, {"timestamp": NOW_MS}), logged_on()).error.msg == mandatory("apiKey")
    with_key = {"timestamp": NOW_MS, "apiKey": ED25519.api_key}
    assert refused(frame(method, with_key), logged_on()).error.msg == mandatory("signature")


def test_user_data_without_a_session_is_minus_1193():
    outcome = refused(frame("userDataStream.subscribe"))
    assert (outcome.error.status, outcome.error.code) == (400, -1193)
    assert outcome.error.msg == "WebSocket session not authenticated. Recommendation: use session.logon."


def test_unknown_parameters_are_noticed_before_a_missing_logon():
    outcome = refused(frame("userDataStream.subscribe", {"apiKey": "x"}))
    assert outcome.error.msg == "Not all sent parameters were read; read '0' parameter(s) but was sent '1'."


def test_a_revoked_key_ends_the_session_with_an_answer_that_has_no_id():
    keys = development_keyring()
    for method, params in (("order.place", {**ORDER, "timestamp": NOW_MS}), ("userDataStream.subscribe", None)):
        on = logged_on(keys=development_keyring() if method == "order.place" else keys)
        on._keys.revoke(ED25519.api_key)
        outcome = refused(frame(method, params), on)
        assert (outcome.id, outcome.error.status, outcome.error.code) == (b"null", 401, -2015)
        assert outcome.revoked


def test_status_tells_of_the_session():
    on = session(return_rate_limits=False)
    fresh = on.status(NOW_US)
    assert fresh == {
        "apiKey": None,
        "authorizedSince": None,
        "connectedSince": NOW_MS - 5000,
        "returnRateLimits": False,
        "serverTime": NOW_MS,
        "userDataStream": False,
    }
    on.log_on(KEYRING.find(ED25519.api_key), NOW_US)
    on.subscriptions.open(1, own=True)
    status = on.status(NOW_US + 1000)
    assert (status["apiKey"], status["authorizedSince"]) == (ED25519.api_key, NOW_MS)
    assert status["userDataStream"] is True
    on.log_out()
    assert on.status(NOW_US)["apiKey"] is None


def test_status_speaks_the_connections_time_unit():
    assert session(time_unit=TimeUnit.MICROSECOND).status(NOW_US)["serverTime"] == NOW_US


@pytest.mark.parametrize(
    ("connection", "asked", "shown"),
    [(True, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
def test_rate_limits_are_shown_as_the_request_says_and_else_as_the_url_says(connection, asked, shown):
    params = None if asked is None else {"returnRateLimits": asked}
    assert admitted(frame("ping", params), session(return_rate_limits=connection)).return_rate_limits is shown


# --- anything at all ----------------------------------------------------------------------------------------------

WELL_FORMED = [
    frame("order.place", signed(ORDER)),
    frame("exchangeInfo", {"symbols": ["BTCUSDT"], "permissions": '["SPOT"]'}),
    frame("session.logon", signed({}, ED25519)),
    frame("userDataStream.unsubscribe", {"subscriptionId": 1}),
]


@given(
    st.sampled_from(WELL_FORMED),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=4),
)
@settings(max_examples=400, deadline=None, print_blob=True)
def test_no_frame_makes_the_session_raise(raw, changes):
    for position, length, inserted in changes:
        raw = raw[:position] + inserted + raw[position + length :]
    outcome = session().receive(raw, NOW_US)
    assert isinstance(outcome, Admitted | Refused)
    json.loads(outcome.id)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":1,"method":"depth","\xff":1}',
        b'{"id":1,"method":"\xff"}',
        b'{"id":1,"method":"depth","params":{"\xff":1}}',
        b'{"id":1,"method":"depth","params":{"symbol":"\xff"}}',
        b'{"id":1,"method":"depth","params":{"symbol":"\\ud800"}}',
    ],
)
def test_text_that_is_no_text_is_refused(raw):
    assert refused(raw).error.code in (-1135, -1102)


@given(
    st.sampled_from(sorted(by_name)),
    st.dictionaries(
        st.sampled_from([*ORDER, "symbols", "limit", "orderId", "timestamp", "apiKey", "signature", "recvWindow"]), JSON
    ),
)
@settings(max_examples=400, deadline=None, print_blob=True)
def test_no_parameters_make_the_session_raise(method, params):
    assert isinstance(session().receive(frame(method, params), NOW_US), Admitted | Refused)


# --- the article --------------------------------------------------------------------------------------------------


def test_parameters_beside_params_are_not_read_and_the_log_says_so():
    """Binance Academy's article puts apiKey, timestamp and signature beside `params`."""
    request = {"id": "1", "method": "session.logon", "apiKey": ED25519.api_key, "timestamp": NOW_MS, "signature": "x"}
    outcome = refused(json.dumps(request).encode())
    assert (outcome.error.status, outcome.error.code, outcome.error.msg) == (400, -1102, mandatory("apiKey"))
    assert "apiKey, timestamp, signature stand beside params" in outcome.explanation
    assert ED25519.api_key not in outcome.explanation
