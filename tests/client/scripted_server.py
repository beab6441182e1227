"""A WebSocket server that does what the test says, also what no server should: it writes any bytes at any time."""

import asyncio
import base64
import hashlib
import json
import time
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import pytest

from pitwire.client.connect import connect
from pitwire.protocol.errors import OutcomeUnknown
from pitwire.protocol.frames import text_frame
from pitwire.protocol.signing import Key

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
LOGON = {
    "apiKey": "ed-key",
    "authorizedSince": 1,
    "connectedSince": 1,
    "returnRateLimits": False,
    "serverTime": 1,
    "userDataStream": False,
}
NO_ACCOUNT = {"code": "an account that cannot be read: what was missed stays unknown"}
LIMITS = {"timezone": "UTC", "serverTime": 1, "rateLimits": [], "exchangeFilters": [], "symbols": []}
MEASURE_CLOCK = "the client's own question for the time"


def system_time() -> dict[str, int]:
    return {"serverTime": time.time_ns() // 1_000_000}


class Peer:
    """One client's connection, seen from the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> None:
        self.target = target
        self.close_payload: bytes | None = None
        self.pings: asyncio.Queue[bytes] = asyncio.Queue()
        self.pongs: asyncio.Queue[bytes] = asyncio.Queue()
        self._reader = reader
        self._writer = writer
        self._requests: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    async def request(self, method: str | None = None) -> dict[str, Any]:
        """The next request that is not answered by itself."""
        request = await self._requests.get()
        assert request is not None, "the client closed the connection"
        assert method in (None, request["method"])
        return request

    async def requests(self, number: int) -> list[dict[str, Any]]:
        return [await self.request() for _ in range(number)]

    async def closed(self) -> None:
        """Wait until the client has closed; requests that were not looked at are an error."""
        request = await self._requests.get()
        assert request is None, request

    def reply(self, request: dict[str, Any], result: Any = None) -> None:
        self.send({"id": request["id"], "status": 200, "result": {} if result is None else result})

    def send(self, message: Any) -> None:
        self.raw(text_frame(message if isinstance(message, bytes) else json.dumps(message).encode()))

    def raw(self, data: bytes) -> None:
        self._writer.write(data)

    def drop(self) -> None:
        self._writer.transport.abort()

    def stop_reading(self) -> None:
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    def read_on(self) -> None:
        self._writer.transport.resume_reading()  # type: ignore[attr-defined]

    async def read(self, automatic: dict[str, Any]) -> None:
        try:
            while True:
                opcode, payload = await self._frame()
                if opcode == 8:
                    self.close_payload = payload
                    self._writer.write(b"\x88%c%b" % (len(payload), payload))
                    self._writer.close()
                    break
                if opcode == 9:
                    self.pings.put_nowait(payload)
                if opcode == 10:
                    self.pongs.put_nowait(payload)
                if opcode == 1:
                    request = json.loads(payload)
                    if request["method"] == "time" and "params" in request:
                        self.reply(request, automatic[MEASURE_CLOCK]())
                    elif request["method"] == "exchangeInfo" and request.get("params") == {"symbolStatus": "HALT"}:
                        self.reply(request, LIMITS)
                    elif request["method"] == "openOrders.status" and "symbol" not in request["params"]:
                        self.reply(request, [])  # what was missed
                    elif request["method"] in automatic:
                        self.reply(request, automatic[request["method"]])
                    else:
                        self._requests.put_nowait(request)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self._requests.put_nowait(None)

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        assert first & 0x80, "the client fragments"
        assert second & 0x80, "the client does not mask"
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
        mask = await self._reader.readexactly(4)
        payload = await self._reader.readexactly(size)
        return first & 0xF, bytes([byte ^ mask[i % 4] for i, byte in enumerate(payload)])


class ScriptedServer:
    """Listens on a free port of 127.0.0.1. `automatic` answers some methods by themselves."""

    def __init__(self, **automatic: Any) -> None:
        self.automatic: dict[str, Any] = {"session.logon": LOGON, MEASURE_CLOCK: system_time}
        self.automatic |= {"myTrades": [], "account.status": NO_ACCOUNT}
        self.automatic |= {name.replace("_", "."): value for name, value in automatic.items()}
        self.refuse: bytes | None = None
        """What to answer a handshake with instead of accepting it."""
        self.refused: asyncio.Queue[None] = asyncio.Queue()
        self.connections = 0
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []

    async def peer(self) -> Peer:
        """The next client that connects."""
        return await self._peers.get()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/ws-api/v3"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        original = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in lines[1:] if ": " in line}
        assert headers["upgrade"] == "websocket"
        if self.refuse is not None:
            writer.write(self.refuse)
            writer.close()
            self.refused.put_nowait(None)
            return
        accept = base64.b64encode(hashlib.sha1(original["sec-websocket-key"].encode() + GUID).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        peer = Peer(reader, writer, lines[0].split()[1])
        self._peers.put_nowait(peer)
        await peer.read(self.automatic)


@asynccontextmanager
async def connected(key: Key | None = None, server: ScriptedServer | None = None, **how: Any):
    """A client, the server's end of its connection, and the server."""
    async with server or ScriptedServer() as server, connect(server.url, key=key, **how) as client:
        if client._learning.asking is not None:
            await client._learning.asking  # what it asks for itself is answered
        yield client, await server.peer(), server


async def connection_lost(client: Any) -> None:
    """Return once the client has noticed that its connection is gone."""
    with pytest.raises(OutcomeUnknown):
        await client.time()
