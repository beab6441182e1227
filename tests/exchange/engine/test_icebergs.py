"""Iceberg orders: what the book shows of them, and where in the queue the next part goes."""

from typing import Any

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import AmendOrder, Event, LevelChanged, PlaceOrder, TradeMatched, Trigger
from pitwire.market.enums import OrderType, Side, TimeInForce
from pitwire.market.filters import IcebergParts, LotSize
from pitwire.market.numbers import Quantity
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, plain, reason, units


def opened(**rules: Any) -> Floor:
    return Floor().open(**{"order_types": tuple(OrderType), "iceberg_allowed": True} | rules)


def hide(
    floor: Floor, account: int, side: str, quantity: str, price: str, shown: str, **more: Any
) -> tuple[Event, ...]:
    return floor.tell(
        PlaceOrder(
            **{
                "account": account,
                "symbol": "BTCUSDT",
                "side": Side(side),
                "type": OrderType.LIMIT,
                "client_order_id": f"iceberg-{floor.sequence}",
                "price": units(price),
                "quantity": units(quantity),
                "iceberg_quantity": units(shown),
            }
            | more
        )
    )


def levels(events: tuple[Event, ...]) -> list[str]:
    return [plain(event.quantity) for event in events if isinstance(event, LevelChanged)]


def trades(events: tuple[Event, ...]) -> list[tuple[int, str]]:
    """Which order sold how much."""
    return [(event.seller_order_id, plain(event.quantity)) for event in events if isinstance(event, TradeMatched)]


def test_the_book_shows_a_part_and_the_next_part_when_that_has_traded() -> None:
    floor = opened()
    assert levels(hide(floor, ALICE, "SELL", "10", "100", "4")) == ["4"]
    assert floor.balance(ALICE, "BTC") == ("999990", "10")
    assert levels(floor.place(BOB, "BUY", "1", "100")) == ["3"]
    assert levels(floor.place(BOB, "BUY", "3", "100")) == ["4"]
    assert levels(floor.place(BOB, "BUY", "4", "100")) == ["2"]
    assert levels(floor.place(BOB, "BUY", "2", "100")) == ["0"]
    assert floor.balance(ALICE, "BTC") == ("999990", "0")


def test_the_next_part_goes_behind_the_others_at_its_price() -> None:
    floor = opened()
    hide(floor, ALICE, "SELL", "10", "100", "4")
    floor.place(BOB, "SELL", "3", "100")
    hide(floor, ALICE, "SELL", "5", "100", "2")
    events = floor.place(CAROL, "BUY", "17", "100")
    assert trades(events) == [(1, "4"), (2, "3"), (3, "2"), (1, "4"), (3, "2"), (1, "2")]
    assert levels(events) == ["9", "6", "6", "4", "3", "1"]


def test_a_part_that_has_not_wholly_traded_keeps_its_place() -> None:
    floor = opened()
    hide(floor, ALICE, "SELL", "10", "100", "4")
    floor.place(BOB, "SELL", "3", "100")
    floor.place(CAROL, "BUY", "1", "100")
    assert trades(floor.place(CAROL, "BUY", "4", "100")) == [(1, "3"), (2, "1")]


def test_as_a_taker_it_trades_all_that_it_has_and_rests_with_a_part_of_the_rest() -> None:
    floor = opened()
    floor.place(BOB, "SELL", "3", "100")
    events = hide(floor, ALICE, "BUY", "10", "100", "4")
    assert trades(events) == [(1, "3")]
    assert levels(events) == ["0", "4"]


def test_hidden_quantity_fills_a_fill_or_kill_order_and_prices_a_market_order() -> None:
    floor = opened()
    hide(floor, ALICE, "SELL", "10", "100", "1")
    assert len(trades(floor.place(BOB, "BUY", "10", "100", tif="FOK"))) == 10
    hide(floor, ALICE, "SELL", "10", "100", "1")
    assert reason(floor.place(BOB, "BUY", "20000", type="MARKET")) == "accepted"
    hide(floor, ALICE, "SELL", "20000", "100", "5000")
    assert reason(floor.place(BOB, "BUY", "15000", type="MARKET")) == "INSUFFICIENT_BALANCE"
    assert len(trades(floor.place(BOB, "BUY", quote="800000"))) == 2


def test_cancelling_gives_the_hidden_part_back_too() -> None:
    floor = opened()
    hide(floor, ALICE, "BUY", "10", "100", "4")
    floor.place(BOB, "BUY", "3", "100")
    assert levels(floor.cancel(ALICE, order_id=1)) == ["3"]
    assert floor.balance(ALICE, "USDT") == ("1000000", "0")
    level = floor.engine.venue.markets["BTCUSDT"].book.bids.levels[units("100")]
    assert level.hidden == 0


def test_a_triggered_order_hides_as_well() -> None:
    floor = opened()
    trigger = Trigger(stop_price=units("110"))
    hide(floor, ALICE, "SELL", "10", "200", "4", type=OrderType.TAKE_PROFIT_LIMIT, trigger=trigger)
    floor.place(BOB, "SELL", "1", "110")
    assert levels(floor.place(CAROL, "BUY", "1", "110")) == ["0", "4"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "accepted"),
        ({"type": OrderType.LIMIT_MAKER}, "accepted"),
        ({"quantity": "4.1"}, "accepted"),
        ({"quantity": "4"}, "ICEBERG_EXCEEDS_QUANTITY"),
        ({"quantity": "3.9"}, "ICEBERG_EXCEEDS_QUANTITY"),
        ({"time_in_force": TimeInForce.IOC}, "UNSUPPORTED_COMBINATION"),
        ({"time_in_force": TimeInForce.FOK}, "UNSUPPORTED_COMBINATION"),
        ({"type": OrderType.MARKET, "price": "0"}, "UNSUPPORTED_COMBINATION"),
        ({"shown": "0.05"}, "FILTER_FAILURE: LOT_SIZE"),
        ({"shown": "1.15"}, "FILTER_FAILURE: LOT_SIZE"),
        ({"shown": "-1"}, "FILTER_FAILURE: LOT_SIZE"),
        ({"quantity": "40"}, "accepted"),
        ({"quantity": "40.1"}, "FILTER_FAILURE: ICEBERG_PARTS"),
        ({"quantity": "10.15"}, "FILTER_FAILURE: LOT_SIZE"),
        ({"account": 9}, "UNKNOWN_ACCOUNT"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], expected: str) -> None:
    lot = LotSize(min_quantity=units("0.1"), max_quantity=units("100"), step_size=units("0.1"))
    floor = opened(filters=(lot, IcebergParts(limit=10)))
    before = floor.engine.snapshot()
    asked = {"account": ALICE, "side": "SELL", "quantity": "10", "price": "100", "shown": "4"} | changes
    assert reason(hide(floor, **asked)) == expected
    assert (floor.engine.snapshot() == before) == (expected != "accepted")


def test_a_symbol_without_icebergs() -> None:
    assert reason(hide(opened(iceberg_allowed=False), ALICE, "SELL", "10", "100", "4")) == "ICEBERG_UNSUPPORTED"


def test_a_snapshot_keeps_what_is_shown_and_what_is_not() -> None:
    floor = opened()
    hide(floor, ALICE, "SELL", "10", "100", "4")
    floor.place(BOB, "SELL", "3", "100")
    floor.place(CAROL, "BUY", "5", "100")
    payload = floor.engine.snapshot()
    restored = Floor(Engine.restore(payload))
    restored.sequence, restored.time_us = floor.sequence, floor.time_us
    assert restored.engine.snapshot() == payload
    for floor_ in (floor, restored):
        assert trades(floor_.place(CAROL, "BUY", "8", "100")) == [(2, "2"), (1, "4"), (1, "2")]
    assert restored.engine.snapshot() == floor.engine.snapshot()


def amend(floor: Floor, order_id: int, quantity: str) -> tuple[Event, ...]:
    return floor.tell(
        AmendOrder(
            account=ALICE,
            symbol="BTCUSDT",
            order_id=order_id,
            new_client_order_id="amended",
            quantity=Quantity(units(quantity)),
        )
    )


def test_an_amendment_takes_what_is_hidden_first() -> None:
    """faqs/order_amend_keep_priority.md: what is shown changes only when the new quantity is below it."""
    floor = opened()
    hide(floor, ALICE, "SELL", "10", "100", "4")
    assert levels(amend(floor, 1, "5")) == []
    assert levels(amend(floor, 1, "3")) == ["3"]
    assert floor.balance(ALICE, "BTC") == ("999997", "3")
    assert trades(floor.place(CAROL, "BUY", "5", "100")) == [(1, "3")]
