"""What is over and not in a page yet: gathered in memory by account and symbol, and sealed into pages.

Whatever has an id, a time and an order goes this way: finished orders, trades, amendments, prevented matches. The
archive has all of an account's record on a symbol or nothing, so all kinds of it are sealed together.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pitwire.exchange.projections.accounts import Accounts
from pitwire.exchange.projections.archive import KINDS, Archive, Kind, Page, Sorting, Wanted, choose

UNSEALED_MAX: Final = 50_000
"""Items that may wait in memory until their page is full, of all accounts together: 25 MB."""


class Gathered:
    """What the archive has not been given of one account on one symbol: by kind, in the order in which it happened.

    `mark` is the last record of which the archive had everything when this was made: what a replay brings up to there
    is known.
    """

    __slots__ = ("account", "items", "mark", "symbol")

    def __init__(self, account: int, symbol: str, mark: int) -> None:
        self.account = account
        self.symbol = symbol
        self.mark = mark
        self.items: dict[int, list[Any]] = {}
        """By the number of their kind."""

    def sealed(self, sequence: int) -> list[Page]:
        """The pages of what has been gathered up to the end of record `sequence`, which is then no longer here."""
        gathered, self.items = self.items, {}
        return [
            Page.of(kind, self.account, self.symbol, sequence, gathered[kind.number])
            for kind in KINDS
            if gathered.get(kind.number)
        ]


class Gathering:
    """What has been gathered of all accounts, before their archive.

    Of a market's own accounts nothing is: they make most of all that happens, and nobody asks for it.
    """

    def __init__(self, accounts: Accounts, archive: Archive) -> None:
        self._accounts = accounts
        self._archive = archive
        self._page_items = archive.page_items
        self._gathered: dict[tuple[int, str], Gathered] = {}
        self._unsealed = 0
        self.sequence = 0
        """Of the record whose events come in."""
        self.full: list[Gathered] = []
        """Those of which a page is full: `seal` them at the end of the record."""

    def of(self, account: int, symbol: str) -> Gathered:
        """What is gathered of the account on the symbol."""
        gathered = self._gathered.get((account, symbol))
        if gathered is None:
            gathered = Gathered(account, symbol, self._archive.mark(account, symbol))
            self._gathered[account, symbol] = gathered
        return gathered

    def takes(self, gathered: Gathered) -> bool:
        """Whether what the record brings is to be gathered there: it is a user's, and new."""
        return self.sequence > gathered.mark and not self._accounts.is_market_maker(gathered.account)

    def add(self, gathered: Gathered, kind: Kind, item: Any) -> None:
        """Gather an item, which `takes` allows."""
        items = gathered.items.get(kind.number)
        if items is None:
            items = gathered.items[kind.number] = []
        items.append(item)
        unsealed = self._unsealed = self._unsealed + 1
        if len(items) == self._page_items or unsealed >= UNSEALED_MAX:
            self.full.append(gathered)

    def seal(self) -> None:
        """Give full pages to the archive; every page, full or not, when too much waits in memory.

        Only at the end of a record: the archive has all of a record or nothing. Raises `OSError`.
        """
        if self._unsealed >= UNSEALED_MAX:
            self.seal_all()
        else:
            self._seal(self.full)

    def seal_all(self) -> None:
        """Give everything to the archive. Only at the end of a record. Raises `OSError`."""
        self._seal(self._gathered.values())

    def chosen(
        self,
        kind: Kind,
        account: int,
        symbol: str,
        wanted: Wanted,
        sorting: Sorting,
        count: int,
        others: Iterable[Any] = (),
    ) -> list[Any]:
        """The first or the newest `count` wanted items, gathered, archived or in `others`, sorted ascending."""
        pages = self._archive.pages(kind, account, symbol, wanted, sorting)
        unsealed = (*self._newest(kind, account, symbol), *others)
        return choose(kind, unsealed, pages, wanted, sorting, count)

    def named(self, kind: Kind, account: int, symbol: str, name: str) -> Any:
        """The newest item with the name, or `None`."""
        name_of = kind.name
        assert name_of is not None, "items of this kind have names"
        for items in self._runs(kind, account, symbol, name):
            for item in reversed(items):
                if name_of(item) == name:
                    return item
        return None

    def _runs(self, kind: Kind, account: int, symbol: str, name: str) -> Iterator[Sequence[Any]]:
        """Runs of items of which some may have the name: the newest run first."""
        yield self._newest(kind, account, symbol)
        for page in self._archive.named(kind, account, symbol, name):
            yield page.items

    def _newest(self, kind: Kind, account: int, symbol: str) -> Sequence[Any]:
        gathered = self._gathered.get((account, symbol))
        return () if gathered is None else gathered.items.get(kind.number, ())

    def _seal(self, each: Iterable[Gathered]) -> None:
        pages = [page for gathered in each for page in gathered.sealed(self.sequence)]
        self._unsealed -= sum(len(page.items) for page in pages)
        self.full = []
        if pages:
            self._archive.write(pages)
