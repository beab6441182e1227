"""The API keys that came through the log, and those that were revoked there. A gateway looks them up elsewhere."""

from collections.abc import Iterable

from pitwire.exchange.messages import KeyRegistered, KeyRevoked


class Keys:
    """Keys by their public string, in the order of their registration."""

    def __init__(self, registered: Iterable[KeyRegistered] = (), revoked: Iterable[str] = ()) -> None:
        self._registered = {key.api_key: key for key in registered}
        self._revoked = dict.fromkeys(revoked)

    @property
    def registered(self) -> tuple[KeyRegistered, ...]:
        """Those that are valid."""
        return tuple(self._registered.values())

    @property
    def revoked(self) -> tuple[str, ...]:
        """Those that were revoked since they were last registered, wherever that was."""
        return tuple(self._revoked)

    def added(self, event: KeyRegistered, _time_us: int) -> None:
        """Take in a key."""
        self._registered[event.api_key] = event
        self._revoked.pop(event.api_key, None)

    def removed(self, event: KeyRevoked, _time_us: int) -> None:
        """Forget a key, but not that it was revoked: a configuration may name it again."""
        self._registered.pop(event.api_key, None)
        self._revoked[event.api_key] = None
