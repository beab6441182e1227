"""Price change statistics: `ticker.24hr`, `ticker.tradingDay`, `ticker`, and `avgPrice`.

Nothing is kept for them: a window is made up of some hundred candles, and of the trades of the minute that a day's
window begins in, so that it is exact to the microsecond. Streams ask `day` and `window` for a `Statistics` as often as
they send one; what has not traded since (`Trades.last`) has not changed.

Sources: web-socket-api.md, 24hr ticker price change statistics, Trading Day Ticker, Rolling window price change
statistics, Current average price. Where they are silent:

* A window without trades has zeros for prices and -1 for ids, as Binance has for symbols that have stopped trading.
* Of `ticker` and `ticker.tradingDay` it then says `priceChangePercent: "0"`, of `ticker.24hr` `"0.000"`.
* The percentage is rounded to the nearest, a half away from zero; the average price down.
"""

from typing import Any, Final, NamedTuple

from pitwire.exchange.projections.candles import Candle, Candles, flat
from pitwire.exchange.projections.intervals import DAY_US, MINUTE_US, opening_us
from pitwire.exchange.projections.trades import PublicTrade, Trades
from pitwire.exchange.projections.wire import ZERO, grid_text, instant
from pitwire.market.enums import KlineInterval, TickerType, TimeUnit
from pitwire.market.numbers import SCALE, text
from pitwire.market.symbols import SymbolRules

_NO_CHANGE: Final = "0"
_AVERAGE_MINUTES: Final = 5


class Statistics(NamedTuple):
    """What a symbol traded from `open_us` to `close_us`; `traded` is `None` for nothing."""

    symbol: str
    open_us: int
    close_us: int
    traded: Candle | None

    @property
    def candle(self) -> Candle:
        """What was traded, with zeros and ids of -1 for nothing."""
        return flat(self.open_us, 0) if self.traded is None else self.traded

    @property
    def price_change(self) -> int:
        """From the first price to the last."""
        return self.candle.close - self.candle.open

    @property
    def price_change_percent(self) -> str:
        """The change as a part of the first price, in percent with three decimal places."""
        return percent_text(self.price_change, self.candle.open)

    @property
    def average_price(self) -> int:
        """Weighted by volume, rounded down; 0 for nothing."""
        candle = self.candle
        return candle.quote * SCALE // candle.volume if candle.volume else 0


class DayStatistics(NamedTuple):
    """A day's window, and the price of the last trade before it; 0 when there was none."""

    statistics: Statistics
    previous_close: int
    last: PublicTrade | None
    """The newest trade, unless it came before the window."""


class _Edge(NamedTuple):
    """The minute that a day's window begins in: its trades, which do not change, and the last price before it."""

    opened_us: int
    trades: list[PublicTrade]
    previous_close: int


def average_minutes(rules: SymbolRules) -> int:
    """The minutes of `avgPrice`: as many as the symbol's filters say, 5 without such a filter."""
    return max((getattr(rule, "average_price_minutes", 0) for rule in rules.filters), default=0) or _AVERAGE_MINUTES


def percent_text(change: int, base: int) -> str:
    """`change` as a part of `base`, in percent with three decimal places, a half rounded away from zero."""
    if not base:
        return "0.000"
    thousandths = (abs(change) * 200_000 + base) // (2 * base)
    return f"{'-' if change < 0 and thousandths else ''}{thousandths // 1000}.{thousandths % 1000:03}"


class Tickers:
    """The statistics of all symbols. Every query raises `UnknownSymbol` for a symbol that is not listed.

    Of each symbol it keeps the trades of one minute, that of a day ago: a cache, which is in no snapshot.
    """

    def __init__(self, trades: Trades, candles: Candles) -> None:
        self._trades = trades
        self._candles = candles
        self._edges: dict[str, _Edge] = {}

    def day(self, symbol: str, now_us: int) -> DayStatistics:
        """The last 24 hours (`ticker.24hr`), to the microsecond."""
        first_us = now_us - DAY_US
        edge = self._edge(symbol, first_us)
        previous_close = edge.previous_close
        traded: Candle | None = None
        for trade in edge.trades:
            if trade.time_us < first_us:
                previous_close = trade.price
            elif traded is None:
                traded = _of_trade(trade)
            else:
                traded.add(_of_trade(trade))
        rest = self._candles.window(symbol, edge.opened_us + MINUTE_US, _minute_after(now_us))
        if traded is None:
            traded = rest
        elif rest is not None:
            traded.add(rest)
        last = None if traded is None else self._trades.last(symbol)
        return DayStatistics(Statistics(symbol, first_us, now_us, traded), previous_close, last)

    def window(self, symbol: str, width_us: int, now_us: int) -> Statistics:
        """The last `width_us` and what it takes to begin on a whole minute (`ticker`)."""
        open_us = now_us - width_us
        open_us -= open_us % MINUTE_US
        return Statistics(symbol, open_us, now_us, self._candles.window(symbol, open_us, _minute_after(now_us)))

    def trading_day(self, symbol: str, offset_us: int, now_us: int) -> Statistics:
        """The day so far by a clock that is `offset_us` ahead of UTC (`ticker.tradingDay`). It closes when it ends."""
        open_us = opening_us(KlineInterval.D1, now_us, offset_us)
        traded = self._candles.window(symbol, open_us, open_us + DAY_US)
        return Statistics(symbol, open_us, open_us + DAY_US - 1, traded)

    def average_price(self, symbol: str, minutes: int, now_us: int, unit: TimeUnit) -> dict[str, Any]:
        """The result of `avgPrice` (web-socket-api.md, Current average price) over the last `minutes`.

        Without a trade in them it is the last price. `closeTime` is the last trade's; before any it is 0.
        """
        last = self._trades.last(symbol)
        # By whole seconds, as the engine's filters have it.
        since_us = (now_us // 1_000_000 - minutes * 60 + 1) * 1_000_000
        traded = self._candles.since(symbol, since_us) if minutes else None
        price = 0 if last is None else last.price
        if traded is not None:
            price = traded.quote * SCALE // traded.volume
        return {
            "mins": minutes,
            "price": text(price),
            "closeTime": 0 if last is None else instant(last.time_us, unit),
        }

    def _edge(self, symbol: str, first_us: int) -> _Edge:
        opened_us = first_us - first_us % MINUTE_US
        edge = self._edges.get(symbol)
        if edge is None or edge.opened_us != opened_us:
            trades: list[PublicTrade] = []
            if self._candles.window(symbol, opened_us, opened_us + MINUTE_US) is not None:
                trades = self._trades.between(symbol, opened_us, opened_us + MINUTE_US - 1)
            edge = _Edge(opened_us, trades, self._candles.close_before(symbol, opened_us))
            self._edges[symbol] = edge
        return edge


def _minute_after(time_us: int) -> int:
    return time_us - time_us % MINUTE_US + MINUTE_US


def _of_trade(trade: PublicTrade) -> Candle:
    price, quantity, quote, number = trade.price, trade.quantity, trade.quote, trade.trade_id
    taken, paid = (0, 0) if trade.buyer_is_maker else (quantity, quote)
    return Candle(trade.time_us, price, price, price, price, quantity, quote, 1, taken, paid, number, number)


# --- what leaves ------------------------------------------------------------------------------------------------


def window_ticker(statistics: Statistics, kind: TickerType, unit: TimeUnit) -> dict[str, Any]:
    """One entry of `ticker` or `ticker.tradingDay`."""
    if kind is TickerType.MINI:
        return _mini(statistics, unit)
    ticker = {
        "symbol": statistics.symbol,
        "priceChange": text(statistics.price_change),
        "priceChangePercent": _NO_CHANGE if statistics.traded is None else statistics.price_change_percent,
        "weightedAvgPrice": text(statistics.average_price),
    }
    return ticker | _mini(statistics, unit)


def day_ticker(
    day: DayStatistics,
    bid: tuple[int, int] | None,
    ask: tuple[int, int] | None,
    kind: TickerType,
    unit: TimeUnit,
) -> dict[str, Any]:
    """One entry of `ticker.24hr`, with the best price and quantity of each side of the book."""
    statistics, previous_close, last = day
    if kind is TickerType.MINI:
        return _mini(statistics, unit)
    candle = statistics.candle
    return {
        "symbol": statistics.symbol,
        "priceChange": text(statistics.price_change),
        "priceChangePercent": statistics.price_change_percent,
        "weightedAvgPrice": text(statistics.average_price),
        "prevClosePrice": grid_text(previous_close),
        "lastPrice": grid_text(candle.close),
        "lastQty": grid_text(last.quantity) if last else ZERO,
        "bidPrice": grid_text(bid[0]) if bid else ZERO,
        "bidQty": grid_text(bid[1]) if bid else ZERO,
        "askPrice": grid_text(ask[0]) if ask else ZERO,
        "askQty": grid_text(ask[1]) if ask else ZERO,
        "openPrice": grid_text(candle.open),
        "highPrice": grid_text(candle.high),
        "lowPrice": grid_text(candle.low),
        "volume": text(candle.volume),
        "quoteVolume": text(candle.quote),
        "openTime": instant(statistics.open_us, unit),
        "closeTime": instant(statistics.close_us, unit),
        "firstId": candle.first_id,
        "lastId": candle.last_id,
        "count": candle.trades,
    }


def _mini(statistics: Statistics, unit: TimeUnit) -> dict[str, Any]:
    candle = statistics.candle
    return {
        "symbol": statistics.symbol,
        "openPrice": grid_text(candle.open),
        "highPrice": grid_text(candle.high),
        "lowPrice": grid_text(candle.low),
        "lastPrice": grid_text(candle.close),
        "volume": text(candle.volume),
        "quoteVolume": text(candle.quote),
        "openTime": instant(statistics.open_us, unit),
        "closeTime": instant(statistics.close_us, unit),
        "firstId": candle.first_id,
        "lastId": candle.last_id,
        "count": candle.trades,
    }
