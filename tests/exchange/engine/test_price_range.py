"""The price range execution rule: how far a taker gets, and how it ends (faqs/price_range_execution_rules.md)."""

import random
from typing import Any

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import ListSymbol, OrderExpired, PositionChanged, SetReferencePrice, TradeMatched
from pitwire.market.filters import Notional, PercentPrice
from pitwire.market.numbers import Amount, Price
from pitwire.market.reference_price import ArithmeticMean, External, PriceRange, ReferencePrice, execution_limits
from pitwire.market.symbols import SymbolRules
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, reason, said, units

TWICE_OR_HALF = PriceRange(
    bid_limit_up=units("2"), bid_limit_down=units("0.5"), ask_limit_up=units("2"), ask_limit_down=units("0.5")
)
OUTSIDE = External(calculation_id=0)
BUY, SELL = "BUY", "SELL"
EXCEEDED = "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"


def opened(price: str | None = "10", price_range: PriceRange | None = TWICE_OR_HALF, **rules: Any) -> Floor:
    """BTCUSDT with a reference price from outside."""
    floor = Floor().open(maker_rate="0", taker_rate="0", reference_price=OUTSIDE, price_range=price_range, **rules)
    if price is not None:
        assert reason(floor.tell(SetReferencePrice(symbol="BTCUSDT", price=Price(units(price))))) == "accepted"
    return floor


def expiry(floor: Floor, *order: str, **more: str) -> tuple[str, str] | None:
    """How much BOB's order executed before it expired, and why it did; `None` for one that did not expire."""
    events = floor.place(BOB, *order, **more)
    for event in events:
        if isinstance(event, OrderExpired):
            return str(event.order.executed // 10**8), event.order.expiry_reason
    return None


@pytest.mark.parametrize(("side", "inside", "outside"), [("BUY", "20", "20.00000001"), ("SELL", "5", "4.99999999")])
def test_an_order_trades_up_to_the_limit_and_expires_beyond_it(side: str, inside: str, outside: str) -> None:
    other = "SELL" if side == "BUY" else "BUY"
    for order in (("4", outside), ("4",)):
        floor = opened()
        floor.place(ALICE, other, "1", "10")
        floor.place(ALICE, other, "1", inside)
        floor.place(ALICE, other, "5", outside)
        assert expiry(floor, side, *order) == ("2", EXCEEDED)
        assert floor.balance(BOB, "BTC")[1] == floor.balance(BOB, "USDT")[1] == "0"


def test_an_order_that_rests_within_its_own_price_is_not_expired() -> None:
    floor = opened()
    floor.place(ALICE, "SELL", "1", "10")
    floor.place(ALICE, "SELL", "1", "30")
    assert expiry(floor, "BUY", "3", "25") is None  # it rests at 25 and takes nothing there
    assert floor.balance(BOB, "USDT")[1] == "50"


@pytest.mark.parametrize(("side", "price"), [("BUY", "4.9"), ("SELL", "20.1")])
def test_a_price_that_is_too_good_is_out_of_range_as_well(side: str, price: str) -> None:
    floor = opened()
    floor.place(ALICE, "SELL" if side == "BUY" else "BUY", "1", price)
    assert expiry(floor, side, "1") == ("0", EXCEEDED)


@pytest.mark.parametrize(
    ("floor", "why"),
    [
        (opened(price_range=None), "no rule"),
        (opened(price=None), "no reference price yet"),
        (opened(price="0"), "the reference price is null"),
        (Floor().open(price_range=TWICE_OR_HALF), "no reference price at all"),
        (opened(price_range=PriceRange(bid_limit_down=units("0.5"))), "no limit for that side and direction"),
    ],
)
def test_where_the_rule_is_not_enforced(floor: Floor, why: str) -> None:
    floor.place(ALICE, "SELL", "1", "1000")
    assert expiry(floor, "BUY", "1", "1000") is None, why


def test_fill_or_kill_fills_within_the_range_or_not_at_all() -> None:
    floor = opened()
    floor.place(ALICE, "SELL", "1", "20")
    floor.place(ALICE, "SELL", "1", "21")
    assert expiry(floor, "BUY", "2", "30", tif="FOK") == ("0", EXCEEDED)
    assert expiry(floor, "BUY", "2", "20.5", tif="FOK") == ("0", "")
    assert expiry(floor, "BUY", "3", "22", tif="FOK") == ("0", EXCEEDED)
    assert expiry(floor, "BUY", "1", "30", tif="FOK") is None


def test_an_immediate_order_says_what_stopped_it() -> None:
    floor = opened()
    floor.place(ALICE, "SELL", "1", "20")
    assert expiry(floor, "BUY", "2", "20.5", tif="IOC") == ("1", "")
    floor.place(ALICE, "SELL", "1", "20")
    floor.place(ALICE, "SELL", "1", "20.5")
    assert expiry(floor, "BUY", "2", "20.5", tif="IOC") == ("1", EXCEEDED)


def test_the_limits_are_those_of_the_moment_at_which_the_order_became_a_taker() -> None:
    floor = Floor().open(
        reference_price=ArithmeticMean(bucket_count=10, bucket_width_ms=1000), price_range=TWICE_OR_HALF
    )
    floor.place(ALICE, "SELL", "1", "10")
    floor.place(CAROL, "BUY", "1", "10")
    for price in ("15", "19", "20", "21"):
        floor.place(ALICE, "SELL", "1", price)
    assert expiry(floor, "BUY", "4") == ("3", EXCEEDED)  # 20 is in the range of 10, whatever 15 and 19 made of the mean
    reference = floor.engine.venue.markets["BTCUSDT"].reference_price
    assert reference is not None
    assert reference.at(floor.time_us) == units("16")  # (10 + 15 + 19 + 20) / 4
    assert expiry(floor, "BUY", "1") is None


def test_the_reference_price_stands_in_for_the_average_price_of_filters() -> None:
    percent = PercentPrice(multiplier_up=units("1.3"), multiplier_down=units("0.7"), average_price_minutes=5)
    notional = Notional(
        min_notional=Amount(units("10")),
        apply_min_to_market=True,
        max_notional=Amount(0),
        apply_max_to_market=False,
        average_price_minutes=5,
    )
    floor = opened(price="100", filters=(percent, notional))
    assert reason(floor.place(BOB, "BUY", "1", "69.99")) == "FILTER_FAILURE: PERCENT_PRICE"
    assert reason(floor.place(BOB, "BUY", "0.09")) == "FILTER_FAILURE: NOTIONAL"
    floor.tell(SetReferencePrice(symbol="BTCUSDT", price=Price(0)))
    assert reason(floor.place(BOB, "BUY", "1", "69.99")) == "accepted"
    assert reason(floor.place(BOB, "BUY", "0.09")) == "accepted"


def test_an_order_stopped_before_its_first_trade_changes_no_balance() -> None:
    floor = opened()
    floor.place(ALICE, "SELL", "1", "21")
    events = floor.place(BOB, "BUY", "1", "30")
    assert said(events) == ["OrderOpened #2 NEW 0/1", "OrderExpired #2 EXPIRED 0/1"]
    assert not any(isinstance(event, PositionChanged) for event in events)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (SetReferencePrice(symbol="NONE", price=Price(1)), "UNKNOWN_SYMBOL"),
        (
            SetReferencePrice(symbol="ETHUSDT", price=Price(1)),
            "INVALID_CONFIGURATION: ETHUSDT: the reference price is not calculated outside",
        ),
        (
            SetReferencePrice(symbol="BTCUSDT", price=Price(-1)),
            "INVALID_CONFIGURATION: BTCUSDT: the reference price is negative",
        ),
        (
            ListSymbol(
                rules=SymbolRules(
                    symbol="AB",
                    base="A",
                    quote="B",
                    reference_price=ArithmeticMean(bucket_count=0, bucket_width_ms=1000),
                )
            ),
            "INVALID_CONFIGURATION: AB: a reference price takes 1 to 1000 buckets of 1 to 3600000 ms, not 0 of 1000",
        ),
    ],
)
def test_a_reference_price_that_cannot_be_is_refused(command: Any, told: str) -> None:
    floor = opened()
    floor.tell(ListSymbol(rules=SymbolRules(symbol="ETHUSDT", base="ETH", quote="USDT")))
    before = floor.engine.snapshot()
    assert reason(floor.tell(command)) == told
    assert floor.engine.snapshot() == before


def test_other_rules_keep_a_reference_price_and_another_calculation_starts_anew() -> None:
    floor = opened()
    market = floor.engine.venue.markets["BTCUSDT"]
    floor.open(reference_price=OUTSIDE)
    assert market.reference_price is not None
    assert market.reference_price.at(0) == units("10")
    floor.open(reference_price=External(calculation_id=1))
    assert market.reference_price.at(0) == 0
    floor.open()
    assert market.reference_price is None


@pytest.mark.parametrize("calculation", [OUTSIDE, ArithmeticMean(bucket_count=10, bucket_width_ms=1000)])
def test_a_restored_engine_knows_the_reference_price(calculation: Any) -> None:
    floor = Floor().open(reference_price=calculation, price_range=TWICE_OR_HALF)
    floor.tell(SetReferencePrice(symbol="BTCUSDT", price=Price(units("10"))))
    floor.place(ALICE, "SELL", "1", "10")
    floor.place(CAROL, "BUY", "1", "10")
    floor.place(ALICE, "SELL", "1", "21")
    payload = floor.engine.snapshot()
    restored = Floor(Engine.restore(payload))
    restored.sequence, restored.time_us = floor.sequence, floor.time_us
    assert restored.engine.snapshot() == payload
    assert expiry(restored, "BUY", "1") == expiry(floor, "BUY", "1") == ("0", EXCEEDED)
    assert restored.engine.snapshot() == floor.engine.snapshot()


def test_no_trade_of_a_random_market_is_out_of_the_range_and_a_restored_engine_agrees() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    calculation = ArithmeticMean(bucket_count=5, bucket_width_ms=2000)
    price_range = PriceRange(bid_limit_up=units("1.05"), ask_limit_down=units("0.95"), ask_limit_up=units("1.1"))
    floor = Floor().open(balance="100000", reference_price=calculation, price_range=price_range)
    shadow = ReferencePrice(calculation)
    stopped = traded = 0
    for _ in range(600):
        floor.time_us += rng.randrange(3_000_000)
        if rng.random() < 0.05:
            kept = Floor(Engine.restore(floor.engine.snapshot()))
            kept.sequence, kept.time_us = floor.sequence, floor.time_us
            floor = kept
        reference = shadow.at(floor.time_us + 1_000_000)
        side = rng.choice(("BUY", "SELL"))
        price = str(rng.randrange(80, 121)) if rng.random() < 0.8 else "0"
        account = rng.choice((ALICE, BOB, CAROL))
        before = {BUY: best(floor, BUY), SELL: best(floor, SELL)}
        events = floor.place(account, side, str(rng.randrange(1, 5)), price, tif=rng.choice(("GTC", "IOC", "FOK")))
        lowest, highest = execution_limits(price_range, side == "BUY", reference)
        for event in events:
            if isinstance(event, TradeMatched):
                traded += 1
                assert not reference or (lowest <= event.price and (highest is None or event.price <= highest))
                shadow.traded(floor.time_us, event.price)
            elif isinstance(event, OrderExpired) and event.order.expiry_reason:
                stopped += 1
                assert reference
                assert before[SELL if side == "BUY" else BUY]
        assert not (best(floor, BUY) and best(floor, SELL)) or best(floor, BUY) < best(floor, SELL)
    assert traded > 20
    assert stopped > 5


def best(floor: Floor, side: str) -> int:
    """The best price on a side of the book, 0 for none."""
    book = floor.engine.venue.markets["BTCUSDT"].book
    keys = (book.bids if side == BUY else book.asks).keys
    return abs(keys[-1]) if keys else 0
