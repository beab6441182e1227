"""Stop orders as their owner sees them: which fields appear when, and which requests are refused."""

import pytest

from pitwire.exchange.gateway.refusal import Refusal
from pitwire.exchange.projections.replies import order_canceled, order_placed
from pitwire.market.enums import OrderResponseType
from tests.exchange.projections.trading import ALICE, BOB
from tests.exchange.scenarios.conditional import MS, Pit

STOP = {"side": "SELL", "type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "85"}


@pytest.fixture
def pit() -> Pit:
    pit = Pit()
    pit.trade(100)
    return pit


def test_the_fields_of_a_stop_order_while_it_waits(pit: Pit) -> None:
    placed = pit.ask(**STOP, stopPrice="90")
    answer = order_placed(placed, OrderResponseType.RESULT, MS)
    assert (answer["stopPrice"], answer["workingTime"], answer["status"]) == ("90.00000000", -1, "NEW")
    assert not {"trailingDelta", "trailingTime"} & set(answer)
    status = pit.status(answer["orderId"])
    assert (status["stopPrice"], status["icebergQty"], status["isWorking"]) == ("90.00000000", "0.00000000", False)
    assert status["workingTime"] == -1
    report = pit.told(placed)[0]
    assert (report["x"], report["X"], report["P"], report["w"]) == ("NEW", "NEW", "90.00000000", False)
    assert not {"W", "d", "D"} & set(report)
    canceled = order_canceled(pit.cancel(ALICE, answer["orderId"]), MS)
    assert (canceled["stopPrice"], canceled["status"]) == ("90.00000000", "CANCELED")
    assert "trailingDelta" not in canceled


def test_the_fields_of_a_trailing_stop_order(pit: Pit) -> None:
    placed = pit.ask(**STOP, trailingDelta=250)
    answer = order_placed(placed, OrderResponseType.RESULT, MS)
    started = placed.record.time_us // 1000
    assert (answer["stopPrice"], answer["trailingDelta"], answer["trailingTime"]) == ("0.00000000", 250, started)
    report = pit.told(placed)[0]
    assert (report["P"], report["d"], report["D"]) == ("0.00000000", 250, started)
    waiting = pit.ask(**STOP, trailingDelta=250, stopPrice="90")
    assert pit.told(waiting)[0]["D"] == -1
    assert order_placed(waiting, OrderResponseType.RESULT, MS)["trailingTime"] == -1
    outcome = pit.trade(90)
    assert pit.told(outcome)[0]["i"] == answer["orderId"]  # the other one only starts to track, which is no report
    assert pit.status(answer["orderId"] + 1)["trailingTime"] == outcome.record.time_us // 1000


def test_an_order_that_cannot_pay_when_triggered_expires_as_rejected(pit: Pit) -> None:
    order_id = pit.ask(side="BUY", type="STOP_LOSS", quantity="100", stopPrice="110").events[0].order.order_id
    pit.place(BOB, "SELL", 110, "0.01")
    pit.place(BOB, "SELL", 50_000, 100)
    outcome = pit.place(3, "BUY", 110, "0.01")
    report = pit.told(outcome)[0]
    assert (report["x"], report["X"], report["eR"], report["w"]) == ("EXPIRED", "EXPIRED", "REJECTED", False)
    status = pit.status(order_id)
    assert (status["status"], status["expiryReason"]) == ("EXPIRED", "REJECTED")


def test_a_triggered_market_order_without_liquidity_says_so(pit: Pit) -> None:
    order_id = pit.ask(side="BUY", type="STOP_LOSS", quantity="1", stopPrice="110").events[0].order.order_id
    reports = pit.told(pit.trade(110))
    assert [(report["x"], report["X"]) for report in reports] == [("NEW", "NEW"), ("EXPIRED", "EXPIRED")]
    assert reports[1]["eR"] == pit.status(order_id)["expiryReason"] == "INSUFFICIENT_LIQUIDITY"


def test_the_answer_to_an_order_stops_where_the_orders_begin_that_it_triggers(pit: Pit) -> None:
    """Alice's stop sells to the rest of Bob's order, in Bob's own command, but not in Bob's answer."""
    pit.ask(side="SELL", type="STOP_LOSS", quantity="1", stopPrice="90")
    pit.place(3, "SELL", 90, "0.01")
    answer = order_placed(pit.place(BOB, "BUY", 90, "5"), OrderResponseType.FULL, MS)
    assert (answer["executedQty"], len(answer["fills"])) == ("0.01000000", 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!"),
        ({"type": "LIMIT", "stopPrice": "90"}, "Parameter 'stopPrice' sent when not required."),
        ({"type": "LIMIT", "trailingDelta": 9}, "Parameter 'trailingDelta' sent when not required."),
        ({"type": "STOP_LOSS", "stopPrice": "90"}, "Parameter 'timeInForce' sent when not required."),
        (
            {"type": "TAKE_PROFIT", "stopPrice": "90", "timeInForce": None},
            "Parameter 'price' sent when not required.",
        ),
        ({"stopPrice": "90", "quoteOrderQty": "9"}, "Parameter 'quoteOrderQty' sent when not required."),
        ({"stopPrice": "0"}, "Filter failure: PRICE_FILTER"),
        ({"trailingDelta": 0}, "Filter failure: TRAILING_DELTA"),
        ({"trailingDelta": 10_000}, "Filter failure: TRAILING_DELTA"),
    ],
)
def test_a_request_that_is_refused(pit: Pit, changes, message) -> None:
    params = {name: value for name, value in {**STOP, **changes}.items() if value is not None}
    with pytest.raises(Refusal) as refused:
        pit.ask(**params)
    assert refused.value.error.msg == message


@pytest.mark.parametrize("name", ["quantity", "price", "timeInForce"])
def test_what_a_stop_limit_order_must_have(pit: Pit, name: str) -> None:
    params = {key: value for key, value in {**STOP, "stopPrice": "90"}.items() if key != name}
    with pytest.raises(Refusal, match=f"'{name}'"):
        pit.ask(**params)


def test_a_trail_on_a_symbol_that_has_none(pit: Pit) -> None:
    with pytest.raises(Refusal, match="Trailing stop orders are not supported"):
        Pit(trailing_stop_allowed=False).ask(**STOP, trailingDelta=100)
