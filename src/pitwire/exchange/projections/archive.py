"""What is over, in pages: finished orders, trades, allocations, amendments, prevented matches. How a query chooses.

A page is a run of one account's items of one kind on one symbol, in the order in which they happened. An archive takes
pages and never changes them. Each knows between which ids and times its items lie, so that a query reads few of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol

from msgspec import Struct

from pitwire.exchange.messages import MatchPrevented, OrderListView, OrderView
from pitwire.market.numbers import Amount, Price, Quantity

PAGE_ITEMS: Final = 500
"""How many items make a page worth writing: a query decodes one in 0.5 ms."""
_MAX: Final = 2**63 - 1


class AccountTrade(Struct, frozen=True, array_like=True, gc=False):
    """One side of a trade. A new field goes to the end with a default, so that older pages still read."""

    trade_id: int
    order_id: int
    time_us: int
    price: Price
    quantity: Quantity
    quote: Amount
    commission: Amount
    commission_asset: str
    is_buyer: bool
    is_maker: bool
    order_list_id: int = -1


class AccountAllocation(Struct, frozen=True, array_like=True, gc=False):
    """What smart order routing passed on to an order."""

    allocation_id: int
    order_id: int
    time_us: int
    price: Price
    quantity: Quantity
    quote: Amount
    commission: Amount
    commission_asset: str
    is_buyer: bool


class Amendment(Struct, frozen=True, array_like=True, gc=False):
    """One change of an order's quantity, and perhaps of its client order id."""

    execution_id: int
    order_id: int
    time_us: int
    previous_client_order_id: str
    client_order_id: str
    previous_quantity: Quantity
    quantity: Quantity


class PreventedMatch(Struct, frozen=True, array_like=True, gc=False):
    """A prevented match as one of the two orders has it."""

    match: MatchPrevented
    order_id: int
    time_us: int


class Kind(NamedTuple):
    """What a page holds, and where its items have their id, their time and the id of the order they belong to.

    `number` stands for the kind in an archive, so it never changes.
    """

    number: int
    item: type
    id: Callable[[Any], int]
    time_us: Callable[[Any], int]
    order_id: Callable[[Any], int]
    name: Callable[[Any], str] | None = None
    """The client's own id, where items are searched by it."""


ORDERS: Final = Kind(1, OrderView, *map(attrgetter, ("order_id", "updated_us", "order_id", "client_order_id")))
"""Finished orders, in the order in which they finished; their time is that of the last update."""
TRADES: Final = Kind(2, AccountTrade, *map(attrgetter, ("trade_id", "time_us", "order_id")))
AMENDMENTS: Final = Kind(3, Amendment, *map(attrgetter, ("execution_id", "time_us", "order_id")))
PREVENTED_MATCHES: Final = Kind(
    4, PreventedMatch, *map(attrgetter, ("match.prevented_match_id", "time_us", "order_id"))
)
ALLOCATIONS: Final = Kind(5, AccountAllocation, *map(attrgetter, ("allocation_id", "time_us", "order_id")))
ORDER_LISTS: Final = Kind(
    6,
    OrderListView,
    *map(attrgetter, ("order_list_id", "updated_us", "order_list_id", "list_client_order_id")),
)
"""Order lists that are done. Their ids count over all symbols, so their pages are those of no symbol: `""`."""
KINDS: Final = (ORDERS, TRADES, AMENDMENTS, PREVENTED_MATCHES, ALLOCATIONS, ORDER_LISTS)


class Wanted(NamedTuple):
    """Bounds, all inclusive, of an item's id, of its time, and of the id of the order that it belongs to."""

    first_id: int = 0
    last_id: int = _MAX
    first_us: int = 0
    last_us: int = _MAX
    first_order: int = 0
    last_order: int = _MAX

    def has(self, kind: Kind, item: Any) -> bool:
        """Whether the item lies within."""
        return (
            self.first_id <= kind.id(item) <= self.last_id
            and self.first_us <= kind.time_us(item) <= self.last_us
            and self.first_order <= kind.order_id(item) <= self.last_order
        )


class Sorting(NamedTuple):
    """By what a query sorts, and from which end it takes what it returns."""

    by_time: bool = False
    newest: bool = False

    def value(self, kind: Kind, item: Any) -> int:
        """What the item is sorted by; of equal times the smaller id comes first."""
        return kind.time_us(item) if self.by_time else kind.id(item)

    def nearest(self, page: "Page") -> int:
        """The page's item that a query would take first, by what it is sorted by."""
        if self.newest:
            return page.bounds.last_us if self.by_time else page.bounds.last_id
        return page.bounds.first_us if self.by_time else page.bounds.first_id


class Page(NamedTuple):
    """`bounds` are the least and the greatest of its items; `sequence` is the last record that they can stem from."""

    kind: Kind
    account: int
    symbol: str
    sequence: int
    bounds: Wanted
    items: Sequence[Any]

    @classmethod
    def of(cls, kind: Kind, account: int, symbol: str, sequence: int, items: Sequence[Any]) -> "Page":
        """A page of these items, of which there is at least one."""
        ids, orders = list(map(kind.id, items)), list(map(kind.order_id, items))
        # A record's time is never before that of the record before it.
        times = kind.time_us(items[0]), kind.time_us(items[-1])
        return cls(kind, account, symbol, sequence, Wanted(min(ids), max(ids), *times, min(orders), max(orders)), items)

    def overlaps(self, wanted: Wanted) -> bool:
        """Whether an item of it may be wanted."""
        bounds = self.bounds
        return (
            bounds.last_id >= wanted.first_id
            and bounds.first_id <= wanted.last_id
            and bounds.last_us >= wanted.first_us
            and bounds.first_us <= wanted.last_us
            and bounds.last_order >= wanted.first_order
            and bounds.first_order <= wanted.last_order
        )


class Archive(Protocol):
    """Keeps pages. What is written can be read at once; it is certain to outlive the process once it is `settle`d."""

    page_items: int
    """How many items of a kind are gathered before they are written."""

    def mark(self, account: int, symbol: str) -> int:
        """The last record of which the archive has everything about this account and symbol; 0 for none."""
        ...

    def write(self, pages: Sequence[Page]) -> None:
        """Take the pages, all or none. Raises `OSError` when that, or an earlier write, is not possible."""
        ...

    def settle(self, sequence: int) -> None:
        """Wait until all that was written is durable, and note that nothing is missing up to record `sequence`.

        Any thread may call it. Raises `OSError`.
        """
        ...

    def pages(self, kind: Kind, account: int, symbol: str, wanted: Wanted, sorting: Sorting) -> Iterator[Page]:
        """The pages that may have wanted items, nearest first (`Sorting.nearest`)."""
        ...

    def named(self, kind: Kind, account: int, symbol: str, name: str) -> Iterator[Page]:
        """The pages of a kind that may have an item with this name, newest first."""
        ...


class MemoryArchive:
    """Pages in a list: for tests, and for projections whose history nobody needs after a restart."""

    def __init__(self, page_items: int = PAGE_ITEMS) -> None:
        self.page_items = page_items
        self._pages: list[Page] = []

    def mark(self, account: int, symbol: str) -> int:
        """The last record of which the archive has everything about this account and symbol; 0 for none."""
        return max(
            (page.sequence for page in self._pages if (page.account, page.symbol) == (account, symbol)), default=0
        )

    def write(self, pages: Sequence[Page]) -> None:
        """Take the pages."""
        self._pages.extend(pages)

    def settle(self, sequence: int) -> None:
        """Nothing outlives the process."""

    def pages(self, kind: Kind, account: int, symbol: str, wanted: Wanted, sorting: Sorting) -> Iterator[Page]:
        """The pages that may have wanted items, nearest first."""
        found = [
            page
            for page in self._pages
            if page.kind is kind and page.account == account and page.symbol == symbol and page.overlaps(wanted)
        ]
        return iter(sorted(found, key=sorting.nearest, reverse=sorting.newest))

    def named(self, kind: Kind, account: int, symbol: str, name: str) -> Iterator[Page]:
        """The pages of a kind, newest first."""
        return (
            page
            for page in reversed(self._pages)
            if page.kind is kind and page.account == account and page.symbol == symbol
        )


def choose(
    kind: Kind, unsealed: Iterable[Any], pages: Iterator[Page], wanted: Wanted, sorting: Sorting, count: int
) -> list[Any]:
    """The first, or the newest, `count` wanted items out of those in memory and those in pages, sorted ascending.

    `pages` must come nearest first; no more of them are read than are needed.
    """
    if count == 0:
        return []

    def key(item: Any) -> tuple[int, int]:
        return sorting.value(kind, item), kind.id(item)

    found = [item for item in unsealed if wanted.has(kind, item)]
    for page in pages:
        if len(found) >= count:
            found.sort(key=key)
            found = found[-count:] if sorting.newest else found[:count]
            nearest = sorting.nearest(page)
            worst = sorting.value(kind, found[0] if sorting.newest else found[-1])
            if worst > nearest if sorting.newest else worst < nearest:
                return found
        found += [item for item in page.items if wanted.has(kind, item)]
    # Stable: an account's two sides of a trade with itself stay in the order of the log, the maker's first.
    found.sort(key=key)
    return found[-count:] if sorting.newest else found[:count]
