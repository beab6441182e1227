"""What the exchange does to a stream's connection, and what the slot makes of it."""

import asyncio
import json
from typing import Any

import pytest

import pitwire
from tests.client.scripted_server import Peer, ScriptedServer
from tests.client.streams.messages import trade

TRADE = "btcusdt@trade"


async def answered(peer: Peer, method: str) -> dict[str, Any]:
    """The next command, which is `method`, answered."""
    command = await peer.request(method)
    peer.send({"result": None, "id": command["id"]})
    return command


async def test_an_announced_shutdown_has_the_connection_renewed_before_it_comes() -> None:
    async with ScriptedServer() as server, pitwire.streams(server.url) as streams:
        first = await server.peer()
        assert first.target == "/stream"
        trades = streams.subscribe(TRADE)
        taking = asyncio.ensure_future(anext(trades))
        assert (await answered(first, "SUBSCRIBE"))["params"] == [TRADE]
        first.send(trade(1))
        assert (await taking).trade_id == 1
        first.send({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}})
        second = await server.peer()
        await answered(second, "SUBSCRIBE")
        second.send(trade(2))  # ahead of the old one, and kept
        second.send(trade(3))
        barrier = await first.request("GET_PROPERTY")
        first.send(trade(2))
        assert (await anext(trades)).trade_id == 2
        first.send({"result": True, "id": barrier["id"]})
        assert (await anext(trades)).trade_id == 3
        await first.closed()
        assert trades.skipped == 1


async def test_what_the_exchange_refuses_is_raised_where_it_was_asked_for_and_the_others_go_on() -> None:
    async with ScriptedServer() as server, pitwire.streams(server.url) as streams:
        peer = await server.peer()
        taking = asyncio.ensure_future(anext(streams.subscribe(TRADE)))
        await answered(peer, "SUBSCRIBE")
        refused = asyncio.ensure_future(anext(streams.subscribe("ethusdt@trade")))
        command = await peer.request("SUBSCRIBE")
        peer.send({"error": {"code": 4, "msg": "Too many subscriptions"}, "id": command["id"]})
        with pytest.raises(pitwire.StreamRefused, match=r"Too many subscriptions \(code 4\): ethusdt@trade"):
            await refused
        peer.send(b"garbage")
        peer.send({"error": {"code": 1, "msg": "about nothing"}, "id": 99})
        data = json.loads(trade(1))["data"]
        peer.send(json.dumps({"data": data, "stream": TRADE}).encode())  # its keys in another order
        assert (await taking).trade_id == 1
