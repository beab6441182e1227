"""The options that say where to connect and who one is, and the client that follows from them."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from pitwire.cli.failures import Failure

if TYPE_CHECKING:
    from pitwire import Client
    from pitwire.protocol.signing import Key

PASSPHRASE_VARIABLE = "PITWIRE_KEY_PASSPHRASE"

Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="PITWIRE_URL",
        help="Where: local, testnet, demo, live, or a ws:// or wss:// URL. [bold]live[/bold] trades real money.",
    ),
]
Account = Annotated[
    str,
    typer.Option(
        "--account", help="The development account to sign as (`pitwire keys` lists them): alice, bob or carol."
    ),
]
KeyType = Annotated[
    str, typer.Option("--key-type", help="Which of the development account's keys: ED25519, RSA or HMAC.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="PEM",
        help=f"Sign with your own Ed25519 or RSA key instead; its passphrase, if it has one, in {PASSPHRASE_VARIABLE}.",
    ),
]
ApiKey = Annotated[
    str | None, typer.Option("--api-key", envvar="PITWIRE_API_KEY", help="The API key that belongs to --key-file.")
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Log every request and response on stderr, keys and signatures redacted."),
]


def client(url: str, key: "Key | None", verbose: bool, *, level: str = "warning") -> "Client":
    """A client whose log goes to stderr: from `level` on, and with `verbose` all that is sent and received.

    Raises `typer.BadParameter` for a URL that is none.
    """
    import pitwire
    from pitwire.cli.logs import log_to_stderr

    log = log_to_stderr("debug" if verbose else level)
    try:
        return pitwire.connect(url, key=key, log=log, log_traffic=verbose)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def is_loopback(url: str) -> bool:
    """Whether `url` is that of an exchange on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def signing_key(account: str, key_type: str, key_file: Path | None, api_key: str | None) -> "Key":
    """The user's own key where a file is named, else the development key of `account`.

    Raises `typer.BadParameter` for options that name no key, and `InvalidKey` for a file that is none.
    """
    from pitwire.protocol.signing import Key

    if key_file is None:
        return _development_key(account, key_type)
    if api_key is None:
        raise typer.BadParameter("--key-file needs the --api-key that was made for it")
    try:
        return Key.load(key_file, api_key, os.environ.get(PASSPHRASE_VARIABLE))
    except OSError as error:
        raise Failure(f"cannot read the key file {key_file}: {error.strerror}") from error


def _development_key(account: str, key_type: str) -> "Key":
    from pitwire.exchange.development_keys import DEVELOPMENT_KEYS

    for key in DEVELOPMENT_KEYS:
        if key.name == account and key.kind.value == key_type.upper():
            return key.signing_key()
    names = ", ".join(dict.fromkeys(key.name for key in DEVELOPMENT_KEYS))
    raise typer.BadParameter(f"there is no {key_type} key of {account!r}; accounts: {names}; types: ED25519, RSA, HMAC")
