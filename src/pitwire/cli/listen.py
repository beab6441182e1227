"""`pitwire listen`: an account's user data events, as they come."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from pitwire.cli.credentials import Account, ApiKey, KeyFile, KeyType, Url, Verbose, client, signing_key

if TYPE_CHECKING:
    from pitwire import Client
    from pitwire.protocol.signing import Key


def command(
    url: Url = "local",
    account: Account = "alice",
    key_type: KeyType = "ED25519",
    key_file: KeyFile = None,
    api_key: ApiKey = None,
    verbose: Verbose = False,
    count: Annotated[int | None, typer.Option("--count", "-n", min=1, help="End after this many events.")] = None,
) -> None:
    """Print the user data events of an account, one JSON object a line, until Ctrl-C.

    Executions (executionReport) and balances (outboundAccountPosition), in the order in which they happened. After a
    lost connection it logs on again by itself; what happened in between is not sent again by the exchange.

        pitwire listen --account alice
    """
    from pitwire.cli.event_loop import run

    run(_listen(url, signing_key(account, key_type, key_file, api_key), count, verbose))


async def _listen(url: str, key: "Key", count: int | None, verbose: bool) -> None:
    from pitwire.cli.event_loop import stop_requested

    with stop_requested() as stop:
        async with client(url, key, verbose) as connected:
            printing = asyncio.ensure_future(_print_events(connected, count))
            stopping = asyncio.ensure_future(stop.wait())
            done, pending = await asyncio.wait({printing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            if printing in done:
                printing.result()


async def _print_events(connected: "Client", count: int | None) -> None:
    from pitwire.protocol.codec import encode

    seen = 0
    async for event in connected.user_data():
        typer.echo(encode(event))
        seen += 1
        if seen == count:
            return
