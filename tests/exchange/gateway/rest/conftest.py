"""The same exchange, behind HTTP."""

from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx
import pytest

from pitwire.exchange.gateway.rest.api import RestApi
from pitwire.exchange.gateway.rest.server import HttpServer
from pitwire.protocol.signing import KeyKind
from tests.exchange.gateway.venue import key_of, open_venue


class Rest:
    """An HTTP client that others wrote (`httpx`), with just enough around it to sign."""

    def __init__(self, venue, client, port):
        self.venue = venue
        self.client = client
        self.port = port

    async def get(self, path, **params):
        return await self.client.get(f"/api/v3/{path}", params=params)

    async def signed(self, verb, path, params=None, *, key=None, headers=None, in_body=False):
        key = key or key_of("alice", KeyKind.HMAC)
        text = urlencode({**(params or {}), "timestamp": self.venue.clock.now_us() // 1000})
        text += "&" + urlencode({"signature": key.signing_key().sign(text.encode())})
        headers = {"X-MBX-APIKEY": key.api_key, **(headers or {})}
        if in_body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return await self.client.request(verb, f"/api/v3/{path}", content=text, headers=headers)
        return await self.client.request(verb, f"/api/v3/{path}?{text}", headers=headers)


@asynccontextmanager
async def open_rest(*, limits=False):
    async with open_venue(limits=limits) as venue:
        server = HttpServer(RestApi(venue.gateway._admission))
        port = await server.start("127.0.0.1", 0)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                yield Rest(venue, client, port)
        finally:
            await server.stop()


@pytest.fixture
async def rest():
    async with open_rest() as opened:
        yield opened


@pytest.fixture
async def limited():
    async with open_rest(limits=True) as opened:
        yield opened
