"""Amending: less of an order, in its old place; everything that speaks against it; another client order id."""

from typing import Any

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import AmendOrder, Event, OrderAmended, OrderCanceled
from pitwire.market.enums import SymbolStatus
from pitwire.market.filters import LotSize, MaxNumOrderAmends, Notional
from pitwire.market.numbers import Amount, Quantity
from tests.exchange.engine.venues import ALICE, BOB, Floor, reason, said, units


def amend(floor: Floor, account: int, quantity: str, new_id: str = "amended", **which: Any) -> tuple[Event, ...]:
    return floor.tell(
        AmendOrder(
            account=account,
            symbol="BTCUSDT",
            new_client_order_id=new_id,
            quantity=Quantity(units(quantity)),
            **which,
        )
    )


@pytest.mark.parametrize(
    "which", [{"order_id": 1}, {"client_order_id": "mine"}, {"order_id": 1, "client_order_id": "mine"}]
)
def test_an_order_is_reduced_and_what_it_had_locked_for_the_difference_is_free(which: dict[str, Any]) -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "5.5", "100", id="mine")
    assert said(amend(floor, ALICE, "5", **which)) == [
        "OrderAmended #1 NEW 0/5",
        "LevelChanged BUY 100 = 5",
        "PositionChanged 1: BTC 1000000 + 0, USDT 999500 + 500",
    ]


def test_an_amended_order_keeps_its_place_in_the_queue() -> None:
    floor = Floor().open()
    for account, quantity in ((BOB, "1"), (ALICE, "5.5"), (BOB, "4")):
        floor.place(account, "SELL", quantity, "100")
    assert "LevelChanged SELL 100 = 10" in said(amend(floor, ALICE, "5", order_id=2))
    trades = [line for line in said(floor.place(BOB, "BUY", "7", "100")) if " maker " in line]
    assert [line.split(" fee ")[0] for line in trades] == [
        "OrderTraded #1 maker FILLED 1 at 100",
        "OrderTraded #2 maker FILLED 5 at 100",
        "OrderTraded #3 maker PARTIALLY_FILLED 1 at 100",
    ]


def test_a_partly_filled_order_may_be_reduced_to_anything_above_what_it_has_traded() -> None:
    floor = Floor().open(maker_rate="0")
    floor.place(ALICE, "SELL", "3", "100", id="mine")
    floor.place(BOB, "BUY", "1", "100")
    assert reason(amend(floor, ALICE, "0.5", order_id=1)) == "ZERO_NOTIONAL"
    assert reason(amend(floor, ALICE, "1", order_id=1)) == "ZERO_NOTIONAL"
    assert said(amend(floor, ALICE, "1.5", order_id=1)) == [
        "OrderAmended #1 PARTIALLY_FILLED 1/1.5",
        "LevelChanged SELL 100 = 0.5",
        "PositionChanged 1: BTC 999998.5 + 0.5, USDT 1000100 + 0",
    ]
    assert "OrderTraded #1 maker FILLED 0.5 at 100 fee 0 USDT" in said(floor.place(BOB, "BUY", "2", "100"))


def test_the_event_carries_what_the_order_was_before() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "2", "100", id="mine")
    event = amend(floor, ALICE, "1", "other", order_id=1)[0]
    assert isinstance(event, OrderAmended)
    assert (event.previous_client_order_id, event.previous_quantity) == ("mine", units("2"))
    assert (event.order.client_order_id, event.order.quantity) == ("other", units("1"))
    assert event.execution_id == 2
    placed_us = floor.time_us - 1_000_000
    assert (event.order.created_us, event.order.working_us, event.order.updated_us) == (
        placed_us,
        placed_us,
        floor.time_us,
    )


def test_the_new_client_order_id_names_the_order_and_the_old_one_is_free_again() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "2", "100", id="old")
    amend(floor, ALICE, "1", "new", client_order_id="old")
    assert reason(floor.cancel(ALICE, client_order_id="old")) == "UNKNOWN_ORDER"
    assert reason(floor.place(ALICE, "BUY", "1", "100", id="new")) == "DUPLICATE_ORDER"
    assert reason(floor.place(ALICE, "BUY", "1", "100", id="old")) == "accepted"
    assert reason(floor.cancel(ALICE, client_order_id="new", order_id=1)) == "accepted"


def test_an_order_may_keep_its_client_order_id_but_not_take_that_of_another() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "2", "100", id="mine")
    floor.place(ALICE, "BUY", "2", "100", id="other")
    floor.place(BOB, "BUY", "2", "100", id="bob's")
    assert reason(amend(floor, ALICE, "1", "other", order_id=1)) == "DUPLICATE_ORDER"
    assert reason(amend(floor, ALICE, "1", "mine", order_id=1)) == "accepted"
    assert reason(amend(floor, ALICE, "0.5", "bob's", order_id=1)) == "accepted"


def test_another_client_order_id_does_not_make_an_order_younger() -> None:
    floor = Floor().open()
    for name in ("first", "second", "third"):
        floor.place(ALICE, "BUY", "2", "100", id=name)
    amend(floor, ALICE, "1", "later", client_order_id="first")
    restored = Floor(Engine.restore(floor.engine.snapshot()))
    for each in (floor, restored):
        canceled = [event.order.order_id for event in each.cancel_all(ALICE) if isinstance(event, OrderCanceled)]
        assert canceled == [1, 2, 3]


FILTERS = (
    LotSize(min_quantity=Quantity(units("0.1")), max_quantity=Quantity(0), step_size=Quantity(units("0.1"))),
    Notional(
        min_notional=Amount(units("20")),
        apply_min_to_market=True,
        max_notional=Amount(units("100000")),
        apply_max_to_market=True,
        average_price_minutes=0,
    ),
)


@pytest.mark.parametrize(
    ("quantity", "why"),
    [
        ("2.1", "QUANTITY_INCREASE"),
        ("2", "NO_CHANGE"),
        ("1.95", "FILTER_FAILURE: LOT_SIZE"),
        ("0.05", "FILTER_FAILURE: LOT_SIZE"),
        ("0.1", "FILTER_FAILURE: NOTIONAL"),
        ("0.2", "accepted"),
    ],
)
def test_the_new_quantity_must_be_less_and_pass_the_filters(quantity: str, why: str) -> None:
    floor = Floor().open(filters=FILTERS)
    floor.place(ALICE, "BUY", "2", "100", id="mine")
    assert reason(amend(floor, ALICE, quantity, order_id=1)) == why


@pytest.mark.parametrize(
    "which",
    [
        {"order_id": 7},
        {"client_order_id": "bob's"},
        {"order_id": 2},
        {"order_id": 1, "client_order_id": "bob's"},
        {},
    ],
)
def test_ids_that_name_no_open_order_of_the_account_amend_nothing(which: dict[str, Any]) -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "2", "100", id="mine")
    floor.place(BOB, "BUY", "2", "100", id="bob's")
    assert reason(amend(floor, ALICE, "1", **which)) == "UNKNOWN_ORDER"


def test_an_order_may_be_amended_so_many_times_also_across_a_restore() -> None:
    floor = Floor().open(filters=(MaxNumOrderAmends(max_num_order_amends=2),))
    floor.place(ALICE, "BUY", "5", "100", id="mine")
    floor.place(ALICE, "BUY", "5", "100", id="other")
    assert reason(amend(floor, ALICE, "4", "mine", order_id=1)) == "accepted"
    restored = Floor(Engine.restore(floor.engine.snapshot()))
    restored.time_us = floor.time_us
    for each in (floor, restored):
        assert reason(amend(each, ALICE, "3", "mine", order_id=1)) == "accepted"
        assert reason(amend(each, ALICE, "2", "mine", order_id=1)) == "TOO_MANY_AMENDMENTS"
        assert reason(amend(each, ALICE, "2", "other", order_id=2)) == "accepted"
    assert restored.engine.snapshot() == floor.engine.snapshot()


@pytest.mark.parametrize(
    ("rules", "why"),
    [({"amend_allowed": False}, "AMEND_NOT_ALLOWED"), ({"status": SymbolStatus.HALT}, "MARKET_CLOSED")],
)
def test_the_symbol_must_allow_it_and_be_traded(rules: dict[str, Any], why: str) -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "5", "100", id="mine")
    floor.open(accounts=(), **rules)
    assert reason(amend(floor, ALICE, "4", order_id=1)) == why


def test_an_amendment_names_the_symbol_and_the_account_that_it_does_not_find() -> None:
    floor = Floor().open()
    assert reason(amend(floor, 9, "1", order_id=1)) == "UNKNOWN_ACCOUNT"
    unknown = AmendOrder(
        account=ALICE, symbol="NOSUCH", new_client_order_id="n", quantity=Quantity(units("1")), order_id=1
    )
    assert reason(floor.tell(unknown)) == "UNKNOWN_SYMBOL"
