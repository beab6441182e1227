from datetime import UTC, datetime, timedelta, timezone

import pytest

from pitwire.client.history.paging import PAGE_ROWS_MAX, milliseconds, pages


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (0, 0),
        (1_700_000_000_000, 1_700_000_000_000),
        ("2026-01-01", 1_767_225_600_000),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
        (datetime(2026, 1, 1, tzinfo=UTC), 1_767_225_600_000),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 1_767_225_600_000),
    ],
)
def test_moments(moment, expected):
    assert milliseconds(moment, "start") == expected


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (-1, "start is -1: pass milliseconds since 1970, a datetime, or text such as 2026-01-31"),
        (
            1_700_000_000_000_000,
            "start is 1700000000000000: pass milliseconds since 1970, a datetime, or text such as 2026-01-31",
        ),
        ("yesterday", "start is 'yesterday': pass text such as 2026-01-31 or 2026-01-31T12:00"),
        (
            datetime(2026, 1, 1),
            "start is 2026-01-01 00:00:00, without a time zone: pass datetime(..., tzinfo=timezone.utc)",
        ),
    ],
)
def test_a_moment_that_is_none_is_refused_with_what_to_pass(moment, message):
    with pytest.raises(ValueError, match="start is") as refused:
        milliseconds(moment, "start")
    assert str(refused.value) == message


def numbers(*, fetched, there):
    async def fetch(cursor):
        fetched.append(cursor)
        return [number for number in there if number >= cursor][:PAGE_ROWS_MAX]

    return fetch


@pytest.mark.parametrize(
    ("count", "end_ms", "rows", "asked_from"),
    [
        (0, 10**12, 0, [0]),
        (1, 10**12, 1, [0]),
        (999, 10**12, 999, [0]),
        (1000, 10**12, 1000, [0, 1000]),
        (2500, 10**12, 2500, [0, 1000, 2000]),
        (2500, 1500, 1500, [0, 1000]),
        (2500, 1000, 1000, [0, 1000]),
        (2500, 0, 0, [0]),
    ],
)
async def test_pages_end_where_they_should_and_nothing_is_asked_twice(count, end_ms, rows, asked_from):
    fetched = []
    fetch = numbers(fetched=fetched, there=range(count))
    found = [row async for page in pages(fetch, 0, int, int, end_ms) for row in page]
    assert found == list(range(rows))
    assert fetched == asked_from


async def test_an_exchange_that_answers_with_the_same_rows_again_is_not_asked_for_ever():
    async def fetch(_):
        return range(PAGE_ROWS_MAX)

    with pytest.raises(RuntimeError, match="asked for rows from 1000 on, got up to 999"):
        [page async for page in pages(fetch, 0, int, int, 10**12)]
