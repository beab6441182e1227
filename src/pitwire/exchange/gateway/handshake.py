"""What the URL of a WebSocket handshake asks for: the API, or streams, and in which form.

Sources: web-socket-api.md, General API Information; web-socket-streams.md, General WSS information. URLs may be
percent-encoded; a plus sign in a stream's name is one. Pure. Bounds: 16 parameters, 1,024 streams.
"""

from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from pitwire.market.enums import TimeUnit
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.stream_session import StreamRefusal, StreamSession

PATH: Final = "/ws-api/v3"
"""The WebSocket API."""
RAW_STREAMS: Final = "/ws"
COMBINED_STREAMS: Final = "/stream"
PARAMETERS_MAX: Final = 16


class ApiUrl(NamedTuple):
    """A session of the WebSocket API."""

    unit: TimeUnit
    return_rate_limits: bool


class StreamsUrl(NamedTuple):
    """A connection to market streams, which listens to those in the URL already."""

    unit: TimeUnit
    session: StreamSession


def route(target: bytes) -> ApiUrl | StreamsUrl | WireError | None:
    """What a handshake asks for; an error with which it is to be refused; `None` where there is nothing."""
    try:
        url = urlsplit(target.decode(errors="replace"))
    except ValueError:  # no URL at all, as "//["
        return None
    path = unquote(url.path)
    names = _stream_names(path, url.query)
    if names is None and path != PATH:
        return None
    try:
        query = {name: values[-1] for name, values in parse_qs(url.query, max_num_fields=PARAMETERS_MAX).items()}
    except ValueError:
        return wire_error(Code.TOO_MANY_PARAMETERS)
    unit = query.get("timeUnit", TimeUnit.MILLISECOND).upper()
    if unit not in TimeUnit.__members__:
        return wire_error(Code.INVALID_TIME_UNIT)
    if names is not None:
        try:
            return StreamsUrl(TimeUnit(unit), StreamSession(names, combined=path.startswith(COMBINED_STREAMS)))
        except StreamRefusal as refusal:
            return wire_error(Code.TOO_MANY_PARAMETERS, message=refusal.message)
    if query.get("responseFormat", "json") != "json":
        return wire_error(Code.SBE_DISABLED)
    shown = query.get("returnRateLimits", "true")
    if shown not in ("true", "false"):
        return wire_error(Code.INVALID_PARAMETER, "returnRateLimits")
    return ApiUrl(TimeUnit(unit), shown == "true")


def _stream_names(path: str, query: str) -> list[str] | None:
    """The streams that a URL names; `None` where it does not ask for streams."""
    if path in (COMBINED_STREAMS, COMBINED_STREAMS + "/"):
        # Not by `parse_qs`, which takes the plus sign of "+08:00" for a space.
        given = [unquote(each.partition("=")[2]) for each in query.split("&") if each.startswith("streams=")]
        listed = given[-1] if given else ""
    elif path == RAW_STREAMS or path.startswith(RAW_STREAMS + "/"):
        listed = path.removeprefix(RAW_STREAMS)
    else:
        return None
    return [name for name in listed.split("/") if name]
