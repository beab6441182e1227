"""The state out of the log: snapshots are taken when due, and a start replays only what came after the newest."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.log.memory import MemoryLog
from pitwire.exchange.log.state import SnapshotSchedule, State, recover
from pitwire.exchange.messages import Command, Deposit, ListSymbol, OpenAccount, Outcome, PlaceOrder
from pitwire.exchange.projections import candles, trades
from pitwire.exchange.projections.klines import klines
from pitwire.market.enums import KlineInterval, OrderType, Side, TimeUnit
from pitwire.market.numbers import Amount, Price, Quantity
from tests.exchange.projections.trading import rules


class FailingLog(MemoryLog):
    def save_snapshot(self, sequence: int, payload: bytes) -> None:
        raise OSError("no space left on device")


class World:
    """A log with a state that follows it, and a schedule that snapshots both."""

    def __init__(self, log: MemoryLog, every: int, archive: SqliteArchive | None = None) -> None:
        self.log = log
        self.errors: list[OSError] = []
        self.state = recover(log, archive)
        self.schedule = SnapshotSchedule(log, self.state, every, self.errors.append)

    async def execute(self, commands: list[Command], time_us: int) -> None:
        """Do with a batch what the sequencer does."""
        for record in self.log.append(commands, time_us).records:
            outcome = Outcome(record, self.state.engine.apply(record))
            self.state.projections.apply(outcome)
            self.schedule.passed(outcome)
        self.schedule.batch_ended()

    async def fill(self, deposits: int) -> None:
        await self.execute([OpenAccount(account=1, name="alice")], 10)
        for number in range(1, deposits + 1):
            await self.execute([Deposit(account=1, asset="BTC", amount=Amount(number))], 10 + number)
            await asyncio.sleep(0)


def same(first: State, second: State) -> bool:
    return (first.engine.snapshot(), first.projections.snapshot()) == (
        second.engine.snapshot(),
        second.projections.snapshot(),
    )


async def test_without_a_snapshot_the_whole_log_is_replayed() -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(5)
    again = recover(world.log)
    assert again.recovered == (6, 15, 6)
    assert same(again, world.state)


@pytest.mark.parametrize("every", [1, 2, 3, 7])
async def test_from_a_snapshot_only_what_came_later_is_replayed(every: int) -> None:
    world = World(MemoryLog(), every)
    await world.fill(20)
    saved = world.log.load_snapshot()
    assert saved is not None
    again = recover(world.log)
    assert again.recovered == (21, 30, 21 - saved[0])
    assert same(again, world.state)


async def test_finishing_saves_the_last_state_with_its_time() -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(3)
    await world.schedule.finish()
    again = recover(world.log)
    assert again.recovered == (4, 13, 0)
    assert same(again, world.state)


async def test_nothing_new_is_nothing_to_save() -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(1)
    await world.schedule.finish()
    first = world.log.load_snapshot()
    await World(world.log, every=1_000).schedule.finish()
    assert world.log.load_snapshot() is first


async def test_a_snapshot_that_cannot_be_written_is_reported_and_the_next_one_is_tried() -> None:
    world = World(FailingLog(), every=5)
    await world.fill(4)
    await world.schedule.finish()
    assert [str(error) for error in world.errors] == ["no space left on device"]
    await world.execute([Deposit(account=1, asset="BTC", amount=Amount(1))], 99)
    await world.schedule.finish()
    assert len(world.errors) == 2


@pytest.mark.parametrize("payload", [b"", b"\xc0", b"not a snapshot", b"\x94\x02\x01\xc4\x00\xc4\x00"])
async def test_a_snapshot_that_this_version_cannot_read_is_passed_over(payload: bytes) -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(2)
    world.log.save_snapshot(2, payload)
    assert recover(world.log).recovered.replayed == 3


async def test_a_record_that_cannot_be_replayed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(MemoryLog(), every=1_000)
    await world.fill(2)

    def broken(*_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("pitwire.exchange.log.state.Projections.apply", broken)
    with pytest.raises(ValueError, match="broken") as raised:
        recover(world.log)
    assert "record 1 was replayed: OpenAccount" in raised.value.__notes__[0]


# --- the history beside the state -------------------------------------------------------------------------------


TRADED_EVERY_US = 40_000_000


async def traded(archive: SqliteArchive, every: int, log: MemoryLog | None = None) -> World:
    """Alice buys from herself, 20 times, in as many batches."""
    world = World(log or MemoryLog(), every, archive)
    await world.execute([ListSymbol(rules=rules()), OpenAccount(account=1, name="alice")], 1)
    funds: list[Command] = [Deposit(account=1, asset=asset, amount=Amount(10**12)) for asset in ("BTC", "USDT")]
    await world.execute(funds, 2)
    for number in range(20):
        orders: list[Command] = [
            PlaceOrder(
                account=1,
                symbol="BTCUSDT",
                side=side,
                type=OrderType.LIMIT,
                client_order_id=f"{side} {number}",
                price=Price(10**8),
                quantity=Quantity(10**8),
            )
            for side in (Side.SELL, Side.BUY)
        ]
        await world.execute(orders, 10 + number * TRADED_EVERY_US)
        await asyncio.sleep(0)
    return world


def history(state: State) -> tuple[Sequence[Any], ...]:
    """Orders, trades of the account, public trades, their aggregates, and klines of a second and a minute."""
    orders, public, unit = state.projections.orders, state.projections.trades, TimeUnit.MICROSECOND
    now_us = 20 * TRADED_EVERY_US
    return (
        orders.all(1, "BTCUSDT", *[None] * 4, unit),
        orders.trades(1, "BTCUSDT", *[None] * 5, unit),
        public.historical("BTCUSDT", 1, None, unit),
        public.aggregate("BTCUSDT", 1, None, None, None, unit),
        *(
            klines(state.projections.candles, "BTCUSDT", interval, 0, None, 0, 1000, unit, now_us)
            for interval in (KlineInterval.S1, KlineInterval.M1)
        ),
    )


@pytest.mark.parametrize("every", [1, 7, 1_000])
async def test_a_start_goes_on_from_the_history_that_a_crash_left(
    tmp_path: Path, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trades, "KEPT", 3)  # so most of what happened in public is in the history only
    monkeypatch.setattr(candles, "KEPT", (3, 3, 3))
    archive = SqliteArchive(tmp_path, page_items=3)
    world = await traded(archive, every)
    before = history(world.state)
    assert [len(each) for each in before] == [40, 40, 20, 20, 801, 14]
    archive.settle(0)  # what was written is on the disk; what waited for its page to be full is lost
    if world.schedule._writing is not None:
        await world.schedule._writing
    archive.close()
    archive = SqliteArchive(tmp_path, page_items=3)
    again = recover(world.log, archive)
    saved = world.log.load_snapshot()
    assert (saved is None) == (every == 1_000)
    assert again.recovered.replayed == 44 - (saved[0] if saved else 0)
    assert history(again) == before
    assert same(again, world.state)
    archive.close()


async def test_a_history_that_lacks_what_came_before_the_snapshot_is_rebuilt_from_the_log(tmp_path: Path) -> None:
    world = await traded(SqliteArchive(tmp_path), every=1_000)
    before = history(world.state)
    await world.schedule.finish()
    archive = SqliteArchive(None)
    again = recover(world.log, archive)
    assert again.recovered.replayed == 44
    assert history(again) == before
    assert same(again, world.state)


async def test_the_history_of_another_log_is_dropped(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path)
    world = await traded(archive, every=1_000)
    await world.schedule.finish()
    empty = recover(MemoryLog(), archive)
    assert (archive.last_sequence, archive.mark(1, "BTCUSDT")) == (0, 0)
    assert empty.recovered == (0, 0, 0)
    archive.close()


async def test_no_snapshot_is_saved_whose_history_could_not_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path)
    world = await traded(archive, every=1_000)

    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("pitwire.exchange.history.database.Database.write", full)
    await world.schedule.finish()
    assert world.log.load_snapshot() is None
    assert "disk is full" in str(world.errors[0])
    archive.close()
