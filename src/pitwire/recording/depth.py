"""A local copy of a recorded order book, kept by the documented procedure.

Source: web-socket-streams.md, How to manage a local order book correctly. The snapshot comes over another connection
than the diffs, so diffs that precede it are kept until it is there.

    waiting ──snapshot, joined to the diffs kept──> live ──a diff that does not follow on──> DepthGap
       ^                                             │
       └──────────────── reset ──────────────────────┘
"""

from collections.abc import Iterator

from pitwire.market.enums import Side
from pitwire.market.numbers import Price, Quantity
from pitwire.recording.events import DepthDiff, DepthSnapshot

KEPT_DIFFS_MAX = 10_000
"""How many diffs are kept while there is no snapshot: more than a quarter of an hour of them."""


class DepthGap(Exception):
    """A diff does not follow on the one before, or on the snapshot: what lies between is missing."""


class RecordedDepth:
    """Owns the recorded levels. `is_live` says whether there has been a snapshot; `last_update_id` is 0 until then."""

    def __init__(self) -> None:
        self.bids: dict[Price, Quantity] = {}
        self.asks: dict[Price, Quantity] = {}
        self.last_update_id = 0
        self.is_live = False
        self._kept: list[DepthDiff] = []

    def quantity(self, side: Side, price: Price) -> Quantity:
        """What rests at a price; 0 where there is no level."""
        return (self.bids if side is Side.BUY else self.asks).get(price, Quantity(0))

    def prices(self) -> Iterator[tuple[Side, Price]]:
        """Every level's side and price."""
        for price in self.bids:
            yield Side.BUY, price
        for price in self.asks:
            yield Side.SELL, price

    def replace(self, snapshot: DepthSnapshot) -> None:
        """Start from a snapshot, and apply to it the diffs that were kept.

        Raises `DepthGap` when the snapshot is older than the oldest diff kept.
        """
        self.bids = dict(snapshot.bids)
        self.asks = dict(snapshot.asks)
        self.last_update_id = snapshot.last_update_id
        self.is_live = True
        kept, self._kept = self._kept, []
        for diff in kept:
            self.change(diff)

    def change(self, diff: DepthDiff) -> bool:
        """Apply a diff; `False` when it was kept for a snapshot to come, or was older than the snapshot.

        Raises `DepthGap` when it does not follow on, or when more than `KEPT_DIFFS_MAX` wait for a snapshot.
        """
        if not self.is_live:  # an exchange that is new begins with 0
            if len(self._kept) >= KEPT_DIFFS_MAX:
                raise DepthGap(f"{KEPT_DIFFS_MAX} depth diffs of {diff.symbol} and no snapshot to apply them to")
            self._kept.append(diff)
            return False
        if diff.last_update_id <= self.last_update_id:
            return False
        expected = self.last_update_id + 1
        if diff.first_update_id > expected:
            raise DepthGap(
                f"a depth diff of {diff.symbol} starts with update {diff.first_update_id}, expected was {expected}"
            )
        self.last_update_id = diff.last_update_id
        for levels, changes in ((self.bids, diff.bids), (self.asks, diff.asks)):
            for price, quantity in changes:
                if quantity:
                    levels[price] = quantity
                else:
                    levels.pop(price, None)
        return True

    def reset(self) -> None:
        """Forget everything and wait for a snapshot: the next events are not a continuation of those before."""
        self.bids, self.asks, self._kept = {}, {}, []
        self.last_update_id, self.is_live = 0, False
