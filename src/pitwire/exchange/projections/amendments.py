"""The amendments of orders as their owners see them: `order.amendments`."""

from typing import Any

from pitwire.exchange.messages import OrderAmended
from pitwire.exchange.projections.archive import AMENDMENTS, Amendment, Sorting, Wanted
from pitwire.exchange.projections.gathering import Gathering
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import grid_text, instant, page_size
from pitwire.market.enums import TimeUnit

LIMIT_DEFAULT = 500
LIMIT_MAX = 1000


class Amendments:
    """The amendments of every account."""

    def __init__(self, symbols: Symbols, gathering: Gathering) -> None:
        self._symbols = symbols
        self._gathering = gathering

    def amended(self, event: OrderAmended, _time_us: int) -> None:
        """Take in an amendment."""
        order = event.order
        gathered = self._gathering.of(order.account, order.symbol)
        if self._gathering.takes(gathered):
            amendment = Amendment(
                event.execution_id,
                order.order_id,
                order.updated_us,  # the order's copy was made by this very amendment
                event.previous_client_order_id,
                order.client_order_id,
                event.previous_quantity,
                order.quantity,
            )
            self._gathering.add(gathered, AMENDMENTS, amendment)

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
        wanted = Wanted(first_id=from_execution_id or 0, first_order=order_id, last_order=order_id)
        count = page_size(limit, LIMIT_DEFAULT, LIMIT_MAX)
        chosen = self._gathering.chosen(AMENDMENTS, account, symbol, wanted, Sorting(), count)
        return [_amendment(amendment, symbol, unit) for amendment in chosen]


def _amendment(amendment: Amendment, symbol: str, unit: TimeUnit) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "orderId": amendment.order_id,
        "executionId": amendment.execution_id,
        "origClientOrderId": amendment.previous_client_order_id,
        "newClientOrderId": amendment.client_order_id,
        "origQty": grid_text(amendment.previous_quantity),
        "newQty": grid_text(amendment.quantity),
        "time": instant(amendment.time_us, unit),
    }
