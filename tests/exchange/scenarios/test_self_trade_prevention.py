"""Binance's examples of self-trade prevention (faqs/stp_faq.md, STP Examples), over the wire, with their numbers.

Their ids and times are their own; numbers are compared as numbers, since the FAQ writes six decimal places.
`makerSymbol` of a prevented match, which scenarios A to G are older than, is there as in scenario H.
"""

from contextlib import asynccontextmanager
from decimal import Decimal

import msgspec
import pytest

from pitwire.exchange.messages import ListSymbol, OpenAccount
from pitwire.market.enums import SelfTradePrevention
from tests.exchange.gateway.venue import RULES, open_venue


class Desk:
    """Alice's connection (and bob's, for two accounts of one trade group), and what she is told of her orders."""

    def __init__(self, venue, peers):
        self.venue = venue
        self.peers = peers
        self.events = {who: [] for who in peers}

    async def ask(self, method, who="alice", **params):
        return await self.send(method, who, self.peers[who].stamped({"symbol": "BTCUSDT", **params}))

    async def send(self, method, who, params):
        sent = await self.peers[who].send(method, params)
        while (message := await self.peers[who].receive()).get("id") != sent:
            self.events[who].append(message["event"])
        return message

    async def bids(self):
        return (await self.send("depth", "alice", {"symbol": "BTCUSDT"}))["result"]["bids"]

    async def place(self, side, kind, quantity, price, mode, who="alice"):
        limit = {"timeInForce": "GTC", "price": price} if kind == "LIMIT" else {}
        answer = await self.ask(
            "order.place",
            who,
            side=side,
            type=kind,
            quantity=quantity,
            newOrderRespType="FULL",
            **limit,
            **({} if mode is None else {"selfTradePreventionMode": mode}),
        )
        return answer["result"]

    async def status(self, order_id, who="alice"):
        return (await self.ask("order.status", who, orderId=order_id))["result"]

    async def reports(self, who, count):
        """The first `count` execution reports."""
        while len(found := [event for event in self.events[who] if event["e"] == "executionReport"]) < count:
            self.events[who].append((await self.peers[who].receive())["event"])
        return found

    async def balances(self, who):
        answer = await self.send("account.status", who, self.peers[who].stamped())
        return {
            entry["asset"]: (entry["free"], entry["locked"])
            for entry in answer["result"]["balances"]
            if entry["asset"] in ("BTC", "USDT")
        }


@asynccontextmanager
async def opened(*, trade_group=-1, **rules):
    """No filters, and all modes, unless `rules` say otherwise."""
    changes = {"filters": (), "allowed_self_trade_prevention": tuple(SelfTradePrevention), **rules}
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as bob:
        await venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(RULES, **changes)))
        for account, name in ((1, "alice"), (2, "bob")):
            await venue.sequencer.execute(OpenAccount(account=account, name=name, trade_group=trade_group))
        await alice.log_on("alice")
        await bob.log_on("bob")
        yield Desk(venue, {"alice": alice, "bob": bob})


@pytest.fixture
async def desk():
    async with opened() as found:
        yield found


def number(value):
    return Decimal(value) if isinstance(value, str) and value.replace(".", "", 1).isdigit() else value


def shows(answer, **expected):
    """The answer's fields, as numbers where they are; `None` is a field that must not be there."""
    return {name: number(answer.get(name)) for name in expected} == {
        name: number(value) for name, value in expected.items()
    }


def prevented(*rows):
    """`preventedMatches` of the FAQ: id, maker's order id, price, taker's and maker's prevented quantity."""
    return [
        {
            "preventedMatchId": match_id,
            "makerSymbol": "BTCUSDT",
            "makerOrderId": maker,
            "price": Decimal(price),
            **({} if of_taker is None else {"takerPreventedQuantity": Decimal(of_taker)}),
            **({} if of_maker is None else {"makerPreventedQuantity": Decimal(of_maker)}),
        }
        for match_id, maker, price, of_taker, of_maker in rows
    ]


def prevented_matches(answer):
    return [{name: number(value) for name, value in row.items()} for row in answer["preventedMatches"]]


async def test_a_with_none_the_orders_match(desk):
    maker = await desk.place("BUY", "LIMIT", "1", "1", "NONE")
    taker = await desk.place("SELL", "LIMIT", "1", "1", "NONE")
    found = await desk.status(maker["orderId"])
    assert shows(found, executedQty="1", cummulativeQuoteQty="1", status="FILLED", preventedMatchId=None)
    assert shows(taker, executedQty="1", cummulativeQuoteQty="1", status="FILLED", preventedQuantity=None)
    assert shows(taker["fills"][0], price="1", qty="1", commissionAsset="USDT", tradeId=1)
    assert "preventedMatches" not in taker


async def three_makers(desk):
    rows = (("1.2", "1.2"), ("1.3", "1.1"), ("8.1", "1"))
    return [(await desk.place("BUY", "LIMIT", quantity, price, "NONE"))["orderId"] for quantity, price in rows]


async def test_b_expire_maker_expires_what_is_on_the_book_and_the_taker_goes_on_it(desk):
    makers = await three_makers(desk)
    taker = await desk.place("SELL", "LIMIT", "3", "1", "EXPIRE_MAKER")
    for match_id, (maker, price, quantity) in enumerate(
        zip(makers, ("1.2", "1.1", "1"), ("1.2", "1.3", "8.1"), strict=True)
    ):
        assert shows(
            await desk.status(maker),
            price=price,
            origQty=quantity,
            executedQty="0",
            status="EXPIRED_IN_MATCH",
            selfTradePreventionMode="NONE",
            preventedMatchId=match_id,
            preventedQuantity=quantity,
        )
    assert shows(taker, origQty="3", executedQty="0", status="NEW", preventedQuantity=None, tradeGroupId=None)
    assert taker["fills"] == []
    assert taker["selfTradePreventionMode"] == "EXPIRE_MAKER"
    assert prevented_matches(taker) == prevented(
        (0, makers[0], "1.2", None, "1.2"), (1, makers[1], "1.1", None, "1.3"), (2, makers[2], "1", None, "8.1")
    )


async def test_c_expire_taker_leaves_the_book_as_it_is(desk):
    makers = await three_makers(desk)
    taker = await desk.place("SELL", "LIMIT", "3", "1", "EXPIRE_TAKER")
    for maker, quantity in zip(makers, ("1.2", "1.3", "8.1"), strict=True):
        found = await desk.status(maker)
        assert shows(found, origQty=quantity, status="NEW", preventedMatchId=None, preventedQuantity=None)
    assert shows(
        await desk.status(taker["orderId"]),
        origQty="3",
        executedQty="0",
        status="EXPIRED_IN_MATCH",
        selfTradePreventionMode="EXPIRE_TAKER",
        preventedMatchId=0,
        preventedQuantity="3",
        expiryReason=None,
    )


async def test_d_expire_both():
    async with opened(trade_group=1) as desk:
        maker = await desk.place("BUY", "LIMIT", "1", "1", "NONE")
        taker = await desk.place("SELL", "LIMIT", "3", "1", "EXPIRE_BOTH")
        assert shows(
            await desk.status(maker["orderId"]), status="EXPIRED_IN_MATCH", preventedMatchId=0, preventedQuantity="1"
        )
        assert shows(taker, status="EXPIRED_IN_MATCH", tradeGroupId=1, preventedQuantity="3", origQty="3")
        assert taker["fills"] == []
        assert prevented_matches(taker) == prevented((0, maker["orderId"], "1", "3", "1"))


async def test_e_the_takers_mode_decides(desk):
    maker = await desk.place("BUY", "LIMIT", "1", "1", "EXPIRE_MAKER")
    taker = await desk.place("SELL", "LIMIT", "1", "1", "EXPIRE_TAKER")
    assert shows(
        await desk.status(maker["orderId"]), status="NEW", selfTradePreventionMode="EXPIRE_MAKER", preventedMatchId=None
    )
    assert shows(taker, status="EXPIRED_IN_MATCH", preventedQuantity="1", tradeGroupId=None)
    assert prevented_matches(taker) == prevented((0, maker["orderId"], "1", "1", None))


async def test_f_a_market_order_expires_for_lack_of_liquidity_after_its_makers(desk):
    maker = await desk.place("BUY", "LIMIT", "1", "1", "NONE")
    taker = await desk.place("SELL", "MARKET", "1", None, "EXPIRE_MAKER")
    assert shows(
        await desk.status(maker["orderId"]), status="EXPIRED_IN_MATCH", preventedMatchId=0, preventedQuantity="1"
    )
    assert shows(taker, price="0", status="EXPIRED", preventedQuantity=None, expiryReason="INSUFFICIENT_LIQUIDITY")
    assert prevented_matches(taker) == prevented((0, maker["orderId"], "1", None, "1"))


async def test_g_decrement(desk):
    maker = await desk.place("BUY", "LIMIT", "6", "2", "NONE")
    taker = await desk.place("SELL", "LIMIT", "2", "2", "DECREMENT")
    assert shows(
        await desk.status(maker["orderId"]),
        origQty="6",
        executedQty="0",
        status="NEW",
        isWorking=True,
        preventedMatchId=0,
        preventedQuantity="2",
    )
    assert shows(
        await desk.status(taker["orderId"]),
        origQty="2",
        executedQty="0",
        status="EXPIRED_IN_MATCH",
        preventedMatchId=0,
        preventedQuantity="2",
    )
    assert await desk.bids() == [["2.00000000", "4.00000000"]]


async def test_h_transfer_between_two_accounts_of_a_trade_group():
    async with opened(trade_group=1) as desk:
        before = {who: await desk.balances(who) for who in ("alice", "bob")}
        maker = await desk.place("BUY", "LIMIT", "0.6", "0.2", "TRANSFER", "alice")
        taker = await desk.place("SELL", "LIMIT", "0.2", "0.2", "TRANSFER", "bob")
        assert shows(
            await desk.status(maker["orderId"]),
            origQty="0.6",
            executedQty="0",
            status="NEW",
            selfTradePreventionMode="TRANSFER",
            preventedMatchId=0,
            preventedQuantity="0.2",
        )
        assert shows(
            taker,
            origQty="0.2",
            executedQty="0",
            cummulativeQuoteQty="0",
            status="EXPIRED_IN_MATCH",
            tradeGroupId=1,
            preventedQuantity="0.2",
        )
        assert prevented_matches(taker) == prevented((0, maker["orderId"], "0.2", "0.2", "0.2"))
        after = {who: await desk.balances(who) for who in ("alice", "bob")}

        def moved(who, asset):
            return [Decimal(new) - Decimal(old) for new, old in zip(after[who][asset], before[who][asset], strict=True)]

        # From 20000 each: BTC 20000.2 and 19999.8, USDT 19999.88 with 0.08 locked, and 20000.04.
        assert moved("alice", "BTC") == [Decimal("0.2"), 0]
        assert moved("alice", "USDT") == [Decimal("-0.12"), Decimal("0.08")]
        assert moved("bob", "BTC") == [Decimal("-0.2"), 0]
        assert moved("bob", "USDT") == [Decimal("0.04"), 0]


async def test_without_a_mode_the_symbols_default_is_taken():
    modes = (SelfTradePrevention.NONE, SelfTradePrevention.EXPIRE_TAKER, SelfTradePrevention.EXPIRE_BOTH)
    async with opened(
        default_self_trade_prevention=SelfTradePrevention.EXPIRE_TAKER, allowed_self_trade_prevention=modes
    ) as desk:
        assert (await desk.place("BUY", "LIMIT", "1", "1", None))["selfTradePreventionMode"] == "EXPIRE_TAKER"
        info = (await desk.send("exchangeInfo", "alice", {"symbol": "BTCUSDT"}))["result"]["symbols"][0]
        assert info["defaultSelfTradePreventionMode"] == "EXPIRE_TAKER"
        assert info["allowedSelfTradePreventionModes"] == ["NONE", "EXPIRE_TAKER", "EXPIRE_BOTH"]


async def test_a_mode_that_the_symbol_does_not_allow_is_refused_with_the_faqs_words():
    async with opened(allowed_self_trade_prevention=(SelfTradePrevention.NONE,)) as desk:
        answer = await desk.ask(
            "order.place",
            side="BUY",
            type="LIMIT",
            timeInForce="GTC",
            quantity="1",
            price="1",
            selfTradePreventionMode="EXPIRE_MAKER",
        )
        assert (answer["status"], answer["error"]) == (
            400,
            {"code": -1013, "msg": "This symbol does not allow the specified self-trade prevention mode."},
        )


async def test_the_execution_reports_say_what_was_prevented():
    async with opened(trade_group=1) as desk:
        await desk.peers["alice"].call("userDataStream.subscribe")
        maker = await desk.place("BUY", "LIMIT", "6", "2", "NONE", "alice")
        taker = await desk.place("SELL", "LIMIT", "2", "1", "DECREMENT", "bob")
        await desk.place("SELL", "LIMIT", "1", "2", "NONE", "bob")
        opened_first, changed, traded = await desk.reports("alice", 3)
        assert shows(opened_first, x="NEW", v=None, A=None)
        assert shows(
            changed,
            x="TRADE_PREVENTION",
            X="NEW",
            i=maker["orderId"],
            q="6",
            l="0",
            L="0",
            Y="0",
            n="0",
            t=-1,
            v=0,
            A="2",
            B="2",
            u=1,
            U=taker["orderId"],
            Cs="BTCUSDT",
            pl="2",
            pL="2",
            pY="4",
            w=True,
            eR=None,
        )
        # Later events keep what the order lost, and nothing of the event that took it.
        assert shows(traded, x="TRADE", X="PARTIALLY_FILLED", z="1", v=0, A="2", B=None, u=None, U=None, pl=None)
        # What is left of 6 after 2 were prevented and 1 was traded.
        assert await desk.bids() == [["2.00000000", "3.00000000"]]
        canceled = (await desk.ask("order.cancel", orderId=maker["orderId"]))["result"]
        assert shows(canceled, status="CANCELED", origQty="6", executedQty="1", preventedQuantity="2")


async def test_prevented_matches_are_found_by_their_id_and_by_either_order(desk):
    makers = await three_makers(desk)
    taker = await desk.place("SELL", "LIMIT", "3", "1", "EXPIRE_MAKER")

    async def found(**params):
        return [row["preventedMatchId"] for row in (await desk.ask("myPreventedMatches", **params))["result"]]

    [row] = (await desk.ask("myPreventedMatches", preventedMatchId=1))["result"]
    assert shows(
        row,
        symbol="BTCUSDT",
        takerOrderId=taker["orderId"],
        makerSymbol="BTCUSDT",
        makerOrderId=makers[1],
        tradeGroupId=-1,
        selfTradePreventionMode="EXPIRE_MAKER",
        price="1.1",
        makerPreventedQuantity="1.3",
        takerPreventedQuantity=None,
        transactTime=taker["transactTime"],
    )
    assert await found(orderId=taker["orderId"]) == [0, 1, 2]
    assert await found(orderId=makers[2]) == [2]
    assert await found(orderId=taker["orderId"], fromPreventedMatchId=1) == [1, 2]
    assert await found(orderId=taker["orderId"], fromPreventedMatchId=0, limit=2) == [0, 1]
    assert await found(preventedMatchId=3) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, -1102),
        ({"preventedMatchId": 1, "orderId": 1}, -1128),
        ({"preventedMatchId": 1, "limit": 1}, -1128),
        ({"preventedMatchId": 1, "fromPreventedMatchId": 1}, -1128),
        ({"orderId": 1, "limit": 1}, -1128),
        ({"orderId": 1, "fromPreventedMatchId": 1, "limit": 0}, -1130),
        ({"symbol": "NONE", "orderId": 1}, -1121),
    ],
)
async def test_other_combinations_of_parameters_are_refused(desk, params, code):
    assert (await desk.ask("myPreventedMatches", **params))["error"]["code"] == code


async def test_an_account_of_a_trade_group_is_told_which():
    async with opened(trade_group=1) as desk:
        peer = desk.peers["alice"]
        assert (await peer.call("account.status", peer.stamped()))["result"]["tradeGroupId"] == 1
