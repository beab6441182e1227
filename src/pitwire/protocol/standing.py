"""What is to hold on every connection of a client: who is logged on, and whose user data comes.

Connections come and go, several of them at a time while one takes another's place; what was agreed on one of them is
restored on the next from here.
"""

from pitwire.protocol.signing import Key, KeyKind


class Standing:
    """The logon and the user data subscriptions that a new connection is to have.

    `key` is the client's own; an Ed25519 key logs on (web-socket-api.md, Session Authentication).
    """

    __slots__ = ("logon_key", "subscriptions", "symbols")

    def __init__(self, key: Key | None) -> None:
        self.logon_key = key if key is not None and key.kind is KeyKind.ED25519 else None
        """Who logs on; `None` if nobody does, or nobody can again without the user."""
        self.subscriptions: dict[Key | None, None] = {}
        """Whose user data comes, in the order of subscribing; `None` stands for the account that is logged on."""
        self.symbols: dict[tuple[Key | None, str], None] = {}
        """The accounts and symbols that signed requests were about: on these there may be orders."""

    def drop_what_cannot_be_restored(self) -> bool:
        """Forget a subscription that came from a logon which cannot be repeated; whether there was one."""
        if self.logon_key is not None or None not in self.subscriptions:
            return False
        del self.subscriptions[None]
        return True
