"""The average that stands in for a market order's price."""

from pitwire.exchange.engine.average_price import AveragePrice

MINUTE_US = 60_000_000


def added(average: AveragePrice, time_us: int, price: int, quantity: int) -> None:
    average.add(time_us, price, quantity, price * quantity)


def test_it_weighs_each_price_by_the_quantity_that_traded_at_it() -> None:
    average = AveragePrice(5)
    added(average, 0, 100, 3)
    added(average, 500_000, 200, 1)
    added(average, MINUTE_US, 300, 1)
    assert average.price(MINUTE_US, average.minutes) == (300 + 200 + 300) // 5


def test_trades_older_than_its_minutes_no_longer_count_whether_or_not_anything_trades_since() -> None:
    average = AveragePrice(5)
    added(average, 0, 100, 1)
    added(average, MINUTE_US, 300, 1)
    assert average.price(5 * MINUTE_US - 1, average.minutes) == 200
    assert average.price(5 * MINUTE_US, average.minutes) == 300
    added(average, 5 * MINUTE_US, 500, 1)
    assert average.price(5 * MINUTE_US, average.minutes) == 400


def test_it_is_the_last_price_where_nothing_traded_within_its_minutes_or_it_has_none() -> None:
    average = AveragePrice(5)
    assert average.price(0, average.minutes) == 0
    added(average, 0, 100, 1)
    assert average.price(60 * MINUTE_US, average.minutes) == 100
    last_only = AveragePrice(0)
    added(last_only, 0, 100, 1)
    added(last_only, 1, 300, 1)
    assert last_only.price(1, last_only.minutes) == 300
    assert not last_only.buckets


def test_it_keeps_one_bucket_a_second() -> None:
    average = AveragePrice(1)
    for second in range(1_000):
        for _ in range(3):
            added(average, second * 1_000_000, 100, 1)
    assert len(average.buckets) == 60


def test_a_shorter_time_than_is_kept_can_be_asked_for() -> None:
    average = AveragePrice(5)
    added(average, 0, 100, 1)
    added(average, 2 * MINUTE_US, 300, 1)
    assert average.price(2 * MINUTE_US, 5) == 200
    assert average.price(2 * MINUTE_US, 1) == 300
    assert average.price(2 * MINUTE_US, 0) == 300
    assert average.price(9 * MINUTE_US, 1) == 300
