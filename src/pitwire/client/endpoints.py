"""Where the exchanges are."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from pitwire.market.enums import TimeUnit

ENDPOINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "local": "ws://127.0.0.1:9443/ws-api/v3",  # `pitwire exchange`
        "live": "wss://ws-api.binance.com:443/ws-api/v3",  # web-socket-api.md, General API Information
        "testnet": "wss://ws-api.testnet.binance.vision/ws-api/v3",  # the same
        "demo": "wss://demo-ws-api.binance.com/ws-api/v3",  # demo-mode/general-info.md
    }
)
"""The WebSocket API's URL by name."""

PATH: Final = "/ws-api/v3"

STREAM_ENDPOINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "local": "ws://127.0.0.1:9443/stream",  # `pitwire exchange`
        "live": "wss://stream.binance.com:9443/stream",  # web-socket-streams.md, General WSS information
        "testnet": "wss://stream.testnet.binance.vision/stream",  # testnet/general-info.md
        "demo": "wss://demo-stream.binance.com:9443/stream",  # demo-mode/general-info.md
        "data": "wss://data-stream.binance.vision:443/stream",  # faqs/market_data_only.md
    }
)
"""The market streams' URL by name; "data" has market data only."""

STREAM_PATH: Final = "/stream"
"""Where each payload comes with its stream's name."""


def endpoint_url(
    endpoint: str, *, time_unit: TimeUnit | str | None = None, return_rate_limits: bool | None = None
) -> str:
    """The URL to connect to.

    `endpoint` is a name of `ENDPOINTS`, or a ws:// or wss:// URL; one without a path gets the API's.
    `time_unit` and `return_rate_limits` become parameters of the URL, for all requests of the connection.
    Raises `ValueError`.
    """
    url = ENDPOINTS.get(endpoint, endpoint)
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError(f"endpoint {endpoint!r} is none of {', '.join(ENDPOINTS)}, and no ws:// or wss:// URL")
    query = {}
    if time_unit is not None:
        query["timeUnit"] = str(TimeUnit(time_unit))
    if return_rate_limits is not None:
        query["returnRateLimits"] = "true" if return_rate_limits else "false"
    if parts.path in ("", "/"):
        parts = parts._replace(path=PATH)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode(query)))), fragment="").geturl()


def stream_url(endpoint: str, *, time_unit: TimeUnit | str | None = None) -> str:
    """The URL of the market streams.

    `endpoint` is a name of `STREAM_ENDPOINTS`, or a ws:// or wss:// URL; one with the API's path, or none, gets that of
    the streams. Raises `ValueError`.
    """
    url = STREAM_ENDPOINTS.get(endpoint, endpoint)
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError(f"endpoint {endpoint!r} is none of {', '.join(STREAM_ENDPOINTS)}, and no ws:// or wss:// URL")
    path = STREAM_PATH if parts.path in ("", "/", PATH) else parts.path
    query = "" if time_unit is None else urlencode({"timeUnit": str(TimeUnit(time_unit))})
    return parts._replace(path=path, query=query, fragment="").geturl()


def time_unit(url: str) -> TimeUnit:
    """The unit of all times on connections to `url`."""
    [text] = parse_qs(urlsplit(url).query).get("timeUnit", [TimeUnit.MILLISECOND])
    return TimeUnit(text.upper())
