"""A local book under everything that can happen to its connections equals the exchange's at the same update id.

`PITWIRE_BOOK_RUNS` says how many random markets are played (10 by default; a seed each, beginning with
`PITWIRE_BOOK_SEED`), `PITWIRE_BOOK_SECONDS` how much of each recording.
"""

import asyncio
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

import pitwire
from pitwire.exchange.messages import LevelChanged, Outcome
from pitwire.exchange.participants import accounts
from pitwire.exchange.participants.markets import run_recorded, run_synthetic
from pitwire.exchange.participants.pacing import LoopTimer
from pitwire.market.enums import Side
from pitwire.protocol.results import OrderBook
from pitwire.recording.reader import Recording
from tests.client.streams.world import World, world
from tests.locations import recordings_dir

RUNS = int(os.environ.get("PITWIRE_BOOK_RUNS", "10"))
FIRST_SEED = int(os.environ.get("PITWIRE_BOOK_SEED", "1"))
RECORDED_S = float(os.environ.get("PITWIRE_BOOK_SECONDS", "20"))
SYNTHETIC_S = 5.0
SETTLE_S = 45.0
"""After this long without troubles a book is there: a silent connection is noticed within 8 s, back-off ends by 30."""


class Truth:
    """What the exchange changed, by update id: the book at any of them."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._levels: dict[bool, dict[int, int]] = {True: {}, False: {}}
        self._changes: deque[LevelChanged] = deque()
        self.update_id = 0

    def hear(self, outcome: Outcome) -> None:
        for event in outcome.events:
            if isinstance(event, LevelChanged) and event.symbol == self.symbol:
                self._changes.append(event)

    def at(self, update_id: int) -> tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]]:
        """Bids and asks as of `update_id`, which must not be smaller than the last time."""
        while self._changes and self._changes[0].update_id <= update_id:
            change = self._changes.popleft()
            assert change.update_id == self.update_id + 1
            self.update_id = change.update_id
            side = self._levels[change.side is Side.BUY]
            if change.quantity:
                side[change.price] = change.quantity
            else:
                side.pop(change.price, None)
        assert self.update_id == update_id, "an update id that the exchange has not come to"
        bids, asks = (
            {Decimal(price).scaleb(-8): Decimal(quantity).scaleb(-8) for price, quantity in self._levels[buy].items()}
            for buy in (True, False)
        )
        return bids, asks


class LateSnapshots:
    """Gets snapshots of which some are a while old when they come."""

    def __init__(self, client: pitwire.Client, made: World) -> None:
        self._client = client
        self._world = made
        self.late = 0

    async def depth(self, *, symbol: str, limit: int | None = None) -> OrderBook:
        snapshot = await self._client.depth(symbol=symbol, limit=limit)
        if self._world.random.random() < 0.3:
            self.late += 1
            await self._world.clock.advance(seconds=self._world.random.random())
        return snapshot


class Checked:
    """A book that is compared with the truth after each change."""

    def __init__(self, book: pitwire.LocalBook, truth: Truth) -> None:
        self.truth = truth
        self.compared = 0
        self.failures: list[str] = []
        book.on_update(self.check)

    def check(self, book: pitwire.LocalBook) -> None:
        """A callback that raises is logged only: remember it."""
        try:
            self.compare(book)
        except BaseException as error:
            self.failures.append(repr(error))

    def compare(self, book: pitwire.LocalBook) -> None:
        if not book.is_synchronized:
            with pytest.raises(pitwire.BookNotSynchronized):
                book.bids()
            return
        if book.update_id < self.truth.update_id:
            return  # synchronized anew with an earlier snapshot: it catches up
        bids, asks = self.truth.at(book.update_id)
        self.compared += 1
        assert dict(book.bids()) == bids, f"at {book.update_id}"
        assert dict(book.asks()) == asks, f"at {book.update_id}"
        assert book.best_bid == (max(bids.items()) if bids else None)
        assert book.best_ask == (min(asks.items()) if asks else None)


@contextmanager
def playing(market: Any) -> Iterator[asyncio.Future[None]]:
    task = asyncio.ensure_future(market)
    try:
        yield task
    finally:
        task.cancel()


async def follow(
    made: World, symbol: str, market: Any, seconds: float, mean_s: float
) -> tuple[Checked, pitwire.LocalBook]:
    """Keep a book of `market` under troubles, and let it come to rest."""
    for command in accounts.opening(["BTC", "ETH", "USDT"]):
        await made.exchange.sequencer.execute(command)
    truth = Truth(symbol)
    made.exchange.sequencer.listen(truth.hear)
    made.latency_s_max = 0.06
    failed: list[dict[str, Any]] = []
    made.loop.set_exception_handler(lambda _, context: failed.append(context))
    async with made.client() as client, made.streams(rotate_after_s=5) as streams:
        snapshots = LateSnapshots(client, made)
        async with streams.book(symbol, snapshots) as book:
            checked = Checked(book, truth)
            with playing(market):
                async with made.troubles(mean_s):
                    await made.clock.advance(seconds=seconds)
            for _ in range(10):
                if book.is_synchronized and book.update_id == truth.update_id and not truth._changes:
                    break
                await made.clock.advance(seconds=SETTLE_S / 10)
            assert book.is_synchronized
            assert not truth._changes, "the book is not at the exchange's last update"
    assert checked.failures == []
    assert failed == []
    return checked, book


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS))
async def test_a_book_of_a_random_market_is_the_exchanges_at_every_update(seed: int) -> None:
    async with world(seed) as made:
        rules = made.exchange.engine.rules
        market = run_synthetic(
            ["BTCUSDT"], made.exchange.sequencer, rules, random=made.random, timer=LoopTimer(), speed=1.0
        )
        checked, _ = await follow(made, "BTCUSDT", market, SYNTHETIC_S, mean_s=1.5)
        assert checked.compared > 0


@pytest.mark.parametrize("name", ["btcusdt_20240808.gz", "ethusdt_20240808.gz"])
async def test_a_book_of_a_recorded_market_is_the_exchanges_at_every_update(name: str) -> None:
    path = recordings_dir() / name
    async with world(1) as made:
        rules = made.exchange.engine.rules
        market = run_recorded([path], made.exchange.sequencer, rules, timer=LoopTimer())
        checked, book = await follow(made, Recording(path).symbol, market, RECORDED_S, mean_s=4.0)
    print(f"{checked.compared} comparisons, {book.restarts} restarts, {book.snapshots} snapshots")
    assert checked.compared > RECORDED_S


# --- what one sees of it --------------------------------------------------------------------------------------------


async def test_a_symbol_that_is_not_listed_has_no_book() -> None:
    async with world(1) as made, made.client() as client, made.streams() as streams:
        with pytest.raises(pitwire.InvalidParameter):
            async with streams.book("NOTHING", client):
                pass


async def test_the_book_of_a_quiet_market_is_there_at_once_and_follows_what_happens() -> None:
    async with world(1) as made, made.client("alice") as alice, made.client("bob") as bob, made.streams() as streams:
        async with streams.book("btcusdt", alice) as book:
            assert (book.best_bid, book.best_ask, book.bids()) == (None, None, ())
            await made.trade(alice, bob, "0.003")
            await book.changed()
            [(price, quantity)] = book.bids(5)
            assert (price, quantity) == book.best_bid
            assert quantity == book.quantity(price) == Decimal("0.001")
            assert book.quantity(Decimal(1)) == 0
            told: list[int] = []
            stop = book.on_update(lambda changed: told.append(changed.update_id))
            book.on_update(lambda _: 1 / 0)
            await made.trade(alice, bob)
            await book.changed()
            await made.clock.advance(seconds=1)
            stop()
            await made.trade(alice, bob)
            await book.changed()
            assert told == [told[0]]
            assert told[0] < book.update_id
        with pytest.raises(pitwire.BookNotSynchronized, match="is closed"):
            book.bids()
        with pytest.raises(pitwire.BookNotSynchronized):
            await book.changed()


async def test_the_book_ends_with_the_streams() -> None:
    async with world(1) as made, made.client() as client:
        async with made.streams() as streams:
            book = await streams.book("BTCUSDT", client).__aenter__()
            waiting = asyncio.ensure_future(book.changed())
            await made.clock.advance(seconds=0.001)
        with pytest.raises(pitwire.BookNotSynchronized, match="has ended"):
            await waiting


@pytest.mark.parametrize("limit", [0, 5_001])
async def test_a_number_of_levels_that_no_snapshot_has_is_refused(limit: int) -> None:
    async with world(1) as made, made.client() as client, made.streams() as streams:
        with pytest.raises(ValueError, match="pass 1 to 5000 levels"):
            streams.book("BTCUSDT", client, limit=limit)
