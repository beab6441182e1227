"""A market maker who has placed all the orders that he may, and whose orders are filled."""

import asyncio
import os
from typing import Any

import pytest

import pitwire
from pitwire.exchange.gateway.limits import MAKER_FILL_GIVES_BACK, ORDERS
from pitwire.market.enums import Side
from pitwire.market.numbers import SCALE
from tests.sim.test_limits import Counts
from tests.sim.world import BOB, SYMBOL, World, simulate, world

SEED = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
LIMIT, INTERVAL_S = ORDERS[0].limit, ORDERS[0].interval_us / 1e6


def quote(client: pitwire.Client) -> "asyncio.Future[Any]":
    return client.order_place(
        symbol=SYMBOL, side="SELL", type="LIMIT", time_in_force="GTC", quantity="0.001", price="60000"
    )


async def all_that_may_be(here: World, client: pitwire.Client) -> None:
    """Place them just after an interval has begun."""
    into_s = here.clock.now_us() / 1e6 % INTERVAL_S
    await here.clock.advance(seconds=INTERVAL_S - into_s + 1.5)
    await asyncio.gather(*(quote(client) for _ in range(LIMIT)))


async def fill(here: World, number: int) -> None:
    """Somebody takes one of them."""
    await here.rests(BOB, Side.BUY, 60_000, SCALE // 1000, f"bob{number}")


@pytest.mark.parametrize("policy", ["wait", "refuse"])
def test_a_fill_makes_room_at_once_for_one_who_has_none(monkeypatch: pytest.MonkeyPatch, policy: Any) -> None:
    counts = Counts(monkeypatch)

    async def make(seed: int) -> None:
        async with (
            world(seed, limits=True) as here,
            here.client(limits=pitwire.Limits(policy)) as client,
            client.user_data(),
        ):
            await all_that_may_be(here, client)
            full_s = here.now_s()
            waiting = quote(client)
            await here.clock.advance(seconds=1)
            assert waiting.done() == (policy == "refuse")
            before = client.metrics.snapshot().requests
            assert "account.rateLimits.orders" not in before, "nothing was filled, so nothing is asked"
            await fill(here, 1)
            await here.clock.advance(seconds=1)
            if policy == "refuse":
                with pytest.raises(pitwire.LimitReached):
                    await waiting
                waiting = quote(client)
            await waiting
            for _ in range(MAKER_FILL_GIVES_BACK - 1):
                await quote(client)
            assert here.now_s() - full_s < 3, "it is the interval that the first ones were placed in"
            late = quote(client)
            if policy == "refuse":
                with pytest.raises(pitwire.LimitReached):
                    await late
                return
            await late
            assert here.now_s() - full_s > INTERVAL_S - 3

    simulate(SEED, make)
    assert counts.refused == 0


def test_many_fills_have_the_count_asked_for_no_more_than_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = Counts(monkeypatch)

    async def make(seed: int) -> None:
        async with world(seed, limits=True) as here, here.client() as client, client.user_data():
            await all_that_may_be(here, client)
            for number in range(30):
                client._limits._account(client._account).charge(LIMIT)  # however much is given back, there is no room
                await fill(here, number)
                await here.clock.advance(seconds=0.1)
            asked = client.metrics.snapshot().requests["account.rateLimits.orders"].count
            assert 1 <= asked <= 6

    simulate(SEED, make)
    assert counts.refused == 0
