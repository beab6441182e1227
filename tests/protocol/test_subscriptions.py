"""Subscription ids count up, an account has one at most, and both documented bounds hold."""

from pitwire.protocol.errors import Code, WireError
from pitwire.protocol.subscriptions import ACTIVE_MAX, LIFETIME_MAX, SubscriptionTable


def code_of(outcome: int | WireError) -> int:
    assert isinstance(outcome, WireError)
    return outcome.code


def test_ids_count_from_zero_and_are_not_used_twice():
    table = SubscriptionTable()
    assert [table.open(account, own=False) for account in (7, 8)] == [0, 1]
    assert table.close(0) == 7
    assert table.open(7, own=False) == 2
    assert (table.ids, table.accounts) == ([1, 2], [8, 7])


def test_an_account_has_one_subscription_at_most():
    table = SubscriptionTable()
    table.open(7, own=True)
    assert code_of(table.open(7, own=False)) == Code.SUBSCRIPTION_ACTIVE


def test_what_is_not_open_cannot_be_closed():
    assert code_of(SubscriptionTable().close(0)) == Code.SUBSCRIPTION_INACTIVE


def test_own_subscriptions_are_those_of_the_logon():
    table = SubscriptionTable()
    table.open(1, own=True)
    table.open(2, own=False)
    assert table.own_ids() == [0]
    table.close(0)
    assert table.own_ids() == []


def test_a_thousand_at_a_time():
    table = SubscriptionTable()
    for account in range(ACTIVE_MAX):
        table.open(account, own=False)
    refused = table.open(ACTIVE_MAX, own=False)
    assert code_of(refused) == Code.TOO_MANY_SUBSCRIPTIONS
    assert refused.msg == "Too many subscriptions. Connection may create up to '1000' subscriptions at a time."


def test_65_535_in_a_lifetime():
    table = SubscriptionTable()
    for number in range(LIFETIME_MAX):
        table.open(1, own=False)
        table.close(number)
    assert code_of(table.open(1, own=False)) == Code.MAXIMUM_SUBSCRIPTION_IDS
