"""Market streams of one exchange process to many receivers: messages a second, and the exchange's CPU for each.

    python -m bench.fanout [--json] [--receivers N[,N...]] [--seconds S]

Starts `pitwire exchange` with a log on disk and the rate limits off. Two accounts trade with each other, so that every
order changes the best ask. The receivers, bare picows ones in this process, listen to `bookTicker`, which tells of each
change, or to `depth@100ms`, ten times a second. The CPU is measured at a steady pace of few orders, and that of the
orders themselves, at the same pace without receivers, is taken off: with one receiver little but noise is left. How
many messages a second it can be is measured with as many orders as go through. A run counts once every receiver has got
the last message, and all have got the same number.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

import pitwire
from bench.bare import allow_descriptors, use_fast_loop
from bench.orders import exchange, place
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

STREAMS = ("btcusdt@bookTicker", "btcusdt@depth@100ms")
IN_FLIGHT = 4
DESCRIPTORS_BESIDE = 100
CONNECTING_AT_ONCE = 50
WARM_UP_ORDERS = 500
PAIRS_PER_S = 10
"""The steady pace: two orders each."""
ARRIVE_S_MAX = 30.0


def cpu_s(pid: int) -> float:
    """CPU of all threads of a process so far, to the nanosecond (Linux)."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


Traders = tuple[pitwire.Client, pitwire.Client]


class Receiver(WSListener):  # type: ignore[misc]
    """Counts messages, and keeps the last."""

    def __init__(self) -> None:
        self.messages = 0
        self.last = b""

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            self.messages += 1
            self.last = frame.get_payload_as_bytes()

    @property
    def update_id(self) -> int:
        """`u` of the last message; 0 before any."""
        return int(json.loads(self.last)["u"]) if self.last else 0


@asynccontextmanager
async def receivers(url: str, count: int) -> AsyncIterator[list[Receiver]]:
    """So many receivers of one stream."""
    listening: list[Receiver] = []
    while len(listening) < count:
        some = min(CONNECTING_AT_ONCE, count - len(listening))
        connected = await asyncio.gather(*(ws_connect(Receiver, url) for _ in range(some)))
        listening += [listener for _, listener in connected]
    try:
        yield listening
    finally:
        for each in listening:
            each.transport.disconnect()
        await asyncio.gather(*(each.transport.wait_disconnected() for each in listening))


async def trade(traders: Traders, seconds: float, *, steadily: bool) -> int:
    """Orders in pairs: at the steady pace, or `IN_FLIGHT` of them under way. How many it were."""
    done = 0
    until_s = time.perf_counter() + seconds

    async def lane() -> None:
        nonlocal done
        while (begun_s := time.perf_counter()) < until_s:
            for number in range(2):
                await place(traders, number)
            done += 2
            if steadily:
                await asyncio.sleep(max(0.0, begun_s + 1 / PAIRS_PER_S - time.perf_counter()))

    await asyncio.gather(*(lane() for _ in range(1 if steadily else IN_FLIGHT // 2)))
    return done


async def arrived(listening: list[Receiver]) -> int:
    """Wait until everybody has the same last update, which is older than two windows; its id."""
    deadline_s = time.perf_counter() + ARRIVE_S_MAX
    newest, since_s = 0, time.perf_counter()
    while True:
        await asyncio.sleep(0.02)
        now_s = time.perf_counter()
        update_ids = {each.update_id for each in listening}
        if max(update_ids) != newest:
            newest, since_s = max(update_ids), now_s
        elif len(update_ids) == 1 and now_s - since_s > 0.3:
            return newest
        if now_s > deadline_s:
            raise RuntimeError(f"after {ARRIVE_S_MAX} s the receivers stand at {len(update_ids)} different updates")


async def measure(url: str, pid: int, counts: list[int], seconds: float) -> dict[str, Any]:
    alice, bob = (
        next(key for key in DEVELOPMENT_KEYS if key.name == name and key.kind == "ED25519").signing_key()
        for name in ("alice", "bob")
    )
    base = url.removesuffix("/ws-api/v3")
    rows: list[dict[str, Any]] = []
    async with AsyncExitStack() as stack:
        traders = (
            await stack.enter_async_context(pitwire.connect(url, key=alice)),
            await stack.enter_async_context(pitwire.connect(url, key=bob)),
        )
        for number in range(WARM_UP_ORDERS):
            await place(traders, number)
        start_cpu = cpu_s(pid)
        orders = await trade(traders, seconds, steadily=True)
        order_cpu = (cpu_s(pid) - start_cpu) / orders
        for name in STREAMS:
            for count in counts:
                async with receivers(f"{base}/ws/{name}", count) as listening:
                    start_cpu = cpu_s(pid)
                    orders = await trade(traders, seconds, steadily=True)
                    await arrived(listening)
                    used_s = cpu_s(pid) - start_cpu - orders * order_cpu
                    steady_messages = sum(each.messages for each in listening)
                    start_s = time.perf_counter()
                    orders = await trade(traders, seconds, steadily=False)
                    took_s = time.perf_counter() - start_s
                    await arrived(listening)
                    if len({each.messages for each in listening}) != 1:
                        raise RuntimeError("not everybody got the same messages")
                    messages = sum(each.messages for each in listening) - steady_messages
                rows.append(
                    {
                        "stream": name,
                        "receivers": count,
                        "cpu_us_per_message": max(0.0, used_s) / steady_messages * 1e6,
                        "messages_per_second": messages / took_s,
                        "orders_per_second": orders / took_s,
                    }
                )
    return {"cpu_us_per_order": order_cpu * 1e6, "seconds": seconds, "rows": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--receivers", default="1,100,1000", help="how many listen (default 1,100,1000)")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each run trades (default 5)")
    options = parser.parse_args()
    loop = use_fast_loop()
    counts = [int(count) for count in options.receivers.split(",")]
    allow_descriptors(max(counts) + DESCRIPTORS_BESIDE)
    with tempfile.TemporaryDirectory() as name, exchange(Path(name)) as (url, pid):
        report = asyncio.run(measure(url, pid, counts, options.seconds)) | {"loop": loop}
    if options.json:
        print(json.dumps(report))
        return
    print(f"market streams to many receivers ({loop}, {options.seconds:.0f} s of trading each)")
    for row in report["rows"]:
        print(
            f"  {row['stream']:20} {row['receivers']:5} receivers {row['cpu_us_per_message']:7.1f} us CPU a message,"
            f" {row['messages_per_second']:8.0f} messages/s beside {row['orders_per_second']:5.0f} orders/s"
        )


if __name__ == "__main__":
    main()
