"""Clients in two processes that want three times what an address may: none is refused, and little is left unused."""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

import pitwire
from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.gateway.limits import MINUTE_US, REQUEST_WEIGHT, AddressLimits, UnfilledOrders
from tests.locations import REPOSITORY
from tests.sim.asking import WEIGHT, Asked, ask
from tests.sim.world import simulate, world

SEED = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
CLIENTS = 20
MINUTES = 10
TIMES = 3
CANCEL_S_MAX = 1.0
"""A round trip and no more: whoever waits behind queries waits for the next minute. The reserve of 5 % has room for
twice the cancellations that are made here."""


class Counts:
    """What the exchange counts: weight by the minute, and what it refuses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.weight: Counter[int] = Counter()
        self.refused = 0
        charge_address, charge_orders = AddressLimits.charge, UnfilledOrders.charge

        def charge(limits: AddressLimits, address: str, weight: int, now_us: int) -> Any:
            exceeded = charge_address(limits, address, weight, now_us)
            self.weight[now_us // MINUTE_US] += 0 if exceeded else weight
            self.refused += exceeded is not None
            return exceeded

        def charge_order(limits: UnfilledOrders, account: int, orders: int, now_us: int) -> Any:
            exceeded = charge_orders(limits, account, orders, now_us)
            self.refused += exceeded is not None
            return exceeded

        monkeypatch.setattr(AddressLimits, "charge", charge)
        monkeypatch.setattr(UnfilledOrders, "charge", charge_order)


def test_twenty_clients_of_two_governors_with_one_file_use_nearly_all_for_ten_minutes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counts = Counts(monkeypatch)
    asked = Asked()

    async def work(seed: int) -> None:
        async with world(seed, latency_s_max=0.02, limits=True) as here, AsyncExitStack() as open_clients:
            governors = [pitwire.Limits(share=tmp_path / "limits") for _ in range(2)]
            clients = []
            for number in range(CLIENTS):
                client = here.client(("alice", "bob")[number // 2 % 2], limits=governors[number % 2], deadline_s=5)
                clients.append(await open_clients.enter_async_context(client))
            per_client_s = TIMES * REQUEST_WEIGHT.limit / 60 / WEIGHT / CLIENTS
            await asyncio.gather(
                *(ask(client, asked, 1 / per_client_s, 60 * MINUTES, here.now_s) for client in clients)
            )

    simulate(SEED, work)
    whole = sorted(counts.weight)[1:MINUTES]  # the first and the last minute are cut short
    used = [counts.weight[minute] / REQUEST_WEIGHT.limit for minute in whole]
    print(f"seed {SEED}: used {[f'{share:.1%}' for share in used]}; {dict(asked.ended)}")
    print(f"  the slowest of {len(asked.cancels_s)} cancellations took {max(asked.cancels_s):.3f} s")
    assert counts.refused == 0
    assert asked.ended["429"] == 0
    assert len(used) == MINUTES - 1
    assert min(used) >= 0.9
    assert max(asked.cancels_s) < CANCEL_S_MAX


class _FromTheMinute:
    """The machine's clock, set so that a minute has just begun: the test shall not run into the next."""

    def __init__(self) -> None:
        now_us = time.time_ns() // 1000
        self._ahead_us = MINUTE_US - now_us % MINUTE_US + 1_000_000

    def now_us(self) -> int:
        return time.time_ns() // 1000 + self._ahead_us


async def test_two_processes_with_one_file_use_nearly_all_of_a_minute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counts = Counts(monkeypatch)
    async with Exchange.start(Settings(ws_port=0, http_port=None), _FromTheMinute()) as exchange:
        arguments = ["-m", "tests.sim.asking", exchange.ws_url, str(tmp_path / "limits"), "6"]
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, *arguments, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
            )
            for _ in range(2)
        ]
        outputs = [(await process.communicate())[0] for process in processes]
    said = [json.loads(output) for output in outputs]
    print(said, dict(counts.weight))
    assert counts.refused == 0
    assert all("429" not in each["ended"] for each in said)
    assert max(counts.weight.values()) >= 0.9 * REQUEST_WEIGHT.limit
