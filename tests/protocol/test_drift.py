"""Fields that nobody documented: every example of the specification still decodes, and somebody hears of them once."""

import json
from typing import Any

import pytest
from msgspec import Raw

from pitwire.client.streams.market_stream import MarketStream
from pitwire.protocol.codec import encode
from pitwire.protocol.drift import FIELDS_MAX, Drift
from pitwire.protocol.events import decode_event_frame
from pitwire.protocol.market_events import combined_decoder
from pitwire.protocol.registry import by_name
from pitwire.protocol.request_params import row_of
from pitwire.protocol.streams import Form
from tests.client.streams.messages import trade
from tests.conformance import spec
from tests.conformance.test_market_streams import examples as stream_examples
from tests.conformance.test_responses import examples as result_examples

NEW = "aFieldOfTomorrow"


def with_new_fields(value: Any) -> Any:
    """The same, with an unknown field in each object."""
    if isinstance(value, dict):
        return {name: with_new_fields(each) for name, each in value.items()} | {NEW: {"nested": [1]}}
    if isinstance(value, list):
        return [with_new_fields(each) for each in value]
    return value


def seen(event: Any, message: Any) -> Drift:
    drift = Drift(lambda kind, field: None)
    drift.look(event, message)
    return drift


@pytest.mark.parametrize(("heading", "form", "payload"), stream_examples())
def test_a_payload_of_a_stream_with_new_fields_decodes_and_they_are_seen(
    heading: str, form: Form, payload: Any
) -> None:
    message = json.dumps({"stream": "x", "data": with_new_fields(payload)}).encode()
    event = combined_decoder(form)(message).data
    known = json.dumps({"stream": "x", "data": payload}).encode()
    assert encode(event) == encode(combined_decoder(form)(known).data)
    assert {field for _, field in seen(event, message).unknown} == {NEW}
    assert seen(event, known).unknown == {}


@pytest.mark.parametrize("example", spec.USER_DATA_EVENTS, ids=lambda example: example["heading"])
def test_a_user_data_event_with_new_fields_decodes_and_they_are_seen(example: dict[str, Any]) -> None:
    message = json.dumps(with_new_fields(example["payload"])).encode()
    known = json.dumps(example["payload"]).encode()
    event = decode_event_frame(message)
    assert encode(event) == encode(decode_event_frame(known))
    assert {field for _, field in seen(event, message).unknown} == {NEW}
    assert seen(event, known).unknown == {}


@pytest.mark.parametrize(("method", "response"), result_examples("result"))
def test_a_result_with_new_fields_decodes_and_they_are_seen_and_all_documented_ones_are_known(
    method: str, response: dict[str, Any]
) -> None:
    decode = row_of(by_name[method]).decode
    known = json.dumps(response["result"]).encode()
    whole = json.dumps(with_new_fields(response["result"])).encode()
    assert encode(decode(Raw(whole))) == encode(decode(Raw(known)))
    has_objects = known.startswith(b"{") or b"[{" in known  # a candle is an array
    seen_fields = {field for _, field in seen(decode(Raw(whole)), b'{"result":%b}' % whole).unknown}
    assert seen_fields == ({NEW} if has_objects else set())
    assert seen(decode(Raw(known)), b'{"result":%b}' % known).unknown == {}


def test_a_field_is_told_once_and_counted_each_time() -> None:
    told: list[tuple[str, str]] = []
    drift = Drift(lambda kind, field: told.append((kind, field)))
    event = combined_decoder(MarketStream.trade("BTCUSDT").form)(trade(1)).data
    for _ in range(3):
        drift.look(event, b'{"stream":"x@trade","data":{"e":"trade","Z":1}}')
    assert told == [("TradeUpdate", "Z")]
    assert drift.unknown == {("TradeUpdate", "Z"): 3}


def test_so_many_fields_are_told_apart_and_no_more() -> None:
    drift = Drift(lambda kind, field: None)
    event = decode_event_frame(b'{"event":{"e":"serverShutdown","E":1}}')
    fields = {f"f{number}": 1 for number in range(2 * FIELDS_MAX)}
    drift.look(event, json.dumps({"event": fields}).encode())
    assert len(drift.unknown) == FIELDS_MAX


@pytest.mark.parametrize("message", [b"", b"{", b"[]", b"\xff", b"1", (), None])
def test_what_is_no_object_is_passed_over(message: Any) -> None:
    assert seen(object(), message).unknown == {}
