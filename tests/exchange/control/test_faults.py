"""Faults over HTTP."""

import pytest

import pitwire
from tests.exchange.gateway.venue import key_of


async def test_a_rule_is_put_in_force_strikes_and_is_taken_out(operator):
    rule = {"fault": "error", "phase": "received", "method": "ticker.price", "code": -1121, "count": 3}
    added = await operator.ask("POST", "/faults", rule)
    async with pitwire.connect(operator.exchange.ws_url, key=key_of("alice").signing_key()) as client:
        with pytest.raises(pitwire.Rejected, match="Invalid symbol"):
            await client.ticker_price(symbol="BTCUSDT")
        (shown,) = await operator.ask("GET", "/faults")
        assert shown == {**added, "strikes": 1, **rule}
        assert await operator.ask("DELETE", f"/faults/{added['number']}") == {**added, "strikes": 1}
        await client.ticker_price(symbol="BTCUSDT")
    assert await operator.ask("GET", "/faults") == []


async def test_all_are_taken_out_at_once(operator):
    for _ in range(3):
        await operator.ask("POST", "/faults", {"fault": "drop", "method": "order.place"})
    assert await operator.ask("DELETE", "/faults") == {}
    assert await operator.ask("GET", "/faults") == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "fault"),
        ({"fault": "drop", "phase": "event"}, "choose of cut, half_open, shutdown"),
        ({"fault": "drop", "often": 1}, "often"),
        ({"fault": "drop", "count": "many"}, "count"),
    ],
)
async def test_what_makes_no_sense_is_refused(operator, body, says):
    status, error = await operator.refused("POST", "/faults", body)
    assert status == 400
    assert says in error


async def test_a_rule_that_is_not_there_cannot_be_taken_out(operator):
    assert await operator.refused("DELETE", "/faults/7") == (
        404,
        "no rule 7 is in force: GET /control/faults shows those that are",
    )
