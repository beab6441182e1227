"""`pitwire listen`, and what it shows of an order that `pitwire call` places."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import PITWIRE, STOP_S_MAX, ExchangeProcess, exchange_process, pitwire

ORDER = ("order.place", "symbol=BTCUSDT", "side=BUY", "type=LIMIT", "timeInForce=GTC", "quantity=0.01", "price=50000")


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeProcess]:
    with exchange_process(tmp_path_factory.mktemp("exchange"), "--ephemeral", "--market", "none") as exchange:
        yield exchange


def listening(exchange: ExchangeProcess, *options: str) -> "subprocess.Popen[str]":
    """`pitwire listen`, subscribed: with --verbose it says so on stderr."""
    process = subprocess.Popen(
        [*PITWIRE, "listen", "--verbose", "--url", exchange.url, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "subscriptionId" in line:
            return process
    pytest.fail("it ended before it was subscribed")


def test_events_come_as_one_json_object_a_line_in_their_order(exchange: ExchangeProcess) -> None:
    listener = listening(exchange, "--count", "2")
    placed = json.loads(pitwire("call", *ORDER, url=exchange.url).stdout)
    printed, _ = listener.communicate(timeout=STOP_S_MAX)
    report, position = map(json.loads, printed.splitlines())
    assert (report["e"], report["i"], report["x"]) == ("executionReport", placed["orderId"], "NEW")
    assert position["e"] == "outboundAccountPosition"
    assert "USDT" in {balance["a"] for balance in position["B"]}
    assert listener.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(exchange: ExchangeProcess, number: signal.Signals) -> None:
    listener = listening(exchange, "--account", "bob", "--key-type", "rsa")
    listener.send_signal(number)
    _, logged = listener.communicate(timeout=STOP_S_MAX)
    assert listener.returncode == 0, logged
    assert "Traceback" not in logged


def test_a_stopped_exchange_is_waited_for_not_died_of(tmp_path: Path) -> None:
    with exchange_process(tmp_path, "--ephemeral", "--market", "none") as exchange:
        listener = listening(exchange)
        assert exchange.stop()[0] == 0
    listener.terminate()
    _, logged = listener.communicate(timeout=STOP_S_MAX)
    assert listener.returncode == 0, logged


@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
def test_verbose_shows_the_traffic_but_neither_key_nor_signature(exchange: ExchangeProcess, kind: str) -> None:
    keys = json.loads(pitwire("keys", "--json").stdout)
    api_key = next(key["apiKey"] for key in keys if (key["account"], key["keyType"]) == ("carol", kind))
    options = ("--verbose", "--account", "carol", "--key-type", kind)
    called = pitwire("call", "account.status", *options, url=exchange.url)
    assert called.returncode == 0, called.stderr
    assert "account.status" in called.stderr
    assert api_key not in called.stderr
    assert set(re.findall(r'"(?:apiKey|signature)":"([^"]*)"', called.stderr)) == {"[redacted]"}
