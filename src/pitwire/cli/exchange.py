"""`pitwire exchange`: a local exchange, until it is told to stop."""

import asyncio
import json
import os
from contextlib import AsyncExitStack, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwire.cli import config_file
from pitwire.cli.failures import Failure
from pitwire.cli.markets import MARKET_HELP, checked

if TYPE_CHECKING:
    from pitwire.exchange.app import Exchange, Settings
    from pitwire.exchange.configuration import Configuration

DEFAULT_DATA_DIR = Path("pitwire-data")
TOKEN_LETTERS_MIN = 16
NAMES_SHOWN = 8
"""So many accounts are greeted by name."""


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
    http_port: Annotated[
        int, typer.Option("--http-port", min=0, max=65535, help="The port of the REST API; 0 takes a free one.")
    ] = 9080,
    control_token: Annotated[
        str | None,
        typer.Option(
            "--control-token",
            envvar="PITWIRE_CONTROL_TOKEN",
            show_envvar=True,
            help="What opens /control on the HTTP port; without it one is made and printed.",
        ),
    ] = None,
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
            help="These options from a file (ws-port = 9443), and symbols, accounts and keys of your own; "
            "the command line goes before it.",
        ),
    ] = None,
    ready_file: Annotated[
        Path | None,
        typer.Option(
            "--ready-file",
            metavar="PATH",
            help="Written once it serves: JSON with `ws`, `http`, `control_token` and `pid`.",
        ),
    ] = None,
) -> None:
    """Run a local exchange that speaks the Binance Spot WebSocket API, until Ctrl-C or SIGTERM.

    An order is answered only when it is safely on disk; a restart with the same --data-dir goes on where it stopped.
    Accounts alice, bob and carol have money and published keys: see `pitwire keys`.

        pitwire exchange --ephemeral

        pitwire exchange --data-dir ./my-exchange --market recorded:btcusdt_20240808.gz --speed 10
    """
    from pitwire.cli.event_loop import run
    from pitwire.cli.logs import log_to_stderr
    from pitwire.exchange.app import Settings

    if ephemeral and data_dir is not None:
        raise typer.BadParameter(
            f"--ephemeral keeps nothing, --data-dir {data_dir} keeps everything: say one of the two"
        )
    if control_token is not None and len(control_token) < TOKEN_LETTERS_MIN:
        raise typer.BadParameter(f"--control-token has fewer than {TOKEN_LETTERS_MIN} letters: make it longer")
    log_to_stderr("info")
    settings = Settings(
        host=host,
        ws_port=ws_port,
        http_port=http_port,
        control_token=control_token,
        data_dir=None if ephemeral else data_dir or DEFAULT_DATA_DIR,
        market=market,
        speed=speed,
        seed=seed,
        limits=limits is Limits.BINANCE,
        configuration=_configuration(config),
    )
    run(_serve(settings, ready_file))


def _configuration(path: Path | None) -> "Configuration | None":
    from pitwire.exchange.configuration import ConfigurationInvalid, load

    try:
        return None if path is None else load(path)
    except ConfigurationInvalid as error:
        raise Failure(str(error)) from error


async def _serve(settings: "Settings", ready_file: Path | None) -> None:
    from pitwire.cli.event_loop import stop_requested

    async with AsyncExitStack() as stack:
        stop = stack.enter_context(stop_requested(partial(_remove_ready_file, ready_file)))
        exchange = await _started(stack, settings)
        typer.echo(_greeting(exchange, settings))
        if ready_file is not None:
            _write_ready_file(ready_file, exchange)
            stack.callback(_remove_ready_file, ready_file)
        waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(exchange.failed.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        if exchange.failed.is_set():
            raise Failure(f"the exchange has stopped: {exchange.failure}; what it had acknowledged is safe")
    typer.echo("Stopped.")


async def _started(stack: AsyncExitStack, settings: "Settings") -> "Exchange":
    from pitwire.exchange.app import Exchange
    from pitwire.exchange.configuration import ConfigurationInvalid
    from pitwire.exchange.gateway.listening import CannotListen
    from pitwire.exchange.gateway.websocket import PublishedKeysExposed
    from pitwire.exchange.log.file import LogLocked
    from pitwire.exchange.participants.markets import NotTraded
    from pitwire.exchange.ports import LogCorrupt, LogFailed
    from pitwire.recording.reader import RecordingError

    try:
        return await stack.enter_async_context(Exchange.start(settings))
    except (
        ConfigurationInvalid,
        LogCorrupt,
        LogFailed,
        LogLocked,
        NotTraded,
        PublishedKeysExposed,
        RecordingError,
    ) as error:
        raise Failure(str(error)) from error
    except CannotListen as error:
        port = settings.ws_port if error.option == "--ws-port" else settings.http_port
        raise Failure(
            f"cannot serve on {settings.host} port {port}: {error.strerror}; "
            f"choose another {error.option}, or 0 for a free one"
        ) from error
    except OSError as error:
        where = error.filename if error.filename is not None else settings.data_dir
        raise Failure(f"cannot {'start' if where is None else f'use {where}'}: {error.strerror or error}") from error


def _greeting(exchange: "Exchange", settings: "Settings") -> str:
    kept = "in memory, gone with this process" if settings.data_dir is None else f"kept in {settings.data_dir}"
    return (
        f"Serving the WebSocket API at {exchange.ws_url}\n"
        f"    and the REST API at      {exchange.http_url}/api/v3\n"
        f"  control   {exchange.http_url}/control, token {exchange.control_token}\n"
        f"  market    {settings.market}\n"
        f"  orders    {kept}\n"
        f"  accounts  {_accounts(exchange, settings)}\n"
        f"Ctrl-C stops it."
    )


def _accounts(exchange: "Exchange", settings: "Settings") -> str:
    """Who can trade, and whose keys they have."""
    from pitwire.exchange.participants.accounts import MAKER, TAKER

    accounts = exchange.engine.venue.accounts
    names = [account.name for number, account in sorted(accounts.items()) if number not in (MAKER, TAKER)]
    shown = ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if (more := len(names) - NAMES_SHOWN) > 0 else "")
    own_keys = settings.configuration is not None and settings.configuration.keys
    return f"{shown} ({'keys of the configuration' if own_keys else '`pitwire keys`'})"


def _write_ready_file(path: Path, exchange: "Exchange") -> None:
    """Whole or not at all: who waits for the file never reads half of it. For its owner only: it has the token."""
    from urllib.parse import urlsplit

    base = urlsplit(exchange.ws_url)
    ready = {
        "ws": f"{base.scheme}://{base.netloc}",
        "http": exchange.http_url,
        "control_token": exchange.control_token,
        "pid": os.getpid(),
    }
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(ready) + "\n")
        unfinished.replace(path)
    except OSError as error:
        raise Failure(f"cannot write the ready file {path}: {error.strerror}") from error


def _remove_ready_file(path: Path | None) -> None:
    with suppress(OSError):
        if path is not None:
            path.unlink(missing_ok=True)
