"""What the screen shows of the market: asked for by a client without a key, now and then."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pitwire import Client, PitwireError
from pitwire.protocol.results import Account, OrderBook, Trade

# Request weights: depth 5, trades.recent 25, account.status 20. Together 3,300 a minute, and the trader's 1,200 and
# orders, of 6,000 allowed to an address.
BOOK_EVERY_S = 0.25
TRADES_EVERY_S = 1.0
BALANCES_EVERY_S = 2.0
LEVELS = 10
TRADES = 12


class Watcher:
    """Owns the latest view of the market and of the trader's account. `None` until it was first answered."""

    def __init__(self, market: Client, account: Client, symbol: str) -> None:
        self.book: OrderBook | None = None
        self.trades: tuple[Trade, ...] = ()
        self.balances: Account | None = None
        self.last_trade_id = 0
        self._market = market
        self._account = account
        self._symbol = symbol

    async def run(self) -> None:
        """Keep the view fresh until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat(self.look_at_book, BOOK_EVERY_S))
            group.create_task(self._repeat(self.look_at_trades, TRADES_EVERY_S))
            group.create_task(self._repeat(self.look_at_balances, BALANCES_EVERY_S))

    async def look_at_book(self) -> None:
        """Ask for the best levels."""
        self.book = await self._market.depth(symbol=self._symbol, limit=LEVELS)

    async def look_at_trades(self) -> None:
        """Ask for the latest trades."""
        self.trades = tuple(await self._market.trades_recent(symbol=self._symbol, limit=TRADES))
        if self.trades:
            self.last_trade_id = self.trades[-1].id

    async def look_at_balances(self) -> None:
        """Ask for the trader's balances."""
        self.balances = await self._account.account_status(omit_zero_balances=True)

    async def _repeat(self, look: Callable[[], Awaitable[Any]], every_s: float) -> None:
        while True:
            try:
                await look()
            except PitwireError:
                # A view may be missed: the next one shows the same and more.
                await self._market.wait_connected()
            await asyncio.sleep(every_s)
