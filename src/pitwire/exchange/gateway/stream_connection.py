"""One client's connection to the market streams: commands in, what the streams tell out.

Source: web-socket-streams.md, General WSS information and WebSocket Limits.
"""

import socket
from typing import ClassVar, Final

from pitwire.exchange.gateway.limits import AddressLimits
from pitwire.exchange.gateway.market_streams import MarketStreams, envelope
from pitwire.exchange.gateway.peer import Hub, Peer
from pitwire.exchange.ports import Clock
from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import TimeUnit
from pitwire.protocol.frames import text_frame
from pitwire.protocol.stream_session import StreamSession

MESSAGES_PER_S_MAX: Final = 5
"""Incoming messages, of which pings and pongs are some."""
STREAM_UNREAD_BYTES_MAX: Final = 2 * 1024 * 1024
"""What may wait in this process for a listener to read it: less than for an API session, since there are more of them,
and the streams go on whatever they do."""
KERNEL_BYTES: Final = 256 * 1024
"""The socket's own buffer, of which Linux makes twice as much. Left to itself it would be 2.5 MiB at once on loopback:
a thousand listeners that do not read would use up what a machine allows for all of TCP."""


class StreamConnection(Peer):
    """What one connection listens to, from the moment it is open."""

    unread_bytes_max: ClassVar[int] = STREAM_UNREAD_BYTES_MAX
    weight: ClassVar[int] = 0

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        limits: AddressLimits,
        streams: MarketStreams,
        session: StreamSession,
        unit: TimeUnit,
    ) -> None:
        super().__init__(hub, clock, limits, unit)
        self._streams = streams
        self._session = session
        self.envelope = envelope(unit, combined=session.combined)
        if limits.enforced:
            self._counts_messages = True
            self._counted_per_s_max = MESSAGES_PER_S_MAX
            self._too_many = f"more than {MESSAGES_PER_S_MAX} messages in a second"

    def started(self) -> None:
        """Listen to what the URL names."""
        connected = self._transport.underlying_transport.get_extra_info("socket")
        if connected is not None:  # there is none where both ends are in one process
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        for name in self._session.names:
            self._streams.add(name, self)

    def ended(self) -> None:
        """Listen to nothing any more."""
        for name in self._session.names:
            self._streams.remove(name, self)

    def shutdown_notice(self, now_us: int) -> bytes:
        """The event that announces the end (web-socket-streams.md, Server Shutdown)."""
        event = b'{"e":"serverShutdown","E":%d}' % instant(now_us, self.unit)
        return text_frame(b'{"stream":"!serverShutdown","data":%b}' % event if self._session.combined else event)

    def received(self, text: bytes) -> None:
        """One command: its answer comes before anything of a stream that it adds."""
        answered = self._session.receive(text)
        self.queue(text_frame(answered.text))
        for name in answered.removed:
            self._streams.remove(name, self)
        for name in answered.added:
            self._streams.add(name, self)
        self.envelope = envelope(self.unit, combined=self._session.combined)
