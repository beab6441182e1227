"""Smart order routing beyond the FAQ's examples, which are among the scenarios: what it leaves open, to the unit."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwire.exchange.engine.digest import event_digest
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    CancelOpenOrders,
    CommandRejected,
    Commission,
    CommissionRates,
    Deposit,
    ListSymbol,
    MatchPrevented,
    OpenAccount,
    OrderAllocated,
    OrderExpired,
    OrderOpened,
    OrderPrevented,
    OrderTraded,
    OrderTriggered,
    PlaceOrder,
    PositionChanged,
    RouteOrder,
    SetAccountRules,
    SetCommission,
    SetDiscount,
    SetReferencePrice,
    SetSmartRouting,
    SmartRoutingSet,
    TradeMatched,
    Trigger,
)
from pitwire.market.enums import OrderType, SelfTradePrevention, Side, SymbolStatus, TimeInForce, WorkingFloor
from pitwire.market.reference_price import ArithmeticMean, External, PriceRange
from pitwire.market.symbols import SymbolRules
from tests.exchange.engine.test_properties import orders
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, units

USDT, USDC, USDP = "BTCUSDT", "BTCUSDC", "BTCUSDP"
QUOTES = ("USDT", "USDC", "USDP")
OWNED = units("1000000")


class Routed(Floor):
    """BTC over three quote assets, of which every account has a million."""

    def __init__(self, engine=None, *, rate="0", groups=None, **rules):
        super().__init__(engine)
        if engine is not None:
            return
        for quote in QUOTES:
            self.list(quote, **rules)
        for account in (ALICE, BOB, CAROL):
            self.tell(
                OpenAccount(
                    account=account,
                    name="",
                    maker_rate=units(rate),
                    taker_rate=units(rate),
                    trade_group=(groups or {}).get(account, -1),
                )
            )
            for asset in ("BTC", *QUOTES):
                self.tell(Deposit(account=account, asset=asset, amount=OWNED))
        self.tell(SetSmartRouting(base="BTC", symbols=(USDT, USDC, USDP)))

    def list(self, quote, **rules):
        rules = {
            "allowed_self_trade_prevention": tuple(SelfTradePrevention),
            "iceberg_allowed": True,
            "order_types": tuple(OrderType),
        } | rules
        return self.tell(ListSymbol(rules=SymbolRules(symbol=f"BTC{quote}", base="BTC", quote=quote, **rules)))

    def order(self, account, symbol, side, quantity, price=None, **more):
        self.named = getattr(self, "named", 0) + 1
        return PlaceOrder(
            account=account,
            symbol=symbol,
            side=Side(side),
            type=OrderType.MARKET if price is None else OrderType.LIMIT,
            client_order_id=f"order {self.named}",
            price=units(price or "0"),
            quantity=units(quantity),
            **more,
        )

    def rest(self, account, symbol, side, quantity, price, **more):
        """The id of an order that rests."""
        events = self.tell(self.order(account, symbol, side, quantity, price, **more))
        assert not any(isinstance(event, OrderTraded) for event in events)
        return events[0].order.order_id

    def route(self, account, symbol, side, quantity, price=None, **more):
        events = self.tell(RouteOrder(order=self.order(account, symbol, side, quantity, price, **more)))
        self.check()
        return events

    def check(self):
        """Nothing was made or lost: not of an asset, and of interchangeable ones only one for another."""
        venue = self.engine.venue
        for asset in ("BTC", *QUOTES):
            held = [account.holding(asset) for account in venue.accounts.values()]
            assert all(each.free >= 0 and each.locked >= 0 for each in held)
            owned = sum(each.free + each.locked for each in held)
            assert owned + venue.commissions.get(asset, 0) + venue.settlements.get(asset, 0) == 3 * OWNED
        assert sum(venue.settlements.values()) == 0
        payload = self.engine.snapshot()
        assert Engine.restore(payload).snapshot() == payload

    def gained(self, account):
        """By how much its assets have grown."""
        holdings = self.engine.venue.accounts[account].holdings
        grown = {asset: each.free + each.locked - OWNED for asset, each in holdings.items()}
        return {asset: Decimal(amount).scaleb(-8).normalize() for asset, amount in grown.items() if amount}


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def reason(events):
    [event] = events
    assert isinstance(event, CommandRejected)
    return event.reason.value


def prices(events):
    return [int(Decimal(event.price).scaleb(-8)) for event in of(events, OrderAllocated)]


# --- which book ---------------------------------------------------------------------------------------------------


def test_of_equal_prices_the_orders_own_book_goes_first_then_the_symbol_named_first():
    floor = Routed()
    for symbol in (USDP, USDC, USDT):
        floor.rest(BOB, symbol, "SELL", "1", "100")
    traded = of(floor.route(ALICE, USDC, "BUY", "3", "100"), TradeMatched)
    assert [event.symbol for event in traded] == [USDC, USDT, USDP]


def test_at_one_price_each_book_is_taken_before_the_next_and_the_oldest_order_first():
    floor = Routed()
    ids = [floor.rest(BOB, symbol, "BUY", "1", "100") for symbol in (USDC, USDC, USDP)]
    floor.rest(BOB, USDP, "BUY", "1", "101")
    events = floor.route(ALICE, USDT, "SELL", "4", "100")
    traded = of(events, TradeMatched)
    assert [(event.symbol, event.buyer_order_id) for event in traded] == [
        (USDP, 2),
        (USDC, ids[0]),
        (USDC, ids[1]),
        (USDP, ids[2]),
    ]
    assert prices(events) == [101, 100, 100, 100]


def test_a_taker_of_another_symbol_has_no_order_id_there():
    floor = Routed()
    floor.rest(BOB, USDC, "SELL", "1", "100")
    floor.rest(BOB, USDT, "SELL", "1", "101")
    own, other = reversed(of(floor.route(ALICE, USDT, "BUY", "2", "101"), TradeMatched))
    assert (other.buyer_order_id, own.buyer_order_id) == (-1, 2)
    floor.rest(BOB, USDC, "BUY", "1", "99")
    [sold] = of(floor.route(ALICE, USDT, "SELL", "1", "99"), TradeMatched)
    assert sold.seller_order_id == -1


def test_a_book_that_is_closed_or_not_the_accounts_is_left_out():
    floor = Routed()
    for symbol in (USDC, USDP):
        floor.rest(BOB, symbol, "SELL", "1", "100")
    floor.list("USDC", status=SymbolStatus.HALT)
    floor.list("USDP", permission_sets=(("TRD_GRP_001",),))
    assert prices(floor.route(ALICE, USDT, "BUY", "1", "100")) == []
    floor.tell(SetAccountRules(account=ALICE, permissions=("SPOT", "TRD_GRP_001")))
    assert prices(floor.route(ALICE, USDT, "BUY", "1", "100")) == [100]


def test_beyond_its_price_range_a_book_is_left_out_and_that_of_the_order_ends_it():
    floor = Routed()
    price_range = PriceRange(bid_limit_up=units("1.1"), bid_limit_down=units("0.9"))
    for quote in ("USDC", "USDT"):
        floor.list(quote, price_range=price_range, reference_price=External(calculation_id=1))
        floor.tell(SetReferencePrice(symbol=f"BTC{quote}", price=units("100")))
    for symbol, price in ((USDC, "80"), (USDP, "120"), (USDT, "105"), (USDT, "115")):
        floor.rest(BOB, symbol, "SELL", "1", price)
    events = floor.route(ALICE, USDT, "BUY", "4", "130")
    assert prices(events) == [105, 120]
    [expired] = of(events, OrderExpired)
    assert expired.order.expiry_reason == "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"


def test_the_reference_price_is_the_one_at_the_start_also_when_the_order_itself_moves_it():
    floor = Routed()
    floor.list(
        "USDC",
        price_range=PriceRange(bid_limit_up=units("1.5")),
        reference_price=ArithmeticMean(bucket_count=1, bucket_width_ms=60_000),
    )
    floor.rest(BOB, USDC, "SELL", "1", "100")
    floor.tell(floor.order(CAROL, USDC, "BUY", "1", "100"))
    for price in ("60", "140"):  # after the trade at 60 the mean is 80, and 140 is beyond 120
        floor.rest(BOB, USDC, "SELL", "1", price)
    events = floor.route(ALICE, USDT, "BUY", "2", "200", time_in_force=TimeInForce.FOK)
    assert prices(events) == [60, 140]


# --- what is left -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quantity", "filled"), [("2", [100, 101]), ("3", [])])
def test_fok_is_filled_by_all_books_together_or_not_at_all(quantity, filled):
    floor = Routed()
    floor.rest(BOB, USDC, "SELL", "1", "100")
    floor.rest(BOB, USDP, "SELL", "1", "101")
    floor.rest(BOB, USDT, "SELL", "1", "103")
    events = floor.route(ALICE, USDT, "BUY", quantity, "102", time_in_force=TimeInForce.FOK)
    assert prices(events) == filled
    assert [event.order.executed for event in of(events, OrderExpired)] == ([] if filled else [0])
    assert len(of(events, PositionChanged)) == (2 if filled else 0)


def test_ioc_and_market_orders_that_find_nothing_expire_at_the_router():
    for more in ({"time_in_force": TimeInForce.IOC, "price": "1"}, {}):
        events = Routed().route(ALICE, USDT, "BUY", "1", **more)
        assert [type(event) for event in events] == [OrderOpened, OrderExpired]
        assert {event.order.extras.working_floor for event in events} == {WorkingFloor.SOR}


def test_what_rests_is_locked_and_shows_no_more_than_its_iceberg_quantity():
    floor = Routed()
    floor.rest(BOB, USDC, "SELL", "1", "100")
    floor.route(ALICE, USDT, "BUY", "5", "101", iceberg_quantity=units("1.5"))
    assert floor.engine.venue.accounts[ALICE].holding("USDT").locked == units("404")
    [level] = floor.engine.venue.markets[USDT].book.bids.best_first()
    assert (level.price, level.quantity, level.hidden) == (units("101"), units("1.5"), units("2.5"))
    order = floor.engine.venue.markets[USDT].orders[1]
    assert order.extras.working_floor is WorkingFloor.EXCHANGE


def test_an_order_that_rested_goes_on_byte_for_byte_from_a_snapshot():
    floor = Routed(rate="0.001")
    floor.rest(BOB, USDC, "SELL", "1", "100")
    floor.route(ALICE, USDT, "BUY", "2", "101")
    again = Routed(Engine.restore(floor.engine.snapshot()))
    again.sequence, again.time_us, again.named = floor.sequence, floor.time_us, floor.named
    told = [
        (each.route(BOB, USDT, "SELL", "3", "100"), each.route(CAROL, USDC, "BUY", "2", "100"))
        for each in (floor, again)
    ]
    assert msgspec.json.encode(told[0]) == msgspec.json.encode(told[1])
    assert prices(told[0][0]) == [101], "its own book is taken by the router too"
    assert floor.engine.snapshot() == again.engine.snapshot()


# --- what is paid -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_each_side_pays_and_is_paid_in_its_own_quote_asset_rounded_down_alike(side):
    floor = Routed(rate="0.001")
    maker = "SELL" if side == "BUY" else "BUY"
    floor.rest(BOB, USDC, maker, "0.33333333", "100.00000007")
    [allocated] = of(floor.route(ALICE, USDT, side, "0.33333333", "100.00000007"), OrderAllocated)
    quote, fee = Decimal("33.33333302"), Decimal("0.03333333")
    base, base_fee = Decimal("0.33333333"), Decimal("0.00033333")
    if side == "BUY":
        assert floor.gained(ALICE) == {"USDT": -quote, "BTC": base - base_fee}
        assert floor.gained(BOB) == {"USDC": quote - fee, "BTC": -base}
        assert (allocated.commission, allocated.commission_asset) == (33_333, "BTC")
    else:
        assert floor.gained(ALICE) == {"USDT": quote - fee, "BTC": -base}
        assert floor.gained(BOB) == {"USDC": -quote, "BTC": base - base_fee}
        assert (allocated.commission, allocated.commission_asset) == (3_333_333, "USDT")
    settled = quote if side == "BUY" else -quote
    settlements = floor.engine.venue.settlements
    assert settlements == {"USDT": int(settled.scaleb(8)), "USDC": -int(settled.scaleb(8))}


def test_commission_is_that_of_the_orders_own_symbol_for_the_taker_and_of_its_book_for_the_maker():
    floor = Routed()
    for account, symbol, rate in ((ALICE, USDT, 1), (ALICE, USDC, 2), (BOB, USDC, 3), (BOB, USDT, 4)):
        rates = CommissionRates(maker=rate * 1_000_000, taker=rate * 1_000_000)
        floor.tell(SetCommission(account=account, symbol=symbol, commission=Commission(rates)))
    floor.rest(BOB, USDC, "BUY", "1", "100")
    floor.route(ALICE, USDT, "SELL", "1")
    assert floor.gained(ALICE) == {"USDT": 99, "BTC": -1}
    assert floor.gained(BOB) == {"USDC": -100, "BTC": Decimal("0.97")}


@pytest.mark.parametrize("asset", ["BNB", "USDT", "USDC", "BTC"])
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_discount_is_that_of_the_orders_own_symbol(asset, side):
    floor = Routed(rate="0.01")
    floor.tell(ListSymbol(rules=SymbolRules(symbol="BNBUSDT", base="BNB", quote="USDT")))
    for account in (ALICE, BOB):
        floor.tell(Deposit(account=account, asset="BNB", amount=units("1000")))
        floor.tell(SetDiscount(account=account, enabled=True, asset=asset))
    floor.rest(BOB, USDC, "SELL" if side == "BUY" else "BUY", "1", "100")
    before = floor.engine.venue.accounts[ALICE].holding("BNB").free
    [allocated] = of(floor.route(ALICE, USDT, side, "1", "100"), OrderAllocated)
    received = "BTC" if side == "BUY" else "USDT"
    amount = units("1") if side == "BUY" else units("100")
    if asset == received:
        assert (allocated.commission, allocated.commission_asset) == (amount * 75 // 10_000, received)
    elif allocated.commission_asset == received:
        assert allocated.commission == amount // 100, "nothing tells what the other asset is worth"
    else:
        assert allocated.commission_asset == asset
    assert floor.engine.venue.accounts[ALICE].holding("BNB").free <= before


def test_a_market_order_needs_what_all_books_together_ask():
    floor = Routed()
    floor.rest(BOB, USDC, "SELL", "1", "400000")
    floor.rest(BOB, USDP, "SELL", "1", "500000")
    floor.rest(BOB, USDT, "SELL", "9", "900000")
    assert reason(floor.route(ALICE, USDT, "BUY", "3")) == "INSUFFICIENT_BALANCE"
    assert prices(floor.route(ALICE, USDT, "BUY", "2")) == [400_000, 500_000], "the own book is too dear for it"
    assert reason(floor.route(ALICE, USDT, "SELL", "1000003")) == "INSUFFICIENT_BALANCE"


# --- self-trade prevention ----------------------------------------------------------------------------------------


def prevented(mode, maker_mode="NONE", maker=ALICE, quantity="3", **more):
    """An order of Alice's by the router against one of `maker`'s on the other book, and behind it one of Carol's."""
    floor = Routed(groups={ALICE: 7, BOB: 7})
    resting = floor.rest(maker, USDC, "SELL", "1", "100", self_trade_prevention=SelfTradePrevention(maker_mode))
    floor.rest(CAROL, USDP, "SELL", "5", "101")
    more = {"self_trade_prevention": SelfTradePrevention(mode), **more}
    return floor, resting, floor.route(ALICE, USDT, "BUY", quantity, "101", **more)


@pytest.mark.parametrize(
    ("mode", "filled", "left"),
    [
        ("NONE", [100, 101], 0),
        ("EXPIRE_MAKER", [101], 0),
        ("EXPIRE_TAKER", [], 1),
        ("EXPIRE_BOTH", [], 0),
        ("DECREMENT", [101], 0),
        ("TRANSFER", [101], 0),
    ],
)
@pytest.mark.parametrize("maker", [ALICE, BOB])
def test_a_match_with_an_own_order_on_another_book_is_prevented_there(mode, filled, left, maker):
    floor, resting, events = prevented(mode, maker=maker)
    assert prices(events) == filled
    assert len(floor.engine.venue.markets[USDC].orders) == left
    for event in of(events, MatchPrevented):
        assert (event.symbol, event.maker_symbol) == (USDT, USDC)
        assert (event.taker_order_id, event.maker_order_id) == (1, resting)
    counters = {event.order.symbol: event.counter_symbol for event in of(events, OrderPrevented)}
    assert counters.items() <= {USDT: USDC, USDC: USDT}.items()


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_transfer_between_two_symbols_is_settled_too(side):
    floor = Routed(groups={ALICE: 7, BOB: 7})
    transfer = {"self_trade_prevention": SelfTradePrevention.TRANSFER}
    floor.rest(BOB, USDC, "SELL" if side == "BUY" else "BUY", "1", "100", **transfer)
    floor.route(ALICE, USDT, side, "1", "100", **transfer)
    sign = 1 if side == "BUY" else -1
    assert floor.gained(ALICE) == {"USDT": -100 * sign, "BTC": sign}
    assert floor.gained(BOB) == {"USDC": 100 * sign, "BTC": -sign}


def test_a_transfer_to_oneself_between_two_symbols_moves_nothing():
    floor, _, _ = prevented("TRANSFER", "TRANSFER", quantity="1")
    assert floor.gained(ALICE) == {}
    assert floor.engine.venue.settlements == {"USDT": 0, "USDC": 0}


def test_a_match_prevented_between_two_symbols_has_a_number_that_is_new_on_both():
    floor = Routed()
    expire_maker = {"self_trade_prevention": SelfTradePrevention.EXPIRE_MAKER}

    def prevent(symbol, taken):
        floor.rest(ALICE, taken, "SELL", "1", "100")
        events = floor.route(ALICE, symbol, "BUY", "1", "100", time_in_force=TimeInForce.IOC, **expire_maker)
        [event] = of(events, MatchPrevented)
        return event.prevented_match_id

    assert [prevent(USDT, USDT), prevent(USDT, USDT), prevent(USDC, USDP)] == [0, 1, 0]
    assert [prevent(USDP, USDT), prevent(USDC, USDT), prevent(USDC, USDC)] == [2, 3, 4]
    floor.rest(BOB, USDP, "SELL", "1", "100")
    floor.route(ALICE, USDC, "BUY", "1", "100", **expire_maker)
    assert prevent(USDP, USDP) == 3, "a trade between two symbols takes no number"


@pytest.mark.parametrize(
    ("mode", "filled"), [("NONE", [100, 101]), ("EXPIRE_MAKER", [101]), ("EXPIRE_TAKER", []), ("DECREMENT", [])]
)
def test_fok_counts_only_on_orders_before_the_first_own_one_on_any_book(mode, filled):
    _, _, events = prevented(mode, quantity="2", time_in_force=TimeInForce.FOK)
    assert prices(events) == filled


def test_a_market_order_that_expires_own_orders_need_not_pay_for_them():
    floor = Routed()
    floor.rest(ALICE, USDC, "SELL", "1", "900000")
    floor.rest(BOB, USDP, "SELL", "1", "950000")
    expire_maker = {"self_trade_prevention": SelfTradePrevention.EXPIRE_MAKER}
    assert reason(floor.route(ALICE, USDT, "BUY", "2")) == "INSUFFICIENT_BALANCE"
    assert prices(floor.route(ALICE, USDT, "BUY", "2", **expire_maker)) == [950_000]


# --- what it sets off ---------------------------------------------------------------------------------------------


def test_trades_by_the_router_trigger_orders_on_each_symbol_and_balances_are_told_once():
    floor = Routed()
    for symbol in (USDT, USDC):
        floor.rest(CAROL, symbol, "BUY", "1", "90")
        floor.tell(
            msgspec.structs.replace(
                floor.order(CAROL, symbol, "SELL", "1", "90"),
                type=OrderType.STOP_LOSS,
                price=0,
                trigger=Trigger(stop_price=units("100")),
            )
        )
        floor.rest(BOB, symbol, "BUY", "1", "100")
    events = floor.route(ALICE, USDT, "SELL", "2", "100")
    assert [event.order.symbol for event in of(events, OrderTriggered)] == [USDT, USDC]
    positions = of(events, PositionChanged)
    assert [event.account for event in positions] == [ALICE, BOB, CAROL]
    assert events[-3:] == tuple(positions)
    for position in positions:
        account = floor.engine.venue.accounts[position.account]
        for balance in position.balances:
            holding = account.holding(balance.asset)
            assert (balance.free, balance.locked) == (holding.free, holding.locked)
    assert {balance.asset for balance in positions[1].balances} == {"BTC", "USDT", "USDC"}


def test_a_rest_in_the_book_is_told_with_the_balances_that_it_locks():
    floor = Routed()
    events = floor.route(ALICE, USDT, "BUY", "1", "100")
    assert [type(event).__name__ for event in events] == ["OrderOpened", "LevelChanged", "PositionChanged"]
    assert events[0].order.extras.working_floor is WorkingFloor.EXCHANGE


@st.composite
def commands(draw):
    """Orders of every type on two symbols; of those that can be, some are routed. Some cancels."""
    command = msgspec.structs.replace(draw(orders()), symbol=draw(st.sampled_from((USDT, USDC))))
    if draw(st.integers(0, 9)) == 0:
        return CancelOpenOrders(account=command.account, symbol=command.symbol, cancel_id="gone")
    plain = command.peg is None and command.trigger is None and not command.quote_quantity
    return RouteOrder(order=command) if plain and draw(st.booleans()) else command


@settings(max_examples=60, deadline=None)
@given(st.lists(commands(), min_size=20, max_size=60), st.data())
def test_whatever_it_sets_off_nothing_is_made_or_lost_every_balance_is_told_and_a_snapshot_goes_on(history, data):
    floor = Routed(rate="0.00123457", groups={ALICE: 7, BOB: 7})
    told = {}
    cut = data.draw(st.integers(0, len(history)))
    for number, command in enumerate(history):
        if number == cut:
            again = Routed(Engine.restore(floor.engine.snapshot()))
            again.sequence, again.time_us = floor.sequence, floor.time_us
            floor.outcomes.clear()
        events = floor.tell(command)
        floor.check()
        positions = of(events, PositionChanged)
        assert [event.account for event in positions] == sorted({event.account for event in positions})
        told |= {(event.account, balance.asset): balance for event in positions for balance in event.balances}
        for (account, asset), balance in told.items():
            holding = floor.engine.venue.accounts[account].holding(asset)
            assert (balance.free, balance.locked) == (holding.free, holding.locked)
    untold = {
        asset
        for account in floor.engine.venue.accounts.values()
        for asset, holding in account.holdings.items()
        if (account.account_id, asset) not in told and (holding.free, holding.locked) != (OWNED, 0)
    }
    assert not untold
    if cut < len(history):
        for command in history[cut:]:
            again.tell(command)
        assert event_digest(again.outcomes) == event_digest(floor.outcomes)
        assert again.engine.snapshot() == floor.engine.snapshot()


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"symbol": "NOSUCH"}, "UNKNOWN_SYMBOL"),
        ({"account": 9}, "UNKNOWN_ACCOUNT"),
        ({"type": OrderType.LIMIT_MAKER}, "UNSUPPORTED_ORDER_TYPE"),
        ({"type": OrderType.STOP_LOSS_LIMIT, "trigger": Trigger(stop_price=1)}, "UNSUPPORTED_ORDER_TYPE"),
        ({"trigger": Trigger(stop_price=1)}, "UNSUPPORTED_COMBINATION"),
        ({"quote_quantity": 1}, "UNSUPPORTED_COMBINATION"),
        ({"price": 0}, "ZERO_NOTIONAL"),
        ({"quantity": units("100000000")}, "INSUFFICIENT_BALANCE"),
    ],
)
def test_a_refused_order_changes_nothing(changes, why):
    floor = Routed()
    before = floor.engine.snapshot()
    command = msgspec.structs.replace(floor.order(ALICE, USDT, "BUY", "1", "100"), **changes)
    assert reason(floor.tell(RouteOrder(order=command))) == why
    assert floor.engine.snapshot() == before


def test_only_symbols_of_the_configuration_are_routed_and_it_can_be_changed():
    floor = Routed()
    floor.rest(BOB, USDC, "SELL", "1", "100")
    assert floor.tell(SetSmartRouting(base="BTC", symbols=(USDT, USDP))) == (
        SmartRoutingSet(base="BTC", symbols=(USDT, USDP)),
    )
    assert prices(floor.route(ALICE, USDT, "BUY", "1", "100")) == []
    assert reason(floor.route(ALICE, USDC, "BUY", "1", "100")) == "SOR_UNSUPPORTED"
    for _ in range(2):
        floor.tell(SetSmartRouting(base="BTC", symbols=()))
        assert reason(floor.route(ALICE, USDT, "BUY", "1", "100")) == "SOR_UNSUPPORTED"


@pytest.mark.parametrize("symbols", [(USDT, USDT), (USDT,), (USDT, "NOSUCH"), (USDT, "BNBUSDT")])
def test_a_configuration_that_cannot_be_is_refused(symbols):
    floor = Routed()
    floor.tell(ListSymbol(rules=SymbolRules(symbol="BNBUSDT", base="BNB", quote="USDT")))
    assert reason(floor.tell(SetSmartRouting(base="BTC", symbols=symbols))) == "INVALID_CONFIGURATION"
    assert floor.engine.venue.routes == {"BTC": (USDT, USDC, USDP)}
