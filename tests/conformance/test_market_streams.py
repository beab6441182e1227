"""Every documented payload of a market stream decodes and encodes again; what the exchange sends has its shape."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from pitwire.exchange.messages import ListSymbol, ReportBlockTrade
from pitwire.market.reference_price import ArithmeticMean
from pitwire.protocol.codec import encode
from pitwire.protocol.market_events import decode_market_event
from pitwire.protocol.streams import Form, Stream, parse_stream
from tests.conformance import spec
from tests.conformance.shapes import differences
from tests.exchange.gateway.venue import RULES, open_venue

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


async def test_each_stream_has_the_shape_of_its_example_over_the_wire() -> None:
    documented = {Stream("" if form.whole_market else "btcusdt", form).name: payload for _, form, payload in examples()}
    waited_for = set(documented)
    assert len(waited_for) == 15
    async with open_venue() as venue, venue.streams("/stream?streams=" + "/".join(documented)) as peer:
        mean = ArithmeticMean(bucket_count=2, bucket_width_ms=1000)
        await venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(RULES, reference_price=mean)))
        for account, side, price in ((1, "BUY", "50000"), (1, "SELL", "50002"), (2, "SELL", "50000")):
            await venue.place(account, side, price, "0.5" if account == 1 else "0.2")
        block_trade = ReportBlockTrade(symbol="BTCUSDT", price=1, quantity=1, buyer_is_maker=True)
        await venue.sequencer.execute(block_trade)
        venue.clock.turn(2)
        async with asyncio.timeout(10):
            while waited_for:
                message = await peer.receive()
                name, payload = message["stream"], message["data"]
                waited_for.discard(name)
                assert differences(payload, documented[name]) == [], name
                assert list(message) == ["stream", "data"]
                stream = parse_stream(name)
                assert stream is not None
                decode_market_event(json.dumps(payload).encode(), stream.form)
