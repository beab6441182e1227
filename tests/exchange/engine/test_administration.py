"""Symbols, accounts and deposits come through the same log as orders."""

import msgspec
import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    BlockTradeReported,
    Deposit,
    KeyRegistered,
    KeyRevoked,
    ListSymbol,
    LockExternally,
    OpenAccount,
    Record,
    RegisterKey,
    ReportBlockTrade,
    RevokeKey,
    Tick,
)
from pitwire.market.numbers import Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules
from tests.exchange.engine.venues import ALICE, BOB, Floor, reason, said, units


def test_a_deposit_adds_and_a_negative_one_withdraws_at_most_what_is_free() -> None:
    floor = Floor().open(balance="100")
    floor.place(ALICE, "BUY", "1", "60")
    assert said(floor.tell(Deposit(account=ALICE, asset="USDT", amount=Amount(units("-40"))))) == [
        "Deposited",
        "PositionChanged 1: USDT 0 + 60",
    ]
    assert reason(floor.tell(Deposit(account=ALICE, asset="USDT", amount=Amount(-1)))) == "INSUFFICIENT_BALANCE"
    assert reason(floor.tell(Deposit(account=ALICE, asset="NEW", amount=Amount(-1)))) == "INSUFFICIENT_BALANCE"
    assert reason(floor.tell(Deposit(account=9, asset="USDT", amount=Amount(1)))) == "UNKNOWN_ACCOUNT"


def test_new_rules_apply_to_new_orders_and_leave_resting_ones_alone() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "100")
    rules = SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDT", order_types=())
    floor.tell(ListSymbol(rules=rules))
    assert floor.engine.rules("BTCUSDT") == rules
    assert floor.engine.rules("NOSUCH") is None
    assert list(floor.engine.venue.markets["BTCUSDT"].orders) == [1]


def test_a_symbol_cannot_change_its_assets_nor_trade_one_against_itself() -> None:
    floor = Floor().open()
    assert (
        reason(floor.tell(ListSymbol(rules=SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDC"))))
        == "INVALID_CONFIGURATION: BTCUSDT trades BTC/USDT, not BTC/USDC"
    )
    assert (
        reason(floor.tell(ListSymbol(rules=SymbolRules(symbol="BTCBTC", base="BTC", quote="BTC"))))
        == "INVALID_CONFIGURATION: BTCBTC: base and quote are both BTC"
    )


def test_new_fees_apply_to_the_orders_that_already_rest() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    floor.tell(OpenAccount(account=ALICE, name="alice", maker_rate=units("0.5"), taker_rate=0))
    assert "OrderTraded #1 maker FILLED 1 at 100 fee 50 USDT" in said(floor.place(BOB, "BUY", "1", "100"))


def test_a_commission_rate_that_is_negative_or_takes_everything_is_refused() -> None:
    for rate in (-1, units("1")):
        refusal = reason(Floor().tell(OpenAccount(account=1, name="", maker_rate=0, taker_rate=rate)))
        assert refusal == f"INVALID_CONFIGURATION: account 1: the commission rate {rate} is not within 0..99999999"


def test_a_tick_says_nothing_yet() -> None:
    assert Floor().tell(Tick()) == ()


def test_a_block_trade_is_numbered_and_valued_and_moves_nothing() -> None:
    floor = Floor().open(balance="100")
    floor.place(ALICE, "BUY", "1", "60")
    before = balances(floor)
    for number in (1, 2):
        reported = floor.tell(block_trade("0.00000003", "0.5"))
        assert reported == (
            BlockTradeReported(
                symbol="BTCUSDT",
                block_trade_id=number,
                price=Price(3),
                quantity=Quantity(units("0.5")),
                quote=Amount(1),
                buyer_is_maker=True,
            ),
        )
    assert balances(floor) == before
    assert floor.engine.venue.markets["BTCUSDT"].average_price.last_price == 0
    resumed = Engine.restore(floor.engine.snapshot())
    assert resumed.apply(Record(99, 1, block_trade("1", "1")))[0].block_trade_id == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("NONE", "UNKNOWN_SYMBOL"),
        ("price", "INVALID_CONFIGURATION: BTCUSDT: a block trade has a price and a quantity above 0"),
        ("quantity", "INVALID_CONFIGURATION: BTCUSDT: a block trade has a price and a quantity above 0"),
    ],
)
def test_a_block_trade_that_cannot_be_is_refused(command: str, told: str) -> None:
    changes: dict[str, object] = {"symbol": "NONE"} if command == "NONE" else {command: 0}
    assert reason(Floor().open().tell(msgspec.structs.replace(block_trade("1", "1"), **changes))) == told


def balances(floor: Floor) -> dict[tuple[int, str], tuple[int, int]]:
    return {
        (number, asset): (holding.free, holding.locked)
        for number, account in floor.engine.venue.accounts.items()
        for asset, holding in account.holdings.items()
    }


def block_trade(price: str, quantity: str) -> ReportBlockTrade:
    return ReportBlockTrade(
        symbol="BTCUSDT", price=Price(units(price)), quantity=Quantity(units(quantity)), buyer_is_maker=True
    )


def lock(floor: Floor, amount: str, account: int = ALICE, asset: str = "USDT") -> object:
    return floor.tell(LockExternally(account=account, asset=asset, amount=Amount(units(amount))))


def test_a_system_outside_locks_what_is_free_and_unlocks_no_more_than_it_locked() -> None:
    floor = Floor().open(balance="100")
    floor.place(ALICE, "BUY", "1", "60")
    assert said(lock(floor, "30")) == ["ExternallyLocked", "PositionChanged 1: USDT 10 + 90"]
    assert reason(lock(floor, "10.00000001")) == "INSUFFICIENT_BALANCE"
    assert reason(lock(floor, "-30.00000001")) == "INSUFFICIENT_BALANCE"  # the rest is what the order has locked
    assert said(lock(floor, "-30")) == ["ExternallyLocked", "PositionChanged 1: USDT 40 + 60"]
    assert reason(lock(floor, "-1")) == "INSUFFICIENT_BALANCE"
    assert reason(lock(floor, "1", asset="NEW")) == "INSUFFICIENT_BALANCE"
    assert reason(lock(floor, "1", account=9)) == "UNKNOWN_ACCOUNT"


def test_what_is_locked_from_outside_survives_a_snapshot_and_the_orders_end() -> None:
    floor = Floor().open(balance="100")
    floor.place(ALICE, "BUY", "1", "60")
    lock(floor, "30")
    floor.engine = Engine.restore(floor.engine.snapshot())
    floor.cancel(ALICE, order_id=1)
    assert said(lock(floor, "-30")) == ["ExternallyLocked", "PositionChanged 1: USDT 100 + 0"]


def test_a_key_is_for_an_account_that_exists_and_its_secret_stays_out_of_messages() -> None:
    floor = Floor().open()
    key = RegisterKey(api_key="A" * 64, account=ALICE, key_kind="HMAC", secret="very secret", permissions=("TRADE",))
    (registered,) = floor.tell(key)
    assert isinstance(registered, KeyRegistered)
    assert (registered.api_key, registered.account, registered.secret) == ("A" * 64, ALICE, "very secret")
    assert "secret" not in repr(key) + repr(registered)
    assert reason(floor.tell(msgspec.structs.replace(key, account=9))) == "UNKNOWN_ACCOUNT"
    assert floor.tell(RevokeKey(api_key="A" * 64)) == (KeyRevoked(api_key="A" * 64),)
