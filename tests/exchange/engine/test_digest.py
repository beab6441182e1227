"""One number for a whole history."""

from pitwire.exchange.engine.digest import event_digest
from tests.exchange.engine.venues import ALICE, BOB, Floor


def history(last_price: str) -> Floor:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    floor.place(BOB, "BUY", "1", last_price)
    return floor


def test_equal_histories_have_equal_digests_and_others_do_not() -> None:
    assert event_digest(history("100").outcomes) == event_digest(history("100").outcomes)
    assert event_digest(history("100").outcomes) != event_digest(history("101").outcomes)
    assert event_digest(history("100").outcomes[:-1]) != event_digest(history("100").outcomes)


def test_balances_beyond_64_bits_have_a_digest() -> None:
    assert len(event_digest(Floor().open(balance="1000000000000").outcomes)) == 64
