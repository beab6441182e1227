"""What HTTP serves, by the first part of the path: each part is an ASGI application of its own."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Application = Callable[..., Awaitable[None]]


def surface(api: Application, parts: Mapping[str, Application]) -> Application:
    """The application that gives `/NAME/...` to the part NAME, and everything else to `api`."""

    async def application(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        first = scope["path"].split("/", 2)[1:2]
        await parts.get(first[0] if first else "", api)(scope, receive, send)

    return application
