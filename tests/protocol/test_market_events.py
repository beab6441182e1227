from decimal import Decimal

import pytest

from pitwire.protocol.errors import ProtocolViolation
from pitwire.protocol.market_events import (
    EVENTS,
    BookTickerUpdate,
    DepthUpdate,
    decode_combined,
    decode_market_event,
)
from pitwire.protocol.streams import FORMS, StreamKind

DEPTH = b'{"e":"depthUpdate","E":1,"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","10"]],"a":[]}'


def test_every_kind_of_stream_has_its_event() -> None:
    assert set(EVENTS) == set(StreamKind)


def test_a_message_of_a_combined_stream_says_which_and_what() -> None:
    stream, event = decode_combined(b'{"stream":"bnbbtc@depth","data":' + DEPTH + b"}")
    assert (stream.symbol, stream.form.kind) == ("bnbbtc", StreamKind.DEPTH)
    assert isinstance(event, DepthUpdate)
    assert (event.first_update_id, event.last_update_id) == (157, 160)
    assert (event.bids, event.asks) == (((Decimal("0.0024"), Decimal(10)),), ())


def test_fields_that_are_not_known_are_passed_over() -> None:
    payload = b'{"u":4,"s":"BNBUSDT","b":"25.3","B":"31","a":"25.4","A":"40","new":{"x":1}}'
    event = decode_market_event(payload, FORMS["bookTicker"])
    assert isinstance(event, BookTickerUpdate)
    assert (event.update_id, event.ask_price) == (4, Decimal("25.4"))


def test_a_stream_of_the_whole_market_tells_a_tuple() -> None:
    assert decode_market_event(b"[]", FORMS["!miniTicker@arr"]) == ()


@pytest.mark.parametrize(
    "frame",
    [
        b"{",
        b'{"stream":"bnbbtc@depth"}',
        b'{"stream":"bnbbtc@new","data":{}}',
        b'{"stream":"bnbbtc@depth","data":{"e":"depthUpdate"}}',
        b'{"stream":"bnbbtc@trade","data":' + DEPTH + b"}",
    ],
)
def test_what_is_no_message_is_a_violation(frame: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode_combined(frame)


def test_levels_that_are_none_are_a_violation_when_they_are_asked_for() -> None:
    event = decode_market_event(DEPTH.replace(b'"10"', b'"ten"'), FORMS["depth"])
    assert isinstance(event, DepthUpdate)
    with pytest.raises(ProtocolViolation):
        _ = event.bids
