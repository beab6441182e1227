"""The example of faqs/market_orders_faq.md over the wire: 6 LTC asked for, 4 there, what is left expires."""

from pitwire.exchange.messages import (
    Commission,
    CommissionRates,
    Deposit,
    ListSymbol,
    PlaceOrder,
    SetCommission,
    SetDiscount,
)
from pitwire.market.enums import OrderType, Side
from pitwire.market.symbols import SymbolRules
from tests.exchange.gateway.venue import open_venue, units


async def test_a_market_order_takes_what_is_there_and_the_rest_expires() -> None:
    async with open_venue() as venue, venue.connect("?returnRateLimits=false") as alice:
        await venue.sequencer.execute(ListSymbol(rules=SymbolRules(symbol="LTCBNB", base="LTC", quote="BNB")))
        for account in (1, 2, 3):
            for asset in ("LTC", "BNB"):
                await venue.sequencer.execute(Deposit(account=account, asset=asset, amount=units("100")))
        rates = Commission(standard=CommissionRates(taker=units("0.0005")))
        await venue.sequencer.execute(SetCommission(account=1, symbol="LTCBNB", commission=rates))
        await venue.sequencer.execute(SetDiscount(account=1, enabled=True, discount=units("1")))
        for number, (account, side, quantity) in enumerate(
            [(2, Side.SELL, "1"), (3, Side.BUY, "1"), (2, Side.SELL, "2"), (2, Side.SELL, "2")]
        ):
            order = PlaceOrder(
                account=account,
                symbol="LTCBNB",
                side=side,
                type=OrderType.LIMIT,
                client_order_id=f"other-{number}",
                price=units("1"),
                quantity=units(quantity),
            )
            await venue.sequencer.execute(order)
        await alice.log_on("alice")
        await alice.call("userDataStream.subscribe")
        asked = {
            "symbol": "LTCBNB",
            "side": "BUY",
            "type": "MARKET",
            "quantity": "6",
            "newClientOrderId": "8LGC97RRgNPVQk979VIhjt",
        }
        sent = await alice.send("order.place", alice.stamped(asked))
        reports = []
        while (message := await alice.receive()).get("id") != sent or len(reports) < 4:
            if message.get("id") == sent:
                answer = message["result"]
            elif message["event"]["e"] == "executionReport":
                reports.append(message["event"])
                if len(reports) == 4:
                    break
        time = venue.clock.now_us() // 1000
        fill = {"price": "1.00000000", "qty": "2.00000000", "commission": "0.00100000", "commissionAsset": "BNB"}
        assert answer == {
            "symbol": "LTCBNB",
            "orderId": 5,
            "orderListId": -1,
            "clientOrderId": "8LGC97RRgNPVQk979VIhjt",
            "transactTime": time,
            "price": "0.00000000",
            "origQty": "6.00000000",
            "executedQty": "4.00000000",
            "origQuoteOrderQty": "0.00000000",
            "cummulativeQuoteQty": "4.00000000",
            "status": "EXPIRED",
            "timeInForce": "GTC",
            "type": "MARKET",
            "side": "BUY",
            "workingTime": time,
            "fills": [{**fill, "tradeId": 2}, {**fill, "tradeId": 3}],
            "selfTradePreventionMode": "NONE",
            "expiryReason": "INSUFFICIENT_LIQUIDITY",  # younger than the FAQ
        }
        names = ("x", "X", "l", "z", "L", "n", "N", "Z")
        assert [tuple(report[name] for name in names) for report in reports] == [
            ("NEW", "NEW", "0.00000000", "0.00000000", "0.00000000", "0", None, "0.00000000"),
            ("TRADE", "PARTIALLY_FILLED", "2.00000000", "2.00000000", "1.00000000", "0.00100000", "BNB", "2.00000000"),
            ("TRADE", "PARTIALLY_FILLED", "2.00000000", "4.00000000", "1.00000000", "0.00100000", "BNB", "4.00000000"),
            ("EXPIRED", "EXPIRED", "0.00000000", "4.00000000", "0.00000000", "0", None, "4.00000000"),
        ]


async def test_a_market_order_that_the_balance_does_not_suffice_for_is_refused() -> None:
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as bob:
        await alice.log_on("alice")
        await bob.log_on("bob")
        await bob.place(side="SELL", price="1000000", quantity="8")
        await bob.place(side="SELL", price="1000000", quantity="8")
        answer = await alice.place(type="MARKET", timeInForce=None, price=None, quantity="12")
        message = "Account has insufficient balance for requested action."
        assert answer["error"] == {"code": -2010, "msg": message}
