"""History through a client: klines, trades and aggregate trades between two times, however many there are.

    history = pitwire.History(client)
    bars = await history.klines("BTCUSDT", "1m", start="2026-01-01", end="2026-02-01", progress=True)
    frame = bars.to_polars()

Every method takes `start` and `end` as a `Moment`; `end` is not included, and without it is now. `progress=True` shows
a bar in the terminal; a callable is told how much of the time is fetched, from 0 to 1. The client's own governor keeps
the requests within the limits. Cancelling leaves nothing behind. Errors are those of the requests (`NotSent`,
`Rejected`); what was fetched before is in the hands of whoever used an iterator (`kline_pages` and so on).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeVar

from pitwire.client.client import Client
from pitwire.client.history.paging import PAGE_ROWS_MAX, Moment, milliseconds, pages
from pitwire.client.history.rows import MICROSECONDS_FROM, Rows
from pitwire.market.enums import KlineInterval
from pitwire.protocol.results import AggregateTrade, Kline, Trade

R = TypeVar("R")

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

        async def fetch(from_ms: int) -> tuple[Kline, ...]:
            return await self._client.klines(
                symbol=symbol, interval=name, start_time=from_ms, time_zone=time_zone, limit=PAGE_ROWS_MAX
            )

        return pages(fetch, milliseconds(start, "start"), _open_ms, lambda row: row.open_time, _end_ms(end))

    async def trade_pages(self, symbol: str, *, start: Moment, end: Moment | None = None) -> AsyncIterator[list[Trade]]:
        """The same trades page by page."""
        first = await self._first_aggregate(symbol, milliseconds(start, "start"))
        if first is None:
            return

        async def fetch(from_id: int) -> tuple[Trade, ...]:
            return await self._client.trades_historical(symbol=symbol, from_id=from_id, limit=PAGE_ROWS_MAX)

        async for page in pages(fetch, first.first_trade_id, lambda row: row.id, lambda row: row.time, _end_ms(end)):
            yield page

    async def aggregate_trade_pages(
        self, symbol: str, *, start: Moment, end: Moment | None = None
    ) -> AsyncIterator[list[AggregateTrade]]:
        """The same aggregate trades page by page."""
        first = await self._first_aggregate(symbol, milliseconds(start, "start"))
        if first is None:
            return

        async def fetch(from_id: int) -> tuple[AggregateTrade, ...]:
            return await self._client.trades_aggregate(symbol=symbol, from_id=from_id, limit=PAGE_ROWS_MAX)

        async for page in pages(fetch, first.id, lambda row: row.id, lambda row: row.time, _end_ms(end)):
            yield page

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
