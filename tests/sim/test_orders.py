"""No order lost, none doubled, none left unknown: every fault at every phase, by seeds.

PITWIRE_SIM_SEEDS says how many seeds (10,000), PITWIRE_SIM_FIRST which is the first (0).
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import pitwire
from pitwire.client.safety import survey, unknown_orders
from pitwire.client.safety.unknown_orders import UnknownOrders
from pitwire.exchange.gateway.faults import Fault, Phase, Rule
from tests.sim.orders import METHODS, Only, orders
from tests.sim.world import Broken, World, simulate

SEEDS = int(os.environ.get("PITWIRE_SIM_SEEDS", "10000"))
FIRST = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
PARTS = 20


def broken(seeds: range, most: int = 3) -> list[str]:
    """What is wrong with the first few seeds with which something is."""
    found = []
    for seed in seeds:
        try:
            simulate(seed, orders)
        except Exception as error:
            found.append(f"seed {seed}: {error!r}\n    again: python -m tests.sim.orders {seed}")
            if len(found) >= most:
                break
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_goes_wrong_the_client_says_what_the_exchange_has(part: int) -> None:
    found = broken(range(FIRST + part, FIRST + SEEDS, PARTS))
    assert not found, "\n".join(found)


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
    found = broken(range(FIRST + part, FIRST + SEEDS // 5, PARTS))
    assert not found, "\n".join(found)
    assert SEEDS < 10_000 or made.keys() >= {"Found", "Unseen", "NoneType"}, made


def test_a_seed_takes_the_same_course_each_time() -> None:
    def course(seed: int) -> list[str]:
        lines: list[str] = []
        simulate(seed, lambda seed: orders(seed, lines.append))
        return lines

    for seed in range(40):
        assert course(seed) == course(seed), f"seed {seed}"


CARELESS: dict[str, dict[str, Any]] = {
    "nobody asks what became of it": {"resolve": False},
    "not found is final at once": {"resolve_margin_s": 0.0},
}


@pytest.mark.parametrize("options", CARELESS.values(), ids=CARELESS.keys())
def test_a_client_that_takes_less_care_is_found_out(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]) -> None:
    careful: Callable[..., pitwire.Client] = World.client
    monkeypatch.setattr(World, "client", lambda self, **given: careful(self, **{**given, **options}))
    found = broken(range(2_000), most=1)
    assert found
    assert Broken.__name__ in found[0]


FAULTS = [
    (phase, fault)
    for phase in Phase
    for fault in Fault
    if phase is not Phase.EVENT or fault in (Fault.CUT, Fault.HALF_OPEN, Fault.SHUTDOWN)
    if phase is Phase.EXECUTED or fault is not Fault.DUPLICATE
]


@pytest.mark.parametrize("kind", METHODS)
def test_every_fault_at_every_phase_of_every_request(kind: str) -> None:
    for phase, fault in FAULTS:
        method = "executionReport" if phase is Phase.EVENT else METHODS[kind]
        rule = Rule(fault=fault, phase=phase, method=method, delay_ms=3_000)
        for seed in range(5):
            try:
                simulate(seed, lambda seed, rule=rule: orders(seed, only=Only(kind, rule)))
            except Exception as error:
                pytest.fail(f"seed {seed}, {rule}: {error!r}")
