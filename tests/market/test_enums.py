import msgspec
import pytest

from pitwire.market.enums import CancelReplaceMode, OrderStatus, Side


def test_a_member_is_its_wire_string() -> None:
    assert Side("BUY") is Side.BUY
    assert Side.BUY == "BUY"
    assert f"{Side.BUY}" == "BUY"


def test_the_opposite_of_a_side_is_the_other_one() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY


def test_a_word_that_only_the_exchange_says_may_be_new() -> None:
    status = msgspec.json.decode(b'"SUSPENDED"', type=OrderStatus)
    assert isinstance(status, OrderStatus)
    assert status == "SUSPENDED"
    assert status not in list(OrderStatus)
    assert msgspec.json.encode(status) == b'"SUSPENDED"'
    assert msgspec.json.decode(b'"NEW"', type=OrderStatus) is OrderStatus.NEW


def test_a_word_that_only_requests_carry_must_be_known() -> None:
    with pytest.raises(msgspec.ValidationError, match="Invalid enum value 'HOLD'"):
        msgspec.json.decode(b'"HOLD"', type=CancelReplaceMode)


def test_what_is_no_word_is_no_member() -> None:
    with pytest.raises(ValueError, match="5 is not a valid OrderStatus"):
        OrderStatus(5)  # type: ignore[arg-type]
