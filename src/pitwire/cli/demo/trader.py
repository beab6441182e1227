"""The example trader: keeps one order at the best bid and one at the best ask, and follows its fills.

It uses the public client and nothing else, so it is also what a first bot of one's own may look like:

    quotes   every `QUOTE_EVERY_S`, ask for the best prices, and cancel and place what `quoting.changes` says
    events   follow every execution of its orders, from the user data stream
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable
from decimal import Decimal
from typing import TypeVar

from pitwire import (
    CancelRejected,
    Client,
    ExecutionReport,
    NotSent,
    OutcomeUnknown,
    PitwireError,
    Rejected,
    SubscriptionRestored,
)
from pitwire.cli.demo.quoting import Plan, Resting, Touch, changes
from pitwire.cli.demo.tally import Tally
from pitwire.market.enums import ExecutionType, OrderStatus, Side

R = TypeVar("R")

QUOTE_EVERY_S = 0.25
"""Slow enough for Binance's limits: two orders each time are 80 in ten seconds, of 100 allowed."""
FILLS_SHOWN_MAX = 50

DONE = {
    OrderStatus.FILLED,
    OrderStatus.CANCELED,
    OrderStatus.REJECTED,
    OrderStatus.EXPIRED,
    OrderStatus.EXPIRED_IN_MATCH,
}


class MarketMaker:
    """Owns the trader's orders: which are open, what they have bought and sold."""

    def __init__(self, client: Client, symbol: str, plan: Plan) -> None:
        self.tally = Tally()
        self.orders: dict[str, Resting] = {}
        self.fills: deque[ExecutionReport] = deque(maxlen=FILLS_SHOWN_MAX)
        self._client = client
        self._symbol = symbol
        self._plan = plan
        self._made = 0
        # Two runs against the same exchange must not share ids: only open orders' ids are kept apart for us.
        self._run = time.time_ns() // 1_000_000

    async def run(self) -> None:
        """Trade until cancelled. Then the orders that are still open stay open: call `leave` for a clean end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.follow_events())
            group.create_task(self._keep_quotes())

    async def leave(self) -> None:
        """Cancel whatever is still open, as the exchange knows it."""
        still_open = await self._ask("openOrders.status", self._client.open_orders_status(symbol=self._symbol))
        if still_open:
            await self._ask("openOrders.cancelAll", self._client.open_orders_cancel_all(symbol=self._symbol))
            self.tally.canceled += len(still_open)
        self.orders.clear()

    async def follow_events(self) -> None:
        """Keep orders and position as the exchange tells them, until the client is closed."""
        async for event in self._client.user_data():
            if isinstance(event, ExecutionReport) and event.symbol == self._symbol:
                self._executed(event)
            elif isinstance(event, SubscriptionRestored):
                await self._look_again()

    def _executed(self, report: ExecutionReport) -> None:
        if report.execution_type is ExecutionType.TRADE:
            self.fills.append(report)
            self.tally.filled(report.side, report.last_executed, report.last_quote_executed, report.commission)
        if report.status in DONE:
            # A cancel's report carries an id of its own; the order's is the original one.
            self.orders.pop(report.client_order_id, None)
            self.orders.pop(report.original_client_order_id, None)

    async def _look_again(self) -> None:
        """After a gap in the events: forget the orders that are not open any more."""
        still_open = await self._ask("openOrders.status", self._client.open_orders_status(symbol=self._symbol))
        ids = {order.client_order_id for order in still_open}
        self.orders = {name: order for name, order in self.orders.items() if name in ids}

    async def _keep_quotes(self) -> None:
        while True:
            await self.look_and_quote()
            await asyncio.sleep(QUOTE_EVERY_S)

    async def look_and_quote(self) -> None:
        """Ask for the best prices, and bring the orders to where they should be."""
        try:
            book = await self._ask("depth", self._client.depth(symbol=self._symbol, limit=1))
        except PitwireError:
            await self._client.wait_connected()  # no touch this time; the next one is as good
        else:
            if book.bids and book.asks:
                await self._follow_touch(Touch(book.bids[0].price, book.asks[0].price))

    async def _follow_touch(self, touch: Touch) -> None:
        todo = changes(touch, self.tally.position, self.orders.values(), self._plan)
        # First the cancels, all at once, and when they are answered the placements: never two orders on a side.
        await asyncio.gather(*(self._cancel(order) for order in todo.cancel))
        await asyncio.gather(*(self._place(side, price) for side, price in todo.place))

    async def _place(self, side: Side, price: Decimal) -> None:
        self._made += 1
        order = Resting(f"maker-{self._run}-{self._made}", side, price)
        self.orders[order.client_order_id] = order  # before sending: its events may come before its answer
        placing = self._client.order_place(
            symbol=self._symbol,
            side=side,
            type="LIMIT_MAKER",
            quantity=self._plan.quantity,
            price=price,
            new_client_order_id=order.client_order_id,
            new_order_resp_type="ACK",
        )
        try:
            await self._ask("order.place", placing)
        except (Rejected, NotSent):
            self.orders.pop(
                order.client_order_id, None
            )  # certainly not placed: mostly, the price has moved through ours
        except OutcomeUnknown:
            pass  # it may stand, so it stays in `orders`, and the next move of the touch cancels it
        else:
            self.tally.placed += 1

    async def _cancel(self, order: Resting) -> None:
        canceling = self._client.order_cancel(symbol=self._symbol, orig_client_order_id=order.client_order_id)
        try:
            await self._ask("order.cancel", canceling)
        except CancelRejected:
            self.orders.pop(order.client_order_id, None)  # not open any more: filled meanwhile
        except PitwireError:
            pass  # open as far as we know: tried again next time
        else:
            self.tally.canceled += 1
            self.orders.pop(order.client_order_id, None)

    async def _ask(self, method: str, request: Awaitable[R]) -> R:
        """The answer, counted and timed; the errors are counted, and the caller's to judge."""
        start_ns = time.perf_counter_ns()
        try:
            answer = await request
        except Rejected:
            self.tally.refused += 1
            raise
        except OutcomeUnknown:
            self.tally.unknown += 1
            raise
        self.tally.took(method, (time.perf_counter_ns() - start_ns) // 1000)
        return answer
