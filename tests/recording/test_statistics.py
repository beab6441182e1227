import pytest

from pitwire.recording.events import BookTicker, DepthDiff, Trade
from pitwire.recording.statistics import Sizes, measure

SECOND = 1_000_000_000


def ticker(at_s, bid, ask):
    return BookTicker(
        receive_ns=int(at_s * SECOND),
        symbol="X",
        update_id=1,
        bid_price=bid,
        bid_quantity=4,
        ask_price=ask,
        ask_quantity=4,
    )


def test_each_number_is_what_its_name_says():
    trades = [
        Trade(
            receive_ns=SECOND,
            symbol="X",
            trade_id=n,
            price=100,
            quantity=8,
            time_ms=moment,
            buyer_is_maker=True,
        )
        for n, moment in enumerate((1, 1, 1, 2))
    ]
    diff = DepthDiff(
        receive_ns=SECOND,
        symbol="X",
        first_update_id=1,
        last_update_id=2,
        bids=((100, 0), (90, 16)),
        asks=((130, 16), (150, 16)),
    )
    found = measure([ticker(0, 100, 110), ticker(1, 100, 110), *trades, diff, ticker(2, 110, 120)], tick_size=10)
    assert found.takers_per_s == 1
    assert found.trades_per_s == 2
    assert found.tickers_per_s == 1.5
    assert found.price_change_share == pytest.approx(1 / 3)
    assert found.price_change_ticks == 1
    assert found.spread_ticks == 1
    assert found.levels_per_diff == 4
    assert found.removed_share == 0.25
    assert found.level_distance_ticks == 1
    assert (found.trade_sizes, found.top_sizes, found.level_sizes) == (Sizes(8, 0), Sizes(4, 0), Sizes(16, 0))


def test_a_market_in_which_nothing_happens_cannot_be_measured():
    with pytest.raises(ValueError, match="too few events"):
        measure([ticker(0, 100, 110)], tick_size=10)
