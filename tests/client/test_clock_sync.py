"""A timestamp that was refused: the clock is measured anew, and what can be sent again is."""

import asyncio
from typing import Any

import msgspec
import pytest

from pitwire.client.clock_sync import UNMEASURED_EVERY_S, ClockSync
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


async def test_a_clock_that_nobody_has_told_is_asked_for_again_soon() -> None:
    clock = ServerClock(lambda: 0)
    sync = ClockSync(clock, lambda *_: None)
    link: Any = Measured()
    link.opened_s = 100.0

    async def tick(now_s: float) -> int:
        sync.tick(link, now_s)
        await asyncio.sleep(0)
        return int(link.times)

    assert await tick(100.1) == 1, "the connection has asked, and got no answer"
    assert await tick(100.1 + UNMEASURED_EVERY_S) == 2
    clock.exchanged(0, 0, 1_700_000_000_000)
    assert await tick(100.2 + 2 * UNMEASURED_EVERY_S) == 3
    assert await tick(100.3 + 3 * UNMEASURED_EVERY_S) == 3
    await sync.close()
