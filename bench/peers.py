"""pitwire beside the clients that others wrote, and beside a bare picows loop, in one run against one exchange process.

    python -m bench.peers [--json] [--rounds N] [--only CLIENT[,CLIENT...]] [--python PYTHON] [--markdown]

Starts `pitwire exchange` with its log in memory and the rate limits off. Each client runs in a process of its own on
uvloop, and is measured in its turn, round by round; medians of the rounds are compared. Requests go to the exchange,
one at a time, and 64 in flight: the smallest request that a client offers, and an order that is authenticated in the
best way that it offers. Market events are the exchange's own messages, sent by a bare server as quickly as the client
takes them (bench/firehose.py), so that what is measured is the client. CPU is that of its process, all threads,
by `getrusage`.

The others are installed in an environment of their own: `make bench-peers` makes it. A client that is not there, or
that fails, has a line that says so.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pitwire
from bench.firehose import Firehose, firehose
from bench.orders import exchange
from bench.peer_clients import OURS, PEERS, SYMBOL
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

REPOSITORY = Path(__file__).parents[1]
OTHERS_PYTHON = REPOSITORY / ".venv-clients" / "bin" / "python"
LEVELS = 20
TRIES_MAX = 50
IMPORTS = {
    "bare": "picows",
    "pitwire": "pitwire",
    "python-binance": "binance",
    "binance-sdk-spot": "binance_sdk_spot.spot",
    "ccxt": "ccxt.pro",
    "unicorn": "unicorn_binance_websocket_api",
}
IMPORT = "import time; begin = time.perf_counter(); import {}; print(time.perf_counter() - begin)"

MEASURES = {
    "round_trip_us": "round trip of a request, p50 (us)",
    "requests_per_second": "requests a second, 64 in flight",
    "request_cpu_us": "CPU a request, 64 in flight (us)",
    "order_round_trip_us": "round trip of an order, p50 (us)",
    "order_cpu_us": "CPU an order, 64 in flight (us)",
    "bookTicker_per_second": "bookTicker messages a second",
    "bookTicker_cpu_us": "CPU a bookTicker (us)",
    "bookTicker_numbers_cpu_us": "CPU a bookTicker, its numbers as Decimals (us)",
    "depth_per_second": "depth messages of 20 + 20 levels a second",
    "depth_cpu_us": "CPU a depth message (us)",
    "depth_levels_cpu_us": "CPU a depth message, its levels read (us)",
    "import_s": "import (s)",
}

Samples = dict[str, dict[str, list[float]]]


class ClientFailed(Exception):
    """A client could not be measured; the message says at what."""


class Measured:
    """The process of one client."""

    def __init__(self, name: str, python: Path) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [python, "-m", "bench.peer_worker", name],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.feeds: dict[str, int] = {}
        self.about: dict[str, Any] = {}

    def tell(self, what: str, **terms: Any) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"what": what} | terms) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise ClientFailed(f"{what}: its process has ended") from error

    def heard(self, what: str) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"failed": "its process has ended"}
        if answer == "ready":
            return answer
        if "failed" in answer:
            raise ClientFailed(f"{what}: {answer['failed']}")
        return answer["done"]

    def ask(self, what: str, **terms: Any) -> Any:
        self.tell(what, **terms)
        return self.heard(what)

    def end(self) -> None:
        self._process.kill()  # some clients do not end when they are asked to
        self._process.wait(10)


async def captured(url: str, key: Any) -> tuple[dict[str, bytes], int]:
    """A message of each kind as the exchange sends it, the depth with 20 + 20 levels; and its last update id."""
    from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

    messages: dict[str, bytes] = {}
    came = asyncio.Event()

    class Receiver(WSListener):  # type: ignore[misc]
        def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
            if frame.msg_type is WSMsgType.TEXT:
                message = frame.get_payload_as_bytes()
                data = message[message.index(b'"data":') + 7 : -1]
                event = json.loads(data)
                if "b" in event and isinstance(event["b"], str):
                    messages["bookTicker"] = data
                elif len(event["b"]) == len(event["a"]) == LEVELS:
                    messages["depth"] = data
                came.set()

    streams = url.replace("/ws-api/v3", f"/stream?streams={SYMBOL.lower()}@bookTicker/{SYMBOL.lower()}@depth@100ms")
    transport, _ = await ws_connect(Receiver, streams)
    async with pitwire.connect(url, key=key) as client:
        for attempt in range(TRIES_MAX):
            # All in one window of 100 ms, or it is tried again with all levels changed.
            await asyncio.gather(
                *(
                    client.order_place(
                        symbol=SYMBOL,
                        side=side,
                        type="LIMIT",
                        time_in_force="GTC",
                        quantity=f"0.01{attempt:02}",
                        price=f"{price}.{level:02}",
                    )
                    for level in range(LEVELS)
                    for side, price in (("BUY", 18000), ("SELL", 21000))
                )
            )
            came.clear()
            await came.wait()
            if "depth" in messages and "bookTicker" in messages:
                break
            await client.open_orders_cancel_all(symbol=SYMBOL)
        book = await client.depth(symbol=SYMBOL, limit=5)
    transport.disconnect()
    if len(messages) < 2:
        raise RuntimeError(f"no depth message with {LEVELS} + {LEVELS} levels came in {TRIES_MAX} tries")
    return messages, book.last_update_id


def import_s(name: str, python: Path) -> float:
    """How long an import takes in a new process."""
    code = IMPORT.format(IMPORTS[name])
    return float(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout)


@contextmanager
def started(name: str, python: Path, world: dict[str, Any], hose: Firehose) -> Iterator[Measured]:
    """A client that is connected and listens."""
    client = Measured(name, python)
    try:
        client.about = client.ask("open", world=world)
        for kind in client.about["kinds"]:
            client.ask("listen", kind=kind)
        waiting = list(client.about["kinds"])
        while waiting:  # the connections come in any order
            feed, subscribed = hose.subscribed()
            kind = next((kind for kind in waiting if kind.startswith(subscribed)), subscribed)
            if kind in waiting:
                waiting.remove(kind)
            client.feeds[kind] = feed  # one that subscribes again means the new one
        yield client
    finally:
        client.end()


class Run:
    """Measures clients in turns, and keeps what it measured."""

    def __init__(self, clients: list[Measured], hose: Firehose, first_id: int, options: argparse.Namespace) -> None:
        self.clients = clients
        self.samples: Samples = {client.name: {} for client in clients}
        self.failures: dict[str, list[str]] = {client.name: [] for client in clients}
        self._hose = hose
        self._next_id = {(client.name, kind): first_id for client in clients for kind in client.feeds}
        self._options = options

    def keep(self, client: Measured, **figures: float) -> None:
        for name, value in figures.items():
            self.samples[client.name].setdefault(name, []).append(value)

    def round(self) -> None:
        """Each measure, client by client, so that a slow moment of the machine hits all of them."""
        for measure in (self.requests, self.orders, self.events):
            for client in self.clients:
                if not self.failures[client.name]:
                    try:
                        measure(client)
                    except ClientFailed as failure:
                        self.failures[client.name].append(str(failure))

    def requests(self, client: Measured) -> None:
        one = client.ask("round_trips", call="request", requests=self._options.requests // 4)
        many = client.ask("pipelined", call="request", requests=self._options.requests)
        self.keep(
            client,
            round_trip_us=one["p50_us"],
            requests_per_second=many["per_second"],
            request_cpu_us=many["cpu_us"],
        )

    def orders(self, client: Measured) -> None:
        one = client.ask("round_trips", call="order", requests=self._options.requests // 8)
        many = client.ask("pipelined", call="order", requests=self._options.requests)
        self.keep(client, order_round_trip_us=one["p50_us"], order_cpu_us=many["cpu_us"])

    def events(self, client: Measured) -> None:
        for kind, feed in client.feeds.items():
            count = self._options.events if kind.startswith("bookTicker") else self._options.events // 4
            first_id = self._next_id[client.name, kind]
            self._next_id[client.name, kind] += count
            if client.ask("take", kind=kind, first_id=first_id, count=count) == "ready":
                self._hose.send(feed, first_id, count)
            took = client.heard(f"take {kind}")
            if kind in ("bookTicker", "depth"):
                self.keep(client, **{f"{kind}_per_second": took["per_second"]})
            self.keep(client, **{f"{kind}_cpu_us": took["cpu_us"]})
            if "depth_levels" not in client.feeds and kind == "depth":  # it has read them already
                self.keep(client, depth_levels_cpu_us=took["cpu_us"])


def machine() -> dict[str, Any]:
    """What it ran on, and how busy that was."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": names[0].split(":")[1].strip() if names else platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 1),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    ours, others = Path(sys.executable), Path(options.python)
    keys = {key.kind: key for key in DEVELOPMENT_KEYS if key.name == "alice"}
    printed = subprocess.run([ours, "-m", "pitwire.cli", "keys", "--json"], check=True, capture_output=True)
    published = {key["keyType"]: key for key in json.loads(printed.stdout) if key["account"] == "alice"}
    missing: dict[str, str] = {}
    before = machine()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, _ = stack.enter_context(exchange(directory, durable=False))
        messages, last_id = asyncio.run(captured(url, keys["ED25519"].signing_key()))
        hose = stack.enter_context(firehose(messages))
        world = {
            "api": url,
            "http": json.loads((directory / "ready.json").read_text())["http"],
            "streams": hose.url,
            "keys": published,
            "first_id": last_id + 1,
        }
        clients = []
        for name in options.only.split(","):
            python = ours if name in OURS else others
            try:
                clients.append(stack.enter_context(started(name, python, world, hose)))
            except (OSError, ClientFailed, RuntimeError) as error:
                missing[name] = f"did not start: {error}"
        run = Run(clients, hose, last_id + 1, options)
        for _ in range(options.rounds):
            run.round()
            for client in clients:
                run.keep(client, import_s=import_s(client.name, ours if client.name in OURS else others))
        medians = {
            name: {figure: median(values) for figure, values in figures.items()}
            for name, figures in run.samples.items()
        }
    return {
        "medians": medians,
        "clients": {client.name: client.about for client in clients},
        "failures": missing | {name: failed[0] for name, failed in run.failures.items() if failed},
        "rounds": options.rounds,
        "messages": {kind: len(message) for kind, message in messages.items()},
        "machine": before | {"load_after": machine()["load"]},
    }


def rows(report: dict[str, Any]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each measure: its name, the figures of each client, and their ratios to bare and to pitwire."""
    medians = report["medians"]
    for figure, text in MEASURES.items():
        values = [medians[name].get(figure) for name in medians]
        shown = [
            "-" if value is None else f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}" for value in values
        ]
        ratios = []
        for value in values:
            of = [
                f"{value / base:.2f}"
                for reference in OURS
                if value is not None and (base := medians.get(reference, {}).get(figure))
            ]
            ratios.append(" / ".join(of) or "-")
        yield text, shown, ratios


def show(report: dict[str, Any], *, markdown: bool) -> None:
    clients, where = report["clients"], report["machine"]
    print(
        f"{where['cpu']}, {where['cores']} cores, {where['system']}, load {where['load']} before and "
        f"{where['load_after']} after; uvloop, medians of {report['rounds']} interleaved rounds"
    )
    for name, about in clients.items():
        print(
            f"  {name:18} {about['version']:10} Python {about['python']}, {about['request']}, orders: {about['order']}"
        )
    for name, failure in report["failures"].items():
        print(f"  {name:18} {failure}")
    names = list(report["medians"])
    print()
    if markdown:
        print("| | " + " | ".join(names) + " |\n|---" + "|---:" * len(names) + "|")
    else:
        print(f"{'(below: ratio to bare / to pitwire)':46}" + "".join(f"{name:>18}" for name in names))
    for text, shown, ratios in rows(report):
        if markdown:
            cells = [f"{value} ({ratio})" for value, ratio in zip(shown, ratios, strict=True)]
            print(f"| {text} | " + " | ".join(cells) + " |")
        else:
            print(f"{text:46}" + "".join(f"{value:>18}" for value in shown))
            print(f"{'':46}" + "".join(f"{ratio:>18}" for ratio in ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--requests", type=int, default=4096, help="requests in flight a round (default 4096)")
    parser.add_argument("--events", type=int, default=20_000, help="bookTicker messages a round (default 20000)")
    parser.add_argument("--only", default=",".join(PEERS), help=f"some of {', '.join(PEERS)}")
    parser.add_argument("--python", default=str(OTHERS_PYTHON), help="the Python that has the others' clients")
    options = parser.parse_args()
    report = measure(options)
    if options.json:
        print(json.dumps(report))
    else:
        show(report, markdown=options.markdown)


if __name__ == "__main__":
    main()
