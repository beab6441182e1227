"""The user data subscriptions of one connection (web-socket-api.md, User Data Stream subscriptions)."""

from typing import Final

from pitwire.protocol.errors import Code, WireError, wire_error

ACTIVE_MAX: Final = 1_000
LIFETIME_MAX: Final = 65_535


class SubscriptionTable:
    """Which accounts a connection listens to, by subscription id. Ids count from 0 and are not used twice.

    A subscription is the session's own if it came from a logon (`userDataStream.subscribe`), and not if a signature
    opened it (`userDataStream.subscribe.signature`): a logout ends the former only.
    """

    __slots__ = ("_account_of", "_id_of", "_next", "_own")

    def __init__(self) -> None:
        self._account_of: dict[int, int] = {}
        self._id_of: dict[int, int] = {}
        self._own: set[int] = set()
        self._next = 0

    def __len__(self) -> int:
        return len(self._account_of)

    @property
    def ids(self) -> list[int]:
        """The active subscriptions, oldest first."""
        return list(self._account_of)

    @property
    def accounts(self) -> list[int]:
        """The accounts listened to, in the order of `ids`."""
        return list(self._account_of.values())

    def open(self, account: int, *, own: bool) -> int | WireError:
        """Start to listen to `account`: the new subscription's id, or why there is none (-2035, -1191, -2042)."""
        if account in self._id_of:
            return wire_error(Code.SUBSCRIPTION_ACTIVE)
        if len(self._account_of) >= ACTIVE_MAX:
            return wire_error(Code.TOO_MANY_SUBSCRIPTIONS, ACTIVE_MAX)
        if self._next >= LIFETIME_MAX:
            return wire_error(Code.MAXIMUM_SUBSCRIPTION_IDS)
        number = self._next
        self._next += 1
        self._account_of[number] = account
        self._id_of[account] = number
        if own:
            self._own.add(number)
        return number

    def close(self, number: int) -> int | WireError:
        """Stop the subscription `number`: the account it was to, or -2036."""
        account = self._account_of.pop(number, None)
        if account is None:
            return wire_error(Code.SUBSCRIPTION_INACTIVE)
        del self._id_of[account]
        self._own.discard(number)
        return account

    def own_ids(self) -> list[int]:
        """The subscriptions that end with the session's logon."""
        return sorted(self._own)
