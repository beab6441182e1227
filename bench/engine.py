"""What a command costs the matching engine: microseconds of CPU over a mix of placing, matching and cancelling.

    python -m bench.engine [--json] [--commands N] [--runs N] [--seed N]

The mix is a seeded random market of 20 accounts around a wandering price: 50 % orders that rest, 35 % cancels of a
resting order, 12 % limit orders that cross, 3 % market orders. The commands are made before the clock starts; garbage
collection runs as usual. Events are let go of at once, as the exchange does.
"""

import argparse
import json
import random
import time
from collections import Counter
from statistics import median

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import CancelOrder, Command, Deposit, ListSymbol, OpenAccount, PlaceOrder, Record
from pitwire.market.enums import OrderType, Side
from pitwire.market.filters import LotSize, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import SCALE, Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules

TICK = SCALE // 100
STEP = SCALE // 100_000
ACCOUNTS = range(1, 21)
START_US = 1_700_000_000_000_000
RULES = SymbolRules(
    symbol="BTCUSDT",
    base="BTC",
    quote="USDT",
    filters=(
        PriceFilter(min_price=Price(TICK), max_price=Price(1_000_000 * SCALE), tick_size=Price(TICK)),
        LotSize(min_quantity=Quantity(STEP), max_quantity=Quantity(9_000 * SCALE), step_size=Quantity(STEP)),
        Notional(
            min_notional=Amount(5 * SCALE),
            apply_min_to_market=True,
            max_notional=Amount(9_000_000 * SCALE),
            apply_max_to_market=False,
            average_price_minutes=5,
        ),
        MaxNumOrders(max_num_orders=1_000_000),
    ),
)


def opening() -> list[Command]:
    """A listed symbol and funded accounts."""
    commands: list[Command] = [ListSymbol(rules=RULES)]
    for account in ACCOUNTS:
        commands.append(OpenAccount(account=account, name=f"account {account}"))
        commands.extend(
            Deposit(account=account, asset=asset, amount=Amount(10_000_000 * SCALE)) for asset in ("BTC", "USDT")
        )
    return commands


def mix(count: int, seed: int) -> list[Command]:
    """`count` commands. Cancels name orders that were placed; some of those have been filled by then."""
    rng = random.Random(seed)
    commands: list[Command] = []
    resting: list[tuple[int, str]] = []
    middle = 60_000 * SCALE // TICK
    for number in range(count):
        kind = rng.random()
        middle += rng.choice((-1, 0, 0, 0, 1))
        account = rng.choice(ACCOUNTS)
        side = rng.choice((Side.BUY, Side.SELL))
        towards_middle = -1 if side is Side.BUY else 1
        client_order_id = f"bench-{number:08d}"
        quantity = Quantity(rng.randint(100, 3_000) * STEP)
        if kind < 0.35 and resting:
            index = rng.randrange(len(resting))
            resting[index], resting[-1] = resting[-1], resting[index]
            owner, its_id = resting.pop()
            commands.append(
                CancelOrder(account=owner, symbol="BTCUSDT", client_order_id=its_id, cancel_id=client_order_id)
            )
        elif kind < 0.85:
            distance = 3 + int(rng.expovariate(1 / 60))
            commands.append(
                PlaceOrder(
                    account=account,
                    symbol="BTCUSDT",
                    side=side,
                    type=OrderType.LIMIT,
                    client_order_id=client_order_id,
                    price=Price((middle + towards_middle * distance) * TICK),
                    quantity=quantity,
                )
            )
            resting.append((account, client_order_id))
        elif kind < 0.97:
            commands.append(
                PlaceOrder(
                    account=account,
                    symbol="BTCUSDT",
                    side=side,
                    type=OrderType.LIMIT,
                    client_order_id=client_order_id,
                    price=Price((middle - towards_middle * rng.randint(3, 8)) * TICK),
                    quantity=quantity,
                )
            )
        else:
            commands.append(
                PlaceOrder(
                    account=account,
                    symbol="BTCUSDT",
                    side=side,
                    type=OrderType.MARKET,
                    client_order_id=client_order_id,
                    quantity=quantity,
                )
            )
    return commands


def opened() -> Engine:
    """An engine with the opening behind it."""
    engine = Engine()
    for sequence, command in enumerate(opening(), 1):
        engine.apply(Record(sequence, START_US, command))
    return engine


def measure(records: list[Record]) -> float:
    """Microseconds of CPU per record, from an empty book. CPU time: a busy machine disturbs it least."""
    apply = opened().apply
    begin = time.process_time()
    for record in records:
        apply(record)
    return (time.process_time() - begin) / len(records) * 1e6


def describe(records: list[Record]) -> dict[str, float]:
    """What the mix amounts to."""
    engine = opened()
    said = Counter(type(event).__name__ for record in records for event in engine.apply(record))
    book = engine.venue.markets["BTCUSDT"].book
    return {
        "commands": len(records),
        "events_per_command": round(sum(said.values()) / len(records), 2),
        "trades": said["TradeMatched"],
        "rejected": said["CommandRejected"],
        "open_orders_at_end": len(engine.venue.markets["BTCUSDT"].orders),
        "levels_at_end": len(book.bids.keys) + len(book.asks.keys),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--commands", type=int, default=100_000, help="commands a run (default 100000)")
    parser.add_argument("--runs", type=int, default=5, help="runs, of which the median counts (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the random market (default 1)")
    options = parser.parse_args()
    records = [
        Record(number, START_US + number * 100, command)
        for number, command in enumerate(mix(options.commands, options.seed), 1)
    ]
    runs = [round(measure(records), 2) for _ in range(options.runs)]
    report = {"us_per_command": median(runs), "runs": runs, "seed": options.seed, **describe(records)}
    if options.json:
        print(json.dumps(report))
        return
    print(f"engine: {report['us_per_command']} us of CPU per command (median of {runs})")
    for name, value in describe(records).items():
        print(f"  {name:20} {value}")


if __name__ == "__main__":
    main()
