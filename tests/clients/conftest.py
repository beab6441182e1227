"""A real exchange process for clients that others wrote, the published keys, and somebody to trade with."""

import hashlib
import hmac
import json
import os
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.exercised import Exercised

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PITWIRE = os.environ.get("PITWIRE", str(REPOSITORY / ".venv" / "bin" / "pitwire"))
"""The exchange has an environment of its own, so that no client can have a say in what it runs on."""
READY_S_MAX = 30
QUIET = "LTCUSDT"
"""Nobody moves it; `bob` bids 99 and asks 101."""

Keys = dict[tuple[str, str], dict[str, str]]
EXERCISED = Exercised()


class Venue:
    """The exchange: where it is served, and what its operator and bob may do."""

    def __init__(self, ready: dict[str, Any], bob: dict[str, str]) -> None:
        self.ws: str = ready["ws"]
        self.http: str = ready["http"]
        self._token = ready["control_token"]
        self._bob = bob

    def control(self, path: str, body: dict[str, Any]) -> Any:
        """What its operator asks for."""
        return self._ask("POST", f"/control{path}", json.dumps(body), {"Authorization": f"Bearer {self._token}"})

    def bob(self, side: str, price: str, quantity: str, symbol: str = QUIET) -> dict[str, Any]:
        """A limit order of somebody else."""
        params = {"symbol": symbol, "side": side, "type": "LIMIT", "timeInForce": "GTC"}
        stamped = params | {"price": price, "quantity": quantity, "timestamp": str(int(time.time() * 1000))}
        query = urllib.parse.urlencode(stamped)
        signature = hmac.new(self._bob["secretKey"].encode(), query.encode(), hashlib.sha256).hexdigest()
        headers = {"X-MBX-APIKEY": self._bob["apiKey"]}
        placed: dict[str, Any] = self._ask("POST", f"/api/v3/order?{query}&signature={signature}", None, headers)
        return placed

    def _ask(self, verb: str, target: str, body: str | None, headers: dict[str, str]) -> Any:
        data = None if body is None else body.encode()
        sent = {**headers, "Content-Type": "application/json"} if body else headers
        request = urllib.request.Request(self.http + target, data, sent, method=verb)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def keys() -> Keys:
    """What `pitwire keys --json` prints, by account and key type."""
    printed = subprocess.run([PITWIRE, "keys", "--json"], check=True, capture_output=True, timeout=READY_S_MAX)
    return {(key["account"], key["keyType"]): key for key in json.loads(printed.stdout)}


@pytest.fixture(scope="session")
def venue(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Venue]:
    """A `pitwire exchange` process on free ports of 127.0.0.1, with a synthetic market, and bob's quotes on `QUIET`."""
    ready = tmp_path_factory.mktemp("exchange") / "ready.json"
    # Without rate limits: in a minute a run places more orders than an account may.
    command = [PITWIRE, "exchange", "--ws-port", "0", "--http-port", "0", "--ephemeral", "--limits", "off"]
    options = ["--ready-file", str(ready), "--config", str(Path(__file__).with_name("exchange.toml"))]
    with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL) as process:
        try:
            venue = Venue(wait_until_ready(process, ready), keys["bob", "HMAC"])
            venue.bob("SELL", "101", "5000")
            venue.bob("BUY", "99", "5000")
            yield venue
        finally:
            process.terminate()
            process.wait(READY_S_MAX)


@pytest.fixture(scope="session")
def exchange_url(venue: Venue) -> str:
    """The WebSocket API's URL."""
    return venue.ws + "/ws-api/v3"


def wait_until_ready(process: "subprocess.Popen[bytes]", ready: Path) -> dict[str, Any]:
    """The ready file's content, as soon as the exchange says that it serves."""
    while not ready.exists():
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the exchange ended with code {process.returncode} before it was ready")
    content: dict[str, Any] = json.loads(ready.read_text())
    return content


@pytest.fixture(scope="session")
def exercised() -> Exercised:
    """Where is noted which method has answered."""
    return EXERCISED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Any:
    report = yield
    if report.when == "call":
        EXERCISED.test_ended(passed=report.passed)
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    EXERCISED.save(REPOSITORY / "build" / "clients.json")
