"""What the HTTP server does with peers that send too much, too slowly, or read nothing."""

import asyncio

import pytest

from pitwire.exchange.gateway.rest import server
from pitwire.exchange.gateway.rest.server import HEAD_BYTES_MAX, HttpServer
from tests.exchange.gateway.rest.conftest import open_rest

PING = b"GET /api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n"


async def opened(rest):
    return await asyncio.open_connection("127.0.0.1", rest.port)


async def rest_of(reader):
    """All that comes until the connection ends, however it ends."""
    got = b""
    try:
        while part := await reader.read(65536):
            got += part
    except ConnectionError:
        pass
    return got


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /api/v3/ping HTTP/1.1\r\nHo", b"POST /api/v3/order HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na"],
)
async def test_a_request_that_does_not_arrive_is_not_waited_for(rest, monkeypatch, sent):
    monkeypatch.setattr(server, "REQUEST_S", 0.05)
    reader, writer = await opened(rest)
    writer.write(sent)
    assert await rest_of(reader) == b""
    writer.close()
    assert (await rest.get("ping")).status_code == 200


async def test_a_head_is_bounded(rest):
    reader, writer = await opened(rest)
    writer.write(b"GET /api/v3/ping HTTP/1.1\r\nX: " + b"x" * (HEAD_BYTES_MAX + 1))
    assert (await rest_of(reader)).startswith(b"HTTP/1.1 400 ")
    writer.close()


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n"]
)
async def test_what_is_no_http_is_answered_400(rest, sent):
    reader, writer = await opened(rest)
    writer.write(sent + b"\r\n\r\n")
    assert (await rest_of(reader)).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_a_body_that_nobody_reads_is_not_waited_for(rest):
    reader, writer = await opened(rest)
    writer.write(b"POST /api/v3/order HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"a" * 100_000)
    assert (await rest_of(reader)).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_connections_are_counted(monkeypatch):
    monkeypatch.setattr(server, "http_connections_max", lambda: 2)
    async with open_rest() as rest:
        assert (await rest.get("ping")).status_code == 200  # kept open: one
        first, second = await opened(rest), await opened(rest)
        assert await rest_of(second[0]) == b""
        first[1].write(PING)
        assert (await first[0].readline()) == b"HTTP/1.1 200 OK\r\n"
        first[1].close(), second[1].close()


async def test_requests_are_answered_in_turn_on_one_connection(rest):
    reader, writer = await opened(rest)
    writer.write(PING * 3)
    for _ in range(3):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
        assert await reader.readexactly(2) == b"{}"
    writer.close()


async def test_forwarded_addresses_are_not_believed(rest):
    headers = {"X-Forwarded-For": "192.0.2.1"}
    for used in (1, 2):
        answer = await rest.client.get("/api/v3/ping", headers={**headers, "X-Forwarded-For": f"192.0.2.{used}"})
        assert answer.headers["x-mbx-used-weight-1m"] == str(used)


async def test_a_stop_lets_a_request_under_way_end_and_closes_the_rest():
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def application(scope, receive, send):
        entered.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    served = HttpServer(application)
    port = await served.start("127.0.0.1", 0)
    idle = await asyncio.open_connection("127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(PING)
    await entered.wait()
    stopping = asyncio.ensure_future(served.stop())
    assert await rest_of(idle[0]) == b""
    go_on.set()
    assert (await rest_of(reader)).endswith(b"\r\n\r\nok")
    await stopping
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    writer.close(), idle[1].close()
