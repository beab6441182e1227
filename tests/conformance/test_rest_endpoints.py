"""The REST API against the specification: endpoints, parameters, security, weights, and the shape of the answers."""

import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import fields

from pitwire.protocol import codec
from pitwire.protocol.registry import result_type
from pitwire.protocol.rest import ENDPOINTS, Endpoint
from tests.conformance.spec import ENDPOINTS as BY_PATH

NOT_SENT = {"apiKey", "signature", "timestamp", "recvWindow", "returnRateLimits"}
TABLED_ELSEWHERE = {
    # Their parameters are a table of HTML, or "all parameters of", which the data do not have.
    "/api/v3/ticker/24hr",
    "/api/v3/ticker/tradingDay",
    "/api/v3/ticker/price",
    "/api/v3/ticker/bookTicker",
    "/api/v3/ticker",
    "/api/v3/order/test",
    "/api/v3/sor/order/test",
}
LAXER = {
    # The WebSocket API has these as optional, and what a stop leg needs depends on its type (New OCO - Deprecated).
    ("POST", "/api/v3/order/oco"): {"stopPrice"},
}
EACH = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.verb} {endpoint.path}")


def row_of(endpoint: Endpoint) -> dict[str, Any]:
    return BY_PATH[endpoint.verb, endpoint.path]


def test_the_endpoints_are_the_documented_ones_in_their_order() -> None:
    assert [(endpoint.verb, endpoint.path) for endpoint in ENDPOINTS] == list(BY_PATH)
    assert len(ENDPOINTS) == 48


@EACH
def test_the_security_is_as_documented(endpoint: Endpoint) -> None:
    assert endpoint.request.METHOD.security.value == row_of(endpoint)["security"]


@EACH
def test_a_weight_that_is_a_number_is_as_documented(endpoint: Endpoint) -> None:
    weight = endpoint.request.METHOD.weight
    if isinstance(weight, int):
        assert row_of(endpoint)["weight"].split(" ")[0] == str(weight)
    else:
        assert not row_of(endpoint)["weight"].isdigit()


@EACH
def test_the_parameters_are_as_documented(endpoint: Endpoint) -> None:
    if endpoint.path in TABLED_ELSEWHERE:
        pytest.skip("its parameters are not in the data")
    documented = {row["name"]: row["mandatory"].upper().startswith("YES") for row in row_of(endpoint)["params"]}
    known = {field.encode_name: field.required for field in fields(endpoint.request)}
    assert set(documented) - NOT_SENT == set(known) - NOT_SENT
    laxer = LAXER.get((endpoint.verb, endpoint.path), set())
    differs = {name for name in known if name not in NOT_SENT and known[name] is not documented[name]}
    assert differs == laxer


@EACH
def test_the_documented_answers_survive_the_clients_types(endpoint: Endpoint) -> None:
    for example in row_of(endpoint)["responses"]:
        if isinstance(example, dict) and "code" in example:
            continue  # errors are in test_error_codes
        if isinstance(example, dict) and example.get("rateLimits") == [{}]:
            example["rateLimits"] = []  # the example has a comment there
        raw = msgspec.json.encode([example] if endpoint.single else example)
        decoded = msgspec.json.decode(raw, type=result_type(endpoint.request))
        assert json.loads(codec.encode(decoded)) == json.loads(raw)
