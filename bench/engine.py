"""What a command costs the matching engine alone: interpreted, and compiled by mypyc.

    python -m bench.engine [--json] [--commands N] [--runs N] [--seed N] [--interpreted]

The mix: 60 % new orders that rest, 35 % cancels of an open order, 5 % marketable orders (LIMIT and MARKET), by 1,000
accounts on a book of about 1,000 levels, which is there before the clock starts. The symbol is BTCUSDT as the exchange
lists it, with all its filters, and orders prevent self-trades as they do by default. Both engines are given the same
commands, in processes of their own and in turns, and must say the same, byte for byte (their event digests). Garbage
collection runs as usual; events are let go of at once, as the exchange does.

Times are CPU times; `reference_us` is bench/reference.py's, measured around each run.
"""

import argparse
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from bench.compiled import NotCompiled, compile_engine
from bench.reference import reference_us
from pitwire.exchange.defaults import SYMBOLS
from pitwire.exchange.engine.digest import event_digest
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    CancelOrder,
    Command,
    Deposit,
    Event,
    ListSymbol,
    OpenAccount,
    Outcome,
    PlaceOrder,
    Record,
)
from pitwire.market.enums import OrderType, SelfTradePrevention, Side
from pitwire.market.numbers import SCALE, Amount, Price, Quantity

ACCOUNTS = range(1, 1_001)
LEVELS = 1_000
BATCH = 100
"""How many commands are read before they are carried out: the exchange too has its commands fresh from the wire."""
START_US = 1_700_000_000_000_000
RULES = next(terms.rules() for terms in SYMBOLS if terms.symbol == "BTCUSDT")
TICK = SCALE // 100
STEP = SCALE // 100_000
MIDDLE = 60_000 * SCALE // TICK


class RandomMarket:
    """Seeded commands, made by running them: so that a cancel names an order which is open."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.engine = Engine()
        self.records: list[Record] = []
        self.placed: list[PlaceOrder] = []

    def run(self, command: Command) -> tuple[Event, ...]:
        number = len(self.records) + 1
        self.records.append(Record(number, START_US + number * 100, command))
        return self.engine.apply(self.records[-1])

    def open(self) -> None:
        """List the symbol, fund the accounts, fill the book: two orders a level."""
        self.run(ListSymbol(rules=RULES))
        for account in ACCOUNTS:
            self.run(OpenAccount(account=account, name=f"account {account}"))
            for asset in (RULES.base, RULES.quote):
                self.run(Deposit(account=account, asset=asset, amount=Amount(1_000_000_000 * SCALE)))
        for distance in range(1, LEVELS // 2 + 1):
            for side in (Side.BUY, Side.BUY, Side.SELL, Side.SELL):
                self.run(self.new_order(side, distance))

    def trade(self, count: int) -> None:
        """The mix: `count` commands."""
        for _ in range(count):
            kind = self.random.random()
            side = self.random.choice((Side.BUY, Side.SELL))
            if kind < 0.60:
                # Dense at the best prices: half of the orders go to the nearest quarter of the levels.
                self.run(self.new_order(side, 1 + int(LEVELS // 2 * self.random.random() ** 2)))
            elif kind < 0.95:
                self.run(self.cancel())
            else:
                self.run(self.marketable_order(side))

    def new_order(self, side: Side, distance: int) -> PlaceOrder:
        order = self.order(side, OrderType.LIMIT, MIDDLE - distance if side is Side.BUY else MIDDLE + distance)
        self.placed.append(order)
        return order

    def marketable_order(self, side: Side) -> PlaceOrder:
        """One that trades: at the market's price, or at a price so far beyond the best that it never rests."""
        if self.random.random() < 0.5:
            return self.order(side, OrderType.MARKET, 0)
        return self.order(side, OrderType.LIMIT, MIDDLE + (LEVELS if side is Side.BUY else -LEVELS))

    def order(self, side: Side, order_type: OrderType, ticks: int) -> PlaceOrder:
        return PlaceOrder(
            account=self.random.choice(ACCOUNTS),
            symbol=RULES.symbol,
            side=side,
            type=order_type,
            client_order_id=f"bench-{len(self.records):08d}",
            price=Price(ticks * TICK),
            quantity=Quantity(self.random.randint(100, 3_000) * STEP),
            self_trade_prevention=SelfTradePrevention.EXPIRE_MAKER,
        )

    def cancel(self) -> CancelOrder:
        markets = self.engine.venue.markets
        while True:
            index = self.random.randrange(len(self.placed))
            self.placed[index], self.placed[-1] = self.placed[-1], self.placed[index]
            order = self.placed.pop()
            if order.client_order_id in markets[order.symbol].traders[order.account].open_orders:
                return CancelOrder(
                    account=order.account,
                    symbol=order.symbol,
                    client_order_id=order.client_order_id,
                    cancel_id=f"bench-{len(self.records):08d}",
                )


def batched(records: list[Record]) -> list[list[Record]]:
    return [records[start : start + BATCH] for start in range(0, len(records), BATCH)]


def measure(commands: Path) -> dict[str, Any]:
    """One run of this process's engine."""
    opening, *batches = commands.read_bytes().splitlines()
    read = msgspec.json.Decoder(list[Record]).decode
    before_us = reference_us()
    apply = Engine().apply
    for record in read(opening):
        apply(record)
    gc.collect()
    count = 0
    taken_s = 0.0
    for batch in batches:
        records = read(batch)
        begin = time.process_time()
        for record in records:
            apply(record)
        taken_s += time.process_time() - begin
        count += len(records)
    after_us = reference_us()
    again = Engine().apply
    outcomes = (Outcome(record, again(record)) for batch in (opening, *batches) for record in read(batch))
    return {
        "us_per_command": taken_s / count * 1e6,
        "reference_us": (before_us + after_us) / 2,
        "digest": event_digest(outcomes),
    }


def describe(opening: list[Record], mix: list[Record]) -> dict[str, float]:
    """What the mix amounts to."""
    engine = Engine()
    for record in opening:
        engine.apply(record)
    book = engine.venue.markets[RULES.symbol].book
    levels_before = len(book.bids.keys) + len(book.asks.keys)
    said = Counter(type(event).__name__ for record in mix for event in engine.apply(record))
    asked = Counter(type(record.command).__name__ for record in mix)
    takers = sum(isinstance(each.command, PlaceOrder) and is_marketable(each.command) for each in mix)
    return {
        "commands": len(mix),
        "new_percent": round((asked["PlaceOrder"] - takers) / len(mix) * 100, 1),
        "cancel_percent": round(asked["CancelOrder"] / len(mix) * 100, 1),
        "marketable_percent": round(takers / len(mix) * 100, 1),
        "events_per_command": round(sum(said.values()) / len(mix), 2),
        "trades": said["TradeMatched"],
        "rejected": said["CommandRejected"],
        "accounts": len(engine.venue.accounts),
        "levels_at_start": levels_before,
        "levels_at_end": len(book.bids.keys) + len(book.asks.keys),
        "open_orders_at_end": len(engine.venue.markets[RULES.symbol].orders),
    }


def is_marketable(order: PlaceOrder) -> bool:
    return not order.price or (order.price > MIDDLE * TICK) == (order.side is Side.BUY)


def run(commands: Path, source: Path | None) -> dict[str, Any]:
    """`measure` in a process of its own, with the package from `source` in place of the installed one."""
    environment = dict(os.environ) if source is None else {**os.environ, "PYTHONPATH": str(source)}
    command = [sys.executable, "-m", "bench.engine", "--measure", str(commands)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(said.stdout)  # type: ignore[no-any-return]


def report(options: argparse.Namespace, directory: Path) -> dict[str, Any]:
    market = RandomMarket(options.seed)
    market.open()
    opening = len(market.records)
    market.trade(options.commands)
    records = market.records
    commands = directory / "commands.json"
    batches = [records[:opening], *batched(records[opening:])]
    commands.write_bytes(b"\n".join(map(msgspec.json.encode, batches)))
    sources: dict[str, Path | None] = {"interpreted": None}
    answer: dict[str, Any] = {"not_compiled": "not asked for"}
    if not options.interpreted:
        try:
            sources["compiled"] = compile_engine(directory)
            del answer["not_compiled"]
        except NotCompiled as reason:
            answer["not_compiled"] = str(reason)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in sources}
    for _ in range(options.runs):
        for name, source in sources.items():
            runs[name].append(run(commands, source))
    for name, taken in runs.items():
        us = median(each["us_per_command"] for each in taken)
        answer[name] = {
            "us_per_command": round(us, 2),
            "commands_per_second": round(1e6 / us),
            "ratio_to_reference": round(median(each["us_per_command"] / each["reference_us"] for each in taken), 1),
            "runs": [round(each["us_per_command"], 2) for each in taken],
        }
    digests = {each["digest"] for taken in runs.values() for each in taken}
    if len(digests) != 1:
        raise SystemExit(f"the engines disagree: {digests}")
    answer["digest"] = digests.pop()
    answer["seed"] = options.seed
    answer["reference_us"] = round(median(each["reference_us"] for taken in runs.values() for each in taken), 3)
    return answer | describe(records[:opening], records[opening:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--commands", type=int, default=100_000, help="commands a run (default 100000)")
    parser.add_argument("--runs", type=int, default=5, help="runs, of which the median counts (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the random market (default 1)")
    parser.add_argument("--interpreted", action="store_true", help="do not compile the engine")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    with tempfile.TemporaryDirectory() as name:
        answer = report(options, Path(name))
    if options.json:
        print(json.dumps(answer))
        return
    for name in ("interpreted", "compiled"):
        if name in answer:
            one = answer.pop(name)
            print(
                f"engine, {name:12} {one['us_per_command']:6} us of CPU per command, "
                f"{one['commands_per_second']:8,} commands/s, {one['ratio_to_reference']} times the reference "
                f"(median of {one['runs']})"
            )
        else:
            print(f"engine, {name:12} not measured: {answer.pop('not_compiled')}")
    for name, value in answer.items():
        print(f"  {name:20} {value}")


if __name__ == "__main__":
    main()
