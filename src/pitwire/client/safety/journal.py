"""Orders that are under way, on disk: a client that is killed and started again knows what to ask for.

One line for each turn of the event loop in which something began or ended: the CRC of the rest, and JSON. A line is
durable (`fdatasync`) before anything of it is sent. Only the last line can be torn; it is left out, for nothing of it
was sent. A line before it that cannot be read is damage, and is refused.
"""

import fcntl
import hashlib
import os
import zlib
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from pitwire.client.safety.intent import Intent
from pitwire.protocol.codec import encode, wire_params
from pitwire.protocol.errors import PitwireError
from pitwire.protocol.registry import METHODS
from pitwire.protocol.signing import Key

SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
"""From this size on it is written anew, with what is under way only."""
_SECRETS: Final = ("apiKey", "signature", "timestamp")
_TYPES: Final = {method.METHOD.name: method for method in METHODS}


class JournalDamaged(PitwireError):
    """A journal cannot be read. What it has of orders under way has to be asked for by hand, then it may be deleted."""


class Begun(Struct, frozen=True, omit_defaults=True):
    """A request that was about to be sent. `account` stands for the API key; `params` have no key and no signature."""

    number: int
    method: str
    timestamp: int
    account: str
    params: Raw
    client_order_id: str | None = None

    def intent(self, key: Key | None) -> Intent:
        """What to ask about, with `key`."""
        request: Any = msgspec.json.decode(self.params, type=_TYPES[self.method])
        return Intent(request=request, client_order_id=self.client_order_id, timestamp=self.timestamp, key=key)


class _Line(Struct, frozen=True, omit_defaults=True):
    begun: tuple[Begun, ...] = ()
    ended: tuple[int, ...] = ()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode


def account_of(api_key: str) -> str:
    """What stands for an account: not its key, which is nobody's to read."""
    return hashlib.sha256(api_key.encode()).hexdigest()[:16]


class Journal:
    """The file at `path`, which this process alone has open.

    `left` are the requests that an earlier process had under way. Raises `OSError` where the file cannot be used or
    another process has it, `JournalDamaged`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._live: dict[int, Begun] = {}
        self._begun: list[Begun] = []
        self._ended: list[int] = []
        self._number = 0
        self._file = self._open()
        try:
            self._read()
        except BaseException:
            os.close(self._file)
            raise
        self.left: Final = tuple(self._live.values())

    def __len__(self) -> int:
        return len(self._live)

    def begin(self, intent: Intent, api_key: str) -> int:
        """`intent` is about to be sent; the number to end it by. It is durable after the next `sync`."""
        self._number += 1
        params = wire_params(intent.request)
        for secret in _SECRETS:
            params.pop(secret, None)
        begun = Begun(
            number=self._number,
            method=intent.request.METHOD.name,
            timestamp=intent.timestamp,
            account=account_of(api_key),
            params=Raw(encode(params)),
            client_order_id=intent.client_order_id,
        )
        self._live[begun.number] = begun
        self._begun.append(begun)
        return begun.number

    def end(self, number: int) -> None:
        """Its outcome is known."""
        if self._live.pop(number, None) is not None:
            self._ended.append(number)

    @property
    def is_written(self) -> bool:
        """Whether there is nothing to write."""
        return not (self._begun or self._ended)

    def sync(self) -> None:
        """Make durable what began and ended. Raises `OSError`; then the file is not used any more."""
        if self.is_written:
            return
        line = _Line(tuple(self._begun), tuple(self._ended))
        self._begun, self._ended = [], []
        self._append(self._file, line)
        if os.fstat(self._file).st_size > SIZE_BYTES_MAX:
            self._write_anew()

    def close(self, *, as_it_is: bool = False) -> None:
        """Write what ended, unless the file is to stay `as_it_is`, and let go of it."""
        try:
            if not as_it_is:
                self.sync()
        finally:
            os.close(self._file)

    def _open(self) -> int:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise OSError(f"the journal {self._path} is another process's: give each client its own") from None
        return file

    def _read(self) -> None:
        data = self._path.read_bytes()
        whole = 0
        lines = data.splitlines(keepends=True)
        for count, text in enumerate(lines, 1):
            line = _parse(text)
            if line is None:
                if count < len(lines):
                    raise JournalDamaged(
                        f"line {count} of the journal {self._path} cannot be read, and it is not the last: ask for the "
                        "orders of its time, then delete it"
                    )
                os.ftruncate(self._file, whole)
                os.fdatasync(self._file)
                break
            whole += len(text)
            for begun in line.begun:
                self._live[begun.number] = begun
                self._number = max(self._number, begun.number)
            for number in line.ended:
                self._live.pop(number, None)

    def _append(self, file: int, line: _Line) -> None:
        text = _encode(line)
        data = b"%08x %b\n" % (zlib.crc32(text), text)
        written = 0
        while written < len(data):
            written += os.write(file, data[written:])
        os.fdatasync(file)

    def _write_anew(self) -> None:
        fresh = self._path.with_name(self._path.name + ".new")
        file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        self._append(file, _Line(tuple(self._live.values())))
        os.rename(fresh, self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        os.close(self._file)
        self._file = file


def _parse(text: bytes) -> _Line | None:
    if not text.endswith(b"\n") or text[8:9] != b" ":
        return None
    try:
        if int(text[:8], 16) != zlib.crc32(text[9:-1]):
            return None
        return _decode(text[9:-1])
    except (ValueError, msgspec.DecodeError):
        return None
