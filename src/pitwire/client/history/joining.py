"""How rows of history and events of a stream become one sequence: what is new, what has been given, what is missing.

    trades, aggregate trades    by id; between two that follow each other there is none
    bars                        by the time at which they open; one is over as soon as there is a later one

A row is taken from history or from the stream, whichever has it first; what a stream tells beyond a row that has not
been taken yet shows that rows are missing, and history is to be asked for them. Nothing is compared but by what the
rows themselves carry. Pure.
"""

from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, Context, Decimal
from operator import attrgetter
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from msgspec import UNSET, Struct

from pitwire.client.streams.cursor import StreamGap
from pitwire.market.numbers import SCALE_DIGITS
from pitwire.protocol.market_events import AggregateTradeUpdate, KlineUpdate, TradeUpdate
from pitwire.protocol.results import AggregateTrade, Kline, Trade

R = TypeVar("R")

Source = Literal["history", "live", "recovered"]
"""From history, before the live stream went on from it; from the stream; or from history, in place of what the stream
missed."""
_STEP: Final = Decimal(1).scaleb(-SCALE_DIGITS)
_DOWN: Final = Context(prec=64, rounding=ROUND_DOWN)


class Followed(Struct, Generic[R], frozen=True, kw_only=True):
    """A row of a market that is followed, as history has it, and where it comes from.

    `is_closed` is true of every trade and aggregate trade, and of the last state of a bar, which comes once. Before it
    may come states of the bar while it is open.
    """

    row: R
    source: Source
    is_closed: bool = True


class Sequel(Protocol[R]):
    """How far a sequence is."""

    next: int | None
    """What history is to be asked for: rows from here on. `None` as long as that is not known."""

    def read(self, event: Any) -> tuple[R, bool]:
        """What an event of the stream tells, as a row, and whether that is its last state."""
        ...

    def lacks(self, row: R) -> bool:
        """Whether rows before `row` may be missing."""
        ...

    def live(self, row: R, is_closed: bool) -> Followed[R] | None:
        """Take a row of the stream before which none is missing; `None` where it has been taken."""
        ...

    def page(self, rows: Sequence[R], source: Source, *, before: R | None, is_last: bool) -> list[Followed[R]]:
        """Take rows of history, asked for from `next` on: all that are new, or those `before` the row of an event.

        `is_last`: there are no later ones. Once they come up to `before`, it lacks nothing.
        """
        ...

    def begins_anew(self, gap: StreamGap) -> bool:
        """Whether what the stream tells after `gap` is of another sequence."""
        ...


class ById(Generic[R]):
    """Trades or aggregate trades from `start_ms` on."""

    def __init__(self, start: int, read: Callable[[Any], R], position: str) -> None:
        self._start = start
        self._read = read
        self._id: Callable[[Any], int] = attrgetter(position)
        self.next: int | None = None

    def read(self, event: Any) -> tuple[R, bool]:
        """See `Sequel`."""
        return self._read(event), True

    def lacks(self, row: Any) -> bool:
        """See `Sequel`."""
        if self.next is None:
            return bool(row.time >= self._start)
        return self._id(row) > self.next

    def live(self, row: Any, is_closed: bool) -> Followed[R] | None:
        """See `Sequel`."""
        if self.next is None or self._id(row) != self.next:
            return None
        self.next += 1
        return Followed(row=row, source="live")

    def page(self, rows: Sequence[Any], source: Source, *, before: Any, is_last: bool) -> list[Followed[R]]:
        """See `Sequel`."""
        if not rows:
            return []
        following = self._id(rows[-1]) + 1
        until = following if before is None else min(following, self._id(before))
        first = self.next or 0
        self.next = max(first, until)
        return [Followed(row=row, source=source) for row in rows if first <= self._id(row) < until]

    def begins_anew(self, gap: StreamGap) -> bool:
        """See `Sequel`."""
        return gap.after is not None and gap.before <= gap.after


class ByOpening:
    """Bars that open from `start` on, in the unit in which both ends tell times.

    History's newest bar may still be open, whatever the clocks say: it counts as closed when there is a later one, or
    when the stream says so.
    """

    def __init__(self, start: int) -> None:
        self.next: int | None = start
        self._newest: Kline | None = None

    @property
    def _first(self) -> int:
        return self.next or 0

    def read(self, event: KlineUpdate) -> tuple[Kline, bool]:
        """See `Sequel`."""
        return kline_of(event), event.kline.is_closed

    def lacks(self, row: Kline) -> bool:
        """See `Sequel`."""
        return row.open_time > self._first

    def live(self, row: Kline, is_closed: bool) -> Followed[Kline] | None:
        """See `Sequel`."""
        return None if row.open_time < self._first else self._take(row, "live", is_closed)

    def page(
        self, rows: Sequence[Kline], source: Source, *, before: Kline | None, is_last: bool
    ) -> list[Followed[Kline]]:
        """See `Sequel`."""
        if not rows:
            return []
        newest = rows[-1]
        until = newest.open_time if before is None else before.open_time
        taken = [
            self._take(row, source, True) for row in rows[:-1] if row.open_time < until and row.open_time >= self._first
        ]
        if before is None:
            if is_last and newest.open_time >= self._first:
                taken.append(self._take(newest, source, False))
        elif newest.open_time >= until:
            self.next = until
        return [each for each in taken if each is not None]

    def begins_anew(self, gap: StreamGap) -> bool:
        """See `Sequel`."""
        return False

    def _take(self, row: Kline, source: Source, is_closed: bool) -> Followed[Kline] | None:
        """Give `row`, unless it is open and says nothing that was not said."""
        newest = self._newest
        if is_closed:
            self.next = row.close_time + 1
        elif (
            newest is not None
            and newest.open_time == row.open_time
            and (row.trade_count < newest.trade_count or row == newest)
        ):
            return None
        self._newest = row
        return Followed(row=row, source=source, is_closed=is_closed)


def trade_of(event: TradeUpdate) -> Trade:
    """The row that history has of a streamed trade. What it was worth is rounded down to eight places."""
    return Trade(
        id=event.trade_id,
        price=event.price,
        qty=event.quantity,
        quote_qty=_DOWN.quantize(_DOWN.multiply(event.price, event.quantity), _STEP),
        time=event.trade_time,
        is_buyer_maker=event.buyer_is_maker,
        is_best_match=True if event.ignored is UNSET else bool(event.ignored),
    )


def aggregate_of(event: AggregateTradeUpdate) -> AggregateTrade:
    """The row that history has of a streamed aggregate trade."""
    return AggregateTrade(
        id=event.aggregate_trade_id,
        price=event.price,
        quantity=event.quantity,
        first_trade_id=event.first_trade_id,
        last_trade_id=event.last_trade_id,
        time=event.trade_time,
        is_buyer_maker=event.buyer_is_maker,
        is_best_match=True if event.ignored is UNSET else bool(event.ignored),
    )


def kline_of(event: KlineUpdate) -> Kline:
    """The row that history has of a streamed candle."""
    bar = event.kline
    return Kline(
        open_time=bar.open_time,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        close_time=bar.close_time,
        quote_volume=bar.quote_volume,
        trade_count=bar.trades,
        taker_buy_volume=bar.taker_buy_volume,
        taker_buy_quote_volume=bar.taker_buy_quote_volume,
        ignored="0" if bar.ignored is UNSET else str(bar.ignored),
    )
