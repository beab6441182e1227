"""One client's session of the WebSocket API: requests are carried out, answers and events go out."""

from functools import partial
from typing import Final

import structlog
from msgspec.structs import replace

from pitwire.exchange.gateway.admission import Admission, Requester, Unheard
from pitwire.exchange.gateway.faults import Phase
from pitwire.exchange.gateway.peer import Hub, Peer
from pitwire.exchange.gateway.responses import failure, rate_limits_field, success
from pitwire.exchange.gateway.sessions import SessionMethods
from pitwire.exchange.gateway.user_streams import UserStreams
from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import TimeUnit
from pitwire.protocol.authorization import NOBODY, Admitted
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.frames import text_frame
from pitwire.protocol.server_session import Parsed, Refused, ServerSession

REFUSALS_LOGGED_MAX: Final = 100
"""So many refused requests of one connection are logged: a flood of them shall not fill the disk."""

_log = structlog.get_logger(__name__)


class Connection(Peer):
    """A client's session over one WebSocket."""

    def __init__(
        self, hub: Hub, admission: Admission, streams: UserStreams, *, return_rate_limits: bool, unit: TimeUnit
    ) -> None:
        super().__init__(hub, admission.clock, admission.limits, unit)
        self.in_flight = 0
        self._admission = admission
        self._session = ServerSession(
            admission.keys, admission.clock.now_us(), return_rate_limits=return_rate_limits, time_unit=unit
        )
        self._methods = SessionMethods(self._session, streams, self)
        self._refusals = 0

    def ended(self) -> None:
        """Commands in the log are still executed; nobody is told."""
        self._methods.disconnect()

    def shutdown_notice(self, now_us: int) -> bytes:
        """The event that announces the end (web-socket-api.md, Server Shutdown)."""
        return text_frame(b'{"event":{"e":"serverShutdown","E":%d}}' % instant(now_us, self.unit))

    def received(self, text: bytes) -> None:
        """One request: answered, or admitted, and then the log will bring the answer."""
        parsed = self._session.read(text)
        faults = self._admission.faults
        if not faults.rules or isinstance(parsed, Refused):
            self._take(parsed)
            return
        key = self._session.key
        rule = faults.hit(Phase.RECEIVED, parsed.request.METHOD.name, NOBODY if key is None else key.account)
        faults.strike(rule, self, lambda: self._take(parsed), partial(self._answer_plainly, parsed))

    def _take(self, parsed: Parsed | Refused) -> None:
        admission = self._admission
        now_us = admission.clock.now_us()
        request = None if isinstance(parsed, Refused) else parsed.request
        too_much = admission.charge(self.address, request, self.unit, now_us)
        if too_much is not None:
            self._answer_plainly(parsed, too_much)
            admission.banned(self.address, too_much)
            return
        if isinstance(parsed, Refused):
            admission.refused(None, parsed.error)
            self._refuse(parsed, now_us)
            return
        admitted = self._session.authorize(parsed, now_us)
        if isinstance(admitted, Refused):
            if admitted.revoked:
                self._methods.log_out(now_us)
            admission.refused(request, admitted.error)
            self._refuse(admitted, now_us)
            return
        faults = admission.faults
        if not faults.rules:
            self._carry_out(admitted, self, now_us)
            return
        rule = faults.hit(Phase.ADMITTED, admitted.request.METHOD.name, admitted.account)
        if rule is not None:
            # It is on its way to the matching engine already, which does not look at recvWindow any more.
            admitted = replace(admitted, expires_us=None)
        faults.strike(
            rule,
            self,
            lambda: self._carry_out(admitted, self, admission.clock.now_us()),
            partial(self._answer_plainly, admitted),
            lambda: self._carry_out(admitted, Unheard(self), admission.clock.now_us()),
        )

    def _carry_out(self, admitted: Admitted, requester: Requester, now_us: int) -> None:
        answer = self._admission.carry_out(admitted, requester, now_us)
        if answer is not None:
            requester.answered(admitted, answer, now_us)

    def own_method(self, admitted: Admitted, now_us: int) -> bytes | WireError | None:
        """The answer to a session method."""
        if self.gone:  # a fault has held the request up for so long
            return wire_error(Code.DISCONNECTED)
        return self._methods.answer(admitted, now_us)

    def answered(self, admitted: Admitted, answer: bytes | WireError, now_us: int) -> None:
        """Queue the answer, with the counts that `rateLimits` shows beside the weight if the method places orders."""
        faults = self._admission.faults
        if not faults.rules:
            self._reply(admitted, answer, now_us)
            return
        rule = faults.hit(Phase.EXECUTED, admitted.request.METHOD.name, admitted.account)
        go_on = partial(self._reply, admitted, answer, now_us)
        faults.strike(rule, self, go_on, partial(self._answer_plainly, admitted))

    def _reply(self, admitted: Admitted, answer: bytes | WireError, now_us: int) -> None:
        counts = self._admission.unfilled_orders_of(admitted, now_us) if admitted.return_rate_limits else None
        self._answer(admitted.id, answer, admitted.return_rate_limits, now_us, counts)

    def _answer_plainly(self, asked: Parsed | Refused | Admitted, error: WireError) -> None:
        self._answer(asked.id, error, asked.return_rate_limits, self._admission.clock.now_us())

    def expired(self, admitted: Admitted, error: WireError, now_us: int) -> None:
        """Write that the command's time had passed, at once: there may be no batch that does."""
        self._answer(admitted.id, error, admitted.return_rate_limits, now_us)
        self.flush()

    def _answer(
        self,
        request_id: bytes,
        answer: bytes | WireError,
        return_rate_limits: bool,
        now_us: int,
        unfilled_orders: tuple[int, ...] | None = None,
    ) -> None:
        limits = b""
        if return_rate_limits:
            known = self._admission.limits
            used_weight = known.used_weight(self.address, now_us)
            limits = rate_limits_field(used_weight, unfilled_orders, enforced=known.enforced)
        response = (
            failure(request_id, answer, limits)
            if isinstance(answer, WireError)
            else success(request_id, answer, limits)
        )
        self.queue(text_frame(response))

    def _refuse(self, refused: Refused, now_us: int) -> None:
        self._refusals += 1
        if self._refusals <= REFUSALS_LOGGED_MAX:
            _log.warning(
                "request refused",
                address=self.address,
                id=refused.id.decode(),
                code=refused.error.code,
                reason=refused.explanation,
                last_of_this_connection=self._refusals == REFUSALS_LOGGED_MAX,
            )
        self._answer(refused.id, refused.error, refused.return_rate_limits, now_us)
