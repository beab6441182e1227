"""What time it is at the server: an offset to the own clock, and how far off it may be."""

from collections.abc import Callable
from typing import Final

MICROSECONDS_FROM: Final = 10**15
"""A time from this number on is in microseconds, below it in milliseconds (web-socket-api.md, Timing security)."""
DRIFT_PER_MILLION: Final = 100
"""How far two clocks may run apart: quartz is good for 50 parts in a million, and there are two of it."""
ERROR_NS_UNMEASURED: Final = 1_000_000_000
"""How far off the own clock is taken to be as long as nothing was measured: as much as a `timestamp` may be ahead."""


class ServerClock:
    """The server's time, by a local clock that does not step (`local_ns`, nanoseconds since the epoch).

    Each exchange of messages confines the offset: the server's stamp was made after the request was sent and before the
    answer came. The narrowest such interval is kept and grows with time, as clocks drift; a newer one narrows it again.
    Intervals that exclude each other mean that one of the clocks was set: then the newer is believed.
    """

    __slots__ = ("_at_ns", "_high_ns", "_local_ns", "_low_ns", "_measured", "offset_ns")

    def __init__(self, local_ns: Callable[[], int]) -> None:
        self._local_ns = local_ns
        self._low_ns = -ERROR_NS_UNMEASURED
        self._high_ns = ERROR_NS_UNMEASURED
        self._at_ns = 0
        self._measured = False
        self.offset_ns = 0
        """What the server's clock is ahead of the own one, as far as is known."""

    def now_ns(self) -> int:
        """The server's time, in nanoseconds since the epoch: the middle of what it may be."""
        return self._local_ns() + self.offset_ns

    def local_ns(self) -> int:
        """The own time, to measure with."""
        return self._local_ns()

    @property
    def is_measured(self) -> bool:
        """Whether a server has said what time it is."""
        return self._measured

    @property
    def error_ns(self) -> int:
        """How far `now_ns` may be off, either way."""
        low, high = self._bounds(self._local_ns())
        return max(high - self.offset_ns, self.offset_ns - low)

    def earliest_ns(self) -> int:
        """The server's time is this or later."""
        now = self._local_ns()
        return now + self._bounds(now)[0]

    def latest_ns(self) -> int:
        """The server's time is this or earlier."""
        now = self._local_ns()
        return now + self._bounds(now)[1]

    def exchanged(self, sent_ns: int, received_ns: int, stamp: int) -> None:
        """A server stamped an answer with `stamp` (ms or us) to what was sent and received at these own times."""
        unit = 1_000 if stamp >= MICROSECONDS_FROM else 1_000_000
        self._confine(received_ns, stamp * unit - received_ns, (stamp + 1) * unit - sent_ns)

    def stamped(self, received_ns: int, stamp: int) -> None:
        """A server's event of the time `stamp` (ms or us) came at this own time: it is at least that late there."""
        if not self._measured:
            return
        unit = 1_000 if stamp >= MICROSECONDS_FROM else 1_000_000
        low, high = self._bounds(received_ns)
        if low < stamp * unit - received_ns <= high:
            self._keep(received_ns, stamp * unit - received_ns, high)

    def forget(self) -> None:
        """Believe nothing of the past: the server has refused a timestamp. The offset stays until there is a better."""
        self._low_ns = self.offset_ns - ERROR_NS_UNMEASURED
        self._high_ns = self.offset_ns + ERROR_NS_UNMEASURED
        self._measured = False

    def _confine(self, at_ns: int, low: int, high: int) -> None:
        if self._measured:
            before = self._bounds(at_ns)
            narrowed = max(low, before[0]), min(high, before[1])
            if narrowed[0] <= narrowed[1]:
                low, high = narrowed
        self._measured = True
        self._keep(at_ns, low, high)

    def _keep(self, at_ns: int, low: int, high: int) -> None:
        self._at_ns, self._low_ns, self._high_ns = at_ns, low, high
        self.offset_ns = (low + high) // 2

    def _bounds(self, now_ns: int) -> tuple[int, int]:
        drift_ns = max(0, now_ns - self._at_ns) * DRIFT_PER_MILLION // 1_000_000 if self._measured else 0
        return self._low_ns - drift_ns, self._high_ns + drift_ns
