"""What goes wrong: faults of the exchange, connections that break or fall silent, deaths; and the market moves."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from pitwire.exchange.gateway.faults import Fault, Phase, Rule
from pitwire.market.enums import Side, TimeInForce
from pitwire.market.numbers import SCALE
from tests.sim.processes import MOMENTS, Process
from tests.sim.requests import METHODS, Request
from tests.sim.world import BOB, CAROL, World, limit_order

FAULTS_END_S = 10.0
"""When the faults stop, after the first request may be made: from then on the exchange can be reached."""
QUERIES = ("order.status", "orderList.status", "myTrades", "openOrders.status", "allOrders", "order.amendments")
REGAINING = (
    "session.logon",
    "userDataStream.subscribe",
    "userDataStream.subscribe.signature",
    "time",
    "openOrders.status",
    "account.status",
    "myTrades",
)
"""What is asked for when a connection is made again."""

OF_EVENTS = (Fault.CUT, Fault.HALF_OPEN, Fault.SHUTDOWN)
FAULTS = [
    (phase, fault)
    for phase in Phase
    for fault in Fault
    if phase is not Phase.EVENT or fault in OF_EVENTS
    if phase is Phase.EXECUTED or fault is not Fault.DUPLICATE
]
"""Every fault at every phase at which it can be."""


class Mishap(NamedTuple):
    """What is to befall a request for sure: a fault at a phase, its connection's silence, or its process's death."""

    fault: Fault | None = None
    phase: Phase | None = None
    moment: str = ""
    """At which the process dies, or the connection falls silent."""


SILENCES = ("before it is made", "before it is answered")
MISHAPS = [
    *(Mishap(fault, phase) for phase, fault in FAULTS),
    *(Mishap(moment=moment) for moment in (*SILENCES, *MOMENTS)),
]
CELLS = [(kind, mishap) for mishap in MISHAPS for kind in METHODS]
"""Every mishap of every kind of request."""


class Certain:
    """The mishap that befalls a seed's first request, and whether it did."""

    def __init__(self, here: World, kind: str, mishap: Mishap) -> None:
        self._here = here
        self._mishap = mishap
        self._silenced = False
        self._process: Process | None = None
        self._rule = 0
        if mishap.fault is not None and mishap.phase is not None:
            method = "executionReport" if mishap.phase is Phase.EVENT else METHODS[kind]
            rule = Rule(
                fault=mishap.fault, phase=mishap.phase, method=method, delay_ms=here.random.choice([500, 3_000, 9_000])
            )
            self._rule = here.faults.add(rule)

    def about_to_be_made(self, request: Request, process: Process) -> None:
        """The request is made now."""
        if self._mishap.moment in MOMENTS:
            process.is_to_die = self._mishap.moment
            self._process = process
        elif self._mishap.moment == SILENCES[0]:
            self._fall_silent(request)
        elif self._mishap.moment == SILENCES[1]:
            after_s = self._here.random.uniform(0, 0.05)
            asyncio.get_running_loop().call_later(after_s, self._fall_silent, request)

    def _fall_silent(self, request: Request) -> None:
        for pair in self._here.network.pairs:
            self._here.fall_silent(pair)
            self._silenced = request.ended_s < 0

    def has_struck(self) -> bool:
        """Whether it has."""
        if self._process is not None:
            return self._process.died_at == self._mishap.moment
        return self._silenced or bool(self._rule and self._here.faults.strikes[self._rule])


def spread(here: World, requests: list[Request], process: Callable[[], Process], say: Callable[..., object]) -> None:
    """Let this and that go wrong, as the seed wants it."""
    random, loop = here.random, asyncio.get_running_loop()
    for _ in range(random.choice([0, 0, 0, 1, 2])):
        rule = _rule(here, METHODS[random.choice(requests).kind], about=random.random())
        say("rule {}", rule)
        loop.call_later(random.uniform(0.1, FAULTS_END_S), here.faults.remove, here.faults.add(rule))
    happens: list[Callable[[World], object]] = [
        *random.choices([reset, reset, _silence], k=random.choice([0, 0, 0, 0, 1, 2]))
    ]
    happens += random.choices([_sell, _sell, _buy], k=random.choice([0, 0, 1, 2, 3]))
    for each in happens:
        after_s = random.uniform(0, FAULTS_END_S * random.random())
        say("{} after {:.3f} s", each.__name__, after_s)
        loop.call_later(after_s, each, here)
    if process().journal is not None:
        for _ in range(random.choice([0, 1, 1, 2])):
            after_s = random.uniform(0, FAULTS_END_S * random.random())
            say("the process dies after {:.3f} s", after_s)
            loop.call_later(after_s, lambda: process().die())
    loop.call_later(FAULTS_END_S, here.faults.clear)


def _rule(here: World, method: str, about: float) -> Rule:
    random = here.random
    if about < 0.5:
        phase = random.choice(list(Phase))
    else:
        method = random.choice(QUERIES if about < 0.75 else REGAINING)
        phase = random.choice([Phase.RECEIVED, Phase.EXECUTED])
    if phase is Phase.EVENT:
        return Rule(
            fault=random.choice([Fault.CUT, Fault.CUT, Fault.HALF_OPEN, Fault.SHUTDOWN]),
            phase=phase,
            method=random.choice([None, "executionReport", "outboundAccountPosition", "listStatus"]),
            count=random.choice([1, 2]),
            delay_ms=random.randrange(3_000),
        )
    weighed = [Fault.DROP, Fault.DELAY, Fault.CUT, Fault.CUT, Fault.ERROR, Fault.ERROR, Fault.HALF_OPEN, Fault.SHUTDOWN]
    fault = random.choice([*weighed, Fault.DUPLICATE] if phase is Phase.EXECUTED else weighed)
    # -1007 and all 5xx leave the outcome open; a query may also not show yet what is there.
    code, status = random.choice([(-1007, None), (-1006, None), (-1000, 500), (-1001, 503), (-1016, 503)])
    if method in ("order.status", "orderList.status") and random.random() < 0.5:
        code, status = -2013, None
    elif method in REGAINING and random.random() < 0.3:
        code, status = -1003, 429
    return Rule(
        fault=fault,
        phase=phase,
        method=method,
        count=random.choice([1, 1, 1, 2, 3, None]),
        probability=random.choice([1.0, 1.0, 0.5]),
        delay_ms=int(random.choice([20, 500, 3_000, 9_900, 9_900]) * random.random() ** 0.5),
        code=code,
        status=status,
        retry_after_ms=random.randrange(3_000),
    )


def reset(here: World) -> None:
    """A connection breaks."""
    if here.network.pairs:
        here.random.choice(here.network.pairs).reset()


def _silence(here: World) -> None:
    """A cable is pulled."""
    if here.network.pairs:
        here.fall_silent(here.random.choice(here.network.pairs))


def _sell(here: World) -> None:
    """Somebody sells to whoever pays most."""
    _trade(here, BOB, Side.SELL, 39_000)


def _buy(here: World) -> None:
    """Somebody buys from whoever asks least."""
    _trade(here, CAROL, Side.BUY, 66_000)


def trade_meanwhile(here: World) -> None:
    """Let somebody trade, perhaps, while a new connection is made ready and what was missed is asked for."""
    if here.random.random() < 0.25:
        moves = here.random.choice([_sell, _sell, _buy])
        asyncio.get_running_loop().call_later(here.random.uniform(0, 0.4), moves, here)


def _trade(here: World, account: int, side: Side, price: int) -> None:
    quantity = here.random.choice([SCALE // 200, SCALE // 50, SCALE // 10])
    here.submit(limit_order(account, side, price, quantity, "market", TimeInForce.IOC))
