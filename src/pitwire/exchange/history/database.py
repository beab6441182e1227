"""The tables of the history, and every statement about them.

    pages   one row for a page: its kind, whose it is, between which ids and times its items lie, the items as JSON
    names   where a client's own id of an order or a list may be found: its CRC-32 and the page's number, in runs
    marks   up to which record an account's history on a symbol is there
    facts   one row: up to which record nothing at all is missing

`user_version` says which version of the tables it is. A page row serves every kind of item that has an id, a time and
an order, so a new kind needs no new table.

Names are random, so one great index of them would be rewritten all over by every write. In runs of some thousand they
are written where the last ones were, and a search looks into each run: 2 us a run, 600 runs for ten million orders.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec

from pitwire.exchange.projections import block_trades, candles, trades
from pitwire.exchange.projections.archive import KINDS, Kind, Page, Sorting, Wanted

VERSION: Final = 4
"""It grows with the kinds of item too: a file of a version that kept fewer lacks those that it did not keep."""
CACHE_KIB: Final = 32 * 1024
"""Of SQLite's own memory, for each of the two connections; what it does not hold, the kernel's cache may."""

WAL_PAGES: Final = 8_192
"""The write-ahead log goes into the database at 32 MiB: seldom, for its fsync may hold up that of the command log."""
RUN_NAMES: Final = 16_384

_TABLES: Final = f"""
BEGIN;
CREATE TABLE pages (
    number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, account INTEGER NOT NULL, symbol TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
    first_order INTEGER NOT NULL, last_order INTEGER NOT NULL,
    items BLOB NOT NULL
);
CREATE INDEX pages_by_bounds ON pages (
    kind, account, symbol, last_id, first_id, last_us, first_us, last_order, first_order, sequence
);
CREATE TABLE names (
    run INTEGER NOT NULL, hash INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (run, hash, number)
) WITHOUT ROWID;
CREATE TABLE marks (
    account INTEGER NOT NULL, symbol TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (account, symbol)
) WITHOUT ROWID;
CREATE TABLE facts (complete INTEGER NOT NULL);
INSERT INTO facts VALUES (0);
PRAGMA user_version = {VERSION};
COMMIT;
"""
_INSERT_PAGE: Final = f"INSERT INTO pages VALUES ({', '.join('?' * 12)})"
# One statement for all names of a page: SQLite runs it without the interpreter's lock.
_INSERT_NAMES: Final = "INSERT INTO names SELECT ?, value, ? FROM json_each(?)"
_UPSERT_MARK: Final = "INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET sequence = excluded.sequence"
_COLUMNS: Final = "number, sequence, first_id, last_id, first_us, last_us, first_order, last_order"
_OVERLAPPING: Final = f"""
SELECT {_COLUMNS} FROM pages WHERE kind = ? AND account = ? AND symbol = ? AND number <= ?
AND last_id >= ? AND first_id <= ? AND last_us >= ? AND first_us <= ? AND last_order >= ? AND first_order <= ?
ORDER BY """
_ORDER_BY: Final = {
    Sorting(by_time=False, newest=False): "first_id",
    Sorting(by_time=False, newest=True): "last_id DESC",
    Sorting(by_time=True, newest=False): "first_us",
    Sorting(by_time=True, newest=True): "last_us DESC",
}
_NAMED: Final = f"""
WITH RECURSIVE runs(run) AS (SELECT 0 UNION ALL SELECT run + 1 FROM runs WHERE run < (SELECT max(run) FROM names))
SELECT {_COLUMNS} FROM runs CROSS JOIN names USING (run) CROSS JOIN pages USING (number)
WHERE hash = ? AND kind = ? AND account = ? AND symbol = ? AND number <= ? ORDER BY number DESC"""

_encode = msgspec.json.Encoder().encode
_KINDS: Final = (*KINDS, *trades.KINDS, *candles.KINDS, *block_trades.KINDS)
_DECODE: Final = {kind.number: msgspec.json.Decoder(list[kind.item]).decode for kind in _KINDS}  # type: ignore[name-defined]


class Database:
    """One connection. An empty path gives a private database that SQLite keeps in memory, and lets out to disk when
    it grows.

    Belongs to no thread, but to one at a time. Every method raises `sqlite3.Error`.
    """

    def __init__(self, path: Path | None) -> None:
        self._connection = sqlite3.connect(
            "" if path is None else path, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        # NORMAL: a power cut may take the newest writes, never their order, and the log has what they had.
        pragmas = (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"wal_autocheckpoint = {WAL_PAGES}",
            f"cache_size = -{CACHE_KIB}",
            "busy_timeout = 5000",
        )
        for pragma in pragmas:
            self._connection.execute(f"PRAGMA {pragma}")
        self._run = 0
        self._run_names = RUN_NAMES  # the first write looks where the last run is, and begins another

    def version(self) -> int:
        """Of the tables; 0 when there are none."""
        return self._one("PRAGMA user_version")

    def create(self) -> None:
        """Make the tables."""
        self._connection.executescript(_TABLES)

    def complete(self) -> int:
        """Up to which record nothing is missing."""
        return self._one("SELECT complete FROM facts")

    def last_sequence(self) -> int:
        """The last record that anything here stems from; 0 when there is nothing."""
        return max(self.complete(), self._one("SELECT coalesce(max(sequence), 0) FROM marks"))

    def last_number(self) -> int:
        """Of a page; 0 when there is none."""
        return self._one("SELECT coalesce(max(number), 0) FROM pages")

    def mark(self, account: int, symbol: str) -> int:
        """Up to which record the account's history on the symbol is here."""
        return self._one(
            "SELECT coalesce(max(sequence), 0) FROM marks WHERE account = ? AND symbol = ?", (account, symbol)
        )

    def write(self, pages: Sequence[tuple[int, Page]]) -> None:
        """Insert numbered pages, all or none. `set_complete` makes them durable."""
        execute = self._connection.execute
        with self._connection:
            execute("BEGIN IMMEDIATE")
            for number, page in pages:
                kind, account, symbol, sequence, bounds, items = page
                execute(_INSERT_PAGE, (number, kind.number, account, symbol, sequence, *bounds, _encode(items)))
                execute(_UPSERT_MARK, (account, symbol, sequence))
                if kind.name is not None:
                    hashes = sorted({_hash(kind.name(item)) for item in items})
                    execute(_INSERT_NAMES, (self._run_of(len(hashes)), number, _encode(hashes).decode()))

    def set_complete(self, sequence: int) -> None:
        """Note that nothing is missing up to this record, and make that and every write before it durable."""
        # A snapshot relies on it, so this one commit syncs the write-ahead log, in which all the others are too.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("UPDATE facts SET complete = ?", (sequence,))
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def pages(
        self, kind: Kind, account: int, symbol: str, wanted: Wanted, sorting: Sorting, last_number: int
    ) -> Iterator[Page]:
        """The pages up to `last_number` that may have wanted items, nearest first. Each is read when asked for."""
        first_id, last_id, first_us, last_us, first_order, last_order = wanted
        where = (kind.number, account, symbol, last_number, first_id, last_id, first_us, last_us)
        statement = _OVERLAPPING + _ORDER_BY[sorting]
        return self._read(kind, account, symbol, statement, (*where, first_order, last_order))

    def named(self, kind: Kind, account: int, symbol: str, name: str, last_number: int) -> Iterator[Page]:
        """The pages up to `last_number` that may have an item with this name, newest first."""
        return self._read(kind, account, symbol, _NAMED, (_hash(name), kind.number, account, symbol, last_number))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _run_of(self, names: int) -> int:
        if self._run_names >= RUN_NAMES:
            self._run = self._one("SELECT coalesce(max(run) + 1, 0) FROM names")
            self._run_names = 0
        self._run_names += names
        return self._run

    def _one(self, statement: str, parameters: Sequence[object] = ()) -> int:
        return int(self._connection.execute(statement, parameters).fetchone()[0])

    def _read(
        self, kind: Kind, account: int, symbol: str, statement: str, parameters: Sequence[object]
    ) -> Iterator[Page]:
        with closing(self._connection.execute(statement, parameters)) as rows:
            for number, sequence, *bounds in rows:
                items = self._connection.execute("SELECT items FROM pages WHERE number = ?", (number,)).fetchone()[0]
                yield Page(kind, account, symbol, sequence, Wanted(*bounds), _DECODE[kind.number](items))


def _hash(name: str) -> int:
    # A third of the text's size. Two ids with the same one cost a look into a second page, no more.
    return crc32(name.encode())
