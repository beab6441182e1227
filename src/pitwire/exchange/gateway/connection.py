"""One client's WebSocket: frames in, requests carried out, answers and events out in as few writes as can be.

Answers and events queue in an outbox. It is written at the end of what one read from the socket brought in, and after
a batch of the log: one write for up to `JOINED_FRAMES_MAX` frames. Nothing waits for a slow reader: beyond
`UNREAD_BYTES_MAX` it is cut off.
"""

import asyncio
from typing import Final, Protocol

import structlog
from picows import WSFrame, WSListener, WSTransport

from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.keepalive import Due, Keepalive
from pitwire.exchange.gateway.limits import SECOND_US, Window
from pitwire.exchange.gateway.responses import failure, rate_limits_field, success, too_much
from pitwire.exchange.gateway.sessions import SessionMethods
from pitwire.exchange.gateway.user_streams import UserStreams
from pitwire.market.enums import TimeUnit
from pitwire.protocol.errors import WireError
from pitwire.protocol.frames import CloseCode, FrameViolation, MessageReader, Opcode, close_reply, text_frame
from pitwire.protocol.server_session import Admitted, Refused, ServerSession

REQUEST_BYTES_MAX: Final = 64 * 1024
"""One request; picows refuses larger frames, `MessageReader` larger messages."""
UNREAD_BYTES_MAX: Final = 8 * 1024 * 1024
"""What may wait in this process for a peer to read it. The kernel's socket buffer comes on top."""
JOINED_FRAMES_MAX: Final = 16
"""So many frames go into one write: joining them saves most of a write's cost, and then the peer sets to work on the
first answers of a batch while the rest are made. With 100 orders in flight on one connection that gave 19,000 orders a
second where writing a batch whole gave 16,500 (`python -m bench.orders`); 8 and 32 gave less."""
REFUSALS_LOGGED_MAX: Final = 100
"""So many refused requests of one connection are logged: a flood of them shall not fill the disk."""
CLOSE_S: Final = 1.0
"""How long a peer may take to answer a close frame, and to read what was written before it."""
UNCHARGED_FRAMES_PER_S_MAX: Final = 100
"""So many frames that cost no request weight are read in a second: pings, pongs, and parts of a message. Binance asks
for a pong every 20 s; a request of 64 KiB in parts of 1 KiB passes. Without a bound one client's pongs, at no cost in
weight, take all of the event loop's time from everybody else."""
MALFORMED_WEIGHT: Final = 1
"""What a frame costs that is no request."""

_log = structlog.get_logger(__name__)


class Hub(Protocol):
    """Whoever holds the connections."""

    def opened(self, connection: "Connection") -> None:
        """The handshake is done."""
        ...

    def closed(self, connection: "Connection") -> None:
        """The socket is closed."""
        ...

    def unflushed(self, connection: "Connection") -> None:
        """Frames are queued: flush after the batch under way."""
        ...


class Connection(WSListener):
    """A client's session, and what waits to be written to it."""

    def __init__(
        self, hub: Hub, admission: Admission, streams: UserStreams, *, return_rate_limits: bool, unit: TimeUnit
    ) -> None:
        now_us = admission.clock.now_us()
        self.unit = unit
        self.address = ""
        self.in_flight = 0
        self._hub = hub
        self._admission = admission
        self._session = ServerSession(admission.keys, now_us, return_rate_limits=return_rate_limits, time_unit=unit)
        self._methods = SessionMethods(self._session, streams, self)
        self._reader = MessageReader(REQUEST_BYTES_MAX)
        self._keepalive = Keepalive(now_us)
        self._uncharged_frames = Window(SECOND_US)
        self._outbox: list[bytes] = []
        self._transport: WSTransport
        self._closing = False
        self._refusals = 0

    # --- what picows calls ----------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done: only now is the peer's address known, so only now can it be refused."""
        self._transport = transport
        peer = transport.underlying_transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self._hub.opened(self)
        now_us = self._admission.clock.now_us()
        exceeded = self._admission.limits.connect(self.address, now_us)
        if exceeded is not None:
            error = too_much(exceeded, now_us, self.unit)
            _log.warning("connection refused", address=self.address, reason=error.msg)
            self.close(CloseCode.POLICY_VIOLATION, error.msg)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame. Nothing is read from a connection that is being closed, but the peer's close frame."""
        opcode = int(frame.msg_type)  # type: ignore[call-overload]  # picows' stub hides that it is an IntEnum
        if self._closing:
            if opcode == Opcode.CLOSE:
                transport.disconnect()
            elif not self._may_send_uncharged():
                self._stop_reading()
            return
        if (opcode != Opcode.TEXT or not frame.fin) and not self._may_send_uncharged():
            _log.warning("too many control frames", address=self.address, per_s_max=UNCHARGED_FRAMES_PER_S_MAX)
            self.close(CloseCode.POLICY_VIOLATION, "too many control frames, or parts of a message, in a second")
            self._stop_reading()
            return
        reserved = frame.rsv1 or frame.rsv2 or frame.rsv3
        try:
            message = self._reader.receive(opcode, frame.get_payload_as_bytes(), fin=frame.fin, reserved=reserved)
        except FrameViolation as violation:
            _log.warning("protocol violation", address=self.address, reason=violation.reason)
            self.close(violation.code, violation.reason)
            return
        if message is not None:
            opcode, payload = message
            if opcode == Opcode.TEXT:
                self._request(payload)
            elif opcode == Opcode.PING:
                transport.send_pong(payload)
                self._cut_off_slow_reader()
            elif opcode == Opcode.PONG:
                self._keepalive.ponged(payload)
            elif opcode == Opcode.CLOSE:
                self.flush()
                self._closing = True
                transport.send_close(close_reply(payload))  # type: ignore[arg-type]  # any code that may be sent
                transport.disconnect()
                self._drop_later()
                return
            else:
                self.close(CloseCode.UNSUPPORTED_DATA, "requests are sent in text frames")
                return
        if frame.last_in_buffer:
            self.flush()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is closed. Commands in the log are still executed; nobody is told."""
        self._closing = True
        self._outbox.clear()
        self._methods.disconnect()
        self._hub.closed(self)

    def pause_writing(self) -> None:
        """The peer reads slowly. `flush` looks at how far it is behind."""

    def resume_writing(self) -> None:
        """The peer has caught up."""

    # --- what the gateway calls -----------------------------------------------------------------------------------

    def queue(self, frame: bytes) -> None:
        """Have `frame` written with the next write, which comes at the latest when `JOINED_FRAMES_MAX` are queued."""
        if not self._closing:
            outbox = self._outbox
            if not outbox:
                self._hub.unflushed(self)
            outbox.append(frame)
            if len(outbox) >= JOINED_FRAMES_MAX:
                self.flush()

    def flush(self) -> None:
        """Write what is queued, at once."""
        outbox = self._outbox
        if not outbox or self._closing:
            return
        self._outbox = []
        self._transport.underlying_transport.write(outbox[0] if len(outbox) == 1 else b"".join(outbox))
        self._cut_off_slow_reader()

    def close(self, code: CloseCode, reason: str) -> None:
        """Write what is queued, then a close frame, and drop the connection when the peer answers or 1 s has passed."""
        if self._closing:
            return
        self.flush()
        self._closing = True
        self._transport.send_close(code, reason.encode()[:120])  # type: ignore[arg-type]
        self._drop_later()

    async def wait_closed(self) -> None:
        """Wait until the socket is closed. Cancelling the wait closes nothing."""
        await self._transport.wait_disconnected()

    def keep_alive(self, now_us: int) -> None:
        """Ping, or close, as the time demands."""
        if self._closing:
            return
        match self._keepalive.due(now_us):
            case Due.PING:
                payload = b"%d" % (now_us // 1000)
                self._transport.send_ping(payload)
                self._keepalive.pinged(payload, now_us)
                self._cut_off_slow_reader()
            case Due.SILENT:
                self.close(CloseCode.POLICY_VIOLATION, "no pong within a minute")
            case Due.EXPIRED:
                self.close(CloseCode.GOING_AWAY, "open for 24 hours")

    # --- requests -------------------------------------------------------------------------------------------------

    def _request(self, frame: bytes) -> None:
        admission = self._admission
        now_us = admission.clock.now_us()
        parsed = self._session.read(frame)
        weight = MALFORMED_WEIGHT if isinstance(parsed, Refused) else parsed.request.weight()
        too_much = admission.charge(self.address, weight, self.unit, now_us)
        if too_much is not None:
            self._answer(parsed.id, too_much, parsed.return_rate_limits, now_us)
            admission.banned(self.address, too_much)
            return
        if isinstance(parsed, Refused):
            self._refuse(parsed, now_us)
            return
        admitted = self._session.authorize(parsed, now_us)
        if isinstance(admitted, Refused):
            if admitted.revoked:
                self._methods.log_out(now_us)
            self._refuse(admitted, now_us)
            return
        answer = admission.carry_out(admitted, self, now_us)
        if answer is not None:
            self.answered(admitted, answer, now_us)

    @property
    def gone(self) -> bool:
        """Whether nobody is there to be answered any more."""
        return self._closing

    def own_method(self, admitted: Admitted, now_us: int) -> bytes | WireError | None:
        """The answer to a session method."""
        return self._methods.answer(admitted, now_us)

    def answered(self, admitted: Admitted, answer: bytes | WireError, now_us: int) -> None:
        """Queue the answer, with the counts that `rateLimits` shows beside the weight if the method places orders."""
        counts = self._admission.unfilled_orders_of(admitted, now_us) if admitted.return_rate_limits else None
        self._answer(admitted.id, answer, admitted.return_rate_limits, now_us, counts)

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
            limits = rate_limits_field(self._admission.limits.used_weight(self.address, now_us), unfilled_orders)
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

    def _may_send_uncharged(self) -> bool:
        """Count a frame that costs no weight; whether it is within what a second may bring."""
        now_us = self._admission.clock.now_us()
        self._uncharged_frames.add(1, now_us)
        return self._uncharged_frames.used(now_us) <= UNCHARGED_FRAMES_PER_S_MAX

    def _stop_reading(self) -> None:
        """Leave the rest in the peer's hands: to read frames only to pass them over costs as much as a flood wants."""
        if not self._transport.underlying_transport.is_closing():
            self._transport.underlying_transport.pause_reading()

    def _drop_later(self) -> None:
        """Drop the connection after 1 s, written or not: a peer that never reads would keep its buffer for ever."""
        asyncio.get_running_loop().call_later(CLOSE_S, self._transport.disconnect, False)

    def _cut_off_slow_reader(self) -> None:
        transport = self._transport.underlying_transport
        if transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
            _log.warning("slow reader cut off", address=self.address, unread_bytes_max=UNREAD_BYTES_MAX)
            self._closing = True
            transport.abort()
