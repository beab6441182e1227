"""What an order must satisfy, and how each type and time in force ends."""

from typing import Any

import pytest

from pitwire.exchange.messages import OpenAccount, PlaceOrder
from pitwire.market.enums import OrderType, Side, SymbolStatus
from pitwire.market.filters import LotSize, MarketLotSize, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import Amount, Price, Quantity
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, reason, said, units


def lot_size(minimum: str, maximum: str, step: str) -> LotSize:
    return LotSize(
        min_quantity=Quantity(units(minimum)), max_quantity=Quantity(units(maximum)), step_size=Quantity(units(step))
    )


def market_lot_size(minimum: str, maximum: str, step: str) -> MarketLotSize:
    return MarketLotSize(
        min_quantity=Quantity(units(minimum)), max_quantity=Quantity(units(maximum)), step_size=Quantity(units(step))
    )


def min_notional(value: str, *, market: bool = True) -> Notional:
    return Notional(
        min_notional=Amount(units(value)),
        apply_min_to_market=market,
        max_notional=Amount(0),
        apply_max_to_market=False,
        average_price_minutes=5,
    )


TICK_OF_A_CENT = PriceFilter(min_price=Price(0), max_price=Price(0), tick_size=Price(units("0.01")))


# --- time in force --------------------------------------------------------------------------------------------------


def test_ioc_remainder_expires_after_a_partial_fill() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    lines = said(floor.place(BOB, "BUY", "3", "100", tif="IOC"))
    assert "OrderExpired #2 EXPIRED 1/3" in lines
    assert floor.balance(BOB, "USDT") == ("999900", "0")


def test_ioc_that_meets_nobody_expires_and_moves_no_balance() -> None:
    floor = Floor().open()
    assert said(floor.place(BOB, "BUY", "3", "100", tif="IOC")) == [
        "OrderOpened #1 NEW 0/3",
        "OrderExpired #1 EXPIRED 0/3",
    ]


def test_fok_fills_over_several_levels_when_they_hold_exactly_enough() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    floor.place(ALICE, "SELL", "1", "101")
    assert "OrderTraded #3 taker FILLED 1 at 101 fee 0.002 BTC" in said(floor.place(BOB, "BUY", "2", "101", tif="FOK"))


@pytest.mark.parametrize(("quantity", "price"), [("2.00000001", "101"), ("2", "100.99")])
def test_fok_trades_nothing_when_a_unit_is_missing_or_too_dear(quantity: str, price: str) -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    floor.place(ALICE, "SELL", "1", "101")
    lines = said(floor.place(BOB, "BUY", quantity, price, tif="FOK"))
    assert lines == [f"OrderOpened #3 NEW 0/{quantity}", f"OrderExpired #3 EXPIRED 0/{quantity}"]


def test_limit_maker_is_refused_at_the_very_price_of_the_other_side_and_rests_beside_it() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    assert reason(floor.place(BOB, "BUY", "1", "100", type="LIMIT_MAKER")) == "WOULD_MATCH_IMMEDIATELY"
    assert said(floor.place(BOB, "BUY", "1", "99.99", type="LIMIT_MAKER"))[0] == "OrderOpened #2 NEW 0/1"


# --- market orders --------------------------------------------------------------------------------------------------


def test_market_order_that_exhausts_the_book_expires_its_remainder() -> None:
    """market_orders_faq.md: NEW, TRADE, TRADE, EXPIRED."""
    floor = Floor().open(maker_rate="0", taker_rate="0")
    floor.place(ALICE, "SELL", "2", "1")
    floor.place(CAROL, "SELL", "2", "1")
    lines = said(floor.place(BOB, "BUY", "6"))
    assert [line for line in lines if "#3" in line] == [
        "OrderOpened #3 NEW 0/6",
        "OrderTraded #3 taker PARTIALLY_FILLED 2 at 1 fee 0 BTC",
        "OrderTraded #3 taker PARTIALLY_FILLED 2 at 1 fee 0 BTC",
        "OrderExpired #3 EXPIRED 4/6",
    ]


def test_market_order_by_quantity_on_an_empty_book_is_accepted_and_expires() -> None:
    floor = Floor().open()
    assert said(floor.place(BOB, "SELL", "6")) == ["OrderOpened #1 NEW 0/6", "OrderExpired #1 EXPIRED 0/6"]


def test_market_order_by_quote_on_an_empty_book_is_refused() -> None:
    assert reason(Floor().open().place(BOB, "BUY", quote="100")) == "MARKET_WITHOUT_LIQUIDITY"


@pytest.mark.parametrize(
    ("filters", "detail"),
    [
        ((lot_size("1", "0", "0"),), ": LOT_SIZE"),
        ((lot_size("0.1", "0", "0"), market_lot_size("1", "0", "0")), ": MARKET_LOT_SIZE"),
    ],
)
def test_market_order_by_quote_says_which_lot_filter_the_book_falls_short_of(filters: Any, detail: str) -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "0.5", "100")
    floor.open(filters=filters)
    assert reason(floor.place(BOB, "BUY", quote="1000")) == "MARKET_WITHOUT_LIQUIDITY" + detail


def test_market_buy_by_quote_rounds_down_to_the_lot_step_and_never_spends_more() -> None:
    floor = Floor().open(filters=(lot_size("0.001", "0", "0.001"),), taker_rate="0")
    floor.place(ALICE, "SELL", "1", "300")
    lines = said(floor.place(BOB, "BUY", quote="100"))
    assert "OrderTraded #2 taker FILLED 0.333 at 300 fee 0 BTC" in lines
    assert floor.balance(BOB, "USDT") == ("999900.1", "0")


def test_market_sell_by_quote_sells_no_more_than_it_takes() -> None:
    floor = Floor().open(filters=(lot_size("0.001", "0", "0.001"),), taker_rate="0")
    floor.place(ALICE, "BUY", "1", "300")
    floor.place(ALICE, "BUY", "1", "200")
    assert "OrderTraded #3 taker FILLED 0.25 at 200 fee 0 USDT" in said(floor.place(BOB, "SELL", quote="350"))
    assert floor.balance(BOB, "USDT") == ("1000350", "0")


def test_market_order_by_quote_expires_when_the_book_had_too_little_for_it() -> None:
    floor = Floor().open(taker_rate="0")
    floor.place(ALICE, "SELL", "1", "100")
    lines = said(floor.place(BOB, "BUY", quote="150"))
    assert "OrderTraded #2 taker PARTIALLY_FILLED 1 at 100 fee 0 BTC" in lines
    assert "OrderExpired #2 EXPIRED 1/1" in lines


def test_market_order_by_quote_that_buys_the_whole_book_exactly_is_filled() -> None:
    floor = Floor().open(taker_rate="0")
    floor.place(ALICE, "SELL", "1", "100")
    assert "OrderTraded #2 taker FILLED 1 at 100 fee 0 BTC" in said(floor.place(BOB, "BUY", quote="100"))


def test_market_order_by_quote_too_small_for_one_lot_fails_lot_size() -> None:
    floor = Floor().open(filters=(lot_size("0.1", "0", "0.1"),))
    floor.place(ALICE, "SELL", "1", "100")
    assert reason(floor.place(BOB, "BUY", quote="9.99")) == "FILTER_FAILURE: LOT_SIZE"


def test_market_buy_is_refused_when_the_balance_does_not_fill_it() -> None:
    floor = Floor().open(balance="100")
    floor.place(ALICE, "SELL", "1", "60")
    floor.place(ALICE, "SELL", "1", "41")
    assert reason(floor.place(BOB, "BUY", "2")) == "INSUFFICIENT_BALANCE"
    assert reason(floor.place(BOB, "BUY", "1.9")) == "accepted"


def test_market_notional_is_judged_by_the_average_price_of_the_last_minutes() -> None:
    floor = Floor().open(filters=(min_notional("100"),))
    floor.place(ALICE, "SELL", "50", "100")
    assert reason(floor.place(BOB, "BUY", "0.5")) == "accepted"  # nothing has traded: there is no average yet
    floor.place(ALICE, "SELL", "50", "400")
    floor.place(BOB, "BUY", "49.5", "100")
    assert reason(floor.place(BOB, "BUY", "0.5")) == "FILTER_FAILURE: NOTIONAL"  # 0.5 at an average of 100, not at 400
    assert reason(floor.place(BOB, "BUY", "1")) == "accepted"


def test_market_order_by_quote_is_judged_by_its_quote_quantity() -> None:
    floor = Floor().open(filters=(min_notional("10"),))
    floor.place(ALICE, "SELL", "50", "100")
    assert reason(floor.place(BOB, "BUY", quote="9.99")) == "FILTER_FAILURE: NOTIONAL"
    assert reason(floor.place(BOB, "BUY", quote="10")) == "accepted"


# --- refusals and their order ---------------------------------------------------------------------------------------


def order(**changes: Any) -> PlaceOrder:
    wanted: dict[str, Any] = {
        "account": ALICE,
        "symbol": "BTCUSDT",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "client_order_id": "mine",
        "price": units("100"),
        "quantity": units("1"),
    }
    return PlaceOrder(**{**wanted, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "accepted"),
        ({"symbol": "NOSUCH", "account": 9}, "UNKNOWN_SYMBOL"),
        ({"account": 9, "type": OrderType.STOP_LOSS}, "UNKNOWN_ACCOUNT"),
        ({"type": OrderType.STOP_LOSS}, "UNSUPPORTED_ORDER_TYPE: STOP_LOSS"),
        ({"quote_quantity": units("5")}, "UNSUPPORTED_COMBINATION"),
        ({"type": OrderType.MARKET}, "UNSUPPORTED_COMBINATION"),
        ({"type": OrderType.MARKET, "price": 0, "quote_quantity": units("5")}, "UNSUPPORTED_COMBINATION"),
        ({"price": 1, "quantity": 0}, "FILTER_FAILURE: PRICE_FILTER"),
        ({"quantity": units("0.05"), "client_order_id": "taken"}, "FILTER_FAILURE: LOT_SIZE"),
        ({"quantity": units("0.1"), "client_order_id": "taken"}, "FILTER_FAILURE: NOTIONAL"),
        ({"client_order_id": "taken", "quantity": units("999999")}, "DUPLICATE_ORDER"),
        ({"type": OrderType.LIMIT_MAKER, "price": units("200"), "quantity": units("99999")}, "WOULD_MATCH_IMMEDIATELY"),
        ({"quantity": units("10001")}, "INSUFFICIENT_BALANCE"),
        ({"side": Side.SELL, "price": units("200"), "quantity": units("1000001")}, "INSUFFICIENT_BALANCE"),
    ],
)
def test_the_first_failing_check_names_the_refusal(changes: dict[str, Any], expected: str) -> None:
    floor = Floor().open(filters=(TICK_OF_A_CENT, lot_size("0.1", "0", "0.1"), min_notional("20")))
    floor.place(BOB, "SELL", "1", "200")
    floor.place(ALICE, "BUY", "1", "50", id="taken")
    floor.cancel(ALICE, client_order_id="taken")
    floor.place(ALICE, "SELL", "1", "300", id="taken")
    assert reason(floor.tell(order(**changes))) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 0},
        {"price": units("-1"), "quantity": units("-1")},
        {"quantity": 0},
        {"quantity": units("-1")},
        {"price": 1, "quantity": 1},
        {"type": OrderType.MARKET, "price": 0, "quantity": 0},
        {"type": OrderType.MARKET, "price": 0, "quantity": units("-1")},
    ],
)
def test_an_order_over_nothing_is_refused_even_where_no_filter_says_so(changes: dict[str, Any]) -> None:
    floor = Floor().open()
    refusal = reason(floor.tell(order(**changes)))
    assert refusal.split(":")[0] in ("ZERO_NOTIONAL", "FILTER_FAILURE")


def test_a_symbol_that_does_not_trade_takes_no_orders_but_still_cancels() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="mine")
    floor.open(status=SymbolStatus.HALT)
    assert reason(floor.place(BOB, "BUY", "1", "100")) == "MARKET_CLOSED"
    assert reason(floor.cancel(ALICE, client_order_id="mine")) == "accepted"


def test_a_symbol_may_leave_out_order_types() -> None:
    floor = Floor().open(order_types=(OrderType.LIMIT,))
    assert reason(floor.place(BOB, "BUY", "1")) == "UNSUPPORTED_ORDER_TYPE: MARKET"


def test_a_client_order_id_is_free_again_once_its_order_is_done() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100", id="same")
    assert reason(floor.place(ALICE, "SELL", "1", "200", id="same")) == "DUPLICATE_ORDER"
    assert reason(floor.place(BOB, "BUY", "1", "99", id="same")) == "accepted"  # another account's
    floor.place(BOB, "SELL", "1", "100")
    assert reason(floor.place(ALICE, "BUY", "1", "100", id="same")) == "accepted"
    floor.cancel(ALICE, client_order_id="same")
    assert reason(floor.place(ALICE, "BUY", "1", "100", id="same")) == "accepted"


def test_max_num_orders_counts_open_orders_and_lets_market_orders_pass() -> None:
    floor = Floor().open(filters=(MaxNumOrders(max_num_orders=2),))
    floor.place(BOB, "SELL", "5", "101")
    assert [reason(floor.place(ALICE, "BUY", "1", str(price))) for price in (98, 99, 100)] == [
        "accepted",
        "accepted",
        "FILTER_FAILURE: MAX_NUM_ORDERS",
    ]
    assert reason(floor.place(ALICE, "BUY", "1")) == "accepted"
    floor.cancel(ALICE, order_id=2)
    assert reason(floor.place(ALICE, "BUY", "1", "100")) == "accepted"


def test_a_market_maker_may_rest_more_and_smaller_orders() -> None:
    floor = Floor().open(filters=(MaxNumOrders(max_num_orders=1), min_notional("10")))
    floor.tell(OpenAccount(account=ALICE, name="maker", market_maker=True))
    assert [reason(floor.place(ALICE, "BUY", "0.01", str(price))) for price in (98, 99, 100)] == ["accepted"] * 3


def test_refusal_foretells_what_apply_answers_and_changes_nothing() -> None:
    floor = Floor().open()
    before = floor.engine.snapshot()
    assert floor.engine.refusal(order(), floor.time_us) is None
    told = floor.engine.refusal(order(quantity=units("99999")), floor.time_us)
    assert told is not None
    assert floor.engine.snapshot() == before
    assert floor.tell(order(quantity=units("99999"))) == (told,)
