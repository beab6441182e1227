"""binance-sdk-spot, Binance's own connector, over REST: every method that it has."""

from typing import Any

import pytest
from binance_sdk_spot.rest_api import SpotRestAPI
from binance_sdk_spot.spot import ConfigurationRestAPI, Spot

from tests.clients.conftest import QUIET, Keys, Venue
from tests.clients.exercised import Exercised

CLIENT, SURFACE = "binance-sdk-spot", "REST"
OF_NO_ENDPOINT = {"send_request", "send_signed_request"}
BTC = {"symbol": "BTCUSDT"}
LTC = {"symbol": QUIET}

MARKET: dict[str, dict[str, Any]] = {
    "ping": {},
    "time": {},
    "exchange_info": {"symbols": ["BTCUSDT", "ETHUSDT"]},
    "execution_rules": LTC,
    "depth": BTC | {"limit": 5},
    "get_trades": BTC | {"limit": 3},
    "historical_trades": BTC | {"limit": 3},
    "historical_block_trades": LTC | {"from_id": 1},
    "agg_trades": BTC | {"limit": 3},
    "klines": BTC | {"interval": "1m", "limit": 3, "time_zone": "+02:00"},
    "ui_klines": BTC | {"interval": "1m", "limit": 3},
    "avg_price": BTC,
    "ticker24hr": BTC,
    "ticker": BTC | {"window_size": "1h"},
    "ticker_trading_day": BTC,
    "ticker_price": BTC,
    "ticker_book_ticker": BTC,
    "reference_price": LTC,
    "reference_price_calculation": BTC,
}
ACCOUNT: dict[str, dict[str, Any]] = {
    "get_account": {"omit_zero_balances": True},
    "account_commission": BTC,
    "rate_limit_order": {},
    "my_filters": BTC,
    "my_prevented_matches": LTC | {"order_id": 1},
    "my_allocations": BTC,
    "all_order_list": {"limit": 5},
    "open_order_list": {},
    "all_orders": LTC,
    "my_trades": LTC,
    "get_open_orders": LTC,
}


@pytest.fixture(params=["HMAC", "RSA", "ED25519"], scope="module")
def rest(request: pytest.FixtureRequest, venue: Venue, keys: Keys, exercised: Exercised) -> Any:
    key = keys["alice", request.param]
    secret = {"api_secret": key["secretKey"]} if request.param == "HMAC" else {"private_key": key["privateKeyPem"]}
    # Its time-out is 1 s unless told otherwise, and a machine may be busy.
    configuration = ConfigurationRestAPI(api_key=key["apiKey"], base_path=venue.http, timeout=10_000, **secret)
    venue.control(f"/symbols/{QUIET}/block-trades", {"price": "100", "quantity": "500"})
    return exercised.watch(CLIENT, SURFACE, Spot(config_rest_api=configuration).rest_api)


def data(answer: Any) -> Any:
    """As plain JSON again."""
    found = answer.data()
    if isinstance(found, list):
        return [each.to_dict() if hasattr(each, "to_dict") else each for each in found]
    return found.to_dict() if hasattr(found, "to_dict") else found


@pytest.mark.parametrize("method", MARKET)
def test_what_everybody_may_ask_is_answered(rest: Any, method: str) -> None:
    answer = data(getattr(rest, method)(**MARKET[method]))
    assert answer or method == "ping"
    if isinstance(answer, dict) and "symbol" in answer:
        assert answer["symbol"] == MARKET[method]["symbol"]


@pytest.mark.parametrize("method", ACCOUNT)
def test_what_an_account_may_ask_is_answered(rest: Any, method: str) -> None:
    data(getattr(rest, method)(**ACCOUNT[method]))


def order(**changes: Any) -> dict[str, Any]:
    limit = {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 1.0, "price": 90.0}
    return {name: value for name, value in {**LTC, **limit, **changes}.items() if value is not None}


NO_PRICE: dict[str, Any] = {"price": None, "time_in_force": None}
ORDERS = {
    "LIMIT": {},
    "LIMIT_MAKER": {"time_in_force": None},
    "MARKET": NO_PRICE,
    "STOP_LOSS": NO_PRICE | {"stop_price": 110.0},
    "STOP_LOSS_LIMIT": {"stop_price": 110.0, "price": 111.0},
    "TAKE_PROFIT": NO_PRICE | {"stop_price": 95.0},
    "TAKE_PROFIT_LIMIT": {"stop_price": 95.0},
}


@pytest.mark.parametrize("kind", ORDERS)
def test_an_order_of_each_type_is_tried_placed_found_and_canceled(rest: Any, kind: str) -> None:
    wanted = order(type=kind, **ORDERS[kind])
    assert data(rest.order_test(**wanted)) == {}
    placed = data(rest.new_order(**wanted, new_order_resp_type="RESULT"))
    found = data(rest.get_order(**LTC, order_id=placed["orderId"]))
    assert (found["type"], found["status"]) == (kind, "FILLED" if kind == "MARKET" else "NEW")
    if kind == "MARKET":
        assert placed["orderId"] in [each["orderId"] for each in data(rest.my_trades(**LTC))]
    else:
        assert placed["orderId"] in [each["orderId"] for each in data(rest.get_open_orders(**LTC))]
        assert data(rest.delete_order(**LTC, order_id=placed["orderId"]))["status"] == "CANCELED"
    assert placed["orderId"] in [each["orderId"] for each in data(rest.all_orders(**LTC))]


def test_an_order_is_amended_and_replaced_and_all_are_canceled(rest: Any) -> None:
    placed = data(rest.new_order(**order(quantity=2.0)))
    amended = data(rest.order_amend_keep_priority(**LTC, order_id=placed["orderId"], new_qty=1.5))
    assert amended["amendedOrder"]["qty"] == "1.50000000"
    amendments = data(rest.order_amendments(**LTC, order_id=placed["orderId"]))
    assert [each["newQty"] for each in amendments] == ["1.50000000"]
    replaced = data(
        rest.order_cancel_replace(
            **order(price=91.0), cancel_replace_mode="STOP_ON_FAILURE", cancel_order_id=placed["orderId"]
        )
    )
    assert (replaced["cancelResult"], replaced["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    canceled = data(rest.delete_open_orders(**LTC))
    assert [each["orderId"] for each in canceled] == [replaced["newOrderResponse"]["orderId"]]


WORKING = {"working_type": "LIMIT", "working_side": "BUY", "working_price": 90.0, "working_quantity": 1.0}
WORKING |= {"working_time_in_force": "GTC"}
PENDING = {"pending_type": "LIMIT", "pending_side": "SELL", "pending_price": 120.0, "pending_time_in_force": "GTC"}
ABOVE = {"pending_side": "SELL", "pending_above_type": "LIMIT_MAKER", "pending_above_price": 120.0}
PAIR = ABOVE | {"pending_below_type": "STOP_LOSS", "pending_below_stop_price": 80.0}
LISTS: dict[str, dict[str, Any]] = {
    "order_list_oco": {"side": "SELL", "quantity": 1.0, "above_type": "LIMIT_MAKER", "above_price": 120.0}
    | {"below_type": "STOP_LOSS", "below_stop_price": 80.0},
    "order_list_oto": WORKING | PENDING | {"pending_quantity": 1.0},
    "order_list_otoco": WORKING | PAIR | {"pending_quantity": 1.0},
    "order_list_opo": WORKING | PENDING,
    "order_list_opoco": WORKING | PAIR,
    "order_oco": {"side": "SELL", "quantity": 1.0, "price": 120.0, "stop_price": 80.0},
}


@pytest.mark.parametrize("kind", LISTS)
def test_an_order_list_of_each_kind_is_placed_found_and_canceled(rest: Any, kind: str) -> None:
    placed = data(getattr(rest, kind)(**LTC, **LISTS[kind]))
    order_list = {"order_list_id": placed["orderListId"]}
    assert data(rest.get_order_list(**order_list))["listOrderStatus"] == "EXECUTING"
    assert placed["orderListId"] in [each["orderListId"] for each in data(rest.open_order_list())]
    assert data(rest.delete_order_list(**LTC, **order_list))["listOrderStatus"] == "ALL_DONE"
    assert placed["orderListId"] in [each["orderListId"] for each in data(rest.all_order_list())]


def test_a_routed_order_is_tried_and_filled(rest: Any) -> None:
    wanted = {**BTC, "side": "BUY", "type": "MARKET", "quantity": 0.001}
    assert data(rest.sor_order_test(**wanted)) == {}
    routed = data(rest.sor_order(**wanted))
    assert (routed["status"], routed["usedSor"]) == ("FILLED", True)


def test_a_refusal_has_binances_code(rest: Any) -> None:
    with pytest.raises(Exception, match="PRICE_FILTER"):
        rest.new_order(**order(price=90.001))


def test_each_method_is_exercised(exercised: Exercised) -> None:
    methods = {name for name in vars(SpotRestAPI) if not name.startswith("_")}
    assert methods - OF_NO_ENDPOINT == exercised.methods(CLIENT, SURFACE)
