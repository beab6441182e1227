"""A market in a world of virtual time, whose clock goes on while none of that passes."""

from decimal import Decimal

import pitwire
from pitwire.exchange.messages import CommandRejected, Outcome, PlaceOrder
from pitwire.exchange.participants import accounts
from pitwire.exchange.projections.intervals import DAY_US, WIDTHS_US, opening_us, shifted_us
from pitwire.market.enums import KlineInterval, OrderType, Side
from pitwire.market.numbers import scaled
from tests.client.streams.world import World


async def nearly_exhaust(client: pitwire.Client) -> None:
    """Use 5,650 of the 5,700 of the request weight of a minute that are not held back."""
    for limit, times in ((5000, 22), (1000, 3)):
        for _ in range(times):
            await client.depth(symbol="BTCUSDT", limit=limit)


class Market:
    """Trades at random, and turns the exchange's clock."""

    def __init__(self, made: World, interval: KlineInterval = KlineInterval.M1, offset_us: int = 0) -> None:
        self.made = made
        self.random = made.random
        self.width_s = WIDTHS_US.get(interval, 30 * DAY_US) / 1e6
        self.trades = 0
        self._bar = interval, offset_us

    async def open(self) -> int:
        """Fund who trades; the time from which on there may be trades, in milliseconds."""
        for command in accounts.opening(["BTC", "USDT"]):
            await self.made.exchange.sequencer.execute(command)
        return self.made.exchange_clock.now_us() // 1000

    async def trade(self) -> None:
        """One taker order that meets one to three makers."""
        price = Decimal(self.random.randrange(49_000_00, 51_000_00)) / 100
        sells = self.random.random() < 0.5
        quantities = [self.random.randrange(20, 500) for _ in range(self.random.randrange(1, 4))]
        for quantity in quantities:
            await self._place(accounts.MAKER, sells, price, quantity)
        await self._place(accounts.TAKER, not sells, price, sum(quantities))
        self.trades += len(quantities)

    async def _place(self, account: int, sells: bool, price: Decimal, quantity: int) -> None:
        outcome: Outcome = await self.made.exchange.sequencer.execute(
            PlaceOrder(
                account=account,
                symbol="BTCUSDT",
                side=Side.SELL if sells else Side.BUY,
                type=OrderType.LIMIT,
                client_order_id=f"{self.random.getrandbits(60):x}",
                price=scaled(price),
                quantity=scaled(Decimal(quantity).scaleb(-5)),
            )
        )
        assert not isinstance(outcome.events[0], CommandRejected), outcome

    async def step(self) -> None:
        """Some trades, or none, and a part of a bar, or some bars."""
        for _ in range(self.random.choice((0, 0, 1, 2, 3))):
            await self.trade()
            self.made.exchange_clock.turn(self.width_s * self.random.random() * 0.3)
        self.made.exchange_clock.turn(self.width_s * self.random.choice((0.01, 0.1, 0.4, 0.9, 2.5)))

    def approach_the_end(self) -> None:
        """Turn the clock to 80 s before the bar's end: where bars are wide, the connection is lost for its age."""
        interval, offset_us = self._bar
        now_us = self.made.exchange_clock.now_us()
        end_us = shifted_us(interval, opening_us(interval, now_us, offset_us), 1, offset_us)
        self.made.exchange_clock.turn(max(0.0, (end_us - now_us) / 1e6 - 80.0))
