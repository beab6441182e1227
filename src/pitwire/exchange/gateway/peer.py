"""One peer's WebSocket, whatever is spoken over it: whole messages in, an outbox out, pings, and an end.

What is to be sent queues in the outbox. It is written at the end of what one read from the socket brought in, and
after a batch of the log: one write for up to `JOINED_FRAMES_MAX` frames. Nothing waits for a slow reader: beyond
`unread_bytes_max` it is cut off.
"""

import asyncio
from typing import ClassVar, Final, Protocol

import structlog
from picows import WSFrame, WSListener, WSTransport

from pitwire.exchange.gateway.keepalive import PING_EVERY_US, Due, Keepalive
from pitwire.exchange.gateway.limits import CONNECTION_WEIGHT, SECOND_US, AddressLimits, Window
from pitwire.exchange.gateway.responses import too_much
from pitwire.exchange.ports import Clock
from pitwire.market.enums import TimeUnit
from pitwire.protocol.frames import TEXT, CloseCode, FrameViolation, MessageReader, Opcode, close_reply

REQUEST_BYTES_MAX: Final = 64 * 1024
"""One request; picows refuses larger frames, `MessageReader` larger messages."""
UNREAD_BYTES_MAX: Final = 8 * 1024 * 1024
"""What may wait in this process for a peer to read it. The kernel's socket buffer comes on top."""
JOINED_FRAMES_MAX: Final = 16
"""So many frames go into one write: joining them saves most of a write's cost, and then the peer sets to work on the
first answers of a batch while the rest are made. With 100 orders in flight on one connection that gave 19,000 orders a
second where writing a batch whole gave 16,500 (`python -m bench.orders`); 8 and 32 gave less."""
CLOSE_S: Final = 1.0
"""How long a peer may take to answer a close frame, and to read what was written before it."""
SILENT_S: Final = 120.0
"""How long a connection stays open that was told to fall silent."""
UNCHARGED_FRAMES_PER_S_MAX: Final = 100
"""So many frames that cost no request weight are read in a second: pings, pongs, and parts of a message. Binance asks
for a pong every 20 s; a request of 64 KiB in parts of 1 KiB passes. Without a bound one client's pongs, at no cost in
weight, take all of the event loop's time from everybody else."""

_log = structlog.get_logger(__name__)


class Hub(Protocol):
    """Whoever holds the connections."""

    def opened(self, peer: "Peer") -> None:
        """The handshake is done."""
        ...

    def closed(self, peer: "Peer") -> None:
        """The socket is closed."""
        ...

    def unflushed(self, peer: "Peer") -> None:
        """Frames are queued: flush after the batch under way."""
        ...


class Peer(WSListener):
    """What waits to be written to one peer. A subclass says what a message means, and what the peer's end does."""

    unread_bytes_max: ClassVar[int] = UNREAD_BYTES_MAX
    weight: ClassVar[int] = CONNECTION_WEIGHT
    """The request weight that connecting costs."""

    def __init__(self, hub: Hub, clock: Clock, limits: AddressLimits, unit: TimeUnit) -> None:
        now_us = clock.now_us()
        self.unit = unit
        self.address = ""
        self._hub = hub
        self._clock = clock
        self._limits = limits
        self._reader = MessageReader(REQUEST_BYTES_MAX)
        self._keepalive = Keepalive(now_us)
        self._counted_frames = Window(SECOND_US)
        self._counted_per_s_max = UNCHARGED_FRAMES_PER_S_MAX
        self._counts_messages = False
        """Whether a whole message is counted too, as it is where no request weight is charged for it."""
        self._too_many = "too many control frames, or parts of a message, in a second"
        self._outbox: list[bytes] = []
        self._transport: WSTransport
        self._closing = False
        self._silent = False

    # --- what a subclass says -------------------------------------------------------------------------------------

    def started(self) -> None:
        """The peer may begin."""

    def received(self, text: bytes) -> None:
        """A text message came."""
        raise NotImplementedError

    def ended(self) -> None:
        """The socket is closed: nothing can be sent any more, and nothing will come."""
        raise NotImplementedError

    def shutdown_notice(self, now_us: int) -> bytes:
        """The frame that says that the exchange is about to stop."""
        raise NotImplementedError

    # --- what picows calls ----------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done: only now is the peer's address known, so only now can it be refused."""
        self._transport = transport
        peer = transport.underlying_transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self._hub.opened(self)
        now_us = self._clock.now_us()
        exceeded = self._limits.connect(self.address, now_us, self.weight)
        if exceeded is not None:
            error = too_much(exceeded, now_us, self.unit)
            _log.warning("connection refused", address=self.address, reason=error.msg)
            self.close(CloseCode.POLICY_VIOLATION, error.msg)
            return
        self.started()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame. Nothing is read from a connection that is being closed, but the peer's close frame."""
        opcode = int(frame.msg_type)  # type: ignore[call-overload]  # picows' stub hides that it is an IntEnum
        if self._closing:
            if opcode == Opcode.CLOSE:
                transport.disconnect()
            elif not self._may_send_counted():
                self._stop_reading()
            return
        counted = opcode != TEXT or not frame.fin or self._counts_messages
        if counted and not self._may_send_counted():
            _log.warning("too many frames", address=self.address, per_s_max=self._counted_per_s_max)
            self.close(CloseCode.POLICY_VIOLATION, self._too_many)
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
            if opcode == TEXT:
                self.received(payload)
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
        """The socket is closed."""
        self._closing = True
        self._outbox.clear()
        self.ended()
        self._hub.closed(self)

    def pause_writing(self) -> None:
        """The peer reads slowly. `flush` looks at how far it is behind."""

    def resume_writing(self) -> None:
        """The peer has caught up."""

    # --- what the gateway calls -----------------------------------------------------------------------------------

    @property
    def gone(self) -> bool:
        """Whether nobody is there to be told anything any more."""
        return self._closing

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
            if self._silent:
                self._transport.disconnect(False)
            return
        self.flush()
        self._closing = True
        self._transport.send_close(code, reason.encode()[:120])  # type: ignore[arg-type]
        self._drop_later()

    def cut(self, last_words: bytes = b"") -> None:
        """End the connection at once: what is queued is lost, and `last_words` is the last that is written."""
        if not self._closing:
            self._closing = True
            self._outbox.clear()
            transport = self._transport.underlying_transport
            if last_words:
                transport.write(last_words)
            transport.abort()

    def fall_silent(self) -> None:
        """Read nothing more and write nothing more, and leave the socket open: as a half-open connection.

        It is dropped after `SILENT_S`, since nothing of its end is ever read.
        """
        if not self._closing:
            self._closing = self._silent = True
            self._outbox.clear()
            self._stop_reading()
            asyncio.get_running_loop().call_later(SILENT_S, self._transport.disconnect, False)

    def announce_shutdown(self, lead_s: float) -> None:
        """Say that the exchange is about to stop, and close after `lead_s`."""
        self.queue(self.shutdown_notice(self._clock.now_us()))
        self.flush()
        loop = asyncio.get_running_loop()
        loop.call_later(lead_s, self.close, CloseCode.GOING_AWAY, "server shutdown")

    async def wait_closed(self) -> None:
        """Wait until the socket is closed. Cancelling the wait closes nothing."""
        await self._transport.wait_disconnected()

    def keep_alive(self, now_us: int) -> int:
        """Ping, or close, as the time demands. Returns when to do so again."""
        if self._closing:
            return now_us + PING_EVERY_US
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
        return self._keepalive.next_us()

    def _may_send_counted(self) -> bool:
        """Count a frame; whether it is within what a second may bring."""
        now_us = self._clock.now_us()
        self._counted_frames.add(1, now_us)
        return self._counted_frames.used(now_us) <= self._counted_per_s_max

    def _stop_reading(self) -> None:
        """Leave the rest in the peer's hands: to read frames only to pass them over costs as much as a flood wants."""
        if not self._transport.underlying_transport.is_closing():
            self._transport.underlying_transport.pause_reading()

    def _drop_later(self) -> None:
        """Drop the connection after 1 s, written or not: a peer that never reads would keep its buffer for ever."""
        asyncio.get_running_loop().call_later(CLOSE_S, self._transport.disconnect, False)

    def _cut_off_slow_reader(self) -> None:
        transport = self._transport.underlying_transport
        if transport.get_write_buffer_size() > self.unread_bytes_max:
            _log.warning("slow reader cut off", address=self.address, unread_bytes_max=self.unread_bytes_max)
            self._closing = True
            transport.abort()
