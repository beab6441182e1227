"""Symbols, accounts, balances, fees and keys from a TOML file, in place of the defaults.

    [[symbols]]                      # without any: Binance's BTCUSDT, ETHUSDT, BNBUSDT, ETHBTC, BNBBTC, BTCUSDC
    base = "BTC"
    quote = "USDT"
    tick_size = "0.01"
    step_size = "0.00001"
    min_notional = "5"               # also: max_price, max_quantity, max_market_quantity, max_notional, max_num_orders,
                                     # and amend_, cancel_replace_, oco_, oto_, opo_allowed = false
    default_self_trade_prevention = "EXPIRE_MAKER"
    allowed_self_trade_prevention = ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"]

    status = "HALT"                  # TRADING, END_OF_DAY, HALT, BREAK or CANCEL_ONLY; without it TRADING
    permission_sets = [["SPOT", "TRD_GRP_004"]]    # an account needs one of each set; without it SPOT

    [[symbols.filters]]              # beyond the usual five, which the numbers above make
    type = "MAX_POSITION"
    max_position = "10"

    [symbols.reference_price]        # or external_calculation_id, and a price to start with
    bucket_count = 10
    bucket_width_ms = 1000

    [symbols.price_range]            # trades keep to 50 % to 200 % of the reference price
    bid_limit_up = "2"               # also: bid_limit_down, ask_limit_up, ask_limit_down

    [[exchange_filters]]             # of all symbols together
    type = "EXCHANGE_MAX_NUM_ORDERS"
    max_num_orders = 1000

    [[sors]]                         # smart order routing; without any and without [[symbols]]: BTC over USDT and USDC
    base = "BTC"
    quotes = ["USDT", "USDC"]        # worth each other, one for one; BTCUSDT and BTCUSDC must be among the symbols

    [[accounts]]                     # without any: alice, bob and carol, with their published development keys
    number = 7
    name = "desk"
    maker_rate = "0.0008"            # 0.08 %; without it 0.1 %
    taker_rate = "0.001"
    trade_group = 1                  # accounts of one group are one when self-trades are prevented; without it, none
    discount = "0.75"                # pays commission in BNB, and of the standard one so much; without it, never
    balances = { BTC = "2.5", USDT = "100000" }
    permissions = ["SPOT", "TRD_GRP_004"]          # without it SPOT
    max_assets = { BTC = "1" }       # MAX_ASSET: how much one order may be about

    [[commissions]]                  # what an account pays on a symbol, in place of its two rates
    account = 7
    symbol = "BTCUSDT"
    standard = { maker = "0.0004", taker = "0.0005", buyer = "0.0001", seller = "0.0001" }    # also: special, tax

    [[keys]]                         # with any, the development keys are unknown to the exchange
    account = 7
    api_key = "64 letters and digits"
    secret_key = "..."               # HMAC; or public_key = the PEM text of an Ed25519 or RSA public key

Numbers may be written with or without quotes; either way they are read as decimals, never as floats. An exchange that
has a log already takes new symbols, new accounts, changed rules and changed fees from the file; balances of accounts
that exist stay as they are.
"""

import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from pitwire.exchange.defaults import ACCOUNTS, SORS, SYMBOLS, AccountTerms, CommissionTerms, SorTerms, SymbolTerms
from pitwire.exchange.engine.accounts import Discount
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.filter_terms import FilterInvalid, exchange_filter, symbol_filter
from pitwire.exchange.gateway.keyring import Keyring, development_keyring
from pitwire.exchange.messages import (
    Command,
    Deposit,
    ListSymbol,
    OpenAccount,
    SetAccountRules,
    SetCommission,
    SetDiscount,
    SetExchangeFilters,
    SetReferencePrice,
    SetSmartRouting,
)
from pitwire.exchange.participants.accounts import MAKER, TAKER
from pitwire.market.filter_checks import name_of
from pitwire.market.filters import AnyFilter
from pitwire.market.numbers import Amount, scaled
from pitwire.protocol.authorization import RegisteredKey
from pitwire.protocol.errors import InvalidKey
from pitwire.protocol.signing import Verifier

FILE_BYTES_MAX = 1024 * 1024
SYMBOLS_MAX = 500
ACCOUNTS_MAX = 1_000
API_KEY_LETTERS = 64
"""What every API key of Binance has; the gateway takes no other."""
SECRET_LETTERS_MIN = 16
"""A secret that is empty, or guessed in a moment, lets anybody trade."""
TABLES = frozenset({"symbols", "accounts", "commissions", "keys", "exchange_filters", "sors"})
"""The keys of a file that are read here; all else in it is left to other readers."""


class ConfigurationInvalid(Exception):
    """Something the exchange was asked for cannot be; the message names the value and the remedy."""


class KeyTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An API key of an account: an HMAC secret, or the public half of an RSA or Ed25519 key pair."""

    account: int
    api_key: str
    secret_key: str | None = None
    public_key: str | None = None

    def registered(self) -> RegisteredKey:
        """The key as the gateway looks it up. Raises `InvalidKey` when the PEM is no Ed25519 or RSA public key."""
        if self.secret_key is not None:
            verifier = Verifier.hmac(self.secret_key)
        else:
            try:
                verifier = Verifier.ed25519(self.public_key or "")
            except InvalidKey:
                verifier = Verifier.rsa(self.public_key or "")
        return RegisteredKey(api_key=self.api_key, account=self.account, verifier=verifier)


class Configuration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is traded, by whom, and with which keys. No `keys` means: the published development keys."""

    symbols: tuple[SymbolTerms, ...] = SYMBOLS
    accounts: tuple[AccountTerms, ...] = ACCOUNTS
    keys: tuple[KeyTerms, ...] = ()
    commissions: tuple[CommissionTerms, ...] = ()
    exchange_filters: tuple[dict[str, Any], ...] = ()
    sors: tuple[SorTerms, ...] | None = None
    """`None`: those of the default symbols, if they are traded."""

    def keyring(self) -> Keyring:
        """The keys that the exchange knows."""
        if not self.keys:
            return development_keyring()
        return Keyring([key.registered() for key in self.keys], published=False)

    def commands(self, engine: Engine) -> Iterator[Command]:
        """What is still to be done for the exchange to be as configured."""
        for symbol in self.symbols:
            if (rules := symbol.rules()) != engine.rules(symbol.symbol):
                yield ListSymbol(rules=rules)
            yield from _first_reference_price(symbol, engine)
        exchange_filters = tuple(map(exchange_filter, self.exchange_filters))
        if exchange_filters != engine.venue.exchange_filters:
            yield SetExchangeFilters(filters=exchange_filters)
        yield from self._smart_routing(engine)
        for account in self.accounts:
            yield from account_commands(account, engine)
        yield from self._commissions(engine)

    def routing(self) -> tuple[SorTerms, ...]:
        """The smart order routing that is wanted."""
        if self.sors is not None:
            return self.sors
        return SORS if self.symbols == SYMBOLS else ()

    def _smart_routing(self, engine: Engine) -> Iterator[Command]:
        wanted = {terms.base: terms.symbols for terms in self.routing()}
        known = engine.venue.routes
        for base in sorted(known.keys() - wanted.keys()):
            yield SetSmartRouting(base=base, symbols=())
        for base, symbols in wanted.items():
            if known.get(base) != symbols:
                yield SetSmartRouting(base=base, symbols=symbols)

    def _commissions(self, engine: Engine) -> Iterator[Command]:
        wanted = {(terms.account, terms.symbol): terms.commission() for terms in self.commissions}
        accounts = engine.venue.accounts
        for terms in self.accounts:
            known = accounts.get(terms.number)
            for symbol in sorted(known.commissions) if known is not None else ():
                if (terms.number, symbol) not in wanted:
                    yield SetCommission(account=terms.number, symbol=symbol, commission=None)
        for (account, symbol), commission in wanted.items():
            known = accounts.get(account)
            if known is None or known.commissions.get(symbol) != commission:
                yield SetCommission(account=account, symbol=symbol, commission=commission)


def _first_reference_price(terms: SymbolTerms, engine: Engine) -> Iterator[Command]:
    """What sets an external reference price that was never set. One that was is left to who sets it."""
    price = None if terms.reference_price is None else terms.reference_price.first_price()
    market = engine.venue.markets.get(terms.symbol)
    known = None if market is None else market.reference_price
    is_known = known is not None and known.calculation == terms.rules().reference_price and known.set_us >= 0
    if price is not None and not is_known:
        yield SetReferencePrice(symbol=terms.symbol, price=price)


def account_commands(terms: AccountTerms, engine: Engine) -> Iterator[Command]:
    """What opens and funds the account if it is not open yet, and else brings its settings up to these terms."""
    known = engine.venue.accounts.get(terms.number)
    opening = _opening(terms)
    if known is None:
        yield opening
        for asset, balance in terms.balances.items():
            yield Deposit(account=terms.number, asset=asset, amount=Amount(scaled(balance)))
    elif opening != OpenAccount(
        account=known.account_id,
        name=known.name,
        maker_rate=known.maker_rate,
        taker_rate=known.taker_rate,
        market_maker=known.market_maker,
        trade_group=known.trade_group,
    ):
        yield opening
    wanted = None if terms.discount is None else Discount(terms.discount_asset, scaled(terms.discount))
    if wanted != (None if known is None else known.discount):
        asset, rate = wanted or Discount(terms.discount_asset, 0)
        yield SetDiscount(account=terms.number, enabled=wanted is not None, asset=asset, discount=rate)
    rules = (terms.permissions, terms.asset_filters())
    if rules != ((("SPOT",), ()) if known is None else (known.permissions, known.asset_filters)):
        yield SetAccountRules(account=terms.number, permissions=rules[0], asset_filters=rules[1])


def _opening(terms: AccountTerms) -> OpenAccount:
    return OpenAccount(
        account=terms.number,
        name=terms.name,
        maker_rate=scaled(terms.maker_rate),
        taker_rate=scaled(terms.taker_rate),
        market_maker=terms.market_maker,
        trade_group=terms.trade_group,
    )


def load(path: Path) -> Configuration:
    """The configuration in a file. Raises `ConfigurationInvalid`."""
    try:
        if (size := path.stat().st_size) > FILE_BYTES_MAX:
            raise ConfigurationInvalid(f"{path} has {size} bytes; a configuration has at most {FILE_BYTES_MAX}")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(f"{path} cannot be read: {error}. Name a readable TOML file") from error
    return parse(text, str(path))


def parse(text: str, source: str) -> Configuration:
    """The configuration in a TOML text; `source` is what messages call it. Raises `ConfigurationInvalid`."""
    try:
        tables: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationInvalid(f"{source} is not TOML: {error}") from error
    try:
        configuration = msgspec.convert(
            {name: value for name, value in tables.items() if name in TABLES}, Configuration
        )
    except msgspec.ValidationError as error:
        raise ConfigurationInvalid(f"{source}: {_in_toml(str(error))}") from error
    for problem in _problems(configuration):
        raise ConfigurationInvalid(f"{source}: {problem}")
    return configuration


def _in_toml(message: str) -> str:
    """msgspec's ``... - at `$.symbols[0].tick_size``` with the file's words."""
    what, at, path = message.partition(" - at `$.")
    return f"{path.rstrip('`')}: {what}" if at else what


def _problems(configuration: Configuration) -> Iterator[str]:
    if len(configuration.symbols) > SYMBOLS_MAX:
        yield f"{len(configuration.symbols)} symbols; at most {SYMBOLS_MAX} are possible"
    if len(configuration.accounts) > ACCOUNTS_MAX:
        yield f"{len(configuration.accounts)} accounts; at most {ACCOUNTS_MAX} are possible"
    yield from _filter_problems("exchange_filters", configuration.exchange_filters, exchange_filter)
    names: set[str] = set()
    for symbol in configuration.symbols:
        if symbol.symbol in names:
            yield f"symbol {symbol.symbol} is there twice: remove one"
        names.add(symbol.symbol)
        yield from symbol_problems(symbol)
    yield from _routing_problems(configuration.sors or (), names)
    numbers: set[int] = set()
    for account in configuration.accounts:
        if account.number in numbers:
            yield f"account {account.number} is there twice: give one another number"
        numbers.add(account.number)
        yield from account_problems(account)
    charged: set[tuple[int, str]] = set()
    for commission in configuration.commissions:
        where = f"commission of account {commission.account} on {commission.symbol}"
        if (key_of_it := (commission.account, commission.symbol)) in charged:
            yield f"{where} is there twice: remove one"
        charged.add(key_of_it)
        if commission.account not in numbers or commission.symbol not in names:
            yield f"{where}: the account or the symbol is not among those of the file: add it"
        yield from commission_problems(where, commission)
    api_keys: set[str] = set()
    for key in configuration.keys:
        if key.api_key in api_keys:
            yield f"api_key {key.api_key} is there twice: remove one"
        api_keys.add(key.api_key)
        if key.account not in numbers:
            yield f"api_key {key.api_key} belongs to account {key.account}, which is not among the accounts: add it"
        yield from key_problems(key)


def _routing_problems(sors: tuple[SorTerms, ...], names: set[str]) -> Iterator[str]:
    bases = [terms.base for terms in sors]
    for terms in sors:
        if bases.count(terms.base) > 1:
            yield f"sors: {terms.base} is there twice: name all its quote assets in one"
        if len(set(terms.quotes)) < max(2, len(terms.quotes)):
            yield f"sors: {terms.base} takes two quote assets or more, each once, not {list(terms.quotes)}"
        for symbol in terms.symbols:
            if symbol not in names:
                yield f"sors: {terms.base}: {symbol} is not among the symbols: add it"


def symbol_problems(terms: SymbolTerms) -> Iterator[str]:
    """What is wrong with a symbol, in sentences."""
    for name in ("base", "quote"):
        asset = getattr(terms, name)
        if not (asset.isascii() and asset.isalnum() and asset.isupper() and len(asset) <= 10):
            yield f"symbol {terms.symbol}: {name} {asset!r} is not 1 to 10 capital letters and digits"
    if terms.base == terms.quote:
        yield f"symbol {terms.symbol}: base and quote are both {terms.base}"
    for name in ("tick_size", "step_size", "max_price", "max_quantity", "max_notional"):
        yield from _number_problems(f"symbol {terms.symbol}: {name}", getattr(terms, name), positive=True)
    for name in ("min_notional", "max_market_quantity"):
        yield from _number_problems(f"symbol {terms.symbol}: {name}", getattr(terms, name))
    if terms.default_self_trade_prevention not in terms.allowed_self_trade_prevention:
        mode = terms.default_self_trade_prevention
        yield f"symbol {terms.symbol}: default_self_trade_prevention {mode} is not among the allowed ones"
    if terms.max_num_orders < 1:
        yield f"symbol {terms.symbol}: max_num_orders {terms.max_num_orders} is not positive"
    if not all(terms.permission_sets):
        yield f"symbol {terms.symbol}: a set of permission_sets is empty, so that no account could have one of it"
    for rule in (terms.reference_price, terms.price_range):
        if rule is not None:
            yield from (f"symbol {terms.symbol}: {problem}" for problem in rule.problems())
    yield from _filter_problems(f"symbol {terms.symbol}: filters", terms.filters, symbol_filter)


def _filter_problems(
    where: str, tables: tuple[dict[str, Any], ...], parsed: Callable[[dict[str, Any]], AnyFilter]
) -> Iterator[str]:
    seen: set[str] = set()
    for table in tables:
        try:
            name = name_of(parsed(table))
        except FilterInvalid as error:
            yield f"{where}: {error}"
            return
        if name in seen:
            yield f"{where}: {name} is there twice: remove one"
        seen.add(name)


def account_problems(terms: AccountTerms) -> Iterator[str]:
    """What is wrong with an account, in sentences."""
    where = f"account {terms.name} ({terms.number})"
    if not 0 < terms.number < 2**31:
        yield f"{where}: the number is not within 1..{2**31 - 1}"
    if terms.number in (MAKER, TAKER):
        yield f"{where}: accounts {MAKER} and {TAKER} are the market's own: give this one another number"
    if not -1 <= terms.trade_group < 2**31:
        yield f"{where}: the trade_group {terms.trade_group} is not within 0..{2**31 - 1}; -1 is none"
    for name in ("maker_rate", "taker_rate"):
        rate = getattr(terms, name)
        yield from _number_problems(f"{where}: {name}", rate)
        if rate >= 1:
            yield f"{where}: {name} {rate} is a fraction and must be below 1 (0.001 is 0.1 %)"
    if terms.discount is not None:
        yield from _number_problems(f"{where}: discount", terms.discount)
        if terms.discount > 1:
            yield f"{where}: discount {terms.discount} is a fraction and must be at most 1 (0.75 leaves 75 % to pay)"
    for asset, balance in terms.balances.items():
        yield from _number_problems(f"{where}: balance of {asset}", balance)
    for asset, limit in terms.max_assets.items():
        yield from _number_problems(f"{where}: max_assets of {asset}", limit)


def commission_problems(where: str, terms: CommissionTerms) -> Iterator[str]:
    """What is wrong with an account's rates on a symbol, in sentences that begin with `where`."""
    parts = (terms.standard, terms.special, terms.tax)
    for part, rates in zip(("standard", "special", "tax"), parts, strict=True):
        for name in ("maker", "taker", "buyer", "seller"):
            yield from _number_problems(f"{where}: {part} {name}", getattr(rates, name))
    if sum(max(rates.maker, rates.taker) + max(rates.buyer, rates.seller) for rates in parts) >= 1:
        yield f"{where}: the rates together are 1 or more, which is all of a trade (0.001 is 0.1 %)"


def key_problems(terms: KeyTerms) -> Iterator[str]:
    """What is wrong with an API key, in sentences."""
    if not (terms.api_key.isascii() and terms.api_key.isalnum() and len(terms.api_key) == API_KEY_LETTERS):
        yield f"api_key {terms.api_key!r} is not {API_KEY_LETTERS} letters and digits"
    if (terms.secret_key is None) == (terms.public_key is None):
        yield f"api_key {terms.api_key} needs either a secret_key or a public_key"
        return
    if terms.secret_key is not None and len(terms.secret_key) < SECRET_LETTERS_MIN:
        yield f"api_key {terms.api_key}: secret_key has fewer than {SECRET_LETTERS_MIN} letters: make it longer"
    try:
        terms.registered()
    except InvalidKey as error:
        yield f"api_key {terms.api_key}: public_key is neither an Ed25519 nor an RSA public key in PEM ({error})"


def _number_problems(what: str, value: Decimal, *, positive: bool = False) -> Iterator[str]:
    try:
        units = scaled(value)
    except ValueError as error:
        yield f"{what}: {error}"
        return
    if units < 0 or (positive and units == 0):
        yield f"{what} {value} is not a {'positive number' if positive else 'number from 0 up'}"
