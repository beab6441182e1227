"""What is said of a time without connection: asked for from a real exchange, and never reported twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pitwire
from pitwire.client.connection import Connection
from pitwire.client.missed import NOTICED_MS_MAX, SYMBOLS_MAX, KnownTrades, SeenTrades, find_missed
from pitwire.client.ports import Surroundings
from pitwire.client.user_data import SubscriptionRestored
from pitwire.protocol.errors import Code, NotSent, Rejected
from pitwire.protocol.requests.account import AccountStatus, MyTrades, OpenOrdersStatus
from pitwire.protocol.results.account import AccountTrade
from pitwire.protocol.signing import Key
from tests.client.safety.cutting_proxy import CuttingProxy
from tests.exchange.gateway.venue import key_of, open_venue

LIMIT: dict[str, Any] = {"symbol": "BTCUSDT", "type": "LIMIT", "time_in_force": "GTC", "price": "50000"}
ALICE = Key.hmac("alice", "secret")


def report(symbol: str, trade: int) -> bytes:
    return json.dumps({"subscriptionId": 0, "event": {"e": "executionReport", "s": symbol, "t": trade}}).encode()


def traded(number: int, symbol: str = "A") -> AccountTrade:
    return AccountTrade(
        symbol=symbol,
        id=number,
        order_id=1,
        order_list_id=-1,
        price=Decimal(1),
        qty=Decimal(1),
        quote_qty=Decimal(1),
        commission=Decimal(0),
        commission_asset="A",
        time=number,
        is_buyer=True,
        is_maker=True,
        is_best_match=True,
    )


def test_the_newest_trade_of_each_symbol_is_known_for_each_account():
    seen = SeenTrades()
    for message in (report("A", 5), report("B", -1), report("A", 3), b'"executionReport"', b'{"event":{"e":"x"}}'):
        seen.hear(message, None)
    seen.hear(report("A", 9), ALICE)
    assert seen.known(None, 0).newest == {"B": -1, "A": 5}
    seen.restored([traded(7), traded(6)], None)
    assert seen.known(None, 0).newest == {"B": -1, "A": 7}
    assert seen.known(ALICE, 0, [(ALICE, "C"), (None, "D"), (ALICE, "A")]).newest == {"C": -1, "A": 9}
    for number in range(2 * SYMBOLS_MAX):
        seen.hear(report(f"S{number}", number), None)
    assert len(seen.known(None, 0).newest) == SYMBOLS_MAX


def test_of_a_symbol_without_a_trade_those_since_the_subscription_are_missed_or_since_the_silence_began():
    seen = SeenTrades()
    seen.begin(None, 1_000_000)
    assert seen.known(None, 1_000_500).since_ms == 1_000_000
    assert seen.known(None, 2_000_000).since_ms == 2_000_000 - NOTICED_MS_MAX


async def test_trades_are_asked_for_on_every_symbol_that_may_have_some():
    order = SimpleNamespace(symbol="OPEN")
    answers: dict[str, Any] = {"OPEN": [traded(1, "OPEN")], "KNOWN": [traded(5, "KNOWN")], "SENT": []}

    async def ask(query: Any, key: Key | None) -> Any:
        match query:
            case OpenOrdersStatus():
                return (order,)
            case AccountStatus():
                return SimpleNamespace(balances=())
            case MyTrades(symbol="NONE"):
                raise Rejected(400, Code.BAD_SYMBOL, "Invalid symbol.")
            case MyTrades(symbol="KNOWN"):
                assert (query.from_id, query.start_time) == (5, None)
            case _:
                assert (query.from_id, query.start_time) == (None, 77)
        return answers[query.symbol]

    gap = SubscriptionRestored(lost_at_ms=1, restored_at_ms=5)
    known = KnownTrades(77, {"KNOWN": 4, "SENT": -1, "NONE": -1})
    missed = await find_missed(ask, None, known, gap)
    assert missed.is_complete
    assert [(trade.symbol, trade.id) for trade in missed.trades] == [("OPEN", 1), ("KNOWN", 5)]


async def test_more_trades_than_can_be_read_in_time_leave_the_gap_as_it_is():
    async def ask(query: Any, key: Key | None) -> Any:
        match query:
            case MyTrades(from_id=int(first)):
                return [traded(number) for number in range(first, first + query.limit)]
            case _:
                return ()

    gap = SubscriptionRestored(lost_at_ms=1, restored_at_ms=5)
    assert await find_missed(ask, None, KnownTrades(0, {"A": 4}), gap) == gap


async def test_an_exchange_that_does_not_answer_leaves_the_gap_as_it_is():
    async def ask(query: Any, key: Key | None) -> Any:
        raise NotSent("not connected")

    gap = SubscriptionRestored(lost_at_ms=1, restored_at_ms=5)
    missed = await find_missed(ask, ALICE, KnownTrades(0, {"A": 1}), gap)
    assert not missed.is_complete
    assert (missed.gap_ms, missed.api_key) == (4, "alice")


@asynccontextmanager
async def two_traders() -> AsyncIterator[tuple[Any, CuttingProxy, pitwire.Client, pitwire.Client]]:
    """Alice behind a proxy that can cut her off, and Bob."""
    async with open_venue() as venue, CuttingProxy(venue.url) as proxy:
        surroundings = Surroundings(
            open_transport=Connection.open, clock_ns=lambda: venue.clock.now_us() * 1000, random=lambda: 0.0
        )
        alice, bob = (key_of(name).signing_key() for name in ("alice", "bob"))
        async with (
            pitwire.connect(proxy.url, key=alice, surroundings=surroundings) as client,
            pitwire.connect(venue.url, key=bob, surroundings=surroundings) as other,
        ):
            yield venue, proxy, client, other


async def test_trades_orders_and_balances_of_the_gap_are_handed_over_once():
    async with two_traders() as (_venue, proxy, alice, bob), alice.user_data() as events:
        await alice.order_place(**LIMIT, side="BUY", quantity="0.003", new_client_order_id="resting")
        while not isinstance(await anext(events), pitwire.OutboundAccountPosition):
            pass
        await bob.order_place(**LIMIT, side="SELL", quantity="0.001")
        first = await anext(events)
        assert isinstance(first, pitwire.ExecutionReport)
        assert isinstance(await anext(events), pitwire.OutboundAccountPosition)

        proxy.lose_requests_with = b'"ping"'
        lost = asyncio.ensure_future(alice.ping())
        await proxy.cut.wait()
        await bob.order_place(**LIMIT, side="SELL", quantity="0.001")  # Alice hears nothing of it
        await asyncio.gather(lost, return_exceptions=True)
        await bob.order_place(**LIMIT, side="SELL", quantity="0.0005")

        restored = await anext(events)
        assert isinstance(restored, pitwire.SubscriptionRestored)
        assert restored.is_complete
        trades = {first.trade_id} | {trade.id for trade in restored.trades}
        assert first.trade_id not in {trade.id for trade in restored.trades}
        assert [order.client_order_id for order in restored.open_orders] == ["resting"]
        assert {balance.asset for balance in restored.balances} == {"BTC", "USDT"}

        await bob.order_place(**LIMIT, side="SELL", quantity="0.0005")
        while len(trades) < 4:
            event = await anext(events)
            if isinstance(event, pitwire.ExecutionReport):
                assert event.trade_id not in trades, "it was handed over already"
                trades.add(event.trade_id)


async def test_several_accounts_on_one_connection_are_told_apart_and_restored():
    async with two_traders() as (_venue, proxy, alice, bob):
        bobs_key = key_of("bob").signing_key()
        async with alice.user_data() as every, alice.user_data(key=bobs_key) as his:
            await bob.order_place(**LIMIT, side="SELL", quantity="0.001", new_client_order_id="bobs")
            event = await anext(his)
            assert isinstance(event, pitwire.ExecutionReport)
            assert event.client_order_id == "bobs"
            assert await anext(every) == event
            proxy.lose_requests_with = b'"ping"'
            await asyncio.gather(alice.ping(), return_exceptions=True)
            while not isinstance(restored := await anext(his), pitwire.SubscriptionRestored):
                pass
            assert (restored.api_key, restored.is_complete) == (bobs_key.api_key, True)
            assert [order.client_order_id for order in restored.open_orders] == ["bobs"]
            await alice.order_place(**LIMIT, side="SELL", quantity="0.001", new_client_order_id="hers")
            await bob.order_place(**LIMIT, side="SELL", quantity="0.001", new_client_order_id="bobs-2")
            event = await anext(his)
            assert isinstance(event, pitwire.ExecutionReport)
            assert event.client_order_id == "bobs-2", "hers is not his"
