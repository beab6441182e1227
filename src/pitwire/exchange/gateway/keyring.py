"""The API keys that an exchange knows."""

from collections.abc import Iterable, Iterator

from pitwire.exchange.development_keys import DEVELOPMENT_KEYS, DevelopmentKey
from pitwire.exchange.messages import KeyRegistered
from pitwire.protocol.authorization import RegisteredKey
from pitwire.protocol.requests.base import Security
from pitwire.protocol.signing import KeyKind, Verifier


class Keyring:
    """API keys by their public string. `published` says that it holds keys whose secrets anybody can read."""

    def __init__(self, keys: Iterable[RegisteredKey], *, published: bool) -> None:
        self._keys = {key.api_key: key for key in keys}
        self.published = published

    def find(self, api_key: str) -> RegisteredKey | None:
        """The key, if it is registered and has not been revoked."""
        return self._keys.get(api_key)

    def __iter__(self) -> Iterator[RegisteredKey]:
        """Every valid key."""
        return iter(list(self._keys.values()))

    def add(self, key: RegisteredKey) -> None:
        """Let the key sign from now on."""
        self._keys[key.api_key] = key

    def revoke(self, api_key: str) -> None:
        """Forget the key: sessions that are logged on with it end with their next request."""
        self._keys.pop(api_key, None)


def development_keyring() -> Keyring:
    """The published keys of the development accounts. Deriving the public halves takes a millisecond."""
    return Keyring([_registered(key) for key in DEVELOPMENT_KEYS], published=True)


def registered(key: KeyRegistered) -> RegisteredKey:
    """A key from the log, as the gateway looks it up."""
    make = {KeyKind.HMAC: Verifier.hmac, KeyKind.RSA: Verifier.rsa, KeyKind.ED25519: Verifier.ed25519}
    return RegisteredKey(
        api_key=key.api_key,
        account=key.account,
        verifier=make[KeyKind(key.key_kind)](key.secret),
        permissions=frozenset(map(Security, key.permissions)),
    )


def _registered(key: DevelopmentKey) -> RegisteredKey:
    return RegisteredKey(api_key=key.api_key, account=key.account, verifier=_verifier(key))


def _verifier(key: DevelopmentKey) -> Verifier:
    if key.kind is KeyKind.HMAC:
        assert key.secret_key is not None
        return Verifier.hmac(key.secret_key)
    assert key.private_key_pem is not None
    return (Verifier.rsa if key.kind is KeyKind.RSA else Verifier.ed25519)(_public_pem(key.private_key_pem))


def _public_pem(private_pem: str) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    # The keys are this package's own, so their primes are not tested again: that takes 40 ms for an RSA key.
    private = load_pem_private_key(private_pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
