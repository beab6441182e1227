"""How many may be connected at once, and what is left to the log."""

import asyncio
import resource
import socket

import pytest
import websockets

from pitwire.exchange.gateway import listening
from pitwire.exchange.gateway.listening import (
    CONNECTIONS_MAX,
    DESCRIPTORS_RESERVED,
    connections_max,
    http_connections_max,
    listeners,
)
from tests.exchange.gateway.venue import open_venue


@pytest.mark.parametrize(
    ("soft", "hard", "raised_to", "together"),
    [
        (1024, 4096, 4096, 4096 - DESCRIPTORS_RESERVED),
        (1024, 1024, 1024, 1024 - DESCRIPTORS_RESERVED),
        (1024, 1 << 20, CONNECTIONS_MAX + DESCRIPTORS_RESERVED, CONNECTIONS_MAX),
        (1024, resource.RLIM_INFINITY, CONNECTIONS_MAX + DESCRIPTORS_RESERVED, CONNECTIONS_MAX),
        (1 << 20, 1 << 20, None, CONNECTIONS_MAX),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, CONNECTIONS_MAX),
        (64, 64, 64, 2),
    ],
)
def test_the_limit_of_open_files_is_raised_and_leaves_room_for_the_log(monkeypatch, soft, hard, raised_to, together):
    limits = []
    monkeypatch.setattr(listening.resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(listening.resource, "setrlimit", lambda _, limit: limits.append(limit))
    websockets = connections_max()
    assert websockets >= http_connections_max() >= 1
    assert websockets + http_connections_max() == together
    assert set(limits) == (set() if raised_to is None else {(raised_to, hard)})


async def test_connections_that_never_finish_a_handshake_count_and_what_is_beyond_is_closed_at_once(monkeypatch):
    monkeypatch.setattr("pitwire.exchange.gateway.websocket.connections_max", lambda: 3)
    async with open_venue() as venue:
        port = int(venue.url.split(":")[2].split("/")[0])
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        async with venue.connect() as peer:
            assert (await peer.call("ping"))["status"] == 200
            reader, beyond = await asyncio.open_connection("127.0.0.1", port)
            assert await asyncio.wait_for(reader.read(), 5) == b""
            assert (await peer.call("ping"))["status"] == 200
            for writer in [beyond, silent[0][1]]:
                writer.transport.abort()
            await peer.call("ping")  # the exchange has seen that one has gone
            async with venue.connect() as another:
                assert (await another.call("ping"))["status"] == 200
        silent[1][1].transport.abort()


def test_the_bound_holds_under_uvloop_too(monkeypatch):
    uvloop = pytest.importorskip("uvloop")
    monkeypatch.setattr("pitwire.exchange.gateway.websocket.connections_max", lambda: 2)

    async def crowd():
        async with open_venue() as venue, venue.connect() as first, venue.connect() as second:
            with pytest.raises(websockets.ConnectionClosed):
                async with venue.connect():
                    pass
            assert (await first.call("ping"))["status"] == (await second.call("ping"))["status"] == 200

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(crowd())


async def test_all_addresses_of_a_name_are_served_on_one_port(monkeypatch):
    loop = asyncio.get_running_loop()
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 0))
        for address in ("127.0.0.1", "127.0.0.2", "127.0.0.1")
    ]

    async def resolved(*_, **__):
        return found

    monkeypatch.setattr(loop, "getaddrinfo", resolved)
    opened = await listeners("twice", 0, 1)
    names = [listener.getsockname() for listener in opened]
    assert [host for host, _ in names] == ["127.0.0.1", "127.0.0.2"]
    assert len({port for _, port in names}) == 1
    found.append((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", names[0]))
    with pytest.raises(OSError, match="in use"):
        await listeners("taken", names[0][1], 1)
    for listener in opened:
        listener.close()
