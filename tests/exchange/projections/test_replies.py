"""Replies to orders and cancels: their fields beside the documented examples, and their values."""

import pytest

from pitwire.exchange.projections.replies import order_amended, order_canceled, order_placed, orders_canceled, rejection
from pitwire.market.enums import OrderResponseType, TimeUnit
from pitwire.market.rejects import Reject
from tests.exchange.projections import examples
from tests.exchange.projections.trading import ALICE, BOB, Floor

MS = TimeUnit.MILLISECOND
ACK, RESULT, FULL = OrderResponseType.ACK, OrderResponseType.RESULT, OrderResponseType.FULL
CONDITIONAL_IN_CANCEL = {"stopPrice", "trailingDelta", "trailingTime", "icebergQty", "strategyId", "strategyType"}


@pytest.fixture
def floor():
    return Floor()


@pytest.mark.parametrize(("response_type", "example"), [(ACK, 0), (RESULT, 1)])
def test_a_placed_order_has_the_documented_fields_in_the_documented_order(floor, response_type, example):
    outcome = floor.place(ALICE, "SELL", 23416, "0.00847")
    assert list(order_placed(outcome, response_type, MS)) == list(examples.results("order.place")[example])


def test_a_full_reply_is_a_result_reply_and_its_fills(floor):
    floor.place(BOB, "BUY", 23416, "0.00635")
    outcome = floor.place(ALICE, "SELL", 23416, "0.00847")
    full = order_placed(outcome, FULL, MS)
    assert full.keys() == examples.results("order.place")[2].keys() | {"selfTradePreventionMode"}
    assert full["fills"][0].keys() == examples.results("order.place")[2]["fills"][0].keys()
    fills = full.pop("fills")
    assert full == order_placed(outcome, RESULT, MS)
    assert fills == [
        {
            "price": "23416.00000000",
            "qty": "0.00635000",
            "commission": "0.14869160",
            "commissionAsset": "USDT",
            "tradeId": 1,
        }
    ]


def test_a_resting_order_is_answered_as_new(floor):
    sent_us = floor.now_us
    assert order_placed(floor.place(ALICE, "BUY", "100.5", "2", "mine"), FULL, TimeUnit.MICROSECOND) == {
        "symbol": "BTCUSDT",
        "orderId": 1,
        "orderListId": -1,
        "clientOrderId": "mine",
        "transactTime": sent_us,
        "price": "100.50000000",
        "origQty": "2.00000000",
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "NEW",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "workingTime": sent_us,
        "fills": [],
        "selfTradePreventionMode": "NONE",
    }


def test_times_are_milliseconds_rounded_down_unless_microseconds_are_asked_for(floor):
    sent_us = floor.now_us
    outcome = floor.place(ALICE, "BUY", 100, 1)
    assert sent_us % 1000
    assert order_placed(outcome, ACK, MS)["transactTime"] == sent_us // 1000
    assert order_placed(outcome, ACK, TimeUnit.MICROSECOND)["transactTime"] == sent_us


def test_fills_are_those_of_the_placed_order_in_the_order_of_matching(floor):
    floor.place(BOB, "SELL", 100, 1)
    floor.place(ALICE, "SELL", 101, 1)
    placed = order_placed(floor.place(ALICE, "BUY", 102, 3), FULL, MS)
    assert [(fill["price"], fill["qty"], fill["commissionAsset"]) for fill in placed["fills"]] == [
        ("100.00000000", "1.00000000", "BTC"),
        ("101.00000000", "1.00000000", "BTC"),
    ]
    assert (placed["status"], placed["executedQty"], placed["cummulativeQuoteQty"]) == (
        "PARTIALLY_FILLED",
        "2.00000000",
        "201.00000000",
    )


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"tif": "IOC", "price": 100, "quantity": 3}, "UNFILLED_IOC_QUANTITY_EXPIRED"),
        ({"tif": "FOK", "price": 100, "quantity": 3}, "UNFILLED_FOK_ORDER_EXPIRED"),
        ({"kind": "MARKET", "quantity": 3}, "INSUFFICIENT_LIQUIDITY"),
        ({"kind": "MARKET", "quote_quantity": 500}, "INSUFFICIENT_LIQUIDITY"),
    ],
)
def test_an_expired_order_says_why(floor, order, reason):
    floor.place(BOB, "SELL", 100, 1)
    outcome = floor.place(ALICE, "BUY", **order)
    for response_type in (RESULT, FULL):
        placed = order_placed(outcome, response_type, MS)
        assert (placed["status"], placed["expiryReason"]) == ("EXPIRED", reason)
    assert "expiryReason" not in order_placed(outcome, ACK, MS)


def test_strategy_fields_appear_only_where_they_were_sent(floor):
    plain = order_placed(floor.place(ALICE, "BUY", 100, 1), FULL, MS)
    assert not {"strategyId", "strategyType"} & plain.keys()
    labelled = order_placed(floor.place(ALICE, "BUY", 100, 1, strategy=(0, 1_000_000)), FULL, MS)
    assert (labelled["strategyId"], labelled["strategyType"]) == (0, 1_000_000)


def test_a_quote_quantity_is_kept_in_the_reply(floor):
    floor.place(BOB, "SELL", 100, 5)
    placed = order_placed(floor.place(ALICE, "BUY", kind="MARKET", quote_quantity="150"), FULL, MS)
    assert (placed["price"], placed["origQty"], placed["origQuoteOrderQty"]) == (
        "0.00000000",
        "1.50000000",
        "150.00000000",
    )


def test_a_cancel_has_the_documented_fields_in_the_documented_order(floor):
    floor.place(ALICE, "SELL", 23416, "0.00847")
    canceled = order_canceled(floor.cancel(ALICE, 1), MS)
    example = examples.results("order.cancel")[0]
    assert list(canceled) == [name for name in example if name not in CONDITIONAL_IN_CANCEL]


def test_a_cancel_gives_its_own_id_and_the_id_of_the_order(floor):
    floor.place(ALICE, "SELL", 100, 3, "mine", strategy=(5, 1_000_001))
    floor.place(BOB, "BUY", 100, 1)
    sent_us = floor.now_us
    canceled = order_canceled(floor.cancel(ALICE, 1, "the-cancel"), MS)
    assert (canceled["origClientOrderId"], canceled["clientOrderId"]) == ("mine", "the-cancel")
    assert canceled["transactTime"] == sent_us // 1000
    assert (canceled["status"], canceled["executedQty"], canceled["cummulativeQuoteQty"]) == (
        "CANCELED",
        "1.00000000",
        "100.00000000",
    )
    assert (canceled["strategyId"], canceled["strategyType"]) == (5, 1_000_001)


def test_cancelling_all_lists_every_order_of_that_account_and_no_other(floor):
    floor.place(ALICE, "BUY", 99, 1, "first")
    floor.place(BOB, "BUY", 99, 1)
    floor.place(ALICE, "SELL", 101, 1, "second")
    canceled = orders_canceled(floor.cancel_all(ALICE, "away"), MS)
    assert [(each["origClientOrderId"], each["clientOrderId"]) for each in canceled] == [
        ("first", "away"),
        ("second", "away"),
    ]


def test_a_refusal_is_told_apart_from_everything_that_was_carried_out(floor):
    refused = rejection(floor.cancel(ALICE, 99))
    assert refused is not None
    assert refused.reason is Reject.UNKNOWN_ORDER
    assert rejection(floor.place(ALICE, "BUY", 100, 1)) is None
    assert rejection(floor.cancel(ALICE, 1)) is None


def test_an_amended_order_is_answered_with_the_documented_fields_and_its_new_quantity(floor):
    sent_ms = floor.now_us // 1000
    floor.place(ALICE, "BUY", 100, 5, "mine", strategy=(7, 1_000_000))
    floor.place(BOB, "SELL", 100, 1)
    outcome = floor.amend(ALICE, 1, 3, "reduced")
    answer = order_amended(outcome, MS)
    example = examples.results("order.amend.keepPriority")[0]
    assert list(answer) == list(example)
    assert [name for name in answer["amendedOrder"] if name not in ("strategyId", "strategyType")] == list(
        example["amendedOrder"]
    )
    assert answer == {
        "transactTime": outcome.record.time_us // 1000,
        "executionId": 5,
        "amendedOrder": {
            "symbol": "BTCUSDT",
            "orderId": 1,
            "orderListId": -1,
            "origClientOrderId": "mine",
            "clientOrderId": "reduced",
            "price": "100.00000000",
            "qty": "3.00000000",
            "executedQty": "1.00000000",
            "preventedQty": "0.00000000",
            "quoteOrderQty": "0.00000000",
            "cumulativeQuoteQty": "100.00000000",
            "status": "PARTIALLY_FILLED",
            "timeInForce": "GTC",
            "type": "LIMIT",
            "side": "BUY",
            "strategyId": 7,
            "strategyType": 1_000_000,
            "workingTime": sent_ms,
            "selfTradePreventionMode": "NONE",
        },
    }
