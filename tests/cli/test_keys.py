"""`pitwire keys`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pitwire.cli.application import app
from pitwire.protocol.signing import Key, KeyKind

run = CliRunner().invoke


def test_json_lists_three_keys_of_three_accounts_with_their_secrets() -> None:
    keys = json.loads(run(app, ["keys", "--json"]).stdout)
    assert {(key["account"], key["keyType"]) for key in keys} == {
        (account, kind) for account in ("alice", "bob", "carol") for kind in ("HMAC", "RSA", "ED25519")
    }
    for key in keys:
        secret = "secretKey" if key["keyType"] == "HMAC" else "privateKeyPem"
        assert set(key) == {"account", "keyType", "apiKey", secret}


def test_pem_files_are_written_and_load(tmp_path: Path) -> None:
    result = run(app, ["keys", "--pem", str(tmp_path / "keys")])
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "keys").iterdir())) == 9
    assert Key.load(tmp_path / "keys" / "alice.ed25519.pem", "x" * 64).kind is KeyKind.ED25519
    assert Key.load(tmp_path / "keys" / "bob.rsa.pem", "x" * 64).kind is KeyKind.RSA


@pytest.mark.parametrize("arguments", [[], ["--pem", "keys"]])
def test_no_secret_is_printed_unless_json_is_asked_for(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    secrets = [key.get("secretKey", "PRIVATE KEY") for key in json.loads(run(app, ["keys", "--json"]).stdout)]
    printed = run(app, ["keys", *arguments]).stdout
    assert printed
    assert not any(secret in printed for secret in secrets)


def test_json_and_pem_together_are_refused() -> None:
    result = run(app, ["keys", "--json", "--pem", "keys"])
    assert result.exit_code == 2
    assert "say one of the two" in " ".join(result.output.replace("│", " ").split())
