"""`order.amendments`: every change of one order, oldest first."""

import pytest

from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import TimeUnit
from tests.exchange.projections import examples
from tests.exchange.projections.trading import ALICE, BOB, Floor

MS = TimeUnit.MILLISECOND


@pytest.fixture
def floor():
    """Alice's order 1 amended twice, her order 2 and Bob's order 3 once."""
    floor = Floor()
    for account, name in ((ALICE, "a"), (ALICE, "b"), (BOB, "c")):
        floor.place(account, "BUY", 100, 9, name)
    for account, order_id, quantity, name in (
        (ALICE, 1, 8, "a"),
        (ALICE, 2, 8, "b2"),
        (BOB, 3, 8, "c2"),
        (ALICE, 1, 7, "a2"),
    ):
        floor.amend(account, order_id, quantity, name)
    return floor


def amendments(floor, account=ALICE, order_id=1, from_execution_id=None, limit=None):
    return floor.projections.amendments.of_order(account, "BTCUSDT", order_id, from_execution_id, limit, MS)


def test_an_amendment_says_what_was_before_and_what_is_now_in_the_documented_fields(floor):
    first, second = amendments(floor)
    assert list(first) == list(examples.results("order.amendments")[0][0])
    assert second == {
        "symbol": "BTCUSDT",
        "orderId": 1,
        "executionId": 7,
        "origClientOrderId": "a",
        "newClientOrderId": "a2",
        "origQty": "8.00000000",
        "newQty": "7.00000000",
        "time": (floor.now_us - 1_000_001) // 1000,
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [4, 7]),
        ({"from_execution_id": 4}, [4, 7]),
        ({"from_execution_id": 5}, [7]),
        ({"from_execution_id": 8}, []),
        ({"limit": 1}, [4]),
        ({"order_id": 2}, [5]),
        ({"order_id": 3}, []),
        ({"order_id": 3, "account": BOB}, [6]),
        ({"order_id": 9}, []),
    ],
)
def test_only_those_of_the_accounts_order_are_shown(floor, asked, found):
    assert [each["executionId"] for each in amendments(floor, **asked)] == found


def test_an_unknown_symbol_has_none(floor):
    with pytest.raises(UnknownSymbol):
        floor.projections.amendments.of_order(ALICE, "NOSUCH", 1, None, None, MS)


@pytest.mark.parametrize("page_items", [2, 5, 500])
def test_none_is_forgotten(page_items):
    floor = Floor(archive=SqliteArchive(None, page_items=page_items))
    floor.place(ALICE, "BUY", 100, 50, "a")
    executions = [floor.amend(ALICE, 1, quantity, "a").events[0].execution_id for quantity in range(49, 0, -1)]
    assert [each["executionId"] for each in amendments(floor)] == executions
    found = amendments(floor, from_execution_id=executions[20], limit=3)
    assert [each["executionId"] for each in found] == executions[20:23]


def test_an_amended_order_is_found_by_its_new_client_order_id_and_no_longer_by_the_old(floor):
    orders = floor.projections.orders
    order = orders.status(ALICE, "BTCUSDT", None, "a2", MS)
    assert (order["orderId"], order["origQty"], order["status"]) == (1, "7.00000000", "NEW")
    assert order["updateTime"] > order["time"] == order["workingTime"]
    with pytest.raises(LookupError):
        orders.status(ALICE, "BTCUSDT", None, "a", MS)
    assert [each["clientOrderId"] for each in orders.open(ALICE, None, MS)] == ["a2", "b2"]


def test_a_client_order_id_given_back_means_the_finished_order_that_had_it_before_also_after_a_restore(floor):
    floor.place(ALICE, "BUY", 90, 1, "again")
    floor.cancel(ALICE, 4)
    floor.place(ALICE, "BUY", 90, 2, "again")
    floor.amend(ALICE, 5, 1, "other")
    floor.projections.gathering.seal_all()
    restored = Projections.restore(floor.projections.snapshot(), floor.projections.archive)
    for projections in (floor.projections, restored):
        assert projections.orders.status(ALICE, "BTCUSDT", None, "again", MS)["orderId"] == 4
        assert projections.orders.status(ALICE, "BTCUSDT", None, "other", MS)["orderId"] == 5
