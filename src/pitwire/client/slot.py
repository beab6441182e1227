"""One place of a pool of connections: it always has one, or is about to get one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Generic, Protocol, TypeVar

from pitwire.client.backoff import Backoff
from pitwire.client.connection import HandshakeRefused
from pitwire.client.link import Say
from pitwire.protocol.errors import InvalidSignature, Unauthorized
from pitwire.protocol.redaction import redacted

REFUSED_FOR_GOOD: Final = (Unauthorized, InvalidSignature)
"""What a logon or the restoring of a subscription ends with when no further attempt can do better."""


ROTATE_JITTER: Final = 0.02
"""A connection is renewed up to this part of its age earlier, so that many do not go at the same moment."""


class Kept(Protocol):
    """A connection that a slot can keep."""

    is_open: bool
    opened_s: float
    """When it was opened, by the event loop's clock."""
    lost: asyncio.Future[str]
    """The reason why it is over, once it is."""

    async def close(self, reason: str) -> None:
        """Close it and wait until it is gone."""
        ...

    async def wait_closed(self) -> None:
        """Wait until nothing of it is left."""
        ...


L = TypeVar("L", bound=Kept)
C = TypeVar("C", bound=Kept, contravariant=True)


class SlotOwner(Protocol[C]):
    """Who has slots."""

    def on_ready(self, link: C, instead_of: C | None, /) -> None:
        """`link` is the slot's connection from now on, and the other is not any more."""
        ...

    def on_unready(self, link: C, reason: str, /) -> None:
        """It is lost."""
        ...

    def attempt(self, delay_s: float, /) -> float:
        """A connection is to be tried in `delay_s`; counts it, and returns how long to wait for the limit's sake."""
        ...


class Slot(Generic[L]):
    """A connection that is made again when it is lost, and renewed before it is too old, or on request.

    A renewal makes before it breaks: there is a new connection before the old one is closed. `rotate_after_s` says for
    each connection when it is too old. How a connection is made ready, and what it takes over from another, is up to
    the subclass.
    """

    def __init__(
        self, url: str, say: Say, owner: SlotOwner[L], backoff: Backoff, rotate_after_s: Callable[[], float]
    ) -> None:
        self._url = url
        self._owner = owner
        self._backoff = backoff
        self._rotate_after_s = rotate_after_s
        self._loop = asyncio.get_running_loop()
        self._say = say
        self._wake = asyncio.Event()
        self._wanted: asyncio.Future[None] | None = None  # a rotation, done when the old connection is closed
        self._due_s = 0.0
        self._last: L | None = None  # the newest connection, lost or not
        self._tasks: set[asyncio.Task[None]] = set()
        self.link: L | None = None
        """The connection that requests go over."""
        self.why_not = "the client is not connected: use it in `async with`"
        """Why there is none."""
        self.reconnects = 0
        """How often there was one again after a loss."""
        self.failed_attempts = 0
        self.rotations = 0
        """How often it was renewed without a loss."""

    async def establish(self) -> None:
        """Make the first connection. Raises a `PitwireError`, and then leaves nothing open."""
        await asyncio.sleep(self._owner.attempt(0.0))
        link = await self._open()
        self._take(link)
        self._begin(link)

    async def keep(self) -> None:
        """Keep a connection for ever. Raises what the exchange says when it refuses the key for good."""
        while True:
            if self.link is None:
                await self._reconnect()
            elif await self._rotation_is_due():
                await self._rotate()

    def rotate(self) -> asyncio.Future[None]:
        """Renew the connection; done when the old one is closed."""
        if self._wanted is None:
            self._wanted = self._loop.create_future()
            self._wake.set()
        return self._wanted

    async def close(self, reason: str) -> None:
        """Close what is open and wait for it."""
        link, self.link, self.why_not = self.link, None, reason
        if self._wanted is not None:
            self._wanted.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if link is not None:
            await link.close(reason)

    # --- making a connection ----------------------------------------------------------------------------------------

    async def _open(self) -> L:
        """A connection that is ready, and calls `_on_lost` at its end. Raises, and then leaves nothing open."""
        raise NotImplementedError

    def _begin(self, link: L) -> None:
        """`link` is the first connection."""

    def _go_on(self, link: L) -> None:
        """`link` is there after another was lost."""

    async def _hand_over(self, old: L, new: L) -> None:
        """`new` is there beside `old`: return when that is not needed any more."""

    def _take(self, link: L, instead_of: L | None = None) -> None:
        self.link = self._last = link
        self._due_s = link.opened_s + self._rotate_after_s()
        self._owner.on_ready(link, instead_of)

    async def _reconnect(self) -> None:
        if self._last is not None:
            await self._last.wait_closed()
        while True:
            delay_s = self._owner.attempt(self._backoff.next_delay_s(self._loop.time()))
            self._say("info", "reconnecting", delay_s=round(delay_s, 3))
            await asyncio.sleep(delay_s)
            try:
                link = await self._open()
            except REFUSED_FOR_GOOD:
                raise
            except Exception as error:  # whatever it was, the next attempt may do better
                self._failed(error)
                self.why_not = f"not connected ({redacted(str(error) or repr(error))}); connecting again"
                continue
            break
        self._reconnected(link)

    def _reconnected(self, link: L) -> None:
        self._take(link)
        self.reconnects += 1
        self._say("info", "connected again")
        wanted, self._wanted = self._wanted, None  # a new connection is what was asked for
        if wanted is not None:
            self._rotated(wanted)
        self._go_on(link)

    def _failed(self, error: Exception) -> None:
        self.failed_attempts += 1
        self._backoff.retry_after(self._loop.time(), self._retry_after_s(error))
        self._say("warning", "reconnecting failed", error=redacted(str(error) or repr(error)))

    def _retry_after_s(self, error: Exception) -> float:
        match error:
            case HandshakeRefused(retry_after_s=seconds):
                return seconds
            case _:
                return 0.0

    def _on_lost(self, link: L, reason: str) -> None:
        if link is not self.link:
            return  # it was never ready, or is not any more
        self.link = None
        self.why_not = f"not connected ({reason}); connecting again"
        self._backoff.lost(self._loop.time() - link.opened_s)
        self._owner.on_unready(link, self.why_not)
        self._wake.set()

    # --- renewing it ------------------------------------------------------------------------------------------------

    async def _rotation_is_due(self) -> bool:
        """Wait until the connection is lost (then false), or is to be renewed."""
        if self._wanted is None:
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._due_s):
                    await self._wake.wait()
        return self.link is not None

    async def _rotate(self) -> None:
        old = self.link
        assert old is not None, "only a connection that is there is renewed"
        while self._tasks and old.is_open:  # the last renewal is not over, or what was missed by a loss not yet known
            waited: set[asyncio.Future[Any]] = {*self._tasks, old.lost}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        wanted = self.rotate()
        if not old.is_open:
            return
        self._say("info", "renewing the connection")
        try:
            await asyncio.sleep(self._owner.attempt(0.0))
            new = await self._open()
        except Exception as error:  # the old one is good for as long as it lasts; what is for good is said at its loss
            self._failed(error)
            await asyncio.wait({old.lost}, timeout=self._backoff.next_delay_s(self._loop.time()))
            return
        self._wanted = None
        if old.is_open:
            self._take(new, old)
            self.rotations += 1
            self._start(self._retire(old, new, wanted))
        else:  # it was lost meanwhile: this is a reconnection
            self._reconnected(new)
            self._rotated(wanted)

    async def _retire(self, old: L, new: L, wanted: asyncio.Future[None]) -> None:
        try:
            await self._hand_over(old, new)
        finally:
            await old.close("the connection was renewed")
            self._rotated(wanted)

    def _rotated(self, wanted: asyncio.Future[None]) -> None:
        if not wanted.done():
            wanted.set_result(None)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work, name=f"pitwire {self._url}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._say("error", "a task has ended", error=repr(task.exception()))
