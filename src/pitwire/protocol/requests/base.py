"""What every request is: a frozen struct whose fields are the method's parameters, and whose `METHOD` is its row."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from msgspec import Struct

from pitwire.protocol.redaction import REDACTED

R_co = TypeVar("R_co", covariant=True)


class Security(StrEnum):
    """What a key must be allowed to do (web-socket-api.md, Request security). All but NONE must be signed."""

    NONE = "NONE"
    TRADE = "TRADE"
    USER_DATA = "USER_DATA"
    USER_STREAM = "USER_STREAM"
    SIGNED = "SIGNED"  # session.logon: any valid key


class Method(Struct, frozen=True):
    """A row of the method table.

    `weight` is what a request costs of the address's REQUEST_WEIGHT; a function where it depends on the parameters.
    `unfilled_orders` is what it adds to the account's unfilled order count.
    """

    name: str
    security: Security
    weight: "int | Callable[[Any], int]" = 1
    unfilled_orders: int = 0


class Request(
    Struct, Generic[R_co], frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    """A request whose successful response carries an `R_co`. `None` means: parameter not sent."""

    METHOD: ClassVar[Method]

    return_rate_limits: bool | None = None

    def weight(self) -> int:
        """Request weight of this very request."""
        weight = self.METHOD.weight
        return weight if isinstance(weight, int) else weight(self)


class SignedRequest(Request[R_co], frozen=True, kw_only=True):
    """A request that must be signed, or sent on a connection that is logged on.

    The client fills these four in by itself. `timestamp` is in milliseconds or microseconds since the epoch;
    `recv_window` is in milliseconds (default 5000, at most 60000, three decimal places).
    """

    api_key: str | None = None
    signature: str | None = None
    timestamp: int | None = None
    recv_window: Decimal | None = None

    def __repr__(self) -> str:
        hidden = ("api_key", "signature")
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        shown |= {name: REDACTED for name in hidden if shown[name] is not None}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"
