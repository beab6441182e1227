import random

import pytest

from pitwire.market.enums import TimeUnit
from tests.exchange.projections.feeds.following import Following
from tests.exchange.projections.trading import ALICE, BOB, Floor, random_commands

ZERO = "0.00000000"


def test_the_best_of_both_sides_is_told_when_either_changes():
    following = Following(Floor(), "btcusdt@bookTicker")
    following.place(ALICE, "BUY", 100, 1)
    assert following.told() == [{"u": 1, "s": "BTCUSDT", "b": "100.00000000", "B": "1.00000000", "a": ZERO, "A": ZERO}]
    following.place(ALICE, "BUY", 99, 1)
    assert following.told() == []
    following.place(BOB, "SELL", 100, "0.25")
    assert [(each["u"], each["B"]) for each in following.told()] == [(3, "0.75000000")]
    following.see(following.floor.cancel_all(ALICE))
    assert [(each["b"], each["B"]) for each in following.told()] == [(ZERO, ZERO)]


def test_a_partial_depth_is_told_every_time():
    floor = Floor()
    for price in range(100, 108):
        floor.place(ALICE, "SELL", price, 1)
    following = Following(floor, "btcusdt@depth5")
    first = following.told()
    assert [price for price, _ in first[0]["asks"]] == [f"{price}.00000000" for price in range(100, 105)]
    assert first[0] == floor.projections.market.depth("BTCUSDT", 5)
    assert following.told() == first


def test_a_window_has_each_changed_level_once_as_it_stands():
    following = Following(Floor(), "btcusdt@depth")
    following.place(ALICE, "BUY", 100, 1)
    following.place(ALICE, "BUY", 100, 2)
    following.see(following.floor.cancel_all(ALICE))
    following.place(BOB, "SELL", 101, 1)
    now_us = following.floor.now_us
    assert following.told() == [
        {
            "e": "depthUpdate",
            "E": now_us // 1000,
            "s": "BTCUSDT",
            "U": 1,
            "u": 5,
            "b": [("100.00000000", ZERO)],
            "a": [("101.00000000", "1.00000000")],
        }
    ]
    assert following.told() == []


@pytest.mark.parametrize("seed", range(5))
def test_a_book_kept_from_the_diffs_is_the_engines_at_every_window(seed):
    print(f"seed {seed}")
    chance = random.Random(seed)
    floor = Floor()
    following = Following(floor, "btcusdt@depth@100ms")
    book: dict[str, dict[str, str]] = {"b": {}, "a": {}}
    last_update_id = 0
    for command in random_commands(seed, 600, ("BTCUSDT",)):
        following.do(command)
        if chance.random() < 0.2:
            for event in following.told():
                assert event["U"] == last_update_id + 1
                last_update_id = event["u"]
                for side in "ba":
                    for price, quantity in event[side]:
                        book[side][price] = quantity
                    book[side] = {price: quantity for price, quantity in book[side].items() if quantity != ZERO}
            snapshot = floor.projections.market.depth("BTCUSDT", 5000)
            assert snapshot["lastUpdateId"] == last_update_id
            assert (book["b"], book["a"]) == (dict(snapshot["bids"]), dict(snapshot["asks"]))
    assert last_update_id > 100


def test_a_diff_begins_with_the_first_change_after_somebody_listens():
    floor = Floor()
    floor.place(ALICE, "BUY", 100, 1)
    following = Following(floor, "btcusdt@depth")
    assert following.told(unit=TimeUnit.MICROSECOND) == []
    following.place(ALICE, "BUY", 99, 1)
    assert following.feed.due_us(7) == 7
    assert [(each["U"], each["u"]) for each in following.told()] == [(2, 2)]
    assert following.feed.due_us(7) is None
