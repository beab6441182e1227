"""The amendments of orders as their owners see them: `order.amendments`."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Any

from pitwire.exchange.messages import OrderAmended
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import grid_text, instant, page_size
from pitwire.market.enums import TimeUnit

AMENDMENTS_KEPT = 10_000
"""Per account and symbol; the oldest is forgotten first."""
LIMIT_DEFAULT = 500
LIMIT_MAX = 1000


class Amendments:
    """The latest amendments of every account, by account and symbol, in the order in which they happened."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._kept: dict[tuple[int, str], deque[OrderAmended]] = {}

    def amended(self, event: OrderAmended, _time_us: int) -> None:
        """Take in an amendment."""
        order = event.order
        kept = self._kept.get((order.account, order.symbol))
        if kept is None:
            kept = self._kept[order.account, order.symbol] = deque(maxlen=AMENDMENTS_KEPT)
        kept.append(event)

    def of_order(
        self,
        account: int,
        symbol: str,
        order_id: int,
        from_execution_id: int | None,
        limit: int | None,
        unit: TimeUnit,
    ) -> list[dict[str, Any]]:
        """The result of `order.amendments` (web-socket-api.md, Query Order Amendments), oldest first.

        `limit` of them, by default 500, at most 1000, from `from_execution_id` on. None for an order that was never
        amended or is not the account's. Raises `UnknownSymbol`.
        """
        self._symbols.rules(symbol)
        first = from_execution_id or 0
        found = (
            event
            for event in self._kept.get((account, symbol), ())
            if event.order.order_id == order_id and event.execution_id >= first
        )
        return [_amendment(event, unit) for event in islice(found, page_size(limit, LIMIT_DEFAULT, LIMIT_MAX))]

    def state(self) -> list[OrderAmended]:
        """What a snapshot keeps."""
        return [event for kept in self._kept.values() for event in kept]

    @classmethod
    def of(cls, state: Iterable[OrderAmended], symbols: Symbols) -> "Amendments":
        """The amendments that a snapshot kept."""
        amendments = cls(symbols)
        for event in state:
            amendments.amended(event, 0)
        return amendments


def _amendment(event: OrderAmended, unit: TimeUnit) -> dict[str, Any]:
    order = event.order
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "executionId": event.execution_id,
        "origClientOrderId": event.previous_client_order_id,
        "newClientOrderId": order.client_order_id,
        "origQty": grid_text(event.previous_quantity),
        "newQty": grid_text(order.quantity),
        # The order's copy was made by this very amendment, so its last update is the time of it.
        "time": instant(order.updated_us, unit),
    }
