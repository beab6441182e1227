"""The exchange's end of one connection: frames become admitted requests, or refusals. It does no I/O.

    frame ──read──> Parsed ──authorize──> Admitted ──> a handler answers it
              └──> Refused      └──> Refused

Between the two steps the caller charges the request's weight, so that nobody who is over a limit has signatures
verified. Neither step changes the session: logging on and out, and subscribing, is done by whoever carries the
request out.

What Binance answers to a malformed envelope is in no document. The wording "Invalid '...' in JSON request; expected
..." with -1135, and `id: null` where the id itself is refused, is what its users have published of its answers; so
are -1193 and -2028, which errors.md does not list.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from pitwire.market.enums import TimeUnit
from pitwire.protocol.authorization import (
    NOBODY,
    Admitted,
    Denied,
    KeyLookup,
    RegisteredKey,
    authorized,
    lacks_permission,
)
from pitwire.protocol.codec import is_request_id
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.parameters import ParameterError, ParameterReader, missing
from pitwire.protocol.registry import by_name
from pitwire.protocol.requests.base import Request, Security, SignedRequest
from pitwire.protocol.signing import payload
from pitwire.protocol.subscriptions import SubscriptionTable

NOT_LOGGED_ON: Final = WireError(400, -1193, "WebSocket session not authenticated. Recommendation: use session.logon.")
# The key and the signature open something by themselves: a session's key does not stand in for them.
_EXPLICIT: Final = frozenset({"session.logon", "userDataStream.subscribe.signature"})

_ID_EXPECTED: Final = (
    "Invalid 'id' in JSON request; expected an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null."
)
_NONE: Final = Security.NONE
_ENVELOPE: Final = frozenset({"id", "method", "params"})
_NULL: Final = b"null"
_SIGNED_HOW: Final = "the params, sorted by name and joined as k=v with &"


class Parsed(Struct, frozen=True):
    """A well-formed request, not yet authorized. `id` and `params` are JSON text, as sent."""

    id: bytes
    request: Request[Any]
    params: Mapping[str, Raw]
    return_rate_limits: bool
    frame: bytes


class Refused(Struct, frozen=True):
    """A request that is answered with `error`. `explanation` says in words, for the exchange's log, what was wrong.

    `revoked`: the key of the session is no longer valid, so the session must be logged out.
    """

    id: bytes
    error: WireError
    explanation: str
    return_rate_limits: bool
    revoked: bool = False


class _Envelope(Struct):
    id: Raw = Raw(b"")
    method: Raw = Raw(b"")
    params: Raw = Raw(b"{}")


_decode_envelope: Final = msgspec.json.Decoder(_Envelope).decode
_decode_text: Final = msgspec.json.Decoder(str).decode
_decode_names: Final = msgspec.json.Decoder(dict[str, Raw]).decode

_READERS: Final = {name: ParameterReader(request) for name, request in by_name.items()}


class ServerSession:
    """What one connection has told of itself: its logon, its subscriptions, and its URL's parameters."""

    def __init__(
        self,
        keys: KeyLookup,
        connected_since_us: int,
        *,
        return_rate_limits: bool = True,
        time_unit: TimeUnit = TimeUnit.MILLISECOND,
    ) -> None:
        self.time_unit = time_unit
        self.subscriptions = SubscriptionTable()
        self._keys = keys
        self._connected_since_us = connected_since_us
        self._return_rate_limits = return_rate_limits
        self._key: RegisteredKey | None = None
        self._authorized_since_us = 0

    @property
    def key(self) -> RegisteredKey | None:
        """The key that is logged on."""
        return self._key

    def log_on(self, key: RegisteredKey, now_us: int) -> None:
        """Let `key` authorize what follows; it takes the place of a key that was logged on before."""
        self._key = key
        self._authorized_since_us = now_us

    def log_out(self) -> None:
        """Forget the key. Subscriptions are the caller's to end."""
        self._key = None

    def status(self, now_us: int) -> dict[str, Any]:
        """The result of `session.logon`, `session.status` and `session.logout`."""
        key = self._key
        return {
            "apiKey": None if key is None else key.api_key,
            "authorizedSince": None if key is None else self._instant(self._authorized_since_us),
            "connectedSince": self._instant(self._connected_since_us),
            "returnRateLimits": self._return_rate_limits,
            "serverTime": self._instant(now_us),
            "userDataStream": len(self.subscriptions) > 0,
        }

    def receive(self, frame: bytes, now_us: int) -> Admitted | Refused:
        """`read` and `authorize` in one."""
        parsed = self.read(frame)
        return parsed if isinstance(parsed, Refused) else self.authorize(parsed, now_us)

    def read(self, frame: bytes) -> Parsed | Refused:
        """Take one text frame apart. The frame's size is bounded by the caller; its text is JSON or refused."""
        try:
            envelope = _decode_envelope(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as reason:
            return self._refused(_NULL, wire_error(Code.INVALID_JSON), f"the frame is no JSON object: {reason}")
        request_id = bytes(envelope.id)
        if not is_request_id(request_id):
            return self._refused(_NULL, _invalid(_ID_EXPECTED), "the id is missing, or not as documented")
        try:
            name = _decode_text(envelope.method)
        except (msgspec.DecodeError, UnicodeDecodeError):
            error = _invalid("Invalid 'method' in JSON request; expected a string.")
            return self._refused(request_id, error, "the method is missing, or no string")
        params = bytes(envelope.params)
        if not params.startswith(b"{"):
            error = _invalid("Invalid 'params' in JSON request; expected an object.")
            return self._refused(request_id, error, "params is no object")
        reader = _READERS.get(name) or _READERS.get(name.removeprefix("v3/"))
        if reader is None:
            error = _invalid("Invalid 'method' in JSON request; unknown method.")
            return self._refused(request_id, error, f"there is no method {name[:80]!r}")
        try:
            request, values = reader.read(params)
        except ParameterError as refusal:
            return self._refused(request_id, refusal.error, f"{name}: {refusal}{_misplaced(frame)}")
        wanted = request.return_rate_limits
        return Parsed(request_id, request, values, self._return_rate_limits if wanted is None else wanted, frame)

    def authorize(self, parsed: Parsed, now_us: int) -> Admitted | Refused:
        """Check key, timestamp, permission and signature, as far as the method asks for them.

        A command must reach the matching engine by `Admitted.expires_us` (web-socket-api.md, Timing security).
        """
        request = parsed.request
        security = request.METHOD.security
        if security is _NONE:
            return Admitted(parsed.id, request, NOBODY, parsed.return_rate_limits)
        if not isinstance(request, SignedRequest):
            return self._admit_logged_on(parsed)
        return self._admit_signed(parsed, request, now_us)

    def _admit_logged_on(self, parsed: Parsed) -> Admitted | Refused:
        key = self._key
        if key is None:
            return self._refuse(parsed, NOT_LOGGED_ON, "the method needs a session that is logged on")
        if self._keys.find(key.api_key) is None:
            return self._refuse_revoked(parsed)
        denied = lacks_permission(key, parsed.request)
        if denied is not None:
            return self._refuse(parsed, *denied)
        return Admitted(parsed.id, parsed.request, key.account, parsed.return_rate_limits, key)

    def _admit_signed(self, parsed: Parsed, request: SignedRequest[Any], now_us: int) -> Admitted | Refused:
        explicit = request.METHOD.name in _EXPLICIT
        session = None if explicit else self._key
        session_key = None if session is None else session.api_key
        api_key = request.api_key or session_key
        if api_key is None:
            return self._refuse(parsed, missing("apiKey"), "no apiKey in params" + self._needs_logon(explicit))
        by_session = request.signature is None and api_key == session_key
        if request.signature is None and not by_session:
            return self._refuse(parsed, missing("signature"), "an apiKey that is not the session's needs a signature")
        signed = None if by_session else partial(signed_text, parsed.params)
        verdict = authorized(self._keys, request, api_key, signed, _SIGNED_HOW, now_us)
        if isinstance(verdict, Denied):
            if by_session and self._keys.find(api_key) is None:
                return self._refuse_revoked(parsed)
            return self._refuse(parsed, *verdict)
        return Admitted(parsed.id, request, verdict.key.account, parsed.return_rate_limits, *verdict)

    def _refuse_revoked(self, parsed: Parsed) -> Refused:
        """Web-socket-api.md, Regarding API key revocation: the answer has no id, and the session is over."""
        return Refused(
            _NULL,
            wire_error(Code.REJECTED_MBX_KEY),
            "the session's key is no longer valid",
            parsed.return_rate_limits,
            revoked=True,
        )

    def _needs_logon(self, explicit: bool) -> str:
        return "" if explicit or self._key is not None else ", and no session is logged on"

    def _refuse(self, parsed: Parsed, error: WireError, explanation: str) -> Refused:
        words = f"{parsed.request.METHOD.name}: {explanation}{_misplaced(parsed.frame)}"
        return Refused(parsed.id, error, words, parsed.return_rate_limits)

    def _refused(self, request_id: bytes, error: WireError, explanation: str) -> Refused:
        return Refused(request_id, error, explanation, self._return_rate_limits)

    def _instant(self, time_us: int) -> int:
        return time_us if self.time_unit is TimeUnit.MICROSECOND else time_us // 1000


def signed_text(params: Mapping[str, Raw]) -> bytes:
    """The bytes that a request's signature is over: every parameter but `signature`, as it was sent."""
    return payload({name: _text(bytes(value)) for name, value in params.items() if name != "signature"})


def _text(value: bytes) -> str:
    if not value.startswith(b'"'):
        return value.decode()
    return _decode_text(value) if b"\\" in value else value[1:-1].decode()


def _invalid(message: str) -> WireError:
    return wire_error(Code.INVALID_JSON, message=message)


def _misplaced(frame: bytes) -> str:
    """A hint for what people do: put parameters beside `params`, where they are not read."""
    try:
        beside = [name for name in _decode_names(frame) if name not in _ENVELOPE]
    except (msgspec.DecodeError, UnicodeDecodeError):  # a name that is no text
        return ""
    if not beside:
        return ""
    return f" ({', '.join(beside)[:200]} stand beside params and are not read there: they belong inside it)"
