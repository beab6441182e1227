"""`pitwire demo`, as a process without a terminal."""

import json
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.processes import PITWIRE, STOP_S_MAX, pitwire

SYNTHETIC = ("demo", "--market", "synthetic", "--speed", "3")


def test_with_a_duration_it_ends_by_itself_and_says_what_was_done(tmp_path: Path) -> None:
    picture = tmp_path / "demo.svg"
    result = pitwire(*SYNTHETIC, "--duration", "4.5", "--picture", str(picture))
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("    2 s  BTCUSDT ")
    assert any(line.startswith("BTCUSDT, synthetic market, 3 times as fast, 4.") for line in lines)
    assert any(line.startswith("order.place") for line in lines)
    assert result.stderr == ""
    text = " ".join(ElementTree.parse(picture).getroot().itertext())
    for panel in ("book", "the trader's orders", "round trips"):
        assert panel in text.replace("\xa0", " ")
    assert "http" not in picture.read_text().replace("http://www.w3.org/2000/svg", "")


def test_json_says_what_was_done_and_every_request_was_matched() -> None:
    result = pitwire(*SYNTHETIC, "--duration", "3", "--json")
    assert result.returncode == 0, result.stderr
    done = json.loads(result.stdout)
    assert done["marketTrades"] > 0
    assert done["orders"]["placed"] >= 2
    assert done["requests"]["answered"] > done["orders"]["placed"]
    assert done["requests"]["unknown"] == 0
    assert done["latencies"]["order.place"]["p50Us"] > 0


def test_another_symbol_may_be_traded() -> None:
    result = pitwire(*SYNTHETIC, "--symbol", "ethusdt", "--duration", "1", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["symbol"] == "ETHUSDT"


def test_sigint_ends_it_with_the_same_summary() -> None:
    process = subprocess.Popen([*PITWIRE, *SYNTHETIC], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "BTCUSDT" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    printed, logged = process.communicate(timeout=STOP_S_MAX)
    assert process.returncode == 0, logged
    assert "round trips" in printed


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--symbol", "DOGEUSDT", "--market", "synthetic"], 1, "there is no symbol 'DOGEUSDT'; listed: BNBBTC"),
        (["--market", "recorded:absent.gz"], 2, "there is no recording 'absent.gz'"),
        (["--duration", "0"], 2, "--duration"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(arguments: list[str], code: int, sentence: str) -> None:
    result = pitwire("demo", *arguments)
    assert result.returncode == code, result.stderr
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
