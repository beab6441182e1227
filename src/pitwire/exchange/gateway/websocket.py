"""The WebSocket server, on picows, of API and streams: it accepts connections, holds them, and ends them.

Bounds: 10,000 connections, or what the limit of open files leaves; a handshake of 5 s; and those of `Peer` for
each of them.
"""

import asyncio
import ipaddress
from functools import partial
from typing import Final

import msgspec
import structlog
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

from pitwire.exchange.gateway.admission import Admission
from pitwire.exchange.gateway.connection import Connection
from pitwire.exchange.gateway.handshake import ApiUrl, StreamsUrl, route
from pitwire.exchange.gateway.keepalive import PING_EVERY_US
from pitwire.exchange.gateway.listening import CannotListen, connections_max, listeners
from pitwire.exchange.gateway.market_streams import MarketStreams
from pitwire.exchange.gateway.peer import CLOSE_S, REQUEST_BYTES_MAX, Peer
from pitwire.exchange.gateway.stream_connection import StreamConnection
from pitwire.exchange.gateway.user_streams import UserStreams
from pitwire.exchange.projections.feeds.opening import open_feed
from pitwire.protocol.errors import WireError
from pitwire.protocol.frames import CloseCode

HANDSHAKE_S: Final = 5.0
DRAIN_S: Final = 10.0
"""How long a stop waits for the log to answer what it was given."""
TICK_S: Final = 1.0
"""How often pings and overdue pongs are looked after at most; seldomer while none is due."""

_log = structlog.get_logger(__name__)


class PublishedKeysExposed(ValueError):
    """The exchange knows keys that anybody can sign with, and was to be reachable from other machines."""


class Gateway:
    """The WebSocket connections of one exchange. Belongs to one event loop.

    From construction on it learns of outcomes from the sequencer, for user data and market streams. `published` says
    that the exchange accepts keys whose secrets anybody can read.
    """

    def __init__(self, admission: Admission, *, published: bool) -> None:
        self._admission = admission
        self._streams = UserStreams(admission.faults)
        self._published = published
        self._connections: dict[Peer, None] = {}  # in the order in which they opened
        self._unflushed: dict[Peer, None] = {}  # in the order in which they got something
        self._servers: list[asyncio.Server] = []
        self._timer: asyncio.TimerHandle | None = None
        self.market_streams = MarketStreams(
            partial(open_feed, admission.handlers.projections), admission.clock, self.flush
        )
        admission.on_ban(self._disconnect_banned)
        admission.sequencer.listen(self._streams.publish)
        admission.sequencer.listen(self.market_streams.publish)
        admission.sequencer.after_batch(self.flush)

    async def start(self, host: str, port: int) -> int:
        """Listen; the port, which is a free one if `port` is 0.

        Raises `PublishedKeysExposed` when the keys are the published ones and `host` is not this machine's loopback,
        and `CannotListen` when the port is taken.
        """
        if self._published and not _is_loopback(host):
            raise PublishedKeysExposed(
                f"refusing to listen on {host!r}: this exchange accepts the published development keys, with which"
                " anybody can trade; listen on 127.0.0.1"
            )
        try:
            sockets = await listeners(host, port, connections_max())
        except OSError as error:
            raise CannotListen(error, "--ws-port") from error
        for listener in sockets:
            server = await ws_create_server(
                self._upgrade,
                sock=listener,
                enable_auto_pong=False,
                max_frame_size=REQUEST_BYTES_MAX,
                websocket_handshake_timeout=HANDSHAKE_S,
            )
            self._servers.append(server)
        self._tick()
        bound: int = sockets[0].getsockname()[1]
        return bound

    async def stop(self, lead_s: float = 0.0) -> None:
        """Tell every connection of the shutdown, leave it `lead_s` seconds, answer what is in the log, and close.

        From the end of `lead_s` on commands are refused with -1016, while those submitted before are answered.
        Takes at most `lead_s`, 10 s for the log and 2 s for the peers. When cancelled, connections stay open.
        """
        if not self._servers:
            return
        self._accept_nobody()
        now_us = self._admission.clock.now_us()
        for connection in self._connections:
            connection.queue(connection.shutdown_notice(now_us))
        self.flush()
        if lead_s > 0:
            await asyncio.sleep(lead_s)
        self._admission.draining = True
        try:
            await asyncio.wait_for(self._admission.sequencer.drain(), DRAIN_S)
        except TimeoutError:
            _log.warning("requests were left unanswered: the log did not finish in time", waited_s=DRAIN_S)
        await self.close(CloseCode.GOING_AWAY, "server shutdown")

    async def close(self, code: CloseCode, reason: str) -> None:
        """Accept nobody, and close every connection, whatever is unanswered. Takes at most 2 s."""
        self._accept_nobody()
        self._servers.clear()
        self.market_streams.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        ended = [asyncio.ensure_future(connection.wait_closed()) for connection in self._connections]
        for connection in list(self._connections):
            connection.close(code, reason)
        if ended:
            await asyncio.wait(ended, timeout=CLOSE_S + 1.0)

    def connections(self) -> dict[str, int]:
        """How many connections are open, by what they are for."""
        streams = sum(isinstance(each, StreamConnection) for each in self._connections)
        return {"websocket_api": len(self._connections) - streams, "streams": streams}

    def receivers(self) -> dict[str, int]:
        """How many subscriptions there are, by kind."""
        return {"user_data": self._streams.receivers, "market": self.market_streams.receivers}

    def flush(self) -> None:
        """Write what is queued on any connection."""
        unflushed, self._unflushed = self._unflushed, {}
        for connection in unflushed:
            connection.flush()

    # --- what connections call ------------------------------------------------------------------------------------

    def opened(self, peer: Peer) -> None:
        """Hold `peer`."""
        self._connections[peer] = None

    def closed(self, peer: Peer) -> None:
        """Let go of `peer`."""
        self._connections.pop(peer, None)
        self._unflushed.pop(peer, None)

    def unflushed(self, peer: Peer) -> None:
        """Flush `peer` after the batch under way."""
        self._unflushed[peer] = None

    def _disconnect_banned(self, address: str) -> None:
        for connection in list(self._connections):
            if connection.address == address:
                connection.close(CloseCode.POLICY_VIOLATION, "banned")

    def _upgrade(self, request: WSUpgradeRequest) -> Peer | WSUpgradeResponseWithListener | None:
        """Routes a handshake. None is answered with 404."""
        admission = self._admission
        match route(request.path):
            case ApiUrl(unit, return_rate_limits):
                return Connection(self, admission, self._streams, return_rate_limits=return_rate_limits, unit=unit)
            case StreamsUrl(unit, session):
                return StreamConnection(self, admission.clock, admission.limits, self.market_streams, session, unit)
            case WireError() as error:
                return _refuse_upgrade(error)
            case None:
                return None

    def _accept_nobody(self) -> None:
        for server in self._servers:
            server.close()

    def _tick(self) -> None:
        now_us = self._admission.clock.now_us()
        # A connection that opens meanwhile has its first ping due no earlier than this.
        next_us = now_us + PING_EVERY_US
        for connection in list(self._connections):
            next_us = min(next_us, connection.keep_alive(now_us))
        wait_s = max(TICK_S, (next_us - now_us) / 1e6)
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._tick)


def _refuse_upgrade(error: WireError) -> WSUpgradeResponseWithListener:
    body = msgspec.json.encode(error.body)
    response = WSUpgradeResponse.create_error_response(error.status, body, {"Content-Type": "application/json"})
    return WSUpgradeResponseWithListener(response, None)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
