"""Snapshots that cannot be read are refused; that readable ones go on exactly is in test_against_oracle."""

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.engine.snapshot import SnapshotUnreadable
from pitwire.exchange.messages import Deposit
from pitwire.market.numbers import Amount
from tests.exchange.engine.venues import ALICE, BOB, Floor


@pytest.mark.parametrize("payload", [b"", b"{}", b"[1,2", b"[" * 100_000, b"\xff"])
def test_bytes_that_are_no_snapshot_are_refused(payload: bytes) -> None:
    with pytest.raises(SnapshotUnreadable):
        Engine.restore(payload)


def test_a_snapshot_of_another_version_is_refused_by_name() -> None:
    with pytest.raises(SnapshotUnreadable, match="version 99, this program reads 1"):
        Engine.restore(b"[99,0,{},[],[]]")


def test_the_same_state_gives_the_same_bytes_however_it_came_about() -> None:
    one, other = Floor().open(accounts=(ALICE, BOB)), Floor().open(accounts=(BOB, ALICE))
    assert one.engine.snapshot() == other.engine.snapshot()


def test_an_asset_that_was_wholly_withdrawn_leaves_no_trace() -> None:
    floor = Floor().open()
    before = floor.engine.snapshot()
    floor.tell(Deposit(account=ALICE, asset="DOGE", amount=Amount(5)))
    floor.tell(Deposit(account=ALICE, asset="DOGE", amount=Amount(-5)))
    assert floor.engine.snapshot() == before


def test_the_average_price_survives_a_restore() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    floor.place(BOB, "BUY", "1", "100")
    kept = floor.engine.venue.markets["BTCUSDT"].average_price
    restored = Engine.restore(floor.engine.snapshot()).venue.markets["BTCUSDT"].average_price
    assert restored.price(floor.time_us, 5) == kept.price(floor.time_us, 5) == 100 * 10**8
