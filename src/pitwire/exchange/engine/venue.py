"""The whole state of the exchange: what a snapshot keeps, and what the same log always rebuilds."""

from pitwire.exchange.engine.accounts import Account
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.order_lists import OrderList
from pitwire.market.filter_checks import in_order
from pitwire.market.filters import ExchangeFilter


class Venue:
    """Accounts, markets, and what the exchange itself has earned."""

    __slots__ = (
        "accounts",
        "commissions",
        "exchange_filters",
        "last_execution_id",
        "last_order_list_id",
        "markets",
        "order_lists",
        "routes",
        "settlements",
        "waiting",
    )

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.markets: dict[str, Market] = {}
        self.commissions: dict[str, int] = {}
        """Collected so far, per asset: with all balances and settlements it is what was ever deposited, to the unit."""
        self.settlements: dict[str, int] = {}
        """What the exchange has taken in, per asset, by exchanging interchangeable quote assets one for one.

        Smart order routing pays makers in their own quote asset, and is paid in another: so some are negative. They
        belong to what was ever deposited too, and those of assets that are interchangeable are together 0.
        """
        self.routes: dict[str, tuple[str, ...]] = {}
        """By base asset: the symbols among which an order for it may be routed."""
        self.last_execution_id = 0
        """Execution ids count over all symbols."""
        self.exchange_filters: tuple[ExchangeFilter, ...] = ()
        self.waiting = 0
        """How many orders wait for their trigger, over all markets, and how many order lists are open.

        With none of either trades set nothing off.
        """
        self.order_lists: dict[int, OrderList] = {}
        """Those that are open, by their ids, which count over all symbols."""
        self.last_order_list_id = -1

    def apply_filters(self, account: Account) -> None:
        """Bind an account by the filters of the exchange, and by its own, as they are now."""
        account.filters = in_order((*self.exchange_filters, *account.asset_filters))
        for market in self.markets.values():
            trader = market.traders.get(account.account_id)
            if trader is not None:
                trader.apply_rules()
