"""The control endpoints as an ASGI application: who holds the token may call them, with JSON in and JSON out.

A module of routes offers `routes(desk)`; another one, for what else an operator may want to do to an exchange, is
handed to `control_application` beside these. Changes are made one at a time. Bounds: a body of 64 KiB.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pitwire.exchange.control.desk import BAD_REQUEST, Refused

BODY_BYTES_MAX: Final = 64 * 1024
PREFIX: Final = "/control"
_UNAUTHORIZED: Final = 401
_TOO_LARGE: Final = 413

_encode = msgspec.json.Encoder().encode
_mentions_path = re.compile(r" - at `\$\.?(.*)`$")


def route(verb: str, path: str, handler: Callable[..., Awaitable[Any]], body: Any = None) -> Route:
    """A route below `/control`: `handler` is given the path's parameters, and `body=` decoded as the type `body`.

    What it returns becomes the answer's JSON. It raises `Refused`.
    """
    decoder = None if body is None else msgspec.json.Decoder(body, float_hook=Decimal)

    async def endpoint(request: Request) -> Response:
        arguments = dict(request.path_params)
        if decoder is not None:
            arguments["body"] = _decoded(decoder, await _body(request))
        if verb == "GET":
            return _json(200, await handler(**arguments))
        turn: asyncio.Lock = request.app.state.turn
        async with turn:  # a change begins with what the one before has left
            return _json(200, await handler(**arguments))

    return Route(PREFIX + path, endpoint, methods=[verb])


def control_application(routes: Iterable[Route], token: str) -> Callable[..., Awaitable[None]]:
    """The application; every request needs the header `Authorization: Bearer <token>`."""
    application = Starlette(
        routes=list(routes), exception_handlers={HTTPException: _unknown, Refused: _refused}, debug=False
    )
    application.state.turn = asyncio.Lock()
    expected = f"Bearer {token}".encode()

    async def guarded(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if hmac.compare_digest(given, expected):
            await application(scope, receive, send)
        else:
            sentence = "send the header `Authorization: Bearer TOKEN` with the token that the exchange printed at start"
            response = _error(_UNAUTHORIZED, sentence)
            response.headers["www-authenticate"] = "Bearer"
            await response(scope, receive, send)

    return guarded


def _decoded(decoder: "msgspec.json.Decoder[Any]", body: bytes) -> Any:
    try:
        return decoder.decode(body or b"{}")
    except msgspec.ValidationError as error:
        where = _mentions_path.search(str(error))
        sentence = f"the body: {error}" if where is None else f"{where[1]}: {str(error)[: where.start()]}"
        raise Refused(BAD_REQUEST, sentence) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(BAD_REQUEST, f"the body is no JSON object: {error}") from error


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES_MAX:
            raise Refused(_TOO_LARGE, f"the body is over {BODY_BYTES_MAX} bytes: send less at once")
    return body


def _json(status: int, answer: Any) -> Response:
    return Response(_encode(answer), status, media_type="application/json")


def _error(status: int, sentence: str) -> Response:
    return _json(status, {"error": sentence})


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _error(error.status, str(error))


def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = _error(error.status_code, f"{request.method} {request.url.path} is no control endpoint")
    response.headers.update(error.headers or {})
    return response
