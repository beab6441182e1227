"""Times and page sizes as the projections write them."""

import pytest

from pitwire.exchange.projections.wire import ZERO, grid_text, instant, microseconds_per, page_size
from pitwire.market.enums import TimeUnit
from pitwire.market.numbers import text


@pytest.mark.parametrize(
    ("time_us", "milliseconds", "microseconds"),
    [(1_999, 1, 1_999), (2_000, 2, 2_000), (0, 0, 0), (-1, -1, -1), (-5_000, -1, -1)],
)
def test_an_instant_is_rounded_down_and_never_is_minus_one(time_us, milliseconds, microseconds):
    assert instant(time_us, TimeUnit.MILLISECOND) == milliseconds
    assert instant(time_us, TimeUnit.MICROSECOND) == microseconds


def test_a_unit_knows_its_microseconds():
    assert [microseconds_per(unit) for unit in (TimeUnit.MILLISECOND, TimeUnit.MICROSECOND)] == [1000, 1]


@pytest.mark.parametrize(("limit", "expected"), [(None, 500), (0, 0), (-3, 0), (1, 1), (1000, 1000), (1001, 1000)])
def test_a_page_has_the_default_size_unless_asked_and_the_maximum_at_most(limit, expected):
    assert page_size(limit, 500, 1000) == expected


def test_remembered_texts_are_the_same_and_their_number_is_bounded():
    assert [grid_text(value) for value in (0, 1, 10**8, -5)] == [text(value) for value in (0, 1, 10**8, -5)]
    assert ZERO == "0.00000000"
    assert grid_text.cache_info().maxsize == 65_536
