"""`pitwire demo`: the options, and the choice between a live screen and plain lines."""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwire.cli.failures import Failure
from pitwire.cli.markets import MARKET_HELP, checked, recorded_or_synthetic

if TYPE_CHECKING:
    from pitwire.cli.demo.session import Session

FRAMES_PER_S = 5
LINE_EVERY_S = 2.0


def command(
    duration_s: Annotated[
        float | None, typer.Option("--duration", min=0.5, metavar="SECONDS", help="End by itself after this long.")
    ] = None,
    market: Annotated[
        str | None,
        typer.Option(help=MARKET_HELP + " By default a recording where one is found, else synthetic."),
    ] = None,
    symbol: Annotated[str, typer.Option(help="What the trader trades.")] = "BTCUSDT",
    speed: Annotated[
        float, typer.Option(min=0.001, help="How many times as fast as it happened the market plays.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="What the synthetic market is drawn from.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="No screen; at the end, what was done as one JSON object.")
    ] = False,
    picture: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Save the last screen as a picture.")] = None,
) -> None:
    """Show it all at work: a local exchange, a market playing in it, and a trader logged on with an Ed25519 key.

    The trader keeps an order at the best bid and one at the best ask, on the public client. The screen shows the book,
    the trades, its orders, fills and balances, and how long its requests take. Ctrl-C ends it, and prints what was
    done.

        pitwire demo --duration 15

        pitwire demo --market recorded:btcusdt_20240808.gz --speed 5
    """
    from pitwire.cli.event_loop import run

    chosen = checked(market) if market is not None else recorded_or_synthetic()
    run(_demo(symbol.upper(), chosen, speed, seed, duration_s, as_json, picture))


async def _demo(
    symbol: str, market: str, speed: float, seed: int, duration_s: float | None, as_json: bool, picture: Path | None
) -> None:
    from rich.console import Console

    from pitwire.cli.demo import report
    from pitwire.cli.demo.session import opened
    from pitwire.cli.event_loop import stop_requested
    from pitwire.cli.logs import log_to_stderr

    console = Console()
    # On a screen a line of log would only be in the way of what it shows.
    log = log_to_stderr("error" if console.is_terminal and not as_json else "warning")
    show = _quietly if as_json else _on_screen if console.is_terminal else _in_lines
    with stop_requested() as stop:
        async with opened(symbol, market, speed, seed, duration_s, log) as session:
            await session.run(show, stop, partial(_save, path=picture))
    if as_json:
        typer.echo(json.dumps(report.as_dict(session)))
    else:
        report.summary(session, console)


async def _on_screen(session: "Session") -> None:
    from rich.live import Live

    from pitwire.cli.demo.screen import draw

    with Live(draw(session), screen=True, auto_refresh=False) as live:
        while True:
            live.update(draw(session), refresh=True)
            await asyncio.sleep(1 / FRAMES_PER_S)


async def _in_lines(session: "Session") -> None:
    from pitwire.cli.demo import report

    while True:
        await asyncio.sleep(LINE_EVERY_S)
        typer.echo(report.line(session))
        sys.stdout.flush()


async def _quietly(_: "Session") -> None:
    await asyncio.Event().wait()


def _save(session: "Session", path: Path | None) -> None:
    if path is not None:
        from pitwire.cli.demo.screen import HEIGHT, WIDTH, draw
        from pitwire.cli.picture import svg

        try:
            path.write_text(svg(draw(session), "pitwire demo", WIDTH, HEIGHT))
        except OSError as error:
            raise Failure(f"cannot write the picture {path}: {error.strerror}") from error
