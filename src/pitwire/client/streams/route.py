"""Who gets the messages of one stream."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from pitwire.client.streams.cursor import Cursor, Seam
from pitwire.client.streams.market_stream import MarketStream

Put = Callable[[Cursor, bytes], object]


class Receiver(Protocol):
    """A subscription."""

    @property
    def put(self) -> Put:
        """What to call with each message of one of its streams, as long as it listens."""
        ...

    def cross(self, cursor: Cursor, seam: Seam, /) -> None:
        """Another connection brings that stream from here on."""
        ...


class Route:
    """One stream's subscriptions, each with its place in it."""

    __slots__ = ("_receivers", "head", "puts", "stream")

    def __init__(self, stream: MarketStream[Any]) -> None:
        self.stream = stream
        self.head: Final = b'{"stream":"%b"' % stream.name.encode()
        """What its messages begin with."""
        self._receivers: tuple[tuple[Receiver, Cursor], ...] = ()
        self.puts: tuple[tuple[Put, Cursor], ...] = ()
        """What to call with each message, for whoever goes through many."""

    def __bool__(self) -> bool:
        return bool(self._receivers)

    def add(self, receiver: Receiver, cursor: Cursor) -> None:
        """From now on `receiver` gets what comes."""
        self._set((*self._receivers, (receiver, cursor)))

    def remove(self, cursor: Cursor) -> None:
        """It gets no more."""
        self._set(tuple(each for each in self._receivers if each[1] is not cursor))

    def _set(self, receivers: tuple[tuple[Receiver, Cursor], ...]) -> None:
        self._receivers = receivers
        self.puts = tuple((receiver.put, cursor) for receiver, cursor in receivers)

    def put(self, message: bytes) -> None:
        """A message came."""
        for put, cursor in self.puts:
            put(cursor, message)

    def cross(self, seam: Seam) -> None:
        """Another connection brings the stream from here on."""
        for receiver, cursor in self._receivers:
            receiver.cross(cursor, seam)
