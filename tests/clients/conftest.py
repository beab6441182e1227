"""A real exchange process for clients that others wrote, and the published keys to log on with."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

READY_S_MAX = 30
EXCHANGE = (sys.executable, "-m", "pitwire.cli", "exchange", "--ws-port", "0", "--http-port", "0")


@pytest.fixture(scope="module")
def exchange_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The WebSocket API URL of a `pitwire exchange` process on a free port of 127.0.0.1."""
    ready = tmp_path_factory.mktemp("exchange") / "ready.json"
    command = [*EXCHANGE, "--ephemeral", "--market", "none"]
    with subprocess.Popen([*command, "--ready-file", str(ready)], stdout=subprocess.DEVNULL) as process:
        try:
            yield wait_until_ready(process, ready) + "/ws-api/v3"
        finally:
            process.terminate()
            process.wait(READY_S_MAX)


def wait_until_ready(process: "subprocess.Popen[bytes]", ready: Path) -> str:
    """The base URL, as soon as the exchange says that it serves."""
    while not ready.exists():
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the exchange ended with code {process.returncode} before it was ready")
    base_url: str = json.loads(ready.read_text())["ws"]
    return base_url


@pytest.fixture(scope="session")
def keys() -> dict[tuple[str, str], dict[str, str]]:
    """What `pitwire keys --json` prints, by account and key type."""
    printed = subprocess.run(
        [sys.executable, "-m", "pitwire.cli", "keys", "--json"], check=True, capture_output=True, timeout=READY_S_MAX
    )
    return {(key["account"], key["keyType"]): key for key in json.loads(printed.stdout)}
