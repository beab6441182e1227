"""Every method's parameters, security, weight and unfilled order count, against the specification."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest

from pitwire.protocol.codec import wire_params
from pitwire.protocol.registry import METHODS, by_name
from pitwire.protocol.requests.base import Request, SignedRequest
from tests.conformance import spec

# Where the specification's tables are not to be taken at their word, and why -----------------------------------------

OTHER_TYPE: Mapping[tuple[str, str], tuple[type, str]] = {
    ("executionRules", "symbols"): (tuple, "said to be STRING, described as 'multiple symbols': ARRAY as elsewhere"),
    ("ticker", "windowSize"): (str, "said to be ENUM, described as the patterns 1m..59m, 1h..23h, 1d..7d"),
    ("orderList.place.oco", "aboveIcebergQty"): (Decimal, "said to be LONG, and is a quantity: DECIMAL elsewhere"),
    ("orderList.place.oco", "belowIcebergQty"): (Decimal, "said to be LONG, and is a quantity: DECIMAL elsewhere"),
    ("order.cancelReplace", "trailingDelta"): (int, "said to be DECIMAL, and counts basis points: INT in order.place"),
    **{
        (method, name): (int, "said to be DECIMAL, and counts basis points: INT in order.place")
        for method, names in {
            "orderList.place.oto": ["pendingTrailingDelta"],
            "orderList.place.opo": ["pendingTrailingDelta"],
            "orderList.place.otoco": ["pendingAboveTrailingDelta", "pendingBelowTrailingDelta"],
            "orderList.place.opoco": ["pendingAboveTrailingDelta", "pendingBelowTrailingDelta"],
        }.items()
        for name in names
    },
}

ONE_OF = {  # a cell "YES" or "YES *" that spans rows: one of them must be sent, so that none is mandatory by itself
    "ticker.tradingDay": {"symbol", "symbols"},
    "ticker": {"symbol", "symbols"},
    "order.cancel": {"orderId", "origClientOrderId"},
    "order.cancelReplace": {"cancelOrderId", "cancelOrigClientOrderId"},
    "orderList.place": {"stopPrice", "trailingDelta"},
    "orderList.cancel": {"orderListId", "listClientOrderId"},
    "order.status": {"orderId", "origClientOrderId"},
}

EXTENDED = {  # "In addition to all parameters accepted by ..."
    "order.test": "order.place",
    "sor.order.test": "sor.order.place",
}

SIGNING = {"apiKey", "signature", "timestamp", "recvWindow"}
SIGNING_ROWS_LEFT_OUT = {  # Request security makes them parameters of every signed method all the same
    "order.amend.keepPriority": {"apiKey", "signature"},
    "orderList.place.oto": {"apiKey"},
    "orderList.place.otoco": {"apiKey"},
    "orderList.place.opo": {"apiKey", "signature"},
    "orderList.place.opoco": {"apiKey", "signature"},
    "myPreventedMatches": {"apiKey", "signature"},
    "myAllocations": {"apiKey", "signature"},
    "account.commission": SIGNING,
    "order.amendments": {"apiKey", "signature"},
    "myFilters": {"apiKey", "signature"},
}
SECURED_BY_THE_SESSION_ALONE = {"userDataStream.subscribe"}  # "requires an authenticated WebSocket connection"

TYPES: Mapping[str, type] = {
    "STRING": str,
    "INT": int,
    "LONG": int,
    "DECIMAL": Decimal,
    "BOOLEAN": bool,
    "ENUM": StrEnum,
    "ARRAY of STRING": tuple,
}


def rows(method: str) -> list[dict[str, Any]]:
    """The method's table, with the table that it extends."""
    inherited = spec.METHODS[EXTENDED[method]]["params"] if method in EXTENDED else []
    return [*inherited, *spec.METHODS[method]["params"]]


def plain_types(annotation: Any) -> set[type]:
    """The types that a field takes besides `None`."""
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return {get_origin(option) or option for option in options} - {NoneType}


# ---------------------------------------------------------------------------------------------------------------------


def test_the_registry_has_the_documented_methods_in_the_documented_order() -> None:
    assert [request.METHOD.name for request in METHODS] == list(spec.METHODS)
    assert len(METHODS) == 55


@pytest.mark.parametrize("method", spec.METHODS)
def test_a_request_has_the_documented_parameters_and_no_others(method: str) -> None:
    documented = {row["name"] for row in rows(method)}
    fields = {field.encode_name for field in msgspec.structs.fields(by_name[method])}
    signing = SIGNING if issubclass(by_name[method], SignedRequest) else set()
    assert fields == documented | signing | {"returnRateLimits"}


@pytest.mark.parametrize("method", spec.METHODS)
def test_signing_parameters_are_documented_or_known_to_be_left_out(method: str) -> None:
    documented = {row["name"] for row in rows(method)}
    expected = (
        SIGNING - SIGNING_ROWS_LEFT_OUT.get(method, set()) if issubclass(by_name[method], SignedRequest) else set()
    )
    assert documented & SIGNING == expected


@pytest.mark.parametrize("method", spec.METHODS)
def test_parameters_are_mandatory_where_documented(method: str) -> None:
    documented = {row["name"] for row in rows(method) if row["mandatory"] in ("YES", "Yes")}
    conditional = {row["name"] for row in rows(method) if row["mandatory"] == "YES *"}
    required = {field.encode_name for field in msgspec.structs.fields(by_name[method]) if field.required}
    # A logged-on session sends neither key nor signature, so that the struct cannot demand them.
    assert required == documented - ONE_OF.get(method, set()) - SIGNING
    assert conditional <= ONE_OF.get(method, set())


@pytest.mark.parametrize("method", spec.METHODS)
def test_parameters_have_the_documented_types(method: str) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(by_name[method])}
    for row in rows(method):
        name = row["name"]
        expected, _ = OTHER_TYPE.get((method, name), (TYPES[row["type"]], ""))
        types = plain_types(fields[name].type)
        if (method, name) == ("exchangeInfo", "permissions"):
            assert types == {tuple, str}  # "accepts either a list of permissions, or a single permission name"
        elif expected is StrEnum:
            assert all(issubclass(each, StrEnum) for each in types), name
        else:
            assert types == {expected}, name


def test_every_exception_to_the_specification_is_still_one() -> None:
    for method, name in OTHER_TYPE:
        row = next(row for row in rows(method) if row["name"] == name)
        assert TYPES[row["type"]] is not OTHER_TYPE[method, name][0], f"{method}.{name} is as documented"


@pytest.mark.parametrize("method", spec.METHODS)
def test_security_is_as_documented(method: str) -> None:
    request = by_name[method]
    assert request.METHOD.security == spec.METHODS[method]["security"]
    signed = spec.METHODS[method]["security"] != "NONE" and method not in SECURED_BY_THE_SESSION_ALONE
    assert issubclass(request, SignedRequest) == signed


@pytest.mark.parametrize("method", spec.METHODS)
def test_the_unfilled_order_count_is_as_documented(method: str) -> None:
    assert by_name[method].METHOD.unfilled_orders == int(spec.METHODS[method]["unfilled_order_count"] or 0)


@pytest.mark.parametrize(
    ("method", "example"),
    [(method, example) for method, row in spec.METHODS.items() for example in row["requests"]],
)
def test_an_example_request_decodes_and_encodes_to_the_same_parameters(method: str, example: dict[str, Any]) -> None:
    assert example["method"] == method
    sent = example.get("params", {})
    # strict=False: some examples send numbers as text, as the exchange allows.
    request: Request[Any] = msgspec.json.decode(msgspec.json.encode(sent), type=by_name[method], strict=False)
    assert {name: spec.text(value) for name, value in wire_params(request).items()} == {
        name: spec.text(value) for name, value in sent.items()
    }


# --- weights ---------------------------------------------------------------------------------------------------------

Rows = list[tuple[str, int, list[dict[str, Any]]]]


def symbols(count: int) -> dict[str, Any]:
    return {"symbols": [f"S{index}" for index in range(count)]}


ONE = {"symbol": "BTCUSDT"}
PRICE_TICKERS: Rows = [
    ("`symbol` | 2 |", 2, [ONE]),
    ("`symbols` | 4 |", 4, [symbols(1), symbols(2), symbols(500)]),
    ("none | 4 |", 4, [{}]),
]
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
ORDER_TESTS: Rows = [
    ("Without `computeCommissionRates`| 1", 1, [ORDER, {**ORDER, "computeCommissionRates": False}]),
    ("With `computeCommissionRates`|20", 20, [{**ORDER, "computeCommissionRates": True}]),
]
WEIGHTS: Mapping[str, Rows] = {  # a line of the documented table, its weight, parameters that it applies to
    "executionRules": [
        ("`symbol` | 2", 2, [ONE]),
        ("`symbols` | 2 for each `symbol`, capped at a max of 40", 2, [symbols(1)]),
        ("`symbols` | 2 for each `symbol`, capped at a max of 40", 6, [symbols(3)]),
        ("`symbols` | 2 for each `symbol`, capped at a max of 40", 40, [symbols(20), symbols(21), symbols(500)]),
        ("`symbolStatus` |40|", 40, [{"symbolStatus": "TRADING"}]),
        ("None |40|", 40, [{}]),
    ],
    "depth": [
        ("1–100 | 5 |", 5, [ONE, {**ONE, "limit": 1}, {**ONE, "limit": 100}]),
        ("101–500 | 25|", 25, [{**ONE, "limit": 101}, {**ONE, "limit": 500}]),
        ("501–1000 | 50 |", 50, [{**ONE, "limit": 501}, {**ONE, "limit": 1000}]),
        ("1001–5000 | 250 |", 250, [{**ONE, "limit": 1001}, {**ONE, "limit": 5000}, {**ONE, "limit": 9999}]),
    ],
    "ticker.24hr": [
        ("1–20 | 2 |", 2, [ONE, symbols(1), symbols(20)]),
        ("21–100 | 40 |", 40, [symbols(21), symbols(100)]),
        ("101 or more | 80 |", 80, [symbols(101), symbols(1000)]),
        ("all symbols | 80 |", 80, [{}]),
    ],
    "ticker.tradingDay": [
        ("4 for each requested", 4, [ONE, symbols(1)]),
        ("4 for each requested", 12, [symbols(3)]),
        ("cap at 200 once the number of `symbols` in the request is more than 50", 200, [symbols(50), symbols(100)]),
    ],
    "ticker": [
        ("1–50 | 4 per symbol |", 4, [ONE, symbols(1)]),
        ("1–50 | 4 per symbol |", 200, [symbols(50)]),
        ("51–100 | 200 |", 200, [symbols(51), symbols(100)]),
    ],
    "ticker.price": PRICE_TICKERS,
    "ticker.book": PRICE_TICKERS,
    "order.test": ORDER_TESTS,
    "sor.order.test": ORDER_TESTS,
    "openOrders.status": [("`symbol` | 6 |", 6, [ONE]), ("none | 80 |", 80, [{}])],
    "myTrades": [
        ("Without orderId|20|", 20, [ONE, {**ONE, "fromId": 7}]),
        ("With orderId|5|", 5, [{**ONE, "orderId": 7}]),
    ],
    "myPreventedMatches": [
        ("`preventedMatchId` | 2", 2, [{**ONE, "preventedMatchId": 7}]),
        ("`orderId` | 20", 20, [{**ONE, "orderId": 7}, {**ONE, "orderId": 7, "fromPreventedMatchId": 1}]),
        ("If `symbol` is invalid | 2", 2, [{"symbol": "NONE"}]),
    ],
}


@pytest.mark.parametrize("method", spec.METHODS)
def test_the_weight_is_as_documented(method: str) -> None:
    documented = spec.METHODS[method]["weight"]
    if documented.isdigit():
        assert by_name[method].METHOD.weight == int(documented)
        return
    for line, weight, cases in WEIGHTS[method]:
        # The tables differ in their spacing only.
        assert line.replace(" ", "") in documented.replace(" ", ""), f"the documentation no longer says {line}"
        for params in cases:
            request = msgspec.convert(params, by_name[method], strict=False)
            assert request.weight() == weight, (line, params)


def test_all_lines_of_the_weight_tables_are_covered() -> None:
    tables = {method for method, row in spec.METHODS.items() if not row["weight"].isdigit()}
    assert tables == set(WEIGHTS)
