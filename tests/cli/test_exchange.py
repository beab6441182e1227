"""`pitwire exchange`, as a process: ready file, clean stop, restart, and what it says when it cannot start."""

import asyncio
import errno
import gzip
import json
import os
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from pitwire.cli.exchange import _started
from pitwire.cli.failures import Failure
from pitwire.exchange.app import Exchange, Settings
from tests.processes import exchange_process, pitwire

TICKER_OF_DOGEUSDT = (
    '{"stream": "dogeusdt@bookTicker", "data": {"u": 1, "s": "DOGEUSDT", "b": "9", "B": "1", "a": "11", "A": "1"}}'
)
QUIET = ("--ephemeral", "--market", "none")
FREE_PORTS = ("--ws-port", "0", "--http-port", "0")


def test_the_ready_file_names_where_it_serves_and_who_it_is(tmp_path: Path) -> None:
    with exchange_process(tmp_path, *QUIET) as exchange:
        assert exchange.ready["pid"] == exchange.process.pid
        assert str(exchange.ready["ws"]).startswith("ws://127.0.0.1:")
        assert json.loads(pitwire("call", "ping", url=exchange.url).stdout) == {}
        assert httpx.get(f"{exchange.ready['http']}/api/v3/ping").json() == {}


def test_sigterm_stops_it_cleanly(tmp_path: Path) -> None:
    with exchange_process(tmp_path, *QUIET) as exchange:
        code, printed, logged = exchange.stop()
    assert code == 0, logged
    assert "Serving the WebSocket API at ws://127.0.0.1:" in printed
    assert printed.endswith("Stopped.\n")
    assert "Traceback" not in logged
    assert not (tmp_path / "ready.json").exists()


def test_a_restart_with_the_same_data_directory_goes_on_where_it_stopped(tmp_path: Path) -> None:
    place = ["symbol=BTCUSDT", "side=BUY", "type=LIMIT", "timeInForce=GTC", "quantity=0.01", "price=50000"]
    arguments = ("--data-dir", str(tmp_path / "data"), "--market", "none")
    with exchange_process(tmp_path, *arguments) as exchange:
        placed = json.loads(pitwire("call", "order.place", *place, url=exchange.url).stdout)
        assert exchange.stop()[0] == 0
    with exchange_process(tmp_path, *arguments) as exchange:
        still_open = json.loads(pitwire("call", "openOrders.status", url=exchange.url).stdout)
        assert [order["orderId"] for order in still_open] == [placed["orderId"]]
        assert exchange.stop()[0] == 0


def test_without_a_data_directory_the_log_is_kept_in_the_current_folder(tmp_path: Path) -> None:
    with exchange_process(tmp_path, "--market", "none") as exchange:
        assert exchange.stop()[0] == 0
    assert any((tmp_path / "pitwire-data").iterdir())


def test_options_come_from_the_configuration_file_and_the_command_line_goes_before_it(tmp_path: Path) -> None:
    config = tmp_path / "exchange.toml"
    config.write_text('ephemeral = true\nmarket = "synthetic"\nws-port = 1\n')
    with exchange_process(tmp_path, "--config", str(config), "--market", "none") as exchange:
        _, printed, _ = exchange.stop()
    assert "market    none" in printed
    assert "in memory" in printed


def test_a_configuration_file_brings_symbols_and_accounts_of_its_own(tmp_path: Path) -> None:
    config = tmp_path / "exchange.toml"
    config.write_text(
        '[[symbols]]\nbase = "BTC"\nquote = "EUR"\ntick_size = "0.5"\nstep_size = "0.1"\nmin_notional = "5"\n'
        '[[accounts]]\nnumber = 1\nname = "alice"\nbalances = { EUR = "100" }\n'
    )
    with exchange_process(tmp_path, *QUIET, "--config", str(config)) as exchange:
        info = json.loads(pitwire("call", "exchangeInfo", url=exchange.url).stdout)
        _, printed, _ = exchange.stop()
    assert [symbol["symbol"] for symbol in info["symbols"]] == ["BTCEUR"]
    assert "  accounts  alice (`pitwire keys`)" in printed


def test_the_greeting_names_the_accounts_of_the_configuration_and_whose_keys_they_have(tmp_path: Path) -> None:
    config = tmp_path / "exchange.toml"
    config.write_text(
        '[[accounts]]\nnumber = 7\nname = "desk"\n'
        f'[[keys]]\naccount = 7\napi_key = "{"k" * 64}"\nsecret_key = "sixteen letters."\n'
    )
    with exchange_process(tmp_path, *QUIET, "--config", str(config)) as exchange:
        _, printed, _ = exchange.stop()
    assert "  accounts  desk (keys of the configuration)" in printed


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--ephemeral", "--data-dir", "data"], 2, "say one of the two"),
        (["--market", "real"], 2, "'real' is no market: say synthetic, recorded:FILE[,FILE] or none"),
        (["--market", "recorded:absent.gz"], 2, "there is no recording 'absent.gz'"),
        (["--speed", "0"], 2, "--speed"),
        (["--config", "absent.toml"], 2, "cannot read absent.toml: No such file or directory"),
        ([*QUIET, "--host", "0.0.0.0"], 1, "0.0.0.0"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    arguments: list[str], code: int, sentence: str, tmp_path: Path
) -> None:
    result = pitwire("exchange", *FREE_PORTS, *arguments, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (None, "line 1: the gzip data are damaged"),
        (TICKER_OF_DOGEUSDT, "DOGEUSDT is not listed on this exchange"),
    ],
)
def test_a_recording_that_cannot_be_played_is_refused_in_a_sentence(
    line: str | None, sentence: str, tmp_path: Path
) -> None:
    recording = tmp_path / "some.gz"
    recording.write_bytes(b"garbage" if line is None else gzip.compress(f"1 {line}\n".encode()))
    result = pitwire("exchange", "--ephemeral", *FREE_PORTS, "--market", f"recorded:{recording}", cwd=tmp_path)
    assert result.returncode == 1
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_recording_that_breaks_off_stops_the_market_in_a_line_and_not_the_exchange(tmp_path: Path) -> None:
    recording = tmp_path / "broken.gz"
    ticker = TICKER_OF_DOGEUSDT.replace("DOGE", "BTC").replace("doge", "btc")
    snapshot = '{"lastUpdateId": 5, "bids": [["10.00", "1.00"]], "asks": [["11.00", "1.00"]]}'
    recording.write_bytes(gzip.compress(f"1 {ticker}\n1 {snapshot}\nnonsense\n".encode()))
    with exchange_process(tmp_path, "--ephemeral", "--market", f"recorded:{recording}") as exchange:
        assert exchange.process.stderr is not None
        said = exchange.process.stderr.readline()
        depth = json.loads(pitwire("call", "depth", "symbol=BTCUSDT", url=exchange.url).stdout)
        _, _, logged = exchange.stop()
    assert "the market has stopped" in said
    assert "line 3" in said
    assert (depth["bids"], depth["asks"]) == ([], [])
    assert "Traceback" not in logged


def test_a_disk_that_is_full_at_the_start_is_no_matter_of_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> AsyncExitStack:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def start() -> None:
        async with AsyncExitStack() as stack:
            await _started(stack, Settings(data_dir=Path("some-dir")))

    monkeypatch.setattr(Exchange, "start", full)
    with pytest.raises(Failure, match=r"^cannot use some-dir: No space left on device$"):
        asyncio.run(start())


@pytest.mark.parametrize(
    ("option", "others"), [("--ws-port", ["--http-port", "0"]), ("--http-port", ["--ws-port", "0"])]
)
def test_a_port_that_is_taken_is_named_with_the_remedy(option: str, others: list[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = pitwire("exchange", *QUIET, option, str(port), *others, cwd=tmp_path)
    assert result.returncode == 1
    assert f"port {port}" in result.stderr
    assert f"choose another {option}" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_directory_that_another_exchange_writes_is_refused(tmp_path: Path) -> None:
    with exchange_process(tmp_path, "--data-dir", "data", "--market", "none"):
        result = pitwire("exchange", *FREE_PORTS, "--data-dir", "data", "--market", "none", cwd=tmp_path)
    assert result.returncode == 1
    assert "data" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_ready_file_that_cannot_be_written_stops_it(tmp_path: Path) -> None:
    missing = tmp_path / "absent" / "ready.json"
    result = pitwire("exchange", *QUIET, *FREE_PORTS, "--ready-file", str(missing), cwd=tmp_path)
    assert result.returncode == 1
    assert f"cannot write the ready file {missing}{os.linesep}".strip() in result.stderr
