"""History of any length: it waits for the exchange's limits for longer than any request does."""

import pitwire
from tests.client.history.market import Market, nearly_exhaust
from tests.client.streams.world import world


async def test_history_waits_for_the_limits_beyond_a_requests_deadline() -> None:
    async with world(1) as made:
        market = Market(made)
        start_ms = await market.open()
        await market.trade()
        made.exchange_clock.turn(30_000)
        async with made.client() as client:
            await nearly_exhaust(client)
            before_s = made.clock.elapsed_s()
            bars = await pitwire.History(client).klines("BTCUSDT", "1s", start=start_ms)
            assert len(bars) >= 30_000
            assert 10 < made.clock.elapsed_s() - before_s <= 61
