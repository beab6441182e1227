"""What ccxt and python-binance ask for when they start."""

import pytest

from tests.exchange.gateway.venue import ORDER


async def test_coins_are_every_asset_with_what_the_account_has(rest):
    await rest.signed("POST", "order", ORDER)
    answer = await rest.signed("GET", "../../sapi/v1/capital/config/getall", {"recvWindow": 10000})
    coins = {coin["coin"]: (coin["free"], coin["locked"]) for coin in answer.json()}
    assert coins == {"BTC": ("100.00000000", "0.00000000"), "USDT": ("9999950.00000000", "50.00000000")}


async def test_fees_are_the_accounts_own(rest):
    rates = [{"symbol": "BTCUSDT", "makerCommission": "0.00100000", "takerCommission": "0.00100000"}]
    for params in ({}, {"symbol": "BTCUSDT"}):
        assert (await rest.signed("GET", "../../sapi/v1/asset/tradeFee", params)).json() == rates
    unknown = await rest.signed("GET", "../../sapi/v1/asset/tradeFee", {"symbol": "ABC"})
    assert (unknown.status_code, unknown.json()["code"]) == (400, -1121)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("system/status", {"status": 0, "msg": "normal"}),
        ("margin/allPairs", []),
        ("margin/isolated/allPairs", []),
    ],
)
async def test_what_is_no_secret_is_answered_signed_or_not(rest, path, answer):
    assert (await rest.client.get(f"/sapi/v1/{path}")).json() == answer
    if path != "system/status":
        assert (await rest.signed("GET", f"../../sapi/v1/{path}")).json() == answer


async def test_what_is_the_accounts_own_needs_a_signature(rest):
    for path in ("capital/config/getall", "asset/tradeFee", "account/status", "account/apiRestrictions"):
        assert (await rest.client.get(f"/sapi/v1/{path}")).status_code == 401
    assert (await rest.signed("GET", "../../sapi/v1/account/status")).json() == {"data": "Normal"}
    restrictions = (await rest.signed("GET", "../../sapi/v1/account/apiRestrictions")).json()
    assert restrictions["enableSpotAndMarginTrading"] is True
    assert restrictions["enableWithdrawals"] is False
