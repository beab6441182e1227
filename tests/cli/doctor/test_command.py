"""`pitwire doctor`: what it says of an exchange that is well, and of what is not."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from tests.processes import PITWIRE, ExchangeProcess, exchange_process, pitwire
from tests.terminals import terminal


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeProcess]:
    with exchange_process(tmp_path_factory.mktemp("exchange"), "--ephemeral", "--market", "none") as exchange:
        yield exchange


def examined(*arguments: str, url: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the findings by name."""
    result = pitwire("doctor", "--json", *arguments, url=url)
    assert result.stdout, result.stderr
    told = json.loads(result.stdout)
    assert told["ok"] == (result.returncode == 0)
    return result.returncode, {each["name"]: each for each in told["findings"]}


def verdicts(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: each["verdict"] for name, each in found.items() if name != "event loop"}


def test_all_is_well_with_a_local_exchange(exchange: ExchangeProcess, tmp_path: Path) -> None:
    code, found = examined("--journal", str(tmp_path / "orders.journal"), url=exchange.url)
    assert code == 0
    assert set(verdicts(found).values()) == {"PASS"}
    assert set(found) >= {"name", "TCP", "WebSocket", "round trip", "clock", "limits", "key", "logon", "permissions"}
    assert set(found) >= {"user data", "market streams", "journal"}
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_does_not_log_on_is_tried_by_a_signed_request(exchange: ExchangeProcess) -> None:
    code, found = examined("--key-type", "HMAC", url=exchange.url)
    assert (code, found["signature"]["verdict"]) == (0, "PASS")
    assert "every request is signed" in found["key"]["text"]


def test_nobody_there_is_said_and_the_rest_is_not_tried(unused_tcp_port: int) -> None:
    code, found = examined(url=f"ws://127.0.0.1:{unused_tcp_port}")
    assert code == 1
    assert verdicts(found) == {"name": "PASS", "TCP": "FAIL", "the rest": "SKIP"}
    assert "pitwire exchange" in found["TCP"]["remedy"]


def test_a_name_that_nobody_has_is_said() -> None:
    code, found = examined(url="wss://exchange.invalid/ws-api/v3")
    assert (code, verdicts(found)) == (1, {"name": "FAIL", "the rest": "SKIP"})


def test_tls_where_there_is_none_is_said(exchange: ExchangeProcess) -> None:
    code, found = examined(url=exchange.url.replace("ws://", "wss://"))
    assert (code, found["TLS"]["verdict"]) == (1, "FAIL")
    assert "wss:// does, ws:// does not" in found["TLS"]["remedy"]


@contextmanager
def a_server_that_says(answer: bytes) -> Iterator[str]:
    """An HTTP server of one answer, in a thread; its URL."""
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(answer)
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


@pytest.mark.parametrize(
    ("status", "remedy"),
    [("404 Not Found", "the path is not the API's"), ("403 Forbidden", "refuses WebSockets here")],
)
def test_a_server_that_is_no_exchange_is_said(status: str, remedy: str) -> None:
    with a_server_that_says(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()) as url:
        code, found = examined(url=url)
    assert (code, found["WebSocket"]["verdict"]) == (1, "FAIL")
    assert remedy in found["WebSocket"]["remedy"]


def test_a_key_that_the_exchange_does_not_know_is_said_and_not_shown(exchange: ExchangeProcess, tmp_path: Path) -> None:
    stranger = "x" * 64
    code, found = examined("--key-file", str(pem_of(tmp_path)), "--api-key", stranger, url=exchange.url)
    assert (code, found["logon"]["verdict"]) == (1, "FAIL")
    assert "check the API key" in found["logon"]["remedy"]
    assert stranger not in json.dumps(found)


def test_a_key_file_of_another_key_is_said(exchange: ExchangeProcess, tmp_path: Path) -> None:
    bobs = next(key for key in DEVELOPMENT_KEYS if key.name == "bob" and key.kind.value == "ED25519")
    code, found = examined("--key-file", str(pem_of(tmp_path)), "--api-key", bobs.api_key, url=exchange.url)
    assert (code, found["logon"]["verdict"]) == (1, "FAIL")
    assert "not the one of this API key" in found["logon"]["remedy"]


def test_a_file_that_is_no_key_and_a_journal_that_cannot_be_are_said(exchange: ExchangeProcess, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("not a key")
    nowhere = str(tmp_path / "missing" / "journal")
    code, found = examined("--key-file", str(file), "--api-key", "k" * 64, "--journal", nowhere, url=exchange.url)
    assert code == 1
    assert (found["key"]["verdict"], found["journal"]["verdict"]) == ("FAIL", "FAIL")


def pem_of(folder: Path) -> Path:
    """Alice's private key, in a file."""
    alice = next(key for key in DEVELOPMENT_KEYS if key.name == "alice" and key.kind.value == "ED25519")
    assert alice.private_key_pem is not None
    path = folder / "alice.pem"
    path.write_text(alice.private_key_pem)
    return path


def test_in_a_terminal_each_line_is_shown_with_its_verdict(exchange: ExchangeProcess) -> None:
    with terminal(*PITWIRE, "doctor", "--url", exchange.url) as doctor:
        screen = doctor.wait_for("exit 0")
    for text in ("PASS round trip", "PASS logon", "PASS permissions", "PASS user data"):
        assert text in screen


def test_in_a_terminal_a_failure_is_shown_with_its_remedy(unused_tcp_port: int) -> None:
    url = f"ws://127.0.0.1:{unused_tcp_port}"
    with terminal(*PITWIRE, "doctor", "--url", url) as doctor:
        screen = doctor.wait_for("exit 1")
    assert "FAIL TCP" in screen
    assert "→ nothing listens there" in screen


def test_the_picture_is_what_was_shown(exchange: ExchangeProcess, tmp_path: Path) -> None:
    picture = tmp_path / "doctor.svg"
    assert pitwire("doctor", "--picture", str(picture), url=exchange.url).returncode == 0
    assert "PASS" in picture.read_text()
