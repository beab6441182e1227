from decimal import Decimal
from random import Random

import pytest

from pitwire.client.streams.levels import Levels


def level(price: str, quantity: str = "1") -> tuple[Decimal, Decimal]:
    return Decimal(price), Decimal(quantity)


@pytest.mark.parametrize(("sign", "prices"), [(1, ["1", "2", "3"]), (-1, ["3", "2", "1"])])
def test_the_best_stand_first(sign: int, prices: list[str]) -> None:
    levels = Levels(sign, [level("2"), level("3"), level("1"), level("4", "0.000")])
    assert levels.top() == tuple(level(price) for price in prices)
    assert levels.top(1) == (levels.best(),)
    assert len(levels) == 3


def test_a_change_sets_what_stands_there_and_zero_takes_it_away() -> None:
    levels = Levels(1, [level("1"), level("2")])
    levels.change([level("1", "5"), level("2.00", "0"), level("3", "7"), level("9", "0")])
    assert levels.top() == (level("1", "5"), level("3", "7"))
    assert levels.quantity(Decimal("3.0")) == 7
    assert levels.quantity(Decimal(2)) == 0


def test_an_empty_side_has_no_best() -> None:
    assert Levels(1).best() is None
    assert Levels(-1).top(5) == ()


def test_any_changes_leave_what_a_dictionary_would() -> None:
    seed = 6
    print(f"seed {seed}")
    random = Random(seed)
    for sign in (1, -1):
        levels, expected = Levels(sign), dict[Decimal, Decimal]()
        for _ in range(2_000):
            price, quantity = level(str(random.randrange(50)), str(random.randrange(4)))
            levels.change([(price, quantity)])
            expected[price] = quantity
            best_first = sorted(((p, q) for p, q in expected.items() if q), reverse=sign < 0)
            assert list(levels.top()) == best_first
