"""Faults on purpose: a table of rules that says which requests go wrong, how, where on their way, and how often.

    request ── received ── charged, authorized ── admitted ── matching engine, log ── executed ── reply
                                                                                  └── event ── user data

A fault strikes between two of these steps, and what the client sees is what it would see if that had happened at
Binance: a reply that never comes, a connection that is cut or falls silent, an outcome that is unknown, a limit. With
no rules nothing is looked up. Each connection asks for itself; HTTP requests meet no faults.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from itertools import count
from random import Random
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import TimeUnit
from pitwire.protocol.errors import Code, WireError, wire_error

RULES_MAX: Final = 1_000
DELAY_MS_MAX: Final = 24 * 3_600_000
LISTED_RETRY_AFTER: Final = frozenset({418, 429})
"""The statuses that say when to come back (web-socket-api.md, IP limits)."""


class Phase(StrEnum):
    """Where on a request's way the fault strikes."""

    RECEIVED = "received"
    """Read from the socket. Nothing is charged or checked yet, and nothing will be unless the fault lets it go on."""
    ADMITTED = "admitted"
    """Charged and authorized, on its way to the matching engine: a command is executed whatever the client sees."""
    EXECUTED = "executed"
    """Carried out, a command durably. The reply is about to be sent."""
    EVENT = "event"
    """A user data event is about to be sent to one of those who subscribed."""


class Fault(StrEnum):
    """What goes wrong."""

    DROP = "drop"
    """It gets no further: the request, or the reply."""
    DELAY = "delay"
    """It goes on after `delay_ms`. An answer says what was true before, a request may be too late for recvWindow."""
    DUPLICATE = "duplicate"
    """The reply is sent twice."""
    CUT = "cut"
    """The connection is cut. What was not sent is lost; of an event one half is sent."""
    ERROR = "error"
    """The reply is an error: `code` and `status`. An admitted command is executed all the same, after `delay_ms`."""
    HALF_OPEN = "half_open"
    """From now on nothing is read from the connection and nothing sent, pings included, but it stays open."""
    SHUTDOWN = "shutdown"
    """`serverShutdown` is sent, and all goes on as ever until the connection is closed after `delay_ms`."""


_POSSIBLE: Final = {
    Phase.RECEIVED: frozenset(Fault) - {Fault.DUPLICATE},
    Phase.ADMITTED: frozenset(Fault) - {Fault.DUPLICATE},
    Phase.EXECUTED: frozenset(Fault),
    Phase.EVENT: frozenset({Fault.CUT, Fault.HALF_OPEN, Fault.SHUTDOWN}),
}


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which requests a fault strikes, and how often. Raises `ValueError` for what makes no sense."""

    fault: Fault
    phase: Phase = Phase.EXECUTED
    method: str | None = None
    """The method, as `order.place`, or the event's type, as `executionReport`; `None` is every one."""
    account: int | None = None
    """The account's number; `None` is every one, and nobody's too."""
    count: int | None = 1
    """After so many strikes the rule is gone; `None` keeps it."""
    probability: float = 1.0
    """How likely each request that fits is struck."""
    delay_ms: int = 0
    code: int = Code.TIMEOUT
    status: int | None = None
    """The error's status; `None` is the one that the code has at Binance."""
    retry_after_ms: int = 60_000
    """How far in the future `retryAfter` of a 429 or 418 is."""

    def __post_init__(self) -> None:
        if self.fault not in _POSSIBLE[self.phase]:
            possible = ", ".join(sorted(_POSSIBLE[self.phase]))
            raise ValueError(f"{self.fault} cannot happen where a request is {self.phase}: choose of {possible}")
        if self.count is not None and self.count < 1:
            raise ValueError(f"count {self.count} is not positive: leave the rule away, or say null for no end")
        if not 0 < self.probability <= 1:
            raise ValueError(f"probability {self.probability} is not within 0 (excluded) to 1")
        if not 0 <= self.delay_ms <= DELAY_MS_MAX or not 0 <= self.retry_after_ms <= DELAY_MS_MAX:
            raise ValueError(f"delay_ms and retry_after_ms are within 0 to {DELAY_MS_MAX}")

    def error(self, now_us: int, unit: TimeUnit) -> WireError:
        """The error to answer with."""
        try:
            documented = wire_error(Code(self.code))
        except ValueError:  # no code of Binance's, or one whose messages have places to fill
            documented = WireError(400, self.code, "An error was injected.")
        status = documented.status if self.status is None else self.status
        data = None
        if status in LISTED_RETRY_AFTER:
            retry_after_us = now_us + self.retry_after_ms * 1_000
            data = {"serverTime": instant(now_us, unit), "retryAfter": instant(retry_after_us, unit)}
        return WireError(status, self.code, documented.msg, data)


class Struck(Protocol):
    """The connection that a fault happens to."""

    unit: TimeUnit

    def queue(self, frame: bytes) -> None:
        """Have `frame` written with the connection's next write."""
        ...

    def flush(self) -> None:
        """Write what is queued, at once."""
        ...

    def cut(self, last_words: bytes = b"") -> None:
        """End it at once: write no more than `last_words`."""
        ...

    def fall_silent(self) -> None:
        """Read nothing more and write nothing more."""
        ...

    def announce_shutdown(self, lead_s: float) -> None:
        """Say that the exchange is about to stop, and close after `lead_s`."""
        ...


class Faults:
    """The rules in force, in the order in which they were added, and the chance that decides between their strikes."""

    def __init__(self, now_us: Callable[[], int], seed: int = 1) -> None:
        self._now_us = now_us
        self._random = Random(seed)
        self._numbers = count(1)
        self._left: dict[int, int | None] = {}
        self.rules: dict[int, Rule] = {}
        """The rules by number. To be changed with `add`, `remove` and `clear` only."""
        self.strikes: dict[int, int] = {}
        """How often each rule has struck, those included that are gone."""

    def add(self, rule: Rule) -> int:
        """Put a rule in force; its number. Raises `ValueError` when there are too many."""
        if len(self.rules) >= RULES_MAX:
            raise ValueError(f"{RULES_MAX} rules are in force, the most that are possible: remove some")
        number = next(self._numbers)
        self.rules[number] = rule
        self._left[number] = rule.count
        self.strikes[number] = 0
        while len(self.strikes) > RULES_MAX + len(self.rules):
            del self.strikes[next(each for each in self.strikes if each not in self.rules)]
        return number

    def remove(self, number: int) -> bool:
        """Take a rule out of force; whether it was."""
        self._left.pop(number, None)
        return self.rules.pop(number, None) is not None

    def clear(self) -> None:
        """Take all out of force."""
        self.rules.clear()
        self._left.clear()

    def hit(self, phase: Phase, method: str, account: int) -> Rule | None:
        """The first rule that strikes here, which then has one strike less."""
        for number, rule in self.rules.items():
            if (
                rule.phase is phase
                and (rule.method is None or rule.method == method)
                and (rule.account is None or rule.account == account)
                and (rule.probability == 1 or self._random.random() < rule.probability)
            ):
                self.strikes[number] += 1
                left = self._left[number]
                if left is not None:
                    self._left[number] = left - 1
                    if left == 1:
                        self.remove(number)
                return rule
        return None

    # --- what happens then ------------------------------------------------------------------------------------------

    def strike(
        self,
        rule: Rule | None,
        connection: Struck,
        go_on: Callable[[], object],
        refuse: Callable[[WireError], object],
        unheard: Callable[[], object] | None = None,
    ) -> None:
        """Let what is about to happen, `go_on`, happen as `rule` wants it; without a rule, as ever.

        `refuse` answers with an error instead. `unheard` carries an admitted request out without a word to anybody.
        """
        if rule is None:
            go_on()
            return
        match rule.fault:
            case Fault.DELAY:
                asyncio.get_running_loop().call_later(rule.delay_ms / 1e3, _then_flushed, go_on, connection)
            case Fault.DUPLICATE:
                go_on()
                go_on()
            case Fault.CUT | Fault.HALF_OPEN:
                if unheard is not None:
                    unheard()
                if rule.fault is Fault.CUT:
                    connection.cut()
                else:
                    connection.fall_silent()
            case Fault.ERROR:
                refuse(rule.error(self._now_us(), connection.unit))
                if unheard is not None:
                    asyncio.get_running_loop().call_later(rule.delay_ms / 1e3, unheard)
            case Fault.SHUTDOWN:
                connection.announce_shutdown(rule.delay_ms / 1e3)
                go_on()
            case Fault.DROP:
                pass

    def event(self, connection: Any, account: int, frame: bytes) -> None:
        """Queue a user data event on `connection`, if no rule wants otherwise."""
        rule = self.hit(Phase.EVENT, _type_of(frame), account)
        if rule is not None and rule.fault is Fault.CUT:
            connection.flush()
            connection.cut(frame[: len(frame) // 2])
        else:
            self.strike(rule, connection, lambda: connection.queue(frame), lambda _: None)


def _then_flushed(go_on: Callable[[], object], connection: Struck) -> None:
    go_on()
    connection.flush()  # there may be no batch that does


class _EventType(Struct):
    e: str


class _Event(Struct):
    event: _EventType


_decode_event = msgspec.json.Decoder(_Event).decode


def _type_of(frame: bytes) -> str:
    return _decode_event(frame[frame.index(b"{") :]).event.e
