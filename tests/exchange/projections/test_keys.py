"""Keys that came through the log, and what a snapshot keeps of them."""

from pitwire.exchange.messages import KeyRegistered, KeyRevoked, OpenAccount, RegisterKey, RevokeKey
from pitwire.exchange.projections.keys import Keys
from pitwire.exchange.projections.state import Projections
from tests.exchange.projections.trading import ALICE, Floor

FIRST, SECOND = "A" * 64, "B" * 64


def key(api_key):
    return KeyRegistered(api_key=api_key, account=ALICE, key_kind="HMAC", secret="s" * 32, permissions=("TRADE",))


def test_a_key_is_there_until_it_is_revoked_and_may_come_again():
    keys = Keys()
    keys.added(key(FIRST), 0)
    keys.added(key(SECOND), 0)
    keys.removed(KeyRevoked(api_key=FIRST), 0)
    assert ([each.api_key for each in keys.registered], keys.revoked) == ([SECOND], (FIRST,))
    keys.added(key(FIRST), 0)
    assert ([each.api_key for each in keys.registered], keys.revoked) == ([SECOND, FIRST], ())


def test_a_key_from_elsewhere_can_be_revoked_too():
    keys = Keys()
    keys.removed(KeyRevoked(api_key=FIRST), 0)
    assert (keys.registered, keys.revoked) == ((), (FIRST,))


def test_a_snapshot_keeps_them():
    floor = Floor()
    floor.do(OpenAccount(account=ALICE, name="alice"))
    registered = key(FIRST)
    floor.do(RegisterKey(api_key=FIRST, account=ALICE, key_kind="HMAC", secret="s" * 32, permissions=("TRADE",)))
    floor.do(RevokeKey(api_key=SECOND))
    restored = Projections.restore(floor.projections.snapshot())
    assert (restored.keys.registered, restored.keys.revoked) == ((registered,), (SECOND,))
    assert restored.snapshot() == floor.projections.snapshot()
