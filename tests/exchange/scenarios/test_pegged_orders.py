"""faqs/pegged_orders.md: the example answer, and which fields a pegged order shows when."""

import json

import pytest

from pitwire.exchange.gateway.refusal import Refusal
from pitwire.exchange.projections.replies import order_placed
from pitwire.market.enums import OrderResponseType
from tests.exchange.projections.trading import BOB
from tests.exchange.scenarios.conditional import MS, Pit

PEGGED = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "pegPriceType": "PRIMARY_PEG"}


@pytest.fixture
def pit() -> Pit:
    pit = Pit(filters=())
    pit.place(BOB, "BUY", "0.04", "1")
    pit.place(BOB, "BUY", "0.03", "1")
    pit.place(BOB, "SELL", "0.05", "1")
    return pit


def test_the_answer_of_the_faq(pit: Pit) -> None:
    placed = pit.ask(**PEGGED)
    time = placed.record.time_us // 1000
    assert json.loads(json.dumps(order_placed(placed, OrderResponseType.FULL, MS))) == {
        "symbol": "BTCUSDT",
        "orderId": 4,
        "orderListId": -1,
        "clientOrderId": placed.record.command.client_order_id,
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


def test_an_offset_shows_if_it_was_asked_for(pit: Pit) -> None:
    asked = PEGGED | {"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 1, "price": "0.02"}
    placed = pit.ask(**asked)
    report = pit.told(placed)[0]
    assert (report["p"], report["gP"], report["gOT"], report["gOV"], report["gp"]) == (
        "0.02000000",
        "PRIMARY_PEG",
        "PRICE_LEVEL",
        1,
        "0.03000000",
    )
    status = pit.status(4)
    assert (status["price"], status["peggedPrice"], status["pegOffsetValue"]) == ("0.02000000", "0.03000000", 1)
    plain = pit.told(pit.ask(**PEGGED))[0]
    assert not {"gOT", "gOV"} & set(plain)


def test_a_stop_limit_order_has_a_pegged_price_once_it_is_triggered(pit: Pit) -> None:
    pit.place(3, "BUY", "0.05", "0.5")
    asked = {"side": "SELL", "type": "STOP_LOSS_LIMIT", "stopPrice": "0.04", "pegPriceType": "MARKET_PEG"}
    placed = pit.ask(**PEGGED | asked)
    report = pit.told(placed)[0]
    assert (report["gP"], report["P"], report["w"], "gp" in report) == ("MARKET_PEG", "0.04000000", False, False)
    order_id = report["i"]
    assert "peggedPrice" not in pit.status(order_id)
    outcome = pit.place(3, "SELL", "0.04", "0.4")
    first, second, *_ = pit.told(outcome)
    assert (first["x"], first["w"], first["gp"], second["x"]) == ("NEW", True, "0.04000000", "TRADE")
    assert pit.status(order_id)["peggedPrice"] == "0.04000000"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"type": "LIMIT_MAKER", "pegPriceType": "MARKET_PEG", "timeInForce": None}, -2010, "This price peg cannot be"),
        ({"type": "MARKET", "timeInForce": None}, -2010, "This order type may not use pegged price."),
        ({"type": "STOP_LOSS", "timeInForce": None, "stopPrice": "1"}, -2010, "This order type may not use pegged"),
        ({"timeInForce": "IOC"}, -2010, "Unsupported order combination"),
        (
            {"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 2},
            -2010,
            "Order book liquidity is too low for this pegged order.",
        ),
    ],
)
def test_a_peg_that_the_exchange_refuses(pit: Pit, changes, code, message) -> None:
    params = {name: value for name, value in {**PEGGED, **changes}.items() if value is not None}
    answer = pit.answer(**params)
    assert answer["code"] == code
    assert answer["msg"].startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pegOffsetValue": 1}, "'pegOffsetType' and 'pegOffsetValue' must both be sent"),
        ({"pegOffsetType": "PRICE_LEVEL"}, "'pegOffsetType' and 'pegOffsetValue' must both be sent"),
        ({"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 1, "pegPriceType": None, "price": "1"}, "'pegPriceType'"),
        ({"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 101}, "pegOffsetValue"),
        ({"pegPriceType": None}, "'price'"),
    ],
)
def test_a_request_that_is_refused(pit: Pit, changes, message) -> None:
    params = {name: value for name, value in {**PEGGED, **changes}.items() if value is not None}
    with pytest.raises(Refusal) as refused:
        pit.ask(**params)
    assert message in refused.value.error.msg


def test_a_symbol_without_pegs_says_so() -> None:
    with pytest.raises(Refusal, match="Pegged orders are not supported"):
        Pit(peg_instructions_allowed=False).ask(**PEGGED)
