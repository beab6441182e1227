"""Answers of the REST API: status, headers and body (rest-api.md, HTTP Return Codes, LIMITS)."""

from html import escape
from typing import Final, NamedTuple

import msgspec

from pitwire.exchange.gateway.limits import ORDERS, REQUEST_WEIGHT, RateLimit
from pitwire.protocol.authorization import MICROSECONDS_FROM
from pitwire.protocol.errors import WireError

Headers = list[tuple[bytes, bytes]]

_JSON: Final = (b"content-type", b"application/json;charset=UTF-8")
_HTML: Final = (b"content-type", b"text/html;charset=UTF-8")
_TOO_MUCH: Final = frozenset({418, 429})
RETRY_SOON_S: Final = 1
"""For a 429 that no interval ends: the log was overloaded for a moment."""

_encode = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """What goes out."""

    status: int
    headers: Headers
    body: bytes


def succeeded(result: bytes, headers: Headers) -> Answer:
    """Status 200 with a result that is JSON already."""
    return Answer(200, [_JSON, (b"content-length", b"%d" % len(result)), *headers], result)


def refused(error: WireError, headers: Headers) -> Answer:
    """The error, as `{"code": ..., "msg": ...}`; of a limit that was hit, when to come back is a header."""
    if error.status in _TOO_MUCH:
        headers = [*headers, (b"retry-after", b"%d" % _retry_after_s(error))]
        error = _without_times(error)
    body = _encode(error.body)
    return Answer(error.status, [_JSON, (b"content-length", b"%d" % len(body)), *headers], body)


def not_found(verb: str, path: str) -> Answer:
    """For a path that is no endpoint. Binance answers with its web server's page, as its users have published."""
    return _page(404, "Not Found", f"{verb} {path[:200]} is no endpoint")


def wrong_verb(verb: str, path: str, verbs: list[str]) -> Answer:
    """For an endpoint that has other verbs."""
    answer = _page(405, "Method Not Allowed", f"{path} takes {', '.join(verbs)}, not {verb}")
    return answer._replace(headers=[*answer.headers, (b"allow", ", ".join(verbs).encode())])


def limit_headers(used_weight: int, unfilled_orders: tuple[int, ...] | None) -> Headers:
    """The weight used by the address, and for what places orders the account's counts."""
    used = b"%d" % used_weight
    headers = [(b"x-mbx-used-weight", used), (_USED_WEIGHT, used)]
    if unfilled_orders is not None:
        headers += [(name, b"%d" % count) for name, count in zip(_ORDER_COUNTS, unfilled_orders, strict=True)]
    return headers


def _retry_after_s(error: WireError) -> int:
    data = error.data or {}
    if "retryAfter" not in data:
        return RETRY_SOON_S
    now, then = int(data["serverTime"]), int(data["retryAfter"])
    a_second = 1_000_000 if now >= MICROSECONDS_FROM else 1_000
    return max(1, -((now - then) // a_second))


def _without_times(error: WireError) -> WireError:
    return WireError(error.status, error.code, error.msg) if "retryAfter" in (error.data or {}) else error


def _page(status: int, title: str, remark: str) -> Answer:
    heading = f"{status} {title}"
    body = (
        f"<html>\n<head><title>{heading}</title></head>\n<body>\n<center><h1>{heading}</h1></center>\n"
        f"<hr><center>{escape(remark)}</center>\n</body>\n</html>\n"
    ).encode()
    return Answer(status, [_HTML, (b"content-length", b"%d" % len(body))], body)


def _header(name: str, limit: RateLimit) -> bytes:
    return f"{name}-{limit.interval_num}{limit.interval[0]}".lower().encode()


_USED_WEIGHT: Final = _header("x-mbx-used-weight", REQUEST_WEIGHT)
_ORDER_COUNTS: Final = tuple(_header("x-mbx-order-count", limit) for limit in ORDERS)
