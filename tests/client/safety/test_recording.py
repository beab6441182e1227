"""A client's journal: what is written before it is sent, and what a process that was killed leaves to the next."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pitwire
from pitwire.client.safety.journal import Journal
from pitwire.protocol.signing import KeyKind
from tests.client.samples import ACK, HMAC_KEY, ORDER
from tests.client.scripted_server import ScriptedServer, connected
from tests.exchange.gateway.venue import key_of
from tests.processes import exchange_process

TRADER = """
import asyncio, sys
import pitwire
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

async def main(url, journal, name):
    key = next(each for each in DEVELOPMENT_KEYS if each.name == "alice" and each.kind == "ED25519").signing_key()
    async with pitwire.connect(url, key=key, journal=journal) as client:
        for number in range(1_000_000):
            answers = [
                client.order_place(
                    symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity="0.001", price="20000",
                    new_client_order_id=f"{name}-{number}-{each}",
                )
                for each in range(5)
            ]
            print(number, flush=True)
            await asyncio.gather(*answers, return_exceptions=True)
            await client.open_orders_cancel_all(symbol="BTCUSDT")

asyncio.run(main(*sys.argv[1:]))
"""


def left_in(path: Path) -> list[str | None]:
    journal = Journal(path)
    journal.close()
    return [begun.client_order_id for begun in journal.left]


async def test_an_order_is_durable_before_it_is_sent_and_goes_when_it_is_answered(tmp_path: Path):
    path = tmp_path / "journal"
    async with connected(HMAC_KEY, journal=path) as (client, peer, _):
        answer = client.order_place(**ORDER, new_client_order_id="mine")
        assert path.read_bytes() == b""
        request = await peer.request("order.place")
        assert b'"client_order_id":"mine"' in path.read_bytes()
        peer.reply(request, ACK)
        await answer
    assert left_in(path) == []


async def test_orders_of_one_turn_are_one_line(tmp_path: Path):
    path = tmp_path / "journal"
    async with connected(HMAC_KEY, journal=path) as (client, peer, _):
        answers = [client.order_place(**ORDER) for _ in range(10)]
        for request in await peer.requests(10):
            peer.reply(request, ACK)
        for answer in answers:
            await answer
        assert path.read_bytes().count(b"\n") == 1


async def test_queries_are_not_written_down(tmp_path: Path):
    async with connected(HMAC_KEY, journal=tmp_path / "journal") as (client, peer, _):
        answer = client.time()
        peer.reply(await peer.request("time"), {"serverTime": 1})
        await answer
        assert (tmp_path / "journal").read_bytes() == b""


async def test_what_cannot_be_written_down_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with connected(HMAC_KEY, journal=tmp_path / "journal") as (client, peer, _):

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pitwire.client.safety.journal.os.fdatasync", full)
        for _ in range(2):
            with pytest.raises(pitwire.NotSent, match="the journal cannot be written"):
                await client.order_place(**ORDER)
        answer = client.time()
        peer.reply(await peer.request("time"), {"serverTime": 1})
        await answer


async def test_what_was_never_answered_is_left_to_the_next_start(tmp_path: Path):
    path = tmp_path / "journal"
    async with ScriptedServer() as server:
        async with pitwire.connect(server.url, key=HMAC_KEY, journal=path) as client:
            peer = await server.peer()
            answer = client.order_place(**ORDER, new_client_order_id="mine")
            await peer.request("order.place")
        with pytest.raises(pitwire.OutcomeUnknown):
            await answer
    assert left_in(path) == ["mine"]


def test_a_journal_without_finding_out_is_refused():
    with pytest.raises(ValueError, match="leave `resolve` on"):
        pitwire.connect("local", journal="journal", resolve=False)


def trade_until_killed(url: str, journal: Path, name: str, rounds: int) -> None:
    """Run a trader and kill it in the middle of that round."""
    command = [sys.executable, "-c", TRADER, url, str(journal), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as trader:
        assert trader.stdout is not None
        for _ in range(rounds):
            assert trader.stdout.readline()
        os.kill(trader.pid, signal.SIGKILL)


async def test_a_client_that_is_killed_and_started_again_knows_what_became_of_its_orders(tmp_path: Path):
    journal = tmp_path / "journal"
    key = key_of("alice", KeyKind.ED25519).signing_key()
    with exchange_process(tmp_path, "--ephemeral", "--market", "none") as exchange:
        for rounds in (3, 4):
            trade_until_killed(exchange.url, journal, f"run-{rounds}", rounds)
            left = left_in(journal)
            assert left
            async with pitwire.connect(exchange.url, key=key, journal=journal, resolve_margin_s=0.2) as client:
                recovered = await client.recover()
                assert [each.client_order_id for each in recovered] == left
                for each in recovered:
                    if each.client_order_id is None:
                        continue  # a cancel-all
                    status = client.order_status(symbol="BTCUSDT", orig_client_order_id=each.client_order_id)
                    if isinstance(each.outcome, pitwire.NeverArrived):
                        with pytest.raises(pitwire.NoSuchOrder):
                            await status
                    else:
                        assert (await status).order_id == each.outcome.order_id
                assert await client.recover() == ()
            assert left_in(journal) == []
