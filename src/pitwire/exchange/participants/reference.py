"""What the assets of the synthetic markets are worth: random walks that all symbols share.

ETHBTC follows the same ETH and the same BTC as ETHUSDT and BTCUSDT, so the symbols' prices stay consistent.
"""

import math
from random import Random
from typing import Final

STEP_NS: Final = 100_000_000
"""A value holds for a tenth of a second."""
CATCH_UP_STEPS_MAX: Final = 36_000
"""Most steps taken for one question: after a silence of more than an hour the walk goes on from where it was."""


class AssetValue:
    """One asset's value against the dollar as time goes on. The same seed gives the same values.

    `volatility` is the standard deviation of the logarithm's change over a second; with 0 the value stays.
    """

    def __init__(self, seed: int, start: float, volatility: float) -> None:
        self._random = Random(seed)
        self._deviation = volatility * math.sqrt(STEP_NS / 1e9)
        self._logarithm = math.log(start)
        self._step = 0

    def at(self, time_ns: int) -> float:
        """The value `time_ns` after the start. Times must not go back."""
        step = time_ns // STEP_NS
        if self._deviation:
            for _ in range(min(step - self._step, CATCH_UP_STEPS_MAX)):
                self._logarithm += self._random.gauss(0.0, self._deviation)
        self._step = max(self._step, step)
        return math.exp(self._logarithm)


class ReferencePrice:
    """What one asset is worth in another."""

    def __init__(self, base: AssetValue, quote: AssetValue) -> None:
        self._base = base
        self._quote = quote

    def at(self, time_ns: int) -> float:
        """Quote asset for one whole unit of the base asset. Times must not go back."""
        return self._base.at(time_ns) / self._quote.at(time_ns)
