"""When candles open: by the documentation, and where it is silent as Binance's published klines lie."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pitwire.exchange.projections.intervals import MINUTE_US, opening_us, shifted_us, time_zone_us, window_us
from pitwire.market.enums import KlineInterval


def us(text, offset_minutes=0):
    zone = timezone(timedelta(minutes=offset_minutes))
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("interval", "opened"),
    [
        ("1s", "2024-08-08T13:37:42"),
        ("1m", "2024-08-08T13:37"),
        ("3m", "2024-08-08T13:36"),
        ("5m", "2024-08-08T13:35"),
        ("15m", "2024-08-08T13:30"),
        ("30m", "2024-08-08T13:30"),
        ("1h", "2024-08-08T13:00"),
        ("2h", "2024-08-08T12:00"),
        ("4h", "2024-08-08T12:00"),
        ("6h", "2024-08-08T12:00"),
        ("8h", "2024-08-08T08:00"),
        ("12h", "2024-08-08T12:00"),
        ("1d", "2024-08-08T00:00"),
        ("3d", "2024-08-06T00:00"),
        ("1w", "2024-08-05T00:00"),
        ("1M", "2024-08-01T00:00"),
    ],
)
@pytest.mark.parametrize("offset", [0, 480, -60, 345, -720, 840])
def test_a_candle_opens_by_the_clock_of_its_time_zone(interval, opened, offset):
    time_us = us("2024-08-08T13:37:42", offset) + 123_456
    assert opening_us(KlineInterval(interval), time_us, offset * MINUTE_US) == us(opened, offset)


@pytest.mark.parametrize("interval", list(KlineInterval))
@pytest.mark.parametrize("offset", [0, 345, -720])
def test_each_candle_ends_where_the_next_one_opens(interval, offset):
    offset_us = offset * MINUTE_US
    opened_us = opening_us(interval, us("2023-12-30T01:02:03"), offset_us)
    for _ in range(30):
        following_us = shifted_us(interval, opened_us, 1, offset_us)
        assert opening_us(interval, following_us, offset_us) == following_us
        assert opening_us(interval, following_us - 1, offset_us) == opened_us
        assert shifted_us(interval, following_us, -1, offset_us) == opened_us
        opened_us = following_us


def test_months_are_those_of_the_calendar():
    opened = [shifted_us(KlineInterval.MO1, us("2023-11-01T00:00"), each) for each in (-1, 0, 1, 2, 3, 4)]
    assert [datetime.fromtimestamp(each // 10**6, UTC).strftime("%Y-%m-%d") for each in opened] == [
        "2023-10-01",
        "2023-11-01",
        "2023-12-01",
        "2024-01-01",
        "2024-02-01",
        "2024-03-01",
    ]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0", 0),
        ("8", 480),
        ("4", 240),
        ("-1:00", -60),
        ("05:45", 345),
        ("00:00", 0),
        ("+08:00", 480),
        ("-12:00", -720),
        ("-12", -720),
        ("14:00", 840),
        ("14", 840),
        ("-0:30", -30),
    ],
)
def test_a_time_zone_is_hours_or_hours_and_minutes(text, minutes):
    assert time_zone_us(text) == minutes * MINUTE_US


@pytest.mark.parametrize(
    "text", ["", "-12:01", "14:01", "15", "-13", "1:5", "1:60", "UTC", "1:00:00", "--1", "٣", "100"]
)
def test_what_is_no_time_zone_within_bounds_is_none(text):
    assert time_zone_us(text) is None


@pytest.mark.parametrize(
    ("text", "minutes"), [("1m", 1), ("59m", 59), ("1h", 60), ("23h", 1380), ("1d", 1440), ("7d", 10080)]
)
def test_a_window_is_minutes_hours_or_days(text, minutes):
    assert window_us(text) == minutes * MINUTE_US


@pytest.mark.parametrize("text", ["", "0m", "60m", "24h", "8d", "1w", "1M", "1d2h", "1", "d", "01m", "100m"])
def test_what_is_no_window_is_none(text):
    assert window_us(text) is None
