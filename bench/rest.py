"""REST requests through one exchange process, beside the same over WebSocket: requests a second, and CPU for each.

    python -m bench.rest [--json] [--requests N] [--connections N] [--rounds N]

Starts `pitwire exchange` with a log on disk and the rate limits off. Every connection is kept alive and has one
request in flight: `GET /api/v3/ping`, and `POST /api/v3/order` with HMAC signatures, acknowledged only after the log's
fdatasync. Over WebSocket as many requests are in flight, on two connections. The client is a bare socket, so that what
is measured is the exchange.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, cast
from urllib.parse import urlsplit

from bench.bare import use_fast_loop
from bench.orders import cpu_s, exchange, measure
from bench.reference import reference_us
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

PING = b"GET /api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n"
ORDER = (
    "symbol=BTCUSDT&side=%s&type=LIMIT&timeInForce=GTC&quantity=0.001&price=20000&newOrderRespType=RESULT&timestamp=%d"
)
KEYS = [
    next(key for key in DEVELOPMENT_KEYS if key.name == name and key.kind == "HMAC").signing_key()
    for name in ("alice", "bob")
]


def order(number: int) -> bytes:
    """What one account buys the other sells."""
    key = KEYS[number % 2]
    text = ORDER % ("SELL" if number % 2 else "BUY", time.time_ns() // 1_000_000)
    return (
        f"POST /api/v3/order?{text}&signature={key.sign(text.encode())} HTTP/1.1\r\n"
        f"Host: x\r\nX-MBX-APIKEY: {key.api_key}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


class Lane(asyncio.Protocol):
    """One connection, one request in flight."""

    def __init__(self, requests: int, request: Callable[[int], bytes]) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._left = requests
        self._request = request
        self._got = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request(self._left))

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.split(b"content-length: ")[1].split(b"\r\n", 1)[0]):
            return
        if not head.startswith(b"HTTP/1.1 200 "):
            self.done.set_exception(RuntimeError(self._got.decode()))
            return
        self._got = b""
        self._left -= 1
        if self._left:
            self._transport.write(self._request(self._left))
        else:
            self.done.set_result(None)
            self._transport.close()


async def load(http: str, pid: int, requests: int, connections: int, request: Callable[[int], bytes]) -> dict[str, Any]:
    """Requests a second, and the exchange's CPU for each."""
    address = urlsplit(http)
    each = requests // connections
    loop = asyncio.get_running_loop()
    start_s, start_cpu = time.perf_counter(), cpu_s(pid)
    lanes = [
        (await loop.create_connection(lambda: Lane(each, request), address.hostname, address.port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(lane.done for lane in lanes))
    done = each * connections
    used_us = (cpu_s(pid) - start_cpu) / done * 1e6
    return {
        "requests_per_second": done / (time.perf_counter() - start_s),
        "exchange_cpu_us": used_us,
        "ratio_to_reference": used_us / reference_us(),
    }


async def rest(http: str, pid: int, options: argparse.Namespace) -> dict[str, Any]:
    """The medians of all rounds, for both kinds of request."""
    report: dict[str, Any] = {}
    kinds: dict[str, Callable[[int], bytes]] = {"ping": lambda _: PING, "order": order}
    for name, request in kinds.items():
        rounds = [await load(http, pid, options.requests, options.connections, request) for _ in range(options.rounds)]
        report[name] = {figure: median(each[figure] for each in rounds) for figure in rounds[0]}
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--requests", type=int, default=5000, help="requests a round (default 5000)")
    parser.add_argument("--connections", type=int, default=20, help="connections, one request each (default 20)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median is printed (default 3)")
    options = parser.parse_args()
    loop = use_fast_loop()
    with tempfile.TemporaryDirectory() as name, exchange(Path(name)) as (url, pid):
        http = json.loads((Path(name) / "ready.json").read_text())["http"]
        report = asyncio.run(rest(http, pid, options))
        beside = asyncio.run(measure(url, pid, options.requests, options.connections, options.rounds))
    report |= {"websocket_orders_per_second": beside["orders_per_second"], "loop": loop}
    if options.json:
        print(json.dumps(report))
        return
    print(f"REST through one exchange process ({loop}, {options.connections} connections, medians)")
    for name in ("ping", "order"):
        found = report[name]
        print(f"  {name:<26}{found['requests_per_second']:10.0f} requests/s")
        print(f"    exchange CPU            {found['exchange_cpu_us']:10.1f} us")
        print(f"      times the reference   {found['ratio_to_reference']:10.1f}")
    print(f"  orders over WebSocket     {beside['orders_per_second']:10.0f} requests/s")
    print(f"    exchange CPU            {beside['exchange_cpu_us_per_order']:10.1f} us")


if __name__ == "__main__":
    main()
