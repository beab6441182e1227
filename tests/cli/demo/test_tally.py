"""What the demo counts."""

from decimal import Decimal

from pitwire.cli.demo.tally import SAMPLES_MAX, Latencies, Tally
from pitwire.market.enums import Side

D = Decimal


def test_percentiles_are_nearest_ranks() -> None:
    latencies = Latencies()
    assert latencies.percentile_us(50) == 0
    for us in range(100, 0, -1):
        latencies.add(us)
    assert (latencies.count, latencies.percentile_us(50), latencies.percentile_us(99)) == (100, 50, 99)


def test_only_the_latest_round_trips_are_kept_but_all_are_counted() -> None:
    latencies = Latencies()
    for us in range(SAMPLES_MAX + 1):
        latencies.add(us)
    assert latencies.count == SAMPLES_MAX + 1
    assert latencies.percentile_us(100) == SAMPLES_MAX


def test_profit_values_the_position_at_mid_after_commission_in_the_received_asset() -> None:
    tally = Tally()
    tally.filled(Side.BUY, D(2), D(200), D("0.002"))
    assert tally.position == D("1.998")
    tally.filled(Side.SELL, D(1), D(102), D("0.102"))
    assert tally.position == D("0.998")
    assert tally.profit(D(101)) == D("101.898") - 200 + D("0.998") * 101
    assert (tally.fills, tally.volume) == (2, D(302))


def test_each_request_is_answered_refused_or_unknown() -> None:
    tally = Tally(refused=1, unknown=1)
    tally.took("order.place", 400)
    tally.took("order.place", 500)
    tally.took("ping", 50)
    assert tally.answered == 3
