"""Market streams in the client: messages a second and CPU for each, beside a bare picows loop on the same bytes.

    python -m bench.streams [--json] [--rounds N] [--messages N]

A picows server in a process of its own writes `bookTicker` messages, or `depth` messages with 20 + 20 levels, as fast
as they are read. Typed is what an application does: `async for` over a subscription, all numbers as Decimals. Of a
depth message the levels are not read ("depth"), or all of them are ("depth, levels read"). Runs are interleaved, and
the medians compared; the CPU is that of the client's process.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect, ws_create_server

import pitwire
from bench.bare import use_fast_loop
from pitwire.protocol.frames import text_frame

LEVELS = 20
IN_ONE_WRITE = 64
NAMES = {"bookTicker": "btcusdt@bookTicker", "depth": "btcusdt@depth@100ms"}


def message(kind: str, number: int) -> bytes:
    """As the exchange sends it, numbers of their usual lengths."""
    if kind == "bookTicker":
        data = (
            b'{"u":%d,"s":"BTCUSDT","b":"50000.12000000","B":"1.23450000","a":"50000.13000000","A":"0.54321000"}'
            % number
        )
    else:
        levels = b",".join(b'["%d.12000000","1.23450000"]' % (50_000 + level) for level in range(LEVELS))
        data = b'{"e":"depthUpdate","E":1700000000000,"s":"BTCUSDT","U":%d,"u":%d,"b":[%b],"a":[%b]}'
        data %= (number, number, levels, levels)
    return b'{"stream":"%b","data":%b}' % (NAMES[kind].encode(), data)


class _Source(WSListener):  # type: ignore[misc]
    """Answers each command. To a subscription it writes so many messages, at the pace of the reader."""

    def __init__(self, messages: int) -> None:
        self._messages = messages
        self._writable = asyncio.Event()
        self._writable.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT:
            command = json.loads(frame.get_payload_as_bytes())
            transport.send(WSMsgType.TEXT, json.dumps({"result": None, "id": command["id"]}).encode())
            if command["method"] == "UNSUBSCRIBE":
                return
            for name in command.get("params", ()):
                kind = next((kind for kind, each in NAMES.items() if each == name), None)
                if kind is not None:
                    task = asyncio.ensure_future(self._flood(transport, kind))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    async def _flood(self, transport: WSTransport, kind: str) -> None:
        for begin in range(1, self._messages + 1, IN_ONE_WRITE):
            await self._writable.wait()
            if transport.underlying_transport.is_closing():
                return
            end = min(begin + IN_ONE_WRITE, self._messages + 1)
            pieces = [text_frame(message(kind, number)) for number in range(begin, end)]
            transport.underlying_transport.write(b"".join(pieces))
            await asyncio.sleep(0)


def _serve(ready: Connection, messages: int) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        server = await ws_create_server(lambda _: _Source(messages), "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()

    use_fast_loop()
    asyncio.run(main())


@contextmanager
def source(messages: int) -> Iterator[str]:
    """The server, which sends so many messages to each subscription; yields its URL."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, messages), daemon=True)
    process.start()
    try:
        if not here.poll(20):
            raise RuntimeError("the source of messages did not start within 20 s")
        yield f"ws://127.0.0.1:{here.recv()}"
    finally:
        if process.pid is not None:
            os.kill(process.pid, signal.SIGTERM)
        process.join(10)


class _Bare(WSListener):  # type: ignore[misc]
    """Takes the bytes of each message, and does nothing with them."""

    def __init__(self, messages: int) -> None:
        self._left = messages
        self.done = asyncio.get_running_loop().create_future()
        self.begun: tuple[float, float] | None = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            frame.get_payload_as_bytes()
            if self.begun is None:
                self.begun = time.perf_counter(), time.process_time()
            self._left -= 1
            if self._left == 0:
                self.done.set_result(None)
                transport.disconnect(graceful=False)


async def bare(url: str, kind: str, messages: int) -> tuple[float, float]:
    """Seconds and CPU seconds for so many messages."""
    transport, listener = await ws_connect(lambda: _Bare(messages), f"{url}/stream")
    command = {"method": "SUBSCRIBE", "params": [NAMES[kind]], "id": 1}
    transport.send(WSMsgType.TEXT, json.dumps(command).encode())
    await listener.done
    return time.perf_counter() - listener.begun[0], time.process_time() - listener.begun[1]


@asynccontextmanager
async def subscribed(url: str, kind: str) -> AsyncIterator[pitwire.Subscription[Any]]:
    bounds = {"queue_bytes_max": 1 << 30, "queue_events_max": 10_000_000}
    async with pitwire.streams(url) as streams, streams.subscribe(NAMES[kind], **bounds) as subscription:
        yield subscription


async def typed(url: str, kind: str, messages: int, *, read: bool = False) -> tuple[float, float]:
    """The same with typed events; a gap ends it."""
    async with subscribed(url, kind) as events:
        begun = time.perf_counter(), time.process_time()
        left = messages
        async for event in events:
            if isinstance(event, pitwire.StreamGap):
                raise RuntimeError(f"{event}")
            if read:
                _ = event.bids, event.asks
            left -= 1
            if left == 0:
                break
        return time.perf_counter() - begun[0], time.process_time() - begun[1]


Run = Callable[[str, int], Awaitable[tuple[float, float]]]
RUNS: dict[str, tuple[Run, Run]] = {
    "bookTicker": (
        lambda url, count: bare(url, "bookTicker", count),
        lambda url, count: typed(url, "bookTicker", count),
    ),
    "depth": (lambda url, count: bare(url, "depth", count), lambda url, count: typed(url, "depth", count)),
    "depth, levels read": (
        lambda url, count: bare(url, "depth", count),
        lambda url, count: typed(url, "depth", count, read=True),
    ),
}


async def measure(url: str, rounds: int, messages: int) -> dict[str, Any]:
    samples: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for number in range(rounds + 1):
        for name, both in RUNS.items():
            for who, run in zip(("bare", "pitwire"), both, strict=True):
                took = await run(url, messages)
                if number:  # the first warms up
                    samples.setdefault(name, {}).setdefault(who, []).append(took)
    rows = {}
    for name, each in samples.items():
        rows[name] = {
            who: {
                "messages_per_second": messages / median(took for took, _ in runs),
                "cpu_us": median(used for _, used in runs) / messages * 1e6,
            }
            for who, runs in each.items()
        }
    return {"rows": rows, "rounds": rounds, "messages": messages}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--messages", type=int, default=100_000, help="messages a run (default 100000)")
    options = parser.parse_args()
    loop = use_fast_loop()
    with source(options.messages) as url:
        report = asyncio.run(measure(url, options.rounds, options.messages)) | {"loop": loop}
    if options.json:
        print(json.dumps(report))
        return
    print(f"market streams in the client ({loop}, medians of {options.rounds} interleaved rounds)")
    for name, row in report["rows"].items():
        bare_row, ours = row["bare"], row["pitwire"]
        print(
            f"  {name:20} bare {bare_row['cpu_us']:6.2f} us CPU each   pitwire {ours['cpu_us']:6.2f} us"
            f"   ratio {ours['cpu_us'] / bare_row['cpu_us']:5.2f}   {ours['messages_per_second']:9.0f} messages/s"
        )


if __name__ == "__main__":
    sys.exit(main())
