"""Writes recordings: gzip files of one symbol each, one message per line, `<receive time in ns> <JSON as received>`.

A file is begun anew each day (UTC), and when it has grown to `file_bytes_max`. Each can be played on its own, so each
wants a depth snapshot of its own: `RecordingWriter.write` says when a file has been begun. What is being written is
called `<name>.gz.part`; the name is right when the file is whole. A process that is killed leaves a `.part` whose last
second may be missing, which `gzip` and `Recording` read up to there.
"""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from pitwire.recording.reader import LINE_BYTES_MAX

FILE_BYTES_MAX: Final = 512 * 1024 * 1024
"""Of compressed data: about two days of a busy symbol's trades, best prices and depth."""
FLUSH_EVERY_NS: Final = 1_000_000_000
COMPRESSION_LEVEL: Final = 6
DAY_NS: Final = 24 * 3600 * 1_000_000_000
PART: Final = ".part"


class RecordingWriter:
    """The recording of one symbol, under way. Owns the file that is open.

    Files are `<directory>/<symbol>_<yyyymmdd>.gz`, the second of a day `<symbol>_<yyyymmdd>_2.gz`, and so on: a file
    that is there is never written to again.
    """

    def __init__(self, directory: Path, symbol: str, *, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        """Raises `OSError` where `directory` cannot be made."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._symbol = symbol.lower()
        self._file_bytes_max = file_bytes_max
        self._raw: BinaryIO | None = None
        self._lines: gzip.GzipFile | None = None
        self._path = directory
        self._day = -1
        self._flush_at_ns = 0
        self.lines = 0
        """How many lines were written, to all of its files."""
        self.finished: list[Path] = []
        """The files that are whole, oldest first."""

    def write(self, receive_ns: int, message: bytes) -> bool:
        """Write a line; whether it is the first of its file, which then wants a depth snapshot to be playable.

        Raises `ValueError` for what would not be one line, or is longer than a line may be, and `OSError`.
        """
        if b"\n" in message or len(message) > LINE_BYTES_MAX - 32:
            raise ValueError(f"a message of {len(message)} bytes cannot be a line: {message[:40]!r}")
        lines = self._lines
        begins = lines is None or receive_ns // DAY_NS != self._day or self._is_full()
        if begins:
            lines = self._begin(receive_ns)
        assert lines is not None
        lines.write(b"%d %b\n" % (receive_ns, message))
        self.lines += 1
        if receive_ns >= self._flush_at_ns:
            self._flush_at_ns = receive_ns + FLUSH_EVERY_NS
            lines.flush()
        return begins

    def close(self) -> None:
        """Finish the file that is open. Raises `OSError`."""
        lines, raw, self._lines, self._raw = self._lines, self._raw, None, None
        if lines is None or raw is None:
            return
        lines.close()
        raw.close()
        whole = self._path.with_name(self._path.name.removesuffix(PART))
        self._path.rename(whole)
        self.finished.append(whole)

    def _is_full(self) -> bool:
        return self._raw is not None and self._raw.tell() >= self._file_bytes_max

    def _begin(self, receive_ns: int) -> gzip.GzipFile:
        self.close()
        self._day = receive_ns // DAY_NS
        self._path = self._free_path()
        self._raw = self._path.open("xb")
        # Neither the name nor the time of writing: the same messages give the same bytes.
        self._lines = gzip.GzipFile("", "wb", COMPRESSION_LEVEL, self._raw, mtime=0)
        return self._lines

    def _free_path(self) -> Path:
        date = datetime.fromtimestamp(self._day * (DAY_NS // 1_000_000_000), UTC).strftime("%Y%m%d")
        number = 1
        while True:
            suffix = "" if number == 1 else f"_{number}"
            whole = self._directory / f"{self._symbol}_{date}{suffix}.gz"
            part = whole.with_name(whole.name + PART)
            if not whole.exists() and not part.exists():
                return part
            number += 1
