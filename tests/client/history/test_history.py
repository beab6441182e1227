"""History asked of an exchange, over more pages than one."""

from contextlib import asynccontextmanager

import pytest

import pitwire
from pitwire.client.history.history import History
from pitwire.exchange.messages import CommandRejected, PlaceOrder
from pitwire.market.enums import OrderType, Side
from tests.exchange.gateway.venue import open_venue, units

TRADES = 2_300


@asynccontextmanager
async def traded():
    """An exchange with a trade a second, 50,000 and up by a cent each, and a client of it."""
    async with open_venue() as venue, pitwire.connect(venue.url) as client:
        venue.clock.turn((60_000_000 - venue.clock.now_us() % 60_000_000) / 1_000_000)
        start_ms = venue.clock.now_us() // 1000
        for number in range(TRADES):
            for account, side in ((2, Side.SELL), (3, Side.BUY)):
                venue.sequencer.submit(
                    PlaceOrder(
                        account=account,
                        symbol="BTCUSDT",
                        side=side,
                        type=OrderType.LIMIT,
                        client_order_id=f"{side}{number}",
                        price=units("50000") + number * units("0.01"),
                        quantity=units("0.001"),
                    ),
                    refused,
                )
            await venue.sequencer.drain()
            venue.clock.turn(1)
        yield History(client), start_ms


def refused(outcome):
    assert not isinstance(outcome.events[0], CommandRejected), outcome


async def test_history_is_whole_over_many_pages_and_ends_where_it_was_asked_to():
    async with traded() as (history, start_ms):
        shown = []
        trades = await history.trades("BTCUSDT", start=start_ms, progress=shown.append)
        assert [trade.id for trade in trades] == list(range(trades[0].id, trades[0].id + TRADES))
        assert shown[-1] == 1.0

        aggregates = await history.aggregate_trades("BTCUSDT", start=start_ms, end=start_ms + 1_500_000)
        assert len(aggregates) == 1_500
        assert [each.time for each in aggregates] == [start_ms + second * 1000 for second in range(1_500)]

        seconds = await history.klines("BTCUSDT", "1s", start=start_ms, end=start_ms + TRADES * 1000)
        assert [bar.open_time for bar in seconds] == [start_ms + second * 1000 for second in range(TRADES)]
        assert [bar.close for bar in seconds] == [trade.price for trade in trades]

        shown.clear()
        minutes = await history.klines("BTCUSDT", "1m", start=start_ms, end=start_ms + 600_000, progress=shown.append)
        assert len(minutes) == 10
        assert all(bar.volume * 1000 == 60 for bar in minutes)
        assert sorted(shown) == shown
        frame = minutes.to_polars()
        assert frame.height == 10
        assert frame["open"].to_list() == [bar.open for bar in seconds[:600:60]]


async def test_before_anything_happened_there_is_no_history():
    async with open_venue() as venue, pitwire.connect(venue.url) as client:
        history = History(client)
        now_ms = venue.clock.now_us() // 1000
        assert await history.trades("BTCUSDT", start=now_ms) == []
        assert await history.aggregate_trades("BTCUSDT", start=now_ms) == []
        assert await history.klines("BTCUSDT", "1m", start=now_ms - 60_000, end=now_ms) == []


async def test_what_the_exchange_refuses_is_raised():
    async with open_venue() as venue, pitwire.connect(venue.url) as client:
        with pytest.raises(pitwire.Rejected, match="Invalid symbol"):
            await History(client).klines("NOSUCH", "1m", start="2026-01-01")
        with pytest.raises(ValueError, match="2x"):
            History(client).kline_pages("BTCUSDT", "2x", start="2026-01-01")


async def test_a_bar_in_the_terminal(capsys):
    async with open_venue() as venue, pitwire.connect(venue.url) as client:
        now_ms = venue.clock.now_us() // 1000
        await History(client).klines("BTCUSDT", "1m", start=now_ms - 60_000, end=now_ms, progress=True)
        assert "BTCUSDT 1m" in capsys.readouterr().out
