"""Accounts: opening them, what they pay and may trade, money in and out, and locks from outside."""

from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.routing import Route

from pitwire.exchange.configuration import account_commands, account_problems, commission_problems
from pitwire.exchange.control.application import route
from pitwire.exchange.control.desk import BAD_REQUEST, CONFLICT, Desk, Refused, check
from pitwire.exchange.defaults import AccountTerms, CommissionTerms, RateTerms
from pitwire.exchange.engine.accounts import Account
from pitwire.exchange.messages import Deposit, LockExternally, SetCommission
from pitwire.market.numbers import SCALE, Amount, scaled, text
from pitwire.market.rejects import Reject


class NewAccount(AccountTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to open: a table `[[accounts]]` of a configuration file. Without a `number` it gets the next one."""

    number: int = 0


class AccountChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different of an account from now on; what is not named stays as it is."""

    name: str | UnsetType = UNSET
    maker_rate: Decimal | UnsetType = UNSET
    taker_rate: Decimal | UnsetType = UNSET
    trade_group: int | UnsetType = UNSET
    discount: Decimal | UnsetType | None = UNSET
    discount_asset: str | UnsetType = UNSET
    permissions: tuple[str, ...] | UnsetType = UNSET
    max_assets: dict[str, Decimal] | UnsetType = UNSET


class Sum(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So much of an asset; the amount is positive."""

    asset: str
    amount: Decimal


class Rates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account pays on a symbol, in place of its two rates."""

    standard: RateTerms = RateTerms()
    special: RateTerms = RateTerms()
    tax: RateTerms = RateTerms()


Movement = Literal["deposit", "withdraw", "lock", "unlock"]


class AccountControl:
    """The handlers of these routes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def all(self) -> list[dict[str, Any]]:
        """The users' accounts."""
        return [self._shown(number) for number in self._desk.account_numbers()]

    async def one(self, number: int) -> dict[str, Any]:
        """One account."""
        self._desk.check_account(number)
        return self._shown(number)

    async def open(self, body: NewAccount) -> dict[str, Any]:
        """Open an account and fund it."""
        desk = self._desk
        number = body.number or max(desk.account_numbers(), default=0) + 1
        if number in desk.engine.venue.accounts:
            raise Refused(CONFLICT, f"account {number} is open already: leave the number out to get the next one")
        if not body.name:
            raise Refused(BAD_REQUEST, "the name is empty: give the account one")
        terms = msgspec.structs.replace(body, number=number)
        check(account_problems(terms))
        await desk.execute_all(account_commands(terms, desk.engine))
        return self._shown(number)

    async def change(self, number: int, body: AccountChange) -> dict[str, Any]:
        """Change an account's settings."""
        desk = self._desk
        desk.check_account(number)
        changed = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
        terms = msgspec.structs.replace(_terms_of(desk.engine.venue.accounts[number]), **changed)
        check(account_problems(terms))
        await desk.execute_all(account_commands(terms, desk.engine))
        return self._shown(number)

    async def move(self, number: int, movement: str, body: Sum) -> dict[str, Any]:
        """Deposit, withdraw, lock or unlock; the owner's user data stream tells of it."""
        desk = self._desk
        desk.check_account(number)
        if not (body.asset.isascii() and body.asset.isalnum() and body.asset.isupper() and len(body.asset) <= 10):
            raise Refused(BAD_REQUEST, f"asset: {body.asset!r} is not 1 to 10 capital letters and digits")
        amount = Amount(_positive("amount", body.amount))
        what = f"{body.amount} {body.asset}"
        if movement == "deposit":
            await desk.execute(Deposit(account=number, asset=body.asset, amount=amount))
        elif movement == "withdraw":
            too_much = {Reject.INSUFFICIENT_BALANCE: f"account {number} has less than {what} free: withdraw less"}
            await desk.execute(Deposit(account=number, asset=body.asset, amount=Amount(-amount)), too_much)
        elif movement == "lock":
            too_much = {Reject.INSUFFICIENT_BALANCE: f"account {number} has less than {what} free: lock less"}
            await desk.execute(LockExternally(account=number, asset=body.asset, amount=amount), too_much)
        else:
            too_much = {Reject.INSUFFICIENT_BALANCE: f"less than {what} of account {number} is locked: unlock less"}
            await desk.execute(LockExternally(account=number, asset=body.asset, amount=Amount(-amount)), too_much)
        return self._shown(number)

    async def set_commission(self, number: int, symbol: str, body: Rates) -> dict[str, Any]:
        """Set what the account pays on a symbol."""
        self._desk.check_account(number)
        terms = CommissionTerms(
            account=number, symbol=symbol, standard=body.standard, special=body.special, tax=body.tax
        )
        check(commission_problems(f"account {number} on {symbol}", terms))
        return await self._commission(SetCommission(account=number, symbol=symbol, commission=terms.commission()))

    async def reset_commission(self, number: int, symbol: str) -> dict[str, Any]:
        """Let the account pay its two rates on a symbol again."""
        self._desk.check_account(number)
        return await self._commission(SetCommission(account=number, symbol=symbol, commission=None))

    async def _commission(self, command: SetCommission) -> dict[str, Any]:
        await self._desk.execute(
            command, {Reject.UNKNOWN_SYMBOL: f"there is no symbol {command.symbol}: list it first"}
        )
        return self._desk.projections.accounts.commission(command.account, command.symbol)

    def _shown(self, number: int) -> dict[str, Any]:
        account = self._desk.engine.venue.accounts[number]
        discount = account.discount
        return {
            "number": number,
            "name": account.name,
            "maker_rate": text(Amount(account.maker_rate)),
            "taker_rate": text(Amount(account.taker_rate)),
            "trade_group": account.trade_group,
            "discount": None if discount is None else text(Amount(discount.rate)),
            "permissions": account.permissions,
            "balances": {
                asset: {
                    "free": text(Amount(holding.free)),
                    "locked": text(Amount(holding.locked)),
                    "locked_from_outside": text(Amount(account.external_locks.get(asset, 0))),
                }
                for asset, holding in sorted(account.holdings.items())
            },
        }


def routes(desk: Desk) -> list[Route]:
    """The routes of this module."""
    accounts = AccountControl(desk)
    one = "/accounts/{number:int}"
    return [
        route("GET", "/accounts", accounts.all),
        route("POST", "/accounts", accounts.open, NewAccount),
        route("GET", one, accounts.one),
        route("PATCH", one, accounts.change, AccountChange),
        *(
            route("POST", f"{one}/{movement}", _moving(accounts, movement), Sum)
            for movement in ("deposit", "withdraw", "lock", "unlock")
        ),
        route("PUT", one + "/commissions/{symbol}", accounts.set_commission, Rates),
        route("DELETE", one + "/commissions/{symbol}", accounts.reset_commission),
    ]


def _moving(accounts: AccountControl, movement: str) -> Any:
    async def move(number: int, body: Sum) -> dict[str, Any]:
        return await accounts.move(number, movement, body)

    return move


def _positive(what: str, value: Decimal) -> int:
    try:
        units = scaled(value)
    except ValueError as error:
        raise Refused(BAD_REQUEST, f"{what}: {error}") from error
    if units <= 0:
        raise Refused(BAD_REQUEST, f"{what}: {value} is not a positive number")
    return units


def _terms_of(account: Account) -> AccountTerms:
    discount = account.discount
    return AccountTerms(
        number=account.account_id,
        name=account.name,
        maker_rate=_decimal(account.maker_rate),
        taker_rate=_decimal(account.taker_rate),
        market_maker=account.market_maker,
        trade_group=account.trade_group,
        discount=None if discount is None else _decimal(discount.rate),
        discount_asset="BNB" if discount is None else discount.asset,
        permissions=account.permissions,
        max_assets={each.asset: _decimal(each.limit) for each in account.asset_filters},
    )


def _decimal(units: int) -> Decimal:
    return Decimal(units) / SCALE
