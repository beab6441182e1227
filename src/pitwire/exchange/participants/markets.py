"""The markets as an exchange runs them: recordings or random markets, one after the other or side by side."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from pitwire.exchange.participants.pacing import Submit, Timer, play
from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.exchange.participants.synthetic import synthetic_markets
from pitwire.market.filters import LotSize
from pitwire.market.numbers import Quantity
from pitwire.market.symbols import SymbolRules
from pitwire.recording.events import RecordedEvent
from pitwire.recording.market_order import in_market_order
from pitwire.recording.reader import Recording

Rules = Callable[[str], SymbolRules | None]
"""A symbol's rules, or `None` for one that is not listed (`Engine.rules`)."""


ANY_LOT = LotSize(min_quantity=Quantity(0), max_quantity=Quantity(0), step_size=Quantity(0))
"""For a symbol without LOT_SIZE."""


class NotTraded(ValueError):
    """A market was asked for that the exchange cannot have: the symbol is not listed, or asked for twice."""


async def run_recorded(
    paths: Sequence[Path], exchange: Submit, rules: Rules, *, timer: Timer, speed: float = 1.0, repeat: bool = True
) -> None:
    """Play recordings of different symbols side by side.

    `speed` 2 is twice as fast as recorded; 0 and infinity are as fast as possible. With `repeat` a recording starts
    again from its snapshot when it ends; without, this returns after the last has ended, and the books stay as they
    are then. Raises `NotTraded`, `RecordingError` and `OSError` before anything is played, and an `ExceptionGroup` of
    what `play` raises. Cancelling it leaves the orders in the book.
    """
    recordings = [Recording(path) for path in paths]
    if len({recording.symbol for recording in recordings}) < len(recordings):
        raise NotTraded("two recordings of one symbol cannot be played at once")
    markets = [_market(recording.symbol, rules) for recording in recordings]
    async with asyncio.TaskGroup() as group:
        for market, recording in zip(markets, recordings, strict=True):
            group.create_task(play(market, _performances(recording, repeat), exchange, speed=speed, timer=timer))


async def run_synthetic(
    symbols: Iterable[str], exchange: Submit, rules: Rules, *, random: Random, timer: Timer, speed: float = 1.0
) -> None:
    """Play a random market for each of `symbols`, until cancelled.

    The same `random` gives the same markets. Raises `NotTraded` for a symbol that is not listed and `UnknownSymbol`
    for one that there is no calibration for, both before anything is played; else as `run_recorded` does.
    """
    names = list(symbols)
    markets = [_market(symbol, rules) for symbol in names]
    events = synthetic_markets(names, random)
    async with asyncio.TaskGroup() as group:
        for market, symbol in zip(markets, names, strict=True):
            group.create_task(play(market, (events[symbol],), exchange, speed=speed, timer=timer))


def _market(symbol: str, rules: Rules) -> RecordedMarket:
    found = rules(symbol)
    if found is None:
        raise NotTraded(f"{symbol} is not listed on this exchange")
    return RecordedMarket(symbol, next((each for each in found.filters if isinstance(each, LotSize)), ANY_LOT))


def _performances(recording: Recording, repeat: bool) -> Iterator[Iterator[RecordedEvent]]:
    while True:
        yield in_market_order(recording.events())
        if not repeat:
            return
