"""What the answers to queries mean for a request whose response was lost: one case for each thing that can be true."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from pitwire.client.safety.inquiry import Finding, Found, Nothing, Refused, inquiry
from pitwire.client.safety.intent import Intent
from pitwire.market.enums import (
    CancelReplaceMode,
    ListOrderStatus,
    ListStatusType,
    OrderResponseType,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from pitwire.protocol.errors import CancelRejected, CancelReplaceFailed, NoSuchOrder, OrderArchived, Rejected
from pitwire.protocol.requests import account, lists, trading
from pitwire.protocol.results.account import AccountTrade, Amendment, Order
from pitwire.protocol.results.lists import OrderList, OrderListPlaced
from pitwire.protocol.results.trading import ListedOrder, OrderPlaced

SENT_MS = 1_700_000_000_000
NO_SUCH = NoSuchOrder(400, -2013, "Order does not exist.")
ARCHIVED = OrderArchived(400, -2026, "Order was canceled or expired with no executed qty over 90 days ago.")


def order(number: int = 1, **fields: Any) -> Order:
    values: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "order_id": number,
        "order_list_id": -1,
        "client_order_id": f"order-{number}",
        "price": Decimal(100),
        "orig_qty": Decimal(2),
        "executed_qty": Decimal(0),
        "cummulative_quote_qty": Decimal(0),
        "status": OrderStatus.NEW,
        "time_in_force": TimeInForce.GTC,
        "type": OrderType.LIMIT,
        "side": Side.BUY,
        "time": SENT_MS + 5,
        "update_time": SENT_MS + 6,
        "is_working": True,
        "working_time": SENT_MS + 5,
        "orig_quote_order_qty": Decimal(0),
        "stop_price": Decimal(0),
        "iceberg_qty": Decimal(0),
    }
    return Order(**(values | fields))


def order_list(*numbers: int, **fields: Any) -> OrderList:
    values: dict[str, Any] = {
        "order_list_id": 9,
        "contingency_type": "OCO",
        "list_status_type": ListStatusType.EXEC_STARTED,
        "list_order_status": ListOrderStatus.EXECUTING,
        "list_client_order_id": "the-list",
        "transaction_time": SENT_MS + 5,
        "symbol": "BTCUSDT",
        "orders": tuple(
            ListedOrder(symbol="BTCUSDT", order_id=number, client_order_id=f"order-{number}") for number in numbers
        ),
    }
    return OrderList(**(values | fields))


def trade(number: int, is_maker: bool, order_id: int = 1) -> AccountTrade:
    return AccountTrade(
        symbol="BTCUSDT",
        id=number,
        order_id=order_id,
        order_list_id=-1,
        price=Decimal(100),
        qty=Decimal(1),
        quote_qty=Decimal(100),
        commission=Decimal("0.1"),
        commission_asset="USDT",
        time=SENT_MS,
        is_buyer=True,
        is_maker=is_maker,
        is_best_match=True,
    )


Answers = dict[Any, Any]
"""By order id, client order id or query's type: the result, or the refusal."""


def key_of(query: Any) -> Any:
    match query:
        case account.OrderStatus(order_id=None):
            return query.orig_client_order_id
        case account.OrderStatus():
            return query.order_id
        case account.OrderListStatus(order_list_id=None):
            return query.orig_client_order_id
        case account.OrderListStatus():
            return ("list", query.order_list_id)
        case _:
            return type(query)


def find(request: Any, answers: Answers, client_order_id: str | None = None) -> Finding:
    name = client_order_id or getattr(request, "new_client_order_id", None)
    asking = inquiry(Intent(request=request, client_order_id=name, timestamp=SENT_MS))
    try:
        query = next(asking)
        while True:
            answer = answers[key_of(query)]
            query = asking.throw(answer) if isinstance(answer, Exception) else asking.send(answer)
    except StopIteration as end:
        finding: Finding = end.value
        return finding


# --- placing --------------------------------------------------------------------------------------------------------


def place(**fields: Any) -> trading.OrderPlace:
    values: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "price": Decimal(100),
        "quantity": Decimal(2),
        "new_client_order_id": "order-1",
    }
    return trading.OrderPlace(**(values | fields))


def test_an_order_that_is_there_was_placed():
    found = find(place(), {"order-1": order()})
    assert isinstance(found, Found)
    result = found.result
    assert isinstance(result, OrderPlaced)
    assert (result.order_id, result.client_order_id, result.transact_time) == (1, "order-1", SENT_MS + 5)
    assert (result.status, result.orig_qty, result.fills) == (OrderStatus.NEW, Decimal(2), ())


def test_the_fills_are_what_it_took():
    filled = order(executed_qty=Decimal(2), status=OrderStatus.FILLED)
    trades = (trade(1, is_maker=False), trade(2, is_maker=True))
    found = find(place(), {"order-1": filled, account.MyTrades: trades})
    assert isinstance(found, Found)
    assert [fill.trade_id for fill in found.result.fills] == [1]
    assert found.result.fills[0].commission == Decimal("0.1")


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (OrderResponseType.ACK, {"new_order_resp_type": OrderResponseType.ACK}),
        (OrderResponseType.RESULT, {"new_order_resp_type": OrderResponseType.RESULT}),
        (OrderResponseType.ACK, {"type": OrderType.LIMIT_MAKER}),
    ],
)
def test_the_response_has_the_type_that_was_asked_for(wanted: OrderResponseType, fields: dict[str, Any]):
    found = find(place(**fields), {"order-1": order(executed_qty=Decimal(1))})
    assert isinstance(found, Found)
    assert "fills" not in repr(found.result)
    assert ("status" in repr(found.result)) == (wanted == OrderResponseType.RESULT)
    assert "stop_price" not in repr(found.result)


def test_an_order_that_is_not_there_shows_nothing_and_neither_does_an_older_one_of_the_same_name():
    assert find(place(), {"order-1": NO_SUCH}) == Nothing()
    assert find(place(), {"order-1": order(time=SENT_MS - 1_001)}) == Nothing()
    assert isinstance(find(place(), {"order-1": order(time=SENT_MS - 999)}), Found)
    assert isinstance(find(place(), {"order-1": order(time=(SENT_MS + 5) * 1000)}), Found), "microseconds"


def test_an_order_that_was_archived_did_arrive():
    found = find(place(), {"order-1": ARCHIVED})
    assert found == Refused(ARCHIVED)


def test_smart_order_routing_answers_with_a_list_of_one():
    request = trading.SorOrderPlace(
        symbol="BTCUSDT", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(2), new_client_order_id="order-1"
    )
    found = find(request, {"order-1": order()})
    assert isinstance(found, Found)
    assert [each.order_id for each in found.result] == [1]


# --- cancelling -----------------------------------------------------------------------------------------------------

BY_ID = trading.OrderCancel(symbol="BTCUSDT", order_id=1, new_client_order_id="cancel")
BY_NAME = trading.OrderCancel(symbol="BTCUSDT", orig_client_order_id="order-1", new_client_order_id="cancel")


@pytest.mark.parametrize("request_", [BY_ID, BY_NAME], ids=["by id", "by name"])
def test_a_cancelled_order_was_cancelled(request_: Any):
    canceled = order(status=OrderStatus.CANCELED)
    found = find(request_, {1: canceled, "order-1": canceled})
    assert isinstance(found, Found)
    assert (found.result.client_order_id, found.result.orig_client_order_id) == ("cancel", "order-1")
    assert found.result.transact_time == SENT_MS + 6
    assert not found.result.is_order_list


@pytest.mark.parametrize(
    "status",
    [OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL],
)
def test_an_open_order_is_not_cancelled_yet(status: OrderStatus):
    assert find(BY_ID, {1: order(status=status)}) == Nothing()


@pytest.mark.parametrize(
    "answer",
    [
        order(status=OrderStatus.FILLED),
        order(status=OrderStatus.EXPIRED),
        order(status=OrderStatus.EXPIRED_IN_MATCH),
        order(status=OrderStatus.CANCELED, update_time=SENT_MS - 60_000),
        ARCHIVED,
    ],
    ids=["filled", "expired", "prevented", "cancelled before", "archived"],
)
def test_an_order_that_had_ended_was_not_cancelled(answer: Any):
    found = find(BY_ID, {1: answer})
    assert isinstance(found, Refused)
    assert isinstance(found.error, CancelRejected)


def test_an_order_of_a_list_takes_the_list_with_it():
    gone = {number: order(number, status=OrderStatus.CANCELED, order_list_id=9) for number in (1, 2)}
    found = find(BY_ID, gone | {("list", 9): order_list(1, 2, list_order_status=ListOrderStatus.ALL_DONE)})
    assert isinstance(found, Found)
    assert found.result.is_order_list
    assert [each.order_id for each in found.result.order_reports] == [1, 2]


def test_only_what_was_open_of_a_list_was_cancelled():
    legs = {1: order(1, status=OrderStatus.FILLED), 2: order(2, status=OrderStatus.CANCELED)}
    legs = {number: msgspec.structs.replace(leg, order_list_id=9) for number, leg in legs.items()}
    of_list = {("list", 9): order_list(1, 2, list_order_status=ListOrderStatus.ALL_DONE)}
    found = find(trading.OrderCancel(symbol="BTCUSDT", order_id=2), legs | of_list)
    assert isinstance(found, Found)
    assert [each.order_id for each in found.result.order_reports] == [2]
    every = {account.OpenOrdersStatus: (), account.AllOrders: tuple(legs.values())}
    found = find(trading.OpenOrdersCancelAll(symbol="BTCUSDT"), legs | of_list | every)
    assert isinstance(found, Found)
    assert [[report.order_id for report in each.order_reports] for each in found.result] == [[2]]


def test_all_open_orders_are_gone_or_they_are_not():
    request = trading.OpenOrdersCancelAll(symbol="BTCUSDT")
    older = order(time=SENT_MS - 5)
    newer = order(2, time=SENT_MS + 5)
    gone = order(3, status=OrderStatus.CANCELED)
    long_gone = order(4, status=OrderStatus.CANCELED, update_time=SENT_MS - 60_000)
    assert find(request, {account.OpenOrdersStatus: (older,)}) == Nothing()
    found = find(request, {account.OpenOrdersStatus: (newer,), account.AllOrders: (long_gone, gone, newer)})
    assert isinstance(found, Found)
    assert [each.order_id for each in found.result] == [3]
    nothing = find(request, {account.OpenOrdersStatus: (), account.AllOrders: (long_gone,)})
    assert isinstance(nothing, Nothing)
    assert isinstance(nothing.unless, CancelRejected)
    # Whether what is open came before or after it depends on a clock: so nobody says that nothing was open.
    assert find(request, {account.OpenOrdersStatus: (newer,), account.AllOrders: (newer,)}) == Nothing()


# --- cancel and replace ---------------------------------------------------------------------------------------------


def replace(mode: CancelReplaceMode = CancelReplaceMode.STOP_ON_FAILURE) -> trading.OrderCancelReplace:
    return trading.OrderCancelReplace(
        symbol="BTCUSDT",
        cancel_replace_mode=mode,
        cancel_order_id=1,
        cancel_new_client_order_id="cancel",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        price=Decimal(101),
        quantity=Decimal(2),
        new_client_order_id="order-2",
    )


def test_both_halves_were_done():
    found = find(replace(), {1: order(status=OrderStatus.CANCELED), "order-2": order(2)})
    assert isinstance(found, Found)
    assert found.result.cancel_response.client_order_id == "cancel"
    assert found.result.new_order_response.order_id == 2


def test_neither_half_is_to_be_seen_while_the_old_order_is_open():
    assert find(replace(), {1: order(), "order-2": NO_SUCH}) == Nothing()


def test_the_new_order_stands_beside_one_that_could_not_be_cancelled():
    request = replace(CancelReplaceMode.ALLOW_FAILURE)
    found = find(request, {1: order(status=OrderStatus.FILLED), "order-2": order(2)})
    assert isinstance(found, Refused)
    assert isinstance(found.error, CancelReplaceFailed)
    assert (found.error.canceled, found.error.placed) == (False, True)
    assert found.error.data["newOrderResponse"]["orderId"] == 2  # type: ignore[index]


def test_an_old_order_that_is_not_shown_may_be_shown_yet():
    found = find(replace(), {1: NO_SUCH, "order-2": order(2)})
    assert isinstance(found, Nothing)
    assert isinstance(found.unless, CancelReplaceFailed)
    assert isinstance(find(replace(), {1: ARCHIVED, "order-2": order(2)}), Refused)


@pytest.mark.parametrize(
    ("old", "canceled", "new_order_result"),
    [
        (order(status=OrderStatus.CANCELED), True, "FAILURE"),
        (order(status=OrderStatus.FILLED), False, "NOT_ATTEMPTED"),
        (NO_SUCH, False, "NOT_ATTEMPTED"),
        (ARCHIVED, False, "NOT_ATTEMPTED"),
    ],
    ids=["cancelled", "filled", "unknown", "archived"],
)
def test_without_the_new_order_it_is_known_in_the_end_what_became_of_the_old_one(
    old: Any, canceled: bool, new_order_result: str
):
    found = find(replace(), {1: old, "order-2": NO_SUCH})
    assert isinstance(found, Nothing)
    assert isinstance(found.unless, CancelReplaceFailed)
    assert (found.unless.canceled, found.unless.placed) == (canceled, False)
    assert found.unless.data["newOrderResult"] == new_order_result  # type: ignore[index]


# --- amending -------------------------------------------------------------------------------------------------------


def amendment(number: int, name: str = "amended", quantity: int = 1, time: int = SENT_MS + 9) -> Amendment:
    return Amendment(
        symbol="BTCUSDT",
        order_id=1,
        execution_id=number,
        orig_client_order_id="order-1",
        new_client_order_id=name,
        orig_qty=Decimal(2),
        new_qty=Decimal(quantity),
        time=time,
    )


def amend(**by: Any) -> trading.OrderAmendKeepPriority:
    return trading.OrderAmendKeepPriority(symbol="BTCUSDT", new_qty=Decimal(1), new_client_order_id="amended", **by)


@pytest.mark.parametrize("by", [{"order_id": 1}, {"orig_client_order_id": "order-1"}], ids=["by id", "by name"])
def test_an_amendment_that_is_there_was_made(by: dict[str, Any]):
    after = order(client_order_id="amended", orig_qty=Decimal(1))
    found = find(amend(**by), {1: after, "amended": after, account.OrderAmendments: (amendment(4), amendment(5))})
    assert isinstance(found, Found)
    assert (found.result.execution_id, found.result.transact_time) == (5, SENT_MS + 9)
    assert found.result.amended_order.qty == Decimal(1)
    assert found.result.amended_order.orig_client_order_id == "order-1"


@pytest.mark.parametrize(
    "other",
    [amendment(4, name="another"), amendment(4, quantity=3), amendment(4, time=SENT_MS - 60_000)],
    ids=["another's", "to another quantity", "an older one"],
)
def test_another_amendment_is_not_this_one(other: Amendment):
    assert find(amend(order_id=1), {1: order(), account.OrderAmendments: (other,)}) == Nothing()


def test_an_order_that_has_not_the_new_name_was_not_amended():
    assert find(amend(orig_client_order_id="order-1"), {"amended": NO_SUCH}) == Nothing()


def test_an_amended_order_of_a_list_says_so():
    after = order(client_order_id="amended", orig_qty=Decimal(1), order_list_id=9)
    answers = {1: after, account.OrderAmendments: (amendment(4),), ("list", 9): order_list(1, 2)}
    found = find(amend(order_id=1), answers)
    assert isinstance(found, Found)
    assert found.result.list_status.list_client_order_id == "the-list"


# --- lists ----------------------------------------------------------------------------------------------------------


def oco() -> lists.OrderListPlaceOco:
    return lists.OrderListPlaceOco(
        symbol="BTCUSDT",
        list_client_order_id="the-list",
        side=Side.SELL,
        quantity=Decimal(2),
        above_type=OrderType.LIMIT_MAKER,
        above_client_order_id="order-1",
        above_price=Decimal(120),
        below_type=OrderType.STOP_LOSS,
        below_client_order_id="order-2",
        below_stop_price=Decimal(90),
    )


def test_a_list_that_is_there_was_placed():
    answers = {"the-list": order_list(1, 2), 1: order(1, order_list_id=9), 2: order(2, order_list_id=9)}
    found = find(oco(), answers, "the-list")
    assert isinstance(found, Found)
    assert isinstance(found.result, OrderListPlaced)
    assert [each.order_id for each in found.result.order_reports] == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [NO_SUCH, Rejected(400, -2011, "Order list does not exist."), order_list(1, 2, transaction_time=SENT_MS - 60_000)],
)
def test_a_list_that_is_not_there_shows_nothing(answer: Any):
    assert find(oco(), {"the-list": answer}, "the-list") == Nothing()


@pytest.mark.parametrize("by", [{"order_list_id": 9}, {"list_client_order_id": "the-list"}])
def test_a_list_is_cancelled_or_it_is_not(by: dict[str, Any]):
    request = lists.OrderListCancel(symbol="BTCUSDT", new_client_order_id="cancel", **by)

    def answers(now: OrderList, first: OrderStatus, second: OrderStatus) -> Answers:
        legs = {1: order(1, status=first), 2: order(2, status=second)}
        return legs | {("list", 9): now, "the-list": now}

    done = order_list(1, 2, list_order_status=ListOrderStatus.ALL_DONE)
    canceled = OrderStatus.CANCELED
    assert find(request, answers(order_list(1, 2), OrderStatus.NEW, canceled)) == Nothing()
    found = find(request, answers(done, canceled, canceled))
    assert isinstance(found, Found)
    assert [each.client_order_id for each in found.result.order_reports] == ["cancel", "cancel"]
    refused = find(request, answers(done, OrderStatus.FILLED, OrderStatus.EXPIRED))
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, CancelRejected)
    # The working order was filled, and the pending one cancelled.
    found = find(request, answers(done, OrderStatus.FILLED, canceled))
    assert isinstance(found, Found)
    assert [each.order_id for each in found.result.order_reports] == [2]
