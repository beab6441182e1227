"""Orders whose answer is lost, or that are lost themselves, against a real exchange: what the caller hears of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

import pitwire
from pitwire.client.client import Client
from pitwire.client.connection import Connection
from pitwire.client.ports import Surroundings
from pitwire.protocol.signing import KeyKind
from tests.client.safety.cutting_proxy import CuttingProxy
from tests.exchange.gateway.venue import Venue, key_of, open_venue

ORDER: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": "0.001",
    "price": "50000",
}


class Rig:
    """An exchange, a proxy before it, and a client of the proxy, all by the exchange's clock."""

    def __init__(self, venue: Venue, proxy: CuttingProxy, client: Client) -> None:
        self.venue = venue
        self.proxy = proxy
        self.client = client

    async def settled(self, answer: Any) -> Any:
        """The outcome, once time enough has passed for it to be certain."""
        async with asyncio.timeout(5):
            await self.proxy.cut.wait()
        await self.client.wait_connected()
        asked = asyncio.ensure_future(answer)
        for _ in range(50):
            await asyncio.wait({asked}, timeout=0.1)
            if asked.done():
                break
            self.venue.clock.turn(4)
            self.client._resolver.connected()  # type: ignore[union-attr]
        return await asked

    async def orders(self) -> list[tuple[str, str]]:
        every = await self.client.all_orders(symbol="BTCUSDT")
        return [(order.client_order_id, str(order.status)) for order in every]


@asynccontextmanager
async def a_rig(**how: Any) -> AsyncIterator[Rig]:
    async with open_venue() as venue, CuttingProxy(venue.url) as proxy:
        surroundings = Surroundings(
            open_transport=Connection.open, clock_ns=lambda: venue.clock.now_us() * 1000, random=lambda: 0.0
        )
        key = key_of("alice", KeyKind.ED25519).signing_key()
        async with pitwire.connect(proxy.url, key=key, surroundings=surroundings, **how) as client:
            yield Rig(venue, proxy, client)


async def test_an_order_that_was_placed_and_not_answered_is_placed_once():
    async with a_rig() as rig:
        rig.proxy.lose_answers_with = b'"orderId"'
        placed = await rig.settled(rig.client.order_place(**ORDER, new_client_order_id="mine"))
        assert (placed.client_order_id, placed.status, placed.orig_qty) == ("mine", "NEW", Decimal("0.001"))
        assert await rig.orders() == [("mine", "NEW")]


async def test_an_order_that_never_arrived_is_said_to_and_can_be_sent_again():
    async with a_rig() as rig:
        rig.proxy.lose_requests_with = b"order.place"
        with pytest.raises(pitwire.NeverArrived) as caught:
            await rig.settled(rig.client.order_place(**ORDER, new_client_order_id="mine"))
        assert caught.value.client_order_id == "mine"
        await rig.client.order_place(**ORDER, new_client_order_id="mine")
        assert await rig.orders() == [("mine", "NEW")]


async def test_an_order_that_was_refused_and_not_answered_is_safe_to_send_again():
    async with a_rig() as rig:
        rig.proxy.lose_answers_with = b"insufficient balance"
        with pytest.raises(pitwire.NeverArrived):
            await rig.settled(rig.client.order_place(**ORDER | {"side": "SELL", "quantity": "150"}))
        assert await rig.orders() == []


async def test_a_cancellation_that_was_not_answered_is_one():
    async with a_rig() as rig:
        order = await rig.client.order_place(**ORDER, new_client_order_id="mine")
        rig.proxy.lose_answers_with = b"CANCELED"
        canceled = await rig.settled(rig.client.order_cancel(symbol="BTCUSDT", order_id=order.order_id))
        assert (canceled.orig_client_order_id, canceled.status) == ("mine", "CANCELED")


async def test_a_cancellation_that_never_arrived_is_said_to():
    async with a_rig() as rig:
        await rig.client.order_place(**ORDER, new_client_order_id="mine")
        rig.proxy.lose_requests_with = b"order.cancel"
        with pytest.raises(pitwire.NeverArrived):
            await rig.settled(rig.client.order_cancel(symbol="BTCUSDT", orig_client_order_id="mine"))
        assert await rig.orders() == [("mine", "NEW")]


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_a_replacement_is_whole_or_never_was(lost: str):
    async with a_rig() as rig:
        await rig.client.order_place(**ORDER, new_client_order_id="old")
        if lost == "request":
            rig.proxy.lose_requests_with = b"order.cancelReplace"
        else:
            rig.proxy.lose_answers_with = b"newOrderResult"
        answer = rig.client.order_cancel_replace(
            **ORDER | {"price": "49000"},
            cancel_replace_mode="STOP_ON_FAILURE",
            cancel_orig_client_order_id="old",
            new_client_order_id="new",
        )
        if lost == "request":
            with pytest.raises(pitwire.NeverArrived):
                await rig.settled(answer)
            assert await rig.orders() == [("old", "NEW")]
        else:
            replaced = await rig.settled(answer)
            assert replaced.new_order_response.client_order_id == "new"
            assert replaced.cancel_response.orig_client_order_id == "old"
            assert await rig.orders() == [("old", "CANCELED"), ("new", "NEW")]


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_an_amendment_was_made_or_never_was(lost: str):
    async with a_rig() as rig:
        order = await rig.client.order_place(**ORDER | {"quantity": "0.002"}, new_client_order_id="mine")
        if lost == "request":
            rig.proxy.lose_requests_with = b"order.amend"
        else:
            rig.proxy.lose_answers_with = b"amendedOrder"
        answer = rig.client.order_amend_keep_priority(symbol="BTCUSDT", order_id=order.order_id, new_qty="0.001")
        if lost == "request":
            with pytest.raises(pitwire.NeverArrived):
                await rig.settled(answer)
        else:
            amended = await rig.settled(answer)
            assert amended.amended_order.qty == Decimal("0.001")
            assert amended.amended_order.orig_client_order_id == "mine"


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_everything_is_cancelled_or_nothing_is(lost: str):
    async with a_rig() as rig:
        for name in ("one", "two"):
            await rig.client.order_place(**ORDER, new_client_order_id=name)
        rig.venue.clock.turn(2)
        if lost == "request":
            rig.proxy.lose_requests_with = b"openOrders.cancelAll"
        else:
            rig.proxy.lose_answers_with = b"CANCELED"
        answer = rig.client.open_orders_cancel_all(symbol="BTCUSDT")
        if lost == "request":
            with pytest.raises(pitwire.NeverArrived):
                await rig.settled(answer)
            assert [status for _, status in await rig.orders()] == ["NEW", "NEW"]
        else:
            canceled = await rig.settled(answer)
            assert sorted(each.orig_client_order_id for each in canceled) == ["one", "two"]


async def test_what_is_asked_about_when_the_client_is_left_stays_unknown():
    async with a_rig() as rig:
        rig.proxy.lose_requests_with = b"order.place"
        answer = rig.client.order_place(**ORDER)
        await rig.proxy.cut.wait()
        await rig.client.wait_connected()
    with pytest.raises(pitwire.OutcomeUnknown, match="the client is closed"):
        await answer


async def test_a_client_that_is_not_to_resolve_says_at_once_that_it_does_not_know():
    async with a_rig(resolve=False) as rig:
        rig.proxy.lose_answers_with = b'"orderId"'
        with pytest.raises(pitwire.OutcomeUnknown) as caught:
            await rig.client.order_place(**ORDER, new_client_order_id="mine")
        assert caught.value.client_order_id == "mine"


async def test_a_refused_timestamp_is_measured_anew_and_sent_once_more():
    async with a_rig() as rig:
        rig.client.clock._low_ns += 30_000_000_000  # what is believed of the server's clock is wrong by 30 s
        rig.client.clock._high_ns += 30_000_000_000
        rig.client.clock.offset_ns += 30_000_000_000
        answers = [rig.client.order_place(**ORDER, new_client_order_id=f"order-{number}") for number in range(3)]
        assert [each.client_order_id for each in await asyncio.gather(*answers)] == ["order-0", "order-1", "order-2"]
        assert len(await rig.orders()) == 3


async def test_a_timestamp_of_the_callers_own_is_not_sent_again():
    async with a_rig() as rig:
        with pytest.raises(pitwire.InvalidTimestamp):
            await rig.client.call(pitwire.protocol.requests.account.AccountStatus(timestamp=1))
