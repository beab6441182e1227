"""Real processes for tests: `pitwire` commands, and an exchange that is ready when one gets it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

READY_S_MAX = 30
STOP_S_MAX = 15
PITWIRE = [sys.executable, "-m", "pitwire.cli"]


def pitwire(*arguments: str, url: str | None = None, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """What the command printed and how it ended; `url` is where `call` and `listen` connect."""
    environment = os.environ | ({"PITWIRE_URL": url} if url is not None else {}) | {"COLUMNS": "200"}
    return subprocess.run(
        [*PITWIRE, *arguments],
        capture_output=True,
        text=True,
        timeout=READY_S_MAX,
        env=environment,
        cwd=cwd,
        check=False,
    )


class ExchangeProcess:
    """A `pitwire exchange` that serves. `url` is its WebSocket API's."""

    def __init__(self, process: "subprocess.Popen[str]", ready: dict[str, object]) -> None:
        self.process = process
        self.ready = ready
        self.url = f"{ready['ws']}/ws-api/v3"

    def stop(self) -> tuple[int, str, str]:
        """SIGTERM; then its exit code and what it printed on stdout and stderr."""
        self.process.terminate()
        printed, logged = self.process.communicate(timeout=STOP_S_MAX)
        return self.process.returncode, printed, logged


@contextmanager
def exchange_process(folder: Path, *arguments: str) -> Iterator[ExchangeProcess]:
    """An exchange on a free port of 127.0.0.1; killed at the end if it still runs."""
    ready_file = folder / "ready.json"
    command = [*PITWIRE, "exchange", "--ws-port", "0", "--http-port", "0", "--ready-file", str(ready_file), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            yield ExchangeProcess(process, wait_until_ready(process, ready_file))
        finally:
            process.kill()


def wait_until_ready(process: "subprocess.Popen[str]", ready_file: Path) -> dict[str, object]:
    """The ready file's content, as soon as it is there; a failed test when the process ends or takes too long."""
    for _ in range(READY_S_MAX * 50):
        if ready_file.exists():
            ready: dict[str, object] = json.loads(ready_file.read_text())
            return ready
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the exchange ended with code {process.returncode}: {process.communicate()}")
    pytest.fail(f"the exchange was not ready after {READY_S_MAX} s")
