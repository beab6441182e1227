"""Order lists as they are placed: what is accepted, what is refused, and in which order things are said."""

from typing import Any

import msgspec
import pytest

from pitwire.exchange.messages import (
    CommandRejected,
    ListSymbol,
    OpenAccount,
    OrderListChanged,
    OrderOpened,
    PlaceOrderList,
    SetExchangeFilters,
)
from pitwire.market.enums import ContingencyType, SymbolStatus
from pitwire.market.filters import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    LotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderLists,
    MaxNumOrders,
    Notional,
    PriceFilter,
    TrailingDelta,
)
from pitwire.market.numbers import Amount, Price, Quantity
from tests.exchange.engine.listing import in_full, leg, locked, oco, opened, place
from tests.exchange.engine.venues import ALICE, BOB, Floor, reason, units


def oto(floor: Floor, *pending: Any, pays: bool = False, **more: Any) -> Any:
    working = leg(floor, "BUY", "LIMIT", "95", id=f"working-{floor.sequence}")
    return place(floor, "OTO", working, *pending, pays=pays, **more)


def test_an_oco_is_said_list_first_then_its_orders_the_stop_loss_order_first() -> None:
    floor = opened()
    assert in_full(oco(floor)) == [
        "OrderListChanged 0 EXEC_STARTED",
        "OrderOpened #3 NEW 0/1",
        "OrderOpened #4 NEW 0/1",
        "LevelChanged SELL 110 = 1",
        "PositionChanged 1: BTC 999999 + 1, USDT 1000000 + 0",
    ]


def test_an_otoco_has_its_pending_orders_opened_and_nothing_locked_for_them() -> None:
    floor = opened()
    pair = leg(floor, "SELL", "STOP_LOSS", stop="90"), leg(floor, "SELL", "LIMIT_MAKER", "110")
    events = oto(floor, *pair)
    assert in_full(events) == [
        "OrderListChanged 0 EXEC_STARTED",
        "OrderOpened #3 NEW 0/1",
        "OrderOpened #4 PENDING_NEW 0/1",
        "OrderOpened #5 PENDING_NEW 0/1",
        "LevelChanged BUY 95 = 1",
        "PositionChanged 1: BTC 1000000 + 0, USDT 999905 + 95",
    ]
    opened_orders = [event.order for event in events if isinstance(event, OrderOpened)]
    assert [order.working_us for order in opened_orders[1:]] == [-1, -1]
    assert {order.extras.order_list_id for order in opened_orders if order.extras} == {0}


def test_a_list_is_shown_with_the_ids_of_its_orders() -> None:
    floor = opened()
    oco(floor)
    event = oco(floor, limit="120", stop="80")[0]
    assert isinstance(event, OrderListChanged)
    shown = event.order_list
    assert (shown.order_list_id, shown.account, shown.symbol) == (1, ALICE, "BTCUSDT")
    assert (shown.list_client_order_id, shown.contingency) == (f"list-{floor.sequence - 1}", ContingencyType.OCO)
    name = floor.sequence - 1
    assert [(order.order_id, order.client_order_id) for order in shown.orders] == [
        (5, f"stop_loss-{name}"),
        (6, f"limit_maker-{name}"),
    ]
    assert (shown.updated_us, shown.is_done) == (floor.time_us, False)


def test_a_working_order_that_is_filled_at_once_is_followed_by_the_pending_order() -> None:
    floor = opened()
    floor.place(BOB, "SELL", "1", "95")
    events = oto(floor, leg(floor, "SELL", "LIMIT", "105"))
    assert in_full(events) == [
        "OrderListChanged 0 EXEC_STARTED",
        "OrderOpened #4 NEW 0/1",
        "OrderOpened #5 PENDING_NEW 0/1",
        "OrderTraded #3 maker FILLED 1 at 95 fee 0 USDT",
        "OrderTraded #4 taker FILLED 1 at 95 fee 0 BTC",
        "TradeMatched 2: 1 at 95",
        "LevelChanged SELL 95 = 0",
        "OrderListChanged 0 EXEC_STARTED",
        "OrderTriggered #5 NEW 0/1",
        "LevelChanged SELL 105 = 1",
        "PositionChanged 1: BTC 1000000 + 1, USDT 999905 + 0",
        "PositionChanged 2: BTC 999998 + 0, USDT 1000195 + 0",
    ]


@pytest.mark.parametrize(
    ("side", "limit", "stop", "price", "base", "quote"),
    [
        ("SELL", "110", "90", "0", "1", "0"),
        ("SELL", "110", "90", "85", "1", "0"),
        ("BUY", "90", "110", "0", "0", "90"),
        ("BUY", "90", "110", "115", "0", "115"),
        ("BUY", "90", "110", "80", "0", "90"),
    ],
)
def test_a_pair_locks_what_the_dearer_order_needs(
    side: str, limit: str, stop: str, price: str, base: str, quote: str
) -> None:
    floor = opened()
    assert reason(oco(floor, side, limit, stop, price)) == "accepted"
    assert locked(floor) == (base, quote)


def test_what_is_free_need_suffice_for_the_dearer_order_only() -> None:
    floor = opened(balance="111")
    assert reason(oco(floor, "BUY", "90", "110", "111")) == "accepted"
    assert reason(oco(opened(balance="110"), "BUY", "90", "110", "111")) == "INSUFFICIENT_BALANCE"
    assert reason(oco(opened(balance="1"), "SELL", quantity="1.1")) == "INSUFFICIENT_BALANCE"


@pytest.mark.parametrize(
    ("side", "stop_loss", "other", "expected"),
    [
        ("SELL", {"stop": "100"}, {"kind": "LIMIT_MAKER", "price": "110"}, "BAD_PRICES"),
        ("SELL", {"stop": "90"}, {"kind": "LIMIT_MAKER", "price": "100"}, "BAD_PRICES"),
        ("SELL", {"stop": "90"}, {"kind": "TAKE_PROFIT", "stop": "100"}, "BAD_PRICES"),
        ("SELL", {"stop": "90"}, {"kind": "TAKE_PROFIT_LIMIT", "stop": "110", "price": "100"}, "BAD_PRICES"),
        ("SELL", {"stop": "90"}, {"kind": "TAKE_PROFIT_LIMIT", "stop": "110", "price": "101"}, "accepted"),
        ("SELL", {"stop": "90"}, {"kind": "TAKE_PROFIT", "stop": "101"}, "accepted"),
        ("BUY", {"stop": "100"}, {"kind": "LIMIT_MAKER", "price": "90"}, "BAD_PRICES"),
        ("BUY", {"stop": "110"}, {"kind": "LIMIT_MAKER", "price": "100"}, "BAD_PRICES"),
        ("BUY", {"stop": "110"}, {"kind": "TAKE_PROFIT", "stop": "100"}, "BAD_PRICES"),
        ("BUY", {"stop": "110"}, {"kind": "TAKE_PROFIT", "stop": "99"}, "accepted"),
        ("BUY", {"delta": 100}, {"kind": "LIMIT_MAKER", "price": "100"}, "BAD_PRICES"),
        ("BUY", {"delta": 100}, {"kind": "LIMIT_MAKER", "price": "99"}, "accepted"),
        ("SELL", {"stop": "90", "delta": 100}, {"kind": "TAKE_PROFIT", "delta": 100}, "accepted"),
    ],
)
def test_the_prices_of_a_pair_lie_on_both_sides_of_the_last_price(
    side: str, stop_loss: dict[str, Any], other: dict[str, Any], expected: str
) -> None:
    floor = opened()
    kind = other.pop("kind")
    assert reason(place(floor, "OCO", leg(floor, side, "STOP_LOSS", **stop_loss), leg(floor, side, kind, **other))) == (
        expected
    )


def test_before_the_first_trade_the_prices_of_a_pair_need_only_be_in_order() -> None:
    assert reason(oco(opened(None))) == "accepted"
    assert reason(oco(opened(None), limit="90", stop="90")) == "BAD_PRICES"


def test_the_prices_of_a_pending_pair_need_be_in_order_too() -> None:
    floor = opened()
    pair = [leg(floor, "SELL", "STOP_LOSS", stop="150"), leg(floor, "SELL", "LIMIT_MAKER", "140")]
    assert reason(oto(floor, *pair)) == "BAD_PRICES"
    pair[1] = leg(floor, "SELL", "LIMIT_MAKER", "160")
    assert reason(oto(floor, *pair)) == "accepted"  # wherever the last price is by now


@pytest.mark.parametrize(
    ("flags", "contingency", "pays", "expected"),
    [
        ({"oco_allowed": False}, "OCO", False, "OCO_UNSUPPORTED"),
        ({"oto_allowed": False}, "OCO", False, "accepted"),
        ({"oto_allowed": False}, "OTO", False, "OTO_UNSUPPORTED"),
        ({"oco_allowed": False}, "OTO", False, "accepted"),
        ({"opo_allowed": False}, "OTO", True, "OPO_UNSUPPORTED"),
        ({"oto_allowed": False}, "OTO", True, "OTO_UNSUPPORTED"),
        ({"oco_allowed": False}, "OTOCO", False, "OCO_UNSUPPORTED"),
        ({"oto_allowed": False}, "OTOCO", False, "OTO_UNSUPPORTED"),
        ({"oco_allowed": False}, "OTOCO", True, "OCO_UNSUPPORTED"),
    ],
)
def test_a_symbol_says_which_lists_it_takes(
    flags: dict[str, bool], contingency: str, pays: bool, expected: str
) -> None:
    floor = opened(**flags)
    quantity = "0" if pays else "1"
    if contingency == "OCO":
        events = oco(floor)
    elif contingency == "OTO":
        events = oto(floor, leg(floor, "SELL", "MARKET", quantity=quantity), pays=pays)
    else:
        stop_loss = leg(floor, "SELL", "STOP_LOSS", stop="90", quantity=quantity)
        events = oto(floor, stop_loss, leg(floor, "SELL", "LIMIT_MAKER", "110", quantity=quantity), pays=pays)
    assert reason(events) == expected


def test_a_list_of_an_unknown_symbol_or_account_is_refused() -> None:
    floor = opened()
    orders = leg(floor, "SELL", "STOP_LOSS", stop="90"), leg(floor, "SELL", "LIMIT_MAKER", "110")
    command = PlaceOrderList(
        account=ALICE, symbol="BTCUSDT", list_client_order_id="x", contingency=ContingencyType.OCO, orders=orders
    )
    assert reason(floor.tell(msgspec.structs.replace(command, symbol="NONE"))) == "UNKNOWN_SYMBOL"
    assert reason(floor.tell(msgspec.structs.replace(command, account=9))) == "UNKNOWN_ACCOUNT"
    assert reason(floor.tell(msgspec.structs.replace(command, account=BOB))) == "UNSUPPORTED_COMBINATION"


@pytest.mark.parametrize(
    ("contingency", "pays", "orders"),
    [
        ("OCO", False, [("SELL", "STOP_LOSS", {"stop": "90"})]),
        ("OCO", False, [("SELL", "LIMIT_MAKER", {"price": "110"}), ("SELL", "STOP_LOSS", {"stop": "90"})]),
        ("OCO", False, [("SELL", "STOP_LOSS", {"stop": "90"}), ("SELL", "LIMIT", {"price": "110"})]),
        ("OCO", False, [("SELL", "STOP_LOSS", {"stop": "90"}), ("BUY", "LIMIT_MAKER", {"price": "90"})]),
        (
            "OCO",
            False,
            [("SELL", "STOP_LOSS", {"stop": "90"}), ("SELL", "LIMIT_MAKER", {"price": "110", "quantity": "2"})],
        ),
        ("OCO", True, [("SELL", "STOP_LOSS", {"stop": "90"}), ("SELL", "LIMIT_MAKER", {"price": "110"})]),
        ("OTO", False, [("BUY", "LIMIT", {"price": "95"})]),
        ("OTO", False, [("BUY", "STOP_LOSS", {"stop": "110"}), ("SELL", "MARKET", {})]),
        ("OTO", False, [("BUY", "LIMIT", {"price": "95"}), ("SELL", "MARKET", {}), ("SELL", "MARKET", {})]),
        ("OTO", True, [("BUY", "LIMIT", {"price": "95"}), ("SELL", "MARKET", {})]),
        ("OTO", True, [("SELL", "LIMIT", {"price": "105"}), ("SELL", "MARKET", {"quantity": "0"})]),
        ("OTO", True, [("BUY", "LIMIT", {"price": "95"}), ("BUY", "MARKET", {"quantity": "0"})]),
    ],
)
def test_orders_that_make_no_list_are_refused(contingency: str, pays: bool, orders: list[Any]) -> None:
    floor = opened()
    legs = [leg(floor, side, kind, id=str(number), **more) for number, (side, kind, more) in enumerate(orders)]
    assert reason(place(floor, contingency, *legs, pays=pays)) == "UNSUPPORTED_COMBINATION"


def test_a_pending_market_order_has_a_quantity_and_not_a_quote_quantity() -> None:
    floor = opened()
    pending = msgspec.structs.replace(leg(floor, "SELL", "MARKET", quantity="0"), quote_quantity=Amount(units("50")))
    assert reason(oto(floor, pending)) == "UNSUPPORTED_COMBINATION"


def test_client_order_ids_are_unique_in_the_list_and_among_what_is_open() -> None:
    floor = opened()
    assert reason(oto(floor, leg(floor, "SELL", "LIMIT", "105", id=f"working-{floor.sequence}"))) == "DUPLICATE_ORDER"
    oto(floor, leg(floor, "SELL", "LIMIT", "105", id="mine"), id="list")
    assert reason(floor.place(ALICE, "BUY", "1", "50", id="mine")) == "DUPLICATE_ORDER"
    assert reason(oto(floor, leg(floor, "SELL", "LIMIT", "105", id="mine"))) == "DUPLICATE_ORDER"
    assert reason(oto(floor, leg(floor, "SELL", "LIMIT", "105", id="other"), id="list")) == "DUPLICATE_ORDER"
    floor.cancel(ALICE, order_id=3)
    assert reason(oto(floor, leg(floor, "SELL", "LIMIT", "105", id="mine"), id="list")) == "accepted"


def test_an_order_that_is_wrong_in_itself_is_refused_also_where_it_would_wait() -> None:
    floor = opened(filters=(PriceFilter(min_price=Price(0), max_price=Price(0), tick_size=Price(units("1"))),))
    assert reason(oto(floor, leg(floor, "SELL", "LIMIT", "105.5"))) == "FILTER_FAILURE: PRICE_FILTER"
    assert reason(oto(floor, leg(floor, "SELL", "LIMIT", "105", quantity="0"))) == "ZERO_NOTIONAL"
    assert reason(oto(floor, leg(floor, "SELL", "STOP_LOSS"))) == "UNSUPPORTED_COMBINATION"


@pytest.mark.parametrize(
    "pending",
    [
        ("SELL", "LIMIT", {"price": "105", "quantity": "9999999"}),
        ("BUY", "LIMIT_MAKER", {"price": "200"}),
        ("SELL", "STOP_LOSS", {"stop": "150"}),
        ("SELL", "LIMIT", {"price": "105", "peg": True}),
    ],
    ids=["cannot be paid yet", "would take", "would be triggered", "has nothing to be pegged to"],
)
def test_what_speaks_against_a_pending_order_now_does_not_speak_against_the_list(pending: Any) -> None:
    floor = opened()
    if pending[1] == "LIMIT_MAKER":
        floor.place(BOB, "SELL", "1", "150")
    side, kind, more = pending
    assert reason(oto(floor, leg(floor, side, kind, **more))) == "accepted"


def test_a_pending_order_without_quantity_is_judged_by_its_quantity_only_later() -> None:
    lots = LotSize(min_quantity=Quantity(units("2")), max_quantity=Quantity(0), step_size=Quantity(0))
    notional = Notional(
        min_notional=Amount(units("100")),
        apply_min_to_market=True,
        max_notional=Amount(0),
        apply_max_to_market=False,
        average_price_minutes=0,
    )
    trailing = TrailingDelta(
        min_trailing_above_delta=10,
        max_trailing_above_delta=2000,
        min_trailing_below_delta=10,
        max_trailing_below_delta=2000,
    )
    floor = opened(filters=(notional, trailing))
    working = leg(floor, "BUY", "LIMIT", "95", quantity="2")
    assert reason(
        place(floor, "OTO", working, leg(floor, "SELL", "LIMIT", "0.1", quantity="0", id="a"), pays=True)
    ) == ("accepted")
    late = leg(floor, "SELL", "STOP_LOSS", delta=9, quantity="0", id="b")
    working = leg(floor, "BUY", "LIMIT", "95", quantity="2")
    assert reason(place(floor, "OTO", working, late, pays=True)) == "FILTER_FAILURE: TRAILING_DELTA"
    floor = opened(filters=(lots,), last_price=None)
    working = leg(floor, "BUY", "LIMIT", "95", quantity="1")
    assert reason(place(floor, "OTO", working, leg(floor, "SELL", "MARKET", quantity="0"), pays=True)) == (
        "FILTER_FAILURE: LOT_SIZE"
    )


@pytest.mark.parametrize(
    ("rule", "kind", "fits"),
    [
        (MaxNumOrders(max_num_orders=2), "OTOCO", "OTO"),
        (MaxNumAlgoOrders(max_num_algo_orders=1), "TWO STOPS", "OTOCO"),
        (MaxNumIcebergOrders(max_num_iceberg_orders=1), "TWO ICEBERGS", "ONE ICEBERG"),
        (ExchangeMaxNumOrders(max_num_orders=2), "OTOCO", "OTO"),
        (ExchangeMaxNumAlgoOrders(max_num_algo_orders=1), "TWO STOPS", "OTOCO"),
        (ExchangeMaxNumIcebergOrders(max_num_iceberg_orders=1), "TWO ICEBERGS", "ONE ICEBERG"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_list_counts_with_all_its_orders(rule: Any, kind: str, fits: str) -> None:
    def floor() -> Floor:
        if type(rule).__name__.startswith("Exchange"):
            made = opened()
            made.tell(SetExchangeFilters(filters=(rule,)))
            return made
        return opened(filters=(rule,))

    def attempt(kind: str) -> str:
        made = floor()
        stop = leg(made, "SELL", "STOP_LOSS", stop="90")
        if kind == "OTO":
            return reason(oto(made, leg(made, "SELL", "MARKET")))
        if kind == "OTOCO":
            return reason(oto(made, stop, leg(made, "SELL", "LIMIT_MAKER", "110")))
        if kind == "TWO STOPS":
            return reason(place(made, "OCO", stop, leg(made, "SELL", "TAKE_PROFIT", stop="110")))
        hides = "0.5" if kind == "TWO ICEBERGS" else "0"
        working = leg(made, "BUY", "LIMIT", "95", iceberg=hides)
        return reason(place(made, "OTO", working, leg(made, "SELL", "LIMIT", "110", iceberg="0.5", id="x")))

    name = str(rule.__struct_config__.tag)
    assert attempt(kind) == f"FILTER_FAILURE: {name}"
    assert attempt(fits) == "accepted"


@pytest.mark.parametrize("everywhere", [False, True])
def test_lists_are_counted(everywhere: bool) -> None:
    if everywhere:
        floor = opened()
        floor.tell(SetExchangeFilters(filters=(ExchangeMaxNumOrderLists(max_num_order_lists=1),)))
    else:
        floor = opened(filters=(MaxNumOrderLists(max_num_order_lists=1),))
    name = "EXCHANGE_MAX_NUM_ORDER_LISTS" if everywhere else "MAX_NUM_ORDER_LISTS"
    assert reason(oco(floor)) == "accepted"
    assert reason(oco(floor)) == f"FILTER_FAILURE: {name}"
    assert reason(oco(floor, account=BOB)) == "accepted"
    assert reason(floor.place(ALICE, "BUY", "1", "50")) == "accepted"
    floor.cancel(ALICE, order_id=3)
    assert reason(oco(floor)) == "accepted"


def test_a_market_maker_may_have_any_number() -> None:
    floor = opened(filters=(MaxNumOrderLists(max_num_order_lists=0),))
    floor.tell(OpenAccount(account=ALICE, name="", market_maker=True))
    assert reason(oco(floor)) == "accepted"


def test_a_market_that_does_not_trade_takes_no_lists() -> None:
    floor = opened()
    market = floor.engine.rules("BTCUSDT")
    assert market is not None
    floor.tell(ListSymbol(rules=msgspec.structs.replace(market, status=SymbolStatus.HALT)))
    assert reason(oco(floor)) == "MARKET_CLOSED"


def test_a_refused_list_changes_nothing() -> None:
    floor = opened(balance="100")
    before = floor.engine.snapshot()
    events = oto(floor, leg(floor, "SELL", "LIMIT", "105"), leg(floor, "SELL", "LIMIT", "106", id="x"))
    assert isinstance(events[0], CommandRejected)
    assert isinstance(oco(floor, "BUY", "90", "110", "200")[0], CommandRejected)
    assert floor.engine.snapshot() == before
