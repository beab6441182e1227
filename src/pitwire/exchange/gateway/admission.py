"""What every request passes, whichever shell it came by: its weight is charged, then it is carried out.

A query is answered at once. A command is charged to its account's unfilled orders and submitted; whoever asked is told
once its outcome is durable, or that its time had passed. The shells, WebSocket and REST, read requests, authorize them
and write answers; a method is carried out here, once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

import structlog

from pitwire.exchange.gateway.asking import Call
from pitwire.exchange.gateway.faults import Faults
from pitwire.exchange.gateway.handlers import Handlers, not_available
from pitwire.exchange.gateway.limits import AddressLimits
from pitwire.exchange.gateway.request_counts import MALFORMED, RequestCounts
from pitwire.exchange.gateway.responses import too_much
from pitwire.exchange.messages import Command, Outcome
from pitwire.exchange.ports import Clock
from pitwire.exchange.sequencer import NEVER_US, Expired, Halted, Overloaded, Sequencer
from pitwire.market.enums import TimeUnit
from pitwire.protocol.authorization import Admitted, KeyLookup
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.requests.base import Request

MALFORMED_WEIGHT: Final = 1
"""What it costs to send what is no request."""
IN_FLIGHT_MAX: Final = 1_000
"""Commands of one requester that the log has not answered yet."""
BANNED: Final = 418
"""The status for an address that is shut out (web-socket-api.md, Status codes)."""

_log = structlog.get_logger(__name__)


class Requester(Protocol):
    """Whoever asks: a WebSocket connection, or one REST request."""

    unit: TimeUnit
    """The unit of the timestamps in its answers."""
    in_flight: int
    """How many of its commands the log has not answered; `Admission` counts them."""

    @property
    def gone(self) -> bool:
        """Whether nobody is there to be answered any more."""
        ...

    def own_method(self, admitted: Admitted, now_us: int) -> bytes | WireError | None:
        """The answer to a method that belongs to the requester itself, such as `session.logon`; None if none does."""
        ...

    def answered(self, admitted: Admitted, answer: bytes | WireError, now_us: int) -> None:
        """The answer that the log brought. It leaves at the end of the batch, at the latest."""
        ...

    def expired(self, admitted: Admitted, error: WireError, now_us: int) -> None:
        """The command's time had passed, and it was not executed. There may be no batch whose end follows."""
        ...


class Unheard:
    """A requester that hears nothing of what becomes of its request, in the place of one that would have."""

    def __init__(self, instead_of: Requester) -> None:
        self.unit = instead_of.unit
        self.in_flight = 0
        self._own_method = instead_of.own_method

    @property
    def gone(self) -> bool:
        """Yes."""
        return True

    def own_method(self, admitted: Admitted, now_us: int) -> bytes | WireError | None:
        """As whom it stands in for."""
        return self._own_method(admitted, now_us)

    def answered(self, admitted: Admitted, answer: bytes | WireError, now_us: int) -> None:
        """Unheard."""

    def expired(self, admitted: Admitted, error: WireError, now_us: int) -> None:
        """Unheard."""


class Admission:
    """The way into one exchange, for all of its shells. Belongs to one event loop.

    From construction on it learns of outcomes from the sequencer, for the unfilled order counts.
    """

    def __init__(
        self,
        handlers: Handlers,
        sequencer: Sequencer,
        keys: KeyLookup,
        clock: Clock,
        limits: AddressLimits,
        faults: Faults | None = None,
    ) -> None:
        self.handlers = handlers
        self.sequencer = sequencer
        self.keys = keys
        self.clock = clock
        self.limits = limits
        self.faults = Faults(clock.now_us) if faults is None else faults
        """What goes wrong on purpose: nothing, unless told."""
        self.counts = RequestCounts()
        self.draining = False
        """Whether commands are refused with -1016, so that the log has an end to come to."""
        self._on_ban: list[Callable[[str], object]] = []
        sequencer.listen(handlers.unfilled_orders.observe)

    def on_ban(self, callback: Callable[[str], object]) -> None:
        """Have `callback` called with an address whenever it asks while it is shut out."""
        self._on_ban.append(callback)

    def charge(self, address: str, request: Request[Any] | None, unit: TimeUnit, now_us: int) -> WireError | None:
        """Count the weight of a request, or of what is none, or say why it is refused.

        To be called before any signature is verified: whoever is over the limit costs no more than reading a frame.
        """
        exceeded = self.limits.charge(address, MALFORMED_WEIGHT if request is None else request.weight(), now_us)
        if exceeded is None:
            return None
        error = too_much(exceeded, now_us, unit)
        self.refused(request, error)
        return error

    def refused(self, request: Request[Any] | None, error: WireError) -> None:
        """Count a request, or what is none, that is answered with `error` and not carried out."""
        self.counts.refused(MALFORMED if request is None else request.METHOD.name, error.status)

    def banned(self, address: str, error: WireError) -> None:
        """Once `error` has been answered: have every shell shut out `address`, if it says that it is banned."""
        if error.status == BANNED:
            _log.warning("address banned", address=address, reason=error.msg)
            for callback in self._on_ban:
                callback(address)

    def carry_out(self, admitted: Admitted, requester: Requester, now_us: int) -> bytes | WireError | None:
        """The answer; None if `requester` will be told it. A handler that raises is logged, and answered with -1000."""
        try:
            answer = self._carry_out(admitted, requester, now_us)
        except Exception:
            _log.exception("a handler failed", method=admitted.request.METHOD.name)
            answer = wire_error(Code.UNKNOWN)
        if answer is not None:
            self.counts.answered(admitted.request.METHOD.name, answer, self.clock.now_us() - now_us)
        return answer

    def unfilled_orders_of(self, admitted: Admitted, now_us: int) -> tuple[int, ...] | None:
        """The account's counts in each interval of `limits.ORDERS`; None if the method places no orders."""
        if not admitted.request.METHOD.unfilled_orders:
            return None
        return self.handlers.unfilled_orders.counts(admitted.account, now_us)

    def _carry_out(self, admitted: Admitted, requester: Requester, now_us: int) -> bytes | WireError | None:
        request, handlers = admitted.request, self.handlers
        command = handlers.command(request, admitted.account)
        if command is not None:
            return command if isinstance(command, WireError) else self._submit(command, admitted, requester, now_us)
        answer = handlers.query(request, Call(admitted.account, requester.unit, now_us))
        if answer is None:
            answer = requester.own_method(admitted, now_us)
        return not_available(request) if answer is None else answer

    def _submit(self, command: Command, admitted: Admitted, requester: Requester, now_us: int) -> WireError | None:
        if self.draining:
            return wire_error(Code.SERVICE_SHUTTING_DOWN)
        if requester.in_flight >= IN_FLIGHT_MAX:
            return wire_error(Code.TOO_MANY_REQUESTS)
        handlers = self.handlers
        orders = admitted.request.METHOD.unfilled_orders
        over_limit = None
        if orders:
            exceeded = handlers.unfilled_orders.charge(admitted.account, orders, now_us)
            if exceeded is not None:
                over_limit = too_much(exceeded, now_us, requester.unit)
                rest = handlers.beyond_limit(admitted.request, command)
                if rest is None:
                    return over_limit
                command = rest
        try:
            self.sequencer.submit(
                command,
                partial(self._executed, admitted, requester, over_limit, now_us),
                admitted.expires_us or NEVER_US,
            )
        except (Overloaded, Halted) as error:
            self._uncount(admitted, over_limit, now_us)
            # Not taken, so not "unknown" as a 5xx would say.
            return wire_error(Code.TOO_MANY_REQUESTS if isinstance(error, Overloaded) else Code.SERVICE_SHUTTING_DOWN)
        requester.in_flight += 1
        return None

    def _executed(
        self,
        admitted: Admitted,
        requester: Requester,
        over_limit: WireError | None,
        charged_us: int,
        outcome: Outcome | Expired,
    ) -> None:
        requester.in_flight -= 1
        if isinstance(outcome, Expired):
            self._uncount(admitted, over_limit, charged_us)
        if requester.gone:
            return
        if isinstance(outcome, Expired):  # (web-socket-api.md, Timing security)
            error = wire_error(Code.INVALID_TIMESTAMP)
            self.counts.answered(admitted.request.METHOD.name, error, outcome.time_us - charged_us)
            requester.expired(admitted, error, outcome.time_us)
            return
        try:
            answer = self.handlers.reply(admitted.request, outcome, requester.unit, over_limit)
        except Exception:
            _log.exception("a reply failed", method=admitted.request.METHOD.name, sequence=outcome.record.sequence)
            answer = wire_error(Code.UNKNOWN)
        now_us = self.clock.now_us()  # the counts' own clock, which the record's time may be behind
        self.counts.answered(admitted.request.METHOD.name, answer, now_us - charged_us)
        requester.answered(admitted, answer, now_us)

    def _uncount(self, admitted: Admitted, over_limit: WireError | None, charged_us: int) -> None:
        """Only placed orders count (faqs/order_count_decrement.md): this never reached the matching engine."""
        orders = admitted.request.METHOD.unfilled_orders
        if orders and over_limit is None:
            self.handlers.unfilled_orders.give_back(admitted.account, orders, charged_us)
