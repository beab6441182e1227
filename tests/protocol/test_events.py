import pytest

from pitwire.market.enums import ExecutionType
from pitwire.protocol.codec import encode
from pitwire.protocol.errors import ProtocolViolation
from pitwire.protocol.events import (
    BalanceUpdate,
    EventStreamTerminated,
    ExecutionReport,
    ServerShutdown,
    UnknownEvent,
    decode_event,
    decode_event_frame,
)

LISTED = b'{"subscriptionId":7,"event":{"e":"balanceUpdate","E":2,"a":"BTC","d":"0.00000001","T":1}}'


def test_an_event_carries_the_subscription_that_stood_beside_it() -> None:
    event = decode_event_frame(LISTED)
    assert isinstance(event, BalanceUpdate)
    assert (event.subscription_id, event.asset, event.event_time, event.clear_time) == (7, "BTC", 2, 1)


def test_an_event_is_encoded_under_its_wire_names_in_plain_notation() -> None:
    assert encode(decode_event_frame(LISTED)) == (
        b'{"e":"balanceUpdate","E":2,"subscriptionId":7,"a":"BTC","d":"0.00000001","T":1}'
    )


def test_the_envelopes_keys_may_come_in_any_order() -> None:
    frame = b'{"event":{"E":1,"e":"eventStreamTerminated"},"subscriptionId":3}'
    assert decode_event_frame(frame) == EventStreamTerminated(event_time=1, subscription_id=3)


def test_a_connection_event_has_no_subscription() -> None:
    assert decode_event_frame(b'{"event":{"e":"serverShutdown","E":5}}') == ServerShutdown(event_time=5)


def test_what_stands_under_event_decodes_without_its_frame() -> None:
    assert decode_event(b'{"e":"serverShutdown","E":5}') == ServerShutdown(event_time=5)


def test_fields_that_do_not_exist_yet_are_ignored() -> None:
    assert decode_event(b'{"e":"serverShutdown","E":5,"why":{"deep":[1]}}') == ServerShutdown(event_time=5)


def test_an_execution_of_a_new_kind_is_still_an_execution_report() -> None:
    raw = (
        b'{"e":"executionReport","E":1,"s":"ETHBTC","c":"a","S":"BUY","o":"LIMIT","f":"GTC","q":"1","p":"1","P":"0",'
        b'"F":"0","g":-1,"C":"","x":"ADJUSTED","X":"NEW","r":"NONE","i":1,"l":"0","z":"0","L":"0","n":"0","N":null,'
        b'"T":1,"t":-1,"I":1,"w":true,"m":false,"M":false,"O":1,"Z":"0","Y":"0","Q":"0","V":"NONE"}'
    )
    report = decode_event(raw)
    assert report.execution_type == "ADJUSTED"  # type: ignore[union-attr]
    assert isinstance(report.execution_type, ExecutionType)  # type: ignore[union-attr]


def test_an_event_of_an_unknown_type_keeps_its_json() -> None:
    raw = b'{"e":"marginCall","E":1,"x":[1,2]}'
    assert decode_event(raw, 4) == UnknownEvent(type="marginCall", raw=raw, subscription_id=4)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"E":1}', "an event without a type"),
        (b'{"e":5}', "an event without a type"),
        (b"[]", "an event without a type"),
        (b"{", "not an event"),
        (b"", "not an event"),
        (b"\xff", "not an event"),
        (b'{"e":"serverShutdown","E":1,"x":' + b"[" * 100_000, "not an event"),
    ],
)
def test_what_is_no_event_is_a_violation_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(ProtocolViolation, match=reason):
        decode_event(raw)


@pytest.mark.parametrize("raw", [b'{"e":"balanceUpdate","E":1}', b'{"e":"serverShutdown","E":"soon"}'])
def test_a_known_event_that_cannot_be_read_is_handed_out_raw(raw: bytes) -> None:
    event = decode_event(raw, 4)
    assert isinstance(event, UnknownEvent)
    assert (event.raw, event.subscription_id) == (raw, 4)
    assert event.type in ("balanceUpdate", "serverShutdown")


def test_a_report_of_an_order_type_of_tomorrow_is_a_report() -> None:
    report = decode_event(
        b'{"e":"executionReport","E":1,"s":"BTCUSDT","c":"x","S":"BORROW","o":"TRAILING_STOP_MARKET","f":"GTD","q":"1",'
        b'"p":"1","P":"0","F":"0","g":-1,"C":"","x":"NEW","X":"NEW","r":"NONE","i":4,"l":"0","z":"0","L":"0","n":"0",'
        b'"N":null,"T":1,"t":-1,"I":8,"w":true,"m":false,"M":false,"O":1,"Z":"0","Y":"0","Q":"0"}'
    )
    assert isinstance(report, ExecutionReport)
    assert (report.side, report.type, report.time_in_force) == ("BORROW", "TRAILING_STOP_MARKET", "GTD")


@pytest.mark.parametrize("frame", [b"{}", b'{"id":1,"status":200}', b"[", b"", b"\xff", b'{"event":5}'])
def test_a_frame_without_an_event_is_a_violation(frame: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode_event_frame(frame)
