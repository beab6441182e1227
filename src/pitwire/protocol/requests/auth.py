"""Requests of web-socket-api.md, Authentication requests."""

from typing import ClassVar

from pitwire.protocol.requests.base import Method, Request, Security, SignedRequest
from pitwire.protocol.results import Session


class SessionLogon(SignedRequest[Session], frozen=True, kw_only=True):
    """Log in with API key (SIGNED).

    Ed25519 keys only. Requests that follow on the same connection need no key and no signature.
    """

    METHOD: ClassVar[Method] = Method("session.logon", Security.SIGNED, weight=2)


class SessionStatus(Request[Session], frozen=True, kw_only=True):
    """Query session status."""

    METHOD: ClassVar[Method] = Method("session.status", Security.NONE, weight=2)


class SessionLogout(Request[Session], frozen=True, kw_only=True):
    """Log out of the session."""

    METHOD: ClassVar[Method] = Method("session.logout", Security.NONE, weight=2)
