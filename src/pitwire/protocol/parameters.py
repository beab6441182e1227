"""A request's `params` as they were sent: read into the method's struct, or refused with Binance's code and message.

Most requests are well-formed, so they are decoded first and looked at closely only when something gave offence:
the decoder itself, a value outside its legal range, a null or an empty string, or more colons than parameters (the
mark of a duplicate name, which JSON decoders let pass). The closer look finds which parameter it was.

Numbers and booleans may come as such or as strings, and arrays as strings that hold JSON: Binance's own connectors send
them so. Bounds: the caller bounds the frame; here strings are bounded by their
legal ranges, numbers to 20 digits, integers to 63 bits, and nesting by the decoder's recursion limit.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Raw
from msgspec.structs import fields

from pitwire.market import enums
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.requests.base import Request

INTEGER_MAX: Final = 2**63 - 1

# The ranges as Binance words them in -1100; Java's regular expressions, where && intersects.
_INTEGER_RANGE: Final = "^[0-9]{1,20}$"
_DECIMAL_RANGE: Final = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_SYMBOL_RANGE: Final = r"^[\w\-._&&[^a-z]]{1,50}$"
_SYMBOLS_RANGE: Final = r'^\[("[\w\-._&&[^a-z]]{1,50}"(,"[\w\-._&&[^a-z]]{1,50}"){0,}){0,1}\]$'
_CLIENT_ORDER_ID_RANGE: Final = "^[a-zA-Z0-9-_]{1,36}$"  # fix-api.md, ClOrdID; the wording of -1100 is the same

_is_integer: Final = re.compile(r"[0-9]{1,20}", re.ASCII).fullmatch
_is_decimal: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII).fullmatch
_is_client_order_id: Final = re.compile(r"[a-zA-Z0-9_-]{1,36}").fullmatch

_decode_values: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_text: Final = msgspec.json.Decoder(str).decode
_decode_array: Final = msgspec.json.Decoder(list[str]).decode
_encode: Final = msgspec.json.Encoder().encode

_ALWAYS_MANDATORY: Final = frozenset({"apiKey", "signature", "timestamp"})
"""Optional in the structs, because a logged-on session may leave some out; never empty when they are sent."""

_ENUM_CODES: Final[Mapping[type[StrEnum], Code]] = MappingProxyType(
    {
        enums.Side: Code.INVALID_SIDE,
        enums.OrderType: Code.INVALID_ORDER_TYPE,
        enums.TimeInForce: Code.INVALID_TIF,
        enums.SymbolStatus: Code.INVALID_SYMBOLSTATUS,
        enums.KlineInterval: Code.BAD_INTERVAL,
        enums.TickerType: Code.INVALID_TICKER_TYPE,
        enums.CancelRestriction: Code.INVALID_CANCEL_RESTRICTIONS,
        enums.PegPriceType: Code.INVALID_PEG_PRICE_TYPE,
        enums.PegOffsetType: Code.INVALID_PEG_OFFSET_TYPE,
    }
)


class ParameterError(Exception):
    """The parameters are refused with `error`. The exception's text says in words, for a log, what is wrong."""

    def __init__(self, error: WireError, explanation: str) -> None:
        super().__init__(explanation)
        self.error = error


class _Kind(Enum):
    STRING = "a string"
    SYMBOL = "a symbol"
    CLIENT_ORDER_ID = "a client order id"
    INTEGER = "an integer"
    DECIMAL = "a decimal number"
    BOOLEAN = "true or false"
    ENUM = "one of the documented values"
    LIST = "an array of strings"
    OTHER = "as documented"


_NUMBERS: Final = frozenset({_Kind.INTEGER, _Kind.DECIMAL})

# The same on the JSON text, and a little stricter: what does not match is looked at closely, not yet refused.
_PLAIN: Final[Mapping[_Kind, bytes]] = MappingProxyType(
    {
        _Kind.SYMBOL: rb'"[A-Z0-9_.-]{1,50}"',
        _Kind.CLIENT_ORDER_ID: rb'"[a-zA-Z0-9_-]{1,36}"',
        _Kind.INTEGER: rb'"?[0-9]{1,18}"?',
        _Kind.DECIMAL: rb'"?[0-9]{1,20}(?:\.[0-9]{1,20})?"?',
    }
)
_PLAIN_SCALAR: Final = rb'(?:"[^"\\]+"|[0-9.-]+|true|false)'
"""Of the other kinds the decoder takes nothing that would have to be refused, except what is empty."""


class _Parameter(NamedTuple):
    name: str
    kind: _Kind
    required: bool
    members: type[StrEnum] | None


class ParameterReader:
    """What one method's parameters must look like. `hidden` are fields of the struct that are no parameters here."""

    def __init__(self, request: type[Request[Any]], *, hidden: frozenset[str] = frozenset()) -> None:
        self._parameters = tuple(
            _parameter(field.encode_name, field.type, field.required)
            for field in fields(request)
            if field.encode_name not in hidden
        )
        self._names = frozenset(parameter.name for parameter in self._parameters)
        self._is_plain = _plain_object(self._parameters)
        self._arrays = frozenset(field.encode_name for field in fields(request) if _takes_array(field.type))
        self._decode = msgspec.json.Decoder(request, strict=False).decode

    def read(self, params: bytes) -> tuple[Request[Any], dict[str, Raw]]:
        """The request, and the JSON text of each of its parameters. `params` is the text of a JSON object.

        Raises `ParameterError`.
        """
        try:
            values = _decode_values(params)
            request = self._decode(self._unwrapped(params, values) if self._arrays else params)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._refusal(params) or _unexplained(error) from None
        # Every name brings one colon: as many colons as names mean no duplicate names, and no nested objects.
        if params.count(b":") != len(values) or not self._is_plain(params):
            refusal = self._refusal(params)
            if refusal is not None:
                raise refusal
        return request, values

    def _unwrapped(self, params: bytes, values: dict[str, Raw]) -> bytes:
        """`params` with arrays in the place of strings that hold one."""
        unwrapped = {}
        for name in self._arrays:
            text = bytes(values.get(name, b""))
            if text.startswith(b'"['):
                try:
                    unwrapped[name] = _decode_array(_decode_text(text))
                except msgspec.DecodeError:
                    continue  # the closer look refuses it, if a mere string will not do
        return _encode({**values, **unwrapped}) if unwrapped else params

    def _refusal(self, params: bytes) -> ParameterError | None:
        """The closer look. Parameters are judged in the order of the method's table, then what is not in it."""
        try:
            pairs = json.loads(params, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number)
        except (ValueError, RecursionError):
            return ParameterError(wire_error(Code.INVALID_JSON), "params is not well-formed JSON, or nested too deep")
        values = dict(pairs)
        if len(values) != len(pairs):
            twice = sorted({name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1})
            error = wire_error(Code.TOO_MANY_PARAMETERS, message="Duplicate values for a parameter detected.")
            return ParameterError(error, f"sent more than once: {', '.join(twice)}")
        for parameter in self._parameters:
            if parameter.name in values:
                refused = _refused_value(parameter, values[parameter.name])
                if refused is not None:
                    return ParameterError(refused, f"{parameter.name} must be {parameter.kind.value}")
            elif parameter.required:
                return ParameterError(missing(parameter.name), f"{parameter.name} is missing from params")
        unread = [name for name in values if name not in self._names]
        if unread:
            error = wire_error(Code.UNREAD_PARAMETERS, len(values) - len(unread), len(values))
            return ParameterError(error, f"the method has no parameters named {', '.join(unread)[:200]}")
        return None


def missing(name: str) -> WireError:
    """-1102 for the mandatory parameter `name`."""
    return wire_error(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, name)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its duplicates."""


class _Number(str):
    """A JSON number's text."""


def _plain_object(parameters: Iterable[_Parameter]) -> Callable[[bytes], object]:
    """Matches the text of a JSON object that has only some of the parameters, each of them plain.

    One expression for all of them: a match for each value takes three times as long as reading the request.
    """
    pairs = b"|".join(b'"%b": ?%b' % (each.name.encode(), _plain_value(each)) for each in parameters)
    return re.compile(b"\\{(?:(?:%b)(?:, ?)?)*\\}" % pairs).fullmatch


def _plain_value(parameter: _Parameter) -> bytes:
    if parameter.members is not None and issubclass(parameter.members, enums.GrowingEnum):
        # Of a `GrowingEnum` the decoder takes any word; of the others it takes only members.
        return b'"(?:%b)"' % "|".join(map(re.escape, parameter.members)).encode()
    return _PLAIN.get(parameter.kind, _PLAIN_SCALAR)


def _unexplained(error: Exception) -> ParameterError:
    return ParameterError(wire_error(Code.INVALID_PARAMETER), str(error))


def _refused_value(parameter: _Parameter, value: object) -> WireError | None:
    name, kind = parameter.name, parameter.kind
    mandatory = parameter.required or name in _ALWAYS_MANDATORY
    if value is None or value == "":
        if name == "newClientOrderId":
            return wire_error(Code.EMPTY_NEW_CL_ORD_ID)
        if name == "origClientOrderId":
            return wire_error(Code.EMPTY_ORG_CL_ORD_ID)
        return missing(name) if mandatory else wire_error(Code.PARAM_EMPTY, name)
    if kind is _Kind.OTHER:
        return None
    if kind is _Kind.LIST:
        return _refused_list(name, value)
    if kind is _Kind.BOOLEAN:
        fits = isinstance(value, bool) or (type(value) is str and value in ("true", "false"))
    elif kind is _Kind.STRING:
        fits = type(value) is str
    else:
        written = isinstance(value, str) if kind in _NUMBERS else type(value) is str
        if written:
            return _outside_range(parameter, str(value))
        fits = False
    if fits:
        return None
    return missing(name) if mandatory else wire_error(Code.INVALID_PARAMETER, name)


def _outside_range(parameter: _Parameter, text: str) -> WireError | None:
    name = parameter.name
    match parameter.kind:
        case _Kind.INTEGER if not _is_integer(text):
            return wire_error(Code.ILLEGAL_CHARS, name, _INTEGER_RANGE)
        case _Kind.INTEGER if int(text) > INTEGER_MAX:
            return wire_error(Code.PARAM_OVERFLOW, name)
        case _Kind.DECIMAL if not _is_decimal(text):
            return wire_error(Code.ILLEGAL_CHARS, name, _DECIMAL_RANGE)
        case _Kind.SYMBOL if not _legal_symbol(text):
            return wire_error(Code.ILLEGAL_CHARS, name, _SYMBOL_RANGE)
        case _Kind.CLIENT_ORDER_ID if not _is_client_order_id(text):
            return wire_error(Code.ILLEGAL_CHARS, name, _CLIENT_ORDER_ID_RANGE)
        case _Kind.ENUM:
            members = parameter.members
            if members is not None and text not in members.__members__.values():
                code = _ENUM_CODES.get(members)
                return wire_error(Code.INVALID_PARAMETER, name) if code is None else wire_error(code)
    return None


def _legal_symbol(text: str) -> bool:
    return 1 <= len(text) <= 50 and all(c in "-._" or (c.isalnum() and not "a" <= c <= "z") for c in text)


def _refused_list(name: str, value: object) -> WireError | None:
    if type(value) is str:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return wire_error(Code.INVALID_JSON, name)
    if isinstance(value, _Pairs) or not isinstance(value, list) or not all(type(entry) is str for entry in value):
        return wire_error(Code.INVALID_JSON, name)
    if name == "symbols":
        if not all(_legal_symbol(symbol) for symbol in value):
            return wire_error(Code.ILLEGAL_CHARS, name, _SYMBOLS_RANGE)
        if len(set(value)) != len(value):
            return wire_error(Code.DUPLICATE_SYMBOLS)
    return None


def _parameter(name: str, annotation: Any, required: bool) -> _Parameter:
    kind, members = _kind_of(name, annotation)
    return _Parameter(name, kind, required, members)


def _takes_array(annotation: Any) -> bool:
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return any(get_origin(option) in (list, tuple) for option in options)


def _kind_of(name: str, annotation: Any) -> tuple[_Kind, type[StrEnum] | None]:
    """The kind of a struct field's type: `X`, or `X | None` for an optional parameter."""
    if get_origin(annotation) in (Union, UnionType):
        types = [each for each in get_args(annotation) if each is not NoneType]
        if len(types) != 1:
            return _Kind.OTHER, None
        annotation = types[0]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _Kind.ENUM, annotation
    if get_origin(annotation) in (list, tuple):
        return _Kind.LIST, None
    if annotation is str:
        if name == "symbol":
            return _Kind.SYMBOL, None
        return (_Kind.CLIENT_ORDER_ID if name.endswith("ClientOrderId") else _Kind.STRING), None
    return {int: _Kind.INTEGER, Decimal: _Kind.DECIMAL, bool: _Kind.BOOLEAN}.get(annotation, _Kind.OTHER), None
