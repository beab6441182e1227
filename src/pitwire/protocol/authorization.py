"""Whether a signed request may be carried out: key, timestamp and recvWindow, signature, permission.

The same for both surfaces; they differ in where the key and the signature stand, and in what is signed
(web-socket-api.md and rest-api.md, Request security, Timing security).
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from msgspec import Struct

from pitwire.protocol.errors import TIMESTAMP_AHEAD, Code, WireError, wire_error
from pitwire.protocol.parameters import missing
from pitwire.protocol.requests.base import Request, Security, SignedRequest
from pitwire.protocol.signing import KeyKind, Verifier

NOBODY: Final = 0
"""The account of a request that needs none. Accounts count from 1."""

DEFAULT_RECV_WINDOW_US: Final = 5_000_000
RECV_WINDOW_MS_MAX: Final = 60_000
FUTURE_US_MAX: Final = 1_000_000
MICROSECONDS_FROM: Final = 10**14
"""Timestamps from here on are microseconds: as milliseconds it is the year 5138, as microseconds 1973."""

_SIGNED: Final = Security.SIGNED
UNSUPPORTED_KEY_KIND: Final = -2028
_KIND_NAMES: Final = {KeyKind.HMAC: "HMAC-SHA-256", KeyKind.RSA: "RSA", KeyKind.ED25519: "Ed25519"}
_TOO_LARGE: Final = "'%s' contains unexpected value. Cannot be greater than %s."
_is_api_key: Final = re.compile("[A-Za-z0-9]{64}").fullmatch


class RegisteredKey(Struct, frozen=True, kw_only=True):
    """An API key as the exchange keeps it: whose it is, what it may do, and how its signatures are verified."""

    api_key: str
    account: int
    verifier: Verifier
    permissions: frozenset[Security] = frozenset(Security)


class KeyLookup(Protocol):
    """Where API keys are registered."""

    def find(self, api_key: str) -> RegisteredKey | None:
        """The key, if it is registered and has not been revoked."""
        ...


class Admitted(Struct, frozen=True):
    """A request that may be carried out for `account`. `key` is what authorized it, if anything had to.

    `expires_us` is when recvWindow closes: after it the matching engine must not be given the request any more.
    """

    id: bytes
    request: Request[Any]
    account: int
    return_rate_limits: bool
    key: RegisteredKey | None = None
    expires_us: int | None = None


class Denied(NamedTuple):
    """Why a request may not be carried out. `explanation` says in words, for the exchange's log, what was wrong."""

    error: WireError
    explanation: str


class Authorized(NamedTuple):
    """Whose key lets a request in, and until when."""

    key: RegisteredKey
    expires_us: int


def authorized(
    keys: KeyLookup,
    request: SignedRequest[Any],
    api_key: str,
    signed_text: Callable[[], bytes] | None,
    signed_how: str,
    now_us: int,
) -> Authorized | Denied:
    """Check `request` by `api_key`; `signed_text` gives what `request.signature` is over, None if it needs none."""
    if request.timestamp is None:
        return Denied(missing("timestamp"), "no timestamp among the parameters; a session needs one as well")
    key = keys.find(api_key)
    if key is None:
        if not _is_api_key(api_key):
            return Denied(wire_error(Code.BAD_API_KEY_FMT), "an API key has 64 letters and digits")
        return Denied(wire_error(Code.REJECTED_MBX_KEY), "no such API key")
    expires_us = _expiry_us(request.timestamp, request.recv_window, now_us)
    if isinstance(expires_us, Denied):
        return expires_us
    if request.METHOD.name == "session.logon" and key.verifier.kind is not KeyKind.ED25519:
        error = WireError(400, UNSUPPORTED_KEY_KIND, f"{_KIND_NAMES[key.verifier.kind]} API key is not supported.")
        return Denied(error, "only Ed25519 keys log on; other kinds sign each request")
    if signed_text is not None and not key.verifier.verify(signed_text(), request.signature or ""):
        return Denied(wire_error(Code.INVALID_SIGNATURE), f"the signature is not this key's for {signed_how}")
    denied = lacks_permission(key, request)
    return Authorized(key, expires_us) if denied is None else denied


def lacks_permission(key: RegisteredKey, request: Request[Any]) -> Denied | None:
    """The refusal, if `key` may not do what `request` asks."""
    security = request.METHOD.security
    if security is _SIGNED or security in key.permissions:
        return None
    return Denied(wire_error(Code.REJECTED_MBX_KEY), f"the key lacks the permission {security}")


@lru_cache(maxsize=1024)
def _microseconds(milliseconds: Decimal) -> int:
    """-1 for what is no whole number of them. With a memory: clients send the same few, and the arithmetic is slow."""
    exactly = milliseconds * 1000
    return -1 if exactly != int(exactly) else int(exactly)


def _expiry_us(timestamp: int, recv_window_ms: Decimal | None, now_us: int) -> int | Denied:
    """Until when `timestamp` and `recvWindow` let the request in, or why they do not (Timing security)."""
    window_us = DEFAULT_RECV_WINDOW_US
    if recv_window_ms is not None:
        if recv_window_ms > RECV_WINDOW_MS_MAX:
            error = wire_error(
                Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, "recvWindow", RECV_WINDOW_MS_MAX, message=_TOO_LARGE
            )
            return Denied(error, f"recvWindow {recv_window_ms} is over {RECV_WINDOW_MS_MAX} ms")
        window_us = _microseconds(recv_window_ms)
        if window_us < 0:
            error = wire_error(Code.BAD_PRECISION, "recvWindow")
            return Denied(error, f"recvWindow {recv_window_ms} has more than three decimal places")
    timestamp_us = timestamp if timestamp >= MICROSECONDS_FROM else timestamp * 1000
    age_us = now_us - timestamp_us
    if age_us <= -FUTURE_US_MAX:
        error = wire_error(Code.INVALID_TIMESTAMP, message=TIMESTAMP_AHEAD)
        return Denied(error, f"timestamp {timestamp} is {-age_us / 1e6:.3f} s ahead of the exchange's clock")
    if age_us > window_us:
        error = wire_error(Code.INVALID_TIMESTAMP)
        return Denied(
            error, f"timestamp {timestamp} is {age_us / 1e6:.3f} s old; recvWindow is {window_us / 1e6:.3f} s"
        )
    return timestamp_us + window_us
