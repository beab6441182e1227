"""What one connection listens to on the streams' end: the five commands, their answers and their errors.

Source: web-socket-streams.md, Live Subscribing/Unsubscribing to streams and Error Messages. The documentation shows
what stands under `error`; that an answer is `{"error": {...}, "id": ...}`, and which ids it carries, is what Binance
sends. Where it is silent too: a stream that does not exist is subscribed to and says nothing, a name without `@` (such
as a user data stream that is over) is refused as `invalid stream`, and what goes beyond 1,024 streams with code 4.

Pure: the answers are returned, and so is what is to be done.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from pitwire.protocol.codec import is_request_id

STREAMS_MAX: Final = 1_024
"""So many streams may one connection listen to (web-socket-streams.md, WebSocket Limits)."""
METHODS: Final = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
COMBINED: Final = "combined"
"""The one property there is."""

UNKNOWN_PROPERTY: Final = 0
INVALID_VALUE: Final = 1
INVALID_REQUEST: Final = 2
INVALID_JSON: Final = 3
TOO_MANY_SUBSCRIPTIONS: Final = 4

_INT64: Final = range(-(2**63), 2**63)
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode


class StreamRefusal(Exception):
    """Why a command was refused."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Answered(NamedTuple):
    """The answer to a command, as JSON, and the names that it added to the subscriptions or took from them."""

    text: bytes
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class StreamSession:
    """The streams that one connection listens to, oldest first, and whether their payloads come in an envelope.

    Raises `StreamRefusal` when `names` are more than `STREAMS_MAX`.
    """

    def __init__(self, names: Iterable[str], *, combined: bool) -> None:
        self._names = dict.fromkeys(names)
        self.combined = combined
        if len(self._names) > STREAMS_MAX:
            raise StreamRefusal(TOO_MANY_SUBSCRIPTIONS, "Too many subscriptions")

    @property
    def names(self) -> tuple[str, ...]:
        """The streams by name."""
        return tuple(self._names)

    def receive(self, frame: bytes) -> Answered:
        """Carry out the command in a text frame."""
        try:
            request = _decode(frame)
        except (msgspec.DecodeError, RecursionError) as error:
            line, column = _place(frame, _byte_of(error))
            return Answered(_failure(INVALID_JSON, f"Invalid JSON: expected value at line {line} column {column}", {}))
        fields = request if isinstance(request, dict) else {}
        answer_id = {"id": fields["id"]} if "id" in fields and _is_id(fields["id"]) else {}
        try:
            return self._carry_out(frame, fields, answer_id)
        except StreamRefusal as refusal:
            return Answered(_failure(refusal.code, refusal.message, answer_id))

    def _carry_out(self, frame: bytes, fields: dict[str, Any], answer_id: dict[str, Any]) -> Answered:
        method = fields.get("method")
        if method is None:
            raise _invalid(f"missing field `method` at {_at(frame, len(frame.rstrip()) - 1)}")
        if method not in METHODS:
            known = ", ".join(f"`{each}`" for each in METHODS)
            end = frame.find(_encode(method)) + len(_encode(method)) - 1
            raise _invalid(f"unknown variant `{method}`, expected one of {known} at {_at(frame, end)}")
        if not answer_id:
            raise _invalid("request ID must be an unsigned integer")
        params = fields.get("params")
        result: Any = None
        added: tuple[str, ...] = ()
        removed: tuple[str, ...] = ()
        match method:
            case "SUBSCRIBE":
                added = self._subscribe(_names(params))
            case "UNSUBSCRIBE":
                removed = self._unsubscribe(_names(params))
            case "LIST_SUBSCRIPTIONS":
                _at_most(0, params)
                result = list(self._names)
            case "SET_PROPERTY":
                self._set(*_property(params, 2))
            case "GET_PROPERTY":
                _property(params, 1)
                result = self.combined
        return Answered(_encode({"result": result, **answer_id}), added, removed)

    def _subscribe(self, names: list[str]) -> tuple[str, ...]:
        added = tuple(name for name in dict.fromkeys(names) if name not in self._names)
        if len(self._names) + len(added) > STREAMS_MAX:
            raise StreamRefusal(TOO_MANY_SUBSCRIPTIONS, "Too many subscriptions")
        self._names.update(dict.fromkeys(added))
        return added

    def _unsubscribe(self, names: list[str]) -> tuple[str, ...]:
        removed = tuple(name for name in dict.fromkeys(names) if name in self._names)
        for name in removed:
            del self._names[name]
        return removed

    def _set(self, _name: str, value: object = None) -> None:
        if not isinstance(value, bool):
            raise StreamRefusal(INVALID_VALUE, "Invalid value type: expected Boolean")
        self.combined = value


def _is_id(value: object) -> bool:
    """Whether `value` is an id as the documentation allows it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value in _INT64
    return is_request_id(_encode(value)) is not None


def _names(params: object) -> list[str]:
    if not isinstance(params, list):
        raise _invalid("params must be an array of stream names")
    for name in params:
        if not isinstance(name, str) or "@" not in name:
            raise _invalid("invalid stream")
    return params


def _property(params: object, most: int) -> list[Any]:
    """The params of a property method, the first of which is a property's name."""
    given = _at_most(most, params)
    if not given or not isinstance(given[0], str):
        raise _invalid("property name must be a string")
    if given[0] != COMBINED:
        raise StreamRefusal(UNKNOWN_PROPERTY, "Unknown property")
    return given


def _at_most(count: int, params: object) -> list[Any]:
    given = params if isinstance(params, list) else [] if params is None else [params]
    if len(given) > count:
        raise _invalid("too many parameters")
    return given


def _invalid(message: str) -> StreamRefusal:
    return StreamRefusal(INVALID_REQUEST, f"Invalid request: {message}")


def _failure(code: int, message: str, answer_id: dict[str, Any]) -> bytes:
    return _encode({"error": {"code": code, "msg": message}, **answer_id})


def _byte_of(error: Exception) -> int:
    """Where the JSON breaks: msgspec says it at the end of its message."""
    _, _, place = str(error).rpartition("(byte ")
    digits = place.rstrip(")")
    return int(digits) if digits.isdecimal() else 0


def _place(frame: bytes, byte: int) -> tuple[int, int]:
    """Line and column of a byte, both from 1 on."""
    before = frame[: max(0, byte)]
    return before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1


def _at(frame: bytes, byte: int) -> str:
    line, column = _place(frame, byte)
    return f"line {line} column {column}"
