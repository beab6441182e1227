"""What of history and of the stream is new, what has been given, what is missing: decided by what the rows carry."""

from decimal import Decimal
from typing import Any

import pytest

from pitwire.client.history.joining import ById, ByOpening, aggregate_of, kline_of, trade_of
from pitwire.client.streams.cursor import StreamGap
from pitwire.client.streams.market_stream import MarketStream
from pitwire.protocol.market_events import decode_market_event
from pitwire.protocol.results import AggregateTrade, Kline, Trade
from pitwire.protocol.streams import FORMS

MINUTE = 60_000


def trade(number: int, time: int = 0) -> Trade:
    one = Decimal(1)
    return Trade(
        id=number, price=one, qty=one, quote_qty=one, time=time or number, is_buyer_maker=False, is_best_match=True
    )


def bar(number: int, trades: int = 1) -> Kline:
    one = Decimal(1)
    return Kline(
        open_time=number * MINUTE,
        open=one,
        high=one,
        low=one,
        close=one,
        volume=Decimal(trades),
        close_time=(number + 1) * MINUTE - 1,
        quote_volume=one,
        trade_count=trades,
        taker_buy_volume=one,
        taker_buy_quote_volume=one,
        ignored="0",
    )


def told(followed: list[Any]) -> list[Any]:
    return [(each.row.open_time // MINUTE, each.row.trade_count, each.is_closed) for each in followed]


# --- by id ------------------------------------------------------------------------------------------------------------


def test_before_history_has_said_where_it_begins_only_what_happened_before_the_start_is_no_gap() -> None:
    trades: ById[Trade] = ById(100, trade_of, "id")
    assert trades.next is None
    assert not trades.lacks(trade(5, time=99))
    assert trades.live(trade(5, time=99), True) is None
    assert trades.lacks(trade(6, time=100))
    assert trades.page([], "history", before=trade(6, time=100), is_last=True) == []  # history is behind
    assert trades.lacks(trade(6, time=100))
    assert trades.page([trade(6)], "history", before=trade(6, time=100), is_last=True) == []  # it comes itself
    assert trades.live(trade(6, time=100), True) is not None


@pytest.mark.parametrize(
    ("rows", "before", "given", "following"),
    [
        (range(10, 14), None, [10, 11, 12, 13], 14),
        (range(10, 14), 20, [10, 11, 12, 13], 14),  # and 14 to 19 are still to come
        (range(10, 14), 14, [10, 11, 12, 13], 14),
        (range(10, 14), 12, [10, 11], 12),
        (range(8, 14), None, [10, 11, 12, 13], 14),  # as if the exchange had not read where to begin
        (range(2, 5), None, [], 10),
        ([10, 13], None, [10, 13], 14),  # what history does not have either
        ([15], 13, [], 13),
        ([], 13, [], 10),
    ],
)
def test_pages_of_trades(rows: Any, before: int | None, given: list[int], following: int) -> None:
    trades: ById[Trade] = ById(0, trade_of, "id")
    trades.next = 10
    until = None if before is None else trade(before)
    page = trades.page([trade(number) for number in rows], "recovered", before=until, is_last=True)
    assert [each.row.id for each in page] == given
    assert all(each.source == "recovered" and each.is_closed for each in page)
    assert trades.next == following
    assert before is None or trades.lacks(trade(before)) == (following < before)


def test_a_streamed_trade_is_given_once_and_shows_what_is_missing_before_it() -> None:
    trades: ById[Trade] = ById(0, trade_of, "id")
    trades.next = 10
    assert trades.lacks(trade(11))
    assert not trades.lacks(trade(10))
    given = trades.live(trade(10), True)
    assert given is not None
    assert (given.row, given.source, given.is_closed) == (trade(10), "live", True)
    assert not trades.lacks(trade(10))
    assert trades.live(trade(10), True) is None


@pytest.mark.parametrize(("after", "before", "anew"), [(None, 5, False), (5, 8, False), (8, 5, True), (5, 5, True)])
def test_ids_that_begin_anew(after: int | None, before: int, anew: bool) -> None:
    trades: ById[Trade] = ById(0, trade_of, "id")
    gap = StreamGap(stream=MarketStream.trade("BTCUSDT"), after=after, before=before)
    assert trades.begins_anew(gap) is anew
    assert not ByOpening(0).begins_anew(gap)


# --- by opening -------------------------------------------------------------------------------------------------------


def test_the_newest_bar_of_history_is_open_until_there_is_a_later_one() -> None:
    bars = ByOpening(MINUTE)
    first = bars.page([bar(1), bar(2), bar(3, 5)], "history", before=None, is_last=True)
    assert told(first) == [(1, 1, True), (2, 1, True), (3, 5, False)]
    assert bars.next == 3 * MINUTE
    assert told(bars.page([bar(3, 5)], "history", before=None, is_last=True)) == []  # nothing new
    assert told(bars.page([bar(3, 4)], "history", before=None, is_last=True)) == []  # older
    later = bars.page([bar(3, 6), bar(4, 0)], "recovered", before=None, is_last=True)
    assert told(later) == [(3, 6, True), (4, 0, False)]
    assert [each.source for each in later] == ["recovered"] * 2


def test_the_newest_bar_of_a_page_that_more_follow_is_left_to_the_next_page() -> None:
    bars = ByOpening(MINUTE)
    assert told(bars.page([bar(1), bar(2)], "history", before=None, is_last=False)) == [(1, 1, True)]
    assert bars.next == 2 * MINUTE
    assert told(bars.page([bar(2), bar(3)], "history", before=None, is_last=True)) == [(2, 1, True), (3, 1, False)]


def test_a_streamed_bar_shows_that_bars_are_missing_before_it_and_history_has_them_once_it_has_a_later_one() -> None:
    bars = ByOpening(MINUTE)
    assert not bars.lacks(bar(1))
    assert bars.lacks(bar(4))
    assert told(bars.page([bar(1), bar(2), bar(3, 2)], "recovered", before=bar(4), is_last=True)) == [
        (1, 1, True),
        (2, 1, True),
    ]
    assert bars.lacks(bar(4))  # the third may not be over as far as history knows
    assert told(bars.page([bar(3, 7), bar(4, 1)], "recovered", before=bar(4), is_last=True)) == [(3, 7, True)]
    assert not bars.lacks(bar(4))
    given = bars.live(bar(4), False)
    assert given is not None
    assert (given.row, given.source, given.is_closed) == (bar(4), "live", False)


def test_bars_that_history_does_not_have_either_are_not_waited_for() -> None:
    bars = ByOpening(MINUTE)  # as while the market was halted
    assert told(bars.page([bar(1), bar(6)], "recovered", before=bar(6), is_last=True)) == [(1, 1, True)]
    assert not bars.lacks(bar(6))


def test_states_of_the_open_bar_come_as_they_grow_and_its_last_state_once() -> None:
    bars = ByOpening(MINUTE)
    states = [(bar(1, 1), False), (bar(1, 1), False), (bar(1, 3), False), (bar(1, 2), False), (bar(1, 3), True)]
    given = [bars.live(*state) for state in states]
    assert [each and (each.row.trade_count, each.is_closed) for each in given] == [
        (1, False),
        None,
        (3, False),
        None,
        (3, True),
    ]
    assert bars.live(bar(1, 3), True) is None
    assert bars.live(bar(1, 3), False) is None
    assert bars.live(bar(2, 0), False) is not None


def test_a_start_within_a_bar_leaves_that_bar_out() -> None:
    bars = ByOpening(MINUTE + 1)
    assert bars.live(bar(1), False) is None
    assert bars.lacks(bar(2))  # whether it is the first, history has to say
    assert told(bars.page([bar(2)], "history", before=bar(2), is_last=True)) == []
    assert bars.live(bar(2), False) is not None


# --- what the stream tells, as history has it -------------------------------------------------------------------------


def test_a_streamed_trade_as_a_row_of_history() -> None:
    event: Any = decode_market_event(
        b'{"e":"trade","E":9,"s":"BNBBTC","t":12345,"p":"0.00123456","q":"100.12345678","T":7,"m":true,"M":false}',
        FORMS["trade"],
    )
    assert trade_of(event) == Trade(
        id=12345,
        price=Decimal("0.00123456"),
        qty=Decimal("100.12345678"),
        quote_qty=Decimal("0.12360841"),  # 0.123608414801...
        time=7,
        is_buyer_maker=True,
        is_best_match=False,
    )


def test_a_streamed_aggregate_trade_as_a_row_of_history() -> None:
    event: Any = decode_market_event(
        b'{"e":"aggTrade","E":9,"s":"BNBBTC","a":5,"p":"0.001","q":"100","f":100,"l":105,"T":7,"m":true}',
        FORMS["aggTrade"],
    )
    assert aggregate_of(event) == AggregateTrade(
        id=5,
        price=Decimal("0.001"),
        quantity=Decimal(100),
        first_trade_id=100,
        last_trade_id=105,
        time=7,
        is_buyer_maker=True,
        is_best_match=True,
    )


def test_a_streamed_candle_as_a_row_of_history() -> None:
    event: Any = decode_market_event(
        b'{"e":"kline","E":9,"s":"BNBBTC","k":{"t":60000,"T":119999,"s":"BNBBTC","i":"1m","f":100,"L":200,"o":"1",'
        b'"c":"2","h":"3","l":"0.5","v":"1000","n":100,"x":false,"q":"1.5","V":"500","Q":"0.7","B":"0"}}',
        FORMS["kline_1m"],
    )
    assert kline_of(event) == Kline(
        open_time=60000,
        open=Decimal(1),
        high=Decimal(3),
        low=Decimal("0.5"),
        close=Decimal(2),
        volume=Decimal(1000),
        close_time=119999,
        quote_volume=Decimal("1.5"),
        trade_count=100,
        taker_buy_volume=Decimal(500),
        taker_buy_quote_volume=Decimal("0.7"),
        ignored="0",
    )
