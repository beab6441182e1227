"""What orders of a list do to each other when one trades, is triggered or ends."""

from typing import Any

import pytest

from pitwire.exchange.messages import OrderOpened, OrderTriggered, SetDiscount
from pitwire.market.filters import LotSize, MarketLotSize, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import Amount, Price, Quantity
from tests.exchange.engine.listing import amend, heard, leg, locked, oco, opened, place, trade, trades
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, said, units


def oto(floor: Floor, *pending: Any, working: dict[str, Any] | None = None, **more: Any) -> Any:
    first = leg(floor, "BUY", "LIMIT", id="working", **{"price": "95"} | (working or {}))
    return place(floor, "OTO", first, *pending, **more)


def pair(floor: Floor, stop: str = "90", limit: str = "110", quantity: str = "1") -> Any:
    return (
        leg(floor, "SELL", "STOP_LOSS", stop=stop, quantity=quantity),
        leg(floor, "SELL", "LIMIT_MAKER", limit, quantity=quantity),
    )


# --- a pair -------------------------------------------------------------------------------------------------------


def test_a_limit_order_that_is_filled_trades_first_and_then_ends_the_stop_loss_order() -> None:
    floor = opened()
    oco(floor)
    assert heard(floor.place(BOB, "BUY", "1", "110")) == [
        "OrderTraded #4 maker FILLED 1 at 110 fee 0 USDT",
        "OrderExpired #3 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert locked(floor) == ("0", "0")
    assert not floor.engine.venue.order_lists
    assert floor.engine.venue.waiting == 0


def test_a_limit_order_that_trades_in_part_ends_the_stop_loss_order_and_the_list_goes_on() -> None:
    floor = opened()
    oco(floor, "BUY", "90", "110", "120")
    assert locked(floor) == ("0", "120")
    assert heard(floor.place(BOB, "SELL", "0.25", "90")) == [
        "OrderTraded #4 maker PARTIALLY_FILLED 0.25 at 90 fee 0 BTC",
        "OrderExpired #3 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
    ]
    assert locked(floor) == ("0", "67.5")
    assert heard(floor.place(BOB, "SELL", "0.25", "90")) == [
        "OrderTraded #4 maker PARTIALLY_FILLED 0.25 at 90 fee 0 BTC"
    ]
    assert heard(floor.place(BOB, "SELL", "1", "90")) == [
        "OrderTraded #4 maker FILLED 0.5 at 90 fee 0 BTC",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert locked(floor) == ("0", "0")


def test_a_stop_loss_order_ends_the_limit_order_before_it_works() -> None:
    floor = opened()
    oco(floor, price="89")
    floor.place(CAROL, "BUY", "0.5", "89.5")
    assert heard(trade(floor, "90")) == [
        "OrderExpired #4 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #3 NEW 0/1",
        "OrderTraded #3 taker PARTIALLY_FILLED 0.5 at 89.5 fee 0 USDT",
    ]
    assert locked(floor) == ("0.5", "0")
    assert heard(floor.place(BOB, "BUY", "0.5", "89")) == [
        "OrderTraded #3 maker FILLED 0.5 at 89 fee 0 USDT",
        "OrderListChanged 0 ALL_DONE",
    ]


def test_a_stop_loss_order_to_buy_may_spend_what_the_limit_order_had_locked() -> None:
    floor = opened(balance="115")
    oco(floor, "BUY", "90", "110", "115")
    floor.place(BOB, "SELL", "1", "115")
    events = trade(floor, "110", "0.001")
    assert heard(events) == [
        "OrderExpired #4 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #3 NEW 0/1",
        "OrderTraded #3 taker FILLED 1 at 115 fee 0 BTC",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert floor.balance(ALICE, "USDT") == ("0", "0")


def test_a_triggered_order_that_cannot_be_paid_ends_the_list() -> None:
    floor = opened()
    floor.place(ALICE, "BUY", "999909", "1")
    oco(floor, "BUY", "90", "110")  # the stop loss order has no price, and locks nothing
    floor.place(BOB, "SELL", "1", "115")
    assert heard(trade(floor, "110", "0.001")) == [
        "OrderExpired #5 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderExpired #4 EXPIRED 0/1",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert locked(floor) == ("0", "999909")


@pytest.mark.parametrize(("price", "works", "ends"), [("110", 4, 3), ("90", 3, 4)])
def test_of_two_waiting_orders_the_triggered_one_ends_the_other(price: str, works: int, ends: int) -> None:
    floor = opened()
    stop_loss = leg(floor, "SELL", "STOP_LOSS_LIMIT", "80", stop="90")
    place(floor, "OCO", stop_loss, leg(floor, "SELL", "TAKE_PROFIT_LIMIT", "120", stop="110"))
    assert locked(floor) == ("1", "0")
    assert heard(trade(floor, price)) == [
        f"OrderExpired #{ends} EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
        f"OrderTriggered #{works} NEW 0/1",
    ]
    assert locked(floor) == ("1", "0")
    assert floor.engine.venue.waiting == 1  # the list alone


def test_of_two_orders_that_one_command_triggers_the_first_one_ends_the_other() -> None:
    floor = opened()
    stop_loss = leg(floor, "SELL", "STOP_LOSS_LIMIT", "70", stop="90")
    place(floor, "OCO", stop_loss, leg(floor, "SELL", "TAKE_PROFIT_LIMIT", "130", stop="110"))
    floor.place(BOB, "SELL", "1", "90")
    floor.place(BOB, "SELL", "1", "110")
    events = floor.place(CAROL, "BUY", "2", "110")
    assert heard(events) == [
        "OrderExpired #4 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #3 NEW 0/1",
    ]
    assert floor.engine.venue.waiting == 1


def test_a_limit_order_that_trades_ends_a_stop_loss_order_that_the_same_command_triggered() -> None:
    floor = opened()
    oco(floor)
    floor.place(BOB, "SELL", "1", "90")
    assert heard(floor.place(CAROL, "BUY", "1.5", "110")) == [
        "OrderTraded #4 maker PARTIALLY_FILLED 0.5 at 110 fee 0 USDT",
        "OrderExpired #3 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
    ]
    assert locked(floor) == ("0.5", "0")
    assert floor.engine.venue.waiting == 1


def test_a_trailing_order_that_would_start_to_track_ends_with_a_trade_of_the_other() -> None:
    floor = opened()
    stop_loss = leg(floor, "SELL", "STOP_LOSS", stop="90", delta=500)
    place(floor, "OCO", stop_loss, leg(floor, "SELL", "LIMIT_MAKER", "110"))
    floor.place(BOB, "SELL", "1", "90")
    assert heard(floor.place(CAROL, "BUY", "2", "110")) == [
        "OrderTraded #4 maker FILLED 1 at 110 fee 0 USDT",
        "OrderExpired #3 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 ALL_DONE",
    ]


def test_a_trailing_stop_loss_order_of_a_pair_is_triggered_by_its_distance() -> None:
    floor = opened()
    stop_loss = leg(floor, "SELL", "STOP_LOSS", delta=1000)
    place(floor, "OCO", stop_loss, leg(floor, "SELL", "LIMIT_MAKER", "130"))
    assert heard(trade(floor, "120")) == []
    floor.place(CAROL, "BUY", "1", "107")
    assert heard(trade(floor, "108"))[:3] == [
        "OrderExpired #4 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #3 NEW 0/1",
    ]


# --- a working order and what is pending --------------------------------------------------------------------------


def test_a_working_order_that_trades_in_part_places_nothing() -> None:
    floor = opened()
    oto(floor, leg(floor, "SELL", "LIMIT", "105"))
    assert heard(floor.place(BOB, "SELL", "0.4", "95")) == ["OrderTraded #3 maker PARTIALLY_FILLED 0.4 at 95 fee 0 BTC"]
    assert heard(floor.place(BOB, "SELL", "0.6", "95")) == [
        "OrderTraded #3 maker FILLED 0.6 at 95 fee 0 BTC",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #4 NEW 0/1",
    ]
    assert locked(floor) == ("1", "0")


def test_a_pending_stop_order_begins_to_wait_when_it_is_placed() -> None:
    floor = opened()
    pending = leg(floor, "BUY", "STOP_LOSS_LIMIT", "120", stop="110")
    oto(floor, pending, working={"price": "80"})
    assert heard(trade(floor, "110")) == []
    events = floor.place(BOB, "SELL", "1", "80")
    (placed,) = [event for event in events if isinstance(event, OrderTriggered)]
    assert (placed.order.status, placed.order.working_us) == ("NEW", -1)
    assert locked(floor) == ("0", "120")
    assert heard(trade(floor, "110"))[0] == "OrderTriggered #4 NEW 0/1"


def test_a_pending_order_is_as_old_as_its_list_and_works_since_it_was_placed() -> None:
    floor = opened()
    first = next(event for event in oto(floor, leg(floor, "SELL", "LIMIT", "105")) if isinstance(event, OrderOpened))
    (placed,) = [event.order for event in floor.place(BOB, "SELL", "1", "95") if isinstance(event, OrderTriggered)]
    assert (placed.created_us, placed.working_us) == (first.order.created_us, floor.time_us)


def test_a_pending_market_order_trades_in_the_command_that_filled_the_working_order() -> None:
    floor = opened()
    oto(floor, leg(floor, "SELL", "MARKET", quantity="2"))
    floor.place(CAROL, "BUY", "5", "94")
    events = floor.place(BOB, "SELL", "1", "95")
    assert heard(events)[1:] == [
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #4 NEW 0/2",
        "OrderTraded #4 taker FILLED 2 at 94 fee 0 USDT",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert said(events)[-3:] == [
        "PositionChanged 1: BTC 999999 + 0, USDT 1000093 + 0",
        "PositionChanged 2: BTC 999998 + 0, USDT 1000195 + 0",
        "PositionChanged 3: BTC 1000003 + 0, USDT 999430 + 282",
    ]


def test_the_trades_of_a_pending_order_are_heard_by_other_lists() -> None:
    floor = opened()
    oto(floor, leg(floor, "SELL", "MARKET"))
    oco(floor, "SELL", limit="120", stop="80", account=BOB)
    floor.place(CAROL, "BUY", "1", "80")
    events = floor.place(CAROL, "SELL", "1", "95")
    assert trades(events) == [2, 3]
    assert heard(events, BOB)[:3] == [
        "OrderExpired #6 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 1 EXEC_STARTED",
        "OrderTriggered #5 NEW 0/1",
    ]


@pytest.mark.parametrize(
    ("working", "end"),
    [
        ({"tif": "IOC"}, "OrderExpired #3 EXPIRED 0/1"),
        ({"tif": "FOK"}, "OrderExpired #3 EXPIRED 0/1"),
        ({"tif": "IOC", "price": "101", "quantity": "2"}, "OrderExpired #4 EXPIRED 1/2"),
    ],
)
def test_a_working_order_that_expires_takes_the_pending_ones_with_it(working: dict[str, Any], end: str) -> None:
    floor = opened()
    if working.get("price"):
        floor.place(BOB, "SELL", "1", "101")
    said_of_it = heard(oto(floor, *pair(floor), working=working))
    number = int(end.split("#")[1][0])
    assert said_of_it[-4:] == [
        end,
        f"OrderExpired #{number + 1} EXPIRED 0/1 OTO_PHASE_ONE_EXPIRED",
        f"OrderExpired #{number + 2} EXPIRED 0/1 OTO_PHASE_ONE_EXPIRED",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert locked(floor) == ("0", "0")


@pytest.mark.parametrize(
    ("pending", "why"),
    [
        (("SELL", "LIMIT", {"price": "105", "quantity": "9999999"}), "INSUFFICIENT_BALANCE"),
        (("BUY", "LIMIT_MAKER", {"price": "200"}), "WOULD_MATCH_IMMEDIATELY"),
        (("SELL", "STOP_LOSS", {"stop": "150"}), "WOULD_TRIGGER_IMMEDIATELY"),
        (("SELL", "LIMIT", {"price": "105", "peg": True}), "PEG_WITHOUT_LIQUIDITY"),
    ],
)
def test_a_pending_order_that_cannot_be_placed_expires(pending: Any, why: str) -> None:
    floor = opened()
    if why == "WOULD_MATCH_IMMEDIATELY":
        floor.place(BOB, "SELL", "1", "150")
    side, kind, more = pending
    oto(floor, leg(floor, side, kind, **more))
    line = heard(floor.place(BOB, "SELL", "1", "95"))
    assert line[1].startswith("OrderExpired")
    assert line[1].endswith("REJECTED")
    assert line[2] == f"OrderListChanged 0 ALL_DONE {why}"
    assert locked(floor) == ("0", "0")


def test_a_pending_pair_whose_prices_the_market_has_left_expires() -> None:
    floor = opened()
    oto(floor, *pair(floor, stop="96", limit="110"))
    assert heard(floor.place(BOB, "SELL", "1", "95"))[1:] == [
        "OrderExpired #4 EXPIRED 0/1 REJECTED",
        "OrderExpired #5 EXPIRED 0/1 REJECTED",
        "OrderListChanged 0 ALL_DONE BAD_PRICES",
    ]


def test_of_a_pending_pair_the_order_that_is_refused_takes_the_other_one_with_it() -> None:
    floor = opened()
    floor.place(CAROL, "BUY", "1", "98")
    stop_loss, limit = pair(floor, limit="97")
    place(floor, "OTO", leg(floor, "SELL", "LIMIT", "100", id="working"), stop_loss, limit)
    floor.place(BOB, "BUY", "1", "96")
    assert heard(floor.place(BOB, "BUY", "1", "100"))[1:] == [
        "OrderExpired #5 EXPIRED 0/1 REJECTED",
        "OrderExpired #6 EXPIRED 0/1 REJECTED",
        "OrderListChanged 0 ALL_DONE BAD_PRICES",
    ]
    floor = opened(balance="2")
    pending = leg(floor, "BUY", "STOP_LOSS", stop="99"), leg(floor, "BUY", "LIMIT_MAKER", "90")
    place(floor, "OTO", leg(floor, "SELL", "LIMIT", "95", id="working", quantity="0.01"), *pending)
    # the stop loss order needs no balance before it is triggered; the limit order has not enough
    assert heard(floor.place(BOB, "BUY", "0.01", "95"))[1:] == [
        "OrderExpired #3 EXPIRED 0/1 OCO_TRIGGER",
        "OrderExpired #4 EXPIRED 0/1 REJECTED",
        "OrderListChanged 0 ALL_DONE INSUFFICIENT_BALANCE",
    ]


def test_a_placed_pair_of_an_otoco_is_a_pair_like_any_other() -> None:
    floor = opened()
    oto(floor, *pair(floor))
    floor.place(BOB, "SELL", "1", "95")
    assert locked(floor) == ("1", "0")
    assert heard(floor.place(BOB, "BUY", "1", "110")) == [
        "OrderTraded #5 maker FILLED 1 at 110 fee 0 USDT",
        "OrderExpired #4 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 ALL_DONE",
    ]


def test_a_pending_pair_to_buy_locks_what_the_dearer_order_needs_once_it_is_placed() -> None:
    floor = opened()
    pending = leg(floor, "BUY", "STOP_LOSS_LIMIT", "115", stop="110"), leg(floor, "BUY", "LIMIT_MAKER", "90")
    place(floor, "OTO", leg(floor, "SELL", "LIMIT", "105", id="working"), *pending)
    assert locked(floor) == ("1", "0")
    floor.place(BOB, "BUY", "1", "105")
    assert locked(floor) == ("0", "115")
    assert heard(floor.place(BOB, "SELL", "1", "90"))[1] == "OrderExpired #4 EXPIRED 0/1 OCO_TRIGGER"
    assert locked(floor) == ("0", "0")


def test_pegged_orders_take_their_prices_when_they_are_placed() -> None:
    floor = opened()
    floor.place(BOB, "SELL", "1", "104")
    pending = leg(floor, "SELL", "STOP_LOSS_LIMIT", stop="90", peg=True), leg(floor, "SELL", "LIMIT_MAKER", peg=True)
    oto(floor, *pending)
    floor.place(BOB, "SELL", "0.5", "103")
    events = floor.place(CAROL, "SELL", "1", "95")
    placed = [event.order for event in events if isinstance(event, OrderTriggered)]
    assert [order.extras.pegged_price for order in placed if order.extras] == [0, units("103")]
    floor.place(BOB, "SELL", "0.5", "91")
    floor.place(CAROL, "BUY", "0.5", "85")
    activated = [event.order for event in floor.place(BOB, "SELL", "0.5", "85") if isinstance(event, OrderTriggered)]
    assert [order.extras.pegged_price for order in activated if order.extras] == [units("91")]


def test_an_iceberg_working_order_counts_as_filled_when_all_of_it_is() -> None:
    floor = opened()
    oto(floor, leg(floor, "SELL", "LIMIT", "105", iceberg="0.25"), working={"iceberg": "0.5"})
    assert len(heard(floor.place(BOB, "SELL", "0.5", "95"))) == 1
    events = floor.place(BOB, "SELL", "0.5", "95")
    assert heard(events)[2] == "OrderTriggered #4 NEW 0/1"
    assert "LevelChanged SELL 105 = 0.25" in said(events)


def test_a_pending_iceberg_order_amended_to_what_it_shows_is_shown_whole() -> None:
    floor = opened()
    oto(floor, leg(floor, "SELL", "LIMIT", "105", iceberg="0.25"))
    amend(floor, 4, "0.2", "less")
    events = floor.place(BOB, "SELL", "1", "95")
    assert "LevelChanged SELL 105 = 0.2" in said(events)
    (placed,) = [event.order for event in events if isinstance(event, OrderTriggered)]
    assert placed.extras is not None
    assert placed.extras.iceberg_quantity == units("0.25")


# --- what the working order brought in ----------------------------------------------------------------------------


def opo(floor: Floor, *pending: Any, quantity: str = "1") -> Any:
    return oto(floor, *pending, working={"quantity": quantity}, pays=True)


def selling(floor: Floor, price: str = "105", **more: Any) -> Any:
    return leg(floor, "SELL", "LIMIT", price, quantity="0", **more)


def test_what_a_working_order_brings_in_is_locked_until_the_pending_order_sells_it() -> None:
    floor = opened()
    assert heard(opo(floor, selling(floor)))[2] == "OrderOpened #4 PENDING_NEW 0/0"
    floor.place(BOB, "SELL", "0.4", "95")
    assert locked(floor) == ("0.4", "57")
    assert heard(floor.place(BOB, "SELL", "0.6", "95"))[1:] == [
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #4 NEW 0/1",
    ]
    assert locked(floor) == ("1", "0")
    assert floor.balance(ALICE, "BTC") == ("1000000", "1")


def test_the_commission_is_taken_from_what_else_is_free() -> None:
    floor = opened(maker_rate="0.001")
    opo(floor, selling(floor))
    floor.place(BOB, "SELL", "1", "95")
    assert floor.balance(ALICE, "BTC") == ("999999.999", "1")


def test_the_commission_is_taken_from_what_was_brought_in_where_nothing_else_is_free() -> None:
    lots = LotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(units("0.01")))
    floor = opened(maker_rate="0.001", filters=(lots,))
    floor.place(ALICE, "SELL", "1000000", "200")
    opo(floor, selling(floor))
    floor.place(BOB, "SELL", "0.5", "95")
    assert floor.balance(ALICE, "BTC") == ("0", "1000000.4995")
    assert heard(floor.place(BOB, "SELL", "0.5", "95"))[2] == "OrderTriggered #5 NEW 0/0.99"
    assert floor.balance(ALICE, "BTC") == ("0.009", "1000000.99")  # what is no whole lot is free again


def test_commission_that_is_paid_in_another_asset_takes_nothing_from_what_was_brought_in() -> None:
    floor = opened(maker_rate="0.001")
    floor.tell(SetDiscount(account=ALICE, enabled=True, asset="USDT"))
    floor.place(ALICE, "SELL", "1000000", "200")
    opo(floor, selling(floor))
    floor.place(BOB, "SELL", "1", "95")
    assert floor.balance(ALICE, "BTC") == ("0", "1000001")


def test_a_pending_market_order_keeps_to_both_lot_filters() -> None:
    lots = LotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(units("0.2")))
    market_lots = MarketLotSize(
        min_quantity=Quantity(0), max_quantity=Quantity(units("1.5")), step_size=Quantity(units("0.5"))
    )
    floor = opened(filters=(lots, market_lots), last_price=None)
    floor.place(CAROL, "BUY", "10", "90")
    opo(floor, leg(floor, "SELL", "MARKET", quantity="0"), quantity="2.8")
    assert heard(floor.place(BOB, "SELL", "2.8", "95"))[2:] == [
        "OrderTriggered #3 NEW 0/1",
        "OrderTraded #3 taker FILLED 1 at 90 fee 0 USDT",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert floor.balance(ALICE, "BTC") == ("1000001.8", "0")


def test_a_quantity_that_fails_a_filter_expires_and_all_is_free() -> None:
    notional = Notional(
        min_notional=Amount(units("100")),
        apply_min_to_market=True,
        max_notional=Amount(0),
        apply_max_to_market=False,
        average_price_minutes=0,
    )
    floor = opened(filters=(notional,))
    working = {"quantity": "1.1"}
    oto(floor, leg(floor, "SELL", "STOP_LOSS_LIMIT", "80", stop="85", quantity="0"), working=working, pays=True)
    floor.place(BOB, "SELL", "1.1", "95")
    assert floor.balance(ALICE, "BTC") == ("1000001.1", "0")
    assert not floor.engine.venue.order_lists


def test_a_list_that_is_cancelled_frees_what_was_brought_in() -> None:
    floor = opened()
    opo(floor, selling(floor))
    floor.place(BOB, "SELL", "0.4", "95")
    assert heard(floor.cancel(ALICE, order_id=4)) == [
        "OrderCanceled #3 CANCELED 0.4/1",
        "OrderCanceled #4 CANCELED 0/0",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert floor.balance(ALICE, "BTC") == ("1000000.4", "0")
    assert locked(floor) == ("0", "0")


def test_both_orders_of_an_opoco_sell_what_was_brought_in() -> None:
    floor = opened(maker_rate="0.001")
    opo(floor, *pair(floor, quantity="0"))
    floor.place(BOB, "SELL", "1", "95")
    assert floor.balance(ALICE, "BTC") == ("999999.999", "1")
    assert heard(trade(floor, "90"))[:3] == [
        "OrderExpired #5 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #4 NEW 0/1",
    ]


def test_bnb_that_was_brought_in_pays_its_own_commission() -> None:
    floor = opened(None, base="BNB", maker_rate="0.001")
    opo(floor, selling(floor))
    floor.place(BOB, "SELL", "1", "95")
    assert floor.balance(ALICE, "BNB") == ("1000000", "0.999")


# --- self-trade prevention ----------------------------------------------------------------------------------------


def test_a_prevented_match_that_ends_the_limit_order_ends_the_pair() -> None:
    floor = opened()
    oco(floor)
    assert heard(floor.place(ALICE, "BUY", "2", "110", mode="EXPIRE_MAKER")) == [
        "OrderOpened #5 NEW 0/2",
        "OrderPrevented #4 EXPIRED_IN_MATCH 0/1",
        "OrderExpired #3 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 ALL_DONE",
    ]
    assert locked(floor) == ("0", "220")


def test_a_prevented_match_that_takes_from_the_limit_order_ends_the_stop_loss_order() -> None:
    floor = opened()
    oco(floor)
    assert heard(floor.place(ALICE, "BUY", "0.4", "110", mode="DECREMENT"))[1:] == [
        "OrderPrevented #4 NEW 0/1",
        "OrderPrevented #5 EXPIRED_IN_MATCH 0/0.4",
        "OrderExpired #3 EXPIRED 0/1 OCO_TRIGGER",
        "OrderListChanged 0 EXEC_STARTED",
    ]
    assert locked(floor) == ("0.6", "0")


def test_a_prevented_match_that_ends_the_working_order_ends_the_list() -> None:
    floor = opened()
    floor.place(ALICE, "SELL", "1", "94")
    assert heard(oto(floor, leg(floor, "SELL", "LIMIT", "105"), working={"mode": "EXPIRE_TAKER"}))[3:] == [
        "OrderPrevented #4 EXPIRED_IN_MATCH 0/1",
        "OrderExpired #5 EXPIRED 0/1 OTO_PHASE_ONE_EXPIRED",
        "OrderListChanged 0 ALL_DONE",
    ]


def test_what_is_left_of_a_working_order_that_lost_a_part_may_still_be_filled() -> None:
    floor = opened()
    oto(floor, leg(floor, "SELL", "LIMIT", "105"))
    floor.place(ALICE, "SELL", "0.4", "95", mode="DECREMENT")
    assert heard(floor.place(BOB, "SELL", "0.6", "95"))[-1] == "OrderTriggered #4 NEW 0/1"


def test_a_pending_order_may_be_prevented_from_trading() -> None:
    floor = opened()
    floor.place(ALICE, "BUY", "1", "90")
    oto(floor, leg(floor, "SELL", "MARKET", mode="EXPIRE_BOTH"))
    assert heard(floor.place(BOB, "SELL", "1", "95"))[2:] == [
        "OrderTriggered #5 NEW 0/1",
        "OrderPrevented #3 EXPIRED_IN_MATCH 0/1",
        "OrderPrevented #5 EXPIRED_IN_MATCH 0/1",
        "OrderListChanged 0 ALL_DONE",
    ]


def test_filters_that_count_orders_do_not_count_the_pending_order_against_itself() -> None:
    floor = opened(
        filters=(
            MaxNumOrders(max_num_orders=2),
            PriceFilter(min_price=Price(0), max_price=Price(0), tick_size=Price(0)),
        )
    )
    oto(floor, leg(floor, "SELL", "LIMIT", "105"))
    floor.place(BOB, "SELL", "1", "95")
    assert locked(floor) == ("1", "0")
