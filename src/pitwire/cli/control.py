"""`pitwire control`: what an operator does to a running exchange, as an ordinary HTTP client of its `/control`."""

import json
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from pitwire.cli.failures import Failure

_is_number = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?").fullmatch

DEFAULT_URL = "http://127.0.0.1:9080"
ANSWER_S = 60.0
ANSWER_BYTES_MAX = 16 * 1024 * 1024

app = typer.Typer(
    no_args_is_help=True,
    help="Open accounts, make keys, move money, change symbols and take snapshots of a running exchange.\n\n"
    "    pitwire exchange --ephemeral --control-token correct-horse-battery\n\n"
    "    pitwire control --token correct-horse-battery deposit 1 BTC 5",
)


class Operator:
    """Where the exchange is, and what opens it."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self.token = token

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """The answer. Raises `Failure` with what the exchange says is wrong."""
        from urllib.error import HTTPError, URLError
        from urllib.request import ProxyHandler, Request, build_opener

        request = Request(
            f"{self.url}/control{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=verb,
        )
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=ANSWER_S) as answer:
                return json.loads(answer.read(ANSWER_BYTES_MAX))
        except HTTPError as error:
            raise Failure(_sentence(error.read(ANSWER_BYTES_MAX), error.code)) from error
        except (URLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            raise Failure(f"cannot reach {self.url}: {reason}; start `pitwire exchange`, or say --url") from error
        except ValueError as error:
            raise Failure(f"{self.url} does not answer as an exchange does: {error}") from error


@app.callback()
def connect(
    context: typer.Context,
    url: Annotated[
        str, typer.Option(envvar="PITWIRE_CONTROL_URL", help="Where the exchange serves HTTP.")
    ] = DEFAULT_URL,
    token: Annotated[
        str, typer.Option(envvar="PITWIRE_CONTROL_TOKEN", help="The token that the exchange printed at start.")
    ] = "",
    ready_file: Annotated[
        Path | None, typer.Option("--ready-file", metavar="PATH", help="Take both from an exchange's ready file.")
    ] = None,
) -> None:
    """Where the exchange is, and what opens it."""
    if ready_file is not None:
        try:
            ready = json.loads(ready_file.read_text())
            url, token = ready["http"], ready["control_token"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Failure(f"{ready_file} is no ready file of an exchange that serves HTTP: {error}") from error
    context.obj = Operator(url, token)


AsJson = Annotated[bool, typer.Option("--json", help="Print the exchange's answer as JSON.")]
Number = Annotated[int, typer.Argument(help="The account's number.")]
Asset = Annotated[str, typer.Argument(help="The asset, as BTC.")]
Amount = Annotated[str, typer.Argument(help="How much.")]
Symbol = Annotated[str, typer.Argument(help="The symbol, as BTCUSDT.")]
Settings = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Settings; lists and tables as JSON.")
]


@app.command()
def accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the accounts and what they have."""
    _show(_operator(context).ask("GET", "/accounts"), as_json)


@app.command("open-account")
def open_account(context: typer.Context, name: str, settings: Settings = None, as_json: AsJson = False) -> None:
    """Open an account: settings as in a table [[accounts]] of a configuration file, balances='{"BTC": "1"}'."""
    _show(_operator(context).ask("POST", "/accounts", {"name": name, **_body(settings)}), as_json)


@app.command("change-account")
def change_account(context: typer.Context, number: Number, settings: Settings = None, as_json: AsJson = False) -> None:
    """Change an account: name, maker_rate, taker_rate, trade_group, discount, permissions, max_assets."""
    _show(_operator(context).ask("PATCH", f"/accounts/{number}", _body(settings)), as_json)


@app.command()
def deposit(context: typer.Context, number: Number, asset: Asset, amount: Amount, as_json: AsJson = False) -> None:
    """Add to an account's free balance; its owner gets balanceUpdate."""
    _move(context, number, "deposit", asset, amount, as_json)


@app.command()
def withdraw(context: typer.Context, number: Number, asset: Asset, amount: Amount, as_json: AsJson = False) -> None:
    """Take from an account's free balance; its owner gets balanceUpdate."""
    _move(context, number, "withdraw", asset, amount, as_json)


@app.command()
def lock(context: typer.Context, number: Number, asset: Asset, amount: Amount, as_json: AsJson = False) -> None:
    """Lock part of a free balance, as a system outside would; its owner gets externalLockUpdate."""
    _move(context, number, "lock", asset, amount, as_json)


@app.command()
def unlock(context: typer.Context, number: Number, asset: Asset, amount: Amount, as_json: AsJson = False) -> None:
    """Unlock what was locked from outside; its owner gets externalLockUpdate."""
    _move(context, number, "unlock", asset, amount, as_json)


@app.command()
def keys(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the API keys that the exchange knows, without their secrets."""
    _show(_operator(context).ask("GET", "/keys"), as_json)


@app.command("make-key")
def make_key(
    context: typer.Context,
    number: Number,
    kind: Annotated[str, typer.Option(help="ED25519, RSA or HMAC.")] = "ED25519",
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", metavar="FILE", dir_okay=False, help="The PEM of a pair made elsewhere."),
    ] = None,
    permission: Annotated[
        list[str] | None, typer.Option(help="TRADE, USER_DATA, USER_STREAM; may be said again. Without it all three.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key for an account; its secret is printed this once."""
    body: dict[str, Any] = {"account": number, "kind": kind.upper()}
    if public_key is not None:
        try:
            body["public_key"] = public_key.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"cannot read {public_key}: {error}") from error
    if permission:
        body["permissions"] = permission
    _show(_operator(context).ask("POST", "/keys", body), as_json)


@app.command("revoke-key")
def revoke_key(context: typer.Context, api_key: str, as_json: AsJson = False) -> None:
    """Revoke an API key, for good."""
    _show(_operator(context).ask("DELETE", f"/keys/{quote(api_key, safe='')}"), as_json)


@app.command()
def symbols(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the symbols, as exchangeInfo does."""
    listed = _operator(context).ask("GET", "/symbols")
    _show(listed if as_json else [{name: each[name] for name in ("symbol", "status")} for each in listed], as_json)


@app.command("list-symbol")
def list_symbol(
    context: typer.Context, base: str, quote_asset: str, settings: Settings = None, as_json: AsJson = False
) -> None:
    """List a symbol: settings as in a table [[symbols]] of a configuration file, tick_size=0.01."""
    body = {"base": base, "quote": quote_asset, **_body(settings)}
    _show(_operator(context).ask("POST", "/symbols", body), as_json)


@app.command("change-symbol")
def change_symbol(context: typer.Context, symbol: Symbol, settings: Settings = None, as_json: AsJson = False) -> None:
    """Change a symbol: status=HALT, filters='[{"type": ...}]', without_filters, permission_sets, order_types, ..."""
    _show(_operator(context).ask("PATCH", f"/symbols/{quote(symbol, safe='')}", _body(settings)), as_json)


@app.command("reference-price")
def reference_price(
    context: typer.Context,
    symbol: Symbol,
    price: Annotated[str, typer.Argument(help="The price, or none.")],
    as_json: AsJson = False,
) -> None:
    """Set the reference price of a symbol whose reference price is calculated outside."""
    body = {"price": None if price == "none" else price}
    _show(_operator(context).ask("PUT", f"/symbols/{quote(symbol, safe='')}/reference-price", body), as_json)


@app.command("block-trade")
def block_trade(
    context: typer.Context,
    symbol: Symbol,
    price: str,
    quantity: str,
    buyer_is_maker: Annotated[bool, typer.Option("--buyer-is-maker")] = False,
    as_json: AsJson = False,
) -> None:
    """Make public a trade that two parties agreed on outside the book."""
    body = {"price": price, "quantity": quantity, "buyer_is_maker": buyer_is_maker}
    _show(_operator(context).ask("POST", f"/symbols/{quote(symbol, safe='')}/block-trades", body), as_json)


@app.command("expire-orders")
def expire_orders(
    context: typer.Context,
    symbol: Symbol,
    account: Annotated[int | None, typer.Option(help="The number of one account; without it everybody's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take open orders out of a symbol's market, as at a delisting: their owners are told that they expired."""
    body = {} if account is None else {"account": account}
    _show(_operator(context).ask("POST", f"/symbols/{quote(symbol, safe='')}/expire-orders", body), as_json)


@app.command()
def snapshot(context: typer.Context, as_json: AsJson = False) -> None:
    """Save the state now, so that the next start replays nothing that came before."""
    _show(_operator(context).ask("POST", "/snapshots"), as_json)


@app.command()
def faults(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what is to go wrong on purpose, and how often each rule has struck."""
    _show(_operator(context).ask("GET", "/faults"), as_json)


@app.command("add-fault")
def add_fault(
    context: typer.Context,
    fault: Annotated[str, typer.Argument(help="drop, delay, duplicate, cut, error, half_open or shutdown.")],
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Let something go wrong: phase, method=order.place, account, count, probability, delay_ms, code, status."""
    _show(_operator(context).ask("POST", "/faults", {"fault": fault, **_terms(settings)}), as_json)


@app.command("remove-fault")
def remove_fault(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="The rule's number; without it, all of them.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let it go wrong no more."""
    _show(_operator(context).ask("DELETE", "/faults" if number is None else f"/faults/{number}"), as_json)


def _terms(settings: list[str] | None) -> dict[str, Any]:
    """As `_body`, but every number is one: a rule has no amounts."""
    return {
        name: json.loads(value) if isinstance(value, str) and _is_number(value) else value
        for name, value in _body(settings).items()
    }


def _operator(context: typer.Context) -> Operator:
    assert isinstance(context.obj, Operator)
    return context.obj


def _move(context: typer.Context, number: int, movement: str, asset: str, amount: str, as_json: bool) -> None:
    answer = _operator(context).ask("POST", f"/accounts/{number}/{movement}", {"asset": asset, "amount": amount})
    _show(answer, as_json)


def _body(settings: list[str] | None) -> dict[str, Any]:
    body = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals:
            raise typer.BadParameter(f"{setting!r} is no NAME=VALUE")
        body[name] = _value(name, value)
    return body


def _value(name: str, value: str) -> Any:
    if value in ("true", "false", "null") or value.startswith(("[", "{")):
        try:
            return json.loads(value, parse_float=str)
        except json.JSONDecodeError as error:
            raise typer.BadParameter(f"{name}: {value!r} is no JSON: {error}") from error
    return int(value) if value.isdigit() else value


def _sentence(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the exchange answered with status {status}: {body[:200].decode(errors='replace')}"


def _show(answer: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    for row in answer if isinstance(answer, list) else [answer]:
        if isinstance(answer, list):
            typer.echo("  ".join(_word(value) for value in row.values()))
        else:
            for name, value in row.items():
                typer.echo(f"{name:<16}{_word(value)}")


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{name} {inner['free']} + {inner['locked']}" if isinstance(inner, dict) else f"{name} {inner}"
            for name, inner in value.items()
        )
    if isinstance(value, list):
        return json.dumps(value) if any(isinstance(each, dict) for each in value) else ",".join(map(str, value))
    return str(value)
