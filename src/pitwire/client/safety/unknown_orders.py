"""Requests whose outcome nobody said: when to ask about each, and when it is settled. No I/O, no clock of its own.

An unknown request is asked about at once, then with growing delays, and again as soon as it can be accepted no more:
when the server's time, at the earliest that it may be, has passed `timestamp + recvWindow` and a margin. The margin is
for what had been accepted and was still under way (the exchange gives itself 10 s: web-socket-api.md, General API
Information) and for queries that show it late. A query made after that which shows nothing is final.

Many that are due at once and about the same symbol are asked about together, in a survey, which settles those that it
finds. For the others it is as if their time had come again, and once they are final they are asked about singly.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pitwire.client.safety import reconstruction
from pitwire.client.safety.inquiry import Finding, Found, Nothing, Refused
from pitwire.client.safety.intent import Intent
from pitwire.client.safety.survey import Unseen, is_worth_it, subject
from pitwire.protocol.errors import NeverArrived, OutcomeUnknown, PitwireError
from pitwire.protocol.events import ExecutionReport
from pitwire.protocol.pending_requests import Waiter
from pitwire.protocol.requests.trading import OrderPlace, SorOrderPlace

MARGIN_S: Final = 10.0
GIVE_UP_S: Final = 120.0
"""How long after that an answer is waited for, while the exchange cannot be reached or does not answer."""
FIRST_DELAY_US: Final = 200_000
DELAY_US_MAX: Final = 5_000_000
MOMENT_US: Final = 50_000
"""More than what is known of the server's time gets worse by while an answer is waited for that is final."""
ASKING_MAX: Final = 20
"""How many inquiries and surveys are under way at a time: each costs request weight."""


class UnknownOrder:
    """One request whose outcome is unknown. `waiter` gets it; `reason` is why it is unknown."""

    __slots__ = (
        *("_delay_us", "asked_us", "due_us", "give_up_us", "intent"),
        *("is_asking", "reason", "report", "subject", "waiter"),
    )

    def __init__(self, intent: Intent, waiter: Waiter, reason: str, now_us: int, give_up_us: int) -> None:
        self.intent = intent
        self.waiter = waiter
        self.reason = reason
        self.due_us = now_us
        """When to ask next, by the local clock."""
        self.give_up_us = give_up_us
        self.asked_us = 0
        """The server's time, at the earliest, when the inquiry under way was begun."""
        self.is_asking = False
        self.report: ExecutionReport | None = None
        """The newest event of the order that it placed."""
        self.subject = subject(intent)
        """What a survey that may find it is made of; None once it is to be asked about singly."""
        self._delay_us = FIRST_DELAY_US

    def back_off(self, now_us: int, final_in_us: int) -> None:
        """Ask again later, but as soon as an answer is final."""
        delay_us, self._delay_us = self._delay_us, min(2 * self._delay_us, DELAY_US_MAX)
        self.due_us = now_us + (min(delay_us, final_in_us) if final_in_us > 0 else delay_us)


class UnknownOrders:
    """All requests of a client whose outcome is unknown.

    Local times are microseconds of one clock that never goes back; `server_us` is the earliest that the server's time
    may be, in microseconds since the epoch.
    """

    def __init__(self, margin_us: int, give_up_us: int) -> None:
        self._margin_us = margin_us
        self._give_up_us = give_up_us
        self._unknown: dict[int, UnknownOrder] = {}
        self._by_name: dict[tuple[str, Any], list[UnknownOrder]] = {}
        self._asking = 0
        self.resolved = 0
        """How many were found out about."""
        self.given_up = 0
        """How many stayed unknown."""

    def __len__(self) -> int:
        return len(self._unknown)

    def __iter__(self) -> Iterator[UnknownOrder]:
        return iter(list(self._unknown.values()))

    def add(self, intent: Intent, waiter: Waiter, reason: str, now_us: int, server_us: int) -> UnknownOrder:
        """Something is unknown from now on."""
        wait_us = max(0, self._final_us(intent) - server_us)
        unknown = UnknownOrder(intent, waiter, reason, now_us, now_us + wait_us + self._give_up_us)
        self._unknown[id(unknown)] = unknown
        for name in _names(intent):
            self._by_name.setdefault(name, []).append(unknown)
        return unknown

    def _final_us(self, intent: Intent) -> int:
        return intent.expires_us + self._margin_us

    # --- when to ask ------------------------------------------------------------------------------------------------

    def due_together(self, now_us: int, server_us: int) -> list[list[UnknownOrder]]:
        """Those to ask about now by a survey for each list, which is then to be told of by `surveyed`.

        With those that are due the others of the same subject are asked about, at no cost. To be asked before `due`.
        """
        if not is_worth_it(len(self._unknown)):
            return []
        subjects = Counter(
            unknown.subject
            for unknown in self._unknown.values()
            if unknown.subject is not None and self._is_due(unknown, now_us, server_us)
        )
        chosen = []
        for each, number in subjects.items():
            if is_worth_it(number) and self._asking < ASKING_MAX:
                together = [
                    unknown for unknown in self._unknown.values() if unknown.subject == each and not unknown.is_asking
                ]
                self._ask(together, server_us)
                chosen.append(together)
        return chosen

    def due(self, now_us: int, server_us: int) -> list[UnknownOrder]:
        """Those to ask about singly now: each is then to be told of by `answered`."""
        chosen: list[UnknownOrder] = []
        for unknown in self._unknown.values():
            if self._asking >= ASKING_MAX:
                break
            if self._is_due(unknown, now_us, server_us):
                self._ask([unknown], server_us)
                chosen.append(unknown)
        return chosen

    def _is_due(self, unknown: UnknownOrder, now_us: int, server_us: int) -> bool:
        """Whether to ask now; if asking a moment later is final, it is put off until then."""
        if unknown.is_asking or unknown.due_us > now_us:
            return False
        final_in_us = self._final_us(unknown.intent) - server_us
        if 0 <= final_in_us < MOMENT_US:
            unknown.due_us = now_us + final_in_us + 1
            return False
        return True

    def _ask(self, together: list[UnknownOrder], server_us: int) -> None:
        self._asking += 1
        for unknown in together:
            unknown.is_asking = True
            unknown.asked_us = server_us

    def next_due_us(self) -> int | None:
        """When to look again; `None`: not before something changes."""
        free = self._asking < ASKING_MAX
        times = [
            unknown.give_up_us if unknown.is_asking or not free else min(unknown.due_us, unknown.give_up_us)
            for unknown in self._unknown.values()
        ]
        return min(times, default=None)

    def observe(self, report: ExecutionReport, now_us: int) -> None:
        """An event of an order came: who waits for news of it is asked about at once."""
        names = (report.client_order_id, report.original_client_order_id)
        for name in {report.order_id, *names}:
            for unknown in self._by_name.get((report.symbol, name), ()):
                if unknown.intent.client_order_id in names:
                    unknown.report = report
                unknown.due_us = min(unknown.due_us, now_us)

    def hurry(self, now_us: int) -> None:
        """Ask about all of them at once: the exchange can be reached again."""
        for unknown in self._unknown.values():
            unknown.due_us = min(unknown.due_us, now_us)

    # --- what came of it --------------------------------------------------------------------------------------------

    def answered(self, unknown: UnknownOrder, finding: Finding | None, now_us: int, server_us: int) -> bool:
        """The inquiry has found something, or nothing, or (`None`) was not answered; whether it is settled now."""
        self._asking -= 1
        return self._learn(unknown, finding, now_us, server_us)

    def surveyed(
        self,
        together: Sequence[UnknownOrder],
        findings: Sequence[Finding | Unseen | None],
        now_us: int,
        server_us: int,
    ) -> int:
        """The survey has found something about each, or not, or (`None`) was not answered; how many are settled now."""
        self._asking -= 1
        told = zip(together, findings, strict=True)
        return sum(self._learn(unknown, finding, now_us, server_us) for unknown, finding in told)

    def _learn(self, unknown: UnknownOrder, finding: Finding | Unseen | None, now_us: int, server_us: int) -> bool:
        unknown.is_asking = False
        if id(unknown) not in self._unknown:
            return True  # given up meanwhile
        match finding:
            case Found(result=result):
                return self._settle(unknown, result=result)
            case Refused(error=error):
                return self._settle(unknown, error=error)
            case None if (result := _as_reported(unknown)) is not None:
                return self._settle(unknown, result=result)
            case Nothing(unless=unless) if unknown.asked_us > self._final_us(unknown.intent):
                return self._settle(unknown, error=unless or _never_arrived(unknown))
            case Unseen(ask_singly=ask_singly) if ask_singly or unknown.asked_us > self._final_us(unknown.intent):
                unknown.subject = None
                unknown.due_us = now_us
                return False
        final_us = self._final_us(unknown.intent)
        if unknown.asked_us <= final_us < server_us:  # it has become final while it was asked about
            unknown.due_us = now_us
        else:
            unknown.back_off(now_us, final_us + 1 - server_us)
        return False

    def give_up(self, now_us: int) -> list[UnknownOrder]:
        """End those for which no answer came in time; they stay unknown."""
        late = [unknown for unknown in self._unknown.values() if unknown.give_up_us <= now_us]
        for unknown in late:
            self.abandon(unknown, f"{unknown.reason}; asking was given up")
        return late

    def abandon(self, unknown: UnknownOrder, reason: str) -> None:
        """Ask no more about one: who waits for it learns that its outcome stays unknown."""
        self._settle(unknown, error=OutcomeUnknown(reason, unknown.intent.client_order_id))

    def _settle(self, unknown: UnknownOrder, result: Any = None, error: PitwireError | None = None) -> bool:
        del self._unknown[id(unknown)]
        for name in _names(unknown.intent):
            self._by_name[name].remove(unknown)
            if not self._by_name[name]:
                del self._by_name[name]
        if isinstance(error, OutcomeUnknown):
            self.given_up += 1
        else:
            self.resolved += 1
        if not unknown.waiter.done():
            if error is None:
                unknown.waiter.set_result(result)
            else:
                unknown.waiter.set_exception(error)
        return True


def _names(intent: Intent) -> set[tuple[str, Any]]:
    """What an event of the order that it places, or is about, may name, each with the symbol."""
    request: Any = intent.request
    named = ("order_id", "cancel_order_id", "orig_client_order_id", "cancel_orig_client_order_id")
    names = {intent.client_order_id, *(getattr(request, field, None) for field in named)}
    return {(request.symbol, name) for name in names - {None}}


def _as_reported(unknown: UnknownOrder) -> Any:
    """What the user data stream says of it, where nobody answers queries."""
    report, request = unknown.report, unknown.intent.request
    if report is None or not reconstruction.says_it_exists(report):
        return None
    if not isinstance(request, OrderPlace | SorOrderPlace):
        return None
    placed = reconstruction.placed_as_reported(report, reconstruction.response_type(request))
    return (placed,) if isinstance(request, SorOrderPlace) else placed


def _never_arrived(unknown: UnknownOrder) -> NeverArrived:
    method = unknown.intent.request.METHOD.name
    reason = unknown.reason.removeprefix(f"{method}: ")
    return NeverArrived(
        f"{method}: {reason}; the exchange cannot accept it any more, and shows nothing of it",
        unknown.intent.client_order_id,
    )
