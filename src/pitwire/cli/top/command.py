"""`pitwire top`: the options, and the choice between a live screen, plain lines and one answer."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwire.cli.control import DEFAULT_URL
from pitwire.cli.credentials import (
    Account,
    ApiKey,
    KeyFile,
    KeyType,
    Url,
    client,
    is_loopback,
    signing_key,
)
from pitwire.cli.failures import Failure

if TYPE_CHECKING:
    import pitwire
    from pitwire.cli.top.watch import Watch
    from pitwire.protocol.signing import Key

FRAMES_PER_S = 2
LINE_EVERY_S = 2.0
ONCE_ROUNDS = 5
TITLE = "pitwire top"


def command(
    url: Url = "local",
    account: Account = "alice",
    key_type: KeyType = "ED25519",
    key_file: KeyFile = None,
    api_key: ApiKey = None,
    symbol: Annotated[str, typer.Option(help="Whose best prices are shown.")] = "BTCUSDT",
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="An exporter's /metrics to read as well: of a client in another process, or of an exchange. "
            f"By default {DEFAULT_URL}/metrics where --url is on this machine.",
        ),
    ] = None,
    duration_s: Annotated[
        float | None, typer.Option("--duration", min=0.5, metavar="SECONDS", help="End by itself after this long.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Ask five times, print it, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: as one JSON object.")] = False,
    picture: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Save the last screen as a picture.")] = None,
) -> None:
    """Watch a connection live: round trips, limits, reconnects, the clock, user data, market streams, alerts.

    It connects as an ordinary client, asks a few questions a second (request weight 9), and places nothing. With
    --metrics it shows a running bot beside it, which exports its own with pitwire.metrics.serve.

        pitwire top --symbol ETHUSDT

        pitwire top --metrics http://127.0.0.1:9464/metrics

        pitwire top --once --json
    """
    from pitwire.cli.event_loop import run
    from pitwire.client.endpoints import endpoint_url

    if as_json and not once:
        raise typer.BadParameter("--json goes with --once")
    try:
        is_here = is_loopback(endpoint_url(url))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    key = signing_key(account, key_type, key_file, api_key) if is_here or key_file is not None else None
    exporter = metrics or (f"{DEFAULT_URL}/metrics" if is_here else None)
    run(_top(url, key, symbol.upper(), exporter, duration_s, once, as_json, picture))


async def _top(
    url: str,
    key: "Key | None",
    symbol: str,
    exporter: str | None,
    duration_s: float | None,
    once: bool,
    as_json: bool,
    picture: Path | None,
) -> None:
    from rich.console import Console

    from pitwire.cli.event_loop import stop_requested
    from pitwire.cli.top.watch import Watch

    console = Console()
    with stop_requested() as stop:
        async with client(url, key, verbose=False, level="error") as connected, _streams(url) as streams:
            watch = Watch(connected, streams, symbol, exporter, key is not None)
            if once:
                listening = asyncio.ensure_future(watch.listen())
                for _ in range(ONCE_ROUNDS):
                    await watch.ask()
                _print_once(watch, console, as_json)
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            else:
                show = _on_screen if console.is_terminal else _in_lines
                await _until(stop, duration_s, watch.run(), show(watch))
            if picture is not None:
                _save(watch, picture)


@asynccontextmanager
async def _streams(url: str) -> "AsyncIterator[pitwire.Streams | str]":
    """The market streams of the exchange, or why there are none: at Binance they have a host of their own."""
    import pitwire
    from pitwire.cli.logs import log_to_stderr

    async with AsyncExitStack() as entered:
        streams: pitwire.Streams | str
        try:
            streams = await entered.enter_async_context(pitwire.streams(url, log=log_to_stderr("error")))
        except (pitwire.PitwireError, ValueError) as error:
            streams = str(error)
        yield streams


async def _until(stop: asyncio.Event, duration_s: float | None, *works: Any) -> None:
    tasks = [asyncio.ensure_future(work) for work in (stop.wait(), *works)]
    done, pending = await asyncio.wait(tasks, timeout=duration_s, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


def _print_once(watch: "Watch", console: Any, as_json: bool) -> None:
    from pitwire.cli.top.screen import HEIGHT, WIDTH, draw

    if as_json:
        typer.echo(watch.as_json())
    else:
        console.print(draw(watch), width=min(WIDTH, console.width), height=HEIGHT)


async def _on_screen(watch: "Watch") -> None:
    from rich.live import Live

    from pitwire.cli.top.screen import draw

    with Live(draw(watch), screen=True, auto_refresh=False) as live:
        while True:
            live.update(draw(watch), refresh=True)
            await asyncio.sleep(1 / FRAMES_PER_S)


async def _in_lines(watch: "Watch") -> None:
    from pitwire.cli.top.screen import line

    while True:
        await asyncio.sleep(LINE_EVERY_S)
        typer.echo(line(watch))
        sys.stdout.flush()


def _save(watch: "Watch", path: Path) -> None:
    from pitwire.cli.picture import svg
    from pitwire.cli.top.screen import HEIGHT, WIDTH, draw

    try:
        path.write_text(svg(draw(watch), TITLE, WIDTH, HEIGHT))
    except OSError as error:
        raise Failure(f"cannot write the picture {path}: {error.strerror}") from error
