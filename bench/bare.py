"""The yardstick: a picows loop with nothing around it, as server and as client.

The server answers every text frame with a canned `ping` response that carries the request's id, and a limit so high
that the client's governor counts but never waits; it runs in a
process of its own, so that what is measured is the client. Both clients, the bare one and pitwire's, talk to this
same server with frames of the same kind.
"""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect, ws_create_server

REQUEST = b'{"id":%d,"method":"ping"}'
RESPONSE = (
    b'{"id":%b,"status":200,"result":{},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE",'
    b'"intervalNum":1,"limit":1000000000,"count":1}]}'
)


def use_fast_loop() -> str:
    """Install uvloop where there is one; the name of the loop in use."""
    try:
        import uvloop
    except ImportError:
        return "asyncio"
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    return "uvloop"


def allow_descriptors(count: int) -> None:
    """Let this process have so many open files, or as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (count if hard == resource.RLIM_INFINITY else min(count, hard), hard)
        )


class _Responder(WSListener):  # type: ignore[misc]
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            payload = frame.get_payload_as_bytes()
            transport.send(WSMsgType.TEXT, RESPONSE % payload[6 : payload.find(b",", 6)])
        elif frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()


def _serve(ready: Connection) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        server = await ws_create_server(lambda _: _Responder(), "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()

    use_fast_loop()
    asyncio.run(main())


@contextmanager
def responder() -> Iterator[str]:
    """A bare picows server in a process of its own; yields its URL."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        if not here.poll(20):
            raise RuntimeError("the bare picows server did not start within 20 s")
        yield f"ws://127.0.0.1:{here.recv()}/ws-api/v3"
    finally:
        if process.pid is not None:
            os.kill(process.pid, signal.SIGTERM)
        process.join(10)


class BareClient(WSListener):  # type: ignore[misc]
    """Sends a frame, wakes who waits when one comes back: no ids matched, nothing decoded."""

    def __init__(self) -> None:
        self.waiters: list[asyncio.Future[None]] = []
        self.loop = asyncio.get_running_loop()
        self.sent = 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            frame.get_payload_as_bytes()
            self.waiters.pop(0).set_result(None)

    def ping(self) -> "asyncio.Future[None]":
        future = self.loop.create_future()
        self.waiters.append(future)
        self.sent += 1
        self.transport.send(WSMsgType.TEXT, REQUEST % self.sent)
        return future

    def close(self) -> None:
        self.transport.disconnect()


async def connect_bare(url: str) -> BareClient:
    _, client = await ws_connect(BareClient, url)
    return client  # type: ignore[no-any-return]


if __name__ == "__main__":
    sys.exit("this is the yardstick of the other benchmarks: run `make bench`")
