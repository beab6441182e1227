"""Between structs and JSON: numbers in plain notation, the params of a request, the envelope of what a server sends."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from pitwire.protocol.errors import ErrorBody
from pitwire.protocol.requests.base import Request

RequestId = int | str | None
"""An id as the documentation allows it (web-socket-api.md, Request format). `null` cannot be matched to a response."""

is_request_id: Final = re.compile(rb'"[a-zA-Z0-9_-]{1,36}"|-?[0-9]{1,20}|null').fullmatch
"""Whether JSON text is an id that Binance takes. Its documentation calls ids arbitrary, but its answer to others is
-1135 with a null id: "expected an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null"."""

DECIMAL_CHARACTERS_MAX: Final = 64
"""Binance's decimals have at most 20 digits before and 18 after the point."""

_json = msgspec.json.Encoder().encode
_DECIMAL: Final = (Decimal,)
_NO_MORE: Final = "the response says no more"


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """A response, its keys in any order.

    `result`, `error` and `rate_limits` stay undecoded: only who asked knows the result's type, and a response is known
    by its id and its status whatever is wrong with the rest. They keep the whole frame in memory.
    """

    id: int | str | UnsetType | None = UNSET
    status: int = 0
    result: Raw = Raw()
    error: Raw = Raw()
    rate_limits: Raw = Raw()


class Response(Answer, frozen=True, kw_only=True):
    """Anything a server sends, its keys in any order: a response (it has a status), or an event (it has an event)."""

    event: Raw = Raw()
    subscription_id: int | None = None


decode_response: Callable[[bytes | memoryview], Response] = msgspec.json.Decoder(Response).decode
"""Raises `msgspec.DecodeError` (or its subclass `ValidationError`), or `RecursionError` on deep nesting."""

decode_answer: Callable[[bytes | memoryview], Answer] = msgspec.json.Decoder(Answer).decode
"""The same for a response beside whose members others stand that are not as documented."""

_decode_error: Callable[[bytes | memoryview], ErrorBody] = msgspec.json.Decoder(ErrorBody).decode
_decode_any: Callable[[bytes | memoryview], Any] = msgspec.json.Decoder().decode


def error_body(raw: bytes | memoryview | Raw) -> ErrorBody:
    """The `error` of a response; where it is not as documented, what of it is, so that a refusal stays one."""
    if not raw:
        return ErrorBody(0, _NO_MORE)
    try:
        return _decode_error(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        error = _decode_any(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        error = None
    if not isinstance(error, dict):
        return ErrorBody(0, _NO_MORE)
    code, message, data = error.get("code"), error.get("msg"), error.get("data")
    return ErrorBody(
        code if type(code) is int else 0,
        message if isinstance(message, str) else _NO_MORE,
        data if isinstance(data, dict) else None,
    )


def decimal_parameter(value: Decimal | str | int, name: str) -> Decimal:
    """`value` as a `Decimal`, exactly.

    Raises `TypeError` for a float, whose digits are not the ones that were typed, and for any other type;
    `ValueError` for text that is no number, NaN and infinities.
    """
    if isinstance(value, str):
        if len(value) > DECIMAL_CHARACTERS_MAX:
            raise ValueError(f"{name} has {len(value)} characters: no number here needs over {DECIMAL_CHARACTERS_MAX}")
        try:
            number = Decimal(value)
        except ArithmeticError:
            raise ValueError(f"{name} {value!r} is not a number") from None
    elif isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool):
        raise TypeError(f"{name} is {value}, a bool: pass a Decimal, a str or an int")
    elif isinstance(value, int):
        return Decimal(value)
    elif isinstance(value, float):
        raise TypeError(
            f"{name} is the float {value!r}, which stands for {Decimal(value):.20g} and not for what was typed: "
            f'pass Decimal("{value!r}") or "{value!r}"'
        )
    else:
        raise TypeError(f"{name} is a {type(value).__name__}: pass a Decimal, a str or an int")
    if not number.is_finite():
        raise ValueError(f"{name} {number} is not a finite number")
    return number


def plain(value: Decimal) -> str:
    """`value` without an exponent: `str(Decimal("0.00000001"))` is `1E-8`, which no exchange takes."""
    return format(value, "f")


def encode(value: object) -> bytes:
    """Any struct, or what is made of structs, as JSON: decimals as strings in plain notation, wire names."""
    return _json(_plain_builtins(msgspec.to_builtins(value, builtin_types=(Decimal, Raw))))


def _plain_builtins(value: Any) -> Any:
    match value:
        case Decimal():
            return plain(value)
        case dict():
            return {name: _plain_builtins(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain_builtins(item) for item in value]
        case _:
            return value


def wire_params(request: Request[Any]) -> dict[str, object]:
    """The params of `request` by their wire names, in the struct's order, without those that are `None`.

    Decimals become strings in plain notation, only `recvWindow` a JSON number, as in every documented example;
    enum members become their strings; everything else (strings, integers, booleans, lists) is as it was.
    """
    params: dict[str, object] = msgspec.to_builtins(request, builtin_types=_DECIMAL)  # leaves out None: omit_defaults
    for name, value in params.items():
        if value.__class__ is Decimal:
            params[name] = _recv_window(value) if name == "recvWindow" else format(value, "f")
    return params


def signing_text(value: object) -> str:
    """A param's text in the signature payload: a string as it is, anything else as its JSON."""
    return str(value) if isinstance(value, str) else _json(value).decode()


def _recv_window(milliseconds: Decimal) -> int | float:
    # At most 60000 with three decimal places: a float gives back exactly the digits that were typed.
    whole = int(milliseconds)
    return whole if whole == milliseconds else float(milliseconds)
