"""What an account is told of itself: balances, rates, and their fields beside the documented examples."""

from functools import partial

import pytest

from pitwire.exchange.messages import Deposit, OpenAccount
from pitwire.exchange.projections.accounts import UnknownAccount
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import Side, TimeUnit
from tests.exchange.projections import examples
from tests.exchange.projections.trading import ALICE, BOB, Floor, rules, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


@pytest.fixture
def floor():
    return Floor()


def balances(floor, account=ALICE, omit_zero=False):
    status = floor.projections.accounts.status(account, omit_zero, MS)
    return {each["asset"]: (each["free"], each["locked"]) for each in status["balances"]}


def test_results_have_the_documented_fields_in_the_documented_order(floor):
    status = floor.projections.accounts.status(ALICE, False, MS)
    documented = examples.results("account.status")[0]
    assert list(status) == list(documented)
    assert list(status["commissionRates"]) == list(documented["commissionRates"])
    assert list(status["balances"][0]) == list(documented["balances"][0])
    commission = floor.projections.accounts.commission(ALICE, "BTCUSDT")
    documented = examples.results("account.commission")[0]
    assert {name: list(part) for name, part in commission.items() if name != "symbol"} == {
        name: list(part) for name, part in documented.items() if name != "symbol"
    }
    tested = floor.projections.accounts.order_commission(ALICE, "BTCUSDT", Side.BUY)
    documented = examples.results("order.test")[1]
    assert {name: list(part) for name, part in tested.items()} == {
        name: list(part) for name, part in documented.items()
    }


def test_an_account_is_told_its_balances_rates_and_number(floor):
    opened = OpenAccount(account=ALICE, name="alice", maker_rate=units("0.0015"), taker_rate=units("0.00175"))
    floor.do(opened)
    status = floor.projections.accounts.status(ALICE, False, US)
    assert (status["makerCommission"], status["takerCommission"]) == (15, 17)
    assert status["commissionRates"] == {
        "maker": "0.00150000",
        "taker": "0.00175000",
        "buyer": "0.00000000",
        "seller": "0.00000000",
    }
    assert (status["uid"], status["permissions"], status["accountType"]) == (ALICE, ["SPOT"], "SPOT")
    assert balances(floor) == {
        "BTC": ("1000000.00000000", "0.00000000"),
        "USDT": ("1000000.00000000", "0.00000000"),
    }


def test_balances_follow_locks_and_trades(floor):
    floor.place(ALICE, "BUY", 100, 3)
    assert balances(floor)["USDT"] == ("999700.00000000", "300.00000000")
    floor.place(BOB, "SELL", 100, 1)
    assert balances(floor) == {
        "BTC": ("1000000.99900000", "0.00000000"),
        "USDT": ("999700.00000000", "200.00000000"),
    }


def test_the_update_time_is_that_of_the_last_change_of_a_balance(floor):
    changed_us = floor.now_us
    floor.place(ALICE, "BUY", 100, 3)
    floor.place(BOB, "BUY", 99, 1)
    floor.do(OpenAccount(account=ALICE, name="renamed"))
    assert floor.projections.accounts.status(ALICE, False, US)["updateTime"] == changed_us
    assert floor.projections.accounts.status(ALICE, False, MS)["updateTime"] == changed_us // 1000


def test_assets_are_alphabetical_and_zero_balances_can_be_left_out():
    floor = Floor(rules(), rules("ETHBTC", "ETH", "BTC"))
    floor.do(Deposit(account=ALICE, asset="ETH", amount=units(-1_000_000)))
    floor.do(Deposit(account=ALICE, asset="AAA", amount=units(1)))
    floor.do(OpenAccount(account=9, name="empty"))
    assert list(balances(floor)) == ["AAA", "BTC", "ETH", "USDT"]
    assert list(balances(floor, omit_zero=True)) == ["AAA", "BTC", "USDT"]
    assert list(balances(floor, account=9)) == ["BTC", "ETH", "USDT"]
    assert balances(floor, account=9, omit_zero=True) == {}


def test_an_amount_that_is_wholly_locked_is_not_a_zero_balance(floor):
    floor.place(ALICE, "SELL", 100, 9000)
    floor.do(Deposit(account=ALICE, asset="BTC", amount=units(-991_000)))
    assert balances(floor, omit_zero=True)["BTC"] == ("0.00000000", "9000.00000000")


def test_only_standard_rates_are_charged(floor):
    commission = floor.projections.accounts.commission(ALICE, "BTCUSDT")
    assert (commission["symbol"], commission["standardCommission"]["maker"]) == ("BTCUSDT", "0.00100000")
    assert set(commission["specialCommission"].values()) == set(commission["taxCommission"].values()) == {"0.00000000"}
    assert commission["discount"]["enabledForAccount"] is False


def test_unknown_symbols_and_accounts_are_named(floor):
    accounts = floor.projections.accounts
    for query in (accounts.commission, partial(accounts.order_commission, side=Side.BUY)):
        with pytest.raises(UnknownSymbol, match="NOPE"):
            query(ALICE, "NOPE")
        with pytest.raises(UnknownAccount, match="77"):
            query(77, "BTCUSDT")
    with pytest.raises(UnknownAccount, match="77"):
        accounts.status(77, False, MS)
