"""What the exchange and accounts add to the rules of symbols, as projections keep it."""

from pitwire.exchange.messages import OpenAccount, SetAccountRules, SetExchangeFilters
from pitwire.exchange.projections.filters import multiplier
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import TimeUnit
from pitwire.market.filters import ExchangeMaxNumOrders, MaxAsset
from tests.exchange.projections.trading import ALICE, BOB, Floor, units


def test_rules_survive_a_snapshot_and_new_rates_of_the_account() -> None:
    floor = Floor()
    floor.do(SetExchangeFilters(filters=(ExchangeMaxNumOrders(max_num_orders=5),)))
    limits = (MaxAsset(asset="BTC", limit=units("2")),)
    floor.do(SetAccountRules(account=ALICE, permissions=("SPOT", "TRD_GRP_004"), asset_filters=limits))
    floor.do(OpenAccount(account=ALICE, name="alice", maker_rate=1))
    restored = Projections.restore(floor.projections.snapshot())
    for projections in (floor.projections, restored):
        shown = projections.accounts.filters(ALICE, "BTCUSDT")
        assert shown["exchangeFilters"] == [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 5}]
        assert shown["assetFilters"] == [{"filterType": "MAX_ASSET", "asset": "BTC", "limit": "2.00000000"}]
        permissions = [
            projections.accounts.status(account, True, TimeUnit.MILLISECOND)["permissions"] for account in (ALICE, BOB)
        ]
        assert permissions == [["SPOT", "TRD_GRP_004"], ["SPOT"]]
    assert restored.snapshot() == floor.projections.snapshot()


def test_multipliers_are_written_as_short_as_they_may_be() -> None:
    assert multiplier(units("1.3"), places=4) == "1.3000"
    assert multiplier(units("1.00012"), places=4) == "1.00012"
    assert multiplier(units("5")) == "5"
    assert multiplier(units("0.2")) == "0.2"
    assert multiplier(units("10")) == "10"
