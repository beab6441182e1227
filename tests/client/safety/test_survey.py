"""What is asked about many requests together, when that is worth it, and what it shows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from pitwire.client.safety.inquiry import Found, Refused
from pitwire.client.safety.intent import Intent
from pitwire.client.safety.survey import PAGE, Survey, Unseen, is_worth_it, saves, subject, survey
from pitwire.market.enums import CancelReplaceMode, OrderResponseType, OrderStatus, OrderType, Side
from pitwire.protocol.errors import CancelRejected, Rejected
from pitwire.protocol.requests import account, trading
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results.account import AccountTrade, Order
from pitwire.protocol.results.trading import OrderPlaced
from pitwire.protocol.signing import Key
from tests.client.safety.test_inquiry import SENT_MS, order, place, trade


def placing(number: int, sent_ms: int = SENT_MS, **fields: Any) -> Intent:
    name = f"order-{number}"
    return Intent(request=place(new_client_order_id=name, **fields), client_order_id=name, timestamp=sent_ms)


def cancelling(sent_ms: int = SENT_MS, **fields: Any) -> Intent:
    request = trading.OrderCancel(symbol="BTCUSDT", new_client_order_id="cancel", **fields)
    return Intent(request=request, client_order_id="cancel", timestamp=sent_ms)


def canceled(number: int, **fields: Any) -> Order:
    return order(number, **({"status": OrderStatus.CANCELED} | fields))


def filled(number: int, **fields: Any) -> Order:
    values = {"status": OrderStatus.FILLED, "executed_qty": Decimal(2), "cummulative_quote_qty": Decimal(200)}
    return order(number, **(values | fields))


def fill(number: int, of: int) -> AccountTrade:
    return replace(trade(number, is_maker=False, order_id=of), time=SENT_MS + 6)


class Account:
    """Answers as the exchange does: orders in the order of their last update, trades in that of their ids."""

    def __init__(
        self, *, opened: Sequence[Order] = (), ended: Sequence[Order] = (), trades: Sequence[AccountTrade] = ()
    ) -> None:
        self.opened = opened
        self.ended = ended
        self.trades = trades
        self.asked: list[Request[Any]] = []

    @property
    def weight(self) -> int:
        return sum(request.weight() for request in self.asked)

    def surveyed(self, *intents: Intent) -> Survey:
        asking = survey(intents)
        try:
            query = next(asking)
            while True:
                self.asked.append(query)
                query = asking.send(self._answer(query))
        except StopIteration as end:
            seen: Survey = end.value
            return seen

    def _answer(self, query: Any) -> Any:
        match query:
            case account.OpenOrdersStatus():
                return self.opened
            case account.AllOrders():
                return [each for each in self.ended if each.update_time >= query.start_time][: query.limit]
            case account.MyTrades(from_id=None):
                return [each for each in self.trades if each.time >= query.start_time][: query.limit]
            case account.MyTrades():
                return [each for each in self.trades if each.id >= query.from_id][: query.limit]


# --- when it is worth it --------------------------------------------------------------------------------------------

WORTH = [
    # weight  requests  each   saves
    (26, 0, 4, False),
    (26, 12, 4, False),  # singly 48, and together 26, and then 24 for the half that may not be there
    (26, 13, 4, True),
    (46, 22, 4, False),
    (46, 23, 4, True),
    (20, 7, 5, False),
    (20, 8, 5, True),
    (4_000, 2_000, 4, True),
    (4_001, 2_000, 4, False),
]


@pytest.mark.parametrize(("weight", "number", "each", "worth"), WORTH)
def test_what_is_asked_together_costs_less_even_if_half_of_it_is_asked_again(
    weight: int, number: int, each: int, worth: bool
):
    assert saves(weight, number, each) is worth


@pytest.mark.parametrize(("number", "worth"), [(0, False), (1, False), (12, False), (13, True), (2_000, True)])
def test_a_survey_is_worth_it_from_thirteen_requests_on(number: int, worth: bool):
    assert is_worth_it(number) is worth


KEY = Key.hmac("another", "secret")
SUBJECTS: list[tuple[Any, str | None]] = [
    (placing(1).request, "BTCUSDT"),
    (trading.SorOrderPlace(symbol="ETHUSDT", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(1)), "ETHUSDT"),
    (trading.OrderCancel(symbol="BTCUSDT", order_id=1), "BTCUSDT"),
    (trading.OpenOrdersCancelAll(symbol="BTCUSDT"), None),
    (trading.OrderAmendKeepPriority(symbol="BTCUSDT", order_id=1, new_qty=Decimal(1)), None),
    (
        trading.OrderCancelReplace(
            symbol="BTCUSDT",
            side=Side.BUY,
            type=OrderType.MARKET,
            cancel_replace_mode=CancelReplaceMode.STOP_ON_FAILURE,
            cancel_order_id=1,
        ),
        None,
    ),
]


@pytest.mark.parametrize(("request_", "symbol"), SUBJECTS)
def test_what_goes_into_a_survey_is_of_one_account_and_one_symbol(request_: Any, symbol: str | None):
    for key in (None, KEY):
        found = subject(Intent(request=request_, client_order_id="one", timestamp=SENT_MS, key=key))
        assert found == (None if symbol is None else (key, symbol))


# --- what is asked --------------------------------------------------------------------------------------------------


def test_where_all_are_open_one_query_says_so():
    here = Account(opened=[order(number) for number in range(40)])
    seen = here.surveyed(*(placing(number) for number in range(40)))
    assert here.weight == 6
    assert all(isinstance(seen.finding(placing(number)), Found) for number in range(40))


def test_ended_orders_are_read_from_the_oldest_request_on_page_by_page():
    ended = [canceled(number, update_time=SENT_MS + number) for number in range(2 * PAGE + 10)]
    here = Account(ended=ended)
    intents = [placing(number, sent_ms=SENT_MS + number % 7) for number in range(len(ended))]
    seen = here.surveyed(*intents)
    starts = [query.start_time for query in here.asked if isinstance(query, account.AllOrders)]
    assert starts == [SENT_MS - 1_000, SENT_MS + PAGE - 1, SENT_MS + 2 * PAGE - 2]
    assert here.weight == 6 + 3 * 20
    assert all(isinstance(seen.finding(intent), Found) for intent in intents)


def test_reading_ends_where_it_would_cost_more_than_asking_singly():
    others = [canceled(number + 1_000_000, update_time=SENT_MS + number) for number in range(20 * PAGE)]
    here = Account(ended=others)
    here.surveyed(*(placing(number) for number in range(100)))
    assert here.weight == 6 + 9 * 20  # half of what 100 queries cost


def test_reading_ends_where_few_are_missing():
    ended = [canceled(number, update_time=SENT_MS + number) for number in range(5 * PAGE)]
    here = Account(ended=ended)
    here.surveyed(*(placing(number) for number in range(PAGE + 9)))
    assert here.weight == 6 + 20


def test_a_page_of_one_moment_is_not_read_again_and_again():
    here = Account(ended=[canceled(number + 5_000, update_time=SENT_MS - 1_000) for number in range(2 * PAGE)])
    here.surveyed(*(placing(number) for number in range(1_000)))
    assert here.weight == 6 + 20


def test_fills_are_read_for_all_that_want_them_and_no_others():
    ended = [filled(number) for number in range(30)]
    trades = [fill(2 * number + part, of=number) for number in range(30) for part in range(2)]
    here = Account(ended=ended, trades=trades)
    intents = [placing(number) for number in range(30)]
    seen = here.surveyed(*intents)
    assert here.weight == 6 + 20 + 20
    for number, intent in enumerate(intents):
        finding = seen.finding(intent)
        assert isinstance(finding, Found)
        assert [each.trade_id for each in finding.result.fills] == [2 * number, 2 * number + 1]
    here = Account(ended=ended, trades=trades)
    here.surveyed(*(placing(number, new_order_resp_type=OrderResponseType.RESULT) for number in range(30)))
    assert here.weight == 6 + 20


def test_trades_are_read_page_by_page():
    ended = [filled(number) for number in range(PAGE)]
    trades = [fill(2 * number + part, of=number) for number in range(PAGE) for part in range(2)]
    here = Account(ended=ended, trades=trades)
    seen = here.surveyed(*(placing(number) for number in range(PAGE)))
    assert [query.from_id for query in here.asked if isinstance(query, account.MyTrades)] == [None, PAGE]
    assert isinstance(seen.finding(placing(PAGE - 1)), Found)


# --- what it shows --------------------------------------------------------------------------------------------------


def seen(*, opened: Sequence[Order] = (), ended: Sequence[Order] = (), trades: Sequence[AccountTrade] = ()) -> Survey:
    """A survey with requests enough beside for it to be read to its end."""
    others = [placing(number) for number in range(1_000, 1_100)]
    here = Account(
        opened=opened,
        ended=[*ended, *(filled(number) for number in range(1_000, 1_010))],
        trades=[*trades, *(fill(number, of=number) for number in range(1_000, 1_010))],
    )
    return here.surveyed(placing(1), *others)


def test_an_order_that_is_open_was_placed_as_one_that_has_ended():
    for shown in (seen(opened=[order()]), seen(ended=[canceled(1)])):
        finding = shown.finding(placing(1))
        assert isinstance(finding, Found)
        assert isinstance(finding.result, OrderPlaced)
        assert finding.result.order_id == 1


UNSEEN: list[tuple[str, Intent, dict[str, Any], bool]] = [
    # what                                         request                     what is shown                 ask singly
    ("an order that is not there, yet", placing(1), {}, False),
    ("an older order of that id", placing(1), {"ended": [canceled(1, time=SENT_MS - 5_000)]}, False),
    ("open by the database alone", placing(1), {"ended": [order()]}, False),
    ("its fills are not all there", placing(1), {"ended": [filled(1)], "trades": [fill(1, of=1)]}, True),
    ("the order to cancel is open", cancelling(order_id=1), {"opened": [order()]}, False),
    ("the order to cancel ended before", cancelling(order_id=1), {}, True),
    ("the ids do not agree", cancelling(order_id=1, orig_client_order_id="x"), {"ended": [canceled(1)]}, True),
    ("its list went with it", cancelling(order_id=1), {"ended": [canceled(1, order_list_id=5)]}, True),
]


@pytest.mark.parametrize(("intent", "shown", "singly"), [case[1:] for case in UNSEEN], ids=[case[0] for case in UNSEEN])
def test_what_is_not_shown_is_not_found_and_never_nothing(intent: Intent, shown: dict[str, Any], singly: bool):
    assert seen(**shown).finding(intent) == Unseen(ask_singly=singly)


@pytest.mark.parametrize("ids", [{"order_id": 1}, {"orig_client_order_id": "order-1"}], ids=str)
def test_a_cancellation_is_found_by_either_id(ids: dict[str, Any]):
    finding = seen(ended=[canceled(1)]).finding(cancelling(**ids))
    assert isinstance(finding, Found)
    assert (finding.result.orig_client_order_id, finding.result.client_order_id) == ("order-1", "cancel")


def test_an_order_that_was_filled_was_not_cancelled():
    finding = seen(ended=[filled(1)], trades=[fill(1, of=1), fill(2, of=1)]).finding(cancelling(order_id=1))
    assert isinstance(finding, Refused)
    assert isinstance(finding.error, CancelRejected)


def test_the_newest_of_two_orders_of_one_id_is_meant():
    shown = seen(ended=[canceled(8, client_order_id="order-1"), canceled(3, client_order_id="order-1")])
    finding = shown.finding(placing(1))
    assert isinstance(finding, Found)
    assert finding.result.order_id == 8


def test_what_has_ended_since_the_first_query_has_ended():
    finding = seen(opened=[order()], ended=[canceled(1)]).finding(cancelling(order_id=1))
    assert isinstance(finding, Found)


def test_a_refused_survey_has_all_asked_about_singly_that_it_does_not_show():
    intents = [placing(number) for number in range(30)]
    asking = survey(intents)
    assert isinstance(next(asking), account.OpenOrdersStatus)
    assert isinstance(asking.send([order(1)]), account.AllOrders)
    with pytest.raises(StopIteration) as end:
        asking.throw(Rejected(400, -2, "no"))
    shown: Survey = end.value.value
    assert isinstance(shown.finding(intents[1]), Found)
    assert shown.finding(intents[2]) == Unseen(ask_singly=True)
