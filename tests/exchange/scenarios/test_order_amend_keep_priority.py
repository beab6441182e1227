"""faqs/order_amend_keep_priority.md, over the wire: the order book of its example, and each of its answers."""

from contextlib import asynccontextmanager

import msgspec
import pytest

from pitwire.exchange.messages import ListSymbol
from pitwire.market.filters import MaxNumOrderAmends
from tests.exchange.gateway.venue import RULES, open_venue

QUEUE = (("alice", "87000", "1"), ("bob", "87000", "5.5"), ("carol", "87000", "4"), ("alice", "86999", "2"))
"""Users A, YOU, B and C of the example (C is A again): the order of their orders in the queue is that of their ids."""
A, YOU, B, C = 1, 2, 3, 4


@asynccontextmanager
async def example():
    """The example's book, and connections of the three accounts by name."""
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as bob, venue.connect() as carol:
        peers = {"alice": alice, "bob": bob, "carol": carol}
        for name, peer in peers.items():
            await peer.log_on(name)
        for name, price, quantity in QUEUE:
            client_order_id = "my_test_order1" if name == "bob" else None
            placed = await peers[name].place(price=price, quantity=quantity, newClientOrderId=client_order_id)
            assert placed["status"] == 200, placed
        yield venue, peers


async def amend(peer, **params):
    return await peer.call("order.amend.keepPriority", peer.stamped({"symbol": "BTCUSDT", **params}))


async def makers_of_a_sale(peers, quantity):
    """Who trades when somebody sells: order ids and quantities, in the order of the trades."""
    seller = peers["carol"]
    await seller.place(side="SELL", type="MARKET", price=None, timeInForce=None, quantity=quantity)
    trades = []
    for peer in peers.values():
        answer = await peer.call("myTrades", peer.stamped({"symbol": "BTCUSDT"}))
        trades += [(each["id"], each["orderId"], each["qty"]) for each in answer["result"] if each["isMaker"]]
    return [(order_id, quantity) for _, order_id, quantity in sorted(trades)]


async def test_reducing_the_quantity_keeps_order_id_and_priority():
    async with example() as (_, peers):
        answer = await amend(peers["bob"], orderId=YOU, newQty="5")
        amended = answer["result"]["amendedOrder"]
        assert (amended["orderId"], amended["qty"], amended["status"]) == (YOU, "5.00000000", "NEW")
        book = (await peers["bob"].call("depth", {"symbol": "BTCUSDT"}))["result"]
        assert book["bids"] == [["87000.00000000", "10.00000000"], ["86999.00000000", "2.00000000"]]
        assert await makers_of_a_sale(peers, "11") == [
            (A, "1.00000000"),
            (YOU, "5.00000000"),
            (B, "4.00000000"),
            (C, "1.00000000"),
        ]


async def test_an_amendment_charges_nothing_to_the_unfilled_order_count():
    async with example() as (_, peers):
        bob = peers["bob"]
        before = (await bob.call("account.rateLimits.orders", bob.stamped()))["result"]
        answer = await amend(bob, orderId=YOU, newQty="5")
        assert [limit["rateLimitType"] for limit in answer["rateLimits"]] == ["REQUEST_WEIGHT"]
        assert (await bob.call("account.rateLimits.orders", bob.stamped()))["result"] == before


async def test_the_user_data_stream_says_replaced_and_the_history_shows_it():
    async with example() as (_, peers):
        bob = peers["bob"]
        await bob.call("userDataStream.subscribe")
        answer = (await amend(bob, origClientOrderId="my_test_order1", newQty="5"))["result"]
        report = (await bob.receive())["event"]
        assert (report["e"], report["x"], report["X"]) == ("executionReport", "REPLACED", "NEW")
        assert (report["q"], report["C"], report["c"]) == (
            "5.00000000",
            "my_test_order1",
            answer["amendedOrder"]["clientOrderId"],
        )
        assert report["I"] == answer["executionId"]
        assert (await bob.receive())["event"]["e"] == "outboundAccountPosition"
        history = await bob.call("order.amendments", bob.stamped({"symbol": "BTCUSDT", "orderId": YOU}))
        assert history["result"] == [
            {
                "symbol": "BTCUSDT",
                "orderId": YOU,
                "executionId": answer["executionId"],
                "origClientOrderId": "my_test_order1",
                "newClientOrderId": answer["amendedOrder"]["clientOrderId"],
                "origQty": "5.50000000",
                "newQty": "5.00000000",
                "time": answer["transactTime"],
            }
        ]


async def test_the_new_client_order_id_is_random_unless_the_current_one_is_sent():
    async with example() as (_, peers):
        bob = peers["bob"]
        kept = await amend(bob, orderId=YOU, newQty="5", newClientOrderId="my_test_order1")
        assert kept["result"]["amendedOrder"]["clientOrderId"] == "my_test_order1"
        new = (await amend(bob, orderId=YOU, newQty="4"))["result"]["amendedOrder"]
        assert new["origClientOrderId"] == "my_test_order1"
        assert new["clientOrderId"] != "my_test_order1"
        assert len(new["clientOrderId"]) == 22


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"orderId": YOU, "newQty": "5.6"}, -2038, "Order amend (quantity increase) is not supported."),
        ({"orderId": YOU, "newQty": "5.5"}, -2038, "The requested action would change no state; rejecting."),
        ({"orderId": A, "newQty": "0.5"}, -2038, "Unknown order sent."),
        ({"orderId": 99, "newQty": "5"}, -2038, "Unknown order sent."),
        ({"orderId": YOU, "newQty": "5.000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"orderId": YOU, "newQty": "0"}, -1013, "Filter failure: LOT_SIZE"),
        ({"orderId": YOU, "newQty": "0.00005"}, -1013, "Filter failure: NOTIONAL"),
        (
            {"newQty": "5"},
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        ),
        ({"orderId": YOU, "newQty": "5", "symbol": "NOSUCH"}, -1121, "Invalid symbol."),
        (
            {"orderId": YOU},
            -1102,
            "Mandatory parameter 'newQty' was not sent, was empty/null, or malformed.",
        ),
    ],
)
async def test_a_refused_amendment_leaves_the_order_as_it_was(params, code, message):
    async with example() as (_, peers):
        bob = peers["bob"]
        before = (await bob.call("openOrders.status", bob.stamped()))["result"]
        answer = await amend(bob, **params)
        assert (answer["status"], answer["error"]) == (400, {"code": code, "msg": message})
        assert (await bob.call("openOrders.status", bob.stamped()))["result"] == before


async def test_the_symbol_says_whether_and_how_often_orders_may_be_amended():
    async with example() as (venue, peers):
        bob = peers["bob"]
        await venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(RULES, amend_allowed=False)))
        assert (await symbol_info(bob))["amendAllowed"] is False
        refused = {"code": -2038, "msg": "Order amend is not supported for this symbol."}
        assert (await amend(bob, orderId=YOU, newQty="5"))["error"] == refused

        filters = (*RULES.filters, MaxNumOrderAmends(max_num_order_amends=1))
        await venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(RULES, filters=filters)))
        info = await symbol_info(bob)
        assert info["amendAllowed"] is True
        assert info["filters"][-1] == {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 1}
        assert (await amend(bob, orderId=YOU, newQty="5"))["status"] == 200
        # filters.md, MAX_NUM_ORDER_AMENDS: with this code, and not with -1013 as other filters.
        refused = {"code": -2038, "msg": "Filter failure: MAX_NUM_ORDER_AMENDS"}
        assert (await amend(bob, orderId=YOU, newQty="4"))["error"] == refused


async def symbol_info(peer):
    return (await peer.call("exchangeInfo", {"symbol": "BTCUSDT"}))["result"]["symbols"][0]
