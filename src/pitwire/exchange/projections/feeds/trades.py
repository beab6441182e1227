"""Streams of trades, one by one and as aggregates, and of block trades."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from pitwire.exchange.messages import BlockTradeReported, TradeMatched
from pitwire.exchange.projections.feeds.base import Content, Feed
from pitwire.exchange.projections.trades import AggregateTrade, Trades
from pitwire.exchange.projections.wire import grid_text, instant
from pitwire.market.enums import TimeUnit
from pitwire.market.numbers import text


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


class AggregateTradeFeed(Feed):
    """Aggregate Trade Streams: what stands at the end of a record grows no more."""

    observes: ClassVar = (TradeMatched,)

    def __init__(self, symbol: str, trades: Trades) -> None:
        self._symbol = symbol
        self._trades = trades
        self._told_id = trades.last_aggregate_id(symbol)

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """All aggregates since."""
        made = self._trades.aggregates_after(self._symbol, self._told_id)
        if made:
            self._told_id = made[-1].aggregate_id
        return [partial(_aggregate, self._symbol, each) for each in made]


class BlockTradeFeed(Feed):
    """Block Trade Streams."""

    observes: ClassVar = (BlockTradeReported,)

    def __init__(self) -> None:
        self._contents: list[Content] = []

    def observe(self, event: BlockTradeReported, time_us: int) -> None:
        """Keep what is to be told of the block trade."""
        self._contents.append(partial(_block_trade, event, time_us))

    def take(self, now_us: int, *, fresh: bool) -> Sequence[Content]:
        """All block trades since."""
        contents, self._contents = self._contents, []
        return contents


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


def _block_trade(event: BlockTradeReported, time_us: int, unit: TimeUnit) -> dict[str, Any]:
    time = instant(time_us, unit)
    return {
        "e": "blockTrade",
        "E": time,
        "s": event.symbol,
        "t": event.block_trade_id,
        "p": grid_text(event.price),
        "q": grid_text(event.quantity),
        "T": time,
        "m": event.buyer_is_maker,
    }


def _aggregate(symbol: str, aggregate: AggregateTrade, unit: TimeUnit) -> dict[str, Any]:
    time = instant(aggregate.time_us, unit)
    return {
        "e": "aggTrade",
        "E": time,
        "s": symbol,
        "a": aggregate.aggregate_id,
        "p": grid_text(aggregate.price),
        "q": text(aggregate.quantity),
        "f": aggregate.first_trade_id,
        "l": aggregate.last_trade_id,
        "T": time,
        "m": aggregate.buyer_is_maker,
        "M": True,
    }
