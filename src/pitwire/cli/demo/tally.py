"""What the demo counts: requests and how long they took, orders, fills."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from pitwire.market.enums import Side

SAMPLES_MAX = 10_000


class Latencies:
    """Round trips of one method: how many there were, and percentiles of the latest 10,000."""

    def __init__(self) -> None:
        self.count = 0
        self._latest_us: deque[int] = deque(maxlen=SAMPLES_MAX)

    def add(self, took_us: int) -> None:
        """Count one round trip."""
        self.count += 1
        self._latest_us.append(took_us)

    def percentile_us(self, percent: int) -> int:
        """The nearest-rank percentile, in microseconds; 0 without samples."""
        ordered = sorted(self._latest_us)
        return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else 0


@dataclass
class Tally:
    """Every request that was sent ends as answered (see `latencies`), refused or unknown, and is counted once."""

    refused: int = 0
    unknown: int = 0
    placed: int = 0
    canceled: int = 0
    fills: int = 0
    volume: Decimal = Decimal(0)
    """In the quote asset."""
    bought: Decimal = Decimal(0)
    sold: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    received: Decimal = Decimal(0)
    latencies: dict[str, Latencies] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many requests succeeded."""
        return sum(method.count for method in self.latencies.values())

    @property
    def position(self) -> Decimal:
        """What was bought less what was sold, in the base asset, after commission."""
        return self.bought - self.sold

    def profit(self, mid: Decimal) -> Decimal:
        """What the trading gained so far, in the quote asset, after commission, the position valued at `mid`."""
        return self.received - self.paid + self.position * mid

    def filled(self, side: Side, quantity: Decimal, quote: Decimal, commission: Decimal) -> None:
        """Count a fill; `commission` is in the asset that was received (faqs/commission_faq.md, without BNB)."""
        self.fills += 1
        self.volume += quote
        if side is Side.BUY:
            self.bought += quantity - commission
            self.paid += quote
        else:
            self.sold += quantity
            self.received += quote - commission

    def took(self, method: str, took_us: int) -> None:
        """Count an answered request."""
        self.latencies.setdefault(method, Latencies()).add(took_us)
