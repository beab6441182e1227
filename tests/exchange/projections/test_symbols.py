"""exchangeInfo and the look-up of symbols: fields beside the documented example, and every way to choose symbols."""

import pytest

from pitwire.exchange.messages import ListSymbol
from pitwire.exchange.projections.symbols import StatusMismatch, UnknownSymbol
from pitwire.market.enums import OrderType, SymbolStatus, TimeUnit
from tests.exchange.projections import examples
from tests.exchange.projections.trading import START_US, Floor, rules

MS = TimeUnit.MILLISECOND
HALT, TRADING = SymbolStatus.HALT, SymbolStatus.TRADING


@pytest.fixture
def symbols():
    return Floor(
        rules("BTCUSDT", "BTC", "USDT", permission_sets=(("SPOT", "MARGIN", "TRD_GRP_004"),)),
        rules("ETHBTC", "ETH", "BTC", status=HALT),
        rules("LEVUSDT", "LEV", "USDT", permission_sets=(("TRD_GRP_009",), ("TRD_GRP_010",))),
    ).projections.symbols


def info(listing, /, **choice):
    return listing.exchange_info([], START_US, MS, **choice)


def listed(listing, /, **choice):
    return [each["symbol"] for each in info(listing, **choice)["symbols"]]


def test_exchange_info_has_the_documented_fields_in_the_documented_order(symbols):
    limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000}]
    found = symbols.exchange_info(limits, START_US, MS)
    documented = examples.results("exchangeInfo")[0]
    assert list(found) == [name for name in documented if name != "sors"], "sors only where SOR is available"
    assert list(found["symbols"][0]) == list(documented["symbols"][0])
    assert (found["timezone"], found["serverTime"], found["rateLimits"]) == ("UTC", START_US // 1000, limits)


def test_filters_are_written_as_documented(symbols):
    assert info(symbols, symbol="BTCUSDT")["symbols"][0]["filters"] == [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.01000000",
            "maxPrice": "1000000.00000000",
            "tickSize": "0.01000000",
        },
        {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "100.00000000", "stepSize": "0.00000000"},
        {
            "filterType": "NOTIONAL",
            "minNotional": "0.00100000",
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    ]


def test_a_symbol_tells_its_assets_status_order_types_and_permissions(symbols):
    btc, eth = (info(symbols, symbol=name)["symbols"][0] for name in ("BTCUSDT", "ETHBTC"))
    assert (btc["baseAsset"], btc["quoteAsset"], btc["status"], eth["status"]) == ("BTC", "USDT", "TRADING", "HALT")
    assert btc["orderTypes"] == tuple(OrderType)
    assert [btc[f"{kind}Allowed"] for kind in ("oco", "oto", "opo")] == [True] * 3
    assert btc["quoteOrderQtyMarketAllowed"] is True
    assert (btc["isSpotTradingAllowed"], btc["isMarginTradingAllowed"]) == (True, True)
    assert (eth["isSpotTradingAllowed"], eth["isMarginTradingAllowed"]) == (True, False)
    assert [list(each) for each in btc["permissionSets"]] == [["SPOT", "MARGIN", "TRD_GRP_004"]]


def test_without_market_orders_there_are_none_by_quote_quantity():
    symbols = Floor(rules(order_types=(OrderType.LIMIT,))).projections.symbols
    assert info(symbols, symbol="BTCUSDT")["symbols"][0]["quoteOrderQtyMarketAllowed"] is False


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, ["BTCUSDT", "ETHBTC"]),  # those that SPOT, MARGIN or LEVERAGED may trade
        ({"symbol": "LEVUSDT"}, ["LEVUSDT"]),
        ({"symbols": ["ETHBTC", "BTCUSDT", "ETHBTC"]}, ["ETHBTC", "BTCUSDT"]),
        ({"permissions": ["MARGIN"]}, ["BTCUSDT"]),
        ({"permissions": "SPOT"}, ["BTCUSDT", "ETHBTC"]),
        ({"permissions": ["TRD_GRP_010", "MARGIN"]}, ["BTCUSDT", "LEVUSDT"]),
        ({"permissions": ["TRD_GRP_025"]}, []),
        ({"symbol_status": HALT}, ["ETHBTC"]),
        ({"symbol_status": TRADING, "permissions": ["SPOT", "TRD_GRP_009"]}, ["BTCUSDT", "LEVUSDT"]),
    ],
)
def test_symbols_are_chosen_by_name_permission_and_status(symbols, choice, expected):
    assert listed(symbols, **choice) == expected


def test_permission_sets_can_be_left_empty_without_changing_the_next_answer(symbols):
    assert info(symbols, symbol="BTCUSDT", show_permission_sets=False)["symbols"][0]["permissionSets"] == []
    assert info(symbols, symbol="BTCUSDT")["symbols"][0]["permissionSets"]


@pytest.mark.parametrize("choice", [{"symbol": "NOPE"}, {"symbols": ["BTCUSDT", "NOPE"]}])
def test_an_unknown_symbol_is_named(symbols, choice):
    with pytest.raises(UnknownSymbol, match="NOPE") as caught:
        info(symbols, **choice)
    assert caught.value.symbol == "NOPE"


def test_one_symbol_in_another_status_is_refused_and_several_are_left_out(symbols):
    assert symbols.rules("ETHBTC", HALT).base == "ETH"
    with pytest.raises(StatusMismatch, match="ETHBTC is HALT, not TRADING"):
        symbols.rules("ETHBTC", TRADING)
    assert symbols.names(["ETHBTC", "BTCUSDT"], TRADING) == ["BTCUSDT"]
    assert symbols.names(None, HALT) == ["ETHBTC"]
    assert symbols.names() == ["BTCUSDT", "ETHBTC", "LEVUSDT"]


def test_new_rules_replace_the_old_ones():
    floor = Floor(rules())
    floor.do(ListSymbol(rules=rules(status=HALT)))
    assert listed(floor.projections.symbols, symbol_status=HALT) == ["BTCUSDT"]
    assert listed(floor.projections.symbols, symbol_status=TRADING) == []
