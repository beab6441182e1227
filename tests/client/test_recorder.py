"""What is recorded is what came, and can be played: through drops, gaps, late snapshots and full files."""

import asyncio
import gzip
import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

import pitwire
from pitwire.client.recorder import Recorder
from pitwire.exchange.participants import accounts
from pitwire.exchange.participants.markets import run_synthetic
from pitwire.exchange.participants.pacing import LoopTimer, play
from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.market.filters import LotSize
from pitwire.protocol.errors import InvalidParameter
from pitwire.recording.depth import RecordedDepth
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, RecordedEvent, Trade
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording, units
from tests.client.streams.world import World, world
from tests.locations import REPOSITORY, recordings_dir

RECORDED_S = float(os.environ.get("PITWIRE_RECORDER_SECONDS", "20"))
NAMES = ("btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth@100ms")


def made_recorder(made: World, streams: Any, client: Any, folder: Path, *names: str, **terms: Any) -> Recorder:
    return Recorder(
        streams,
        client,
        names or NAMES,
        folder,
        clock_ns=made.clock.now_ns,
        random=made.random.random,
        say=lambda *_, **__: None,
        **terms,
    )


@asynccontextmanager
async def recording(made: World, folder: Path, names: Sequence[str] = (), **terms: Any) -> AsyncIterator[Recorder]:
    """A recorder at work; what came until the end is in its files afterwards."""
    async with made.streams() as streams, made.client() as client:
        recorder = made_recorder(made, streams, client, folder, *names, **terms)
        running = asyncio.ensure_future(recorder.run())
        await made.clock.advance(seconds=0.5)
        yield recorder
        await made.clock.advance(seconds=2)
        recorder.close()
        await running


async def opened(made: World) -> None:
    for command in accounts.opening(["BTC", "ETH", "USDT"]):
        await made.exchange.sequencer.execute(command)


@asynccontextmanager
async def busy(made: World) -> AsyncIterator[None]:
    """A market that goes on."""
    await opened(made)
    rules, sequencer = made.exchange.engine.rules, made.exchange.sequencer
    market = asyncio.ensure_future(run_synthetic(["BTCUSDT"], sequencer, rules, random=made.random, timer=LoopTimer()))
    await made.clock.advance(seconds=2)
    yield
    market.cancel()
    with suppress(asyncio.CancelledError):
        await market


def events_of(recorder: Recorder) -> list[RecordedEvent]:
    return [event for path in recorder.files for event in Recording(path).events()]


def traded(events: list[RecordedEvent]) -> list[tuple[int, int, bool]]:
    return [(event.price, event.quantity, event.buyer_is_maker) for event in events if isinstance(event, Trade)]


def replayed(events: list[RecordedEvent]) -> RecordedDepth:
    """The book at the end. Raises `DepthGap` where one does not follow on the one before."""
    depth = RecordedDepth()
    for event in events:
        if isinstance(event, DepthSnapshot):
            depth.replace(event)
        elif isinstance(event, DepthDiff):
            depth.change(event)
    return depth


async def test_each_message_is_a_line_as_it_came(tmp_path: Path) -> None:
    async with world(1) as made, busy(made), made.witness(*NAMES) as witness, recording(made, tmp_path) as recorder:
        await made.clock.advance(seconds=10)
    [path] = recorder.files
    with gzip.open(path) as lines:
        messages = [line.rstrip(b"\n").split(b" ", 1)[1] for line in lines]
    told = [message for message in messages if message.startswith(b'{"stream"')]
    assert len(messages) - len(told) == recorder.recorded.snapshots == 1
    assert len(messages) == recorder.recorded.messages > 200
    for name in NAMES[:2]:  # of the depth, two connections see other windows
        named = [message for message in told if message.startswith(b'{"stream":"%b"' % name.encode())]
        seen = [each for each in witness.messages if each.startswith(b'{"stream":"%b"' % name.encode())]
        begin = seen.index(named[0])
        assert named == seen[begin : begin + len(named)]
    assert (recorder.recorded.gaps, recorder.recorded.files) == (0, 1)


async def test_what_was_recorded_of_an_exchange_is_told_again_by_the_exchange_that_plays_it(tmp_path: Path) -> None:
    async with world(2) as made, recording(made, tmp_path / "first") as first, busy(made):
        await made.clock.advance(seconds=20)
    told = await played_and_recorded(first.files[0], tmp_path / "second", seconds=100)
    assert told.compare_trades() > 10
    assert told.compare_best_prices() > 100
    assert told.compare_books() > 30
    assert told.late_trades == 0
    book, again = replayed(events_of(first)), replayed(told.events)
    assert (again.bids, again.asks) == (book.bids, book.asks)


@pytest.mark.parametrize("name", ["btcusdt_20240808.gz", "ethusdt_20240808.gz"])
async def test_what_was_recorded_of_binance_is_told_again_by_the_exchange_that_plays_it(
    tmp_path: Path, name: str
) -> None:
    told = await played_and_recorded(recordings_dir() / name, tmp_path, seconds=RECORDED_S)
    figures = told.compare_trades(), told.compare_best_prices(), told.compare_books()
    print(f"{figures} trades, best prices and books compared; {told.late_trades} trades came too late")
    assert min(figures) > RECORDED_S


class Played(msgspec.Struct):
    """An event that was played, and where the exchange's book stood afterwards."""

    event: RecordedEvent
    update_id: int
    is_late: bool


class Told:
    """What was played, and what the exchange told meanwhile. Each comparison returns how many things it compared.

    The ids, the times and the windows of the depth are those of the exchange that plays, so an event is not compared
    field by field with the one that it was played from, but what it says:

    trades      a recorded trade is one order of a taker, so the aggregate trades are the recorded trades, one by one.
                The trades may be its pieces: of which orders a level consists no recording shows
    best prices where a recorded best bid and ask was played, it is the one told last; others come in between, for it
                takes several orders to get from one to the next
    books       where a message of the depth ends with what a recorded one was played to, the two books are the same
    """

    def __init__(self, played: list[Played], recorder: Recorder, step: int) -> None:
        self.played = played
        self.late_trades = sum(each.is_late for each in played)
        self.events = events_of(recorder)
        self._aggregates = aggregates_of(recorder)
        self._step = step

    def compare_trades(self) -> int:
        live = [each for each in self.played if each.update_id and not each.is_late]
        recorded = traded([each.event for each in live])
        assert [each[:3] for each in self._aggregates] == recorded
        pieces = [event for event in self.events if isinstance(event, Trade)]
        for price, quantity, buyer_is_maker, first_id, last_id in self._aggregates:
            those, pieces = pieces[: last_id - first_id + 1], pieces[last_id - first_id + 1 :]
            assert [each.trade_id for each in those] == list(range(first_id, last_id + 1))
            assert {(each.price, each.buyer_is_maker) for each in those} == {(price, buyer_is_maker)}
            assert sum(each.quantity for each in those) == quantity
        assert pieces == []
        return len(recorded)

    def compare_best_prices(self) -> int:
        told = [event for event in self.events if isinstance(event, BookTicker)]
        assert all(bests([one]) != bests([other]) and one.update_id < other.update_id for one, other in pairwise(told))
        position, depth_id, newest_id, compared = 0, -1, 0, 0  # -1: the market waits for its snapshot
        for each in self.played:
            event = each.event
            if isinstance(event, DepthSnapshot) or (isinstance(event, DepthDiff) and depth_id >= 0):
                depth_id = max(depth_id, event.last_update_id)
            elif isinstance(event, BookTicker) and event.update_id > depth_id >= 0 and event.update_id >= newest_id:
                newest_id = event.update_id
                while position + 1 < len(told) and told[position + 1].update_id <= each.update_id:
                    position += 1
                assert bests([told[position]]) == bests([event]), f"{event} and {told[position]}"
                compared += 1
        return compared

    def compare_books(self) -> int:
        recorded, compared = RecordedDepth(), 0
        diffs: dict[int, tuple[dict[Any, Any], dict[Any, Any]]] = {}
        for each in self.played:
            diffs.pop(each.update_id, None)  # nothing else was played up to there
            if isinstance(each.event, DepthSnapshot):
                recorded.replace(each.event)
            elif isinstance(each.event, DepthDiff) and recorded.change(each.event):
                diffs[each.update_id] = self._whole_steps(recorded.bids), self._whole_steps(recorded.asks)
        told = RecordedDepth()
        for event in self.events:
            if isinstance(event, DepthSnapshot):
                told.replace(event)
            elif isinstance(event, DepthDiff) and told.change(event) and event.last_update_id in diffs:
                assert (told.bids, told.asks) == diffs[event.last_update_id], f"at {event.last_update_id}"
                compared += 1
        return compared

    def _whole_steps(self, levels: dict[Any, Any]) -> dict[Any, Any]:
        return {price: each - each % self._step for price, each in levels.items() if each >= self._step}


async def played_and_recorded(path: Path, folder: Path, *, seconds: float) -> Told:
    """Play what `path` has of its first seconds, and record what the exchange tells."""
    source = Recording(path)
    began_ns = next(source.events()).receive_ns
    events = [each for each in source.events() if each.receive_ns < began_ns + seconds * 1e9]
    first_diff = next(each for each in events if isinstance(each, DepthDiff))
    played: list[Played] = []
    async with world(3) as made:
        await opened(made)
        rules = made.exchange.engine.rules(source.symbol)
        assert rules is not None
        lot_size = next(each for each in rules.filters if isinstance(each, LotSize))
        market, book = RecordedMarket(source.symbol, lot_size), made.exchange.projections.market.book(source.symbol)

        def noted() -> Iterator[RecordedEvent]:
            for event in in_market_order(events):
                late = market.late_trades
                yield event
                played.append(Played(event, book.last_update_id, market.late_trades > late))

        names = [name.replace("btcusdt", source.symbol.lower()) for name in (*NAMES, "btcusdt@aggTrade")]
        async with recording(made, folder, names=names) as recorder:
            # So that recorded changes of the depth come shortly before the exchange tells its own.
            phase_ns = (made.clock.now_ns() + first_diff.receive_ns - began_ns + 5_000_000) % 100_000_000
            await made.clock.advance(seconds=(100_000_000 - phase_ns) / 1e9)
            await play(market, [noted()], made.exchange.sequencer, speed=1.0, timer=LoopTimer())
        return Told(played, recorder, lot_size.step_size or 1)


def recipe() -> Any:
    """The page's function that makes of a recording what hftbacktest reads."""
    page = (REPOSITORY / "docs" / "how-to" / "record-a-market.md").read_text()
    [code] = [block for block in page.split("```python\n")[1:] if "def for_hftbacktest" in block]
    names: dict[str, Any] = {}
    exec(code.split("```")[0], names)
    return names["for_hftbacktest"]


async def test_the_recipe_for_hftbacktest_gives_its_converter_the_fields_that_it_takes(tmp_path: Path) -> None:
    async with world(8) as made, busy(made), recording(made, tmp_path) as recorder:
        await made.clock.advance(seconds=10)
    [path] = recorder.files
    output = tmp_path / "for_hftbacktest.gz"
    recipe()(str(path), str(output))
    times, kinds = [], set()
    with gzip.open(output) as lines:
        for line in lines:
            time_ns, text = line.split(b" ", 1)
            message = json.loads(text)
            data = message.get("data", message)
            kinds.add((data.get("e", "snapshot"), data.get("X"), data["T"] > 0))
            times.append(int(time_ns))
    assert kinds == {("trade", "MARKET", True), ("depthUpdate", None, True), ("snapshot", None, True)}
    assert times == sorted(times)
    events, written = events_of(recorder), list(Recording(output).events())
    assert traded(written) == traded(events)
    assert traded(events) != []
    book, whole = replayed(written), replayed(events)
    assert (book.bids, book.asks) == (whole.bids, whole.asks)


async def test_hftbacktests_converter_opens_no_recording_of_spot_and_what_the_recipe_makes_of_it(
    tmp_path: Path,
) -> None:
    converter = pytest.importorskip(
        "hftbacktest.data.utils.binancefutures", reason="hftbacktest is not installed: pip install hftbacktest==2.4.4"
    )
    async with world(9) as made, busy(made), recording(made, tmp_path) as recorder:
        await made.clock.advance(seconds=10)
    [path] = recorder.files
    with pytest.raises(KeyError):
        converter.convert(str(path), buffer_size=1_000_000)
    output = tmp_path / "for_hftbacktest.gz"
    recipe()(str(path), str(output))
    rows = converter.convert(str(output), buffer_size=1_000_000)
    events = events_of(recorder)
    there = [row for row in rows if row["ev"] & 1 << 31]  # in the exchange's order
    trades = [(int(row["exch_ts"]), float(row["px"]), float(row["qty"])) for row in there if row["ev"] & 0xFF == 2]
    assert trades == [
        (event.time_ms * 1_000_000, event.price / 1e8, event.quantity / 1e8)
        for event in events
        if isinstance(event, Trade)
    ]
    levels: dict[bool, dict[float, float]] = {True: {}, False: {}}
    for row in there:
        is_bid = bool(row["ev"] & 1 << 29)
        if row["ev"] & 0xFF in (1, 4):  # a depth event, or one of a snapshot
            levels[is_bid][float(row["px"])] = float(row["qty"])
    book = replayed(events)
    for is_bid, side in ((True, book.bids), (False, book.asks)):
        assert {price: each for price, each in levels[is_bid].items() if each} == {
            price / 1e8: each / 1e8 for price, each in side.items()
        }


def aggregates_of(recorder: Recorder) -> list[tuple[int, int, bool, int, int]]:
    """Price, quantity, side, and the ids of the first and the last trade of each aggregate trade."""
    found = []
    for path in recorder.files:
        with gzip.open(path) as lines:
            for line in lines:
                message = json.loads(line.split(b" ", 1)[1])
                if message.get("stream", "").endswith("@aggTrade"):
                    each = message["data"]
                    found.append((units(each["p"]), units(each["q"]), each["m"], each["f"], each["l"]))
    return found


def bests(events: Sequence[RecordedEvent]) -> list[tuple[int, int, int, int]]:
    return [
        (event.bid_price, event.bid_quantity, event.ask_price, event.ask_quantity)
        for event in events
        if isinstance(event, BookTicker)
    ]


@pytest.mark.parametrize("seed", range(1, 3))
async def test_through_drops_the_book_follows_from_change_to_change_and_gaps_are_counted(
    tmp_path: Path, seed: int
) -> None:
    async with world(seed) as made, busy(made):
        made.latency_s_max = 0.05
        async with recording(made, tmp_path) as recorder:
            async with made.troubles(3.0):
                await made.clock.advance(seconds=40)
            await made.clock.advance(seconds=30)
    replayed(events_of(recorder))
    trades = [event.trade_id for event in events_of(recorder) if isinstance(event, Trade)]
    assert trades == sorted(set(trades))
    assert recorder.recorded.gaps > 0
    assert recorder.recorded.snapshots > 1


async def test_each_file_can_be_played_on_its_own(tmp_path: Path) -> None:
    async with world(4) as made, busy(made), recording(made, tmp_path, file_bytes_max=20_000) as recorder:
        await made.clock.advance(seconds=10)
    assert len(recorder.files) > 2
    for path in recorder.files:
        events = list(Recording(path).events())
        changes = [event for event in events if isinstance(event, DepthDiff)]
        assert not changes or replayed(events).last_update_id >= changes[-1].last_update_id


class LateDepth:
    """A client whose first snapshots are older than the changes that are there already."""

    def __init__(self, client: pitwire.Client) -> None:
        self.client = client
        self.old: Any = None
        self.asked = 0

    async def depth(self, *, symbol: str, limit: int | None = None) -> Any:
        self.asked += 1
        if self.old is None:
            self.old = await self.client.depth(symbol=symbol, limit=limit)
        if self.asked <= 3:
            return msgspec.structs.replace(self.old, last_update_id=self.old.last_update_id - 1_000)
        return await self.client.depth(symbol=symbol, limit=limit)


async def test_a_snapshot_that_is_older_than_the_changes_is_asked_for_again(tmp_path: Path) -> None:
    async with world(5) as made, busy(made), made.streams() as streams, made.client() as client:
        late = LateDepth(client)
        recorder = made_recorder(made, streams, late, tmp_path)
        running = asyncio.ensure_future(recorder.run())
        await made.clock.advance(seconds=10)
        recorder.close()
        await running
    assert late.asked > 3
    events = events_of(recorder)
    last = max(index for index, event in enumerate(events) if isinstance(event, DepthSnapshot))
    assert replayed(events[last:]).last_update_id > late.old.last_update_id


async def test_an_unknown_symbol_ends_it_and_the_whole_market_is_of_no_file(tmp_path: Path) -> None:
    async with world(6) as made, made.streams() as streams, made.client() as client:
        with pytest.raises(ValueError, match="of the whole market"):
            made_recorder(made, streams, client, tmp_path, "!miniTicker@arr")
        recorder = made_recorder(made, streams, client, tmp_path, "nopeusdt@depth")
        with pytest.raises(InvalidParameter):
            await recorder.run()
    assert recorder.files == []


async def test_a_full_disk_is_told_and_what_was_written_is_whole(tmp_path: Path, monkeypatch: Any) -> None:
    async with world(7) as made, busy(made), made.streams() as streams, made.client() as client:
        recorder = made_recorder(made, streams, client, tmp_path)
        running = asyncio.ensure_future(recorder.run())
        await made.clock.advance(seconds=3)
        monkeypatch.setattr("pitwire.recording.writer.RecordingWriter.write", no_space)
        await made.clock.advance(seconds=3)
        with pytest.raises(OSError, match="No space left"):
            await running
    assert len(events_of(recorder)) > 20


def no_space(*_: Any) -> bool:
    raise OSError(28, "No space left on device")
