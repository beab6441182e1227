"""No order lost, none doubled, none left unknown: every fault at every phase, by seeds.

PITWIRE_SIM_SEEDS says how many seeds (10,000), PITWIRE_SIM_FIRST which is the first (0).
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

import pitwire
from pitwire.client import connection, missed
from pitwire.client.missed import SeenTrades
from pitwire.client.safety import survey, unknown_orders
from pitwire.client.safety.unknown_orders import UnknownOrders
from tests.sim.mishaps import CELLS, MISHAPS
from tests.sim.orders import Cell, orders, spoken
from tests.sim.processes import Process
from tests.sim.requests import METHODS, Misled
from tests.sim.world import Broken, World, simulate

SEEDS = int(os.environ.get("PITWIRE_SIM_SEEDS", "10000"))
FIRST = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
PARTS = 20
TRIES = 25
"""Of so many seeds one reaches its cell for sure: where other things go wrong as well, a single one may not."""


def broken(seeds: Iterable[int], reached: set[Cell], most: int = 3) -> list[str]:
    """What is wrong with the first few seeds with which something is; and which cells were reached."""
    found = []
    for seed in seeds:
        try:
            cell = simulate(seed, orders)
        except Exception as error:
            found.append(f"seed {seed}: {error!r}\n    again: python -m tests.sim.orders {seed}")
            if len(found) >= most:
                break
        else:
            reached.update([cell] if cell is not None else [])
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_goes_wrong_the_client_says_what_the_exchange_has(part: int) -> None:
    seeds = [seed for seed in range(FIRST, FIRST + SEEDS) if seed % len(CELLS) % PARTS == part]
    reached: set[Cell] = set()
    found = broken(seeds, reached)
    assert not found, "\n".join(found)
    if TRIES * len(CELLS) <= SEEDS:
        assert not [cell for cell in CELLS[part::PARTS] if cell not in reached], "no seed reaches these"


@pytest.mark.parametrize("part", range(PARTS))
def test_that_holds_where_all_that_can_be_is_asked_about_in_surveys(monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    monkeypatch.setattr(survey, "saves", lambda *_: True)
    monkeypatch.setattr(unknown_orders, "is_worth_it", lambda number: number > 0)
    made = Counter[str]()
    surveyed = UnknownOrders.surveyed

    def counted(self: UnknownOrders, together: Any, findings: Any, *now: int) -> int:
        made.update(type(finding).__name__ for finding in findings)
        return surveyed(self, together, findings, *now)

    monkeypatch.setattr(UnknownOrders, "surveyed", counted)
    seeds = [seed for seed in range(FIRST, FIRST + SEEDS // 5) if seed // len(METHODS) % PARTS == part]  # of all kinds
    found = broken(seeds, set())
    assert not found, "\n".join(found)
    assert SEEDS < 10_000 or made.keys() >= {"Found", "Unseen", "NoneType"}, made


@pytest.mark.parametrize("kind", METHODS)
def test_everything_that_may_befall_a_request_by_itself(kind: str) -> None:
    for mishap in MISHAPS:
        for seed in range(10):
            try:
                reached = simulate(seed, lambda seed, mishap=mishap: orders(seed, alone=(kind, mishap)))
            except Exception as error:
                pytest.fail(f"seed {seed}, {mishap}: {error!r}")
            if reached:
                break
        else:
            pytest.fail(f"{mishap} does not befall it")


def test_a_seed_takes_the_same_course_each_time() -> None:
    def course(seed: int) -> list[str]:
        lines: list[str] = []
        simulate(seed, lambda seed: orders(seed, spoken(lines.append)))
        return lines

    for seed in range(0, len(CELLS), 8):
        assert course(seed) == course(seed), f"seed {seed}"


def _with(**options: Any) -> Callable[[pytest.MonkeyPatch], None]:
    careful: Callable[..., pitwire.Client] = World.client
    return lambda monkeypatch: monkeypatch.setattr(
        World, "client", lambda here, **given: careful(here, **{**given, **options})
    )


def _without_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Process, "on_disk", property(lambda _: b"", lambda *_: None), raising=False)


def _late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_S_MAX", 20.0)


def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeenTrades, "restored", lambda *_: None)


async def _no_trades(*_: Any) -> list[Any]:
    return []


def _incurious(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "_trades", _no_trades)


CARELESS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "nobody asks what became of it": _with(resolve=False, journal=None),
    "not found is final at once": _with(resolve_margin_s=0.0),
    "what an earlier process had under way is forgotten": _without_journal,
    "a half-open connection is noticed late": _late,
    "what was traded meanwhile is not asked for": _incurious,
    "what was handed over is handed over again": _forgetful,
}


@pytest.mark.parametrize("careless", CARELESS.values(), ids=CARELESS.keys())
def test_a_client_that_takes_less_care_is_found_out(
    monkeypatch: pytest.MonkeyPatch, careless: Callable[[pytest.MonkeyPatch], None]
) -> None:
    careless(monkeypatch)
    found = broken(range(2_000), set(), most=1)
    assert found
    assert Broken.__name__ in found[0] or Misled.__name__ in found[0]
