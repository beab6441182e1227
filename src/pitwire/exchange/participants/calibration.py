"""What the synthetic markets are made from: the recordings' statistics, and those of other symbols scaled from them.

BTCUSDT and ETHUSDT are as `tools/calibrate_market.py` prints them for the recordings of 2024-08-08. The others are
not measured: each is scaled from one of the two, at a price that agrees with the others' (docs/markets.md).
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pitwire.market.numbers import SCALE, Price, Quantity
from pitwire.recording.statistics import MarketStatistics, Sizes


class Calibration(Struct, frozen=True, kw_only=True):
    """A synthetic market's symbol and statistics. Its tick and step size must be whole multiples of the exchange's."""

    base: str
    quote: str
    tick_size: Price
    step_size: Quantity
    statistics: MarketStatistics


_BTCUSDT: Final = MarketStatistics(
    price=Price(6_183_763_000_000),
    takers_per_s=9.364,
    trades_per_s=28.21,
    tickers_per_s=81.06,
    price_change_share=0.09529,
    price_change_ticks=70.22,
    volatility=0.0001291,
    spread_ticks=3.569,
    levels_per_diff=35.96,
    removed_share=0.477,
    level_distance_ticks=2_598,
    trade_sizes=Sizes(60_000, 2.576),
    top_sizes=Sizes(119_584_000, 2.742),
    level_sizes=Sizes(5_251_000, 2.669),
)

_ETHUSDT: Final = MarketStatistics(
    price=Price(268_380_000_000),
    takers_per_s=5.577,
    trades_per_s=17.65,
    tickers_per_s=69.61,
    price_change_share=0.09665,
    price_change_ticks=3.395,
    volatility=0.0001092,
    spread_ticks=1.059,
    levels_per_diff=31.1,
    removed_share=0.2816,
    level_distance_ticks=153,
    trade_sizes=Sizes(880_000, 2.638),
    top_sizes=Sizes(688_530_000, 2.439),
    level_sizes=Sizes(219_650_000, 2.246),
)

_BNB_USDT: Final = 513.40
"""BNB's price in USDT at the time of the recordings, roughly."""


def _scaled(
    measured: MarketStatistics, *, price: float, tick_size: float, activity: float, price_in: float = 1.0
) -> MarketStatistics:
    """`measured` at another price: as much money in each order, `activity` times as many of them.

    `price_in` is what one unit of the new quote asset costs in that of `measured`. `tick_size` tells how many ticks
    the same relative distance is; nothing is nearer than one.
    """
    coins = measured.price / SCALE / (price * price_in)
    ticks = price / tick_size / (measured.price / SCALE / 0.01)
    return replace(
        measured,
        price=Price(round(price / tick_size) * round(tick_size * SCALE)),
        takers_per_s=measured.takers_per_s * activity,
        trades_per_s=measured.trades_per_s * activity,
        tickers_per_s=measured.tickers_per_s * activity,
        price_change_ticks=max(1.0, measured.price_change_ticks * ticks),
        spread_ticks=max(1.05, measured.spread_ticks * ticks),
        levels_per_diff=max(1.0, measured.levels_per_diff * activity),
        level_distance_ticks=max(20, round(measured.level_distance_ticks * ticks)),
        trade_sizes=_more(measured.trade_sizes, coins),
        top_sizes=_more(measured.top_sizes, coins),
        level_sizes=_more(measured.level_sizes, coins),
    )


def _more(sizes: Sizes, times: float) -> Sizes:
    return Sizes(round(sizes.median * times), sizes.log_deviation)


def _calibration(
    base: str, quote: str, tick_size: float, step_size: float, statistics: MarketStatistics
) -> Calibration:
    return Calibration(
        base=base,
        quote=quote,
        tick_size=Price(round(tick_size * SCALE)),
        step_size=Quantity(round(step_size * SCALE)),
        statistics=statistics,
    )


_BTC: Final = _BTCUSDT.price / SCALE
_ETH: Final = _ETHUSDT.price / SCALE

CALIBRATIONS: Final = {
    "BTCUSDT": _calibration("BTC", "USDT", 0.01, 0.00001, _BTCUSDT),
    "ETHUSDT": _calibration("ETH", "USDT", 0.01, 0.0001, _ETHUSDT),
    "BNBUSDT": _calibration(
        "BNB", "USDT", 0.01, 0.001, _scaled(_ETHUSDT, price=_BNB_USDT, tick_size=0.01, activity=0.25)
    ),
    "ETHBTC": _calibration(
        "ETH",
        "BTC",
        0.00001,
        0.0001,
        _scaled(_ETHUSDT, price=_ETH / _BTC, tick_size=0.00001, activity=0.1, price_in=_BTC),
    ),
    "BNBBTC": _calibration(
        "BNB",
        "BTC",
        0.000001,
        0.001,
        _scaled(_ETHUSDT, price=_BNB_USDT / _BTC, tick_size=0.000001, activity=0.05, price_in=_BTC),
    ),
    "BTCUSDC": _calibration("BTC", "USDC", 0.01, 0.00001, _scaled(_BTCUSDT, price=_BTC, tick_size=0.01, activity=0.15)),
}
