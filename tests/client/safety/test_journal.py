import os
import random
from decimal import Decimal
from pathlib import Path

import pytest

from pitwire.client.safety import journal as journal_module
from pitwire.client.safety.intent import Intent
from pitwire.client.safety.journal import Journal, JournalDamaged, account_of
from pitwire.market.enums import OrderType, Side
from pitwire.protocol.requests.trading import OrderCancel, OrderPlace

SENT_MS = 1_700_000_000_000


def an_intent(name: str) -> Intent:
    request = OrderPlace(
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        price=Decimal("0.00000001"),
        quantity=Decimal(2),
        new_client_order_id=name,
        recv_window=Decimal("1.5"),
        api_key="the-key",
        signature="the-signature",
    )
    return Intent(request=request, client_order_id=name, timestamp=SENT_MS)


def reopened(journal: Journal, path: Path) -> Journal:
    """The journal as the next process finds it, after this one was killed."""
    os.close(journal._file)
    return Journal(path)


def names(journal: Journal) -> list[str | None]:
    return [begun.client_order_id for begun in journal.left]


def test_what_began_and_did_not_end_is_left(tmp_path: Path):
    path = tmp_path / "journal"
    journal = Journal(path)
    numbers = [journal.begin(an_intent(name), "the-key") for name in ("one", "two", "three")]
    journal.sync()
    journal.end(numbers[1])
    journal.sync()
    after = reopened(journal, path)
    assert names(after) == ["one", "three"]
    intent = after.left[0].intent(None)
    assert intent == Intent(
        request=OrderPlace(
            symbol="BTCUSDT",
            side=Side.BUY,
            type=OrderType.LIMIT,
            price=Decimal("0.00000001"),
            quantity=Decimal(2),
            new_client_order_id="one",
            recv_window=Decimal("1.5"),
        ),
        client_order_id="one",
        timestamp=SENT_MS,
    )
    assert after.left[0].account == account_of("the-key")
    assert after.begin(an_intent("four"), "the-key") > max(numbers)
    after.close()


def test_what_was_not_synced_is_not_there(tmp_path: Path):
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.begin(an_intent("one"), "the-key")
    assert names(reopened(journal, path)) == []


def test_neither_key_nor_signature_is_written(tmp_path: Path):
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.begin(an_intent("one"), "the-key")
    journal.close()
    assert b"the-" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_is_left_out_and_written_over(tmp_path: Path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    for number in range(30):
        path = tmp_path / f"journal-{number}"
        journal = Journal(path)
        journal.begin(an_intent("one"), "the-key")
        journal.sync()
        whole = path.stat().st_size
        journal.begin(an_intent("two"), "the-key")
        journal.sync()
        os.truncate(path, source.randrange(whole, path.stat().st_size))
        after = reopened(journal, path)
        assert names(after) == ["one"]
        after.begin(an_intent("three"), "the-key")
        after.sync()
        again = reopened(after, path)
        assert names(again) == ["one", "three"]
        again.close()


def test_damage_before_the_last_line_is_refused(tmp_path: Path):
    path = tmp_path / "journal"
    journal = Journal(path)
    for name in ("one", "two"):
        journal.begin(an_intent(name), "the-key")
        journal.sync()
    journal.close()
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalDamaged, match="line 1 of the journal"):
        Journal(path)


def test_it_is_written_anew_when_it_is_large_and_keeps_what_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal_module, "SIZE_BYTES_MAX", 4000)
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.begin(an_intent("stays"), "the-key")
    for number in range(200):
        ended = journal.begin(an_intent(f"order-{number}"), "the-key")
        journal.sync()
        journal.end(ended)
        journal.sync()
        assert path.stat().st_size < 4500
    with pytest.raises(OSError, match="another process's"):
        Journal(path)
    after = reopened(journal, path)
    assert names(after) == ["stays"]
    after.close()


def test_two_processes_do_not_share_one(tmp_path: Path):
    journal = Journal(tmp_path / "journal")
    with pytest.raises(OSError, match="another process's: give each client its own"):
        Journal(tmp_path / "journal")
    journal.close()


def test_every_kind_of_request_is_read_as_it_was_written(tmp_path: Path):
    path = tmp_path / "journal"
    journal = Journal(path)
    cancel = OrderCancel(symbol="BTCUSDT", order_id=7, new_client_order_id="cancel")
    journal.begin(Intent(request=cancel, client_order_id=None, timestamp=SENT_MS), "")
    journal.sync()
    after = reopened(journal, path)
    assert after.left[0].intent(None).request == cancel
    after.close()
