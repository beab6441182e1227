"""Public trades, one by one and as aggregates: `trades.recent`, `trades.historical`, `trades.aggregate`.

An aggregate is the trades of one taker order at one price and one moment (web-socket-api.md, Aggregate trades). An
order takes within one record only, so what stands at the end of a record never changes: a stream reads
`aggregates_after` once `Projections.apply` has taken an outcome in, from the id that it was last at
(`last_aggregate_id` when it begins).
"""

from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from pitwire.exchange.messages import SymbolListed, TradeMatched
from pitwire.exchange.projections.archive import Kind, Wanted
from pitwire.exchange.projections.series import ALL, Chronicle, Series
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.exchange.projections.wire import grid_text, instant, page_size
from pitwire.market.enums import TimeUnit
from pitwire.market.numbers import Amount, Price, Quantity

KEPT: Final = 1000
"""Trades in memory, and as many aggregates, per symbol: the most that a query returns. The archive has the others."""
LIMIT_DEFAULT: Final = 500
LIMIT_MAX: Final = 1000


class PublicTrade(Struct, frozen=True, array_like=True, gc=False):
    """A trade as everybody sees it. A new field goes to the end with a default, so that older pages still read."""

    trade_id: int
    time_us: int
    price: Price
    quantity: Quantity
    quote: Amount
    buyer_is_maker: bool


class AggregateTrade(Struct, array_like=True, gc=False):
    """The trades of one taker order at one price and one moment. Ids count from 1 per symbol."""

    aggregate_id: int
    time_us: int
    price: int
    quantity: int
    first_trade_id: int
    last_trade_id: int
    buyer_is_maker: bool
    taker_order_id: int


PUBLIC_TRADES: Final = Kind(10, PublicTrade, *map(attrgetter, ("trade_id", "time_us", "trade_id")))
AGGREGATES: Final = Kind(11, AggregateTrade, *map(attrgetter, ("aggregate_id", "time_us", "aggregate_id")))
KINDS: Final = (PUBLIC_TRADES, AGGREGATES)


class _Tape:
    """One symbol's trades. The last aggregate may still grow, so it is in no series."""

    __slots__ = ("aggregate", "aggregates", "trades")

    def __init__(self, trades: Series, aggregates: Series) -> None:
        self.trades = trades
        self.aggregates = aggregates
        self.aggregate: AggregateTrade | None = None


class Trades:
    """The public trades of all symbols. Every query raises `UnknownSymbol` for a symbol that is not listed."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._tapes: dict[str, _Tape] = {}

    def listed(self, event: SymbolListed, _time_us: int) -> None:
        """Begin with a new symbol; new rules leave its trades as they are."""
        symbol = event.rules.symbol
        if symbol not in self._tapes:
            self._begin(symbol)

    def traded(self, event: TradeMatched, time_us: int) -> None:
        """Take in a trade."""
        tape = self._tapes[event.symbol]
        price, quantity, buyer_is_maker = event.price, event.quantity, event.buyer_is_maker
        trade = PublicTrade(event.trade_id, time_us, price, quantity, event.quote, buyer_is_maker)
        tape.trades.append(trade)
        taker = event.seller_order_id if buyer_is_maker else event.buyer_order_id
        last = tape.aggregate
        number = 1
        if last is not None:
            if last.taker_order_id == taker and last.price == price and last.time_us == time_us:
                last.quantity += quantity
                last.last_trade_id = event.trade_id
                return
            tape.aggregates.append(last)
            number = last.aggregate_id + 1
        trade_id = event.trade_id
        tape.aggregate = AggregateTrade(number, time_us, price, quantity, trade_id, trade_id, buyer_is_maker, taker)

    def historical(self, symbol: str, from_id: int | None, limit: int | None, unit: TimeUnit) -> list[dict[str, Any]]:
        """The result of `trades.historical` and `trades.recent` (web-socket-api.md, Historical trades), oldest first.

        `limit` trades, by default 500, at most 1000: from `from_id` on, or the most recent.
        """
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        wanted = Wanted() if from_id is None else Wanted(first_id=from_id)
        trades = self._tape(symbol).trades.chosen(wanted, count, newest=from_id is None)
        return [_trade(trade, unit) for trade in trades]

    def aggregate(
        self,
        symbol: str,
        from_id: int | None,
        start_us: int | None,
        end_us: int | None,
        limit: int | None,
        unit: TimeUnit,
    ) -> list[dict[str, Any]]:
        """The result of `trades.aggregate` (web-socket-api.md, Aggregate trades), oldest first.

        `limit` of them, by default 500, at most 1000. With `from_id` or `start_us` the oldest are chosen, otherwise
        the most recent; both times are inclusive. Which parameters exclude each other is the caller's to refuse.
        """
        wanted = Wanted()
        if from_id is not None:
            wanted = wanted._replace(first_id=from_id)
        if start_us is not None:
            wanted = wanted._replace(first_us=start_us)
        if end_us is not None:
            wanted = wanted._replace(last_us=end_us)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        newest = from_id is None and start_us is None
        return [_aggregate(each, unit) for each in self._aggregates(symbol, wanted, count, newest=newest)]

    def aggregates_after(self, symbol: str, aggregate_id: int) -> list[AggregateTrade]:
        """Those with a greater id, oldest first. They grow no more once their record has been applied."""
        tape = self._tape(symbol)
        last = tape.aggregate
        count = 0 if last is None else last.aggregate_id - aggregate_id  # ids are consecutive
        if last is not None and count == 1:
            return [last]
        return self._aggregates(symbol, Wanted(first_id=aggregate_id + 1), ALL, newest=False) if count > 0 else []

    def last_aggregate_id(self, symbol: str) -> int:
        """The id of the newest aggregate; 0 when there is none."""
        last = self._tape(symbol).aggregate
        return 0 if last is None else last.aggregate_id

    def last(self, symbol: str) -> PublicTrade | None:
        """The newest trade, if there was any."""
        items = self._tape(symbol).trades.items
        return items[-1] if items else None

    def between(self, symbol: str, first_us: int, last_us: int) -> list[PublicTrade]:
        """Every trade from `first_us` to `last_us`, both included."""
        return self._tape(symbol).trades.chosen(Wanted(first_us=first_us, last_us=last_us), ALL)

    def state(self) -> dict[str, AggregateTrade]:
        """What a snapshot keeps beside the chronicle: the last aggregate of each symbol."""
        return {symbol: tape.aggregate for symbol, tape in self._tapes.items() if tape.aggregate is not None}

    @classmethod
    def of(cls, symbols: list[str], state: dict[str, AggregateTrade], chronicle: Chronicle) -> "Trades":
        """The trades of these symbols as a snapshot kept them."""
        trades = cls(chronicle)
        for symbol in symbols:
            trades._begin(symbol).aggregate = state.get(symbol)
        return trades

    def _begin(self, symbol: str) -> _Tape:
        series = (self._chronicle.series(kind, symbol, KEPT) for kind in (PUBLIC_TRADES, AGGREGATES))
        tape = self._tapes[symbol] = _Tape(*series)
        return tape

    def _aggregates(self, symbol: str, wanted: Wanted, count: int, *, newest: bool) -> list[AggregateTrade]:
        tape = self._tape(symbol)
        last = tape.aggregate
        if last is None or not wanted.has(AGGREGATES, last):
            return tape.aggregates.chosen(wanted, count, newest=newest)
        if newest:
            return [*tape.aggregates.chosen(wanted, count - 1, newest=True), last][-count:] if count else []
        return [*tape.aggregates.chosen(wanted, count), last][:count]

    def _tape(self, symbol: str) -> _Tape:
        tape = self._tapes.get(symbol)
        if tape is None:
            raise UnknownSymbol(symbol)
        return tape


def _trade(trade: PublicTrade, unit: TimeUnit) -> dict[str, Any]:
    return {
        "id": trade.trade_id,
        "price": grid_text(trade.price),
        "qty": grid_text(trade.quantity),
        "quoteQty": grid_text(trade.quote),
        "time": instant(trade.time_us, unit),
        "isBuyerMaker": trade.buyer_is_maker,
        "isBestMatch": True,
    }


def _aggregate(aggregate: AggregateTrade, unit: TimeUnit) -> dict[str, Any]:
    return {
        "a": aggregate.aggregate_id,
        "p": grid_text(aggregate.price),
        "q": grid_text(aggregate.quantity),
        "f": aggregate.first_trade_id,
        "l": aggregate.last_trade_id,
        "T": instant(aggregate.time_us, unit),
        "m": aggregate.buyer_is_maker,
        "M": True,
    }
