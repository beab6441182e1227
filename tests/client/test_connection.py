import asyncio
import json
from typing import Any

import pytest

from pitwire.client import connection
from pitwire.client.connect import connect
from pitwire.protocol.errors import NotSent, OutcomeUnknown, Rejected
from pitwire.protocol.frames import text_frame
from pitwire.protocol.requests.general import Time
from pitwire.protocol.requests.market import Depth
from tests.client.scripted_server import ScriptedServer, connected


async def test_frames_of_one_turn_arrive_whole_in_order_and_in_any_size():
    """The first goes out alone, the others are masked by hand and joined: below 126 bytes, below 64 KiB, and above."""
    async with connected() as (client, peer, _):
        for size in (1, 100, 125, 126, 1000, 65_535, 65_536, 100_000):
            for letter in "xyz":
                client.depth(symbol=letter * size)
            assert [each["params"]["symbol"] for each in await peer.requests(3)] == [letter * size for letter in "xyz"]


async def test_half_frames_and_fragments_make_whole_messages():
    async with connected() as (client, peer, _):
        answer = client.time()
        request = await peer.request()
        response = json.dumps({"id": request["id"], "status": 200, "result": {"serverTime": 5}}).encode()
        head, tail = response[:10], response[10:]
        fragments = b"\x01%c%b" % (len(head), head) + b"\x89\x00" + b"\x80%c%b" % (len(tail), tail)
        for piece in (fragments[:1], fragments[1:5], fragments[5:12], fragments[12:]):
            peer.raw(piece)
        assert (await answer).server_time == 5


def answer_to(request: dict[str, Any], server_time: int) -> bytes:
    return text_frame(b'{"id":%d,"status":200,"result":{"serverTime":%d}}' % (request["id"], server_time))


async def test_answers_that_come_in_one_read_with_what_ends_it_are_answers():
    """Messages are handed over once for each read: whatever stands last in it, and whoever looks at that."""
    async with connected() as (client, peer, server):
        answers = [client.time(), client.time()]
        requests = await peer.requests(2)
        peer.raw(answer_to(requests[0], 1) + b"\x89\x00")
        assert (await answers[0]).server_time == 1
        peer.raw(answer_to(requests[1], 2) + b"\x88\x02\x03\xe8")
        assert (await answers[1]).server_time == 2
        await server.peer()


async def test_an_answer_before_the_pong_that_the_client_asked_for_is_an_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "IDLE_S_MAX", 0.3)
    monkeypatch.setattr(connection, "PONG_S_MAX", 0.3)
    async with connected() as (client, peer, _):
        answer = client.time()
        request = await peer.request()
        ping = await peer.pings.get()
        peer.raw(answer_to(request, 5) + b"\x8a%c%b" % (len(ping), ping))
        assert (await answer).server_time == 5
        assert client.is_connected, "it came by itself, and not with the end of the connection"


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\xc1\x02{}",  # a reserved bit
        b"\x80\x02{}",  # a continuation of nothing
        b"\x81\x02\xff\xff",  # not UTF-8
        b"\x82\x02{}",  # binary
        b"\x83\x00",  # an opcode that is none
        b"\x88\x02\x03\xe8",  # a close
        b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",  # a frame of 9 EB
    ],
    ids=["reserved", "continuation", "utf-8", "binary", "opcode", "close", "huge"],
)
async def test_after_a_protocol_error_or_a_close_the_client_connects_again(bytes_sent: bytes):
    async with connected() as (client, peer, server):
        answer = client.time()
        await peer.request()
        peer.raw(bytes_sent)
        with pytest.raises(OutcomeUnknown):
            await answer
        second = await server.peer()
        await client.wait_connected()
        answer = client.time()
        second.reply(await second.request(), {"serverTime": 1})
        await answer


async def test_while_the_server_does_not_read_frames_are_held_and_a_drop_says_they_were_not_sent():
    async with connected() as (client, peer, _):
        peer.stop_reading()
        answers = []
        while not client._ready[0].session.pending.held:  # fills the sockets' buffers, turn by turn
            answers += [client.depth(symbol="x" * 100_000), client.depth(symbol="x" * 100_000)]
            await asyncio.sleep(0)
            assert len(answers) < 5000
        abandoned = client.time()
        abandoned.cancel()
        last = client.time()
        peer.drop()
        outcomes = await asyncio.gather(*answers, last, return_exceptions=True)
        assert isinstance(outcomes[0], OutcomeUnknown)
        assert isinstance(outcomes[-1], NotSent)
        kinds = [type(each) for each in outcomes]
        assert kinds == sorted(kinds, key=[OutcomeUnknown, NotSent].index)
        assert client.in_flight == 0


async def stuffed(client: Any, peer: Any) -> list[asyncio.Future[Any]]:
    """Let the server stop reading, and send until frames are held: the requests."""
    peer.stop_reading()
    answers: list[asyncio.Future[Any]] = []
    while not client._ready[0].session.pending.held:
        answers += [client.depth(symbol="x" * 100_000), client.depth(symbol="x" * 100_000)]
        await asyncio.sleep(0)
        assert len(answers) < 5000
    return answers


@pytest.mark.parametrize("said", [b"\x88\x02\x03\xe8", b"\x82\x01x"], ids=["close", "binary"])
async def test_a_server_that_says_goodbye_and_does_not_read_is_not_waited_for(
    said: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("pitwire.client.link.CLOSE_S_MAX", 0.05)
    async with connected(deadline_s=600) as (client, peer, server):
        answers = await stuffed(client, peer)
        peer.raw(said)
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        assert {type(each) for each in outcomes} == {OutcomeUnknown, NotSent}
        await server.peer()
        await client.wait_connected()


async def test_a_server_that_shuts_down_and_does_not_read_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pitwire.client.link.CLOSE_S_MAX", 0.05)
    async with connected(deadline_s=1) as (client, peer, server):
        await stuffed(client, peer)
        peer.send({"event": {"e": "serverShutdown", "E": 1}})
        await server.peer()
        await client.wait_connected()


async def test_pings_are_answered_while_the_server_reads_and_then_only_the_newest():
    async with connected() as (client, peer, _):
        peer.raw(b"\x89\x03one")
        assert await peer.pongs.get() == b"one"
        answers = await stuffed(client, peer)
        socket = client._ready[0]._transport._transport.underlying_transport
        waiting_bytes = socket.get_write_buffer_size()
        peer.raw((b"\x89\x7d" + bytes(125)) * 1000 + b"\x89\x04last")
        peer.send({"id": 3, "status": 400, "error": {"code": -1121, "msg": "Invalid symbol."}})
        with pytest.raises(Rejected):
            await answers[0]
        assert socket.get_write_buffer_size() <= waiting_bytes
        peer.read_on()
        assert await peer.pongs.get() == b"last"


async def test_when_the_server_reads_again_what_was_held_is_sent_but_not_what_nobody_waits_for():
    async with connected() as (client, peer, _):
        peer.stop_reading()
        sent = 0
        while not client._ready[0].session.pending.held:
            sent += 1
            client.call(Depth(symbol="x" * 100_000), request_id=f"{sent}a")
            client.call(Depth(symbol="x" * 100_000), request_id=f"{sent}b")
            await asyncio.sleep(0)
        client.call(Time(), request_id="abandoned").cancel()
        client.call(Time(), request_id="last")
        peer.read_on()
        ids = []
        while not ids or ids[-1] != "last":
            ids.append((await peer.request())["id"])
        assert ids == [f"{n}{b}" for n in range(1, sent + 1) for b in "ab"] + ["last"]


async def test_what_is_sent_after_the_server_closed_was_not_sent():
    async with connected() as (client, peer, _):
        written = client.time()
        await peer.request()
        joined = client.time(), client.time()
        assert client._ready
        client._ready[0].hang_up("closing")
        after = client.time()
        with pytest.raises(OutcomeUnknown):
            await written
        with pytest.raises(OutcomeUnknown):
            await joined[0]
        with pytest.raises(NotSent, match="closing before the request was written"):
            await joined[1]
        with pytest.raises(NotSent, match=r"not connected \(closing\)"):
            await after


HALF_HANDSHAKES = [b"", b"garbage\r\n\r\n", b"\x00\xff" * 50, b"HTTP/1.1 101 Swi", b"SSH-2.0-OpenSSH_9\r\n"]


@pytest.mark.parametrize("said", HALF_HANDSHAKES, ids=["nothing", "text", "binary", "half a status", "ssh"])
async def test_a_server_that_closes_before_its_handshake_is_whole_is_no_connection(said: bytes):
    async with ScriptedServer() as server:
        server.refuse = said
        with pytest.raises(NotSent, match="handshake"):
            async with connect(server.url):
                pass


@pytest.mark.parametrize("said", HALF_HANDSHAKES, ids=["nothing", "text", "binary", "half a status", "ssh"])
async def test_the_client_connects_again_after_handshakes_that_broke_off(said: bytes):
    async with connected() as (client, peer, server):
        server.refuse = said
        peer.drop()
        await server.refused.get()
        server.refuse = None
        second = await server.peer()
        await client.wait_connected()
        answer = client.time()
        second.reply(await second.request(), {"serverTime": 1})
        await answer


async def test_redirects_are_not_followed():
    async with ScriptedServer() as server, ScriptedServer() as elsewhere:
        server.refuse = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode()
        with pytest.raises(NotSent):
            async with connect(server.url):
                pass
        assert elsewhere.connections == 0


async def test_cancelling_while_connecting_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "HANDSHAKE_S_MAX", 0.05)
    accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        accepted.put_nowait((reader, writer))
        writer.write(b"HTTP/1.1 101 ")

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        entering = asyncio.ensure_future(connect(f"ws://127.0.0.1:{port}").__aenter__())
        reader, writer = await accepted.get()
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        assert await reader.read() == b""
        writer.close()  # from Python 3.12 on the server's end waits for it
