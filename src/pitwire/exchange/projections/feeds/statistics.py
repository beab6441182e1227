"""Streams of what was traded over some time: tickers of a day and of windows, and average prices.

Whether a state has changed is seen by comparing it with the one told last. A stream of the whole market tells all that
have changed as one array, and nothing when none has.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pitwire.exchange.projections.candles import Candle
from pitwire.exchange.projections.feeds.base import Content, Feed
from pitwire.exchange.projections.market_data import Book
from pitwire.exchange.projections.reference_prices import NoReferencePrice, ReferencePrices
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.tickers import DayStatistics, Statistics, Tickers, average_minutes
from pitwire.exchange.projections.wire import ZERO, grid_text, instant
from pitwire.market.enums import TimeUnit
from pitwire.market.numbers import text

State = tuple[Any, Content]
"""What counts as a symbol's state, `None` for nothing, and what is told of it."""
Read = Callable[[str, int], State]
"""The state of a symbol at a time."""


class SymbolStatisticsFeed(Feed):
    """What one symbol traded."""

    def __init__(self, symbol: str, read: Read) -> None:
        self._symbol = symbol
        self._read = read
        self._told: Any = None

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """Its state, if it is another, or new to somebody."""
        state, content = self._read(self._symbol, now_us)
        if state == self._told and not fresh:
            return ()
        self._told = state
        return (content,)


class MarketStatisticsFeed(Feed):
    """What all symbols traded."""

    def __init__(self, symbols: Symbols, read: Read) -> None:
        self._symbols = symbols
        self._read = read
        self._told: dict[str, Any] = {}

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The states of the symbols whose state is another."""
        changed: list[Content] = []
        for symbol in self._symbols.names():
            state, content = self._read(symbol, now_us)
            if state != self._told.get(symbol):
                self._told[symbol] = state
                changed.append(content)
        return (partial(_array, changed),) if changed else ()


class AveragePriceFeed(Feed):
    """Average Price: changes of it, from the first trade on."""

    def __init__(self, symbol: str, symbols: Symbols, tickers: Tickers) -> None:
        self._symbol = symbol
        self._symbols = symbols
        self._tickers = tickers
        self._told: tuple[Any, ...] | None = None

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The average price, if it is another, or new to somebody."""
        minutes = average_minutes(self._symbols.rules(self._symbol))
        average = self._tickers.average_price(self._symbol, minutes, now_us, TimeUnit.MICROSECOND)
        price, traded_us = average["price"], average["closeTime"]
        if not traded_us or (self._told == (minutes, price, traded_us) and not fresh):
            return ()
        self._told = minutes, price, traded_us
        return (partial(_average_price, self._symbol, minutes, price, traded_us, now_us),)


class ReferencePriceFeed(Feed):
    """Reference Price Streams: as long as the symbol has a reference price, or had one."""

    def __init__(self, symbol: str, prices: ReferencePrices) -> None:
        self._symbol = symbol
        self._prices = prices

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The price, `null` if there is none for now."""
        try:
            current = self._prices.current(self._symbol, now_us, TimeUnit.MICROSECOND)
        except NoReferencePrice:
            return ()
        return (partial(_reference_price, self._symbol, current["referencePrice"], current["timestamp"]),)


# --- what a state is ----------------------------------------------------------------------------------------------


def mini_ticker(tickers: Tickers, symbol: str, now_us: int) -> State:
    """Individual Symbol Mini Ticker Stream."""
    statistics = tickers.day(symbol, now_us).statistics
    return _figures(statistics), partial(_mini_ticker, statistics)


def day_ticker(tickers: Tickers, book: Callable[[str], Book], symbol: str, now_us: int) -> State:
    """Individual Symbol Ticker Streams, with the best price and quantity of each side of the book."""
    day = tickers.day(symbol, now_us)
    levels = book(symbol)
    bid, ask = levels.bids.best(), levels.asks.best()
    return (_figures(day.statistics), bid, ask), partial(_day_ticker, day, bid, ask)


def window_ticker(tickers: Tickers, window: str, width_us: int, symbol: str, now_us: int) -> State:
    """Individual Symbol Rolling Window Statistics Streams."""
    statistics = tickers.window(symbol, width_us, now_us)
    return _figures(statistics), partial(_window_ticker, window, statistics)


def _figures(statistics: Statistics) -> Candle | None:
    """What was traded, but for when it began, which moves on by itself."""
    return None if statistics.traded is None else statistics.traded.from_(0)


# --- payloads -----------------------------------------------------------------------------------------------------


def _array(contents: list[Content], unit: TimeUnit) -> list[Any]:
    return [content(unit) for content in contents]


def _mini_ticker(statistics: Statistics, unit: TimeUnit) -> dict[str, Any]:
    candle = statistics.candle
    return {
        "e": "24hrMiniTicker",
        "E": instant(statistics.close_us, unit),
        "s": statistics.symbol,
        "c": grid_text(candle.close),
        "o": grid_text(candle.open),
        "h": grid_text(candle.high),
        "l": grid_text(candle.low),
        "v": text(candle.volume),
        "q": text(candle.quote),
    }


def _day_ticker(
    day: DayStatistics, bid: tuple[int, int] | None, ask: tuple[int, int] | None, unit: TimeUnit
) -> dict[str, Any]:
    statistics, previous_close, last = day
    candle = statistics.candle
    return {
        "e": "24hrTicker",
        "E": instant(statistics.close_us, unit),
        "s": statistics.symbol,
        "p": text(statistics.price_change),
        "P": statistics.price_change_percent,
        "w": text(statistics.average_price),
        "x": grid_text(previous_close),
        "c": grid_text(candle.close),
        "Q": grid_text(last.quantity) if last else ZERO,
        "b": grid_text(bid[0]) if bid else ZERO,
        "B": grid_text(bid[1]) if bid else ZERO,
        "a": grid_text(ask[0]) if ask else ZERO,
        "A": grid_text(ask[1]) if ask else ZERO,
        "o": grid_text(candle.open),
        "h": grid_text(candle.high),
        "l": grid_text(candle.low),
        **_totals(statistics, unit),
    }


def _window_ticker(window: str, statistics: Statistics, unit: TimeUnit) -> dict[str, Any]:
    candle = statistics.candle
    return {
        "e": f"{window}Ticker",
        "E": instant(statistics.close_us, unit),
        "s": statistics.symbol,
        "p": text(statistics.price_change),
        "P": statistics.price_change_percent,
        "o": grid_text(candle.open),
        "h": grid_text(candle.high),
        "l": grid_text(candle.low),
        "c": grid_text(candle.close),
        "w": text(statistics.average_price),
        **_totals(statistics, unit),
    }


def _totals(statistics: Statistics, unit: TimeUnit) -> dict[str, Any]:
    candle = statistics.candle
    return {
        "v": text(candle.volume),
        "q": text(candle.quote),
        "O": instant(statistics.open_us, unit),
        "C": instant(statistics.close_us, unit),
        "F": candle.first_id,
        "L": candle.last_id,
        "n": candle.trades,
    }


def _average_price(
    symbol: str, minutes: int, price: str, traded_us: int, now_us: int, unit: TimeUnit
) -> dict[str, Any]:
    return {
        "e": "avgPrice",
        "E": instant(now_us, unit),
        "s": symbol,
        "i": f"{minutes}m",
        "w": price,
        "T": instant(traded_us, unit),
    }


def _reference_price(symbol: str, price: str | None, valid_us: int, unit: TimeUnit) -> dict[str, Any]:
    return {"e": "referencePrice", "s": symbol, "r": price, "t": instant(valid_us, unit)}
