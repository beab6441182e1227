"""Block trades of any age."""

import pytest

from pitwire.exchange.messages import ReportBlockTrade
from pitwire.exchange.projections import block_trades as block_trades_module
from pitwire.exchange.projections.archive import MemoryArchive
from pitwire.exchange.projections.state import Projections
from pitwire.exchange.projections.symbols import UnknownSymbol
from pitwire.market.enums import KlineInterval, TimeUnit
from tests.exchange.projections import examples
from tests.exchange.projections.trading import Floor, units

MS = TimeUnit.MILLISECOND


def report(floor, price="0.052", quantity="5838"):
    command = ReportBlockTrade(symbol="BTCUSDT", price=units(price), quantity=units(quantity), buyer_is_maker=True)
    return floor.do(command)


def test_a_block_trade_has_the_documented_fields_and_counts_in_no_ticker():
    floor = Floor()
    time_us = report(floor).record.time_us
    found = floor.projections.block_trades.historical("BTCUSDT", 0, None, MS)
    assert found == [
        {
            "id": 1,
            "price": "0.05200000",
            "qty": "5838.00000000",
            "quoteQty": "303.57600000",
            "time": time_us // 1000,
            "isBuyerMaker": True,
        }
    ]
    assert list(found[0]) == list(examples.results("blockTrades.historical")[0][0])
    assert floor.projections.tickers.day("BTCUSDT", floor.now_us).statistics.traded is None
    assert floor.projections.candles.at("BTCUSDT", KlineInterval.D1, floor.now_us) is None
    assert floor.projections.market.last_price("BTCUSDT") is None


def test_they_are_found_from_an_id_on_in_memory_or_in_the_archive_also_after_a_snapshot(monkeypatch):
    monkeypatch.setattr(block_trades_module, "KEPT", 5)
    floor = Floor(archive=MemoryArchive(3))
    for _ in range(30):
        report(floor)
    floor.projections.seal_all()
    resumed = Projections.restore(floor.projections.snapshot(), floor.projections.archive)
    for projections in (floor.projections, resumed):
        block_trades = projections.block_trades
        for from_id, limit in ((0, None), (1, 4), (12, 1000), (30, 1), (31, 1)):
            found = [each["id"] for each in block_trades.historical("BTCUSDT", from_id, limit, MS)]
            assert found == list(range(max(1, from_id), 31))[: limit or 500]


def test_an_unknown_symbol_is_named():
    with pytest.raises(UnknownSymbol, match="NOPE"):
        Floor().projections.block_trades.historical("NOPE", 1, 1, MS)
