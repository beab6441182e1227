"""The archive in SQLite: it answers as the one in memory does, outlives the process, and fails without lies."""

import sqlite3
from functools import partial
from pathlib import Path
from threading import Event

import msgspec
import pytest

from pitwire.exchange.history.archive import FILE, PENDING_MAX, HistoryFailed, SqliteArchive
from pitwire.exchange.history.database import VERSION, Database
from pitwire.exchange.projections.archive import ORDERS, TRADES, AccountTrade, Page, Sorting, Wanted
from pitwire.exchange.projections.state import Projections
from tests.exchange.projections.test_state import ROUTED, SYMBOLS, everything
from tests.exchange.projections.trading import ALICE, Floor, random_commands, rules


def trade(trade_id):
    return AccountTrade(trade_id, 1, trade_id, 1, 1, 10**30, 0, "BTC", True, False)


def page(*trade_ids, account=ALICE):
    return Page.of(TRADES, account, "BTCUSDT", trade_ids[-1], [trade(each) for each in trade_ids])


def found(archive, sorting=Sorting(), account=ALICE):  # noqa: B008  # a constant
    pages = archive.pages(TRADES, account, "BTCUSDT", Wanted(), sorting)
    return [[each.trade_id for each in page.items] for page in pages]


@pytest.fixture
def archive(tmp_path):
    archive = SqliteArchive(tmp_path)
    yield archive
    archive.close()


def hold_up(monkeypatch):
    """Let no write begin until the event is set."""
    go_on, write = Event(), Database.write

    def later(self, pages):
        go_on.wait()
        write(self, pages)

    monkeypatch.setattr(Database, "write", later)
    return go_on


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kept", ["in a file", "in memory"])
def test_every_query_is_answered_as_from_memory(tmp_path, seed, kept):
    floor = Floor(rules(), rules("ETHBTC", "ETH", "BTC"), rules("BTCUSDC", "BTC", "USDC"))
    for command in random_commands(seed, 400, SYMBOLS, ROUTED):
        floor.do(command)
    archive = SqliteArchive(tmp_path if kept == "in a file" else None, page_items=7)
    projections = Projections(archive)
    for outcome in floor.outcomes:
        projections.apply(outcome)
    assert everything(projections) == everything(floor.projections), seed
    archive.close()


def test_what_was_settled_is_there_in_the_next_process(tmp_path, archive):
    archive.write([page(1, 2), page(3)])
    archive.settle(9)
    another = SqliteArchive(tmp_path)
    assert (found(another), another.complete, another.last_sequence) == ([[1, 2], [3]], 9, 9)
    assert (another.mark(ALICE, "BTCUSDT"), another.mark(ALICE, "ETHBTC")) == (3, 0)
    another.write([page(4)])
    assert found(another) == [[1, 2], [3], [4]]
    another.close()


def test_what_waits_for_the_disk_can_be_read(monkeypatch, archive):
    archive.write([page(1, 2)])
    archive.settle(2)
    go_on = hold_up(monkeypatch)
    archive.write([page(3, 4), page(5)])
    archive.write([page(6, account=7)])
    try:
        assert found(archive) == [[1, 2], [3, 4], [5]]
        assert found(archive, Sorting(newest=True)) == [[5], [3, 4], [1, 2]]
        assert found(archive, account=7) == [[6]]
        assert (archive.mark(ALICE, "BTCUSDT"), archive.mark(7, "BTCUSDT")) == (5, 6)
    finally:
        go_on.set()
    archive.settle(6)
    assert found(archive) == [[1, 2], [3, 4], [5]]


def test_an_order_that_waits_for_the_disk_is_found_by_its_name(monkeypatch, archive):
    floor = Floor()
    go_on = hold_up(monkeypatch)
    floor.place(ALICE, "BUY", 100, 1, "mine")
    order = floor.cancel(ALICE, 1).events[0].order
    archive.write([Page.of(ORDERS, ALICE, "BTCUSDT", 1, [order])])
    waiting = [page.items[0] for page in archive.named(ORDERS, ALICE, "BTCUSDT", "mine")]
    go_on.set()
    archive.settle(1)
    assert waiting == [page.items[0] for page in archive.named(ORDERS, ALICE, "BTCUSDT", "mine")] == [order]
    assert list(archive.named(ORDERS, ALICE, "BTCUSDT", "yours")) == []


def test_many_writes_share_a_transaction(monkeypatch, archive):
    go_on = hold_up(monkeypatch)
    transactions = []
    write = Database.write
    monkeypatch.setattr(Database, "write", lambda self, pages: (transactions.append(len(pages)), write(self, pages)))
    for number in range(1, PENDING_MAX):
        archive.write([page(number)])
    go_on.set()
    archive.settle(1)
    assert sum(transactions) == PENDING_MAX - 1
    assert len(transactions) <= 1 + PENDING_MAX // 16 + 1


def test_clearing_forgets_everything(archive):
    archive.write([page(1)])
    archive.settle(1)
    archive.clear()
    assert (found(archive), archive.complete, archive.last_sequence) == ([], 0, 0)


def damaged(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def of_version(version: int, path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


# A file of version 1 has no amendments and no prevented matches.
@pytest.mark.parametrize("spoil", [damaged, partial(of_version, 1), partial(of_version, VERSION + 1)])
def test_a_file_that_cannot_be_used_gives_way_to_an_empty_one(tmp_path, spoil):
    archive = SqliteArchive(tmp_path)
    archive.write([page(1)])
    archive.close()
    spoil(tmp_path / FILE)
    archive = SqliteArchive(tmp_path)
    assert (found(archive), archive.complete) == ([], 0)
    archive.write([page(2)])
    assert found(archive) == [[2]]
    archive.close()


def test_a_file_that_another_program_holds_is_left_alone(monkeypatch, tmp_path):
    SqliteArchive(tmp_path).close()
    before = (tmp_path / FILE).read_bytes()

    def locked(self):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(Database, "version", locked)
    with pytest.raises(HistoryFailed, match=r"database is locked .*history\.sqlite"):
        SqliteArchive(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def failing(*_):
    raise sqlite3.OperationalError("database or disk is full")


def test_after_a_failed_write_nothing_is_written_and_nothing_is_called_complete(monkeypatch, tmp_path, archive):
    archive.write([page(1)])
    archive.settle(1)
    monkeypatch.setattr(Database, "write", failing)
    archive.write([page(2)])
    with pytest.raises(HistoryFailed, match="disk is full"):
        archive.settle(2)
    monkeypatch.undo()
    with pytest.raises(HistoryFailed, match="disk is full"):
        archive.write([page(3)])
    archive.close()
    archive = SqliteArchive(tmp_path)
    assert (found(archive), archive.complete) == ([[1]], 1)
    archive.close()


def test_without_a_directory_a_failed_write_is_raised_at_once(monkeypatch):
    archive = SqliteArchive(None)
    monkeypatch.setattr(Database, "write", failing)
    with pytest.raises(HistoryFailed, match="disk is full"):
        archive.write([page(1)])
    archive.close()


def test_an_amount_beyond_64_bits_comes_back_to_the_unit(archive):
    archive.write([page(1)])
    archive.settle(1)
    (kept,) = archive.pages(TRADES, ALICE, "BTCUSDT", Wanted(), Sorting())
    assert kept.items[0].quote == 10**30
    assert msgspec.json.encode(kept.items[0]) == msgspec.json.encode(trade(1))
