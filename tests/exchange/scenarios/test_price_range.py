"""The example of faqs/price_range_execution_rules.md over the wire: BAZUSD, 10.00, twice and half of it."""

from typing import Any

from pitwire.exchange.messages import Deposit, ListSymbol, SetReferencePrice
from pitwire.market.enums import SymbolStatus
from pitwire.market.reference_price import ArithmeticMean, External, PriceRange
from pitwire.market.symbols import SymbolRules
from tests.exchange.gateway.venue import Peer, Venue, open_venue, units

RANGE = PriceRange(
    bid_limit_up=units("2"), bid_limit_down=units("0.5"), ask_limit_up=units("2"), ask_limit_down=units("0.5")
)
NEVER = {"code": -2043, "msg": "This symbol doesn't have a reference price."}


async def list_baz(venue: Venue, **rules: Any) -> None:
    await venue.sequencer.execute(ListSymbol(rules=SymbolRules(symbol="BAZUSD", base="BAZ", quote="USD", **rules)))
    for account in (1, 2):
        for asset in ("BAZ", "USD"):
            await venue.sequencer.execute(Deposit(account=account, asset=asset, amount=units("1000")))


async def order(peer: Peer, side: str, price: str | None, quantity: str) -> dict[str, Any]:
    terms = {"type": "MARKET", "timeInForce": None} if price is None else {}
    response = await peer.place(symbol="BAZUSD", side=side, price=price, quantity=quantity, **terms)
    result: dict[str, Any] = response["result"]
    return result


async def test_the_rule_of_the_example_is_shown_and_stops_what_would_trade_beyond_it() -> None:
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as bob:
        await list_baz(venue, reference_price=External(calculation_id=0), price_range=RANGE)
        await venue.sequencer.execute(SetReferencePrice(symbol="BAZUSD", price=units("10.00")))
        set_ms = venue.clock.now_us() // 1000
        rules = await alice.call("executionRules", {"symbol": "BAZUSD"})
        assert rules["result"] == {
            "symbolRules": [
                {
                    "symbol": "BAZUSD",
                    "rules": [
                        {
                            "ruleType": "PRICE_RANGE",
                            "bidLimitMultUp": "2.0000",
                            "bidLimitMultDown": "0.5000",
                            "askLimitMultUp": "2.0000",
                            "askLimitMultDown": "0.5000",
                        }
                    ],
                }
            ]
        }
        venue.clock.turn(3)
        price = await alice.call("referencePrice", {"symbol": "BAZUSD"})
        assert price["result"] == {"symbol": "BAZUSD", "referencePrice": "10.00000000", "timestamp": set_ms}
        calculation = await alice.call("referencePrice.calculation", {"symbol": "BAZUSD"})
        assert calculation["result"] == {
            "symbol": "BAZUSD",
            "calculationType": "EXTERNAL",
            "externalCalculationId": 0,
        }

        await alice.log_on("alice")
        await bob.log_on("bob")
        await bob.call("userDataStream.subscribe")
        for at in ("20", "20.01"):
            await order(alice, "SELL", at, "1")
        # An order to BUY may not execute at a price more than twice the reference price ...
        bought = await order(bob, "BUY", "30", "2")
        assert (bought["status"], bought["executedQty"]) == ("EXPIRED", "1.00000000")
        assert bought["expiryReason"] == "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"
        while (event := (await bob.receive())["event"]).get("x") != "EXPIRED":
            pass
        assert (event["X"], event["eR"]) == ("EXPIRED", "EXECUTION_RULE_PRICE_RANGE_EXCEEDED")
        queried = await _call(bob, "order.status", {"symbol": "BAZUSD", "orderId": bought["orderId"]})
        assert queried["result"]["status"] == "EXPIRED"
        # ... or less than half of it, and an order to SELL neither.
        for at in ("4.99", "5"):
            await order(alice, "BUY", at, "1")
        sold = await order(bob, "SELL", None, "2")
        assert (sold["status"], sold["executedQty"]) == ("EXPIRED", "1.00000000")
        assert sold["expiryReason"] == "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"


async def test_a_mean_of_trades_is_the_reference_price_until_its_window_has_passed() -> None:
    async with open_venue() as venue, venue.connect() as alice, venue.connect() as bob:
        await list_baz(venue, reference_price=ArithmeticMean(bucket_count=10, bucket_width_ms=1000), price_range=RANGE)
        await alice.log_on("alice")
        await bob.log_on("bob")
        calculation = await alice.call("referencePrice.calculation", {"symbol": "BAZUSD", "symbolStatus": "TRADING"})
        assert calculation["result"] == {
            "symbol": "BAZUSD",
            "calculationType": "ARITHMETIC_MEAN",
            "bucketCount": 10,
            "bucketWidthMs": 1000,
        }
        never = await alice.call("referencePrice", {"symbol": "BAZUSD"})
        assert (never["status"], never["result"]) == (200, NEVER)
        for at in ("10", "11"):
            await order(alice, "SELL", at, "1")
        await order(bob, "BUY", None, "2")
        now_ms = venue.clock.now_us() // 1000
        price = await alice.call("referencePrice", {"symbol": "BAZUSD"})
        assert price["result"] == {"symbol": "BAZUSD", "referencePrice": "10.50000000", "timestamp": now_ms}
        venue.clock.turn(11)
        price = await alice.call("referencePrice", {"symbol": "BAZUSD"})
        assert price["result"] == {"symbol": "BAZUSD", "referencePrice": None, "timestamp": now_ms + 11_000}
        await order(alice, "SELL", "500", "0.1")
        assert (await order(bob, "BUY", None, "0.1"))["status"] == "FILLED"  # null: not enforced


async def test_symbols_without_rules_or_reference_price_say_so() -> None:
    async with open_venue() as venue, venue.connect() as peer:
        await list_baz(venue, status=SymbolStatus.HALT)
        for symbol, params in (("BAZUSD", {"symbols": ["BAZUSD"]}), ("BTCUSDT", {"symbolStatus": "TRADING"})):
            rules = await peer.call("executionRules", params)
            assert rules["result"] == {"symbolRules": [{"symbol": symbol, "rules": []}]}
        everything = await peer.call("executionRules")
        assert [entry["symbol"] for entry in everything["result"]["symbolRules"]] == ["BTCUSDT", "BAZUSD"]
        assert (await peer.call("referencePrice", {"symbol": "BAZUSD"}))["result"] == NEVER
        calculation = await peer.call("referencePrice.calculation", {"symbol": "BAZUSD"})
        assert (calculation["status"], calculation["error"]) == (400, NEVER)
        for method, params, code in (
            ("executionRules", {"symbol": "BAZUSD", "symbolStatus": "TRADING"}, -1128),
            ("executionRules", {"symbol": "NONE"}, -1121),
            ("executionRules", {"symbolStatus": "END_OF_DAY"}, -1122),
            ("referencePrice", {"symbol": "NONE"}, -1121),
            ("referencePrice.calculation", {"symbol": "BAZUSD", "symbolStatus": "TRADING"}, -1220),
        ):
            assert (await peer.call(method, params))["error"]["code"] == code


async def _call(peer: Peer, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The response to a signed request, with events that come first left aside."""
    sent = await peer.send(method, peer.stamped(params))
    while (message := await peer.receive()).get("id") != sent:
        pass
    return message
