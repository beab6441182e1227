"""How much an address may ask for, how often it may connect, and how many unfilled orders an account may place.

Counts are kept by calendar-aligned intervals (web-socket-api.md, How to interpret rate limits): a minute's count
starts at zero with each minute, whenever its first request came. An address that goes on after being told to wait is
banned; bans grow from 2 minutes to 3 days for repeat offenders (IP limits). Binance publishes neither how many
refusals lead to a ban nor the steps between: `REFUSALS_UNTIL_BAN` and `BANS_US` are this exchange's own.

Pure: the time is handed in.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from pitwire.exchange.messages import OrderAllocated, OrderTraded, Outcome
from pitwire.market.enums import RateLimitInterval, RateLimitType

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US
_INTERVAL_US: Final[Mapping[RateLimitInterval, int]] = {
    RateLimitInterval.SECOND: SECOND_US,
    RateLimitInterval.MINUTE: MINUTE_US,
    RateLimitInterval.HOUR: HOUR_US,
    RateLimitInterval.DAY: DAY_US,
}

REFUSALS_UNTIL_BAN: Final = 10
"""So many requests refused with 429 in one minute are a failure to back off."""
BANS_US: Final = (2 * MINUTE_US, 10 * MINUTE_US, HOUR_US, 6 * HOUR_US, DAY_US, 3 * DAY_US)
BAN_FORGOTTEN_AFTER_US: Final = 3 * DAY_US
"""An address that was good for so long after its last ban starts at the first step again."""
CONNECTION_WEIGHT: Final = 2
"""Of the WebSocket API; connecting to the streams costs none."""
ADDRESSES_MAX: Final = 10_000
"""So many addresses are remembered; those with nothing to remember are forgotten first, then the oldest."""
ACCOUNTS_MAX: Final = 100_000

TAKER_FILL_GIVES_BACK: Final = 1
MAKER_FILL_GIVES_BACK: Final = 5
_FILLS: Final = frozenset({OrderTraded, OrderAllocated})


class RateLimit(Struct, frozen=True, kw_only=True, rename="camel"):
    """One limit as `exchangeInfo` shows it."""

    rate_limit_type: RateLimitType
    interval: RateLimitInterval
    interval_num: int
    limit: int

    @property
    def interval_us(self) -> int:
        """The interval's length."""
        return _INTERVAL_US[self.interval] * self.interval_num


REQUEST_WEIGHT: Final = RateLimit(
    rate_limit_type=RateLimitType.REQUEST_WEIGHT, interval=RateLimitInterval.MINUTE, interval_num=1, limit=6000
)
ORDERS: Final = (
    RateLimit(rate_limit_type=RateLimitType.ORDERS, interval=RateLimitInterval.SECOND, interval_num=10, limit=50),
    RateLimit(rate_limit_type=RateLimitType.ORDERS, interval=RateLimitInterval.DAY, interval_num=1, limit=160_000),
)
CONNECTIONS: Final = RateLimit(
    rate_limit_type=RateLimitType.CONNECTIONS, interval=RateLimitInterval.MINUTE, interval_num=5, limit=300
)
RATE_LIMITS: Final = (REQUEST_WEIGHT, *ORDERS, CONNECTIONS)
"""What `exchangeInfo` lists, with the documentation's figures (web-socket-api.md, Exchange information)."""
NOT_ENFORCED: Final = 1_000_000_000
"""Told as every limit where none is enforced, so that a client that keeps within them never waits."""


def told(limits: Sequence[RateLimit], *, enforced: bool) -> tuple[RateLimit, ...]:
    """The limits as clients are told them."""
    return tuple(limits) if enforced else tuple(replace(limit, limit=NOT_ENFORCED) for limit in limits)


class Exceeded(NamedTuple):
    """A limit that was hit, and when to come back. `banned` says that the address is shut out until then."""

    limit: RateLimit
    retry_after_us: int
    banned: bool = False


class Window:
    """A count in the calendar-aligned interval under way, which ends when a later one begins.

    A time of the interval just over counts in the one under way: the count must not start at zero twice. Farther back
    the clock was set, and the count starts anew, or else it would stand until the clock has caught up.
    """

    __slots__ = ("_counts_from_us", "_counts_until_us", "_interval_us", "_used")

    def __init__(self, interval_us: int) -> None:
        self._interval_us = interval_us
        self._counts_from_us = 0
        """When the interval before the one under way began."""
        self._counts_until_us = 0
        """When the one under way ends."""
        self._used = 0

    def used(self, now_us: int) -> int:
        """The count so far."""
        # Compared, not divided: several windows are asked for every order.
        if now_us >= self._counts_until_us or now_us < self._counts_from_us:
            self._begin(now_us)
        return self._used

    def add(self, count: int, now_us: int) -> None:
        """Count `count` more."""
        if now_us >= self._counts_until_us or now_us < self._counts_from_us:
            self._begin(now_us)
        self._used += count

    def _begin(self, now_us: int) -> None:
        self._counts_until_us = self.end_us(now_us)
        self._counts_from_us = self._counts_until_us - 2 * self._interval_us
        self._used = 0

    def give_back(self, count: int, time_us: int) -> None:
        """Take `count` off again, down to 0; what belongs to another interval changes nothing."""
        if 0 < self._counts_until_us - time_us <= self._interval_us:
            left = self._used - count
            self._used = left if left > 0 else 0

    def end_us(self, now_us: int) -> int:
        """When the interval of `now_us` ends."""
        return (now_us // self._interval_us + 1) * self._interval_us


class _Address:
    __slots__ = ("ban_level", "banned_until_us", "connections", "refusals", "weight")

    def __init__(self) -> None:
        self.weight = Window(REQUEST_WEIGHT.interval_us)
        self.refusals = Window(REQUEST_WEIGHT.interval_us)
        self.connections = Window(CONNECTIONS.interval_us)
        self.ban_level = 0
        self.banned_until_us = 0

    def idle(self, now_us: int) -> bool:
        counted = self.weight.used(now_us) or self.refusals.used(now_us) or self.connections.used(now_us)
        return not counted and now_us >= self.banned_until_us + BAN_FORGOTTEN_AFTER_US


class AddressLimits:
    """Request weight, connection attempts and bans, by address. Not `enforced`, it counts and refuses nothing."""

    def __init__(self, *, enforced: bool = True) -> None:
        self.enforced = enforced
        self._addresses: dict[str, _Address] = {}

    def charge(self, address: str, weight: int, now_us: int) -> Exceeded | None:
        """Count a request of `weight`, or say why it must be refused; a refused request is not counted."""
        known = self._addresses.get(address) or self._remember(address, now_us)
        if not self.enforced:
            known.weight.add(weight, now_us)
            return None
        if now_us < known.banned_until_us:
            return Exceeded(REQUEST_WEIGHT, known.banned_until_us, banned=True)
        if known.weight.used(now_us) + weight <= REQUEST_WEIGHT.limit:
            known.weight.add(weight, now_us)
            return None
        known.refusals.add(1, now_us)
        if known.refusals.used(now_us) < REFUSALS_UNTIL_BAN:
            return Exceeded(REQUEST_WEIGHT, known.weight.end_us(now_us))
        return self._ban(known, now_us)

    def connect(self, address: str, now_us: int, weight: int = CONNECTION_WEIGHT) -> Exceeded | None:
        """Count an attempt to connect, which costs `weight` too, or say why it must be refused."""
        known = self._addresses.get(address) or self._remember(address, now_us)
        if self.enforced:
            if now_us < known.banned_until_us:
                return Exceeded(REQUEST_WEIGHT, known.banned_until_us, banned=True)
            if known.connections.used(now_us) >= CONNECTIONS.limit:
                return Exceeded(CONNECTIONS, known.connections.end_us(now_us))
        known.connections.add(1, now_us)
        known.weight.add(weight, now_us)
        return None

    def used_weight(self, address: str, now_us: int) -> int:
        """The weight used in the minute under way."""
        known = self._addresses.get(address)
        return 0 if known is None else known.weight.used(now_us)

    def _ban(self, known: _Address, now_us: int) -> Exceeded:
        if now_us >= known.banned_until_us + BAN_FORGOTTEN_AFTER_US:
            known.ban_level = 0
        known.banned_until_us = now_us + BANS_US[known.ban_level]
        known.ban_level = min(known.ban_level + 1, len(BANS_US) - 1)
        return Exceeded(REQUEST_WEIGHT, known.banned_until_us, banned=True)

    def _remember(self, address: str, now_us: int) -> _Address:
        if len(self._addresses) >= ADDRESSES_MAX:
            self._addresses = {each: known for each, known in self._addresses.items() if not known.idle(now_us)}
            while len(self._addresses) >= ADDRESSES_MAX:
                del self._addresses[next(iter(self._addresses))]
        known = self._addresses[address] = _Address()
        return known


class UnfilledOrders:
    """The unfilled order count of every account that placed orders here (faqs/order_count_decrement.md).

    A placed order counts one in every interval. Its first fill gives back one if it was the taker, five if it was
    the maker. Not `enforced`, it counts and refuses nothing.
    """

    def __init__(self, *, enforced: bool = True) -> None:
        self.enforced = enforced
        self._accounts: dict[int, tuple[Window, ...]] = {}

    def charge(self, account: int, orders: int, now_us: int) -> Exceeded | None:
        """Count new orders, or say why they must be refused."""
        windows = self._accounts.get(account)
        if windows is None:
            if len(self._accounts) >= ACCOUNTS_MAX:
                del self._accounts[next(iter(self._accounts))]
            windows = self._accounts[account] = tuple(Window(limit.interval_us) for limit in ORDERS)
        if self.enforced:
            for limit, window in zip(ORDERS, windows, strict=True):
                if window.used(now_us) + orders > limit.limit:
                    return Exceeded(limit, window.end_us(now_us))
        for window in windows:
            window.add(orders, now_us)
        return None

    def give_back(self, account: int, orders: int, time_us: int) -> None:
        """Take orders off again, down to 0, in those intervals under way to which `time_us` belongs."""
        for window in self._accounts.get(account, ()):
            window.give_back(orders, time_us)

    def counts(self, account: int, now_us: int) -> tuple[int, ...]:
        """The count in each interval of `ORDERS`."""
        windows = self._accounts.get(account)
        return (0,) * len(ORDERS) if windows is None else tuple([window.used(now_us) for window in windows])

    def observe(self, outcome: Outcome) -> None:
        """Give back for first fills."""
        for event in outcome.events:
            if type(event) not in _FILLS:
                continue
            if type(event) is OrderTraded and event.order.executed == event.quantity:
                given_back = MAKER_FILL_GIVES_BACK if event.is_maker else TAKER_FILL_GIVES_BACK
                self.give_back(event.order.account, given_back, outcome.record.time_us)
            elif type(event) is OrderAllocated and event.order.executed == event.quantity:
                self.give_back(event.order.account, TAKER_FILL_GIVES_BACK, outcome.record.time_us)
