"""An exchange that is nothing but the engine: what participants submit is applied at once, and the clock is a fake."""

from pitwire.exchange import defaults
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    Command,
    Deposit,
    LevelChanged,
    ListSymbol,
    OpenAccount,
    Outcome,
    Record,
    TradeMatched,
)
from pitwire.exchange.participants import accounts
from pitwire.market.enums import Side
from pitwire.market.filters import LotSize

USER = 1
LOTS = {
    terms.symbol: next(each for each in terms.rules().filters if isinstance(each, LotSize))
    for terms in defaults.SYMBOLS
}
ASSETS = ("BTC", "ETH", "BNB", "USDT", "USDC")


class FakeTimer:
    """Time passes only by sleeping."""

    def __init__(self):
        self.time_ns = 0
        self.slept_ns = []

    def now_ns(self):
        return self.time_ns

    async def sleep_ns(self, duration_ns):
        self.slept_ns.append(duration_ns)
        self.time_ns += duration_ns


class DirectExchange:
    """Every default symbol, the market's accounts, and a user; keeps the public book and counts what happens."""

    def __init__(self):
        self.engine = Engine()
        self.sequence = 0
        self.time_us = 1_723_161_254_000_000
        self.levels = {}
        """(symbol, side) -> {price: quantity}, as LevelChanged tells it."""
        self.trades = []
        self.listeners = []
        self.commands = 0
        for terms in defaults.SYMBOLS:
            self.submit(ListSymbol(rules=terms.rules()))
        for command in accounts.opening(ASSETS):
            self.submit(command)
        self.submit(OpenAccount(account=USER, name="user"))
        for asset in ASSETS:
            self.submit(Deposit(account=USER, asset=asset, amount=10**15))

    def submit(self, command: Command) -> Outcome:
        self.sequence += 1
        self.commands += 1
        outcome = Outcome(
            Record(self.sequence, self.time_us, command),
            self.engine.apply(Record(self.sequence, self.time_us, command)),
        )
        for event in outcome.events:
            if isinstance(event, LevelChanged):
                levels = self.levels.setdefault((event.symbol, event.side), {})
                if event.quantity:
                    levels[event.price] = event.quantity
                else:
                    levels.pop(event.price, None)
            elif isinstance(event, TradeMatched):
                self.trades.append(event)
        for listener in self.listeners:
            listener(outcome)
        return outcome

    async def execute(self, command):
        return self.submit(command)

    def listen(self, callback):
        self.listeners.append(callback)

    def best(self, symbol, side):
        levels = self.levels.get((symbol, side))
        if not levels:
            return None
        price = max(levels) if side is Side.BUY else min(levels)
        return price, levels[price]
