"""What `streams.metrics` says of what has just happened."""

import asyncio

import msgspec
import pytest

import pitwire
from pitwire.metrics.rules import Alert, StreamSilent
from pitwire.metrics.snapshot import StreamsSnapshot
from tests.client.scripted_server import ScriptedServer
from tests.client.streams.messages import trade
from tests.client.streams.test_slot import answered
from tests.client.streams.world import world

TRADE = "btcusdt@trade"


async def test_connections_queues_and_counts_are_those_of_the_streams() -> None:
    async with world(1) as made, made.streams() as streams, made.client("alice") as alice, made.client("bob") as bob:
        assert streams.metrics.snapshot().is_connected
        slow = streams.subscribe(TRADE, queue_events_max=2)
        async with slow, streams.subscribe(TRADE, "btcusdt@aggTrade", queue="conflate") as latest:
            for _ in range(5):
                await made.trade(alice, bob)
            await made.clock.advance(seconds=1)
            busy = streams.metrics.snapshot()
            assert busy.streams == 2
            assert [each.streams for each in busy.subscriptions] == [TRADE, f"{TRADE}, btcusdt@aggTrade"]
            counts = [(each.waiting, each.dropped, each.conflated) for each in busy.subscriptions]
            assert counts == [(2, 3, 0), (2, 0, 8)]
            assert (busy.waiting, busy.dropped, busy.conflated, busy.gaps) == (2, 3, 8, 0)
            while slow.take() is not None:
                pass
            await made.trade(alice, bob)
            await made.clock.advance(seconds=1)
            assert isinstance(slow.take(), pitwire.StreamGap)
            assert streams.metrics.snapshot().gaps == 1
            made.cut()
            await made.clock.advance(seconds=1e-6)
            assert not streams.metrics.snapshot().is_connected
            await made.clock.advance(seconds=10)
            await streams.rotate()
            after = streams.metrics.snapshot()
            assert (after.connections.wanted, after.connections.ready) == (1, 1)
            assert (after.connections.reconnects, after.connections.rotations) == (1, 1)
            assert latest.waiting == 2
        over = streams.metrics.snapshot()
        assert over.subscriptions == ()
        assert (over.dropped, over.conflated, over.gaps) == (3, 10, 1)  # of those that have ended too
        assert msgspec.json.decode(msgspec.json.encode(over), type=StreamsSnapshot) == over


async def test_counts_go_on_where_a_subscription_begins_again_with_other_streams() -> None:
    async with world(2) as made, made.streams() as streams, made.client("alice") as alice, made.client("bob") as bob:
        async with streams.subscribe(TRADE, queue="drop_oldest", queue_events_max=1) as trades:
            for _ in range(3):
                await made.trade(alice, bob)
            await made.clock.advance(seconds=1)
            assert streams.metrics.snapshot().dropped == 2
            trades.remove(TRADE)
            assert streams.metrics.snapshot().dropped == 2
            assert streams.metrics.snapshot().subscriptions == ()
            await trades.add(TRADE)
            for _ in range(3):
                await made.trade(alice, bob)
            await made.clock.advance(seconds=1)
            assert streams.metrics.snapshot().dropped == 4
        assert streams.metrics.snapshot().dropped == 4


async def test_a_stream_that_falls_silent_is_told_once_and_once_that_it_speaks_again() -> None:
    async with world(3) as made, made.streams() as streams, made.client("alice") as alice, made.client("bob") as bob:
        told: list[Alert] = []
        rules = [StreamSilent(30, streams=TRADE)]
        async with streams.subscribe(TRADE) as trades, streams.metrics.alerts(told.append, rules):
            for _ in range(3):
                await made.trade(alice, bob)
                await made.clock.advance(seconds=20)
                while trades.take() is not None:
                    pass
            assert told == []
            await made.clock.advance(seconds=32)
            assert [str(alert).split(":")[0] for alert in told] == [TRADE]
            await made.trade(alice, bob)
            await made.clock.advance(seconds=2)  # nobody takes it, but it is there
            assert [alert.is_firing for alert in told] == [True, False]


async def test_a_name_is_short_however_many_streams_there_are() -> None:
    async with world(4) as made, made.streams() as streams:
        names = [f"pair{number}usdt@trade" for number in range(50)]
        async with streams.subscribe(*names):
            [subscription] = streams.metrics.snapshot().subscriptions
            assert subscription.streams == "pair0usdt@trade and 49 more"
            assert streams.metrics.snapshot().streams == 50


async def test_how_old_an_event_is_when_it_is_taken() -> None:
    async with (
        world(5) as made,
        made.streams() as streams,
        made.client("alice") as alice,
        made.client("bob") as bob,
        streams.subscribe(TRADE) as trades,
    ):
        await made.trade(alice, bob)
        await made.clock.advance(seconds=2)
        assert streams.metrics.snapshot().ages.count == 0
        assert trades.take() is not None
        ages = streams.metrics.snapshot().ages
        assert (ages.count, ages.max_us) == (1, pytest.approx(2e6, rel=1e-3))


async def test_fields_that_nobody_documented_are_counted() -> None:
    async with ScriptedServer() as server, pitwire.streams(server.url) as streams:
        peer = await server.peer()
        taking = asyncio.ensure_future(anext(streams.subscribe(TRADE)))
        await answered(peer, "SUBSCRIBE")
        peer.send(trade(1, Z=1))
        await taking
        assert streams.metrics.snapshot().unknown_fields == {"TradeUpdate.Z": 1}
