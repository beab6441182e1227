"""What a caller may pass for a parameter, made into what a request holds: exactly, or refused with the reason.

Prices and quantities have `pitwire.protocol.codec.decimal_parameter`.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

E = TypeVar("E", bound=StrEnum)

_members: Final[dict[type[StrEnum], dict[str, Any]]] = {}


def member(kind: type[E], value: E | str, name: str) -> E:
    """The listed member of `kind` that `value` is or names. Raises `ValueError` for any other."""
    # Of a `GrowingEnum` a value need not be a listed member; by its plain string it is looked up faster than by itself.
    word = value._value_ if value.__class__ is kind else value
    try:
        members = _members[kind]  # a third of the time of `kind(value)`, and every order has three
    except KeyError:
        members = _members[kind] = {each.value: each for each in kind}
    try:
        named: E = members[word]
    except (KeyError, TypeError):
        raise ValueError(f"{name} {value!r} is not one of {', '.join(kind)}") from None
    return named


def integer(value: int, name: str) -> int:
    """`value`, which must be a whole number: `TypeError` for floats, bools and text, which would go out as they are."""
    if value.__class__ is not int:
        raise TypeError(f"{name} is {value!r}, a {type(value).__name__}: pass an int")
    return value


def texts(value: Sequence[str], name: str) -> tuple[str, ...]:
    """`value` as a tuple. Raises `TypeError` for a single string, which is a sequence of its letters."""
    if isinstance(value, str):
        raise TypeError(f"{name} is the single string {value!r}: pass a list of strings")
    return tuple(value)


def one_or_more(value: Sequence[str] | str) -> tuple[str, ...] | str:
    """`value` as a tuple, or as it is where it is a single string and may be one."""
    return value if isinstance(value, str) else tuple(value)
