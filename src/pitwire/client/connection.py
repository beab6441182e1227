"""One WebSocket connection: messages in and out, on picows. It knows nothing of what they say.

What is sent in one turn of the event loop is joined: the first frame goes out at once, so a lone request loses no time,
and those that follow wait for the end of the turn and leave in one write. That halves the cost of a pipelined request.
"""

import asyncio
import os
import re
from collections.abc import Callable
from typing import Final

from picows import WSError, WSFrame, WSHandshakeError, WSListener, WSMsgType, WSTransport, ws_connect

from pitwire.client.ports import UnsentFrames
from pitwire.protocol.errors import NotSent
from pitwire.protocol.frames import CloseCode, FrameViolation, MessageReader, Opcode, close_reply

MESSAGE_BYTES_MAX: Final = 16 * 1024 * 1024
"""The largest message that is read: `exchangeInfo` of all symbols takes several megabytes."""
CONNECT_S_MAX: Final = 10.0
"""For name look-up, TCP and TLS together with the WebSocket handshake."""
HANDSHAKE_S_MAX: Final = 5.0
"""For the WebSocket handshake alone."""
IDLE_S_MAX: Final = 4.0
"""After this silence we ask whether the peer is still there; a server's own pings come only every 20 s."""
PONG_S_MAX: Final = 4.0
"""How long it has to answer: a connection that is half open is noticed within 8 s of its last message."""


class HandshakeRefused(NotSent):
    """The server answered the WebSocket handshake with another HTTP status; `retry_after_s` is what it asked for."""

    def __init__(self, reason: str, retry_after_s: int = 0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


_TEXT: Final = WSMsgType.TEXT
_MASK_POOL_BYTES: Final = 4096
_is_seconds: Final = re.compile("[0-9]{1,9}").fullmatch


class Connection(WSListener):
    """A connection that is open until `on_lost` is called, once, with the reason; then `wait_closed` is to be awaited.

    `on_messages` gets the text messages of each read from the socket, in order. Both are called from the event loop and
    must not raise. Frames that are not written yet are held by `pending`, so that a loss can be told from a lost
    answer. `before_write` is called before frames that were handed to `send_recorded` are written; it takes back what
    must not be (`PendingRequests.withdraw`).
    """

    def __init__(
        self,
        pending: UnsentFrames,
        on_messages: Callable[[list[bytes]], None],
        on_lost: Callable[[str], None],
        before_write: Callable[[], None],
    ) -> None:
        self._pending = pending
        self._before_write = before_write
        self._is_recorded = False  # something held waits for `before_write`
        self._on_messages = on_messages
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._reader = MessageReader(MESSAGE_BYTES_MAX)
        self._in_message = False  # the reader has fragments of one
        self._messages: list[bytes] = []  # of the read that picows goes through
        self._keep = self._messages.append
        self._mask = MaskPool()
        self._transport: WSTransport
        self._in_turn = False
        self._paused = False
        self._unanswered_ping: bytes | None = None
        self._unwanted = False  # given up by `open` before picows was done with the handshake
        self.is_open = False
        """Whether frames can be sent."""

    @classmethod
    async def open(
        cls,
        url: str,
        pending: UnsentFrames,
        on_messages: Callable[[list[bytes]], None],
        on_lost: Callable[[str], None],
        before_write: Callable[[], None] = lambda: None,
    ) -> "Connection":
        """Connect to `url`. Raises `NotSent` with the reason.

        After cancelling, a connection that is in the middle of its handshake is closed within `HANDSHAKE_S_MAX`.
        """
        connection = cls(pending, on_messages, on_lost, before_write)
        try:
            async with asyncio.timeout(CONNECT_S_MAX):
                await ws_connect(
                    lambda: connection,
                    url,
                    websocket_handshake_timeout=HANDSHAKE_S_MAX,
                    max_frame_size=MESSAGE_BYTES_MAX,
                    max_redirects=0,  # keys and signatures go where the user said, and nowhere else
                    enable_auto_pong=False,  # picows would answer without bound a peer that does not read the answers
                    enable_auto_ping=True,
                    auto_ping_idle_timeout=IDLE_S_MAX,
                    auto_ping_reply_timeout=PONG_S_MAX,
                )
        except WSHandshakeError as error:
            if error.response is None:
                raise NotSent(f"{url} refused the WebSocket handshake: {error}") from error
            retry_after = str(error.response.headers.get("Retry-After", ""))
            raise HandshakeRefused(
                f"{url} refused the WebSocket handshake: HTTP status {int(error.response.status)}",
                int(retry_after) if _is_seconds(retry_after) else 0,
            ) from error
        except TimeoutError as error:
            connection._unwanted = True
            raise NotSent(f"{url} did not accept a connection within {CONNECT_S_MAX:g} s") from error
        except (OSError, WSError) as error:
            raise NotSent(f"cannot connect to {url}: {error}{_hint(url, error)}") from error
        except BaseException:
            connection._unwanted = True
            raise
        if not connection.is_open:  # picows returns even where the socket is closed before the HTTP head is whole
            raise NotSent(f"{url} closed the connection during the WebSocket handshake")
        return connection

    # --- out --------------------------------------------------------------------------------------------------------

    def send(self, key: object, frame: bytes) -> None:
        """Send a request's frame: at once, or joined with the others of this turn of the event loop.

        While the peer does not read (more than picows' 64 KiB wait in the socket's buffer) frames are held instead.
        """
        if self._in_turn:
            self._pending.hold(key, frame)
        else:
            self._in_turn = True
            self._transport.send(_TEXT, frame)
            self._loop.call_soon(self._end_turn)

    def send_recorded(self, key: object, frame: bytes) -> None:
        """Send a request's frame at the end of this turn of the event loop, after a call of `before_write`."""
        self._pending.hold(key, frame)
        self._is_recorded = True
        if not self._in_turn:
            self._in_turn = True
            self._loop.call_soon(self._end_turn)

    def _end_turn(self) -> None:
        if self._paused or not self.is_open:
            return  # `resume_writing` comes back to it; what a closing connection holds ends with it
        self._in_turn = False
        if self._is_recorded:
            self._is_recorded = False
            self._before_write()
        if not self._pending.held:
            return
        frames = self._pending.release()
        if len(frames) == 1:
            self._transport.send(_TEXT, frames[0])
        else:
            masked = self._mask.text_frame
            self._transport.underlying_transport.write(b"".join([masked(frame) for frame in frames]))

    def pause_writing(self) -> None:
        """Called by picows: the peer does not read what we write."""
        self._paused = self._in_turn = True

    def resume_writing(self) -> None:
        """Called by picows: the peer reads again. What nobody waits for any longer is not sent."""
        self._paused = False
        if self._unanswered_ping is not None and self.is_open:
            self._answer_ping(self._unanswered_ping)
            self._unanswered_ping = None
        self._pending.withdraw_abandoned()
        self._end_turn()

    # --- in ---------------------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Called by picows after the handshake."""
        self._transport = transport
        if self._unwanted:
            transport.disconnect(graceful=False)
        else:
            self.is_open = True

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Called by picows with each frame."""
        if frame.msg_type is _TEXT and frame.fin and not self._in_message:
            payload = frame.get_payload_as_bytes()
            if payload.isascii() and not (frame.rsv1 or frame.rsv2 or frame.rsv3):
                self._keep(payload)  # what nearly every frame is: a whole message, its text plainly valid
                if frame.last_in_buffer:
                    self._hand_over()
                return
        if self.is_open:
            self._on_other_frame(frame)
        if frame.last_in_buffer:
            self._hand_over()

    def is_user_specific_pong(self, frame: WSFrame) -> bool:
        """Called by picows while it waits for a pong: that one does not come to `on_ws_frame`."""
        is_pong: bool = frame.msg_type is WSMsgType.PONG
        if is_pong and frame.last_in_buffer:
            self._hand_over()
        return is_pong

    def _hand_over(self) -> None:
        messages = self._messages[:]
        if messages:
            self._messages.clear()
            if self.is_open:
                self._on_messages(messages)

    def _on_other_frame(self, frame: WSFrame) -> None:
        try:
            message = self._reader.receive(
                frame.msg_type,  # type: ignore[arg-type]  # an IntEnum, whatever picows' stub says
                frame.get_payload_as_bytes(),
                fin=frame.fin,
                reserved=frame.rsv1 or frame.rsv2 or frame.rsv3,
            )
        except FrameViolation as violation:
            self._close(violation.code, violation.reason, f"the server broke the WebSocket protocol: {violation}")
            return
        if message is None:
            self._in_message = True
            return
        opcode, payload = message
        if opcode < Opcode.CLOSE:
            self._in_message = False
        if opcode == Opcode.TEXT:
            self._keep(payload)
        elif opcode == Opcode.PING:
            self._answer_ping(payload)
        elif opcode == Opcode.CLOSE:
            code = close_reply(payload)
            words = payload[2:].decode("utf-8", "replace")
            self._close(code, "", f"the server closed the connection ({code}{' ' + words if words else ''})")
        elif opcode == Opcode.BINARY:
            self._close(CloseCode.UNSUPPORTED_DATA, "text only", "the server sent a binary message")

    def _answer_ping(self, payload: bytes) -> None:
        if self._paused:
            self._unanswered_ping = payload  # the newest is enough (RFC 6455, 5.5.2)
        else:
            self._transport.send_pong(payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Called by picows when the socket is closed, by whomever."""
        self._hand_over()
        was_open, self.is_open = self.is_open, False
        if was_open:
            self._on_lost("the connection was lost")

    # --- the end ----------------------------------------------------------------------------------------------------

    def close(self, reason: str) -> None:
        """Say goodbye and close: calls `on_lost`. Without effect on a connection that is not open.

        The socket closes when the peer has read what is on its way to it, or by `wait_closed`.
        """
        if self.is_open:
            self._close(CloseCode.NORMAL, "", reason)

    async def wait_closed(self, seconds_max: float) -> None:
        """Wait until the socket is closed; after `seconds_max` cut it off."""
        try:
            async with asyncio.timeout(seconds_max):
                await self._transport.wait_disconnected()
        except TimeoutError:
            self._transport.disconnect(graceful=False)
        except WSError:
            pass  # picows hands over here what it closed the connection for; `on_lost` has had it

    def _close(self, code: int, words: str, reason: str) -> None:
        self._hand_over()
        if not self.is_open:
            return  # what was handed over closed it
        self.is_open = False
        self._in_turn = True  # what is sent from now on is held, and ends as not sent
        self._transport.send_close(code, words.encode())  # type: ignore[arg-type]  # picows takes any code
        self._transport.disconnect()
        self._on_lost(reason)  # now: a peer that does not read keeps the socket open for as long as it likes


def _hint(url: str, error: Exception) -> str:
    refused_here = isinstance(error, ConnectionRefusedError) and "//127.0.0.1:" in url
    return "; is it running? `pitwire exchange` starts one" if refused_here else ""


class MaskPool:
    """Masking keys for frames that are joined by hand (RFC 6455, 5.3), from entropy fetched in pieces of 4 kB."""

    def __init__(self) -> None:
        self._pool = b""
        self._next = 0

    def text_frame(self, payload: bytes) -> bytes:
        """A masked text frame. One exclusive or of two long integers masks 300 bytes in 0.5 us."""
        start = self._next
        if start >= len(self._pool):
            self._pool = os.urandom(_MASK_POOL_BYTES)
            start = 0
        self._next = start + 4
        mask = self._pool[start : self._next]
        size = len(payload)
        stretched = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
        masked = (int.from_bytes(payload, "little") ^ stretched).to_bytes(size, "little")
        if size < 126:
            return b"\x81%c%b%b" % (0x80 | size, mask, masked)
        if size < 1 << 16:
            return b"\x81\xfe%b%b%b" % (size.to_bytes(2, "big"), mask, masked)
        return b"\x81\xff%b%b%b" % (size.to_bytes(8, "big"), mask, masked)
