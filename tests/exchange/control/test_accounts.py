"""Accounts through the control endpoints, as their owners see what happens."""

import asyncio
from decimal import Decimal

import pytest

import pitwire
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.protocol.signing import KeyKind

ALICE = next(key for key in DEVELOPMENT_KEYS if key.name == "alice" and key.kind is KeyKind.ED25519)


async def test_an_account_is_opened_funded_and_changed(operator):
    opened = await operator.ask("POST", "/accounts", {"name": "desk", "balances": {"BTC": "2.5"}, "taker_rate": 0.0005})
    assert (opened["number"], opened["taker_rate"]) == (4, "0.00050000")
    assert opened["balances"]["BTC"] == {
        "free": "2.50000000",
        "locked": "0.00000000",
        "locked_from_outside": "0.00000000",
    }
    change = {"maker_rate": "0", "discount": "0.75", "permissions": ["SPOT", "TRD_GRP_004"], "max_assets": {"BTC": 1}}
    changed = await operator.ask("PATCH", "/accounts/4", change)
    assert (changed["name"], changed["maker_rate"], changed["taker_rate"]) == ("desk", "0.00000000", "0.00050000")
    assert (changed["discount"], changed["permissions"]) == ("0.75000000", ["SPOT", "TRD_GRP_004"])
    assert await operator.ask("PATCH", "/accounts/4", {"discount": None}) == {**changed, "discount": None}
    assert [account["number"] for account in await operator.ask("GET", "/accounts")] == [1, 2, 3, 4]
    assert (await operator.ask("POST", "/accounts", {"name": "other", "number": 77}))["number"] == 77


async def test_the_owner_is_told_of_money_and_of_locks(operator):
    url, seen = operator.exchange.ws_url, []
    async with pitwire.connect(url, key=ALICE.signing_key()) as client, client.user_data() as events:
        moves = [("deposit", "5"), ("withdraw", "2"), ("lock", "3"), ("unlock", "1")]
        for movement, amount in moves:
            await operator.ask("POST", f"/accounts/1/{movement}", {"asset": "BTC", "amount": amount})
        while len(seen) < len(moves):
            event = await anext(events)
            if isinstance(event, (pitwire.BalanceUpdate, pitwire.ExternalLockUpdate)):
                seen.append((type(event).__name__, event.asset, event.delta))
    assert seen == [
        ("BalanceUpdate", "BTC", Decimal(5)),
        ("BalanceUpdate", "BTC", Decimal(-2)),
        ("ExternalLockUpdate", "BTC", Decimal(3)),
        ("ExternalLockUpdate", "BTC", Decimal(-1)),
    ]
    assert (await operator.ask("GET", "/accounts/1"))["balances"]["BTC"] == {
        "free": "101.00000000",
        "locked": "2.00000000",
        "locked_from_outside": "2.00000000",
    }


async def test_accounts_that_are_opened_at_once_get_numbers_of_their_own(operator):
    new = [{"name": f"desk {number}", "balances": {"BTC": 1}} for number in range(5)]
    opened = await asyncio.gather(*(operator.ask("POST", "/accounts", each) for each in new))
    assert sorted(account["number"] for account in opened) == [4, 5, 6, 7, 8]
    assert {account["balances"]["BTC"]["free"] for account in opened} == {"1.00000000"}


async def test_commissions_of_a_symbol(operator):
    rates = {"standard": {"maker": "0.0004", "taker": "0.0005"}, "tax": {"seller": "0.0001"}}
    path = "/accounts/1/commissions/BTCUSDT"
    assert (await operator.ask("PUT", path, rates))["standardCommission"]["taker"] == "0.00050000"
    assert (await operator.ask("DELETE", path))["standardCommission"]["taker"] == "0.00100000"
    assert await operator.refused("PUT", "/accounts/1/commissions/ABC", rates) == (
        409,
        "there is no symbol ABC: list it first",
    )
    whole = {"standard": {"maker": "1"}}
    assert "all of a trade" in (await operator.refused("PUT", path, whole))[1]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "sentence"),
    [
        ("GET", "/accounts/9", None, 404, "there is no account 9; known: 1, 2, 3, or open it first"),
        ("POST", "/accounts/9/deposit", {"asset": "BTC", "amount": "1"}, 404, "there is no account 9"),
        ("POST", "/accounts/1/withdraw", {"asset": "BTC", "amount": "100.1"}, 409, "less than 100.1 BTC free"),
        ("POST", "/accounts/1/lock", {"asset": "ABC", "amount": "1"}, 409, "less than 1 ABC free"),
        ("POST", "/accounts/1/unlock", {"asset": "BTC", "amount": "1"}, 409, "less than 1 BTC of account 1 is locked"),
        ("POST", "/accounts/1/deposit", {"asset": "BTC", "amount": "-1"}, 400, "-1 is not a positive number"),
        ("POST", "/accounts/1/deposit", {"asset": "BTC", "amount": "0.000000001"}, 400, "amount:"),
        ("POST", "/accounts/1/deposit", {"asset": "btc", "amount": "1"}, 400, "'btc' is not 1 to 10 capital letters"),
        ("POST", "/accounts", {"name": ""}, 400, "the name is empty"),
        ("POST", "/accounts", {"name": "x", "number": 1}, 409, "account 1 is open already"),
        ("POST", "/accounts", {"name": "x", "number": 1001}, 400, "market's own"),
        ("POST", "/accounts", {"name": "x", "maker_rate": 1}, 400, "must be below 1"),
        ("PATCH", "/accounts/1", {"discount": 2}, 400, "discount 2"),
    ],
)
async def test_what_is_refused_names_the_value_and_the_remedy(operator, verb, path, body, status, sentence):
    before = operator.exchange.sequencer.last_sequence
    answered, error = await operator.refused(verb, path, body)
    assert answered == status, error
    assert sentence in error
    accounts = await operator.ask("GET", "/accounts")
    assert [account["balances"]["BTC"]["free"] for account in accounts] == ["100.00000000"] * 3
    assert operator.exchange.sequencer.last_sequence - before <= 1
