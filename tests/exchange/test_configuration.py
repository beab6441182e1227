"""The configuration file: what it may say, and what is said about one that is wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from pitwire.exchange.configuration import Configuration, ConfigurationInvalid, load, parse
from pitwire.exchange.defaults import SYMBOLS
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import Deposit, ListSymbol, OpenAccount, Record
from pitwire.market.filters import LotSize, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import SCALE

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


def test_every_default_symbol_is_named_after_its_assets_and_has_binances_five_filters() -> None:
    for terms in SYMBOLS:
        rules = terms.rules()
        assert rules.symbol == rules.base + rules.quote
        assert len(rules.filters) == 5


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
