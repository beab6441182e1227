"""Memory and queries of an exchange that has finished many orders: what stays resident, and what a query takes.

    python -m bench.history [--json] [--orders N] [--data-dir DIR] [--seed N]

Generates the log by running an exchange on a data directory, without clients: two accounts place LIMIT orders that
fill each other, every eleventh is cancelled, every client order id is random. All of them finish. Ten million orders
take about 6 GB of disk, a third of it log, the rest history.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.bare import use_fast_loop
from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.messages import CancelOrder, Command, Deposit, PlaceOrder
from pitwire.market.enums import OrderType, Side, TimeUnit
from pitwire.market.numbers import SCALE, Amount, Price, Quantity

SYMBOL = "BTCUSDT"
ACCOUNTS = (1, 2)
PRICE = Price(50_000 * SCALE)
QUANTITY = Quantity(SCALE // 1_000)
IN_FLIGHT_MAX = 4_096
"""Commands that are under way at once; the sequencer would take more."""
SHOWN_EVERY = 4_096


def funds() -> Iterator[Command]:
    """So much that commission never ends the trading."""
    for account in ACCOUNTS:
        for asset in ("BTC", "USDT"):
            yield Deposit(account=account, asset=asset, amount=Amount(1_000_000_000 * SCALE))


def trading(orders: int, seed: int) -> Iterator[Command]:
    """Commands that place `orders` orders, all of which finish: five pairs that trade, then one that is cancelled."""
    chance = random.Random(seed)
    for number in range(orders):
        seller, buyer = ACCOUNTS if number // 11 % 2 else reversed(ACCOUNTS)
        kind = number % 11
        side = Side.BUY if kind % 2 else Side.SELL
        client_order_id = chance.randbytes(11).hex()
        account = buyer if side is Side.BUY else seller
        yield PlaceOrder(
            account=account,
            symbol=SYMBOL,
            side=side,
            type=OrderType.LIMIT,
            client_order_id=client_order_id,
            price=PRICE,
            quantity=QUANTITY,
        )
        if kind == 10 or number == orders - 1:
            yield CancelOrder(account=account, symbol=SYMBOL, client_order_id=client_order_id, cancel_id="c")


async def execute(exchange: Exchange, commands: Iterator[Command], shown: Callable[[int], object]) -> int:
    """Submit every command, some thousand at a time, and wait until all are durable; how many there were."""
    submitted = 0
    room = asyncio.Event()
    waiting: deque[int] = deque()

    def done(_: object) -> None:
        waiting.popleft()
        room.set()

    for command in commands:
        while len(waiting) >= IN_FLIGHT_MAX:
            room.clear()
            await room.wait()
        submitted += 1
        waiting.append(submitted)
        exchange.sequencer.submit(command, done)
        if submitted % SHOWN_EVERY == 0:
            shown(submitted)
    await exchange.sequencer.drain()
    shown(submitted)
    return submitted


def memory_mib(name: str) -> float:
    """`VmRSS`, what is resident now, or `VmHWM`, the most that ever was (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(name)


def took_ms(query: Callable[[], object], rounds: int = 9) -> float:
    """The median of some rounds: the event loop does nothing else meanwhile."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        query()
        took.append(time.perf_counter_ns() - start)
    return round(median(took) / 1e6, 2)


def queries(exchange: Exchange, orders: int) -> dict[str, float]:
    """How long one account's queries take."""
    history, unit, account = exchange.projections.orders, TimeUnit.MILLISECOND, ACCOUNTS[0]
    middle = history.all(account, SYMBOL, orders // 2, None, None, 1, unit)[0]

    def absent() -> None:
        try:
            history.status(account, SYMBOL, None, "no such order", unit)
        except LookupError:
            return
        raise RuntimeError("an order that was never placed was found")

    time_us = middle["updateTime"] * 1000
    return {
        "order.status, by id": took_ms(lambda: history.status(account, SYMBOL, middle["orderId"], None, unit)),
        "order.status, by client order id": took_ms(
            lambda: history.status(account, SYMBOL, None, middle["clientOrderId"], unit)
        ),
        "order.status, no such order": took_ms(absent),
        "allOrders, the newest 1000": took_ms(lambda: history.all(account, SYMBOL, None, None, None, 1000, unit)),
        "allOrders, 1000 from startTime": took_ms(
            lambda: history.all(account, SYMBOL, None, time_us, None, 1000, unit)
        ),
        "myTrades, 1000 from an id": took_ms(
            lambda: history.trades(account, SYMBOL, None, None, None, orders // 4, 1000, unit)
        ),
        "myTrades, of one order": took_ms(
            lambda: history.trades(account, SYMBOL, middle["orderId"], None, None, None, 1000, unit)
        ),
    }


async def measure(data_dir: Path, orders: int, seed: int) -> dict[str, Any]:
    settings = Settings(ws_port=0, data_dir=data_dir, limits=False)
    async with Exchange.start(settings) as exchange:
        await execute(exchange, funds(), lambda _: None)
        start = time.perf_counter()
        columns = (
            TextColumn("orders"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[mib]} MiB"),
        )
        with Progress(*columns) as progress:
            task = progress.add_task("", total=orders, mib=memory_mib("VmRSS"))

            def shown(commands: int) -> None:
                progress.update(task, completed=commands * 11 // 12, mib=memory_mib("VmRSS"))

            await execute(exchange, trading(orders, seed), shown)
            progress.update(task, completed=orders)
        took_s = time.perf_counter() - start
        exchange.projections.archive.settle(0)
        query_ms = queries(exchange, orders)
        resident = {"resident_mib": memory_mib("VmRSS"), "resident_most_mib": memory_mib("VmHWM")}
    size = (data_dir / "history.sqlite").stat().st_size
    return {
        "finished_orders": orders,
        "orders_per_second": round(orders / took_s),
        **resident,
        "history_bytes_per_order": round(size / orders),
        "query_ms": query_ms,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--orders", type=int, default=200_000, help="orders that finish (default 200000)")
    parser.add_argument(
        "--data-dir", type=Path, help="keep the exchange there, instead of in a directory that is removed"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the client order ids (default 1)")
    options = parser.parse_args()
    use_fast_loop()
    with tempfile.TemporaryDirectory() as name:
        report = asyncio.run(measure(options.data_dir or Path(name), options.orders, options.seed))
    if options.json:
        print(json.dumps(report))
        return
    print(f"history of {report['finished_orders']} finished orders, {report['orders_per_second']} a second")
    print(f"  resident                          {report['resident_mib']:10.1f} MiB")
    print(f"  resident at most                  {report['resident_most_mib']:10.1f} MiB")
    print(f"  history on disk                   {report['history_bytes_per_order']:10} bytes an order")
    for query, took in report["query_ms"].items():
        print(f"  {query:33} {took:10.2f} ms, median of 9")


if __name__ == "__main__":
    main()
