"""The worked examples of faqs/trailing-stop-faq.md, scenarios A to E, to the last digit."""

import pytest

from tests.exchange.scenarios.conditional import opened

# What is placed; the prices of the trades that leave the order waiting, with what `trailingTime` is after each stretch;
# the last price that does not trigger it; the price that does.
SCENARIOS = {
    "A": (
        {"side": "BUY", "type": "STOP_LOSS_LIMIT", "stopPrice": "44000", "trailingDelta": 500, "price": "45000"},
        [(False, (39_000, 38_000, 37_000)), (True, (40_000, 42_000, 44_000, 45_000)), (True, (45_500, 46_000))],
        (44_000, 43_000, 42_000, "44099.99"),
        44_100,
    ),
    "B": (
        {"side": "SELL", "type": "STOP_LOSS_LIMIT", "stopPrice": "39000", "trailingDelta": 1000, "price": "38000"},
        [(False, (40_500, 41_500)), (True, (40_000, 39_000)), (True, (38_000, 37_000))],
        (39_000, 41_000, 38_500, "36900.01"),
        36_900,
    ),
    "C": (
        {"side": "BUY", "type": "TAKE_PROFIT_LIMIT", "stopPrice": "38000", "trailingDelta": 850, "price": "38500"},
        [(False, (41_000, 42_000)), (True, (40_000, 38_000, 37_000)), (True, (38_000, 39_000))],
        (38_500, 38_000, 39_000, "40144.99"),
        40_145,
    ),
    "D": (
        {"side": "SELL", "type": "TAKE_PROFIT_LIMIT", "stopPrice": "42000", "trailingDelta": 750, "price": "41000"},
        [(False, (41_000, 41_500)), (False, (40_000, 39_000)), (True, (42_000, 45_000)), (True, (44_500, 44_000))],
        (45_000, 46_500, 45_000, "43012.51"),
        "43012.5",
    ),
    "E": (
        {"side": "SELL", "type": "STOP_LOSS_LIMIT", "trailingDelta": 700, "price": "39000"},
        [(True, (41_000, 42_000)), (True, (41_000, 39_500)), (True, (42_000, 45_500))],
        (44_000, "42315.01"),
        42_315,
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_scenario(name: str) -> None:
    asked, stretches, last, triggering = SCENARIOS[name]
    async with opened() as pit:
        await pit.trade(40_000)
        answer = await pit.answer(**asked, timeInForce="GTC", quantity="0.01")
        assert answer["status"] == "NEW"
        assert answer["workingTime"] == -1
        assert answer["trailingDelta"] == asked["trailingDelta"]
        order_id = answer["orderId"]
        for tracks, prices in stretches:
            await pit.walk(*prices)
            status = await pit.status(order_id)
            assert (status["trailingTime"] != -1, status["isWorking"]) == (tracks, False)
        await pit.walk(*last)
        assert not (await pit.status(order_id))["isWorking"]
        assert [report["x"] for report in await pit.reports()] == ["NEW"]
        triggered_ms = await pit.trade(triggering)
        status = await pit.status(order_id)
        assert status["isWorking"]
        assert status["workingTime"] == triggered_ms
        report = (await pit.reports())[0]
        assert (report["x"], report["X"], report["w"], report["W"]) == ("NEW", "NEW", True, triggered_ms)
        assert (report["d"], report["D"]) == (asked["trailingDelta"], status["trailingTime"])


async def test_the_trade_that_meets_the_stop_price_sets_the_best_price() -> None:
    async with opened() as pit:
        await pit.trade(40_000)
        order = await pit.answer(side="BUY", type="STOP_LOSS", stopPrice="44000", trailingDelta=500, quantity="0.01")
        await pit.trade(44_800)  # beyond the stop price: 5 % of it are 47,040
        await pit.walk(46_200, "47039.99")
        assert (await pit.status(order["orderId"]))["isWorking"] is False
        await pit.trade(47_040)
        # Triggered, it found nobody to buy from: a market order lapses.
        assert [report["x"] for report in (await pit.reports())[1:]] == ["NEW", "EXPIRED"]


@pytest.mark.parametrize(
    ("kind", "side", "stop_price", "right"),
    [
        (kind, side, stop_price, right)
        for kinds, side, low_is_right in (
            (("STOP_LOSS", "STOP_LOSS_LIMIT"), "SELL", True),
            (("TAKE_PROFIT", "TAKE_PROFIT_LIMIT"), "BUY", True),
            (("STOP_LOSS", "STOP_LOSS_LIMIT"), "BUY", False),
            (("TAKE_PROFIT", "TAKE_PROFIT_LIMIT"), "SELL", False),
        )
        for kind in kinds
        for stop_price, right in (
            ("39999.99", low_is_right),
            ("40000", False),
            ("40000.01", not low_is_right),
        )
    ],
)
@pytest.mark.parametrize("trailing", [{}, {"trailingDelta": 100}])
async def test_a_stop_price_must_lie_on_its_side_of_the_market(kind, side, stop_price, right, trailing) -> None:
    limit = {"price": "40000", "timeInForce": "GTC"} if kind.endswith("LIMIT") else {}
    async with opened() as pit:
        await pit.trade(40_000)
        answer = await pit.answer(side=side, type=kind, stopPrice=stop_price, quantity="0.01", **limit, **trailing)
    if right:
        assert answer["stopPrice"] == f"{stop_price}000000"
    else:
        assert answer == {"code": -2010, "msg": "Order would trigger immediately."}
