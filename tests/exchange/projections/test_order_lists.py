"""Order lists as queries show them, open and done, in memory and in the archive."""

from pathlib import Path
from typing import Any

import pytest

from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.messages import CancelOrderList, OpenAccount, PlaceOrder, PlaceOrderList, Trigger
from pitwire.exchange.projections.archive import MemoryArchive
from pitwire.exchange.projections.orders import LookupTooLong, NoSuchOrder
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import ContingencyType, OrderType, Side, TimeUnit
from tests.exchange.projections.trading import ALICE, BOB, Floor, rules, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
LISTS = {"order_types": tuple(OrderType), "oco_allowed": True, "oto_allowed": True, "opo_allowed": True}


def floor_of(archive: Any = None) -> Floor:
    return Floor(rules(**LISTS), rules("ETHUSDT", "ETH", **LISTS), archive=archive)


def place(floor: Floor, name: str, symbol: str = "BTCUSDT", account: int = ALICE) -> int:
    """An OCO that rests. Returns its id."""
    limit, stop = (
        PlaceOrder(
            account=account,
            symbol=symbol,
            side=Side.SELL,
            type=kind,
            client_order_id=f"{name}-{kind}",
            price=units(price),
            quantity=units(1),
            trigger=trigger,
        )
        for kind, price, trigger in (
            (OrderType.LIMIT_MAKER, 110, None),
            (OrderType.STOP_LOSS, 0, Trigger(stop_price=units(90))),
        )
    )
    outcome = floor.do(
        PlaceOrderList(
            account=account,
            symbol=symbol,
            list_client_order_id=name,
            contingency=ContingencyType.OCO,
            orders=(stop, limit),
        )
    )
    order_list_id: int = outcome.events[0].order_list.order_list_id
    return order_list_id


def cancel(floor: Floor, order_list_id: int, symbol: str = "BTCUSDT", account: int = ALICE) -> int:
    """Returns when."""
    command = CancelOrderList(account=account, symbol=symbol, cancel_id="gone", order_list_id=order_list_id)
    return floor.do(command).record.time_us


def ids(results: list[dict[str, Any]]) -> list[int]:
    return [each["orderListId"] for each in results]


def everything(floor: Floor, account: int = ALICE) -> list[int]:
    return ids(floor.projections.order_lists.all(account, None, None, None, None, MS))


@pytest.fixture(params=[1, 500], ids=["archived", "gathered"])
def floor(request: pytest.FixtureRequest) -> Floor:
    return floor_of(MemoryArchive(request.param))


def test_a_list_is_shown_as_it_stands(floor: Floor) -> None:
    order_list_id = place(floor, "mine")
    assert floor.projections.order_lists.open(ALICE, US) == [
        {
            "orderListId": order_list_id,
            "contingencyType": "OCO",
            "listStatusType": "EXEC_STARTED",
            "listOrderStatus": "EXECUTING",
            "listClientOrderId": "mine",
            "transactionTime": floor.outcomes[-1].record.time_us,
            "symbol": "BTCUSDT",
            "orders": [
                {"symbol": "BTCUSDT", "orderId": 1, "clientOrderId": "mine-STOP_LOSS"},
                {"symbol": "BTCUSDT", "orderId": 2, "clientOrderId": "mine-LIMIT_MAKER"},
            ],
        }
    ]
    done_us = cancel(floor, order_list_id)
    shown = floor.projections.order_lists.status(ALICE, order_list_id, None, MS)
    assert (shown["listStatusType"], shown["listOrderStatus"]) == ("ALL_DONE", "ALL_DONE")
    assert shown["transactionTime"] == done_us // 1000
    assert floor.projections.order_lists.open(ALICE, MS) == []


def test_a_name_that_was_used_again_means_the_newest_list(floor: Floor) -> None:
    first = place(floor, "mine")
    cancel(floor, first)
    second = place(floor, "mine")
    order_lists = floor.projections.order_lists
    assert order_lists.status(ALICE, first, "mine", MS)["orderListId"] == second  # the name alone counts
    cancel(floor, second)
    assert order_lists.status(ALICE, None, "mine", MS)["orderListId"] == second
    assert order_lists.status(ALICE, first, None, MS)["orderListId"] == first


@pytest.mark.parametrize("which", [(0, None), (None, "mine"), (None, None)])
def test_a_list_of_another_account_is_not_found(floor: Floor, which: Any) -> None:
    place(floor, "mine")
    with pytest.raises(NoSuchOrder):
        floor.projections.order_lists.status(BOB, *which, MS)


def test_lists_of_all_symbols_are_queried_together(floor: Floor) -> None:
    lists = [place(floor, str(number), ("BTCUSDT", "ETHUSDT")[number % 2]) for number in range(6)]
    for number in (1, 2, 5):
        cancel(floor, lists[number], ("BTCUSDT", "ETHUSDT")[number % 2])
    place(floor, "bob's", account=BOB)
    query = floor.projections.order_lists.all
    assert everything(floor) == lists
    assert ids(query(ALICE, 3, None, None, None, MS)) == lists[3:]
    assert ids(query(ALICE, 1, None, None, 2, MS)) == lists[1:3]
    assert ids(query(ALICE, None, None, None, 2, MS)) == lists[4:]
    assert ids(floor.projections.order_lists.open(ALICE, MS)) == [lists[0], lists[3], lists[4]]


def test_a_time_chooses_by_the_last_change_and_passes_the_id_over(floor: Floor) -> None:
    first, second = place(floor, "a"), place(floor, "b")
    done_us = cancel(floor, first)
    query = floor.projections.order_lists.all
    assert ids(query(ALICE, 99, done_us, None, None, MS)) == [first]
    assert ids(query(ALICE, None, None, done_us - 1, None, MS)) == [second]
    assert ids(query(ALICE, None, 0 + done_us - 10**9, done_us, None, MS)) == [second, first]
    with pytest.raises(LookupTooLong):
        query(ALICE, None, 0, 86_400_001_000, None, MS)


def test_a_snapshot_keeps_open_lists_and_the_archive_those_that_are_done(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path, page_items=2)
    try:
        floor = floor_of(archive)
        lists = [place(floor, f"list-{number}") for number in range(5)]
        for number in (0, 1, 3):
            cancel(floor, lists[number])
        floor.projections.seal_all()
        restored = Projections.restore(floor.projections.snapshot(), archive)
        assert restored.snapshot() == floor.projections.snapshot()
        for each in (floor.projections, restored):
            assert ids(each.order_lists.all(ALICE, None, None, None, None, MS)) == lists
            assert ids(each.order_lists.open(ALICE, MS)) == [lists[2], lists[4]]
            assert each.order_lists.status(ALICE, None, "list-3", MS)["orderListId"] == lists[3]
            assert each.orders.status(ALICE, "BTCUSDT", 1, None, MS)["orderListId"] == lists[0]
    finally:
        archive.close()


def test_a_replay_gives_the_archive_nothing_twice(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path, page_items=1)
    try:
        floor = floor_of(archive)
        cancel(floor, place(floor, "mine"))
        again = Projections(archive)
        for outcome in floor.outcomes:
            again.apply(outcome)
        assert ids(again.order_lists.all(ALICE, None, None, None, None, MS)) == [0]
    finally:
        archive.close()


def test_of_a_markets_own_account_only_open_lists_are_known() -> None:
    floor = floor_of()
    floor.do(OpenAccount(account=ALICE, name="", market_maker=True))
    cancel(floor, place(floor, "a"))
    place(floor, "b")
    assert everything(floor) == [1]


def test_a_pending_order_is_never_archived_and_stays_open_when_it_is_amended() -> None:
    floor = floor_of()
    working, pending = (
        PlaceOrder(
            account=ALICE,
            symbol="BTCUSDT",
            side=side,
            type=OrderType.LIMIT,
            client_order_id=side,
            price=units(price),
            quantity=units(1),
        )
        for side, price in ((Side.BUY, 95), (Side.SELL, 105))
    )
    floor.do(
        PlaceOrderList(
            account=ALICE,
            symbol="BTCUSDT",
            list_client_order_id="x",
            contingency=ContingencyType.OTO,
            orders=(working, pending),
        )
    )
    floor.amend(ALICE, 2, "0.5", "less")
    orders = floor.projections.orders
    a_year_later = floor.now_us + 365 * 86_400_000_000
    assert orders.status(ALICE, "BTCUSDT", 2, None, MS, a_year_later)["status"] == "PENDING_NEW"
    assert [each["orderListId"] for each in orders.open(ALICE, "BTCUSDT", MS)] == [0, 0]
