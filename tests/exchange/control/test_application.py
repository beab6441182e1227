"""Who may call the control endpoints, and how they refuse what they cannot read."""

import pytest

from pitwire.exchange.control.application import BODY_BYTES_MAX
from tests.exchange.control.conftest import TOKEN, open_operator


@pytest.mark.parametrize("authorization", [None, "", f"Basic {TOKEN}", "Bearer x", TOKEN])
@pytest.mark.parametrize(("verb", "path"), [("GET", "/accounts"), ("POST", "/keys"), ("GET", "/x")])
async def test_without_the_token_nothing_is_told(operator, authorization, verb, path):
    del operator.client.headers["Authorization"]
    header = {} if authorization is None else {"Authorization": authorization}
    answer = await operator.client.request(verb, f"/control{path}", headers=header)
    assert answer.status_code == 401
    assert "Authorization: Bearer TOKEN" in answer.json()["error"]
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_is_made_where_none_is_given():
    async with open_operator(control_token=None) as operator:
        assert len(operator.exchange.control_token) >= 32
        assert await operator.ask("GET", "/accounts")


async def test_what_is_no_endpoint_is_said_as_json(operator):
    assert await operator.refused("GET", "/nix") == (404, "GET /control/nix is no control endpoint")
    assert (await operator.refused("DELETE", "/accounts"))[0] == 405


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"{", 400, "the body is no JSON object"),
        (b"[]", 400, "the body: Expected `object`, got `array`"),
        (b"\xff", 400, "no JSON"),
        (b'{"asset": "BTC"}', 400, "missing required field `amount`"),
        (b'{"asset": "BTC", "amount": "x"}', 400, "amount: Invalid decimal string"),
        (b'{"asset": "BTC", "amount": "1", "to": 2}', 400, "unknown field `to`"),
        (b'{"asset": ' + b"[" * 50_000, 400, "asset: Expected `str`"),
        (b" " * (BODY_BYTES_MAX + 1), 413, str(BODY_BYTES_MAX)),
    ],
)
async def test_bodies_that_cannot_be_read(operator, body, status, sentence):
    answer = await operator.client.post("/control/accounts/1/deposit", content=body)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]
