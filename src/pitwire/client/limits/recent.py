"""How much was taken in the last seconds. Pure: the time is handed in."""

from collections.abc import MutableSequence
from typing import Final

STRETCH_US: Final = 250_000
_STRETCHES: Final = 12
RECENT_US: Final = (_STRETCHES - 1) * STRETCH_US
"""So far back, or from the newest so far, amounts are known."""
RECENT_CELLS: Final = 1 + _STRETCHES


class Recent:
    """Amounts by stretches of a quarter of a second, in `RECENT_CELLS` cells from `offset` on.

    Times are microseconds of one clock; they may be ahead of it. A clock that was set back begins anew.
    """

    def __init__(self, cells: MutableSequence[int], offset: int) -> None:
        self._cells = cells
        self._offset = offset

    def add(self, amount: int, at_us: int) -> None:
        """So much is taken at `at_us`."""
        cells, newest = self._cells, self._cells[self._offset]
        stretch = at_us // STRETCH_US
        first = newest + 1 if newest - _STRETCHES < stretch < newest + _STRETCHES else stretch - _STRETCHES + 1
        for each in range(first, stretch + 1):
            cells[self._place(each)] = 0
        if first <= stretch:
            cells[self._offset] = stretch
        cells[self._place(stretch)] += amount

    def remove(self, amount: int, at_us: int) -> None:
        """So much of what was taken at `at_us` was not."""
        stretch, newest = at_us // STRETCH_US, self._cells[self._offset]
        if newest - _STRETCHES < stretch <= newest:
            self._cells[self._place(stretch)] -= amount

    def since(self, from_us: int) -> int:
        """How much was taken from then on, and up to a stretch before."""
        newest = self._cells[self._offset]
        first = max(from_us // STRETCH_US, newest - _STRETCHES + 1)
        return max(0, sum(self._cells[self._place(each)] for each in range(first, newest + 1)))

    def _place(self, stretch: int) -> int:
        return self._offset + 1 + stretch % _STRETCHES
