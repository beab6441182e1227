"""Everything the exchange answers decodes into the types that the client decodes with, and encodes back to the same."""

import json

import msgspec
import pytest

from pitwire.exchange.projections.replies import order_amended, order_canceled, order_placed, orders_canceled
from pitwire.market.enums import OrderResponseType, TimeUnit
from pitwire.protocol import codec
from pitwire.protocol.registry import by_name, result_type
from tests.exchange.projections.trading import ALICE, BOB, Floor

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
    projections = floor.projections
    yield "order.amendments", projections.amendments.of_order(ALICE, "BTCUSDT", 6, None, None, MS)
    orders, market, accounts = projections.orders, projections.market, projections.accounts
    for order_id in (2, 3, 4):
        yield "order.status", orders.status(ALICE, "BTCUSDT", order_id, None, MS)
    yield "openOrders.status", orders.open(ALICE, None, MS)
    yield "allOrders", orders.all(ALICE, "BTCUSDT", None, None, None, None, MS)
    yield "myTrades", orders.trades(ALICE, "BTCUSDT", None, None, None, None, None, MS)
    yield "account.status", accounts.status(ALICE, False, MS)
    yield "account.commission", accounts.commission(ALICE, "BTCUSDT")
    yield "order.test", accounts.order_commission(ALICE, "BTCUSDT")
    yield "depth", market.depth("BTCUSDT")
    yield "trades.recent", market.recent_trades("BTCUSDT", None, MS)
    yield "ticker.book", market.book_ticker("BTCUSDT")
    yield "ticker.price", market.price_ticker("BTCUSDT")
    yield "exchangeInfo", projections.symbols.exchange_info(LIMITS, floor.now_us, MS)


@pytest.mark.parametrize(("method", "result"), list(answers()))
def test_an_answer_survives_the_clients_types_without_loss(method, result):
    raw = msgspec.json.encode(result)
    decoded = msgspec.json.decode(raw, type=result_type(by_name[method]))
    assert json.loads(codec.encode(decoded)) == json.loads(raw)
