"""Choosing from pages: the same as choosing from a list, however the items lie in pages, and reading few of them."""

import random

import pytest

from pitwire.exchange.projections.archive import TRADES, AccountTrade, MemoryArchive, Page, Sorting, Wanted, choose

SORTINGS = [Sorting(by_time, newest) for by_time in (False, True) for newest in (False, True)]


def trade(trade_id, time_us, order_id=1):
    return AccountTrade(trade_id, order_id, time_us, 1, 1, 1, 0, "BTC", True, False)


def page(*trades):
    return Page.of(TRADES, 1, "BTCUSDT", trades[-1].time_us, trades)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("sorting", SORTINGS)
def test_items_in_pages_are_chosen_as_from_a_list(seed, sorting):
    chance = random.Random(seed)
    times = sorted(chance.randint(0, 60) for _ in range(60))
    trades = [trade(*each, chance.randint(1, 5)) for each in zip(chance.sample(range(100), 60), times, strict=True)]
    archive = MemoryArchive()
    start = 0
    while start < 50:
        end = min(50, start + chance.randint(1, 9))
        archive.write([page(*trades[start:end])])
        start = end
    bounds = [sorted((chance.randint(0, 100), chance.randint(0, 100))) for _ in range(2)]
    wanted = Wanted(*bounds[0], *bounds[1], *chance.choice([(0, 9), (3, 3)]))
    count = chance.choice([1, 3, 10, 100])

    key = (lambda each: (each.time_us, each.trade_id)) if sorting.by_time else (lambda each: each.trade_id)
    listed = sorted((each for each in trades if wanted.has(TRADES, each)), key=key)
    expected = listed[-count:] if sorting.newest else listed[:count]
    pages = archive.pages(TRADES, 1, "BTCUSDT", wanted, sorting)
    assert choose(TRADES, trades[50:], pages, wanted, sorting, count) == expected, seed


@pytest.mark.parametrize(("sorting", "read"), [(Sorting(), 3), (Sorting(newest=True), 3), (Sorting(by_time=True), 3)])
def test_no_more_pages_are_read_than_are_needed(sorting, read):
    archive = MemoryArchive()
    archive.write([page(*(trade(first + each, first + each) for each in range(10))) for first in range(0, 1000, 10)])
    asked = []

    def pages():
        for each in archive.pages(TRADES, 1, "BTCUSDT", Wanted(), sorting):
            asked.append(each)
            yield each

    assert len(choose(TRADES, [], pages(), Wanted(), sorting, 20)) == 20
    assert len(asked) == read, "the third one is looked at, and its bounds say enough"


def test_nothing_is_chosen_when_nothing_is_asked_for():
    assert choose(TRADES, [trade(1, 1)], iter(()), Wanted(), Sorting(), 0) == []
