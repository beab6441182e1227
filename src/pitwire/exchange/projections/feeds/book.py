"""Streams of the book: its best prices, its best levels, and its changes.

The update ids are those of `LevelChanged`, which every `depth` snapshot has too: one for each change of a level.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Final

from pitwire.exchange.messages import LevelChanged
from pitwire.exchange.projections.feeds.base import Content, Feed
from pitwire.exchange.projections.market_data import Book
from pitwire.exchange.projections.wire import ZERO, grid_text, instant
from pitwire.market.enums import Side, TimeUnit
from pitwire.market.numbers import Price, Quantity

Level = tuple[Price, Quantity]

_BUY: Final = Side.BUY


class BookTickerFeed(Feed):
    """Individual Symbol Book Ticker Streams: told whenever the best bid or ask is another after a record."""

    observes: ClassVar = (LevelChanged,)

    def __init__(self, symbol: str, book: Book) -> None:
        self._symbol = symbol
        self._book = book
        self._told = book.bids.best(), book.asks.best()

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The best of both sides, if it has changed."""
        book = self._book
        best = book.bids.best(), book.asks.best()
        if best == self._told:
            return ()
        self._told = best
        return (partial(_book_ticker, self._symbol, book.last_update_id, *best),)


class PartialDepthFeed(Feed):
    """Partial Book Depth Streams."""

    def __init__(self, book: Book, levels: int) -> None:
        self._content = partial(_partial_depth, book, levels)

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The best levels, changed or not."""
        return (self._content,)


class DepthFeed(Feed):
    """Diff. Depth Stream: the changes of a window, each level once, as it stands at the window's end."""

    observes: ClassVar = (LevelChanged,)

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._bids: dict[Price, Quantity] = {}
        self._asks: dict[Price, Quantity] = {}
        self._first_update_id = 0
        self._last_update_id = 0

    def observe(self, event: LevelChanged, time_us: int) -> None:
        """Collect a level's new quantity."""
        if not self._first_update_id:
            self._first_update_id = event.update_id
        self._last_update_id = event.update_id
        (self._bids if event.side is _BUY else self._asks)[event.price] = event.quantity

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The window's changes, if there are any. The next window begins with the update after its last."""
        first_update_id = self._first_update_id
        if not first_update_id:
            return ()
        bids, asks, self._bids, self._asks = self._bids, self._asks, {}, {}
        self._first_update_id = 0
        return (partial(_depth, self._symbol, first_update_id, self._last_update_id, bids, asks, now_us),)

    def due_us(self, now_us: int) -> int | None:
        """Now, if there are changes."""
        return now_us if self._first_update_id else None


def _book_ticker(symbol: str, update_id: int, bid: Level | None, ask: Level | None, unit: TimeUnit) -> dict[str, Any]:
    return {
        "u": update_id,
        "s": symbol,
        "b": grid_text(bid[0]) if bid else ZERO,
        "B": grid_text(bid[1]) if bid else ZERO,
        "a": grid_text(ask[0]) if ask else ZERO,
        "A": grid_text(ask[1]) if ask else ZERO,
    }


def _partial_depth(book: Book, levels: int, unit: TimeUnit) -> dict[str, Any]:
    return {
        "lastUpdateId": book.last_update_id,
        "bids": _texts(book.bids.top(levels)),
        "asks": _texts(book.asks.top(levels)),
    }


def _depth(
    symbol: str,
    first_update_id: int,
    last_update_id: int,
    bids: dict[Price, Quantity],
    asks: dict[Price, Quantity],
    now_us: int,
    unit: TimeUnit,
) -> dict[str, Any]:
    return {
        "e": "depthUpdate",
        "E": instant(now_us, unit),
        "s": symbol,
        "U": first_update_id,
        "u": last_update_id,
        "b": _texts(bids.items()),
        "a": _texts(asks.items()),
    }


def _texts(levels: Iterable[Level]) -> list[tuple[str, str]]:
    return [(grid_text(price), grid_text(quantity)) for price, quantity in levels]
