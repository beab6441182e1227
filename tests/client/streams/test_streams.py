"""Streams of all kinds through drops and renewals: nothing missing that no gap tells, nothing twice.

`PITWIRE_STREAM_RUNS` says how many seeded runs there are (1 by default).
"""

import asyncio
import os
from collections import defaultdict
from typing import Any

import pytest

import pitwire
from pitwire.exchange.participants import accounts
from pitwire.exchange.participants.markets import run_synthetic
from pitwire.exchange.participants.pacing import LoopTimer
from pitwire.protocol.market_events import decode_combined
from pitwire.protocol.streams import StreamKind
from tests.client.streams.world import World, world

RUNS = int(os.environ.get("PITWIRE_STREAM_RUNS", "1"))
BTC = "btcusdt"
LISTENED = [
    f"{BTC}@trade",
    f"{BTC}@aggTrade",
    f"{BTC}@blockTrade",
    f"{BTC}@kline_1s",
    f"{BTC}@kline_1m@+08:00",
    f"{BTC}@miniTicker",
    "!miniTicker@arr",
    f"{BTC}@ticker",
    f"{BTC}@ticker_1h",
    "!ticker_1h@arr",
    f"{BTC}@bookTicker",
    f"{BTC}@avgPrice",
    f"{BTC}@referencePrice",
    f"{BTC}@depth5@100ms",
    f"{BTC}@depth@100ms",
]
DENSE = {
    f"{BTC}@trade": ("trade_id", "trade_id"),
    f"{BTC}@aggTrade": ("aggregate_trade_id", "aggregate_trade_id"),
    f"{BTC}@depth@100ms": ("first_update_id", "last_update_id"),
}
"""Streams whose ids have no holes, with the names of the first and the last id of an event."""
OTHERS = [f"pair{number}usdt@trade" for number in range(2_100)]
"""Names of symbols that are not listed: they say nothing, and take room."""


class Record:
    """What came of each stream, in order, and the gaps in their places."""

    def __init__(self) -> None:
        self.events: dict[str, list[Any]] = defaultdict(list)

    async def keep(self, subscription: pitwire.Subscription[Any]) -> None:
        async for event in subscription:
            assert subscription.stream is not None
            self.events[subscription.stream.name].append(event)

    def told(self, name: str) -> list[Any]:
        return [event for event in self.events[name] if not isinstance(event, pitwire.StreamGap)]

    def gaps(self, name: str) -> list[pitwire.StreamGap]:
        return [event for event in self.events[name] if isinstance(event, pitwire.StreamGap)]


def place(event: Any) -> int:
    """Where an event is in its stream, whatever its kind."""
    if isinstance(event, tuple):
        return max(each.event_time for each in event)
    for name in ("trade_id", "aggregate_trade_id", "last_update_id", "update_id", "event_time", "time"):
        if hasattr(event, name):
            return getattr(event, name)  # type: ignore[no-any-return]
    raise AssertionError(event)


def check_dense(name: str, record: Record) -> None:
    """Event follows event without a hole, but where a gap tells exactly what is missing."""
    first, last = DENSE[name]
    expected = None
    for event in record.events[name]:
        if isinstance(event, pitwire.StreamGap):
            if expected is not None:
                assert event.after == expected - 1, name
                assert event.length == event.before - event.after - 1 > 0, name
            expected = event.before
            continue
        assert expected is None or getattr(event, first) == expected, f"{name}: a hole that no gap tells"
        expected = getattr(event, last) + 1


def check_against(name: str, record: Record, witnessed: list[Any]) -> None:
    """What came is what a witness saw: no more, in its order, and what is missing lies within a gap."""
    told = record.told(name)
    gaps = record.gaps(name)
    seen = iter(witnessed)
    for event in told:
        for other in seen:
            if other == event:
                break
            where = place(other)
            covered = any((gap.after is None or gap.after <= where) and where <= gap.before for gap in gaps)
            assert covered or not record_began(told, where), f"{name}: {where} is missing and no gap tells"
        else:
            raise AssertionError(f"{name}: {event} came twice, or out of its order, or nobody else has seen it")
    assert not told or place(told[-1]) == place(witnessed[-1]), f"{name}: the end is missing"


def record_began(told: list[Any], where: int) -> bool:
    return bool(told) and place(told[0]) <= where


async def busy(made: World) -> "asyncio.Future[None]":
    """A market that goes on."""
    for command in accounts.opening(["BTC", "USDT"]):
        await made.exchange.sequencer.execute(command)
    rules, sequencer = made.exchange.engine.rules, made.exchange.sequencer
    return asyncio.ensure_future(run_synthetic(["BTCUSDT"], sequencer, rules, random=made.random, timer=LoopTimer()))


@pytest.mark.parametrize("seed", range(1, RUNS + 1))
async def test_all_kinds_over_more_names_than_a_connection_takes_through_drops_and_renewals(seed: int) -> None:
    assert {pitwire.MarketStream.of(name).form.kind for name in LISTENED} == set(StreamKind)
    async with world(seed) as made:
        made.latency_s_max = 0.05
        market = await busy(made)
        async with made.witness(*LISTENED) as witness, made.streams(rotate_after_s=20) as streams:
            names = LISTENED + OTHERS
            made.random.shuffle(names)
            record = Record()
            subscription = streams.subscribe(*names[: len(names) // 2], queue_events_max=100_000)
            keeping = asyncio.ensure_future(record.keep(subscription))
            async with made.troubles(4.0):
                await subscription.add(*names[len(names) // 2 :])
                await made.clock.advance(seconds=30)
                subscription.remove(*OTHERS[:1_500])  # the connections are not alike any more
                await subscription.add(*OTHERS[:200])
                await made.clock.advance(seconds=15)
            await made.clock.advance(seconds=45)
            assert streams.connections == 3
            market.cancel()
            await made.clock.advance(seconds=3)
            subscription.close()
            await keeping
            skipped, dropped = subscription.skipped, subscription.dropped
        witnessed = defaultdict(list)
        for message in witness.messages:
            stream, event = decode_combined(message)
            witnessed[stream.name].append(event)
    assert dropped == 0
    for name in DENSE:
        check_dense(name, record)
    total = 0
    for name in LISTENED:
        if name not in (f"{BTC}@depth@100ms", f"{BTC}@depth5@100ms"):  # told alike at the same update id
            check_against(name, record, witnessed[name])
        total += len(record.told(name))
    silent = {name for name in LISTENED if not record.told(name)}
    assert silent == {f"{BTC}@blockTrade", f"{BTC}@referencePrice"}, "the exchange says nothing on these"
    gaps = sum(len(record.gaps(name)) for name in LISTENED)
    print(f"{total} events, {gaps} gaps, {skipped} came over a second connection")
