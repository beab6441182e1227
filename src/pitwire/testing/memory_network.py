"""Connections within one event loop, without a socket: what one end writes the other reads, in order, a little later.

Both ends run the code that they run on real sockets: picows' protocol on either side, frame for frame. Only the kernel
between them is replaced, by something that a test can slow down, cut, and repeat exactly.
"""

import asyncio
import itertools
import socket
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

KERNEL_BYTES: Final = 256 * 1024
"""So much of what was written the kernel would have taken: it is no longer in the writer's own buffer."""
HIGH_WATER_BYTES: Final = 64 * 1024
"""The transport's own buffer at which asyncio tells a protocol to pause, unless told otherwise."""


class MemoryNetwork:
    """The servers of one event loop, and the connections to them.

    `latency_s` says how long the next piece takes to the other end; pieces never overtake each other. Servers listen on
    their real port as well, for whoever connects by other means.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, latency_s: Callable[[], float] | None = None) -> None:
        self._loop = loop
        self._latency_s = latency_s
        self._real_server = loop.create_server
        self._real_connection = loop.create_connection
        self._servers: dict[int, Callable[[], asyncio.BaseProtocol]] = {}
        self._closed: set[int] = set()
        self._client_ports = itertools.count(49_152)
        self.pairs: list[Pair] = []
        """The connections that are open, the oldest first."""

    async def create_server(
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *args: Any, **options: Any
    ) -> "MemoryServer":
        """In place of the loop's own. Takes what that takes."""
        real = await self._real_server(protocol_factory, *args, **options)
        server = MemoryServer(self, real)
        if options.get("ssl") is None:
            for port in server.ports:
                self._servers[port] = protocol_factory
                self._closed.discard(port)
        return server

    async def create_connection(
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        **options: Any,
    ) -> tuple[asyncio.BaseTransport, asyncio.BaseProtocol]:
        """In place of the loop's own: to a server of this loop through memory, to all others as ever."""
        served_here = port in self._servers or port in self._closed
        if port is None or not served_here or options.get("ssl") or options.get("sock"):
            connect: Any = self._real_connection  # takes None for host and port, whatever its stub says
            connected: tuple[asyncio.BaseTransport, asyncio.BaseProtocol] = await connect(
                protocol_factory, host, port, **options
            )
            return connected
        pair = Pair(self._loop, self._delay_s, ("127.0.0.1", next(self._client_ports)), (str(host), port))
        await asyncio.sleep(self._delay_s())
        accept = self._servers.get(port)
        if accept is None:
            raise ConnectionRefusedError(f"nobody listens on port {port} any more")
        self.pairs.append(pair)
        pair.on_closed = self._forget
        protocol = protocol_factory()
        pair.server.connect(accept())
        pair.client.connect(protocol)
        return pair.client, protocol

    def close_server(self, ports: Iterable[int]) -> None:
        """Let nobody in any more. Open connections stay."""
        for port in ports:
            self._servers.pop(port, None)
            self._closed.add(port)

    def _delay_s(self) -> float:
        return 0.0 if self._latency_s is None else self._latency_s()

    def _forget(self, pair: "Pair") -> None:
        self.pairs.remove(pair)


class MemoryServer:
    """What `create_server` returns: the real server, which ends the one in memory along with itself."""

    def __init__(self, network: MemoryNetwork, real: asyncio.Server) -> None:
        self._network = network
        self._real = real
        self.ports = [
            each.getsockname()[1] for each in real.sockets if each.family in (socket.AF_INET, socket.AF_INET6)
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def close(self) -> None:
        """Let nobody in any more."""
        self._network.close_server(self.ports)
        self._real.close()


class Pair:
    """A connection: two transports, each of which reads what the other writes."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        delay_s: Callable[[], float],
        client: tuple[str, int],
        server: tuple[str, int],
    ) -> None:
        self.client = MemoryTransport(loop, self, delay_s, client, server)
        self.server = MemoryTransport(loop, self, delay_s, server, client)
        self.client.peer, self.server.peer = self.server, self.client
        self.on_closed: Callable[[Pair], object] = lambda _: None
        self.silent = False
        """Nothing arrives any more at either end, and neither hears of it: a cable that was pulled."""

    def reset(self) -> None:
        """Break it: what is on its way is lost, and both ends learn of it."""
        for end in (self.client, self.server):
            end.lose(ConnectionResetError("the connection was reset"))

    def ended(self) -> None:
        """An end is closed."""
        if self.client.is_lost and self.server.is_lost:
            self.on_closed(self)


class _NoSocket:
    """What a protocol may ask of its transport's socket. Number -1: whoever writes past the transport fails."""

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = socket.IPPROTO_TCP

    def __init__(self, own: tuple[str, int], other: tuple[str, int]) -> None:
        self._own = own
        self._other = other

    def getsockname(self) -> tuple[str, int]:
        return self._own

    def getpeername(self) -> tuple[str, int]:
        return self._other

    def fileno(self) -> int:
        return -1

    def setsockopt(self, *_: Any) -> None:
        return

    def getsockopt(self, *_: Any) -> int:
        return 0


class MemoryTransport(asyncio.Transport):
    """One end of a `Pair`, which pauses, closes and aborts as asyncio's own transports do."""

    peer: "MemoryTransport"

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pair: Pair,
        delay_s: Callable[[], float],
        own: tuple[str, int],
        other: tuple[str, int],
    ) -> None:
        super().__init__({"sockname": own, "peername": other, "socket": _NoSocket(own, other)})
        self._loop = loop
        self._pair = pair
        self._delay_s = delay_s
        self._protocol: Any = None
        self._last_arrival_s = 0.0
        self._on_its_way: deque[bytes | None] = deque()
        self._unread: deque[bytes | None] = deque()  # None: the peer writes nothing further
        self._unread_by_peer = 0  # what was written here, on its way or not taken yet
        self._reading = True
        self._closing = False
        self._pausing = False
        self._high, self._low = HIGH_WATER_BYTES, HIGH_WATER_BYTES // 4
        self.is_lost = False
        """Whether the protocol has been, or is just about to be, told of the end."""

    def connect(self, protocol: asyncio.BaseProtocol) -> None:
        """Begin: tell `protocol`, and from then on give it what arrives."""
        self._protocol = protocol
        protocol.connection_made(self)

    # --- out ------------------------------------------------------------------------------------------------------

    def write(self, data: Any) -> None:
        """Send `data`; what is written after `close` is dropped."""
        if self._closing or self.is_lost or not data:
            return
        piece = bytes(data)
        self._unread_by_peer += len(piece)
        self._send(piece)
        if not self._pausing and self.get_write_buffer_size() > self._high:
            self._pausing = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """Send them as one."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """No half-closed connections."""
        return False

    def get_write_buffer_size(self) -> int:
        """What the kernel would not have taken yet, in bytes."""
        return max(0, self._unread_by_peer - KERNEL_BYTES)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Where writing pauses and resumes."""
        return self._low, self._high

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Where writing pauses and resumes."""
        self._high = HIGH_WATER_BYTES if high is None else high
        self._low = self._high // 4 if low is None else low

    def _send(self, piece: bytes | None) -> None:
        now_s = self._loop.time()
        arrival_s = self._last_arrival_s = max(now_s + self._delay_s(), self._last_arrival_s)
        self._on_its_way.append(piece)
        # Whichever of these calls comes first brings the oldest piece: timers of the same time are in no order.
        if arrival_s <= now_s:
            self._loop.call_soon(self._deliver)
        else:
            self._loop.call_at(arrival_s, self._deliver)

    def _deliver(self) -> None:
        self.peer.arrive(self._on_its_way.popleft())

    def _taken(self, size: int) -> None:
        self._unread_by_peer -= size
        if self._pausing and self.get_write_buffer_size() <= self._low:
            self._pausing = False
            if not self.is_lost:
                self._protocol.resume_writing()
        if self._closing and not self.is_lost and not self.get_write_buffer_size():
            self.lose(None)

    # --- in -------------------------------------------------------------------------------------------------------

    def arrive(self, piece: bytes | None) -> None:
        """Take what the peer wrote; `None` is its end."""
        if self._pair.silent:
            return
        if self.is_lost:
            self.peer._taken(len(piece or b""))
            return
        self._unread.append(piece)
        self._read()

    def _read(self) -> None:
        unread = self._unread
        while unread and self._reading and not self.is_lost:
            piece = unread.popleft()
            if piece is None:
                if not self._protocol.eof_received():
                    self.close()
                return
            self.peer._taken(len(piece))
            if self._closing:
                continue  # asyncio reads nothing more once it is closing
            try:
                self._hand_over(piece)
            except Exception as error:
                self._loop.call_exception_handler(
                    {"message": "a protocol raised", "exception": error, "transport": self}
                )
                self.lose(error)

    def _hand_over(self, piece: bytes) -> None:
        protocol: Any = self._protocol
        if not isinstance(protocol, asyncio.BufferedProtocol):
            protocol.data_received(piece)
            return
        rest = memoryview(piece)
        while rest and not self.is_lost:
            buffer: Any = protocol.get_buffer(-1)
            size = min(len(buffer), len(rest))
            buffer[:size] = rest[:size]
            protocol.buffer_updated(size)
            rest = rest[size:]

    def is_reading(self) -> bool:
        """Whether what arrives is read."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Leave what arrives, so that the peer's buffer fills."""
        self._reading = False

    def resume_reading(self) -> None:
        """Go on reading."""
        if not self._reading:
            self._reading = True
            self._loop.call_soon(self._read)

    # --- the end --------------------------------------------------------------------------------------------------

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who is told what arrives."""
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Tell another from now on."""
        self._protocol = protocol

    def is_closing(self) -> bool:
        """Whether it is closed, or being closed."""
        return self._closing or self.is_lost

    def close(self) -> None:
        """Close once the kernel would have taken all that was written."""
        if not self._closing and not self.is_lost:
            self._closing = True
            self._send(None)
            if not self.get_write_buffer_size():
                self.lose(None)

    def abort(self) -> None:
        """Close at once. The peer still gets what is on its way."""
        if not self.is_lost:
            if not self._closing:
                self._closing = True
                self._send(None)
            self.lose(None)

    def lose(self, error: Exception | None) -> None:
        """The end: tell the protocol, with the error that brought it about."""
        if not self.is_lost:
            self.is_lost = True
            self.peer._taken(sum(len(piece or b"") for piece in self._unread))
            self._unread.clear()
            self._loop.call_soon(self._protocol.connection_lost, error)
            self._pair.ended()
