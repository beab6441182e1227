"""Durable orders through one exchange process: orders a second in flight, and the round trip of a single one.

    python -m bench.orders [--json] [--orders N] [--in-flight N]

Starts `pitwire exchange` with a log on disk and the rate limits off, logs two accounts on with Ed25519, and places
LIMIT orders, half of which rest and half of which take, each acknowledged only after its fdatasync. Prints the
disk's own fdatasync time beside it, since no durable order can be quicker, and the exchange process's CPU per order,
also as a ratio to a fixed piece of Python measured after each round (bench/reference.py).
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pitwire
from bench.bare import use_fast_loop
from bench.reference import reference_us
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

READY_S_MAX = 120.0
EXCHANGE = (sys.executable, "-m", "pitwire.cli", "exchange", "--ws-port", "0", "--http-port", "0")


def fdatasync_us(directory: Path, rounds: int = 300) -> float:
    """Median time of a 4 kB append and its fdatasync, in microseconds."""
    took = []
    with (directory / "fdatasync.probe").open("wb", buffering=0) as file:
        for _ in range(rounds):
            file.write(b"x" * 4096)
            start = time.perf_counter_ns()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter_ns() - start)
    return median(took) / 1e3


@contextmanager
def exchange(directory: Path, market: str = "none", *, durable: bool = True) -> Iterator[tuple[str, int]]:
    """A real exchange process, which logs to a file there; yields its WebSocket API URL and its process id."""
    ready = directory / "ready.json"
    kept = ["--data-dir", str(directory / "data")] if durable else ["--ephemeral"]
    command = [*EXCHANGE, "--market", market, "--limits", "off", *kept, "--ready-file", str(ready)]
    log = directory / "exchange.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        deadline = time.monotonic() + READY_S_MAX
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the exchange did not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)
        yield json.loads(ready.read_text())["ws"] + "/ws-api/v3", process.pid
    finally:
        process.terminate()
        process.wait(20)


def cpu_s(pid: int) -> float:
    """User and system CPU of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def place(traders: tuple[pitwire.Client, pitwire.Client], number: int) -> None:
    """One LIMIT order: what one account buys the other sells, so that no trading filter is reached."""
    await traders[number % 2].order_place(
        symbol="BTCUSDT",
        side="SELL" if number % 2 else "BUY",
        type="LIMIT",
        time_in_force="GTC",
        quantity="0.001",
        price="20000",
        new_order_resp_type="RESULT",
    )


async def measure(url: str, pid: int, orders: int, in_flight: int, rounds: int) -> dict[str, Any]:
    alice, bob = (
        next(key for key in DEVELOPMENT_KEYS if key.name == name and key.kind == "ED25519").signing_key()
        for name in ("alice", "bob")
    )
    single: list[float] = []
    rates: list[float] = []
    cpu: list[float] = []
    ratios: list[float] = []
    unlimited = pitwire.Limits("off")  # the exchange's are off too, and its counts go on
    async with (
        pitwire.connect(url, key=alice, limits=unlimited) as buyer,
        pitwire.connect(url, key=bob, limits=unlimited) as seller,
    ):
        traders = (buyer, seller)
        for _ in range(rounds):
            took = []
            for number in range(1000):
                start = time.perf_counter_ns()
                await place(traders, number)
                took.append((time.perf_counter_ns() - start) / 1e3)
            single.append(median(took))

            async def lane(count: int) -> None:
                for number in range(count):
                    await place(traders, number)

            start_s, start_cpu = time.perf_counter(), cpu_s(pid)
            await asyncio.gather(*(lane(orders // in_flight) for _ in range(in_flight)))
            done = orders // in_flight * in_flight
            rates.append(done / (time.perf_counter() - start_s))
            cpu.append((cpu_s(pid) - start_cpu) / done * 1e6)
            ratios.append(cpu[-1] / reference_us())
    return {
        "single_p50_us": median(single),
        "orders_per_second": median(rates),
        "exchange_cpu_us_per_order": median(cpu),
        "exchange_cpu_ratio_to_reference": median(ratios),
        "in_flight": in_flight,
        "rounds": rounds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--orders", type=int, default=30000, help="orders a round with many in flight (default 30000)")
    parser.add_argument("--in-flight", type=int, default=100, help="orders in flight at once (default 100)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is printed (default 5)")
    options = parser.parse_args()
    loop = use_fast_loop()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sync_us = fdatasync_us(directory)
        with exchange(directory) as (url, pid):
            report = asyncio.run(measure(url, pid, options.orders, options.in_flight, options.rounds))
    report |= {"fdatasync_p50_us": sync_us, "loop": loop}
    if options.json:
        print(json.dumps(report))
        return
    print(f"durable orders through one exchange process ({loop}, medians of {options.rounds} rounds)")
    print(f"  fdatasync of this disk        {sync_us:10.0f} us")
    print(f"  one in flight, p50            {report['single_p50_us']:10.0f} us")
    print(f"  {options.in_flight} in flight                 {report['orders_per_second']:10.0f} orders/s")
    print(f"  exchange CPU per order        {report['exchange_cpu_us_per_order']:10.1f} us")
    print(f"    times the reference         {report['exchange_cpu_ratio_to_reference']:10.1f}")


if __name__ == "__main__":
    main()
