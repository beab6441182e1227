"""What each market stream tells, and when: from events and from the other projections, as values to be encoded.

A feed *observes* events of its symbol, and is asked to *take* what there is to tell: a feed in real time after every
record that had such an event, the others at their update speed. It is there only while somebody listens, so what
nobody listens to costs nothing.

Source: web-socket-streams.md, Detailed Stream information. Where it is silent: a stream that tells a state at intervals
does so when it has changed, and once more for whoever has begun to listen since; a partial depth always, as documented.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Final

from pitwire.exchange.messages import LevelChanged, TradeMatched
from pitwire.exchange.projections.market_data import Book
from pitwire.exchange.projections.reference_prices import NoReferencePrice, ReferencePrices
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.projections.wire import ZERO, grid_text, instant
from pitwire.market.enums import Side, TimeUnit
from pitwire.market.numbers import Price, Quantity
from pitwire.protocol.streams import Stream, StreamKind

Content = Callable[[TimeUnit], Any]
"""A payload in a time unit, to be made right away or never: it reads what it tells when it is called."""
Level = tuple[Price, Quantity]

_BUY: Final = Side.BUY


class Feed:
    """What one stream tells. Without `observes` it is asked at intervals only, and without those never."""

    observes: ClassVar[tuple[type, ...]] = ()

    def observe(self, event: Any, time_us: int) -> None:
        """An event of a type in `observes`, of the stream's symbol, has been applied to all projections."""

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """What is to be told now, in order. `fresh`: somebody has begun to listen since the last time."""
        raise NotImplementedError


class TradeFeed(Feed):
    """Trade Streams."""

    observes: ClassVar = (TradeMatched,)

    def __init__(self) -> None:
        self._contents: list[Content] = []

    def observe(self, event: TradeMatched, time_us: int) -> None:
        """Keep what is to be told of the trade."""
        self._contents.append(partial(_trade, event, time_us))

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """All trades since."""
        contents, self._contents = self._contents, []
        return contents


class BookTickerFeed(Feed):
    """Individual Symbol Book Ticker Streams: told whenever the best bid or ask is another after a record."""

    observes: ClassVar = (LevelChanged,)

    def __init__(self, symbol: str, book: Book) -> None:
        self._symbol = symbol
        self._book = book
        self._best = book.bids.best(), book.asks.best()

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The best of both sides, if it has changed."""
        book = self._book
        best = book.bids.best(), book.asks.best()
        if best == self._best:
            return ()
        self._best = best
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


class ReferencePriceFeed(Feed):
    """Reference Price Streams: every second while the symbol has a reference price, or had one."""

    def __init__(self, symbol: str, prices: ReferencePrices) -> None:
        self._symbol = symbol
        self._prices = prices

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The price, `null` if there is none for now."""
        try:
            self._prices.current(self._symbol, now_us, TimeUnit.MICROSECOND)
        except NoReferencePrice:
            return ()
        return (partial(_reference_price, self._prices, self._symbol, now_us),)


class SilentFeed(Feed):
    """A stream of what does not happen here: there are no block trades on this exchange."""

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """Nothing."""
        return ()


def open_feed(projections: Projections, stream: Stream) -> Feed:
    """The feed of a stream, from now on. Raises `UnknownSymbol` when its symbol is not listed."""
    symbol, form = stream.symbol.upper(), stream.form
    if not form.whole_market:
        projections.symbols.rules(symbol)
    match form.kind:
        case StreamKind.TRADE:
            return TradeFeed()
        case StreamKind.BOOK_TICKER:
            return BookTickerFeed(symbol, projections.market.book(symbol))
        case StreamKind.PARTIAL_DEPTH:
            return PartialDepthFeed(projections.market.book(symbol), form.levels)
        case StreamKind.DEPTH:
            return DepthFeed(symbol)
        case StreamKind.REFERENCE_PRICE:
            return ReferencePriceFeed(symbol, projections.reference_prices)
        case _:
            return SilentFeed()


# --- payloads -----------------------------------------------------------------------------------------------------


def _trade(event: TradeMatched, time_us: int, unit: TimeUnit) -> dict[str, Any]:
    time = instant(time_us, unit)
    return {
        "e": "trade",
        "E": time,
        "s": event.symbol,
        "t": event.trade_id,
        "p": grid_text(event.price),
        "q": grid_text(event.quantity),
        "T": time,
        "m": event.buyer_is_maker,
        "M": True,
    }


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
        "bids": [(grid_text(price), grid_text(quantity)) for price, quantity in book.bids.top(levels)],
        "asks": [(grid_text(price), grid_text(quantity)) for price, quantity in book.asks.top(levels)],
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
        "b": [(grid_text(price), grid_text(quantity)) for price, quantity in bids.items()],
        "a": [(grid_text(price), grid_text(quantity)) for price, quantity in asks.items()],
    }


def _reference_price(prices: ReferencePrices, symbol: str, now_us: int, unit: TimeUnit) -> dict[str, Any]:
    current = prices.current(symbol, now_us, unit)
    return {"e": "referencePrice", "s": symbol, "r": current["referencePrice"], "t": current["timestamp"]}
