"""A power cut at the worst moment: what the log has said to anybody is on the medium, under its name."""

import os
from pathlib import Path

import pytest

from pitwire.exchange.log import segments, snapshots, sync, writer
from pitwire.exchange.log.file import FileLog
from pitwire.exchange.log.frame import GENESIS, Batch, encode
from pitwire.exchange.messages import Record, Tick
from pitwire.exchange.ports import LogFailed

FRAME_BYTES = len(encode(Batch(1, 1, [Tick()]), GENESIS)[0])


class Medium:
    """What is left of one directory after a power cut: names and contents as they were when they were last synced.

    A file whose sync has failed stays as it was before, however often it is synced again: its pages are marked clean.
    """

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.fails = False
        self._contents: dict[int, bytes] = {}
        self._names: dict[str, int] = {}
        self._given_up: set[int] = set()
        self._held: dict[int, int] = {}  # open, so that no number of an inode is given to another file
        monkeypatch.setattr(writer, "sync_data", self.sync_append)
        monkeypatch.setattr(segments, "sync_file", self.sync)
        monkeypatch.setattr(snapshots, "sync_file", self.sync)
        monkeypatch.setattr(snapshots, "sync_directory", lambda _: self.sync_names())

    def sync_append(self, file: int) -> None:
        if self.fails:
            self._given_up.add(self._inode(file))
            raise OSError("the disk fails")
        self.sync(file)

    def sync(self, file: int) -> None:
        inode = self._inode(file)
        if inode == self.directory.stat().st_ino:
            self.sync_names()
        elif inode not in self._given_up:
            self._contents[inode] = next(
                path.read_bytes() for path in self.directory.iterdir() if path.stat().st_ino == inode
            )

    def _inode(self, file: int) -> int:
        inode = os.fstat(file).st_ino
        if inode not in self._held:
            self._held[inode] = os.dup(file)
        return inode

    def sync_names(self) -> None:
        self._names = {path.name: path.stat().st_ino for path in self.directory.iterdir()}

    def cut_power(self) -> None:
        left = {name: self._contents.get(inode, b"") for name, inode in self._names.items() if name != "lock"}
        for path in self.directory.iterdir():
            path.unlink()
        for name, content in left.items():
            (self.directory / name).write_bytes(content)
        for file in self._held.values():
            os.close(file)


async def append(log: FileLog, times: int) -> None:
    for time_us in range(1, times + 1):
        await log.append([Tick()], time_us).durable


def served(log: FileLog) -> list[Record]:
    return list(log.replay(0))


@pytest.mark.parametrize("segment_bytes_max", [1, 36 + 5 * FRAME_BYTES, 10**6])
@pytest.mark.parametrize("later", ["nothing", "an append", "a snapshot"])
async def test_what_a_restart_found_survives_a_power_cut_though_the_process_before_never_synced_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: str, segment_bytes_max: int
) -> None:
    medium = Medium(tmp_path, monkeypatch)
    log = FileLog(tmp_path, segment_bytes_max=segment_bytes_max)
    await append(log, 4)
    medium.fails = True
    with pytest.raises(LogFailed):
        await append(log, 1)
    log.close()

    medium.fails = False
    log = FileLog(tmp_path, segment_bytes_max=segment_bytes_max)
    found = served(log)
    assert len(found) == 5, "the page cache had it all"
    if later == "an append":
        await append(log, 1)
    elif later == "a snapshot":
        log.save_snapshot(5, b"state")
    found = served(log)
    log.close()

    medium.cut_power()
    log = FileLog(tmp_path)
    assert served(log) == found
    log.close()


async def test_a_restart_that_cuts_off_a_torn_append_leaves_it_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FileLog(tmp_path)
    await append(log, 2)
    log.close()
    (path,) = tmp_path.glob("*.log")  # noqa: ASYNC240  (the log is closed)
    path.write_bytes(path.read_bytes()[:-1])
    medium = Medium(tmp_path, monkeypatch)
    FileLog(tmp_path).close()
    medium.cut_power()
    log = FileLog(tmp_path)
    assert (log.torn_bytes, log.last_sequence) == (0, 1)
    log.close()


def test_a_new_directory_is_durable_in_those_above_before_the_log_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[Path, bool]] = []
    directory = tmp_path / "above" / "new"
    monkeypatch.setattr(sync, "sync_directory", lambda path: synced.append((path, any(directory.glob("*.log")))))
    FileLog(directory).close()
    assert synced[:2] == [(tmp_path / "above", False), (tmp_path, False)]
    synced.clear()
    FileLog(directory).close()
    assert synced == [], "a log that is there was begun in a durable directory"
