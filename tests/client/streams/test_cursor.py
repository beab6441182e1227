"""Where a subscription is in a stream: what is new, what came before, what is missing."""

from typing import Any

import pytest

from pitwire.client.streams.cursor import SKIPPED_MAX, Cursor, Seam, StreamGap
from pitwire.client.streams.market_stream import MarketStream
from pitwire.protocol.errors import ProtocolViolation
from tests.client.streams.messages import book_ticker, depth, mini_tickers, trade

TRADES = MarketStream.trade("BTCUSDT")
TICKERS = MarketStream.book_ticker("BTCUSDT")
LOST, RENEWED = Seam(lost=True), Seam(lost=False)


def told(cursor: Cursor, *what: bytes | Seam) -> list[Any]:
    """What comes of messages and seams: an event's place, or a gap as (after, before, length)."""
    out: list[Any] = []
    for each in what:
        if isinstance(each, Seam):
            cursor.cross(each)
            continue
        event = cursor.take(each)
        gap = cursor.take_gap()
        if gap is not None:
            out.append((gap.after, gap.before, gap.length))
        if event is not None:
            out.append(getattr(event, "trade_id", getattr(event, "update_id", getattr(event, "last_update_id", None))))
    return out


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ([trade(5), trade(6)], [5, 6]),
        ([trade(5), trade(8)], [5, (5, 8, 2), 8]),  # whatever it comes from
        ([trade(5), LOST, trade(6)], [5, 6]),  # nothing was missed
        ([trade(5), LOST, trade(9)], [5, (5, 9, 3), 9]),
        ([LOST, trade(9)], [(None, 9, None), 9]),
        ([trade(5), trade(6), RENEWED, trade(5), trade(6), trade(7)], [5, 6, 7]),
        ([trade(5), RENEWED, trade(7)], [5, (5, 7, 1), 7]),
        ([RENEWED, trade(7)], [7]),
    ],
)
def test_trades_have_ids_without_holes(what: list[Any], expected: list[Any]) -> None:
    assert told(Cursor(TRADES), *what) == expected


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ([depth(1, 4), depth(5, 9)], [4, 9]),
        ([depth(1, 4), depth(7, 9)], [4, (4, 7, 2), 9]),
        ([depth(1, 4), RENEWED, depth(2, 3), depth(3, 6), depth(7, 7)], [4, 6, 7]),  # windows that overlap
    ],
)
def test_changes_of_a_book_follow_one_another(what: list[Any], expected: list[Any]) -> None:
    assert told(Cursor(MarketStream.depth("BTCUSDT")), *what) == expected


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ([book_ticker(5), book_ticker(9)], [5, 9]),
        ([book_ticker(5), RENEWED, book_ticker(5), book_ticker(9)], [5, 9]),
        ([book_ticker(5), LOST, book_ticker(9)], [5, (5, 9, None), 9]),  # nobody knows whether there was one between
        ([book_ticker(5), LOST, book_ticker(5), book_ticker(6)], [5, (5, 6, None), 6]),
    ],
)
def test_where_ids_have_holes_only_a_loss_is_a_gap(what: list[Any], expected: list[Any]) -> None:
    assert told(Cursor(TICKERS), *what) == expected


def test_whole_markets_are_placed_by_their_newest_time() -> None:
    cursor = Cursor(MarketStream.mini_tickers())
    assert len(cursor.take(mini_tickers(1000, "BTCUSDT", "ETHUSDT"))) == 2
    cursor.cross(RENEWED)
    assert cursor.take(mini_tickers(1000, "BTCUSDT", "ETHUSDT")) is None
    assert len(cursor.take(mini_tickers(2000, "BTCUSDT"))) == 1
    assert cursor.skipped == 1


def test_ids_that_begin_anew_are_a_gap_of_unknown_length_after_many_that_looked_like_repetitions() -> None:
    cursor = Cursor(TRADES)
    assert told(cursor, trade(1_000_000)) == [1_000_000]
    assert told(cursor, *(trade(number) for number in range(1, SKIPPED_MAX + 1))) == []
    assert told(cursor, trade(SKIPPED_MAX + 1)) == [(1_000_000, SKIPPED_MAX + 1, None), SKIPPED_MAX + 1]
    assert told(cursor, trade(SKIPPED_MAX + 2)) == [SKIPPED_MAX + 2]


def test_what_is_discarded_hides_no_gap() -> None:
    cursor = Cursor(TRADES)
    assert told(cursor, trade(1)) == [1]
    for number in (2, 5, 6, 9):
        cursor.discard(trade(number))
    assert told(cursor, trade(10)) == [(2, 9, 4), 10]  # 3, 4, 7 and 8
    tickers = Cursor(TICKERS)
    tickers.discard(book_ticker(3))
    assert told(tickers, RENEWED, book_ticker(3), book_ticker(4)) == [4]


def test_a_conflated_stream_has_holes_by_choice() -> None:
    assert told(Cursor(TRADES, conflated=True), trade(1), trade(5)) == [1, 5]


def test_what_is_no_event_of_the_stream_is_refused_and_the_next_one_is_taken() -> None:
    cursor = Cursor(TRADES)
    with pytest.raises(ProtocolViolation, match="not a message of the stream btcusdt@trade"):
        cursor.take(b'{"stream":"btcusdt@trade","data":{"e":"trade"}}')
    assert told(cursor, trade(4)) == [4]


def test_a_gap_says_of_which_stream_it_is() -> None:
    cursor = Cursor(TRADES)
    cursor.cross(LOST)
    cursor.take(trade(3))
    assert cursor.take_gap() == StreamGap(stream=TRADES, after=None, before=3)
    assert cursor.take_gap() is None
