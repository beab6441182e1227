"""`pitwire control`, against a real exchange."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import exchange_process, pitwire

SETTINGS = ["tick_size=0.00001", "step_size=1", "min_notional=1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the ready file of an exchange that serves is."""
    folder = tmp_path_factory.mktemp("control")
    with exchange_process(folder, "--data-dir", "data", "--market", "none") as exchange:
        yield folder
        exchange.stop()


def control(folder: Path, *arguments: str) -> Any:
    result = pitwire("control", "--ready-file", str(folder / "ready.json"), *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_money_moves(folder: Path) -> None:
    control(folder, "deposit", "1", "BTC", "5")
    control(folder, "withdraw", "1", "BTC", "1")
    control(folder, "lock", "1", "BTC", "3")
    after = control(folder, "unlock", "1", "BTC", "1")
    assert after["balances"]["BTC"] == {
        "free": "102.00000000",
        "locked": "2.00000000",
        "locked_from_outside": "2.00000000",
    }


def test_accounts_and_keys(folder: Path) -> None:
    opened = control(folder, "open-account", "desk", 'balances={"BTC": "2"}', "taker_rate=0.0005")
    changed = control(folder, "change-account", str(opened["number"]), "name=other", 'permissions=["SPOT", "X"]')
    assert (changed["name"], changed["taker_rate"], changed["permissions"]) == ("other", "0.00050000", ["SPOT", "X"])
    assert opened["number"] in [account["number"] for account in control(folder, "accounts")]
    made = control(folder, "make-key", str(opened["number"]), "--kind", "hmac", "--permission", "USER_DATA")
    assert (made["permissions"], len(made["secret_key"])) == (["USER_DATA"], 64)
    assert made["api_key"] in [key["api_key"] for key in control(folder, "keys")]
    control(folder, "revoke-key", made["api_key"])
    assert made["api_key"] not in [key["api_key"] for key in control(folder, "keys")]


def test_symbols_snapshots_and_block_trades(folder: Path) -> None:
    assert control(folder, "list-symbol", "DOGE", "USDT", *SETTINGS)["symbol"] == "DOGEUSDT"
    assert control(folder, "change-symbol", "DOGEUSDT", "status=HALT")["status"] == "HALT"
    assert "DOGEUSDT" in [each["symbol"] for each in control(folder, "symbols")]
    assert control(folder, "block-trade", "BTCUSDT", "60000", "10")["qty"] == "10.00000000"
    assert control(folder, "snapshot")["sequence"] > 0


def test_without_json_it_prints_for_people(folder: Path) -> None:
    printed = pitwire("control", "--ready-file", str(folder / "ready.json"), "accounts").stdout
    assert "alice" in printed
    assert "BTC 10" in printed
    printed = pitwire("control", "--ready-file", str(folder / "ready.json"), "symbols").stdout
    assert "BTCUSDT  TRADING" in printed


def test_the_ready_file_has_the_token_and_is_its_owners_alone(folder: Path) -> None:
    ready = folder / "ready.json"
    assert stat.S_IMODE(ready.stat().st_mode) == 0o600
    content = json.loads(ready.read_text())
    by_options = pitwire("control", "--url", content["http"], "--token", content["control_token"], "accounts")
    assert by_options.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["deposit", "9", "BTC", "1"], "there is no account 9; known: 1, 2, 3"),
        (["withdraw", "2", "BTC", "1000"], "account 2 has less than 1000 BTC free: withdraw less"),
        (["change-symbol", "BTCUSDT", "status=OPEN"], "status: Invalid enum value 'OPEN'"),
        (["make-key", "1", "--public-key", "absent.pem"], "cannot read absent.pem"),
        (["reference-price", "BTCUSDT", "1"], "the reference price is not calculated outside"),
        (["expire-orders", "BTCUSDT"], "nobody has open orders in BTCUSDT: there is nothing to expire"),
        (["expire-orders", "BTCUSDT", "--account", "1"], "account 1 has no open orders in BTCUSDT"),
        (["change-account", "1", "name"], "'name' is no NAME=VALUE"),
    ],
)
def test_what_is_refused_is_told_in_a_sentence(arguments: list[str], sentence: str, folder: Path) -> None:
    result = pitwire("control", "--ready-file", str(folder / "ready.json"), *arguments)
    assert result.returncode != 0
    assert sentence in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--url", "http://127.0.0.1:1"], "cannot reach http://127.0.0.1:1"),
        (["--ready-file", "absent.json"], "absent.json is no ready file"),
    ],
)
def test_an_exchange_that_is_not_there(options: list[str], sentence: str) -> None:
    result = pitwire("control", *options, "accounts")
    assert result.returncode == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_token_is_told(folder: Path) -> None:
    url = json.loads((folder / "ready.json").read_text())["http"]
    result = pitwire("control", "--url", url, "--token", "wrong", "accounts")
    assert result.returncode == 1
    assert "Authorization: Bearer TOKEN" in result.stderr


def test_faults(folder: Path) -> None:
    added = control(folder, "add-fault", "error", "method=order.place", "probability=0.5", "count=null", "code=-1007")
    (shown,) = control(folder, "faults")
    assert shown == {
        **added,
        "strikes": 0,
        "fault": "error",
        "method": "order.place",
        "probability": 0.5,
        "count": None,
        "code": -1007,
    }
    assert control(folder, "remove-fault", str(added["number"])) == {**added, "strikes": 0}
    control(folder, "add-fault", "drop")
    control(folder, "remove-fault")
    assert control(folder, "faults") == []
