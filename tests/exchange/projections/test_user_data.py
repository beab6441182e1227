"""User data events: their fields beside the documented examples, and the documentation's worked example."""

import json

import pytest

from pitwire.exchange.messages import Deposit, OpenAccount, Peg, PlaceOrder, Trigger
from pitwire.exchange.projections.replies import order_placed
from pitwire.exchange.projections.user_data import reports
from pitwire.market.enums import OrderResponseType, OrderType, PegPriceType, SelfTradePrevention, Side, TimeUnit
from pitwire.protocol.events import BalanceUpdate, ExecutionReport, ListStatus, OutboundAccountPosition, decode_event
from tests.exchange.projections import examples
from tests.exchange.projections.trading import ALICE, BOB, CAROL, Floor, random_commands, rules, units

MS = TimeUnit.MILLISECOND
EVERYBODY = frozenset((ALICE, BOB, CAROL))


@pytest.fixture
def floor():
    return Floor()


def events(outcome, wanted=EVERYBODY, unit=MS):
    return [(account, json.loads(event)) for account, event in reports(outcome, unit, wanted)]


def test_an_execution_report_has_the_documented_fields_in_the_documented_order(floor):
    (_, report), _ = events(floor.place(ALICE, "BUY", 100, 1))
    # v is there only for an order that expired to prevent a self-trade
    assert list(report) == [name for name in examples.event("executionReport") if name != "v"]


def test_an_account_position_and_a_balance_update_have_the_documented_fields(floor):
    (_, update), (_, position) = events(floor.do(Deposit(account=ALICE, asset="BTC", amount=units(-2))))
    assert list(update) == list(examples.event("balanceUpdate"))
    assert list(position) == list(examples.event("outboundAccountPosition"))
    assert list(position["B"][0]) == list(examples.event("outboundAccountPosition")["B"][0])
    assert (update["a"], update["d"]) == ("BTC", "-2.00000000")
    assert position["B"] == [{"a": "BTC", "f": "999998.00000000", "l": "0.00000000"}]


def test_a_new_order_is_reported_with_its_terms_and_then_the_balance_that_it_locks(floor):
    sent_ms = floor.now_us // 1000
    outcome = floor.place(ALICE, "BUY", "100.5", 2, "mine")
    assert events(outcome) == [
        (
            ALICE,
            {
                "e": "executionReport",
                "E": sent_ms,
                "s": "BTCUSDT",
                "c": "mine",
                "S": "BUY",
                "o": "LIMIT",
                "f": "GTC",
                "q": "2.00000000",
                "p": "100.50000000",
                "P": "0.00000000",
                "F": "0.00000000",
                "g": -1,
                "C": "",
                "x": "NEW",
                "X": "NEW",
                "r": "NONE",
                "i": 1,
                "l": "0.00000000",
                "z": "0.00000000",
                "L": "0.00000000",
                "n": "0",
                "N": None,
                "T": sent_ms,
                "t": -1,
                "I": 1,
                "w": True,
                "m": False,
                "M": False,
                "O": sent_ms,
                "Z": "0.00000000",
                "Y": "0.00000000",
                "Q": "0.00000000",
                "W": sent_ms,
                "V": "NONE",
            },
        ),
        (
            ALICE,
            {
                "e": "outboundAccountPosition",
                "E": sent_ms,
                "u": sent_ms,
                # what an order can move: both assets of its symbol
                "B": [
                    {"a": "BTC", "f": "1000000.00000000", "l": "0.00000000"},
                    {"a": "USDT", "f": "999799.00000000", "l": "201.00000000"},
                ],
            },
        ),
    ]


def test_both_sides_of_a_trade_are_told_maker_first(floor):
    floor.place(BOB, "SELL", 100, 2, "resting")
    outcome = floor.place(ALICE, "BUY", 101, 1, "taking")
    told = events(outcome)
    assert [(account, event["e"], event.get("x")) for account, event in told] == [
        (ALICE, "executionReport", "NEW"),
        (BOB, "executionReport", "TRADE"),
        (ALICE, "executionReport", "TRADE"),
        (ALICE, "outboundAccountPosition", None),
        (BOB, "outboundAccountPosition", None),
    ]
    maker, taker = told[1][1], told[2][1]
    names = ("c", "X", "l", "z", "L", "n", "N", "t", "m", "M", "w", "Z", "Y")
    assert [maker[name] for name in names] == [
        "resting",
        "PARTIALLY_FILLED",
        "1.00000000",
        "1.00000000",
        "100.00000000",
        "0.10000000",
        "USDT",
        1,
        True,
        True,
        True,
        "100.00000000",
        "100.00000000",
    ]
    assert [taker[name] for name in names] == [
        "taking",
        "FILLED",
        "1.00000000",
        "1.00000000",
        "100.00000000",
        "0.00100000",
        "BTC",
        1,
        False,
        True,
        False,
        "100.00000000",
        "100.00000000",
    ]


def test_a_cancel_reports_its_own_id_and_the_original_one(floor):
    floor.place(ALICE, "BUY", 100, 1, "mine")
    (_, report), _ = events(floor.cancel(ALICE, 1, "the-cancel"))
    assert {name: report[name] for name in ("c", "C", "x", "X", "w", "W")} == {
        "c": "the-cancel",
        "C": "mine",
        "x": "CANCELED",
        "X": "CANCELED",
        "w": False,
        "W": report["O"],
    }


def test_the_worked_example_of_the_market_orders_faq_is_reported_as_documented():
    # faqs/market_orders_faq.md: a MARKET BUY of 6 LTC where only 4 are for sale, in two orders of 2 at a price of 1.
    floor = Floor(rules("LTCBNB", "LTC", "BNB"))
    floor.do(OpenAccount(account=ALICE, name="alice", taker_rate=0))
    for _ in range(2):
        floor.place(BOB, "SELL", 1, 2, symbol="LTCBNB")
    outcome = floor.place(ALICE, "BUY", quantity=6, kind="MARKET", symbol="LTCBNB")
    told = [event for _, event in events(outcome, wanted={ALICE}) if event["e"] == "executionReport"]
    columns = ("x", "X", "l", "z", "L", "w", "m", "M", "Z", "Y", "p", "q", "o", "f")
    zero, terms = "0.00000000", ("0.00000000", "6.00000000", "MARKET", "GTC")
    one, two, four = "1.00000000", "2.00000000", "4.00000000"
    assert [tuple(event[name] for name in columns) for event in told] == [
        ("NEW", "NEW", zero, zero, zero, True, False, False, zero, zero, *terms),
        ("TRADE", "PARTIALLY_FILLED", two, two, one, False, False, True, two, two, *terms),
        ("TRADE", "PARTIALLY_FILLED", two, four, one, False, False, True, four, two, *terms),
        ("EXPIRED", "EXPIRED", zero, four, zero, False, False, False, four, zero, *terms),
    ]
    assert [event["t"] for event in told] == [-1, 1, 2, -1]
    assert all(event["W"] == event["O"] for event in told)
    assert [event.get("eR") for event in told] == [None, None, None, "INSUFFICIENT_LIQUIDITY"]


@pytest.mark.parametrize(
    ("tif", "rests"),
    [("GTC", True), ("IOC", False)],
)
def test_a_partly_filled_taker_is_on_the_book_only_if_its_rest_stays_there(floor, tif, rests):
    floor.place(BOB, "SELL", 100, 1)
    told = events(floor.place(ALICE, "BUY", 100, 3, tif=tif), wanted={ALICE})
    assert next(event["w"] for _, event in told if event.get("x") == "TRADE") is rests


def test_strategy_fields_appear_only_where_they_were_sent(floor):
    plain = events(floor.place(ALICE, "BUY", 100, 1))[0][1]
    assert not {"j", "J"} & plain.keys()
    labelled = events(floor.place(ALICE, "BUY", 100, 1, strategy=(0, 1_000_000)))[0][1]
    assert (labelled["j"], labelled["J"]) == (0, 1_000_000)


def test_an_order_by_quote_quantity_reports_it(floor):
    floor.place(BOB, "SELL", 100, 5)
    report = events(floor.place(ALICE, "BUY", kind="MARKET", quote_quantity="150"), wanted={ALICE})[0][1]
    assert (report["Q"], report["q"]) == ("150.00000000", "1.50000000")


def test_microseconds_reach_every_time_of_every_event(floor):
    floor.place(BOB, "SELL", 100, 1)
    sent_us = floor.now_us
    told = events(floor.place(ALICE, "BUY", 100, 1), wanted={ALICE}, unit=TimeUnit.MICROSECOND)
    times = {event[name] for _, event in told for name in ("E", "T", "O", "W", "u") if name in event}
    assert times == {sent_us}


def test_accounts_nobody_listens_to_are_not_encoded(floor):
    floor.place(BOB, "SELL", 100, 1)
    outcome = floor.place(ALICE, "BUY", 100, 1)
    assert {account for account, _ in reports(outcome, MS, {BOB})} == {BOB}
    assert reports(outcome, MS, ()) == []


def test_a_client_order_id_cannot_break_the_json(floor):
    report = events(floor.place(ALICE, "BUY", 100, 1, 'a"}\\\n'))[0][1]
    assert report["c"] == 'a"}\\\n'


@pytest.mark.parametrize("seed", range(3))
def test_every_event_of_a_random_market_decodes_as_documented(seed):
    floor = Floor()
    kinds = set()
    for command in random_commands(seed, 300, ("BTCUSDT",)):
        for account, raw in reports(floor.do(command), MS, EVERYBODY):
            event = decode_event(raw)
            assert isinstance(event, (ExecutionReport, OutboundAccountPosition, BalanceUpdate, ListStatus))
            assert account in EVERYBODY
            kinds.add(type(event))
    assert kinds == {ExecutionReport, OutboundAccountPosition, BalanceUpdate, ListStatus}


def test_an_amended_order_is_reported_as_replaced_and_then_the_balance_that_it_frees(floor):
    floor.place(ALICE, "BUY", 100, 5, "mine")
    (account, report), (_, position) = events(floor.amend(ALICE, 1, 3, "reduced"))
    assert account == ALICE
    assert list(report) == [name for name in examples.event("executionReport") if name != "v"]
    assert (report["x"], report["X"], report["c"], report["C"]) == ("REPLACED", "NEW", "reduced", "mine")
    assert (report["q"], report["l"], report["I"], report["t"], report["w"]) == (
        "3.00000000",
        "0.00000000",
        2,
        -1,
        True,
    )
    assert report["W"] == report["O"] < report["T"] == report["E"]
    assert {"a": "USDT", "f": "999700.00000000", "l": "300.00000000"} in position["B"]
    assert events(floor.amend(ALICE, 1, 2, "mine"), wanted=frozenset((BOB,))) == []


# --- of more than one special kind at once --------------------------------------------------------------------------


@pytest.fixture
def every_kind():
    return Floor(
        rules(
            order_types=tuple(OrderType),
            iceberg_allowed=True,
            trailing_stop_allowed=True,
            peg_instructions_allowed=True,
        )
    )


def place_special(floor, account, side, kind, mode, price=0, **more):
    return floor.do(
        PlaceOrder(
            account=account,
            symbol="BTCUSDT",
            side=Side(side),
            type=OrderType(kind),
            client_order_id=f"order-{len(floor.outcomes)}",
            price=units(price),
            quantity=units(2),
            self_trade_prevention=SelfTradePrevention(mode),
            **more,
        )
    )


def heard(outcome, account):
    return [report for _, report in events(outcome, {account}) if report["e"] == "executionReport"]


def test_a_pegged_iceberg_that_was_decremented_says_all_of_it(every_kind):
    every_kind.place(BOB, "SELL", 100, 1)
    place_special(
        every_kind, ALICE, "SELL", "LIMIT", "NONE", iceberg_quantity=units(1), peg=Peg(PegPriceType.PRIMARY_PEG)
    )
    every_kind.cancel(BOB, 1)
    outcome = every_kind.place(ALICE, "BUY", 100, 1, mode="DECREMENT")
    maker = next(report for report in heard(outcome, ALICE) if report["i"] == 2)
    assert (maker["x"], maker["X"], maker["q"], maker["F"]) == ("TRADE_PREVENTION", "NEW", "2.00000000", "1.00000000")
    assert (maker["gP"], maker["gp"], maker["w"]) == ("PRIMARY_PEG", "100.00000000", True)
    assert (maker["A"], maker["B"], maker["U"], maker["pl"]) == ("1.00000000", "1.00000000", 3, "1.00000000")
    [canceled] = heard(every_kind.cancel(ALICE, 2), ALICE)
    assert (canceled["gP"], canceled["A"], canceled["v"]) == ("PRIMARY_PEG", "1.00000000", 0)
    assert not {"B", "u", "U", "Cs", "pl", "pL", "pY", "d", "D", "gOT", "gOV"} & set(canceled)


def test_a_triggered_order_reports_its_trigger_and_what_was_prevented(every_kind):
    every_kind.place(BOB, "SELL", 100, 2)
    every_kind.place(CAROL, "BUY", 100, 1)
    place_special(every_kind, ALICE, "BUY", "STOP_LOSS", "EXPIRE_TAKER", trigger=Trigger(trailing_delta=100))
    every_kind.place(ALICE, "SELL", 105, 1)
    every_kind.place(BOB, "SELL", 102, 1)
    every_kind.place(CAROL, "BUY", 100, 1)
    outcome = every_kind.place(CAROL, "BUY", 102, 1)
    triggered, prevented = heard(outcome, ALICE)
    assert (triggered["x"], triggered["d"], triggered["w"]) == ("NEW", 100, True)
    assert not {"v", "A", "B"} & set(triggered)
    assert (prevented["x"], prevented["X"], prevented["w"]) == ("TRADE_PREVENTION", "EXPIRED_IN_MATCH", False)
    assert (prevented["d"], prevented["A"], prevented["pL"]) == (100, "2.00000000", "105.00000000")
    # The order that set it off is not answered with what another one's trigger prevented.
    answer = order_placed(outcome, OrderResponseType.FULL, MS)
    assert not {"preventedMatches", "preventedQuantity", "tradeGroupId"} & set(answer)
