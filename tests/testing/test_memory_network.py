"""Connections without a socket, with asyncio's own streams, another's WebSocket library, both of our ends."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import websockets

import pitwire
from pitwire.client.connection import IDLE_S_MAX, PONG_S_MAX
from pitwire.exchange.app import Exchange, Settings
from pitwire.testing.memory_network import KERNEL_BYTES, MemoryNetwork, Pair
from pitwire.testing.virtual_time import VirtualTime, virtual_time
from tests.exchange.gateway.venue import key_of

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def network() -> AsyncIterator[MemoryNetwork]:
    loop = asyncio.get_running_loop()
    network = MemoryNetwork(loop)
    with virtual_time(loop, VirtualTime(), network):
        yield network


@asynccontextmanager
async def streams(serve: Serve) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        yield reader, writer
        writer.close()
    finally:
        server.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_what_one_end_writes_the_other_reads_in_order(network: MemoryNetwork) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    pieces = random.Random(seed)
    sent = b""
    async with streams(echo) as (reader, writer):
        for _ in range(200):
            piece = pieces.randbytes(pieces.randrange(1, 20_000))
            sent += piece
            writer.write(piece)
        assert await reader.readexactly(len(sent)) == sent
        assert len(network.pairs) == 1


async def test_pieces_take_their_time_and_never_overtake_each_other() -> None:
    loop = asyncio.get_running_loop()
    delays = random.Random(7)
    network = MemoryNetwork(loop, lambda: delays.uniform(0.01, 1))
    with virtual_time(loop, VirtualTime(), network) as clock:
        async with streams(echo) as (reader, writer):
            for number in range(100):
                writer.write(b"%02d" % number)
            assert await reader.readexactly(200) == b"".join(b"%02d" % number for number in range(100))
            assert 1 < clock.elapsed_s() < 10


async def test_closing_delivers_what_was_written_before(network: MemoryNetwork) -> None:
    async def farewell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 100_000)
        writer.close()

    async with streams(farewell) as (reader, _):
        assert len(await reader.read()) == 100_000
    await asyncio.sleep(0)
    assert network.pairs == []


async def test_who_does_not_read_makes_the_writer_wait(network: MemoryNetwork) -> None:
    async with streams(echo) as (reader, writer):
        network.pairs[0].server.pause_reading()
        writer.write(b"x" * (KERNEL_BYTES + 100_000))
        drained = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        assert not drained.done()
        assert writer.transport.get_write_buffer_size() == 100_000
        network.pairs[0].server.resume_reading()
        await drained
        assert len(await reader.readexactly(KERNEL_BYTES + 100_000)) == KERNEL_BYTES + 100_000


async def test_a_reset_loses_what_is_on_its_way_and_tells_both_ends(network: MemoryNetwork) -> None:
    async with streams(echo) as (reader, writer):
        writer.write(b"lost")
        network.pairs[0].reset()
        with pytest.raises(ConnectionResetError):
            await reader.read()
    assert network.pairs == []


async def test_of_a_silent_connection_nobody_hears_anything(network: MemoryNetwork) -> None:
    async with streams(echo) as (reader, writer):
        network.pairs[0].silent = True
        writer.write(b"into the dark")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(86_400):
                await reader.read()
        assert not writer.is_closing()
        assert isinstance(network.pairs[0], Pair)


async def test_a_server_that_is_closed_refuses(network: MemoryNetwork) -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_who_gives_up_while_it_connects_has_connected_to_nobody() -> None:
    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _, context: errors.append(context))
    network = MemoryNetwork(loop, lambda: 1.0)
    with virtual_time(loop, VirtualTime(), network) as clock:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        await clock.advance(seconds=10)
        server.close()
    assert network.pairs == []
    assert errors == []


@pytest.mark.parametrize("idle_s", [0.0, 3.0, 5.99, 6.01, 7.5])
async def test_that_a_connection_is_half_open_is_noticed_as_soon_as_in_real_time(idle_s: float) -> None:
    loop = asyncio.get_running_loop()
    network = MemoryNetwork(loop, lambda: 0.001)
    with virtual_time(loop, VirtualTime(), network) as clock:
        async with (
            Exchange.start(Settings(ws_port=0), clock) as exchange,
            pitwire.connect(exchange.ws_url, clock_ns=clock.now_ns) as client,
        ):
            await client.wait_connected()
            await clock.advance(seconds=idle_s)
            pair = network.pairs[0]
            pair.silent = True
            since_s = clock.elapsed_s()
            while client.is_connected:
                await clock.advance(seconds=0.01)
            assert clock.elapsed_s() - since_s < IDLE_S_MAX + PONG_S_MAX + 0.1
            pair.reset()


async def test_who_is_in_no_loop_of_ours_connects_by_a_real_socket(network: MemoryNetwork) -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def elsewhere() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        answer = await reader.readexactly(5)
        writer.close()
        return answer

    assert await asyncio.to_thread(asyncio.run, elsewhere()) == b"hello"
    assert network.pairs == []
    server.close()


async def test_others_websockets_are_served_over_it(network: MemoryNetwork) -> None:
    async with Exchange.start(Settings(ws_port=0)) as exchange, websockets.connect(exchange.ws_url) as socket:
        await socket.send('{"id":1,"method":"ping"}')
        assert '"status":200' in str(await socket.recv())
        assert len(network.pairs) == 1
    assert network.pairs == []


async def test_both_ends_spend_a_day_on_it_and_reconnect_after_24_hours() -> None:
    loop = asyncio.get_running_loop()
    network = MemoryNetwork(loop, lambda: 0.001)
    with virtual_time(loop, VirtualTime(), network) as clock:
        async with Exchange.start(Settings(ws_port=0), clock) as exchange:
            key = key_of("alice").signing_key()
            async with pitwire.connect(exchange.ws_url, key=key, clock_ns=clock.now_ns) as client:
                first = network.pairs[0]
                await clock.advance(hours=24, minutes=1)
                await client.wait_connected()
                assert network.pairs[0] is not first
                status = await client.session_status()
                assert status.authorized_since is not None
                assert status.server_time == pytest.approx(clock.now_ns() // 1_000_000, abs=10)
    assert network.pairs == []
