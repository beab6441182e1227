"""Every example response of the specification decodes, encodes again, and is then the example, field by field."""

import json
from typing import Any

import msgspec
import pytest

from pitwire.protocol.codec import decode_response, encode
from pitwire.protocol.errors import (
    CancelRejected,
    CancelReplaceFailed,
    ErrorBody,
    InvalidParameter,
    RateLimited,
    Rejected,
    rejected,
)
from pitwire.protocol.registry import by_name, result_type
from pitwire.protocol.results import FilterRules, RateLimit
from pitwire.protocol.results.trading import ConditionalFields
from tests.conformance import spec

EXCERPTS = {  # listed among the examples, and no response
    "ticker": {"openTime": 1659580020000, "closeTime": 1660184865291},
}


def examples(kind: str) -> list[Any]:
    """The examples that carry a `result`, or those that carry an `error`, as pytest parameters."""
    found = []
    for method, row in spec.METHODS.items():
        for number, response in enumerate(row["responses"]):
            if response == EXCERPTS.get(method):
                continue
            # Errors of order.cancel are shown without the response that they come in.
            if kind in response or (kind == "error" and "code" in response):
                found.append(pytest.param(method, response, id=f"{method}-{number}"))
    return found


@pytest.mark.parametrize(("method", "response"), examples("result"))
def test_an_example_result_survives_the_round_trip(method: str, response: dict[str, Any]) -> None:
    envelope = decode_response(json.dumps(response).encode())
    assert envelope.id == response["id"]
    assert envelope.status == response["status"] == 200
    result = msgspec.json.decode(envelope.result, type=result_type(by_name[method]))
    assert json.loads(encode(result)) == response["result"]


@pytest.mark.parametrize(("method", "response"), examples("result"))
def test_an_example_result_survives_fields_that_do_not_exist_yet(method: str, response: dict[str, Any]) -> None:
    result = msgspec.json.decode(json.dumps(with_unknown_fields(response["result"])), type=result_type(by_name[method]))
    assert json.loads(encode(result)) == response["result"]


def with_unknown_fields(value: Any) -> Any:
    match value:
        case dict():
            return {name: with_unknown_fields(item) for name, item in value.items()} | {"addedTomorrow": {"x": [1]}}
        case list():
            return [with_unknown_fields(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize(("method", "response"), examples("error"))
def test_an_example_error_survives_the_round_trip(method: str, response: dict[str, Any]) -> None:
    documented = response.get("error", response)
    body = msgspec.json.decode(json.dumps(documented), type=ErrorBody)
    assert json.loads(encode(body)) == documented
    error = rejected(response.get("status", 400), body)
    assert isinstance(error, Rejected)
    assert (error.code, error.message, error.data) == (documented["code"], documented["msg"], documented.get("data"))


@pytest.mark.parametrize(
    ("method", "codes", "raised"),
    [
        ("order.cancel", {-1145}, InvalidParameter),
        ("order.cancel", {-2011}, CancelRejected),
        ("order.cancelReplace", {-2021, -2022}, CancelReplaceFailed),
        ("order.cancelReplace", {-1015}, RateLimited),
        ("referencePrice.calculation", {-2043}, Rejected),
    ],
)
def test_example_errors_become_their_class(method: str, codes: set[int], raised: type[Rejected]) -> None:
    seen = set()
    for response in spec.METHODS[method]["responses"]:
        documented = response.get("error", response)
        if documented.get("code") in codes:
            seen.add(documented["code"])
            error = rejected(response.get("status", 400), msgspec.convert(documented, ErrorBody))
            assert type(error) is raised
    assert seen == codes


def test_an_unset_reference_price_is_an_error_body_in_a_successful_result() -> None:
    # As documented, with status 200; referencePrice.calculation gives the same as an error with status 400.
    response = spec.METHODS["referencePrice"]["responses"][2]
    assert response["status"] == 200
    result = msgspec.convert(response["result"], result_type(by_name["referencePrice"]))
    assert (result.code, result.symbol) == (-2043, msgspec.UNSET)


def test_every_example_is_tested_or_known_to_be_an_excerpt() -> None:
    total = sum(len(row["responses"]) for row in spec.METHODS.values())
    assert len(examples("result")) + len(examples("error")) + len(EXCERPTS) == total
    assert all(row["responses"] for row in spec.METHODS.values())


def test_rate_limits_of_every_example_survive_the_round_trip() -> None:
    for row in spec.METHODS.values():
        for response in row["responses"]:
            limits = msgspec.convert(response.get("rateLimits", []), tuple[RateLimit, ...])
            assert json.loads(encode(limits)) == response.get("rateLimits", [])


@pytest.mark.parametrize("documented", spec.FILTERS, ids=lambda row: row["filterType"])
def test_every_filter_survives_the_round_trip(documented: dict[str, Any]) -> None:
    rules = msgspec.json.decode(json.dumps(documented), type=FilterRules)
    assert json.loads(encode(rules)) == documented


# web-socket-api.md, Conditional fields in Order Responses: the table's fields with its examples.
CONDITIONAL_FIELDS = {
    "icebergQty": "0.00000000",
    "preventedMatchId": 0,
    "preventedQuantity": "1.200000",
    "stopPrice": "23500.00000000",
    "strategyId": 37463720,
    "strategyType": 1000000,
    "trailingDelta": 10,
    "trailingTime": -1,
    "usedSor": True,
    "workingFloor": "SOR",
    "pegPriceType": "PRIMARY_PEG",
    "pegOffsetType": "PRICE_LEVEL",
    "pegOffsetValue": 5,
    "peggedPrice": "87523.83710000",
    "expiryReason": "INSUFFICIENT_LIQUIDITY",
}


def test_the_conditional_fields_are_the_documented_ones() -> None:
    assert {field.encode_name for field in msgspec.structs.fields(ConditionalFields)} == set(CONDITIONAL_FIELDS)


@pytest.mark.parametrize("method", ["order.place", "order.cancel", "order.status", "orderList.place.oco"])
def test_every_conditional_field_survives_the_round_trip(method: str) -> None:
    example = next(each["result"] for each in spec.METHODS[method]["responses"] if "result" in each)
    if "orderReports" in example:  # "These fields can apply to Order lists."
        reports = [report | CONDITIONAL_FIELDS for report in example["orderReports"]]
        sent = example | {"orderReports": reports}
    else:
        sent = example | CONDITIONAL_FIELDS
    result = msgspec.json.decode(json.dumps(sent), type=result_type(by_name[method]))
    assert json.loads(encode(result)) == sent
