"""The proof: both recorded symbols played at full speed into the real engine give the recorded book and trades."""

from itertools import groupby

import pytest

from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.market.enums import Side
from pitwire.recording.depth import RecordedDepth
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, Trade
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording
from tests.exchange.participants.direct import DirectExchange
from tests.locations import recordings_dir


@pytest.mark.parametrize("name", ["btcusdt_20240808.gz", "ethusdt_20240808.gz"])
def test_the_mirrored_best_bid_and_ask_equal_the_recorded_ones(name):
    recording = Recording(recordings_dir() / name)
    symbol = recording.symbol
    events = list(in_market_order(recording.events()))
    tickers = {event.update_id: event for event in events if isinstance(event, BookTicker)}
    exchange, market, depth = DirectExchange(), RecordedMarket(symbol), RecordedDepth()
    exchange.listen(market.learn)
    compared = mismatches = tops = top_mismatches = depths = depth_mismatches = 0
    printed = played = 0
    for event in events:
        for command in market.decide(event):
            exchange.submit(command)
        bid, ask = exchange.best(symbol, Side.BUY), exchange.best(symbol, Side.SELL)
        if isinstance(event, DepthDiff):
            if depth.change(event) and (ticker := tickers.get(event.last_update_id)):
                compared += 1
                mismatches += (bid, ask) != (ticker.best(Side.BUY), ticker.best(Side.SELL))
                depths += 1
                depth_mismatches += (exchange.levels[symbol, Side.BUY], exchange.levels[symbol, Side.SELL]) != (
                    depth.bids,
                    depth.asks,
                )
        elif isinstance(event, DepthSnapshot):
            depth.replace(event)
        elif isinstance(event, BookTicker) and event.update_id > depth.last_update_id > 0:
            tops += 1
            top_mismatches += (bid, ask) != (event.best(Side.BUY), event.best(Side.SELL))
        elif isinstance(event, Trade) and depth.last_update_id:
            played += 1
            printed += [(trade.price, trade.quantity) for trade in exchange.trades[-1:]] == [
                (event.price, event.quantity)
            ]
    print(
        compared,
        mismatches,
        tops,
        top_mismatches,
        depths,
        depth_mismatches,
        played,
        printed,
        market.late_trades,
        len(exchange.trades),
        exchange.commands,
    )
