"""What market data costs: a trade's share of the projections, one busy symbol's memory and disk, and the queries.

    python -m bench.market_data [--json] [--trades N] [--seed N]

Trades on one symbol, 1.5 s apart, go through the projections alone, into a history on disk; for what a trade costs they
are 1 ms apart. The times are the processor's, and the shortest of five runs counts: other processes only add.
"""

import argparse
import json
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from pitwire.exchange.history.archive import SqliteArchive
from pitwire.exchange.messages import ListSymbol, Outcome, Record, SymbolListed, TradeMatched
from pitwire.exchange.projections.klines import klines
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import KlineInterval, TimeUnit
from pitwire.market.numbers import SCALE, Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules

SYMBOL = "BTCUSDT"
RULES = SymbolRules(symbol=SYMBOL, base="BTC", quote="USDT")
START_US = 1_700_000_000_000_000
APART_US = 1_500_000
DENSE_US = 1_000
DAY_US = 86_400_000_000
RUNS = 5
QUERIES = 20


def outcomes(trades: int, seed: int, apart_us: int) -> Iterator[Outcome]:
    """A symbol, then one trade a record."""
    listed = ListSymbol(rules=RULES)
    yield Outcome(Record(1, START_US, listed), (SymbolListed(rules=RULES),))
    chance, price = random.Random(seed), 60_000 * SCALE
    for number in range(1, trades + 1):
        price += chance.randint(-5, 5) * SCALE // 100
        quantity = chance.randint(1, SCALE)
        buyer, seller = 2 * number, 2 * number + 1
        trade = TradeMatched(
            symbol=SYMBOL,
            trade_id=number,
            price=Price(price),
            quantity=Quantity(quantity),
            quote=Amount(price * quantity // SCALE),
            buyer_order_id=buyer,
            seller_order_id=seller,
            buyer_is_maker=chance.random() < 0.5,
        )
        yield Outcome(Record(number + 1, START_US + number * apart_us, listed), (trade,))


def ns_a_trade(made: list[Outcome], *, public: bool) -> float:
    """Of `Projections.apply`; without `public` a trade only moves the last price."""
    shortest = float("inf")
    for _ in range(RUNS):
        projections = Projections()
        projections.apply(made[0])
        if not public:
            projections._handlers = {**projections._handlers, TradeMatched: projections.market.traded}
        start_ns = time.process_time_ns()
        for outcome in made[1:]:
            projections.apply(outcome)
        shortest = min(shortest, (time.process_time_ns() - start_ns) / (len(made) - 1))
    return shortest


def query_us(query: Callable[[], object]) -> float:
    """One query's time."""
    shortest = float("inf")
    for _ in range(RUNS):
        start_ns = time.process_time_ns()
        for _ in range(QUERIES):
            query()
        shortest = min(shortest, (time.process_time_ns() - start_ns) / QUERIES / 1000)
    return round(shortest, 1)


def measure(directory: Path, trades: int, seed: int) -> dict[str, Any]:
    made = list(outcomes(min(trades, 100_000), seed, DENSE_US))
    alone, both = ns_a_trade(made, public=False), ns_a_trade(made, public=True)
    report: dict[str, Any] = {"trades": trades, "trade_ns": round(both - alone)}
    archive = SqliteArchive(directory)
    projections = Projections(archive)
    tracemalloc.start()
    for outcome in outcomes(trades, seed, APART_US):
        projections.apply(outcome)
    report["memory_mb"] = round(tracemalloc.get_traced_memory()[0] / 1e6, 2)
    tracemalloc.stop()
    report["snapshot_kb"] = round(len(msgspec.json.encode(projections.chronicle.state())) / 1e3)
    projections.seal_all()
    archive.settle(trades + 1)
    report["disk_bytes_a_trade"] = round(sum(file.stat().st_size for file in directory.iterdir()) / trades)
    unit, now_us = TimeUnit.MILLISECOND, START_US + (trades + 1) * APART_US
    tickers, public, candles = projections.tickers, projections.trades, projections.candles

    def candles_of(interval: KlineInterval, start_us: int | None) -> Callable[[], object]:
        return lambda: klines(candles, SYMBOL, interval, start_us, None, 0, 1000, unit, now_us)

    report["queries_us"] = {
        "ticker.24hr": query_us(lambda: tickers.day(SYMBOL, now_us)),
        "ticker, 7d": query_us(lambda: tickers.window(SYMBOL, 7 * DAY_US, now_us)),
        "trades.recent, 1000": query_us(lambda: public.historical(SYMBOL, None, 1000, unit)),
        "trades.historical, 1000 of the archive": query_us(lambda: public.historical(SYMBOL, 1, 1000, unit)),
        "klines, the newest 1000 minutes": query_us(candles_of(KlineInterval.M1, None)),
        "klines, the first 1000 minutes": query_us(candles_of(KlineInterval.M1, START_US)),
        "klines, all days": query_us(candles_of(KlineInterval.D1, None)),
    }
    archive.close()
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--trades", type=int, default=1_000_000, help="on one symbol (default 1000000: 17 days)")
    parser.add_argument("--seed", type=int, default=1, help="of prices and quantities (default 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        report = measure(Path(name), options.trades, options.seed)
    if options.json:
        print(json.dumps(report))
        return
    print(f"market data of one symbol, {report['trades']} trades 1.5 s apart")
    print(f"  a trade's share of the projections      {report['trade_ns']:8} ns")
    print(f"  memory                                  {report['memory_mb']:8} MB")
    print(f"  in a snapshot                           {report['snapshot_kb']:8} kB")
    print(f"  on disk                                 {report['disk_bytes_a_trade']:8} bytes a trade")
    for name, took_us in report["queries_us"].items():
        print(f"  {name:38} {took_us:9} us")


if __name__ == "__main__":
    main()
