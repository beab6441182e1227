"""Measures recordings and prints the constants that `pitwire.exchange.participants.calibration` holds.

    python tools/calibrate_market.py RECORDING=TICK_SIZE ...
    python tools/calibrate_market.py btcusdt_20240808.gz=0.01 ethusdt_20240808.gz=0.01

Each number is printed with four significant digits: more would say more than a recording of minutes can.
"""

import sys
from pathlib import Path

import msgspec

from pitwire.market.numbers import Price
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording, units
from pitwire.recording.statistics import MarketStatistics, Sizes, measure


def main(arguments: list[str]) -> None:
    """Measure each recording named; exits with the usage when there is none."""
    if not arguments:
        raise SystemExit(__doc__)
    for argument in arguments:
        path, _, tick_size = argument.rpartition("=")
        recording = Recording(Path(path))
        print(f"{recording.symbol} = {literal(measure(in_market_order(recording.events()), Price(units(tick_size))))}")


def literal(statistics: MarketStatistics) -> str:
    """The statistics as Python source."""
    lines = [f"    {name}={number(value)}," for name, value in msgspec.structs.asdict(statistics).items()]
    return "\n".join(["MarketStatistics(", *lines, ")"])


def number(value: float | int | Sizes) -> str:
    """A number with four significant digits, or a size, as Python source."""
    if isinstance(value, Sizes):
        return f"Sizes({value.median:_}, {number(value.log_deviation)})"
    if isinstance(value, int):
        return f"{value:_}"
    return f"{value:.4g}"


if __name__ == "__main__":
    main(sys.argv[1:])
