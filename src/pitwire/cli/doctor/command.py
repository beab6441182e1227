"""`pitwire doctor`: the options, and the order in which things are tried."""

import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from pitwire.cli.credentials import Account, ApiKey, KeyFile, KeyType, Url, is_loopback, signing_key
from pitwire.cli.failures import Failure

if TYPE_CHECKING:
    from rich.console import Console

    from pitwire.cli.doctor.findings import Finding
    from pitwire.protocol.signing import Key

TITLE = "pitwire doctor"
WIDTH = 110


def command(
    url: Url = "local",
    account: Account = "alice",
    key_type: KeyType = "ED25519",
    key_file: KeyFile = None,
    api_key: ApiKey = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Try whether a client's journal can be kept there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for another program to read.")] = False,
    picture: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Save what is shown as a picture.")] = None,
) -> None:
    """Try what a client needs: the way there, the clock, the limits, the key; and say what to mend.

    Each line is PASS, WARN, FAIL, or SKIP where something before it failed. Nothing is placed or changed. The exit code
    is 1 if anything failed. Without --key-file the key is a development account's, which a local exchange alone knows.

        pitwire doctor

        pitwire doctor --url testnet --key-file key.pem --api-key ...
    """
    from rich.console import Console

    from pitwire.cli.doctor.findings import Verdict, line, summary
    from pitwire.cli.event_loop import run
    from pitwire.cli.logs import log_to_stderr
    from pitwire.client.endpoints import endpoint_url

    try:
        endpoint = endpoint_url(url)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    log = log_to_stderr("critical")  # what goes wrong is told as a finding
    console = Console(record=picture is not None, width=WIDTH if picture is not None else None)
    findings: list[Finding] = []

    def found(finding: "Finding") -> None:
        findings.append(finding)
        if not as_json:
            console.print(line(finding))

    def key() -> "Key | None":
        if key_file is None and not is_loopback(endpoint):
            return None
        return signing_key(account, key_type, key_file, api_key)

    run(_tell(_examine(endpoint, url, key, journal, log), found))
    ok = all(each.verdict is not Verdict.FAIL for each in findings)
    if as_json:
        told = [
            {"verdict": each.verdict.value, "name": each.name, "text": each.text, "remedy": each.remedy or None}
            for each in findings
        ]
        typer.echo(json.dumps({"ok": ok, "url": endpoint, "findings": told}))
    else:
        console.print(summary(findings))
    if picture is not None:
        _save(console, picture)
    sys.exit(0 if ok else 1)


async def _tell(findings: "AsyncIterator[Finding]", found: "Callable[[Finding], None]") -> None:
    async for finding in findings:
        found(finding)


async def _examine(
    url: str, named: str, key: "Callable[[], Key | None]", journal: Path | None, log: Any
) -> "AsyncIterator[Finding]":
    from pitwire.cli.doctor import exchange
    from pitwire.cli.doctor.findings import Finding, Verdict
    from pitwire.cli.doctor.machine import machine
    from pitwire.cli.doctor.network import network
    from pitwire.protocol.errors import InvalidKey

    for each in machine(journal):
        yield each
    for step in (network(urlsplit(url)), exchange.public(url, log)):
        async for each in step:
            yield each
            if each.verdict is Verdict.FAIL:
                yield Finding(Verdict.SKIP, "the rest", "needs what failed")
                return
    yield await exchange.streams(named, log)
    try:
        signing = key()
    except (InvalidKey, Failure, typer.BadParameter) as error:
        remedy = "name a PEM file with an Ed25519 or RSA private key, and the API key that it was registered for"
        yield Finding(Verdict.FAIL, "key", str(error), remedy)
        return
    if signing is None:
        remedy = "name yours with --key-file and --api-key to have it tried"
        yield Finding(Verdict.SKIP, "key", "there is none: the development keys are for a local exchange", remedy)
        return
    async for each in exchange.account(url, signing, log):
        yield each


def _save(console: "Console", path: Path) -> None:
    from pitwire.cli.picture import exported

    try:
        path.write_text(exported(console, TITLE))
    except OSError as error:
        raise Failure(f"cannot write the picture {path}: {error.strerror}") from error
