"""A timestamp that was refused: the clock is measured anew, and what can be sent again is."""

import asyncio
from typing import Any

import msgspec
import pytest

from pitwire.client.clock_sync import ClockSync
from pitwire.client.server_clock import ServerClock
from pitwire.protocol.errors import Code, InvalidTimestamp
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.requests.account import AccountStatus
from pitwire.protocol.requests.auth import SessionLogon
from pitwire.protocol.requests.user_stream import UserDataStreamSubscribeSignature

REFUSAL = InvalidTimestamp(400, Code.INVALID_TIMESTAMP, "Timestamp for this request was 1000ms ahead.")


class Measured:
    """A connection that only its clock is of interest of."""

    def __init__(self) -> None:
        self.times = 0

    async def measure_clock(self) -> None:
        self.times += 1


def waiting(request: Any, *, changes_session: bool) -> Pending:
    future = asyncio.get_running_loop().create_future()
    return Pending(future, request, msgspec.json.decode, 1, changes_session=changes_session)


@pytest.mark.parametrize(
    ("request_", "changes_session", "measured", "sent_again"),
    [
        (AccountStatus(), False, 1, 1),
        (UserDataStreamSubscribeSignature(), True, 1, 0),  # or else the next attempt would be refused as well
        (SessionLogon(), True, 0, 0),  # its connection measures the clock itself
    ],
    ids=["a request", "a subscription", "a logon"],
)
async def test_a_refused_timestamp_has_the_clock_measured(
    request_: Any, changes_session: bool, measured: int, sent_again: int
) -> None:
    again: list[Pending] = []
    sync = ClockSync(ServerClock(lambda: 0), lambda pending, _: again.append(pending))
    link: Any = Measured()
    pending = waiting(request_, changes_session=changes_session)
    assert sync.refused(link, pending, REFUSAL) is bool(sent_again)
    for _ in range(3):
        await asyncio.sleep(0)
    assert (link.times, len(again)) == (measured, sent_again)
    await sync.close()
