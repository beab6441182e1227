"""The examples of faqs/order_count_decrement.md, over the wire: the count after each action, as its tables have it."""

import pytest

from tests.exchange.gateway.venue import TurnedClock, open_venue

DAY_S = 24 * 3_600


class Desk:
    """Alice, whose orders are counted, and Bob, who trades with them."""

    def __init__(self, venue, alice, bob):
        self.venue = venue
        self.alice = alice
        self.bob = bob

    async def counts(self):
        """In 10 seconds and in a day, as `account.rateLimits.orders` has them."""
        limits = (await self.alice.call("account.rateLimits.orders", self.alice.stamped()))["result"]
        return [limit["count"] for limit in limits]

    async def place(self, name, price="40000", quantity="0.003", **changes):
        """Alice buys; the count after it."""
        price = None if changes.get("type") == "MARKET" else price
        answer = await self.alice.place(price=price, quantity=quantity, newClientOrderId=name, **changes)
        assert answer["status"] == 200, answer
        return await self.count()

    async def cancel(self, name):
        await self.alice.call("order.cancel", self.alice.stamped({"symbol": "BTCUSDT", "origClientOrderId": name}))
        return await self.count()

    async def sell_to(self, price, quantity="0.001"):
        """Bob fills what Alice buys at `price`, which is the best; the count after it."""
        answer = await self.bob.place(side="SELL", price=price, quantity=quantity, timeInForce="IOC")
        assert answer["result"]["status"] == "FILLED"
        return await self.count()

    async def offer(self, price, quantity="0.001"):
        answer = await self.bob.place(side="SELL", price=price, quantity=quantity)
        assert answer["result"]["status"] == "NEW"

    async def count(self):
        """In 10 seconds; the examples have no other interval."""
        return (await self.counts())[0]


@pytest.fixture
async def desk():
    async with open_venue(limits=True) as venue, venue.connect() as alice, venue.connect() as bob:
        # Midnight to come, so that no interval ends on the way.
        venue.clock.turn(DAY_S - venue.clock.now_us() / 1_000_000 % DAY_S + 1)
        await alice.log_on("alice")
        await bob.log_on("bob")
        yield Desk(venue, alice, bob)


async def test_example_1_taker(desk):
    assert await desk.count() == 0
    assert await desk.place("A") == 1
    await desk.offer("41000")
    assert await desk.place("B", "41000") == 1, "1 more, and 1 less for its first fill as taker"
    assert await desk.place("C") == 2
    assert await desk.sell_to("41000") == 2, "B's second fill"
    assert await desk.sell_to("41000") == 2, "B is filled"
    await desk.offer("41000")
    assert await desk.place("D", type="MARKET", timeInForce=None, quantity="0.001") == 2


async def test_example_2_maker(desk):
    for count, name in enumerate("ABCDE", 1):
        assert await desk.place(name, {"A": "41000", "B": "40500"}.get(name, "40000")) == count
    assert await desk.sell_to("41000") == 0, "A's first fill as maker: 5 less"
    assert [await desk.place(name) for name in "FG"] == [1, 2]
    assert await desk.sell_to("41000") == 2
    assert await desk.sell_to("41000") == 2, "A is filled"
    assert await desk.sell_to("40500") == 0, "B's first fill: 5 less, and never below 0"
    assert await desk.place("H") == 1


async def test_canceled_and_expired_orders_change_nothing(desk):
    assert await desk.place("A") == 1
    assert await desk.cancel("A") == 1
    assert await desk.place("B") == 2
    await desk.offer("41000", "0.003")
    assert await desk.place("C", "41000", timeInForce="FOK") == 2, "1 more, and 1 less for its fill"
    assert await desk.place("D") == 3
    assert await desk.place("E", timeInForce="FOK") == 4, "it expires"
    assert await desk.cancel("D") == 4
    assert await desk.place("F") == 5


async def test_fills_of_yesterdays_orders_give_back_todays_count_and_no_credit(desk):
    """The FAQ's table takes 1 off for each of these fills, though they are makers'; here it is 5, as in example 2."""
    for number in range(5):
        await desk.place(str(number), f"{41_000 + number}", "0.001")
    assert await desk.counts() == [5, 5]
    desk.venue.clock.turn(DAY_S)
    assert await desk.counts() == [0, 0]
    for number in range(10):
        await desk.place(f"today-{number}")
    assert await desk.counts() == [10, 10]
    await desk.sell_to("41004")
    assert await desk.counts() == [5, 5]
    for price in ("41003", "41002"):
        await desk.sell_to(price)
    assert await desk.counts() == [0, 0]
    assert [await desk.place(name) for name in ("16", "17")] == [1, 2]
    await desk.sell_to("41001")
    assert await desk.counts() == [0, 0]


async def test_an_order_that_expires_while_it_waits_for_the_log_counts_nothing(desk):
    class Late(TurnedClock):
        """The sequencer's clock: what it is handed has waited for 10 seconds already."""

        def now_us(self):
            return desk.venue.clock.now_us() + 10_000_000

    assert await desk.place("in-time") == 1
    desk.venue.sequencer._clock, clock = Late(), desk.venue.sequencer._clock
    late = await desk.alice.place(recvWindow=5_000)
    assert (late["status"], late["error"]["code"]) == (400, -1021)
    assert await desk.counts() == [1, 1]
    replaced = await desk.alice.call(
        "order.cancelReplace",
        desk.alice.stamped(
            {
                "symbol": "BTCUSDT",
                "side": "BUY",
                "type": "LIMIT",
                "timeInForce": "GTC",
                "price": "40000",
                "quantity": "0.001",
                "cancelReplaceMode": "ALLOW_FAILURE",
                "cancelOrigClientOrderId": "in-time",
                "recvWindow": 5_000,
            }
        ),
    )
    assert replaced["error"]["code"] == -1021
    assert await desk.counts() == [1, 1]
    desk.venue.sequencer._clock = clock
    assert await desk.place("again") == 2


async def test_an_order_that_the_exchange_refuses_counts_as_binances_example_of_a_failed_response_has_it(desk):
    refused = await desk.alice.place(side="SELL", quantity="150")
    assert refused["error"]["code"] == -2010
    assert await desk.counts() == [1, 1]
