"""Who pays what in which asset; the FAQ's figures are among the scenarios, and random histories beside the oracle."""

import pytest

from pitwire.exchange.messages import (
    Commission,
    CommissionRates,
    Deposit,
    ListSymbol,
    OpenAccount,
    PlaceOrder,
    PositionChanged,
    SetCommission,
    SetDiscount,
)
from pitwire.market.enums import OrderType, Side
from pitwire.market.symbols import SymbolRules
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, plain, reason, units

HALF = units("0.5")


def floor(*, bnb="100", discount=HALF, listed="BNBUSDT", price="10"):
    """BTCUSDT at 0.1 % for the maker and 0.2 % for the taker; alice pays half of it in BNB."""
    trading = Floor().open(balance="1000000")
    base, quote = ("BNB", "USDT") if listed == "BNBUSDT" else ("USDT", "BNB")
    if listed:
        trading.tell(ListSymbol(rules=SymbolRules(symbol=listed, base=base, quote=quote)))
    for account in (ALICE, BOB, CAROL):
        trading.tell(Deposit(account=account, asset="BNB", amount=units(bnb if account == ALICE else "1000000")))
    if listed:
        on(trading, listed, BOB, "SELL", "1", price)
        on(trading, listed, CAROL, "BUY", "1", price)
    trading.tell(SetDiscount(account=ALICE, enabled=True, discount=discount))
    return trading


def on(trading, symbol, account, side, quantity, price):
    """Place a LIMIT order on another symbol than BTCUSDT."""
    return trading.tell(
        PlaceOrder(
            account=account,
            symbol=symbol,
            side=Side(side),
            type=OrderType.LIMIT,
            client_order_id=f"order-{trading.sequence}",
            price=units(price),
            quantity=units(quantity),
        )
    )


def paid(events, account):
    """What an account paid in a command, trade by trade."""
    return [
        (plain(event.commission), event.commission_asset)
        for event in events
        if hasattr(event, "commission_asset") and event.order.account == account
    ]


def test_the_maker_pays_at_a_discount_and_the_taker_in_full():
    trading = floor()
    trading.place(ALICE, "BUY", "1", "1000")
    events = trading.place(BOB, "SELL", "1", "1000")
    # 0.001 BTC is what alice would pay; there is no market of BTC and BNB, so she does.
    assert paid(events, ALICE) == [("0.001", "BTC")]
    trading.place(ALICE, "SELL", "1", "1000")
    events = trading.place(BOB, "BUY", "1", "1000")
    assert paid(events, ALICE) == [("0.05", "BNB")]  # half of 1 USDT, at 10 USDT for a BNB
    assert paid(events, BOB) == [("0.002", "BTC")]
    assert trading.engine.venue.commissions["BNB"] == units("0.05") + units("0.002")


def test_the_rate_of_a_market_the_other_way_round_serves_as_well():
    trading = floor(listed="USDTBNB", price="0.1")
    trading.place(BOB, "BUY", "1", "1000")
    assert paid(trading.place(ALICE, "SELL", "1", "1000"), ALICE) == [("0.1", "BNB")]


@pytest.mark.parametrize("options", [{"listed": ""}, {"bnb": "0.09999999"}])
def test_without_a_market_or_enough_of_the_asset_the_full_commission_is_taken(options):
    trading = floor(**options)
    trading.place(BOB, "BUY", "1", "1000")
    assert paid(trading.place(ALICE, "SELL", "1", "1000"), ALICE) == [("2", "USDT")]


def test_a_market_that_never_traded_gives_no_rate():
    trading = floor(listed="")
    trading.tell(ListSymbol(rules=SymbolRules(symbol="BNBUSDT", base="BNB", quote="USDT")))
    trading.tell(ListSymbol(rules=SymbolRules(symbol="USDTBNB", base="USDT", quote="BNB")))
    trading.place(BOB, "BUY", "1", "1000")
    assert paid(trading.place(ALICE, "SELL", "1", "1000"), ALICE) == [("2", "USDT")]


def test_who_buys_the_asset_itself_pays_out_of_what_it_gets():
    trading = floor(bnb="0")
    on(trading, "BNBUSDT", BOB, "SELL", "10", "10")
    assert paid(on(trading, "BNBUSDT", ALICE, "BUY", "10", "10"), ALICE) == [("0.01", "BNB")]
    assert trading.balance(ALICE, "BNB") == ("9.99", "0")


def test_who_sells_all_of_the_asset_cannot_pay_with_it():
    trading = floor(bnb="10")
    on(trading, "BNBUSDT", BOB, "BUY", "5", "10")
    on(trading, "BNBUSDT", BOB, "BUY", "5", "10")
    assert paid(on(trading, "BNBUSDT", ALICE, "SELL", "10", "10"), ALICE) == [("0.1", "USDT")] * 2
    assert trading.balance(ALICE, "BNB") == ("0", "0")


def test_the_position_after_a_trade_has_the_asset_that_was_paid_with():
    trading = floor()
    trading.place(BOB, "BUY", "1", "1000")
    events = trading.place(ALICE, "SELL", "1", "1000")
    positions = {event.account: event for event in events if isinstance(event, PositionChanged)}
    assert [balance.asset for balance in positions[ALICE].balances] == ["BTC", "USDT", "BNB"]
    assert plain(positions[ALICE].balances[2].free) == "99.9"
    assert [balance.asset for balance in positions[BOB].balances] == ["BTC", "USDT"]


def test_rates_of_a_symbol_are_paid_by_resting_orders_too_until_they_are_unset():
    trading = floor(listed="")
    rates = CommissionRates(maker=units("0.01"), taker=units("0.02"), buyer=units("0.03"), seller=units("0.04"))
    trading.place(BOB, "BUY", "3", "1000")
    trading.tell(SetCommission(account=BOB, symbol="BTCUSDT", commission=Commission(rates, tax=rates)))
    assert paid(trading.place(CAROL, "SELL", "1", "1000"), BOB) == [("0.08", "BTC")]
    # What an account is opened with again does not change what it pays here.
    trading.tell(OpenAccount(account=BOB, name="bob", maker_rate=0))
    assert paid(trading.place(CAROL, "SELL", "1", "1000"), BOB) == [("0.08", "BTC")]
    trading.tell(SetCommission(account=BOB, symbol="BTCUSDT", commission=None))
    assert paid(trading.place(CAROL, "SELL", "1", "1000"), BOB) == [("0", "BTC")]


def test_a_discount_ends_when_the_account_or_the_symbol_no_longer_has_it():
    trading = floor()
    trading.place(BOB, "BUY", "3", "1000")
    trading.tell(ListSymbol(rules=SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDT", commission_discount=False)))
    assert paid(trading.place(ALICE, "SELL", "1", "1000"), ALICE) == [("2", "USDT")]
    trading.tell(ListSymbol(rules=SymbolRules(symbol="BTCUSDT", base="BTC", quote="USDT")))
    assert paid(trading.place(ALICE, "SELL", "1", "1000"), ALICE) == [("0.1", "BNB")]
    trading.tell(SetDiscount(account=ALICE, enabled=False))
    assert paid(trading.place(ALICE, "SELL", "1", "1000"), ALICE) == [("2", "USDT")]


ALL = units("1")


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (SetCommission(account=9, symbol="BTCUSDT", commission=None), "UNKNOWN_ACCOUNT"),
        (SetCommission(account=ALICE, symbol="NONE", commission=None), "UNKNOWN_SYMBOL"),
        (SetDiscount(account=9, enabled=True), "UNKNOWN_ACCOUNT"),
        (
            SetDiscount(account=ALICE, enabled=True, discount=ALL + 1),
            "INVALID_CONFIGURATION: account 1: the discount 100000001 is not within 0..100000000",
        ),
        (
            SetCommission(account=ALICE, symbol="BTCUSDT", commission=Commission(CommissionRates(maker=-1))),
            "INVALID_CONFIGURATION: account 1: commission rates on BTCUSDT are negative, or take all of a trade",
        ),
        (
            SetCommission(
                account=ALICE,
                symbol="BTCUSDT",
                commission=Commission(CommissionRates(maker=ALL // 2), tax=CommissionRates(seller=ALL // 2)),
            ),
            "INVALID_CONFIGURATION: account 1: commission rates on BTCUSDT are negative, or take all of a trade",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(command, refused):
    trading = floor()
    before = trading.engine.snapshot()
    assert reason(trading.tell(command)) == refused
    assert trading.engine.snapshot() == before
