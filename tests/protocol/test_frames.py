"""Fragments become messages, and what RFC 6455 forbids is refused with the close code that it names."""

import pytest

from pitwire.protocol.frames import CloseCode, FrameViolation, MessageReader, Opcode, close_reply, text_frame

TEXT, BINARY, MORE = Opcode.TEXT, Opcode.BINARY, Opcode.CONTINUATION


def test_an_unfragmented_message_is_returned_at_once():
    assert MessageReader().receive(TEXT, b"hello", fin=True) == (TEXT, b"hello")


def test_fragments_are_joined_and_keep_the_first_frames_type():
    reader = MessageReader()
    assert reader.receive(BINARY, b"ab", fin=False) is None
    assert reader.receive(MORE, b"", fin=False) is None
    assert reader.receive(MORE, b"cd", fin=True) == (BINARY, b"abcd")
    assert reader.receive(TEXT, b"next", fin=True) == (TEXT, b"next")


def test_control_frames_pass_between_fragments():
    reader = MessageReader()
    assert reader.receive(TEXT, b"a", fin=False) is None
    assert reader.receive(Opcode.PING, b"p", fin=True) == (Opcode.PING, b"p")
    assert reader.receive(MORE, b"b", fin=True) == (TEXT, b"ab")


def test_a_character_may_be_split_between_fragments():
    euro = "€".encode()
    reader = MessageReader()
    assert reader.receive(TEXT, euro[:1], fin=False) is None
    assert reader.receive(MORE, euro[1:], fin=True) == (TEXT, euro)


def test_binary_messages_need_not_be_utf8():
    assert MessageReader().receive(BINARY, b"\xff\xfe", fin=True) == (BINARY, b"\xff\xfe")


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(TEXT, b"x", True, True)], CloseCode.PROTOCOL_ERROR),
        ([(Opcode.PING, b"", True, True)], CloseCode.PROTOCOL_ERROR),
        ([(MORE, b"x", True, False)], CloseCode.PROTOCOL_ERROR),
        ([(TEXT, b"x", False, False), (TEXT, b"y", True, False)], CloseCode.PROTOCOL_ERROR),
        ([(TEXT, b"x", False, False), (BINARY, b"y", False, False)], CloseCode.PROTOCOL_ERROR),
        ([(TEXT, b"\xff", True, False)], CloseCode.INVALID_TEXT),
        ([(TEXT, b"\xed\xa0\x80", True, False)], CloseCode.INVALID_TEXT),  # a surrogate
        ([(TEXT, b"a", False, False), (MORE, b"\xc3", True, False)], CloseCode.INVALID_TEXT),
        ([(TEXT, b"x" * 11, True, False)], CloseCode.MESSAGE_TOO_BIG),
        ([(TEXT, b"x" * 6, False, False), (MORE, b"x" * 5, False, False)], CloseCode.MESSAGE_TOO_BIG),
        ([(TEXT, b"", False, False)] + [(MORE, b"", False, False)] * 4, CloseCode.MESSAGE_TOO_BIG),
    ],
)
def test_violations_name_their_close_code(frames, code):
    reader = MessageReader(message_bytes_max=10, fragments_max=4)
    for opcode, payload, fin, reserved in frames[:-1]:
        assert reader.receive(opcode, payload, fin=fin, reserved=reserved) is None
    opcode, payload, fin, reserved = frames[-1]
    with pytest.raises(FrameViolation) as violation:
        reader.receive(opcode, payload, fin=fin, reserved=reserved)
    assert violation.value.code == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", 1000),
        (b"\x03\xe8", 1000),
        (b"\x03\xe9bye", 1001),
        (b"\x0b\xb8", 3000),
        (b"\x03", 1002),
        (b"\x00\x00", 1002),
        (b"\x03\xed", 1002),  # 1005 must not be sent
        (b"\x13\x88", 1002),  # 5000
    ],
)
def test_a_close_is_answered_with_its_own_code_if_that_may_be_sent(payload, code):
    assert close_reply(payload) == code


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_text_frames_have_minimal_lengths(size):
    frame = text_frame(b"x" * size)
    header = frame[: len(frame) - size]
    assert header[0] == 0x81
    if size < 126:
        assert header[1:] == bytes([size])
    elif size < 65_536:
        assert header[1:] == b"\x7e" + size.to_bytes(2, "big")
    else:
        assert header[1:] == b"\x7f" + size.to_bytes(8, "big")
