"""Binance's examples of commission (faqs/commission_faq.md), over the wire, with their numbers.

The FAQ shows more than eight decimal places of some intermediate results; what is charged has eight, rounded down.
"""

from contextlib import asynccontextmanager
from decimal import Decimal

import msgspec
import pytest

from pitwire.exchange.messages import (
    Commission,
    CommissionRates,
    Deposit,
    ListSymbol,
    OpenAccount,
    PlaceOrder,
    SetCommission,
    SetDiscount,
)
from pitwire.market.enums import OrderType, Side
from tests.exchange.gateway.venue import RULES, open_venue, units


def rates(maker, taker, buyer, seller):
    return CommissionRates(*map(units, (maker, taker, buyer, seller)))


CALCULATED = Commission(
    standard=rates("0.00000010", "0.00000020", "0.00000030", "0.00000040"),
    special=rates("0.01000000", "0.02000000", "0.03000000", "0.04000000"),
    tax=rates("0.00000112", "0.00000114", "0.00000118", "0.00000116"),
)
"""How is the commission calculated?"""
QUERIED = Commission(
    standard=rates("0.00000040", "0.00000050", "0.00000010", "0.00000010"),
    special=rates("0.04000000", "0.05000000", "0.01000000", "0.01000000"),
    tax=rates("0.00000128", "0.00000130", "0.00000100", "0.00000100"),
)
"""The difference between a test order with `computeCommissionRates` and querying commission rates."""
DISCOUNT = {"enabledForAccount": True, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.25000000"}


class Desk:
    """Alice, who pays what the FAQ says, and BNB's price."""

    def __init__(self, venue, peer):
        self.venue = venue
        self.peer = peer

    async def tell(self, command):
        outcome = await self.venue.sequencer.execute(command)
        assert type(outcome.events[0]).__name__ != "CommandRejected", outcome.events

    async def bob(self, symbol, side, price, quantity):
        await self.tell(
            PlaceOrder(
                account=2,
                symbol=symbol,
                side=Side(side),
                type=OrderType.LIMIT,
                client_order_id=f"{symbol} {side} {price}",
                price=units(price),
                quantity=units(quantity),
            )
        )

    async def ask(self, method, **params):
        return (await self.peer.call(method, self.peer.stamped({"symbol": "BTCUSDT", **params})))["result"]

    async def sell(self):
        """The FAQ's order, and what it paid for."""
        await self.bob("BTCUSDT", "BUY", "35000", "0.49975")
        placed = await self.ask("order.place", side="SELL", type="MARKET", quantity="0.49975")
        assert placed["status"] == "FILLED"
        [fill] = placed["fills"]
        return fill["commission"], fill["commissionAsset"]

    async def balance(self, asset):
        answer = await self.peer.call("account.status", self.peer.stamped())
        return next(Decimal(entry["free"]) for entry in answer["result"]["balances"] if entry["asset"] == asset)


@asynccontextmanager
async def opened(commission=CALCULATED, *, bnb="10", price="260", allowed=True):
    """BNBUSDT's last trade was at `price`, and alice has `bnb` BNB."""
    async with open_venue() as venue, venue.connect() as peer:
        desk = Desk(venue, peer)
        rules = {"filters": (), "commission_discount": allowed}
        await desk.tell(ListSymbol(rules=msgspec.structs.replace(RULES, **rules)))
        await desk.tell(
            ListSymbol(rules=msgspec.structs.replace(RULES, symbol="BNBUSDT", base="BNB", quote="USDT", filters=()))
        )
        for account, amount in ((1, bnb), (2, "100"), (3, "100")):
            await desk.tell(Deposit(account=account, asset="BNB", amount=units(amount)))
        await desk.tell(OpenAccount(account=2, name="bob", maker_rate=0, taker_rate=0))
        if price is not None:
            await desk.bob("BNBUSDT", "SELL", price, "1")
            await desk.bob("BNBUSDT", "BUY", price, "1")
        await desk.tell(SetCommission(account=1, symbol="BTCUSDT", commission=commission))
        await desk.tell(SetDiscount(account=1, enabled=True, discount=units("0.25")))
        await peer.log_on("alice")
        yield desk


async def test_commission_in_bnb():
    async with opened() as desk:
        usdt, bnb = await desk.balance("USDT"), await desk.balance("BNB")
        # 0.000010091 discounted standard + 0.00015473 tax + 4.036442308 special = 4.036607129 BNB.
        assert await desk.sell() == ("4.03660712", "BNB")
        assert await desk.balance("USDT") - usdt == Decimal("17491.25")
        assert bnb - await desk.balance("BNB") == Decimal("4.03660712")
        [trade] = await desk.ask("myTrades")
        assert (trade["commission"], trade["commissionAsset"]) == ("4.03660712", "BNB")


@pytest.mark.parametrize(
    ("part", "charged"),
    [
        ({"standard": CALCULATED.standard}, "0.01049475"),
        ({"tax": CALCULATED.tax}, "0.04022987"),  # 0.040229875; the FAQ rounds what it shows
        ({"special": CALCULATED.special}, "1049.47500000"),
        (msgspec.structs.asdict(CALCULATED), "1049.52572462"),
    ],
)
async def test_without_enough_bnb_the_full_commission_is_taken_from_the_received_usdt(part, charged):
    async with opened(Commission(**part), bnb="0.000001") as desk:
        usdt = await desk.balance("USDT")
        assert await desk.sell() == (charged, "USDT")
        assert await desk.balance("USDT") - usdt == Decimal("17491.25") - Decimal(charged)
        assert await desk.balance("BNB") == Decimal("0.000001")


@pytest.mark.parametrize("options", [{"price": None}, {"allowed": False}])
async def test_without_a_price_or_the_symbols_leave_there_is_no_discount(options):
    async with opened(**options) as desk:
        assert await desk.sell() == ("1049.52572462", "USDT")


async def test_the_query_shows_the_rates_and_a_test_order_those_of_its_side():
    async with opened(QUERIED) as desk:
        assert await desk.ask("account.commission") == {
            "symbol": "BTCUSDT",
            "standardCommission": {
                "maker": "0.00000040",
                "taker": "0.00000050",
                "buyer": "0.00000010",
                "seller": "0.00000010",
            },
            "specialCommission": {
                "maker": "0.04000000",
                "taker": "0.05000000",
                "buyer": "0.01000000",
                "seller": "0.01000000",
            },
            "taxCommission": {
                "maker": "0.00000128",
                "taker": "0.00000130",
                "buyer": "0.00000100",
                "seller": "0.00000100",
            },
            "discount": DISCOUNT,
        }
        for side in ("BUY", "SELL"):
            assert await desk.ask(
                "order.test", side=side, type="MARKET", quantity="1", computeCommissionRates=True
            ) == {
                "standardCommissionForOrder": {"maker": "0.00000050", "taker": "0.00000060"},
                "specialCommissionForOrder": {"maker": "0.05000000", "taker": "0.06000000"},
                "taxCommissionForOrder": {"maker": "0.00000228", "taker": "0.00000230"},
                "discount": DISCOUNT,
            }
