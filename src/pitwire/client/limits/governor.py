"""One governor for all connections of a process: nothing is sent that the exchange would refuse for its limits."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
from msgspec import UNSET

from pitwire.client.limits.allowance import Allowance
from pitwire.client.limits.budget import BUDGET_CELLS, Budget, Now
from pitwire.client.limits.cells import Cells, FileCells, MemoryCells
from pitwire.client.limits.headers import Told
from pitwire.client.limits.sliding_window import ATTEMPTS_MAX, ATTEMPTS_US, SlidingWindow
from pitwire.client.safety.intent import microseconds
from pitwire.client.server_clock import ServerClock
from pitwire.market.enums import RateLimitInterval, RateLimitType
from pitwire.metrics.snapshot import LimitUsage
from pitwire.protocol.errors import Code, NotSent, RateLimited
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.lists import OrderListCancel
from pitwire.protocol.requests.trading import OpenOrdersCancelAll, OrderCancel
from pitwire.protocol.results import RateLimit

Policy = Literal["wait", "refuse", "off"]
RESERVE_SHARE: Final = 0.05
"""The part of the request weight that is left to cancellations and to keeping the connection."""
CLOSE_SHARE: Final = 0.5
"""From this part of a limit on the exchange's counts are read of every response, below it four times a second."""
WAITING_MAX: Final = 10_000
LEASE: Final = 100
"""So much of a limit is taken in advance at most: a look at its intervals costs more than all else of a request."""
ACCOUNTS_MAX: Final = 32
_ACCOUNT_CELLS: Final = 1 + BUDGET_CELLS
_ATTEMPTS_AT: Final = BUDGET_CELLS
_ACCOUNTS_AT: Final = _ATTEMPTS_AT + 1 + ATTEMPTS_MAX
_CELLS: Final = _ACCOUNTS_AT + ACCOUNTS_MAX * _ACCOUNT_CELLS
_URGENT: Final = frozenset({OrderCancel, OpenOrdersCancelAll, OrderListCancel})

_INTERVAL_US: Final = {
    RateLimitInterval.SECOND: 1_000_000,
    RateLimitInterval.MINUTE: 60_000_000,
    RateLimitInterval.HOUR: 3_600_000_000,
    RateLimitInterval.DAY: 86_400_000_000,
}
_decode = msgspec.json.Decoder(tuple[RateLimit, ...] | None).decode


class LimitReached(NotSent):
    """The request would have gone beyond a limit of the exchange, and was not sent.

    `retry_at_ms` is from when on it may be sent, by the server's clock, in milliseconds since the epoch.
    """

    def __init__(self, reason: str, retry_at_ms: int) -> None:
        super().__init__(reason)
        self.retry_at_ms = retry_at_ms


class _Waiting(msgspec.Struct):
    weight: int
    orders: int
    account: str
    waiter: Any
    send: Callable[[], None]
    give_up_s: float
    name: str


class Limits:
    """The limits of the exchange for this address and its accounts, what is used of them, and who has to wait.

    `policy` says what happens to a request for which there is no room: "wait" keeps it until there is, or for its
    deadline; "refuse" ends it at once with `LimitReached`; "off" sends it all the same. What the exchange allows is
    learned from `exchangeInfo`, what is used from its responses. `reserve_share` of the request weight is left to
    cancellations, which also go before all others that wait. `share` is a file that processes of one machine share, if
    they share the address; it may be deleted when none of them runs.

    An account is known by its API key: two keys of one account are counted as two. One event loop uses a `Limits`.
    """

    def __init__(
        self,
        policy: Policy = "wait",
        *,
        reserve_share: float = RESERVE_SHARE,
        share: Path | str | None = None,
    ) -> None:
        if policy not in ("wait", "refuse", "off"):
            raise ValueError(f'policy is {policy!r}: pass "wait", "refuse" or "off"')
        if not 0 <= reserve_share < 1:
            raise ValueError(f"reserve_share is {reserve_share}: pass a part of the limit, from 0 to less than 1")
        self.policy: Final = policy
        self._reserve_share = reserve_share
        self._cells: Cells = MemoryCells(_CELLS) if share is None else FileCells(Path(share), _CELLS)
        self._clock: ServerClock | None = None
        self._weight = Allowance(self._cells, Budget(self._cells.values, 0), self._now, reserve_share, LEASE)
        self._attempts = SlidingWindow(self._cells.values, _ATTEMPTS_AT, ATTEMPTS_MAX, ATTEMPTS_US)
        self._orders: dict[str, Allowance] = {}
        self._order_limits: dict[int, int] = {}
        self._urgent: deque[_Waiting] = deque()
        self._orders_waiting: dict[str, deque[_Waiting]] = {}
        self._waiting: deque[_Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_learned = False

    def attach(self, clock: ServerClock) -> None:
        """Use `clock` from now on: that of a client of this exchange."""
        self._clock = clock

    @property
    def is_attached(self) -> bool:
        """Whether there is a clock."""
        return self._clock is not None

    def _now(self) -> Now:
        if self._clock is None:
            return Now(0, 0)
        return Now(self._clock.earliest_ns() // 1000, self._clock.latest_ns() // 1000)

    def needs_learning(self) -> bool:
        """Whether nobody has asked for the limits yet; from now on somebody has."""
        first, self._is_learned = not self._is_learned, True
        return first and self.policy != "off"

    # --- what is measured -------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """How many requests wait for room."""
        return sum(map(len, self._queues()))

    def usage(self, account: str | None) -> tuple[LimitUsage, ...]:
        """What is used of the limits that are known: of the address's, and of those of `account`."""
        kinds = [("REQUEST_WEIGHT", self._weight)]
        if account in self._orders:
            kinds.append(("ORDERS", self._orders[account]))
        return tuple(
            LimitUsage(type=kind, interval_s=interval_us // 1_000_000, limit=limit, used=used)
            for kind, allowance in kinds
            for interval_us, limit, used in allowance.usage()
        )

    # --- requests ---------------------------------------------------------------------------------------------------

    def admits(self, request: Request[Any], account: str, *, urgent: bool = False) -> bool:
        """Whether `request` may be sent now; then it is counted as sent."""
        method = request.METHOD
        weight: Any = method.weight
        if weight.__class__ is not int:
            weight = request.weight()
        if self.policy == "off":
            return True
        orders, ahead = method.unfilled_orders, self._weight
        if self._timer is None and weight <= ahead.left:  # nobody waits, and it has been taken in advance
            if not orders:
                ahead.left -= weight
                return True
            of_account = self._orders.get(account)
            if of_account is not None and orders <= of_account.left:
                of_account.left -= orders
                ahead.left -= weight
                return True
        urgent = urgent or request.__class__ in _URGENT
        if self._queue(orders, account, urgent):
            return False  # nobody overtakes
        return self._take(weight, orders, account, urgent)

    def _queue(self, orders: int, account: str, urgent: bool) -> deque[_Waiting]:
        if urgent:
            return self._urgent
        return self._orders_waiting.setdefault(account, deque()) if orders else self._waiting

    def _take(self, weight: int, orders: int, account: str, urgent: bool) -> bool:
        if orders and not self._account(account).take(orders):
            return False
        if self._weight.take(weight, urgent=urgent):
            return True
        if orders:
            self._account(account).charge(-orders)
        return False

    def wait(
        self,
        request: Request[Any],
        account: str,
        waiter: Any,
        send: Callable[[], None],
        give_up_s: float,
        *,
        urgent: bool = False,
    ) -> None:
        """`request` was not admitted: let it wait, or refuse it. `send` is called when it may be sent, and is counted.

        It ends with `LimitReached` at `give_up_s` of the event loop's clock.
        """
        method = request.METHOD
        one = _Waiting(request.weight(), method.unfilled_orders, account, waiter, send, give_up_s, method.name)
        self._line_up(one, urgent or request.__class__ in _URGENT)

    async def admit(self, weight: int, orders: int, account: str, within_s: float, *, urgent: bool) -> None:
        """Wait until a call that goes by other ways than a client may be made; then it is counted as made.

        Raises `LimitReached` where that is not within `within_s`.
        """
        if self.policy == "off":
            return
        if not self._queue(orders, account, urgent) and self._take(weight, orders, account, urgent):
            return
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        give_up_s = loop.time() + within_s
        self._line_up(
            _Waiting(weight, orders, account, waiter, lambda: waiter.set_result(None), give_up_s, "a call"), urgent
        )
        try:
            await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():  # it was admitted in this very turn
                self._weight.charge(-weight)
                if orders:
                    self._account(account).charge(-orders)
            raise

    def _line_up(self, one: _Waiting, urgent: bool) -> None:
        if self.policy == "refuse" or sum(map(len, self._queues())) >= WAITING_MAX:
            self._refuse(one, urgent)
            return
        self._queue(one.orders, one.account, urgent).append(one)
        if self._timer is None:
            self._pump()

    def _queues(self) -> list[deque[_Waiting]]:
        return [self._urgent, *self._orders_waiting.values(), self._waiting]

    def _refuse(self, one: _Waiting, urgent: bool) -> None:
        if not one.waiter.done():
            at_ms = -(-self._when_us(one, urgent) // 1000)
            one.waiter.set_exception(
                LimitReached(f"{one.name}: the exchange's limits allow no more before {at_ms} (server time, ms)", at_ms)
            )

    def _when_us(self, one: _Waiting, urgent: bool) -> int:
        when = self._weight.when_us(one.weight, urgent=urgent)
        return max(when, self._account(one.account).when_us(one.orders)) if one.orders else when

    def _pump(self) -> None:
        """Send what may be sent: cancellations, then orders, then all else, each in its order. Look again in time."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        next_us = []
        give_up_s = []
        for queue in self._queues():
            urgent = queue is self._urgent
            while queue:
                one = queue[0]
                if one.waiter.done():
                    queue.popleft()
                elif self._take(one.weight, one.orders, one.account, urgent):
                    queue.popleft()
                    one.send()
                elif one.give_up_s <= loop.time():
                    queue.popleft()
                    self._refuse(one, urgent)
                else:
                    next_us.append(self._when_us(one, urgent))
                    give_up_s.append(one.give_up_s)
                    break
        if next_us:
            wait_s = max(0.001, (min(next_us) - self._now().earliest_us) / 1e6)
            self._timer = loop.call_at(min(loop.time() + wait_s, *give_up_s), self._pump)

    # --- what is learned --------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """A quarter of a second has passed, or less."""
        self._weight.settle()
        for allowance in self._orders.values():
            allowance.settle()
        if self._timer is not None:  # what is known of the server's clock may have changed
            self._pump()

    def is_close(self) -> bool:
        """Whether so much is used that the count of every response is to be read."""
        return self._weight.used_share() >= CLOSE_SHARE

    def learn_weight(self, raw: bytes) -> None:
        """What a response says of the request weight that is used, as JSON."""
        for limit in (_decode(raw) if raw else None) or ():
            if limit.rate_limit_type == RateLimitType.REQUEST_WEIGHT and limit.count is not UNSET:
                interval_us = _interval_us(limit)
                self._weight.learn_limit(interval_us, limit.limit)
                self._weight.learn_count(interval_us, limit.count)

    def learn_orders(self, raw: bytes, account: str, in_flight: int) -> None:
        """What the response to an order of `account` says; as many of the account's may not be counted yet."""
        self.learn_order_counts((_decode(raw) if raw else None) or (), account, in_flight)

    def learn_order_counts(self, limits: tuple[RateLimit, ...], account: str, in_flight: int) -> None:
        """The unfilled order counts of `account`; as many of its orders may not be counted yet."""
        for limit in limits:
            if limit.rate_limit_type == RateLimitType.ORDERS and limit.count is not UNSET:
                allowance = self._account(account)
                allowance.learn_limit(_interval_us(limit), limit.limit)
                allowance.learn_count(_interval_us(limit), limit.count, in_flight)

    def is_full_of_orders(self, account: str) -> bool:
        """Whether, as far as is known, the account may place no further order."""
        orders = self._orders.get(account)
        return self.policy != "off" and orders is not None and orders.used_share() >= 1 and not orders.left

    def learn_limits(self, limits: tuple[RateLimit, ...]) -> None:
        """The limits of `exchangeInfo`."""
        for limit in limits:
            if limit.rate_limit_type == RateLimitType.REQUEST_WEIGHT:
                self._weight.learn_limit(_interval_us(limit), limit.limit)
            elif limit.rate_limit_type == RateLimitType.ORDERS:
                self._order_limits[_interval_us(limit)] = limit.limit
                for allowance in self._orders.values():
                    allowance.learn_limit(_interval_us(limit), limit.limit)

    def refused(self, error: RateLimited, account: str) -> None:
        """The exchange refused a request for its limits: leave it alone until when it says."""
        if error.retry_after_ms is None:
            return
        until_us = microseconds(error.retry_after_ms)
        (self._account(account) if error.code == Code.TOO_MANY_ORDERS else self._weight).block(until_us)

    def learn_answer(self, told: Told, status: int, code: int | None, account: str) -> None:
        """What the answer to a call of `account` says that went by other ways than a client.

        How many of these are not counted yet is not known, so only higher counts are believed.
        """
        now = self._now()
        counts = [(self._weight, interval_us, count) for interval_us, count in told.weights.items()]
        counts += [(self._account(account), interval_us, count) for interval_us, count in told.orders.items()]
        for allowance, interval_us, count in counts:
            if told.at_us is None or told.at_us >= now.earliest_us - now.earliest_us % interval_us:
                allowance.learn_count(interval_us, count)
        if status in (429, 418) and told.retry_after_s is not None:
            until_us = now.latest_us + told.retry_after_s * 1_000_000
            (self._account(account) if code == Code.TOO_MANY_ORDERS else self._weight).block(until_us)

    # --- connections ------------------------------------------------------------------------------------------------

    def charge(self, weight: int) -> None:
        """So much is used without asking: it keeps a connection up."""
        if self.policy != "off":
            self._weight.charge(weight)

    def attempt_in_s(self) -> float:
        """How long until another connection may be tried."""
        with self._cells:
            return max(0.0, (self._attempts.earliest_us() - self._local_us()) / 1e6)

    def attempt(self, after_s: float) -> None:
        """A connection is tried in `after_s`."""
        with self._cells:
            self._attempts.count(self._local_us() + round(after_s * 1e6))

    def _local_us(self) -> int:
        return 0 if self._clock is None else self._clock.local_ns() // 1000

    def _account(self, name: str) -> Allowance:
        allowance = self._orders.get(name)
        if allowance is None:
            place = self._place(name)
            budget = Budget(self._cells.values, place + 1)
            allowance = self._orders[name] = Allowance(self._cells, budget, self._now, 0.0, LEASE)
            for interval_us, limit in self._order_limits.items():
                allowance.learn_limit(interval_us, limit)
        return allowance

    def _place(self, name: str) -> int:
        """Where the account's cells begin. Beyond 32 accounts the last place serves several: too careful, at worst."""
        digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big") or 1
        values = self._cells.values
        place = _ACCOUNTS_AT
        with self._cells:
            for number in range(ACCOUNTS_MAX):
                place = _ACCOUNTS_AT + number * _ACCOUNT_CELLS
                if values[place] in (0, digest):
                    values[place] = digest
                    break
        return place


def _interval_us(limit: RateLimit) -> int:
    return _INTERVAL_US.get(limit.interval, 60_000_000) * limit.interval_num


_shared: "WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[str, Limits]]" = WeakKeyDictionary()


def limits_of(place: str) -> Limits:
    """The `Limits` that all clients of `place` (host and port) share in this event loop."""
    by_place = _shared.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    limits = by_place.get(place)
    if limits is None:
        limits = by_place[place] = Limits()
    return limits
