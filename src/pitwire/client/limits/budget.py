"""What may be used of limits that are counted by calendar intervals. Pure: the time is handed in, the counts are cells.

A minute's count begins anew with the minute, a day's at 00:00 UTC (web-socket-api.md, How to interpret rate limits), by
the server's clock. That is known only within bounds, and a request takes a while to get there. So an interval is taken
to have begun when it has at the earliest that the server's time may be, and what is sent shortly before it might have
begun counts in both.
"""

from collections.abc import MutableSequence
from typing import Final

from msgspec import Struct

from pitwire.client.limits.recent import RECENT_CELLS, Recent

WINDOWS_MAX: Final = 4
_WINDOW_CELLS: Final = 5
_LAST_TAKEN: Final = 1 + WINDOWS_MAX * _WINDOW_CELLS
BUDGET_CELLS: Final = _LAST_TAKEN + 1 + RECENT_CELLS
TRANSIT_US: Final = 1_000_000
"""How long a request may be on its way."""
FRESH_US: Final = 500_000
"""How old a count may be when it is learned."""
LEASE_US: Final = 1_000_000
"""No longer than this is something kept that was taken in advance, and nothing this long before an interval ends."""
_INTERVAL, _LIMIT, _START, _USED, _EARLY = range(_WINDOW_CELLS)


class Now(Struct, frozen=True):
    """The server's time, in microseconds since the epoch: at the earliest, and at the latest, that it may be."""

    earliest_us: int
    latest_us: int


class Budget:
    """The limits of one kind, for one address or account: up to four intervals, and a time until which it is closed.

    The state is `BUDGET_CELLS` cells from `offset` on; whoever calls has them to himself. `free` and `take` are asked
    with the same `now`.
    """

    def __init__(self, cells: MutableSequence[int], offset: int) -> None:
        self._cells = cells
        self._offset = offset
        self._recent = Recent(cells, offset + _LAST_TAKEN + 1)

    def _windows(self) -> range:
        first = self._offset + 1
        return range(first, first + WINDOWS_MAX * _WINDOW_CELLS, _WINDOW_CELLS)

    # --- what is learned --------------------------------------------------------------------------------------------

    def learn_limit(self, interval_us: int, limit: int) -> None:
        """The exchange allows `limit` each `interval_us`. More than four intervals are not kept."""
        cells = self._cells
        for window in self._windows():
            if cells[window + _INTERVAL] in (0, interval_us):
                cells[window + _INTERVAL] = interval_us
                cells[window + _LIMIT] = limit
                return

    def learn_count(self, interval_us: int, count: int, now: Now, in_flight: int | None = None) -> None:
        """The exchange has counted `count` in the interval that it is.

        What it has not counted yet is counted here, so only a higher count is believed; with `in_flight`, the most that
        the caller knows it may not have counted yet, also a lower one: unfilled orders are given back as they are
        filled. Others may have sent something as well: not if nothing was taken for a while, and else no more than was
        taken since what was counted then can have been sent.
        """
        cells = self._cells
        is_quiet = now.earliest_us - cells[self._offset + _LAST_TAKEN] >= FRESH_US
        uncounted = 0 if is_quiet else self._recent.since(now.earliest_us - FRESH_US - TRANSIT_US)
        for window in self._windows():
            if cells[window + _INTERVAL] == interval_us:
                self._roll(window, now)
                if now.earliest_us - cells[window + _START] < FRESH_US:
                    continue  # it may be the count of the interval before
                used = cells[window + _USED]
                if in_flight is not None:
                    used = min(used, count + in_flight + uncounted)
                cells[window + _USED] = max(used, count)

    def block(self, until_us: int) -> None:
        """The exchange wants to be left alone until then."""
        self._cells[self._offset] = max(self._cells[self._offset], until_us)

    # --- what may be used -------------------------------------------------------------------------------------------

    def free(self, reserve_share: float, now: Now) -> int:
        """How much may be used now, if `reserve_share` of each limit is left; the most there is without a limit."""
        cells = self._cells
        if now.earliest_us < cells[self._offset]:
            return 0
        free = 1 << 62
        for window in self._windows():
            if cells[window + _INTERVAL]:
                self._roll(window, now)
                limit = cells[window + _LIMIT]
                free = min(free, limit - int(limit * reserve_share) - cells[window + _USED])
        return max(free, 0)

    def take(self, amount: int, now: Now) -> None:
        """Use it, whether it is free or not."""
        self._count(amount, now, now.earliest_us)

    def take_ahead(self, amount: int, now: Now) -> None:
        """Keep it, to be used or given back within `LEASE_US`."""
        self._count(amount, now, now.earliest_us + LEASE_US)

    def _count(self, amount: int, now: Now, last_us: int) -> None:
        cells = self._cells
        cells[self._offset + _LAST_TAKEN] = max(cells[self._offset + _LAST_TAKEN], last_us)
        self._recent.add(amount, last_us)
        for window in self._windows():
            if cells[window + _INTERVAL]:
                self._roll(window, now)
                cells[window + _USED] += amount
                if now.latest_us + TRANSIT_US >= cells[window + _START] + cells[window + _INTERVAL]:
                    cells[window + _EARLY] += amount

    def give_back(self, amount: int, taken: int, taken_us: int, now: Now) -> None:
        """Of `taken`, which was taken ahead when `earliest_us` was `taken_us`, `amount` was not used after all."""
        cells = self._cells
        self._recent.remove(taken, taken_us + LEASE_US)
        self._recent.add(taken - amount, now.earliest_us)
        if cells[self._offset + _LAST_TAKEN] == taken_us + LEASE_US:  # nobody has taken anything since
            cells[self._offset + _LAST_TAKEN] = now.earliest_us
        for window in self._windows():
            if cells[window + _INTERVAL]:
                self._roll(window, now)
                if taken_us >= cells[window + _START]:
                    cells[window + _USED] = max(0, cells[window + _USED] - amount)

    def steady_us(self, now: Now) -> int:
        """How long it is certain that no interval ends."""
        cells = self._cells
        steady = 1 << 62
        for window in self._windows():
            if cells[window + _INTERVAL]:
                self._roll(window, now)
                end = cells[window + _START] + cells[window + _INTERVAL]
                steady = min(steady, end - now.latest_us - TRANSIT_US)
        return steady

    def when(self, amount: int, reserve_share: float, now: Now) -> int:
        """From which server time on `amount` may be free; a time in the past if it is."""
        cells = self._cells
        when = cells[self._offset]
        for window in self._windows():
            if cells[window + _INTERVAL]:
                self._roll(window, now)
                limit = cells[window + _LIMIT]
                if cells[window + _USED] + amount > limit - int(limit * reserve_share):
                    when = max(when, cells[window + _START] + cells[window + _INTERVAL])
        return when

    def used_share(self, now: Now) -> float:
        """The part of the limit that is used, of the interval of which most is."""
        cells = self._cells
        share = 0.0
        for window in self._windows():
            if cells[window + _INTERVAL] and cells[window + _LIMIT]:
                self._roll(window, now)
                share = max(share, cells[window + _USED] / cells[window + _LIMIT])
        return share

    def usage(self, now: Now) -> list[tuple[int, int, int]]:
        """Of each interval, in microseconds, the limit and what is used."""
        cells, found = self._cells, []
        for window in self._windows():
            if cells[window + _INTERVAL]:
                self._roll(window, now)
                found.append((cells[window + _INTERVAL], cells[window + _LIMIT], cells[window + _USED]))
        return found

    def _roll(self, window: int, now: Now) -> None:
        cells = self._cells
        interval = cells[window + _INTERVAL]
        start = now.earliest_us - now.earliest_us % interval
        before = cells[window + _START]
        if before <= start + interval and start <= before:
            return  # the same interval; or an estimate that went back a little across its beginning
        cells[window + _USED] = cells[window + _EARLY] if start == before + interval else 0
        cells[window + _EARLY] = 0
        cells[window + _START] = start
