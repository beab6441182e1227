"""Endpoints and their parameters, and the examples of rest-api.md, SIGNED Endpoint Examples for POST /api/v3/order."""

import msgspec
import pytest

from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.exchange.gateway.keyring import development_keyring
from pitwire.market.enums import KlineInterval, Side
from pitwire.protocol.authorization import NOBODY, Admitted, Denied, RegisteredKey
from pitwire.protocol.parameters import ParameterError
from pitwire.protocol.registry import METHODS
from pitwire.protocol.rest import ENDPOINTS, PARAMETERS_MAX, READERS, Sent, admit, signed_text
from pitwire.protocol.signing import KeyKind, Verifier

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET_KEY = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
SIGNED_MS = 1499827319559

LTCBTC = (
    b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
)
NON_ASCII = LTCBTC.replace(b"LTCBTC", b"%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96")
DOCUMENTED = (
    (LTCBTC, "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
    (NON_ASCII, "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"),
)
RSA_PAYLOAD = (
    b"symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000"
)
RSA_SIGNATURE = (
    b"HZ8HOjiJ1s%2FigS9JA%2Bn7%2B7Ti%2FihtkRF5BIWcPIEluJP6tlbFM%2FBf44LfZka%2FiemtahZAZzcO9TnI5uaXh3%2B%2BlrqtNonCwp6"
    b"%2F245UFWkiW1elpgtVAmJPbogcAv6rSlokztAfWk296ZJXzRDYAtzGH0gq7CgSJKfH%2BXxaCmR0WcvlKjNQnp12%2FeKXJYO4tDap8UCBLuy"
    b"xDnR7oJKLHQHJLP0r0EAVOOSIbrFang%2F1WOq%2BJaq4Efc4XpnTgnwlBbWTmhWDR1pvS9iVEzcSYLHT%2FfNnMRxFc7u%2Bj3qI%2F%2F5yu"
    b"Guu14KR0MuQKKCSpViieD%2BfIti46sxPTsjSemoUKp0oXA%3D%3D"
)


class OneKey:
    def find(self, api_key):
        key = RegisteredKey(api_key=API_KEY, account=7, verifier=Verifier.hmac(SECRET_KEY))
        return key if api_key == API_KEY else None


def authorized(sent, keys=None, now_ms=SIGNED_MS, verb="POST", path="/api/v3/order"):
    request = READERS[verb, path].read(sent)
    return admit(keys or OneKey(), request, sent, now_ms * 1000)


def code_of(denied):
    assert isinstance(denied, Denied), denied
    return denied.error.code


# --- signatures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "signature"), DOCUMENTED, ids=["ASCII", "non-ASCII"])
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_the_documented_hmac_requests_are_admitted_in_either_case(text, signature, change):
    sent = Sent(text + b"&signature=" + change(signature).encode(), api_key=API_KEY)
    admitted = authorized(sent)
    assert isinstance(admitted, Admitted)
    assert (admitted.account, admitted.expires_us) == (7, (SIGNED_MS + 5000) * 1000)


def test_a_non_ascii_symbol_arrives_decoded():
    text, signature = DOCUMENTED[1]
    admitted = authorized(Sent(text + b"&signature=" + signature.encode(), api_key=API_KEY))
    assert admitted.request.symbol == "１２３４５６"


@pytest.mark.parametrize(("text", "signature"), DOCUMENTED, ids=["ASCII", "non-ASCII"])
def test_the_signature_may_stand_anywhere(text, signature):
    signature = b"signature=" + signature.encode()
    first, _, rest = text.partition(b"&")
    for sent in (
        Sent(text, signature),  # as the documentation's shell scripts send it
        Sent(signature + b"&" + text),
        Sent(first + b"&" + signature + b"&" + rest),
        Sent(b"", text + b"&" + signature),
        Sent(b"", signature + b"&" + text),
    ):
        assert isinstance(authorized(msgspec.structs.replace(sent, api_key=API_KEY)), Admitted), sent


def test_query_and_body_are_joined_without_separator():
    key = next(key for key in DEVELOPMENT_KEYS if key.kind is KeyKind.HMAC).signing_key()
    query, body = b"symbol=LTCBTC&side=BUY&type=LIMIT", b"timeInForce=GTC&quantity=1&price=0.1&timestamp=1499827319559"
    for text, fits in ((query + body, True), (query + b"&" + body, False)):
        sent = Sent(query, body + b"&signature=" + key.sign(text).encode(), key.api_key)
        assert isinstance(authorized(sent, development_keyring()), Admitted) is fits


def test_the_documented_rsa_request_gives_the_documented_payload_and_signature():
    sent = Sent(RSA_PAYLOAD + b"&signature=" + RSA_SIGNATURE)
    assert signed_text(sent) == RSA_PAYLOAD
    signature = READERS["POST", "/api/v3/order"].read(sent).signature
    assert signature.startswith("HZ8HOjiJ1s/igS9JA+n7+7Ti/ihtkRF5BIWcPIEluJP6tlbFM/Bf44LfZka/")
    assert signature.endswith("CSpViieD+fIti46sxPTsjSemoUKp0oXA==")


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize("text", [LTCBTC, NON_ASCII], ids=["ASCII", "non-ASCII"])
def test_every_kind_of_key_signs_what_was_sent(kind, text):
    key = next(key for key in DEVELOPMENT_KEYS if key.kind is kind).signing_key()
    keys = development_keyring()
    encoded = key.sign(text).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D").encode()
    assert isinstance(authorized(Sent(text + b"&signature=" + encoded, api_key=key.api_key), keys), Admitted)
    other = text.replace(b"quantity=1", b"quantity=2")
    assert code_of(authorized(Sent(other + b"&signature=" + encoded, api_key=key.api_key), keys)) == -1022


@pytest.mark.parametrize(
    ("sent", "code", "status"),
    [
        (Sent(LTCBTC), -2014, 401),
        (Sent(LTCBTC, api_key="short"), -1102, 400),
        (Sent(LTCBTC + b"&signature=00", api_key="short"), -2014, 401),
        (Sent(LTCBTC + b"&signature=00", api_key="A" * 64), -2015, 401),
        (Sent(LTCBTC + b"&signature=00", api_key=API_KEY), -1022, 400),
        (Sent(LTCBTC.replace(b"&timestamp=1499827319559", b"&signature=00"), api_key=API_KEY), -1102, 400),
        (Sent(LTCBTC.replace(b"7319559", b"7314558") + b"&signature=00", api_key=API_KEY), -1021, 400),
        (Sent(LTCBTC.replace(b"7319559", b"7320559") + b"&signature=00", api_key=API_KEY), -1021, 400),
        (Sent(LTCBTC.replace(b"=5000", b"=60001") + b"&signature=00", api_key=API_KEY), -1102, 400),
        (Sent(LTCBTC.replace(b"=5000", b"=5000.1234") + b"&signature=00", api_key=API_KEY), -1111, 400),
    ],
)
def test_what_does_not_authorize(sent, code, status):
    denied = authorized(sent)
    assert (code_of(denied), denied.error.status) == (code, status)
    assert denied.explanation


def test_recv_window_is_precise_to_the_microsecond():
    text = LTCBTC.replace(b"recvWindow=5000", b"recvWindow=0.346").replace(b"319559", b"319559000")
    request = READERS["POST", "/api/v3/order"].read(Sent(text + b"&signature=00"))
    for age_us, code in ((346, -1022), (347, -1021)):  # in time, only the signature is wrong
        sent = Sent(text + b"&signature=00", api_key=API_KEY)
        assert code_of(admit(OneKey(), request, sent, SIGNED_MS * 1000 + age_us)) == code


def test_what_needs_no_key_asks_for_none():
    assert authorized(Sent(b""), verb="GET", path="/api/v3/ping").account == NOBODY


# --- parameters ---------------------------------------------------------------------------------------------------


def read(verb, path, query=b"", body=b"", *, is_form=True):
    return READERS[verb, path].read(Sent(query, body, is_form=is_form))


def test_parameters_come_from_query_and_body_and_the_query_goes_first():
    request = read("DELETE", "/api/v3/order", b"symbol=BTCUSDT&orderId=1", b"orderId=2&timestamp=3")
    assert (request.symbol, request.order_id, request.timestamp) == ("BTCUSDT", 1, 3)


def test_a_get_reads_no_body():
    with pytest.raises(ParameterError, match="symbol is missing"):
        read("GET", "/api/v3/depth", b"", b"symbol=BTCUSDT")


def test_a_body_of_another_type_is_not_read():
    with pytest.raises(ParameterError, match="symbol is missing"):
        read("POST", "/api/v3/order", b"", b'{"symbol": "BTCUSDT"}', is_form=False)


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        (b"symbol=BTCUSDT&interval=1m&limit=5", "limit", 5),
        (b"symbol=BTCUSDT&interval=1m&", "interval", KlineInterval("1m")),
        (b"symbol=BTC%55SDT&interval=1m", "symbol", "BTCUSDT"),
        (b"symbol=BTCUSDT&interval=1m&timeZone=%2B5:45", "time_zone", "+5:45"),
        (b"symbol=BTCUSDT&interval=1m&timeZone=-1:00", "time_zone", "-1:00"),
    ],
)
def test_parameters_are_percent_decoded(query, field, value):
    assert getattr(read("GET", "/api/v3/klines", query), field) == value


@pytest.mark.parametrize(
    "query",
    [b'symbols=["BTCUSDT","ETHUSDT"]', b"symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D"],
)
def test_a_list_is_json(query):
    assert read("GET", "/api/v3/ticker/price", query).symbols == ("BTCUSDT", "ETHUSDT")


def test_booleans_and_enums_come_as_words():
    assert read("GET", "/api/v3/account", b"omitZeroBalances=true").omit_zero_balances is True
    assert read("POST", "/api/v3/order", b"symbol=A&side=SELL&type=MARKET&quantity=1").side is Side.SELL


@pytest.mark.parametrize(
    ("verb", "path", "query", "body", "code"),
    [
        ("GET", "/api/v3/depth", b"", b"", -1102),
        ("GET", "/api/v3/depth", b"symbol=", b"", -1102),
        ("GET", "/api/v3/depth", b"symbol", b"", -1102),
        ("GET", "/api/v3/depth", b"symbol=btcusdt", b"", -1100),
        ("GET", "/api/v3/depth", b"symbol=%FF", b"", -1100),
        ("GET", "/api/v3/depth", b"symbol=BTCUSDT&limit=-1", b"", -1100),
        ("GET", "/api/v3/depth", b"symbol=BTCUSDT&limit=1.5", b"", -1100),
        ("GET", "/api/v3/depth", b"symbol=BTCUSDT&limit=99999999999999999999", b"", -1108),
        ("GET", "/api/v3/depth", b"symbol=BTCUSDT&limit=", b"", -1105),
        ("GET", "/api/v3/depth", b"symbol=BTCUSDT&limit=5&limit=6", b"", -1101),
        ("GET", "/api/v3/depth", b"symbol=BTCUSDT&levels=5", b"", -1104),
        ("GET", "/api/v3/depth", b"symbol=BTCUSDT&returnRateLimits=true", b"", -1104),
        ("GET", "/api/v3/ping", b"a=1", b"", -1104),
        ("GET", "/api/v3/klines", b"symbol=BTCUSDT&interval=7m", b"", -1120),
        ("GET", "/api/v3/ticker/price", b"symbols=BTCUSDT", b"", -1135),
        ("GET", "/api/v3/account", b"apiKey=" + API_KEY.encode(), b"", -1104),
        ("POST", "/api/v3/order", b"symbol=BTCUSDT&side=HOLD&type=LIMIT", b"", -1117),
        ("POST", "/api/v3/order", b"symbol=BTCUSDT&side=BUY", b"type=ODD", -1116),
        ("POST", "/api/v3/order", b"", b"symbol=BTCUSDT&symbol=BTCUSDT", -1101),
        ("POST", "/api/v3/order", b"&".join(b"a%d=1" % i for i in range(PARAMETERS_MAX + 1)), b"", -1101),
    ],
)
def test_bad_parameters_are_refused_by_name(verb, path, query, body, code):
    with pytest.raises(ParameterError) as refused:
        read(verb, path, query, body)
    assert refused.value.error.code == code


# --- the table ----------------------------------------------------------------------------------------------------


def test_every_method_but_a_connections_own_is_an_endpoint_once():
    own = {"session.logon", "session.status", "session.logout", "session.subscriptions"}
    own |= {f"userDataStream.{word}" for word in ("subscribe", "unsubscribe", "subscribe.signature")}
    assert len(READERS) == len(ENDPOINTS)
    served = sorted(endpoint.request.METHOD.name for endpoint in ENDPOINTS)
    assert served == sorted({method.METHOD.name for method in METHODS} - own)
