"""Asks the exchange about requests whose outcome nobody said, until each is settled."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, TypeVar

from pitwire.client.link import Say
from pitwire.client.safety.inquiry import Finding, Found, Refused, inquiry
from pitwire.client.safety.intent import Intent
from pitwire.client.safety.survey import Unseen, survey
from pitwire.client.safety.unknown_orders import UnknownOrder, UnknownOrders
from pitwire.client.server_clock import ServerClock
from pitwire.protocol.errors import (
    InvalidKey,
    OutcomeUnknown,
    PitwireError,
    ProtocolViolation,
    RateLimited,
    Rejected,
    Unauthorized,
)
from pitwire.protocol.events import ExecutionReport, decode_event_frame
from pitwire.protocol.pending_requests import Pending, Waiter
from pitwire.protocol.request_params import with_order_id
from pitwire.protocol.requests.base import Request
from pitwire.protocol.signing import Key

T = TypeVar("T")
Ask = Callable[[Request[Any], Key | None], Awaitable[Any]]
"""Sends a query over any connection there is. May be repeated at will."""


class Resolver:
    """The shell around `UnknownOrders`: a task that keeps the times, and one for each inquiry or survey."""

    def __init__(self, unknown: UnknownOrders, ask: Ask, clock: ServerClock, say: Say) -> None:
        self.unknown = unknown
        self._ask = ask
        self._clock = clock
        self._say = say
        self._wake = asyncio.Event()
        self._inquiries: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="pitwire: unknown outcomes")

    async def close(self, reason: str) -> None:
        """End: what is not settled stays unknown."""
        tasks = self._inquiries | ({self._task} if self._task is not None else set())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for unknown in self.unknown:
            self.unknown.abandon(unknown, f"{unknown.reason}; {reason}")

    def take(self, pending: Pending, failure: PitwireError) -> bool:
        """See to a request that failed with its outcome unknown."""
        request: Any = with_order_id(pending.request, pending.client_order_id)
        reason = failure.reason if isinstance(failure, OutcomeUnknown) else str(failure)
        intent = Intent(
            request=request, client_order_id=pending.client_order_id, timestamp=pending.timestamp, key=pending.key
        )
        self.add(intent, pending.waiter, reason)
        return True

    def add(self, intent: Intent, waiter: Waiter, reason: str) -> None:
        """Find out what became of `intent`, for `waiter`."""
        self._say("warning", "outcome unknown", method=intent.request.METHOD.name, order=intent.client_order_id)
        self.unknown.add(intent, waiter, reason, self._now_us(), self._server_us())
        self._wake.set()

    def connected(self) -> None:
        """There is a connection again: ask at once."""
        if self.unknown:
            self.unknown.hurry(self._now_us())
            self._wake.set()

    def hear(self, message: bytes) -> None:
        """A user data event came, as a frame."""
        if b"executionReport" not in message:
            return
        try:
            event = decode_event_frame(message)
        except ProtocolViolation:
            return
        if isinstance(event, ExecutionReport):
            self.unknown.observe(event, self._now_us())
            self._wake.set()

    def _now_us(self) -> int:
        return self._clock.local_ns() // 1000

    def _server_us(self) -> int:
        return self._clock.earliest_ns() // 1000

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now_us = self._now_us()
            for unknown in self.unknown.give_up(now_us):
                self._say("error", "outcome stays unknown", order=unknown.intent.client_order_id)
            for together in self.unknown.due_together(now_us, self._server_us()):
                self._begin(self._survey(together))
            for unknown in self.unknown.due(now_us, self._server_us()):
                self._begin(self._inquire(unknown))
            next_us = self.unknown.next_due_us()
            delay_s = None if next_us is None else max(0.0, (next_us - self._now_us()) / 1e6)
            try:
                async with asyncio.timeout(delay_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _begin(self, inquiry: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(inquiry)
        self._inquiries.add(task)
        task.add_done_callback(self._inquiries.discard)

    async def _inquire(self, unknown: UnknownOrder) -> None:
        finding: Finding | None = None
        intent = unknown.intent
        try:
            finding = await self._answered(inquiry(intent), intent.key)
        except InvalidKey as error:
            finding = self._cannot_ask(intent, error)
        finally:
            settled = self.unknown.answered(unknown, finding, self._now_us(), self._server_us())
            if settled:
                self._say("info", "outcome found", order=unknown.intent.client_order_id, finding=repr(finding)[:200])
            self._wake.set()

    async def _survey(self, together: list[UnknownOrder]) -> None:
        findings: list[Found | Refused | Unseen | None] = [None] * len(together)
        intents = [unknown.intent for unknown in together]
        try:
            seen = await self._answered(survey(intents), intents[0].key)
            if seen is not None:
                findings = [seen.finding(intent) for intent in intents]
        except InvalidKey:
            findings = [Unseen(ask_singly=True)] * len(together)
        finally:
            settled = self.unknown.surveyed(together, findings, self._now_us(), self._server_us())
            self._say("info", "outcomes found together", asked=len(together), found=settled)
            self._wake.set()

    async def _answered(self, asking: Generator[Request[Any], Any, T], key: Key | None) -> T | None:
        """What `asking` concludes from the answers to its queries; None where they were not answered."""
        try:
            query = next(asking)
            while True:
                try:
                    result = await self._ask(query, key)
                except (RateLimited, Unauthorized):
                    return None  # neither says anything of the order
                except InvalidKey:
                    raise
                except Rejected as error:
                    query = asking.throw(error)
                except PitwireError:
                    return None
                else:
                    query = asking.send(result)
        except StopIteration as end:
            concluded: T = end.value
            return concluded
        except Rejected as error:  # one that the inquiry knows nothing of
            self._say("warning", "a query about an unknown outcome was refused", error=str(error))
            return None
        finally:
            asking.close()

    def _cannot_ask(self, intent: Intent, error: PitwireError) -> Refused:
        reason = f"{intent.request.METHOD.name}: its outcome is unknown, and nobody can be asked: {error}"
        return Refused(OutcomeUnknown(reason, intent.client_order_id))
