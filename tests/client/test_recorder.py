"""What is recorded is what came, and can be played: through drops, gaps, late snapshots and full files."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

import pitwire
from pitwire.client.recorder import Recorder
from pitwire.exchange.participants import accounts
from pitwire.exchange.participants.markets import run_recorded, run_synthetic
from pitwire.exchange.participants.pacing import LoopTimer
from pitwire.protocol.errors import InvalidParameter
from pitwire.recording.depth import RecordedDepth
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, RecordedEvent, Trade
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording
from tests.client.streams.world import World, world

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
async def recording(made: World, folder: Path, **terms: Any) -> AsyncIterator[Recorder]:
    """A recorder at work; what came until the end is in its files afterwards."""
    async with made.streams() as streams, made.client() as client:
        recorder = made_recorder(made, streams, client, folder, **terms)
        running = asyncio.ensure_future(recorder.run())
        await made.clock.advance(seconds=0.5)
        yield recorder
        await made.clock.advance(seconds=2)
        recorder.close()
        await running


async def opened(made: World) -> None:
    for command in accounts.opening(["BTC", "USDT"]):
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


async def test_what_was_recorded_is_played_and_recording_that_gives_the_same_events(tmp_path: Path) -> None:
    async with world(2) as made, recording(made, tmp_path / "first") as first, busy(made):
        await made.clock.advance(seconds=10)
    events = events_of(first)
    async with world(3) as made:
        await opened(made)
        async with recording(made, tmp_path / "second") as second:
            playing = asyncio.ensure_future(
                run_recorded(
                    first.files, made.exchange.sequencer, made.exchange.engine.rules, timer=LoopTimer(), repeat=False
                )
            )
            await made.clock.advance(seconds=40)
            await playing
    again = events_of(second)
    # The first files' own order is that of arrival; the market's is what is played.
    assert len(traded(events)) > 10
    assert traded(again) == traded(list(in_market_order(events)))
    assert bests(again)[-1] == bests(events)[-1]
    book, played = replayed(events), replayed(again)
    assert (played.bids, played.asks) == (book.bids, book.asks)


def bests(events: list[RecordedEvent]) -> list[tuple[int, int, int, int]]:
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
