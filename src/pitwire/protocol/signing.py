"""Signatures: what is signed, how a client signs it, and how an exchange verifies it.

The documentation's rules (web-socket-api.md, SIGNED request examples): take all params but `signature`, sort by name,
join as `name=value` with `&`, **no percent-encoding**, sign the UTF-8 bytes. HMAC-SHA-256 signatures are hex and not
case-sensitive; RSA (RSASSA-PKCS1-v1_5 with SHA-256) and Ed25519 signatures are base64.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pitwire.protocol.errors import InvalidKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

# `cryptography` and `nacl` are imported where they are needed: they take 0.1 s, and an HMAC key needs neither.

KEY_FILE_BYTES_MAX: Final = 64 * 1024
"""A PEM of a 16,384 bit RSA key has 13 kB."""
SIGNATURE_CHARACTERS_MAX: Final = 4096
"""An RSA signature by a 16,384 bit key has 2,732."""
_ED25519_SIGNATURE_BYTES: Final = 64
_SHA256_BLOCK_BYTES: Final = 64


class KeyKind(StrEnum):
    """The types of API key (faqs/api_key_types.md)."""

    HMAC = "HMAC"
    RSA = "RSA"
    ED25519 = "ED25519"


def payload(params: Mapping[str, str]) -> bytes:
    """The bytes to sign: all of `params` (names to the text of their values), sorted by name, not percent-encoded."""
    return "&".join([f"{name}={params[name]}" for name in sorted(params)]).encode()


@dataclass(frozen=True, slots=True)
class Key:
    """An API key and the secret that signs for it. Its `repr` shows neither."""

    api_key: str = field(repr=False)
    kind: KeyKind
    _sign: Callable[[bytes], str] = field(repr=False, compare=False)

    def sign(self, payload: bytes) -> str:
        """The signature of `payload`: lower-case hex (HMAC) or base64 (RSA, Ed25519)."""
        return self._sign(payload)

    @classmethod
    def load(cls, path: str | Path, api_key: str, passphrase: str | bytes | None = None) -> "Key":
        """The Ed25519 or RSA private key in the PEM file at `path`, encrypted or not.

        Reads the file at once (at most 64 KiB). Raises `OSError` when it cannot be read, and `InvalidKey` when it
        holds no private key of these two types, or not one that `passphrase` opens.
        """
        with Path(path).open("rb") as file:
            pem = file.read(KEY_FILE_BYTES_MAX + 1)
        return _asymmetric(_checked(api_key), _private_key(pem, passphrase, str(path)), str(path))

    @classmethod
    def ed25519(cls, api_key: str, private_key_pem: str | bytes, passphrase: str | bytes | None = None) -> "Key":
        """An Ed25519 key from its PEM (PKCS#8, encrypted or not). The only type that `session.logon` takes.

        Raises `InvalidKey`.
        """
        return _expected(_pem_key(api_key, private_key_pem, passphrase), KeyKind.ED25519)

    @classmethod
    def rsa(cls, api_key: str, private_key_pem: str | bytes, passphrase: str | bytes | None = None) -> "Key":
        """An RSA key from its PEM (PKCS#8 or PKCS#1, encrypted or not). Raises `InvalidKey`."""
        return _expected(_pem_key(api_key, private_key_pem, passphrase), KeyKind.RSA)

    @classmethod
    def hmac(cls, api_key: str, secret_key: str) -> "Key":
        """An HMAC key: two strings, as the exchange shows them.

        Raises `InvalidKey` when `secret_key` is empty or a PEM.
        """
        if not secret_key:
            raise InvalidKey("the secret key is empty: pass the string that was shown when the API key was made")
        if "-----BEGIN" in secret_key:
            raise InvalidKey("the secret key is a PEM: an HMAC secret is a plain string; use Key.ed25519 or Key.rsa")
        return cls(_checked(api_key), KeyKind.HMAC, _hmac_signer(secret_key.encode()))


@dataclass(frozen=True, slots=True)
class Verifier:
    """The exchange's half of a key: it can tell a good signature from a bad one, and make none (HMAC excepted)."""

    kind: KeyKind
    _verify: Callable[[bytes, str], bool] = field(repr=False, compare=False)

    def verify(self, payload: bytes, signature: str) -> bool:
        """Whether `signature` is this key's for `payload`. Never raises: what cannot be decoded is not a signature.

        Signatures of more than 4,096 characters are refused unread. The comparison takes constant time.
        """
        return len(signature) <= SIGNATURE_CHARACTERS_MAX and self._verify(payload, signature)

    @classmethod
    def hmac(cls, secret_key: str) -> "Verifier":
        """Verifies hex signatures, in either case."""
        sign = _hmac_signer(secret_key.encode())

        def verify(payload: bytes, signature: str) -> bool:
            return hmac.compare_digest(sign(payload).encode(), signature.lower().encode("utf-8", "replace"))

        return cls(KeyKind.HMAC, verify)

    @classmethod
    def rsa(cls, public_key_pem: str | bytes) -> "Verifier":
        """Verifies base64 signatures by RSASSA-PKCS1-v1_5 with SHA-256. Raises `InvalidKey`."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.hashes import SHA256

        key = _public_key(public_key_pem)
        if not isinstance(key, RSAPublicKey):
            raise InvalidKey("this is not an RSA public key: use Verifier.ed25519 for an Ed25519 one")

        def verify(payload: bytes, signature: str) -> bool:
            try:
                key.verify(b64decode(signature, validate=True), payload, PKCS1v15(), SHA256())
            except (ValueError, InvalidSignature):
                return False
            return True

        return cls(KeyKind.RSA, verify)

    @classmethod
    def ed25519(cls, public_key_pem: str | bytes) -> "Verifier":
        """Verifies base64 signatures. Raises `InvalidKey`."""
        # libsodium refuses public keys of small order, under which a forged signature would verify; OpenSSL does not.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from nacl.bindings import crypto_sign_open
        from nacl.exceptions import CryptoError

        key = _public_key(public_key_pem)
        if not isinstance(key, Ed25519PublicKey):
            raise InvalidKey("this is not an Ed25519 public key: use Verifier.rsa for an RSA one")
        public = key.public_bytes_raw()

        def verify(payload: bytes, signature: str) -> bool:
            try:
                raw = b64decode(signature, validate=True)
                if len(raw) != _ED25519_SIGNATURE_BYTES:
                    return False
                crypto_sign_open(raw + payload, public)
            except (ValueError, CryptoError):
                return False
            return True

        return cls(KeyKind.ED25519, verify)


def _checked(api_key: str) -> str:
    if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise InvalidKey(
            "the API key is empty or holds a blank, a line break or a non-ASCII character: "
            "pass the string that the exchange shows beside the key, without the blanks around it"
        )
    return api_key


def _hmac_signer(secret: bytes) -> Callable[[bytes], str]:
    """HMAC-SHA-256 (RFC 2104) with the pads hashed once: 1.4 us a signature, 2.2 with `hmac.digest`."""
    key = hashlib.sha256(secret).digest() if len(secret) > _SHA256_BLOCK_BYTES else secret
    key = key.ljust(_SHA256_BLOCK_BYTES, b"\0")
    inner_pad = hashlib.sha256(bytes([byte ^ 0x36 for byte in key]))
    outer_pad = hashlib.sha256(bytes([byte ^ 0x5C for byte in key]))

    def sign(payload: bytes) -> str:
        inner, outer = inner_pad.copy(), outer_pad.copy()
        inner.update(payload)
        outer.update(inner.digest())
        return outer.hexdigest()

    return sign


def _pem_key(api_key: str, pem: str | bytes, passphrase: str | bytes | None) -> Key:
    data = pem.encode() if isinstance(pem, str) else pem
    return _asymmetric(_checked(api_key), _private_key(data, passphrase, "the private key"), "the private key")


def _expected(key: Key, kind: KeyKind) -> Key:
    if key.kind is not kind:
        right = "Key.rsa" if key.kind is KeyKind.RSA else "Key.ed25519"
        raise InvalidKey(f"the private key is {key.kind}, not {kind}: use {right}, or Key.load for either")
    return key


def _asymmetric(api_key: str, private_key: "PrivateKeyTypes", source: str) -> Key:
    """The key for a parsed private key, which is parsed once: parsing takes three times as long as signing."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(private_key, Ed25519PrivateKey):
        # PyNaCl signs in 20 us, `cryptography` in 33.
        from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

        _, secret = crypto_sign_seed_keypair(private_key.private_bytes_raw())
        return Key(
            api_key,
            KeyKind.ED25519,
            lambda payload: b64encode(crypto_sign(payload, secret)[:_ED25519_SIGNATURE_BYTES]).decode(),
        )
    if isinstance(private_key, RSAPrivateKey):
        padding, digest = PKCS1v15(), SHA256()
        return Key(api_key, KeyKind.RSA, lambda payload: b64encode(private_key.sign(payload, padding, digest)).decode())
    raise InvalidKey(
        f"{source} is of type {type(private_key).__name__}: only Ed25519 and RSA keys sign requests; "
        "make one with `openssl genpkey -algorithm ed25519 -out key.pem`"
    )


def _private_key(pem: bytes, passphrase: str | bytes | None, source: str) -> "PrivateKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if len(pem) > KEY_FILE_BYTES_MAX:
        raise InvalidKey(f"{source} has more than {KEY_FILE_BYTES_MAX} bytes: that is no PEM of a private key")
    if b"PUBLIC KEY-----" in pem and b"PRIVATE KEY-----" not in pem:
        raise InvalidKey(f"{source} is a public key: the exchange keeps that one, requests are signed with the private")
    if b"BEGIN OPENSSH PRIVATE KEY" in pem:
        raise InvalidKey(f"{source} is in OpenSSH format: make a PEM key with `openssl genpkey -algorithm ed25519`")
    if b"PRIVATE KEY-----" not in pem:
        raise InvalidKey(
            f"{source} is no PEM: it has no line `-----BEGIN PRIVATE KEY-----`; for an HMAC secret use Key.hmac"
        )
    encrypted = b"BEGIN ENCRYPTED PRIVATE KEY" in pem or b"Proc-Type: 4,ENCRYPTED" in pem
    if encrypted and passphrase is None:
        raise InvalidKey(f"{source} is encrypted: pass its passphrase")
    if passphrase is not None and not encrypted:
        raise InvalidKey(f"{source} is not encrypted: leave the passphrase out")
    secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
    try:
        return load_pem_private_key(pem, password=secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if encrypted:
            raise InvalidKey(f"{source} cannot be decrypted: the passphrase is wrong, or the file damaged") from error
        raise InvalidKey(f"{source} is damaged: {error}; compare it with the file that was generated") from error


def _public_key(pem: str | bytes) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = pem.encode() if isinstance(pem, str) else pem
    if len(data) > KEY_FILE_BYTES_MAX:
        raise InvalidKey(f"the public key has more than {KEY_FILE_BYTES_MAX} bytes: that is no PEM of a public key")
    if b"PRIVATE KEY-----" in data:
        raise InvalidKey("this is a private key: register its public half (`openssl pkey -in key.pem -pubout`)")
    try:
        return load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidKey(f"this is no PEM of a public key: {error}") from error
