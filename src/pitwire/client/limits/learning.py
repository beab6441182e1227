"""What a client learns of the limits: what is allowed, by asking once, and what is used, from its responses."""

import asyncio
from typing import Any

from pitwire.client.limits.governor import Limits
from pitwire.client.link import Link, Say
from pitwire.market.enums import SymbolStatus
from pitwire.protocol.errors import PitwireError
from pitwire.protocol.redaction import redacted
from pitwire.protocol.requests.general import ExchangeInfo


class LimitsLearning:
    """The newest responses that were read, so that none is read twice. `account` is that of the client's own key."""

    def __init__(self, limits: Limits, account: str, say: Say) -> None:
        self._limits = limits
        self._account = account
        self._say = say
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

    def answered(self, link: Link, in_flight: int) -> None:
        """A response may have said what is used; as many requests may not be counted in it."""
        session = link.session
        if session.last_rate_limits is not self._weights:
            self._weights = session.last_rate_limits
            self._limits.learn_weight(self._weights)
            orders, key = session.last_order_limits
            if orders and orders is not self._orders:  # an older count would be one too low
                self._orders = orders
                account = self._account if key is None else key.api_key
                self._limits.learn_orders(orders, account, in_flight)

    async def close(self) -> None:
        """End."""
        if self.asking is not None:
            self.asking.cancel()
            await asyncio.wait({self.asking})
