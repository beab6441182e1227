"""A budget, used without a look at the clock for each request: some of it is taken in advance, the rest given back."""

from collections.abc import Callable
from typing import Final

from pitwire.client.limits.budget import LEASE_US, Budget, Now
from pitwire.client.limits.cells import Cells

LEASE_SHARE: Final = 8
"""At most an eighth of what is free is taken in advance: others may share it."""


class Allowance:
    """What this process may still use of a budget that it has taken in advance: `left`.

    `reserve_share` of each limit is left to what is urgent. `lease` is how much is taken in advance at a time.
    """

    __slots__ = ("_budget", "_cells", "_lease", "_now", "_reserve_share", "_taken", "_taken_us", "left")

    def __init__(self, cells: Cells, budget: Budget, now: Callable[[], Now], reserve_share: float, lease: int) -> None:
        self._cells = cells
        self._budget = budget
        self._now = now
        self._reserve_share = reserve_share
        self._lease = lease
        self._taken = self._taken_us = 0
        self.left = 0
        """What may be used without asking."""

    def take(self, amount: int, *, urgent: bool = False) -> bool:
        """Use `amount`, if it is there; `urgent` may use the reserve."""
        if amount <= self.left:
            self.left -= amount
            return True
        with self._cells:
            now = self._now()
            self._give_back(now)
            free = self._budget.free(0.0 if urgent else self._reserve_share, now)
            if amount > free:
                return False
            self._budget.take(amount, now)
            if not urgent and self._budget.steady_us(now) > LEASE_US:
                self.left = self._taken = min(self._lease, (free - amount) // LEASE_SHARE)
                self._taken_us = now.earliest_us
                self._budget.take_ahead(self.left, now)
        return True

    def charge(self, amount: int) -> None:
        """Use `amount`, whether it is there or not: it is used already."""
        with self._cells:
            self._budget.take(amount, self._now())

    def settle(self) -> None:
        """Give back what was taken in advance and not used. To be called four times a second."""
        if self._taken_us:
            with self._cells:
                self._give_back(self._now())

    def when_us(self, amount: int, *, urgent: bool = False) -> int:
        """From which server time on `amount` may be there."""
        with self._cells:
            now = self._now()
            self._give_back(now)
            return self._budget.when(amount, 0.0 if urgent else self._reserve_share, now)

    def used_share(self) -> float:
        """The part of the limit that is used."""
        with self._cells:
            return self._budget.used_share(self._now())

    def usage(self) -> list[tuple[int, int, int]]:
        """See `Budget.usage`. What is kept in advance is not used."""
        with self._cells:
            now = self._now()
            self._give_back(now)
            return self._budget.usage(now)

    def learn_limit(self, interval_us: int, limit: int) -> None:
        """See `Budget.learn_limit`."""
        with self._cells:
            self._budget.learn_limit(interval_us, limit)

    def learn_count(self, interval_us: int, count: int, in_flight: int | None = None) -> None:
        """See `Budget.learn_count`. What is kept in advance is not the exchange's to count."""
        with self._cells:
            now = self._now()
            self._give_back(now)
            self._budget.learn_count(interval_us, count, now, in_flight)

    def block(self, until_us: int) -> None:
        """See `Budget.block`."""
        with self._cells:
            self._give_back(self._now())
            self._budget.block(until_us)

    def _give_back(self, now: Now) -> None:
        if self._taken_us:
            self._budget.give_back(self.left, self._taken, self._taken_us, now)
            self.left = self._taken_us = 0
