"""`pitwire record`, and that `pitwire exchange` plays what it wrote."""

import json
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from pitwire.recording.events import BookTicker, DepthSnapshot
from pitwire.recording.reader import Recording
from tests.processes import PITWIRE, STOP_S_MAX, exchange_process, pitwire

NAMES = ("btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth@100ms", "ethusdt@bookTicker")


def test_two_symbols_are_recorded_and_played_by_another_exchange(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    with exchange_process(tmp_path, "--ephemeral") as exchange:
        options = ("-o", str(folder), "--url", exchange.url, "--duration", "2", "--json")
        done = json.loads(pitwire("record", *NAMES, *options).stdout)
    assert {Path(path).name.split("_")[0] for path in done["files"]} == {"btcusdt", "ethusdt"}
    assert (done["gaps"], done["unreadable"], done["snapshots"]) == (0, 0, 1)
    recordings = {recording.symbol: recording for recording in map(Recording, map(Path, done["files"]))}
    events = {symbol: list(recording.events()) for symbol, recording in recordings.items()}
    assert sum(map(len, events.values())) == done["messages"]
    assert any(isinstance(event, DepthSnapshot) for event in events["BTCUSDT"])
    assert {type(event) for event in events["ETHUSDT"]} == {BookTicker}
    (tmp_path / "again").mkdir()
    market = f"recorded:{recordings['BTCUSDT'].path}"
    with exchange_process(tmp_path / "again", "--ephemeral", "--market", market) as exchange:
        options = ("-o", str(folder / "again"), "--url", exchange.url, "--duration", "2", "--json")
        again = json.loads(pitwire("record", *NAMES[:3], *options).stdout)
    assert again["messages"] > 10


def test_a_signal_ends_it_with_whole_files_and_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    with exchange_process(tmp_path, "--ephemeral") as exchange:
        command = [*PITWIRE, "record", "btcusdt@bookTicker", "-o", str(folder), "--url", exchange.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as recording:
            while not list(folder.glob("*.part")):
                with suppress(subprocess.TimeoutExpired):
                    pytest.fail(f"it ended with code {recording.wait(0.02)}")
            recording.send_signal(signal.SIGINT)
            printed, logged = recording.communicate(timeout=STOP_S_MAX)
    assert recording.returncode == 0, logged
    assert "gaps: 0" in logged
    [path] = map(Path, printed.split())
    assert len(list(Recording(path).events())) >= 1


def test_what_cannot_be_recorded_is_said(tmp_path: Path) -> None:
    refused = pitwire("record", "nope@foo", "-o", str(tmp_path))
    assert refused.returncode != 0
    with exchange_process(tmp_path, "--ephemeral", "--market", "none") as exchange:
        unknown = pitwire("record", "nopeusdt@depth", "-o", str(tmp_path / "x"), "--url", exchange.url)
        market = pitwire("record", "!miniTicker@arr", "-o", str(tmp_path / "x"), "--url", exchange.url)
    assert unknown.returncode == 1
    assert "Invalid symbol" in unknown.stderr
    assert market.returncode == 2
    assert "whole market" in market.stderr
