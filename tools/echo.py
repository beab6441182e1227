"""Echoes WebSocket messages through pitwire's own connections, for the Autobahn test suite (docs/how-to/autobahn.md).

    python tools/echo.py server PORT [--wide]    the exchange's connection, at ws://127.0.0.1:PORT
    python tools/echo.py client PORT [--wide]    the client's connection, through every case of a fuzzing server at PORT

Frames, fragments, control frames and the close handshake are handled by `exchange.gateway.peer` and by
`client.connection`, unchanged. Replaced is what they do with a message: it is sent back. Binary messages, which both
refuse because the API has none, are echoed too: many cases are made of them.

`--wide` raises the bounds to what the suite's largest cases need: messages of 16 MiB in 100,000 frames, and as much
waiting unread.
"""

import argparse
import asyncio
import itertools
from collections.abc import Callable
from typing import ClassVar, Final

from picows import WSMsgType, ws_create_server

from pitwire.client import connection as client_connection
from pitwire.exchange.app import SystemClock
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.gateway import peer as server_peer
from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.connection import Connection
from pitwire.exchange.gateway.handlers import Handlers
from pitwire.exchange.gateway.keyring import development_keyring
from pitwire.exchange.gateway.limits import AddressLimits, UnfilledOrders
from pitwire.exchange.gateway.user_streams import UserStreams
from pitwire.exchange.gateway.websocket import HANDSHAKE_S
from pitwire.exchange.log.memory import MemoryLog
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.sequencer import Sequencer
from pitwire.market.enums import TimeUnit
from pitwire.protocol.frames import FRAGMENTS_MAX, MessageReader, Opcode, text_frame
from pitwire.protocol.pending_requests import PendingRequests

HOST: Final = "127.0.0.1"
AGENT: Final = "pitwire"
CASE_S_MAX: Final = 60.0
WIDE_MESSAGE_BYTES_MAX: Final = 16 * 1024 * 1024
WIDE_FRAGMENTS_MAX: Final = 100_000


class EchoReader(MessageReader):
    """Reads binary messages as what they are and then calls them text, so that they are handed on like text."""

    __slots__ = ("_was_binary",)

    def __init__(self, message_bytes_max: int, fragments_max: int) -> None:
        super().__init__(message_bytes_max, fragments_max)
        self._was_binary = False

    def receive(self, opcode: int, payload: bytes, *, fin: bool, reserved: bool = False) -> tuple[int, bytes] | None:
        """As `MessageReader` does it, but for the opcode."""
        message = super().receive(opcode, payload, fin=fin, reserved=reserved)
        if message is None or message[0] != Opcode.BINARY:
            return message
        self._was_binary = True
        return Opcode.TEXT, message[1]

    def take_type(self) -> WSMsgType:
        """The type that the message just handed on really had."""
        was_binary, self._was_binary = self._was_binary, False
        return WSMsgType.BINARY if was_binary else WSMsgType.TEXT


class NoHub:
    """Holds no connections: each lives as long as its socket, and flushes itself after what one read brought in."""

    def opened(self, peer: server_peer.Peer) -> None:
        """Nothing to do."""

    def closed(self, peer: server_peer.Peer) -> None:
        """Nothing to do."""

    def unflushed(self, peer: server_peer.Peer) -> None:
        """Nothing to do."""


class ServerEcho(Connection):
    """The exchange's end of a connection."""

    def __init__(self, admission: Admission, *, wide: bool) -> None:
        super().__init__(NoHub(), admission, UserStreams(), return_rate_limits=False, unit=TimeUnit.MILLISECOND)
        self._wide = wide
        self._reader = self._echo_reader = EchoReader(
            WIDE_MESSAGE_BYTES_MAX if wide else server_peer.REQUEST_BYTES_MAX,
            WIDE_FRAGMENTS_MAX if wide else FRAGMENTS_MAX,
        )

    def received(self, text: bytes) -> None:
        """Send it back as what it was."""
        if self._echo_reader.take_type() is WSMsgType.TEXT:
            self.queue(text_frame(text))
        else:
            self.flush()
            self._transport.send(WSMsgType.BINARY, text)

    def _cut_off_slow_reader(self) -> None:
        if not self._wide:
            super()._cut_off_slow_reader()


class ClientEcho(client_connection.Connection):
    """The client's end of a connection. `on_message` gets what has been echoed."""

    fragments_max: ClassVar[int] = FRAGMENTS_MAX

    def __init__(
        self,
        pending: PendingRequests,
        on_message: Callable[[bytes], None],
        on_lost: Callable[[str], None],
        before_write: Callable[[], None],
    ) -> None:
        super().__init__(pending, self._echo, on_lost, before_write)
        self._reader = self._echo_reader = EchoReader(client_connection.MESSAGE_BYTES_MAX, self.fragments_max)
        self._echoed = on_message
        self._keys = itertools.count()

    def _echo(self, message: bytes) -> None:
        if self._echo_reader.take_type() is WSMsgType.TEXT:
            self.send(next(self._keys), message)
        else:
            self._transport.send(WSMsgType.BINARY, message)
        self._echoed(message)


async def serve(port: int, *, wide: bool) -> None:
    """Echo until cancelled, with the picows options of `Gateway.start`."""
    # No message is taken for a request, so nothing is carried out.
    projections, clock = Projections(), SystemClock()
    sequencer = Sequencer(MemoryLog(), Engine(), projections, clock, print)
    handlers = Handlers(projections, UnfilledOrders())
    admission = Admission(handlers, sequencer, development_keyring(), clock, AddressLimits(enforced=False))
    server = await ws_create_server(
        lambda request: ServerEcho(admission, wide=wide),
        HOST,
        port,
        enable_auto_pong=False,
        max_frame_size=WIDE_MESSAGE_BYTES_MAX if wide else server_peer.REQUEST_BYTES_MAX,
        websocket_handshake_timeout=HANDSHAKE_S,
    )
    await server.serve_forever()


async def run_cases(port: int, *, wide: bool) -> None:
    """Go through the cases of `wstest -m fuzzingserver` at `port`, and have it write its report."""
    if wide:
        ClientEcho.fragments_max = WIDE_FRAGMENTS_MAX
    url = f"ws://{HOST}:{port}"
    count = int(await echo_until_closed(f"{url}/getCaseCount"))
    for number in range(1, count + 1):
        await echo_until_closed(f"{url}/runCase?case={number}&agent={AGENT}")
    await echo_until_closed(f"{url}/updateReports?agent={AGENT}")
    print(f"{count} cases; the verdicts are in the fuzzing server's report")


async def echo_until_closed(url: str) -> bytes:
    """Connect and echo until the connection is closed, or cut it off after a minute; returns the last message."""
    last = b""

    def keep(message: bytes) -> None:
        nonlocal last
        last = message

    pending = PendingRequests(deadline_ticks=1, in_flight_max=1)
    connection = await ClientEcho.open(url, pending, keep, lambda reason: None)
    await connection.wait_closed(CASE_S_MAX)
    return last


def main() -> None:
    """Serve or dial, as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("end", choices=["server", "client"])
    parser.add_argument("port", type=int)
    parser.add_argument("--wide", action="store_true", help="raise the bounds to what the largest cases need")
    arguments = parser.parse_args()
    end = serve if arguments.end == "server" else run_cases
    asyncio.run(end(arguments.port, wide=arguments.wide))


if __name__ == "__main__":
    main()
