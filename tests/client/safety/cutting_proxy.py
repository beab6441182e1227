"""Between a client and an exchange: passes everything on until it is told to lose something."""

import asyncio
from types import TracebackType
from typing import Self


class CuttingProxy:
    """Listens on a free port and connects to `url`. It cuts a connection when a piece of text goes by.

    `lose_requests_with` never arrive at the exchange, `lose_answers_after` are carried out but not answered: the
    connection is cut in either case, once.
    """

    def __init__(self, url: str) -> None:
        self._host, _, port = url.removeprefix("ws://").partition("/")[0].partition(":")
        self._port = int(port)
        self._path = url.removeprefix("ws://").partition("/")[2]
        self.lose_requests_with: bytes | None = None
        self.lose_answers_with: bytes | None = None
        self.cut = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/{self._path}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self._host, self._port)
        writers = [writer, there_writer]
        for pump in (self._requests(reader, writers), self._answers(there_reader, writers)):
            task = asyncio.create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _requests(self, reader: asyncio.StreamReader, writers: list[asyncio.StreamWriter]) -> None:
        await self._copy(await reader.readuntil(b"\r\n\r\n"), writers[1])
        try:
            while True:
                head = await reader.readexactly(2)
                size = head[1] & 0x7F
                extended = await reader.readexactly({126: 2, 127: 8}.get(size, 0))
                size = int.from_bytes(extended, "big") if extended else size
                mask = await reader.readexactly(4)
                masked = await reader.readexactly(size)
                text = bytes([byte ^ mask[i % 4] for i, byte in enumerate(masked)])
                if self.lose_requests_with is not None and self.lose_requests_with in text:
                    self.lose_requests_with = None
                    self._cut(writers)
                    return
                await self._copy(head + extended + mask + masked, writers[1])
        except (asyncio.IncompleteReadError, ConnectionError):
            writers[1].close()

    async def _answers(self, reader: asyncio.StreamReader, writers: list[asyncio.StreamWriter]) -> None:
        try:
            while data := await reader.read(65536):
                if self.lose_answers_with is not None and self.lose_answers_with in data:
                    self.lose_answers_with = None
                    self._cut(writers)
                    return
                await self._copy(data, writers[0])
        except ConnectionError:
            pass
        writers[0].close()

    async def _copy(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    def _cut(self, writers: list[asyncio.StreamWriter]) -> None:
        for writer in writers:
            writer.transport.abort()
        self.cut.set()
