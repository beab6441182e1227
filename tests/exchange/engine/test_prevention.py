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
    SetDiscount,
    TradeMatched,
    Trigger,
)
from pitwire.market.enums import CancelReplaceMode, OrderType, SelfTradePrevention, Side, TimeInForce
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, plain, reason, said, units

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


# --- among icebergs, and by orders that a trade triggered ----------------------------------------------------------


def opened(**options):
    return Floor().open(
        **{
            "order_types": tuple(OrderType),
            "iceberg_allowed": True,
            "allowed_self_trade_prevention": tuple(SelfTradePrevention),
            "balance": "1000",
            **options,
        }
    )


def place(floor, account, side, quantity, price="0", *, shown="0", stop=None, type="LIMIT", tif="GTC", mode="NONE"):  # noqa: A002
    return floor.tell(
        PlaceOrder(
            account=account,
            symbol="BTCUSDT",
            side=Side(side),
            type=OrderType(type),
            client_order_id=f"order-{floor.sequence}",
            time_in_force=TimeInForce(tif),
            price=units(price),
            quantity=units(quantity),
            iceberg_quantity=units(shown),
            trigger=None if stop is None else Trigger(stop_price=units(stop)),
            self_trade_prevention=SelfTradePrevention(mode),
        )
    )


def test_decrement_takes_the_shown_part_and_the_next_one_goes_behind_the_others():
    floor = opened()
    place(floor, ALICE, "SELL", "10", "10", shown="4")
    place(floor, BOB, "SELL", "1", "10")
    events = place(floor, ALICE, "BUY", "6", "10", mode="DECREMENT")
    assert [(e.order.order_id, plain(e.prevented)) for e in events if isinstance(e, OrderPrevented)] == [
        (1, "4"), (3, "4"), (1, "1"), (3, "1"),
    ]  # fmt: skip
    assert [(e.seller_order_id, plain(e.quantity)) for e in events if isinstance(e, TradeMatched)] == [(2, "1")]
    assert [line for line in lines(events) if line.startswith("LevelChanged")] == [
        "LevelChanged SELL 10 = 5",
        "LevelChanged SELL 10 = 4",
        "LevelChanged SELL 10 = 3",
    ]
    assert floor.balance(ALICE, "BTC") == ("995.998", "5")
    payload = floor.engine.snapshot()
    assert Engine.restore(payload).snapshot() == payload


@pytest.mark.parametrize("mode", ["EXPIRE_MAKER", "EXPIRE_BOTH"])
def test_an_iceberg_expires_with_all_that_it_hides(mode):
    floor = opened()
    place(floor, ALICE, "SELL", "10", "10", shown="4")
    place(floor, BOB, "SELL", "1", "10")
    events = place(floor, ALICE, "BUY", "1", "10", mode=mode)
    prevented = next(e for e in events if isinstance(e, OrderPrevented))
    assert (prevented.order.order_id, plain(prevented.prevented), plain(prevented.quantity)) == (1, "10", "1")
    assert prevented.order.status.value == "EXPIRED_IN_MATCH"
    assert "LevelChanged SELL 10 = 1" in lines(events)
    assert floor.balance(ALICE, "BTC")[1] == "0"


def test_what_shows_only_behind_an_own_order_does_not_fill_a_fok_order():
    floor = opened()
    place(floor, BOB, "SELL", "10", "10", shown="4")
    place(floor, ALICE, "SELL", "1", "10")
    assert (
        lines(place(floor, ALICE, "BUY", "5", "10", tif="FOK", mode="DECREMENT"))[-1] == "OrderExpired #3 EXPIRED 0/5"
    )
    assert lines(place(floor, ALICE, "BUY", "4", "10", tif="FOK", mode="DECREMENT"))[-1] == "LevelChanged SELL 10 = 5"
    assert "TradeMatched 1: 4 at 10" in lines(floor.outcomes[-1].events)


def test_a_triggered_order_expires_the_own_order_that_it_meets():
    floor = opened()
    place(floor, ALICE, "SELL", "1", "12")
    place(floor, ALICE, "BUY", "1", stop="11", type="STOP_LOSS", mode="EXPIRE_BOTH")
    place(floor, BOB, "SELL", "1", "11")
    events = place(floor, CAROL, "BUY", "1", "11")
    assert lines(events)[-5:] == [
        "OrderTriggered",
        "MatchPrevented",
        "OrderPrevented #1 EXPIRED_IN_MATCH 0/1",
        "OrderPrevented #2 EXPIRED_IN_MATCH 0/1",
        "LevelChanged SELL 12 = 0",
    ]
    assert [line for line in said(events) if line.startswith("PositionChanged 1")] == [
        "PositionChanged 1: BTC 1000 + 0, USDT 1000 + 0"
    ]
    assert floor.engine.venue.waiting == 0
    assert not floor.engine.venue.markets["BTCUSDT"].orders


def test_what_a_triggered_buyer_needs_is_of_orders_that_it_will_trade_with():
    floor = opened()
    place(floor, ALICE, "SELL", "1", "900")
    place(floor, BOB, "SELL", "1", "950")
    place(floor, ALICE, "BUY", "1", stop="100", type="STOP_LOSS", mode="EXPIRE_MAKER")
    place(floor, ALICE, "BUY", "1", "60")
    place(floor, BOB, "SELL", "1", "100")
    events = place(floor, CAROL, "BUY", "1", "100")
    assert "OrderExpired #3 EXPIRED 0/1" in lines(events)  # 950 is more than the 940 that are free


def test_a_triggered_buyer_pays_no_commission_with_what_its_trades_need():
    floor = opened()
    place(floor, BOB, "SELL", "1", "500")
    place(floor, BOB, "SELL", "1", "500")
    place(floor, ALICE, "BUY", "2", stop="100", type="STOP_LOSS")
    floor.tell(SetDiscount(account=ALICE, enabled=True, asset="USDT", discount=units("0.75")))
    place(floor, BOB, "SELL", "1", "100")
    place(floor, CAROL, "BUY", "1", "100")
    assert floor.balance(ALICE, "USDT") == ("0", "0")


def test_a_fok_order_that_the_others_cannot_fill_expires_without_its_own_maker():
    market = floor()
    market.place(ALICE, "SELL", "5", "100")
    market.place(BOB, "SELL", "1", "101")
    events = market.place(ALICE, "BUY", "2", "102", tif="FOK", mode="EXPIRE_MAKER")
    assert lines(events) == ["OrderOpened #3 NEW 0/2", "OrderExpired #3 EXPIRED 0/2"]


def test_a_fok_order_that_meets_none_of_its_own_looks_through_the_whole_book():
    market = floor()
    market.place(ALICE, "BUY", "1", "90")
    market.place(BOB, "SELL", "1", "101")
    events = market.place(ALICE, "BUY", "2", "102", tif="FOK", mode="EXPIRE_TAKER")
    assert lines(events) == ["OrderOpened #3 NEW 0/2", "OrderExpired #3 EXPIRED 0/2"]
