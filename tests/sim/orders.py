"""One seed's course: a few requests at about the same time, and everything that may go wrong on their way.

    python -m tests.sim.orders SEED      repeats one, and says what was done, what went wrong, and what came of it

What must hold, whatever happens: what the application was told of each request is what the exchange has (`judge`), by
the process that made it or, if that died, by the next one; nothing is there twice; every request ended within the time
that docs/guarantees/order-safety.md promises; and what its user data say in the end is how things stand (`Ledger`).

    requests.py   what an application may do, and what must hold of it      truth.py     what the exchange has done
    mishaps.py    what goes wrong                                           ledger.py    what an application knows
    processes.py  clients that die                                          world.py     both ends in virtual time
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any

import pitwire
from pitwire.exchange.gateway.faults import Phase
from pitwire.market.enums import Side
from pitwire.market.numbers import SCALE
from pitwire.protocol.signing import KeyKind
from tests.sim.ledger import Ledger
from tests.sim.mishaps import CELLS, FAULTS_END_S, Certain, Mishap, reset, spread, trade_meanwhile
from tests.sim.processes import MOMENTS, Process
from tests.sim.requests import Request, chosen, judge, make, prepare
from tests.sim.world import ALICE, BOB, NOTICED_S, Broken, World, simulate, world

RECV_WINDOW_S = 5.0
MARGIN_S = 10.0
RECONNECT_S = 45.0
"""A back-off that many failed attempts have raised, and the queries after it."""
GIVEN_UP_S = 300.0
"""By then whatever is under way is known to be unknown."""
SETTLED_S = 15.0
"""What was missed is asked for within 10 s; what was held up has happened by then."""

Cell = tuple[str, Mishap]
Say = Callable[..., object]
"""Takes a format and what it is about: most often nobody listens."""
IN_MEMORY = Path("/dev/shm")
JOURNALS = IN_MEMORY if IN_MEMORY.is_dir() else None
"""Where journals are: what a disk costs is not of interest here."""


async def orders(seed: int, say: Say = lambda *_: None, alone: Cell | None = None) -> Cell | None:
    """Live through one seed: its cell, if it was reached. Raises `AssertionError`.

    `alone` is one kind of request and one mishap, in place of all that the seed would choose.
    """
    kind, mishap = alone or CELLS[seed % len(CELLS)]
    say("{}, {}", kind, mishap)
    async with world(seed) as here:
        keeps_journal = mishap.moment in MOMENTS or here.random.random() < 0.05
        with tempfile.TemporaryDirectory(dir=JOURNALS) if keeps_journal else nullcontext() as folder:
            course = _Course(here, mishap, None if folder is None else Path(folder), alone is not None, say)
            return (kind, mishap) if await course.run(kind) else None


class _Course:
    """The requests of one seed, and the process that makes them, or the one after it."""

    def __init__(self, here: World, mishap: Mishap, folder: Path | None, is_alone: bool, say: Say) -> None:
        random = here.random
        self._is_alone = is_alone
        self._here = here
        self._mishap = mishap
        self._folder = folder
        self._say = say
        self._deadline_s = random.choice([0.5, 2.0, 10.0])
        self._options: dict[str, Any] = {
            "deadline_s": self._deadline_s,
            "connections": random.choice([1, 1, 1, 1, 2]),
            "resolve_margin_s": MARGIN_S,
            "kind": random.choice([KeyKind.ED25519, KeyKind.ED25519, KeyKind.HMAC]),  # only the first logs on
        }
        self._watches = mishap.phase is Phase.EVENT or random.random() < 0.5
        self._processes: list[Process] = []
        self._requests: list[Request] = []

    async def run(self, kind: str) -> bool:
        """Let it happen; whether what was to befall the first request did."""
        here, random = self._here, self._here.random
        self._start(b"")
        await self._up()
        if random.random() < 0.8:
            await self._have_a_past()
        alone = self._is_alone or self._mishap.phase is Phase.EVENT  # else nobody could tell whose event was struck
        self._requests = chosen(random, kind, 1 if alone else random.choice([1, 1, 1, 1, 1, 2, 3]))
        await prepare(here, self._requests)
        if (ledger := self._processes[0].ledger) is not None:
            await ledger.is_kept.wait()
        certain = Certain(here, kind, self._mishap)
        if not self._is_alone:
            spread(here, self._requests, lambda: self._processes[-1], self._say)
        begun_s = here.now_s()
        supervising = asyncio.create_task(self._supervise())
        await asyncio.gather(*(self._make(request, certain) for request in self._requests))
        end_s = max(here.now_s(), begun_s + FAULTS_END_S) + NOTICED_S
        await here.clock.advance(seconds=end_s - here.now_s())
        await self._up()
        await here.clock.advance(seconds=SETTLED_S)
        async with asyncio.timeout(GIVEN_UP_S):
            await self._processes[-1].has_recovered.wait()
        self._judge(begun_s)
        supervising.cancel()
        await self._processes[-1].end()
        return certain.has_struck()

    async def _have_a_past(self) -> None:
        """There has been a trade, and somebody sells."""
        here = self._here
        await here.rests(ALICE, Side.BUY, 55_000, SCALE // 1000, "last price")
        await here.rests(BOB, Side.SELL, 55_000, SCALE // 1000, "last price")
        for number in range(here.random.randrange(3)):
            await here.rests(BOB, Side.SELL, 60_000 + number, SCALE // 100, f"bob{number}")

    # --- processes --------------------------------------------------------------------------------------------------

    def _start(self, on_disk: bytes) -> None:
        journal = None if self._folder is None else self._folder / f"journal{len(self._processes)}"
        if journal is not None and on_disk:
            journal.write_bytes(on_disk)
        ledger = Ledger(self._here) if self._watches else None
        self._processes.append(Process(self._here, ledger, journal, self._connected, **self._options))

    def _connected(self) -> None:
        if not self._is_alone:
            trade_meanwhile(self._here)

    async def _up(self) -> Process:
        """The process that lives, once it is ready."""
        while True:
            process = self._processes[-1]
            await process.is_ready.wait()
            if not process.is_dead:
                try:
                    await process.client.wait_connected()
                except pitwire.NotSent:
                    continue
                return process
            await self._here.clock.advance(seconds=0.1)

    async def _supervise(self) -> None:
        """Start a process for each that died."""
        while True:
            process = self._processes[-1]
            await process.has_died.wait()
            left = len(process.on_disk)
            self._say("{:.3f} the process has died; {} bytes of its journal", self._here.now_s(), left)
            await process.end()
            self._start(process.on_disk)

    # --- requests ---------------------------------------------------------------------------------------------------

    async def _make(self, request: Request, certain: Certain) -> None:
        here = self._here
        await here.clock.advance(seconds=here.random.choice([0.0, here.random.uniform(0, 3)]))
        process = await self._up()
        if request is self._requests[0]:
            certain.about_to_be_made(request, process)
        if here.random.random() < 0.1:
            reset(here)  # at the very moment, so that nobody knows of it when the request is made
        request.made_s, request.unsure_s = here.now_s(), process.unsure_s()
        try:
            outcome: Any = await make(here.random, process.client, request)
        except pitwire.PitwireError as error:
            outcome = error
        if process.is_dead:
            return
        request.ended_s = here.now_s()
        request.outcomes.append(outcome)
        self._told(f"{request.kind} {request.name}, made at {request.made_s:.3f},", outcome)

    def _told(self, what: str, outcome: Any) -> None:
        error = outcome if isinstance(outcome, BaseException) else ""
        self._say("{:.3f} {}: {} {}", self._here.now_s(), what, type(outcome).__name__, error)

    # --- what must hold ---------------------------------------------------------------------------------------------

    def _judge(self, begun_s: float) -> None:
        reachable_s = begun_s + FAULTS_END_S
        for before, process in pairwise(self._processes):
            unsure_s = max(each.unsure_s for each in self._requests)
            self._recovered(process, reachable_s + unsure_s)
            if before.died_at != MOMENTS[0]:  # else what it handed over may have been under way in its journal still
                twice = [each for each in process.recovered if each in before.recovered]
                if twice:
                    raise Broken(f"{twice} were handed over twice")
        for request in self._requests:
            if request.ended_s >= 0:
                took_s = request.ended_s - request.made_s
                within_s = self._deadline_s + RECV_WINDOW_S + MARGIN_S + request.unsure_s
                promised_s = max(within_s, reachable_s - request.made_s) + RECONNECT_S
                if took_s > promised_s:
                    raise Broken(f"{request} took {took_s:.1f} s, and {promised_s:.1f} s are promised")
            # Of what nobody knows any more, nothing may have been sent.
            for outcome in request.outcomes or [pitwire.NotSent("the process has died")]:
                judge(self._here, request, outcome)
        process = self._processes[-1]
        if process.ledger is not None:
            if not process.ledger.is_kept.is_set():
                raise Broken("the user data are not followed")
            if differences := process.ledger.differences():
                raise Broken("; ".join(differences))

    def _recovered(self, process: Process, reachable_s: float) -> None:
        """Add what a process found out of what an earlier one had under way."""
        if not process.is_dead:
            late_s = process.recovered_s - max(process.ready_s, reachable_s) - RECV_WINDOW_S - MARGIN_S - RECONNECT_S
            if late_s > 0:
                raise Broken(f"what was under way was known at {process.recovered_s:.1f} s, {late_s:.1f} s late")
        for each in process.recovered:
            self._told(f"recovered {each.request.METHOD.name} {each.client_order_id}", each.outcome)
            about = [request for request in self._requests if request.is_that(each.request)]
            if len(about) != 1:
                raise Broken(f"{each} was recovered, and {len(about)} requests were like it")
            about[0].outcomes.append(each.outcome)


def spoken(write: Callable[[str], object]) -> Say:
    """Say it with `write`."""
    return lambda text, *values: write(text.format(*values))


if __name__ == "__main__":
    for each in sys.argv[1:]:
        reached = simulate(int(each), lambda seed: orders(seed, spoken(print)))
        print(f"seed {each} holds; what was to go wrong {'did' if reached else 'did not'}")
