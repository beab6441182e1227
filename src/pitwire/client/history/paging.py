"""How history is paged: one request after the other, each from where the last one ended, until the end is reached.

Pure but for the one callable that fetches: what it is given says what to ask for.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from pitwire.client.history.rows import MICROSECONDS_FROM

R = TypeVar("R")

PAGE_ROWS_MAX: Final = 1000
"""The most that a request answers with (web-socket-api.md, Klines, Historical trades, Aggregate trades)."""

Moment = datetime | str | int
"""A time: a `datetime` with a time zone, text in ISO 8601 (UTC where it names no zone), or milliseconds since 1970."""


def milliseconds(moment: Moment, name: str) -> int:
    """`moment` in milliseconds since the epoch. `name` is what the message of `ValueError` calls it."""
    if isinstance(moment, int):
        if not 0 <= moment < MICROSECONDS_FROM:
            raise ValueError(
                f"{name} is {moment}: pass milliseconds since 1970, a datetime, or text such as 2026-01-31"
            )
        return moment
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError as error:
            raise ValueError(f"{name} is {moment!r}: pass text such as 2026-01-31 or 2026-01-31T12:00") from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
    if moment.tzinfo is None:
        raise ValueError(f"{name} is {moment}, without a time zone: pass datetime(..., tzinfo=timezone.utc)")
    return int(moment.timestamp() * 1000)


async def pages(
    fetch: Callable[[int], Awaitable[Sequence[R]]],
    first: int,
    position: Callable[[R], int],
    time: Callable[[R], int],
    end_ms: int,
) -> AsyncIterator[list[R]]:
    """The rows from the cursor `first` up to `end_ms`, which is not included, a page at a time.

    `fetch` asks for a page from a cursor on; `position` is the cursor of a row, which grows from row to row. A page
    that is not full is the last. An exchange that answers with rows before the cursor would be asked for ever: that
    raises `RuntimeError`.
    """
    cursor = first
    while True:
        page = await fetch(cursor)
        rows = [row for row in page if _ms(time(row)) < end_ms]
        if rows:
            yield rows
        if len(rows) < len(page) or len(page) < PAGE_ROWS_MAX:
            return
        following = position(page[-1]) + 1
        if following <= cursor:
            raise RuntimeError(f"history does not go on: asked for rows from {cursor} on, got up to {following - 1}")
        cursor = following


def _ms(time: int) -> int:
    return time if time < MICROSECONDS_FROM else time // 1000
