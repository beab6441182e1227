"""The client against a bare picows loop: round trip, and CPU per pipelined request. Prints figures and ratios.

    python -m bench.client [--json] [--rounds N] [--requests N]

Runs are interleaved (bare, pitwire, bare, ...) and the medians of the rounds are compared, so that a slow moment of
the machine hits both.
"""

import argparse
import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import pitwire
from bench.bare import connect_bare, responder, use_fast_loop

IN_FLIGHT = 64


async def round_trips(ping: Callable[[], Awaitable[Any]], requests: int) -> tuple[float, float]:
    """p50 and p99 of one request at a time, in microseconds."""
    took = []
    for _ in range(requests):
        start = time.perf_counter_ns()
        await ping()
        took.append(time.perf_counter_ns() - start)
    took.sort()
    return took[len(took) // 2] / 1e3, took[len(took) * 99 // 100] / 1e3


async def pipelined(ping: Callable[[], Awaitable[Any]], requests: int) -> tuple[float, float]:
    """Requests a second with 64 in flight, and this process's CPU per request in microseconds."""

    async def lane(count: int) -> None:
        for _ in range(count):
            await ping()

    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(lane(requests // IN_FLIGHT) for _ in range(IN_FLIGHT)))
    took, used = time.perf_counter() - start, time.process_time() - cpu
    done = requests // IN_FLIGHT * IN_FLIGHT
    return done / took, used / done * 1e6


async def measure(url: str, rounds: int, requests: int) -> dict[str, Any]:
    samples: dict[str, dict[str, list[float]]] = {"bare": {}, "pitwire": {}}

    def keep(who: str, **figures: float) -> None:
        for name, value in figures.items():
            samples[who].setdefault(name, []).append(value)

    bare = await connect_bare(url)
    logging.getLogger("pitwire.client").setLevel(logging.ERROR)  # a bare server says neither its time nor its limits
    async with pitwire.connect(url) as client:
        for ping in (bare.ping, client.ping):  # warm up
            await round_trips(ping, 500)
        for _ in range(rounds):
            for who, ping in (("bare", bare.ping), ("pitwire", client.ping)):
                p50, p99 = await round_trips(ping, requests)
                rate, cpu = await pipelined(ping, requests * 4)
                keep(who, round_trip_p50_us=p50, round_trip_p99_us=p99, requests_per_second=rate, cpu_us=cpu)
        bare.close()
    medians = {who: {name: median(values) for name, values in row.items()} for who, row in samples.items()}
    ratios = {name: medians["pitwire"][name] / medians["bare"][name] for name in medians["bare"]}
    return {"medians": medians, "ratios": ratios, "rounds": rounds, "requests": requests}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (default 7)")
    parser.add_argument("--requests", type=int, default=5000, help="round trips a round (default 5000)")
    options = parser.parse_args()
    loop = use_fast_loop()
    with responder() as url:
        report = asyncio.run(measure(url, options.rounds, options.requests))
    report["loop"] = loop
    if options.json:
        print(json.dumps(report))
        return
    print(f"client against a bare picows loop ({loop}, medians of {options.rounds} interleaved rounds)")
    for name, ratio in report["ratios"].items():
        bare, ours = (report["medians"][who][name] for who in ("bare", "pitwire"))
        print(f"  {name:22} bare {bare:10.1f}   pitwire {ours:10.1f}   ratio {ratio:5.2f}")


if __name__ == "__main__":
    main()
