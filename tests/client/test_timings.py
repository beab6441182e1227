"""The latencies of a client, and what of what comes is looked at whole."""

from asyncio import Future, new_event_loop
from typing import Any

import pytest
from msgspec import Raw

from pitwire.client.timings import Timings
from pitwire.protocol.drift import LOOK_EVERY, Drift
from pitwire.protocol.errors import NotSent, OutcomeUnknown, PitwireError, ProtocolViolation
from pitwire.protocol.events import decode_event_frame
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.request_params import row_of
from pitwire.protocol.requests.general import Ping, Time
from pitwire.protocol.requests.market import Depth


def pending(request: Any, sent_ns: int = 0) -> Pending:
    waiter: Future[Any] = new_event_loop().create_future()
    return Pending(waiter, request, row_of(type(request)).decode, 0, sent_ns=sent_ns)


def test_latencies_are_kept_by_method():
    timings = Timings(lambda: 0, Drift(print))
    timings.received_ns = 1_000
    timings.answered(pending(Ping(), 400), Raw(b"{}"))
    timings.answered(pending(Ping(), 900), Raw(b"{}"))
    timings.answered(pending(Time(), 990), Raw(b'{"serverTime":1}'))
    assert {name: (each.count, each.total_ns) for name, each in timings.by_method().items()} == {
        "ping": (2, 700),
        "time": (1, 10),
    }


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(NotSent("x"), "not_sent"), (OutcomeUnknown("x"), "unknown"), (ProtocolViolation("x"), "unknown")],
)
def test_failures_are_kept_by_kind(failure: PitwireError, kind: str):
    timings = Timings(lambda: 0, Drift(print))
    timings.failed(pending(Depth(symbol="BTCUSDT")), failure)
    assert timings.failures == {("depth", kind): 1}


def test_the_first_result_of_each_method_and_one_in_many_after_it_is_looked_at_whole():
    told: list[tuple[str, str]] = []
    timings = Timings(lambda: 0, Drift(lambda *field: told.append(field)))
    for _ in range(LOOK_EVERY + 1):
        timings.answered(pending(Time()), Raw(b'{"serverTime":1,"zone":"UTC"}'))
        timings.answered(pending(Ping()), Raw(b"{}"))
    assert told == [("ServerTime", "zone")]
    assert timings.drift.by_field() == {"ServerTime.zone": 2}


@pytest.mark.parametrize("result", [b"", b"{", b"[]", b'{"serverTime":"x"}'])
def test_a_result_that_cannot_be_read_is_left_to_who_waits_for_it(result: bytes):
    timings = Timings(lambda: 0, Drift(print))
    timings.answered(pending(Time()), Raw(result))
    assert timings.drift.unknown == {}
    assert timings.by_method()["time"].count == 1


def test_the_first_event_of_each_type_and_one_in_many_after_it_is_looked_at_whole():
    timings = Timings(lambda: 0, Drift(lambda *_: None))
    shutdown = b'{"event":{"e":"serverShutdown","E":1,"why":"rest"}}'
    balance = b'{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1,"a":"BTC","d":"1","T":1,"by":"x"}}'
    unknown = b'{"event":{"e":"tomorrow","E":1}}'
    for message in (unknown, shutdown, *[balance] * (LOOK_EVERY + 1), shutdown):
        timings.took(decode_event_frame(message), message)
    assert timings.drift.by_field() == {"ServerShutdown.why": 1, "BalanceUpdate.by": 2}
