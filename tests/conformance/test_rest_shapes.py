"""A live call of every endpoint that is served, over HTTP: its answer has the shape of a documented example.

The calls are those of `test_shapes`, made over REST. `make conformance` prints the table.
"""

import json

import pytest
import pytest_asyncio

from pitwire.protocol.requests.base import SignedRequest
from pitwire.protocol.rest import ENDPOINTS
from tests.conformance import spec
from tests.conformance.shapes import differences
from tests.conformance.test_shapes import CALLS, OF_NO_SYMBOL, prepare, verdict
from tests.exchange.gateway.rest.conftest import open_rest
from tests.exchange.gateway.venue import key_of

BY_METHOD = {endpoint.request.METHOD.name: endpoint for endpoint in ENDPOINTS}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def answers():
    """By method: the answers to its calls."""
    answers = {method: [] for method in BY_METHOD}
    async with open_rest() as rest:
        await prepare(rest.venue)
        for who, method, params in CALLS:
            endpoint = BY_METHOD.get(method)
            if endpoint is None:
                continue
            whole = params if method.startswith(OF_NO_SYMBOL) else {"symbol": "BTCUSDT", **params}
            sent = {name: str(value).lower() if value is True else value for name, value in whole.items()}
            path = endpoint.path.removeprefix("/api/v3/")
            if issubclass(endpoint.request, SignedRequest):
                answer = await rest.signed(endpoint.verb, path, sent, key=key_of(who), in_body=endpoint.verb == "POST")
            else:
                answer = await rest.get(path, **sent)
            assert answer.status_code == 200, (method, params, answer.text)
            answers[method].append(json.loads(answer.text))
        yield answers


def found(method, results):
    """What is wrong with the answers; empty where nothing is."""
    endpoint = BY_METHOD[method]
    by_rest = [each for result in results for each in differences(result, *_documented(endpoint))]
    if not by_rest or endpoint.single:
        return by_rest
    # Where the two documents show the same thing, either one's example will do: the newer one has a field more.
    return min(by_rest, verdict(method, [{"result": result} for result in results]), key=len)


def _documented(endpoint):
    return spec.ENDPOINTS[endpoint.verb, endpoint.path]["responses"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("method", BY_METHOD)
async def test_an_answer_has_the_shape_of_an_example(answers, method):
    assert answers[method], "no call of it is made"
    assert found(method, answers[method]) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_the_table(answers, capsys):
    rows = []
    for endpoint in ENDPOINTS:
        method = endpoint.request.METHOD.name
        said = "; ".join(found(method, answers[method])) or "same shape"
        rows.append(f"{endpoint.verb + ' ' + endpoint.path:40}{len(answers[method]):>6}   {said}")
    with capsys.disabled():
        print("", f"{'endpoint':40}{'calls':>6}   result", *rows, sep="\n")
    assert len(rows) == 48
