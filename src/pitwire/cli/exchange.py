"""`pitwire exchange`: a local exchange, until it is told to stop."""

import asyncio
import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwire.cli import config_file
from pitwire.cli.failures import Failure
from pitwire.cli.markets import MARKET_HELP, checked

if TYPE_CHECKING:
    from pitwire.exchange.app import Exchange, Settings

DEFAULT_DATA_DIR = Path("pitwire-data")


class Limits(StrEnum):
    """`--limits`."""

    BINANCE = "binance"
    OFF = "off"


def command(
    host: Annotated[
        str, typer.Option(help="The address to serve on. The development keys work on loopback only.")
    ] = "127.0.0.1",
    ws_port: Annotated[
        int, typer.Option("--ws-port", min=0, max=65535, help="The port of the WebSocket API; 0 takes a free one.")
    ] = 9443,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            metavar="DIR",
            file_okay=False,
            help="Where the log is kept.",
            show_default=str(DEFAULT_DATA_DIR),
        ),
    ] = None,
    ephemeral: Annotated[
        bool, typer.Option("--ephemeral", help="Keep everything in memory; nothing outlives the process.")
    ] = False,
    market: Annotated[str, typer.Option(help=MARKET_HELP, callback=checked)] = "synthetic",
    speed: Annotated[
        float, typer.Option(min=0.001, help="How many times as fast as it happened the market plays.")
    ] = 1.0,
    seed: Annotated[
        int, typer.Option(help="What the synthetic market is drawn from: the same seed, the same market.")
    ] = 1,
    limits: Annotated[
        Limits,
        typer.Option(help="off lifts the rate and connection limits, for load tests; the trading filters stay."),
    ] = Limits.BINANCE,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            is_eager=True,
            callback=config_file.apply,
            help="These options from a file (ws-port = 9443); the command line goes before it.",
        ),
    ] = None,
    ready_file: Annotated[
        Path | None,
        typer.Option("--ready-file", metavar="PATH", help="Written once it serves: a JSON object with `ws` and `pid`."),
    ] = None,
) -> None:
    """Run a local exchange that speaks the Binance Spot WebSocket API, until Ctrl-C or SIGTERM.

    An order is answered only when it is safely on disk; a restart with the same --data-dir goes on where it stopped.
    Accounts alice, bob and carol have money and published keys: see `pitwire keys`.

        pitwire exchange --ephemeral

        pitwire exchange --data-dir ./my-exchange --market recorded:btcusdt_20240808.gz --speed 10
    """
    from pitwire.cli.event_loop import run
    from pitwire.exchange.app import Settings

    if ephemeral and data_dir is not None:
        raise typer.BadParameter(
            f"--ephemeral keeps nothing, --data-dir {data_dir} keeps everything: say one of the two"
        )
    settings = Settings(
        host=host,
        ws_port=ws_port,
        data_dir=None if ephemeral else data_dir or DEFAULT_DATA_DIR,
        market=market,
        speed=speed,
        seed=seed,
        limits=limits is Limits.BINANCE,
    )
    run(_serve(settings, ready_file))


async def _serve(settings: "Settings", ready_file: Path | None) -> None:
    from pitwire.cli.event_loop import stop_requested
    from pitwire.exchange.app import Exchange

    with stop_requested() as stop:
        async with Exchange.start(settings) as exchange:
            typer.echo(_greeting(exchange, settings))
            if ready_file is not None:
                _write_ready_file(ready_file, exchange.ws_url)
            waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(exchange.failed.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waits:
                    task.cancel()
                if ready_file is not None:
                    ready_file.unlink(missing_ok=True)  # noqa: ASYNC240  (serving is over)
            if exchange.failed.is_set():
                raise Failure("the exchange has stopped: its log cannot be written; what was acknowledged is safe")
    typer.echo("Stopped.")


def _greeting(exchange: "Exchange", settings: "Settings") -> str:
    kept = "in memory, gone with this process" if settings.data_dir is None else f"kept in {settings.data_dir}"
    return (
        f"Serving the WebSocket API at {exchange.ws_url}\n"
        f"  market    {settings.market}\n"
        f"  orders    {kept}\n"
        f"  accounts  alice, bob, carol (`pitwire keys`)\n"
        f"Ctrl-C stops it."
    )


def _write_ready_file(path: Path, ws_url: str) -> None:
    """Whole or not at all: who waits for the file never reads half of it."""
    from urllib.parse import urlsplit

    base = urlsplit(ws_url)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(json.dumps({"ws": f"{base.scheme}://{base.netloc}", "pid": os.getpid()}) + "\n")
        unfinished.replace(path)
    except OSError as error:
        raise Failure(f"cannot write the ready file {path}: {error.strerror}") from error
