"""`pitwire top`, as a process and in a real terminal."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.processes import PITWIRE, STOP_S_MAX, ExchangeProcess, exchange_process, pitwire
from tests.terminals import terminal

ORDER = ("order.place", "symbol=BTCUSDT", "side=BUY", "type=LIMIT", "timeInForce=GTC", "quantity=0.01", "price=50000")
AT_MARKET = ("order.place", "symbol=BTCUSDT", "side=SELL", "type=MARKET", "quantity=0.01")


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeProcess]:
    with exchange_process(tmp_path_factory.mktemp("exchange"), "--ephemeral", "--market", "synthetic") as exchange:
        yield exchange


def metrics(exchange: ExchangeProcess) -> tuple[str, str]:
    return "--metrics", f"{exchange.ready['http']}/metrics"


def test_once_as_json_says_what_was_measured_and_what_the_exchange_exports(exchange: ExchangeProcess) -> None:
    result = pitwire("top", "--once", "--json", *metrics(exchange), url=exchange.url)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["failure"] is None
    assert told["client"]["requests"]["ping"]["count"] == 5
    assert told["client"]["connections"]["ready"] == 1
    assert {limit["type"] for limit in told["client"]["limits"]} >= {"REQUEST_WEIGHT"}
    assert told["client"]["clock"]["is_measured"]
    assert told["streams"]["connections"]["ready"] == 1
    assert told["streams"]["streams"] == 2
    assert float(told["book"]["bidPrice"]) < float(told["book"]["askPrice"])
    assert told["exporter"]["pitwire_connections"] >= 1


def test_an_exporter_that_is_not_there_is_no_failure(exchange: ExchangeProcess, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/metrics"
    result = pitwire("top", "--once", "--json", "--metrics", url, url=exchange.url)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["exporter"] is None


def test_a_symbol_that_is_none_is_said(exchange: ExchangeProcess) -> None:
    told = json.loads(pitwire("top", "--once", "--json", "--symbol", "nonesuch", url=exchange.url).stdout)
    assert "Invalid symbol" in told["failure"]


def test_the_picture_shows_the_panels_and_loads_nothing(exchange: ExchangeProcess, tmp_path: Path) -> None:
    picture = tmp_path / "top.svg"
    result = pitwire("top", "--once", "--picture", str(picture), url=exchange.url)
    assert result.returncode == 0, result.stderr
    text = " ".join(ElementTree.parse(picture).getroot().itertext()).replace("\xa0", " ")
    for panel in ("latency", "limits", "connection", "market streams", "user data", "/metrics", "alerts"):
        assert panel in text
    assert "http://www.w3.org/2000/svg" in picture.read_text()


def test_without_a_terminal_it_prints_lines_and_a_signal_ends_it(exchange: ExchangeProcess) -> None:
    process = subprocess.Popen(
        [*PITWIRE, "top"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PITWIRE_URL": exchange.url},
    )
    assert process.stdout is not None
    assert "connected  ping p50" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, logged = process.communicate(timeout=STOP_S_MAX)
    assert process.returncode == 0, logged
    assert "Traceback" not in logged


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("--json",), "--json goes with --once"), (("--url", "nowhere"), "none of local")],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], sentence: str) -> None:
    result = pitwire("top", *arguments)
    assert result.returncode == 2
    assert sentence in " ".join(result.stderr.replace("│", " ").split())


def test_in_a_terminal_it_shows_an_order_as_it_happens_and_ctrl_c_ends_it(exchange: ExchangeProcess) -> None:
    with terminal(*PITWIRE, "top", "--url", exchange.url, *metrics(exchange)) as top:
        screen = top.wait_for("● connected", "top of the book, BTCUSDT", "ping", "requests answered", "none yet")
        top.wait_for("gaps, events dropped, queued", "1 of 1, 0, 0")
        assert "nothing to worry about" in screen
        assert pitwire("call", *ORDER, url=exchange.url).returncode == 0
        top.wait_for("BUY BTCUSDT NEW 0.01 @ 50,000")
        assert pitwire("call", *AT_MARKET, url=exchange.url).returncode == 0
        top.wait_for("SELL BTCUSDT NEW 0.01 at the market")
        top.wait_until(
            lambda shown: bool(re.search(r"SELL BTCUSDT TRADE [0-9.]+ @ [1-9]", shown)), "no trade at a price"
        )
        top.press("C-c")
        top.wait_for("exit 0")


def test_in_a_terminal_it_says_that_the_exchange_is_gone(tmp_path: Path) -> None:
    with (
        exchange_process(tmp_path, "--ephemeral", "--market", "none") as exchange,
        terminal(*PITWIRE, "top", "--url", exchange.url) as top,
    ):
        top.wait_for("● connected", "weight in 60 s")
        exchange.stop()
        top.wait_for("● not connected", "ping: not connected")
        top.wait_for("s without one is above 5")
        top.press("C-c")
        top.wait_for("exit 0")
