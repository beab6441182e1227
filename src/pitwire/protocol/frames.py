"""What RFC 6455 asks of a WebSocket peer beyond the single frame: whole messages out of fragments, and valid text.

Both ends use it. The transport (picows) has already checked what a lone frame can show: opcode, masking, minimal
lengths, and the size and close code of control frames. What it leaves to its user is checked here: the reserved bits,
the order of continuation frames, UTF-8, and the size of a message that comes in many frames.
"""

from enum import IntEnum
from typing import Final

MESSAGE_BYTES_MAX = 1 << 20
"""The default bound on one message, however many frames it comes in."""

FRAGMENTS_MAX = 10_000
"""The default bound on the frames of one message: empty fragments would otherwise keep a reader busy for ever."""


class Opcode(IntEnum):
    """RFC 6455, 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


# Python 3.11 looks an enum's member up in 0.1 us, and compares with it slower than with an integer: too much for
# what is done to every frame.
TEXT: Final = int(Opcode.TEXT)
_CONTINUATION: Final = int(Opcode.CONTINUATION)
_CLOSE: Final = int(Opcode.CLOSE)


class CloseCode(IntEnum):
    """RFC 6455, 7.4.1, and the later registrations in use here."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    INVALID_TEXT = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013


class FrameViolation(Exception):
    """The peer broke the protocol: close the connection with `code`, and read nothing further from it."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(f"{reason} ({code})")
        self.code = code
        self.reason = reason


class MessageReader:
    """The message that one peer is in the middle of sending.

    Holds at most `message_bytes_max` bytes. After a `FrameViolation` it must not be used again.
    """

    __slots__ = ("_fragments", "_fragments_max", "_message_bytes_max", "_opcode", "_parts")

    def __init__(self, message_bytes_max: int = MESSAGE_BYTES_MAX, fragments_max: int = FRAGMENTS_MAX) -> None:
        self._message_bytes_max = message_bytes_max
        self._fragments_max = fragments_max
        self._opcode: int | None = None  # of the message under way; None between messages
        self._parts = bytearray()
        self._fragments = 0

    def receive(self, opcode: int, payload: bytes, *, fin: bool, reserved: bool = False) -> tuple[int, bytes] | None:
        """Take one frame; return `(opcode, payload)` of the message that it completes, or None if more must come.

        Control frames pass straight through, also between the fragments of a message. `reserved` says whether any
        of RSV1 to RSV3 is set. Raises `FrameViolation`.
        """
        if reserved:
            raise FrameViolation(CloseCode.PROTOCOL_ERROR, "reserved bit set: no extension was negotiated")
        if opcode >= _CLOSE:
            return opcode, payload
        if opcode != _CONTINUATION:
            if self._opcode is not None:
                raise FrameViolation(CloseCode.PROTOCOL_ERROR, "new message inside a fragmented one")
            if fin:
                return self._complete(opcode, payload)
            self._opcode = opcode
        elif self._opcode is None:
            raise FrameViolation(CloseCode.PROTOCOL_ERROR, "continuation of nothing")
        return self._continue(payload, fin)

    def _continue(self, payload: bytes, fin: bool) -> tuple[int, bytes] | None:
        self._fragments += 1
        if self._fragments > self._fragments_max:
            raise FrameViolation(CloseCode.MESSAGE_TOO_BIG, f"message of more than {self._fragments_max} frames")
        if len(self._parts) + len(payload) > self._message_bytes_max:
            raise FrameViolation(CloseCode.MESSAGE_TOO_BIG, f"message of more than {self._message_bytes_max} bytes")
        self._parts += payload
        if not fin:
            return None
        opcode, whole = self._opcode, bytes(self._parts)
        assert opcode is not None  # set by the frame that began the message
        self._opcode = None
        self._parts = bytearray()
        self._fragments = 0
        return self._complete(opcode, whole)

    def _complete(self, opcode: int, payload: bytes) -> tuple[int, bytes]:
        if len(payload) > self._message_bytes_max:
            raise FrameViolation(CloseCode.MESSAGE_TOO_BIG, f"message of more than {self._message_bytes_max} bytes")
        if opcode == TEXT and not payload.isascii():  # the common case costs no decoding
            try:
                payload.decode()
            except UnicodeDecodeError:
                raise FrameViolation(CloseCode.INVALID_TEXT, "text is not UTF-8") from None
        return opcode, payload


def close_reply(payload: bytes) -> int:
    """The close code with which to answer a close frame (RFC 6455, 5.5.1): the peer's own, or 1000 if it gave none.

    A code that may not stand in a close frame is answered with 1002.
    """
    if not payload:
        return CloseCode.NORMAL
    code = int.from_bytes(payload[:2], "big")
    sendable = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    return code if len(payload) >= 2 and sendable else CloseCode.PROTOCOL_ERROR


def text_frame(payload: bytes) -> bytes:
    """An unmasked text frame with `payload`, as a server sends it: several joined are one write to the socket."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 1 << 16:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), payload)
