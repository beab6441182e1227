"""`pitwire call METHOD name=value ...`: one request, and its result as JSON."""

import difflib
import json
import re
import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from pitwire.cli.credentials import Account, ApiKey, KeyFile, KeyType, Url, Verbose, client, signing_key

if TYPE_CHECKING:
    from pitwire.protocol.requests.base import Request
    from pitwire.protocol.signing import Key


def command(
    method: Annotated[
        str, typer.Argument(help="The method's name on the wire: order.place, depth, account.status, ...")
    ],
    parameters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...", help='Its parameters: symbol=BTCUSDT \'symbols=["BTCUSDT","ETHUSDT"]\'.'
        ),
    ] = None,
    url: Url = "local",
    account: Account = "alice",
    key_type: KeyType = "ED25519",
    key_file: KeyFile = None,
    api_key: ApiKey = None,
    verbose: Verbose = False,
    as_json: Annotated[bool, typer.Option("--json", help="On one line, for another program to read.")] = False,
) -> None:
    """Send one request and print its result as JSON.

    Names and parameters are those of Binance's documentation. What must be signed is signed: apiKey, timestamp and
    signature fill themselves in. A refusal is told on stderr, and the exit code is 1.

        pitwire call ticker.book symbol=BTCUSDT

        pitwire call order.place symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC quantity=0.01 price=50000

        pitwire call openOrders.cancelAll symbol=BTCUSDT --account bob
    """
    from pitwire.cli.event_loop import run

    request = parsed(method, parameters or [])
    key = signing_key(account, key_type, key_file, api_key) if _is_signed(request) else None
    result = run(_call(request, url, key, verbose))
    compact = as_json or not sys.stdout.isatty()
    typer.echo(result.decode() if compact else json.dumps(json.loads(result), indent=2, ensure_ascii=False))


def parsed(method: str, parameters: list[str]) -> "Request[Any]":
    """The request that `METHOD name=value ...` says.

    A value that starts with `[` or `{` is read as JSON; any other is taken as text, and read as what the parameter is.
    Raises `typer.BadParameter` for an unknown method, and for an unknown, missing or ill-typed parameter.
    """
    import msgspec

    from pitwire.protocol.registry import by_name

    request_type = by_name.get(method)
    if request_type is None:
        raise typer.BadParameter(_unknown("method", method, list(by_name)))
    known = [field.encode_name for field in msgspec.structs.fields(request_type)]
    values: dict[str, Any] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise typer.BadParameter(f"{parameter!r} is no parameter: write NAME=VALUE")
        if name not in known:
            raise typer.BadParameter(_unknown(f"parameter of {method}", name, known))
        if name in values:
            raise typer.BadParameter(f"{name} is given twice: {values[name]!r} and {value!r}")
        values[name] = _value(name, value)
    try:
        request: Request[Any] = msgspec.convert(values, request_type, strict=False)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(_misfit(request_type, values, str(error))) from error
    for field in msgspec.structs.fields(request_type):
        word = getattr(request, field.name)
        if isinstance(word, Enum) and word.name not in type(word).__members__:  # a `GrowingEnum` takes any word
            reason = f"invalid enum value - at `$.{field.encode_name}`"
            raise typer.BadParameter(_misfit(request_type, values, reason))
    return request


def _misfit(request_type: "type[Request[Any]]", values: dict[str, Any], reason: str) -> str:
    """msgspec's reason, told with the value and with what would fit."""
    import msgspec

    method = request_type.METHOD.name
    if missing := re.search(r"missing required field `(\w+)`", reason):
        return f"{method} needs {missing[1]}: add {missing[1]}=..."
    place = re.search(r" - at `\$\.(\w+)", reason)
    if place is None:
        return f"{method}: {reason}"
    name = place[1]
    field = next(field for field in msgspec.structs.fields(request_type) if field.encode_name == name)
    choices = [str(member) for kind in (field.type, *get_args(field.type)) if _is_enum(kind) for member in kind]
    fits = f"; one of {', '.join(choices)}" if choices else ""
    return f"{method}: {name}={values[name]} does not fit: {reason[: place.start()].lower()}{fits}"


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _value(name: str, value: str) -> Any:
    if not value.startswith(("[", "{")):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"{name}: {value!r} is no JSON: {error}") from error


def _unknown(what: str, name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3)
    return f"there is no {what} {name!r}; " + (
        f"did you mean {', '.join(close)}?" if close else f"known: {', '.join(known)}"
    )


def _is_signed(request: "Request[Any]") -> bool:
    from pitwire.protocol.requests.base import Security

    return request.METHOD.security is not Security.NONE


async def _call(request: "Request[Any]", url: str, key: "Key | None", verbose: bool) -> bytes:
    from pitwire.protocol.codec import encode

    async with client(url, key, verbose) as connected:
        return encode(await connected.call(request))
