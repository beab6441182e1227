"""faqs/pegged_orders.md: the example answer, and which fields a pegged order shows when. What else is refused is in
tests/conformance."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.exchange.projections.trading import BOB, CAROL
from tests.exchange.scenarios.conditional import Pit, opened

PEGGED = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "pegPriceType": "PRIMARY_PEG"}


@pytest.fixture
async def pit() -> AsyncIterator[Pit]:
    async with opened(filters=()) as pit:
        await pit.place(BOB, "BUY", "0.04", "1")
        await pit.place(BOB, "BUY", "0.03", "1")
        await pit.place(BOB, "SELL", "0.05", "1")
        yield pit


async def test_the_answer_of_the_faq(pit: Pit) -> None:
    answer = await pit.answer(**PEGGED, newClientOrderId="5lw4Fg18NO4mlLUvkgxVdu", newOrderRespType="FULL")
    time = pit.venue.clock.now_us() // 1000
    assert answer == {
        "symbol": "BTCUSDT",
        "orderId": 4,
        "orderListId": -1,
        "clientOrderId": "5lw4Fg18NO4mlLUvkgxVdu",
        "transactTime": time,
        "price": "0.00000000",
        "pegPriceType": "PRIMARY_PEG",
        "peggedPrice": "0.04000000",
        "origQty": "1.00000000",
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "NEW",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "workingTime": time,
        "fills": [],
        "selfTradePreventionMode": "NONE",
    }


async def test_an_offset_shows_if_it_was_asked_for(pit: Pit) -> None:
    order_id = (await pit.answer(**PEGGED, pegOffsetType="PRICE_LEVEL", pegOffsetValue=1, price="0.02"))["orderId"]
    report = (await pit.reports())[0]
    assert (report["p"], report["gP"], report["gOT"], report["gOV"], report["gp"]) == (
        "0.02000000",
        "PRIMARY_PEG",
        "PRICE_LEVEL",
        1,
        "0.03000000",
    )
    status = await pit.status(order_id)
    assert (status["price"], status["peggedPrice"], status["pegOffsetValue"]) == ("0.02000000", "0.03000000", 1)
    await pit.answer(**PEGGED)
    assert not {"gOT", "gOV"} & set((await pit.reports())[0])


async def test_a_stop_limit_order_has_a_pegged_price_once_it_is_triggered(pit: Pit) -> None:
    await pit.place(CAROL, "BUY", "0.05", "0.5")
    asked = {"side": "SELL", "type": "STOP_LOSS_LIMIT", "stopPrice": "0.04", "pegPriceType": "MARKET_PEG"}
    await pit.answer(**PEGGED | asked)
    report = (await pit.reports())[0]
    assert (report["gP"], report["P"], report["w"], "gp" in report) == ("MARKET_PEG", "0.04000000", False, False)
    order_id = report["i"]
    assert "peggedPrice" not in await pit.status(order_id)
    await pit.place(CAROL, "SELL", "0.04", "0.4")
    first, second, *_ = await pit.reports()
    assert (first["x"], first["w"], first["gp"], second["x"]) == ("NEW", True, "0.04000000", "TRADE")
    assert (await pit.status(order_id))["peggedPrice"] == "0.04000000"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"timeInForce": "IOC"}, "Unsupported order combination"),
        (
            {"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 2},
            "Order book liquidity is too low for this pegged order.",
        ),
    ],
)
async def test_a_peg_that_the_exchange_refuses(pit: Pit, changes: dict[str, Any], message: str) -> None:
    assert await pit.answer(**PEGGED | changes) == {"code": -2010, "msg": message}
