"""Candles as they leave: the arrays of `klines` and `uiKlines` (web-socket-api.md, Klines)."""

from typing import Any

from pitwire.exchange.projections.candles import Candle, Candles
from pitwire.exchange.projections.intervals import shifted_us
from pitwire.exchange.projections.wire import grid_text, instant
from pitwire.market.enums import KlineInterval, TimeUnit
from pitwire.market.numbers import text


def klines(
    candles: Candles,
    symbol: str,
    interval: KlineInterval,
    start_us: int | None,
    end_us: int | None,
    offset_us: int,
    limit: int,
    unit: TimeUnit,
    now_us: int,
) -> list[tuple[Any, ...]]:
    """At most `limit` klines, oldest first; see `Candles.klines`. Raises `UnknownSymbol`."""
    found = candles.klines(symbol, interval, start_us, end_us, offset_us, limit, now_us)
    return [_kline(candle, shifted_us(interval, candle.open_us, 1, offset_us), unit) for candle in found]


def _kline(candle: Candle, until_us: int, unit: TimeUnit) -> tuple[Any, ...]:
    return (
        instant(candle.open_us, unit),
        grid_text(candle.open),
        grid_text(candle.high),
        grid_text(candle.low),
        grid_text(candle.close),
        text(candle.volume),
        instant(until_us - 1, unit),
        text(candle.quote),
        candle.trades,
        text(candle.taker_volume),
        text(candle.taker_quote),
        "0",
    )
