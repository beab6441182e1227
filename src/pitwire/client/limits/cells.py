"""Where the counts stand: in this process, or in a file that several processes of a machine share."""

import fcntl
import mmap
import os
from array import array
from collections.abc import MutableSequence
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

MAGIC: Final = 0x70_69_74_77_69_72_65_33  # "pitwire3"
"""The first cell of a file: another layout gets another number."""


class Cells(Protocol):
    """A row of 64-bit integers, zero at first. Whoever reads or writes them does so inside `with`."""

    values: MutableSequence[int]

    def __enter__(self) -> Self:
        """Have them to oneself."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let others have them."""
        ...

    def close(self) -> None:
        """They are not needed any more."""
        ...


class MemoryCells:
    """Of this process."""

    def __init__(self, count: int) -> None:
        self.values: MutableSequence[int] = array("q", bytes(8 * count))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return

    def close(self) -> None:
        """Nothing is to be done."""


class FileCells:
    """Of a file that all processes map and lock (`flock`).

    A process that dies lets go of the lock; what it may have left half counted is put right by the next interval, and
    by what the exchange says. Raises `ValueError` where the file is another one's, `OSError` where it cannot be used.
    """

    def __init__(self, path: Path, count: int) -> None:
        size = 8 * (count + 1)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            if os.fstat(self._file).st_size not in (0, size):
                raise ValueError(
                    f"{path} is no file of shared limits, or of another version: name another, or delete it"
                )
            os.ftruncate(self._file, size)
            self._map = mmap.mmap(self._file, size)
            self._view = memoryview(self._map).cast("q")
            if self._view[0] not in (0, MAGIC):
                self.close_map()
                raise ValueError(f"{path} is no file of shared limits: name another")
            self._view[0] = MAGIC
            self.values: MutableSequence[int] = self._view[1:]  # type: ignore[assignment]
            fcntl.flock(self._file, fcntl.LOCK_UN)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; the counts stay in it."""
        self.values.release()  # type: ignore[attr-defined]
        self.close_map()
        os.close(self._file)

    def close_map(self) -> None:
        """Unmap it."""
        self._view.release()
        self._map.close()
