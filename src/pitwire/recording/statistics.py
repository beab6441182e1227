"""A recorded market in a few numbers: how often things happen in it, how large they are, how far apart.

Distances are in ticks; quantities in units of 1e-8, as a median and the standard deviation of their logarithm.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean, median, pstdev

from msgspec import Struct

from pitwire.market.enums import Side
from pitwire.market.numbers import Price
from pitwire.recording.events import BookTicker, DepthDiff, RecordedEvent, Trade

SECOND_NS = 1_000_000_000


class Sizes(Struct, frozen=True):
    """A distribution of quantities: their median, in units of 1e-8, and how widely their logarithms scatter."""

    median: int
    log_deviation: float


class MarketStatistics(Struct, frozen=True, kw_only=True):
    """What is measured of a market, and what a synthetic one is made from."""

    price: Price
    """The first best bid."""
    takers_per_s: float
    """Taker's orders: trades of one moment and side count as one."""
    trades_per_s: float
    tickers_per_s: float
    """Changes of the best bid or ask, in price or quantity."""
    price_change_share: float
    """Which part of them changed a price."""
    price_change_ticks: float
    """How far the middle of bid and ask goes when a price changes, on average."""
    volatility: float
    """Standard deviation of the logarithm of the middle's change from one second to the next."""
    spread_ticks: float
    """Mean over time."""
    levels_per_diff: float
    removed_share: float
    """Which part of the levels in diffs are gone."""
    level_distance_ticks: int
    """Median distance of the levels in diffs from their side's best price."""
    trade_sizes: Sizes
    top_sizes: Sizes
    level_sizes: Sizes


def measure(events: Iterable[RecordedEvent], tick_size: Price) -> MarketStatistics:
    """Measure a market. Events must be in the market's order. Raises `ValueError` when there are too few."""
    tickers: list[BookTicker] = []
    trades: list[Trade] = []
    diffs: list[DepthDiff] = []
    distances: list[int] = []
    for event in events:
        if isinstance(event, BookTicker):
            tickers.append(event)
        elif isinstance(event, Trade):
            trades.append(event)
        elif isinstance(event, DepthDiff):
            diffs.append(event)
            if tickers:
                bid, ask = tickers[-1].best(Side.BUY)[0], tickers[-1].best(Side.SELL)[0]
                distances += [(bid - price) // tick_size for price, _ in event.bids]
                distances += [(price - ask) // tick_size for price, _ in event.asks]
    if len(tickers) < 2 or not trades or not distances:
        raise ValueError("too few events to measure: trades, best bids and asks, and depth diffs are needed")
    duration_ns = tickers[-1].receive_ns - tickers[0].receive_ns
    duration_s = duration_ns / SECOND_NS
    moves = [
        abs(_middle(after) - _middle(before)) / tick_size
        for before, after in pairwise(tickers)
        if (before.bid_price, before.ask_price) != (after.bid_price, after.ask_price)
    ]
    levels = [quantity for diff in diffs for _, quantity in (*diff.bids, *diff.asks)]
    return MarketStatistics(
        price=tickers[0].bid_price,
        takers_per_s=len({(trade.time_ms, trade.buyer_is_maker) for trade in trades}) / duration_s,
        trades_per_s=len(trades) / duration_s,
        tickers_per_s=len(tickers) / duration_s,
        price_change_share=len(moves) / len(tickers),
        price_change_ticks=fmean(moves),
        volatility=pstdev(_log_returns(tickers)),
        spread_ticks=sum(
            (before.ask_price - before.bid_price) / tick_size * (after.receive_ns - before.receive_ns)
            for before, after in pairwise(tickers)
        )
        / duration_ns,
        levels_per_diff=len(levels) / len(diffs),
        removed_share=sum(not quantity for quantity in levels) / len(levels),
        level_distance_ticks=int(median(distances)),
        trade_sizes=_sizes([trade.quantity for trade in trades]),
        top_sizes=_sizes([quantity for ticker in tickers for quantity in (ticker.bid_quantity, ticker.ask_quantity)]),
        level_sizes=_sizes([quantity for quantity in levels if quantity]),
    )


def _middle(ticker: BookTicker) -> float:
    return (ticker.bid_price + ticker.ask_price) / 2


def _log_returns(tickers: list[BookTicker]) -> list[float]:
    """The change of the middle's logarithm over each whole second."""
    middles: list[float] = []
    start_ns = tickers[0].receive_ns
    for ticker in tickers:
        while ticker.receive_ns >= start_ns + len(middles) * SECOND_NS:
            middles.append(math.log(_middle(ticker)))
    return [after - before for before, after in pairwise(middles)] or [0.0]


def _sizes(quantities: Sequence[int]) -> Sizes:
    return Sizes(int(median(quantities)), pstdev([math.log(quantity) for quantity in quantities]))
