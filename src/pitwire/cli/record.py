"""`pitwire record`: market streams into files, until Ctrl-C."""

import asyncio
import json
import random
import sys
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwire.cli.credentials import Url, client
from pitwire.cli.failures import Failure

if TYPE_CHECKING:
    from pitwire.client.recorder import Recorder

STATUS_EVERY_S = 1.0
MIB = 1024 * 1024


def command(
    names: Annotated[list[str], typer.Argument(metavar="STREAM...", help="btcusdt@trade, btcusdt@depth@100ms, ...")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", file_okay=False, help="Where the files are written.")
    ],
    url: Url = "local",
    duration_s: Annotated[float | None, typer.Option("--duration", min=0.1, help="End after so many seconds.")] = None,
    levels: Annotated[
        int, typer.Option(min=1, max=5000, help="Levels a side of the snapshots; 1000 have a weight of 50.")
    ] = 1000,
    file_mib: Annotated[
        int, typer.Option("--file-mib", min=1, help="Begin a new file at this size; each day begins one anyway.")
    ] = 512,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was recorded as one JSON object.")] = False,
) -> None:
    """Record market streams, each symbol into gzip files of its own, until Ctrl-C.

    A line is the time of receipt in nanoseconds and the message as it came. With a depth stream each file has a
    snapshot, and so has what follows a gap; `pitwire exchange --market recorded:FILE` plays it.

        pitwire record btcusdt@trade btcusdt@bookTicker btcusdt@depth@100ms -o recordings --url live
    """
    from pitwire.cli.event_loop import run
    from pitwire.client.streams.link import StreamRefused

    try:
        done = run(_record(names, output, url, duration_s, levels, file_mib * MIB, quiet=as_json))
    except StreamRefused as error:
        raise Failure(str(error)) from error
    except OSError as error:
        raise Failure(f"cannot write to {output}: {error.strerror or error}") from error
    if as_json:
        typer.echo(json.dumps(done))
    else:
        for path in done["files"]:
            typer.echo(path)


async def _record(
    names: list[str], output: Path, url: str, duration_s: float | None, levels: int, file_bytes_max: int, *, quiet: bool
) -> dict[str, Any]:
    import pitwire
    from pitwire.cli.event_loop import stop_requested
    from pitwire.cli.logs import log_to_stderr
    from pitwire.client.link import say_to
    from pitwire.client.recorder import Recorder

    log = log_to_stderr("warning")
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(stop_requested())
        asks = await stack.enter_async_context(client(url, None, verbose=False))
        try:
            streams = pitwire.streams(url, log=log)
            recorder = Recorder(
                streams,
                asks,
                names,
                output,
                clock_ns=time.time_ns,
                random=random.random,
                say=say_to(log, url),
                levels=levels,
                file_bytes_max=file_bytes_max,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        await stack.enter_async_context(streams)
        recording = asyncio.ensure_future(recorder.run())
        stopping = asyncio.ensure_future(_stopped(stop, duration_s))
        showing = asyncio.ensure_future(_show(recorder, quiet=quiet))
        await asyncio.wait({recording, stopping}, return_when=asyncio.FIRST_COMPLETED)
        recorder.close()
        for task in (stopping, showing):
            task.cancel()
        await asyncio.gather(stopping, showing, return_exceptions=True)
        await recording
    if not quiet:
        typer.echo(_status(recorder), err=True)
    recorded = recorder.recorded
    return {
        "messages": recorded.messages,
        "bytes": recorded.bytes,
        "snapshots": recorded.snapshots,
        "gaps": recorded.gaps,
        "unreadable": recorded.unreadable,
        "files": [str(path) for path in recorder.files],
    }


async def _stopped(stop: asyncio.Event, duration_s: float | None) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), duration_s)


async def _show(recorder: "Recorder", *, quiet: bool) -> None:
    """Keep a line up to date, where there is somebody to look at it."""
    if quiet or not sys.stderr.isatty():
        return
    while True:
        sys.stderr.write(f"\r{_status(recorder)}\x1b[K")
        sys.stderr.flush()
        await asyncio.sleep(STATUS_EVERY_S)


def _status(recorder: "Recorder") -> str:
    recorded = recorder.recorded
    return (
        f"{recorded.messages} messages, {recorded.bytes / MIB:.1f} MiB, files: {recorded.files}, gaps: {recorded.gaps}"
    )
