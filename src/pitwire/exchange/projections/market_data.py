"""The book as everybody sees it: price levels, best prices, and the last price."""

from bisect import bisect_left, insort
from itertools import islice
from typing import Any

from msgspec import Struct

from pitwire.exchange.messages import LevelChanged, SymbolListed, TradeMatched
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.exchange.projections.wire import ZERO, grid_text, page_size
from pitwire.market.enums import Side
from pitwire.market.numbers import Price, Quantity

DEPTH_LIMIT_DEFAULT = 100
DEPTH_LIMIT_MAX = 5000

_BUY = Side.BUY


class Levels:
    """The price levels of one side. Reading starts at the best price; a change costs O(log n) comparisons."""

    __slots__ = ("_keys", "_quantities", "_sign")

    def __init__(self, side: Side) -> None:
        # Keys ascend towards the best price, where the changes are, so that few of them move in memory.
        self._sign = 1 if side is Side.BUY else -1
        self._keys: list[int] = []
        self._quantities: dict[Price, Quantity] = {}

    def change(self, price: Price, quantity: Quantity) -> None:
        """Set the level's total quantity; 0 removes it."""
        quantities = self._quantities
        if quantity:
            if price not in quantities:
                insort(self._keys, self._sign * price)
            quantities[price] = quantity
        elif quantities.pop(price, None) is not None:
            keys = self._keys
            del keys[bisect_left(keys, self._sign * price)]

    def __len__(self) -> int:
        return len(self._keys)

    def best(self) -> tuple[Price, Quantity] | None:
        """The level with the best price, if there is any."""
        if not self._keys:
            return None
        price = Price(self._sign * self._keys[-1])
        return price, self._quantities[price]

    def top(self, count: int) -> list[tuple[Price, Quantity]]:
        """At most `count` levels, best first."""
        sign, quantities = self._sign, self._quantities
        return [(price := Price(sign * key), quantities[price]) for key in islice(reversed(self._keys), count)]


class BookState(Struct, array_like=True):
    """What a snapshot keeps of one symbol: levels best first."""

    symbol: str
    last_update_id: int
    bids: list[tuple[Price, Quantity]]
    asks: list[tuple[Price, Quantity]]
    last_price: int


class Book:
    """One symbol's levels, and the price of its last trade; 0 before any."""

    __slots__ = ("asks", "bids", "last_price", "last_update_id")

    def __init__(self) -> None:
        self.bids = Levels(Side.BUY)
        self.asks = Levels(Side.SELL)
        self.last_update_id = 0
        self.last_price = 0


class MarketData:
    """The books of all symbols. Every query raises `UnknownSymbol` for a symbol that is not listed."""

    def __init__(self) -> None:
        self._books: dict[str, Book] = {}

    def listed(self, event: SymbolListed, _time_us: int) -> None:
        """Give a new symbol an empty book; new rules leave the book as it is."""
        self._books.setdefault(event.rules.symbol, Book())

    def level_changed(self, event: LevelChanged, _time_us: int) -> None:
        """Take in a level's new quantity."""
        book = self._books[event.symbol]
        book.last_update_id = event.update_id
        (book.bids if event.side is _BUY else book.asks).change(event.price, event.quantity)

    def traded(self, event: TradeMatched, _time_us: int) -> None:
        """Take in the last price."""
        self._books[event.symbol].last_price = event.price

    def depth(self, symbol: str, limit: int | None = None) -> dict[str, Any]:
        """The result of `depth` (web-socket-api.md, Order book): `limit` levels a side, default 100, at most 5000."""
        book = self.book(symbol)
        count = page_size(limit, DEPTH_LIMIT_DEFAULT, DEPTH_LIMIT_MAX)
        return {
            "lastUpdateId": book.last_update_id,
            "bids": [(grid_text(price), grid_text(quantity)) for price, quantity in book.bids.top(count)],
            "asks": [(grid_text(price), grid_text(quantity)) for price, quantity in book.asks.top(count)],
        }

    def book_ticker(self, symbol: str) -> dict[str, Any]:
        """One entry of `ticker.book` (web-socket-api.md, Symbol order book ticker). An empty side has zeros."""
        book = self.book(symbol)
        bid, ask = book.bids.best(), book.asks.best()
        return {
            "symbol": symbol,
            "bidPrice": grid_text(bid[0]) if bid else ZERO,
            "bidQty": grid_text(bid[1]) if bid else ZERO,
            "askPrice": grid_text(ask[0]) if ask else ZERO,
            "askQty": grid_text(ask[1]) if ask else ZERO,
        }

    def price_ticker(self, symbol: str) -> dict[str, Any]:
        """One entry of `ticker.price` (web-socket-api.md, Symbol price ticker). Before any trade the price is 0."""
        return {"symbol": symbol, "price": grid_text(self.book(symbol).last_price)}

    def best(self, symbol: str, side: Side) -> tuple[Price, Quantity] | None:
        """The best level of one side, if it has any."""
        book = self.book(symbol)
        return (book.bids if side is Side.BUY else book.asks).best()

    def levels(self, symbol: str, side: Side, count: int) -> list[tuple[Price, Quantity]]:
        """At most `count` levels of one side, best first."""
        book = self.book(symbol)
        return (book.bids if side is Side.BUY else book.asks).top(count)

    def last_price(self, symbol: str) -> Price | None:
        """The price of the last trade, if there was any."""
        return Price(price) if (price := self.book(symbol).last_price) else None

    def state(self) -> list[BookState]:
        """What a snapshot keeps."""
        return [
            BookState(
                symbol,
                book.last_update_id,
                book.bids.top(len(book.bids)),
                book.asks.top(len(book.asks)),
                book.last_price,
            )
            for symbol, book in self._books.items()
        ]

    @classmethod
    def of(cls, state: list[BookState]) -> "MarketData":
        """The market data that a snapshot kept."""
        market = cls()
        for kept in state:
            book = market._books[kept.symbol] = Book()
            book.last_update_id = kept.last_update_id
            for price, quantity in reversed(kept.bids):
                book.bids.change(price, quantity)
            for price, quantity in reversed(kept.asks):
                book.asks.change(price, quantity)
            book.last_price = kept.last_price
        return market

    def book(self, symbol: str) -> Book:
        """One symbol's levels, which go on changing."""
        book = self._books.get(symbol)
        if book is None:
            raise UnknownSymbol(symbol)
        return book
