"""What an account owns, a free and a locked amount of each asset, and what it may trade."""

from pitwire.market.filters import AnyFilter, MaxAsset


class Holding:
    """One account's amounts of one asset, in units of 1e-8. `locked` is what its open orders may still spend."""

    __slots__ = ("asset", "free", "locked")

    def __init__(self, asset: str, free: int = 0, locked: int = 0) -> None:
        self.asset = asset
        self.free = free
        self.locked = locked


class Account:
    """A trading account: its fees and its holdings. Rates are fractions scaled by 1e-8."""

    __slots__ = (
        "account_id",
        "asset_filters",
        "filters",
        "holdings",
        "maker_rate",
        "market_maker",
        "name",
        "permissions",
        "taker_rate",
    )

    def __init__(self, account_id: int, name: str, maker_rate: int, taker_rate: int, market_maker: bool) -> None:
        self.account_id = account_id
        self.name = name
        self.maker_rate = maker_rate
        self.taker_rate = taker_rate
        self.market_maker = market_maker
        self.holdings: dict[str, Holding] = {}
        self.permissions: tuple[str, ...] = ("SPOT",)
        self.asset_filters: tuple[MaxAsset, ...] = ()
        self.filters: tuple[AnyFilter, ...] = ()
        """What binds it on every symbol: the exchange's filters and its own, in their order."""

    def holding(self, asset: str) -> Holding:
        """The account's holding of `asset`, empty if it never had any."""
        holding = self.holdings.get(asset)
        if holding is None:
            holding = self.holdings[asset] = Holding(asset)
        return holding
