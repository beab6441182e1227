"""The 48 endpoints of the REST API, as an ASGI application: a request is read, admitted, carried out and answered.

Bounds: a body of 64 KiB, which the request's deadline limits in time (`server`); 10 s for the log to answer
(rest-api.md, General API Information). An order is answered only when its record is durable, as everywhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

import structlog

from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.handlers import Handlers
from pitwire.exchange.gateway.limits import MINUTE_US, Window
from pitwire.exchange.gateway.rest.answers import Answer, limit_headers, not_found, refused, succeeded, wrong_verb
from pitwire.exchange.gateway.rest.startup import STARTUP_READERS, startup_answer
from pitwire.market.enums import TimeUnit
from pitwire.protocol.authorization import Admitted, Denied
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.parameters import ParameterError
from pitwire.protocol.requests.base import Request
from pitwire.protocol.rest import FORM, READERS, EndpointReader, Sent, admit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_BYTES_MAX: Final = 64 * 1024
ANSWER_S: Final = 10.0
"""How long a request waits for the log; then its outcome is unknown."""
REFUSALS_LOGGED_PER_MINUTE_MAX: Final = 100
"""So many refused requests are logged: a flood of them shall not fill the disk."""

_READERS: Final = {**READERS, **STARTUP_READERS}
_VERBS: Final[dict[str, list[str]]] = {}
for _verb, _path in _READERS:
    _VERBS.setdefault(_path, []).append(_verb)

_log = structlog.get_logger(__name__)


class RestApi:
    """Answers the REST API's requests. Belongs to one event loop."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._refusals = Window(MINUTE_US)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        answer = await self._answer(scope, receive)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        verb, path, address = scope["method"], scope["path"], scope["client"][0]
        headers = _Headers(scope["headers"])
        body = await _body(receive) if headers.has_body else b""
        admission = self._admission
        now_us = admission.clock.now_us()
        unit = headers.unit
        reader = _READERS.get((verb, path))
        request, problem = None, _problem(headers, body)
        if reader is not None and problem is None:
            sent = Sent(scope["query_string"], body or b"", headers.api_key, headers.is_form)
            try:
                request = reader.read(sent)
            except ParameterError as refusal:
                problem = Denied(refusal.error, f"{verb} {path}: {refusal}")
        too_much = admission.charge(address, request, unit, now_us)
        if too_much is not None:
            admission.banned(address, too_much)
            return refused(too_much, self._limits(address, now_us))
        if reader is None:
            verbs = _VERBS.get(path)
            return not_found(verb, path) if verbs is None else wrong_verb(verb, path, verbs)
        if request is None or problem is not None:
            return self._refused(None, problem or _UNEXPLAINED, address, now_us)
        admitted = admit(admission.keys, request, sent, now_us)
        if isinstance(admitted, Denied):
            denied = Denied(admitted.error, f"{verb} {path}: {admitted.explanation}")
            return self._refused(request, denied, address, now_us)
        return await self._carried_out(reader, admitted, address, unit, now_us)

    async def _carried_out(
        self, reader: EndpointReader, admitted: Admitted, address: str, unit: TimeUnit, now_us: int
    ) -> Answer:
        admission = self._admission
        asked = _Asked(unit, admission.handlers)
        answer = admission.carry_out(admitted, asked, now_us)
        if answer is None:
            answer = await asked.wait()
            now_us = admission.clock.now_us()
        headers = self._limits(address, now_us, admission.unfilled_orders_of(admitted, now_us))
        if isinstance(answer, WireError):
            return refused(answer, headers)
        return succeeded(answer[1:-1] if reader.endpoint.single else answer, headers)

    def _refused(self, request: Request[Any] | None, denied: Denied, address: str, now_us: int) -> Answer:
        self._admission.refused(request, denied.error)
        self._refusals.add(1, now_us)
        if self._refusals.used(now_us) <= REFUSALS_LOGGED_PER_MINUTE_MAX:
            _log.warning("request refused", address=address, code=int(denied.error.code), reason=denied.explanation)
        return refused(denied.error, self._limits(address, now_us))

    def _limits(self, address: str, now_us: int, orders: tuple[int, ...] | None = None) -> list[tuple[bytes, bytes]]:
        return limit_headers(self._admission.limits.used_weight(address, now_us), orders)


class _Asked:
    """One request, as `Admission` sees whoever asks."""

    in_flight = 0
    gone = False

    def __init__(self, unit: TimeUnit, handlers: Handlers) -> None:
        self.unit = unit
        self._handlers = handlers
        self._answer: asyncio.Future[bytes | WireError] | None = None

    async def wait(self) -> bytes | WireError:
        """The answer that the log brings, or that its outcome is unknown."""
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._answer
        except TimeoutError:
            self.gone = True
            return wire_error(Code.TIMEOUT)

    def own_method(self, admitted: Admitted, now_us: int) -> bytes | WireError | None:
        """The answer to what is no method, but asked for by clients that start."""
        return startup_answer(self._handlers, admitted)

    def answered(self, admitted: Admitted, answer: bytes | WireError, now_us: int) -> None:
        """End the wait."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def expired(self, admitted: Admitted, error: WireError, now_us: int) -> None:
        """End the wait."""
        self.answered(admitted, error, now_us)


class _Headers:
    """The headers that the API reads. `unit_known` is false where X-MBX-TIME-UNIT is neither of the two."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.api_key = ""
        self.unit = TimeUnit.MILLISECOND
        self.unit_known = True
        self.is_form = True
        self.has_body = False
        self.wants_json = True
        for name, value in headers:
            if name == b"x-mbx-apikey":
                self.api_key = value.decode("latin-1")
            elif name == b"x-mbx-time-unit":
                unit = value.decode("latin-1").upper()
                self.unit_known = unit in TimeUnit.__members__
                self.unit = TimeUnit(unit) if self.unit_known else self.unit
            elif name == b"content-type":
                self.is_form = value.partition(b";")[0].strip().lower() == FORM.encode()
            elif name == b"content-length" or name == b"transfer-encoding":
                self.has_body = value != b"0"
            elif name == b"accept":
                self.wants_json = b"application/sbe" not in value or b"json" in value or b"*/*" in value


_UNEXPLAINED: Final = Denied(wire_error(Code.UNKNOWN), "")


def _problem(headers: _Headers, body: bytes | None) -> Denied | None:
    if body is None:
        message = f"The request body is over {BODY_BYTES_MAX} bytes."
        error = WireError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Code.INVALID_MESSAGE, message)
        return Denied(error, message)
    if not headers.unit_known:
        return Denied(wire_error(Code.INVALID_TIME_UNIT), "X-MBX-TIME-UNIT is MILLISECOND or MICROSECOND")
    if not headers.wants_json:  # (faqs/sbe_faq.md, REST API)
        return Denied(wire_error(Code.SBE_DISABLED, status=406), "Accept asks for SBE alone")
    return None


async def _body(receive: Receive) -> bytes | None:
    """The request's body; None if it is too long, or the peer has gone before its end."""
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > BODY_BYTES_MAX:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)
