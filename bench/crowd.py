"""A crowd on the market streams, half of which does not read: what the others lose, and what memory it costs.

    python -m bench.crowd [--json] [--connections N] [--seconds S]

Starts `pitwire exchange` with the synthetic market, and connects to it N times, each time to 20 streams. Every second
connection stops reading at once. The others check that nothing is missing: that each depth event follows on the one
before, and that trades are numbered without a gap. The exchange's memory is looked at all the while.
"""

import argparse
import asyncio
import json
import os
import socket
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSParsedURL, WSTransport, ws_connect

from bench.bare import allow_descriptors, use_fast_loop
from bench.orders import cpu_s, exchange
from pitwire.exchange.gateway.stream_connection import KERNEL_BYTES, STREAM_UNREAD_BYTES_MAX

SYMBOLS = ("bnbusdt", "btcusdc", "ethbtc", "bnbbtc")
STREAMS = tuple(
    f"{symbol}@{form}"
    for symbol, form in product(SYMBOLS, ("depth@100ms", "depth20@100ms", "trade", "ticker", "kline_1m"))
)
SMALL_BUFFER_BYTES = 4096
CONNECTING_AT_ONCE = 20
LOOK_EVERY_S = 0.25
DESCRIPTORS_BESIDE = 100


class Member(WSListener):  # type: ignore[misc]
    """One connection. A slow one never reads; another counts its messages, and those that do not follow on."""

    def __init__(self, *, slow: bool) -> None:
        self.slow = slow
        self.messages = 0
        self.gaps = 0
        self.cut_off = False
        self._last: dict[bytes, int] = {}

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        if self.slow:
            transport.underlying_transport.pause_reading()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.TEXT:
            self.messages += 1
            message = frame.get_payload_as_bytes()
            name = message[11 : message.index(b'"', 11)]
            if name.endswith(b"@depth@100ms"):
                self._follow(name, _number(message, b'"U":'), _number(message, b'"u":'))
            elif name.endswith(b"@trade"):
                number = _number(message, b'"t":')
                self._follow(name, number, number)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.cut_off = True

    def _follow(self, name: bytes, first: int, last: int) -> None:
        before = self._last.get(name)
        if before is not None and first != before + 1:
            self.gaps += 1
        self._last[name] = last


def _number(message: bytes, field: bytes) -> int:
    start = message.index(field) + len(field)
    return int(message[start : message.index(b",", start)])


def _small_socket(url: WSParsedURL) -> socket.socket:
    """Little of what is sent waits on the receiver's side."""
    connected = socket.socket()
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
    connected.connect((url.host, url.port))
    connected.setblocking(False)
    return connected


def memory_bytes(pid: int) -> int:
    """What a process has in memory (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _join(url: str, *, slow: bool) -> Member:
    _, member = await ws_connect(lambda: Member(slow=slow), url, socket_factory=_small_socket if slow else None)
    return member  # type: ignore[no-any-return]


def _unread(pid: int, port: int) -> int:
    """How many of the exchange's connections on a port are still there (Linux)."""
    here = f":{port:04X}"
    rows = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return sum(row.split()[1].endswith(here) and row.split()[3] == "01" for row in rows)


async def measure(url: str, pid: int, connections: int, seconds: float) -> dict[str, Any]:
    base = url.removesuffix("/ws-api/v3")
    port = int(base.rpartition(":")[2])
    target = f"{base}/stream?streams={'/'.join(STREAMS)}"
    alone = memory_bytes(pid)
    members: list[Member] = []
    while len(members) < connections:
        some = range(len(members), min(len(members) + CONNECTING_AT_ONCE, connections))
        members += await asyncio.gather(*(_join(target, slow=bool(number % 2)) for number in some))
    fast = [each for each in members if not each.slow]
    slow = [each for each in members if each.slow]
    start_s, start_cpu, peak = time.perf_counter(), cpu_s(pid), 0
    seen = sum(each.messages for each in fast)
    while time.perf_counter() - start_s < seconds:
        await asyncio.sleep(LOOK_EVERY_S)
        peak = max(peak, memory_bytes(pid))
    took_s, used_s = time.perf_counter() - start_s, cpu_s(pid) - start_cpu
    messages = sum(each.messages for each in fast) - seen
    report = {
        "connections": connections,
        "streams_each": len(STREAMS),
        "seconds": took_s,
        "messages_per_second": messages / took_s,
        "exchange_cpu": used_s / took_s,
        "gaps": sum(each.gaps for each in fast),
        "fast_cut_off": sum(each.cut_off for each in fast),
        "fewest_messages": min(each.messages for each in fast),
        "slow": len(slow),
        "slow_cut_off": connections - _unread(pid, port),
        "memory_before_bytes": alone,
        "memory_peak_bytes": peak,
        "memory_bound_bytes": len(slow) * STREAM_UNREAD_BYTES_MAX,
    }
    for each in members:
        each.transport.disconnect(graceful=False)
    await asyncio.gather(*(each.transport.wait_disconnected() for each in members))
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--connections", type=int, default=1000, help="half of them do not read (default 1000)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it goes on (default 60)")
    options = parser.parse_args()
    loop = use_fast_loop()
    allow_descriptors(options.connections + DESCRIPTORS_BESIDE)
    with tempfile.TemporaryDirectory() as name, exchange(Path(name), "synthetic") as (url, pid):
        report = asyncio.run(measure(url, pid, options.connections, options.seconds)) | {"loop": loop}
    if options.json:
        print(json.dumps(report))
        return
    mib = 1 << 20
    grown = report["memory_peak_bytes"] - report["memory_before_bytes"]
    print(f"{report['connections']} connections to {report['streams_each']} streams each, half do not read ({loop})")
    print(f"  lost by those who read        {report['gaps']:10} messages, {report['fast_cut_off']} of them cut off")
    print(f"  messages to them              {report['messages_per_second']:10.0f} a second")
    print(f"  cut off for not reading       {report['slow_cut_off']:10} of {report['slow']}")
    print(f"  memory grew by at most        {grown / mib:10.0f} MiB")
    print(f"    of which those who do not read may have {report['memory_bound_bytes'] / mib:.0f} MiB")
    print(f"    (beside it, in the kernel, {2 * KERNEL_BYTES // 1024} KiB a connection)")
    print(f"  exchange CPU                  {report['exchange_cpu'] * 100:10.0f} % of a core")


if __name__ == "__main__":
    main()
