"""Records market streams as they come: a file of each symbol, which can be played and studied later.

The streams' client handles drops and renewals; here each event that it hands out becomes a line. Where a depth stream
is recorded, each file and what follows each gap has a snapshot that its changes go on from.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct

from pitwire.client.backoff import Backoff
from pitwire.client.link import Say
from pitwire.client.streams.book import AsksForDepth
from pitwire.client.streams.cursor import StreamGap
from pitwire.client.streams.market_stream import MarketStream
from pitwire.client.streams.subscription import Subscription
from pitwire.protocol.codec import encode
from pitwire.protocol.errors import InvalidParameter, PitwireError, ProtocolViolation
from pitwire.protocol.market_events import DepthUpdate
from pitwire.protocol.streams import StreamKind
from pitwire.recording.writer import FILE_BYTES_MAX, RecordingWriter

SNAPSHOT_LEVELS: Final = 1_000
QUEUE_EVENTS_MAX: Final = 100_000
WAITING_MAX: Final = 10_000
"""So many depth messages wait for a snapshot: at ten a second, a quarter of an hour. Then they are written without."""


class Recorded(Struct, kw_only=True):
    """What was written so far."""

    messages: int = 0
    bytes: int = 0
    """Of the lines, before they are compressed."""
    snapshots: int = 0
    gaps: int = 0
    unreadable: int = 0
    """Messages that are none of their stream; they are left out."""
    files: int = 0
    """How many were begun."""


class MakesSubscriptions(Protocol):
    """Who has the streams."""

    def subscribe(self, *streams: MarketStream[Any] | str, queue_events_max: int) -> Subscription[Any]:
        """See `Streams.subscribe`."""
        ...


class Recorder:
    """Writes the streams of `names`, each symbol's into files of its own in `directory`.

    `client` gets the snapshots, of `levels` a side. `clock_ns` gives the time that stands before each line.
    Raises `ValueError` for a name of no stream, and for a stream of the whole market, which is of no one symbol;
    `OSError` where `directory` cannot be made.
    """

    def __init__(
        self,
        streams: MakesSubscriptions,
        client: AsksForDepth,
        names: Iterable[str],
        directory: Path,
        *,
        clock_ns: Callable[[], int],
        random: Callable[[], float],
        say: Say,
        levels: int = SNAPSHOT_LEVELS,
        file_bytes_max: int = FILE_BYTES_MAX,
    ) -> None:
        wanted = [MarketStream.of(name) for name in names]
        for stream in wanted:
            if stream.form.whole_market:
                raise ValueError(f"{stream.name} is of the whole market: a recording is of one symbol")
        self.recorded = Recorded()
        self._clock_ns = clock_ns
        self._say = say
        self._subscription = streams.subscribe(*wanted, queue_events_max=QUEUE_EVENTS_MAX)
        symbols = {stream.symbol for stream in wanted}
        self._symbols = {
            symbol: _Symbol(
                symbol,
                RecordingWriter(directory, symbol, file_bytes_max=file_bytes_max),
                client,
                levels,
                clock_ns,
                Backoff(random),
                self.recorded,
                say,
                has_depth=any(each.symbol == symbol and each.form.kind is StreamKind.DEPTH for each in wanted),
            )
            for symbol in symbols
        }

    async def run(self) -> None:
        """Record until `close` or until it is cancelled; then the files are whole.

        Raises `NotSent` and `StreamRefused` where it cannot subscribe, `InvalidParameter` for a symbol that the
        exchange does not know, `OSError` where a file cannot be written.
        """
        try:
            await self._record()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # of those that go wrong together, the first has ended it
        finally:
            for symbol in self._symbols.values():
                symbol.close()

    async def _record(self) -> None:
        subscription, symbols = self._subscription, self._symbols
        async with asyncio.TaskGroup() as asking, subscription:
            for symbol in symbols.values():
                symbol.begin(asking)
            while True:
                try:
                    event = await anext(subscription)
                except StopAsyncIteration:
                    break
                except ProtocolViolation as error:
                    self.recorded.unreadable += 1
                    self._say("warning", "a message that cannot be read", error=str(error))
                    continue
                stream = subscription.stream
                assert stream is not None
                symbols[stream.symbol].take(event, stream, subscription.message, self._clock_ns())
            for symbol in symbols.values():
                symbol.end()

    def close(self) -> None:
        """Have `run` return, after what has come by now."""
        self._subscription.close()

    @property
    def files(self) -> list[Path]:
        """Those that are whole, each symbol's oldest first."""
        return [path for symbol in self._symbols.values() for path in symbol.files]


class _Symbol:
    """One symbol's recording: its file, and what waits for a snapshot.

        joined ──a file begins, a gap──> waiting ──a snapshot that the changes go on from──> joined

    While it waits, changes of the depth are kept back, so that they come after the snapshot that they change.
    """

    def __init__(
        self,
        name: str,
        writer: RecordingWriter,
        client: AsksForDepth,
        levels: int,
        clock_ns: Callable[[], int],
        backoff: Backoff,
        recorded: Recorded,
        say: Say,
        *,
        has_depth: bool,
    ) -> None:
        self._name = name.upper()
        self._writer = writer
        self._client = client
        self._levels = levels
        self._clock_ns = clock_ns
        self._backoff = backoff
        self._recorded = recorded
        self._say = say
        self._has_depth = has_depth
        self._waiting: deque[tuple[int, bytes, DepthUpdate]] | None = None
        self._first_id: int | None = None
        """Where the changes begin that a snapshot has to join."""
        self._snapshot_id: int | None = None
        """The last snapshot's update id, until a change has followed on it."""
        self._asking: asyncio.TaskGroup
        self._task: asyncio.Task[None] | None = None

    @property
    def files(self) -> list[Path]:
        """Those that are whole, oldest first."""
        return self._writer.finished

    def begin(self, asking: asyncio.TaskGroup) -> None:
        """Snapshots are asked for by tasks of `asking`; the first one now."""
        self._asking = asking
        if self._has_depth:
            self._want(None)

    def end(self) -> None:
        """Ask for nothing more."""
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        """Write what waits, and finish the file. Raises `OSError`."""
        waiting, self._waiting, self._has_depth = self._waiting or (), None, False
        for receive_ns, message, _ in waiting:
            self._write(receive_ns, message)
        self._writer.close()

    def take(self, event: Any, stream: MarketStream[Any], message: bytes, receive_ns: int) -> None:
        """An event came, or a gap. Raises `OSError`."""
        is_depth = stream.form.kind is StreamKind.DEPTH
        if isinstance(event, StreamGap):
            self._recorded.gaps += 1
            self._say("warning", "a gap", stream=stream.name, after=event.after, before=event.before)
            if is_depth:
                self._want(event.before)
        elif is_depth:
            self._take_depth(event, message, receive_ns)
        elif self._write(receive_ns, message):
            self._want(self._first_id if self._waiting else None)

    def _take_depth(self, event: DepthUpdate, message: bytes, receive_ns: int) -> None:
        joined = self._snapshot_id
        if joined is not None and event.last_update_id > joined:
            self._snapshot_id = None
            if event.first_update_id > joined + 1:  # the snapshot was older than what came before it
                self._want(event.first_update_id)
        if self._waiting is None:
            if self._write(receive_ns, message):
                self._want(event.first_update_id)
            return
        if self._first_id is None:
            self._first_id = event.first_update_id
        self._waiting.append((receive_ns, message, event))
        if len(self._waiting) > WAITING_MAX:
            self._say("warning", "no snapshot for so long that changes are written without", symbol=self._name)
            receive_ns, message, _ = self._waiting.popleft()
            self._write(receive_ns, message)

    def _write(self, receive_ns: int, message: bytes) -> bool:
        """Write a line; whether it begins a file that needs a snapshot."""
        begins = self._writer.write(receive_ns, message)
        self._recorded.files += begins
        self._recorded.messages += 1
        self._recorded.bytes += len(message)
        return begins and self._has_depth

    def _want(self, first_id: int | None) -> None:
        """Changes from `first_id` on have to join a snapshot; `None`: those that come next."""
        if self._waiting is None:
            self._waiting = deque()
        self._first_id, self._snapshot_id = first_id, None
        if self._task is None or self._task.done():
            self._task = self._asking.create_task(self._snapshot(), name=f"pitwire snapshot {self._name}")

    async def _snapshot(self) -> None:
        """Ask for a snapshot until one fits, then write it and what waited for it."""
        now_s = asyncio.get_running_loop().time
        while True:
            try:
                book = await self._client.depth(symbol=self._name, limit=self._levels)
            except InvalidParameter:
                raise
            except PitwireError as error:
                self._say("warning", "no snapshot", symbol=self._name, error=str(error))
            else:
                if self._first_id is None or self._first_id <= book.last_update_id + 1:
                    break
                self._say("info", "a snapshot came late", symbol=self._name, update_id=book.last_update_id)
            await asyncio.sleep(self._backoff.next_delay_s(now_s()))
        self._task = None
        self._recorded.snapshots += 1
        waiting, self._waiting = self._waiting or (), None
        self._snapshot_id = book.last_update_id
        self._write(self._clock_ns(), encode(book))
        for receive_ns, message, event in waiting:
            self._take_depth(event, message, receive_ns)
