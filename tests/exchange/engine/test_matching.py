"""Who trades with whom, at what price, and what each side pays and gets."""

from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, said


def test_an_order_that_meets_nobody_rests_and_locks_what_it_may_spend() -> None:
    floor = Floor().open()
    assert said(floor.place(ALICE, "BUY", "2", "100")) == [
        "OrderOpened #1 NEW 0/2",
        "LevelChanged BUY 100 = 2",
        "PositionChanged 1: BTC 1000000 + 0, USDT 999800 + 200",
    ]
    assert said(floor.place(ALICE, "SELL", "2", "101")) == [
        "OrderOpened #2 NEW 0/2",
        "LevelChanged SELL 101 = 2",
        "PositionChanged 1: BTC 999998 + 2, USDT 999800 + 200",
    ]


def test_a_market_order_that_meets_nobody_expires() -> None:
    events = Floor().open().place(BOB, "SELL", "1")
    assert said(events)[:2] == ["OrderOpened #1 NEW 0/1", "OrderExpired #1 EXPIRED 0/1"]


def test_events_of_a_taker_that_fills_and_then_rests_come_in_the_documented_order() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    floor.place(CAROL, "SELL", "2", "101")
    assert said(floor.place(BOB, "BUY", "5", "101")) == [
        "OrderOpened #3 NEW 0/5",
        "OrderTraded #1 maker FILLED 1 at 100 fee 0.1 USDT",
        "OrderTraded #3 taker PARTIALLY_FILLED 1 at 100 fee 0.002 BTC",
        "TradeMatched 1: 1 at 100",
        "LevelChanged SELL 100 = 0",
        "OrderTraded #2 maker FILLED 2 at 101 fee 0.202 USDT",
        "OrderTraded #3 taker PARTIALLY_FILLED 2 at 101 fee 0.004 BTC",
        "TradeMatched 2: 2 at 101",
        "LevelChanged SELL 101 = 0",
        "LevelChanged BUY 101 = 2",
        "PositionChanged 1: BTC 999999 + 0, USDT 1000099.9 + 0",
        "PositionChanged 2: BTC 1000002.994 + 0, USDT 999496 + 202",
        "PositionChanged 3: BTC 999998 + 0, USDT 1000201.798 + 0",
    ]


def test_the_better_price_trades_first_and_at_one_price_the_older_order() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "102")
    floor.place(BOB, "SELL", "1", "101")
    floor.place(CAROL, "SELL", "1", "101")
    floor.place(ALICE, "SELL", "1", "101")
    makers = [line.split()[1] for line in said(floor.place(BOB, "BUY", "4", "102")) if " maker " in line]
    assert makers == ["#2", "#3", "#4", "#1"]


def test_a_sweep_of_bids_starts_at_the_highest() -> None:
    floor = Floor().open()
    floor.place(ALICE, "BUY", "1", "99")
    floor.place(ALICE, "BUY", "1", "100")
    assert [line for line in said(floor.place(BOB, "SELL", "2", "99")) if line.startswith("TradeMatched")] == [
        "TradeMatched 1: 1 at 100",
        "TradeMatched 2: 1 at 99",
    ]


def test_a_partly_filled_maker_keeps_its_place_in_the_queue() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "2", "100")
    floor.place(CAROL, "SELL", "2", "100")
    floor.place(BOB, "BUY", "1", "100")
    traded = [line for line in said(floor.place(BOB, "BUY", "2", "100")) if " maker " in line]
    assert traded == [
        "OrderTraded #1 maker FILLED 1 at 100 fee 0.1 USDT",
        "OrderTraded #2 maker PARTIALLY_FILLED 1 at 100 fee 0.1 USDT",
    ]


def test_a_buyer_at_a_better_price_than_its_own_gets_the_difference_back_at_once() -> None:
    floor = Floor().open(taker_rate="0")
    floor.place(ALICE, "SELL", "1", "90")
    floor.place(BOB, "BUY", "2", "100")
    assert floor.balance(BOB, "USDT") == ("999810", "100")


def test_commission_is_taken_from_what_each_side_gets_rounded_down() -> None:
    floor = Floor().open(maker_rate="0.00000007", taker_rate="0.00000013")
    floor.place(ALICE, "BUY", "0.3", "1.1")
    lines = said(floor.place(BOB, "SELL", "0.3", "1.1"))
    assert "OrderTraded #1 maker FILLED 0.3 at 1.1 fee 0.00000002 BTC" in lines  # of 0.021 units
    assert "OrderTraded #2 taker FILLED 0.3 at 1.1 fee 0.00000004 USDT" in lines  # of 0.0429 units


def test_nothing_stays_locked_when_an_order_is_done_however_its_trades_were_rounded() -> None:
    floor = Floor().open(maker_rate="0", taker_rate="0")
    floor.place(ALICE, "BUY", "1.00000001", "0.33333333")
    for quantity in ("0.33333333", "0.00000007", "0.66666661"):
        floor.place(BOB, "SELL", quantity, "0.33333333")
    assert floor.engine.venue.markets["BTCUSDT"].orders == {}
    assert floor.balance(ALICE, "USDT")[1] == "0"
    assert floor.balance(BOB, "BTC")[1] == "0"


def test_an_account_may_trade_with_itself_and_pays_both_commissions() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    lines = said(floor.place(ALICE, "BUY", "1", "100"))
    assert lines[-1] == "PositionChanged 1: BTC 999999.998 + 0, USDT 999999.9 + 0"
    assert sum(line.startswith("PositionChanged") for line in lines) == 1


def test_ids_count_from_one_and_execution_ids_and_update_ids_rise_without_gaps() -> None:
    floor = Floor().open()
    floor.place(ALICE, "SELL", "1", "100")
    floor.place(BOB, "BUY", "2", "100")
    floor.cancel_all(BOB)
    events = [event for outcome in floor.outcomes for event in outcome.events]
    assert [event.execution_id for event in events if hasattr(event, "execution_id")] == [1, 2, 3, 4, 5]
    assert [event.update_id for event in events if hasattr(event, "update_id")] == [1, 2, 3, 4]


def test_balances_beyond_64_bits_trade_like_any_other() -> None:
    floor = Floor().open(balance="1000000000000")  # 1e20 units
    floor.place(ALICE, "SELL", "900000000000", "0.00000001")
    floor.place(BOB, "BUY", "900000000000", "0.00000001")
    assert floor.balance(BOB, "BTC") == ("1898200000000", "0")
    assert floor.engine.restore(floor.engine.snapshot()).snapshot() == floor.engine.snapshot()
