"""The configuration file: what it may say, and what is said about one that is wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from pitwire.exchange.configuration import Configuration, ConfigurationInvalid, load, parse
from pitwire.exchange.defaults import SYMBOLS
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    CommandRejected,
    Deposit,
    ListSymbol,
    OpenAccount,
    Record,
    SetAccountRules,
    SetExchangeFilters,
    SetReferencePrice,
    SetSmartRouting,
)
from pitwire.market.enums import SelfTradePrevention, SymbolStatus
from pitwire.market.filters import (
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    LotSize,
    MaxAsset,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    Notional,
    PriceFilter,
)
from pitwire.market.numbers import SCALE
from pitwire.market.reference_price import ArithmeticMean, External, PriceRange

SYMBOL = """
[[symbols]]
base = "PEPE"
quote = "USDT"
tick_size = 0.00000001
step_size = 1
min_notional = "1"
max_num_orders = 5
amend_allowed = false
"""
ACCOUNT = """
[[accounts]]
number = 7
name = "desk"
maker_rate = 0.0008
balances = { BTC = "2.5", PEPE = 10000000000 }
"""
KEY = f"""
[[keys]]
account = 7
api_key = "{"k" * 64}"
"""
SECRET = 'secret_key = "sixteen letters."'


def test_an_empty_file_means_the_defaults() -> None:
    assert parse("", "x.toml") == Configuration()
    assert parse("", "x.toml").keyring().published


def test_numbers_are_read_exactly_with_and_without_quotes() -> None:
    configuration = parse(SYMBOL + ACCOUNT, "x.toml")
    (symbol,) = configuration.symbols
    assert symbol.tick_size == Decimal("0.00000001")
    (account,) = configuration.accounts
    assert (account.maker_rate, account.taker_rate) == (Decimal("0.0008"), Decimal("0.001"))
    assert account.balances == {"BTC": Decimal("2.5"), "PEPE": Decimal(10**10)}


def test_it_becomes_commands_that_the_engine_accepts_and_then_nothing_is_missing() -> None:
    configuration = parse(SYMBOL + ACCOUNT, "x.toml")
    engine = Engine()
    commands = list(configuration.commands(engine))
    listing, opening, *deposits = commands
    assert isinstance(listing, ListSymbol)
    price, lot, _, notional, orders = listing.rules.filters
    assert price == PriceFilter(min_price=1, max_price=10**6 * SCALE, tick_size=1)  # type: ignore[arg-type]
    assert lot == LotSize(min_quantity=SCALE, max_quantity=9_000 * SCALE, step_size=SCALE)  # type: ignore[arg-type]
    assert isinstance(notional, Notional)
    assert notional.min_notional == SCALE
    assert orders == MaxNumOrders(max_num_orders=5)
    assert (listing.rules.amend_allowed, listing.rules.cancel_replace_allowed) == (False, True)
    assert opening == OpenAccount(account=7, name="desk", maker_rate=80_000, taker_rate=100_000)
    assert deposits == [
        Deposit(account=7, asset="BTC", amount=250_000_000),  # type: ignore[arg-type]
        Deposit(account=7, asset="PEPE", amount=10**18),  # type: ignore[arg-type]
    ]
    for sequence, command in enumerate(commands, 1):
        engine.apply(Record(sequence, 1, command))
    assert list(configuration.commands(engine)) == []


def test_every_default_symbol_is_named_after_its_assets_and_has_binances_six_filters() -> None:
    for terms in SYMBOLS:
        rules = terms.rules()
        assert rules.symbol == rules.base + rules.quote
        assert len(rules.filters) == 6


def test_modes_of_self_trade_prevention_and_trade_groups_are_those_of_the_file() -> None:
    modes = 'default_self_trade_prevention = "NONE"\nallowed_self_trade_prevention = ["NONE", "TRANSFER"]\n'
    configuration = parse(SYMBOL + modes + ACCOUNT.replace("name =", "trade_group = 3\nname ="), "x.toml")
    engine = Engine()
    for sequence, command in enumerate(configuration.commands(engine), 1):
        engine.apply(Record(sequence, 1, command))
    rules = engine.rules("PEPEUSDT")
    assert rules is not None
    assert (rules.default_self_trade_prevention, rules.allowed_self_trade_prevention) == (
        SelfTradePrevention.NONE,
        (SelfTradePrevention.NONE, SelfTradePrevention.TRANSFER),
    )
    assert engine.venue.accounts[7].trade_group == 3
    assert list(configuration.commands(engine)) == []


COMMISSION = """
[[commissions]]
account = 7
symbol = "PEPEUSDT"
standard = { maker = "0.0004", taker = "0.0005" }
tax = { seller = "0.001" }
"""


def test_commissions_and_discounts_are_those_of_the_file_and_go_with_it() -> None:
    engine = Engine()
    sequence = 0
    discounted = ACCOUNT.replace("name =", 'discount = "0.75"\nname =')
    for text, commissions, discount in (
        (SYMBOL + discounted + COMMISSION, 1, ("BNB", 75_000_000)),
        (SYMBOL + discounted.replace("0.75", "0.5") + COMMISSION.replace("0.0004", "0"), 1, ("BNB", 50_000_000)),
        (SYMBOL + ACCOUNT, 0, None),
    ):
        configuration = parse(text, "x.toml")
        for command in configuration.commands(engine):
            sequence += 1
            engine.apply(Record(sequence, 1, command))
        account = engine.venue.accounts[7]
        assert (len(account.commissions), account.discount) == (commissions, discount)
        for terms in configuration.commissions:
            assert account.commissions["PEPEUSDT"] == terms.commission()
        assert list(configuration.commands(engine)) == []


def test_own_keys_replace_the_published_ones() -> None:
    keyring = parse(ACCOUNT + KEY + SECRET, "x.toml").keyring()
    assert not keyring.published
    registered = keyring.find("k" * 64)
    assert registered is not None
    assert registered.account == 7


def test_public_keys_are_given_as_pem() -> None:
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    for private in (ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)):
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        keyring = parse(f'{ACCOUNT}{KEY}public_key = """\n{pem}"""', "x.toml").keyring()
        registered = keyring.find("k" * 64)
        assert registered is not None
        assert registered.verifier.kind in type(private).__name__.upper()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("symbols = [", "x.toml is not TOML"),
        ("symbols = 3", "symbols: Expected `array`, got `int`"),
        ("[[symbols]]", r"symbols\[0\]: Object missing required field `base`"),
        (SYMBOL + "lot = 1", r"symbols\[0\]: Object contains unknown field `lot`"),
        (SYMBOL.replace('"1"', '"one"'), r"symbols\[0\]\.min_notional: Invalid decimal string"),
        (SYMBOL.replace("0.00000001", "0.000000001"), "symbol PEPEUSDT: tick_size: .* more than 8 decimal places"),
        (SYMBOL.replace("0.00000001", "0"), "symbol PEPEUSDT: tick_size 0 is not a positive number"),
        (SYMBOL.replace("0.00000001", "nan"), "symbol PEPEUSDT: tick_size: NaN is not a finite number"),
        (SYMBOL.replace('"1"', '"-1"'), "symbol PEPEUSDT: min_notional -1 is not a number from 0 up"),
        (SYMBOL.replace('"1"', "1e30"), r"symbol PEPEUSDT: min_notional: 1E\+30 is larger than 92233720368"),
        (SYMBOL.replace("PEPE", "pepe"), "base 'pepe' is not 1 to 10 capital letters and digits"),
        (SYMBOL.replace("PEPE", "USDT"), "base and quote are both USDT"),
        (SYMBOL.replace("= 5", "= 0"), "max_num_orders 0 is not positive"),
        (
            SYMBOL + 'allowed_self_trade_prevention = ["NONE"]',
            "symbol PEPEUSDT: default_self_trade_prevention EXPIRE_MAKER is not among the allowed ones",
        ),
        (ACCOUNT.replace("name =", "trade_group = -2\nname ="), "the trade_group -2 is not within 0..2147483647"),
        (ACCOUNT.replace("name =", "discount = 2\nname ="), "discount 2 is a fraction and must be at most 1"),
        (SYMBOL + ACCOUNT + COMMISSION * 2, "commission of account 7 on PEPEUSDT is there twice: remove one"),
        (ACCOUNT + COMMISSION, "commission of account 7 on PEPEUSDT: the account or the symbol is not among those"),
        (SYMBOL + ACCOUNT + COMMISSION.replace("0.001", "-1"), "PEPEUSDT: tax seller -1 is not a number from 0 up"),
        (SYMBOL + ACCOUNT + COMMISSION.replace("0.001", "0.9995"), "PEPEUSDT: the rates together are 1 or more"),
        (SYMBOL * 2, "symbol PEPEUSDT is there twice: remove one"),
        (ACCOUNT.replace("7", "0"), r"account desk \(0\): the number is not within 1..2147483647"),
        (ACCOUNT * 2, "account 7 is there twice: give one another number"),
        (ACCOUNT.replace("0.0008", "1"), "maker_rate 1 is a fraction and must be below 1"),
        (ACCOUNT.replace('"2.5"', '"-2.5"'), "balance of BTC -2.5 is not a number from 0 up"),
        (ACCOUNT + KEY, "needs either a secret_key or a public_key"),
        (KEY + SECRET, "belongs to account 7, which is not among the accounts: add it"),
        (ACCOUNT + KEY + 'public_key = "x"', "public_key is neither an Ed25519 nor an RSA public key in PEM"),
        (ACCOUNT + (KEY + SECRET) * 2, "is there twice: remove one"),
        (ACCOUNT.replace("7", "1001"), r"account desk \(1001\): accounts 1001 and 1002 are the market's own: give"),
        (ACCOUNT.replace("7", "1002"), r"account desk \(1002\): accounts 1001 and 1002 are the market's own: give"),
        (ACCOUNT + KEY.replace("k" * 64, "k" * 32) + SECRET, "'k{32}' is not 64 letters and digits"),
        (ACCOUNT + KEY.replace("k" * 64, "k" * 65) + SECRET, "'k{65}' is not 64 letters and digits"),
        (ACCOUNT + KEY + 'secret_key = ""', "secret_key has fewer than 16 letters: make it longer"),
        (ACCOUNT + KEY + 'secret_key = "fifteen letters"', "secret_key has fewer than 16 letters: make it longer"),
    ],
)
def test_what_is_wrong_is_named_with_its_value(text: str, says: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=says) as refused:
        parse(text, "x.toml")
    assert str(refused.value).startswith("x.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "exchange.toml"
    with pytest.raises(ConfigurationInvalid, match=r"exchange\.toml cannot be read: .*No such file"):
        load(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigurationInvalid, match="cannot be read"):
        load(path)
    path.write_bytes(b"#" * 1_048_577)
    with pytest.raises(ConfigurationInvalid, match="has 1048577 bytes; a configuration has at most 1048576"):
        load(path)
    path.write_text(ACCOUNT)
    assert load(path).accounts[0].name == "desk"


RULED = """
[[exchange_filters]]
type = "EXCHANGE_MAX_NUM_ORDERS"
max_num_orders = 1000

[[symbols]]
base = "BTC"
quote = "USDT"
tick_size = "0.01"
step_size = "0.00001"
min_notional = "5"
status = "HALT"
permission_sets = [["SPOT"], ["TRD_GRP_004", "TRD_GRP_005"]]

[[symbols.filters]]
type = "MAX_POSITION"
max_position = 10

[[symbols.filters]]
type = "MAX_NUM_ORDERS"
max_num_orders = 7

[[accounts]]
number = 7
name = "desk"
permissions = ["SPOT", "TRD_GRP_004"]
max_assets = { JPY = "1000000" }
"""


def test_rules_of_symbols_accounts_and_the_exchange_become_commands_and_then_nothing_is_missing() -> None:
    configuration = parse(RULED, "x.toml")
    engine = Engine()
    commands = list(configuration.commands(engine))
    listing, filters, _, rules = commands
    assert isinstance(listing, ListSymbol)
    assert listing.rules.status is SymbolStatus.HALT
    assert listing.rules.permission_sets == (("SPOT",), ("TRD_GRP_004", "TRD_GRP_005"))
    assert listing.rules.filters[4:] == (MaxNumOrders(max_num_orders=7), MaxPosition(max_position=10 * SCALE))  # type: ignore[arg-type]
    assert filters == SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=1000),))
    limit = MaxAsset(asset="JPY", limit=10**6 * SCALE)  # type: ignore[arg-type]
    assert rules == SetAccountRules(account=7, permissions=("SPOT", "TRD_GRP_004"), asset_filters=(limit,))
    for sequence, command in enumerate(commands, 1):
        engine.apply(Record(sequence, 1, command))
    assert list(configuration.commands(engine)) == []
    assert list(parse(RULED.replace("1000\n", "500\n"), "x.toml").commands(engine)) == [
        SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=500),))
    ]


LISTED = """
oco_allowed = false
opo_allowed = false

[[symbols.filters]]
type = "MAX_NUM_ORDER_LISTS"
max_num_order_lists = 20

[[exchange_filters]]
type = "EXCHANGE_MAX_NUM_ORDER_LISTS"
max_num_order_lists = 30
"""


def test_order_lists_are_switched_off_by_kind_and_bound_by_number() -> None:
    listing, filters, *_ = parse(SYMBOL + LISTED, "x.toml").commands(Engine())
    assert isinstance(listing, ListSymbol)
    assert (listing.rules.oco_allowed, listing.rules.oto_allowed, listing.rules.opo_allowed) == (False, True, False)
    assert listing.rules.filters[-1] == MaxNumOrderLists(max_num_order_lists=20)
    assert filters == SetExchangeFilters(filters=(ExchangeMaxNumOrderLists(max_num_order_lists=30),))


@pytest.mark.parametrize(
    ("filter_", "complaint"),
    [
        ('type = "MAX_SIZE"', "symbol PEPEUSDT: filters: type 'MAX_SIZE' is none of PRICE_FILTER, "),
        ("max_position = 1", "symbol PEPEUSDT: filters: type None is none of PRICE_FILTER, "),
        ('type = "MAX_POSITION"', "MAX_POSITION has the fields max_position, not none"),
        ('type = "MAX_POSITION"\nmax_size = 1', "MAX_POSITION has the fields max_position, not max_size"),
        ('type = "MAX_POSITION"\nmax_position = -1', "MAX_POSITION: max_position -1 is negative"),
        ('type = "MAX_POSITION"\nmax_position = "many"', "MAX_POSITION: max_position 'many' is not a number"),
        ('type = "MAX_NUM_ORDERS"\nmax_num_orders = "many"', "MAX_NUM_ORDERS: Expected `int`, got `str`"),
        ('type = "MAX_NUM_ORDERS"\nmax_num_orders = -1', "MAX_NUM_ORDERS: max_num_orders -1 is negative"),
        (
            'type = "MIN_NOTIONAL"\nmin_notional = 1\napply_to_market = true\naverage_price_minutes = 1441',
            "MIN_NOTIONAL: average_price_minutes 1441 is more than 1440",
        ),
        ('type = "MAX_NUM_ORDERS"\nmax_num_orders = 1\n[[symbols.filters]]\n' * 2, "MAX_NUM_ORDERS is there twice"),
    ],
)
def test_a_filter_that_cannot_be_is_named(filter_: str, complaint: str) -> None:
    with pytest.raises(ConfigurationInvalid) as raised:
        parse(f"{SYMBOL}[[symbols.filters]]\n{filter_.removesuffix('[[symbols.filters]]' + chr(10))}", "x.toml")
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("terms", "calculation"),
    [
        ("{ bucket_count = 10, bucket_width_ms = 1000 }", ArithmeticMean(bucket_count=10, bucket_width_ms=1000)),
        ('{ external_calculation_id = 2, price = "10" }', External(calculation_id=2)),
    ],
)
def test_a_reference_price_and_a_range_around_it(terms: str, calculation: object) -> None:
    configuration = parse(f"{SYMBOL}reference_price = {terms}\nprice_range = {{ bid_limit_up = 2 }}", "x.toml")
    engine = Engine()
    listing, *others = (each for each in configuration.commands(engine) if each.__class__ is not OpenAccount)
    assert isinstance(listing, ListSymbol)
    assert listing.rules.reference_price == calculation
    assert listing.rules.price_range == PriceRange(bid_limit_up=2 * SCALE)
    set_first = SetReferencePrice(symbol="PEPEUSDT", price=10 * SCALE)  # type: ignore[arg-type]
    assert (set_first in others) == isinstance(calculation, External)
    for sequence, command in enumerate(configuration.commands(engine), 1):
        engine.apply(Record(sequence, 1, command))
    engine.apply(Record(99, 1, SetReferencePrice(symbol="PEPEUSDT", price=5)))  # type: ignore[arg-type]
    assert list(configuration.commands(engine)) == []


@pytest.mark.parametrize(
    ("terms", "complaint"),
    [
        ("reference_price = {}", "symbol PEPEUSDT: reference_price: bucket_count None is not within 1..1000"),
        ("reference_price = { bucket_count = 5, bucket_width_ms = 0 }", "bucket_width_ms 0 is not within 1..3600000"),
        ("reference_price = { bucket_count = 5, external_calculation_id = 1 }", "an external one has no buckets"),
        ("reference_price = { bucket_count = 5, price = 1 }", "only an external one has a price"),
        ("reference_price = { external_calculation_id = 1, price = 0 }", "price 0 is not a positive number"),
        ("price_range = { bid_limit_up = -1 }", "symbol PEPEUSDT: price_range: bid_limit_up -1 is not a positive"),
        ("price_range = { ask_limit_up = 0.000000001 }", "price_range: ask_limit_up: "),
    ],
)
def test_a_reference_price_that_cannot_be_is_named(terms: str, complaint: str) -> None:
    with pytest.raises(ConfigurationInvalid) as raised:
        parse(SYMBOL + terms, "x.toml")
    assert complaint in str(raised.value)


def test_a_permission_set_that_nobody_can_meet_is_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="a set of permission_sets is empty"):
        parse(SYMBOL + "permission_sets = [[]]", "x.toml")


ROUTED = SYMBOL.replace("PEPE", "BTC") + SYMBOL.replace("PEPE", "BTC").replace('"USDT"', '"USDC"')
SOR = '[[sors]]\nbase = "BTC"\nquotes = ["USDT", "USDC"]\n'


def routing(text: str, engine: Engine) -> list[SetSmartRouting]:
    """What the configuration asks of the routing; it is carried out."""
    commands = list(parse(text, "x.toml").commands(engine))
    for sequence, command in enumerate(commands, 1):
        assert not isinstance(engine.apply(Record(sequence, 1, command))[0], CommandRejected)
    return [command for command in commands if isinstance(command, SetSmartRouting)]


def test_smart_order_routing_is_set_changed_and_taken_away() -> None:
    engine = Engine()
    assert routing(ROUTED, engine) == []
    set_ = SetSmartRouting(base="BTC", symbols=("BTCUSDT", "BTCUSDC"))
    assert routing(ROUTED + SOR, engine) == [set_]
    assert routing(ROUTED + SOR, engine) == []
    other_way = SOR.replace('"USDT", "USDC"', '"USDC", "USDT"')
    assert routing(ROUTED + other_way, engine) == [SetSmartRouting(base="BTC", symbols=("BTCUSDC", "BTCUSDT"))]
    assert routing(ROUTED, engine) == [SetSmartRouting(base="BTC", symbols=())]


def test_the_default_symbols_are_routed_unless_the_file_says_otherwise() -> None:
    set_ = SetSmartRouting(base="BTC", symbols=("BTCUSDT", "BTCUSDC"))
    assert routing("", Engine()) == [set_]
    assert routing("sors = []", Engine()) == []


@pytest.mark.parametrize(
    ("sors", "complaint"),
    [
        (SOR * 2, "sors: BTC is there twice: name all its quote assets in one"),
        (SOR.replace('"USDT", ', ""), "sors: BTC takes two quote assets or more, each once, not ['USDC']"),
        (SOR.replace("USDT", "USDC"), "each once, not ['USDC', 'USDC']"),
        (SOR.replace("USDT", "EUR"), "sors: BTC: BTCEUR is not among the symbols: add it"),
        (SOR + "quote = 1", "sors[0]: Object contains unknown field `quote`"),
    ],
)
def test_smart_order_routing_that_cannot_be_is_named(sors: str, complaint: str) -> None:
    with pytest.raises(ConfigurationInvalid) as raised:
        parse(ROUTED + sors, "x.toml")
    assert complaint in str(raised.value)
