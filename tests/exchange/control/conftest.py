"""A whole exchange, its operator, and a client of it."""

from contextlib import asynccontextmanager

import httpx
import pytest

from pitwire.exchange.app import Exchange, Settings

TOKEN = "a token for the tests"


class Operator:
    def __init__(self, exchange, client):
        self.exchange = exchange
        self.client = client

    async def ask(self, verb, path, body=None):
        answer = await self.client.request(verb, f"/control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, verb, path, body=None):
        answer = await self.client.request(verb, f"/control{path}", json=body)
        return answer.status_code, answer.json()["error"]


@asynccontextmanager
async def open_operator(data_dir=None, **settings):
    options = {"ws_port": 0, "http_port": 0, "control_token": TOKEN, "data_dir": data_dir, **settings}
    async with Exchange.start(Settings(**options)) as exchange:
        headers = {"Authorization": f"Bearer {exchange.control_token}"}
        async with httpx.AsyncClient(base_url=exchange.http_url, headers=headers, trust_env=False) as client:
            yield Operator(exchange, client)


@pytest.fixture
async def operator():
    async with open_operator() as opened:
        yield opened
