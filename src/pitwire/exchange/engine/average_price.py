"""The average price that prices are judged by, and that stands in for a market order's (filters.md)."""

from collections import deque

SECOND_US = 1_000_000


class AveragePrice:
    """The volume weighted average price of the trades of the last minutes, kept in buckets of one second.

    Bounded by 60 buckets a minute. With no minutes, or no trade within them, it is the last trade's price.
    """

    __slots__ = ("base", "buckets", "last_price", "minutes", "quote")

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        self.last_price = 0
        """0 before the first trade."""
        self.buckets: deque[list[int]] = deque()
        """[second since the epoch, base traded, value traded in units of 1e-16], oldest first."""
        self.base = 0
        self.quote = 0

    def add(self, time_us: int, last_price: int, quantity: int, value: int) -> None:
        """Count trades of one moment: `value` is the sum of their `price * quantity`."""
        self.last_price = last_price
        if not self.minutes:
            return
        second = time_us // SECOND_US
        buckets = self.buckets
        if buckets and buckets[-1][0] >= second:
            newest = buckets[-1]
            newest[1] += quantity
            newest[2] += value
        else:
            buckets.append([second, quantity, value])
            oldest = second - self.minutes * 60
            while buckets[0][0] <= oldest:
                _, gone_base, gone_quote = buckets.popleft()
                self.base -= gone_base
                self.quote -= gone_quote
        self.base += quantity
        self.quote += value

    def price(self, time_us: int, minutes: int) -> int:
        """The average of the last `minutes`, at most those kept, as of `time_us`, rounded down.

        0 before the first trade.
        """
        if not minutes:
            return self.last_price
        base = self.base
        quote = self.quote
        oldest = time_us // SECOND_US - minutes * 60
        for second, gone_base, gone_quote in self.buckets:
            if second > oldest:
                break
            base -= gone_base
            quote -= gone_quote
        return quote // base if base else self.last_price

    def restore(self, last_price: int, buckets: tuple[tuple[int, int, int], ...]) -> None:
        """Take the place of the average that had these."""
        self.last_price = last_price
        self.buckets = deque([second, base, quote] for second, base, quote in buckets)
        self.base = sum(base for _, base, _ in buckets)
        self.quote = sum(quote for _, _, quote in buckets)
