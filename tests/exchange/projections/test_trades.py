"""Public trades and their aggregates."""

from itertools import groupby

import pytest

from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import TimeUnit
from tests.exchange.projections import examples
from tests.exchange.projections.tape import SYMBOL, Tape, matched
from tests.exchange.projections.trading import ALICE, BOB, START_US, Floor, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


def test_results_have_the_documented_fields_in_the_documented_order():
    tape = Tape()
    tape.trade(START_US, 100, 1)
    for method in ("trades.recent", "trades.historical"):
        assert list(tape.public.historical(SYMBOL, None, 1, MS)[0]) == list(examples.results(method)[0][0])
    aggregate = tape.public.aggregate(SYMBOL, None, None, None, 1, MS)
    assert list(aggregate[0]) == list(examples.results("trades.aggregate")[0][0])


def test_recent_trades_are_the_newest_oldest_first():
    floor = Floor()
    floor.place(BOB, "SELL", 100, 5)
    times_us = []
    for _ in range(4):
        times_us.append(floor.now_us)
        floor.place(ALICE, "BUY", 100, 1)
    trades = floor.projections.trades.historical("BTCUSDT", None, 2, US)
    assert [(trade["id"], trade["time"]) for trade in trades] == [(3, times_us[2]), (4, times_us[3])]
    assert trades[0] | {"id": 0, "time": 0} == {
        "id": 0,
        "price": "100.00000000",
        "qty": "1.00000000",
        "quoteQty": "100.00000000",
        "time": 0,
        "isBuyerMaker": False,
        "isBestMatch": True,
    }


def test_trades_of_any_age_are_found_from_an_id_on_500_unless_told_otherwise_and_at_most_1000():
    tape = Tape()
    for _ in range(3000):
        tape.trade(START_US, 100, 1, buyer_is_maker=True)

    def ids(from_id, limit):
        return [each["id"] for each in tape.public.historical(SYMBOL, from_id, limit, MS)]

    assert ids(None, None) == list(range(2501, 3001))
    assert ids(1, None) == list(range(1, 501))
    assert ids(1400, 5000) == list(range(1400, 2400))
    assert ids(2999, 10) == [2999, 3000]
    assert ids(3001, 10) == []
    assert ids(None, 0) == []


def test_an_aggregate_is_the_trades_of_one_taker_at_one_price_and_moment():
    tape = Tape()
    one, two = units(1), units(2)
    tape.record(
        START_US,
        matched(1, units(100), one, taker=7),
        matched(2, units(100), two, taker=7),
        matched(3, units(101), one, taker=7),
    )
    tape.record(START_US, matched(4, units(101), one, taker=8))
    tape.record(START_US + 1, matched(5, units(101), two, taker=9, buyer_is_maker=True))
    found = [tuple(each.values()) for each in tape.public.aggregate(SYMBOL, None, None, None, None, US)]
    assert found == [
        (1, "100.00000000", "3.00000000", 1, 2, START_US, False, True),
        (2, "101.00000000", "1.00000000", 3, 3, START_US, False, True),
        (3, "101.00000000", "1.00000000", 4, 4, START_US, False, True),
        (4, "101.00000000", "2.00000000", 5, 5, START_US + 1, True, True),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_aggregates_of_any_age_are_chosen_by_id_or_time(seed):
    tape = Tape(page_items=50)
    tape.random_trades(seed, 5000, START_US)
    groups = groupby(
        tape.trades,
        lambda each: (each[0], each[1].price, max(each[1].buyer_order_id, each[1].seller_order_id)),
    )
    everything = []
    for number, ((time_us, price, _), members) in enumerate(groups, 1):
        trades = [trade for _, trade in members]
        quantity = sum(trade.quantity for trade in trades)
        everything.append((number, price, quantity, trades[0].trade_id, trades[-1].trade_id, time_us))

    def ask(from_id=None, start_us=None, end_us=None, limit=1000):
        found = tape.public.aggregate(SYMBOL, from_id, start_us, end_us, limit, US)
        return [(e["a"], units(e["p"]), units(e["q"]), e["f"], e["l"], e["T"]) for e in found]

    assert ask() == everything[-1000:]
    assert ask(from_id=3) == everything[2:1002]
    early, late = everything[700][5], everything[1500][5]
    within = [each for each in everything if each[5] >= early]
    assert ask(start_us=early) == within[:1000]
    assert ask(start_us=early, end_us=late, limit=5) == within[:5]
    until = [each for each in everything if each[5] <= late]
    assert ask(end_us=late, limit=10) == until[-10:]
    assert ask(start_us=late + 1, end_us=late) == []


def test_a_stream_reads_what_each_record_brought():
    tape = Tape()
    last, read = tape.public.last_aggregate_id(SYMBOL), []
    assert last == 0
    for number in range(4):
        first = 3 * number + 1
        prices = (100, 100, 101 + number % 2)
        events = [matched(first + each, units(price), 1, taker=number + 5) for each, price in enumerate(prices)]
        tape.record(START_US + number, *events)
        new = tape.public.aggregates_after(SYMBOL, last)
        assert tape.public.aggregates_after(SYMBOL, new[-1].aggregate_id) == []
        last = new[-1].aggregate_id
        read += [(each.aggregate_id, each.first_trade_id, each.last_trade_id) for each in new]
    assert read == [(1, 1, 2), (2, 3, 3), (3, 4, 5), (4, 6, 6), (5, 7, 8), (6, 9, 9), (7, 10, 11), (8, 12, 12)]


@pytest.mark.parametrize(
    "query",
    [
        lambda trades: trades.historical("NOPE", None, 1, MS),
        lambda trades: trades.aggregate("NOPE", None, None, None, 1, MS),
        lambda trades: trades.aggregates_after("NOPE", 0),
        lambda trades: trades.last("NOPE"),
    ],
)
def test_an_unknown_symbol_is_named(query):
    with pytest.raises(UnknownSymbol, match="NOPE"):
        query(Tape().public)
