"""Order lists while they are open: what is locked, cancelled, amended, and kept in a snapshot."""

from typing import Any

import msgspec
import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    CancelOrder,
    ListSymbol,
    OrderAmended,
    OrderListChanged,
    PlaceOrder,
    ReplaceOrder,
)
from pitwire.market.enums import CancelReplaceMode, CancelRestriction, OrderType, Side
from pitwire.market.filters import Notional
from pitwire.market.numbers import Amount, Price, Quantity
from tests.exchange.engine.listing import amend, cancel_list, heard, leg, locked, oco, opened, place, positions, trade
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, reason, said, units


def otoco(floor: Floor, **more: Any) -> Any:
    working = leg(floor, "BUY", "LIMIT", "95", id="working")
    stop_loss = leg(floor, "SELL", "STOP_LOSS", stop="90", id="stop")
    return place(floor, "OTO", working, stop_loss, leg(floor, "SELL", "LIMIT_MAKER", "110", id="limit"), **more)


# --- cancelled ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order_id", [3, 4])
def test_cancelling_an_order_of_a_pair_cancels_both(order_id: int) -> None:
    floor = opened()
    oco(floor, "BUY", "90", "110", "120")
    events = floor.cancel(ALICE, order_id=order_id)
    assert said(events) == [
        "OrderCanceled #3 CANCELED 0/1",
        "OrderCanceled #4 CANCELED 0/1",
        "LevelChanged BUY 90 = 0",
        "OrderListChanged 0 ALL_DONE",
        "PositionChanged 1: BTC 1000000 + 0, USDT 1000000 + 0",
    ]
    assert floor.engine.venue.waiting == 0
    assert not floor.engine.venue.accounts[ALICE].order_lists


@pytest.mark.parametrize("order_id", [3, 4, 5])
def test_cancelling_any_order_cancels_what_is_pending_too(order_id: int) -> None:
    floor = opened()
    otoco(floor)
    assert [line[:16] for line in heard(floor.cancel(ALICE, order_id=order_id))] == [
        "OrderCanceled #3",
        "OrderCanceled #4",
        "OrderCanceled #5",
        "OrderListChanged",
    ]
    assert locked(floor) == ("0", "0")
    assert not floor.engine.venue.markets["BTCUSDT"].orders


def test_only_what_is_open_of_a_list_is_cancelled() -> None:
    floor = opened()
    otoco(floor)
    floor.place(BOB, "SELL", "1", "95")
    floor.place(BOB, "BUY", "0.5", "110")
    assert heard(floor.cancel(ALICE, client_order_id="limit")) == [
        "OrderCanceled #5 CANCELED 0.5/1",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert locked(floor) == ("0", "0")


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"order_list_id": 0}, "accepted"),
        ({"list_client_order_id": "mine"}, "accepted"),
        ({"order_list_id": 0, "list_client_order_id": "mine"}, "accepted"),
        ({"order_list_id": 0, "list_client_order_id": "other"}, "UNKNOWN_ORDER"),
        ({"order_list_id": 1}, "UNKNOWN_ORDER"),
        ({"order_list_id": 1, "list_client_order_id": "mine"}, "UNKNOWN_ORDER"),
        ({"list_client_order_id": "other"}, "UNKNOWN_ORDER"),
        ({"order_list_id": 0, "account": BOB}, "UNKNOWN_ORDER"),
        ({"order_list_id": 0, "account": 9}, "UNKNOWN_ACCOUNT"),
        ({"order_list_id": 0, "symbol": "NONE"}, "UNKNOWN_SYMBOL"),
    ],
)
def test_a_list_is_cancelled_by_either_id_or_by_both(which: dict[str, Any], expected: str) -> None:
    floor = opened()
    otoco(floor, id="mine")
    assert reason(cancel_list(floor, **which)) == expected
    assert len(floor.engine.venue.order_lists) == (0 if expected == "accepted" else 1)


def test_a_list_of_another_symbol_is_not_cancelled() -> None:
    floor = opened()
    market = floor.engine.rules("BTCUSDT")
    assert market is not None
    floor.tell(ListSymbol(rules=msgspec.structs.replace(market, symbol="ANOTHER")))
    oco(floor)
    assert reason(cancel_list(floor, symbol="ANOTHER", order_list_id=0)) == "UNKNOWN_ORDER"


def test_cancelling_all_takes_orders_and_lists_by_age() -> None:
    floor = opened()
    floor.place(ALICE, "BUY", "1", "50")
    otoco(floor)
    floor.place(ALICE, "BUY", "1", "51")
    oco(floor, limit="120", stop="80")
    events = floor.cancel_all(ALICE)
    assert [line[:18].strip() for line in heard(events)] == [
        "OrderCanceled #3 C",
        "OrderCanceled #4 C",
        "OrderCanceled #5 C",
        "OrderCanceled #6 C",
        "OrderListChanged 0",
        "OrderCanceled #7 C",
        "OrderCanceled #8 C",
        "OrderCanceled #9 C",
        "OrderListChanged 1",
    ]
    assert positions(events) == [ALICE]
    assert locked(floor) == ("0", "0")


@pytest.mark.parametrize(
    ("restriction", "order_id", "traded", "expected"),
    [
        ("ONLY_NEW", 3, "0", "accepted"),
        ("ONLY_NEW", 4, "0", "CANCEL_RESTRICTED"),
        ("ONLY_NEW", 3, "0.5", "CANCEL_RESTRICTED"),
        ("ONLY_PARTIALLY_FILLED", 3, "0.5", "accepted"),
        ("ONLY_PARTIALLY_FILLED", 4, "0.5", "CANCEL_RESTRICTED"),
    ],
)
def test_a_pending_order_is_neither_new_nor_filled_in_part(
    restriction: str, order_id: int, traded: str, expected: str
) -> None:
    floor = opened()
    otoco(floor)
    if traded != "0":
        floor.place(BOB, "SELL", traded, "95")
    events = floor.cancel(ALICE, order_id=order_id, restriction=CancelRestriction(restriction))
    assert reason(events) == expected


def test_replacing_an_order_of_a_list_cancels_the_list() -> None:
    floor = opened()
    oco(floor)
    events = floor.tell(
        ReplaceOrder(
            cancel=CancelOrder(account=ALICE, symbol="BTCUSDT", cancel_id="gone", order_id=3),
            mode=CancelReplaceMode.STOP_ON_FAILURE,
            place=PlaceOrder(
                account=ALICE,
                symbol="BTCUSDT",
                side=Side.SELL,
                type=OrderType.LIMIT,
                client_order_id="new",
                price=Price(units("105")),
                quantity=Quantity(units("1000000")),
            ),
        )
    )
    assert [line[:18] for line in heard(events)] == [
        "OrderCanceled #3 C",
        "OrderCanceled #4 C",
        "OrderListChanged 0",
        "OrderOpened #5 NEW",
    ]
    assert positions(events) == [ALICE]


# --- amended ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("order_id", "other"), [(3, 4), (4, 3)])
def test_amending_an_order_of_a_pair_amends_both(order_id: int, other: int) -> None:
    floor = opened()
    oco(floor, "BUY", "90", "110", "120", quantity="2")
    assert locked(floor) == ("0", "240")
    events = amend(floor, order_id, "1.5", "new")
    assert heard(events) == [
        f"OrderAmended #{order_id} NEW 0/1.5",
        f"OrderAmended #{other} NEW 0/1.5",
        "OrderListChanged 0 UPDATED",
    ]
    assert locked(floor) == ("0", "180")
    assert "LevelChanged BUY 90 = 1.5" in said(events)
    assert heard(floor.place(BOB, "SELL", "1.5", "90"))[-1] == "OrderListChanged 0 ALL_DONE"
    assert locked(floor) == ("0", "0")


def test_an_amended_order_is_said_with_its_list_under_its_new_name() -> None:
    floor = opened()
    oco(floor)
    events = amend(floor, 4, "0.5", "new")
    amended, other = (event for event in events if isinstance(event, OrderAmended))
    assert amended.order_list is not None
    assert [order.client_order_id for order in amended.order_list.orders][1] == "new"
    assert other.previous_client_order_id == other.order.client_order_id
    (updated,) = (event for event in events if isinstance(event, OrderListChanged))
    assert updated.order_list.orders == amended.order_list.orders


def test_an_amendment_that_keeps_the_name_does_not_update_the_list() -> None:
    floor = opened()
    oco(floor)
    name = floor.engine.venue.markets["BTCUSDT"].orders[4].command.client_order_id
    assert not [event for event in amend(floor, 4, "0.5", name) if isinstance(event, OrderListChanged)]


def test_working_and_pending_orders_are_amended_each_for_itself() -> None:
    floor = opened()
    place(floor, "OTO", leg(floor, "BUY", "LIMIT", "95", id="working"), leg(floor, "SELL", "LIMIT", "105"))
    assert heard(amend(floor, 3, "0.8", "w")) == ["OrderAmended #3 NEW 0/0.8", "OrderListChanged 0 UPDATED"]
    assert locked(floor) == ("0", "76")
    assert heard(amend(floor, 4, "0.6", "p")) == ["OrderAmended #4 PENDING_NEW 0/0.6", "OrderListChanged 0 UPDATED"]
    assert locked(floor) == ("0", "76")
    assert heard(floor.place(BOB, "SELL", "0.8", "95"))[-1] == "OrderTriggered #4 NEW 0/0.6"
    assert locked(floor) == ("0.6", "0")


def test_a_pending_pair_is_amended_together_and_locks_nothing() -> None:
    floor = opened()
    otoco(floor)
    assert heard(amend(floor, 4, "0.5", "stop"))[:2] == [
        "OrderAmended #4 PENDING_NEW 0/0.5",
        "OrderAmended #5 PENDING_NEW 0/0.5",
    ]
    assert locked(floor) == ("0", "95")
    floor.place(BOB, "SELL", "1", "95")
    assert locked(floor) == ("0.5", "0")


def test_a_pending_order_that_has_no_quantity_yet_is_not_amended() -> None:
    floor = opened()
    working = leg(floor, "BUY", "LIMIT", "95", id="working")
    place(floor, "OTO", working, leg(floor, "SELL", "LIMIT", "105", quantity="0", id="p"), pays=True)
    assert reason(amend(floor, 4, "0.5", "p")) == "AMEND_PENDING_OPO"
    assert reason(amend(floor, 3, "0.5", "working")) == "accepted"
    floor.place(BOB, "SELL", "0.5", "95")
    assert reason(amend(floor, 4, "0.25", "p")) == "accepted"
    assert locked(floor) == ("0.25", "0")


def test_amending_the_working_order_leaves_locked_what_it_brought_in() -> None:
    floor = opened()
    working = leg(floor, "BUY", "LIMIT", "95", id="working")
    place(floor, "OTO", working, leg(floor, "SELL", "LIMIT", "105", quantity="0", id="p"), pays=True)
    floor.place(BOB, "SELL", "0.25", "95")
    amend(floor, 3, "0.5", "working")
    assert locked(floor) == ("0.25", "23.75")
    floor.place(BOB, "SELL", "0.25", "95")
    assert locked(floor) == ("0.5", "0")


def test_an_amendment_that_the_other_order_of_the_pair_could_not_bear_is_refused() -> None:
    notional = Notional(
        min_notional=Amount(units("100")),
        apply_min_to_market=False,
        max_notional=Amount(0),
        apply_max_to_market=False,
        average_price_minutes=0,
    )
    floor = opened(filters=(notional,))
    stop_loss = leg(floor, "SELL", "STOP_LOSS_LIMIT", "80", stop="90", quantity="2")
    place(floor, "OCO", stop_loss, leg(floor, "SELL", "LIMIT_MAKER", "110", quantity="2"))
    assert reason(amend(floor, 4, "1", "new")) == "FILTER_FAILURE: NOTIONAL"
    assert reason(amend(floor, 4, "1.25", "new")) == "accepted"


# --- kept ---------------------------------------------------------------------------------------------------------


def everything() -> Floor:
    """A list of every kind, in every phase, and orders between them."""
    floor = opened(maker_rate="0.001")
    floor.place(ALICE, "BUY", "1", "40", id="plain")
    oco(floor, "BUY", "60", "150", "160")
    otoco(floor)
    floor.place(BOB, "SELL", "1", "95")
    stop_loss = leg(floor, "SELL", "STOP_LOSS_LIMIT", "70", stop="80", id="s")
    place(floor, "OCO", stop_loss, leg(floor, "SELL", "TAKE_PROFIT", stop="140", id="t"))
    working = leg(floor, "BUY", "LIMIT", "94", id="w")
    place(floor, "OTO", working, leg(floor, "SELL", "LIMIT", "106", quantity="0", id="p"), pays=True)
    floor.place(BOB, "SELL", "0.4", "94")
    amend(floor, 11, "0.9", "t2")
    place(floor, "OTO", leg(floor, "BUY", "LIMIT", "93", id="x"), leg(floor, "SELL", "STOP_LOSS", delta=100, id="y"))
    return floor


def test_a_snapshot_keeps_lists_and_what_follows_is_the_same() -> None:
    floor = everything()
    payload = floor.engine.snapshot()
    restored = Floor(Engine.restore(payload))
    restored.sequence, restored.time_us = floor.sequence, floor.time_us
    assert restored.engine.snapshot() == payload
    for each in (floor, restored):
        each.outcomes.clear()
        trade(each, "140")
        each.place(CAROL, "SELL", "3", "90")
        trade(each, "79")
        each.cancel_all(ALICE)
    assert [outcome.events for outcome in restored.outcomes] == [outcome.events for outcome in floor.outcomes]
    assert restored.engine.snapshot() == floor.engine.snapshot()
    assert locked(floor) == ("0", "0")
