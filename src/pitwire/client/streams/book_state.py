"""A local book out of a snapshot and changes: what may be applied, what has to wait, and when to begin anew. Pure.

Source: web-socket-streams.md, How to manage a local order book correctly. One difference: a snapshot that ends right
before the first change that was kept is as good as one inside of it.
"""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from pitwire.client.streams.levels import Levels
from pitwire.protocol.market_events import DepthUpdate

BUFFERED_MAX: Final = 10_000
"""How many changes wait for a snapshot: at ten a second, for a quarter of an hour."""


class BookState:
    """The levels as of `update_id`, once there is a snapshot that the changes go on from.

    Changes that come before are kept, also when a snapshot turns out to be older than they are: a later one may fit.
    """

    def __init__(self) -> None:
        self.bids = Levels(-1)
        self.asks = Levels(1)
        self.update_id = 0
        self.is_synchronized = False
        """Whether the levels are those of the exchange at `update_id`."""
        self.restarts = 0
        """How often a gap made it begin anew."""
        self._buffered: deque[DepthUpdate] = deque(maxlen=BUFFERED_MAX)

    def receive(self, event: DepthUpdate) -> bool:
        """A change came; whether the book is another now. If not, see `is_synchronized`: a snapshot may be needed.

        Raises `ProtocolViolation` for levels that are none; the book has begun anew then.
        """
        if not self.is_synchronized:
            self._buffered.append(event)
            return False
        if event.last_update_id <= self.update_id:
            return False
        if event.first_update_id > self.update_id + 1:
            self.restart()
            self._buffered.append(event)
            return False
        self._apply(event)
        return True

    def restart(self) -> None:
        """Changes were missed: a new snapshot is needed. What waits already is kept."""
        self.is_synchronized = False
        self.restarts += 1

    def snapshot(
        self, last_update_id: int, bids: Iterable[tuple[Decimal, Decimal]], asks: Iterable[tuple[Decimal, Decimal]]
    ) -> bool:
        """Begin with this snapshot; false where it is too old for the changes that were kept, which stay."""
        waiting = [event for event in self._buffered if event.last_update_id > last_update_id]
        expected = last_update_id + 1
        for event in waiting:
            if event.first_update_id > expected:
                return False
            expected = event.last_update_id + 1
        self.bids, self.asks, self.update_id = Levels(-1, bids), Levels(1, asks), last_update_id
        self.is_synchronized = True
        self._buffered.clear()
        for event in waiting:
            self._apply(event)
        return True

    def _apply(self, event: DepthUpdate) -> None:
        try:
            bids, asks = event.bids, event.asks
        except BaseException:
            self.restart()
            raise
        self.bids.change(bids)
        self.asks.change(asks)
        self.update_id = event.last_update_id
