"""What a client learns of the limits: what is allowed, by asking once, and what is used, from its responses.

Who has no room for orders sends none, and so gets no response that says what fills have given back. Then a fill is the
sign to ask for the count.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from pitwire.client.limits.governor import Limits
from pitwire.client.link import Link, Say
from pitwire.market.enums import SymbolStatus
from pitwire.protocol.errors import PitwireError
from pitwire.protocol.redaction import redacted
from pitwire.protocol.requests.account import AccountRateLimitsOrders
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.general import ExchangeInfo
from pitwire.protocol.signing import Key

RECOUNT_AFTER_S: Final = 0.5
"""The count follows a fill with "a short delay" (faqs/order_count_decrement.md); and no more often is it asked for."""


class LimitsLearning:
    """The newest responses that were read, so that none is read twice. `account` is that of the client's own key.

    `call` sends a request as the client's users do; `in_flight` is how many are under way.
    """

    def __init__(
        self,
        limits: Limits,
        account: str,
        say: Say,
        call: Callable[[Request[Any], Key | None], Awaitable[Any]],
        in_flight: Callable[[], int],
    ) -> None:
        self._limits = limits
        self._account = account
        self._say = say
        self._call = call
        self._in_flight = in_flight
        self._recounts: dict[str, asyncio.Task[None]] = {}
        self._weights: Any = None
        self._orders: Any = None
        self.asking: asyncio.Task[None] | None = None
        """The question what is allowed, if it was asked here."""

    def connected(self, link: Link) -> None:
        """A connection is there: the first to come asks what is allowed."""
        if self._limits.needs_learning():
            self.asking = asyncio.create_task(self._ask(link), name="pitwire: the exchange's limits")

    async def _ask(self, link: Link) -> None:
        # The limits come with the symbols; of those that are halted there are few (Exchange information).
        try:
            information = await link.ask(ExchangeInfo(symbol_status=SymbolStatus.HALT))
        except PitwireError as error:
            self._say("warning", "the exchange does not say what its limits are", error=redacted(str(error)))
        else:
            self._limits.learn_limits(information.rate_limits)

    def answered(self, link: Link) -> None:
        """A response may have said what is used; what is in flight may not be counted in it."""
        session = link.session
        if session.last_rate_limits is not self._weights:
            self._weights = session.last_rate_limits
            self._limits.learn_weight(self._weights)
            orders, key = session.last_order_limits
            if orders and orders is not self._orders:  # an older count would be one too low
                self._orders = orders
                account = self._account if key is None else key.api_key
                self._limits.learn_orders(orders, account, self._in_flight())

    def filled(self, key: Key | None) -> None:
        """An order of the account of `key`, or of the client's own, was filled, which may give back room."""
        account = self._account if key is None else key.api_key
        if account not in self._recounts and self._limits.is_full_of_orders(account):
            recount = asyncio.create_task(self._recount(account, key), name="pitwire: the unfilled orders")
            self._recounts[account] = recount
            recount.add_done_callback(lambda _: self._recounts.pop(account))

    async def _recount(self, account: str, key: Key | None) -> None:
        await asyncio.sleep(RECOUNT_AFTER_S)
        if not self._limits.is_full_of_orders(account):
            return  # an answer to an order has said it meanwhile
        with suppress(PitwireError):  # the next fill has it asked again
            counts = await self._call(AccountRateLimitsOrders(), key)
            self._limits.learn_order_counts(counts, account, self._in_flight())
            self._limits.tick()  # who waits may go now

    async def close(self) -> None:
        """End."""
        tasks = {*self._recounts.values(), *([] if self.asking is None else [self.asking])}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
