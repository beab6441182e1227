"""A client in a process of its own, which may die at any moment."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pitwire
from pitwire.client.connection import Connection
from pitwire.client.ports import Transport, UnsentFrames
from tests.sim.ledger import Ledger
from tests.sim.world import SKEW_S, World

MOMENTS = ("before the line is durable", "before the frame is written", "after the frame is written")
"""At which a process dies that has just made a request."""


class Process:
    """It connects, asks what became of what an earlier process had under way, and follows its user data.

    What dies is cut off from its connections and its journal in the middle of whatever it does: from then on nothing
    that it still does is seen by anybody.
    """

    def __init__(
        self,
        here: World,
        ledger: Ledger | None,
        journal: Path | None,
        connected: Callable[[], None],
        **options: Any,
    ) -> None:
        self._here = here
        self._connected = connected
        self._options = {"limits": pitwire.Limits(), **options}  # nobody else's
        self.ledger = ledger
        self.journal = journal
        self.client: pitwire.Client
        self.is_ready = asyncio.Event()
        """Set once requests can be made, and again when it is dead."""
        self.recovered: tuple[Any, ...] = ()
        self.has_recovered = asyncio.Event()
        self.ready_s = 0.0
        self.recovered_s = 0.0
        self.is_to_die = ""
        """At which moment, when it next makes a request."""
        self.died_at = ""
        self.has_died = asyncio.Event()
        self.on_disk = b""
        """What is left of the journal."""
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def is_dead(self) -> bool:
        """Whether it has died."""
        return self.has_died.is_set()

    def unsure_s(self) -> float:
        """How far its time may be off: until a server has told it, all that it sends has the machine's."""
        return 0.0 if self.client.clock.is_measured else SKEW_S

    async def _run(self) -> None:
        while True:
            self.client = self._here.client(open_transport=self._open, journal=self.journal, **self._options)
            try:
                await self.client.__aenter__()
                break
            except pitwire.PitwireError:
                await self._here.clock.advance(seconds=1)
        keeping = None if self.ledger is None else asyncio.create_task(self.ledger.keep(self.client))
        try:
            self.ready_s = self._here.now_s()
            self.is_ready.set()
            self.recovered = await self.client.recover()
            self.recovered_s = self._here.now_s()
            self.has_recovered.set()
            await self._over.wait()
        finally:
            await self.client.__aexit__(None, None, None)
            if keeping is not None:
                keeping.cancel()
                await asyncio.wait([keeping])
                if not keeping.cancelled():
                    keeping.result()

    async def end(self) -> None:
        """End it as it should end; or see a dead one to its grave."""
        self._over.set()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    # --- its death --------------------------------------------------------------------------------------------------

    def die(self) -> None:
        """Die now."""
        if self.is_dead:
            return
        assert self.journal is not None
        self.has_died.set()
        self.on_disk = self.journal.read_bytes() if self.journal.exists() else b""
        self.is_ready.set()
        how = self._here.random.choice(["killed", "reset", "without power"])
        for pair in list(self._here.network.pairs):
            if how == "killed":
                pair.client.abort()  # what it has written is still delivered
            elif how == "reset":
                pair.reset()
            else:
                pair.silent = True
                asyncio.get_running_loop().call_later(40, pair.reset)
        self._task.cancel()

    async def _open(
        self,
        url: str,
        pending: UnsentFrames,
        on_messages: Callable[[list[bytes]], None],
        on_lost: Callable[[str], None],
        before_write: Callable[[], None],
    ) -> Transport:
        def before() -> None:
            if self.is_to_die and not self.is_dead:
                self._die_writing(before_write)
            elif not self.is_dead:
                before_write()

        if self.is_dead:
            raise pitwire.NotSent("this process is dead")
        connection = await Connection.open(url, pending, on_messages, on_lost, before)
        if self.is_dead:
            connection.close("this process is dead")
        self._connected()
        return connection

    def _die_writing(self, before_write: Callable[[], None]) -> None:
        """Die while something is about to be sent."""
        assert self.journal is not None
        self.died_at = self.is_to_die
        if self.died_at == MOMENTS[0]:
            before = self.journal.read_bytes()
            self.die()
            before_write()
            line = self.journal.read_bytes()[len(before) :]
            self.on_disk = before + line[: self._here.random.randrange(len(line))]
            return
        before_write()
        if self.died_at == MOMENTS[1]:
            self.die()
        else:
            asyncio.get_running_loop().call_soon(self.die)
