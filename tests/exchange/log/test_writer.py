"""Where an append is waited for: on the event loop while the disk is fast, on a thread when it is slow."""

import threading
from pathlib import Path

import pytest

from pitwire.exchange.log import writer
from pitwire.exchange.log.file import FileLog
from pitwire.exchange.messages import Tick

FAST_NS, SLOW_NS = 100_000, 5_000_000


class Disk:
    """Takes as long as it is told to, and notes on which thread it was waited for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.takes_ns = FAST_NS
        self.now_ns = 0
        self.waited_on: list[str] = []
        monkeypatch.setattr(writer, "sync_data", self.sync)
        monkeypatch.setattr(writer, "perf_counter_ns", lambda: self.now_ns)

    def sync(self, _file: int) -> None:
        self.now_ns += self.takes_ns
        self.waited_on.append("thread" if threading.current_thread().name == "pitwire-log" else "loop")


async def append(log: FileLog, times: int) -> None:
    for _ in range(times):
        await log.append([Tick()], 1).durable


async def test_a_fast_disk_is_waited_for_on_the_loop_after_the_first_append(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, log = Disk(monkeypatch), FileLog(tmp_path)
    await append(log, 5)
    log.close()
    assert disk.waited_on == ["thread", "loop", "loop", "loop", "loop"]


async def test_a_slow_disk_is_never_waited_for_on_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, log = Disk(monkeypatch), FileLog(tmp_path)
    disk.takes_ns = SLOW_NS
    await append(log, 5)
    log.close()
    assert disk.waited_on == ["thread"] * 5


async def test_a_disk_that_becomes_slow_is_left_to_the_thread_until_it_is_fast_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, log = Disk(monkeypatch), FileLog(tmp_path)
    await append(log, 20)
    disk.takes_ns = SLOW_NS
    await append(log, 10)
    assert disk.waited_on[20:].count("loop") == 1, "the one that showed it"
    disk.takes_ns = FAST_NS
    await append(log, 60)
    log.close()
    assert disk.waited_on[-1] == "loop"


async def test_one_hiccup_that_is_not_ten_times_too_long_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, log = Disk(monkeypatch), FileLog(tmp_path)
    await append(log, 40)
    disk.takes_ns = 3_000_000
    await append(log, 1)
    disk.takes_ns = FAST_NS
    await append(log, 1)
    log.close()
    assert disk.waited_on[-2:] == ["loop", "loop"]


async def test_a_new_segment_is_begun_on_the_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, log = Disk(monkeypatch), FileLog(tmp_path, segment_bytes_max=200)
    await append(log, 9)
    log.close()
    begun = len(list(tmp_path.glob("*.log")))  # noqa: ASYNC240  (the log is closed)
    assert begun > 1
    assert disk.waited_on.count("thread") == begun


async def test_appends_that_are_not_awaited_keep_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch)
    log = FileLog(tmp_path)
    appends = [log.append([Tick()], time_us) for time_us in range(1, 50)]
    for each in appends:
        await each.durable
    assert [record.time_us for record in log.replay(0)] == list(range(1, 50))
    log.close()
