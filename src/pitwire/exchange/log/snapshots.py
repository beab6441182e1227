"""Snapshot files: the state after some sequence, so that a start replays only what came later.

    file = magic 8 | sequence u64 | length u64 | blake2b-16 of sequence and payload | payload       (little-endian)

A snapshot is only ever a short cut: the log alone rebuilds everything. So a damaged one is passed over, an older one
is taken, and without any the whole log is replayed.
"""

from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from struct import Struct as Layout

import structlog

from pitwire.exchange.log.sync import sync_directory, sync_file

KEPT = 2
"""How many of the newest snapshots stay: one to start from, and one in case that it is damaged."""
SUFFIX = ".snapshot"

_MAGIC = b"PITSNAP\x01"
_HEAD = Layout("<8sQQ16s")

_logger = structlog.get_logger("pitwire.exchange")


class Snapshots:
    """The snapshot files of one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def save(self, sequence: int, payload: bytes) -> None:
        """Write the snapshot and make it durable under its name only when it is whole; drop the oldest beyond `KEPT`.

        Raises `OSError`; the snapshots that were there before then still are.
        """
        path = self._directory / f"{sequence:020d}{SUFFIX}"
        unfinished = path.with_suffix(".unfinished")
        try:
            with unfinished.open("wb") as file:
                file.write(_HEAD.pack(_MAGIC, sequence, len(payload), _digest(sequence, payload)))
                file.write(payload)
                file.flush()
                sync_file(file.fileno())
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        unfinished.replace(path)
        sync_directory(self._directory)
        for old in self._paths()[KEPT:]:
            old.unlink(missing_ok=True)

    def load(self) -> tuple[int, bytes] | None:
        """The newest snapshot that is whole, as its sequence and payload."""
        for path in self._paths():
            if (snapshot := _read(path)) is not None:
                return snapshot
            _logger.warning("a snapshot is damaged and passed over: the start takes longer", path=str(path))
        return None

    def _paths(self) -> list[Path]:
        return sorted(self._directory.glob(f"*{SUFFIX}"), reverse=True)


def _digest(sequence: int, payload: bytes) -> bytes:
    return blake2b(payload, digest_size=16, key=sequence.to_bytes(8, "little")).digest()


def _read(path: Path) -> tuple[int, bytes] | None:
    data = path.read_bytes()
    if len(data) < _HEAD.size:
        return None
    magic, sequence, length, digest = _HEAD.unpack_from(data)
    payload = data[_HEAD.size :]
    if magic != _MAGIC or len(payload) != length or _digest(sequence, payload) != digest:
        return None
    return sequence, payload
