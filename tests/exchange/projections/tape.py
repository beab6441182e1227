"""Public trades on one symbol, made up or at random, and the projections that follow them."""

import random

from pitwire.exchange.messages import SymbolListed, TradeMatched
from pitwire.exchange.projections.archive import MemoryArchive
from pitwire.exchange.projections.candles import Candles
from pitwire.exchange.projections.series import Chronicle
from pitwire.exchange.projections.tickers import Tickers
from pitwire.exchange.projections.trades import Trades
from tests.exchange.projections.trading import rules, units

SYMBOL = "BTCUSDT"


def matched(trade_id, price, quantity, *, taker=None, buyer_is_maker=False):
    """A trade as the engine says it; its taker's order id is the trade's own, unless another is given."""
    taker = trade_id + 1_000_000 if taker is None else taker
    buyer, seller = (1, taker) if buyer_is_maker else (taker, 1)
    quote = price * quantity // 10**8
    return TradeMatched(
        symbol=SYMBOL,
        trade_id=trade_id,
        price=price,
        quantity=quantity,
        quote=quote,
        buyer_order_id=buyer,
        seller_order_id=seller,
        buyer_is_maker=buyer_is_maker,
    )


class Tape:
    """The projections, fed trade by trade; `trades` are those that came, each with its time."""

    def __init__(self, page_items: int = 500) -> None:
        self.chronicle = Chronicle(MemoryArchive(page_items))
        self.public = Trades(self.chronicle)
        self.candles = Candles(self.chronicle)
        self.tickers = Tickers(self.public, self.candles)
        listed = SymbolListed(rules=rules(SYMBOL))
        self.public.listed(listed, 0)
        self.candles.listed(listed, 0)
        self.trades: list[tuple[int, TradeMatched]] = []

    def record(self, time_us: int, *events: TradeMatched) -> None:
        """What one record brought."""
        self.chronicle.sequence += 1
        for event in events:
            self.trades.append((time_us, event))
            self.public.traded(event, time_us)
            self.candles.traded(event, time_us)
        if self.chronicle.full:
            self.chronicle.seal()

    def trade(self, time_us: int, price, quantity, **more) -> None:
        self.record(time_us, matched(len(self.trades) + 1, units(price), units(quantity), **more))

    def random_trades(self, seed: int, count: int, start_us: int) -> int:
        """Records of one to three trades, in bursts and with pauses up to days. Returns the time of the last one."""
        chance = random.Random(seed)
        time_us = start_us
        while len(self.trades) < count:
            time_us += int(10 ** chance.choice((0, 3, 5, 6, 7, 8, 9, 10)) * chance.random() * 5)
            taker, buyer_is_maker = chance.randint(1, 10**6), chance.random() < 0.5
            events = [
                matched(
                    len(self.trades) + 1 + each,
                    chance.randint(90, 110) * 10**8,
                    chance.randint(1, 10**12),
                    taker=taker,
                    buyer_is_maker=buyer_is_maker,
                )
                for each in range(chance.randint(1, 3))
            ]
            self.record(time_us, *events)
        return time_us
