"""Snapshots: the newest whole one counts, and an unfinished or damaged one does no harm."""

from pathlib import Path

from pitwire.exchange.log.snapshots import Snapshots


def names(directory: Path) -> list[str]:
    return sorted(path.name.lstrip("0") for path in directory.iterdir())


def test_without_a_snapshot_there_is_none(tmp_path: Path) -> None:
    assert Snapshots(tmp_path).load() is None


def test_the_newest_is_loaded_and_the_newest_two_are_kept(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    for sequence in (5, 10, 20):
        snapshots.save(sequence, b"state at %d" % sequence)
    assert snapshots.load() == (20, b"state at 20")
    assert names(tmp_path) == ["10.snapshot", "20.snapshot"]


def test_every_flipped_byte_and_every_truncation_falls_back_to_the_one_before(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    snapshots.save(1, b"one")
    snapshots.save(2, b"two")
    path = tmp_path / f"{2:020d}.snapshot"
    whole = path.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x40
        for content in (bytes(damaged), whole[:position]):
            path.write_bytes(content)
            assert snapshots.load() == (1, b"one")


def test_a_write_that_was_interrupted_before_the_rename_leaves_no_snapshot(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    snapshots.save(1, b"one")
    (tmp_path / f"{2:020d}.unfinished").write_bytes(b"half")
    assert snapshots.load() == (1, b"one")
