"""Time from the start of the process to serving, with a snapshot and many commands after it.

    python -m bench.restart [--json] [--commands N] [--seed N]

Makes a data directory whose newest snapshot is followed by N commands (default 1 million), as a crash would leave it,
and starts `pitwire exchange` on it. Beside it: the same directory after a clean stop, when nothing is replayed.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench import orders
from bench.bare import use_fast_loop
from bench.history import execute, funds, trading
from pitwire.exchange.app import Exchange, Settings

BEFORE = 10_000
"""Orders before the snapshot."""
NEVER = 2**62


def snapshots(data_dir: Path) -> set[Path]:
    """The snapshot files that are there."""
    return set(data_dir.glob("*.snapshot"))


async def prepare(data_dir: Path, commands: int, seed: int) -> int:
    """Trade, stop cleanly, trade on, and drop the snapshot of the second stop; how many commands came after the first.

    The first one stays: so does a crash leave the directory.
    """
    settings = Settings(ws_port=0, data_dir=data_dir, limits=False, snapshot_every=NEVER)
    async with Exchange.start(settings) as exchange:
        await execute(exchange, funds(), lambda _: None)
        await execute(exchange, trading(BEFORE, seed), lambda _: None)
    first = snapshots(data_dir)
    async with Exchange.start(settings) as exchange:
        columns = TextColumn("commands"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns) as progress:
            task = progress.add_task("", total=commands)
            after = await execute(
                exchange,
                trading(commands * 11 // 12, seed + 1),
                lambda submitted: progress.update(task, completed=submitted),
            )
    for snapshot in snapshots(data_dir) - first:
        snapshot.unlink()
    return after


def serving_s(directory: Path) -> float:
    """Seconds until an exchange process says that it serves; it stops cleanly then, and leaves a snapshot."""
    (directory / "ready.json").unlink(missing_ok=True)
    start = time.perf_counter()
    with orders.exchange(directory):
        return round(time.perf_counter() - start, 2)


def measure(directory: Path, commands: int, seed: int) -> dict[str, Any]:
    after = asyncio.run(prepare(directory / "data", commands, seed))
    report: dict[str, Any] = {"commands_after_snapshot": after, "serving_after_crash_s": serving_s(directory)}
    report["serving_after_clean_stop_s"] = serving_s(directory)
    shutil.rmtree(directory / "data", ignore_errors=True)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--commands", type=int, default=1_000_000, help="after the snapshot (default 1000000)")
    parser.add_argument("--seed", type=int, default=1, help="of the client order ids (default 1)")
    options = parser.parse_args()
    use_fast_loop()
    with tempfile.TemporaryDirectory() as name:
        report = measure(Path(name), options.commands, options.seed)
    if options.json:
        print(json.dumps(report))
        return
    after = report["commands_after_snapshot"]
    print("from the start of the process to serving")
    print(f"  a snapshot and {after} commands after it {report['serving_after_crash_s']:8.2f} s")
    print(f"  after a clean stop                    {report['serving_after_clean_stop_s']:12.2f} s")


if __name__ == "__main__":
    main()
