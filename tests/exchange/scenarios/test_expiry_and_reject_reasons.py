"""Every expiry reason (enums.md, Expiry Reasons) and every reject reason (user-data-stream.md), over the wire."""

import pytest

from pitwire.exchange.messages import ExpireOpenOrders, SetReferencePrice
from pitwire.market.reference_price import External, PriceRange
from tests.exchange.gateway.venue import units
from tests.exchange.projections.trading import BOB, CAROL
from tests.exchange.scenarios.conditional import opened

LIMIT = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "1"}
WORKING = {
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "90",
    "workingQuantity": "1",
    "pendingType": "MARKET",
    "pendingSide": "SELL",
    "pendingQuantity": "1",
}


async def rejected_when_triggered(pit):
    await pit.answer(side="BUY", type="STOP_LOSS", stopPrice="110", quantity="12")
    await pit.place(BOB, "SELL", 110, "0.01")
    for _ in range(2):  # more than alice can pay for
        await pit.place(BOB, "SELL", 900_000, 8)
    await pit.place(CAROL, "BUY", 110, "0.01")


async def taken_out_by_the_exchange(pit):
    await pit.answer(side="BUY", price="90", **LIMIT)
    await pit.do(ExpireOpenOrders(symbol="BTCUSDT"))


async def the_other_of_a_pair(pit):
    await pit.ask(
        "orderList.place.oco",
        side="SELL",
        quantity="1",
        aboveType="LIMIT_MAKER",
        abovePrice="110",
        belowType="STOP_LOSS",
        belowStopPrice="90",
    )
    await pit.place(CAROL, "BUY", 110, "1")


async def the_working_order_ended(pit):
    await pit.place(BOB, "SELL", 90, "0.4")
    await pit.ask("orderList.place.oto", **WORKING, workingTimeInForce="IOC")


async def a_rest_at_once_or_never(pit):
    await pit.answer(side="BUY", price="90", **{**LIMIT, "timeInForce": "IOC"})


async def all_or_nothing(pit):
    await pit.answer(side="BUY", price="90", **{**LIMIT, "timeInForce": "FOK"})


async def nobody_to_trade_with(pit):
    await pit.answer(side="BUY", type="MARKET", quantity="1")


async def too_far_from_the_reference_price(pit):
    await pit.do(SetReferencePrice(symbol="BTCUSDT", price=units("100")))
    await pit.place(BOB, "SELL", 201, "1")
    await pit.answer(side="BUY", price="250", **LIMIT)


EXPIRY_REASONS = {
    "REJECTED": rejected_when_triggered,
    "EXCHANGE_CANCELED": taken_out_by_the_exchange,
    "OCO_TRIGGER": the_other_of_a_pair,
    "OTO_PHASE_ONE_EXPIRED": the_working_order_ended,
    "UNFILLED_IOC_QUANTITY_EXPIRED": a_rest_at_once_or_never,
    "UNFILLED_FOK_ORDER_EXPIRED": all_or_nothing,
    "INSUFFICIENT_LIQUIDITY": nobody_to_trade_with,
    "EXECUTION_RULE_PRICE_RANGE_EXCEEDED": too_far_from_the_reference_price,
}


@pytest.mark.parametrize("reason", EXPIRY_REASONS)
async def test_an_order_expires_for_a_reason_that_its_owner_is_told_and_can_ask_for(reason):
    twice = PriceRange(bid_limit_up=units("2"), bid_limit_down=0, ask_limit_up=units("2"), ask_limit_down=0)
    far = {"reference_price": External(calculation_id=1), "price_range": twice}
    lists = {"oco_allowed": True, "oto_allowed": True}
    async with opened(**lists, **(far if reason == "EXECUTION_RULE_PRICE_RANGE_EXCEEDED" else {})) as pit:
        await pit.trade(100)
        await EXPIRY_REASONS[reason](pit)
        expired = [report for report in await pit.reports() if report["X"] == "EXPIRED"]
        assert expired
        for report in expired:
            status = await pit.status(report["i"])
            assert (report["x"], status["status"]) == ("EXPIRED", "EXPIRED")
            assert status["expiryReason"] == report["eR"]
        assert reason in {report["eR"] for report in expired}


REJECT_REASONS = {
    "INSUFFICIENT_BALANCES": {"side": "SELL", "price": "130", **LIMIT, "quantity": "200"},
    "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY": {"side": "BUY", "type": "STOP_LOSS", "stopPrice": "90", "quantity": "1"},
    "WOULD_MATCH_IMMEDIATELY": {"side": "BUY", "type": "LIMIT_MAKER", "price": "120", "quantity": "1"},
}


@pytest.mark.parametrize("reason", REJECT_REASONS)
async def test_an_order_that_replaces_another_and_is_rejected_says_why(reason):
    """`x: REJECTED` is reported only where the old order has gone: a plain order that is refused has no report."""
    async with opened() as pit:
        await pit.trade(100)
        await pit.place(BOB, "SELL", 120, "1")
        await pit.answer(side="BUY", price="50", newClientOrderId="old", **LIMIT)
        answer = await pit.ask(
            "order.cancelReplace",
            cancelReplaceMode="STOP_ON_FAILURE",
            cancelOrigClientOrderId="old",
            **REJECT_REASONS[reason],
        )
        assert answer["code"] == -2021, answer
        rejected = [report for report in await pit.reports() if report["x"] == "REJECTED"]
        assert [(report["X"], report["r"]) for report in rejected] == [("REJECTED", reason)]


async def test_a_pending_pair_whose_prices_no_longer_fit_is_rejected_as_a_list():
    async with opened(oto_allowed=True, oco_allowed=True) as pit:
        await pit.trade(100)
        await pit.ask(
            "orderList.place.otoco",
            **{name: value for name, value in WORKING.items() if name != "pendingType"},
            workingTimeInForce="GTC",
            pendingAboveType="LIMIT_MAKER",
            pendingAbovePrice="99",
            pendingBelowType="STOP_LOSS",
            pendingBelowStopPrice="95",
        )
        lists = await pit.list_statuses()
        assert [event["r"] for event in lists] == ["NONE"]
        await pit.place(BOB, "SELL", 90, "1")  # which fills it at 90: the stop price is above that
        assert [event["r"] for event in await pit.list_statuses()][-1] == "OCO_BAD_PRICES"
