"""Between the client and its journal: what is written down before it is sent, and what an earlier process left."""

import asyncio
from typing import Any

from msgspec import Struct

from pitwire.client.safety.intent import Intent
from pitwire.client.safety.journal import Begun, Journal, account_of
from pitwire.client.safety.resolver import Resolver
from pitwire.protocol.errors import NotSent, OutcomeUnknown, PitwireError
from pitwire.protocol.pending_requests import PendingRequests
from pitwire.protocol.request_params import with_order_id
from pitwire.protocol.requests.base import SignedRequest
from pitwire.protocol.signing import Key


class Recovered(Struct, frozen=True):
    """A request that an earlier process had under way, and what became of it.

    `outcome` is what the response would have been: the result, or the error, `NeverArrived` among them. It is
    `OutcomeUnknown` where nobody could be asked; then the request stays in the journal.
    """

    request: SignedRequest[Any]
    client_order_id: str | None
    outcome: Any


class Recording:
    """The journal of one client, and the requests of this turn of the event loop that wait for it to be durable."""

    def __init__(self, journal: Journal, key: Key | None) -> None:
        self._journal = journal
        self._key = key
        self._held: list[tuple[PendingRequests, object]] = []
        self._left: list[tuple[Begun, Intent, asyncio.Future[Any]]] = []
        self._broken: OSError | None = None

    def record(self, pending: PendingRequests, table_key: object) -> None:
        """The request that stands under `table_key` is about to be sent: it must not be before `sync`."""
        one = pending.get(table_key)
        intent = Intent(
            request=with_order_id(one.request, one.client_order_id),
            client_order_id=one.client_order_id,
            timestamp=one.timestamp,
        )
        key = one.key or self._key
        number = self._journal.begin(intent, key.api_key if key is not None else "")
        self._held.append((pending, table_key))
        if isinstance(one.waiter, asyncio.Future):
            one.waiter.add_done_callback(lambda waiter: self._ended(number, waiter))

    def _ended(self, number: int, waiter: "asyncio.Future[Any]") -> None:
        if waiter.cancelled() or not isinstance(waiter.exception(), OutcomeUnknown):
            self._journal.end(number)

    def sync(self) -> None:
        """Make it durable. Where that fails, nothing is sent that is not, now or later."""
        held, self._held = self._held, []
        try:
            if self._broken is not None:
                raise self._broken
            self._journal.sync()
        except OSError as error:
            self._broken = error
            for pending, table_key in held:
                pending.withdraw(table_key, NotSent(f"the journal cannot be written, so nothing is sent: {error}"))

    def tick(self) -> None:
        """Write what ended meanwhile."""
        if not self._held and self._broken is None:
            self.sync()

    def resolve_left(self, resolver: Resolver) -> None:
        """Have it found out what became of what an earlier process left."""
        loop = asyncio.get_running_loop()
        own = account_of(self._key.api_key) if self._key is not None else None
        for begun in self._journal.left:
            future = loop.create_future()
            intent = begun.intent(None)
            if begun.account == own:
                resolver.add(intent, future, "the process that sent it ended")
            else:
                reason = f"{begun.method}: it is another account's, whose key this client has not"
                future.set_exception(OutcomeUnknown(reason, begun.client_order_id))
            self._left.append((begun, intent, future))

    async def recover(self) -> tuple[Recovered, ...]:
        """What became of it; each is handed out once, and then goes from the journal. Cancelling loses none."""
        if self._left:
            await asyncio.wait([future for _, _, future in self._left])
        left, self._left = self._left, []
        recovered = []
        for begun, intent, future in left:
            error = future.exception()
            if error is not None and not isinstance(error, PitwireError):
                raise error
            if not isinstance(error, OutcomeUnknown):
                self._journal.end(begun.number)
            outcome = future.result() if error is None else error
            recovered.append(Recovered(intent.request, begun.client_order_id, outcome))
        self.tick()
        return tuple(recovered)

    def close(self) -> None:
        """Write what ended, and let go of the file."""
        for _, _, future in self._left:
            if future.done() and not future.cancelled():
                future.exception()  # nobody took it: it is found out again at the next start
        self._journal.close(as_it_is=self._broken is not None)
