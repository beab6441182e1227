"""When to ask about what nobody said, and when it is settled: by fake clocks."""

from decimal import Decimal
from typing import Any

import pytest

from pitwire.client.safety.inquiry import Found, Nothing, Refused
from pitwire.client.safety.intent import Intent
from pitwire.client.safety.survey import Unseen
from pitwire.client.safety.unknown_orders import ASKING_MAX, UnknownOrder, UnknownOrders
from pitwire.market.enums import OrderType, Side
from pitwire.protocol.errors import CancelRejected, NeverArrived, OutcomeUnknown
from pitwire.protocol.events import ExecutionReport
from pitwire.protocol.requests.trading import OpenOrdersCancelAll, OrderCancel, OrderPlace

SECOND = 1_000_000
SENT_MS = 1_700_000_000_000
SENT = SENT_MS * 1000
FINAL = SENT + 15 * SECOND
"""recvWindow is 5 s, the margin 10 s."""


class Waiter:
    def __init__(self) -> None:
        self.result: Any = None
        self.error: BaseException | None = None

    def done(self) -> bool:
        return self.result is not None or self.error is not None

    def set_result(self, result: Any, /) -> None:
        assert not self.done()
        self.result = result

    def set_exception(self, exception: BaseException, /) -> None:
        assert not self.done()
        self.error = exception


def an_intent(name: str = "mine", window_ms: Decimal | None = None, request: Any = None) -> Intent:
    request = request or OrderPlace(
        symbol="BTCUSDT", side=Side.BUY, type=OrderType.MARKET, new_client_order_id=name, recv_window=window_ms
    )
    return Intent(request=request, client_order_id=name, timestamp=SENT_MS)


def some() -> UnknownOrders:
    return UnknownOrders(10 * SECOND, 120 * SECOND)


def add(unknown: UnknownOrders, now: int = SENT, **how: Any) -> tuple[UnknownOrder, Waiter]:
    waiter = Waiter()
    return unknown.add(an_intent(**how), waiter, "the connection was lost", now, now), waiter


def report(**fields: Any) -> ExecutionReport:
    values: dict[str, Any] = {}
    for name in ExecutionReport.__struct_fields__:
        values[name] = 0
    del values["subscription_id"]
    values |= {"symbol": "BTCUSDT", "client_order_id": "mine", "original_client_order_id": "", "execution_type": "NEW"}
    return ExecutionReport(**(values | {"status": "NEW", "order_id": 7} | fields))


def test_it_is_asked_about_at_once_and_what_is_found_is_the_outcome():
    unknown = some()
    one, waiter = add(unknown)
    assert unknown.due(SENT, SENT) == [one]
    assert unknown.due(SENT, SENT) == []
    assert unknown.answered(one, Found("placed"), SENT, SENT)
    assert waiter.result == "placed"
    assert len(unknown) == 0


def test_the_error_that_the_response_would_have_been_is_raised():
    unknown = some()
    one, waiter = add(unknown)
    unknown.due(SENT, SENT)
    unknown.answered(one, Refused(CancelRejected(400, -2011, "Unknown order sent.")), SENT, SENT)
    assert isinstance(waiter.error, CancelRejected)


def test_nothing_is_final_only_where_the_query_was_made_after_the_last_moment_and_the_margin():
    unknown = some()
    one, waiter = add(unknown)
    unknown.due(SENT, FINAL)
    assert not unknown.answered(one, Nothing(), SENT, FINAL + SECOND), "it was asked too early"
    assert unknown.due(one.due_us, FINAL + 1) == [one]
    assert unknown.answered(one, Nothing(), SENT, FINAL + 1)
    assert isinstance(waiter.error, NeverArrived)
    assert waiter.error.client_order_id == "mine"


def test_what_never_arrived_says_once_which_method_it_was():
    unknown = some()
    waiter = Waiter()
    one = unknown.add(an_intent(), waiter, "order.place: the connection was lost", SENT, SENT)
    unknown.due(SENT, FINAL + 1)
    unknown.answered(one, Nothing(), SENT, FINAL + 1)
    assert str(waiter.error).startswith("order.place: the connection was lost; the exchange")


def test_the_last_moment_follows_the_receive_window():
    unknown = some()
    one, waiter = add(unknown, window_ms=Decimal("60000"))
    unknown.due(SENT, SENT + 69 * SECOND)
    assert not unknown.answered(one, Nothing(), SENT, SENT)
    unknown.due(one.due_us, SENT + 70 * SECOND + 1)
    assert unknown.answered(one, Nothing(), SENT, SENT)
    assert waiter.done()


def test_what_is_true_instead_of_nothing_is_said_when_it_is_final():
    unknown = some()
    one, waiter = add(unknown)
    instead = CancelRejected(400, -2011, "Unknown order sent.")
    unknown.due(SENT, SENT)
    assert not unknown.answered(one, Nothing(unless=instead), SENT, SENT)
    unknown.due(one.due_us, FINAL + 1)
    unknown.answered(one, Nothing(unless=instead), SENT, SENT)
    assert waiter.error is instead


def test_the_delays_grow_and_the_next_question_comes_as_soon_as_it_is_final():
    unknown = some()
    one, _ = add(unknown)
    now, asked = SENT, []
    while now <= FINAL:
        assert unknown.due(now, now) == [one]
        asked.append((now - SENT) / SECOND)
        assert not unknown.answered(one, Nothing(), now, now)
        next_due = unknown.next_due_us()
        assert next_due is not None
        now = next_due
    assert asked == [0, 0.2, 0.6, 1.4, 3.0, 6.2, 11.2]
    assert now == FINAL + 1


def test_without_an_answer_it_is_given_up_in_the_end_and_stays_unknown():
    unknown = some()
    one, waiter = add(unknown)
    end = FINAL + 120 * SECOND
    unknown.due(SENT, SENT)
    assert unknown.next_due_us() == end
    assert unknown.give_up(end - 1) == []
    assert unknown.give_up(end) == [one]
    assert isinstance(waiter.error, OutcomeUnknown)
    assert waiter.error.client_order_id == "mine"
    assert unknown.answered(one, Found("too late"), end, end)


def test_an_event_of_the_order_has_it_asked_about_at_once_and_is_the_answer_where_nobody_answers():
    unknown = some()
    one, waiter = add(unknown)
    unknown.due(SENT, SENT)
    unknown.answered(one, Nothing(), SENT, SENT)
    assert unknown.due(SENT + 1, SENT) == []
    unknown.observe(report(symbol="ETHUSDT"), SENT + 1)
    unknown.observe(report(client_order_id="another's"), SENT + 1)
    assert unknown.due(SENT + 1, SENT) == []
    unknown.observe(report(order_id=77), SENT + 1)
    assert unknown.due(SENT + 1, SENT) == [one]
    assert unknown.answered(one, None, SENT + 1, SENT)
    assert waiter.result.order_id == 77


def test_an_event_of_a_refusal_is_no_order():
    unknown = some()
    one, _ = add(unknown)
    unknown.due(SENT, SENT)
    unknown.observe(report(execution_type="REJECTED"), SENT)
    assert not unknown.answered(one, None, SENT, SENT)


@pytest.mark.parametrize(
    "request_fields", [{"order_id": 7}, {"orig_client_order_id": "order"}], ids=["by order id", "by client order id"]
)
def test_an_event_of_the_order_to_cancel_has_the_cancellation_asked_about(request_fields: dict[str, Any]):
    unknown = some()
    one, _ = add(unknown, request=OrderCancel(symbol="BTCUSDT", **request_fields))
    unknown.due(SENT, SENT)
    unknown.answered(one, Nothing(), SENT, SENT)
    canceled = report(execution_type="CANCELED", client_order_id="cancel", original_client_order_id="order")
    unknown.observe(canceled, SENT + 1)
    assert unknown.due(SENT + 1, SENT) == [one]


def test_an_event_has_those_asked_about_that_it_names_and_that_are_not_settled():
    unknown = some()
    one, waiter = add(unknown, request=OrderCancel(symbol="BTCUSDT", order_id=7))
    other, _ = add(unknown, request=OrderCancel(symbol="BTCUSDT", order_id=7, orig_client_order_id="order"))
    third, _ = add(unknown, request=OrderCancel(symbol="BTCUSDT", order_id=8))
    assert unknown.due(SENT, SENT) == [one, other, third]
    unknown.answered(one, Found("canceled"), SENT, SENT)
    for each in (other, third):
        unknown.answered(each, Nothing(), SENT, SENT)
    unknown.observe(report(order_id=7, client_order_id="order"), SENT + 1)
    assert unknown.due(SENT + 1, SENT) == [other]
    unknown.answered(other, Found("canceled"), SENT, SENT)
    unknown.observe(report(order_id=7, client_order_id="order"), SENT + 1)
    assert unknown.due(SENT + 1, SENT) == []
    assert waiter.result == "canceled"


def test_a_bound_number_is_asked_about_at_a_time():
    unknown = some()
    for number in range(ASKING_MAX + 5):
        add(unknown, name=f"order-{number}")
    first = unknown.due(SENT, SENT)
    assert len(first) == ASKING_MAX
    assert unknown.due(SENT, SENT) == []
    unknown.answered(first[0], Found("placed"), SENT, SENT)
    assert len(unknown.due(SENT, SENT)) == 1


# --- together -------------------------------------------------------------------------------------------------------

MANY = 20


def many(unknown: UnknownOrders, number: int = MANY, now: int = SENT, **how: Any) -> list[UnknownOrder]:
    return [add(unknown, now, name=f"order-{each}", **how)[0] for each in range(number)]


def nobody_else_is_due(unknown: UnknownOrders, now: int, server: int) -> bool:
    return unknown.due_together(now, server) == [] and unknown.due(now, server) == []


def test_many_are_asked_about_together_and_few_singly():
    unknown = some()
    few = many(unknown, 12)
    assert unknown.due_together(SENT, SENT) == []
    assert unknown.due(SENT, SENT) == few
    unknown = some()
    enough = many(unknown, 13)
    assert unknown.due_together(SENT, SENT) == [enough]
    assert nobody_else_is_due(unknown, SENT, SENT)


def test_together_are_those_of_one_account_and_symbol_and_what_no_survey_finds_is_asked_about_singly():
    unknown = some()
    bitcoin = many(unknown)
    ether = many(unknown, request=OrderCancel(symbol="ETHUSDT", order_id=1))
    everything, _ = add(unknown, request=OpenOrdersCancelAll(symbol="BTCUSDT"))
    assert unknown.due_together(SENT, SENT) == [bitcoin, ether]
    assert unknown.due(SENT, SENT) == [everything]


def test_those_that_are_not_due_are_asked_about_with_those_that_are_if_these_are_enough():
    unknown = some()
    early = many(unknown, 5)
    for one in unknown.due(SENT, SENT):
        unknown.answered(one, Nothing(), SENT, SENT)
    late = many(unknown, 12)
    assert unknown.due_together(SENT + 1, SENT) == []
    late.append(add(unknown)[0])
    assert unknown.due_together(SENT + 1, SENT) == [early + late]


def test_what_a_survey_finds_is_the_outcome_and_what_it_does_not_show_is_asked_about_later():
    unknown = some()
    together = many(unknown)
    unknown.due_together(SENT, SENT)
    findings = [Found("placed"), *[Unseen(ask_singly=False)] * (MANY - 1)]
    assert unknown.surveyed(together, findings, SENT, SENT) == 1
    assert len(unknown) == MANY - 1
    assert nobody_else_is_due(unknown, SENT, SENT)
    assert unknown.next_due_us() == SENT + 200_000
    assert unknown.due_together(SENT + 200_000, SENT) == [together[1:]]


def test_what_a_survey_cannot_answer_is_asked_about_singly_at_once():
    unknown = some()
    together = many(unknown)
    unknown.due_together(SENT, SENT)
    unknown.surveyed(together, [Unseen(ask_singly=True)] * MANY, SENT, SENT)
    assert unknown.due_together(SENT, SENT) == []
    assert unknown.due(SENT, SENT) == together


def test_a_survey_that_shows_nothing_is_never_final_and_an_inquiry_after_it_is():
    unknown = some()
    together = many(unknown)
    waiters = [one.waiter for one in together]
    unknown.due_together(SENT, FINAL + 1)
    assert unknown.surveyed(together, [Unseen(ask_singly=False)] * MANY, FINAL + 1, FINAL + 1) == 0
    assert not any(waiter.done() for waiter in waiters)
    assert unknown.due_together(FINAL + 1, FINAL + 1) == []
    for one in unknown.due(FINAL + 1, FINAL + 1):
        assert unknown.answered(one, Nothing(), FINAL + 1, FINAL + 1)
    assert all(isinstance(waiter.error, NeverArrived) for waiter in waiters)


def test_a_survey_that_is_not_answered_is_made_again_and_events_are_the_answer_meanwhile():
    unknown = some()
    together = many(unknown)
    unknown.due_together(SENT, SENT)
    unknown.observe(report(client_order_id="order-3", order_id=77), SENT)
    assert unknown.surveyed(together, [None] * MANY, SENT, SENT) == 1
    assert together[3].waiter.result.order_id == 77
    del together[3]
    assert unknown.due_together(SENT + 200_000, SENT) == [together]


def test_a_survey_counts_as_one_of_those_that_are_under_way():
    unknown = some()
    together = many(unknown)
    unknown.due_together(SENT, SENT)
    lists = [add(unknown, request=OpenOrdersCancelAll(symbol="BTCUSDT"))[0] for _ in range(ASKING_MAX)]
    assert unknown.due(SENT, SENT) == lists[:-1]
    more = many(unknown)
    assert nobody_else_is_due(unknown, SENT, SENT)
    unknown.surveyed(together, [Found("placed")] * MANY, SENT, SENT)
    assert unknown.due_together(SENT, SENT) == [more]


# --- when it is about to be final -----------------------------------------------------------------------------------


def test_a_question_that_would_be_a_moment_too_early_to_be_final_waits():
    unknown = some()
    one, _ = add(unknown)
    assert unknown.due(SENT, FINAL - 49_000) == []
    assert unknown.next_due_us() == SENT + 49_001
    assert unknown.due(SENT + 49_001, FINAL + 1) == [one]


def test_what_becomes_final_while_it_is_asked_about_is_asked_about_again_at_once():
    unknown = some()
    one, waiter = add(unknown)
    unknown.due(SENT, FINAL - SECOND)
    assert not unknown.answered(one, Nothing(), SENT + 2 * SECOND, FINAL + SECOND)
    assert unknown.due(SENT + 2 * SECOND, FINAL + SECOND) == [one]
    assert unknown.answered(one, Nothing(), SENT + 2 * SECOND, FINAL + SECOND)
    assert isinstance(waiter.error, NeverArrived)


def test_what_was_final_and_is_not_answered_waits_longer_each_time():
    unknown = some()
    one, _ = add(unknown)
    unknown.due(SENT, FINAL + 1)
    assert not unknown.answered(one, None, SENT, FINAL + 1)
    assert unknown.next_due_us() == SENT + 200_000


def test_a_connection_has_all_of_them_asked_about():
    unknown = some()
    one, _ = add(unknown)
    unknown.due(SENT, SENT)
    unknown.answered(one, None, SENT, SENT)
    unknown.hurry(SENT + 1)
    assert unknown.due(SENT + 1, SENT) == [one]


def test_whoever_waits_no_longer_is_left_alone():
    unknown = some()
    one, waiter = add(unknown)
    waiter.set_result("cancelled")
    unknown.due(SENT, SENT)
    assert unknown.answered(one, Found("placed"), SENT, SENT)
    assert waiter.result == "cancelled"
