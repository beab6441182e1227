"""Which methods of which client were called by a test that passed, and what stands about it in docs/clients.md."""

import functools
import inspect
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Row = tuple[str, str, str]
"""Client, surface, method."""


class Exercised:
    """What the tests have shown so far; of the test under way, what it has called."""

    def __init__(self) -> None:
        self.passed: set[Row] = set()
        self.failed: set[Row] = set()
        self.flaws: dict[Row, str] = {}
        """What a client does wrong itself, and where."""
        self._called: set[Row] = set()
        self._flaws: dict[Row, str] = {}

    def watch(self, client: str, surface: str, one: Any) -> Any:
        """The client, as it is; each of its methods that is called from here and answers is noted."""
        return _Watched(one, functools.partial(self.note, client, surface))

    def note(self, client: str, surface: str, method: str) -> None:
        """`method` has answered."""
        self._called.add((client, surface, method))

    def flaw(self, client: str, surface: str, method: str, what: str) -> None:
        """`method` cannot do what it is for, because of its own code: say what, with source file and line."""
        self._flaws[client, surface, method] = what

    def methods(self, client: str, surface: str) -> set[str]:
        """Those that passed."""
        return {method for *where, method in self.passed if where == [client, surface]}

    def test_ended(self, *, passed: bool) -> None:
        """Keep what it called."""
        (self.passed if passed else self.failed).update(self._called)
        if passed:
            self.flaws |= self._flaws
        self._called.clear()
        self._flaws.clear()

    def save(self, path: Path) -> None:
        """For tools/clients_page.py."""
        rows = sorted((self.passed - self.failed) | self.flaws.keys())
        path.parent.mkdir(exist_ok=True)
        found = {
            "versions": {client: version(client) for client in sorted({row[0] for row in rows})},
            "rows": [[*row, self.flaws.get(row, "")] for row in rows],
        }
        path.write_text(json.dumps(found, indent=1) + "\n")


class _Watched:
    def __init__(self, one: Any, note: Callable[[str], None]) -> None:
        self._one = one
        self._note = note

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._one, name)
        if not callable(found):
            return found

        @functools.wraps(found)
        def call(*arguments: Any, **named: Any) -> Any:
            answer = found(*arguments, **named)
            if inspect.isawaitable(answer):
                return self._awaited(name, answer)
            self._note(name)
            return answer

        return call

    def unwrapped(self) -> Any:
        """The client itself."""
        return self._one

    async def _awaited(self, name: str, answer: Any) -> Any:
        result = await answer
        self._note(name)
        return result
