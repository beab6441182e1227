"""The HTTP server, uvicorn on the exchange's own event loop: it listens, bounds what comes in, and ends.

Bounds: `listening.http_connections_max` connections; 64 KiB of head; from the first byte of a request to the last of
its answer 30 s; 60 s of silence between two. A body is bounded by the application that reads it. A peer that does not
read its answers is cut off when its time is up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import h11
import structlog
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pitwire.exchange.gateway.listening import CannotListen, http_connections_max, listeners

HEAD_BYTES_MAX: Final = 64 * 1024
REQUEST_S: Final = 30.0
IDLE_S: Final = 60
STOP_S: Final = 3
"""How long a stop waits for requests under way."""

_log = structlog.get_logger(__name__)


class BoundedProtocol(H11Protocol):
    """One connection. What uvicorn leaves open it bounds: their number, and how long a request may take to arrive."""

    connections_max = 1
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or drop it if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.connections_max:
            transport.abort()
        else:
            self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Part of a request."""
        self._start_deadline()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """The answer is written. Whoever goes on sending a body that nobody reads is not waited for."""
        self._end_deadline()
        if self.conn.their_state is h11.SEND_BODY:
            self.transport.close()
            self.loop.call_later(STOP_S, self.transport.abort)
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came for a while: close, and wait for nobody who has not read yet."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _start_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self._late)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        _log.warning("request cut off", address=self.client and self.client[0], after_s=REQUEST_S)
        self.transport.abort()


class HttpServer:
    """Serves one ASGI application. Belongs to one event loop."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        protocol = type("Protocol", (BoundedProtocol,), {"connections_max": http_connections_max()})
        config = uvicorn.Config(
            application,
            http=protocol,
            ws="none",
            lifespan="off",
            loop="none",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=STOP_S,
        )
        config.load()
        # `Server.serve` would take the process's signals, so its parts are called here.
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._sockets: list[Any] = []

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.server_state.connections)

    async def start(self, host: str, port: int) -> int:
        """Listen; the port, which is a free one if `port` is 0. Raises `CannotListen`."""
        try:
            self._sockets = list(await listeners(host, port, http_connections_max()))
        except OSError as error:
            raise CannotListen(error, "--http-port") from error
        await self._server.startup(self._sockets)
        bound: int = self._sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Accept nobody, let the requests under way end, and close. Takes at most 3 s."""
        if not self._sockets:
            return
        await self._server.shutdown(self._sockets)
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        self._sockets = []
