"""What happens in public, in its order: trades, aggregates, candles. The newest are in memory, all in the archive.

A `Series` is everything of one kind on one symbol. Its items come one after the other and never change. The newest
stay in memory, because they are asked for most; each goes to the archive as well, in pages, and from there come those
that memory no longer has. In an archive, where every page is an account's, each kind of public item has a number below
zero for an account: so a kind has its own mark and its own full pages.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from pitwire.exchange.projections.archive import Archive, Kind, Page, Sorting, Wanted

ALL: Final = 2**63 - 1
"""As a count: however many there are."""


class SeriesState(Struct, array_like=True):
    """What a snapshot keeps of a `Series`: its items as JSON."""

    kind: int
    symbol: str
    dropped: bool
    items: Raw


class Series:
    """Everything of one kind on one symbol. `items` are the newest: at least `kept`, once there are so many, and less
    than a page more, beside those that the record under way brings.

    `dropped`: there are older ones, in the archive only.
    """

    __slots__ = (
        "_archive",
        "_archived",
        "_attend_at",
        "_chronicle",
        "_page_items",
        "account",
        "dropped",
        "items",
        "kept",
        "kind",
        "mark",
        "symbol",
    )

    def __init__(self, kind: Kind, symbol: str, kept: int, archive: Archive, chronicle: "Chronicle") -> None:
        self._archive = archive
        self._chronicle = chronicle
        self._page_items = min(archive.page_items, kept)
        self.kind = kind
        self.account = -kind.number
        self.symbol = symbol
        self.kept = kept
        self.mark = archive.mark(self.account, symbol)
        """The last record of which the archive had everything when this was made."""
        self.items: list[Any] = []
        self.dropped = False
        self._archived = 0
        """So many of the first items are in the archive."""
        self._attend_at = 1 if self.mark else self._page_items

    def append(self, item: Any) -> None:
        """Add what the record under way brought."""
        items = self.items
        items.append(item)
        if len(items) == self._attend_at:
            self._attend()

    def sealed(self) -> Page | None:
        """What the archive lacks, up to the end of the record under way; it counts as archived from now on."""
        items = self.items[self._archived :]
        self._archived = len(self.items)
        self._drop()
        self._attend_at = self._archived + self._page_items
        if not items:
            return None
        return Page.of(self.kind, self.account, self.symbol, self._chronicle.sequence, items)

    def _read(self, wanted: Wanted, count: int, *, newest: bool) -> list[Any]:
        """Out of the archive, where a series' pages follow each other as its items do."""
        runs: list[Sequence[Any]] = []
        missing = count
        for page in self._archive.pages(self.kind, self.account, self.symbol, wanted, Sorting(newest=newest)):
            within = self._within(page.items, wanted)
            runs.append(page.items[within.start : within.stop])
            missing -= len(runs[-1])
            if missing <= 0:
                break
        found = list(chain.from_iterable(reversed(runs) if newest else runs))
        return found[-count:] if newest else found[:count]

    def _within(self, items: Sequence[Any], wanted: Wanted) -> range:
        """Which of these items are wanted."""
        item_id, time_us = self.kind.id, self.kind.time_us
        first, end = bisect_left(items, wanted.first_id, key=item_id), bisect_right(items, wanted.last_id, key=item_id)
        if wanted.first_us or wanted.last_us < ALL:
            first = max(first, bisect_left(items, wanted.first_us, key=time_us))
            end = min(end, bisect_right(items, wanted.last_us, key=time_us))
        return range(first, end)

    def _attend(self) -> None:
        count = len(self.items)
        if self._archived == count - 1 and self._chronicle.sequence <= self.mark:
            self._archived = count  # a replay brought what the archive has
            self._drop()
            self._attend_at = self._archived + 1
        elif count < self._archived + self._page_items:
            self._attend_at = self._archived + self._page_items
        else:
            self._chronicle.full.append(self)

    def _drop(self) -> None:
        surplus = self._archived - self.kept
        if surplus >= self._page_items:
            del self.items[:surplus]
            self._archived -= surplus
            self.dropped = True

    def chosen(self, wanted: Wanted, count: int, *, newest: bool = False) -> list[Any]:
        """The first, or the newest, `count` of the items that lie within, in their order.

        Of `wanted` the ids and times count, which grow together.
        """
        items = self.items
        within = self._within(items, wanted)
        first, end = within.start, within.stop
        inside = items[max(first, end - count) : end] if newest else items[first : min(end, first + count)]
        if first or not self.dropped or (newest and len(inside) == count):
            return inside
        older = wanted._replace(last_id=min(wanted.last_id, self.kind.id(items[0]) - 1))
        if newest:
            return self._read(older, count - len(inside), newest=True) + inside
        return (self._read(older, count, newest=False) + inside)[:count]

    def state(self) -> SeriesState:
        """What a snapshot keeps: the newest `kept` items, wherever the pages' ends are."""
        dropped = self.dropped or len(self.items) > self.kept
        items = Raw(msgspec.json.encode(self.items[-self.kept :]))
        return SeriesState(self.kind.number, self.symbol, dropped, items)

    def restore(self, state: SeriesState) -> None:
        """Take the place of the series that gave `state`. Raises `msgspec.DecodeError`."""
        self.items = msgspec.json.decode(state.items, type=list[self.kind.item])  # type: ignore[name-defined]
        self.dropped = state.dropped
        self._archived = len(self.items)
        self._attend_at = self._archived + (1 if self.mark else self._page_items)


class Chronicle:
    """All series of an exchange, and when they are sealed."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._series: dict[tuple[int, str], Series] = {}
        self._kept: dict[tuple[int, str], SeriesState] = {}
        self.sequence = 0
        """Of the record whose events come in."""
        self.full: list[Series] = []
        """Those of which a page is full: `seal` them at the end of the record."""

    def series(self, kind: Kind, symbol: str, kept: int) -> Series:
        """The series of a kind on a symbol, begun now if there is none."""
        key = kind.number, symbol
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series(kind, symbol, kept, self._archive, self)
            if (state := self._kept.pop(key, None)) is not None:
                series.restore(state)
        return series

    def seal(self) -> None:
        """Give full pages to the archive. Only at the end of a record. Raises `OSError`."""
        self._seal(self.full)

    def seal_all(self) -> None:
        """Give every page, full or not, to the archive. Only at the end of a record. Raises `OSError`."""
        self._seal(self._series.values())

    def state(self) -> list[SeriesState]:
        """What a snapshot keeps: every series that has items."""
        return [series.state() for _, series in sorted(self._series.items()) if series.items]

    @classmethod
    def of(cls, state: list[SeriesState], archive: Archive) -> "Chronicle":
        """The chronicle that a snapshot kept; each series is there once it is asked for."""
        chronicle = cls(archive)
        chronicle._kept = {(kept.kind, kept.symbol): kept for kept in state}
        return chronicle

    def _seal(self, series: Iterable[Series]) -> None:
        pages = [page for each in series if (page := each.sealed()) is not None]
        self.full = []
        if pages:
            self._archive.write(pages)
