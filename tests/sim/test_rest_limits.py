"""The client's requests and the application's own REST calls, together: none is refused, and little is left unused."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

import pitwire
from pitwire.exchange.gateway.limits import ORDERS, REQUEST_WEIGHT
from pitwire.protocol.signing import KeyKind
from tests.exchange.gateway.venue import key_of
from tests.sim.test_limits import Counts
from tests.sim.world import SYMBOL, World, simulate, world

SEED = int(os.environ.get("PITWIRE_SIM_FIRST", "0"))
MINUTES = 5
EVERY_S = 0.1
ORDER = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "IOC", "quantity": "0.001", "price": "20000"}


class Rest:
    """Calls of an application: over `httpx`, admitted by the client's limits, which learn from the answers."""

    def __init__(self, here: World, client: pitwire.Client, http: httpx.AsyncClient) -> None:
        self._here = here
        self._limits = client.limits
        self._http = http
        self._key = key_of("alice", KeyKind.HMAC)
        self.statuses: list[int] = []

    async def call(self, verb: str, path: str, weight: int, orders: int = 0, **params: Any) -> httpx.Response:
        """Ask, once there is room. Raises `LimitReached`."""
        await self._limits.admit(weight=weight, orders=orders)
        return await self.send(verb, path, **params)

    async def send(self, verb: str, path: str, **params: Any) -> httpx.Response:
        """Ask, whether there is room or not."""
        text = urlencode({**params, "timestamp": self._here.clock.now_us() // 1000})
        text += "&" + urlencode({"signature": self._key.signing_key().sign(text.encode())})
        headers = {"X-MBX-APIKEY": self._key.api_key}
        response = await self._http.request(verb, f"/api/v3/{path}?{text}", headers=headers)
        code = response.json().get("code") if response.is_error else None
        self._limits.learn(response.headers, response.status_code, code=code)
        self.statuses.append(response.status_code)
        return response


@asynccontextmanager
async def both(here: World, **options: Any) -> AsyncIterator[tuple[pitwire.Client, Rest]]:
    assert here.exchange.http_url is not None
    async with (
        here.client(**options) as client,
        httpx.AsyncClient(base_url=here.exchange.http_url, trust_env=False, timeout=None) as http,
    ):
        yield client, Rest(here, client, http)


@pytest.mark.parametrize("wanted", ["queries", "orders"])
def test_requests_and_calls_that_ask_for_more_than_is_allowed_are_not_refused_once(
    monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    counts = Counts(monkeypatch)
    ended: Counter[str] = Counter()

    async def note(what: str, request: Any) -> None:
        try:
            await request
        except pitwire.LimitReached:
            what = "no room"
        ended[what] += 1

    async def work(seed: int) -> None:
        async with world(seed, latency_s_max=0.02, limits=True, http_port=0) as here, both(here, deadline_s=5) as ends:
            client, rest = ends
            order = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "IOC", "quantity": "0.001"}
            async with asyncio.TaskGroup() as group:
                for number in range(int(MINUTES * 60 / EVERY_S)):
                    if wanted == "queries":  # four times the weight that is allowed
                        group.create_task(note("query ws", client.my_trades(symbol=SYMBOL)))
                        group.create_task(note("query rest", rest.call("GET", "myTrades", 20, symbol=SYMBOL)))
                    if wanted == "orders" or number % 5 == 0:  # four times the orders that are allowed
                        group.create_task(note("order ws", client.order_place(**order, price="20000")))
                        group.create_task(note("order rest", rest.call("POST", "order", 1, 1, **ORDER)))
                    await here.clock.advance(seconds=EVERY_S)
            assert set(rest.statuses) == {200}

    simulate(SEED, work)
    whole = sorted(counts.weight)[1:MINUTES]  # the first and the last minute are cut short
    used = [counts.weight[minute] / REQUEST_WEIGHT.limit for minute in whole]
    print(f"seed {SEED}: used {[f'{share:.1%}' for share in used]}; {dict(ended)}")
    assert counts.refused == 0
    assert ended["no room"] > 0
    for way in ("ws", "rest"):
        assert ended[f"order {way}"] > 50
        assert wanted == "orders" or ended[f"query {way}"] > 500
    if wanted == "queries":
        assert min(used) >= 0.9
    else:
        assert ended["order ws"] + ended["order rest"] >= 0.9 * ORDERS[0].limit * 6 * MINUTES


def test_a_refusal_that_a_call_brings_on_holds_back_the_requests_of_the_client() -> None:
    async def work(seed: int) -> None:
        async with world(seed, latency_s_max=0.02, limits=True, http_port=0) as here, both(here, deadline_s=90) as ends:
            client, rest = ends
            while (refused := await rest.send("GET", "myTrades", symbol=SYMBOL)).status_code == 200:
                pass
            assert refused.status_code == 429
            wait_s, refused_s = int(refused.headers["Retry-After"]), here.now_s()
            assert wait_s > 1
            with pytest.raises(pitwire.CancelRejected):  # it was asked, and there is no such order
                await client.order_cancel(symbol=SYMBOL, orig_client_order_id="none")
            assert wait_s <= here.now_s() - refused_s <= wait_s + 1

            while refused.status_code != 418:  # an application that does not stop is shut out
                refused = await rest.send("GET", "myTrades", symbol=SYMBOL)
            ban_s, banned_s = int(refused.headers["Retry-After"]), here.now_s()
            assert ban_s > 100
            with pytest.raises(pitwire.LimitReached):
                await client.limits.admit(weight=1, within_s=ban_s - 1)
            assert here.now_s() - banned_s >= ban_s - 1
            await client.limits.admit(weight=1, within_s=2)

    simulate(SEED, work)
