"""Everything the exchange answers decodes into the types that the client decodes with, and encodes back to the same."""

import json
from itertools import product

import msgspec
import pytest

from pitwire.exchange.messages import (
    ListSymbol,
    OpenAccount,
    PlaceOrder,
    PlaceOrderList,
    ReportBlockTrade,
    SetAccountRules,
    SetDiscount,
    SetExchangeFilters,
)
from pitwire.exchange.projections.klines import klines
from pitwire.exchange.projections.replies import (
    order_amended,
    order_canceled,
    order_list_placed,
    order_placed,
    orders_canceled,
)
from pitwire.exchange.projections.tickers import day_ticker, window_ticker
from pitwire.market.enums import (
    ContingencyType,
    KlineInterval,
    OrderResponseType,
    OrderType,
    Side,
    TickerType,
    TimeUnit,
)
from pitwire.market.filters import ExchangeMaxNumOrders, MaxAsset
from pitwire.market.reference_price import ArithmeticMean, External, PriceRange
from pitwire.protocol import codec
from pitwire.protocol.registry import by_name, result_type
from tests.exchange.projections.trading import ALICE, BOB, Floor, rules, units

MS = TimeUnit.MILLISECOND
LIMITS = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000}]


def answers():
    """A method's name and a result of it, for every method that projections answer."""
    floor = Floor()
    floor.place(BOB, "SELL", 100, 2)
    placed = floor.place(ALICE, "BUY", 100, 3, strategy=(1, 1_000_000))
    for response_type in OrderResponseType:
        yield "order.place", order_placed(placed, response_type, MS)
    expired = floor.place(ALICE, "SELL", 200, 1, tif="FOK")
    yield "order.place", order_placed(expired, OrderResponseType.FULL, MS)
    yield "order.cancel", order_canceled(floor.cancel(ALICE, 2), MS)
    floor.place(ALICE, "BUY", 90, 1)
    floor.place(BOB, "BUY", 90, 1)
    yield "openOrders.cancelAll", orders_canceled(floor.cancel_all(BOB), MS)
    floor.place(ALICE, "BUY", 90, 2)
    yield "order.amend.keepPriority", order_amended(floor.amend(ALICE, 6, 1, "amended"), MS)
    floor.do(OpenAccount(account=ALICE, name="alice", trade_group=1))
    floor.place(ALICE, "SELL", 95, 3, mode="DECREMENT")
    prevented = floor.place(ALICE, "BUY", 95, 1, mode="DECREMENT")
    for response_type in OrderResponseType:
        yield "order.place", order_placed(prevented, response_type, MS)
    matches = floor.projections.prevented_matches
    yield "myPreventedMatches", matches.query(ALICE, "BTCUSDT", 0, None, None, None, MS)
    floor.do(SetDiscount(account=ALICE, enabled=True))
    projections = floor.projections
    yield "order.amendments", projections.amendments.of_order(ALICE, "BTCUSDT", 6, None, None, MS)
    orders, market, accounts = projections.orders, projections.market, projections.accounts
    for order_id in (2, 3, 4, 6, 7):
        yield "order.status", orders.status(ALICE, "BTCUSDT", order_id, None, MS)
    yield "openOrders.status", orders.open(ALICE, None, MS)
    yield "allOrders", orders.all(ALICE, "BTCUSDT", None, None, None, None, MS)
    yield "myTrades", orders.trades(ALICE, "BTCUSDT", None, None, None, None, None, MS)
    yield "account.status", accounts.status(ALICE, False, MS)
    floor.do(SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=1000),)))
    floor.do(SetAccountRules(account=ALICE, asset_filters=(MaxAsset(asset="BTC", limit=10**8),)))
    yield "myFilters", accounts.filters(ALICE, "BTCUSDT")
    calculation = ArithmeticMean(bucket_count=10, bucket_width_ms=1000)
    price_range = PriceRange(bid_limit_up=200_000_000)
    floor.do(ListSymbol(rules=rules(reference_price=calculation, price_range=price_range)))
    prices = projections.reference_prices
    floor.place(BOB, "SELL", 100, 1)
    floor.place(ALICE, "BUY", 100, 1)
    yield "executionRules", prices.execution_rules(None, None)
    for later_us in (0, 10**9):
        yield "referencePrice", prices.current("BTCUSDT", floor.now_us + later_us, MS)
    yield "referencePrice.calculation", prices.calculation("BTCUSDT", None)
    floor.do(ListSymbol(rules=rules(reference_price=External(calculation_id=42))))
    yield "referencePrice.calculation", prices.calculation("BTCUSDT", None)
    yield "account.commission", accounts.commission(ALICE, "BTCUSDT")
    yield "order.test", accounts.order_commission(ALICE, "BTCUSDT", Side.BUY)
    yield "depth", market.depth("BTCUSDT")
    now_us, trades, candles, tickers = floor.now_us, projections.trades, projections.candles, projections.tickers
    for method in ("trades.recent", "trades.historical"):
        yield method, trades.historical("BTCUSDT", None, None, MS)
    yield "trades.aggregate", trades.aggregate("BTCUSDT", None, None, None, None, MS)
    for method in ("klines", "uiKlines"):
        yield method, klines(candles, "BTCUSDT", KlineInterval.S1, None, None, 0, 500, MS, now_us)
    floor.do(ReportBlockTrade(symbol="BTCUSDT", price=5_200_000, quantity=10**11, buyer_is_maker=True))
    yield "blockTrades.historical", projections.block_trades.historical("BTCUSDT", 1, None, MS)
    yield "avgPrice", tickers.average_price("BTCUSDT", 5, now_us, MS)
    bid, ask = market.best("BTCUSDT", Side.BUY), market.best("BTCUSDT", Side.SELL)
    for when_us, kind in product((now_us, now_us + 10**12), TickerType):
        yield "ticker.24hr", day_ticker(tickers.day("BTCUSDT", when_us), bid, ask, kind, MS)
        yield "ticker.tradingDay", window_ticker(tickers.trading_day("BTCUSDT", 0, when_us), kind, MS)
        yield "ticker", window_ticker(tickers.window("BTCUSDT", 10**10, when_us), kind, MS)
    yield "ticker.book", market.book_ticker("BTCUSDT")
    yield "ticker.price", market.price_ticker("BTCUSDT")
    yield "exchangeInfo", projections.symbols.exchange_info(LIMITS, floor.now_us, MS)


def answers_about_lists():
    """The same for order lists: the placing of one that has no quantity yet, and all that can become of it."""
    floor = Floor()
    terms = {"account": ALICE, "symbol": "BTCUSDT", "type": OrderType.LIMIT}
    working = PlaceOrder(side=Side.BUY, client_order_id="w", price=units(100), quantity=units(2), **terms)
    pending = PlaceOrder(side=Side.SELL, client_order_id="p", price=units(110), **terms)
    placing = PlaceOrderList(
        account=ALICE,
        symbol="BTCUSDT",
        list_client_order_id="list",
        contingency=ContingencyType.OTO,
        orders=(working, pending),
        pays=True,
    )
    placed = floor.do(placing)
    for response_type in OrderResponseType:
        yield "orderList.place.opo", order_list_placed(placed, response_type, MS)
    lists, orders = floor.projections.order_lists, floor.projections.orders
    yield "orderList.status", lists.status(ALICE, 0, None, MS)
    yield "openOrderLists.status", lists.open(ALICE, MS)
    yield "openOrders.status", orders.open(ALICE, None, MS)
    yield "order.amend.keepPriority", order_amended(floor.amend(ALICE, 1, 1, "less"), MS)
    yield "order.cancel", order_canceled(floor.cancel(ALICE, 2), MS)
    yield "allOrderLists", lists.all(ALICE, None, None, None, None, MS)
    floor.do(placing)
    floor.place(ALICE, "BUY", 90, 1)
    yield "openOrders.cancelAll", orders_canceled(floor.cancel_all(ALICE), MS)
    floor.do(placing)
    yield "orderList.cancel", order_canceled(floor.cancel(ALICE, 7), MS)
    filled = floor.do(placing)
    floor.place(BOB, "SELL", 100, 2)
    yield "orderList.place.opo", order_list_placed(filled, OrderResponseType.FULL, MS)
    yield "allOrders", orders.all(ALICE, "BTCUSDT", None, None, None, None, MS)
    yield "myTrades", orders.trades(ALICE, "BTCUSDT", None, None, None, None, None, MS)


@pytest.mark.parametrize(("method", "result"), [*answers(), *answers_about_lists()])
def test_an_answer_survives_the_clients_types_without_loss(method, result):
    raw = msgspec.json.encode(result)
    decoded = msgspec.json.decode(raw, type=result_type(by_name[method]))
    assert json.loads(codec.encode(decoded)) == json.loads(raw)
