"""Snapshots out of turn."""

import asyncio

from pitwire.exchange.log.file import FileLog
from tests.exchange.control.conftest import open_operator


async def test_a_snapshot_has_all_that_came_before(tmp_path):
    async with open_operator(tmp_path) as operator:
        await operator.ask("POST", "/accounts/1/deposit", {"asset": "BTC", "amount": "1"})
        deposited = operator.exchange.sequencer.last_sequence
        first = (await operator.ask("POST", "/snapshots"))["sequence"]
        assert first > deposited
        both = await asyncio.gather(operator.ask("POST", "/snapshots"), operator.ask("POST", "/snapshots"))
        assert min(each["sequence"] for each in both) > first
        saved = sorted(path.name for path in tmp_path.rglob("*snap*"))
        assert saved, list(tmp_path.rglob("*"))
    log = FileLog(tmp_path)
    sequence, _ = log.load_snapshot()
    log.close()
    assert sequence >= max(each["sequence"] for each in both)


async def test_without_a_directory_there_is_nowhere_to_keep_one(operator):
    status, error = await operator.refused("POST", "/snapshots")
    assert status == 409
    assert "--data-dir" in error
