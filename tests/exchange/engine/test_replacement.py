"""Cancelling and placing in one: which half succeeds, which fails and why, and what is said of it."""

from typing import Any

import pytest

from pitwire.exchange.messages import (
    CancelFailed,
    CancelOrder,
    Event,
    OrderRejected,
    PlaceOrder,
    ReplacementFailed,
    ReplaceOrder,
)
from pitwire.market.enums import (
    CancelReplaceMode,
    CancelRestriction,
    OrderStatus,
    OrderType,
    Side,
    SymbolStatus,
    TimeInForce,
)
from pitwire.market.filters import LotSize, MaxNumOrders
from pitwire.market.numbers import Price, Quantity
from tests.exchange.engine.venues import ALICE, BOB, Floor, reason, said, units

STOP, ALLOW = CancelReplaceMode.STOP_ON_FAILURE, CancelReplaceMode.ALLOW_FAILURE


def replace(
    floor: Floor,
    account: int = ALICE,
    *,
    mode: CancelReplaceMode = STOP,
    cancel: Any = None,
    side: str = "BUY",
    quantity: str = "1",
    price: str = "100",
    type: OrderType = OrderType.LIMIT,  # noqa: A002
    tif: str = "GTC",
    new_id: str = "new",
    place: bool = True,
    symbol: str = "BTCUSDT",
) -> tuple[Event, ...]:
    new = PlaceOrder(
        account=account,
        symbol=symbol,
        side=Side(side),
        type=type,
        client_order_id=new_id,
        time_in_force=TimeInForce(tif),
        price=Price(units(price)),
        quantity=Quantity(units(quantity)),
    )
    return floor.tell(
        ReplaceOrder(
            cancel=CancelOrder(
                account=account, symbol=symbol, cancel_id="cancel", **({"order_id": 1} if cancel is None else cancel)
            ),
            mode=mode,
            place=new if place else None,
        )
    )


def short(events: tuple[Event, ...]) -> list[str]:
    """The events in short, with the reasons of what failed."""
    lines = said(events)
    for number, event in enumerate(events):
        match event:
            case CancelFailed(rejection=rejection) | OrderRejected(rejection=rejection):
                lines[number] += f": {rejection.reason}"
            case ReplacementFailed(cancel=cancel, placement=placement):
                lines[number] += f": {cancel.reason}, {placement.reason if placement else 'not tried'}"
    return lines


@pytest.mark.parametrize("mode", CancelReplaceMode)
def test_the_old_order_is_cancelled_and_the_new_one_rests_behind_the_others(mode: CancelReplaceMode) -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "5.5", "100", id="old")
    floor.place(BOB, "BUY", "4", "100")
    assert short(replace(floor, mode=mode, quantity="5")) == [
        "OrderCanceled #1 CANCELED 0/5.5",
        "LevelChanged BUY 100 = 4",
        "OrderOpened #3 NEW 0/5",
        "LevelChanged BUY 100 = 9",
        "PositionChanged 1: BTC 1000000 + 0, USDT 999500 + 500",
    ]
    makers = [line.split()[1] for line in said(floor.place(BOB, "SELL", "5", "100")) if " maker " in line]
    assert makers == ["#2", "#3"]


def test_what_the_old_order_had_locked_pays_for_the_new_one_which_may_have_its_client_order_id() -> None:
    floor = Floor().open(balance="100")
    floor.place(ALICE, "BUY", "1", "100", id="mine")
    assert reason(floor.place(ALICE, "BUY", "1", "99")) == "INSUFFICIENT_BALANCE"
    assert "OrderOpened #2 NEW 0/1" in short(replace(floor, price="99", new_id="mine"))
    assert floor.balance(ALICE, "USDT") == ("1", "99")


def test_a_new_order_that_trades_changes_every_traders_balance_once() -> None:
    floor = Floor().open(maker_rate="0", taker_rate="0")
    floor.place(BOB, "BUY", "1", "100", id="old")
    floor.place(ALICE, "SELL", "1", "105")
    assert short(replace(floor, BOB, price="105", quantity="2"))[-2:] == [
        "PositionChanged 1: BTC 999999 + 0, USDT 1000105 + 0",
        "PositionChanged 2: BTC 1000001 + 0, USDT 999790 + 105",
    ]


def test_a_new_order_that_lapses_leaves_what_the_cancel_gave_back() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100")
    assert short(replace(floor, tif="IOC")) == [
        "OrderCanceled #1 CANCELED 0/1",
        "LevelChanged BUY 100 = 0",
        "OrderOpened #2 NEW 0/1",
        "OrderExpired #2 EXPIRED 0/1",
        "PositionChanged 1: BTC 1000000 + 0, USDT 1000000 + 0",
    ]


CANNOT_CANCEL: tuple[tuple[dict[str, Any], str], ...] = (
    ({"order_id": 9}, "UNKNOWN_ORDER"),
    ({"client_order_id": "nobody's"}, "UNKNOWN_ORDER"),
    ({"order_id": 1, "client_order_id": "nobody's"}, "UNKNOWN_ORDER"),
    ({"order_id": 1, "restriction": CancelRestriction.ONLY_PARTIALLY_FILLED}, "CANCEL_RESTRICTED"),
)


@pytest.mark.parametrize(("which", "why"), CANNOT_CANCEL)
def test_an_order_that_cannot_be_cancelled_stops_the_new_one_or_does_not(which: dict[str, Any], why: str) -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="old")
    before = floor.engine.snapshot()
    assert short(replace(floor, cancel=which)) == [f"ReplacementFailed: {why}, not tried"]
    assert floor.engine.snapshot() == before
    assert short(replace(floor, cancel=which, mode=ALLOW)) == [
        f"CancelFailed: {why}",
        "OrderOpened #2 NEW 0/1",
        "LevelChanged BUY 100 = 2",
        "PositionChanged 1: BTC 1000000 + 0, USDT 999800 + 200",
    ]


CANNOT_PLACE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"type": OrderType.LIMIT_MAKER, "price": "200"}, "WOULD_MATCH_IMMEDIATELY"),
    ({"quantity": "100000"}, "INSUFFICIENT_BALANCE"),
    ({"new_id": "other"}, "DUPLICATE_ORDER"),
)


@pytest.mark.parametrize("mode", CancelReplaceMode)
@pytest.mark.parametrize(("order", "why"), CANNOT_PLACE)
def test_the_old_order_stays_cancelled_when_the_new_one_is_refused(
    order: dict[str, Any], why: str, mode: CancelReplaceMode
) -> None:
    floor = crowded()
    events = replace(floor, mode=mode, **order)
    assert short(events) == [
        "OrderCanceled #1 CANCELED 0/1",
        "LevelChanged BUY 100 = 1",
        f"OrderRejected: {why}",
        "PositionChanged 1: BTC 1000000 + 0, USDT 999900 + 100",
    ]
    rejected = events[2]
    assert isinstance(rejected, OrderRejected)
    assert (rejected.order.order_id, rejected.order.status, rejected.order.working_us) == (-1, OrderStatus.REJECTED, -1)
    assert rejected.execution_id == 5
    assert said(floor.place(ALICE, "BUY", "1", "90"))[0] == "OrderOpened #4 NEW 0/1"


@pytest.mark.parametrize(("order", "why"), CANNOT_PLACE)
def test_nothing_changes_when_both_halves_are_refused(order: dict[str, Any], why: str) -> None:
    floor = crowded()
    before = floor.engine.snapshot()
    events = replace(floor, mode=ALLOW, cancel={"order_id": 9}, **order)
    assert short(events) == [f"ReplacementFailed: UNKNOWN_ORDER, {why}"]
    assert floor.engine.snapshot() == before


def crowded() -> Floor:
    """Alice bids twice, as "old" and "other", and Bob asks 200."""
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="old")
    floor.place(ALICE, "BUY", "1", "100", id="other")
    floor.place(BOB, "SELL", "1", "200")
    return floor


@pytest.mark.parametrize("mode", CancelReplaceMode)
@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"quantity": "0.05"}, "FILTER_FAILURE: LOT_SIZE"),
        ({}, "FILTER_FAILURE: MAX_NUM_ORDERS"),
        ({"type": OrderType.STOP_LOSS}, "UNSUPPORTED_ORDER_TYPE: STOP_LOSS"),
        ({"symbol": "NOSUCH"}, "UNKNOWN_SYMBOL"),
        ({"account": 9}, "UNKNOWN_ACCOUNT"),
    ],
)
def test_what_is_wrong_with_the_order_itself_keeps_the_old_one_alive(
    order: dict[str, Any], why: str, mode: CancelReplaceMode
) -> None:
    lots = LotSize(min_quantity=Quantity(units("0.1")), max_quantity=Quantity(0), step_size=Quantity(0))
    floor = Floor().open(filters=(lots, MaxNumOrders(max_num_orders=1)))
    floor.place(ALICE, "BUY", "1", "100")
    before = floor.engine.snapshot()
    assert reason(replace(floor, mode=mode, **order)) == why
    assert floor.engine.snapshot() == before


def test_a_symbol_may_not_allow_it() -> None:
    floor = Floor().open(cancel_replace_allowed=False)
    floor.place(ALICE, "BUY", "1", "100")
    assert reason(replace(floor)) == "CANCEL_REPLACE_NOT_ALLOWED"


def test_on_a_halted_market_the_old_order_is_cancelled_and_the_new_one_refused() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100")
    floor.open(accounts=(), status=SymbolStatus.HALT)
    assert short(replace(floor))[0::2] == ["OrderCanceled #1 CANCELED 0/1", "OrderRejected: MARKET_CLOSED"]


def test_without_a_new_order_the_old_one_is_only_cancelled() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100")
    assert short(replace(floor, place=False)) == [
        "OrderCanceled #1 CANCELED 0/1",
        "LevelChanged BUY 100 = 0",
        "PositionChanged 1: BTC 1000000 + 0, USDT 1000000 + 0",
    ]
    assert short(replace(floor, place=False)) == ["ReplacementFailed: UNKNOWN_ORDER, not tried"]
