"""A small market for the worked examples: orders with all their parameters, and trades at prices of one's choice."""

import json
from typing import Any

from pitwire.exchange.gateway.commands import place_order
from pitwire.exchange.messages import CommandRejected, Outcome
from pitwire.exchange.projections.replies import order_placed
from pitwire.exchange.projections.user_data import reports
from pitwire.market.enums import OrderResponseType, OrderType, TimeUnit
from pitwire.market.symbols import SymbolRules
from pitwire.protocol.errors import of_reject
from pitwire.protocol.parameters import ParameterReader
from pitwire.protocol.requests.trading import OrderPlace
from tests.exchange.projections.trading import ALICE, BOB, CAROL, Floor, rules

MS = TimeUnit.MILLISECOND
_read = ParameterReader(OrderPlace).read


def all_types(**changes: Any) -> SymbolRules:
    """BTCUSDT with everything that an order can ask for."""
    return rules(
        **{
            "order_types": tuple(OrderType),
            "trailing_stop_allowed": True,
            "iceberg_allowed": True,
            "peg_instructions_allowed": True,
        }
        | changes
    )


class Pit(Floor):
    """A `Floor` that is told orders as the wire has them."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(all_types(**changes))

    def ask(self, account: int = ALICE, **params: Any) -> Outcome:
        """Place an order with the parameters of `order.place`. `Refusal` when it does not reach the engine."""
        params = {"symbol": "BTCUSDT", "timestamp": 1, **params}
        request, _ = _read(json.dumps(params).encode())
        number = len(self.outcomes)
        return self.do(place_order(request, account, self.projections.symbols.rules, lambda: f"order-{number}"))

    def answer(self, account: int = ALICE, **params: Any) -> dict[str, Any]:
        """The RESULT answer to an order, or the error."""
        outcome = self.ask(account, **params)
        if isinstance(outcome.events[0], CommandRejected):
            refused = of_reject(outcome.events[0].reason, outcome.events[0].detail)
            return {"code": int(refused.code), "msg": refused.msg}
        return json.loads(json.dumps(order_placed(outcome, OrderResponseType.RESULT, MS)))

    def trade(self, price: str | int, quantity: str = "0.01") -> Outcome:
        """A trade at `price` between two others."""
        self.place(BOB, "SELL", price, quantity)
        return self.place(CAROL, "BUY", price, quantity)

    def walk(self, *prices: str | int) -> None:
        """Trades one after the other."""
        for price in prices:
            self.trade(price)

    def status(self, order_id: int, account: int = ALICE) -> dict[str, Any]:
        return self.projections.orders.status(account, "BTCUSDT", order_id, None, MS)

    def told(self, outcome: Outcome, account: int = ALICE) -> list[dict[str, Any]]:
        """The execution reports that an account gets of an outcome."""
        events = [json.loads(event) for _, event in reports(outcome, MS, {account})]
        return [event for event in events if event["e"] == "executionReport"]
