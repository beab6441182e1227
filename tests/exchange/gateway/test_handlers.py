"""What queries answer about orders that are over, over the wire."""

from typing import Any

import pytest

from tests.exchange.gateway.venue import open_venue

pytestmark = pytest.mark.asyncio


async def test_an_order_that_ended_without_a_trade_is_archived_after_90_days() -> None:
    async with open_venue() as venue:
        async with venue.connect() as peer:
            await peer.log_on("alice")
            traded = (await peer.place())["result"]["orderId"]
            canceled = (await peer.place(newClientOrderId="in-vain"))["result"]["orderId"]
            await peer.place(side="SELL", quantity="0.0005")
            await peer.call("openOrders.cancelAll", peer.stamped({"symbol": "BTCUSDT"}))
        venue.clock.turn(90 * 24 * 3600 + 1)
        async with venue.connect() as peer:
            await peer.log_on("alice")

            async def status(**which: Any) -> Any:
                return await peer.call("order.status", peer.stamped({"symbol": "BTCUSDT", **which}))

            for which in ({"orderId": canceled}, {"origClientOrderId": "in-vain"}):
                answer = await status(**which)
                assert (answer["status"], answer["error"]["code"]) == (400, -2026)
                assert "archived" in answer["error"]["msg"]
            assert (await status(orderId=traded))["result"]["executedQty"] == "0.00050000"
            listed = (await peer.call("allOrders", peer.stamped({"symbol": "BTCUSDT"})))["result"]
            assert [order["orderId"] for order in listed] == [traded, canceled, canceled + 1]
