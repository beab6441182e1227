"""Streams of candles."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Final

from pitwire.exchange.messages import TradeMatched
from pitwire.exchange.projections.candles import Candle, Candles
from pitwire.exchange.projections.feeds.base import Content, Feed
from pitwire.exchange.projections.intervals import shifted_us
from pitwire.exchange.projections.wire import grid_text, instant
from pitwire.market.enums import KlineInterval, TimeUnit
from pitwire.market.numbers import text

CLOSED_MAX: Final = 1_000
"""So many candles that are over are told at once, after the clock was set forward; those between are left out."""


class KlineFeed(Feed):
    """Kline/Candlestick Streams, in UTC or by a clock that is `offset_us` ahead of it.

    A candle is told whenever it has changed, and a last time when it is over (`x` is true), traded or not. One that has
    just opened, and in which nothing is traded yet, is told only to whoever begins to listen.
    """

    observes: ClassVar = (TradeMatched,)

    def __init__(self, symbol: str, candles: Candles, interval: KlineInterval, offset_us: int) -> None:
        self._symbol = symbol
        self._candles = candles
        self._interval = interval
        self._offset_us = offset_us
        self._told: Candle | None = None
        self._over_us: int | None = None
        """When the candle that was told last is over."""
        self._traded = True
        """Whether there may have been trades since."""

    def observe(self, event: TradeMatched, time_us: int) -> None:
        """The candle under way is another now."""
        self._traded = True

    def due_us(self, now_us: int) -> int | None:
        """Now after a trade, else when the candle is over; never before the first trade."""
        return now_us if self._traded else self._over_us

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """The candles that are over since, and the one under way."""
        if not (self._traded or fresh or (self._over_us is not None and now_us >= self._over_us)):
            return ()
        self._traded = False
        current = self._candles.at(self._symbol, self._interval, now_us, self._offset_us)
        told = self._told
        if current is None:
            return ()
        self._over_us = shifted_us(self._interval, current.open_us, 1, self._offset_us)
        contents: list[Content] = []
        if told is None:
            changed = True
        else:
            opened_us = told.open_us
            while opened_us < current.open_us and len(contents) < CLOSED_MAX:
                closed = self._candles.at(self._symbol, self._interval, opened_us, self._offset_us)
                if closed is not None:
                    contents.append(self._content(closed, now_us, closed=True))
                opened_us = shifted_us(self._interval, opened_us, 1, self._offset_us)
            changed = current.trades > 0 if contents else current != told
        if changed or fresh:
            contents.append(self._content(current, now_us, closed=False))
        self._told = current
        return contents

    def _content(self, candle: Candle, now_us: int, *, closed: bool) -> Content:
        until_us = shifted_us(self._interval, candle.open_us, 1, self._offset_us)
        return partial(_kline, self._symbol, self._interval, candle, until_us, closed, now_us)


def _kline(
    symbol: str, interval: KlineInterval, candle: Candle, until_us: int, closed: bool, now_us: int, unit: TimeUnit
) -> dict[str, Any]:
    return {
        "e": "kline",
        "E": instant(now_us, unit),
        "s": symbol,
        "k": {
            "t": instant(candle.open_us, unit),
            "T": instant(until_us - 1, unit),
            "s": symbol,
            "i": interval,
            "f": candle.first_id,
            "L": candle.last_id,
            "o": grid_text(candle.open),
            "c": grid_text(candle.close),
            "h": grid_text(candle.high),
            "l": grid_text(candle.low),
            "v": text(candle.volume),
            "n": candle.trades,
            "x": closed,
            "q": text(candle.quote),
            "V": text(candle.taker_volume),
            "Q": text(candle.taker_quote),
            "B": "0",
        },
    }
