"""What an application knows of its account by its user data: what events say, and what it is handed after a loss."""

import asyncio
from collections import Counter
from typing import Any

import pitwire
from pitwire.market.numbers import scaled
from tests.sim.truth import OPEN
from tests.sim.world import ALICE, SYMBOL, World


class Ledger:
    """The open orders, the balances, and how often each trade was told."""

    def __init__(self, here: World) -> None:
        self._here = here
        self._orders: dict[int, tuple[Any, ...]] = {}
        self._balances: dict[str, tuple[Any, ...]] = {}
        self._trades: Counter[int] = Counter()
        self._looked_up: set[int] = set()
        self._restored_ms = 0
        self.is_kept = asyncio.Event()
        """Set once it is subscribed and knows where things stand."""

    async def keep(self, client: pitwire.Client) -> None:
        """Follow the user data until the client is closed."""
        while True:
            try:
                async with client.user_data() as events:
                    await self._look_up(client)
                    self.is_kept.set()
                    async for event in events:
                        await self._take(client, event)
                    return
            except pitwire.PitwireError:
                await self._here.clock.advance(seconds=1)  # it could not be subscribed, or nobody answered

    async def _take(self, client: pitwire.Client, event: Any) -> None:
        match event:
            case pitwire.ExecutionReport():
                if event.status in OPEN:
                    self._orders[event.order_id] = event.status, scaled(event.quantity), scaled(event.executed)
                else:
                    self._orders.pop(event.order_id, None)
                if event.execution_type == "TRADE" and event.trade_id not in self._looked_up:
                    self._trades[event.trade_id] += 1
            case pitwire.OutboundAccountPosition():
                for each in event.balances:
                    self._balances[each.asset] = scaled(each.free), scaled(each.locked)
            case pitwire.SubscriptionRestored():
                if not self._restored_ms <= event.lost_at_ms <= event.restored_at_ms:
                    self._here.wrong.append(f"the gap before {self._restored_ms} ms is followed by {event}")
                self._restored_ms = event.restored_at_ms
                if event.is_complete:
                    self._stands(event.open_orders, event.balances)
                    self._trades.update(trade.id for trade in event.trades if trade.id not in self._looked_up)
                else:
                    await self._look_up(client)

    async def _look_up(self, client: pitwire.Client) -> None:
        """Ask, as long as it takes. What was not heard of so far may be heard of later: it is not counted then."""
        while True:
            try:
                await client.wait_connected()
                orders = await client.open_orders_status()
                account = await client.account_status()
                trades = await client.my_trades(symbol=SYMBOL, from_id=0)
            except pitwire.PitwireError:
                if not client.is_connected:
                    await client.wait_connected()  # raises once it is closed
                await self._here.clock.advance(seconds=0.5)
                continue
            self._stands(orders, account.balances)
            for trade in trades:
                if not self._trades[trade.id]:
                    self._looked_up.add(trade.id)
                    self._trades[trade.id] = 1
            return

    def _stands(self, orders: Any, balances: Any) -> None:
        self._orders = {
            order.order_id: (order.status, scaled(order.orig_qty), scaled(order.executed_qty)) for order in orders
        }
        self._balances = {each.asset: (scaled(each.free), scaled(each.locked)) for each in balances}

    def differences(self) -> list[str]:
        """What is not as the exchange has it, or was told more than once."""
        truth, found = self._here.truth, []
        if self._trades != truth.trades:
            found.append(f"trades are {dict(self._trades)}, but there were {dict(truth.trades)}")
        there = {
            number: (order.status, order.quantity, order.executed)
            for number, order in truth.orders.items()
            if order.status in OPEN
        }
        if self._orders != there:
            found.append(f"open orders are {self._orders}, but there are {there}")
        holdings = self._here.exchange.engine.venue.accounts[ALICE].holdings.values()
        owned = {each.asset: (each.free, each.locked) for each in holdings if each.free or each.locked}
        known = {asset: amounts for asset, amounts in self._balances.items() if any(amounts)}
        if known != owned:
            found.append(f"balances are {known}, but there are {owned}")
        return found
