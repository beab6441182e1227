"""The options that say who one is."""

from pathlib import Path

import pytest
import typer

from pitwire.cli.credentials import PASSPHRASE_VARIABLE, signing_key
from pitwire.cli.failures import Failure
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.protocol.errors import InvalidKey
from pitwire.protocol.signing import KeyKind


@pytest.mark.parametrize("kind", ["ED25519", "RSA", "HMAC", "hmac"])
def test_a_development_account_signs_with_the_key_of_the_asked_type(kind: str) -> None:
    key = signing_key("bob", kind, None, None)
    assert key.kind is KeyKind(kind.upper())
    assert key.api_key.startswith("bob")


@pytest.mark.parametrize(("account", "kind"), [("dave", "RSA"), ("alice", "DSA")])
def test_what_is_no_key_is_named_with_those_that_are(account: str, kind: str) -> None:
    with pytest.raises(typer.BadParameter, match="accounts: alice, bob, carol; types: ED25519, RSA, HMAC"):
        signing_key(account, kind, None, None)


def test_a_key_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    path.write_text(next(key.private_key_pem or "" for key in DEVELOPMENT_KEYS if key.kind is KeyKind.ED25519))
    assert signing_key("alice", "HMAC", path, "own" * 10).api_key == "own" * 10
    with pytest.raises(typer.BadParameter, match="--key-file needs the --api-key"):
        signing_key("alice", "HMAC", path, None)


def test_an_encrypted_key_takes_its_passphrase_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    path = tmp_path / "encrypted.pem"
    path.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame")
        )
    )
    with pytest.raises(InvalidKey, match="passphrase"):
        signing_key("alice", "HMAC", path, "own" * 10)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "open sesame")
    assert signing_key("alice", "HMAC", path, "own" * 10).kind is KeyKind.ED25519


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"cannot read the key file .*absent\.pem: No such file"):
        signing_key("alice", "HMAC", tmp_path / "absent.pem", "own" * 10)
