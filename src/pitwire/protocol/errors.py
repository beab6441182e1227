"""What can go wrong, and what is true when it has.

    PitwireError
    ├── NotSent                    never written to the socket: safe to send again
    │   ├── TooManyInFlight        ... as soon as one of the requests in flight has ended
    │   └── NeverArrived           written, but nothing was done and nothing can be any more: safe to send again, too
    ├── OutcomeUnknown             written, and no answer that settles it: ask, never send again blindly
    ├── Rejected                   the exchange said no: nothing was done, unless the subclass says otherwise
    │   ├── RateLimited            429, -1003, -1015, -1034: wait until `retry_after_ms`
    │   │   └── Banned             418: the address is shut out until `retry_after_ms`
    │   ├── Blocked                403: a web application firewall refused the request
    │   ├── Unauthorized           401, -1002, -2014, -2015: the key is wrong, revoked, or may not do this
    │   ├── InvalidTimestamp       -1021: late beyond recvWindow, or more than a second ahead
    │   ├── InvalidSignature       -1022
    │   ├── InvalidParameter       -11xx, -12xx: a parameter is missing, unknown, malformed or in conflict
    │   ├── OrderRejected          -1013, -1014, -2010: the order was not placed
    │   │   └── FilterFailure      -1013 "Filter failure: ...": `filter` names it
    │   ├── CancelRejected         -2011: the order was not cancelled
    │   ├── AmendRejected          -2038: the order was not amended
    │   ├── CancelReplaceFailed    -2021, -2022: one half may have been done: `canceled`, `placed` (None: unknown)
    │   ├── NoSuchOrder            -2013
    │   ├── OrderArchived          -2026: existed, never filled, gone for over 90 days
    │   └── SubscriptionRejected   -2035, -2036, -2042
    ├── EventsLost                 a queue of events was full: what is missing has to be asked for
    ├── InvalidKey                 a key that cannot be loaded, or cannot do what is asked of it
    └── ProtocolViolation          the peer broke the protocol

The other side, an exchange that refuses, makes `WireError`s: `wire_error(code, ...)` and `of_reject(reason, ...)`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from pitwire.market.rejects import Reject
from pitwire.protocol.codes import MESSAGES, TIMESTAMP_AHEAD, Code
from pitwire.protocol.reject_messages import FILTER_FAILURE, NAMES_OF_TYPES, OF_REASON

__all__ = [
    "TIMESTAMP_AHEAD",
    "AmendRejected",
    "Banned",
    "Blocked",
    "CancelRejected",
    "CancelReplaceFailed",
    "Code",
    "ErrorBody",
    "EventsLost",
    "FilterFailure",
    "InvalidKey",
    "InvalidParameter",
    "InvalidSignature",
    "InvalidTimestamp",
    "NeverArrived",
    "NoSuchOrder",
    "NotSent",
    "OrderArchived",
    "OrderRejected",
    "OutcomeUnknown",
    "PitwireError",
    "ProtocolViolation",
    "RateLimited",
    "Rejected",
    "SubscriptionRejected",
    "TooManyInFlight",
    "Unauthorized",
    "WireError",
    "of_reject",
    "rejected",
    "wire_error",
]


class PitwireError(Exception):
    """The root of every error that this package raises on purpose."""


def _with_order_id(reason: str, client_order_id: str | None) -> str:
    return reason if client_order_id is None else f"{reason} (client order id {client_order_id})"


class NotSent(PitwireError):
    """The request was never written to the socket. Sending it again cannot do anything twice."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyInFlight(NotSent):
    """As many requests are in flight as may be. The connection is there: await one of them before sending again."""


class NeverArrived(NotSent):
    """The request was written, and its outcome was unknown for a while; by now it is certain that nothing came of it.

    The exchange showed nothing of it when it could not accept it any more (its `timestamp` is older than `recvWindow`
    and a margin): it was lost on its way, or refused. Sending it again cannot do anything twice.
    """

    def __init__(self, reason: str, client_order_id: str | None = None) -> None:
        super().__init__(_with_order_id(reason, client_order_id))
        self.client_order_id = client_order_id


class OutcomeUnknown(PitwireError):
    """The request was written, and nothing that came back says whether it was carried out.

    A connection lost, a deadline passed, a 5xx status, -1006 or -1007 (web-socket-api.md, Status codes). An order may
    stand: ask for it by `client_order_id`, where it has one, and never send it again before that is settled.
    """

    def __init__(self, reason: str, client_order_id: str | None = None) -> None:
        super().__init__(reason, client_order_id)
        self.reason = reason
        self.client_order_id = client_order_id

    def __str__(self) -> str:
        return _with_order_id(self.reason, self.client_order_id)


class EventsLost(PitwireError):
    """Events came faster than they were taken, and a full queue let some go. Balances and orders have to be queried."""

    def __init__(self, lost: int, queue_events_max: int) -> None:
        super().__init__(lost, queue_events_max)
        self.lost = lost
        self.queue_events_max = queue_events_max

    def __str__(self) -> str:
        return f"{self.lost} events were lost: {self.queue_events_max} were waiting already, the most that are kept"


class InvalidKey(PitwireError):
    """A key that cannot be loaded or used: a bad PEM, a wrong passphrase, a kind that cannot log on."""


class ProtocolViolation(PitwireError):
    """The peer sent what the protocol does not allow.

    Where it is the result of a request that is not as documented, the request was carried out all the same (status
    200): `client_order_id` is that of the order, if it placed one, and `raw` the result's JSON.
    """

    def __init__(self, reason: str, client_order_id: str | None = None, raw: bytes = b"") -> None:
        super().__init__(reason, client_order_id, raw)
        self.reason = reason
        self.client_order_id = client_order_id
        self.raw = raw

    def __str__(self) -> str:
        return _with_order_id(self.reason, self.client_order_id)


class ErrorBody(Struct, frozen=True, omit_defaults=True):
    """`error` of a failed response (web-socket-api.md, Response format)."""

    code: int
    msg: str
    data: dict[str, Any] | None = None


class Rejected(PitwireError):
    """The exchange refused the request. `status` is HTTP-like, `code` is Binance's (see `Code`).

    `client_order_id` is that of the order which the request was to place, if it was to place one.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        data: dict[str, Any] | None = None,
        client_order_id: str | None = None,
    ) -> None:
        super().__init__(status, code, message, data, client_order_id)
        self.client_order_id = client_order_id
        self.status = status
        self.code = code
        self.message = message
        self.data = data

    def __str__(self) -> str:
        return f"{self.message} (status {self.status}, code {self.code})"


class RateLimited(Rejected):
    """Too much request weight, too many unfilled orders, or too many connections. Going on anyway leads to a ban."""

    @property
    def retry_after_ms(self) -> int | None:
        """When to try again, in server time: milliseconds since the epoch (microseconds on a MICROSECOND connection).

        `None` where the response did not say.
        """
        return self._time("retryAfter")

    @property
    def server_time_ms(self) -> int | None:
        """The server's time when it refused, in the unit of `retry_after_ms`; `None` where it did not say."""
        return self._time("serverTime")

    def _time(self, field: str) -> int | None:
        value = (self.data or {}).get(field)
        return value if isinstance(value, int) else None


class Banned(RateLimited):
    """The address is banned, for 2 minutes to 3 days, and longer each time (web-socket-api.md, IP limits)."""


class Blocked(Rejected):
    """A web application firewall refused the request: a rate limit, or words that look like an attack."""


class Unauthorized(Rejected):
    """The key is malformed, unknown, revoked, not allowed from this address, or lacks the permission."""


class InvalidTimestamp(Rejected):
    """The request came later than `recvWindow` allows, or is stamped over a second ahead of the server."""


class InvalidSignature(Rejected):
    """The signature does not fit the request and the key."""


class InvalidParameter(Rejected):
    """A parameter is missing, unknown, malformed, too precise, or in conflict with another."""


class OrderRejected(Rejected):
    """The order was not placed."""


class FilterFailure(OrderRejected):
    """The order breaks one of the symbol's, the account's or the exchange's filters (filters.md)."""

    @property
    def filter(self) -> str:
        """The filter's name, e.g. `PRICE_FILTER`."""
        return self.message.removeprefix(FILTER_FAILURE)


class CancelRejected(Rejected):
    """Nothing was cancelled: the order is not open, or `cancelRestrictions` forbade it."""


class AmendRejected(Rejected):
    """The order was not amended."""


class CancelReplaceFailed(Rejected):
    """`order.cancelReplace` failed in whole (-2022) or in part (-2021, status 409).

    `data` has `cancelResult`, `newOrderResult` (SUCCESS, FAILURE, NOT_ATTEMPTED), `cancelResponse` and
    `newOrderResponse`: after -2021 one of the two was carried out.
    """

    @property
    def canceled(self) -> bool | None:
        """Whether the old order was cancelled all the same; `None` where that is unknown: ask for it."""
        return self._done("cancelResult", "cancelResponse")

    @property
    def placed(self) -> bool | None:
        """Whether the new order was placed all the same; `None` where that is unknown: ask by `client_order_id`."""
        return self._done("newOrderResult", "newOrderResponse")

    def _done(self, result: str, response: str) -> bool | None:
        data = self.data or {}
        if data.get(result) == "SUCCESS":
            return True
        inner = data.get(response)
        return None if isinstance(inner, dict) and inner.get("code") in _UNKNOWN_OUTCOME else False


class NoSuchOrder(Rejected):
    """The exchange knows no such order, as of its answer. An order that is still under way may yet appear."""


class OrderArchived(Rejected):
    """The order ended without a fill over 90 days ago and can no longer be queried."""


class SubscriptionRejected(Rejected):
    """A user data subscription is active already, is not active, or one more is too many."""


# Not a refusal: the request may have been carried out (errors.md, -1006 and -1007).
_UNKNOWN_OUTCOME: Final = frozenset({Code.UNEXPECTED_RESP, Code.TIMEOUT})

_CLASS_OF_CODE: Final[Mapping[int, type[Rejected]]] = MappingProxyType(
    {
        Code.UNAUTHORIZED: Unauthorized,
        Code.BAD_API_KEY_FMT: Unauthorized,
        Code.REJECTED_MBX_KEY: Unauthorized,
        Code.TOO_MANY_REQUESTS: RateLimited,
        Code.TOO_MANY_ORDERS: RateLimited,
        Code.TOO_MANY_CONNECTIONS: RateLimited,
        Code.INVALID_TIMESTAMP: InvalidTimestamp,
        Code.INVALID_SIGNATURE: InvalidSignature,
        Code.INVALID_MESSAGE: OrderRejected,
        Code.UNKNOWN_ORDER_COMPOSITION: OrderRejected,
        Code.NEW_ORDER_REJECTED: OrderRejected,
        Code.CANCEL_REJECTED: CancelRejected,
        Code.ORDER_AMEND_REJECTED: AmendRejected,
        Code.CANCEL_REPLACE_PARTIALLY_FAILED: CancelReplaceFailed,
        Code.CANCEL_REPLACE_FAILED: CancelReplaceFailed,
        Code.NO_SUCH_ORDER: NoSuchOrder,
        Code.ORDER_ARCHIVED: OrderArchived,
        Code.SUBSCRIPTION_ACTIVE: SubscriptionRejected,
        Code.SUBSCRIPTION_INACTIVE: SubscriptionRejected,
        Code.MAXIMUM_SUBSCRIPTION_IDS: SubscriptionRejected,
    }
)
_CLASS_OF_STATUS: Final[Mapping[int, type[Rejected]]] = MappingProxyType(
    {401: Unauthorized, 403: Blocked, 418: Banned, 429: RateLimited}
)


def rejected(status: int, error: ErrorBody, client_order_id: str | None = None) -> PitwireError:
    """The exception for a failed response: a `Rejected` of the fitting class, or `OutcomeUnknown`.

    Any 5xx status, -1006 and -1007 leave the outcome open (web-socket-api.md, Status codes).
    """
    if status >= 500 or error.code in _UNKNOWN_OUTCOME:
        return OutcomeUnknown(f"{error.msg} (status {status}, code {error.code})", client_order_id)
    return _class_of(status, error)(status, error.code, error.msg, error.data, client_order_id)


def _class_of(status: int, error: ErrorBody) -> type[Rejected]:
    if status == 418:  # a ban carries the code of the rate limit that led to it
        return Banned
    if error.code == Code.INVALID_MESSAGE and error.msg.startswith(FILTER_FAILURE):
        return FilterFailure
    if by_code := _CLASS_OF_CODE.get(error.code):
        return by_code
    if -1300 < error.code <= -1100:
        return InvalidParameter
    return _CLASS_OF_STATUS.get(status, Rejected)


# --- the exchange's side ----------------------------------------------------------------------------------------


class WireError(Struct, frozen=True):
    """A refusal as it goes out: `status` beside `error`, the rest inside it."""

    status: int
    code: int
    msg: str
    data: dict[str, Any] | None = None

    @property
    def body(self) -> ErrorBody:
        """What goes under `error`."""
        return ErrorBody(self.code, self.msg, self.data)


# Everything else is 400. The documentation gives 401 (user data example of a revoked key), 409, 418 and 429; for the
# 5xx it only says that the outcome is unknown, which is true of these alone.
_STATUS_OF_CODE: Final[Mapping[int, int]] = MappingProxyType(
    {
        Code.UNKNOWN: 500,
        Code.DISCONNECTED: 500,
        Code.UNEXPECTED_RESP: 500,
        Code.TIMEOUT: 504,
        Code.SERVER_BUSY: 503,
        Code.SERVICE_SHUTTING_DOWN: 503,
        Code.UNAUTHORIZED: 401,
        Code.BAD_API_KEY_FMT: 401,
        Code.REJECTED_MBX_KEY: 401,
        Code.TOO_MANY_REQUESTS: 429,
        Code.TOO_MANY_ORDERS: 429,
        Code.TOO_MANY_CONNECTIONS: 429,
        Code.CANCEL_REPLACE_PARTIALLY_FAILED: 409,
    }
)


def wire_error(
    code: Code,
    *values: object,
    message: str | None = None,
    status: int | None = None,
    data: dict[str, Any] | None = None,
) -> WireError:
    """The refusal `code` with its documented message and `values` filled in.

    Of several documented messages it is the first with as many places as there are values; `message` is another
    template to use instead. Raises `ValueError` when no documented message has that many places.
    """
    template = message if message is not None else _template(code, len(values))
    text = template % values if values else template
    return WireError(_STATUS_OF_CODE.get(code, 400) if status is None else status, code, text, data)


def _template(code: Code, places: int) -> str:
    for template in MESSAGES[code]:
        if template.count("%s") + template.count("%d") == places:
            return template
    raise ValueError(f"no documented message of {code.name} ({code.value}) takes {places} values: {MESSAGES[code]}")


def of_reject(reason: Reject, detail: str = "") -> WireError:
    """How the exchange words a refusal of its matching engine; `detail` is what `Reject` says it is for the reason."""
    code, message = OF_REASON[reason]
    match reason:
        case Reject.FILTER_FAILURE:
            message = FILTER_FAILURE + detail
        case Reject.MARKET_WITHOUT_LIQUIDITY if detail:
            message = f"Order book liquidity is less than {detail} filter minimum quantity."
        case Reject.UNSUPPORTED_ORDER_TYPE if detail in NAMES_OF_TYPES:
            code = Code.NEW_ORDER_REJECTED
            message = f"{NAMES_OF_TYPES[detail]} orders are not supported for this symbol."
        case Reject.INVALID_CONFIGURATION if detail:
            message = detail
    return wire_error(code, message=message)


# errors.md has one list of messages for these, -1010 and -2038: the request decides which code a message comes with.
_OF_THE_MATCHING_ENGINE: Final = frozenset({Code.NEW_ORDER_REJECTED, Code.CANCEL_REJECTED})


def of_amend_reject(reason: Reject, detail: str = "") -> WireError:
    """The same for an amendment, which the matching engine refuses with -2038 and the message it has for the reason."""
    error = of_reject(reason, detail)
    if error.code in _OF_THE_MATCHING_ENGINE:
        error = wire_error(Code.ORDER_AMEND_REJECTED, message=error.msg)
    return error
