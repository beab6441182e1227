"""A small market over the wire: orders with all their parameters, and trades at prices of one's choice."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pitwire.exchange.messages import Command, CommandRejected, ListSymbol, PlaceOrder
from pitwire.market.enums import OrderType, SelfTradePrevention, Side
from tests.exchange.gateway.venue import Peer, Venue, open_venue, units
from tests.exchange.projections.trading import BOB, CAROL, rules


class Pit:
    """Alice's connection, what she is told of her orders, and two others who trade at any price."""

    def __init__(self, venue: Venue, peer: Peer) -> None:
        self.venue = venue
        self.peer = peer
        self._events: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a request of hers on BTCUSDT, or the error."""
        sent = await self.peer.send(method, self.peer.stamped({"symbol": "BTCUSDT", **params}))
        while (message := await self.peer.receive()).get("id") != sent:
            self._events.append(message["event"])
        answer: dict[str, Any] = message["result"] if message["status"] == 200 else message["error"]
        return answer

    async def answer(self, **params: Any) -> dict[str, Any]:
        """The RESULT answer to an order of hers, or the error."""
        return await self.ask("order.place", **{"newOrderRespType": "RESULT", **params})

    async def status(self, order_id: int) -> dict[str, Any]:
        return await self.ask("order.status", orderId=order_id)

    async def reports(self) -> list[dict[str, Any]]:
        """The execution reports that she got since she was last asked for events."""
        return await self._told("executionReport")

    async def list_statuses(self) -> list[dict[str, Any]]:
        """The events of order lists that she got since she was last asked for events."""
        return await self._told("listStatus")

    async def _told(self, kind: str) -> list[dict[str, Any]]:
        await self.ask("openOrders.status")  # what was under way has come when this is answered
        events, self._events = self._events, []
        return [event for event in events if event["e"] == kind]

    async def do(self, command: Command) -> None:
        outcome = await self.venue.sequencer.execute(command)
        assert not isinstance(outcome.events[0], CommandRejected), outcome

    async def place(self, account: int, side: str, price: str | int, quantity: str | int) -> None:
        """Another's limit order."""
        self.venue.clock.turn(1)
        await self.do(
            PlaceOrder(
                account=account,
                symbol="BTCUSDT",
                side=Side(side),
                type=OrderType.LIMIT,
                client_order_id=f"other-{next(self._numbers)}",
                price=units(str(price)),
                quantity=units(str(quantity)),
            )
        )

    async def trade(self, price: str | int, quantity: str = "0.01") -> int:
        """A trade at `price` between two others; its time in milliseconds."""
        await self.place(BOB, "SELL", price, quantity)
        await self.place(CAROL, "BUY", price, quantity)
        return self.venue.clock.now_us() // 1000

    async def walk(self, *prices: str | int) -> None:
        """Trades one after the other."""
        for price in prices:
            await self.trade(price)


@asynccontextmanager
async def opened(**changes: Any) -> AsyncIterator[Pit]:
    """BTCUSDT with everything that an order can ask for, unless `changes` of its rules say otherwise."""
    everything = {
        "order_types": tuple(OrderType),
        "trailing_stop_allowed": True,
        "iceberg_allowed": True,
        "peg_instructions_allowed": True,
        "allowed_self_trade_prevention": tuple(SelfTradePrevention),
    }
    async with open_venue() as venue, venue.connect("?returnRateLimits=false") as peer:
        await venue.sequencer.execute(ListSymbol(rules=rules(**everything | changes)))
        await peer.log_on("alice")
        await peer.call("userDataStream.subscribe")
        yield Pit(venue, peer)
