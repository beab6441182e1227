"""What a command costs the matching engine: microseconds of CPU over a mix of placing, matching and cancelling.

Run: python -m bench.engine [--commands N] [--seed N] [--json]

The mix is a seeded random market of 20 accounts around a wandering price: 50 % orders that rest, 35 % cancels of a
resting order, 12 % limit orders that cross, 3 % market orders. The commands are made before the clock starts; garbage
collection runs as usual.
"""

import argparse
import json
import random
import statistics
import time
from collections import Counter

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import CancelOrder, Command, Deposit, ListSymbol, OpenAccount, PlaceOrder, Record
from pitwire.market.enums import OrderType, Side
from pitwire.market.filters import LotSize, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import SCALE, Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules

TICK = SCALE // 100
STEP = SCALE // 100_000
ACCOUNTS = range(1, 21)
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


def measure(count: int, seed: int) -> dict[str, object]:
    """One run from an empty exchange. CPU time, so that neighbours on the machine count as little as can be."""
    engine = Engine()
    start_us = 1_700_000_000_000_000
    first = opening()
    for sequence, command in enumerate(first, 1):
        engine.apply(Record(sequence, start_us, command))
    records = [
        Record(len(first) + number, start_us + number * 100, command)
        for number, command in enumerate(mix(count, seed), 1)
    ]
    apply = engine.apply
    events = []
    begin = time.process_time()
    for record in records:
        events.append(apply(record))
    spent = time.process_time() - begin
    kinds = Counter(type(event).__name__ for said in events for event in said)
    return {
        "us_per_command": round(spent / count * 1e6, 2),
        "events_per_command": round(sum(kinds.values()) / count, 2),
        "trades": kinds["TradeMatched"],
        "rejected": kinds["CommandRejected"],
        "open_orders": len(engine.venue.markets["BTCUSDT"].orders),
        "levels": sum(
            len(side.keys)
            for side in (engine.venue.markets["BTCUSDT"].book.bids, engine.venue.markets["BTCUSDT"].book.asks)
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commands", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    runs = [measure(arguments.commands, arguments.seed) for _ in range(arguments.runs)]
    figures = [run["us_per_command"] for run in runs]
    result = {**runs[0], "us_per_command": statistics.median(figures), "runs": figures}
    print(json.dumps(result) if arguments.json else "\n".join(f"{name:20} {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
