"""The methods that belong to one connection: logging on and out, and its user data subscriptions."""

from typing import Any

import msgspec

from pitwire.exchange.gateway.user_streams import Listener, UserStreams, event_frame, terminated
from pitwire.protocol.authorization import Admitted
from pitwire.protocol.errors import Code, WireError, wire_error
from pitwire.protocol.requests.auth import SessionLogon, SessionLogout, SessionStatus
from pitwire.protocol.requests.user_stream import (
    SessionSubscriptions,
    UserDataStreamSubscribe,
    UserDataStreamSubscribeSignature,
    UserDataStreamUnsubscribe,
)
from pitwire.protocol.server_session import ServerSession

_encode = msgspec.json.Encoder().encode


class SessionMethods:
    """Carries out session methods for one connection, and keeps its subscriptions and the fan-out in step."""

    def __init__(self, session: ServerSession, streams: UserStreams, listener: Listener) -> None:
        self._session = session
        self._streams = streams
        self._listener = listener

    def answer(self, admitted: Admitted, now_us: int) -> bytes | WireError | None:
        """The result, as JSON, or why there is none. None: the method is no session method."""
        match admitted.request:
            case SessionLogon():
                assert admitted.key is not None  # the method is SIGNED
                self._end_subscription_of_another(admitted.account, now_us)
                self._session.log_on(admitted.key, now_us)
                result: Any = self._session.status(now_us)
            case SessionStatus():
                result = self._session.status(now_us)
            case SessionLogout():
                self.log_out(now_us)
                result = self._session.status(now_us)
            case SessionSubscriptions():
                result = [{"subscriptionId": number} for number in self._session.subscriptions.ids]
            case UserDataStreamSubscribe():
                result = self._subscribe(admitted.account, own=True)
            case UserDataStreamSubscribeSignature():
                result = self._subscribe(admitted.account, own=False)
            case UserDataStreamUnsubscribe(subscription_id=number):
                result = self._unsubscribe(number, now_us)
            case _:
                return None
        return result if isinstance(result, WireError) else _encode(result)

    def log_out(self, now_us: int) -> None:
        """Forget the key and end the subscriptions that came with it (Unsubscribe from User Data Stream)."""
        for number in self._session.subscriptions.own_ids():
            self._close(number, now_us)
        self._session.log_out()

    def _end_subscription_of_another(self, account: int, now_us: int) -> None:
        """Before `account` logs on: end the own subscription of whoever was logged on before, unless it is the same.

        The documentation is silent about a logon over a logon, but says that a logout ends what the logon opened
        (Unsubscribe from User Data Stream): a session shall not hear of an account that it is not logged on for.
        """
        key = self._session.key
        if key is not None and key.account != account:
            for number in self._session.subscriptions.own_ids():
                self._close(number, now_us)

    def disconnect(self) -> None:
        """The connection is gone: nobody is there to tell."""
        for account in self._session.subscriptions.accounts:
            self._streams.remove(self._session.time_unit, account, self._listener)

    def _subscribe(self, account: int, *, own: bool) -> dict[str, int] | WireError:
        number = self._session.subscriptions.open(account, own=own)
        if isinstance(number, WireError):
            return number
        self._streams.add(self._session.time_unit, account, self._listener, number)
        return {"subscriptionId": number}

    def _unsubscribe(self, number: int | None, now_us: int) -> dict[str, int] | WireError:
        numbers = self._session.subscriptions.ids if number is None else [number]
        if not numbers:
            return wire_error(Code.SUBSCRIPTION_INACTIVE)
        for each in numbers:
            error = self._close(each, now_us)
            if error is not None:
                return error
        return {}

    def _close(self, number: int, now_us: int) -> WireError | None:
        account = self._session.subscriptions.close(number)
        if isinstance(account, WireError):
            return account
        self._streams.remove(self._session.time_unit, account, self._listener)
        self._listener.queue(event_frame(number, terminated(now_us, self._session.time_unit)))
        return None
