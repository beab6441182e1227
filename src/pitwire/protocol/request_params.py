"""The params of a request as they go out: what the caller gave, and what the client adds.

Added are a client order id, the timestamp, and where the connection does not vouch for the sender, API key and
signature (web-socket-api.md, Request security and Session Authentication).
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from pitwire.protocol.codec import encode, signing_text, wire_params
from pitwire.protocol.errors import InvalidKey
from pitwire.protocol.registry import result_type
from pitwire.protocol.requests.auth import SessionLogon, SessionLogout
from pitwire.protocol.requests.base import Request, Security, SignedRequest
from pitwire.protocol.requests.trading import OrderTest, SorOrderTest
from pitwire.protocol.requests.user_stream import (
    UserDataStreamSubscribe,
    UserDataStreamSubscribeSignature,
    UserDataStreamUnsubscribe,
)
from pitwire.protocol.signing import Key, KeyKind, payload

_SESSION_METHODS: Final = frozenset(
    {
        SessionLogon,
        SessionLogout,
        UserDataStreamSubscribe,
        UserDataStreamSubscribeSignature,
        UserDataStreamUnsubscribe,
    }
)
_SIGNED_EVEN_IF_LOGGED_ON: Final = frozenset({SessionLogon, UserDataStreamSubscribeSignature})
_ORDER_ID_FIELDS: Final = ("new_client_order_id", "list_client_order_id")
_TESTS: Final = frozenset({OrderTest, SorOrderTest})

_json = msgspec.json.Encoder().encode


class MethodRow(Struct, frozen=True):
    """What a client needs to know of a method for each request, worked out once."""

    tail: bytes
    """The frame between the id and the params: `,"method":"..."`."""
    decode: Callable[[Raw], Any]
    is_signed: bool
    is_signed_even_if_logged_on: bool
    changes_session: bool
    order_id_attribute: str = ""
    """Where a request of this method has the client order id of what it places; empty if it places nothing."""
    order_id_name: str = ""
    """The same, on the wire."""
    stamped_order: bytes = b""
    """A format: the params without the last brace, a client order id, and a timestamp. An order has other params."""
    is_intent: bool = False
    """Whether a request of this method places, cancels or changes orders."""
    other_id_attributes: tuple[str, ...] = ()
    """Where it has further new ids: those of a list's orders, a cancel's own."""


rows: dict[type[Request[Any]], MethodRow] = {}
"""The rows that `row_of` has worked out, for who looks up one for each request."""


def row_of(request_type: type[Request[Any]]) -> MethodRow:
    """The row of a request's type."""
    row = rows.get(request_type)
    if row is None:
        row = rows[request_type] = _work_out(request_type)
    return row


def _work_out(request_type: Any) -> MethodRow:
    method = request_type.METHOD
    names = dict(zip(request_type.__struct_fields__, request_type.__struct_encode_fields__, strict=True))
    is_intent = method.security is Security.TRADE and request_type not in _TESTS
    new_ids = [
        name
        for name in names
        if is_intent
        and name.endswith("client_order_id")
        and "orig" not in name
        and (method.unfilled_orders or name != "list_client_order_id")  # a list's cancellation has it to name the list
    ]
    attribute = next((each for each in _ORDER_ID_FIELDS if method.unfilled_orders and each in names), "")
    return MethodRow(
        tail=b',"method":%b' % _json(method.name),
        decode=msgspec.json.Decoder(result_type(request_type)).decode,
        is_signed=issubclass(request_type, SignedRequest),
        is_signed_even_if_logged_on=request_type in _SIGNED_EVEN_IF_LOGGED_ON,
        changes_session=request_type in _SESSION_METHODS,
        order_id_attribute=attribute,
        order_id_name=names.get(attribute, ""),
        stamped_order=b'%%b,"%b":"%%b","timestamp":%%d}' % names.get(attribute, "").encode(),
        is_intent=is_intent,
        other_id_attributes=tuple(name for name in new_ids if name != attribute),
    )


def with_order_id(request: Any, order_id: str | None) -> Any:
    """`request` with the client order id that it was sent with."""
    attribute = row_of(type(request)).order_id_attribute
    if not attribute or order_id is None or getattr(request, attribute) is not None:
        return request
    return replace(request, **{attribute: order_id})


class ParamsWriter:
    """Completes the params of requests that are signed, or sent on a connection that is logged on.

    `clock_ns` gives nanoseconds since the epoch, for `timestamp`; `new_client_order_id` a string that no open order of
    the account has. `key` signs what no other key is given for.
    """

    __slots__ = ("_clock_ns", "_new_client_order_id", "key", "timestamp")

    def __init__(self, key: Key | None, clock_ns: Callable[[], int], new_client_order_id: Callable[[], str]) -> None:
        self.key = key
        self._clock_ns = clock_ns
        self._new_client_order_id = new_client_order_id
        self.timestamp = 0
        """`timestamp` of the request that was written last."""

    def with_other_ids(self, row: MethodRow, request: SignedRequest[Any]) -> SignedRequest[Any]:
        """`request` with the new ids beside that of the order itself, where the caller gave none.

        An order of a list that may be left out, and is, gets none.
        """
        if request.signature is not None:
            return request
        made = {
            name: self._new_client_order_id()
            for name in row.other_id_attributes
            if getattr(request, name) is None
            and getattr(request, name.replace("_client_order_id", "_type"), "") is not None
        }
        return replace(request, **made) if made else request

    def write(
        self, row: MethodRow, request: SignedRequest[Any], logged_on: bool, key: Key | None
    ) -> tuple[bytes, str | None, Key | None]:
        """The params as JSON, the client order id among them, and the key that signed them.

        A request that carries a signature goes out as it is. Raises `InvalidKey`.
        """
        order_id = getattr(request, row.order_id_attribute) if row.order_id_attribute else None
        if request.signature is not None:
            self.timestamp = request.timestamp or 0
            return encode(wire_params(request)), order_id, None
        added_order_id = None
        if row.order_id_attribute and order_id is None:
            order_id = added_order_id = self._new_client_order_id()
        if logged_on and key is None and request.api_key is None and not row.is_signed_even_if_logged_on:
            return self._stamped(row, request, added_order_id), order_id, None
        params = self._params(row, request, added_order_id)
        signer = self._sign(request, params, key)
        return _json(params), order_id, signer

    def _stamped(self, row: MethodRow, request: SignedRequest[Any], order_id: str | None) -> bytes:
        if request.timestamp is None and request.recv_window is None:
            text = _json(request)
            # The struct as msgspec writes it is right, unless a decimal came out as 1E-8 or 1E+3. Looking for one byte
            # is much quicker than looking for two.
            if (b"-" not in text or b"E-" not in text) and (b"+" not in text or b"E+" not in text):
                self.timestamp = timestamp = self._clock_ns() // 1_000_000
                if order_id is not None:
                    return row.stamped_order % (text[:-1], order_id.encode(), timestamp)
                return b'%b%b"timestamp":%d}' % (text[:-1], b"," if len(text) > 2 else b"", timestamp)
        return _json(self._params(row, request, order_id))

    def _params(self, row: MethodRow, request: SignedRequest[Any], order_id: str | None) -> dict[str, object]:
        params = wire_params(request)
        if order_id is not None:
            params[row.order_id_name] = order_id
        self.timestamp = request.timestamp or self._clock_ns() // 1_000_000
        params["timestamp"] = self.timestamp
        return params

    def _sign(self, request: Request[Any], params: dict[str, object], ad_hoc: Key | None) -> Key:
        key = ad_hoc or self.key
        if key is None:
            raise InvalidKey(
                f"{request.METHOD.name} must be signed, and there is no key: pass `key=` to connect, or to call"
            )
        if isinstance(request, SessionLogon) and key.kind is not KeyKind.ED25519:
            raise InvalidKey(f"session.logon takes Ed25519 keys only, and this key is {key.kind}")
        if params.setdefault("apiKey", key.api_key) != key.api_key:
            raise InvalidKey("the request names another API key than the one to sign with: pass that key to call")
        params["signature"] = key.sign(payload({name: signing_text(value) for name, value in params.items()}))
        return key
