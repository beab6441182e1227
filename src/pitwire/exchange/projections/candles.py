"""Candles: `klines`, `uiKlines`, and whatever else asks what was traded between two times.

Kept are seconds, minutes and quarters of an hour in which there were trades. All 16 intervals in every time zone, and
all windows of the tickers, are made up of them; clocks differ by whole quarters. A trade changes one candle, that of
its second; a second that is over goes into its minute, and a minute into its quarter.

    trade ──> second ──> minute ──> quarter        the last one of each may still change
                 v          v          v
              Series     Series     Series         those that are over

A stream of klines asks `at` for the candle that a moment lies in: once that of its interval's end has been sent (`x` is
true), it goes on with the next one (`intervals.shifted_us`). Nothing has to be followed event by event.

Where the documentation is silent: candles have no gaps. One without trades has the close before it for all four
prices, and nothing else. There is none before the first trade, and none that opens after the present.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Final

from msgspec import Struct

from pitwire.exchange.messages import SymbolListed, TradeMatched
from pitwire.exchange.projections.archive import Kind, Wanted
from pitwire.exchange.projections.intervals import MINUTE_US, SECOND_US, opening_us, shifted_us
from pitwire.exchange.projections.series import ALL, Chronicle, Series
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import KlineInterval


class Candle(Struct, array_like=True, gc=False):
    """What was traded from `open_us` on. A new field goes to the end with a default, so that older pages still read.

    Prices and amounts are in units of 1e-8. `taker_` is what takers bought. Without trades the ids are -1.
    """

    open_us: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    quote: int
    trades: int
    taker_volume: int
    taker_quote: int
    first_id: int
    last_id: int

    def add(self, later: "Candle") -> None:
        """Take in the candle that comes after this one."""
        if later.high > self.high:
            self.high = later.high
        if later.low < self.low:
            self.low = later.low
        self.close = later.close
        self.volume += later.volume
        self.quote += later.quote
        self.trades += later.trades
        self.taker_volume += later.taker_volume
        self.taker_quote += later.taker_quote
        self.last_id = later.last_id

    def from_(self, open_us: int) -> "Candle":
        """The same, as one that opened at `open_us`."""
        return Candle(
            open_us,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.quote,
            self.trades,
            self.taker_volume,
            self.taker_quote,
            self.first_id,
            self.last_id,
        )


def flat(open_us: int, price: int) -> Candle:
    """A candle in which nothing was traded, after a close at `price`."""
    return Candle(open_us, price, price, price, price, 0, 0, 0, 0, 0, -1, -1)


def _kind(number: int) -> Kind:
    return Kind(number, Candle, *map(attrgetter, ("open_us", "open_us", "open_us")))


SECONDS: Final = _kind(12)
MINUTES: Final = _kind(13)
QUARTERS: Final = _kind(14)
KINDS: Final = (SECONDS, MINUTES, QUARTERS)

QUARTER_US: Final = 15 * MINUTE_US
WIDTHS_US: Final = (SECOND_US, MINUTE_US, QUARTER_US)
KEPT: Final = (1000, 1500, 1000)
"""How many of each stay in memory, per symbol: where every second has a trade, those of 17 minutes, a day and ten days.
The archive has the others."""
_WIDEST: Final = 2
_open_us: Final = attrgetter("open_us")


class _Tape:
    """One symbol's candles. `last` are those that may still change: the second, the minute and the quarter so far,
    without the second that is not yet part of the minute, or the minute that is not yet part of the quarter."""

    __slots__ = ("last", "over", "second", "second_ends_us", "started_us")

    def __init__(self, over: tuple[Series, ...]) -> None:
        self.over = over
        self.second: Candle | None = None
        self.second_ends_us = 0
        self.last: list[Candle | None] = [None, None, None]
        """Of the minute and the quarter; the second has an attribute of its own."""
        self.started_us = -1
        """When the first trade came."""


class CandleState(Struct, array_like=True):
    """What a snapshot keeps of one symbol beside the chronicle."""

    symbol: str
    started_us: int
    second: Candle
    minute: Candle | None
    quarter: Candle | None


class Candles:
    """The candles of all symbols. Every query raises `UnknownSymbol` for a symbol that is not listed."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._tapes: dict[str, _Tape] = {}

    def listed(self, event: SymbolListed, _time_us: int) -> None:
        """Begin with a new symbol; new rules leave its candles as they are."""
        symbol = event.rules.symbol
        if symbol not in self._tapes:
            self._begin(symbol)

    def traded(self, event: TradeMatched, time_us: int) -> None:
        """Take in a trade."""
        tape = self._tapes[event.symbol]
        price, quantity, quote = event.price, event.quantity, event.quote
        second = tape.second
        if second is not None and time_us < tape.second_ends_us:
            if price > second.high:
                second.high = price
            elif price < second.low:
                second.low = price
            second.close = price
            second.volume += quantity
            second.quote += quote
            second.trades += 1
            second.last_id = event.trade_id
            if not event.buyer_is_maker:
                second.taker_volume += quantity
                second.taker_quote += quote
            return
        if second is None:
            tape.started_us = time_us
        else:
            self._close(tape, 0, second)
        opened_us = time_us - time_us % SECOND_US
        tape.second_ends_us = opened_us + SECOND_US
        taken, paid = (0, 0) if event.buyer_is_maker else (quantity, quote)
        number = event.trade_id
        tape.second = Candle(opened_us, price, price, price, price, quantity, quote, 1, taken, paid, number, number)

    def klines(
        self,
        symbol: str,
        interval: KlineInterval,
        start_us: int | None,
        end_us: int | None,
        offset_us: int,
        count: int,
        now_us: int,
    ) -> list[Candle]:
        """At most `count` candles, oldest first, by a clock that is `offset_us` ahead of UTC.

        Those that open between the two times, both included: the first of them with a start, otherwise the newest.
        """
        tape = self._tape(symbol)
        if tape.started_us < 0 or count < 1 or (start_us is not None and start_us > now_us):
            return []
        first_us = opening_us(interval, tape.started_us, offset_us)
        last_us = opening_us(interval, now_us if end_us is None else min(now_us, end_us), offset_us)
        if start_us is not None:
            opened_us = opening_us(interval, start_us, offset_us)
            if opened_us < start_us:
                opened_us = shifted_us(interval, opened_us, 1, offset_us)
            first_us = max(first_us, opened_us)
        else:
            first_us = max(first_us, shifted_us(interval, last_us, 1 - count, offset_us))
        openings: list[int] = []
        while first_us <= last_us and len(openings) < count:
            openings.append(first_us)
            first_us = shifted_us(interval, first_us, 1, offset_us)
        return self._candles(tape, [*openings, first_us]) if openings else []

    def at(self, symbol: str, interval: KlineInterval, time_us: int, offset_us: int = 0) -> Candle | None:
        """The candle that `time_us` lies in, as it stands; `None` before the first trade."""
        tape = self._tape(symbol)
        opened_us = opening_us(interval, time_us, offset_us)
        until_us = shifted_us(interval, opened_us, 1, offset_us)
        if tape.started_us < 0 or until_us <= tape.started_us:
            return None
        return self._candles(tape, [opened_us, until_us])[0]

    def window(self, symbol: str, first_us: int, until_us: int) -> Candle | None:
        """All that was traded from one whole minute to before another; `None` when nothing was."""
        return _whole(first_us, self._cover(self._tape(symbol), first_us, until_us))

    def close_before(self, symbol: str, time_us: int) -> int:
        """The last price before a whole second; 0 when there was no trade."""
        return self._close_before(self._tape(symbol), time_us)

    def since(self, symbol: str, first_us: int) -> Candle | None:
        """All that was traded from a whole second on; `None` when nothing was."""
        tape = self._tape(symbol)
        minute_us = -(-first_us // MINUTE_US) * MINUTE_US
        return _whole(first_us, [*self._of_width(tape, 0, first_us, minute_us), *self._cover(tape, minute_us, ALL)])

    def state(self) -> list[CandleState]:
        """What a snapshot keeps beside the chronicle."""
        return [
            CandleState(symbol, tape.started_us, tape.second, tape.last[1], tape.last[2])
            for symbol, tape in self._tapes.items()
            if tape.second is not None
        ]

    @classmethod
    def of(cls, symbols: list[str], state: list[CandleState], chronicle: Chronicle) -> "Candles":
        """The candles of these symbols as a snapshot kept them."""
        candles = cls(chronicle)
        for symbol in symbols:
            candles._begin(symbol)
        for kept in state:
            tape = candles._tapes[kept.symbol]
            tape.started_us = kept.started_us
            tape.second = kept.second
            tape.second_ends_us = kept.second.open_us + SECOND_US
            tape.last = [None, kept.minute, kept.quarter]
        return candles

    def _begin(self, symbol: str) -> None:
        kinds = zip(KINDS, KEPT, strict=True)
        self._tapes[symbol] = _Tape(tuple(self._chronicle.series(kind, symbol, kept) for kind, kept in kinds))

    def _close(self, tape: _Tape, width: int, candle: Candle) -> None:
        """A candle is over. The next wider one it belongs to takes it in, after it may have ended one that is over."""
        tape.over[width].append(candle)
        if width == _WIDEST:
            return
        width += 1
        opened_us = candle.open_us - candle.open_us % WIDTHS_US[width]
        last = tape.last[width]
        if last is not None and last.open_us == opened_us:
            last.add(candle)
            return
        if last is not None:
            self._close(tape, width, last)
        tape.last[width] = candle.from_(opened_us)

    def _of_width(self, tape: _Tape, width: int, first_us: int, until_us: int) -> list[Candle]:
        """The candles of one of the kept widths that open from one time to before another."""
        if first_us >= until_us:
            return []
        found = tape.over[width].chosen(Wanted(first_id=first_us, last_id=until_us - 1), ALL)
        return found + [each for each in _unfinished(tape, width) if first_us <= each.open_us < until_us]

    def _cover(self, tape: _Tape, first_us: int, until_us: int) -> list[Candle]:
        """The widest candles that make up what lies between two whole minutes."""
        quarters_first_us = -(-first_us // QUARTER_US) * QUARTER_US
        quarters_until_us = until_us // QUARTER_US * QUARTER_US
        if quarters_first_us >= quarters_until_us:
            return self._of_width(tape, 1, first_us, until_us)
        return [
            *self._of_width(tape, 1, first_us, quarters_first_us),
            *self._of_width(tape, 2, quarters_first_us, quarters_until_us),
            *self._of_width(tape, 1, quarters_until_us, until_us),
        ]

    def _candles(self, tape: _Tape, openings: Sequence[int]) -> list[Candle]:
        """The candles between each opening time and the next; the first one is not before the first trade's."""
        width = next(each for each in (2, 1, 0) if not any(opened_us % WIDTHS_US[each] for opened_us in openings))
        if width == 1 and openings[1] - openings[0] > QUARTER_US:
            # By an odd clock: quarters of an hour still make up most of each candle.
            parts = [part for each in pairwise(openings) for part in self._cover(tape, *each)]
        else:
            parts = self._of_width(tape, width, openings[0], openings[-1])
        candles: list[Candle] = []
        first = 0
        for opened_us, until_us in pairwise(openings):
            end = first
            while end < len(parts) and parts[end].open_us < until_us:
                end += 1
            candle = _whole(opened_us, parts[first:end])
            if candle is None:
                candle = flat(opened_us, candles[-1].close if candles else self._close_before(tape, opened_us))
            candles.append(candle)
            first = end
        return candles

    def _close_before(self, tape: _Tape, time_us: int) -> int:
        # The narrowest that memory has from before; wider ones only if none of them goes on beyond that time.
        for width, last in enumerate((tape.second, *tape.last[1:])):
            if time_us % WIDTHS_US[width]:
                break
            if last is not None and last.open_us < time_us:
                return last.close
            items = tape.over[width].items
            if items and items[0].open_us < time_us:
                return items[bisect_left(items, time_us, key=_open_us) - 1].close  # type: ignore[no-any-return]
        found = tape.over[0].chosen(Wanted(last_id=time_us - 1), 1, newest=True)
        return found[0].close if found else 0

    def _tape(self, symbol: str) -> _Tape:
        tape = self._tapes.get(symbol)
        if tape is None:
            raise UnknownSymbol(symbol)
        return tape


def _whole(open_us: int, parts: Sequence[Candle]) -> Candle | None:
    """Candles that follow each other, as one."""
    if not parts:
        return None
    whole = parts[0].from_(open_us)
    for part in parts[1:]:
        whole.add(part)
    return whole


def _unfinished(tape: _Tape, width: int) -> list[Candle]:
    """The candles of a kept width that are in no series yet."""
    found: list[Candle] = []
    for part in (*tape.last[width:0:-1], tape.second):
        if part is None:
            continue
        opened_us = part.open_us - part.open_us % WIDTHS_US[width]
        if found and found[-1].open_us == opened_us:
            found[-1].add(part)
        else:
            found.append(part.from_(opened_us))
    return found
