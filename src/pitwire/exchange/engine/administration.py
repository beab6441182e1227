"""Listing symbols, opening accounts, and moving assets in and out: what an operator does, through the same log."""

from pitwire.exchange.engine.accounts import Account, Discount
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    AccountOpened,
    Balance,
    CommandRejected,
    Commission,
    CommissionSet,
    Deposit,
    Deposited,
    DiscountSet,
    Event,
    ListSymbol,
    OpenAccount,
    PositionChanged,
    SetCommission,
    SetDiscount,
    SymbolListed,
)
from pitwire.market.numbers import SCALE, Amount
from pitwire.market.rejects import Reject


def list_symbol(venue: Venue, command: ListSymbol) -> tuple[Event, ...]:
    """Add a symbol, or replace its rules. Its two assets cannot change: resting orders have them locked."""
    rules = command.rules
    market = venue.markets.get(rules.symbol)
    if rules.base == rules.quote:
        return _invalid(f"{rules.symbol}: base and quote are both {rules.base}")
    if market is None:
        venue.markets[rules.symbol] = Market(rules)
    elif (rules.base, rules.quote) != (market.base, market.quote):
        return _invalid(f"{rules.symbol} trades {market.base}/{market.quote}, not {rules.base}/{rules.quote}")
    else:
        market.replace_rules(rules)
    return (SymbolListed(rules=rules),)


def open_account(venue: Venue, command: OpenAccount) -> tuple[Event, ...]:
    """Add an account, or replace its settings."""
    for rate in (command.maker_rate, command.taker_rate):
        if not 0 <= rate < SCALE:
            return _invalid(f"account {command.account}: the commission rate {rate} is not within 0..{SCALE - 1}")
    account = venue.accounts.get(command.account)
    if account is None:
        venue.accounts[command.account] = Account(
            command.account,
            command.name,
            command.maker_rate,
            command.taker_rate,
            command.market_maker,
            command.trade_group,
        )
    else:
        account.name = command.name
        account.maker_rate = command.maker_rate
        account.taker_rate = command.taker_rate
        account.market_maker = command.market_maker
        account.trade_group = command.trade_group
        _update_commissions(venue, account)
    return (
        AccountOpened(
            account=command.account,
            name=command.name,
            maker_rate=command.maker_rate,
            taker_rate=command.taker_rate,
            market_maker=command.market_maker,
            trade_group=command.trade_group,
        ),
    )


def set_commission(venue: Venue, command: SetCommission) -> tuple[Event, ...]:
    """Set what an account pays on a symbol; orders that rest there pay it too from now on."""
    account = venue.accounts.get(command.account)
    if account is None:
        return (CommandRejected(reason=Reject.UNKNOWN_ACCOUNT),)
    market = venue.markets.get(command.symbol)
    if market is None:
        return (CommandRejected(reason=Reject.UNKNOWN_SYMBOL),)
    commission = command.commission or Commission()
    parts = (commission.standard, commission.special, commission.tax)
    rates = [rate for part in parts for rate in (part.maker, part.taker, part.buyer, part.seller)]
    most = sum(max(part.maker, part.taker) + max(part.buyer, part.seller) for part in parts)
    if min(rates) < 0 or most >= SCALE:
        return _invalid(
            f"account {command.account}: commission rates on {command.symbol} are negative, or take all of a trade"
        )
    if command.commission is None:
        account.commissions.pop(command.symbol, None)
    else:
        account.commissions[command.symbol] = commission
    _update_commissions(venue, account)
    return (CommissionSet(account=command.account, symbol=command.symbol, commission=command.commission),)


def set_discount(venue: Venue, command: SetDiscount) -> tuple[Event, ...]:
    """Let an account pay its commissions in another asset, or no longer."""
    account = venue.accounts.get(command.account)
    if account is None:
        return (CommandRejected(reason=Reject.UNKNOWN_ACCOUNT),)
    if not 0 <= command.discount <= SCALE:
        return _invalid(f"account {command.account}: the discount {command.discount} is not within 0..{SCALE}")
    account.discount = Discount(command.asset, command.discount) if command.enabled else None
    _update_commissions(venue, account)
    return (
        DiscountSet(account=command.account, enabled=command.enabled, asset=command.asset, discount=command.discount),
    )


def _update_commissions(venue: Venue, account: Account) -> None:
    for market in venue.markets.values():
        trader = market.traders.get(account.account_id)
        if trader is not None:
            trader.update_commission()


def deposit(venue: Venue, command: Deposit) -> tuple[Event, ...]:
    """Add to an account's free balance; a negative amount withdraws, at most what is free."""
    account = venue.accounts.get(command.account)
    if account is None:
        return (CommandRejected(reason=Reject.UNKNOWN_ACCOUNT),)
    held = account.holdings.get(command.asset)
    if (held.free if held is not None else 0) + command.amount < 0:
        return (CommandRejected(reason=Reject.INSUFFICIENT_BALANCE),)
    holding = account.holding(command.asset)
    holding.free += command.amount
    return (
        Deposited(account=command.account, asset=command.asset, amount=command.amount),
        PositionChanged(
            account=command.account,
            balances=(Balance(command.asset, Amount(holding.free), Amount(holding.locked)),),
        ),
    )


def _invalid(detail: str) -> tuple[Event, ...]:
    return (CommandRejected(reason=Reject.INVALID_CONFIGURATION, detail=detail),)
