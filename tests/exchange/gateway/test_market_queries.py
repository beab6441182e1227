"""Every market data method over the wire: what it answers, what it refuses, and what it weighs."""

from itertools import pairwise

import msgspec
import pytest
import pytest_asyncio

from pitwire.exchange.messages import ListSymbol, ReportBlockTrade
from pitwire.market.enums import KlineInterval, SymbolStatus
from tests.exchange.gateway.venue import RULES, Venue, open_venue, units

pytestmark = pytest.mark.asyncio(loop_scope="module")

HALTED = msgspec.structs.replace(RULES, symbol="ETHUSDT", base="ETH", status=SymbolStatus.HALT)
MANY = [f"S{number}USDT" for number in range(201)]
ONE = {"symbol": "BTCUSDT"}
MINUTE_MS, DAY_MS = 60_000, 86_400_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def traded():
    """BTCUSDT, of which alice bought 1, 2 and 3 from bob at 50000, a second apart; then she sold 0.5 at 49000.

    ETHUSDT is halted, and there are 201 symbols more. 70 s pass after the last trade.
    """
    async with open_venue() as venue:
        for rules in (HALTED, *(msgspec.structs.replace(RULES, symbol=name, base=name[:-4]) for name in MANY)):
            await venue.sequencer.execute(ListSymbol(rules=rules))
        for price in ("0.052", "0.053"):
            await venue.sequencer.execute(
                ReportBlockTrade(symbol="BTCUSDT", price=units(price), quantity=units("5838"), buyer_is_maker=True)
            )
        async with venue.connect() as alice, venue.connect() as bob:
            await alice.log_on("alice")
            await bob.log_on("bob")
            await bob.place(side="SELL", quantity="4")
            await bob.place(side="SELL", quantity="5")
            await bob.place(quantity="1", price="49000")
            for quantity in ("1", "2", "3"):  # the last one fills two orders at one price
                await alice.place(quantity=quantity)
                venue.clock.turn(1)
            await alice.place(side="SELL", quantity="0.5", price="49000")
            venue.clock.turn(70)
            yield Traded(venue, alice)


class Traded:
    def __init__(self, venue: Venue, peer) -> None:
        self.venue = venue
        self.peer = peer

    @property
    def now_ms(self) -> int:
        return self.venue.clock.now_us() // 1000

    async def ask(self, method, **params):
        answer = await self.peer.call(method, params)
        assert answer["status"] == 200, answer
        return answer["result"]

    async def refused(self, method, params):
        answer = await self.peer.call(method, params)
        assert answer["status"] == 400, answer
        return answer["error"]["code"], answer["error"]["msg"]

    async def weight(self, method, params):
        before = (await self.peer.call("ping"))["rateLimits"][0]["count"]
        await self.peer.call(method, params)
        return (await self.peer.call("ping"))["rateLimits"][0]["count"] - before - 1


async def test_trades_are_answered_from_any_id_on(traded):
    recent = await traded.ask("trades.recent", **ONE)
    assert [(each["id"], each["qty"], each["isBuyerMaker"]) for each in recent] == [
        (1, "1.00000000", False),
        (2, "2.00000000", False),
        (3, "1.00000000", False),
        (4, "2.00000000", False),
        (5, "0.50000000", True),
    ]
    assert await traded.ask("trades.historical", **ONE) == recent
    assert await traded.ask("trades.historical", **ONE, fromId=4, limit=1) == recent[3:4]
    assert await traded.ask("trades.historical", **ONE, fromId=6) == []


async def test_fills_of_one_taker_at_one_price_are_one_aggregate_trade(traded):
    aggregates = await traded.ask("trades.aggregate", **ONE)
    assert [(each["a"], each["q"], each["f"], each["l"], each["m"]) for each in aggregates] == [
        (1, "1.00000000", 1, 1, False),
        (2, "2.00000000", 2, 2, False),
        (3, "3.00000000", 3, 4, False),
        (4, "0.50000000", 5, 5, True),
    ]
    assert await traded.ask("trades.aggregate", **ONE, fromId=3) == aggregates[2:]
    second = aggregates[1]["T"]
    assert await traded.ask("trades.aggregate", **ONE, startTime=second, limit=2) == aggregates[1:3]
    assert await traded.ask("trades.aggregate", **ONE, endTime=second, limit=1) == aggregates[1:2]
    assert await traded.ask("trades.aggregate", **ONE, startTime=second, endTime=second) == aggregates[1:2]


async def test_block_trades_are_answered_from_an_id_on(traded):
    found = await traded.ask("blockTrades.historical", **ONE, fromId=2)
    assert [(each["id"], each["price"], each["quoteQty"]) for each in found] == [(2, "0.05300000", "309.41400000")]


@pytest.mark.parametrize("method", ["klines", "uiKlines"])
@pytest.mark.parametrize("interval", list(KlineInterval))
async def test_klines_of_every_interval_hold_all_trades_and_reach_to_now(traded, method, interval):
    klines = await traded.ask(method, **ONE, interval=interval, limit=1000)
    assert sum(kline[8] for kline in klines) == 5
    assert klines[0][1] == "50000.00000000"
    assert klines[-1][4] == "49000.00000000"
    assert klines[-1][0] <= traded.now_ms <= klines[-1][6]
    assert all(before[6] + 1 == after[0] for before, after in pairwise(klines))
    volumes = [sum(units(kline[column]) for kline in klines) for column in (5, 7, 9, 10)]
    assert volumes == [units("6.5"), units("324500"), units("6"), units("300000")]


async def test_klines_are_chosen_by_their_opening_time_and_lie_by_the_clock_of_a_time_zone(traded):
    seconds = await traded.ask("klines", **ONE, interval="1s", limit=1000)
    first, last = seconds[0][0], seconds[-1][0]
    assert await traded.ask("klines", **ONE, interval="1s", startTime=first + 1, limit=2) == seconds[1:3]
    assert await traded.ask("klines", **ONE, interval="1s", endTime=last, limit=2) == seconds[-2:]
    assert await traded.ask("klines", **ONE, interval="1s", startTime=first, endTime=first + 2000) == seconds[:3]
    for zone, minutes in (("05:45", 345), ("-12:00", -720), ("14", 840)):
        (day,) = await traded.ask("klines", **ONE, interval="1d", timeZone=zone, limit=1)
        assert (day[0] + minutes * MINUTE_MS) % DAY_MS == 0
        assert day[6] - day[0] == DAY_MS - 1


async def test_the_average_price_is_of_the_last_five_minutes(traded):
    assert await traded.ask("avgPrice", **ONE) == {
        "mins": 5,
        "price": "49923.07692307",
        "closeTime": traded.now_ms - 70_000,
    }


async def test_the_ticker_of_a_day_has_the_book_too_and_mini_does_not(traded):
    day = await traded.ask("ticker.24hr", **ONE)
    assert day == {
        "symbol": "BTCUSDT",
        "priceChange": "-1000.00000000",
        "priceChangePercent": "-2.000",
        "weightedAvgPrice": "49923.07692307",
        "prevClosePrice": "0.00000000",
        "lastPrice": "49000.00000000",
        "lastQty": "0.50000000",
        "bidPrice": "49000.00000000",
        "bidQty": "0.50000000",
        "askPrice": "50000.00000000",
        "askQty": "3.00000000",
        "openPrice": "50000.00000000",
        "highPrice": "50000.00000000",
        "lowPrice": "49000.00000000",
        "volume": "6.50000000",
        "quoteVolume": "324500.00000000",
        "openTime": traded.now_ms - DAY_MS,
        "closeTime": traded.now_ms,
        "firstId": 1,
        "lastId": 5,
        "count": 5,
    }
    mini = await traded.ask("ticker.24hr", **ONE, type="MINI")
    assert set(day.items()) > set(mini.items())
    assert len(mini) == 12


async def test_tickers_of_windows_begin_on_a_minute_and_of_a_trading_day_on_midnight(traded):
    times = [trade["time"] for trade in await traded.ask("trades.recent", **ONE)]
    for size in ("1m", "2m", "23h", "7d", None):
        ticker = await traded.ask("ticker", **ONE, **({} if size is None else {"windowSize": size}))
        assert ticker["openTime"] % MINUTE_MS == 0
        assert ticker["closeTime"] == traded.now_ms
        assert ticker["count"] == sum(time >= ticker["openTime"] for time in times)
    # Midnight may have been just now: a clock by which it is noon has the trades on the same day.
    hours = 12 - traded.now_ms // 3_600_000 % 24
    day = await traded.ask("ticker.tradingDay", **ONE, timeZone=f"{hours}:00")
    assert (day["openTime"] + hours * 60 * MINUTE_MS) % DAY_MS == 0
    assert day["closeTime"] == day["openTime"] + DAY_MS - 1
    assert (day["count"], day["priceChangePercent"]) == (5, "-2.000")


@pytest.mark.parametrize("method", ["ticker.24hr", "ticker.tradingDay", "ticker", "ticker.price", "ticker.book"])
async def test_one_symbol_gives_an_object_and_several_a_list_without_those_in_another_status(traded, method):
    assert (await traded.ask(method, **ONE))["symbol"] == "BTCUSDT"
    both = ["ETHUSDT", "BTCUSDT"]
    assert [each["symbol"] for each in await traded.ask(method, symbols=both)] == both
    assert [each["symbol"] for each in await traded.ask(method, symbols=["ETHUSDT"])] == ["ETHUSDT"]
    halted = await traded.ask(method, symbols=both, symbolStatus="HALT")
    assert [each["symbol"] for each in halted] == ["ETHUSDT"]
    assert (await traded.refused(method, {"symbol": "ETHUSDT", "symbolStatus": "TRADING"}))[0] == -1220


@pytest.mark.parametrize("method", ["ticker.24hr", "ticker.price", "ticker.book"])
async def test_without_a_symbol_all_are_answered(traded, method):
    found = await traded.ask(method)
    assert [each["symbol"] for each in found] == ["BTCUSDT", "ETHUSDT", *MANY]
    found = await traded.ask(method, symbolStatus="TRADING")
    assert "ETHUSDT" not in [each["symbol"] for each in found]


OF_A_SYMBOL = {
    "depth": {},
    "trades.recent": {},
    "trades.historical": {},
    "trades.aggregate": {},
    "blockTrades.historical": {"fromId": 1},
    "klines": {"interval": "1m"},
    "uiKlines": {"interval": "1m"},
    "avgPrice": {},
    "ticker.24hr": {},
    "ticker.tradingDay": {},
    "ticker": {},
    "ticker.price": {},
    "ticker.book": {},
    "referencePrice": {},
    "referencePrice.calculation": {},
    "executionRules": {},
}


@pytest.mark.parametrize("method", OF_A_SYMBOL)
async def test_a_symbol_that_is_not_listed_is_refused(traded, method):
    params = OF_A_SYMBOL[method]
    assert await traded.refused(method, {"symbol": "NOPE", **params}) == (-1121, "Invalid symbol.")
    code, message = await traded.refused(method, {"symbol": "btcusdt", **params})
    assert code == -1100
    assert message.startswith("Illegal characters found in parameter 'symbol'")


LIMITED = ["depth", "trades.recent", "trades.historical", "trades.aggregate", "blockTrades.historical", "klines"]


@pytest.mark.parametrize("method", LIMITED)
async def test_a_limit_beyond_the_most_is_cut_to_it_and_none_is_no_limit(traded, method):
    params = {**ONE, **OF_A_SYMBOL[method]}
    assert await traded.ask(method, **params, limit=10_000) == await traded.ask(method, **params, limit=5000)
    assert await traded.refused(method, {**params, "limit": 0}) == (
        -1130,
        "Data sent for parameter 'limit' is not valid.",
    )
    assert (await traded.refused(method, {**params, "limit": "many"}))[0] == -1100


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("trades.aggregate", {"fromId": 1, "startTime": 1}, -1128),
        ("trades.aggregate", {"fromId": 1, "endTime": 1}, -1128),
        ("trades.aggregate", {"fromId": -1}, -1100),
        ("blockTrades.historical", {}, -1102),
        ("klines", {}, -1102),
        ("klines", {"interval": "2m"}, -1120),
        ("klines", {"interval": "1D"}, -1120),
        ("klines", {"interval": "1m", "timeZone": "15:00"}, -1130),
        ("klines", {"interval": "1m", "timeZone": "-12:01"}, -1130),
        ("klines", {"interval": "1m", "timeZone": "CET"}, -1130),
        ("uiKlines", {"interval": "1m", "startTime": "soon"}, -1100),
        ("ticker.24hr", {"symbols": ["BTCUSDT"]}, -1128),
        ("ticker.24hr", {"type": "TINY"}, -1139),
        ("ticker.24hr", {"symbolStatus": "CANCEL_ONLY"}, -1122),
        ("ticker.tradingDay", {"timeZone": "14:01"}, -1130),
        ("ticker", {"windowSize": "60m"}, -1130),
        ("ticker", {"windowSize": "1w"}, -1130),
        ("ticker", {"windowSize": "1d 2h"}, -1130),
    ],
)
async def test_what_parameters_may_not_be_is_refused(traded, method, params, code):
    assert (await traded.refused(method, {**ONE, **params}))[0] == code


@pytest.mark.parametrize("method", ["ticker", "ticker.tradingDay"])
async def test_windows_and_trading_days_want_at_least_one_symbol_and_at_most_200(traded, method):
    assert await traded.refused(method, {}) == (
        -1102,
        "Param 'symbol' or 'symbols' must be sent, but both were empty/null!",
    )
    assert len(await traded.ask(method, symbols=MANY[:200])) == 200
    assert await traded.refused(method, {"symbols": MANY}) == (
        -1101,
        "Too many parameters; expected '200' and received '201'.",
    )


WEIGHTS = [
    *(("depth", {**ONE, "limit": limit}, weight) for limit, weight in ((100, 5), (101, 25), (500, 25), (501, 50))),
    *(("depth", {**ONE, "limit": limit}, weight) for limit, weight in ((1000, 50), (1001, 250), (5000, 250))),
    ("depth", ONE, 5),
    *((method, {**ONE, "fromId": 1}, 25) for method in ("trades.historical", "blockTrades.historical")),
    ("trades.recent", ONE, 25),
    ("trades.aggregate", ONE, 4),
    *((method, {**ONE, "interval": "1m"}, 2) for method in ("klines", "uiKlines")),
    *((method, ONE, 2) for method in ("avgPrice", "ticker.24hr", "ticker.price", "ticker.book", "referencePrice")),
    ("referencePrice.calculation", ONE, 2),
    *(("ticker.24hr", {"symbols": MANY[:count]}, weight) for count, weight in ((1, 2), (20, 2), (21, 40), (100, 40))),
    ("ticker.24hr", {"symbols": MANY[:101]}, 80),
    ("ticker.24hr", {}, 80),
    *((method, {"symbols": MANY[:1]}, 4) for method in ("ticker.price", "ticker.book")),
    *((method, {}, 4) for method in ("ticker.price", "ticker.book")),
    *((method, ONE, 4) for method in ("ticker", "ticker.tradingDay")),
    *(
        (method, {"symbols": MANY[:count]}, weight)
        for method in ("ticker", "ticker.tradingDay")
        for count, weight in ((1, 4), (50, 200), (51, 200), (100, 200))
    ),
]


@pytest.mark.parametrize(("method", "params", "weight"), WEIGHTS)
async def test_a_request_weighs_what_is_documented(traded, method, params, weight):
    assert await traded.weight(method, params) == weight
