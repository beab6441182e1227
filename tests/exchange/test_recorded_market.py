"""The proof: both recorded symbols, played at full speed into the real engine, give the recorded book and trades.

What is allowed to differ is what docs/markets.md names: trades that came too late, and levels finer than LOT_SIZE.
"""

import pytest

from pitwire.exchange.messages import CommandRejected
from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.market.enums import Side
from pitwire.recording.depth import RecordedDepth
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, Trade
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording
from tests.exchange.participants.direct import LOTS, DirectExchange
from tests.locations import recordings_dir

LATE_TRADES_MAX = 0.02
"""Which part of the trades may come too late."""


class Comparison:
    def __init__(self):
        self.made = self.mismatches = 0

    def compare(self, found, recorded):
        self.made += 1
        self.mismatches += found != recorded

    def __str__(self):
        return f"{self.made} comparisons, {self.mismatches} mismatches"


@pytest.mark.parametrize("name", ["btcusdt_20240808.gz", "ethusdt_20240808.gz"])
def test_the_mirrored_book_and_trades_equal_the_recorded_ones(name):
    recording = Recording(recordings_dir() / name)
    symbol = recording.symbol
    events = list(in_market_order(recording.events()))
    tickers = {event.update_id: event for event in events if isinstance(event, BookTicker)}
    exchange, market, depth = DirectExchange(), RecordedMarket(symbol, LOTS[symbol]), RecordedDepth()
    exchange.listen(market.learn)
    after_diffs, after_tickers, whole_depths, trades = Comparison(), Comparison(), Comparison(), Comparison()
    refused = trades_seen = 0
    for event in events:
        traded = len(exchange.trades)
        late = market.late_trades
        for command in market.decide(event):
            refused += isinstance(exchange.submit(command).events[0], CommandRejected)
        if isinstance(event, DepthSnapshot):
            depth.replace(event)
        elif isinstance(event, DepthDiff):
            if not depth.change(event):
                continue
            if (ticker := tickers.get(event.last_update_id)) is not None:
                after_diffs.compare(best(exchange, symbol), (ticker.best(Side.BUY), ticker.best(Side.SELL)))
            for side, levels in ((Side.BUY, depth.bids), (Side.SELL, depth.asks)):
                whole_depths.compare(exchange.levels[symbol, side], whole_steps(levels, LOTS[symbol].step_size))
        elif isinstance(event, BookTicker):
            if event.update_id > depth.last_update_id > 0:
                after_tickers.compare(best(exchange, symbol), (event.best(Side.BUY), event.best(Side.SELL)))
        elif depth.last_update_id:
            assert isinstance(event, Trade)
            trades_seen += 1
            made = exchange.trades[traded:]
            if market.late_trades == late:
                found = {trade.price for trade in made}, sum(trade.quantity for trade in made)
                trades.compare(found, ({event.price}, event.quantity))
    print(f"\n{symbol}, best bid and ask after each diff that has a bookTicker: {after_diffs}")
    print(f"{symbol}, best bid and ask after each newer bookTicker: {after_tickers}")
    print(f"{symbol}, every level of a side after each diff: {whole_depths}")
    print(f"{symbol}, trades by price and quantity: {trades}; {market.late_trades} of {trades_seen} came too late")
    print(f"{symbol}, commands: {exchange.commands}, {refused} refused")
    assert after_diffs.made > 500
    assert [each.mismatches for each in (after_diffs, after_tickers, whole_depths, trades)] == [0, 0, 0, 0]
    assert market.late_trades <= LATE_TRADES_MAX * trades_seen
    assert refused == 0


def best(exchange, symbol):
    return exchange.best(symbol, Side.BUY), exchange.best(symbol, Side.SELL)


def whole_steps(levels, step):
    return {price: quantity - quantity % step for price, quantity in levels.items() if quantity >= step}
