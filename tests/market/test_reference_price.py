"""The reference price: means over buckets, prorated at their end, and prices from outside (the FAQ's rules)."""

import random
from fractions import Fraction

import pytest

from pitwire.market.reference_price import (
    ArithmeticMean,
    External,
    PriceRange,
    ReferencePrice,
    execution_limits,
)

SECOND_US = 1_000_000
TEN_SECONDS = ArithmeticMean(bucket_count=10, bucket_width_ms=1000)


def test_it_is_the_mean_of_the_prices_of_trades_whatever_their_quantity() -> None:
    price = ReferencePrice(TEN_SECONDS)
    assert (price.at(0), price.set_us) == (0, -1)
    for time_us, traded in ((0, 100), (1, 100), (SECOND_US, 130), (5 * SECOND_US, 131)):
        price.traded(time_us, traded)
    assert price.at(5 * SECOND_US) == (100 + 100 + 130 + 131) // 4
    assert price.set_us == 5 * SECOND_US


def test_the_bucket_that_the_window_begins_in_counts_for_its_part_within() -> None:
    price = ReferencePrice(TEN_SECONDS)
    for _ in range(4):
        price.traded(100, 100)
    price.traded(3 * SECOND_US, 200)
    # At 10.75 s a quarter of the first bucket is left: one of its four trades.
    assert price.at(10 * SECOND_US + SECOND_US * 3 // 4) == (100 + 200) // 2
    assert price.at(10 * SECOND_US) == (4 * 100 + 200) // 5
    assert price.at(11 * SECOND_US) == 200
    assert price.at(14 * SECOND_US) == 0


def test_counts_have_four_decimal_places_and_divisions_truncate() -> None:
    price = ReferencePrice(TEN_SECONDS)
    price.traded(0, 7)
    price.traded(SECOND_US, 10)
    # A third of the first bucket is gone: 0.6667 of a trade, and 4.6667 of its sum, of the ten thousandths.
    at = 10 * SECOND_US + SECOND_US // 3
    count = 10_000 - 10_000 * (SECOND_US // 3) // SECOND_US + 10_000
    total = 70_000 - 70_000 * (SECOND_US // 3) // SECOND_US + 100_000
    assert (count, total) == (16_667, 146_667)
    assert price.at(at) == total // count == 8


def test_it_keeps_one_bucket_more_than_the_window_has() -> None:
    price = ReferencePrice(TEN_SECONDS)
    for second in range(100):
        price.traded(second * SECOND_US + 500_000, 100 + second)
    assert len(price.state().buckets) == 11


def test_a_mean_of_many_trades_is_the_exact_one_but_for_the_last_places() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    price = ReferencePrice(TEN_SECONDS)
    trades: list[tuple[int, int]] = []
    now = 0
    for _ in range(500):
        now += rng.randrange(400_000)
        trades.append((now, rng.randrange(10**8, 10**12)))
        price.traded(*trades[-1])
    count = total = Fraction(0)
    for time_us, traded in trades:
        opened = time_us - time_us % SECOND_US
        within = Fraction(min(SECOND_US, max(0, opened + SECOND_US - (now - 10 * SECOND_US))), SECOND_US)
        count += within
        total += within * traded
    assert price.at(now) == pytest.approx(float(total / count), rel=1e-3)


def test_an_external_price_follows_no_trade_and_can_be_taken_away() -> None:
    price = ReferencePrice(External(calculation_id=2))
    price.traded(1, 50)
    assert (price.at(1), price.set_us) == (0, -1)
    price.set(2, 70)
    assert price.at(10**18) == 70
    price.set(3, 0)
    assert (price.at(4), price.set_us) == (0, 3)


@pytest.mark.parametrize("calculation", [TEN_SECONDS, External(calculation_id=0)])
def test_it_comes_back_from_its_state(calculation: ArithmeticMean | External) -> None:
    price = ReferencePrice(calculation)
    price.set(5, 9)
    price.traded(6, 7)
    restored = ReferencePrice(calculation, price.state())
    assert restored.at(7) == price.at(7)
    assert restored.state() == price.state()


@pytest.mark.parametrize(
    ("is_buy", "limits"),
    [(True, (500_000_000, 2_000_000_000)), (False, (900_000_000, None))],
)
def test_limits_are_multiples_of_the_reference_price_and_none_is_any(
    is_buy: bool, limits: tuple[int, int | None]
) -> None:
    price_range = PriceRange(bid_limit_up=200_000_000, bid_limit_down=50_000_000, ask_limit_down=90_000_000)
    assert execution_limits(price_range, is_buy, 1_000_000_000) == limits


def test_limits_are_rounded_into_the_range() -> None:
    price_range = PriceRange(bid_limit_up=150_000_000, bid_limit_down=50_000_000)
    assert execution_limits(price_range, True, 3) == (2, 4)
