"""The recorded trades, made by the engine at their own times: klines and tickers agree with what polars computes.

Polars truncates times by its own calendar, and no module of pitwire's reads the recordings here. One lasts six minutes;
slowed down two thousand times it lasts eight days, so that days, weeks and the edges of all windows are in it too.
"""

import gzip
import json
from itertools import pairwise

import polars as pl
import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.messages import Deposit, ListSymbol, OpenAccount, Outcome, PlaceOrder, Record
from pitwire.exchange.projections.klines import klines
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.projections.tickers import day_ticker, window_ticker
from pitwire.market.enums import KlineInterval, OrderType, Side, TickerType, TimeInForce, TimeUnit
from pitwire.market.symbols import SymbolRules
from tests.exchange.gateway.venue import units
from tests.locations import recordings_dir

MAKER, TAKER = 1, 2
SECONDS = 5000
"""So many of the last candles of a second are looked at."""
DAY_MS, MINUTE_MS = 86_400_000, 60_000
MS = TimeUnit.MILLISECOND


def recorded(name: str, slower: int) -> pl.DataFrame:
    """The trades of a recording, in units of 1e-8, in milliseconds; it starts when it did."""
    rows = []
    with gzip.open(recordings_dir() / name, "rt") as lines:
        for line in lines:
            if "@trade" in line:
                trade = json.loads(line.split(" ", 1)[1])["data"]
                rows.append((trade["t"], trade["T"], units(trade["p"]), units(trade["q"]), trade["m"]))
    frame = pl.DataFrame(rows, schema=["id", "time", "price", "quantity", "maker"], orient="row").sort("id")
    big = pl.col("price", "quantity").cast(pl.Int128)
    first = pl.col("time").first()
    return frame.with_columns(big, time=first + (pl.col("time") - first) * slower).with_columns(
        id=pl.int_range(1, pl.len() + 1),  # trades are numbered from 1 here
        quote=pl.col("price") * pl.col("quantity") // 10**8,
        taken=pl.when("maker").then(0).otherwise(pl.col("quantity")),
    )


def asked(projections: Projections, now_ms: int) -> list[tuple[dict, int]]:
    """Every ticker at a moment, with the time from which it counts, and `avgPrice`."""
    tickers, now_us = projections.tickers, now_ms * 1000
    found = [(day_ticker(tickers.day("XY", now_us), None, None, TickerType.FULL, MS), now_ms - DAY_MS)]
    for minutes in (1, 59, 60, 23 * 60, 24 * 60, 7 * 24 * 60):
        since_ms = (now_ms - minutes * MINUTE_MS) // MINUTE_MS * MINUTE_MS
        window = tickers.window("XY", minutes * 60_000_000, now_us)
        found += [(window_ticker(window, kind, MS), since_ms) for kind in TickerType]
    for minutes in (0, 345, -720):
        since_ms = (now_ms + minutes * MINUTE_MS) // DAY_MS * DAY_MS - minutes * MINUTE_MS
        day = tickers.trading_day("XY", minutes * 60_000_000, now_us)
        found.append((window_ticker(day, TickerType.FULL, MS), since_ms))
    since_ms = (now_ms // 1000 - 299) * 1000
    return [*found, (tickers.average_price("XY", 5, now_us, MS), since_ms)]


def traded(frame: pl.DataFrame, directory) -> tuple[Projections, list]:
    """Each recorded trade as a resting order and one that takes it; what is asked on the way, with its moment."""
    engine, projections = Engine(), Projections(SqliteArchive(directory, page_items=200))
    sequence, answers = 0, []

    def do(time_ms: int, command) -> None:
        nonlocal sequence
        sequence += 1
        record = Record(sequence, time_ms * 1000, command)
        projections.apply(Outcome(record, engine.apply(record)))

    rules = SymbolRules(symbol="XY", base="X", quote="Y", order_types=tuple(OrderType))
    do(0, ListSymbol(rules=rules))
    for account in (MAKER, TAKER):
        do(0, OpenAccount(account=account, name=str(account), maker_rate=0, taker_rate=0, market_maker=True))
        for asset in "XY":
            do(0, Deposit(account=account, asset=asset, amount=10**24))
    rows = frame.select("id", "time", "price", "quantity", "maker").rows()
    following = [row[1] for row in rows[1:]] + [rows[-1][1] + 90_000]
    for (number, time_ms, price, quantity, buyer_is_maker), next_ms in zip(rows, following, strict=True):
        sides = (Side.BUY, Side.SELL) if buyer_is_maker else (Side.SELL, Side.BUY)
        in_force = (TimeInForce.GTC, TimeInForce.IOC)
        for account, side, time_in_force in zip((MAKER, TAKER), sides, in_force, strict=True):
            order = PlaceOrder(
                account=account,
                symbol="XY",
                side=side,
                type=OrderType.LIMIT,
                client_order_id=f"{account}-{number}",
                time_in_force=time_in_force,
                price=price,
                quantity=quantity,
            )
            do(time_ms, order)
        if next_ms > time_ms and (number % 100 < 2 or number == len(rows)):
            now_ms = (time_ms + next_ms) // 2
            answers.append((now_ms, asked(projections, now_ms)))
    return projections, answers


@pytest.fixture(
    scope="module",
    params=[(name, slower) for name in ("btcusdt_20240808.gz", "ethusdt_20240808.gz") for slower in (1, 2000)],
    ids=lambda each: f"{each[0][:3]}-{each[1]}",
)
def exchange(request, tmp_path_factory):
    frame = recorded(*request.param)
    projections, answers = traded(frame, tmp_path_factory.mktemp("archive"))
    yield frame, projections, answers
    projections.archive.close()


def summary() -> list[pl.Expr]:
    price = pl.col("price")
    return [
        price.first().alias("open"),
        price.max().alias("high"),
        price.min().alias("low"),
        price.last().alias("close"),
        pl.col("quantity").sum().alias("volume"),
        pl.col("quote").sum(),
        pl.len().alias("count"),
        pl.col("taken").sum(),
        pl.col("quote").filter(~pl.col("maker")).sum().alias("paid"),
        pl.col("id").first().alias("first"),
        pl.col("id").last().alias("last"),
    ]


def candles_of(frame: pl.DataFrame, interval: str, offset_minutes: int) -> list[tuple[int, ...]]:
    """By polars: opening time and figures of each candle with trades. Its months are `mo`, and its weeks start on
    Monday too."""
    every = interval.replace("M", "mo")
    local = pl.from_epoch("time", "ms").dt.offset_by(f"{offset_minutes}m")
    opened = local.dt.truncate(every).dt.offset_by(f"{-offset_minutes}m").dt.epoch("ms").alias("opened")
    return frame.group_by(opened, maintain_order=True).agg(summary()[:9]).rows()


@pytest.mark.parametrize("offset_minutes", [0, 480, 345, -720, 67])
@pytest.mark.parametrize("interval", list(KlineInterval))
def test_klines_are_those_of_polars(exchange, interval, offset_minutes):
    frame, projections, _ = exchange
    expected = candles_of(frame, interval, offset_minutes)
    now_us = (frame["time"].max() + 1) * 1000
    first_us = 0
    if interval is KlineInterval.S1:
        first_us = now_us // 1_000_000 * 1_000_000 - SECONDS * 1_000_000
        expected = [each for each in expected if each[0] * 1000 >= first_us]
    found, start_us = [], first_us
    while page := klines(
        projections.candles, "XY", interval, start_us, None, offset_minutes * 60_000_000, 1000, MS, now_us
    ):
        found += page
        start_us = page[-1][0] * 1000 + 1
    figures = [(row[0], *map(units, row[1:6]), units(row[7]), row[8], *map(units, row[9:11])) for row in found]
    assert [each for each in figures if each[7]] == expected
    for before, after in pairwise(found):
        assert after[0] == before[6] + 1
        if not after[8]:
            assert after[1:5] == (before[4],) * 4
            assert after[5] == after[7] == after[9] == after[10] == "0.00000000"


def agree(ticker: dict, expected: dict) -> None:
    assert ticker["count"] == expected["count"]
    assert (ticker["firstId"], ticker["lastId"]) == (expected["first"], expected["last"])
    named = {"openPrice": "open", "highPrice": "high", "lowPrice": "low", "lastPrice": "close"}
    for name, column in {**named, "volume": "volume", "quoteVolume": "quote"}.items():
        assert units(ticker[name]) == expected[column], name
    if "priceChange" in ticker:
        change = expected["close"] - expected["open"]
        assert units(ticker["priceChange"]) == change
        assert abs(float(ticker["priceChangePercent"]) - 100 * change / expected["open"]) <= 0.000501
        assert abs(units(ticker["weightedAvgPrice"]) - expected["quote"] * 10**8 // expected["volume"]) <= 1


def test_tickers_are_those_of_polars(exchange):
    frame, _, answers = exchange
    assert len(answers) >= 50
    for now_ms, found in answers:
        for ticker, since_ms in found:
            within = frame.filter(pl.col("time").is_between(since_ms, now_ms))
            if "mins" in ticker:
                last = frame.filter(pl.col("time") <= now_ms).row(-1, named=True)
                assert ticker["closeTime"] == last["time"]
                average = within["quote"].sum() * 10**8 // within["quantity"].sum() if len(within) else last["price"]
                assert units(ticker["price"]) == average
                continue
            assert ticker["openTime"] == since_ms
            if not len(within):
                assert (ticker["count"], ticker["firstId"], ticker["lastPrice"]) == (0, -1, "0.00000000")
                continue
            agree(ticker, within.select(summary()).row(0, named=True))
            if "prevClosePrice" in ticker:
                before = frame.filter(pl.col("time") < since_ms)["price"]
                assert units(ticker["prevClosePrice"]) == (before[-1] if len(before) else 0)
                assert units(ticker["lastQty"]) == within["quantity"][-1]
