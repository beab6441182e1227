"""Stop orders as their owner sees them: which fields appear when. What is refused is in tests/conformance."""

from collections.abc import AsyncIterator

import pytest

from tests.exchange.projections.trading import BOB, CAROL
from tests.exchange.scenarios.conditional import Pit, opened

STOP = {"side": "SELL", "type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "85"}
BUYING = {"side": "BUY", "type": "STOP_LOSS", "stopPrice": "110"}


@pytest.fixture
async def pit() -> AsyncIterator[Pit]:
    async with opened() as pit:
        await pit.trade(100)
        yield pit


async def test_the_fields_of_a_stop_order_while_it_waits(pit: Pit) -> None:
    answer = await pit.answer(**STOP, stopPrice="90")
    assert (answer["stopPrice"], answer["workingTime"], answer["status"]) == ("90.00000000", -1, "NEW")
    assert not {"trailingDelta", "trailingTime"} & set(answer)
    status = await pit.status(answer["orderId"])
    assert (status["stopPrice"], status["icebergQty"], status["isWorking"]) == ("90.00000000", "0.00000000", False)
    assert status["workingTime"] == -1
    report = (await pit.reports())[0]
    assert (report["x"], report["X"], report["P"], report["w"]) == ("NEW", "NEW", "90.00000000", False)
    assert not {"W", "d", "D"} & set(report)
    canceled = await pit.ask("order.cancel", orderId=answer["orderId"])
    assert (canceled["stopPrice"], canceled["status"]) == ("90.00000000", "CANCELED")
    assert "trailingDelta" not in canceled


async def test_the_fields_of_a_trailing_stop_order(pit: Pit) -> None:
    answer = await pit.answer(**STOP, trailingDelta=250)
    started = pit.venue.clock.now_us() // 1000
    assert (answer["stopPrice"], answer["trailingDelta"], answer["trailingTime"]) == ("0.00000000", 250, started)
    report = (await pit.reports())[0]
    assert (report["P"], report["d"], report["D"]) == ("0.00000000", 250, started)
    waiting = await pit.answer(**STOP, trailingDelta=250, stopPrice="90")
    assert waiting["trailingTime"] == (await pit.reports())[0]["D"] == -1
    traded_ms = await pit.trade(90)
    # The other one only starts to track, which is no report.
    assert {report["i"] for report in await pit.reports()} == {answer["orderId"]}
    assert (await pit.status(waiting["orderId"]))["trailingTime"] == traded_ms


async def test_an_order_that_cannot_pay_when_triggered_expires_as_rejected(pit: Pit) -> None:
    order_id = (await pit.answer(**BUYING, quantity="12"))["orderId"]
    await pit.place(BOB, "SELL", 110, "0.01")
    for _ in range(2):
        await pit.place(BOB, "SELL", 900_000, 8)
    await pit.place(CAROL, "BUY", 110, "0.01")
    report = (await pit.reports())[1]
    assert (report["x"], report["X"], report["eR"], report["w"]) == ("EXPIRED", "EXPIRED", "REJECTED", False)
    status = await pit.status(order_id)
    assert (status["status"], status["expiryReason"]) == ("EXPIRED", "REJECTED")


async def test_a_triggered_market_order_without_liquidity_says_so(pit: Pit) -> None:
    order_id = (await pit.answer(**BUYING, quantity="1"))["orderId"]
    await pit.trade(110)
    _, *reports = await pit.reports()
    assert [(report["x"], report["X"]) for report in reports] == [("NEW", "NEW"), ("EXPIRED", "EXPIRED")]
    assert reports[1]["eR"] == (await pit.status(order_id))["expiryReason"] == "INSUFFICIENT_LIQUIDITY"


async def test_the_answer_to_an_order_stops_where_the_orders_begin_that_it_triggers(pit: Pit) -> None:
    """Bob's stop sells to the rest of Alice's order, in Alice's own command, but not in her answer."""
    async with pit.venue.connect() as bob:
        await bob.log_on("bob")
        await bob.place(side="SELL", type="STOP_LOSS", quantity="1", stopPrice="90", timeInForce=None, price=None)
    await pit.place(CAROL, "SELL", 90, "0.01")
    answer = await pit.answer(
        side="BUY", type="LIMIT", timeInForce="GTC", price="90", quantity="5", newOrderRespType="FULL"
    )
    assert (answer["executedQty"], len(answer["fills"])) == ("0.01000000", 1)
    assert (await pit.status(answer["orderId"]))["executedQty"] == "1.01000000"
