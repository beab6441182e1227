"""Scaled numbers: exact both ways, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwire.market.numbers import LARGEST, TooLarge, TooPrecise, decimal, scaled, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0.00000000"),
        (1, "0.00000001"),
        (-1, "-0.00000001"),
        (10_000, "0.00010000"),
        (99_999_999, "0.99999999"),
        (100_000_000, "1.00000000"),
        (-150_000_000, "-1.50000000"),
        (10**30, "1" + "0" * 22 + ".00000000"),
    ],
)
def test_text_is_plain_with_eight_places(value: int, expected: str) -> None:
    assert text(value) == expected


@given(st.integers(-LARGEST, LARGEST))
def test_a_scaled_number_survives_the_way_to_text_and_decimal_and_back(value: int) -> None:
    assert scaled(Decimal(text(value))) == value
    assert scaled(decimal(value)) == value
    assert decimal(value) == Decimal(text(value))


@pytest.mark.parametrize(
    "value", ["0.000000001", "1.123456789", "1E-9", "-0.000000005", "1." + "0" * 40 + "1", "1E-999999"]
)
def test_more_than_eight_places_are_refused_and_not_rounded(value: str) -> None:
    with pytest.raises(TooPrecise, match="more than 8 decimal places"):
        scaled(Decimal(value))


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_finite_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        scaled(Decimal(value))


@pytest.mark.parametrize("value", ["92233720368.54775808", "-92233720368.54775808", "1E+11", "1E+999999", "-1E+30"])
def test_what_no_log_entry_could_hold_is_refused_at_once(value: str) -> None:
    with pytest.raises(TooLarge, match=r"is larger than 92233720368\.54775807"):
        scaled(Decimal(value))


def test_the_largest_number_is_scaled() -> None:
    assert scaled(Decimal("92233720368.54775807")) == LARGEST
    assert scaled(Decimal("-92233720368.54775807")) == -LARGEST
    assert scaled(Decimal("0E+999999")) == 0


def test_trailing_zeros_and_exponents_do_not_count_as_places() -> None:
    assert scaled(Decimal("1.1" + "0" * 40)) == 110_000_000
    assert scaled(Decimal("1E+2")) == 10_000_000_000
