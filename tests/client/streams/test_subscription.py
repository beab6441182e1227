"""What an application sees of its subscriptions: each at its own pace, within its own bounds."""

import asyncio
from typing import Any

import pytest

import pitwire
from pitwire.client.streams.queues import Policy
from tests.client.streams.world import World, world

TRADE = "btcusdt@trade"


async def traded(made: World, number: int) -> None:
    """So many trades, all of them told."""
    async with made.client("alice") as alice, made.client("bob") as bob:
        for _ in range(number):
            await made.trade(alice, bob)
    await made.clock.advance(seconds=1)


def waiting(subscription: pitwire.Subscription[Any]) -> list[Any]:
    """The ids of what waits, and gaps as (after, before, length)."""
    out: list[Any] = []
    while (event := subscription.take()) is not None:
        out.append(
            (event.after, event.before, event.length) if isinstance(event, pitwire.StreamGap) else event.trade_id
        )
    return out


@pytest.mark.parametrize(
    ("policy", "kept", "dropped", "conflated"),
    [("wait", [1, 2, 3, 4, 5], 25, 0), ("drop_oldest", [26, 27, 28, 29, 30], 25, 0), ("conflate", [30], 0, 29)],
)
async def test_a_slow_consumer_is_bounded_by_its_policy_and_delays_nobody(
    policy: Policy, kept: list[int], dropped: int, conflated: int
) -> None:
    async with world(1) as made, made.streams() as streams:
        slow = streams.subscribe(TRADE, queue=policy, queue_events_max=5)
        async with slow, streams.subscribe(pitwire.MarketStream.trade("BTCUSDT")) as quick:
            taken: list[tuple[int, int]] = []

            async def take() -> None:
                async for event in quick:
                    assert not isinstance(event, pitwire.StreamGap)
                    taken.append((event.trade_id, made.clock.now_ns() // 1_000_000 - event.event_time))

            taking = asyncio.ensure_future(take())
            await traded(made, 30)
            assert [number for number, _ in taken] == list(range(1, 31))
            assert max(late_ms for _, late_ms in taken) <= 1
            assert slow.waiting == len(kept)
            assert (slow.dropped, slow.conflated) == (dropped, conflated)
            assert waiting(slow) == kept
            await traded(made, 1)
            assert waiting(slow) == ([(5, 31, 25), 31] if policy == "wait" else [31])
            quick.close()
            await taking


async def test_streams_come_and_go_while_running_and_are_shared_on_the_wire() -> None:
    async with world(1) as made, made.streams() as streams:
        other = streams.subscribe(TRADE, "btcusdt@aggTrade")
        async with streams.subscribe(TRADE) as one, other:
            await traded(made, 1)
            assert (one.waiting, other.waiting) == (1, 2)
            other.remove("btcusdt@aggTrade")
            assert other.waiting == 1
            one.remove(TRADE)
            await traded(made, 1)
            assert (one.waiting, other.waiting) == (0, 2)
            await one.add(TRADE, "btcusdt@bookTicker")
            await one.add(TRADE)
            await traded(made, 1)
            assert waiting(other) == [1, 2, 3]
            events = [one.take() for _ in range(one.waiting)]
            assert [type(event).__name__ for event in events].count("TradeUpdate") == 1
            assert {stream.name for stream in one.streams} == {TRADE, "btcusdt@bookTicker"}


async def test_an_iteration_subscribes_by_itself_and_ends_with_the_subscription() -> None:
    async with world(1) as made, made.streams() as streams:
        subscription = streams.subscribe(TRADE)
        first = asyncio.ensure_future(anext(subscription))
        await made.clock.advance(seconds=1)
        await traded(made, 2)
        assert (await first).trade_id == 1
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await anext(streams.subscribe("btcusdt@blockTrade"))
        subscription.close()
        assert [event.trade_id async for event in subscription] == [2]


async def test_two_tasks_cannot_take_from_one_subscription() -> None:
    async with world(1) as made, made.streams() as streams, streams.subscribe(TRADE) as subscription:
        first = asyncio.ensure_future(anext(subscription))
        await made.clock.advance(seconds=0.1)
        with pytest.raises(RuntimeError, match="another task waits"):
            await anext(subscription)
        first.cancel()


async def test_without_a_connection_nothing_is_subscribed() -> None:
    async with world(1) as made:
        streams = made.streams()
        with pytest.raises(pitwire.NotSent, match="use them in `async with`"):
            await anext(streams.subscribe(TRADE))
        async with streams:
            pass
        with pytest.raises(pitwire.NotSent, match="closed"):
            await anext(streams.subscribe(TRADE))


async def test_a_fall_of_the_connection_is_a_gap_of_what_was_missed_and_nothing_else() -> None:
    async with world(1) as made, made.streams() as streams, streams.subscribe(TRADE) as subscription:
        await traded(made, 2)
        pair = made.network.pairs[-1]
        async with made.client("alice") as alice, made.client("bob") as bob:
            pair.reset()
            for _ in range(3):
                await made.trade(alice, bob)
            await made.clock.advance(seconds=5)
            for _ in range(2):
                await made.trade(alice, bob)
            await made.clock.advance(seconds=1)
        assert waiting(subscription) == [1, 2, (2, 6, 3), 6, 7]


async def test_a_renewal_loses_nothing_and_brings_nothing_twice() -> None:
    async with world(1) as made, made.streams() as streams, streams.subscribe(TRADE) as subscription:
        made.latency_s_max = 0.2
        renewal = asyncio.ensure_future(streams.rotate())
        async with made.client("alice") as alice, made.client("bob") as bob:
            count = 0
            while not renewal.done():
                await made.trade(alice, bob)
                count += 1
            await made.clock.advance(seconds=2)
        assert count > 1
        assert waiting(subscription) == list(range(1, count + 1))
        assert subscription.skipped > 0
