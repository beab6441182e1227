import random

from pitwire.client.limits.allowance import LEASE_US, Allowance
from pitwire.client.limits.budget import BUDGET_CELLS, TRANSIT_US, Budget, Now
from pitwire.client.limits.cells import MemoryCells

SECOND = 1_000_000
MINUTE = 60 * SECOND
NOON = 1_700_000_000 * SECOND // MINUTE * MINUTE


class Clock:
    def __init__(self) -> None:
        self.us = NOON

    def __call__(self) -> Now:
        return Now(self.us, self.us)


def two_of_one_budget(clock: Clock, limit: int = 1000, lease: int = 100) -> tuple[Budget, Allowance, Allowance]:
    cells = MemoryCells(BUDGET_CELLS)
    budget = Budget(cells.values, 0)
    budget.learn_limit(MINUTE, limit)
    first, second = (Allowance(cells, budget, clock, 0.05, lease) for _ in range(2))
    return budget, first, second


def test_what_is_taken_in_advance_is_used_without_asking_and_given_back():
    clock = Clock()
    budget, one, _ = two_of_one_budget(clock)
    assert one.take(1)
    assert (one.left, budget.free(0.0, clock())) == (100, 899)
    for _ in range(40):
        assert one.take(1)
    assert budget.free(0.0, clock()) == 899
    one.settle()
    assert (one.left, budget.free(0.0, clock())) == (0, 959)


def test_the_reserve_is_for_what_is_urgent():
    _, one, _ = two_of_one_budget(Clock(), limit=100, lease=0)
    assert one.take(95)
    assert not one.take(1)
    assert one.take(5, urgent=True)
    assert not one.take(1, urgent=True)


def test_shortly_before_the_minute_ends_nothing_is_taken_in_advance():
    clock = Clock()
    _, one, _ = two_of_one_budget(clock)
    clock.us = NOON + MINUTE - TRANSIT_US - LEASE_US
    assert one.take(1)
    assert one.left == 0


def test_what_has_to_be_charged_is_charged_beyond_the_limit():
    clock = Clock()
    budget, one, _ = two_of_one_budget(clock, limit=10)
    one.charge(30)
    assert budget.free(0.0, clock()) == 0
    assert one.when_us(1) == NOON + MINUTE


def test_two_that_share_a_budget_never_use_more_than_there_is_and_nearly_all():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    clock = Clock()
    _, one, other = two_of_one_budget(clock, limit=6000)
    used: dict[int, int] = {}
    tick = clock.us
    for _ in range(60_000):
        clock.us += source.randrange(10_000)
        if clock.us - tick > 250_000:
            tick = clock.us
            one.settle()
            other.settle()
        weight = source.randrange(1, 60)
        if source.choice((one, other)).take(weight):
            used[clock.us // MINUTE] = used.get(clock.us // MINUTE, 0) + weight
    assert max(used.values()) <= 6000
    whole = [used[minute] for minute in sorted(used)[1:-1]]
    assert min(whole) >= 0.9 * 6000
