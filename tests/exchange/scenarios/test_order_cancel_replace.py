"""web-socket-api.md, Cancel and replace order, over the wire: each row of its table, each example of its answers."""

from contextlib import asynccontextmanager

import msgspec
import pytest

from pitwire.exchange.messages import ListSymbol
from pitwire.protocol.errors import CancelReplaceFailed, ErrorBody, rejected
from pitwire.protocol.results import CancelReplaced
from tests.exchange.gateway.venue import ORDER, RULES, open_venue
from tests.exchange.projections import examples

NEW = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "price": "23416.10",
    "quantity": "0.00847",
}
TAKES = {**NEW, "type": "LIMIT_MAKER", "timeInForce": None, "price": "20000"}
UNKNOWN = {"code": -2011, "msg": "Unknown order sent."}
WOULD_TAKE = {"code": -2010, "msg": "Order would immediately match and take."}
TOO_MANY = {"code": -1015, "msg": "Too many new orders; current limit is 50 orders per 10 SECOND."}


@asynccontextmanager
async def example(*, limits=False):
    """Alice, logged on, with the order of the example, and Bob with a bid below it."""
    async with open_venue(limits=limits) as venue, venue.connect() as alice, venue.connect() as bob:
        await alice.log_on("alice")
        await bob.log_on("bob")
        await bob.place(price="20000", quantity="1")
        await alice.place(**{**NEW, "price": "23450", "newClientOrderId": "4d96324ff9d44481926157"})
        yield venue, alice


async def replace(peer, mode="STOP_ON_FAILURE", **changes):
    params = {"cancelReplaceMode": mode, "cancelOrigClientOrderId": "4d96324ff9d44481926157", **NEW, **changes}
    return await peer.call(
        "order.cancelReplace", peer.stamped({name: value for name, value in params.items() if value is not None})
    )


def halves(answer):
    """The status, both results, and what went wrong in each half."""
    data = answer["result"] if answer["status"] == 200 else answer["error"]["data"]
    why = [
        data[name] if data[name] and "code" in data[name] else None for name in ("cancelResponse", "newOrderResponse")
    ]
    return answer["status"], data["cancelResult"], data["newOrderResult"], *why


async def test_both_halves_succeed():
    async with example() as (_, alice):
        answer = await replace(alice, cancelNewClientOrderId="91fe37ce9e69c90d6358c0", newClientOrderId="bX5wROblo6YeD")
        result = answer["result"]
        documented = examples.results("order.cancelReplace")[0]
        assert list(result) == list(documented)
        assert list(result["cancelResponse"]) == list(documented["cancelResponse"])
        assert result["newOrderResponse"].keys() == documented["newOrderResponse"].keys() | {"workingTime", "fills"}
        canceled, placed = result["cancelResponse"], result["newOrderResponse"]
        assert (canceled["origClientOrderId"], canceled["clientOrderId"], canceled["status"]) == (
            "4d96324ff9d44481926157",
            "91fe37ce9e69c90d6358c0",
            "CANCELED",
        )
        assert (placed["clientOrderId"], placed["status"], placed["price"]) == (
            "bX5wROblo6YeD",
            "NEW",
            "23416.10000000",
        )
        assert [limit["count"] for limit in answer["rateLimits"][:2]] == [2, 2]
        decoded = msgspec.convert(result, CancelReplaced, strict=False)
        assert (decoded.cancel_result, decoded.new_order_response.order_id) == ("SUCCESS", placed["orderId"])


@pytest.mark.parametrize("mode", ["STOP_ON_FAILURE", "ALLOW_FAILURE"])
@pytest.mark.parametrize("exceeded_mode", [None, "DO_NOTHING", "CANCEL_ONLY"])
@pytest.mark.parametrize("cancelable", [True, False])
@pytest.mark.parametrize("placeable", [True, False])
async def test_within_the_limit_the_statuses_are_those_of_the_table(mode, exceeded_mode, cancelable, placeable):
    async with example() as (_, alice):
        answer = await replace(
            alice,
            mode,
            orderRateLimitExceededMode=exceeded_mode,
            cancelOrigClientOrderId="4d96324ff9d44481926157" if cancelable else "unknown",
            **(NEW if placeable else TAKES),
        )
        tried = cancelable or mode == "ALLOW_FAILURE"
        assert halves(answer) == (
            200 if cancelable and placeable else 409 if cancelable or (placeable and tried) else 400,
            "SUCCESS" if cancelable else "FAILURE",
            ("SUCCESS" if placeable else "FAILURE") if tried else "NOT_ATTEMPTED",
            None if cancelable else UNKNOWN,
            None if placeable or not tried else WOULD_TAKE,
        )
        orders = (await alice.call("openOrders.status", alice.stamped()))["result"]
        assert [order["price"] for order in orders] == ["23450.00000000"] * (not cancelable) + ["23416.10000000"] * (
            placeable and tried
        )
        # "If new order placement is not attempted, your order count is still incremented."
        assert [limit["count"] for limit in answer["rateLimits"][:2]] == [2, 2]


@pytest.mark.parametrize(
    ("mode", "changes", "error"),
    [
        (
            "STOP_ON_FAILURE",
            {"cancelOrigClientOrderId": "unknown"},
            {
                "code": -2022,
                "msg": "Order cancel-replace failed.",
                "data": {
                    "cancelResult": "FAILURE",
                    "newOrderResult": "NOT_ATTEMPTED",
                    "cancelResponse": UNKNOWN,
                    "newOrderResponse": None,
                },
            },
        ),
        (
            "ALLOW_FAILURE",
            {"cancelOrigClientOrderId": "unknown", **TAKES},
            {
                "code": -2022,
                "msg": "Order cancel-replace failed.",
                "data": {
                    "cancelResult": "FAILURE",
                    "newOrderResult": "FAILURE",
                    "cancelResponse": UNKNOWN,
                    "newOrderResponse": WOULD_TAKE,
                },
            },
        ),
    ],
)
async def test_a_failure_of_the_whole_is_answered_as_documented(mode, changes, error):
    async with example() as (_, alice):
        answer = await replace(alice, mode, **changes)
        assert (answer["status"], answer["error"]) == (400, error)


@pytest.mark.parametrize(
    ("mode", "changes", "canceled", "placed"),
    [
        ("STOP_ON_FAILURE", TAKES, True, False),
        ("ALLOW_FAILURE", TAKES, True, False),
        ("ALLOW_FAILURE", {"cancelOrderId": 99}, False, True),
    ],
)
async def test_a_client_learns_which_half_was_carried_out(mode, changes, canceled, placed):
    async with example() as (_, alice):
        answer = await replace(alice, mode, **changes)
        assert answer["error"]["code"] == -2021
        assert answer["error"]["msg"] == "Order cancel-replace partially failed."
        error = rejected(answer["status"], msgspec.convert(answer["error"], ErrorBody))
        assert isinstance(error, CancelReplaceFailed)
        assert (error.canceled, error.placed) == (canceled, placed)


async def fill_the_count(peer):
    for _ in range(49):
        assert (await peer.place(price="10000"))["status"] == 200


@pytest.mark.parametrize("mode", ["STOP_ON_FAILURE", "ALLOW_FAILURE"])
@pytest.mark.parametrize("exceeded_mode", [None, "DO_NOTHING"])
async def test_beyond_the_limit_nothing_is_done(mode, exceeded_mode):
    async with example(limits=True) as (_, alice):
        await fill_the_count(alice)
        answer = await replace(alice, mode, orderRateLimitExceededMode=exceeded_mode)
        assert answer["status"] == 429
        assert {name: answer["error"][name] for name in ("code", "msg")} == TOO_MANY
        assert answer["error"]["data"].keys() == {"serverTime", "retryAfter"}
        order = await alice.call("order.status", alice.stamped({"symbol": "BTCUSDT", "orderId": 2}))
        assert order["result"]["status"] == "NEW"


@pytest.mark.parametrize(
    ("mode", "cancelable", "expected"),
    [
        ("STOP_ON_FAILURE", True, (409, "SUCCESS", "FAILURE", None, TOO_MANY)),
        ("ALLOW_FAILURE", True, (409, "SUCCESS", "FAILURE", None, TOO_MANY)),
        ("STOP_ON_FAILURE", False, (429, "FAILURE", "NOT_ATTEMPTED", UNKNOWN, None)),
        ("ALLOW_FAILURE", False, (400, "FAILURE", "FAILURE", UNKNOWN, TOO_MANY)),
    ],
)
async def test_beyond_the_limit_the_order_may_still_be_cancelled(mode, cancelable, expected):
    async with example(limits=True) as (_, alice):
        await fill_the_count(alice)
        answer = await replace(
            alice, mode, orderRateLimitExceededMode="CANCEL_ONLY", **({} if cancelable else {"cancelOrderId": 99})
        )
        assert halves(answer) == expected
        assert answer["error"]["code"] == (-2021 if cancelable else -2022)
        assert [limit["count"] for limit in answer["rateLimits"][:2]] == [50, 50]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"quantity": "0.000001"}, {"code": -1013, "msg": "Filter failure: LOT_SIZE"}),
        ({"price": "23416.101"}, {"code": -1013, "msg": "Filter failure: PRICE_FILTER"}),
        (
            {"cancelOrigClientOrderId": None},
            {
                "code": -1102,
                "msg": "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!",
            },
        ),
        (
            {"timeInForce": None},
            {
                "code": -1102,
                "msg": "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.",
            },
        ),
        ({"symbol": "NOSUCH"}, {"code": -1121, "msg": "Invalid symbol."}),
        (
            {"cancelRestrictions": "ONLY_OLD"},
            {
                "code": -1145,
                "msg": "`cancelRestrictions` has to be either `ONLY_NEW` or `ONLY_PARTIALLY_FILLED`.",
            },
        ),
    ],
)
async def test_what_is_wrong_with_the_request_is_found_before_the_order_is_cancelled(changes, error):
    async with example() as (_, alice):
        answer = await replace(alice, "ALLOW_FAILURE", **changes)
        assert (answer["status"], answer["error"]) == (400, error)
        order = await alice.call("order.status", alice.stamped({"symbol": "BTCUSDT", "orderId": 2}))
        assert order["result"]["status"] == "NEW"


async def test_cancel_restrictions_hold_for_both_methods():
    refused = {"code": -2011, "msg": "Order was not canceled due to cancel restrictions."}
    async with example() as (_, alice):
        answer = await replace(alice, cancelRestrictions="ONLY_PARTIALLY_FILLED")
        assert halves(answer) == (400, "FAILURE", "NOT_ATTEMPTED", refused, None)
        answer = await alice.call(
            "order.cancel",
            alice.stamped({"symbol": "BTCUSDT", "orderId": 2, "cancelRestrictions": "ONLY_PARTIALLY_FILLED"}),
        )
        assert (answer["status"], answer["error"]) == (400, refused)
        assert (await replace(alice, cancelRestrictions="ONLY_NEW"))["status"] == 200


async def test_the_user_data_stream_tells_of_both_halves():
    async with example() as (_, alice):
        await alice.call("userDataStream.subscribe")
        await replace(alice)
        reports = [(await alice.receive())["event"] for _ in range(3)]
        assert [(report["e"], report.get("x")) for report in reports] == [
            ("executionReport", "CANCELED"),
            ("executionReport", "NEW"),
            ("outboundAccountPosition", None),
        ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [(TAKES, "WOULD_MATCH_IMMEDIATELY"), ({"quantity": "200"}, "INSUFFICIENT_BALANCES")],
)
async def test_a_new_order_that_is_refused_after_the_cancel_is_reported_as_rejected(changes, reason):
    async with example() as (_, alice):
        await alice.call("userDataStream.subscribe")
        await replace(alice, **changes)
        canceled, report, position = [(await alice.receive())["event"] for _ in range(3)]
        assert (canceled["x"], position["e"]) == ("CANCELED", "outboundAccountPosition")
        assert (report["x"], report["X"], report["r"], report["i"]) == ("REJECTED", "REJECTED", reason, -1)
        assert report["I"] == canceled["I"] + 1
        assert report["w"] is False
        assert "W" not in report


async def test_a_refusal_without_a_documented_reject_reason_is_not_reported():
    async with example() as (_, alice):
        await alice.place(**{**ORDER, "price": "10000", "newClientOrderId": "taken"})
        await alice.call("userDataStream.subscribe")
        answer = await replace(alice, newClientOrderId="taken")
        assert halves(answer)[4] == {"code": -2010, "msg": "Duplicate order sent."}
        events = [(await alice.receive())["event"] for _ in range(2)]
        assert [event.get("x") for event in events] == ["CANCELED", None]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"newOrderRespType": "ACK"}, 5),
        ({"newOrderRespType": "RESULT"}, 16),
        ({}, 17),
        ({**TAKES, "price": "30000"}, 5),
    ],
)
async def test_the_response_type_is_that_of_the_new_order(changes, fields):
    async with example() as (_, alice):
        assert len((await replace(alice, **changes))["result"]["newOrderResponse"]) == fields


async def test_the_symbol_says_whether_orders_may_be_replaced():
    async with example() as (venue, alice):
        for allowed in (True, False):
            await venue.sequencer.execute(
                ListSymbol(rules=msgspec.structs.replace(RULES, cancel_replace_allowed=allowed))
            )
            info = (await alice.call("exchangeInfo", {"symbol": "BTCUSDT"}))["result"]["symbols"][0]
            assert info["cancelReplaceAllowed"] is allowed
        assert (await replace(alice))["error"] == {
            "code": -2010,
            "msg": "Order cancel-replace is not supported for this symbol.",
        }
