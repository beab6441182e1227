"""One connection to the market streams: what it is subscribed to, and whether what it brings is handed out.

Source: web-socket-streams.md, Live Subscribing/Unsubscribing to streams and WebSocket Limits.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, UnsetType

from pitwire.client.limits.sliding_window import STREAM_MESSAGES_MAX, STREAM_MESSAGES_US, SlidingWindow
from pitwire.client.link import CLOSE_S_MAX, Say
from pitwire.client.ports import OpenTransport, Transport
from pitwire.client.streams.cursor import Cursor, Seam
from pitwire.client.streams.route import Put, Route
from pitwire.protocol.errors import NotSent, PitwireError
from pitwire.protocol.redaction import redacted

COMMANDS_MAX: Final = STREAM_MESSAGES_MAX - 3
"""In a second. A ping of ours and a pong count too, and two that are sent a second apart may arrive closer together."""
NAMES_MAX: Final = 200
"""In one command: 1,024 long names in one would be a message of 30 kB."""
ANSWER_S_MAX: Final = 10.0
KEPT_MESSAGES_MAX: Final = 100_000
"""How many messages are kept while another connection's are handed out; what comes beyond that is a gap."""

_HEAD: Final = b'{"stream":"'
_NO_HEAD: Final = b"\0"
_SHUTDOWN: Final = b"!serverShutdown"


class StreamRefused(PitwireError):
    """The exchange refused a command of a stream connection: `code` and `message` are its own."""

    def __init__(self, code: int, message: str, names: tuple[str, ...]) -> None:
        super().__init__(f"{message} (code {code}): {', '.join(names):.200}")
        self.code = code
        self.message = message
        self.names = names


class _Error(Struct):
    code: int = 0
    msg: str = ""


class _Message(Struct):
    """Anything that a combined connection brings."""

    stream: str | None = None
    data: Raw = Raw()
    id: int | str | None = None
    result: Raw | UnsetType = msgspec.UNSET
    error: _Error | None = None


_decode: Final = msgspec.json.Decoder(_Message).decode
_encode: Final = msgspec.json.Encoder().encode


class Commands:
    """The command that waits for its answer, and its frame while it is not written."""

    def __init__(self) -> None:
        self._number = 0
        self._waiter: asyncio.Future[_Message] | None = None
        self._unsent: list[bytes] = []

    @property
    def held(self) -> int:
        """How many frames are held."""
        return len(self._unsent)

    def hold(self, key: object, frame: bytes) -> None:
        """Keep a frame that is not written yet."""
        self._unsent.append(frame)

    def release(self) -> list[bytes]:
        """All frames held."""
        frames, self._unsent = self._unsent, []
        return frames

    def withdraw_abandoned(self) -> None:
        """A command may be sent twice and do no harm: nothing is withdrawn."""

    def new(self, waiter: "asyncio.Future[_Message]") -> int:
        """The id of the next command, whose answer `waiter` gets; nobody waits for another any more."""
        self._number += 1
        self._waiter = waiter
        return self._number

    def answered(self, message: _Message) -> bool:
        """Whether it is the answer that is waited for."""
        if self._waiter is None or self._waiter.done() or message.id != self._number:
            return False
        self._waiter.set_result(message)
        return True


class StreamLink:
    """A connection that listens to what `routes` says, by stream name, as soon as `settle` has returned.

    What it brings is kept until `begin` has it handed out. `on_lost` is called once, `on_shutdown` when
    the server announces its end.
    """

    def __init__(
        self,
        routes: Mapping[bytes, Route],
        say: Say,
        on_lost: Callable[["StreamLink", str], None],
        on_shutdown: Callable[["StreamLink"], None],
    ) -> None:
        self._routes = routes
        self._say = say
        self._on_lost = on_lost
        self._on_shutdown = on_shutdown
        self._loop = asyncio.get_running_loop()
        self._transport: Transport
        self._commands = Commands()
        self._window = SlidingWindow([0] * (COMMANDS_MAX + 1), 0, COMMANDS_MAX, STREAM_MESSAGES_US)
        self._settling = asyncio.Lock()
        self._kept: list[tuple[Route, bytes]] = []
        self._overflowed: set[Route] = set()
        self._refused: dict[bytes, StreamRefused] = {}
        self._is_wanted = True
        self._is_over = False
        self.bears = False
        """Whether what comes is handed out."""
        self.subscribed: set[bytes] = set()
        """The names that it listens to for certain."""
        self.is_open = False
        self.opened_s = 0.0
        """When it was opened, by the event loop's clock."""
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """The reason why it is over, once it is."""

    async def open(self, url: str, open_transport: OpenTransport) -> None:
        """Connect. Raises `NotSent` with the reason."""
        self.is_open = True  # messages may come before `open_transport` returns
        self._transport = await open_transport(
            url, self._commands, self._on_messages, self._on_transport_lost, lambda: None
        )
        self.opened_s = self._loop.time()
        if not self.is_open:
            raise NotSent("the connection was lost at once")

    # --- what it listens to -----------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Have it listen to all of `routes` and to nothing else. Raises `NotSent` where it is lost.

        A name that the exchange refuses is not asked for again here: see `refusal`.
        """
        async with self._settling:
            while True:
                surplus = [name for name in self.subscribed if name not in self._routes][:NAMES_MAX]
                if surplus:
                    await self._command("UNSUBSCRIBE", surplus)
                    self.subscribed.difference_update(surplus)
                    continue
                known = self.subscribed
                missing = [name for name in self._routes if name not in known and name not in self._refused][:NAMES_MAX]
                if not missing:
                    return
                try:
                    await self._command("SUBSCRIBE", missing)
                except StreamRefused as refusal:
                    self._say("error", "the exchange refuses streams", error=str(refusal))
                    self._refused.update(dict.fromkeys(missing, refusal))
                else:
                    self.subscribed.update(missing)

    def refusal(self, name: bytes) -> StreamRefused | None:
        """Why the exchange does not let it listen to that stream, if it does not."""
        return self._refused.get(name)

    async def catch_up(self) -> None:
        """Return when everything has come that the exchange sent before now. Raises `NotSent` where it is lost."""
        async with self._settling:
            await self._command("GET_PROPERTY", ["combined"])

    async def _command(self, method: str, params: list[bytes] | list[str]) -> None:
        wait_s = self._window.earliest_us() / 1e6 - self._loop.time()
        if wait_s > 0:
            await asyncio.wait({self.lost}, timeout=wait_s)
        if not self.is_open:
            raise NotSent("the connection was lost")
        self._window.count(int(self._loop.time() * 1e6) + 1)
        waiter: asyncio.Future[_Message] = self._loop.create_future()
        number = self._commands.new(waiter)
        texts = [each.decode() if isinstance(each, bytes) else each for each in params]
        self._transport.send(number, _encode({"method": method, "params": texts, "id": number}))
        either: set[asyncio.Future[Any]] = {waiter, self.lost}
        await asyncio.wait(either, timeout=ANSWER_S_MAX, return_when=asyncio.FIRST_COMPLETED)
        if waiter.done():
            error = waiter.result().error
            if error is not None:
                raise StreamRefused(error.code, error.msg, tuple(texts))
            return
        if self.is_open:
            self._transport.close(f"{method} was not answered within {ANSWER_S_MAX:g} s")
        raise NotSent("the connection was lost")

    # --- what it brings ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """From now on hand out what it brings, beginning with what was kept."""
        kept, self._kept = self._kept, []
        self.bears = True
        for route, message in kept:
            route.put(message)
        for route in self._overflowed:
            route.cross(Seam(lost=True))
        self._overflowed.clear()

    def end(self) -> None:
        """Hand out nothing more."""
        self.bears = False
        self._is_over = True

    def _on_messages(self, messages: list[bytes]) -> None:
        if not self.bears:
            self._keep(messages)
            return
        head = _NO_HEAD
        puts: tuple[tuple[Put, Cursor], ...] = ()
        for message in messages:
            if not message.startswith(head):  # often a message is of the same stream as the one before
                route = self._route(message)
                if route is None:
                    self._on_other(message)
                    continue
                head, puts = route.head, route.puts
            for put, cursor in puts:
                put(cursor, message)

    def _route(self, message: bytes) -> Route | None:
        if not message.startswith(_HEAD):
            return None
        return self._routes.get(message[11 : message.find(b'"', 11)])

    def _keep(self, messages: list[bytes]) -> None:
        for message in messages:
            route = self._route(message)
            if route is None:
                self._on_other(message)
            elif self._is_over:
                pass
            elif len(self._kept) < KEPT_MESSAGES_MAX:
                self._kept.append((route, message))
            else:
                self._overflowed.add(route)

    def _on_other(self, message: bytes) -> None:
        try:
            other = _decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._say("warning", "message that is no answer and of no stream", detail=redacted(repr(message[:200])))
            return
        if other.stream is not None:
            name = other.stream.encode()
            route = self._routes.get(name)
            if name == _SHUTDOWN:
                self._on_shutdown(self)
            elif route is not None:  # its keys come in another order than documented
                self._on_messages([_HEAD + _encode(other.stream)[1:] + b',"data":' + bytes(other.data) + b"}"])
        elif not self._commands.answered(other) and other.error is not None:
            self._say("warning", "an error that answers no command", code=other.error.code, message=other.error.msg)

    # --- the end ----------------------------------------------------------------------------------------------------

    async def close(self, reason: str) -> None:
        """Close it and wait until it is gone."""
        self._is_wanted = False
        self._transport.close(reason)
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Wait until nothing of it is left."""
        await self._transport.wait_closed(CLOSE_S_MAX)

    def _on_transport_lost(self, reason: str) -> None:
        if not self.is_open:
            return
        self.is_open = False
        try:
            self._on_lost(self, reason)
        finally:
            self.lost.set_result(reason)
        if self._is_wanted:
            self._say("warning", "connection lost", reason=redacted(reason))
