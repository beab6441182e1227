"""The markets as an exchange runs them: recordings or random markets, one after the other or side by side."""

import asyncio
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import Random

from pitwire.exchange.participants.calibration import CALIBRATIONS
from pitwire.exchange.participants.pacing import Submit, Timer, play
from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.exchange.participants.synthetic import synthetic_markets
from pitwire.exchange.sequencer import Halted, Overloaded
from pitwire.market.filters import LotSize, PriceFilter
from pitwire.market.numbers import Price, Quantity, text
from pitwire.market.symbols import SymbolRules
from pitwire.recording.events import DepthSnapshot, RecordedEvent
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording

Rules = Callable[[str], SymbolRules | None]
"""A symbol's rules, or `None` for one that is not listed (`Engine.rules`)."""


ANY_LOT = LotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(0))
"""For a symbol without LOT_SIZE."""
ANY_PRICE = PriceFilter(min_price=Price(0), max_price=Price(0), tick_size=Price(0))
"""For a symbol without PRICE_FILTER."""
EVENTS_BEFORE_SNAPSHOT_MAX = 10_000
"""So far into a recording its first snapshot is looked for, to see its tick size."""


class NotTraded(ValueError):
    """A market was asked for that the exchange cannot have.

    Its symbol is not listed, or asked for twice, or listed with a coarser tick or step than the market trades in.
    """


async def run_recorded(
    paths: Sequence[Path], exchange: Submit, rules: Rules, *, timer: Timer, speed: float = 1.0, repeat: bool = True
) -> None:
    """Play recordings of different symbols side by side.

    `speed` 2 is twice as fast as recorded; 0 and infinity are as fast as possible. With `repeat` a recording starts
    again from its snapshot when it ends; without, this returns after the last has ended, and the books stay as they
    are then. Raises `NotTraded`, `RecordingError` and `OSError` before anything is played, and an `ExceptionGroup` of
    what `play` raises, after cancelling the market's orders. Cancelling it leaves them in the book.
    """
    recordings = [Recording(path) for path in paths]
    if len({recording.symbol for recording in recordings}) < len(recordings):
        raise NotTraded("two recordings of one symbol cannot be played at once")
    markets = [_market(each.symbol, rules, "recording's", tick_size=_tick_size(each)) for each in recordings]
    performances = [_performances(recording, repeat) for recording in recordings]
    await _play_all(markets, performances, exchange, speed=speed, timer=timer)


async def run_synthetic(
    symbols: Iterable[str], exchange: Submit, rules: Rules, *, random: Random, timer: Timer, speed: float = 1.0
) -> None:
    """Play a random market for each of `symbols`, until cancelled.

    The same `random` gives the same markets. Raises `NotTraded` for a symbol that is not listed and `UnknownSymbol`
    for one that there is no calibration for, both before anything is played; else as `run_recorded` does.
    """
    names = list(symbols)
    events = synthetic_markets(names, random)
    markets = [
        _market(
            symbol,
            rules,
            "synthetic market's",
            tick_size=CALIBRATIONS[symbol].tick_size,
            step_size=CALIBRATIONS[symbol].step_size,
        )
        for symbol in names
    ]
    await _play_all(markets, [(events[symbol],) for symbol in names], exchange, speed=speed, timer=timer)


async def _play_all(
    markets: Sequence[RecordedMarket],
    performances: Sequence[Iterable[Iterable[RecordedEvent]]],
    exchange: Submit,
    *,
    speed: float,
    timer: Timer,
) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for market, each in zip(markets, performances, strict=True):
                group.create_task(play(market, each, exchange, speed=speed, timer=timer))
    except Exception:
        # Nobody would move the orders any more: they would stand for ever at prices of the moment of the failure.
        with suppress(Halted, Overloaded):
            for market in markets:
                for command in market.withdrawal():
                    exchange.submit(command)
        raise


def _market(symbol: str, rules: Rules, whose: str, *, tick_size: int = 0, step_size: int = 0) -> RecordedMarket:
    """The market of `symbol`, which trades in these ticks and steps; 0 where the exchange's own will do."""
    found = rules(symbol)
    if found is None:
        raise NotTraded(f"{symbol} is not listed on this exchange")
    prices = next((each for each in found.filters if isinstance(each, PriceFilter)), ANY_PRICE)
    lot_size = next((each for each in found.filters if isinstance(each, LotSize)), ANY_LOT)
    for name, of_market, listed in (
        ("tick size", tick_size, prices.tick_size),
        ("step size", step_size, lot_size.step_size),
    ):
        if listed and of_market % listed:
            raise NotTraded(
                f"{symbol} is listed with the {name} {_shown(listed)}, and the {whose} is {_shown(of_market)}:"
                f" list it with {_shown(of_market)}, or choose another market"
            )
    return RecordedMarket(symbol, lot_size)


def _tick_size(recording: Recording) -> int:
    """The coarsest that all prices of the recording's first snapshot are multiples of; 0 if there is none."""
    for event in islice(recording.events(), EVENTS_BEFORE_SNAPSHOT_MAX):
        if isinstance(event, DepthSnapshot):
            return math.gcd(*(price for price, _ in (*event.bids, *event.asks)))
    return 0


def _shown(units: int) -> str:
    return text(units).rstrip("0").rstrip(".")


def _performances(recording: Recording, repeat: bool) -> Iterator[Iterator[RecordedEvent]]:
    while True:
        yield in_market_order(recording.events())
        if not repeat:
            return
