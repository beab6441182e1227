"""Filters that look beyond the order: at averages, at what the account owns and has open, on all symbols."""

from typing import Any

import pytest

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    AmendOrder,
    Deposit,
    ListSymbol,
    OpenAccount,
    OrderExpired,
    OrderTriggered,
    Peg,
    PlaceOrder,
    SetAccountRules,
    SetExchangeFilters,
    Trigger,
)
from pitwire.market.enums import OrderType, PegPriceType, Side, SymbolStatus
from pitwire.market.filter_checks import name_of
from pitwire.market.filters import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrders,
    IcebergParts,
    LotSize,
    MaxAsset,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from pitwire.market.numbers import Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, reason, units

PERCENT = PercentPrice(multiplier_up=units("1.3"), multiplier_down=units("0.7"), average_price_minutes=5)
BY_SIDE = PercentPriceBySide(
    bid_multiplier_up=units("1.2"),
    bid_multiplier_down=units("0.2"),
    ask_multiplier_up=units("5"),
    ask_multiplier_down=units("0.8"),
    average_price_minutes=1,
)
ACCEPTED = "accepted"


def traded(floor: Floor, price: str, quantity: str = "1") -> None:
    """A trade between ALICE and BOB that leaves nothing on the book."""
    floor.place(ALICE, "SELL", quantity, price)
    assert reason(floor.place(BOB, "BUY", quantity, price)) == ACCEPTED


def test_prices_are_judged_by_the_weighted_average_of_the_filters_own_minutes() -> None:
    floor = Floor().open(filters=(PERCENT, BY_SIDE))
    assert reason(floor.place(CAROL, "BUY", "1", "1")) == ACCEPTED  # nothing has traded yet
    traded(floor, "100", "3")
    floor.time_us += 100_000_000
    traded(floor, "120", "1")
    # PERCENT_PRICE's average over five minutes is 105, PERCENT_PRICE_BY_SIDE's over one minute 120.
    assert reason(floor.place(CAROL, "BUY", "1", "73.5")) == ACCEPTED
    assert reason(floor.place(CAROL, "BUY", "1", "73.49")) == "FILTER_FAILURE: PERCENT_PRICE"
    assert reason(floor.place(CAROL, "SELL", "1", "136.5")) == ACCEPTED
    assert reason(floor.place(CAROL, "SELL", "1", "136.51")) == "FILTER_FAILURE: PERCENT_PRICE"
    assert reason(floor.place(CAROL, "SELL", "1", "95.99")) == "FILTER_FAILURE: PERCENT_PRICE_BY_SIDE"


def test_with_zero_minutes_prices_are_judged_by_the_last_price() -> None:
    last = PercentPrice(multiplier_up=units("1.3"), multiplier_down=units("0.7"), average_price_minutes=0)
    floor = Floor().open(filters=(last,))
    traded(floor, "10", "100")
    traded(floor, "12")
    assert reason(floor.place(CAROL, "BUY", "1", "8.4")) == ACCEPTED
    assert reason(floor.place(CAROL, "BUY", "1", "8.39")) == "FILTER_FAILURE: PERCENT_PRICE"


def test_percent_price_comes_after_the_price_filter_and_before_the_lot_size() -> None:
    ticks = PriceFilter(min_price=Price(units("1")), max_price=Price(0), tick_size=Price(units("1")))
    lots = LotSize(min_quantity=Quantity(units("1")), max_quantity=Quantity(0), step_size=Quantity(0))
    floor = Floor().open(filters=(lots, PERCENT, ticks))
    traded(floor, "100")
    assert reason(floor.place(CAROL, "BUY", "0.5", "0.5")) == "FILTER_FAILURE: PRICE_FILTER"
    assert reason(floor.place(CAROL, "BUY", "0.5", "60")) == "FILTER_FAILURE: PERCENT_PRICE"
    assert reason(floor.place(CAROL, "BUY", "0.5", "100")) == "FILTER_FAILURE: LOT_SIZE"


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_min_notional_of_a_market_order_is_that_at_the_average(side: str) -> None:
    rule = MinNotional(min_notional=Amount(units("10")), apply_to_market=True, average_price_minutes=5)
    floor = Floor().open(filters=(rule,))
    assert reason(floor.place(CAROL, "BUY", "1", "9.99")) == "FILTER_FAILURE: MIN_NOTIONAL"
    traded(floor, "100")
    assert reason(floor.place(CAROL, side, "0.09")) == "FILTER_FAILURE: MIN_NOTIONAL"
    assert reason(floor.place(CAROL, side, "0.1")) == ACCEPTED
    assert reason(floor.place(CAROL, side, quote="9.99")) == "FILTER_FAILURE: MIN_NOTIONAL"


def test_max_position_counts_free_locked_and_open_orders_to_buy() -> None:
    floor = Floor().open(balance="100", filters=(MaxPosition(max_position=Quantity(units("103"))),))
    floor.place(CAROL, "SELL", "40", "200")  # locks, and changes no position
    assert reason(floor.place(CAROL, "BUY", "2", "10")) == ACCEPTED
    assert reason(floor.place(CAROL, "BUY", "1.1", "10")) == "FILTER_FAILURE: MAX_POSITION"
    assert reason(floor.place(CAROL, "SELL", "50", "10")) == ACCEPTED
    assert reason(floor.place(CAROL, "BUY", "1", "9")) == ACCEPTED


def test_max_position_binds_an_order_by_quote_once_the_book_has_given_it_a_quantity() -> None:
    floor = Floor().open(balance="100", filters=(MaxPosition(max_position=Quantity(units("102"))),))
    floor.place(ALICE, "SELL", "10", "10")
    assert reason(floor.place(BOB, "BUY", quote="30")) == "FILTER_FAILURE: MAX_POSITION"
    assert reason(floor.place(BOB, "BUY", quote="20")) == ACCEPTED


def second_symbol(floor: Floor) -> None:
    floor.tell(ListSymbol(rules=SymbolRules(symbol="ETHUSDT", base="ETH", quote="USDT")))


def limit_order(account: int, symbol: str, client_order_id: str) -> PlaceOrder:
    return PlaceOrder(
        account=account,
        symbol=symbol,
        side=Side.BUY,
        type=OrderType.LIMIT,
        client_order_id=client_order_id,
        price=Price(units("1")),
        quantity=Quantity(units("1")),
    )


def test_exchange_max_num_orders_counts_over_all_symbols_and_holds_for_accounts_to_come() -> None:
    floor = Floor().open(filters=(MaxNumOrders(max_num_orders=2),))
    second_symbol(floor)
    floor.tell(SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=2),)))
    floor.tell(OpenAccount(account=9, name="late"))
    floor.tell(Deposit(account=9, asset="USDT", amount=Amount(units("100"))))
    for account in (CAROL, 9):
        assert reason(floor.tell(limit_order(account, "ETHUSDT", "one"))) == ACCEPTED
        assert reason(floor.tell(limit_order(account, "BTCUSDT", "one"))) == ACCEPTED
        refused = floor.tell(limit_order(account, "BTCUSDT", "two"))
        assert reason(refused) == "FILTER_FAILURE: EXCHANGE_MAX_NUM_ORDERS"
    floor.tell(SetExchangeFilters(filters=()))
    assert reason(floor.tell(limit_order(CAROL, "BTCUSDT", "two"))) == ACCEPTED
    assert reason(floor.tell(limit_order(CAROL, "BTCUSDT", "three"))) == "FILTER_FAILURE: MAX_NUM_ORDERS"


@pytest.mark.parametrize(
    ("asset", "order", "failed"),
    [
        ("BTC", {"quantity": "2", "price": "10"}, False),
        ("BTC", {"quantity": "2.1", "price": "0.1"}, True),
        ("USDT", {"quantity": "0.2", "price": "10"}, False),
        ("USDT", {"quantity": "0.21", "price": "10"}, True),
        ("USDT", {"quote": "2.1"}, True),
        ("BTC", {"quote": "21"}, True),
        ("BTC", {"quote": "20"}, False),
        ("JPY", {"quantity": "50", "price": "10"}, False),
    ],
)
def test_max_asset_binds_one_account_whatever_side_the_asset_is_on(
    asset: str, order: dict[str, Any], failed: bool
) -> None:
    floor = Floor().open()
    floor.tell(SetAccountRules(account=CAROL, asset_filters=(MaxAsset(asset=asset, limit=Amount(units("2"))),)))
    floor.place(ALICE, "SELL", "50", "10")
    assert reason(floor.place(CAROL, "BUY", **order)) == ("FILTER_FAILURE: MAX_ASSET" if failed else ACCEPTED)
    assert reason(floor.place(BOB, "BUY", **order)) == ACCEPTED


def test_a_market_maker_keeps_to_the_grid_and_to_no_other_filter() -> None:
    ticks = PriceFilter(min_price=Price(units("1")), max_price=Price(0), tick_size=Price(units("1")))
    position = MaxPosition(max_position=Quantity(0))
    for filters in ((ticks, PERCENT), (ticks, PERCENT, position)):
        floor = Floor().open(filters=filters)
        floor.tell(OpenAccount(account=CAROL, name="maker", market_maker=True))
        floor.place(ALICE, "SELL", "1", "100")
        assert reason(floor.place(CAROL, "BUY", "1", "100")) == ACCEPTED
        assert reason(floor.place(CAROL, "BUY", "1", "5")) == ACCEPTED
        assert reason(floor.place(CAROL, "BUY", "1", "5.5")) == "FILTER_FAILURE: PRICE_FILTER"
        floor.place(ALICE, "SELL", "1", "100")
        assert reason(floor.place(CAROL, "BUY", quote="100")) == ACCEPTED


@pytest.mark.parametrize(
    ("permission_sets", "permissions", "expected"),
    [
        ((("SPOT",),), ("SPOT",), True),
        ((("SPOT", "MARGIN"),), ("MARGIN",), True),
        ((("SPOT",), ("TRD_GRP_004", "TRD_GRP_005")), ("SPOT", "TRD_GRP_005"), True),
        ((("SPOT",), ("TRD_GRP_004", "TRD_GRP_005")), ("SPOT",), False),
        ((("SPOT",),), (), False),
        ((), (), True),
    ],
)
def test_an_account_needs_one_permission_of_each_set(
    permission_sets: tuple[tuple[str, ...], ...], permissions: tuple[str, ...], expected: bool
) -> None:
    floor = Floor().open(permission_sets=permission_sets)
    floor.tell(SetAccountRules(account=CAROL, permissions=permissions))
    told = ACCEPTED if expected else "SYMBOL_NOT_PERMITTED"
    assert reason(floor.place(CAROL, "BUY", "1", "10")) == told
    assert reason(floor.place(CAROL, "BUY", "1")) == told


def test_permissions_change_at_run_time_from_either_end_and_open_orders_can_still_be_canceled() -> None:
    floor = Floor().open()
    floor.place(CAROL, "BUY", "1", "10")
    floor.open(permission_sets=(("SPOT",), ("TRD_GRP_004",)))
    assert reason(floor.place(CAROL, "BUY", "1", "10")) == "SYMBOL_NOT_PERMITTED"
    floor.tell(SetAccountRules(account=CAROL, permissions=("SPOT", "TRD_GRP_004")))
    assert reason(floor.place(CAROL, "BUY", "1", "10")) == ACCEPTED
    floor.tell(SetAccountRules(account=CAROL, permissions=("MARGIN",)))
    assert reason(floor.place(CAROL, "BUY", "1", "10")) == "SYMBOL_NOT_PERMITTED"
    assert reason(floor.cancel(CAROL, order_id=1)) == ACCEPTED


@pytest.mark.parametrize("status", [each for each in SymbolStatus if each is not SymbolStatus.TRADING])
def test_in_any_status_but_trading_orders_are_only_canceled(status: SymbolStatus) -> None:
    floor = Floor().open()
    floor.place(CAROL, "BUY", "1", "10")
    floor.place(CAROL, "BUY", "1", "9")
    floor.open(status=status)
    assert reason(floor.place(CAROL, "BUY", "1", "10")) == "MARKET_CLOSED"
    assert reason(floor.place(CAROL, "BUY", "1")) == "MARKET_CLOSED"
    assert reason(floor.cancel(CAROL, order_id=1)) == ACCEPTED
    assert reason(floor.cancel_all(CAROL)) == ACCEPTED
    floor.open(status=SymbolStatus.TRADING)
    assert reason(floor.place(CAROL, "BUY", "1", "10")) == ACCEPTED


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (SetAccountRules(account=77), "UNKNOWN_ACCOUNT"),
        (
            SetAccountRules(account=1, asset_filters=(MaxAsset(asset="BTC", limit=Amount(1)),) * 2),
            "INVALID_CONFIGURATION: account 1: MAX_ASSET for BTC is there twice",
        ),
        (
            SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=1),) * 2),
            "INVALID_CONFIGURATION: the exchange filter EXCHANGE_MAX_NUM_ORDERS is there twice",
        ),
        (
            ListSymbol(rules=SymbolRules(symbol="AB", base="A", quote="B", filters=(PERCENT, PERCENT))),
            "INVALID_CONFIGURATION: AB: the filter PERCENT_PRICE is there twice",
        ),
    ],
)
def test_rules_that_cannot_be_are_refused_and_change_nothing(command: Any, told: str) -> None:
    floor = Floor().open()
    before = floor.engine.snapshot()
    assert reason(floor.tell(command)) == told
    assert floor.engine.snapshot() == before


def test_a_restored_engine_binds_by_the_same_rules() -> None:
    floor = Floor().open(filters=(PERCENT,), permission_sets=(("SPOT",), ("TRD_GRP_004",)))
    floor.tell(SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=1),)))
    floor.tell(
        SetAccountRules(
            account=CAROL,
            permissions=("SPOT", "TRD_GRP_004"),
            asset_filters=(MaxAsset(asset="BTC", limit=Amount(units("2"))),),
        )
    )
    payload = floor.engine.snapshot()
    restored = Floor(Engine.restore(payload))
    restored.sequence, restored.time_us = floor.sequence, floor.time_us
    assert restored.engine.snapshot() == payload
    for each in (floor, restored):
        assert reason(each.place(ALICE, "BUY", "1", "10")) == "SYMBOL_NOT_PERMITTED"
        assert reason(each.place(CAROL, "BUY", "3", "10")) == "FILTER_FAILURE: MAX_ASSET"
        assert reason(each.place(CAROL, "BUY", "1", "10")) == ACCEPTED
        assert reason(each.place(CAROL, "BUY", "1", "10")) == "FILTER_FAILURE: EXCHANGE_MAX_NUM_ORDERS"
    assert restored.engine.snapshot() == floor.engine.snapshot()


def test_an_amended_order_keeps_to_the_least_notional() -> None:
    rule = MinNotional(min_notional=Amount(units("10")), apply_to_market=False, average_price_minutes=5)
    floor = Floor().open(filters=(rule,))
    floor.place(CAROL, "BUY", "3", "10")
    amended = {"account": CAROL, "symbol": "BTCUSDT", "new_client_order_id": "smaller", "order_id": 1}
    told = reason(floor.tell(AmendOrder(**amended, quantity=Quantity(units("0.99")))))
    assert told == "FILTER_FAILURE: MIN_NOTIONAL"
    assert reason(floor.tell(AmendOrder(**amended, quantity=Quantity(units("1"))))) == ACCEPTED


ALLOWED: dict[str, Any] = {
    "order_types": tuple(OrderType),
    "trailing_stop_allowed": True,
    "iceberg_allowed": True,
    "peg_instructions_allowed": True,
}


def other(floor: Floor, **terms: Any) -> str:
    """What becomes of ALICE's order to sell 10 at 100, or at what `terms` say."""
    order: dict[str, Any] = {
        "account": ALICE,
        "symbol": "BTCUSDT",
        "side": Side.SELL,
        "type": OrderType.LIMIT,
        "client_order_id": f"other-{floor.sequence}",
        "price": Price(units("100")),
        "quantity": Quantity(units("10")),
    }
    return reason(floor.tell(PlaceOrder(**(order | terms))))


STOP: dict[str, Any] = {"type": OrderType.STOP_LOSS_LIMIT, "trigger": Trigger(stop_price=Price(units("90")))}
TRAILING: dict[str, Any] = {"type": OrderType.STOP_LOSS, "price": Price(0)}
HIDING: dict[str, Any] = {"iceberg_quantity": Quantity(units("4"))}


@pytest.mark.parametrize(
    ("order", "on_symbol", "everywhere"),
    [
        (STOP, MaxNumAlgoOrders(max_num_algo_orders=2), ExchangeMaxNumAlgoOrders(max_num_algo_orders=2)),
        (HIDING, MaxNumIcebergOrders(max_num_iceberg_orders=2), ExchangeMaxNumIcebergOrders(max_num_iceberg_orders=2)),
    ],
)
def test_orders_that_wait_and_orders_that_hide_are_counted(order: Any, on_symbol: Any, everywhere: Any) -> None:
    for bound in (on_symbol, everywhere):
        floor = Floor().open(filters=(bound,) if bound is on_symbol else (), **ALLOWED)
        if bound is everywhere:
            floor.tell(SetExchangeFilters(filters=(bound,)))
        assert [other(floor, **order) for _ in range(3)] == [ACCEPTED, ACCEPTED, f"FILTER_FAILURE: {name_of(bound)}"]
        assert other(floor) == ACCEPTED
        assert other(floor, account=BOB, **order) == ACCEPTED


def test_the_trailing_delta_has_bounds() -> None:
    bounds = TrailingDelta(
        min_trailing_above_delta=10,
        max_trailing_above_delta=2000,
        min_trailing_below_delta=20,
        max_trailing_below_delta=1000,
    )
    floor = Floor().open(filters=(bounds,), **ALLOWED)
    for delta, told in (
        (20, ACCEPTED),
        (19, "FILTER_FAILURE: TRAILING_DELTA"),
        (1001, "FILTER_FAILURE: TRAILING_DELTA"),
    ):
        assert other(floor, **TRAILING, trigger=Trigger(trailing_delta=delta)) == told


def test_a_pegged_order_is_judged_by_its_price_when_it_gets_one_and_does_not_count_itself() -> None:
    filters = (PERCENT, MaxNumOrders(max_num_orders=1), MaxNumAlgoOrders(max_num_algo_orders=1))
    for ask, status in (("117", "NEW"), ("118", "EXPIRED")):
        floor = Floor().open(filters=filters, **ALLOWED)
        peg = Peg(price_type=PegPriceType.PRIMARY_PEG)
        assert other(floor, **(STOP | {"price": Price(0), "peg": peg})) == ACCEPTED
        floor.place(CAROL, "SELL", "1", ask)
        floor.place(BOB, "BUY", "1", "90")
        traded_with = PlaceOrder(
            account=CAROL,
            symbol="BTCUSDT",
            side=Side.SELL,
            type=OrderType.MARKET,
            client_order_id="at-market",
            quantity=Quantity(units("1")),
        )
        events = floor.tell(traded_with)
        ended = [event.order.status for event in events if isinstance(event, OrderTriggered | OrderExpired)]
        assert ended == [status]


def test_a_market_maker_hides_on_the_grid_and_waits_with_any_price() -> None:
    lots = LotSize(min_quantity=Quantity(units("1")), max_quantity=Quantity(0), step_size=Quantity(units("1")))
    bounds = (lots, IcebergParts(limit=2), MaxNumAlgoOrders(max_num_algo_orders=0))
    floor = Floor().open(filters=bounds, **ALLOWED)
    floor.tell(OpenAccount(account=7, name="mirror", maker_rate=0, taker_rate=0, market_maker=True))
    floor.tell(Deposit(account=7, asset="BTC", amount=Amount(units("100"))))
    assert other(floor, **HIDING) == "FILTER_FAILURE: ICEBERG_PARTS"
    assert other(floor, account=7, **HIDING) == ACCEPTED
    assert other(floor, account=7, iceberg_quantity=Quantity(units("1.5"))) == "FILTER_FAILURE: LOT_SIZE"
    assert other(floor, **STOP) == "FILTER_FAILURE: MAX_NUM_ALGO_ORDERS"
    assert other(floor, account=7, **STOP) == ACCEPTED
