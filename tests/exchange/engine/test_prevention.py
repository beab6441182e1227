"""What self-trade prevention does to the book, to balances and to orders; the FAQ's examples are scenarios."""

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    AmendOrder,
    CancelOrder,
    MatchPrevented,
    OrderPrevented,
    PlaceOrder,
    PositionChanged,
    ReplaceOrder,
)
from pitwire.market.enums import CancelReplaceMode, OrderType, SelfTradePrevention, Side
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, reason, said, units

MODES = tuple(SelfTradePrevention)
PREVENTING = [mode.value for mode in MODES if mode is not SelfTradePrevention.NONE]


def floor(**options):
    return Floor().open(**{"allowed_self_trade_prevention": MODES, "balance": "1000", **options})


def status(events, order_id):
    """Of an order after the last event that is about it."""
    orders = [event.order for event in events if hasattr(event, "order")]
    return [order.status.value for order in orders if order.order_id == order_id][-1]


def lines(events):
    return [line for line in said(events) if not line.startswith("PositionChanged")]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (
            "EXPIRE_MAKER",
            ["OrderPrevented #1 EXPIRED_IN_MATCH 0/1", "LevelChanged SELL 10 = 0", "LevelChanged BUY 10 = 2"],
        ),
        ("EXPIRE_TAKER", ["OrderPrevented #2 EXPIRED_IN_MATCH 0/2"]),
        (
            "EXPIRE_BOTH",
            [
                "OrderPrevented #1 EXPIRED_IN_MATCH 0/1",
                "OrderPrevented #2 EXPIRED_IN_MATCH 0/2",
                "LevelChanged SELL 10 = 0",
            ],
        ),
        (
            "DECREMENT",
            [
                "OrderPrevented #1 EXPIRED_IN_MATCH 0/1",
                "OrderPrevented #2 NEW 0/2",
                "LevelChanged SELL 10 = 0",
                "LevelChanged BUY 10 = 1",
            ],
        ),
    ],
)
def test_the_order_of_events(mode, expected):
    trading = floor()
    trading.place(ALICE, "SELL", "1", "10")
    assert lines(trading.place(ALICE, "BUY", "2", "10", mode=mode)) == [
        "OrderOpened #2 NEW 0/2",
        "MatchPrevented",
        *expected,
    ]


@pytest.mark.parametrize("mode", PREVENTING)
def test_nothing_of_it_changes_what_an_account_owns(mode):
    trading = floor()
    trading.place(ALICE, "SELL", "1", "10")
    trading.place(ALICE, "BUY", "2", "10", mode=mode)
    trading.cancel_all(ALICE)
    assert (trading.balance(ALICE, "BTC"), trading.balance(ALICE, "USDT")) == (("1000", "0"), ("1000", "0"))


@pytest.mark.parametrize("mode", PREVENTING)
def test_strangers_trade_whatever_the_mode(mode):
    trading = floor(trade_groups={ALICE: 1, CAROL: 2})
    trading.place(BOB, "SELL", "1", "10", mode=mode)
    trading.place(CAROL, "SELL", "1", "10", mode=mode)
    events = trading.place(ALICE, "BUY", "2", "10", mode=mode)
    assert not any(isinstance(event, MatchPrevented) for event in events)
    assert status(events, 3) == "FILLED"


def test_orders_of_others_in_between_are_traded_with():
    trading = floor()
    trading.place(ALICE, "SELL", "1", "10")
    trading.place(BOB, "SELL", "1", "10")
    trading.place(ALICE, "SELL", "1", "11")
    events = trading.place(ALICE, "BUY", "2", "11", mode="EXPIRE_MAKER")
    assert [line for line in lines(events) if line.startswith(("Order", "Trade"))] == [
        "OrderOpened #4 NEW 0/2",
        "OrderPrevented #1 EXPIRED_IN_MATCH 0/1",
        "OrderTraded #2 maker FILLED 1 at 10 fee 0.01 USDT",
        "OrderTraded #4 taker PARTIALLY_FILLED 1 at 10 fee 0.002 BTC",
        "TradeMatched 1: 1 at 10",
        "OrderPrevented #3 EXPIRED_IN_MATCH 0/1",
    ]


def test_the_last_price_is_that_of_a_trade_and_no_prevented_match_moves_it():
    trading = floor()
    trading.place(BOB, "SELL", "1", "10")
    trading.place(CAROL, "SELL", "1", "11")
    trading.place(CAROL, "BUY", "2", "11", mode="EXPIRE_MAKER")
    assert trading.engine.venue.markets["BTCUSDT"].average_price.last_price == units("10")


def test_the_effective_mode_of_transfer_is_decrement_unless_the_maker_wants_it_too():
    trading = floor(trade_groups={ALICE: 7, BOB: 7})
    trading.place(ALICE, "SELL", "1", "10", mode="DECREMENT")
    trading.place(ALICE, "SELL", "1", "11", mode="TRANSFER")
    events = trading.place(BOB, "BUY", "2", "11", mode="TRANSFER")
    assert [event.mode.value for event in events if isinstance(event, MatchPrevented)] == ["DECREMENT", "TRANSFER"]
    assert [event.trade_group for event in events if isinstance(event, OrderPrevented)] == [7] * 4
    # One BTC of the second match, at 11 and without commission.
    assert (trading.balance(BOB, "BTC"), trading.balance(BOB, "USDT")) == (("1001", "0"), ("989", "0"))
    assert (trading.balance(ALICE, "BTC"), trading.balance(ALICE, "USDT")) == (("999", "0"), ("1011", "0"))


def test_a_maker_that_a_prevented_match_leaves_alone_has_no_news_of_its_balances():
    trading = floor(trade_groups={ALICE: 7, BOB: 7})
    trading.place(ALICE, "SELL", "1", "10")
    events = trading.place(BOB, "BUY", "1", "10", mode="EXPIRE_TAKER")
    assert [event.account for event in events if isinstance(event, PositionChanged)] == [BOB]


def test_a_decremented_order_keeps_its_place_in_the_queue():
    trading = floor()
    trading.place(ALICE, "SELL", "3", "10")
    trading.place(BOB, "SELL", "3", "10")
    trading.place(ALICE, "BUY", "1", "10", mode="DECREMENT")
    events = trading.place(CAROL, "BUY", "3", "10")
    assert [line for line in said(events) if "maker" in line] == [
        "OrderTraded #1 maker FILLED 2 at 10 fee 0.02 USDT",
        "OrderTraded #2 maker PARTIALLY_FILLED 1 at 10 fee 0.01 USDT",
    ]


@pytest.mark.parametrize(
    ("mode", "price", "expected"),
    [
        ("EXPIRE_MAKER", "11", "FILLED"),  # with Bob's two
        ("EXPIRE_MAKER", "10", "EXPIRED"),
        ("EXPIRE_TAKER", "11", "EXPIRED"),  # Alice's own comes before Bob's second
        ("DECREMENT", "11", "EXPIRED"),
        ("NONE", "10", "FILLED"),
    ],
)
def test_fill_or_kill_counts_what_others_offer(mode, price, expected):
    trading = floor()
    trading.place(BOB, "SELL", "1", "10")
    trading.place(ALICE, "SELL", "1", "10")
    trading.place(BOB, "SELL", "1", "11")
    events = trading.place(ALICE, "BUY", "2", price, tif="FOK", mode=mode)
    assert status(events, 4) == expected
    if expected == "EXPIRED":
        assert not any(isinstance(event, MatchPrevented) for event in events)


def test_fill_or_kill_is_filled_before_it_meets_an_own_order():
    trading = floor()
    trading.place(BOB, "SELL", "2", "10")
    trading.place(ALICE, "SELL", "1", "10")
    assert status(trading.place(ALICE, "BUY", "2", "10", tif="FOK", mode="EXPIRE_BOTH"), 3) == "FILLED"
    trading.place(BOB, "SELL", "1", "9")
    assert status(trading.place(ALICE, "BUY", "2", "10", tif="FOK", mode="EXPIRE_BOTH"), 5) == "EXPIRED"
    trading.place(ALICE, "SELL", "1", "8")
    assert status(trading.place(ALICE, "BUY", "2", "10", tif="FOK", mode="EXPIRE_BOTH"), 7) == "EXPIRED"


def test_a_market_order_costs_what_it_buys_of_others():
    trading = floor(balance="100")
    trading.place(ALICE, "SELL", "1", "10")
    trading.place(BOB, "SELL", "1", "90")
    trading.place(BOB, "SELL", "1", "200")
    assert reason(trading.place(ALICE, "BUY", "2", mode="EXPIRE_MAKER")) == "INSUFFICIENT_BALANCE"
    assert reason(trading.place(ALICE, "BUY", "1", mode="EXPIRE_MAKER")) == "accepted"
    assert trading.balance(ALICE, "USDT") == ("10", "0")


def test_a_market_order_by_quote_quantity_never_spends_more_than_asked():
    trading = floor()
    trading.place(ALICE, "SELL", "10", "1")
    trading.place(BOB, "SELL", "10", "10")
    events = trading.place(ALICE, "BUY", quote="20", mode="EXPIRE_MAKER")
    assert status(events, 3) == "FILLED"
    assert trading.balance(ALICE, "USDT") == ("980", "0")


def test_a_market_order_by_quote_quantity_ends_once():
    trading = floor()
    trading.place(ALICE, "SELL", "1", "10")
    events = trading.place(ALICE, "BUY", quote="20", mode="EXPIRE_TAKER")
    assert lines(events) == ["OrderOpened #2 NEW 0/1", "MatchPrevented", "OrderPrevented #2 EXPIRED_IN_MATCH 0/1"]


def test_a_mode_that_the_symbol_does_not_allow_is_refused():
    trading = floor(allowed_self_trade_prevention=(SelfTradePrevention.NONE, SelfTradePrevention.EXPIRE_TAKER))
    assert reason(trading.place(ALICE, "BUY", "1", "1", mode="EXPIRE_BOTH")) == "SELF_TRADE_PREVENTION_NOT_ALLOWED"
    assert reason(trading.place(ALICE, "BUY", "1", "1", mode="EXPIRE_TAKER")) == "accepted"


def test_a_snapshot_keeps_the_group_the_count_and_what_orders_lost():
    trading = floor(trade_groups={ALICE: 7, BOB: 7})
    trading.place(ALICE, "SELL", "3", "10", mode="TRANSFER")
    trading.place(BOB, "BUY", "1", "10", mode="TRANSFER")
    payload = trading.engine.snapshot()
    restored = Engine.restore(payload)
    assert restored.snapshot() == payload
    both = [Floor(engine) for engine in (trading.engine, restored)]
    for each in both:
        each.sequence, each.time_us = trading.sequence, trading.time_us
    first, second = (each.place(BOB, "BUY", "1", "10", mode="TRANSFER") for each in both)
    assert first == second
    [match] = [event for event in first if isinstance(event, MatchPrevented)]
    maker = next(event.order for event in first if isinstance(event, OrderPrevented))
    assert (match.prevented_match_id, maker.quantity, maker.prevented) == (1, units("3"), units("2"))


def amended(trading, order_id, quantity):
    return trading.tell(
        AmendOrder(
            account=ALICE,
            symbol="BTCUSDT",
            new_client_order_id="amended",
            quantity=units(quantity),
            order_id=order_id,
        )
    )


def test_an_amendment_counts_what_was_prevented_as_part_of_the_quantity():
    trading = floor()
    trading.place(ALICE, "SELL", "5", "10")
    trading.place(ALICE, "BUY", "2", "10", mode="DECREMENT")
    assert reason(amended(trading, 1, "5")) == "NO_CHANGE"
    assert reason(amended(trading, 1, "2")) == "ZERO_NOTIONAL"
    events = amended(trading, 1, "4")
    assert lines(events) == ["OrderAmended #1 NEW 0/4", "LevelChanged SELL 10 = 2"]
    assert (events[0].previous_quantity, events[0].order.prevented) == (units("5"), units("2"))
    assert trading.balance(ALICE, "BTC") == ("998", "2")


def test_an_order_in_a_mode_that_the_symbol_does_not_allow_replaces_nothing():
    trading = floor(allowed_self_trade_prevention=())
    trading.place(ALICE, "SELL", "1", "10")
    new = PlaceOrder(
        account=ALICE,
        symbol="BTCUSDT",
        side=Side.SELL,
        type=OrderType.LIMIT,
        client_order_id="new",
        price=units("11"),
        quantity=units("1"),
        self_trade_prevention=SelfTradePrevention.DECREMENT,
    )
    cancel = CancelOrder(account=ALICE, symbol="BTCUSDT", cancel_id="cancel", order_id=1)
    events = trading.tell(ReplaceOrder(cancel=cancel, mode=CancelReplaceMode.STOP_ON_FAILURE, place=new))
    assert reason(events) == "SELF_TRADE_PREVENTION_NOT_ALLOWED"
    assert trading.balance(ALICE, "BTC") == ("999", "1")
