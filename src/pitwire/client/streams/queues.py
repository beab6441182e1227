"""What waits for a slow consumer, and what happens when that is too much.

Messages wait as they came, and are decoded when they are taken. Each queue says what was left out, in place of it.
"""

from asyncio import Future, get_running_loop
from collections import OrderedDict, deque
from typing import Any, Final, Literal, Protocol

from pitwire.client.streams.cursor import Cursor, Seam

Policy = Literal["wait", "drop_oldest", "conflate"]
QUEUE_EVENTS_MAX: Final = 100_000
QUEUE_BYTES_MAX: Final = 64 * 1024 * 1024
_LOST: Final = Seam(lost=True)


class Queue(Protocol):
    """The messages of one subscription, of all its streams, in the order in which they are to be taken."""

    dropped: int
    """How many were let go for good."""
    conflated: int
    """How many made way to a later one of the same stream."""

    def __len__(self) -> int:
        """How many wait."""
        ...

    def put(self, cursor: Cursor, message: bytes) -> None:
        """A message came: wakes who waits."""
        ...

    async def wait(self) -> None:
        """Return when a message came, or at `wake`. One task may wait."""
        ...

    def wake(self) -> None:
        """Let who waits go on."""
        ...

    def cross(self, cursor: Cursor, seam: Seam) -> None:
        """What comes next of that stream comes after `seam`."""
        ...

    def pop(self) -> tuple[Cursor, bytes | tuple[Any, ...]] | None:
        """Take what waits longest."""
        ...

    def forget(self, cursor: Cursor) -> None:
        """Nothing of that stream is wanted any more."""
        ...


class _OneWaits:
    """The one task that waits for the next message."""

    def __init__(self) -> None:
        self._waiter: Future[None] | None = None

    async def wait(self) -> None:
        """See `Queue`."""
        if self._waiter is not None:
            raise RuntimeError("another task waits for this subscription's next event: subscribe for each task")
        self._waiter = get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def wake(self) -> None:
        """See `Queue`."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class WaitingQueue(_OneWaits):
    """Keeps everything up to its bound. What comes when it is full is let go, and is a gap of its stream."""

    def __init__(self, events_max: int, bytes_max: int) -> None:
        super().__init__()
        self._events_max = events_max
        self._bytes_max = bytes_max
        # Side by side, for a tuple of both would be one object more for the garbage collector to go through.
        self._cursors: deque[Cursor] = deque()
        self._queue: deque[Any] = deque()  # messages, and seams in their place
        self._bytes_free = bytes_max
        self._seams: dict[Cursor, Seam] = {}  # those that come before the next message of their stream
        self.dropped = 0
        self.conflated = 0

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, cursor: Cursor, message: bytes) -> None:
        """See `Queue`."""
        queue = self._queue
        size = len(message)
        if size > self._bytes_free or len(queue) >= self._events_max:
            self._make_room(cursor, size)
            if size > self._bytes_free or len(queue) >= self._events_max:
                self.dropped += 1
                self._seams[cursor] = _LOST
                return
        if self._seams and cursor in self._seams:
            self._cursors.append(cursor)
            queue.append(self._seams.pop(cursor))
        self._bytes_free -= size
        self._cursors.append(cursor)
        queue.append(message)
        if self._waiter is not None:
            self.wake()

    def _make_room(self, cursor: Cursor, size: int) -> None:
        """The message does not fit: nothing else goes for it."""

    def cross(self, cursor: Cursor, seam: Seam) -> None:
        """See `Queue`."""
        if seam.lost or cursor not in self._seams:
            self._seams[cursor] = seam

    def pop(self) -> tuple[Cursor, bytes] | None:
        """See `Queue`."""
        queue = self._queue
        while queue:
            cursor = self._cursors.popleft()
            message = queue.popleft()
            if message.__class__ is bytes:
                self._bytes_free += len(message)
                return cursor, message
            cursor.cross(message)
        return None

    def forget(self, cursor: Cursor) -> None:
        """See `Queue`."""
        self._seams.pop(cursor, None)
        kept = [item for item in zip(self._cursors, self._queue, strict=True) if item[0] is not cursor]
        self._cursors = deque(each for each, _ in kept)
        self._queue = deque(message for _, message in kept)
        self._bytes_free = self._bytes_max - sum(len(each) for each in self._queue if each.__class__ is bytes)


class OldestDroppedQueue(WaitingQueue):
    """Keeps what came last: the oldest makes room, and is counted."""

    def _make_room(self, cursor: Cursor, size: int) -> None:
        while len(self) and (len(self) >= self._events_max or size > self._bytes_free):
            oldest = self.pop()
            if oldest is not None:
                self.dropped += 1
                oldest[0].discard(oldest[1])


class ConflatingQueue(_OneWaits):
    """Keeps the latest of each stream, in the place of the one that has waited longest; of the whole market, the
    latest of each symbol."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: OrderedDict[Cursor, bytes | tuple[Any, ...]] = OrderedDict()
        self._seams: dict[Cursor, Seam] = {}
        self.dropped = 0
        self.conflated = 0

    def __len__(self) -> int:
        return len(self._latest)

    def put(self, cursor: Cursor, message: bytes) -> None:
        """See `Queue`."""
        latest = self._latest
        if self._seams and cursor in self._seams:
            cursor.cross(self._seams.pop(cursor))
        earlier = latest.get(cursor)
        if earlier is None:
            latest[cursor] = message
        else:
            self.conflated += 1
            latest[cursor] = cursor.merge(earlier, message)
        if self._waiter is not None:
            self.wake()

    def cross(self, cursor: Cursor, seam: Seam) -> None:
        """See `Queue`."""
        if seam.lost or cursor not in self._seams:
            self._seams[cursor] = seam

    def pop(self) -> tuple[Cursor, bytes | tuple[Any, ...]] | None:
        """See `Queue`."""
        return self._latest.popitem(last=False) if self._latest else None

    def forget(self, cursor: Cursor) -> None:
        """See `Queue`."""
        self._seams.pop(cursor, None)
        self._latest.pop(cursor, None)


def new_queue(policy: Policy, events_max: int, bytes_max: int) -> Queue:
    """A queue of that policy. Raises `ValueError`."""
    if events_max < 1 or bytes_max < 1:
        raise ValueError(f"queue_events_max is {events_max} and queue_bytes_max {bytes_max}: pass 1 or more")
    match policy:
        case "wait":
            return WaitingQueue(events_max, bytes_max)
        case "drop_oldest":
            return OldestDroppedQueue(events_max, bytes_max)
        case "conflate":
            return ConflatingQueue()
    raise ValueError(f'queue is {policy!r}: pass "wait", "drop_oldest" or "conflate"')
