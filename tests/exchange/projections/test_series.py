"""A series: the same whether an item is in memory, in a page, or in both."""

import random

import msgspec
import pytest

from pitwire.exchange.projections.archive import MemoryArchive, Wanted
from pitwire.exchange.projections.series import ALL, Chronicle
from pitwire.exchange.projections.trades import PUBLIC_TRADES, PublicTrade


def trade(number, time_us):
    return PublicTrade(number, time_us, 1, 1, 1, False)


@pytest.mark.parametrize("seed", range(30))
def test_what_is_chosen_is_what_a_list_gives(seed):
    chance = random.Random(seed)
    page_items = chance.randint(1, 8)
    chronicle = Chronicle(MemoryArchive(page_items))
    series = chronicle.series(PUBLIC_TRADES, "BTCUSDT", chance.randint(8, 20))
    everything, time_us = [], 0
    chronicle.sequence = 1
    for number in range(chance.randint(0, 150)):
        time_us += chance.choice((0, 0, 1, 5))
        chronicle.sequence += chance.randint(0, 1)
        everything.append(trade(number, time_us))
        series.append(everything[-1])
        if chronicle.full:
            chronicle.seal()
    for _ in range(40):
        first_id, last_id = sorted((chance.randint(-5, 160), chance.randint(-5, 160)))
        first_us, last_us = sorted((chance.randint(-5, 250), chance.randint(-5, 250)))
        wanted = chance.choice((Wanted(), Wanted(first_id=first_id), Wanted(first_us=first_us, last_us=last_us)))
        if chance.random() < 0.3:
            wanted = Wanted(first_id, last_id, first_us, last_us)
        listed = [each for each in everything if wanted.has(PUBLIC_TRADES, each)]
        count = chance.choice((0, 1, 7, 50, ALL))
        assert series.chosen(wanted, count) == listed[:count], seed
        assert series.chosen(wanted, count, newest=True) == (listed[-count:] if count else []), seed
    assert len(series.items) < series.kept + 2 * page_items


def test_an_item_is_dropped_only_once_the_archive_has_it():
    chronicle = Chronicle(MemoryArchive(4))
    series = chronicle.series(PUBLIC_TRADES, "BTCUSDT", 10)
    chronicle.sequence = 1
    for number in range(40):  # one record brings them all, so none is archived before its end
        series.append(trade(number, 0))
    assert len(series.items) == 40
    assert chronicle.full == [series]
    chronicle.seal()
    assert [each.trade_id for each in series.items] == list(range(30, 40))
    assert [each.trade_id for each in series.chosen(Wanted(), ALL)] == list(range(40))


def test_a_snapshot_does_not_show_where_pages_end():
    states = set()
    for sealed_after in (3, 17, 29):
        chronicle = Chronicle(MemoryArchive(4))
        series = chronicle.series(PUBLIC_TRADES, "BTCUSDT", 10)
        for number in range(30):
            chronicle.sequence += 1
            series.append(trade(number, number))
            if number == sealed_after:
                chronicle.seal_all()
            elif chronicle.full:
                chronicle.seal()
        states.add(msgspec.json.encode(chronicle.state()))
    assert len(states) == 1


def test_a_replay_gives_the_archive_nothing_twice():
    archive = MemoryArchive(4)
    for _ in range(2):
        chronicle = Chronicle(archive)
        series = chronicle.series(PUBLIC_TRADES, "BTCUSDT", 10)
        for number in range(30):
            chronicle.sequence = number + 1
            series.append(trade(number, number))
            if chronicle.full:
                chronicle.seal()
        chronicle.seal_all()
    assert [each.trade_id for each in series.chosen(Wanted(), ALL)] == list(range(30))


def test_a_restored_chronicle_has_the_same_state_and_goes_on():
    archive = MemoryArchive(4)
    chronicle = Chronicle(archive)
    for number in range(30):
        chronicle.sequence = number + 1
        chronicle.series(PUBLIC_TRADES, "BTCUSDT", 10).append(trade(number, number))
        chronicle.series(PUBLIC_TRADES, "ETHUSDT", 10).append(trade(number, number))
    chronicle.seal_all()
    resumed = Chronicle.of(chronicle.state(), archive)
    assert len(resumed.series(PUBLIC_TRADES, "BTCUSDT", 10).chosen(Wanted(), ALL)) == 30
    resumed.series(PUBLIC_TRADES, "ETHUSDT", 10)
    assert [(each.symbol, bytes(each.items)) for each in resumed.state()] == [
        (each.symbol, bytes(each.items)) for each in chronicle.state()
    ]
