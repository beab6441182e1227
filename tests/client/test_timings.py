"""The latencies of a client."""

from asyncio import Future, new_event_loop
from typing import Any

import pytest

from pitwire.client.timings import Timings
from pitwire.protocol.errors import NotSent, OutcomeUnknown, PitwireError, ProtocolViolation
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.requests.general import Ping, Time
from pitwire.protocol.requests.market import Depth


def pending(request: Any, sent_ns: int = 0) -> Pending:
    waiter: Future[Any] = new_event_loop().create_future()
    return Pending(waiter, request, bytes, 0, sent_ns=sent_ns)


def test_latencies_are_kept_by_method():
    timings = Timings(lambda: 0)
    timings.received_ns = 1_000
    timings.answered(pending(Ping(), 400))
    timings.answered(pending(Ping(), 900))
    timings.answered(pending(Time(), 990))
    assert {name: (each.count, each.total_ns) for name, each in timings.by_method().items()} == {
        "ping": (2, 700),
        "time": (1, 10),
    }


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(NotSent("x"), "not_sent"), (OutcomeUnknown("x"), "unknown"), (ProtocolViolation("x"), "unknown")],
)
def test_failures_are_kept_by_kind(failure: PitwireError, kind: str):
    timings = Timings(lambda: 0)
    timings.failed(pending(Depth(symbol="BTCUSDT")), failure)
    assert timings.failures == {("depth", kind): 1}
