"""Alerts of a client reach the application, and its failures do not reach the client."""

import asyncio
from typing import Any

import pytest

from pitwire.metrics.rules import Alert, NotConnected, Rule
from pitwire.metrics.snapshot import ClientSnapshot
from pitwire.protocol.errors import OutcomeUnknown
from tests.client.scripted_server import connected


class Requests(Rule):
    """Fires while a request is in flight."""

    def __init__(self) -> None:
        super().__init__("requests", "in flight", 0)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        return snapshot.connections.in_flight


class Broken(Rule):
    def __init__(self) -> None:
        super().__init__("broken", "", 0)

    def measure(self, snapshot: ClientSnapshot) -> float | None:
        raise ZeroDivisionError


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_rule_tells_the_callback_when_it_fires_and_when_it_clears(is_async: bool):
    heard: asyncio.Queue[Alert] = asyncio.Queue()

    async def notify(alert: Alert) -> None:
        await heard.put(alert)

    async with connected() as (client, peer, _):
        how: Any = notify if is_async else heard.put_nowait
        async with client.metrics.alerts(how, [Requests()], every_s=0.001) as alerts:
            answer = client.ping()
            assert (await heard.get()).is_firing
            assert alerts.firing == ("requests",)
            peer.reply(await peer.request("ping"))
            await answer
            assert not (await heard.get()).is_firing
            assert alerts.firing == ()


async def test_a_callback_that_fails_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture):
    heard: list[Alert] = []

    def notify(alert: Alert) -> None:
        heard.append(alert)
        raise RuntimeError("the pager is broken")

    async with connected() as (client, peer, _):
        alerts = client.metrics.alerts(notify, [Requests(), Broken()])
        answer = client.ping()
        await alerts.evaluate()
        await alerts.evaluate()
        peer.reply(await peer.request("ping"))
        await answer
        await alerts.evaluate()
    assert [alert.is_firing for alert in heard] == [True, False]
    assert "the pager is broken" in caplog.text
    assert caplog.text.count("ZeroDivisionError") == 1


async def test_a_lost_connection_is_noticed_while_the_client_tries_to_get_it_back():
    heard: asyncio.Queue[Alert] = asyncio.Queue()
    async with (
        connected() as (client, peer, server),
        client.metrics.alerts(heard.put_nowait, [NotConnected(0.01)], every_s=0.001),
    ):
        server.refuse = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
        peer.drop()
        with pytest.raises(OutcomeUnknown):
            await client.time()
        assert (await heard.get()).is_firing
        server.refuse = None
        assert not (await heard.get()).is_firing
        assert client.is_connected


async def test_a_time_between_looks_that_is_none_is_refused():
    async with connected() as (client, *_):
        with pytest.raises(ValueError, match="every_s is 0"):
            client.metrics.alerts(print, every_s=0)
