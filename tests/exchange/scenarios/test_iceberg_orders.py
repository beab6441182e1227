"""Iceberg orders as their owner and everybody else see them. What is refused is in tests/conformance."""

import pytest

from pitwire.market.filters import IcebergParts
from tests.exchange.scenarios.conditional import opened

ICEBERG = {"side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": "10", "price": "100", "icebergQty": "4"}


async def test_the_owner_is_told_both_quantities_and_the_others_what_is_shown() -> None:
    async with opened() as pit:
        order_id = (await pit.answer(**ICEBERG))["orderId"]
        report = (await pit.reports())[0]
        assert (report["q"], report["F"], report["P"]) == ("10.00000000", "4.00000000", "0.00000000")
        depth = await pit.peer.call("depth", {"symbol": "BTCUSDT"})
        assert depth["result"]["asks"] == [["100.00000000", "4.00000000"]]
        status = await pit.status(order_id)
        assert (status["origQty"], status["icebergQty"], status["isWorking"]) == ("10.00000000", "4.00000000", True)
        canceled = await pit.ask("order.cancel", orderId=order_id)
        assert canceled["icebergQty"] == "4.00000000"
        assert "stopPrice" not in canceled


async def test_the_answer_has_the_iceberg_quantity_only_if_it_was_sent() -> None:
    async with opened() as pit:
        assert (await pit.answer(**ICEBERG))["icebergQty"] == "4.00000000"
        plain = {name: value for name, value in ICEBERG.items() if name != "icebergQty"}
        assert "icebergQty" not in await pit.answer(**plain)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"icebergQty": "10"}, "IcebergQty exceeds QTY."), ({"timeInForce": "IOC"}, "Unsupported order combination")],
)
async def test_an_iceberg_that_the_exchange_refuses(changes: dict[str, str], message: str) -> None:
    async with opened() as pit:
        assert await pit.answer(**ICEBERG | changes) == {"code": -2010, "msg": message}


async def test_exchange_info_says_what_orders_may_ask_for() -> None:
    async with opened(filters=(IcebergParts(limit=10),)) as pit:
        answer = await pit.peer.call("exchangeInfo", {"symbol": "BTCUSDT"})
        described = answer["result"]["symbols"][0]
        assert (described["icebergAllowed"], described["allowTrailingStop"]) == (True, True)
        assert described["filters"] == [{"filterType": "ICEBERG_PARTS", "limit": 10}]
