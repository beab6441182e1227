"""A client's half of the conversation, without a socket: what it sends, what came back, and what to restore.

Requests go out as frames and responses settle their waiters, until `disconnected`. What outlives a connection is the
client's `Standing`, which the sessions of all its connections share. The clock, the entropy of client order ids and
the ticks of time are handed in.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from pitwire.protocol.codec import Answer, RequestId, Response, decode_answer, decode_response, error_body
from pitwire.protocol.errors import (
    Code,
    InvalidKey,
    OutcomeUnknown,
    PitwireError,
    ProtocolViolation,
    SubscriptionRejected,
    rejected,
)
from pitwire.protocol.pending_requests import (
    Pending,
    PendingRequests,
    Stray,
    TakesOver,
    Waiter,
    no_time,
    nobody_measures,
    nobody_takes_over,
)
from pitwire.protocol.redaction import excerpt
from pitwire.protocol.request_params import ParamsWriter, row_of, rows
from pitwire.protocol.requests.auth import SessionLogon, SessionLogout
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.user_stream import (
    UserDataStreamSubscribe,
    UserDataStreamSubscribeSignature,
    UserDataStreamUnsubscribe,
)
from pitwire.protocol.results.session import Subscription
from pitwire.protocol.signing import Key
from pitwire.protocol.standing import Standing

IN_FLIGHT_MAX: Final = 10_000
"""The default bound on requests in flight."""

_DETAIL_CHARACTERS_MAX: Final = 200
_REVOKED_STATUS: Final = 401

_SUBSCRIBING: Final = (UserDataStreamSubscribe, UserDataStreamSubscribeSignature)

_json = msgspec.json.Encoder().encode


class EventMessage(Struct, frozen=True):
    """A message that answers no request: `message` as received, to be decoded by who takes it.

    `subscription_id` is `None` for an event of the connection itself (`serverShutdown`).
    """

    message: bytes
    subscription_id: int | None
    type: str = ""
    """`e`, for events of the connection and for `eventStreamTerminated`; empty otherwise."""


class Unmatched(Struct, frozen=True):
    """A response that belongs to no request in flight. Nothing waits for it, so it can only be logged."""

    stray: Stray
    id: str
    """Its id as it was written in Python, cut to 100 characters."""
    detail: str


class Malformed(Struct, frozen=True):
    """A message that is no response and no event."""

    detail: str


class _EventType(Struct, frozen=True):
    e: str


_decode_event_type = msgspec.json.Decoder(_EventType).decode


class ClientSession:
    """Requests in flight, logon state and user data subscriptions of one client.

    `clock_ns` gives nanoseconds since the epoch (for `timestamp`), `new_client_order_id` a string that no open order
    of the account has. An Ed25519 `key` is meant to log on (see `logon`); until then, and always for the other kinds,
    every request that needs it is signed by itself. `standing` is shared with the client's other connections.
    `takes_over` may take a failed request's waiter over (see `PendingRequests`). `answered` is told of each request
    that is answered; `now_ns` is the clock that it measures by.
    """

    __slots__ = (
        "_active",
        "_answered",
        "_now_ns",
        "_writer",
        "last_order_limits",
        "last_rate_limits",
        "logged_on",
        "pending",
        "standing",
    )

    def __init__(
        self,
        *,
        key: Key | None,
        clock_ns: Callable[[], int],
        new_client_order_id: Callable[[], str],
        deadline_ticks: int,
        in_flight_max: int = IN_FLIGHT_MAX,
        standing: Standing | None = None,
        takes_over: TakesOver = nobody_takes_over,
        now_ns: Callable[[], int] = no_time,
        answered: Callable[[Pending, Raw], None] = nobody_measures,
    ) -> None:
        self.pending = PendingRequests(deadline_ticks, in_flight_max, takes_over)
        self.logged_on = False
        """Whether requests on this connection need no signature."""
        self.standing = standing if standing is not None else Standing(key)
        """What is to hold on the client's other connections too."""
        self._writer = ParamsWriter(key, clock_ns, new_client_order_id)
        self._active: dict[int, Key | None] = {}
        self._now_ns = now_ns
        self._answered = answered
        self.last_rate_limits = Raw()
        """`rateLimits` of the newest response that carried them, as JSON; empty before."""
        self.last_order_limits: tuple[Raw, Key | None] = Raw(), None
        """The same of the newest response to an order, and the key that signed for it."""

    # --- requests ---------------------------------------------------------------------------------------------------

    def request(
        self,
        request: Request[Any],
        waiter: Waiter,
        request_id: RequestId | UnsetType = UNSET,
        key: Key | None = None,
    ) -> tuple[object, bytes]:
        """Register `waiter` for the response to `request`; where it stands in `pending`, and the frame to write.

        `request_id` is the user's own id; with `None` (null) no response can be matched, so the waiter ends by
        deadline. `key` signs this one request, whoever is logged on (web-socket-api.md, Authorize ad hoc requests).
        A request that already carries a signature goes out as it is.

        Raises `InvalidKey` when the request must be signed and there is no key, `TooManyInFlight`,
        `TypeError` or `ValueError` for an id that cannot be used.
        """
        request_type = request.__class__
        row = rows.get(request_type) or row_of(request_type)
        timestamp = 0
        if row.is_signed:
            signed: Any = request
            if row.other_id_attributes:
                signed = request = self._writer.with_other_ids(row, signed)
            params, order_id, signer = self._writer.write(row, signed, self.logged_on, key)
            if row.is_intent:
                timestamp = self._writer.timestamp
            symbol = getattr(signed, "symbol", None)
            if symbol is not None:
                self.standing.about(signer, symbol)
        else:
            params, order_id, signer = _json(request), None, None  # none has a decimal, which could get an exponent
        pending = self.pending
        chosen = request_id is not UNSET
        if chosen:
            pending.check_id(request_id)  # type: ignore[arg-type]  # mypy does not narrow UNSET
            number: Any = request_id
            id_text = _json(request_id)
        else:
            number = pending.new_id()
            id_text = b"%d" % number
        table_key = pending.add(
            number,
            Pending(
                waiter,
                request,
                row.decode,
                pending.expires_tick,
                order_id,
                signer,
                row.changes_session,
                chosen,
                timestamp,
                self._now_ns(),
            ),
        )
        if params == b"{}":
            return table_key, b'{"id":%b%b}' % (id_text, row.tail)
        return table_key, b'{"id":%b%b,"params":%b}' % (id_text, row.tail, params)

    # --- what comes back --------------------------------------------------------------------------------------------

    def receive(self, message: bytes) -> EventMessage | Unmatched | Malformed | None:
        """Settle the waiter that `message` answers (then `None` is returned), or say what else it is."""
        try:
            envelope: Answer = decode_response(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            answer = _answer(message)
            if answer is None:
                return Malformed(f"{error}: {excerpt(message, _DETAIL_CHARACTERS_MAX)}")
            envelope = answer
        pending = self.pending.settle(envelope.id)
        if pending is None:
            return self._unsolicited(envelope, message)
        self._answered(pending, envelope.result)
        if envelope.rate_limits:
            self.last_rate_limits = envelope.rate_limits
            if pending.timestamp:
                self.last_order_limits = envelope.rate_limits, pending.key
        if envelope.status == 200:
            self._succeed(pending, envelope.result)
        else:
            self._fail(pending, envelope)
        return None

    def _succeed(self, pending: Pending, raw: Raw) -> None:
        try:
            result = pending.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if not pending.waiter.done():
                text = excerpt(bytes(raw), _DETAIL_CHARACTERS_MAX)
                pending.waiter.set_exception(
                    ProtocolViolation(
                        f"{pending.request.METHOD.name} was carried out (status 200), "
                        f"but its result is not as documented: {error}: {text}",
                        pending.client_order_id,
                        bytes(raw),
                    )
                )
            return
        if pending.changes_session:
            self._session_changed(pending, result)
        if not pending.waiter.done():
            pending.waiter.set_result(result)

    def _fail(self, pending: Pending, envelope: Answer) -> None:
        failure = _failure(pending, envelope)
        if isinstance(failure, SubscriptionRejected) and failure.code == Code.SUBSCRIPTION_ACTIVE:
            self._subscription_is_active(pending)
        self.pending.fail(pending, failure)

    def _unsolicited(self, envelope: Answer, message: bytes) -> EventMessage | Unmatched | Malformed:
        if isinstance(envelope, Response) and envelope.event:
            return self._event(envelope, message)
        if envelope.id is UNSET and not envelope.status:
            return Malformed(f"neither a response nor an event: {excerpt(message, _DETAIL_CHARACTERS_MAX)}")
        request_id = None if envelope.id is UNSET else envelope.id
        if request_id is None and envelope.status == _REVOKED_STATUS:
            # The key was revoked (web-socket-api.md, Regarding API key revocation). From here on requests are signed
            # one by one, so that each is refused under its own id.
            self.logged_on = False
        detail = f"status {envelope.status}"
        if envelope.error:
            error = error_body(envelope.error)
            detail += f", code {error.code}: {error.msg}"
        return Unmatched(self.pending.stray(request_id), f"{request_id!r:.100}", detail[:_DETAIL_CHARACTERS_MAX])

    def _event(self, envelope: Response, message: bytes) -> EventMessage | Malformed:
        number = envelope.subscription_id
        if number is not None and b"eventStreamTerminated" not in message:
            return EventMessage(message, number)
        try:
            event_type = _decode_event_type(envelope.event).e
        except (msgspec.DecodeError, RecursionError) as error:
            return Malformed(f"{error}: {excerpt(message, _DETAIL_CHARACTERS_MAX)}")
        if event_type == "eventStreamTerminated" and number is not None:
            # By logout or unsubscribe, so it is not wanted any more (user-data-stream.md, Event Stream Terminated).
            self._terminated(number)
        return EventMessage(message, number, event_type)

    def account_of(self, number: int) -> Key | None:
        """Whose a subscription is: the key that signed for it, `None` for the logon's.

        Its events may come before the answer that tells its number, or without it: then it is the only one that is
        asked for, or that is wanted and has no number; `None` where there are several.
        """
        active = self._active
        if number in active:
            return active[number]
        asked = [pending.key for pending in self.pending if isinstance(pending.request, _SUBSCRIBING)]
        wanted = asked or [key for key in self.standing.subscriptions if key not in active.values()]
        return wanted[0] if len(wanted) == 1 else None

    def tick(self) -> int:
        """Let one tick of time pass; requests whose deadline it was end. Returns how many did."""
        return self.pending.tick()

    # --- the connection ---------------------------------------------------------------------------------------------

    def disconnected(self, reason: str) -> int:
        """The connection is lost: every request in flight ends with `NotSent` or `OutcomeUnknown`. Returns how many."""
        self.logged_on = False
        self._active.clear()
        return self.pending.end_all(reason)

    def logon(self) -> tuple[Request[Any], Key] | None:
        """What to send first on a new connection, if the session logs on by itself, and what to sign it with."""
        return None if self.standing.logon_key is None else (SessionLogon(), self.standing.logon_key)

    def lost_subscriptions(self) -> list[tuple[Request[Any], Key | None]]:
        """The requests that restore the user data subscriptions which a lost connection took with it."""
        active = set(self._active.values())
        return [
            (UserDataStreamSubscribe(), None) if key is None else (UserDataStreamSubscribeSignature(), key)
            for key in self.standing.subscriptions
            if key not in active
        ]

    def own_subscription(self) -> tuple[Request[Any], Key | None] | None:
        """The request that subscribes to the account of the session's own key; `None` if that is already so.

        Raises `InvalidKey` when there is no key.
        """
        key = None if self.logged_on else self._writer.key
        if not self.logged_on and key is None:
            raise InvalidKey("user data belongs to an account, and there is no key: pass `key=` to connect")
        if key in self._active.values():
            return None
        return (UserDataStreamSubscribe(), None) if key is None else (UserDataStreamSubscribeSignature(), key)

    def _session_changed(self, pending: Pending, result: Any) -> None:
        match pending.request:
            case SessionLogon():
                self.logged_on = True
                self.standing.logon_key = (
                    pending.key
                )  # None if the user signed: then nothing can log on again by itself
            case SessionLogout():
                # Ends the subscription that came from the logon, and no other (web-socket-api.md, Unsubscribe ...).
                self.logged_on = False
                self.standing.logon_key = None
                self.standing.subscriptions.pop(None, None)
                self._active = {number: key for number, key in self._active.items() if key is not None}
            case UserDataStreamSubscribe():
                self._subscribed(result, None)
            case UserDataStreamSubscribeSignature() if pending.key is not None:
                self._subscribed(result, pending.key)
            case UserDataStreamUnsubscribe(subscription_id=None):
                self._active.clear()
                self.standing.subscriptions.clear()
            case UserDataStreamUnsubscribe(subscription_id=number) if number in self._active:
                self.standing.subscriptions.pop(self._active.pop(number), None)

    def _subscription_is_active(self, pending: Pending) -> None:
        # The answer that told its number never came, or came too late: it is active all the same.
        match pending.request:
            case UserDataStreamSubscribe():
                self.standing.subscriptions[None] = None
            case UserDataStreamSubscribeSignature() if pending.key is not None:
                self.standing.subscriptions[pending.key] = None

    def _terminated(self, number: int) -> None:
        if number in self._active:
            self.standing.subscriptions.pop(self._active.pop(number), None)
            return
        numberless = self.standing.subscriptions.keys() - self._active.values()
        if len(numberless) == 1:
            self.standing.subscriptions.pop(numberless.pop())

    def _subscribed(self, subscription: Subscription, key: Key | None) -> None:
        self._active[subscription.subscription_id] = key
        self.standing.subscriptions[key] = None


def _answer(message: bytes) -> Answer | None:
    """The response in a message that is otherwise not as documented, if it has an id and a status."""
    try:
        answer = decode_answer(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return answer if answer.id is not UNSET and answer.status else None


def _failure(pending: Pending, envelope: Answer) -> PitwireError:
    method, order_id = pending.request.METHOD.name, pending.client_order_id
    if not envelope.status:
        return OutcomeUnknown(f"{method}: the response has no status", order_id)
    return rejected(envelope.status, error_body(envelope.error), order_id)
