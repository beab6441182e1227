"""Thousands of orders are under way when the connection is lost: each ends rightly, for a small part of the weight.

PITWIRE_SIM_FIRST says with which seed.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
import pytest

import pitwire
from pitwire.exchange.configuration import Configuration
from pitwire.exchange.defaults import ACCOUNTS, SYMBOLS
from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.faults import Fault, Phase, Rule
from pitwire.exchange.gateway.handlers import Handlers
from pitwire.market.enums import Side
from pitwire.market.numbers import SCALE
from pitwire.protocol.requests.trading import OrderPlace
from pitwire.protocol.results.trading import Canceled, OrderPlaced
from tests.sim.world import ALICE, BOB, SYMBOL, World, simulate, world

SEED = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
NUMBER = 2_000
CONFIGURATION = Configuration(
    symbols=(msgspec.structs.replace(SYMBOLS[0], max_num_orders=NUMBER),), accounts=ACCOUNTS[:2]
)


class Observed:
    """What the exchange was asked for, and what it would have answered to what the client never heard of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: Counter[str] = Counter()
        self.weight = 0
        self.replies: dict[str, OrderPlaced | Canceled] = {}
        """By the client order id of the order, or of the cancellation."""
        charge, reply = Admission.charge, Handlers.reply

        def charged(admission: Admission, address: str, request: Any, *rest: Any) -> Any:
            self.asked[request.METHOD.name] += 1
            self.weight += request.weight()
            return charge(admission, address, request, *rest)

        def replied(handlers: Handlers, request: Any, *rest: Any) -> Any:
            answer = reply(handlers, request, *rest)
            assert isinstance(answer, bytes)
            kind = OrderPlaced if isinstance(request, OrderPlace) else Canceled
            self.replies[request.new_client_order_id] = msgspec.json.decode(answer, type=kind)
            return answer

        monkeypatch.setattr(Admission, "charge", charged)
        monkeypatch.setattr(Handlers, "reply", replied)

    def forget(self) -> None:
        self.asked.clear()
        self.weight = 0


Ended = dict[str, tuple[Any, float]]
"""By client order id: the result or the error, and how long after the request."""


async def ended_after_a_loss(
    here: World, observed: Observed, method: str, requests: Iterable[tuple[str, "asyncio.Future[Any]"]], lost: float
) -> Ended:
    """What came of requests that are all under way when the connection is lost; a part of them is never read."""
    if lost:
        here.faults.add(Rule(fault=Fault.DROP, phase=Phase.RECEIVED, method=method, count=None, probability=lost))
    here.faults.add(Rule(fault=Fault.DROP, phase=Phase.EXECUTED, method=method, count=None))
    ended: Ended = {}
    futures = []

    def end(name: str, sent_s: float, future: "asyncio.Future[Any]") -> None:
        ended[name] = (future.exception() or future.result(), here.now_s() - sent_s)

    for name, future in requests:
        future.add_done_callback(partial(end, name, here.now_s()))
        futures.append(future)
        if len(futures) % 100 == 0:  # a connection may have a thousand commands under way in the exchange
            await here.clock.advance(seconds=0.1)
    await here.clock.advance(seconds=0.5)
    here.faults.clear()
    observed.forget()
    assert not ended
    here.network.pairs[0].reset()
    await asyncio.wait(futures)
    await here.clock.advance(seconds=0.1)
    print(f"seed {here.seed}, {lost:.0%} lost: {observed.weight} used for {dict(observed.asked)}")
    return ended


def judge(here: World, ended: Ended, replies: dict[str, Any]) -> int:
    """All is as it would have been answered, or never arrived, and that is certain; how many never did."""
    never = 0
    for name, (outcome, took_s) in ended.items():
        if name in replies:
            assert outcome == replies[name]
            assert took_s < 5
        else:
            assert isinstance(outcome, pitwire.NeverArrived)
            assert here.opened[name] == 0
            assert 15 < took_s < 25
            never += 1
    return never


@pytest.mark.parametrize("lost", [0.0, 0.1])
def test_two_thousand_orders_under_way_when_the_connection_is_lost(
    monkeypatch: pytest.MonkeyPatch, lost: float
) -> None:
    observed = Observed(monkeypatch)

    async def lose(seed: int) -> None:
        async with world(seed, configuration=CONFIGURATION) as here, here.client() as client:
            for number in range(50):
                await here.rests(BOB, Side.SELL, 60_000 + number, SCALE, f"bob{number}")
            requests = ((f"order-{number}", order(here, client, f"order-{number}")) for number in range(NUMBER))
            ended = await ended_after_a_loss(here, observed, "order.place", requests, lost)
            never = judge(here, ended, observed.replies)
            assert len(ended) == NUMBER
            assert never == pytest.approx(lost * NUMBER, rel=0.3)
            # In place of 8,000 and more: 4 for each that never arrived, for that is asked singly, and a few pages.
            assert observed.weight - 4 * never <= (150 if not lost else 500)
            assert observed.weight <= 4 * NUMBER / 5

    simulate(SEED, lose)


def order(here: World, client: pitwire.Client, name: str) -> "asyncio.Future[OrderPlaced]":
    terms: dict[str, Any] = here.random.choice(
        [
            {"type": "LIMIT", "time_in_force": "GTC", "price": "40000"},
            {"type": "LIMIT", "time_in_force": "IOC", "price": "40000"},
            {"type": "LIMIT", "time_in_force": "IOC", "price": "61000"},
            {"type": "MARKET"},
        ]
    )
    return client.order_place(
        symbol=SYMBOL,
        side="BUY",
        quantity=str(here.random.choice(["0.001", "0.002"])),
        new_client_order_id=name,
        new_order_resp_type=here.random.choice([None, "ACK", "RESULT", "FULL"]),
        **terms,
    )


@pytest.mark.parametrize("lost", [0.0, 0.1])
def test_a_thousand_cancellations_under_way_when_the_connection_is_lost(
    monkeypatch: pytest.MonkeyPatch, lost: float
) -> None:
    observed = Observed(monkeypatch)

    async def lose(seed: int) -> None:
        async with world(seed, configuration=CONFIGURATION) as here, here.client() as client:
            ids = [
                await here.rests(ALICE, Side.BUY, 50_000 - number, SCALE // 1000, f"order-{number}")
                for number in range(NUMBER // 2)
            ]
            await here.clock.advance(hours=1)
            requests = (
                (
                    f"cancel-{number}",
                    client.order_cancel(symbol=SYMBOL, order_id=ids[number], new_client_order_id=f"cancel-{number}"),
                )
                for number in range(NUMBER // 2)
            )
            ended = await ended_after_a_loss(here, observed, "order.cancel", requests, lost)
            never = judge(here, ended, observed.replies)
            assert len(ended) == NUMBER // 2
            assert never == pytest.approx(lost * NUMBER / 2, rel=0.3)
            assert observed.weight - 4 * never <= (150 if not lost else 400)

    simulate(SEED, lose)
