"""What an account owns, a free and a locked amount of each asset, and what it may trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pitwire.exchange.messages import Commission, CommissionRates
from pitwire.market.filters import AnyFilter, MaxAsset

if TYPE_CHECKING:
    from pitwire.exchange.engine.order_lists import OrderList


class Holding:
    """One account's amounts of one asset, in units of 1e-8. `locked` is what its open orders may still spend."""

    __slots__ = ("asset", "free", "locked")

    def __init__(self, asset: str, free: int = 0, locked: int = 0) -> None:
        self.asset = asset
        self.free = free
        self.locked = locked


class Discount(NamedTuple):
    """Commission may be paid in `asset`; the standard part of it is then multiplied by `rate`, scaled by 1e-8."""

    asset: str
    rate: int


class Account:
    """A trading account: its fees and its holdings. Rates are fractions scaled by 1e-8."""

    __slots__ = (
        "account_id",
        "asset_filters",
        "commissions",
        "discount",
        "external_locks",
        "filters",
        "holdings",
        "maker_rate",
        "market_maker",
        "name",
        "order_lists",
        "permissions",
        "taker_rate",
        "trade_group",
    )

    def __init__(
        self, account_id: int, name: str, maker_rate: int, taker_rate: int, market_maker: bool, trade_group: int = -1
    ) -> None:
        self.account_id = account_id
        self.name = name
        self.maker_rate = maker_rate
        self.taker_rate = taker_rate
        self.market_maker = market_maker
        self.trade_group = trade_group
        """-1 for none."""
        self.commissions: dict[str, Commission] = {}
        """By symbol, in place of the two rates."""
        self.discount: Discount | None = None
        self.holdings: dict[str, Holding] = {}
        self.external_locks: dict[str, int] = {}
        """How much of each holding's `locked` a system outside has locked, and not open orders."""
        self.permissions: tuple[str, ...] = ("SPOT",)
        self.asset_filters: tuple[MaxAsset, ...] = ()
        self.filters: tuple[AnyFilter, ...] = ()
        """What binds it on every symbol: the exchange's filters and its own, in their order."""
        self.order_lists: dict[str, OrderList] = {}
        """Those that are open, on all symbols, by the client order id of the list."""

    def commission(self, symbol: str) -> Commission:
        """What it pays on a symbol."""
        found = self.commissions.get(symbol)
        return found or Commission(CommissionRates(maker=self.maker_rate, taker=self.taker_rate))

    def holding(self, asset: str) -> Holding:
        """The account's holding of `asset`, empty if it never had any."""
        holding = self.holdings.get(asset)
        if holding is None:
            holding = self.holdings[asset] = Holding(asset)
        return holding
