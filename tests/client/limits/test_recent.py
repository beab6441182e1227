import random

import pytest

from pitwire.client.limits.recent import RECENT_CELLS, RECENT_US, STRETCH_US, Recent

SECOND = 1_000_000
NOON = 1_700_000_000 * SECOND


def recent() -> Recent:
    return Recent([7, 7, *[0] * RECENT_CELLS, 7], 2)


def test_what_was_taken_is_known_until_it_is_no_longer_recent():
    taken = recent()
    taken.add(3, NOON)
    taken.add(4, NOON + SECOND)
    assert taken.since(NOON) == 7
    assert taken.since(NOON + STRETCH_US) == 4
    assert taken.since(NOON + 2 * SECOND) == 0
    taken.add(5, NOON + RECENT_US)
    assert taken.since(NOON) == 12
    taken.add(6, NOON + RECENT_US + STRETCH_US)
    assert taken.since(NOON) == 15


def test_what_is_taken_ahead_is_recent_and_can_be_removed_as_long_as_it_is():
    taken = recent()
    taken.add(10, NOON + SECOND)
    taken.add(1, NOON)
    assert taken.since(NOON) == 11
    taken.remove(10, NOON + SECOND)
    assert taken.since(NOON) == 1
    taken.add(2, NOON + 10 * SECOND)
    taken.remove(1, NOON)
    assert taken.since(NOON) == 2


@pytest.mark.parametrize("back_us", [RECENT_US + STRETCH_US, 86_400 * SECOND])
def test_a_clock_that_was_set_back_begins_anew(back_us: int):
    taken = recent()
    taken.add(10, NOON + back_us)
    taken.add(1, NOON)
    assert taken.since(NOON - SECOND) == 1


def test_as_much_is_recent_as_was_taken_to_within_a_stretch():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    taken = recent()
    made: list[tuple[int, int]] = []
    now = NOON
    for _ in range(5_000):
        now += source.randrange(source.choice([1_000, SECOND, 5 * SECOND]))
        made.append((now + source.choice([0, 0, SECOND]), source.randrange(5)))
        taken.add(made[-1][1], made[-1][0])
        from_us = now - source.randrange(RECENT_US - SECOND - STRETCH_US)
        exact = sum(amount for at_us, amount in made[-3_000:] if at_us >= from_us)
        a_stretch_more = sum(amount for at_us, amount in made[-3_000:] if at_us > from_us - STRETCH_US)
        assert exact <= taken.since(from_us) <= a_stretch_more
