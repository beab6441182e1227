"""History through a client: klines, trades and aggregate trades between two times, however many there are.

    history = pitwire.History(client)
    bars = await history.klines("BTCUSDT", "1m", start="2026-01-01", end="2026-02-01", progress=True)
    frame = bars.to_polars()

Every method takes `start` and `end` as a `Moment`; `end` is not included, and without it is now. `progress=True` shows
a bar in the terminal; a callable is told how much of the time is fetched, from 0 to 1. The client's own governor keeps
the requests within the limits. Cancelling leaves nothing behind. Errors are those of the requests (`NotSent`,
`Rejected`); what was fetched before is in the hands of whoever used an iterator (`kline_pages` and so on).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeVar

from pitwire.client.client import Client
from pitwire.client.endpoints import time_unit
from pitwire.client.history.following import Fetch, Follower
from pitwire.client.history.joining import ById, ByOpening, Sequel, aggregate_of, trade_of
from pitwire.client.history.paging import PAGE_ROWS_MAX, Moment, milliseconds, pages
from pitwire.client.history.patience import patiently
from pitwire.client.history.rows import MICROSECONDS_FROM, Rows
from pitwire.client.streams.market_stream import MarketStream
from pitwire.client.streams.streams import Streams
from pitwire.market.enums import KlineInterval, TimeUnit
from pitwire.protocol.results import AggregateTrade, Kline, Trade

R = TypeVar("R")
T = TypeVar("T")

Progress = bool | Callable[[float], object]
_NO_END: Final = 10**13


class History:
    """What happened on the market before now, asked of `client`, which need not be logged on."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def klines(
        self,
        symbol: str,
        interval: KlineInterval | str,
        *,
        start: Moment,
        end: Moment | None = None,
        time_zone: str | None = None,
        progress: Progress = False,
    ) -> Rows[Kline]:
        """The candles that open between `start` and `end`; the newest may still be open."""
        found = self.kline_pages(symbol, interval, start=start, end=end, time_zone=time_zone)
        return await _gathered(found, lambda row: row.open_time, start, end, progress, f"{symbol} {interval}")

    async def trades(
        self, symbol: str, *, start: Moment, end: Moment | None = None, progress: Progress = False
    ) -> Rows[Trade]:
        """The trades between `start` and `end`, by ascending id."""
        found = self.trade_pages(symbol, start=start, end=end)
        return await _gathered(found, lambda row: row.time, start, end, progress, f"{symbol} trades")

    async def aggregate_trades(
        self, symbol: str, *, start: Moment, end: Moment | None = None, progress: Progress = False
    ) -> Rows[AggregateTrade]:
        """The aggregate trades between `start` and `end`, by ascending id."""
        found = self.aggregate_trade_pages(symbol, start=start, end=end)
        return await _gathered(found, lambda row: row.time, start, end, progress, f"{symbol} aggregate trades")

    def kline_pages(
        self,
        symbol: str,
        interval: KlineInterval | str,
        *,
        start: Moment,
        end: Moment | None = None,
        time_zone: str | None = None,
    ) -> AsyncIterator[list[Kline]]:
        """The same candles page by page, for what does not fit into memory."""
        name = KlineInterval(interval)

        fetch = self._patient(self._klines(symbol, name, time_zone))
        return pages(fetch, milliseconds(start, "start"), _open_ms, lambda row: row.open_time, _end_ms(end))

    async def trade_pages(self, symbol: str, *, start: Moment, end: Moment | None = None) -> AsyncIterator[list[Trade]]:
        """The same trades page by page."""
        first = await self._beginning(symbol, milliseconds(start, "start"))
        if first is None:
            return
        fetch = self._patient(self._trades(symbol))
        async for page in pages(fetch, first.first_trade_id, lambda row: row.id, lambda row: row.time, _end_ms(end)):
            yield page

    async def aggregate_trade_pages(
        self, symbol: str, *, start: Moment, end: Moment | None = None
    ) -> AsyncIterator[list[AggregateTrade]]:
        """The same aggregate trades page by page."""
        first = await self._beginning(symbol, milliseconds(start, "start"))
        if first is None:
            return
        fetch = self._patient(self._aggregate_trades(symbol))
        async for page in pages(fetch, first.id, lambda row: row.id, lambda row: row.time, _end_ms(end)):
            yield page

    # --- and then the live stream -------------------------------------------------------------------------------------

    def follow_klines(
        self, symbol: str, interval: KlineInterval | str, streams: Streams, *, start: Moment, utc_8: bool = False
    ) -> Follower[Kline]:
        """The candles that open from `start` on, for ever: history's, then those of the stream. See `Follower`.

        Each candle comes once with `is_closed`, in order, also one in which nothing was traded, and one that ended
        while no connection was there. Before that come the states of the open one, as history has it and as the stream
        tells them, those left out that say nothing new. With `utc_8` days, weeks and months are those of UTC+8.
        """
        name = KlineInterval(interval)
        stream = MarketStream.kline(symbol, name, utc_8=utc_8)
        start_ms = milliseconds(start, "start")
        unit = _unit_ms(self._client, streams)
        fetch = self._klines(symbol.upper(), name, "8" if utc_8 else None)

        async def page(from_time: int | None) -> tuple[Kline, ...]:
            return await fetch(start_ms if from_time is None else -(-from_time // unit))

        return self._follower(ByOpening(start_ms * unit), page, streams, stream)

    def follow_trades(self, symbol: str, streams: Streams, *, start: Moment) -> Follower[Trade]:
        """The trades from `start` on, for ever, each once and by ascending id. See `Follower`."""
        start_ms = milliseconds(start, "start")
        fetch = self._trades(symbol.upper())

        async def page(from_id: int | None) -> tuple[Trade, ...]:
            if from_id is None:
                first = await self._first_aggregate(symbol.upper(), start_ms)
                return () if first is None else await fetch(first.first_trade_id)
            return await fetch(from_id)

        sequel = ById(start_ms * _unit_ms(self._client, streams), trade_of, "id")
        return self._follower(sequel, page, streams, MarketStream.trade(symbol))

    def follow_aggregate_trades(self, symbol: str, streams: Streams, *, start: Moment) -> Follower[AggregateTrade]:
        """The aggregate trades from `start` on, for ever, each once and by ascending id. See `Follower`."""
        start_ms = milliseconds(start, "start")
        fetch = self._aggregate_trades(symbol.upper())

        async def page(from_id: int | None) -> tuple[AggregateTrade, ...]:
            if from_id is None:
                first = await self._first_aggregate(symbol.upper(), start_ms)
                return () if first is None else await fetch(first.id)
            return await fetch(from_id)

        sequel = ById(start_ms * _unit_ms(self._client, streams), aggregate_of, "id")
        return self._follower(sequel, page, streams, MarketStream.agg_trade(symbol))

    def _follower(self, sequel: Sequel[R], page: Fetch[R], streams: Streams, stream: MarketStream[Any]) -> Follower[R]:
        return Follower(sequel, page, streams.subscribe(stream), self._client, streams.backoff, streams.say)

    # --- requests -----------------------------------------------------------------------------------------------------

    def _klines(
        self, symbol: str, interval: KlineInterval, time_zone: str | None
    ) -> Callable[[int], Awaitable[tuple[Kline, ...]]]:
        return lambda from_ms: self._client.klines(
            symbol=symbol, interval=interval, start_time=from_ms, time_zone=time_zone, limit=PAGE_ROWS_MAX
        )

    def _trades(self, symbol: str) -> Callable[[int], Awaitable[tuple[Trade, ...]]]:
        return lambda from_id: self._client.trades_historical(symbol=symbol, from_id=from_id, limit=PAGE_ROWS_MAX)

    def _aggregate_trades(self, symbol: str) -> Callable[[int], Awaitable[tuple[AggregateTrade, ...]]]:
        return lambda from_id: self._client.trades_aggregate(symbol=symbol, from_id=from_id, limit=PAGE_ROWS_MAX)

    def _patient(self, ask: Callable[[int], Awaitable[T]]) -> Callable[[int], Awaitable[T]]:
        return lambda place: patiently(lambda: ask(place), self._client.clock)

    async def _beginning(self, symbol: str, start_ms: int) -> AggregateTrade | None:
        return await self._patient(lambda from_ms: self._first_aggregate(symbol, from_ms))(start_ms)

    async def _first_aggregate(self, symbol: str, start_ms: int) -> AggregateTrade | None:
        """Where trades begin: only aggregate trades can be asked for by time (web-socket-api.md, Aggregate trades)."""
        found = await self._client.trades_aggregate(symbol=symbol, start_time=start_ms, limit=1)
        return found[0] if found else None


async def _gathered(
    found: AsyncIterator[list[R]],
    time: Callable[[R], int],
    start: Moment,
    end: Moment | None,
    progress: Progress,
    title: str,
) -> Rows[R]:
    first, last = milliseconds(start, "start"), _end_ms(end)
    rows: Rows[R] = Rows()
    with _shown(progress, title) as show:
        async for page in found:
            rows.extend(page)
            newest = time(page[-1])
            newest = newest if newest < MICROSECONDS_FROM else newest // 1000
            show(min(1.0, (newest - first) / max(1, last - first)) if last < _NO_END else 0.0)
        show(1.0)
    return rows


def _shown(progress: Progress, title: str) -> AbstractContextManager[Callable[[float], object]]:
    if progress is True:
        return _bar(title)
    return nullcontext(progress if callable(progress) else _nobody)


@contextmanager
def _bar(title: str) -> Any:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns) as bars:
        task = bars.add_task(title, total=1.0)
        yield lambda fraction: bars.update(task, completed=fraction)


def _nobody(_: float) -> None:
    """Nobody is told."""


def _open_ms(row: Kline) -> int:
    return row.open_time if row.open_time < MICROSECONDS_FROM else row.open_time // 1000


def _end_ms(end: Moment | None) -> int:
    return _NO_END if end is None else milliseconds(end, "end")


def _unit_ms(client: Client, streams: Streams) -> int:
    """How many units of a row's times make a millisecond. Raises `ValueError` where the two have different ones."""
    unit = time_unit(client.url)
    if unit is not time_unit(streams.url):
        raise ValueError(
            f"the client tells times in {unit}S, the streams do not: pass connect() and streams() the same time_unit"
        )
    return 1 if unit is TimeUnit.MILLISECOND else 1000
