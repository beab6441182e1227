"""`pitwire keys`: the development keys, as a table, as JSON, or as files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwire.cli.failures import Failure

if TYPE_CHECKING:
    from pitwire.exchange.development_keys import DevelopmentKey


def command(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list, with the secrets.")] = False,
    pem: Annotated[
        Path | None,
        typer.Option(
            "--pem",
            metavar="DIR",
            file_okay=False,
            help="Write each key into DIR: ACCOUNT.ed25519.pem, ACCOUNT.rsa.pem, ACCOUNT.hmac.txt.",
        ),
    ] = None,
) -> None:
    """Show the keys of the development accounts that every local exchange knows.

    They are published, like the accounts of a local chain node: anyone can sign with them. So an exchange takes them on
    loopback only, and they are worth nothing at Binance.
    """
    from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

    if as_json and pem:
        raise typer.BadParameter("--json prints the keys and --pem writes them to files: say one of the two")
    if as_json:
        typer.echo(json.dumps([_row(key) for key in DEVELOPMENT_KEYS], indent=2))
    elif pem:
        _write(DEVELOPMENT_KEYS, pem)
    else:
        typer.echo(f"{'account':<10}{'type':<9}API key")
        for key in DEVELOPMENT_KEYS:
            typer.echo(f"{key.name:<10}{key.kind.value:<9}{key.api_key}")
        typer.echo("\nThe secrets: pitwire keys --json, or pitwire keys --pem DIR for files.")


def _row(key: "DevelopmentKey") -> dict[str, str]:
    row = {"account": key.name, "keyType": key.kind.value, "apiKey": key.api_key}
    if key.secret_key is not None:
        return row | {"secretKey": key.secret_key}
    assert key.private_key_pem is not None  # a key has one secret of the two
    return row | {"privateKeyPem": key.private_key_pem}


def _write(keys: "tuple[DevelopmentKey, ...]", folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for key in keys:
            suffix = "txt" if key.secret_key is not None else "pem"
            path = folder / f"{key.name}.{key.kind.value.lower()}.{suffix}"
            path.write_text(key.secret_key if key.secret_key is not None else key.private_key_pem or "")
            typer.echo(f"{path}  API key {key.api_key}")
    except OSError as error:
        raise Failure(f"cannot write the keys into {folder}: {error.strerror}") from error
