"""No order lost, none doubled, none left unknown: every fault at every phase, by seeds.

PITWIRE_SIM_SEEDS says how many seeds (10,000), PITWIRE_SIM_FIRST which is the first (0).
"""

import os
from collections.abc import Callable
from typing import Any

import pytest

import pitwire
from tests.sim import orders as simulation
from tests.sim.orders import orders
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
    found = broken(range(400), most=1)
    assert found
    assert Broken.__name__ in found[0]


def test_every_fault_strikes_at_every_phase_of_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    struck: set[tuple[str, str, str]] = set()
    hit = simulation.Faults.hit

    def noting(self: Any, phase: Any, method: str, account: int) -> Any:
        rule = hit(self, phase, method, account)
        if rule is not None:
            struck.add((method, str(phase), str(rule.fault)))
        return rule

    monkeypatch.setattr(simulation.Faults, "hit", noting)
    assert not broken(range(1_000))
    for method in simulation.METHODS.values():
        for phase in ("received", "admitted", "executed"):
            possible = {"drop", "delay", "cut", "error", "half_open", "shutdown"}
            missing = possible - {
                fault for struck_method, at, fault in struck if (struck_method, at) == (method, phase)
            }
            # The rarest request of the five is struck by each in the long run only.
            assert method == simulation.METHODS["cancel_all"] or not missing, (method, phase, missing)
    assert {fault for method, _, fault in struck if method == "executionReport"} >= {"cut", "half_open", "shutdown"}
