"""Requests of web-socket-api.md, User Data Stream requests."""

from typing import ClassVar

from pitwire.protocol.requests.base import Method, Request, Security, SignedRequest
from pitwire.protocol.results import Empty, Subscription


class UserDataStreamSubscribe(Request[Subscription], frozen=True, kw_only=True):
    """Subscribe to User Data Stream (USER_STREAM).

    For the account that the connection is logged on to: it takes no key and no signature of its own.
    """

    METHOD: ClassVar[Method] = Method("userDataStream.subscribe", Security.USER_STREAM, weight=2)


class UserDataStreamUnsubscribe(Request[Empty], frozen=True, kw_only=True):
    """Unsubscribe from User Data Stream.

    Without `subscription_id`, from all of this connection's.
    """

    METHOD: ClassVar[Method] = Method("userDataStream.unsubscribe", Security.NONE, weight=2)

    subscription_id: int | None = None


class SessionSubscriptions(Request[tuple[Subscription, ...]], frozen=True, kw_only=True):
    """Listing all subscriptions."""

    METHOD: ClassVar[Method] = Method("session.subscriptions", Security.NONE, weight=2)


class UserDataStreamSubscribeSignature(SignedRequest[Subscription], frozen=True, kw_only=True):
    """Subscribe to User Data Stream through signature subscription (USER_STREAM).

    For the account of the key that signs it, whether the connection is logged on or not.
    """

    METHOD: ClassVar[Method] = Method("userDataStream.subscribe.signature", Security.USER_STREAM, weight=2)
