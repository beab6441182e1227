"""Results of web-socket-api.md, Authentication requests and User Data Stream requests."""

from pitwire.protocol.results.base import Result


class Session(Result, frozen=True, kw_only=True):
    """Log in, Query session status, Log out. Without a logged-on key `api_key` and `authorized_since` are `None`.

    `user_data_stream` says whether a subscription is active; `None` where the server offers none.
    """

    api_key: str | None
    authorized_since: int | None
    connected_since: int
    return_rate_limits: bool
    server_time: int
    user_data_stream: bool | None


class Subscription(Result, frozen=True, kw_only=True):
    """A user data subscription of this connection; its events carry the same id."""

    subscription_id: int
