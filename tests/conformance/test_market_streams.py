"""Every documented payload of a market stream decodes, encodes again, and is then the example, field by field."""

import json
from typing import Any

import pytest

from pitwire.protocol.codec import encode
from pitwire.protocol.market_events import decode_market_event
from pitwire.protocol.streams import Form, parse_stream
from tests.conformance import spec

FILLED_IN = {"<symbol>": "bnbbtc", "<interval>": "1m", "<levels>": "5", "<window_size>": "1h", "<window-size>": "1h"}


def form_of(row: dict[str, Any]) -> Form:
    name = row["name"].split(" OR ")[0]
    for placeholder, word in FILLED_IN.items():
        name = name.replace(placeholder, word)
    stream = parse_stream(name)
    assert stream is not None, name
    return stream.form


def examples() -> list[tuple[str, Form, Any]]:
    """The arrays' elements stand in the documentation as references to the stream of one symbol."""
    singles = {form_of(row): row["payloads"][0] for row in spec.STREAMS if not form_of(row).whole_market}
    found = []
    for row in spec.STREAMS:
        form = form_of(row)
        payload = row["payloads"][0]
        if form.whole_market:
            assert payload == [{}]
            [payload] = [[single] for other, single in singles.items() if other.text == form.text[1:-4]]
        found.append((row["heading"], form, payload))
    return found


@pytest.mark.parametrize(("heading", "form", "payload"), examples())
def test_an_example_payload_survives_the_round_trip(heading: str, form: Form, payload: Any) -> None:
    event = decode_market_event(json.dumps(payload).encode(), form)
    decoded = [json.loads(encode(each)) for each in event] if isinstance(event, tuple) else json.loads(encode(event))
    assert decoded == payload


@pytest.mark.parametrize(
    ("heading", "form", "speed"), [(r["heading"], form_of(r), r["update_speed"]) for r in spec.STREAMS]
)
def test_a_stream_has_the_documented_speed(heading: str, form: Form, speed: str) -> None:
    expected = {"Real-time": 0, "1000ms": 1000, "1000ms or 100ms": 1000}
    assert form.update_ms == expected.get(speed, 2000), heading
