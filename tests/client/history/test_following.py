"""History and live stream as one sequence: it is the exchange's own, through drops in history, at the seam and live.

`PITWIRE_FOLLOW_RUNS` says how many random markets each kind is followed through (1 by default, a seed each).
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

import pitwire
from pitwire.client.history.following import Follower
from pitwire.client.history.joining import ById, trade_of
from pitwire.exchange.projections.intervals import HOUR_US
from pitwire.market.enums import KlineInterval
from pitwire.protocol.results import Trade
from tests.client.history.market import Market, nearly_exhaust
from tests.client.scripted_server import ScriptedServer
from tests.client.streams.messages import trade
from tests.client.streams.world import World, world

RUNS = int(os.environ.get("PITWIRE_FOLLOW_RUNS", "1"))
SEEDS = range(1, RUNS + 1)
OLD_BARS = 2_100
"""More than two pages."""
STEPS = 25
OLD_TRADE = Trade(
    id=4_999,
    price=Decimal(1),
    qty=Decimal(1),
    quote_qty=Decimal(1),
    time=1,
    is_buyer_maker=False,
    is_best_match=True,
)


class Taken:
    """What a follower gave, in order. `at` has something done as soon as so many rows are there."""

    def __init__(self) -> None:
        self.rows: list[pitwire.Followed[Any]] = []
        self.expected: list[Any] = []
        """What the exchange's history says in the end, and (`until_ms`) since when it did nothing but wait."""
        self.until_ms = 0
        self.at: dict[int, Callable[[], object]] = {}
        self.on_open: Callable[[], object] | None = None

    async def take(self, follower: Any) -> None:
        async with follower:
            async for each in follower:
                self.rows.append(each)
                then = self.at.pop(len(self.rows), None)
                if then is not None:
                    then()
                if not each.is_closed and self.on_open is not None:
                    then, self.on_open = self.on_open, None
                    then()

    def sources(self, *, closed: bool) -> set[str]:
        return {each.source for each in self.rows if each.is_closed is closed}


async def followed(
    made: World, market: Market, start_ms: int, follow: Callable[..., Any], whole: Callable[..., Awaitable[list[Any]]]
) -> Taken:
    """What `follow` gives of a market through drops, until it has all that the exchange says in the end."""
    made.latency_s_max = 0.05
    failed: list[dict[str, Any]] = []
    made.loop.set_exception_handler(lambda _, context: failed.append(context))
    taken = Taken()
    random, clock = made.random, made.clock
    async with (
        made.client() as reader,
        pitwire.connect(made.exchange.ws_url, surroundings=made.surroundings()) as client,
        made.streams() as streams,
    ):
        follower = follow(pitwire.History(client), streams)
        taken.at[random.randrange(1, 900)] = made.cut  # in the middle of history: the next page is not asked for yet
        taken.on_open = lambda: made.loop.call_later(random.random() * 0.2, made.cut)  # at the seam, or nearly
        taking = asyncio.ensure_future(taken.take(follower))
        await clock.advance(seconds=60)
        for number in range(STEPS):
            if number % 5 == 2:
                made.cut()
                await market.step()  # while nobody can hear of it
                await market.step()
            await market.step()
            await clock.advance(seconds=random.choice((0.01, 0.2, 3.0, 70.0)))
        await clock.advance(seconds=90)
        for _ in range(3):  # by now there is a connection, and nothing happens to it
            await market.trade()
            await clock.advance(seconds=3)
        market.approach_the_end()
        await clock.advance(seconds=90)
        await market.trade()
        taken.until_ms = made.exchange_clock.now_us() // 1000
        await clock.advance(seconds=200)
        assert not taking.done(), taking
        taken.expected = await whole(pitwire.History(reader))
        follower.close()
        await taking
    assert failed == []
    return taken


@pytest.mark.parametrize("utc_8", [False, True], ids=["utc", "utc+8"])
@pytest.mark.parametrize("interval", list(KlineInterval))
@pytest.mark.parametrize("seed", SEEDS)
async def test_followed_bars_are_the_exchanges_own_through_drops(
    seed: int, interval: KlineInterval, utc_8: bool
) -> None:
    async with world(seed) as made:
        market = Market(made, interval, 8 * HOUR_US if utc_8 else 0)
        start_ms = await market.open()
        for _ in range(5):
            await market.step()
        await market.trade()
        made.exchange_clock.turn(OLD_BARS * market.width_s)
        for _ in range(10):
            await market.step()
        zone = "8" if utc_8 else None
        taken = await followed(
            made,
            market,
            start_ms,
            lambda history, streams: history.follow_klines("btcusdt", interval, streams, start=start_ms, utc_8=utc_8),
            lambda history: history.klines("BTCUSDT", interval, start=start_ms, time_zone=zone),
        )
    check_bars(taken)
    assert taken.sources(closed=True) == {"history", "live", "recovered"}


def check_bars(taken: Taken) -> None:
    over = [bar for bar in taken.expected if bar.close_time < taken.until_ms]
    closed = [each.row for each in taken.rows if each.is_closed]
    assert closed == taken.expected[: len(closed)]
    assert len(closed) >= len(over) > OLD_BARS
    last: Any = None
    places = iter(taken.expected)
    place = next(places)
    for each in taken.rows:  # an open bar is the next one, has no less than before, and says something new
        row = each.row
        assert row.open_time == place.open_time
        if not each.is_closed:
            assert row != last
            assert last is None or last.open_time != row.open_time or last.trade_count <= row.trade_count
            assert row.trade_count <= place.trade_count
        last = row
        place = next(places, place) if each.is_closed else place


FOLLOW: dict[str, Any] = {
    "trades": (
        lambda start_ms: lambda history, streams: history.follow_trades("BTCUSDT", streams, start=start_ms),
        lambda start_ms: lambda history: history.trades("BTCUSDT", start=start_ms),
    ),
    "aggregate trades": (
        lambda start_ms: lambda history, streams: history.follow_aggregate_trades("BTCUSDT", streams, start=start_ms),
        lambda start_ms: lambda history: history.aggregate_trades("BTCUSDT", start=start_ms),
    ),
}


@pytest.mark.parametrize("what", FOLLOW)
@pytest.mark.parametrize("seed", SEEDS)
async def test_followed_trades_are_the_exchanges_own_each_once_through_drops(seed: int, what: str) -> None:
    follow, whole = FOLLOW[what]
    async with world(seed) as made:
        market = Market(made)
        await market.open()
        for _ in range(20):
            await market.step()
        start_ms = made.exchange_clock.now_us() // 1000 + 1
        made.exchange_clock.turn(1)
        while market.trades < 2_500:
            await market.trade()
            made.exchange_clock.turn(0.1)
        taken = await followed(made, market, start_ms, follow(start_ms), whole(start_ms))
    assert [each.row for each in taken.rows] == taken.expected
    assert taken.expected[0].id > 1
    assert taken.sources(closed=False) == set()
    assert taken.sources(closed=True) == {"history", "live", "recovered"}


# --- what one sees of it ----------------------------------------------------------------------------------------------


async def next_of(made: World, follower: Any) -> pitwire.Followed[Any]:
    """The next row, which has to come within a minute."""
    async with asyncio.timeout(60):
        return await anext(follower)  # type: ignore[no-any-return]


async def test_in_a_market_that_fell_silent_what_a_drop_hid_comes_with_the_next_connection() -> None:
    async with world(1) as made, made.client() as client, made.streams() as streams:
        market = Market(made)
        start_ms = await market.open()
        async with pitwire.History(client).follow_trades("BTCUSDT", streams, start=start_ms) as follower:
            coming = asyncio.ensure_future(next_of(made, follower))
            await made.clock.advance(seconds=5)
            assert not coming.done()
            await market.trade()
            assert (await coming).source == "live"
            for _ in range(market.trades - 1):
                await next_of(made, follower)
            made.cut()
            missed = market.trades
            await market.trade()
            rows = [await next_of(made, follower) for _ in range(market.trades - missed)]
            assert {each.source for each in rows} == {"recovered"}
            assert [each.row.id for each in rows] == list(range(missed + 1, market.trades + 1))


async def test_what_happened_between_the_last_answer_and_the_subscription_comes_though_nothing_follows() -> None:
    async with world(1) as made, made.client() as client, made.streams() as streams:
        market = Market(made)
        await market.open()
        await market.trade()
        asked: list[int | None] = []

        async def page(place: int | None) -> tuple[Trade, ...]:
            rows = await client.trades_historical(symbol="BTCUSDT", from_id=place or 1, limit=1000)
            asked.append(place)
            if len(asked) == 1:
                await market.trade()
            return rows

        async with trade_follower(client, streams, page) as follower:
            rows = [await next_of(made, follower) for _ in range(market.trades)]
            while len(rows) < market.trades:
                rows.append(await next_of(made, follower))
        assert [each.row.id for each in rows] == list(range(1, market.trades + 1))
        assert {each.source for each in rows} == {"history"}
        assert len(asked) == 2


async def test_an_answer_from_before_another_cut_does_not_count_as_all_that_was_missed() -> None:
    async with world(1) as made, made.client() as client, made.streams() as streams:
        market = Market(made)
        await market.open()
        await market.trade()
        held: list[asyncio.Future[None]] = []
        asked = 0

        async def page(place: int | None) -> tuple[Trade, ...]:
            nonlocal asked
            asked += 1
            rows = await client.trades_historical(symbol="BTCUSDT", from_id=place or 1, limit=1000)
            for gate in held:
                await asyncio.shield(gate)
            return rows

        async with trade_follower(client, streams, page) as follower:
            for _ in range(market.trades):
                await next_of(made, follower)
            coming = asyncio.ensure_future(next_of(made, follower))
            await made.clock.advance(seconds=1)
            held.append(asyncio.get_running_loop().create_future())
            made.cut()
            await made.clock.advance(seconds=5)
            assert asked == 3  # there is a connection again, and the answer is on its way
            made.cut()
            missed = market.trades + 1
            await market.trade()
            await made.clock.advance(seconds=5)
            held.pop().set_result(None)
            row = await coming
            assert (row.row.id, row.source) == (missed, "recovered")


def trade_follower(client: pitwire.Client, streams: pitwire.Streams, page: Any, **queue: Any) -> Any:
    """Follows trades that `page` says history has."""
    subscription = streams.subscribe(pitwire.MarketStream.trade("BTCUSDT"), **queue)
    return Follower(ById(0, trade_of, "id"), page, subscription, client, streams.backoff, streams.say)


async def test_who_does_not_take_what_comes_gets_what_the_full_queue_let_go_from_history() -> None:
    async with world(2) as made, made.client() as client, made.streams() as streams:
        market = Market(made)
        await market.open()
        follower = trade_follower(
            client,
            streams,
            lambda place: client.trades_historical(symbol="BTCUSDT", from_id=place or 1, limit=1000),
            queue_events_max=5,
        )
        async with follower:
            coming = asyncio.ensure_future(next_of(made, follower))
            await made.clock.advance(seconds=1)
            await market.trade()
            rows = [await coming]
            while market.trades < 50:
                await market.trade()
            await made.clock.advance(seconds=1)
            while len(rows) < market.trades:
                rows.append(await next_of(made, follower))
            await market.trade()
            rows.append(await next_of(made, follower))
        assert [each.row.id for each in rows] == list(range(1, len(rows) + 1))
        assert rows[-1].source == "live"
        assert {each.source for each in rows[10:50]} == {"recovered"}


async def test_who_follows_waits_for_the_limits_too() -> None:
    async with world(9) as made, made.client() as client, made.streams() as streams:
        market = Market(made)
        start_ms = await market.open()
        await market.trade()
        made.exchange_clock.turn(30_000)
        await nearly_exhaust(client)
        before_s = made.clock.elapsed_s()
        async with pitwire.History(client).follow_klines("BTCUSDT", "1s", streams, start=start_ms) as follower:
            bars = [await anext(follower) for _ in range(30_000)]
        assert [each.row.open_time for each in bars] == [start_ms + 1000 * number for number in range(30_000)]
        assert 10 < made.clock.elapsed_s() - before_s <= 61


async def test_cancelling_loses_no_row() -> None:
    async with world(3) as made:
        market = Market(made)
        start_ms = await market.open()
        while market.trades < 1_200:
            await market.trade()
        made.latency_s_max = 0.1
        async with made.client() as client, made.streams() as streams:
            follower = pitwire.History(client).follow_trades("BTCUSDT", streams, start=start_ms)
            rows: list[Any] = []
            cancelled = 0
            while len(rows) < 1_300:
                if market.trades < 1_300 and made.random.random() < 0.1:
                    await market.trade()
                try:
                    async with asyncio.timeout(made.random.random() * 0.05):
                        rows.append((await anext(follower)).row.id)
                except TimeoutError:
                    cancelled += 1
            follower.close()
        assert cancelled > 5
        assert rows == list(range(1, 1_301))


async def test_bars_of_the_future_begin_when_it_is_there() -> None:
    async with world(4) as made, made.client() as client, made.streams() as streams:
        market = Market(made)
        start_ms = await market.open() // 60_000 * 60_000 + 180_000
        await market.trade()
        async with pitwire.History(client).follow_klines("BTCUSDT", "1m", streams, start=start_ms) as follower:
            bar = await asyncio.wait_for(anext(follower), 600)
        assert (bar.row.open_time, bar.source, bar.is_closed) == (start_ms, "live", True)


async def test_the_iteration_ends_with_the_streams_and_fails_with_the_client() -> None:
    async with world(5) as made:
        market = Market(made)
        start_ms = await market.open()
        await market.trade()
        async with made.client() as client:
            streams = made.streams()
            async with streams:
                follower = pitwire.History(client).follow_klines("BTCUSDT", "1m", streams, start=start_ms)
                taken = Taken()
                taking = asyncio.ensure_future(taken.take(follower))
                await made.clock.advance(seconds=70)
                assert not taking.done()
            await taking
            assert sum(each.is_closed for each in taken.rows) == 1
        async with made.streams() as streams:
            with pytest.raises(pitwire.NotSent, match="the client is closed"):
                await anext(pitwire.History(client).follow_klines("BTCUSDT", "1m", streams, start=start_ms))


async def test_close_ends_an_iteration_that_another_task_is_in() -> None:
    async with world(6) as made, made.client() as client, made.streams() as streams:
        market = Market(made)
        start_ms = await market.open()
        follower = pitwire.History(client).follow_aggregate_trades("BTCUSDT", streams, start=start_ms)
        taking = asyncio.ensure_future(Taken().take(follower))
        await made.clock.advance(seconds=5)
        follower.close()
        await asyncio.wait_for(taking, 1)


async def test_what_cannot_be_followed_is_refused() -> None:
    async with world(7) as made, made.client() as client, made.streams() as streams:
        history = pitwire.History(client)
        with pytest.raises(pitwire.Rejected, match="Invalid symbol"):
            await anext(history.follow_trades("NOSUCH", streams, start=0))
        with pytest.raises(ValueError, match="2x"):
            history.follow_klines("BTCUSDT", "2x", streams, start=0)
        async with made.streams(time_unit="MICROSECOND") as others:
            with pytest.raises(ValueError, match="pass connect\\(\\) and streams\\(\\) the same time_unit"):
                history.follow_klines("BTCUSDT", "1m", others, start=0)


async def test_bars_in_microseconds() -> None:
    async with (
        world(8) as made,
        made.client(time_unit="MICROSECOND") as client,
        made.streams(time_unit="MICROSECOND") as streams,
    ):
        market = Market(made)
        start_ms = await market.open()
        await market.trade()
        made.exchange_clock.turn(90)
        history = pitwire.History(client)
        taken = Taken()
        follower = history.follow_klines("BTCUSDT", "1m", streams, start=start_ms - 60_000)
        taking = asyncio.ensure_future(taken.take(follower))
        await made.clock.advance(seconds=10)
        made.cut()
        made.exchange_clock.turn(150)
        await made.clock.advance(seconds=130)
        follower.close()
        await taking
        expected = await history.klines("BTCUSDT", "1m", start=start_ms - 60_000)
        assert [each.row for each in taken.rows if each.is_closed] == expected[:-1]
        assert expected[0].open_time % 60_000_000 == 0
        assert len(expected) > 6


async def test_an_exchange_whose_ids_begin_anew_is_not_followed_as_if_it_were_the_old_one() -> None:
    async with ScriptedServer() as server, pitwire.streams(server.url) as streams:
        stream = await server.peer()

        async def page(place: int | None) -> tuple[Any, ...]:
            return () if place else (OLD_TRADE,)

        async with pitwire.connect(server.url, resolve=False) as client:
            follower = trade_follower(client, streams, page)
            assert (await anext(follower)).row is OLD_TRADE
            coming = asyncio.ensure_future(anext(follower))
            command = await stream.request("SUBSCRIBE")
            stream.send({"result": None, "id": command["id"]})
            stream.send(trade(5_000))
            assert (await coming).row.id == 5_000
            for number in range(1, 1_003):
                stream.send(trade(number))
            with pytest.raises(pitwire.ProtocolViolation, match="begin anew at 1001, after 5000"):
                await anext(follower)
            follower.close()
