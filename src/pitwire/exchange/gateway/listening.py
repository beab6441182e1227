"""Where connections come in, and how many there may be at once.

A connection counts from the moment it is accepted, whether it ever finishes a handshake or not: each takes a file
descriptor, and the log must always get one, since an exchange whose log cannot open its next file stops. What comes
beyond the bound is closed at once.
"""

import asyncio
import resource
import socket
from typing import Any, Final

from msgspec import Struct

CONNECTIONS_MAX: Final = 10_000
HTTP_SHARE: Final = 10
"""One in so many connections is left to HTTP, if it is served."""
DESCRIPTORS_RESERVED: Final = 128
"""So many are left to the log and its snapshots, the recordings, and the interpreter itself."""


class CannotListen(OSError):
    """The address or the port cannot be had; `strerror` says why, `option` which port it was."""

    def __init__(self, reason: OSError, option: str) -> None:
        super().__init__(reason.errno, reason.strerror)
        self.option = option


class OpenCount(Struct):
    """How many connections are open, and may be."""

    most: int
    now: int = 0


class Accepted(socket.socket):
    """A connection that counts until it is closed."""

    def __init__(self, count: OpenCount, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self._count: OpenCount | None = count
        count.now += 1

    def close(self) -> None:
        """Close it, once; it counts no longer."""
        super().close()
        count, self._count = self._count, None
        if count is not None:
            count.now -= 1


class Listener(socket.socket):
    """A listening socket that lets nobody in beyond `count.most`."""

    def __init__(self, count: OpenCount, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self._count = count

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection. Raises `BlockingIOError`, as where there is none, after closing one that is too many."""
        accepted, address = super().accept()
        if self._count.now >= self._count.most:
            accepted.close()
            raise BlockingIOError("too many connections")
        return Accepted(self._count, accepted.detach()), address


async def listeners(host: str, port: int, connections_most: int) -> list[Listener]:
    """Listen on every address of `host`, all of them on one port: a free one if `port` is 0. Raises `OSError`."""
    count = OpenCount(connections_most)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )
    opened: list[Listener] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            bound = socket.create_server((str(address[0]), port), family=family)
            opened.append(Listener(count, bound.detach()))
            port = opened[-1].getsockname()[1]
    except OSError:
        for listener in opened:
            listener.close()
        raise
    return opened


def http_connections_max() -> int:
    """How many HTTP connections there may be. A WebSocket is open for a day, a client needs few of these."""
    return max(1, _room() // HTTP_SHARE)


def connections_max() -> int:
    """How many WebSockets there may be."""
    return max(1, _room() - http_connections_max())


def _room() -> int:
    """How many connections the process can hold: the limit of open files is raised as far as that is allowed."""
    wanted = CONNECTIONS_MAX + DESCRIPTORS_RESERVED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS_MAX
    return max(1, min(CONNECTIONS_MAX, soft - DESCRIPTORS_RESERVED))
