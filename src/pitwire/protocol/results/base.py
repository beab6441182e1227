"""What every result is: a frozen struct that takes what it knows and lets the rest pass."""

from msgspec import Struct


class Result(Struct, frozen=True, kw_only=True, rename="camel", repr_omit_defaults=True):
    """Unknown fields are ignored, so a field that is added to the API tomorrow breaks nobody.

    A field that is only sometimes sent is `UNSET` when it was not, and is then not encoded either.
    """


class Empty(Result, frozen=True, kw_only=True):
    """The `{}` of a method that has nothing to say but that it was done."""
