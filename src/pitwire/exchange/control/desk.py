"""What the control endpoints work with: commands go to the sequencer, and a refusal becomes a sentence."""

from collections.abc import Iterable, Mapping
from typing import Final

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.gateway.keyring import Keyring
from pitwire.exchange.messages import Command, CommandRejected, Outcome
from pitwire.exchange.participants.accounts import MAKER, TAKER
from pitwire.exchange.ports import Clock
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.sequencer import Halted, Overloaded, Sequencer
from pitwire.market.rejects import Reject

BAD_REQUEST, NOT_FOUND, CONFLICT, UNAVAILABLE = 400, 404, 409, 503
_MARKETS_OWN: Final = frozenset({MAKER, TAKER})


class Refused(Exception):
    """The request is answered with `status` and a sentence that names the value and the remedy."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Desk:
    """One exchange, as its operator sees it. Belongs to one event loop."""

    def __init__(
        self, sequencer: Sequencer, engine: Engine, projections: Projections, keyring: Keyring, clock: Clock
    ) -> None:
        self.engine = engine
        self.projections = projections
        self.keyring = keyring
        self.clock = clock
        self._sequencer = sequencer

    async def execute(self, command: Command, refusals: Mapping[Reject, str] | None = None) -> Outcome:
        """Carry out `command` and wait until it is durable. `refusals` words what the engine may refuse it with.

        Raises `Refused`. Cancelling the wait does not take the command back.
        """
        try:
            outcome = await self._sequencer.execute(command)
        except (Halted, Overloaded) as error:
            raise Refused(UNAVAILABLE, str(error)) from error
        for event in outcome.events:
            if isinstance(event, CommandRejected):
                sentence = (
                    (refusals or {}).get(event.reason) or event.detail or f"the exchange refuses it: {event.reason}"
                )
                raise Refused(CONFLICT, sentence)
        return outcome

    async def execute_all(self, commands: Iterable[Command]) -> Outcome | None:
        """Carry out `commands` one after the other; the last one's outcome, None if there was none."""
        outcome = None
        for command in commands:
            outcome = await self.execute(command)
        return outcome

    def check_account(self, number: int) -> None:
        """Raise `Refused` if no account has this number, or if it is the market's own."""
        if number not in self.engine.venue.accounts or number in _MARKETS_OWN:
            known = ", ".join(str(each) for each in self.account_numbers()[:20])
            raise Refused(NOT_FOUND, f"there is no account {number}; known: {known}, or open it first")

    def account_numbers(self) -> list[int]:
        """The users' accounts, without the market's own."""
        return sorted(number for number in self.engine.venue.accounts if number not in _MARKETS_OWN)


def check(problems: Iterable[str]) -> None:
    """Raise `Refused` with the first problem, if there is one."""
    for problem in problems:
        raise Refused(BAD_REQUEST, problem)
