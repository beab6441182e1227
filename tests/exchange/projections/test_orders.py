"""Queries about orders and trades: fields, defaults, limits, choice and order of what they return, and what is kept.

Each is asked of what is in memory, of what is in pages of two, and of pages of two in SQLite.
"""

import pytest

from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.projections.archive import MemoryArchive
from pitwire.exchange.projections.orders import BadCombination, LookupTooLong, NoSuchOrder, OrderArchived
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import TimeUnit
from tests.exchange.projections import examples
from tests.exchange.projections.trading import ALICE, BOB, START_US, Floor, rules

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
DAY_US = 24 * 3_600_000_000
# Present in the examples only under conditions that do not hold here (web-socket-api.md, Conditional fields).
CONDITIONAL = {"trailingDelta", "trailingTime", "strategyId", "strategyType", "preventedMatchId", "preventedQuantity"}


@pytest.fixture(params=["in memory", "in pages", "in sqlite"])
def floor(request):
    archives = {
        "in memory": MemoryArchive,
        "in pages": lambda: MemoryArchive(page_items=2),
        "in sqlite": lambda: SqliteArchive(None, page_items=2),
    }
    return Floor(archive=archives[request.param]())


def status(floor, order_id=None, client_order_id=None, account=ALICE, unit=MS, now_us=0):
    return floor.projections.orders.status(account, "BTCUSDT", order_id, client_order_id, unit, now_us)


def all_ids(floor, order_id=None, start_us=None, end_us=None, limit=None):
    found = floor.projections.orders.all(ALICE, "BTCUSDT", order_id, start_us, end_us, limit, MS)
    return [order["orderId"] for order in found]


def trade_ids(floor, order_id=None, start_us=None, end_us=None, from_id=None, limit=None):
    found = floor.projections.orders.trades(ALICE, "BTCUSDT", order_id, start_us, end_us, from_id, limit, MS)
    return [trade["id"] for trade in found]


def place_times(floor, count, **order):
    """Place `count` orders for alice; when each was placed."""
    times = []
    for _ in range(count):
        times.append(floor.now_us)
        floor.place(ALICE, "BUY", 100, 1, **order)
    return times


# --- order.status -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["order.status", "openOrders.status", "allOrders"])
def test_an_order_has_the_documented_fields(floor, method):
    floor.place(ALICE, "BUY", 100, 1)
    example = examples.results(method)[0]
    documented = example[0] if isinstance(example, list) else example
    orders = floor.projections.orders
    found = {
        "order.status": lambda: status(floor, 1),
        "openOrders.status": lambda: orders.open(ALICE, "BTCUSDT", MS)[0],
        "allOrders": lambda: orders.all(ALICE, "BTCUSDT", None, None, None, None, MS)[0],
    }[method]()
    assert found.keys() == documented.keys() - CONDITIONAL


def test_an_orders_status_tells_what_became_of_it(floor):
    placed_us = floor.now_us
    floor.place(ALICE, "BUY", 100, 3, "mine")
    traded_us = floor.now_us
    floor.place(BOB, "SELL", 99, 1)
    assert status(floor, 1, unit=US) == {
        "symbol": "BTCUSDT",
        "orderId": 1,
        "orderListId": -1,
        "clientOrderId": "mine",
        "price": "100.00000000",
        "origQty": "3.00000000",
        "executedQty": "1.00000000",
        "cummulativeQuoteQty": "100.00000000",
        "status": "PARTIALLY_FILLED",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "stopPrice": "0.00000000",
        "icebergQty": "0.00000000",
        "time": placed_us,
        "updateTime": traded_us,
        "isWorking": True,
        "workingTime": placed_us,
        "origQuoteOrderQty": "0.00000000",
        "selfTradePreventionMode": "NONE",
    }


def test_conditional_fields_appear_when_their_condition_holds(floor):
    floor.place(ALICE, "BUY", 100, 1, strategy=(9, 1_000_000), tif="IOC")
    found = status(floor, 1)
    assert (found["strategyId"], found["strategyType"]) == (9, 1_000_000)
    assert (found["status"], found["expiryReason"]) == ("EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED")


def test_an_order_is_found_by_either_id(floor):
    floor.place(ALICE, "BUY", 100, 1, "mine")
    assert status(floor, 1) == status(floor, None, "mine") == status(floor, 1, "mine")


def test_a_canceled_order_is_still_found_by_the_id_it_was_placed_with(floor):
    floor.place(ALICE, "BUY", 100, 1, "mine")
    floor.cancel(ALICE, 1, "the-cancel")
    assert (status(floor, None, "mine")["status"], status(floor, None, "mine")["clientOrderId"]) == ("CANCELED", "mine")
    with pytest.raises(NoSuchOrder):
        status(floor, None, "the-cancel")


def test_a_client_order_id_used_again_means_the_newest_order(floor):
    floor.place(ALICE, "BUY", 100, 1, "mine")
    floor.cancel(ALICE, 1)
    floor.place(ALICE, "BUY", 100, 1, "mine")
    assert status(floor, None, "mine")["orderId"] == 2
    assert status(floor, 1, "mine")["orderId"] == 1


@pytest.mark.parametrize(
    ("order_id", "client_order_id", "account"),
    [
        (2, None, ALICE),
        (None, "other", ALICE),
        (1, "other", ALICE),
        (2, "mine", ALICE),
        (1, None, BOB),
        (None, None, ALICE),
    ],
)
def test_ids_that_name_no_order_of_this_account_find_nothing(floor, order_id, client_order_id, account):
    floor.place(ALICE, "BUY", 100, 1, "mine")
    with pytest.raises(NoSuchOrder):
        status(floor, order_id, client_order_id, account)


@pytest.mark.parametrize(
    "query",
    [
        lambda orders: orders.status(ALICE, "NOPE", 1, None, MS),
        lambda orders: orders.open(ALICE, "NOPE", MS),
        lambda orders: orders.all(ALICE, "NOPE", None, None, None, None, MS),
        lambda orders: orders.trades(ALICE, "NOPE", None, None, None, None, None, MS),
    ],
)
def test_an_unknown_symbol_is_named(floor, query):
    with pytest.raises(UnknownSymbol, match="NOPE"):
        query(floor.projections.orders)


# --- openOrders.status ------------------------------------------------------------------------------------------


def test_open_orders_are_those_that_can_still_trade_oldest_first():
    floor = Floor(rules(), rules("ETHBTC", "ETH", "BTC"))
    orders = floor.projections.orders
    for client_order_id, symbol in (("a", "BTCUSDT"), ("b", "ETHBTC"), ("c", "BTCUSDT"), ("d", "BTCUSDT")):
        floor.place(ALICE, "BUY", 100, 1, client_order_id, symbol=symbol)
    floor.place(BOB, "BUY", 99, 1)
    floor.cancel(ALICE, 2)
    assert [order["clientOrderId"] for order in orders.open(ALICE, "BTCUSDT", MS)] == ["a", "d"]
    assert [order["clientOrderId"] for order in orders.open(ALICE, None, MS)] == ["a", "b", "d"]
    assert orders.open_count(ALICE, "BTCUSDT") == 2
    assert orders.open(77, None, MS) == orders.open(77, "BTCUSDT", MS) == []


# --- allOrders --------------------------------------------------------------------------------------------------


def test_all_orders_without_conditions_are_the_most_recent_by_id(floor):
    place_times(floor, 5)
    floor.cancel(ALICE, 2)
    assert all_ids(floor) == [1, 2, 3, 4, 5]
    assert all_ids(floor, limit=2) == [4, 5]


def test_all_orders_from_an_id_are_the_oldest_from_there(floor):
    place_times(floor, 5)
    assert all_ids(floor, order_id=3) == [3, 4, 5]
    assert all_ids(floor, order_id=2, limit=2) == [2, 3]
    assert all_ids(floor, order_id=6) == []


def test_all_orders_by_time_go_by_the_last_update(floor):
    times = place_times(floor, 4)
    canceled_us = floor.now_us
    floor.cancel(ALICE, 1)
    assert all_ids(floor, start_us=times[1]) == [2, 3, 4, 1]
    assert all_ids(floor, start_us=times[1], limit=2) == [2, 3], "the oldest from startTime"
    assert all_ids(floor, end_us=times[3], limit=2) == [3, 4], "the most recent up to endTime"
    assert all_ids(floor, start_us=times[1], end_us=times[2]) == [2, 3], "both ends belong to it"
    assert all_ids(floor, start_us=canceled_us) == [1]
    assert all_ids(floor, order_id=4, start_us=times[1], end_us=times[2]) == [2, 3], "orderId is ignored"


# --- myTrades ---------------------------------------------------------------------------------------------------


@pytest.fixture
def traded(floor):
    """Alice bought in orders 2 to 5, one trade each, and once more by order 6, in trades 5 and 6."""
    floor.place(BOB, "SELL", 100, 5)
    floor.times = place_times(floor, 4)
    floor.place(BOB, "SELL", 101, 1)
    floor.place(ALICE, "BUY", 101, 2)
    return floor


def test_a_trade_has_the_documented_fields_in_the_documented_order(traded):
    trade = traded.projections.orders.trades(ALICE, "BTCUSDT", None, None, None, None, 1, MS)[0]
    assert list(trade) == list(examples.results("myTrades")[0][0])


def test_a_trade_tells_each_side_its_own_part(traded):
    bought = traded.projections.orders.trades(ALICE, "BTCUSDT", None, None, None, 4, 1, US)[0]
    assert bought == {
        "symbol": "BTCUSDT",
        "id": 4,
        "orderId": 5,
        "orderListId": -1,
        "price": "100.00000000",
        "qty": "1.00000000",
        "quoteQty": "100.00000000",
        "commission": "0.00100000",
        "commissionAsset": "BTC",
        "time": traded.times[3],
        "isBuyer": True,
        "isMaker": False,
        "isBestMatch": True,
    }
    sold = traded.projections.orders.trades(BOB, "BTCUSDT", None, None, None, 4, 1, US)[0]
    own = {"orderId": 1, "commission": "0.10000000", "commissionAsset": "USDT", "isBuyer": False, "isMaker": True}
    assert sold == bought | own


def test_trades_are_chosen_as_documented(traded):
    times = traded.times
    assert trade_ids(traded) == [1, 2, 3, 4, 5, 6]
    assert trade_ids(traded, limit=2) == [5, 6], "without conditions the most recent"
    assert trade_ids(traded, from_id=2, limit=2) == [2, 3], "from an id the oldest"
    assert trade_ids(traded, order_id=7) == [5, 6]
    assert trade_ids(traded, order_id=7, from_id=6) == [6]
    assert trade_ids(traded, start_us=times[1], limit=2) == [2, 3], "from startTime the oldest"
    assert trade_ids(traded, end_us=times[2], limit=2) == [2, 3], "up to endTime the most recent"
    assert trade_ids(traded, start_us=times[1], end_us=times[2]) == [2, 3]


@pytest.mark.parametrize("condition", [{"from_id": 1}, {"order_id": 1}])
@pytest.mark.parametrize("time", [{"start_us": START_US}, {"end_us": START_US}])
def test_times_cannot_be_combined_with_ids(traded, condition, time):
    with pytest.raises(BadCombination):
        trade_ids(traded, **condition, **time)


def test_a_self_trade_is_listed_for_both_of_its_orders(floor):
    floor.place(ALICE, "SELL", 100, 1)
    floor.place(ALICE, "BUY", 100, 1)
    trades = floor.projections.orders.trades(ALICE, "BTCUSDT", None, None, None, None, None, MS)
    assert [(trade["id"], trade["orderId"], trade["isBuyer"], trade["isMaker"]) for trade in trades] == [
        (1, 1, False, True),
        (1, 2, True, False),
    ]


# --- bounds -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [all_ids, trade_ids])
def test_a_lookup_spans_at_most_24_hours(floor, query):
    assert query(floor, start_us=START_US, end_us=START_US + DAY_US + 999) == []
    with pytest.raises(LookupTooLong):
        query(floor, start_us=START_US, end_us=START_US + DAY_US + 1000)
    assert query(floor, start_us=0) == [], "one end alone spans what it likes"


@pytest.mark.parametrize("query", [all_ids, trade_ids])
def test_a_page_has_500_entries_by_default_and_1000_at_most(floor, query):
    floor.place(BOB, "SELL", 100, 1100)
    place_times(floor, 1010)
    assert [len(query(floor, limit=limit)) for limit in (None, 0, 1, 1000, 5000)] == [500, 0, 1, 1000, 1000]


def test_nothing_is_forgotten(floor):
    floor.place(BOB, "SELL", 100, 1100)
    place_times(floor, 20)
    assert all_ids(floor) == list(range(2, 22))
    assert [status(floor, order_id)["orderId"] for order_id in (2, 11, 21)] == [2, 11, 21]
    assert trade_ids(floor, from_id=7, limit=3) == [7, 8, 9]


def test_a_client_order_id_that_was_used_often_means_the_newest_order(floor):
    for _ in range(7):
        floor.place(ALICE, "BUY", 100, 1, "mine")
        floor.cancel(ALICE, status(floor, None, "mine")["orderId"])
        floor.place(ALICE, "BUY", 100, 1, "other")
        floor.cancel_all(ALICE)
    assert status(floor, None, "mine")["orderId"] == 13
    assert status(floor, 5, "mine")["orderId"] == 5
    with pytest.raises(NoSuchOrder):
        status(floor, 6, "mine")


def test_orders_that_rested_long_are_found_among_those_that_finished_with_them(floor):
    place_times(floor, 12)
    for order_id in (9, 2, 12, 3, 1, 10, 4):
        floor.cancel(ALICE, order_id)
    assert all_ids(floor) == list(range(1, 13))
    assert all_ids(floor, order_id=3, limit=4) == [3, 4, 5, 6]
    assert all_ids(floor, limit=4) == [9, 10, 11, 12]
    assert all_ids(floor, start_us=START_US)[-7:] == [9, 2, 12, 3, 1, 10, 4], "as they were cancelled"
    assert all_ids(floor, end_us=floor.now_us, limit=3) == [1, 10, 4]
    assert [status(floor, order_id)["status"] for order_id in (9, 5, 4)] == ["CANCELED", "NEW", "CANCELED"]


def test_an_order_that_ended_without_a_trade_is_archived_after_90_days(floor):
    floor.place(ALICE, "BUY", 100, 1, "canceled")
    canceled_us = floor.now_us
    floor.cancel(ALICE, 1)
    floor.place(ALICE, "BUY", 100, 1, "expired", tif="IOC")
    floor.place(ALICE, "BUY", 100, 2, "traded")
    floor.place(BOB, "SELL", 100, 1)
    floor.cancel(ALICE, 3)
    floor.place(ALICE, "BUY", 99, 1, "open")
    late_us = canceled_us + 90 * DAY_US
    assert status(floor, 1, now_us=late_us)["status"] == "CANCELED"
    for order_id, client_order_id in ((1, None), (None, "canceled")):
        with pytest.raises(OrderArchived):
            status(floor, order_id, client_order_id, now_us=late_us + 1)
    with pytest.raises(OrderArchived):
        status(floor, 2, now_us=late_us + 10**8)
    assert [status(floor, order_id, now_us=late_us + 10**8)["status"] for order_id in (3, 5)] == ["CANCELED", "NEW"]
