"""The tables: what a search reads of them, and that a client order id is found in every run of names."""

import sqlite3

import pytest

from pitwire.exchange.history import database
from pitwire.exchange.history.database import Database
from pitwire.exchange.projections.archive import ORDERS, Page
from tests.exchange.projections.trading import ALICE, Floor


@pytest.fixture
def tables(tmp_path):
    made = Database(tmp_path / "history.sqlite")
    made.create()
    yield made
    made.close()


def finished(count):
    """Orders of alice's that were cancelled; each client order id is used twice."""
    floor = Floor()
    orders = []
    for number in range(count):
        floor.place(ALICE, "BUY", 100, 1, f"order-{number // 2}")
        orders.append(floor.cancel(ALICE, number + 1).events[0].order)
    return orders


@pytest.mark.parametrize("order_by", database._ORDER_BY.values())
def test_a_search_reads_the_index_and_no_page(tmp_path, tables, order_by):
    connection = sqlite3.connect(tmp_path / "history.sqlite")
    plan = connection.execute(f"EXPLAIN QUERY PLAN {database._OVERLAPPING}{order_by}", [1] * 10).fetchall()
    connection.close()
    assert "USING COVERING INDEX pages_by_bounds (kind=? AND account=? AND symbol=? AND last_id>?)" in plan[0][-1]


def test_a_search_for_a_name_looks_it_up_in_each_run(tmp_path, tables):
    connection = sqlite3.connect(tmp_path / "history.sqlite")
    plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {database._NAMED}", [1] * 5)]
    connection.close()
    assert any("SEARCH names USING PRIMARY KEY (run=? AND hash=?" in step for step in plan)
    assert any("SEARCH pages USING INTEGER PRIMARY KEY" in step for step in plan)


def test_names_are_found_in_every_run_the_newest_page_first(monkeypatch, tables):
    monkeypatch.setattr(database, "RUN_NAMES", 3)
    orders = finished(20)
    pages = [Page.of(ORDERS, ALICE, "BTCUSDT", 1, orders[start : start + 1]) for start in range(20)]
    tables.write(list(enumerate(pages, 1)))
    for number in range(10):
        found = [page.items[0].order_id for page in tables.named(ORDERS, ALICE, "BTCUSDT", f"order-{number}", 20)]
        assert found == [2 * number + 2, 2 * number + 1]
    assert [page.items[0].order_id for page in tables.named(ORDERS, ALICE, "BTCUSDT", "order-9", 19)] == [19]
    assert list(tables.named(ORDERS, ALICE, "BTCUSDT", "order-10", 20)) == []
    assert list(tables.named(ORDERS, ALICE, "ETHBTC", "order-1", 20)) == []


def test_the_runs_of_another_process_are_left_as_they_are(tmp_path, tables):
    first, second = finished(2)
    tables.write([(1, Page.of(ORDERS, ALICE, "BTCUSDT", 1, [first]))])
    another = Database(tmp_path / "history.sqlite")
    another.write([(2, Page.of(ORDERS, ALICE, "BTCUSDT", 2, [second]))])
    assert [page.items[0].order_id for page in another.named(ORDERS, ALICE, "BTCUSDT", "order-0", 2)] == [2, 1]
    another.close()


def test_a_write_that_fails_half_way_leaves_nothing(tables):
    (order,) = finished(1)
    page = Page.of(ORDERS, ALICE, "BTCUSDT", 1, [order])
    with pytest.raises(sqlite3.IntegrityError):
        tables.write([(1, page), (1, page)])
    assert (tables.last_number(), tables.last_sequence(), tables.mark(ALICE, "BTCUSDT")) == (0, 0, 0)
    assert list(tables.named(ORDERS, ALICE, "BTCUSDT", "order-0", 9)) == []
