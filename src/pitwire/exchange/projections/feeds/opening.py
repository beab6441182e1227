"""Which feed a stream has."""

from functools import partial
from typing import assert_never

from pitwire.exchange.projections.feeds.base import Feed
from pitwire.exchange.projections.feeds.book import BookTickerFeed, DepthFeed, PartialDepthFeed
from pitwire.exchange.projections.feeds.klines import KlineFeed
from pitwire.exchange.projections.feeds.statistics import (
    AveragePriceFeed,
    MarketStatisticsFeed,
    Read,
    ReferencePriceFeed,
    SymbolStatisticsFeed,
    day_ticker,
    mini_ticker,
    window_ticker,
)
from pitwire.exchange.projections.feeds.trades import AggregateTradeFeed, BlockTradeFeed, TradeFeed
from pitwire.exchange.projections.intervals import time_zone_us, window_us
from pitwire.exchange.projections.state import Projections
from pitwire.protocol.streams import Form, Stream, StreamKind


def open_feed(projections: Projections, stream: Stream) -> Feed:
    """The feed of a stream, from now on. Raises `UnknownSymbol` when its symbol is not listed."""
    symbol, form = stream.symbol.upper(), stream.form
    market, symbols, tickers = projections.market, projections.symbols, projections.tickers
    if not form.whole_market:
        symbols.rules(symbol)
    match form.kind:
        case StreamKind.TRADE:
            return TradeFeed()
        case StreamKind.AGGREGATE_TRADE:
            return AggregateTradeFeed(symbol, projections.trades)
        case StreamKind.BLOCK_TRADE:
            return BlockTradeFeed()
        case StreamKind.BOOK_TICKER:
            return BookTickerFeed(symbol, market.book(symbol))
        case StreamKind.PARTIAL_DEPTH:
            return PartialDepthFeed(market.book(symbol), form.levels)
        case StreamKind.DEPTH:
            return DepthFeed(symbol)
        case StreamKind.KLINE:
            assert form.interval is not None  # a form of this kind has one
            offset_us = time_zone_us(form.offset) if form.offset else 0
            assert offset_us is not None  # the grammar's offsets are time zones
            return KlineFeed(symbol, projections.candles, form.interval, offset_us)
        case StreamKind.AVERAGE_PRICE:
            return AveragePriceFeed(symbol, symbols, tickers)
        case StreamKind.REFERENCE_PRICE:
            return ReferencePriceFeed(symbol, projections.reference_prices)
        case StreamKind.MINI_TICKER | StreamKind.TICKER | StreamKind.WINDOW_TICKER:
            read = _reader(projections, form)
            return MarketStatisticsFeed(symbols, read) if form.whole_market else SymbolStatisticsFeed(symbol, read)
    assert_never(form.kind)


def _reader(projections: Projections, form: Form) -> Read:
    tickers = projections.tickers
    if form.kind is StreamKind.MINI_TICKER:
        return partial(mini_ticker, tickers)
    if form.kind is StreamKind.TICKER:
        return partial(day_ticker, tickers, projections.market.book)
    width_us = window_us(form.window)
    assert width_us is not None  # the grammar's windows are windows
    return partial(window_ticker, tickers, form.window, width_us)
