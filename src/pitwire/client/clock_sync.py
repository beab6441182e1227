"""Keeps the estimate of the server's time fresh, and answers a timestamp that was refused with a new one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pitwire.client.link import Link
from pitwire.client.server_clock import ServerClock
from pitwire.protocol.errors import PitwireError
from pitwire.protocol.pending_requests import Pending
from pitwire.protocol.requests.auth import SessionLogon

EVERY_S: Final = 60.0
"""How often the server is asked for its time."""
UNMEASURED_EVERY_S: Final = 5.0
"""The same, as long as it has not said it: until then nothing that happened can be told from what never will."""


class ClockSync:
    """The measurements of one client: one at a time, and the requests that wait for one.

    A request that is refused for its timestamp (-1021) was not carried out. So sending it once more, stamped by the
    clock as it was measured anew, does nothing twice.
    """

    def __init__(self, clock: ServerClock, send_again: Callable[[Pending, PitwireError], None]) -> None:
        self._clock = clock
        self._send_again = send_again
        self._due_s = 0.0
        self._refused: list[tuple[Pending, PitwireError]] = []
        self._retried: set[int] = set()  # the waiters of requests that were sent again and are not settled yet
        self._measuring: asyncio.Task[None] | None = None

    def tick(self, link: Link, now_s: float) -> None:
        """Time has passed."""
        if now_s >= self._due_s:
            is_measured = self._clock.is_measured
            self._due_s = now_s + (EVERY_S if is_measured else UNMEASURED_EVERY_S)
            if not is_measured or link.opened_s < now_s - 1.0:  # else it was measured when it was opened
                self._measure(link)

    def refused(self, link: Link, pending: Pending, failure: PitwireError) -> bool:
        """`pending` was refused for its timestamp; whether it will be sent again."""
        if not pending.timestamp_is_ours or isinstance(pending.request, SessionLogon):
            return False  # for a logon its connection has measured the clock already
        waiter = pending.waiter
        if pending.chosen_id or pending.changes_session or not isinstance(waiter, asyncio.Future):
            self._measure_anew(link)  # so that the next one of its kind is not refused
            return False
        number = id(waiter)
        if number in self._retried:
            return False
        self._retried.add(number)
        waiter.add_done_callback(lambda _: self._retried.discard(number))
        self._refused.append((pending, failure))
        self._measure_anew(link)
        return True

    async def close(self) -> None:
        """End; what waits for a measurement gets its refusal."""
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.wait({self._measuring})
        for pending, failure in self._refused:
            if not pending.waiter.done():
                pending.waiter.set_exception(failure)
        self._refused.clear()

    def _measure_anew(self, link: Link) -> None:
        if self._measuring is None or self._measuring.done():
            self._clock.forget()
            self._measure(link)

    def _measure(self, link: Link) -> None:
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.create_task(self._measure_once(link), name="pitwire: the server's time")

    async def _measure_once(self, link: Link) -> None:
        with suppress(PitwireError):  # lost meanwhile: the next connection measures it when it is opened
            await link.measure_clock()
        refused, self._refused = self._refused, []
        for pending, failure in refused:
            if not pending.waiter.done():
                self._send_again(pending, failure)
