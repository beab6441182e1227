"""Every documented event decodes, encodes again, and is then the example, field by field."""

import asyncio
import json
import re
from typing import Any

import msgspec
import pytest

from pitwire.exchange.messages import Deposit, ListSymbol, LockExternally
from pitwire.market.enums import OrderType
from pitwire.protocol.codec import encode
from pitwire.protocol.events import ExecutionReport, ServerShutdown, UnknownEvent, decode_event_frame
from tests.conformance import spec
from tests.conformance.shapes import differences
from tests.exchange.gateway.venue import RULES, open_venue, units

LIST = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "belowType": "STOP_LOSS", "belowStopPrice": "40000"}

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


def conditional(difference: str) -> bool:
    """Whether it is about a field that an execution report may have or not."""
    return re.fullmatch(r"\.event\.(\w+): .*", difference)[1] in CONDITIONAL_FIELDS  # type: ignore[index]


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


async def test_each_event_has_the_shape_of_its_example_over_the_wire() -> None:
    """Orders, an order list, a deposit and a lock from outside, and the end of the subscription."""
    documented = {row["payload"]["event"]["e"]: row["payload"] for row in spec.USER_DATA_EVENTS}
    assert len(documented) == 6
    waited_for = set(documented)
    async with open_venue() as venue, venue.connect() as peer:
        rules = msgspec.structs.replace(RULES, order_types=tuple(OrderType), oco_allowed=True)
        await venue.sequencer.execute(ListSymbol(rules=rules))
        await peer.log_on("alice")
        await peer.call("userDataStream.subscribe")
        await venue.place(1, "SELL", "50000", "0.5")
        await venue.place(2, "BUY", "50000", "0.2")
        await venue.sequencer.execute(Deposit(account=1, asset="USDT", amount=units("1")))
        await venue.sequencer.execute(LockExternally(account=1, asset="USDT", amount=units("1")))
        await peer.send("orderList.place.oco", peer.stamped(LIST | {"aboveType": "LIMIT_MAKER", "abovePrice": "60000"}))
        async with asyncio.timeout(10):
            while waited_for:
                message = await peer.receive()
                if "event" in message:
                    kind = message["event"]["e"]
                    waited_for.discard(kind)
                    if waited_for == {"eventStreamTerminated"}:
                        await peer.send("userDataStream.unsubscribe")
                    example = documented[kind]
                    charged = {**example, "event": {**example["event"], "N": "BNB"}}  # "Commission asset", or null
                    shapes = (example, charged) if kind == "executionReport" else (example,)
                    found = [each for each in differences(message, *shapes) if not conditional(each)]
                    assert found == [], message
                else:
                    assert message["status"] == 200, message
