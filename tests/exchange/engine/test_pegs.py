"""Pegged orders: which price they take, when, and what speaks against it."""

from typing import Any

import pytest
from msgspec import structs

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    Event,
    ListSymbol,
    OrderExpired,
    OrderOpened,
    OrderTriggered,
    Peg,
    PlaceOrder,
    TradeMatched,
    Trigger,
)
from pitwire.market.enums import OrderType, PegPriceType, Side, TimeInForce
from pitwire.market.filters import PriceFilter
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, plain, reason, units

PRIMARY, MARKET = PegPriceType.PRIMARY_PEG, PegPriceType.MARKET_PEG


def opened(**rules: Any) -> Floor:
    """Bids at 99, 98, 97 and asks at 101, 102, 103, of one each."""
    allowed = ("iceberg_allowed", "trailing_stop_allowed", "peg_instructions_allowed")
    floor = Floor().open(**{"order_types": tuple(OrderType)} | dict.fromkeys(allowed, True) | rules)
    for price in ("99", "98", "97"):
        floor.place(BOB, "BUY", "1", price)
    for price in ("101", "102", "103"):
        floor.place(BOB, "SELL", "1", price)
    return floor


def peg(floor: Floor, side: str, price_type: PegPriceType, offset: int = -1, **more: Any) -> tuple[Event, ...]:
    return floor.tell(
        PlaceOrder(
            **{
                "account": ALICE,
                "symbol": "BTCUSDT",
                "side": Side(side),
                "type": OrderType.LIMIT,
                "client_order_id": f"peg-{floor.sequence}",
                "quantity": units("1"),
                "peg": Peg(price_type=price_type, offset=offset),
            }
            | more
        )
    )


def resting_at(floor: Floor, events: tuple[Event, ...]) -> str:
    """The price of the level that an order just placed rests in."""
    assert isinstance(events[0], OrderOpened), events
    level = floor.engine.venue.markets["BTCUSDT"].orders[events[0].order.order_id].level
    assert level is not None
    return plain(level.price)


@pytest.mark.parametrize(
    ("side", "offset", "price"),
    [("BUY", -1, "99"), ("BUY", 0, "99"), ("BUY", 2, "97"), ("SELL", -1, "101"), ("SELL", 1, "102")],
)
def test_a_primary_peg_joins_its_own_side(side: str, offset: int, price: str) -> None:
    floor = opened()
    events = peg(floor, side, PRIMARY, offset)
    assert resting_at(floor, events) == price
    assert isinstance(events[0], OrderOpened)
    extras = events[0].order.extras
    assert extras is not None
    assert (plain(events[0].order.price), plain(extras.pegged_price)) == ("0", price)


@pytest.mark.parametrize(("side", "offset", "prices"), [("BUY", 1, [101, 102]), ("SELL", -1, [99])])
def test_a_market_peg_takes_the_other_side_up_to_that_price(side: str, offset: int, prices: list[int]) -> None:
    floor = opened()
    events = peg(floor, side, MARKET, offset, quantity=units("5"), time_in_force=TimeInForce.IOC)
    assert [event.price // 10**8 for event in events if isinstance(event, TradeMatched)] == prices
    assert any(isinstance(event, OrderExpired) for event in events)


def test_the_price_stays_when_the_book_moves_and_what_it_locks_comes_back() -> None:
    floor = opened()
    events = peg(floor, "BUY", PRIMARY)
    floor.place(BOB, "BUY", "1", "100")
    assert resting_at(floor, events) == "99"
    assert floor.balance(ALICE, "USDT") == ("999901", "99")
    floor.cancel(ALICE, order_id=events[0].order.order_id)
    assert floor.balance(ALICE, "USDT") == ("1000000", "0")


def relist(floor: Floor, max_price: str = "102") -> None:
    """Give the symbol a price filter."""
    ticks = PriceFilter(min_price=units("90"), max_price=units(max_price), tick_size=units("1"))
    rules = floor.engine.rules("BTCUSDT")
    assert rules is not None
    floor.tell(ListSymbol(rules=structs.replace(rules, filters=(ticks,))))


GTC, IOC = TimeInForce.GTC, TimeInForce.IOC


@pytest.mark.parametrize(
    ("price_type", "offset", "changes", "expected"),
    [
        (PRIMARY, 2, {}, "accepted"),
        (PRIMARY, 3, {}, "PEG_WITHOUT_LIQUIDITY"),
        (PRIMARY, 101, {}, "UNSUPPORTED_COMBINATION"),
        (PRIMARY, -1, {"time_in_force": IOC}, "UNSUPPORTED_COMBINATION"),
        (PRIMARY, -1, {"type": OrderType.LIMIT_MAKER}, "accepted"),
        (MARKET, -1, {"type": OrderType.LIMIT_MAKER}, "PEG_WRONG_FOR_TYPE"),
        (MARKET, -1, {"type": OrderType.MARKET}, "PEG_WITHOUT_PRICE"),
        (MARKET, -1, {"type": OrderType.STOP_LOSS, "trigger": Trigger(stop_price=units("95"))}, "PEG_WITHOUT_PRICE"),
        (PRIMARY, -1, {"price": units("95")}, "accepted"),
        (PRIMARY, -1, {"price": units("95.5")}, "FILTER_FAILURE: PRICE_FILTER"),
        (MARKET, 2, {}, "FILTER_FAILURE: PRICE_FILTER"),
        (PRIMARY, -1, {"quantity": units("20000")}, "INSUFFICIENT_BALANCE"),
        (PRIMARY, -1, {"iceberg_quantity": units("0.5")}, "accepted"),
        (PRIMARY, -1, {"account": 9}, "UNKNOWN_ACCOUNT"),
    ],
)
def test_what_is_refused(price_type: PegPriceType, offset: int, changes: dict[str, Any], expected: str) -> None:
    floor = opened()
    relist(floor)  # the ask at 103 is from before the filter
    before = floor.engine.snapshot()
    assert reason(peg(floor, "BUY", price_type, offset, **changes)) == expected
    assert (floor.engine.snapshot() == before) == (expected != "accepted")


def test_a_symbol_without_pegs() -> None:
    assert reason(peg(opened(peg_instructions_allowed=False), "BUY", PRIMARY)) == "PEG_UNSUPPORTED"


def stopped(floor: Floor, side: str = "SELL", **more: Any) -> int:
    """A stop limit order whose price is the best of its own side when a trade at 101 triggers it."""
    trigger = Trigger(stop_price=units("101"))
    kind = OrderType.TAKE_PROFIT_LIMIT if side == "SELL" else OrderType.STOP_LOSS_LIMIT
    events = peg(floor, side, PRIMARY, **{"type": kind, "trigger": trigger} | more)
    assert isinstance(events[0], OrderOpened), events
    return events[0].order.order_id


def test_a_stop_limit_order_takes_its_price_when_it_is_triggered() -> None:
    floor = opened()
    order_id = stopped(floor, "BUY")
    assert floor.balance(ALICE, "USDT") == ("1000000", "0")
    floor.place(BOB, "BUY", "1", "100")
    events = floor.place(CAROL, "BUY", "1", "101")
    triggered = next(event.order for event in events if isinstance(event, OrderTriggered))
    assert triggered.extras is not None
    assert (triggered.order_id, plain(triggered.extras.pegged_price)) == (order_id, "100")
    assert floor.balance(ALICE, "USDT") == ("999900", "100")


@pytest.mark.parametrize("asked", ["0", "120"])
def test_what_it_locked_at_its_own_price_is_locked_at_the_pegged_one(asked: str) -> None:
    floor = opened()
    stopped(floor, "BUY", price=units(asked))
    assert floor.balance(ALICE, "USDT")[1] == asked
    floor.place(CAROL, "BUY", "1", "101")
    assert floor.balance(ALICE, "USDT") == ("999901", "99")


def rejected(floor: Floor) -> bool:
    events = floor.place(CAROL, "BUY", "1", "101")
    assert not any(isinstance(event, OrderTriggered) for event in events)
    expired = [event.order for event in events if isinstance(event, OrderExpired)]
    return [order.extras is not None and order.extras.rejected for order in expired] == [True]


def test_it_expires_as_rejected_when_there_is_no_price_to_take() -> None:
    floor = opened()
    stopped(floor, quantity=units("3"))
    for order_id in (5, 6):
        floor.cancel(BOB, order_id=order_id)
    assert rejected(floor)
    assert floor.balance(ALICE, "BTC") == ("1000000", "0")


def test_it_expires_as_rejected_when_the_price_cannot_be_paid() -> None:
    floor = opened()
    stopped(floor, "BUY", quantity=units("20000"))
    assert rejected(floor)


def test_it_expires_as_rejected_when_the_price_fails_a_filter() -> None:
    floor = opened()
    stopped(floor, "BUY")
    relist(floor, max_price="98")
    events = floor.place(CAROL, "BUY", "1")  # a market order has no price that would fail it
    assert [event.order.account for event in events if isinstance(event, OrderExpired)] == [ALICE]


def test_a_snapshot_keeps_pegs_before_and_after_their_price_is_taken() -> None:
    floor = opened()
    peg(floor, "BUY", PRIMARY, 1)
    stopped(floor, "BUY")
    stopped(floor, "SELL", price=units("150"))
    payload = floor.engine.snapshot()
    restored = Floor(Engine.restore(payload))
    restored.sequence, restored.time_us = floor.sequence, floor.time_us
    assert restored.engine.snapshot() == payload
    assert restored.place(CAROL, "BUY", "1", "101") == floor.place(CAROL, "BUY", "1", "101")
    assert restored.cancel_all(ALICE) == floor.cancel_all(ALICE)
    assert restored.engine.snapshot() == floor.engine.snapshot()
