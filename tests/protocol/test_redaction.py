import pytest

from pitwire.protocol.redaction import excerpt, redacted
from pitwire.protocol.requests.auth import SessionLogon


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"apiKey":"abc","x":1}', '{"apiKey":"[redacted]","x":1}'),
        ('{"signature" : "a/b+c==", "y": "z"}', '{"signature" : "[redacted]", "y": "z"}'),
        ('{"signature":"abc\\/def+SECRET=="}', '{"signature":"[redacted]"}'),
        ('{"signature":"abc\\"SECRET","x":1}', '{"signature":"[redacted]","x":1}'),
        ('cut off: {"signature":"abc\\', 'cut off: {"signature":"[redacted]'),
        ('"{\\"apiKey\\":\\"abc\\\\/SECRET\\",\\"x\\":1}"', '"{\\"apiKey\\":\\"[redacted]\\",\\"x\\":1}"'),
        ('{"apiKey":null}', '{"apiKey":null}'),
        ('cut off: {"signature":"abc', 'cut off: {"signature":"[redacted]'),
        ('"{\\"apiKey\\":\\"abc\\"}"', '"{\\"apiKey\\":\\"[redacted]\\"}"'),
        (
            '{"a":{"secretKey":"s","b":[{"listenKey":"l"}]}}',
            '{"a":{"secretKey":"[redacted]","b":[{"listenKey":"[redacted]"}]}}',
        ),
        ('{"symbol":"apiKey"}', '{"symbol":"apiKey"}'),
    ],
)
def test_secrets_are_replaced_and_nothing_else(text: str, expected: str):
    assert redacted(text) == expected


def test_a_signed_request_shows_neither_its_key_nor_its_signature():
    text = repr(SessionLogon(api_key="KEY", signature="SIG", timestamp=1))
    assert "KEY" not in text
    assert "SIG" not in text
    assert "timestamp=1" in text
    assert "api_key=None" in repr(SessionLogon())


def test_an_excerpt_is_redacted_before_it_is_cut():
    assert excerpt(b'{"apiKey":"' + b"k" * 64 + b'"}', 20) == '{"apiKey":"[redacted...'
    assert excerpt(b"\xff\x00ok", 100) == "\\xff\x00ok"
