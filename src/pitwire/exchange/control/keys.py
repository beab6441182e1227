"""API keys: making them, showing whose they are, and revoking them.

A key lives in the log, as the command that registered it, so it is there again after a restart. So is the secret of an
HMAC key: the exchange cannot verify without it. Of the other kinds it has the public half; a private key that was made
here is in the answer, once, and nowhere else.
"""

import asyncio
import secrets
import string
from typing import Any, Final, Literal

from msgspec import Struct
from starlette.routing import Route

from pitwire.exchange.configuration import API_KEY_LETTERS, KeyTerms, key_problems
from pitwire.exchange.control.application import route
from pitwire.exchange.control.desk import BAD_REQUEST, CONFLICT, NOT_FOUND, Desk, Refused, check
from pitwire.exchange.gateway.keyring import registered
from pitwire.exchange.messages import KeyRegistered, RegisterKey, RevokeKey
from pitwire.protocol.authorization import RegisteredKey
from pitwire.protocol.requests.base import Security

RSA_BITS: Final = 2048
_LETTERS: Final = string.ascii_letters + string.digits
_PERMISSIONS: Final = (Security.TRADE.value, Security.USER_DATA.value, Security.USER_STREAM.value)

Kind = Literal["HMAC", "RSA", "ED25519"]


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to make: with a `public_key` (PEM) that of a pair made elsewhere, else a new secret or pair of `kind`."""

    account: int
    kind: Kind = "ED25519"
    public_key: str | None = None
    permissions: tuple[Literal["TRADE", "USER_DATA", "USER_STREAM"], ...] = ("TRADE", "USER_DATA", "USER_STREAM")


class KeyControl:
    """The handlers of these routes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def all(self) -> list[dict[str, Any]]:
        """Every valid key, without its secret."""
        return [_shown(key) for key in self._desk.keyring]

    async def make(self, body: NewKey) -> dict[str, Any]:
        """Make a key; the answer alone has its secret."""
        desk = self._desk
        desk.check_account(body.account)
        if body.public_key is not None and body.kind == "HMAC":
            raise Refused(BAD_REQUEST, "an HMAC key has no public_key: leave it out, or say kind RSA or ED25519")
        api_key = "".join(secrets.choice(_LETTERS) for _ in range(API_KEY_LETTERS))
        shown: dict[str, str] = {}
        if body.kind == "HMAC":
            secret = shown["secret_key"] = "".join(secrets.choice(_LETTERS) for _ in range(API_KEY_LETTERS))
            terms = KeyTerms(account=body.account, api_key=api_key, secret_key=secret)
        else:
            secret = body.public_key or ""
            if body.public_key is None:
                shown["private_key"], secret = await asyncio.to_thread(_new_pair, body.kind)
            terms = KeyTerms(account=body.account, api_key=api_key, public_key=secret)
        check(key_problems(terms))
        kind = terms.registered().verifier.kind
        if kind != body.kind:
            raise Refused(BAD_REQUEST, f"the public_key is of kind {kind}, not {body.kind}: say kind {kind}")
        command = RegisterKey(
            api_key=api_key, account=body.account, key_kind=body.kind, secret=secret, permissions=body.permissions
        )
        outcome = await desk.execute(command)
        key = next(registered(event) for event in outcome.events if isinstance(event, KeyRegistered))
        desk.keyring.add(key)
        return {**_shown(key), **shown}

    async def revoke(self, api_key: str) -> dict[str, Any]:
        """Revoke a key: sessions that are logged on with it end with their next request."""
        key = self._desk.keyring.find(api_key)
        if key is None:
            raise Refused(NOT_FOUND, f"there is no key {api_key[:API_KEY_LETTERS]}: GET /control/keys lists them")
        if sum(1 for _ in self._desk.keyring) == 1:
            raise Refused(CONFLICT, "this is the last key: make another one first")
        await self._desk.execute(RevokeKey(api_key=api_key))
        self._desk.keyring.revoke(api_key)
        return _shown(key)


def routes(desk: Desk) -> list[Route]:
    """The routes of this module."""
    keys = KeyControl(desk)
    return [
        route("GET", "/keys", keys.all),
        route("POST", "/keys", keys.make, NewKey),
        route("DELETE", "/keys/{api_key}", keys.revoke),
    ]


def _shown(key: RegisteredKey) -> dict[str, Any]:
    return {
        "api_key": key.api_key,
        "account": key.account,
        "kind": key.verifier.kind,
        "permissions": [each for each in _PERMISSIONS if Security(each) in key.permissions],
    }


def _new_pair(kind: Kind) -> tuple[str, str]:
    """A private key and its public half, both as PEM. Takes a tenth of a second for RSA."""
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    private: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
    if kind == "RSA":
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    else:
        private = ed25519.Ed25519PrivateKey.generate()
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    )
