"""Iceberg orders as their owner and everybody else see them."""

import pytest

from pitwire.exchange.gateway.refusal import Refusal
from pitwire.exchange.projections.replies import order_canceled
from pitwire.market.filters import IcebergParts
from tests.exchange.projections.trading import ALICE, rules
from tests.exchange.scenarios.conditional import MS, Pit

ICEBERG = {"side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": "10", "price": "100", "icebergQty": "4"}


def test_the_owner_is_told_both_quantities_and_the_others_what_is_shown() -> None:
    pit = Pit()
    placed = pit.ask(**ICEBERG)
    report = pit.told(placed)[0]
    assert (report["q"], report["F"], report["P"]) == ("10.00000000", "4.00000000", "0.00000000")
    assert pit.projections.market.depth("BTCUSDT", 5)["asks"] == [("100.00000000", "4.00000000")]
    status = pit.status(1)
    assert (status["origQty"], status["icebergQty"], status["isWorking"]) == ("10.00000000", "4.00000000", True)
    canceled = order_canceled(pit.cancel(ALICE, 1), MS)
    assert canceled["icebergQty"] == "4.00000000"
    assert "stopPrice" not in canceled


def test_the_answer_has_the_iceberg_quantity_only_if_it_was_sent() -> None:
    pit = Pit()
    assert pit.answer(**ICEBERG)["icebergQty"] == "4.00000000"
    assert "icebergQty" not in pit.answer(**{name: ICEBERG[name] for name in ICEBERG if name != "icebergQty"})


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"icebergQty": "10"}, -2010, "IcebergQty exceeds QTY."),
        ({"timeInForce": "IOC"}, -2010, "Unsupported order combination"),
        ({"icebergQty": "0.999"}, -1013, "Filter failure: ICEBERG_PARTS"),
        ({"icebergQty": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
    ],
)
def test_an_iceberg_that_the_exchange_refuses(changes, code, message) -> None:
    pit = Pit(filters=(*rules().filters, IcebergParts(limit=10)))
    assert pit.answer(**ICEBERG | changes) == {"code": code, "msg": message}


def test_no_iceberg_of_nothing_and_none_where_the_symbol_has_none() -> None:
    with pytest.raises(Refusal, match="LOT_SIZE"):
        Pit().ask(**ICEBERG | {"icebergQty": "0"})
    with pytest.raises(Refusal, match="Iceberg orders are not supported"):
        Pit(iceberg_allowed=False).ask(**ICEBERG)


def test_exchange_info_says_what_orders_may_ask_for() -> None:
    pit = Pit(filters=(IcebergParts(limit=10),))
    described = pit.projections.symbols.exchange_info([], 0, MS)["symbols"][0]
    assert (described["icebergAllowed"], described["allowTrailingStop"]) == (True, True)
    assert described["filters"] == [{"filterType": "ICEBERG_PARTS", "limit": 10}]
