"""Every documented event decodes, encodes again, and is then the example, field by field."""

import json
from typing import Any

import msgspec
import pytest

from pitwire.protocol.codec import encode
from pitwire.protocol.events import ExecutionReport, ServerShutdown, UnknownEvent, decode_event_frame
from tests.conformance import spec

# user-data-stream.md, Conditional Fields in Execution Report: the table's fields with its examples.
CONDITIONAL_FIELDS = {
    "d": 4,
    "D": 1668680518494,
    "j": 1,
    "J": 1000000,
    "v": 3,
    "A": "3.000000",
    "B": "3.000000",
    "u": 1,
    "U": 37,
    "Cs": "BTCUSDT",
    "pl": "2.123456",
    "pL": "0.10000001",
    "pY": "0.21234562",
    "W": 1668683798379,
    "b": "ONE_PARTY_TRADE_REPORT",
    "a": 1234,
    "k": "SOR",
    "uS": True,
    "gP": "PRIMARY_PEG",
    "gOT": "PRICE_LEVEL",
    "gOV": 5,
    "gp": "1.00000000",
    "eR": "INSUFFICIENT_LIQUIDITY",
}


def round_trip(payload: dict[str, Any]) -> dict[str, Any]:
    event = decode_event_frame(json.dumps(payload).encode())
    assert not isinstance(event, UnknownEvent)
    inner = json.loads(encode(event))
    beside = {"subscriptionId": inner.pop("subscriptionId")} if "subscriptionId" in inner else {}
    return {**beside, "event": inner}


@pytest.mark.parametrize("example", spec.USER_DATA_EVENTS, ids=lambda example: example["heading"])
def test_an_example_event_survives_the_round_trip(example: dict[str, Any]) -> None:
    assert round_trip(example["payload"]) == example["payload"]


def test_every_conditional_field_of_an_execution_report_survives_the_round_trip() -> None:
    [example] = [row["payload"] for row in spec.USER_DATA_EVENTS if row["payload"]["event"]["e"] == "executionReport"]
    sent = {**example, "event": {**example["event"], **CONDITIONAL_FIELDS}}
    assert round_trip(sent) == sent


def test_the_fields_of_an_execution_report_are_the_documented_ones() -> None:
    [example] = [row["payload"] for row in spec.USER_DATA_EVENTS if row["payload"]["event"]["e"] == "executionReport"]
    documented = set(example["event"]) | set(CONDITIONAL_FIELDS)
    fields = {field.encode_name for field in msgspec.structs.fields(ExecutionReport)}
    assert fields - {"subscriptionId"} == documented - {"e"}


def test_server_shutdown_survives_the_round_trip() -> None:
    sent = {"event": {"e": "serverShutdown", "E": 1770123456789}}  # web-socket-api.md, Server Shutdown
    assert decode_event_frame(json.dumps(sent).encode()) == ServerShutdown(event_time=1770123456789)
    assert round_trip(sent) == sent
