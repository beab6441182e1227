"""What a client remembers beyond its connections."""

from pitwire.protocol.signing import Key
from pitwire.protocol.standing import SYMBOLS_KEPT_MAX, Standing

ALICE = Key.hmac("alice", "secret")


def test_symbols_that_requests_were_about_are_kept_by_account_the_newest_last():
    standing = Standing(None)
    for account, symbol in [(None, "A"), (None, "B"), (ALICE, "A"), (None, "A"), (None, "A")]:
        standing.about(account, symbol)
    assert list(standing.symbols) == [(None, "B"), (ALICE, "A"), (None, "A")]


def test_of_very_many_symbols_those_are_forgotten_that_no_request_was_about_for_longest():
    standing = Standing(None)
    for number in range(SYMBOLS_KEPT_MAX):
        standing.about(None, f"S{number}")
    standing.about(None, "S0")
    standing.about(None, "new")
    assert len(standing.symbols) == SYMBOLS_KEPT_MAX
    assert (None, "S0") in standing.symbols
    assert (None, "S1") not in standing.symbols
