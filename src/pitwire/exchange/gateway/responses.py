"""Responses as bytes: the envelope around a result or an error, and the rate limits beside it.

Results come in as JSON already, and the request's id as the text that it was sent as, so an answer is put together
and not encoded again (web-socket-api.md, Response format).
"""

from typing import Any

import msgspec

from pitwire.exchange.gateway.limits import CONNECTIONS, ORDERS, REQUEST_WEIGHT, Exceeded, RateLimit, told
from pitwire.exchange.projections.wire import instant
from pitwire.market.enums import TimeUnit
from pitwire.protocol.errors import Code, WireError, wire_error

_encode = msgspec.json.Encoder().encode


def success(request_id: bytes, result: bytes, rate_limits: bytes) -> bytes:
    """A response with status 200. `rate_limits` is `b""` or what `rate_limits_field` gave."""
    return b'{"id":%b,"status":200,"result":%b%b}' % (request_id, result, rate_limits)


def failure(request_id: bytes, error: WireError, rate_limits: bytes) -> bytes:
    """A response with an error."""
    return b'{"id":%b,"status":%d,"error":%b%b}' % (request_id, error.status, _encode(error.body), rate_limits)


def _template(*limits: RateLimit) -> bytes:
    shown = [{**msgspec.to_builtins(limit), "count": "%d"} for limit in limits]
    return b',"rateLimits":' + _encode(shown).replace(b'"%d"', b"%d")


_WEIGHT_ALONE = [_template(*told((REQUEST_WEIGHT,), enforced=enforced)) for enforced in (False, True)]
_WITH_ORDERS = [_template(*told((*ORDERS, REQUEST_WEIGHT), enforced=enforced)) for enforced in (False, True)]


def rate_limits_field(used_weight: int, unfilled_orders: tuple[int, ...] | None, *, enforced: bool) -> bytes:
    """The field `rateLimits`, with the comma before it; `unfilled_orders` for requests that affect those limits."""
    if unfilled_orders is None:
        return _WEIGHT_ALONE[enforced] % used_weight
    return _WITH_ORDERS[enforced] % (*unfilled_orders, used_weight)


def too_much(exceeded: Exceeded, now_us: int, unit: TimeUnit) -> WireError:
    """The error for a limit that was hit: 429, or 418 for a ban, and when to come back (IP limits)."""
    limit = exceeded.limit
    data: dict[str, Any] = {"serverTime": instant(now_us, unit), "retryAfter": instant(exceeded.retry_after_us, unit)}
    interval = f"{limit.interval_num} {limit.interval}"
    if exceeded.banned:
        until_ms = exceeded.retry_after_us // 1000
        error = wire_error(Code.TOO_MANY_REQUESTS, until_ms, status=418, data=data)
    elif limit is REQUEST_WEIGHT:
        error = wire_error(Code.TOO_MANY_REQUESTS, limit.limit, interval, data=data)
    elif limit is CONNECTIONS:
        error = wire_error(Code.TOO_MANY_CONNECTIONS, message=_ATTEMPTS % (limit.limit, interval), data=data)
    else:
        error = wire_error(Code.TOO_MANY_ORDERS, limit.limit, interval, data=data)
    return error


_ATTEMPTS = "Too many connection attempts from IP; current limit is %s per '%s'."
