"""Order lists over the wire: the examples of web-socket-api.md, Order lists, and every rule of faqs/opo.md."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from pitwire.exchange.messages import Deposit, ListSymbol, OpenAccount, SetDiscount
from pitwire.market.enums import OrderType, SelfTradePrevention, TimeUnit
from pitwire.market.filters import LotSize, MarketLotSize, PriceFilter
from tests.exchange.gateway.venue import RULES, Peer, Venue, open_venue, units
from tests.exchange.projections.examples import results

EVERYTHING = msgspec.structs.replace(
    RULES,
    order_types=tuple(OrderType),
    trailing_stop_allowed=True,
    iceberg_allowed=True,
    peg_instructions_allowed=True,
    oco_allowed=True,
    oto_allowed=True,
    opo_allowed=True,
    allowed_self_trade_prevention=tuple(SelfTradePrevention),
)
LTCBNB = msgspec.structs.replace(
    EVERYTHING,
    symbol="LTCBNB",
    base="LTC",
    quote="BNB",
    filters=(PriceFilter(min_price=1, max_price=units("1000"), tick_size=1),),
)
IDS = {"orderListId", "orderId", "clientOrderId", "origClientOrderId", "listClientOrderId", "executionId"}
TIMES = {"transactTime", "transactionTime"}
"""What differs each time."""


class Desk:
    """Alice's connection, on which her events come too, and bob, who trades with her."""

    def __init__(self, venue: Venue, alice: Peer, bob: Peer) -> None:
        self.venue = venue
        self.alice = alice
        self.bob = bob
        self.events: list[dict[str, Any]] = []

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Alice's answer; what she hears before it is kept."""
        sent = await self.alice.send(method, self.alice.stamped(params))
        while (message := await self.alice.receive()).get("id") != sent:
            self.events.append(message["event"])
        return message

    async def result(self, method: str, **params: Any) -> Any:
        answer = await self.ask(method, **params)
        assert answer["status"] == 200, answer
        return answer["result"]

    async def trade(self, symbol: str, side: str, price: str, quantity: str, **more: Any) -> dict[str, Any]:
        """An order of bob's."""
        order = {"symbol": symbol, "side": side, "type": "LIMIT", "timeInForce": "GTC", "price": price}
        answer = await self.bob.call("order.place", self.bob.stamped({**order, "quantity": quantity, **more}))
        assert answer["status"] == 200, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def last_price(self, symbol: str, price: str, quantity: str = "0.001") -> None:
        """Bob and carol's other selves: a trade that leaves nothing behind."""
        await self.trade(symbol, "SELL", price, quantity)
        await self.trade(symbol, "BUY", price, quantity)

    async def heard(self) -> list[str]:
        """What alice has heard by now, in short, and forgotten then."""
        return [short(event) for event in await self.events_so_far()]

    async def events_so_far(self) -> list[dict[str, Any]]:
        """What has come to alice before the answer to another question."""
        await self.result("openOrderLists.status")
        events, self.events = self.events, []
        return events

    async def balance(self, asset: str) -> tuple[str, str]:
        """Free and locked, without zeros at the end."""
        held = (await self.result("account.status"))["balances"]
        (found,) = [each for each in held if each["asset"] == asset]
        return plain(found["free"]), plain(found["locked"])


def plain(text: str) -> str:
    return format(Decimal(text).normalize(), "f")


def short(event: dict[str, Any]) -> str:
    match event["e"]:
        case "executionReport":
            why = f" {event['eR']}" if "eR" in event else ""
            return f"{event['o']} {event['x']} {event['X']}{why} g={event['g']}"
        case "listStatus":
            return f"list {event['c']} {event['l']} {event['L']} {event['r']}"
    return str(event["e"])


@pytest_asyncio.fixture
async def desk() -> Any:
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as bob:
        for symbol in (EVERYTHING, LTCBNB):
            await venue.sequencer.execute(ListSymbol(rules=symbol))
        for account in (1, 2):
            # No commission, so that balances say at once what is locked.
            await venue.sequencer.execute(OpenAccount(account=account, name="", maker_rate=0, taker_rate=0))
            for asset in ("LTC", "BNB"):
                await venue.sequencer.execute(Deposit(account=account, asset=asset, amount=units("100")))
        for peer, name in ((alice, "alice"), (bob, "bob")):
            await peer.log_on(name)
        await alice.call("userDataStream.subscribe", {})
        yield Desk(venue, alice, bob)


def same(value: Any) -> Any:
    """A result without what differs each time, its numbers as numbers: the documentation has six decimal places."""
    if isinstance(value, dict):
        shown = {name: None if name in IDS | TIMES else same(each) for name, each in value.items()}
        if "workingTime" in shown:
            shown["workingTime"] = value["workingTime"] == -1
        return shown
    if isinstance(value, list):
        return [same(each) for each in value]
    if isinstance(value, str) and value.replace(".", "").isdigit():
        return Decimal(value)
    return value


# --- the documentation's examples ---------------------------------------------------------------------------------


OLD_OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "price": "23420.00000000",
    "quantity": "0.00650000",
    "stopPrice": "23410.00000000",
    "stopLimitPrice": "23405.00000000",
    "stopLimitTimeInForce": "GTC",
    "newOrderRespType": "RESULT",
}
OCO = {
    "symbol": "LTCBNB",
    "side": "BUY",
    "quantity": 1,
    "aboveType": "STOP_LOSS_LIMIT",
    "abovePrice": "1.5",
    "aboveStopPrice": "1.50000001",
    "aboveTimeInForce": "GTC",
    "belowType": "LIMIT_MAKER",
    "belowPrice": "1.49999999",
}
OTO = {
    "symbol": "LTCBNB",
    "pendingQuantity": 1,
    "pendingSide": "BUY",
    "pendingType": "MARKET",
    "workingPrice": 1,
    "workingQuantity": 1,
    "workingSide": "SELL",
    "workingTimeInForce": "GTC",
    "workingType": "LIMIT",
}
OTOCO = {
    "symbol": "LTCBNB",
    "pendingQuantity": 5,
    "pendingSide": "SELL",
    "pendingBelowPrice": 5,
    "pendingBelowType": "LIMIT_MAKER",
    "pendingAboveStopPrice": 0.5,
    "pendingAboveType": "STOP_LOSS",
    "workingPrice": 1.5,
    "workingQuantity": 1,
    "workingSide": "BUY",
    "workingTimeInForce": "GTC",
    "workingType": "LIMIT",
}
OPO = {
    "symbol": "BTCUSDT",
    "workingPrice": "101496",
    "workingQuantity": "0.0007",
    "workingType": "LIMIT",
    "workingTimeInForce": "GTC",
    "workingSide": "BUY",
    "pendingType": "MARKET",
    "pendingSide": "SELL",
}
OPOCO = {
    "symbol": "BTCUSDT",
    "workingPrice": "102496",
    "workingQuantity": "0.0017",
    "workingType": "LIMIT",
    "workingTimeInForce": "GTC",
    "workingSide": "BUY",
    "pendingAboveType": "LIMIT_MAKER",
    "pendingAbovePrice": "104261",
    "pendingBelowStopPrice": "10100",
    "pendingBelowPrice": "101613",
    "pendingBelowType": "STOP_LOSS_LIMIT",
    "pendingBelowTimeInForce": "IOC",
    "pendingSide": "SELL",
}


@pytest.mark.parametrize(
    ("method", "params"),
    [("orderList.place.oto", OTO), ("orderList.place.opo", OPO), ("orderList.place.opoco", OPOCO)],
)
async def test_an_example_is_answered_as_documented(desk: Desk, method: str, params: dict[str, Any]) -> None:
    answer = await desk.result(method, **params)
    (example,) = results(method)
    # The example of OTO shows the name of a test's symbol for the list, and LTCBNB for its orders.
    assert same(answer) == same({**example, "symbol": params["symbol"]})


async def test_the_example_of_an_oco(desk: Desk) -> None:
    await desk.last_price("LTCBNB", "1.5")
    assert same(await desk.result("orderList.place.oco", **OCO)) == same(results("orderList.place.oco")[0])


async def test_the_example_of_the_deprecated_oco(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    answer = await desk.result("orderList.place", **OLD_OCO)
    example = results("orderList.place")[0]
    stop, _ = example["orderReports"]
    # The example has the two prices of the stop loss order in each other's place.
    stop["price"], stop["stopPrice"] = stop["stopPrice"], stop["price"]
    assert same(answer) == same(example)


async def test_the_example_of_an_otoco_has_its_orders_on_the_wrong_sides(desk: Desk) -> None:
    """errors.md has -1166 and -1197 for what it shows; with the sides in order it is answered as documented."""
    answer = await desk.ask("orderList.place.otoco", **OTOCO)
    assert (answer["status"], answer["error"]["code"]) == (400, -1197)
    turned = {
        name.replace("Above", "B_").replace("Below", "Above").replace("B_", "Below"): value
        for name, value in OTOCO.items()
    }
    answer = await desk.result("orderList.place.otoco", **turned)
    assert same(answer) == same({**results("orderList.place.otoco")[0], "symbol": "LTCBNB"})


async def test_the_example_of_a_cancelled_list(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23425")
    oco = {**OLD_OCO, "side": "BUY", "price": "23400", "quantity": "0.0085", "stopPrice": "23430"}
    placed = await desk.result("orderList.place", **{**oco, "stopLimitPrice": "23450.5"})
    answer = await desk.result("order.cancel", symbol="BTCUSDT", orderId=placed["orders"][0]["orderId"])
    assert same(answer) == same(results("order.cancel")[1])
    reports = answer["orderReports"]
    assert [each["origClientOrderId"] for each in reports] == [each["clientOrderId"] for each in placed["orders"]]
    assert reports[0]["clientOrderId"] == reports[1]["clientOrderId"]
    assert answer["listClientOrderId"] == placed["listClientOrderId"]


async def test_the_example_of_cancelling_all(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23425")
    order = {"side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "price": "23416.1", "quantity": "0.00847"}
    await desk.result("order.place", symbol="BTCUSDT", newOrderRespType="ACK", **order)
    oco = {**OLD_OCO, "side": "BUY", "price": "23400", "quantity": "0.0085", "stopPrice": "23430"}
    await desk.result("orderList.place", **{**oco, "stopLimitPrice": "23450.5"})
    single, listed = await desk.result("openOrders.cancelAll", symbol="BTCUSDT")
    assert (single["orderListId"], single["status"]) == (-1, "CANCELED")
    assert same(listed) == same(results("openOrders.cancelAll")[0][1])


async def test_cancelling_a_list_by_its_own_method(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    placed = await desk.result("orderList.place", **OLD_OCO)
    answer = await desk.result(
        "orderList.cancel", symbol="BTCUSDT", orderListId=placed["orderListId"], newClientOrderId="gone"
    )
    example = results("orderList.cancel")[0]
    for report in example["orderReports"]:
        # As in rest-api.md, Cancel Order list; the SBE schema has it in every such answer.
        report["origClientOrderId"] = report["clientOrderId"]
    stop, _ = example["orderReports"]
    stop["price"], stop["stopPrice"] = stop["stopPrice"], stop["price"]
    assert same(answer) == same(example)
    assert {each["clientOrderId"] for each in answer["orderReports"]} == {"gone"}
    again = await desk.ask("orderList.cancel", symbol="BTCUSDT", orderListId=placed["orderListId"])
    assert (again["status"], again["error"]) == (400, {"code": -2011, "msg": "Unknown order sent."})


async def test_the_example_of_an_amended_order_of_a_list(desk: Desk) -> None:
    oto = {**OTO, "pendingType": "LIMIT", "pendingPrice": 1, "pendingTimeInForce": "GTC", "pendingQuantity": 6}
    placed = await desk.result("orderList.place.oto", **oto, pendingClientOrderId="my_pending_order")
    pending = placed["orders"][1]["orderId"]
    answer = await desk.result("order.amend.keepPriority", symbol="LTCBNB", orderId=pending, newQty="5")
    example = results("order.amend.keepPriority")[1]
    # In the example the pending order works already.
    example["amendedOrder"] |= {"symbol": "LTCBNB", "status": "PENDING_NEW", "workingTime": -1}
    example["listStatus"]["symbol"] = "LTCBNB"
    example["listStatus"]["orders"] = [{**each, "symbol": "LTCBNB"} for each in example["listStatus"]["orders"]]
    assert same(answer) == same(example)
    assert answer["amendedOrder"]["origClientOrderId"] == "my_pending_order"
    assert answer["listStatus"]["orders"][1]["clientOrderId"] == answer["amendedOrder"]["clientOrderId"]


async def test_the_examples_of_what_queries_say_of_a_list(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    placed = await desk.result("orderList.place", **OLD_OCO, listClientOrderId="mine")
    by_name = await desk.result("orderList.status", origClientOrderId="mine", orderListId=99)
    assert by_name == await desk.result("orderList.status", orderListId=placed["orderListId"])
    assert by_name == {name: value for name, value in placed.items() if name != "orderReports"}
    assert same(by_name) == same(results("orderList.status")[0])
    assert [by_name] == await desk.result("openOrderLists.status")
    assert same([by_name]) == same(results("openOrderLists.status")[0]) == same(results("allOrderLists")[0])
    await desk.result("order.cancel", symbol="BTCUSDT", orderId=placed["orders"][1]["orderId"])
    assert await desk.result("openOrderLists.status") == []
    (done,) = await desk.result("allOrderLists")
    assert (done["listStatusType"], done["listOrderStatus"]) == ("ALL_DONE", "ALL_DONE")
    assert done == await desk.result("orderList.status", origClientOrderId="mine")
    assert await desk.result("allOrderLists", fromId=placed["orderListId"] + 1) == []


@pytest.mark.parametrize(
    ("method", "params", "count"),
    [
        ("orderList.place", OLD_OCO, 1),
        ("orderList.place.oco", OCO, 2),
        ("orderList.place.oto", OTO, 2),
        ("orderList.place.opo", OPO, 2),
        ("orderList.place.opoco", OPOCO, 3),
    ],
)
async def test_what_a_list_adds_to_the_unfilled_order_count(
    desk: Desk, method: str, params: dict[str, Any], count: int
) -> None:
    await desk.last_price("LTCBNB", "1.5")
    await desk.last_price("BTCUSDT", "23415")
    await desk.result(method, **params)
    assert [each["count"] for each in await desk.result("account.rateLimits.orders")] == [count, count]


async def test_how_much_is_answered_of_each_order(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    acknowledged = await desk.result("orderList.place", **{**OLD_OCO, "newOrderRespType": "ACK"})
    assert [list(each) for each in acknowledged["orderReports"]] == [
        ["symbol", "orderId", "orderListId", "clientOrderId", "transactTime"]
    ] * 2
    old = {name: value for name, value in OLD_OCO.items() if name != "newOrderRespType"}
    full = await desk.result("orderList.place", **old)
    assert [each["fills"] for each in full["orderReports"]] == [[], []]
    oto = await desk.result("orderList.place.oto", **OTO)
    assert not any("fills" in each for each in oto["orderReports"])


# --- faqs/opo.md, What is the difference with this order list from other order lists? -----------------------------


async def test_the_only_balance_needed_is_that_of_the_working_order(desk: Desk) -> None:
    await desk.venue.sequencer.execute(Deposit(account=1, asset="BTC", amount=units("-100")))
    assert (await desk.ask("orderList.place.opo", **OPO))["status"] == 200


async def test_received_funds_are_locked_and_free_again_when_the_list_is_cancelled(desk: Desk) -> None:
    placed = await desk.result("orderList.place.opo", **OPO)
    await desk.trade("BTCUSDT", "SELL", "101496", "0.0004")
    assert await desk.balance("BTC") == ("100", "0.0004")
    await desk.result("orderList.cancel", symbol="BTCUSDT", orderListId=placed["orderListId"])
    assert await desk.balance("BTC") == ("100.0004", "0")


async def test_the_pending_order_sells_what_was_received(desk: Desk) -> None:
    placed = await desk.result("orderList.place.opo", **OPO)
    pending = placed["orders"][1]["orderId"]
    assert "origQty" not in placed["orderReports"][1]
    shown = await desk.result("order.status", symbol="BTCUSDT", orderId=pending)
    assert (shown["status"], shown["origQty"], shown["workingTime"]) == ("PENDING_NEW", "0.00000000", -1)
    await desk.trade("BTCUSDT", "BUY", "101000", "1")
    await desk.trade("BTCUSDT", "SELL", "101496", "0.0007")
    shown = await desk.result("order.status", symbol="BTCUSDT", orderId=pending)
    assert (shown["status"], shown["origQty"], shown["executedQty"]) == ("FILLED", "0.00070000", "0.00070000")
    assert await desk.heard() == [
        "list OTO EXEC_STARTED EXECUTING NONE",
        "LIMIT NEW NEW g=0",
        "MARKET NEW PENDING_NEW g=0",
        "outboundAccountPosition",
        "LIMIT TRADE FILLED g=0",
        "list OTO EXEC_STARTED EXECUTING NONE",
        "MARKET NEW NEW g=0",
        "MARKET TRADE FILLED g=0",
        "list OTO ALL_DONE ALL_DONE NONE",
        "outboundAccountPosition",
    ]


@pytest.mark.parametrize(
    ("others", "discount", "quantity", "left"),
    [
        ("100", False, "0.00070000", "99.9999993"),
        ("0", False, "0.00069000", "0.0000093"),
        ("0", True, "0.00070000", "0"),
    ],
    ids=["taken from what else is free", "taken from what was received", "paid in BNB"],
)
async def test_the_commission_of_what_was_received(
    desk: Desk, others: str, discount: bool, quantity: str, left: str
) -> None:
    await desk.venue.sequencer.execute(OpenAccount(account=1, name="", maker_rate=100_000))
    if discount:
        await desk.venue.sequencer.execute(SetDiscount(account=1, enabled=True))
        await desk.venue.sequencer.execute(
            ListSymbol(rules=msgspec.structs.replace(LTCBNB, symbol="BNBBTC", base="BNB", quote="BTC"))
        )
        await desk.last_price("BNBBTC", "0.01")
    if others == "0":
        await desk.venue.sequencer.execute(Deposit(account=1, asset="BTC", amount=units("-100")))
    opo = {**OPO, "pendingType": "LIMIT", "pendingPrice": "110000", "pendingTimeInForce": "GTC"}
    placed = await desk.result("orderList.place.opo", **opo)
    await desk.trade("BTCUSDT", "SELL", "101496", "0.0007")
    shown = await desk.result("order.status", symbol="BTCUSDT", orderId=placed["orders"][1]["orderId"])
    assert (shown["status"], shown["origQty"]) == ("NEW", quantity)
    free, locked = await desk.balance("BTC")
    assert Decimal(locked) == Decimal(quantity)
    # 0.0007 less 0.1 % is 0.0006993, of which 0.00069 is whole lots.
    assert free == left


async def test_bnb_pays_its_own_commission(desk: Desk) -> None:
    bnb = msgspec.structs.replace(LTCBNB, symbol="BNBUSDT", base="BNB", quote="USDT", filters=())
    await desk.venue.sequencer.execute(ListSymbol(rules=bnb))
    await desk.venue.sequencer.execute(OpenAccount(account=1, name="", maker_rate=100_000))
    opo = {**OPO, "symbol": "BNBUSDT", "workingPrice": "500", "workingQuantity": "1", "pendingType": "LIMIT"}
    await desk.result("orderList.place.opo", **opo, pendingPrice="600", pendingTimeInForce="GTC")
    await desk.trade("BNBUSDT", "SELL", "500", "1")
    assert await desk.balance("BNB") == ("100", "0.999")


async def test_the_quantity_is_evaluated_after_the_working_order_is_filled(desk: Desk) -> None:
    """At 1 USDT what was received is worth less than the 5 that NOTIONAL asks for."""
    opo = {**OPO, "pendingType": "LIMIT", "pendingPrice": "1", "pendingTimeInForce": "GTC"}
    placed = await desk.result("orderList.place.opo", **opo)
    await desk.trade("BTCUSDT", "SELL", "101496", "0.0007")
    shown = await desk.result("order.status", symbol="BTCUSDT", orderId=placed["orders"][1]["orderId"])
    assert (shown["status"], shown["expiryReason"]) == ("EXPIRED", "REJECTED")
    assert (await desk.heard())[4:] == [
        "LIMIT TRADE FILLED g=0",
        "LIMIT EXPIRED EXPIRED REJECTED g=0",
        "list OTO ALL_DONE ALL_DONE NONE",
        "outboundAccountPosition",
    ]
    assert await desk.balance("BTC") == ("100.0007", "0")


async def test_the_quantity_is_adjusted_to_lot_size_and_market_lot_size(desk: Desk) -> None:
    filters = (
        LotSize(min_quantity=units("0.0001"), max_quantity=units("10"), step_size=units("0.0001")),
        MarketLotSize(min_quantity=0, max_quantity=units("0.0006"), step_size=units("0.0003")),
    )
    await desk.venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(EVERYTHING, filters=filters)))
    await desk.trade("BTCUSDT", "BUY", "101000", "1")
    placed = await desk.result("orderList.place.opo", **{**OPO, "workingQuantity": "0.0008"})
    await desk.trade("BTCUSDT", "SELL", "101496", "0.0008")
    shown = await desk.result("order.status", symbol="BTCUSDT", orderId=placed["orders"][1]["orderId"])
    assert (shown["status"], shown["executedQty"]) == ("FILLED", "0.00060000")
    assert await desk.balance("BTC") == ("100.0002", "0")


async def test_a_pending_opo_order_is_not_amended_before_the_working_order_is_filled(desk: Desk) -> None:
    opo = {**OPO, "pendingType": "LIMIT", "pendingPrice": "110000", "pendingTimeInForce": "GTC"}
    placed = await desk.result("orderList.place.opo", **opo)
    amendment = {"symbol": "BTCUSDT", "orderId": placed["orders"][1]["orderId"], "newQty": "0.0006"}
    answer = await desk.ask("order.amend.keepPriority", **amendment)
    assert answer["error"] == {"code": -2038, "msg": "Order amend (pending OPO order) is not supported."}
    await desk.trade("BTCUSDT", "SELL", "101496", "0.0007")
    assert (await desk.result("order.amend.keepPriority", **amendment))["amendedOrder"]["qty"] == "0.00060000"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"workingSide": "SELL"}, -1222, "Working order in an OPO list must be a bid."),
        ({"pendingSide": "BUY"}, -1223, "Pending orders in an OPO list must be asks."),
    ],
)
async def test_only_a_purchase_pays_for_a_sale(desk: Desk, changes: dict[str, Any], code: int, message: str) -> None:
    for method, params in (("orderList.place.opo", OPO), ("orderList.place.opoco", OPOCO)):
        assert (await desk.ask(method, **{**params, **changes}))["error"] == {"code": code, "msg": message}


@pytest.mark.parametrize(
    ("flag", "method", "params", "message"),
    [
        ("oto_allowed", "orderList.place.opo", OPO, "OTO orders are not supported for this symbol."),
        ("opo_allowed", "orderList.place.opo", OPO, "OPO orders are not supported for this symbol."),
        ("oto_allowed", "orderList.place.opoco", OPOCO, "OTO orders are not supported for this symbol."),
        ("opo_allowed", "orderList.place.opoco", OPOCO, "OPO orders are not supported for this symbol."),
        ("oco_allowed", "orderList.place.opoco", OPOCO, "OCO orders are not supported for this symbol"),
        ("oco_allowed", "orderList.place", OLD_OCO, "OCO orders are not supported for this symbol"),
    ],
)
async def test_which_symbols_allow_which_lists(
    desk: Desk, flag: str, method: str, params: dict[str, Any], message: str
) -> None:
    await desk.venue.sequencer.execute(ListSymbol(rules=msgspec.structs.replace(EVERYTHING, **{flag: False})))
    assert (await desk.ask(method, **params))["error"] == {"code": -2010, "msg": message}
    described = desk.venue.projections.symbols.exchange_info([], 0, TimeUnit.MILLISECOND, symbol="BTCUSDT")
    shown = described["symbols"][0]
    assert [shown[f"{kind}Allowed"] for kind in ("oco", "oto", "opo")].count(False) == 1


# --- what alice hears ---------------------------------------------------------------------------------------------


async def test_what_is_heard_of_an_oco_whose_limit_order_trades_in_part(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    await desk.result("orderList.place", **OLD_OCO)
    await desk.trade("BTCUSDT", "BUY", "23420", "0.001")
    await desk.trade("BTCUSDT", "BUY", "23420", "0.0055")
    assert await desk.heard() == [
        "list OCO EXEC_STARTED EXECUTING NONE",
        "STOP_LOSS_LIMIT NEW NEW g=0",
        "LIMIT_MAKER NEW NEW g=0",
        "outboundAccountPosition",
        "LIMIT_MAKER TRADE PARTIALLY_FILLED g=0",
        "STOP_LOSS_LIMIT EXPIRED EXPIRED OCO_TRIGGER g=0",
        "list OCO EXEC_STARTED EXECUTING NONE",
        "outboundAccountPosition",
        "LIMIT_MAKER TRADE FILLED g=0",
        "list OCO ALL_DONE ALL_DONE NONE",
        "outboundAccountPosition",
    ]
    assert [each["orderListId"] for each in await desk.result("myTrades", symbol="BTCUSDT")] == [0, 0]


async def test_what_is_heard_of_an_oco_whose_stop_loss_order_is_triggered(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    await desk.result("orderList.place", **OLD_OCO)
    await desk.trade("BTCUSDT", "BUY", "23409", "0.001")
    await desk.trade("BTCUSDT", "SELL", "23409", "0.001")
    assert (await desk.heard())[4:] == [
        "LIMIT_MAKER EXPIRED EXPIRED OCO_TRIGGER g=0",
        "list OCO EXEC_STARTED EXECUTING NONE",
        "STOP_LOSS_LIMIT NEW NEW g=0",
        "outboundAccountPosition",
    ]


async def test_what_is_heard_of_a_working_order_that_lapses(desk: Desk) -> None:
    await desk.result("orderList.place.oto", **{**OTO, "workingTimeInForce": "IOC"})
    assert await desk.heard() == [
        "list OTO EXEC_STARTED EXECUTING NONE",
        "LIMIT NEW NEW g=0",
        "MARKET NEW PENDING_NEW g=0",
        "LIMIT EXPIRED EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED g=0",
        "MARKET EXPIRED EXPIRED OTO_PHASE_ONE_EXPIRED g=0",
        "list OTO ALL_DONE ALL_DONE NONE",
        "outboundAccountPosition",
    ]


async def test_why_a_pending_pair_was_refused_is_heard(desk: Desk) -> None:
    """The last price, that of the working order's fill, is below the stop price."""
    opoco = {**OPOCO, "pendingBelowStopPrice": "102500", "pendingBelowPrice": "102400"}
    await desk.result("orderList.place.opoco", **opoco)
    await desk.trade("BTCUSDT", "SELL", "102496", "0.0017")
    assert (await desk.heard())[5:] == [
        "LIMIT TRADE FILLED g=0",
        "STOP_LOSS_LIMIT EXPIRED EXPIRED REJECTED g=0",
        "LIMIT_MAKER EXPIRED EXPIRED REJECTED g=0",
        "list OTO ALL_DONE ALL_DONE OCO_BAD_PRICES",
        "outboundAccountPosition",
    ]


async def test_a_working_order_that_is_filled_at_once_is_answered_as_filled_and_the_pending_one_as_pending(
    desk: Desk,
) -> None:
    """web-socket-api.md, Place new Order list - OTO: its state has to be asked for."""
    await desk.trade("LTCBNB", "BUY", "1", "1")
    oto = {**OTO, "pendingType": "LIMIT", "pendingPrice": "0.9", "pendingTimeInForce": "GTC"}
    answer = await desk.result("orderList.place.oto", **oto, newOrderRespType="FULL")
    working, pending = answer["orderReports"]
    assert (working["status"], len(working["fills"])) == ("FILLED", 1)
    assert (pending["status"], pending["fills"]) == ("PENDING_NEW", [])
    asked = await desk.result("order.status", symbol="LTCBNB", orderId=pending["orderId"])
    assert (asked["status"], asked["orderListId"]) == ("NEW", answer["orderListId"])


async def test_an_amended_name_is_heard_with_the_list(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    placed = await desk.result("orderList.place", **OLD_OCO)
    await desk.heard()
    order_id = placed["orders"][1]["orderId"]
    await desk.result("order.amend.keepPriority", symbol="BTCUSDT", orderId=order_id, newQty="0.006")
    assert await desk.heard() == [
        "LIMIT_MAKER REPLACED NEW g=0",
        "STOP_LOSS_LIMIT REPLACED NEW g=0",
        "list OCO UPDATED EXECUTING NONE",
        "outboundAccountPosition",
    ]


async def test_replacing_an_order_of_a_list_answers_with_the_list(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    placed = await desk.result("orderList.place", **OLD_OCO)
    answer = await desk.result(
        "order.cancelReplace",
        symbol="BTCUSDT",
        cancelReplaceMode="STOP_ON_FAILURE",
        cancelOrderId=placed["orders"][0]["orderId"],
        side="SELL",
        type="LIMIT",
        timeInForce="GTC",
        price="23500",
        quantity="0.001",
    )
    assert answer["cancelResponse"]["listOrderStatus"] == "ALL_DONE"
    assert [each["status"] for each in answer["cancelResponse"]["orderReports"]] == ["CANCELED", "CANCELED"]
    assert answer["newOrderResponse"]["orderListId"] == -1


async def test_the_shape_of_list_status(desk: Desk) -> None:
    await desk.last_price("BTCUSDT", "23415")
    await desk.result("orderList.place", **OLD_OCO, listClientOrderId="mine")
    event = next(event for event in await desk.events_so_far() if event["e"] == "listStatus")
    example = json.loads(
        """{"e": "listStatus", "E": 1, "s": "ETHBTC", "g": 2, "c": "OCO", "l": "EXEC_STARTED", "L": "EXECUTING",
        "r": "NONE", "C": "F4QN4G8DlFATFlIUQ0cjdD", "T": 1, "O": [{"s": "ETHBTC", "i": 17, "c": "a"}]}"""
    )
    assert list(event) == list(example)
    assert [list(each) for each in event["O"]] == [list(example["O"][0])] * 2
    assert (event["C"], event["g"]) == ("mine", 0)
