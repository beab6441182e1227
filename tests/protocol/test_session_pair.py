"""Both ends of the wire in memory: what the client's session sends, the exchange's session takes, and back."""

import itertools
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwire.protocol.authorization import Admitted, RegisteredKey
from pitwire.protocol.client_session import ClientSession, Unmatched
from pitwire.protocol.errors import InvalidSignature, InvalidTimestamp, NotSent, OutcomeUnknown, Unauthorized
from pitwire.protocol.pending_requests import Stray
from pitwire.protocol.registry import METHODS
from pitwire.protocol.request_params import row_of
from pitwire.protocol.requests.account import AccountStatus
from pitwire.protocol.requests.auth import SessionLogout, SessionStatus
from pitwire.protocol.requests.base import Request, SignedRequest
from pitwire.protocol.requests.general import Ping
from pitwire.protocol.requests.user_stream import UserDataStreamSubscribe
from pitwire.protocol.server_session import Refused, ServerSession
from pitwire.protocol.signing import Key, Verifier

NOW_US = 1_700_000_000_000_000
SEED = bytes(range(32))
ACCOUNT = 7


def a_pair_of_keys() -> dict[str, tuple[Key, Verifier]]:
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    def pems(private: Any) -> tuple[bytes, bytes]:
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), public

    ed_private, ed_public = pems(ed25519.Ed25519PrivateKey.from_private_bytes(SEED))
    rsa_private, rsa_public = pems(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return {
        "HMAC": (Key.hmac("h" * 64, "secret"), Verifier.hmac("secret")),
        "RSA": (Key.rsa("r" * 64, rsa_private), Verifier.rsa(rsa_public)),
        "ED25519": (Key.ed25519("e" * 64, ed_private), Verifier.ed25519(ed_public)),
    }


KEYS = a_pair_of_keys()


class Keys(dict[str, RegisteredKey]):
    def find(self, api_key: str) -> RegisteredKey | None:
        return self.get(api_key)


class Box:
    """A waiter that keeps what it is handed."""

    outcome: Any = None

    def done(self) -> bool:
        return self.outcome is not None

    def set_result(self, result: Any, /) -> None:
        self.outcome = result

    def set_exception(self, exception: BaseException, /) -> None:
        self.outcome = exception


class Pair:
    """A client's and an exchange's session; `carry` takes a request over and its answer back."""

    def __init__(self, kind: str | None = None, clock_us: int = NOW_US) -> None:
        self.keys = Keys()
        for key, verifier in KEYS.values():
            self.keys[key.api_key] = RegisteredKey(api_key=key.api_key, account=ACCOUNT, verifier=verifier)
        names = (f"order-{number}" for number in itertools.count(1))
        self.client = ClientSession(
            key=KEYS[kind][0] if kind else None,
            clock_ns=lambda: clock_us * 1000,
            new_client_order_id=lambda: next(names),
            deadline_ticks=40,
        )
        self.server = ServerSession(self.keys, NOW_US)
        self.stray: Any = None

    def send(self, request: Request[Any], key: Key | None = None) -> tuple[Admitted | Refused, Box]:
        box = Box()
        _, frame = self.client.request(request, box, key=key)
        return self.server.receive(frame, NOW_US), box

    def carry(self, request: Request[Any], key: Key | None = None, result: Any = None) -> Any:
        received, box = self.send(request, key)
        if isinstance(received, Refused):
            if received.revoked:
                self.server.log_out()
            answer = {"status": received.error.status, "error": received.error.body}
        else:
            match received.request.METHOD.name:
                case "session.logon" if received.key is not None:
                    self.server.log_on(received.key, NOW_US)
                    result = self.server.status(NOW_US)
                case "session.logout":
                    self.server.log_out()
                    result = self.server.status(NOW_US)
                case "session.status":
                    result = self.server.status(NOW_US)
                case "userDataStream.subscribe":
                    result = {"subscriptionId": self.server.subscriptions.open(received.account, own=True)}
            answer = {"status": 200, "result": result if result is not None else {}}
        self.stray = self.client.receive(msgspec.json.encode(answer | {"id": msgspec.Raw(received.id)}))
        return box.outcome

    def log_on(self) -> None:
        logon = self.client.logon()
        assert logon is not None
        self.carry(*logon)
        assert self.client.logged_on


# --- every method ---------------------------------------------------------------------------------------------------

SYMBOLS = st.text("ABCXYZ0189１２币", min_size=1, max_size=12)
ORDER_IDS = st.from_regex(r"[a-zA-Z0-9_-]{1,36}", fullmatch=True)
DECIMALS = st.integers(1, 10**18).map(lambda units: Decimal(units).scaleb(-8)) | st.sampled_from(
    [Decimal("1E-8"), Decimal("1E+3"), Decimal("0.10000000"), Decimal(5)]
)


def values(name: str, annotation: Any) -> st.SearchStrategy[Any]:
    """Legal values of a request's field."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(each for each in get_args(annotation) if each is not NoneType)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return st.sampled_from(list(annotation))
    if get_origin(annotation) in (tuple, list):
        return st.lists(SYMBOLS, min_size=1, max_size=3, unique=True).map(tuple)
    if annotation is str:
        return ORDER_IDS if name.endswith("client_order_id") else SYMBOLS
    return {int: st.integers(0, 10**15), bool: st.booleans(), Decimal: DECIMALS}[annotation]


@st.composite
def requests(draw: st.DrawFn) -> Request[Any]:
    method = draw(st.sampled_from(METHODS))
    own = {"api_key", "signature", "timestamp", "recv_window"}
    given = {
        field.name: draw(values(field.name, field.type))
        for field in msgspec.structs.fields(method)
        if field.name not in own and (field.required or draw(st.booleans()))
    }
    return method(**given)


@pytest.mark.parametrize("kind", ["HMAC", "ED25519", "logged on"])
@given(request=requests())
@settings(max_examples=150, deadline=None)
def test_whatever_the_client_sends_the_exchange_takes_and_reads_the_same(kind: str, request: Request[Any]):
    pair = Pair("ED25519" if kind == "logged on" else kind)
    if kind == "logged on":
        pair.log_on()
    elif isinstance(request, UserDataStreamSubscribe):
        return
    if request.METHOD.name == "session.logon" and kind == "HMAC":
        return
    received, _ = pair.send(request)
    assert isinstance(received, Admitted), received
    added = {"api_key", "signature", "timestamp"}
    if row_of(type(request)).is_intent:
        added |= {name for name in request.__struct_fields__ if name.endswith("client_order_id")}
    for name in request.__struct_fields__:
        if name not in added or getattr(request, name) is not None:
            assert getattr(received.request, name) == getattr(request, name), name
    assert received.account == (ACCOUNT if request.METHOD.security != "NONE" else 0)


# --- one conversation after the other -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("window", [None, Decimal(5000), Decimal("6000.346"), Decimal("0.001")])
def test_signed_requests_are_admitted_for_the_keys_account(kind: str, window: Decimal | None):
    received, _ = Pair(kind).send(AccountStatus(recv_window=window))
    assert isinstance(received, Admitted), received
    assert (received.account, received.request.recv_window) == (ACCOUNT, window)  # type: ignore[attr-defined]


def test_a_session_logs_on_works_and_logs_out():
    pair = Pair("ED25519")
    pair.log_on()
    assert pair.carry(SessionStatus()).api_key == "e" * 64
    received, _ = pair.send(AccountStatus())
    assert isinstance(received, Admitted)
    assert isinstance(received.request, SignedRequest)
    assert received.request.signature is None
    assert pair.carry(UserDataStreamSubscribe()).subscription_id == 0
    assert pair.carry(SessionLogout()).api_key is None
    received, _ = pair.send(AccountStatus())
    assert isinstance(received, Admitted)
    assert received.request.signature is not None  # type: ignore[attr-defined]


def test_a_revoked_key_ends_the_session_on_both_sides_and_kills_neither():
    pair = Pair("ED25519")
    pair.log_on()
    revoked = pair.keys.pop("e" * 64)
    assert pair.carry(AccountStatus()) is None
    assert isinstance(pair.stray, Unmatched)
    assert pair.stray.stray is Stray.NULL
    assert (pair.client.logged_on, pair.server.key) == (False, None)
    assert isinstance(pair.carry(AccountStatus()), Unauthorized)
    pair.keys[revoked.api_key] = revoked
    pair.log_on()


def test_clocks_that_differ_are_told():
    for clock_us in (NOW_US - 5_001_000, NOW_US + 1_000_000):
        assert isinstance(Pair("HMAC", clock_us).carry(AccountStatus()), InvalidTimestamp)
    for clock_us in (NOW_US - 5_000_000, NOW_US + 999_000):
        assert not isinstance(Pair("HMAC", clock_us).send(AccountStatus())[0], Refused)


def test_a_wrong_secret_is_told():
    assert isinstance(Pair("HMAC").carry(AccountStatus(), Key.hmac("h" * 64, "wrong")), InvalidSignature)


def test_what_a_drop_leaves_behind_is_settled_on_the_next_connection():
    pair = Pair("ED25519")
    pair.log_on()
    pair.carry(UserDataStreamSubscribe())
    _, written = pair.send(AccountStatus())
    unsent = Box()
    pair.client.pending.hold(*pair.client.request(Ping(), unsent))
    pair.client.disconnected("the connection was lost")
    assert isinstance(written.outcome, OutcomeUnknown)
    assert isinstance(unsent.outcome, NotSent)
    pair.server = ServerSession(pair.keys, NOW_US)
    pair.log_on()
    for request, key in pair.client.lost_subscriptions():
        pair.carry(request, key)
    assert pair.client.lost_subscriptions() == []
    assert pair.server.subscriptions.accounts == [ACCOUNT]
