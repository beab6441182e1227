"""What is over waits in memory until its page is full, or too much waits; then the archive has it."""

from pitwire.exchange.messages import OpenAccount
from pitwire.exchange.projections import gathering as module
from pitwire.exchange.projections.archive import KINDS, MemoryArchive, Sorting, Wanted
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import TimeUnit
from tests.exchange.projections.trading import ALICE, BOB, Floor

MS = TimeUnit.MILLISECOND


def pages(archive, kind, account=ALICE):
    return [len(page.items) for page in archive.pages(kind, account, "BTCUSDT", Wanted(), Sorting())]


def one_of_each(floor, number):
    """Alice amends an order, is kept from trading with herself, trades, and so finishes three orders."""
    floor.place(ALICE, "BUY", 90, 2, f"amended {number}")
    amended = floor.outcomes[-1].events[0].order.order_id
    floor.amend(ALICE, amended, 1, f"amended {number}")
    floor.place(ALICE, "SELL", 90, 1, mode="EXPIRE_MAKER", tif="IOC")
    floor.place(BOB, "SELL", 100, 1)
    floor.place(ALICE, "BUY", 100, 1)


def test_a_full_page_takes_all_other_kinds_along_so_that_the_archive_has_all_of_a_record():
    archive = MemoryArchive(page_items=3)
    floor = Floor(archive=archive)
    one_of_each(floor, 1)
    # The third order to finish is the one that traded.
    assert [pages(archive, kind) for kind in KINDS[:4]] == [[3], [1], [1], [2]]
    assert archive.mark(ALICE, "BTCUSDT") == floor.outcomes[-1].record.sequence


def test_a_snapshot_has_nothing_of_what_is_over():
    floor = Floor()
    for number in range(20):
        one_of_each(floor, number)
    snapshot = floor.projections.snapshot()
    assert b"amended" not in snapshot
    assert b"Prevented" not in snapshot


def test_what_is_over_is_found_after_a_restore_with_the_archive():
    floor = Floor()
    one_of_each(floor, 1)
    floor.projections.gathering.seal_all()
    restored = Projections.restore(floor.projections.snapshot(), floor.projections.archive)
    for projections in (floor.projections, restored):
        assert len(projections.amendments.of_order(ALICE, "BTCUSDT", 1, None, None, MS)) == 1
        assert len(projections.prevented_matches.query(ALICE, "BTCUSDT", None, 1, None, None, MS)) == 1
        assert len(projections.orders.trades(ALICE, "BTCUSDT", *[None] * 5, MS)) == 1


def test_too_much_in_memory_is_written_before_its_pages_are_full(monkeypatch):
    monkeypatch.setattr(module, "UNSEALED_MAX", 4)
    archive = MemoryArchive()
    floor = Floor(archive=archive)
    floor.place(BOB, "SELL", 100, 10)
    for _ in range(3):
        floor.place(ALICE, "BUY", 100, 1)
    assert [len(page.items) for page in archive._pages] == [2, 2, 2], "bob's trades; alice's orders and trades"
    orders = floor.projections.orders
    assert [order["orderId"] for order in orders.all(ALICE, "BTCUSDT", *[None] * 4, MS)] == [2, 3, 4]
    assert [trade["id"] for trade in orders.trades(ALICE, "BTCUSDT", *[None] * 5, MS)] == [1, 2, 3]


def test_of_a_markets_own_accounts_only_the_open_orders_are_known():
    floor = Floor()
    floor.do(OpenAccount(account=BOB, name="market", market_maker=True))
    floor.place(BOB, "SELL", 100, 2)
    for _ in range(2):
        floor.place(ALICE, "BUY", 100, 1)
    floor.place(BOB, "SELL", 100, 2)
    orders = floor.projections.orders
    assert [trade["id"] for trade in orders.trades(ALICE, "BTCUSDT", *[None] * 5, MS)] == [1, 2]
    assert orders.trades(BOB, "BTCUSDT", *[None] * 5, MS) == []
    assert [order["orderId"] for order in orders.all(BOB, "BTCUSDT", *[None] * 4, MS)] == [4]


def test_a_page_that_is_full_only_in_memory_is_not_sealed_before_the_record_ends():
    archive = MemoryArchive(page_items=2)
    floor = Floor(archive=archive)
    for _ in range(4):
        floor.place(ALICE, "BUY", 100, 1)
    floor.place(BOB, "SELL", 100, 4)
    assert pages(archive, KINDS[0]) == [4], "four orders finished in one record: one page"
