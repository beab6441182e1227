"""Tells an application when a rule fires, and when it clears."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Final, Self

from pitwire.client.link import Say
from pitwire.metrics.rules import Alert, Rule, usual_rules
from pitwire.metrics.snapshot import ClientSnapshot, StreamsSnapshot

EVERY_S: Final = 1.0
NOTIFY_S_MAX: Final = 30.0
"""How long an asynchronous callback may take; meanwhile nothing is evaluated."""

Notify = Callable[[Alert], Awaitable[object] | object]


class Alerts:
    """Looks at the metrics of a client, or of market streams, every `every_s` seconds, while it is entered.

    It calls `notify` with what changed.

    `notify` may be a plain or an asynchronous function. One that fails, or takes longer than 30 s, is logged; neither
    the client nor the other alerts suffer from it. A rule that fails is logged once, and asked no more.
    """

    def __init__(
        self,
        take: Callable[[], ClientSnapshot | StreamsSnapshot],
        notify: Notify,
        rules: Iterable[Rule] | None,
        every_s: float,
        say: Say,
    ) -> None:
        if every_s <= 0:
            raise ValueError(f"every_s is {every_s}: pass a time above 0")
        self._take = take
        self._notify = notify
        self._rules = usual_rules() if rules is None else list(rules)
        self._every_s = every_s
        self._say = say
        self._task: asyncio.Task[None] | None = None

    @property
    def firing(self) -> tuple[str, ...]:
        """The names of the rules that fire now."""
        return tuple(rule.name for rule in self._rules if rule.is_firing)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="pitwire: alerts")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def _run(self) -> None:
        while True:
            await self.evaluate()
            await asyncio.sleep(self._every_s)

    async def evaluate(self) -> None:
        """Look now."""
        snapshot = self._take()
        for rule in list(self._rules):
            try:
                alert = rule.evaluate(snapshot)
            except Exception as error:
                self._rules.remove(rule)
                self._say("error", "a rule failed, and is asked no more", rule=rule.name, error=repr(error))
                continue
            if alert is not None:
                await self._tell(alert)

    async def _tell(self, alert: Alert) -> None:
        try:
            answer = self._notify(alert)
            if inspect.isawaitable(answer):
                async with asyncio.timeout(NOTIFY_S_MAX):
                    await answer
        except Exception as error:
            self._say("error", "an alert's callback failed", alert=str(alert), error=repr(error))
