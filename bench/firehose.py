"""Market stream messages as quickly as a receiver takes them: the exchange's own frames, sent by a bare picows server.

A real exchange tells of a change when there is one, so what a receiver costs is hidden behind what the exchange does.
Here a process of its own sends the same two messages again and again, with update ids that go on without a hole, each
chunk as soon as the kernel has taken the one before. Whoever connects subscribes in its usual way, by URL or SUBSCRIBE,
and gets payloads in an envelope or without, as its path says.
"""

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from bench.bare import use_fast_loop

CHUNK_MESSAGES = 64
READY_S_MAX = 20.0
SUBSCRIBED_S_MAX = 20.0

Feed = tuple["_Listener", bytes]
"""Who gets it, and the message with a place for the update id."""


def numbered(message: bytes) -> bytes:
    """A message of `bookTicker` or `depth` as a format, with `%(u)d` for its update ids."""
    escaped = message.replace(b"%", b"%%")
    return re.sub(rb'"([uU])":\d+', rb'"\1":%(u)d', escaped)


def framed(message: bytes) -> bytes:
    """An unmasked text frame (RFC 6455, 5.2)."""
    size = len(message)
    if size < 126:
        return bytes((0x81, size)) + message
    return b"\x81\x7e" + size.to_bytes(2, "big") + message


class _Listener(WSListener):  # type: ignore[misc]
    """A connection, and what it has subscribed to."""

    def __init__(self, server: "_Server", in_envelope: bool, names: list[str]) -> None:
        self.server = server
        self.in_envelope = in_envelope
        self.names = names
        self.writable = asyncio.Event()
        self.writable.set()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        for name in self.names:
            self.server.subscribe(self, name)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT:
            command = json.loads(frame.get_payload_as_bytes())
            transport.send(WSMsgType.TEXT, json.dumps({"result": None, "id": command["id"]}).encode())
            if command["method"] == "SUBSCRIBE":
                for name in command["params"]:
                    self.server.subscribe(self, name)

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()


class _Server:
    """Owns the feeds: one for each subscription, by their number."""

    def __init__(self, messages: dict[str, bytes], pipe: Connection) -> None:
        self.messages = messages
        self.pipe = pipe
        self.feeds: list[Feed] = []

    def accept(self, request: WSUpgradeRequest) -> _Listener:
        path = request.path.decode()
        names = [name for name in re.split(r"[/&?]|streams=|ws/", path) if "@" in name]
        return _Listener(self, path.lstrip("/").startswith("stream"), names)

    def subscribe(self, listener: _Listener, name: str) -> None:
        _, _, kind = name.partition("@")
        kind = "depth" if kind.startswith("depth") else kind
        message = numbered(self.messages[kind])
        if listener.in_envelope:
            message = b'{"stream":"%b","data":%b}' % (name.encode().replace(b"%", b"%%"), message)
        self.feeds.append((listener, message))
        self.pipe.send((len(self.feeds) - 1, kind))

    async def send(self, feed: int, first_id: int, count: int) -> None:
        listener, message = self.feeds[feed]
        for begin in range(first_id, first_id + count, CHUNK_MESSAGES):
            end = min(begin + CHUNK_MESSAGES, first_id + count)
            chunk = b"".join(framed(message % {b"u": number}) for number in range(begin, end))
            await listener.writable.wait()
            listener.transport.underlying_transport.write(chunk)
            await asyncio.sleep(0)


def _serve(messages: dict[str, bytes], pipe: Connection) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        state = _Server(messages, pipe)
        server = await ws_create_server(state.accept, "127.0.0.1", 0)
        sending: set[asyncio.Task[None]] = set()

        def asked() -> None:
            task = loop.create_task(state.send(*pipe.recv()))
            sending.add(task)
            task.add_done_callback(sending.discard)

        loop.add_reader(pipe.fileno(), asked)
        pipe.send(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()

    use_fast_loop()
    asyncio.run(main())


class Firehose:
    """The server's process, from outside."""

    def __init__(self, pipe: Connection, url: str) -> None:
        self._pipe = pipe
        self.url = url

    def subscribed(self) -> tuple[int, str]:
        """The number and kind of the next feed that somebody subscribes to."""
        if not self._pipe.poll(SUBSCRIBED_S_MAX):
            raise RuntimeError(f"nobody subscribed within {SUBSCRIBED_S_MAX} s")
        feed: tuple[int, str] = self._pipe.recv()
        return feed

    def send(self, feed: int, first_id: int, count: int) -> None:
        """Have `count` messages sent, with update ids from `first_id` on."""
        self._pipe.send((feed, first_id, count))


@contextmanager
def firehose(messages: dict[str, Any]) -> Iterator[Firehose]:
    """A process that sends `messages`, one for `bookTicker` and one for `depth`, without envelope."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(messages, there), daemon=True)
    process.start()
    try:
        if not here.poll(READY_S_MAX):
            raise RuntimeError(f"the firehose did not start within {READY_S_MAX} s")
        yield Firehose(here, f"ws://127.0.0.1:{here.recv()}")
    finally:
        process.terminate()
        process.join(10)
