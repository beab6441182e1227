"""The examples of Binance's FAQ of smart order routing (faqs/sor_faq.md), over the wire, with their numbers.

Ids and times are their own; order ids count from 1 here, in the FAQ from 0. Carol is whose orders rest in the books.
"""

from contextlib import asynccontextmanager

import msgspec
import pytest

from pitwire.exchange.messages import Deposit, ListSymbol, OpenAccount, SetSmartRouting
from pitwire.market.enums import SelfTradePrevention
from tests.exchange.gateway.venue import RULES, open_venue, units

SYMBOLS = ("BTCUSDT", "BTCUSDC", "BTCUSDP")
PUBLIC = ("depth", "trades.recent")
ASKS = (
    ("BTCUSDT", "3", "30800"),
    ("BTCUSDT", "3", "30500"),
    ("BTCUSDC", "1", "30000"),
    ("BTCUSDC", "1", "28000"),
    ("BTCUSDP", "1", "35000"),
    ("BTCUSDP", "1", "29000"),
)
BIDS = (
    ("BTCUSDT", "5", "29500"),
    ("BTCUSDC", "5", "35000"),
    ("BTCUSDC", "5", "30000"),
    ("BTCUSDP", "5", "28000"),
)


def plain(number):
    """`"30500.00000000"` as the FAQ has it."""
    return f"{units(number) / 100_000_000:.8f}"


class Desk:
    """Alice's connection, and what she is told of her orders."""

    def __init__(self, venue, alice, carol):
        self.venue = venue
        self.alice = alice
        self.carol = carol
        self.events = []

    async def ask(self, method, **params):
        params = {name: value for name, value in {"symbol": "BTCUSDT", **params}.items() if value is not None}
        sent = await self.alice.send(method, params if method in PUBLIC else self.alice.stamped(params))
        while (message := await self.alice.receive()).get("id") != sent:
            self.events.append(message["event"])
        return message

    async def route(self, side, kind, quantity, price=None, **more):
        if kind == "LIMIT":
            more = {"timeInForce": "GTC", "price": price, **more}
        answer = await self.ask("sor.order.place", side=side, type=kind, quantity=quantity, **more)
        assert answer["status"] == 200, answer
        [placed] = answer["result"]
        return placed

    async def place(self, **params):
        answer = await self.ask("order.place", type="LIMIT", timeInForce="GTC", **params)
        assert answer["status"] == 200, answer
        return answer["result"]

    async def rest(self, side, symbol, quantity, price):
        params = {"symbol": symbol, "side": side, "type": "LIMIT", "timeInForce": "GTC"}
        answer = await self.carol.call(
            "order.place", self.carol.stamped({**params, "quantity": quantity, "price": price})
        )
        assert answer["result"]["status"] == "NEW", answer
        return answer["result"]

    async def balances(self, peer=None):
        peer = peer or self.alice
        sent = await peer.send("account.status", peer.stamped())
        while (message := await peer.receive()).get("id") != sent:
            self.events.append(message["event"])
        return {
            entry["asset"]: float(entry["free"]) + float(entry["locked"]) for entry in message["result"]["balances"]
        }

    async def reports(self, count):
        """The first `count` execution reports that Alice got."""
        while len(found := [event for event in self.events if event["e"] == "executionReport"]) < count:
            self.events.append((await self.alice.receive())["event"])
        return found


@asynccontextmanager
async def opened(*, side="SELL", books=(), rate=0, symbols=SYMBOLS):
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as carol:
        execute = venue.sequencer.execute
        for account, name in ((1, "alice"), (3, "carol")):
            await execute(OpenAccount(account=account, name=name, maker_rate=rate, taker_rate=rate))
        for quote in ("USDT", "USDC", "USDP"):
            rules = msgspec.structs.replace(
                RULES,
                symbol=f"BTC{quote}",
                quote=quote,
                filters=(),
                iceberg_allowed=True,
                allowed_self_trade_prevention=tuple(SelfTradePrevention),
            )
            await execute(ListSymbol(rules=rules))
            if quote != "USDT":
                await execute(Deposit(account=3, asset=quote, amount=units("10000000")))
        if symbols:
            await execute(SetSmartRouting(base="BTC", symbols=symbols))
        await alice.log_on("alice")
        await carol.log_on("carol")
        desk = Desk(venue, alice, carol)
        for symbol, quantity, price in books:
            await desk.rest(side, symbol, quantity, price)
        yield desk


def answer_of(placed, **changes):
    """The FAQ's response, with the ids and times that are the exchange's own."""
    fills = [
        {
            "matchType": "ONE_PARTY_TRADE_REPORT",
            "price": plain(price),
            "qty": plain(quantity),
            "commission": "0.00000000",
            "commissionAsset": "BTC" if changes["side"] == "BUY" else "USDT",
            "tradeId": -1,
            "allocId": number,
        }
        for number, (price, quantity) in enumerate(changes.pop("fills"))
    ]
    return {
        "symbol": "BTCUSDT",
        "orderId": placed["orderId"],
        "orderListId": -1,
        "clientOrderId": placed["clientOrderId"],
        "transactTime": placed["transactTime"],
        "price": plain("31000"),
        "origQty": plain("0.5"),
        "executedQty": plain("0.5"),
        "origQuoteOrderQty": plain("0"),
        "cummulativeQuoteQty": plain("14000"),
        "status": "FILLED",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "workingTime": placed["workingTime"],
        "fills": fills,
        "workingFloor": "SOR",
        "selfTradePreventionMode": "NONE",
        "usedSor": True,
    } | changes


async def test_example_1_one_fill_at_a_better_price_of_another_book():
    async with opened(books=ASKS) as desk:
        before = await desk.balances()
        placed = await desk.route("BUY", "LIMIT", "0.5", "31000")
        expected = answer_of(placed, side="BUY", fills=[("28000", "0.5")])
        assert (placed, list(placed)) == (expected, list(expected))
        after = await desk.balances()
        changed = {asset: after[asset] - before[asset] for asset in after if after[asset] != before[asset]}
        assert changed == {"BTC": 0.5, "USDT": -14_000}, "not USDC"


async def test_example_1_without_sor_the_own_book_alone_is_matched():
    async with opened(books=ASKS) as desk:
        placed = await desk.place(side="BUY", quantity="0.5", price="31000")
        assert [(fill["price"], fill["qty"]) for fill in placed["fills"]] == [(plain("30500"), plain("0.5"))]
        assert placed["cummulativeQuoteQty"] == plain("15250")
        assert not placed.keys() & {"usedSor", "workingFloor"}


async def test_example_2_fills_from_all_books_at_the_best_price_each():
    async with opened(books=ASKS) as desk:
        placed = await desk.route("BUY", "LIMIT", "5", "31000")
        assert placed == answer_of(
            placed,
            side="BUY",
            fills=[("28000", "1"), ("29000", "1"), ("30000", "1"), ("30500", "2")],
            origQty=plain("5"),
            executedQty=plain("5"),
            cummulativeQuoteQty=plain("148000"),
        )


async def test_example_2_without_sor():
    async with opened(books=ASKS) as desk:
        placed = await desk.place(side="BUY", quantity="5", price="31000")
        fills = [(fill["price"], fill["qty"]) for fill in placed["fills"]]
        assert fills == [(plain("30500"), plain("3")), (plain("30800"), plain("2"))]
        assert placed["cummulativeQuoteQty"] == plain("153100")


async def test_example_3_a_market_order_takes_all_there_is_and_the_rest_expires():
    async with opened(books=ASKS) as desk:
        placed = await desk.route("BUY", "MARKET", "11")
        prices = ("28000", "29000", "30000", "30500", "30800", "35000")
        assert placed == answer_of(
            placed,
            side="BUY",
            type="MARKET",
            price=plain("0"),
            fills=list(zip(prices, ("1", "1", "1", "3", "3", "1"), strict=True)),
            origQty=plain("11"),
            executedQty=plain("10"),
            cummulativeQuoteQty=plain("305900"),
            status="EXPIRED",
            expiryReason="INSUFFICIENT_LIQUIDITY",  # (Conditional fields in Order Responses)
        )


async def test_example_4_a_sell_order_is_paid_in_its_own_quote_asset():
    async with opened(side="BUY", books=BIDS) as desk:
        before = await desk.balances()
        placed = await desk.route("SELL", "LIMIT", "10", "29000")
        assert placed == answer_of(
            placed,
            side="SELL",
            price=plain("29000"),
            fills=[("35000", "5"), ("30000", "5")],
            origQty=plain("10"),
            executedQty=plain("10"),
            cummulativeQuoteQty=plain("325000"),
        )
        after = await desk.balances()
        assert (after["BTC"] - before["BTC"], after["USDT"] - before["USDT"]) == (-10, 325_000)
        assert not after.get("USDC")


async def test_example_4_without_sor_the_rest_stays_in_the_book():
    async with opened(side="BUY", books=BIDS) as desk:
        placed = await desk.place(side="SELL", quantity="10", price="29000")
        assert (placed["executedQty"], placed["cummulativeQuoteQty"]) == (plain("5"), plain("147500"))
        asks = (await desk.ask("depth"))["result"]["asks"]
        assert asks == [[plain("29000"), plain("5")]]


@pytest.mark.parametrize("tif", ["IOC", "GTC"])
async def test_what_no_book_fills_expires_or_rests_in_the_book_of_the_order(tif):
    async with opened(books=ASKS) as desk:
        placed = await desk.route("BUY", "LIMIT", "4", "29000", timeInForce=tif)
        assert placed["executedQty"] == plain("2")
        assert placed["status"] == ("EXPIRED" if tif == "IOC" else "PARTIALLY_FILLED")
        assert placed["workingFloor"] == "SOR"
        bids = {symbol: (await desk.ask("depth", symbol=symbol))["result"]["bids"] for symbol in SYMBOLS}
        resting = [] if tif == "IOC" else [[plain("29000"), plain("2")]]
        assert bids == {"BTCUSDT": resting, "BTCUSDC": [], "BTCUSDP": []}


async def test_an_order_that_rests_is_active_at_the_exchange_and_then_trades():
    async with opened() as desk:
        placed = await desk.route("BUY", "LIMIT", "1", "29000")
        assert (placed["workingFloor"], placed["usedSor"], placed["fills"]) == ("EXCHANGE", True, [])
        await desk.carol.call(
            "order.place",
            desk.carol.stamped(
                {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "1"},
            ),
        )
        found = (await desk.ask("order.status", orderId=placed["orderId"]))["result"]
        assert (found["status"], found["workingFloor"], found["usedSor"]) == ("FILLED", "EXCHANGE", True)
        [trade] = (await desk.ask("myTrades"))["result"]
        assert (trade["orderId"], trade["isMaker"]) == (placed["orderId"], True)
        assert (await desk.ask("myAllocations"))["result"] == []


async def test_every_answer_about_a_routed_order_says_so_and_where_it_was_active_last():
    async with opened(books=[("BTCUSDC", "1", "28000")]) as desk:
        order_id = (await desk.route("BUY", "LIMIT", "3", "29000"))["orderId"]

        def floors(*answers):
            return [(answer["workingFloor"], answer["usedSor"]) for answer in answers]

        status = (await desk.ask("order.status", orderId=order_id))["result"]
        [opened_order] = (await desk.ask("openOrders.status"))["result"]
        [listed] = (await desk.ask("allOrders"))["result"]
        assert floors(status, opened_order, listed) == [("SOR", True)] * 3
        amended = (await desk.ask("order.amend.keepPriority", orderId=order_id, newQty="2"))["result"]["amendedOrder"]
        status = (await desk.ask("order.status", orderId=order_id))["result"]
        canceled = (await desk.ask("order.cancel", orderId=order_id))["result"]
        assert floors(amended, status, canceled) == [("EXCHANGE", True)] * 3


async def test_a_first_allocation_gives_back_one_unfilled_order_and_a_rest_counts():
    async with opened(books=[("BTCUSDC", "1", "28000")]) as desk:

        async def count():
            return (await desk.ask("account.rateLimits.orders", symbol=None))["result"][1]["count"]

        await desk.route("BUY", "LIMIT", "0.5", "29000")
        assert await count() == 0
        await desk.route("BUY", "LIMIT", "1", "27000")
        assert await count() == 1
        await desk.route("BUY", "LIMIT", "1", "29000")
        assert await count() == 1


async def test_an_allocation_has_the_fields_of_the_faq_and_commission_of_the_orders_own_symbol():
    async with opened(books=[("BTCUSDC", "5", "30000")], rate=100_000) as desk:
        placed = await desk.route("BUY", "LIMIT", "5", "30000")
        [allocation] = (await desk.ask("myAllocations"))["result"]
        expected = {
            "symbol": "BTCUSDT",
            "allocationId": 0,
            "allocationType": "SOR",
            "orderId": placed["orderId"],
            "orderListId": -1,
            "price": plain("30000"),
            "qty": plain("5"),
            "quoteQty": plain("150000"),
            "commission": "0.00500000",
            "commissionAsset": "BTC",
            "time": placed["transactTime"],
            "isBuyer": True,
            "isMaker": False,
            "isAllocator": False,
        }
        assert (allocation, list(allocation)) == (expected, list(expected))
        assert (await desk.ask("myTrades"))["result"] == []
        balances = await desk.balances(desk.carol)
        assert balances["USDC"] == 10_000_000 + 150_000 * 0.999, "the maker is paid in its own quote asset"


async def test_a_seller_pays_commission_in_what_it_receives():
    async with opened(side="BUY", books=[("BTCUSDC", "5", "30000")], rate=100_000) as desk:
        placed = await desk.route("SELL", "MARKET", "1")
        [fill] = placed["fills"]
        assert (fill["commission"], fill["commissionAsset"]) == (plain("30"), "USDT")


async def test_the_owner_is_told_of_allocations_as_of_trades():
    async with opened(books=ASKS) as desk:
        sent = await desk.alice.send("userDataStream.subscribe")
        assert (await desk.alice.receive())["id"] == sent
        placed = await desk.route("BUY", "LIMIT", "4", "29000")
        new, first, second = await desk.reports(3)
        assert [(event["x"], event["X"], event["k"], event["uS"]) for event in (new, first, second)] == [
            ("NEW", "NEW", "SOR", True),
            ("TRADE", "PARTIALLY_FILLED", "SOR", True),
            ("TRADE", "PARTIALLY_FILLED", "SOR", True),
        ]
        assert not new.keys() & {"a", "b"}
        told = {name: second[name] for name in ("i", "t", "b", "a", "l", "L", "Y", "z", "Z", "n", "N", "m", "w")}
        assert told == {
            "i": placed["orderId"],
            "t": -1,
            "b": "ONE_PARTY_TRADE_REPORT",
            "a": 1,
            "l": plain("1"),
            "L": plain("29000"),
            "Y": plain("29000"),
            "z": plain("2"),
            "Z": plain("57000"),
            "n": plain("0"),
            "N": "BTC",
            "m": False,
            "w": True,
        }
        await desk.ask("order.cancel", orderId=placed["orderId"])
        canceled = (await desk.reports(4))[3]
        assert (canceled["x"], canceled["k"], canceled["uS"]) == ("CANCELED", "EXCHANGE", True)
        positions = [event for event in desk.events if event["e"] == "outboundAccountPosition"]
        assert {balance["a"] for balance in positions[0]["B"]} == {"BTC", "USDT"}


async def test_the_public_sees_trades_and_depth_on_each_book_that_was_taken_from():
    async with opened(books=ASKS) as desk:
        await desk.route("BUY", "LIMIT", "5", "31000")
        trades = {
            symbol: [
                (trade["price"], trade["qty"], trade["isBuyerMaker"])
                for trade in (await desk.ask("trades.recent", symbol=symbol))["result"]
            ]
            for symbol in SYMBOLS
        }
        assert trades == {
            "BTCUSDT": [(plain("30500"), plain("2"), False)],
            "BTCUSDC": [(plain("28000"), plain("1"), False), (plain("30000"), plain("1"), False)],
            "BTCUSDP": [(plain("29000"), plain("1"), False)],
        }
        asks = {symbol: (await desk.ask("depth", symbol=symbol))["result"]["asks"] for symbol in SYMBOLS}
        assert asks == {
            "BTCUSDT": [[plain("30500"), plain("1")], [plain("30800"), plain("3")]],
            "BTCUSDC": [],
            "BTCUSDP": [[plain("35000"), plain("1")]],
        }


async def test_the_configuration_is_in_exchange_info_while_there_is_one():
    async with opened() as desk:
        info = (await desk.alice.call("exchangeInfo"))["result"]
        assert list(info)[-1] == "sors"
        assert info["sors"] == [{"baseAsset": "BTC", "symbols": list(SYMBOLS)}]
        await desk.venue.sequencer.execute(SetSmartRouting(base="BTC", symbols=()))
        assert "sors" not in (await desk.alice.call("exchangeInfo"))["result"]


@pytest.mark.parametrize("method", ["sor.order.place", "sor.order.test"])
@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"type": "LIMIT_MAKER", "timeInForce": None}, -1116, "Invalid orderType."),
        ({"type": "STOP_LOSS", "timeInForce": None, "price": None}, -1116, "Invalid orderType."),
        ({"quantity": None}, -1102, None),
        ({"price": None}, -1102, None),
        ({"type": "MARKET"}, -1106, None),
        ({"quoteOrderQty": "100"}, -1104, None),
        ({"symbol": "ETHUSDT"}, -1121, "Invalid symbol."),
        ({"icebergQty": "0"}, -1013, "Filter failure: LOT_SIZE"),
    ],
)
async def test_what_cannot_be_routed_is_refused(method, changes, code, message):
    order = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "29000"}
    async with opened() as desk:
        params = {name: value for name, value in {**order, **changes}.items() if value is not None}
        refused = await desk.ask(method, **params)
        assert refused["error"]["code"] == code, refused
        assert message is None or refused["error"]["msg"] == message


@pytest.mark.parametrize("method", ["sor.order.place", "sor.order.test"])
async def test_without_a_configuration_no_order_is_routed(method):
    async with opened(symbols=()) as desk:
        refused = await desk.ask(method, side="BUY", type="LIMIT", timeInForce="GTC", quantity="1", price="29000")
        assert refused["error"] == {"code": -2010, "msg": "SOR orders are not supported for this symbol."}


async def test_a_tested_order_is_not_placed_and_tells_its_rates_when_asked():
    async with opened(books=ASKS, rate=100_000) as desk:
        order = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "31000"}
        assert (await desk.ask("sor.order.test", **order))["result"] == {}
        rates = (await desk.ask("sor.order.test", **order, computeCommissionRates=True))["result"]
        assert rates["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00100000"}
        assert list(rates) == ["standardCommissionForOrder", "taxCommissionForOrder", "discount"]
        assert (await desk.ask("allOrders"))["result"] == []


async def test_self_trade_prevention_reaches_into_the_other_books():
    async with opened(books=ASKS) as desk:
        resting = (
            await desk.ask(
                "order.place",
                symbol="BTCUSDC",
                side="SELL",
                type="LIMIT",
                timeInForce="GTC",
                quantity="1",
                price="27000",
            )
        )["result"]
        placed = await desk.route("BUY", "LIMIT", "1", "31000", selfTradePreventionMode="EXPIRE_MAKER")
        [prevented] = placed["preventedMatches"]
        assert prevented == {
            "preventedMatchId": 0,
            "makerSymbol": "BTCUSDC",
            "makerOrderId": resting["orderId"],
            "price": plain("27000"),
            "makerPreventedQuantity": plain("1"),
        }
        assert [fill["price"] for fill in placed["fills"]] == [plain("28000")]
        for symbol, order_id in (("BTCUSDT", placed["orderId"]), ("BTCUSDC", resting["orderId"])):
            [match] = (await desk.ask("myPreventedMatches", symbol=symbol, orderId=order_id))["result"]
            assert (match["symbol"], match["makerSymbol"]) == ("BTCUSDT", "BTCUSDC")
        found = (await desk.ask("order.status", symbol="BTCUSDC", orderId=resting["orderId"]))["result"]
        assert (found["status"], found["preventedMatchId"]) == ("EXPIRED_IN_MATCH", 0)


@pytest.fixture
async def allocated():
    """Three orders of Alice's with allocations 0 and 1; 2; 3."""
    async with opened(books=ASKS) as desk:
        desk.orders, desk.times = [], []
        for quantity in ("2", "1", "0.5"):
            placed = await desk.route("BUY", "LIMIT", quantity, "31000")
            desk.orders.append(placed["orderId"])
            desk.times.append(placed["transactTime"])
            desk.venue.clock.turn(1)
        yield desk


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [0, 1, 2, 3]),
        ({"limit": 2}, [0, 1]),
        ({"startTime": 1}, [2, 3]),
        ({"startTime": 0, "limit": 1}, [0]),
        ({"endTime": 1, "limit": 2}, [1, 2]),
        ({"startTime": 1, "endTime": 1}, [2]),
        ({"fromAllocationId": 2}, [2, 3]),
        ({"orderId": 0}, [0, 1]),
        ({"orderId": 0, "fromAllocationId": 1}, [1]),
        ({"orderId": 0, "limit": 1}, [0]),
    ],
)
async def test_allocations_are_chosen_as_documented(allocated, asked, found):
    for name in ("startTime", "endTime"):
        if name in asked:
            asked = asked | {name: allocated.times[asked[name]]}
    if "orderId" in asked:
        asked = asked | {"orderId": allocated.orders[asked["orderId"]]}
    answer = (await allocated.ask("myAllocations", **asked))["result"]
    assert [each["allocationId"] for each in answer] == found


@pytest.mark.parametrize("name", ["orderId", "fromAllocationId"])
@pytest.mark.parametrize("time", ["startTime", "endTime"])
async def test_other_combinations_are_refused(allocated, name, time):
    refused = await allocated.ask("myAllocations", **{name: 1, time: allocated.times[0]})
    assert refused["error"]["code"] == -1128


async def test_a_lookup_of_more_than_24_hours_is_refused(allocated):
    start = allocated.times[0]
    refused = await allocated.ask("myAllocations", startTime=start, endTime=start + 24 * 3_600_000 + 1)
    assert refused["error"]["code"] == -1127
