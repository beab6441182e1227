"""The bytes of the log: what a frame and a segment's head look like, and how damage is told from an unfinished write.

    segment = head, frame, frame, ...
    head    = magic 8 | first sequence u64 | chain 16 | crc32c u32                        (little-endian)
    frame   = magic 4 | length u32 | crc32c of payload u32 | chain 16 | crc32c of the 28 bytes before u32 | payload
    payload = JSON [first sequence, time_us, [command, ...]]

A frame is one append: all its commands are durable or none is. `chain` is a keyed hash of the payload whose key is the
chain of the frame before, so a frame that was lost, repeated or moved is noticed, not only one whose bits changed.
JSON, because no integer is too large for it, and any tool can read it; it costs 20 ns a command more than MessagePack.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from struct import Struct as Layout
from typing import NamedTuple

import msgspec
from google_crc32c import value as crc32c

from pitwire.exchange.messages import Command, Record

PAYLOAD_BYTES_MAX = 16 * 1024 * 1024
"""No frame is longer: a length beyond it is damage, and an append beyond it is refused."""
GENESIS = bytes(16)
"""The chain before the first frame of a log."""

_SEGMENT_MAGIC = b"PITWIRE\x01"
_SEGMENT_HEAD = Layout("<8sQ16s")
_FRAME_MAGIC = b"\xf1PWF"
_FRAME_HEAD = Layout("<4sII16s")
_CRC = Layout("<I")
SEGMENT_HEAD_BYTES = _SEGMENT_HEAD.size + _CRC.size
FRAME_HEAD_BYTES = _FRAME_HEAD.size + _CRC.size
_SECTOR_BYTES = 512  # what a disk writes as a whole (no disk has less)
_ABSENT_BYTES_MIN = 2  # one zero may be a damaged byte: then the frame is not taken for an unwritten one


class FrameTooLong(ValueError):
    """The commands of one append do not fit into a frame."""


class Damage(Exception):
    """The bytes at `offset` are no frame. `torn`: they are what an interrupted write of the last frame leaves."""

    def __init__(self, offset: int, what: str, *, torn: bool) -> None:
        super().__init__(f"at byte {offset}: {what}")
        self.offset = offset
        self.what = what
        self.torn = torn


class SegmentHead(NamedTuple):
    """What a segment goes on from: the sequence its first record has, and the chain its first frame follows."""

    first_sequence: int
    chain: bytes


class Frame(NamedTuple):
    """A frame that is whole: its payload, the chain after it, and where the next one starts."""

    payload: bytes
    chain: bytes
    end: int


class Batch(NamedTuple):
    """What one append wrote."""

    first_sequence: int
    time_us: int
    commands: Sequence[Command]

    def records(self) -> Iterator[Record]:
        """The commands with their places in the sequence."""
        for sequence, command in enumerate(self.commands, self.first_sequence):
            yield Record(sequence, self.time_us, command)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[int, int, list[Command]])
_place_decoder = msgspec.json.Decoder(tuple[int, int, list[msgspec.Raw]])


def encode_head(head: SegmentHead) -> bytes:
    """The first bytes of a segment file."""
    packed = _SEGMENT_HEAD.pack(_SEGMENT_MAGIC, *head)
    return packed + _CRC.pack(crc32c(packed))


def decode_head(data: bytes) -> SegmentHead:
    """The head that a segment's bytes start with. Raises `Damage`."""
    packed, crc = data[: _SEGMENT_HEAD.size], data[_SEGMENT_HEAD.size : SEGMENT_HEAD_BYTES]
    if len(crc) != _CRC.size or _CRC.unpack(crc)[0] != crc32c(packed):
        raise Damage(0, "the segment's head is damaged", torn=False)
    magic, first_sequence, chain = _SEGMENT_HEAD.unpack(packed)
    if magic != _SEGMENT_MAGIC:
        raise Damage(0, f"not a segment of this version of the log (it starts with {magic!r})", torn=False)
    return SegmentHead(first_sequence, chain)


def encode(batch: Batch, chain: bytes) -> tuple[bytes, bytes]:
    """The frame that follows `chain`, and the chain after it. Raises `FrameTooLong`."""
    payload = _encoder.encode(batch)
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise FrameTooLong(f"{len(batch.commands)} commands take {len(payload)} bytes; at most {PAYLOAD_BYTES_MAX} fit")
    chain = _next_chain(payload, chain)
    head = _FRAME_HEAD.pack(_FRAME_MAGIC, len(payload), crc32c(payload), chain)
    return b"".join((head, _CRC.pack(crc32c(head)), payload)), chain


def decode(payload: bytes) -> Batch:
    """The batch in a whole frame's payload. Raises `msgspec.DecodeError` when this version cannot read it."""
    return Batch(*_decoder.decode(payload))


def place(payload: bytes) -> tuple[int, int, int]:
    """First sequence, number of commands and time of a payload, without decoding the commands."""
    first_sequence, time_us, commands = _place_decoder.decode(payload)
    return first_sequence, len(commands), time_us


def frames(data: bytes, chain: bytes, offset: int = SEGMENT_HEAD_BYTES) -> Iterator[Frame]:
    """The frames of a segment from `offset` on, each checked against the chain so far.

    Raises `Damage` where they end before the data does.
    """
    while offset < len(data):
        frame = _frame_at(data, offset, chain)
        yield frame
        offset, chain = frame.end, frame.chain


def _next_chain(payload: bytes, chain: bytes) -> bytes:
    return blake2b(payload, digest_size=16, key=chain).digest()


def _frame_at(data: bytes, offset: int, chain: bytes) -> Frame:
    start = offset + FRAME_HEAD_BYTES
    if len(data) < start:
        raise Damage(offset, f"{len(data) - offset} bytes of a frame's head", torn=True)
    if not _is_head(data, offset):
        sector_end = -(-start // _SECTOR_BYTES) * _SECTOR_BYTES  # of the last sector that has a part of the head
        unwritten = _is_absent(data, offset, min(sector_end, len(data))) and not _frame_follows(data, offset + 1)
        raise Damage(offset, "the frame's head is damaged", torn=unwritten)
    _, length, crc, stored_chain = _FRAME_HEAD.unpack_from(data, offset)
    end = start + length
    if length > PAYLOAD_BYTES_MAX:
        raise Damage(offset, f"the frame claims {length} bytes; at most {PAYLOAD_BYTES_MAX} are possible", torn=False)
    if end > len(data):
        raise Damage(offset, f"the frame has {len(data) - start} of its {length} bytes", torn=True)
    payload = data[start:end]
    if crc32c(payload) != crc:
        unwritten = end == len(data) and _is_absent(data, offset, end)
        raise Damage(offset, "the frame's checksum is wrong", torn=unwritten)
    if _next_chain(payload, chain) != stored_chain:
        raise Damage(offset, "the frame is whole, but does not follow the one before it", torn=False)
    return Frame(payload, stored_chain, end)


def _is_head(data: bytes, offset: int) -> bool:
    crc_at = offset + _FRAME_HEAD.size
    return (
        data.startswith(_FRAME_MAGIC, offset)
        and crc_at + _CRC.size <= len(data)
        and _CRC.unpack_from(data, crc_at)[0] == crc32c(data[offset:crc_at])
    )


def _frame_follows(data: bytes, offset: int) -> bool:
    while (offset := data.find(_FRAME_MAGIC, offset)) >= 0:
        if _is_head(data, offset):
            return True
        offset += 1
    return False


def _is_absent(data: bytes, start: int, end: int) -> bool:
    """Whether some sector's share of `start` to `end` is all zeros: it was never written.

    A power cut may leave any of a write's sectors unwritten, but none half written. No share of a written frame is all
    zeros, however short: the first begins with the magic, any other has payload, and JSON has no zero byte. Damage to
    a single byte leaves no such hole.
    """
    while start < end:
        share_end = min(end, start - start % _SECTOR_BYTES + _SECTOR_BYTES)
        if share_end - start >= _ABSENT_BYTES_MIN and not any(data[start:share_end]):
            return True
        start = share_end
    return False
