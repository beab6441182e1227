"""SIGKILL in the middle of a stream of orders: what was acknowledged is there after the restart, every time."""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.exchange.engine.digest import event_digest
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.log.file import FileLog
from pitwire.exchange.log.state import State, recover
from pitwire.exchange.messages import OrderOpened, Outcome
from pitwire.market.enums import TimeUnit
from pitwire.protocol.signing import KeyKind, payload

EXCHANGE = """
import asyncio, sys
from pathlib import Path
from msgspec.structs import replace
from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.configuration import Configuration
from pitwire.exchange.defaults import SYMBOLS
from pitwire.market.enums import SelfTradePrevention

NONE = SelfTradePrevention.NONE  # one account trades with itself here
SYMBOLS = tuple(
    replace(each, default_self_trade_prevention=NONE, allowed_self_trade_prevention=(NONE,)) for each in SYMBOLS
)

async def main():
    configuration = Configuration(symbols=SYMBOLS)
    directory = Path(sys.argv[1])
    settings = Settings(
        ws_port=0, data_dir=directory, limits=False, snapshot_every=300, configuration=configuration
    )
    async with Exchange.start(settings) as exchange:
        print(exchange.ws_url, flush=True)
        await exchange.failed.wait()

asyncio.run(main())
"""
IN_FLIGHT = 100
DEADLINE_S = 30.0


@contextmanager
def running_exchange(data_dir: Path) -> Iterator[tuple[Popen[str], str]]:
    """An exchange in a process of its own, and its URL. It is killed in the end, if it still lives."""
    with Popen([sys.executable, "-c", EXCHANGE, str(data_dir)], stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("ws://"), "the exchange did not start: see its traceback above"
            yield process, url
        finally:
            process.kill()


class Trader(WSListener):  # type: ignore[misc]
    """Keeps `IN_FLIGHT` orders under way over one connection, and notes what the exchange acknowledges."""

    def __init__(self, name: str, kill_after: int, process: Popen[str]) -> None:
        self.name = name
        self.kill_after = kill_after
        self.process = process
        self.sent = 0
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.refused: list[dict[str, Any]] = []
        self.gone = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        key = next(key for key in DEVELOPMENT_KEYS if key.account == 1 and key.kind is KeyKind.ED25519)
        params: dict[str, Any] = {"apiKey": key.api_key, "timestamp": time.time_ns() // 1_000_000}
        signature = key.signing_key().sign(payload({name: str(value) for name, value in params.items()}))
        self.send("session.logon", params | {"signature": signature}, "logon")

    def send(self, method: str, params: dict[str, Any], request_id: str) -> None:
        request = {"id": request_id, "method": method, "params": params}
        self.transport.send(WSMsgType.TEXT, json.dumps(request).encode())

    def place(self) -> None:
        self.sent += 1
        # Buyers and sellers around one price: orders rest, match and fill, and fewer than 200 are ever open.
        side = ("BUY", "SELL")[self.sent % 2]
        params = {
            "symbol": "BTCUSDT",
            "side": side,
            "type": "LIMIT",
            "timeInForce": "GTC",
            "price": f"{50_000 + random.randrange(20) - (15 if side == 'SELL' else 0)}.00",
            "quantity": "0.00100",
            "newClientOrderId": f"{self.name}-{self.sent}",
            "timestamp": time.time_ns() // 1_000_000,
        }
        self.send("order.place", params, str(params["newClientOrderId"]))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        answer = json.loads(frame.get_payload_as_bytes())
        if answer["status"] != 200:
            self.refused.append(answer)
            os.kill(self.process.pid, signal.SIGKILL)
        elif answer["id"] == "logon":
            for _ in range(IN_FLIGHT):
                self.place()
        else:
            self.acknowledged[answer["id"]] = answer["result"]
            if len(self.acknowledged) == self.kill_after:
                os.kill(self.process.pid, signal.SIGKILL)
            elif len(self.acknowledged) < self.kill_after:
                self.place()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.gone.set_result(None)


async def traded(process: Popen[str], url: str, name: str, kill_after: int) -> Trader:
    """Trade until the exchange is killed, which happens at the `kill_after`-th acknowledged order."""
    _, trader = await ws_connect(lambda: Trader(name, kill_after, process), url)
    assert isinstance(trader, Trader)
    await asyncio.wait_for(trader.gone, DEADLINE_S)
    assert trader.refused == []
    assert len(trader.acknowledged) >= kill_after
    return trader


def remove_snapshots(data_dir: Path) -> None:
    for snapshot in data_dir.glob("*.snapshot"):
        snapshot.unlink()


def replayed(data_dir: Path) -> list[Outcome]:
    """Every outcome of the whole log, from its first record."""
    log = FileLog(data_dir)
    try:
        engine = Engine()
        return [Outcome(record, engine.apply(record)) for record in log.replay(0)]
    finally:
        log.close()


async def test_every_acknowledged_order_survives_sigkill_and_replays_are_identical(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    random.seed(seed)
    acknowledged: dict[str, dict[str, Any]] = {}
    for life in range(3):
        with running_exchange(tmp_path) as (process, url):
            trader = await traded(process, url, f"life{life}", random.randrange(1, 1_000))
        acknowledged |= trader.acknowledged

    outcomes = replayed(tmp_path)
    opened = {
        event.order.client_order_id: event.order
        for outcome in outcomes
        for event in outcome.events
        if isinstance(event, OrderOpened)
    }
    for client_order_id, result in acknowledged.items():
        assert client_order_id in opened, f"{client_order_id} was acknowledged and is lost"
        assert opened[client_order_id].order_id == result["orderId"]
        assert opened[client_order_id].created_us // 1_000 == result["transactTime"]
    assert event_digest(outcomes) == event_digest(replayed(tmp_path))


async def test_a_snapshot_with_what_came_after_it_is_the_state_of_the_whole_log(tmp_path: Path) -> None:
    with running_exchange(tmp_path) as (process, url):
        await traded(process, url, "x", 900)
    log = FileLog(tmp_path)
    archive = SqliteArchive(tmp_path)
    short_cut = recover(log, archive)
    # A snapshot every 300 records, and the one that was being written when the exchange was killed may be lost.
    assert 0 < short_cut.recovered.replayed < 700 < 900 < short_cut.recovered.sequence
    remove_snapshots(tmp_path)
    whole = recover(log, SqliteArchive(None))
    log.close()
    assert whole.recovered.replayed == whole.recovered.sequence == short_cut.recovered.sequence
    assert short_cut.engine.snapshot() == whole.engine.snapshot()
    assert short_cut.projections.snapshot() == whole.projections.snapshot()
    assert all(len(found) > 800 for found in history(short_cut))
    assert history(short_cut) == history(whole)
    archive.close()


def history(state: State) -> list[list[dict[str, Any]]]:
    """The newest and the oldest of alice's orders, and of her trades."""
    orders, unit = state.projections.orders, TimeUnit.MICROSECOND
    return [
        orders.all(1, "BTCUSDT", None, None, None, 1_000, unit),
        orders.trades(1, "BTCUSDT", None, None, None, None, 1_000, unit),
        orders.all(1, "BTCUSDT", 1, None, None, 1_000, unit),
        orders.trades(1, "BTCUSDT", None, None, None, 1, 1_000, unit),
    ]
