import re
from typing import Any, ClassVar

import msgspec
import pytest

from pitwire.protocol import results
from pitwire.protocol.registry import METHODS, by_name, result_type
from pitwire.protocol.requests.base import Method, Request, Security
from pitwire.protocol.requests.market import TickerPrice
from pitwire.protocol.requests.trading import OrderPlace, OrderTest


def test_every_method_is_found_by_its_wire_name() -> None:
    assert len(by_name) == len(METHODS)
    assert by_name["order.place"] is OrderPlace


@pytest.mark.parametrize("request_type", METHODS, ids=lambda request: request.METHOD.name)
def test_a_struct_is_named_after_its_method(request_type: type[Request[Any]]) -> None:
    words = re.split(r"\.", request_type.METHOD.name)
    assert request_type.__name__ == "".join(word[0].upper() + word[1:] for word in words)


@pytest.mark.parametrize("request_type", METHODS, ids=lambda request: request.METHOD.name)
def test_requests_are_frozen_refuse_unknown_parameters_and_say_what_they_do(request_type: type[Request[Any]]) -> None:
    config = request_type.__struct_config__
    assert config.frozen
    assert config.forbid_unknown_fields
    assert config.omit_defaults
    assert request_type.__doc__


@pytest.mark.parametrize("request_type", METHODS, ids=lambda request: request.METHOD.name)
def test_results_can_be_decoded_into(request_type: type[Request[Any]]) -> None:
    msgspec.json.Decoder(result_type(request_type))


@pytest.mark.parametrize(
    ("request_type", "result"),
    [
        (OrderPlace, results.OrderPlaced),
        (OrderTest, results.OrderTested),
        (TickerPrice, results.PriceTicker | tuple[results.PriceTicker, ...]),
    ],
)
def test_the_result_type_is_the_one_that_the_request_was_derived_with(
    request_type: type[Request[Any]], result: Any
) -> None:
    assert result_type(request_type) == result


def test_a_request_without_a_result_is_a_mistake_that_says_so() -> None:
    class Nothing(Request, frozen=True, kw_only=True):  # type: ignore[type-arg]
        METHOD: ClassVar[Method] = Method("nothing", Security.NONE)

    with pytest.raises(TypeError, match="Nothing does not say what it is answered with"):
        result_type(Nothing)


def test_results_are_frozen_and_tolerate_unknown_fields() -> None:
    structs = [getattr(results, name) for name in results.__all__]
    for struct in structs:
        assert struct.__struct_config__.frozen, struct
        assert not struct.__struct_config__.forbid_unknown_fields, struct
