"""Subscriptions to user data that are under way: one request for all who want the same."""

import asyncio
from collections.abc import Callable
from typing import Any

from pitwire.client.link import subscribed
from pitwire.protocol.client_session import ClientSession
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.user_stream import UserDataStreamSubscribeSignature
from pitwire.protocol.signing import Key
from pitwire.protocol.standing import Standing


class Subscribing:
    """`bearer` gives the session that bears the user data, `send` sends a request that a key signs."""

    def __init__(
        self,
        standing: Standing,
        bearer: Callable[[], ClientSession],
        send: Callable[[Request[Any], Key | None], "asyncio.Future[Any]"],
    ) -> None:
        self._standing = standing
        self._bearer = bearer
        self._send = send
        self._under_way: dict[Key | None, asyncio.Future[Any]] = {}

    async def subscribe(self, key: Key | None) -> None:
        """Subscribe to the account of `key`, or to the client's own, if that is not so already.

        Raises as the request does, and `InvalidKey` where there is no key. Cancelling leaves the request under way.
        """
        under_way = self._under_way.get(key)
        if under_way is None:
            wanted = self._wanted(key)
            if wanted is None:
                return
            self._under_way[key] = under_way = self._send(*wanted)
            under_way.add_done_callback(lambda _: self._under_way.pop(key))  # an error keeps its connection alive
        await subscribed(asyncio.shield(under_way))  # one request for all, whoever of them is cancelled

    def _wanted(self, key: Key | None) -> tuple[Request[Any], Key | None] | None:
        if key is None:
            return self._bearer().own_subscription()
        return None if key in self._standing.subscriptions else (UserDataStreamSubscribeSignature(), key)
