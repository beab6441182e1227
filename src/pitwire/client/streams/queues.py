"""What waits for a slow consumer, and what happens when that is too much.

Messages wait as they came, and are decoded when they are taken. Each queue says what was left out, in place of it.
"""

from collections import OrderedDict, deque
from typing import Any, Final, Literal, Protocol

from pitwire.client.streams.cursor import Cursor, Seam

Policy = Literal["wait", "drop_oldest", "conflate"]
QUEUE_EVENTS_MAX: Final = 10_000
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
        """A message came."""
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


class WaitingQueue:
    """Keeps everything up to its bound. What comes when it is full is let go, and is a gap of its stream."""

    def __init__(self, events_max: int, bytes_max: int) -> None:
        self._events_max = events_max
        self._bytes_max = bytes_max
        self._queue: deque[tuple[Cursor, Any]] = deque()  # messages, and seams in their place
        self._bytes = 0
        self._seams: dict[Cursor, Seam] = {}  # those that come before the next message of their stream
        self.dropped = 0
        self.conflated = 0

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, cursor: Cursor, message: bytes) -> None:
        """See `Queue`."""
        queue = self._queue
        size = len(message)
        if len(queue) >= self._events_max or self._bytes + size > self._bytes_max:
            self._make_room(cursor, size)
            if len(queue) >= self._events_max or self._bytes + size > self._bytes_max:
                self.dropped += 1
                self._seams[cursor] = _LOST
                return
        if self._seams and cursor in self._seams:
            queue.append((cursor, self._seams.pop(cursor)))
        self._bytes += size
        queue.append((cursor, message))

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
            item = queue.popleft()
            message = item[1]
            if message.__class__ is bytes:
                self._bytes -= len(message)
                return item
            item[0].cross(message)
        return None

    def forget(self, cursor: Cursor) -> None:
        """See `Queue`."""
        self._seams.pop(cursor, None)
        self._queue = deque(item for item in self._queue if item[0] is not cursor)
        self._bytes = sum(len(message) for _, message in self._queue if message.__class__ is bytes)


class OldestDroppedQueue(WaitingQueue):
    """Keeps what came last: the oldest makes room, and is counted."""

    def _make_room(self, cursor: Cursor, size: int) -> None:
        while len(self) and (len(self) >= self._events_max or self._bytes + size > self._bytes_max):
            oldest = self.pop()
            if oldest is not None:
                self.dropped += 1
                oldest[0].discard(oldest[1])


class ConflatingQueue:
    """Keeps the latest of each stream, in the place of the one that has waited longest; of the whole market, the
    latest of each symbol."""

    def __init__(self) -> None:
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
