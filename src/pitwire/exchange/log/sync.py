"""What it takes until bytes, and the names of files and directories, are on the medium."""

import fcntl
import os
from pathlib import Path

# macOS has no fdatasync, and its fsync does not reach the medium; F_FULLFSYNC does (fcntl(2) there).
_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)


def sync_data(file: int) -> None:
    """Make what was written to the file durable, and what it takes to read it again. Raises `OSError`."""
    if _FULL_SYNC is not None:
        fcntl.fcntl(file, _FULL_SYNC)
    else:
        os.fdatasync(file)


def sync_file(file: int) -> None:
    """Make the whole file durable: for one that is new, or a directory's names. Raises `OSError`."""
    if _FULL_SYNC is not None:
        fcntl.fcntl(file, _FULL_SYNC)
    else:
        os.fsync(file)


def sync_directory(directory: Path) -> None:
    """Make the directory's names durable: a file that was created or renamed survives a crash only after this."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def sync_path(directory: Path) -> None:
    """Make the names on the way to `directory` durable: a new directory's own is kept in the one above.

    Goes up as far as this process may have made directories, and so covers those that a process before it made and did
    not get to sync.
    """
    device = directory.stat().st_dev
    for parent in directory.absolute().parents:
        if parent.stat().st_dev != device or not os.access(parent, os.W_OK | os.R_OK):
            return
        sync_directory(parent)
