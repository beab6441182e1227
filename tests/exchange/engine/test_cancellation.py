"""Cancelling by either id, by both, and all at once."""

from typing import Any

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    CancelOpenOrders,
    CancelOrder,
    ExpireOpenOrders,
    LevelChanged,
    OrderCanceled,
    OrderExpired,
    OrderListChanged,
)
from pitwire.market.enums import CancelRestriction, OrderStatus
from tests.exchange.engine import listing
from tests.exchange.engine.venues import ALICE, BOB, Floor, reason, said


@pytest.mark.parametrize(
    "which", [{"order_id": 1}, {"client_order_id": "mine"}, {"order_id": 1, "client_order_id": "mine"}]
)
def test_an_open_order_is_cancelled_by_either_id_or_by_both(which: dict[str, Any]) -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="mine")
    assert said(floor.cancel(ALICE, **which)) == [
        "OrderCanceled #1 CANCELED 0/1",
        "LevelChanged BUY 100 = 0",
        "PositionChanged 1: BTC 1000000 + 0, USDT 1000000 + 0",
    ]


@pytest.mark.parametrize(
    "which",
    [
        {"order_id": 7},
        {"client_order_id": "yours"},
        {"order_id": 2, "client_order_id": "mine"},
        {"order_id": 7, "client_order_id": "mine"},
        {"order_id": 3},
        {"client_order_id": "bob's"},
        {},
    ],
)
def test_ids_that_name_no_open_order_of_the_account_or_do_not_agree_cancel_nothing(which: dict[str, Any]) -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="mine")
    floor.place(ALICE, "BUY", "1", "100", id="other")
    floor.place(BOB, "BUY", "1", "100", id="bob's")
    assert reason(floor.cancel(ALICE, **which)) == "UNKNOWN_ORDER"


def test_a_filled_order_cannot_be_cancelled() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="mine")
    floor.place(BOB, "SELL", "1", "100")
    assert reason(floor.cancel(ALICE, order_id=1)) == "UNKNOWN_ORDER"
    assert reason(floor.cancel(ALICE, client_order_id="mine")) == "UNKNOWN_ORDER"


def test_cancelling_a_partly_filled_order_unlocks_its_rest() -> None:
    floor = Floor().open(maker_rate="0", taker_rate="0")
    floor.place(ALICE, "BUY", "3", "100", id="mine")
    floor.place(BOB, "SELL", "1", "100")
    assert said(floor.cancel(ALICE, client_order_id="mine"))[:2] == [
        "OrderCanceled #1 CANCELED 1/3",
        "LevelChanged BUY 100 = 0",
    ]
    assert floor.balance(ALICE, "USDT") == ("999900", "0")


def test_cancelling_inside_a_queue_keeps_the_order_of_the_others() -> None:
    floor = Floor().open()
    for name in ("first", "second", "third"):
        floor.place(ALICE, "BUY", "1", "100", id=name)
    assert "LevelChanged BUY 100 = 2" in said(floor.cancel(ALICE, client_order_id="second"))
    makers = [line.split()[1] for line in said(floor.place(BOB, "SELL", "2", "100")) if " maker " in line]
    assert makers == ["#1", "#3"]


def test_an_order_that_came_first_by_the_fill_of_another_is_gone_once_cancelled() -> None:
    floor = Floor().open()
    for name in ("filled", "cancelled", "left"):
        floor.place(ALICE, "BUY", "1", "100", id=name)
    floor.place(BOB, "SELL", "1", "100")
    assert "LevelChanged BUY 100 = 1" in said(floor.cancel(ALICE, client_order_id="cancelled"))
    makers = [line.split()[1] for line in said(floor.place(BOB, "SELL", "2", "100")) if " maker " in line]
    assert makers == ["#3"]


@pytest.mark.parametrize(
    ("restriction", "while_new", "while_partly_filled"),
    [
        (CancelRestriction.ONLY_NEW, "accepted", "CANCEL_RESTRICTED"),
        (CancelRestriction.ONLY_PARTIALLY_FILLED, "CANCEL_RESTRICTED", "accepted"),
        (None, "accepted", "accepted"),
    ],
)
def test_cancel_restrictions(restriction: CancelRestriction | None, while_new: str, while_partly_filled: str) -> None:
    for traded, expected in ((False, while_new), (True, while_partly_filled)):
        floor = Floor().open()
        floor.place(ALICE, "BUY", "2", "100", id="mine")
        if traded:
            floor.place(BOB, "SELL", "1", "100")
        assert reason(floor.cancel(ALICE, client_order_id="mine", restriction=restriction)) == expected


def test_cancel_all_takes_the_oldest_first_and_only_the_accounts_own() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100")
    floor.place(BOB, "BUY", "1", "100")
    floor.place(ALICE, "BUY", "1", "101")
    assert said(floor.cancel_all(ALICE)) == [
        "OrderCanceled #1 CANCELED 0/1",
        "LevelChanged BUY 100 = 1",
        "OrderCanceled #3 CANCELED 0/1",
        "LevelChanged BUY 101 = 0",
        "PositionChanged 1: BTC 1000000 + 0, USDT 1000000 + 0",
    ]
    assert reason(floor.cancel_all(ALICE)) == "NO_OPEN_ORDERS"


def test_cancel_all_after_a_restore_goes_by_age_and_not_by_price() -> None:
    floor = Floor().open()
    for price in ("99", "101", "100"):
        floor.place(ALICE, "BUY", "1", price)
    restored = Floor(Engine.restore(floor.engine.snapshot()))
    canceled = [event.order.order_id for event in restored.cancel_all(ALICE) if isinstance(event, OrderCanceled)]
    assert canceled == [1, 2, 3]


def test_a_cancel_names_the_symbol_and_the_account_that_it_does_not_find() -> None:
    floor = Floor().open()
    assert (
        reason(floor.tell(CancelOrder(account=ALICE, symbol="NOSUCH", cancel_id="c", order_id=1))) == "UNKNOWN_SYMBOL"
    )
    assert reason(floor.tell(CancelOpenOrders(account=ALICE, symbol="NOSUCH", cancel_id="c"))) == "UNKNOWN_SYMBOL"
    assert reason(floor.cancel(9, order_id=1)) == "UNKNOWN_ACCOUNT"
    assert reason(floor.cancel_all(9)) == "UNKNOWN_ACCOUNT"


def test_the_report_carries_the_orders_own_id_and_that_of_the_cancel() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="mine")
    canceled = floor.cancel(ALICE, client_order_id="mine")[0]
    assert isinstance(canceled, OrderCanceled)
    assert (canceled.order.client_order_id, canceled.cancel_id) == ("mine", "cancel")
    assert (canceled.order.created_us, canceled.order.updated_us) == (floor.time_us - 1_000_000, floor.time_us)


def test_the_exchange_takes_every_order_out_of_a_market_account_by_account_and_says_so() -> None:
    floor = listing.opened()
    floor.place(BOB, "SELL", "1", "120")
    pair = listing.leg(floor, "SELL", "STOP_LOSS", stop="90"), listing.leg(floor, "SELL", "LIMIT_MAKER", "110")
    listing.place(floor, "OCO", *pair)
    floor.place(ALICE, "BUY", "1", "80")
    events = floor.tell(ExpireOpenOrders(symbol="BTCUSDT"))
    assert [
        (event.order.account, event.order.expiry_reason) for event in events if isinstance(event, OrderExpired)
    ] == [
        *[(ALICE, "EXCHANGE_CANCELED")] * 3,
        (BOB, "EXCHANGE_CANCELED"),
    ]
    assert {event.order.status for event in events if isinstance(event, OrderExpired)} == {OrderStatus.EXPIRED}
    assert [event.order_list.is_done for event in events if isinstance(event, OrderListChanged)] == [True]
    assert [event.quantity for event in events if isinstance(event, LevelChanged)] == [0, 0, 0]
    for account in (ALICE, BOB):
        assert floor.balance(account, "BTC")[1] == floor.balance(account, "USDT")[1] == "0"
    assert reason(floor.tell(ExpireOpenOrders(symbol="BTCUSDT"))) == "NO_OPEN_ORDERS"
    assert reason(floor.cancel_all(ALICE)) == "NO_OPEN_ORDERS"


def test_the_exchange_may_take_one_accounts_orders_only() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "80")
    floor.place(BOB, "BUY", "1", "80")
    events = floor.tell(ExpireOpenOrders(symbol="BTCUSDT", account=BOB))
    assert [event.order.account for event in events if isinstance(event, OrderExpired)] == [BOB]
    assert reason(floor.tell(ExpireOpenOrders(symbol="NOSUCH"))) == "UNKNOWN_SYMBOL"
    assert reason(floor.tell(ExpireOpenOrders(symbol="BTCUSDT", account=9))) == "UNKNOWN_ACCOUNT"
