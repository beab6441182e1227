"""What is to hold on every connection of a client: who is logged on, and whose user data comes.

Connections come and go, several of them at a time while one takes another's place; what was agreed on one of them is
restored on the next from here.
"""

from typing import Final

from pitwire.protocol.signing import Key, KeyKind

SYMBOLS_KEPT_MAX: Final = 1_000
"""Of so many accounts and symbols is kept that requests were about them."""


class Standing:
    """The logon and the user data subscriptions that a new connection is to have, and where there may be orders.

    `key` is the client's own; an Ed25519 key logs on (web-socket-api.md, Session Authentication).
    """

    __slots__ = ("_newest", "logon_key", "subscriptions", "symbols")

    def __init__(self, key: Key | None) -> None:
        self.logon_key = key if key is not None and key.kind is KeyKind.ED25519 else None
        """Who logs on; `None` if nobody does, or nobody can again without the user."""
        self.subscriptions: dict[Key | None, None] = {}
        """Whose user data comes, in the order of subscribing; `None` stands for the account that is logged on."""
        self.symbols: dict[tuple[Key | None, str], None] = {}
        """The accounts and symbols that signed requests were about, the newest last; at most `SYMBOLS_KEPT_MAX`."""
        self._newest: tuple[Key | None, str] | None = None

    def about(self, account: Key | None, symbol: str) -> None:
        """A signed request is about `symbol`: there may be orders of `account`."""
        place = account, symbol
        if place == self._newest:
            return
        self._newest = place
        self.symbols.pop(place, None)
        self.symbols[place] = None
        if len(self.symbols) > SYMBOLS_KEPT_MAX:
            del self.symbols[next(iter(self.symbols))]

    def drop_what_cannot_be_restored(self) -> bool:
        """Forget a subscription that came from a logon which cannot be repeated; whether there was one."""
        if self.logon_key is not None or None not in self.subscriptions:
            return False
        del self.subscriptions[None]
        return True
