"""Accounts as their owners see them: balances, commission rates, `account.status` and `account.commission`."""

from typing import Any

from msgspec import Struct

from pitwire.exchange.messages import (
    AccountOpened,
    AccountRulesSet,
    Balance,
    Commission,
    CommissionRates,
    CommissionSet,
    DiscountSet,
    PositionChanged,
)
from pitwire.exchange.projections.filters import described
from pitwire.exchange.projections.symbols import Symbols
from pitwire.exchange.projections.wire import ZERO, instant
from pitwire.market.enums import Side, TimeUnit
from pitwire.market.filters import MaxAsset
from pitwire.market.numbers import Amount, text
from pitwire.market.symbols import SymbolRules

_UNITS_PER_BASIS_POINT = 10_000
"""A rate of 0.01 % is 10_000 when scaled by 1e-8."""


class UnknownAccount(LookupError):
    """No account with this number has been opened."""

    def __init__(self, account: int) -> None:
        super().__init__(f"account {account} has not been opened")
        self.account = account


class Account(Struct, array_like=True):
    """One account. `updated_us` is when its balances last changed, or when it was opened."""

    number: int
    name: str
    maker_rate: int
    taker_rate: int
    updated_us: int
    balances: dict[str, Balance]
    market_maker: bool = False
    trade_group: int = -1
    commissions: dict[str, Commission] = {}
    discount: DiscountSet | None = None
    permissions: tuple[str, ...] = ("SPOT",)
    asset_filters: tuple[MaxAsset, ...] = ()

    def commission(self, symbol: str) -> Commission:
        """What it pays on a symbol."""
        found = self.commissions.get(symbol)
        return found or Commission(CommissionRates(maker=self.maker_rate, taker=self.taker_rate))


class Accounts:
    """Every opened account."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._accounts: dict[int, Account] = {}

    def opened(self, event: AccountOpened, time_us: int) -> None:
        """Take in a new account, or new rates for one that keeps its balances."""
        known = self._accounts.get(event.account)
        self._accounts[event.account] = Account(
            event.account,
            event.name,
            event.maker_rate,
            event.taker_rate,
            time_us if known is None else known.updated_us,
            {} if known is None else known.balances,
            event.market_maker,
            event.trade_group,
            {} if known is None else known.commissions,
            None if known is None else known.discount,
            *(() if known is None else (known.permissions, known.asset_filters)),
        )

    def commission_set(self, event: CommissionSet, _time_us: int) -> None:
        """Take in what an account pays on a symbol."""
        commissions = self._accounts[event.account].commissions
        if event.commission is None:
            commissions.pop(event.symbol, None)
        else:
            commissions[event.symbol] = event.commission

    def discount_set(self, event: DiscountSet, _time_us: int) -> None:
        """Take in whether an account pays its commissions in another asset."""
        self._accounts[event.account].discount = event

    def rules_set(self, event: AccountRulesSet, _time_us: int) -> None:
        """Take in what an account may trade."""
        account = self._accounts[event.account]
        account.permissions = event.permissions
        account.asset_filters = event.asset_filters

    def position_changed(self, event: PositionChanged, time_us: int) -> None:
        """Take in the balances that changed."""
        account = self._accounts[event.account]
        account.updated_us = time_us
        balances = account.balances
        for balance in event.balances:
            balances[balance.asset] = balance

    def is_market_maker(self, account: int) -> bool:
        """Whether the account is the market's own, and no user's."""
        return self._accounts[account].market_maker

    def status(self, account: int, omit_zero: bool, unit: TimeUnit) -> dict[str, Any]:
        """The result of `account.status` (web-socket-api.md, Account information).

        Without `omit_zero` every asset that a listed symbol trades is there, held or not; assets are in alphabetical
        order. Raises `UnknownAccount`.
        """
        owner = self._account(account)
        held = owner.balances
        assets = held.keys() if omit_zero else held.keys() | self._symbols.assets()
        balances = [held.get(asset, Balance(asset, Amount(0), Amount(0))) for asset in sorted(assets)]
        result: dict[str, Any] = {
            "makerCommission": owner.maker_rate // _UNITS_PER_BASIS_POINT,
            "takerCommission": owner.taker_rate // _UNITS_PER_BASIS_POINT,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "commissionRates": _rates(CommissionRates(maker=owner.maker_rate, taker=owner.taker_rate)),
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": instant(owner.updated_us, unit),
            "accountType": "SPOT",
            "balances": [
                {"asset": balance.asset, "free": text(balance.free), "locked": text(balance.locked)}
                for balance in balances
                if not omit_zero or balance.free or balance.locked
            ],
            "permissions": list(owner.permissions),
            "uid": owner.number,
        }
        if owner.trade_group != -1:
            result["tradeGroupId"] = owner.trade_group  # faqs/stp_faq.md, What is a Trade Group Id?
        return result

    def commission(self, account: int, symbol: str) -> dict[str, Any]:
        """The result of `account.commission` (web-socket-api.md, Account Commission Rates).

        Raises `UnknownSymbol` and `UnknownAccount`.
        """
        rules = self._symbols.rules(symbol)
        owner = self._account(account)
        commission = owner.commission(symbol)
        return {
            "symbol": symbol,
            "standardCommission": _rates(commission.standard),
            "specialCommission": _rates(commission.special),
            "taxCommission": _rates(commission.tax),
            "discount": _discount(owner, rules),
        }

    def filters(self, account: int, symbol: str) -> dict[str, Any]:
        """The result of `myFilters` (web-socket-api.md, Query Relevant Filters).

        Asset filters are those of the symbol's two assets. Raises `UnknownSymbol` and `UnknownAccount`.
        """
        rules = self._symbols.rules(symbol)
        return {
            "exchangeFilters": [described(rule) for rule in self._symbols.exchange_filters],
            "symbolFilters": [described(rule) for rule in rules.filters],
            "assetFilters": [
                described(rule)
                for rule in self._account(account).asset_filters
                if rule.asset in (rules.base, rules.quote)
            ],
        }

    def asset_filters(self, account: int) -> tuple[MaxAsset, ...]:
        """The MAX_ASSET filters of the account. Raises `UnknownAccount`."""
        return self._account(account).asset_filters

    def balance(self, account: int, asset: str) -> Balance:
        """What the account has of an asset. Raises `UnknownAccount`."""
        return self._account(account).balances.get(asset) or Balance(asset, Amount(0), Amount(0))

    def order_commission(self, account: int, symbol: str, side: Side) -> dict[str, Any]:
        """The result of `order.test` with `computeCommissionRates` (web-socket-api.md, Test new order).

        The rates of the order's side are in those of its roles already (faqs/commission_faq.md).
        Raises `UnknownSymbol` and `UnknownAccount`.
        """
        rules = self._symbols.rules(symbol)
        owner = self._account(account)
        commission = owner.commission(symbol)
        return {
            "standardCommissionForOrder": _rates_of_order(commission.standard, side),
            "specialCommissionForOrder": _rates_of_order(commission.special, side),
            "taxCommissionForOrder": _rates_of_order(commission.tax, side),
            "discount": _discount(owner, rules),
        }

    def state(self) -> list[Account]:
        """What a snapshot keeps."""
        return list(self._accounts.values())

    @classmethod
    def of(cls, state: list[Account], symbols: Symbols) -> "Accounts":
        """The accounts that a snapshot kept."""
        accounts = cls(symbols)
        accounts._accounts = {account.number: account for account in state}
        return accounts

    def _account(self, account: int) -> Account:
        owner = self._accounts.get(account)
        if owner is None:
            raise UnknownAccount(account)
        return owner


def _rates(rates: CommissionRates) -> dict[str, str]:
    return {
        "maker": text(rates.maker),
        "taker": text(rates.taker),
        "buyer": text(rates.buyer),
        "seller": text(rates.seller),
    }


def _rates_of_order(rates: CommissionRates, side: Side) -> dict[str, str]:
    of_side = rates.buyer if side is Side.BUY else rates.seller
    return {"maker": text(rates.maker + of_side), "taker": text(rates.taker + of_side)}


def _discount(account: Account, rules: SymbolRules) -> dict[str, Any]:
    discount = account.discount
    return {
        "enabledForAccount": discount is not None and discount.enabled,
        "enabledForSymbol": rules.commission_discount,
        "discountAsset": "BNB" if discount is None else discount.asset,
        "discount": ZERO if discount is None else text(discount.discount),
    }
