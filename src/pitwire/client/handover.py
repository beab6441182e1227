"""User data that comes over two connections, made into one sequence: nothing lost, nothing twice, in order.

While a connection takes over from another, both are subscribed. The old one's events are handed out as they come, the
new one's are kept. Once the old one has answered a request that was sent after the new one was subscribed, everything
from before that has come over it; from then on the new one has every event. So its kept events are handed out, but for
those that the old one brought, and the old one is not listened to any more. It may have been ahead: what it brought and
the new one brings only later is let go then.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from pitwire.protocol.signing import Key


class _Known(Struct, frozen=True):
    e: str
    s: str = ""
    i: int = 0
    execution_id: int = msgspec.field(name="I", default=0)
    x: str = ""
    trade_id: int = msgspec.field(name="t", default=-1)


class _Frame(Struct, frozen=True):
    event: Raw


class _KnownFrame(Struct, frozen=True):
    event: _Known


_decode_frame = msgspec.json.Decoder(_Frame).decode
_decode_known_frame = msgspec.json.Decoder(_KnownFrame).decode
_decode_known = msgspec.json.Decoder(_Known).decode

EventKey = tuple[object, ...]


def event_key(message: bytes, account: Key | None) -> EventKey:
    """What an event is known by, whichever connection it comes over.

    An order's update by account, symbol, order, execution id and type; any other by all that it says.
    """
    try:
        raw = bytes(_decode_frame(message).event)
        known = _decode_known(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return account, message
    if known.e == "executionReport":
        return account, known.s, known.i, known.execution_id, known.x
    return account, raw


def report_of(message: bytes) -> tuple[str, int] | None:
    """Symbol of the order that an event reports, and id of the trade, -1 where it is none; `None`: no such event."""
    if b'"executionReport"' not in message:
        return None
    try:
        known = _decode_known_frame(message).event
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return (known.s, known.trade_id) if known.e == "executionReport" else None


def trade_of(message: bytes) -> tuple[str, int] | None:
    """Symbol and id of the trade that an event reports, if it does."""
    report = report_of(message) if b'"TRADE"' in message else None
    return None if report is None or report[1] < 0 else report


class Handover:
    """What the old connection has brought and the new one has in store, from before the new one is subscribed.

    An event that happens to look like an earlier one is told apart by its count.
    """

    def __init__(self) -> None:
        self._brought: Counter[EventKey] = Counter()
        self._kept: list[tuple[bytes, Key | None]] = []

    def __len__(self) -> int:
        return len(self._kept)

    def brought(self, message: bytes, account: Key | None) -> None:
        """The old connection brought `message`."""
        self._brought[event_key(message, account)] += 1

    def keep(self, message: bytes, account: Key | None) -> None:
        """The new connection brought it."""
        self._kept.append((message, account))

    def missing(self) -> Iterator[tuple[bytes, Key | None]]:
        """What the new connection brought and the old one did not, in order."""
        seen: Counter[EventKey] = Counter()
        for message, account in self._kept:
            key = event_key(message, account)
            seen[key] += 1
            if seen[key] > self._brought[key]:
                yield message, account

    def ahead(self) -> Counter[EventKey]:
        """What the old connection brought and the new one did not: from before it was subscribed, or yet to come."""
        return self._brought - Counter(event_key(message, account) for message, account in self._kept)
