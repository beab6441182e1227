"""What the recorded market does at each event, with a user's orders in the same book. The engine is the real one."""

import pytest

from pitwire.exchange.messages import CancelOpenOrders, CancelOrder, CommandRejected, OrderTraded, PlaceOrder
from pitwire.exchange.participants.accounts import MAKER, TAKER
from pitwire.exchange.participants.recorded import RecordedMarket
from pitwire.market.enums import OrderType, Side, TimeInForce
from pitwire.market.rejects import Reject
from pitwire.recording.depth import DepthGap
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, Trade
from tests.exchange.participants.direct import LOTS, USER, DirectExchange

SYMBOL = "BTCUSDT"


def price(dollars):
    return round(dollars * 100) * 10**6


def coins(quantity):
    return round(quantity * 10**8)


def levels(pairs):
    return tuple((price(at), coins(quantity)) for at, quantity in pairs)


class Stage:
    """A recorded market on an engine, after a snapshot of 1 coin each at 99, 100 | 101, 102."""

    def __init__(self, snapshot=True):
        self.exchange = DirectExchange()
        self.market = RecordedMarket(SYMBOL, LOTS[SYMBOL])
        self.exchange.listen(self.market.learn)
        self.commands = []
        self.trades = 0
        if snapshot:
            self.snapshot([(100, 1), (99, 1)], [(101, 1), (102, 1)], last=10)

    def happens(self, event):
        self.commands = list(self.market.decide(event))
        for command in self.commands:
            outcome = self.exchange.submit(command)
            assert not isinstance(outcome.events[0], CommandRejected), (command, outcome.events)

    def snapshot(self, bids, asks, last):
        self.happens(
            DepthSnapshot(receive_ns=0, symbol=SYMBOL, last_update_id=last, bids=levels(bids), asks=levels(asks))
        )

    def diff(self, first, last, bids=(), asks=()):
        self.happens(
            DepthDiff(
                receive_ns=0,
                symbol=SYMBOL,
                first_update_id=first,
                last_update_id=last,
                bids=levels(bids),
                asks=levels(asks),
            )
        )

    def ticker(self, update, bid, ask):
        (bid_price, bid_quantity), (ask_price, ask_quantity) = levels([bid, ask])
        self.happens(
            BookTicker(
                receive_ns=0,
                symbol=SYMBOL,
                update_id=update,
                bid_price=bid_price,
                bid_quantity=bid_quantity,
                ask_price=ask_price,
                ask_quantity=ask_quantity,
            )
        )

    def trade(self, at, quantity, maker=Side.BUY):
        self.trades += 1
        self.happens(
            Trade(
                receive_ns=0,
                symbol=SYMBOL,
                trade_id=self.trades,
                price=price(at),
                quantity=coins(quantity),
                time_ms=0,
                buyer_is_maker=maker is Side.BUY,
            )
        )

    def user(self, side, at, quantity, client_order_id="user"):
        return self.exchange.submit(
            PlaceOrder(
                account=USER,
                symbol=SYMBOL,
                side=side,
                type=OrderType.LIMIT,
                client_order_id=client_order_id,
                price=price(at),
                quantity=coins(quantity),
            )
        )

    def book(self):
        """Bids, then asks, best first, in dollars and coins."""
        sides = []
        for side in Side:
            found = self.exchange.levels.get((SYMBOL, side), {})
            best_first = sorted(found, reverse=side is Side.BUY)
            sides.append([(at / 10**8, found[at] / 10**8) for at in best_first])
        return tuple(sides)

    def filled(self, account=USER):
        """What an account has traded: price and quantity, in order."""
        return [
            (event.price / 10**8, event.quantity / 10**8)
            for outcome in self.outcomes
            for event in outcome.events
            if isinstance(event, OrderTraded) and event.order.account == account
        ]

    def watch(self):
        self.outcomes = []
        self.exchange.listen(self.outcomes.append)


@pytest.fixture
def stage():
    stage = Stage()
    stage.watch()
    return stage


def test_nothing_is_placed_before_there_is_a_snapshot():
    stage = Stage(snapshot=False)
    stage.diff(5, 12, bids=[(100, 3)])
    stage.ticker(11, (100, 3), (101, 1))
    stage.trade(100, 1)
    assert stage.exchange.levels == {}
    stage.snapshot([(100, 1)], [(101, 1)], last=10)
    assert stage.book() == ([(100, 3)], [(101, 1)])


def test_it_starts_by_cancelling_what_an_earlier_run_left():
    stage = Stage()
    (command,) = RecordedMarket(SYMBOL, LOTS[SYMBOL]).withdrawal()
    assert isinstance(command, CancelOpenOrders)
    stage.exchange.submit(command)
    assert stage.book() == ([], [])


def test_the_snapshot_is_mirrored(stage):
    assert stage.book() == ([(100, 1), (99, 1)], [(101, 1), (102, 1)])


def test_a_new_snapshot_is_set_against_what_rests(stage):
    stage.market.restart()
    stage.snapshot([(100, 2), (98, 1)], [(102, 1)], last=5)
    assert stage.book() == ([(100, 2), (98, 1)], [(102, 1)])


def test_a_level_that_grows_gets_an_order_more_so_that_nobody_loses_his_place(stage):
    stage.user(Side.BUY, 100, 0.5)
    stage.diff(11, 12, bids=[(100, 3)])
    assert [(type(command), command.quantity) for command in stage.commands] == [(PlaceOrder, coins(2))]
    stage.trade(100, 1.4)
    assert stage.filled() == [(100, 0.4)]


def test_a_level_that_shrinks_loses_its_newest_orders_first(stage):
    stage.diff(11, 12, bids=[(100, 3)])
    stage.diff(13, 14, bids=[(100, 4)])
    stage.user(Side.BUY, 100, 0.5)
    stage.diff(15, 16, bids=[(100, 1)])
    assert [type(command) for command in stage.commands] == [CancelOrder, CancelOrder]
    stage.trade(100, 1.2)
    assert stage.filled() == [(100, 0.2)]


def test_an_order_too_large_for_what_is_left_comes_back_smaller_behind_the_user(stage):
    stage.user(Side.BUY, 100, 0.5)
    stage.diff(11, 12, bids=[(100, 0.25)])
    assert [type(command) for command in stage.commands] == [CancelOrder, PlaceOrder]
    assert stage.book()[0][0] == (100, 0.75)
    stage.trade(100, 0.1)
    assert stage.filled() == [(100, 0.1)]


def test_the_best_prices_are_exact_between_diffs_and_the_next_diff_has_the_last_word(stage):
    stage.ticker(12, (99, 0.4), (99.5, 2))
    assert stage.book() == ([(99, 0.4)], [(99.5, 2), (101, 1), (102, 1)])
    stage.diff(11, 13, asks=[(101.5, 3)])
    assert stage.book() == ([(100, 1), (99, 1)], [(101, 1), (101.5, 3), (102, 1)])


def test_best_prices_newer_than_the_diff_stay(stage):
    stage.ticker(15, (99, 0.4), (101, 2))
    stage.diff(11, 13, bids=[(100, 5), (98, 1)])
    assert stage.book() == ([(99, 0.4), (98, 1)], [(101, 2), (102, 1)])
    stage.diff(14, 15, bids=[(100, 0), (99, 0.4)], asks=[(101, 2)])
    assert stage.book() == ([(99, 0.4), (98, 1)], [(101, 2), (102, 1)])


def test_best_prices_that_the_depth_already_contains_are_ignored(stage):
    stage.ticker(10, (99, 0.4), (101, 2))
    assert stage.commands == []


def test_a_trade_takes_its_price_and_size_from_the_side_that_was_hit(stage):
    stage.trade(101, 0.25, maker=Side.SELL)
    (taker,) = stage.commands
    assert (taker.account, taker.side, taker.time_in_force) == (TAKER, Side.BUY, TimeInForce.IOC)
    assert stage.filled(MAKER) == [(101, 0.25)]


def test_a_trade_larger_than_its_level_says_that_there_was_more(stage):
    stage.trade(100, 2.5)
    assert stage.filled(TAKER) == [(100, 1), (100, 1.5)]


def test_a_trade_deeper_than_the_best_price_says_that_the_better_ones_had_gone(stage):
    stage.trade(99, 0.5)
    assert stage.filled(TAKER) == [(99, 0.5)]
    assert stage.book()[0] == [(99, 0.5)]
    stage.diff(11, 12, bids=[(98, 1)])
    assert stage.book()[0] == [(100, 1), (99, 1), (98, 1)]


def test_a_trade_that_the_book_has_moved_past_is_left_out_and_counted(stage):
    stage.trade(101.5, 1)
    assert stage.commands == []
    assert stage.market.late_trades == 1


def test_a_users_better_order_is_filled_first_at_his_own_price(stage):
    stage.user(Side.BUY, 100.5, 0.5)
    stage.trade(100, 0.75)
    assert stage.filled() == [(100.5, 0.5)]
    assert stage.filled(MAKER) == [(100, 0.25)]


def test_a_mirrored_order_that_meets_a_users_order_trades_and_is_repaired_with_the_next_diff(stage):
    stage.user(Side.SELL, 100.5, 0.5)
    stage.diff(11, 12, bids=[(100.5, 2)])
    assert stage.filled() == [(100.5, 0.5)]
    assert stage.book()[0][0] == (100.5, 1.5)
    stage.diff(13, 14, bids=[(90, 1)])
    assert stage.book()[0][0] == (100.5, 2)


def test_what_a_user_takes_is_repaired_with_the_next_diff(stage):
    stage.user(Side.BUY, 101, 1)
    assert stage.book()[1][0] == (102, 1)
    stage.diff(11, 12, asks=[(103, 1)])
    assert stage.book()[1] == [(101, 1), (102, 1), (103, 1)]


def test_a_users_large_order_stays_in_front_of_the_mirrored_side(stage):
    stage.user(Side.BUY, 101, 3)
    stage.diff(11, 12, asks=[(102, 2)])
    assert stage.filled() == [(101, 1), (101, 1)]
    assert stage.book() == ([(101, 1), (100, 1), (99, 1)], [(102, 2)])


def test_quantities_finer_than_a_step_are_mirrored_down_to_whole_steps(stage):
    stage.diff(11, 12, bids=[(100, 2.00000678)])
    assert stage.book()[0][0] == (100, 2)


def test_a_trade_finer_than_a_step_takes_whole_steps(stage):
    stage.trade(100, 0.50000678)
    assert stage.filled(TAKER) == [(100, 0.5)]
    stage.trade(100, 0.00000678)
    assert stage.commands == []


def test_what_fails_a_filter_is_not_tried_again_with_every_diff(stage):
    too_fine = DepthDiff(
        receive_ns=0,
        symbol=SYMBOL,
        first_update_id=11,
        last_update_id=12,
        bids=((price(100) - 1, coins(1)),),
        asks=(),
    )
    (command,) = stage.market.decide(too_fine)
    assert stage.exchange.submit(command).events[0].reason is Reject.FILTER_FAILURE
    stage.diff(13, 14, bids=[(98, 1)])
    assert [(command.price, command.quantity) for command in stage.commands] == [(price(98), coins(1))]


def test_levels_worth_less_than_a_user_may_order_are_mirrored(stage):
    stage.diff(11, 12, bids=[(100, 0.00001)])
    assert stage.book()[0][0] == (100, 0.00001)


def test_a_level_larger_than_an_order_may_be_is_mirrored_by_several(stage):
    stage.diff(11, 12, bids=[(50, 20_000)])
    assert [command.quantity for command in stage.commands] == [coins(9_000), coins(9_000), coins(2_000)]
    stage.diff(13, 14, bids=[(50, 10_000)])
    assert stage.book()[0][-1] == (50, 10_000)


def test_a_gap_in_the_diffs_is_an_error(stage):
    with pytest.raises(DepthGap, match="expected was 11"):
        stage.diff(12, 13)


def test_outcomes_of_other_symbols_are_none_of_its_business(stage):
    stage.exchange.submit(
        PlaceOrder(
            account=MAKER,
            symbol="ETHUSDT",
            side=Side.BUY,
            type=OrderType.LIMIT,
            client_order_id="other",
            price=price(100),
            quantity=coins(1),
        )
    )
    stage.diff(11, 12, bids=[(100, 2)])
    assert stage.book()[0][0] == (100, 2)
