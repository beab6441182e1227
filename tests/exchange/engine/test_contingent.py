"""Stop loss and take profit orders: what they wait for, what they have locked, and what becomes of them."""

from typing import Any

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    AmendOrder,
    CancelOrder,
    Event,
    OrderOpened,
    OrderRejected,
    OrderTraded,
    OrderTriggered,
    PlaceOrder,
    PositionChanged,
    ReplacementFailed,
    ReplaceOrder,
    TrailingStarted,
    Trigger,
)
from pitwire.market.enums import CancelReplaceMode, OrderType, Side, TimeInForce
from pitwire.market.filters import LotSize, MarketLotSize, MaxNumOrders, Notional, PriceFilter
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, reason, said, units


def opened(**rules: Any) -> Floor:
    floor = Floor().open(**{"order_types": tuple(OrderType), "trailing_stop_allowed": True} | rules)
    trade(floor, "100")
    return floor


def trade(floor: Floor, price: str, quantity: str = "1") -> tuple[Event, ...]:
    floor.place(BOB, "SELL", quantity, price)
    return floor.place(CAROL, "BUY", quantity, price)


def stop(
    floor: Floor,
    side: str,
    kind: str,
    stop_price: str = "0",
    *,
    delta: int = 0,
    quantity: str = "1",
    price: str = "0",
    tif: str = "GTC",
    account: int = ALICE,
    **more: Any,
) -> tuple[Event, ...]:
    return floor.tell(
        PlaceOrder(
            **{
                "account": account,
                "symbol": "BTCUSDT",
                "side": Side(side),
                "type": OrderType(kind),
                "client_order_id": f"stop-{floor.sequence}",
                "time_in_force": TimeInForce(tif),
                "price": units(price),
                "quantity": units(quantity),
                "trigger": Trigger(stop_price=units(stop_price), trailing_delta=delta),
            }
            | more
        )
    )


def order_of(events: tuple[Event, ...]) -> Any:
    assert isinstance(events[0], OrderOpened), events
    return events[0].order


@pytest.mark.parametrize(
    ("side", "kind", "stop_price", "not_yet", "now"),
    [
        ("BUY", "STOP_LOSS_LIMIT", "110", "109.99", "110"),
        ("BUY", "STOP_LOSS_LIMIT", "110", "109.99", "115"),
        ("SELL", "STOP_LOSS_LIMIT", "90", "90.01", "90"),
        ("BUY", "TAKE_PROFIT_LIMIT", "90", "90.01", "85"),
        ("SELL", "TAKE_PROFIT_LIMIT", "110", "109.99", "110"),
    ],
)
def test_a_limit_order_enters_the_book_when_a_trade_reaches_its_stop_price(side, kind, stop_price, not_yet, now):
    floor = opened()
    order_id = order_of(stop(floor, side, kind, stop_price, price="100")).order_id
    market = floor.engine.venue.markets["BTCUSDT"]
    trade(floor, not_yet)
    assert market.orders[order_id].level is None
    events = trade(floor, now)
    triggered = [event for event in events if isinstance(event, OrderTriggered)]
    assert [event.order.order_id for event in triggered] == [order_id]
    assert triggered[0].order.working_us == floor.time_us
    assert market.orders[order_id].level is not None
    assert floor.engine.venue.waiting == 0


def test_it_locks_what_it_needs_while_it_waits_and_gives_it_back_when_cancelled():
    floor = opened()
    before = [floor.balance(ALICE, asset) for asset in ("BTC", "USDT")]
    buy = order_of(stop(floor, "BUY", "STOP_LOSS_LIMIT", "110", price="120", quantity="2"))
    sell = order_of(stop(floor, "SELL", "STOP_LOSS", "90", quantity="3"))
    assert floor.balance(ALICE, "USDT") == ("999760", "240")
    assert floor.balance(ALICE, "BTC") == ("999997", "3")
    assert said(floor.cancel(ALICE, order_id=buy.order_id)) == [
        f"OrderCanceled #{buy.order_id} CANCELED 0/2",
        "PositionChanged 1: BTC 999997 + 3, USDT 1000000 + 0",
    ]
    assert said(floor.cancel_all(ALICE))[0] == f"OrderCanceled #{sell.order_id} CANCELED 0/3"
    assert [floor.balance(ALICE, asset) for asset in ("BTC", "USDT")] == before
    assert floor.engine.venue.waiting == 0
    assert "OrderTriggered" not in {line.split()[0] for line in said(trade(floor, "85"))}


def test_a_trailing_order_can_be_cancelled_before_and_after_it_tracks():
    floor = opened()
    for stop_price in ("0", "110"):
        order = order_of(stop(floor, "BUY", "STOP_LOSS", stop_price, delta=100))
        assert reason(floor.cancel(ALICE, order_id=order.order_id)) == "accepted"
    assert floor.engine.venue.waiting == 0


def test_a_market_order_takes_what_there_is_and_the_rest_expires():
    floor = opened()
    order = order_of(stop(floor, "SELL", "STOP_LOSS", "90", quantity="3"))
    floor.place(CAROL, "BUY", "2", "80")
    floor.place(BOB, "SELL", "1", "90")
    events = floor.place(CAROL, "BUY", "1", "90")
    lines = [line for line in said(events) if f"#{order.order_id} " in line]
    assert lines == [
        f"OrderTraded #{order.order_id} taker PARTIALLY_FILLED 2 at 80 fee 0.32 USDT",
        f"OrderExpired #{order.order_id} EXPIRED 2/3",
    ]
    assert floor.balance(ALICE, "BTC") == ("999998", "0")
    assert order.order_id not in floor.engine.venue.markets["BTCUSDT"].orders


def test_a_market_buyer_who_cannot_pay_when_triggered_expires_as_rejected():
    floor = opened()
    order = order_of(stop(floor, "BUY", "STOP_LOSS", "110", quantity="20000"))
    floor.place(BOB, "SELL", "30000", "110")
    events = floor.place(CAROL, "BUY", "1", "110")
    expired = next(event.order for event in events if said((event,))[0].startswith("OrderExpired"))
    assert (expired.order_id, expired.extras.rejected, expired.working_us) == (order.order_id, True, -1)
    assert not any(isinstance(event, OrderTriggered) for event in events)
    assert floor.balance(ALICE, "USDT") == ("1000000", "0")


def test_a_filled_order_is_open_no_longer_and_its_name_is_free_again():
    floor = opened()
    floor.place(BOB, "SELL", "5", "120")
    stop(floor, "BUY", "STOP_LOSS_LIMIT", "110", price="120", client_order_id="again")
    trade(floor, "110")
    assert floor.balance(ALICE, "USDT") == ("999880", "0")
    assert reason(floor.place(ALICE, "BUY", "1", "10", id="again")) == "accepted"


def test_one_triggered_order_triggers_the_next_and_each_account_is_told_its_balances_once():
    floor = opened()
    for price in ("111", "115", "121"):
        floor.place(BOB, "SELL", "1", price)
    first = order_of(stop(floor, "BUY", "STOP_LOSS", "110")).order_id
    third = order_of(stop(floor, "BUY", "STOP_LOSS", "115", account=CAROL)).order_id
    second = order_of(stop(floor, "BUY", "STOP_LOSS", "111")).order_id
    events = floor.place(BOB, "SELL", "1", "110") + floor.place(CAROL, "BUY", "1", "110")
    assert [e.order.order_id for e in events if isinstance(e, OrderTriggered)] == [first, second, third]
    takers = [(e.order.order_id, e.price // 10**8) for e in events if isinstance(e, OrderTraded) and not e.is_maker]
    assert takers[1:] == [(first, 111), (second, 115), (third, 121)]
    positions = [event.account for event in events[2:] if isinstance(event, PositionChanged)]
    assert positions[-3:] == [ALICE, BOB, CAROL]
    assert all(isinstance(event, PositionChanged) for event in events[-3:])
    assert not any(isinstance(event, PositionChanged) for event in events[4:-3])


def test_of_those_that_one_trade_triggers_the_oldest_goes_first():
    floor = opened()
    ids = [order_of(stop(floor, "BUY", "STOP_LOSS", price)).order_id for price in ("112", "111", "110")]
    ids.append(order_of(stop(floor, "BUY", "STOP_LOSS", delta=500)).order_id)
    events = trade(floor, "112")
    assert [e.order.order_id for e in events if isinstance(e, OrderTriggered)] == ids


def test_every_trade_of_a_sweep_is_heard():
    """The first trade at or beyond the stop price starts the trail, a later one of the same order triggers."""
    floor = opened()
    order = order_of(stop(floor, "BUY", "STOP_LOSS_LIMIT", "110", delta=1000, price="50"))
    for price in ("105", "111", "122.1"):
        floor.place(BOB, "SELL", "1", price)
    events = floor.place(CAROL, "BUY", "3", "200")
    kinds = [type(event) for event in events if isinstance(event, TrailingStarted | OrderTriggered)]
    assert kinds == [TrailingStarted, OrderTriggered]
    assert floor.engine.venue.markets["BTCUSDT"].orders[order.order_id].level is not None


def test_a_trail_without_any_trade_yet_starts_from_the_first():
    floor = Floor().open(order_types=tuple(OrderType), trailing_stop_allowed=True)
    stop(floor, "BUY", "STOP_LOSS", delta=100)
    sell = order_of(stop(floor, "SELL", "STOP_LOSS", delta=100)).order_id
    assert not any(isinstance(event, OrderTriggered) for event in trade(floor, "100"))
    events = trade(floor, "99")
    assert [e.order.order_id for e in events if isinstance(e, OrderTriggered)] == [sell]


FILTERS = (
    PriceFilter(min_price=units("1"), max_price=units("1000"), tick_size=units("0.01")),
    LotSize(min_quantity=units("0.1"), max_quantity=units("100"), step_size=units("0.1")),
    MarketLotSize(min_quantity=0, max_quantity=units("50"), step_size=0),
    Notional(
        min_notional=units("10"),
        apply_min_to_market=True,
        max_notional=units("9000"),
        apply_max_to_market=False,
        average_price_minutes=0,
    ),
    MaxNumOrders(max_num_orders=3),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "accepted"),
        ({"kind": "STOP_LOSS", "price": "0"}, "accepted"),
        ({"kind": "LIMIT"}, "UNSUPPORTED_COMBINATION"),
        ({"kind": "MARKET", "price": "0"}, "UNSUPPORTED_COMBINATION"),
        ({"trigger": None}, "UNSUPPORTED_COMBINATION"),
        ({"stop_price": "0"}, "UNSUPPORTED_COMBINATION"),
        ({"stop_price": "-1"}, "UNSUPPORTED_COMBINATION"),
        ({"delta": 10_000}, "UNSUPPORTED_COMBINATION"),
        ({"price": "0"}, "UNSUPPORTED_COMBINATION"),
        ({"kind": "STOP_LOSS"}, "UNSUPPORTED_COMBINATION"),
        ({"kind": "STOP_LOSS", "price": "0", "tif": "IOC"}, "UNSUPPORTED_COMBINATION"),
        ({"quote_quantity": 5}, "UNSUPPORTED_COMBINATION"),
        ({"stop_price": "89.999"}, "FILTER_FAILURE: PRICE_FILTER"),
        ({"stop_price": "1001", "side": "BUY"}, "FILTER_FAILURE: PRICE_FILTER"),
        ({"price": "89.999"}, "FILTER_FAILURE: PRICE_FILTER"),
        ({"quantity": "0.15"}, "FILTER_FAILURE: LOT_SIZE"),
        ({"kind": "STOP_LOSS", "price": "0", "quantity": "0.15"}, "FILTER_FAILURE: LOT_SIZE"),
        ({"kind": "STOP_LOSS", "price": "0", "quantity": "51"}, "accepted"),  # it binds MARKET orders only
        ({"quantity": "0.1"}, "FILTER_FAILURE: NOTIONAL"),
        ({"side": "BUY"}, "WOULD_TRIGGER_IMMEDIATELY"),
        ({"account": 9}, "UNKNOWN_ACCOUNT"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], expected: str):
    floor = opened(filters=FILTERS)
    asked = {"side": "SELL", "kind": "STOP_LOSS_LIMIT", "stop_price": "90", "price": "89"} | changes
    before = floor.engine.snapshot()
    assert reason(stop(floor, **asked)) == expected
    assert (floor.engine.snapshot() == before) == (expected != "accepted")


@pytest.mark.parametrize("kind", ["STOP_LOSS", "STOP_LOSS_LIMIT"])
def test_waiting_orders_count_as_open_ones(kind: str):
    floor = opened(filters=FILTERS)
    price = "0" if kind == "STOP_LOSS" else "89"
    for _ in range(3):
        assert reason(stop(floor, "SELL", kind, "90", price=price)) == "accepted"
    assert reason(stop(floor, "SELL", kind, "90", price=price)) == "FILTER_FAILURE: MAX_NUM_ORDERS"


def test_a_client_order_id_that_waits_is_taken():
    floor = opened()
    stop(floor, "SELL", "STOP_LOSS", "90", client_order_id="mine")
    assert reason(stop(floor, "SELL", "STOP_LOSS", "90", client_order_id="mine")) == "DUPLICATE_ORDER"


@pytest.mark.parametrize(
    ("side", "kind", "price"),
    [("SELL", "STOP_LOSS", "0"), ("SELL", "STOP_LOSS_LIMIT", "90"), ("BUY", "TAKE_PROFIT_LIMIT", "90")],
)
def test_what_can_be_locked_must_be_there(side: str, kind: str, price: str):
    floor = opened()
    assert reason(stop(floor, side, kind, "90", price=price, quantity="1000001")) == "INSUFFICIENT_BALANCE"


def test_neither_a_type_nor_a_trail_that_the_symbol_does_not_take():
    floor = Floor().open(order_types=(OrderType.LIMIT, OrderType.STOP_LOSS))
    assert reason(stop(floor, "SELL", "TAKE_PROFIT", "90")) == "UNSUPPORTED_ORDER_TYPE: TAKE_PROFIT"
    assert reason(stop(floor, "SELL", "STOP_LOSS", delta=10)) == "TRAILING_STOP_UNSUPPORTED"
    assert reason(stop(floor, "SELL", "STOP_LOSS", "90", quantity="0")) == "ZERO_NOTIONAL"


def test_those_that_wait_survive_a_snapshot_with_their_trails():
    floor = opened()
    stop(floor, "BUY", "STOP_LOSS", delta=1000)
    stop(floor, "SELL", "TAKE_PROFIT_LIMIT", "105", delta=500, price="300")
    stop(floor, "SELL", "STOP_LOSS_LIMIT", "90", price="89", tif="IOC")
    stop(floor, "SELL", "TAKE_PROFIT_LIMIT", "106", price="300")
    for price in ("107", "95", "97"):
        trade(floor, price)
    payload = floor.engine.snapshot()
    restored = Floor(Engine.restore(payload))
    restored.sequence, restored.time_us = floor.sequence, floor.time_us
    assert restored.engine.snapshot() == payload
    assert restored.engine.venue.waiting == floor.engine.venue.waiting == 2
    for price in ("99", "105", "90", "88"):
        assert trade(restored, price) == trade(floor, price)
    assert restored.cancel_all(ALICE) == floor.cancel_all(ALICE)
    assert restored.engine.snapshot() == floor.engine.snapshot()


def test_an_order_that_waits_can_be_amended():
    floor = opened()
    order = order_of(stop(floor, "SELL", "STOP_LOSS", "90", quantity="3"))
    floor.place(CAROL, "BUY", "5", "80")
    amended = AmendOrder(
        account=ALICE, symbol="BTCUSDT", order_id=order.order_id, new_client_order_id="less", quantity=units("2")
    )
    assert said(floor.tell(amended)) == [
        "OrderAmended #3 NEW 0/2",
        "PositionChanged 1: BTC 999998 + 2, USDT 1000000 + 0",
    ]
    assert any(isinstance(event, OrderTriggered) for event in trade(floor, "90"))
    assert floor.balance(ALICE, "BTC") == ("999998", "0")


def test_an_order_that_takes_another_ones_place_may_trigger_and_may_wait():
    floor = opened()
    floor.place(BOB, "SELL", "1", "110")
    resting = order_of(floor.place(ALICE, "BUY", "1", "50"))
    waiting = order_of(stop(floor, "SELL", "TAKE_PROFIT_LIMIT", "110", price="200"))
    new = PlaceOrder(
        account=ALICE,
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        client_order_id="new",
        price=units("110"),
        quantity=units("1"),
    )
    mode = CancelReplaceMode.STOP_ON_FAILURE
    replaced = ReplaceOrder(
        mode=mode,
        cancel=CancelOrder(account=ALICE, symbol="BTCUSDT", cancel_id="gone", order_id=resting.order_id),
        place=new,
    )
    events = floor.tell(replaced)
    assert [e.order.order_id for e in events if isinstance(e, OrderTriggered)] == [waiting.order_id]
    assert [e.account for e in events if isinstance(e, PositionChanged)] == [ALICE, BOB]
    refused = ReplaceOrder(
        mode=mode,
        cancel=CancelOrder(account=ALICE, symbol="BTCUSDT", cancel_id="gone", order_id=waiting.order_id),
        place=PlaceOrder(
            account=ALICE,
            symbol="BTCUSDT",
            side=Side.BUY,
            type=OrderType.STOP_LOSS,
            client_order_id="late",
            quantity=units("1"),
            trigger=Trigger(stop_price=units("105")),
        ),
    )
    rejected = next(event for event in floor.tell(refused) if isinstance(event, OrderRejected))
    assert rejected.rejection.reason == "WOULD_TRIGGER_IMMEDIATELY"
    assert rejected.order.extras is not None
    elsewhere = CancelOrder(account=ALICE, symbol="ETHUSDT", cancel_id="gone", order_id=1)
    stop(floor, "SELL", "STOP_LOSS", "90")
    assert isinstance(floor.tell(ReplaceOrder(cancel=elsewhere, mode=mode))[0], ReplacementFailed)
