from typing import Any

import pytest

from pitwire.client import coerce
from pitwire.market.enums import Side, TimeInForce


def test_a_member_is_taken_as_itself_or_as_its_string() -> None:
    assert coerce.member(Side, Side.BUY, "side") is Side.BUY
    assert coerce.member(Side, "BUY", "side") is Side.BUY


@pytest.mark.parametrize("value", ["buy", "HOLD", Side("HOLD"), "", TimeInForce.GTC, None, 1])
def test_anything_else_is_refused_with_what_there_is_to_choose_from(value: Any) -> None:
    with pytest.raises(ValueError, match=r"side .* is not one of BUY, SELL"):
        coerce.member(Side, value, "side")


def test_an_integer_is_taken_as_it_is() -> None:
    assert coerce.integer(10, "trailing_delta") == 10


@pytest.mark.parametrize("value", [10.0, "10", True, None])
def test_what_is_no_integer_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"trailing_delta is .*: pass an int"):
        coerce.integer(value, "trailing_delta")


def test_any_sequence_of_strings_becomes_a_tuple() -> None:
    assert coerce.texts(["BTCUSDT", "ETHUSDT"], "symbols") == ("BTCUSDT", "ETHUSDT")


def test_a_single_string_is_not_taken_for_a_sequence_of_letters() -> None:
    with pytest.raises(TypeError, match="symbols is the single string 'BTCUSDT'"):
        coerce.texts("BTCUSDT", "symbols")


def test_where_one_name_is_allowed_it_stays_one() -> None:
    assert coerce.one_or_more("SPOT") == "SPOT"
    assert coerce.one_or_more(["SPOT", "MARGIN"]) == ("SPOT", "MARGIN")
