"""Listing symbols, opening accounts, and moving assets in and out: what an operator does, through the same log."""

from pitwire.exchange.engine.accounts import Account, Discount, Holding
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.venue import Venue
from pitwire.exchange.messages import (
    AccountOpened,
    AccountRulesSet,
    Balance,
    BlockTradeReported,
    CommandRejected,
    Commission,
    CommissionSet,
    Deposit,
    Deposited,
    DiscountSet,
    Event,
    ExchangeFiltersSet,
    ExternallyLocked,
    KeyRegistered,
    ListSymbol,
    LockExternally,
    OpenAccount,
    PositionChanged,
    ReferencePriceSet,
    RegisterKey,
    ReportBlockTrade,
    SetAccountRules,
    SetCommission,
    SetDiscount,
    SetExchangeFilters,
    SetReferencePrice,
    SetSmartRouting,
    SmartRoutingSet,
    SymbolListed,
)
from pitwire.market.filter_checks import name_of
from pitwire.market.numbers import SCALE, Amount
from pitwire.market.reference_price import BUCKET_WIDTH_MS_MAX, BUCKETS_MAX, ArithmeticMean, External
from pitwire.market.rejects import Reject


def list_symbol(venue: Venue, command: ListSymbol) -> tuple[Event, ...]:
    """Add a symbol, or replace its rules. Its two assets cannot change: resting orders have them locked."""
    rules = command.rules
    market = venue.markets.get(rules.symbol)
    mean = rules.reference_price
    if isinstance(mean, ArithmeticMean) and not (
        0 < mean.bucket_count <= BUCKETS_MAX and 0 < mean.bucket_width_ms <= BUCKET_WIDTH_MS_MAX
    ):
        return _invalid(
            f"{rules.symbol}: a reference price takes 1 to {BUCKETS_MAX} buckets "
            f"of 1 to {BUCKET_WIDTH_MS_MAX} ms, not {mean.bucket_count} of {mean.bucket_width_ms}"
        )
    if rules.base == rules.quote:
        return _invalid(f"{rules.symbol}: base and quote are both {rules.base}")
    if (twice := _twice([name_of(rule) for rule in rules.filters])) is not None:
        return _invalid(f"{rules.symbol}: the filter {twice} is there twice")
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
        account = venue.accounts[command.account] = Account(
            command.account,
            command.name,
            command.maker_rate,
            command.taker_rate,
            command.market_maker,
            command.trade_group,
        )
        venue.apply_filters(account)
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


def set_exchange_filters(venue: Venue, command: SetExchangeFilters) -> tuple[Event, ...]:
    """Replace the filters of the whole exchange. Orders that are open stay as they are."""
    if (twice := _twice([name_of(rule) for rule in command.filters])) is not None:
        return _invalid(f"the exchange filter {twice} is there twice")
    venue.exchange_filters = command.filters
    for account in venue.accounts.values():
        venue.apply_filters(account)
    return (ExchangeFiltersSet(filters=command.filters),)


def set_account_rules(venue: Venue, command: SetAccountRules) -> tuple[Event, ...]:
    """Replace what an account may trade. Orders that are open stay as they are."""
    account = venue.accounts.get(command.account)
    if account is None:
        return (CommandRejected(reason=Reject.UNKNOWN_ACCOUNT),)
    if (twice := _twice([rule.asset for rule in command.asset_filters])) is not None:
        return _invalid(f"account {command.account}: MAX_ASSET for {twice} is there twice")
    account.permissions = command.permissions
    account.asset_filters = command.asset_filters
    venue.apply_filters(account)
    return (
        AccountRulesSet(account=command.account, permissions=command.permissions, asset_filters=command.asset_filters),
    )


def set_reference_price(venue: Venue, command: SetReferencePrice, time_us: int) -> tuple[Event, ...]:
    """Set the reference price of a symbol that has an external one."""
    market = venue.markets.get(command.symbol)
    if market is None:
        return (CommandRejected(reason=Reject.UNKNOWN_SYMBOL),)
    reference = market.reference_price
    if reference is None or not isinstance(reference.calculation, External):
        return _invalid(f"{command.symbol}: the reference price is not calculated outside")
    if command.price < 0:
        return _invalid(f"{command.symbol}: the reference price is negative")
    reference.set(time_us, command.price)
    return (ReferencePriceSet(symbol=command.symbol, price=command.price),)


def report_block_trade(venue: Venue, command: ReportBlockTrade) -> tuple[Event, ...]:
    """Make a block trade public."""
    market = venue.markets.get(command.symbol)
    if market is None:
        return (CommandRejected(reason=Reject.UNKNOWN_SYMBOL),)
    if command.price <= 0 or command.quantity <= 0:
        return _invalid(f"{command.symbol}: a block trade has a price and a quantity above 0")
    market.last_block_trade_id += 1
    return (
        BlockTradeReported(
            symbol=command.symbol,
            block_trade_id=market.last_block_trade_id,
            price=command.price,
            quantity=command.quantity,
            quote=Amount(command.price * command.quantity // SCALE),
            buyer_is_maker=command.buyer_is_maker,
        ),
    )


def set_smart_routing(venue: Venue, command: SetSmartRouting) -> tuple[Event, ...]:
    """Replace the symbols among which orders for a base asset are routed. Orders that are open stay as they are."""
    if (twice := _twice(list(command.symbols))) is not None:
        return _invalid(f"routing of {command.base}: {twice} is there twice")
    for symbol in command.symbols:
        market = venue.markets.get(symbol)
        if market is None or market.base != command.base:
            return _invalid(f"routing of {command.base}: {symbol} is not listed, or does not trade {command.base}")
    if len(command.symbols) == 1:
        return _invalid(f"routing of {command.base}: one symbol alone is no choice; name more, or none")
    if command.symbols:
        venue.routes[command.base] = command.symbols
    else:
        venue.routes.pop(command.base, None)
    return (SmartRoutingSet(base=command.base, symbols=command.symbols),)


def _twice(names: list[str]) -> str | None:
    return next((name for name in names if names.count(name) > 1), None)


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
    return (Deposited(account=command.account, asset=command.asset, amount=command.amount), _position(account, holding))


def lock_externally(venue: Venue, command: LockExternally) -> tuple[Event, ...]:
    """Lock part of what is free for a system outside, or unlock part of what it has locked: never what orders have."""
    account = venue.accounts.get(command.account)
    if account is None:
        return (CommandRejected(reason=Reject.UNKNOWN_ACCOUNT),)
    held = account.holdings.get(command.asset)
    locked = account.external_locks.get(command.asset, 0)
    if held is None or held.free < command.amount or locked + command.amount < 0:
        return (CommandRejected(reason=Reject.INSUFFICIENT_BALANCE),)
    held.free -= command.amount
    held.locked += command.amount
    account.external_locks[command.asset] = locked + command.amount
    return (
        ExternallyLocked(account=command.account, asset=command.asset, amount=command.amount),
        _position(account, held),
    )


def register_key(venue: Venue, command: RegisterKey) -> tuple[Event, ...]:
    """Let an API key act for an account; one that is known already is replaced. Keys decide nothing here."""
    if command.account not in venue.accounts:
        return (CommandRejected(reason=Reject.UNKNOWN_ACCOUNT),)
    return (
        KeyRegistered(
            api_key=command.api_key,
            account=command.account,
            key_kind=command.key_kind,
            secret=command.secret,
            permissions=command.permissions,
        ),
    )


def _position(account: Account, held: Holding) -> PositionChanged:
    balance = Balance(held.asset, Amount(held.free), Amount(held.locked))
    return PositionChanged(account=account.account_id, balances=(balance,))


def _invalid(detail: str) -> tuple[Event, ...]:
    return (CommandRejected(reason=Reject.INVALID_CONFIGURATION, detail=detail),)
