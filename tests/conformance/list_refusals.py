"""Order list requests that are refused: rows like those of `refusals`, for the chapter Order lists."""

from typing import Any

from tests.conformance.refusals import (
    BAD_SYMBOL,
    BAD_TIME_IN_FORCE,
    DECIMAL,
    INTEGER,
    NO_NEW_ID,
    NO_SUCH_ORDER,
    ORDER_ID,
    TOO_LONG,
    UNKNOWN_ORDER,
    Answer,
    absent,
    fails,
    illegal,
    invalid,
    neither,
    not_placed,
    of,
    together,
    too_precise,
    unneeded,
    unread,
)

_WORKING = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "49000",
    "workingQuantity": "0.001",
    "workingTimeInForce": "GTC",
    "pendingSide": "SELL",
}
_ONE_PENDING = {"pendingType": "LIMIT", "pendingPrice": "55000", "pendingTimeInForce": "GTC"}
_TWO_PENDING = {
    "pendingAboveType": "LIMIT_MAKER",
    "pendingAbovePrice": "55000",
    "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "45000",
}
LIST_GOOD: dict[str, dict[str, Any]] = {
    "orderList.place": {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "price": "55000",
        "quantity": "0.001",
        "stopPrice": "45000",
        "stopLimitPrice": "44000",
        "stopLimitTimeInForce": "GTC",
    },
    "orderList.place.oco": {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.001",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "55000",
        "belowType": "STOP_LOSS_LIMIT",
        "belowPrice": "44000",
        "belowStopPrice": "45000",
        "belowTimeInForce": "GTC",
    },
    "orderList.place.oto": {**_WORKING, **_ONE_PENDING, "pendingQuantity": "0.001"},
    "orderList.place.otoco": {**_WORKING, **_TWO_PENDING, "pendingQuantity": "0.001"},
    "orderList.place.opo": {**_WORKING, **_ONE_PENDING},
    "orderList.place.opoco": {**_WORKING, **_TWO_PENDING},
    "orderList.cancel": {"symbol": "BTCUSDT", "orderListId": 0},
    "orderList.status": {"orderListId": 0},
    "openOrderLists.status": {},
    "allOrderLists": {},
}
BAD_PRICES = not_placed("The relationship of the prices for the orders is not correct.")
ILLEGAL_IN_OCO = (-1158, "Order type not supported in OCO.")
BAD_STRATEGY = (-1134, "`strategyType` was less than 1000000.")


def not_gtc(name: str) -> Answer:
    return -1160, f"Parameter '{name}' is not supported if `aboveTimeInForce`/`belowTimeInForce` is not GTC."


_EVERY_LIST: list[tuple[dict[str, Any], Answer]] = [
    ({"symbol": None}, absent("symbol")),
    ({"symbol": "NOSUCH"}, BAD_SYMBOL),
    ({"symbol": "HALTUSDT"}, not_placed("Market is closed.")),
    ({"listClientOrderId": "with space"}, illegal("listClientOrderId", ORDER_ID)),
    ({"newOrderRespType": "EVERYTHING"}, invalid("newOrderRespType")),
    ({"selfTradePreventionMode": "SOMETIMES"}, invalid("selfTradePreventionMode")),
    (
        {"selfTradePreventionMode": "TRANSFER"},
        (-1013, "This symbol does not allow the specified self-trade prevention mode."),
    ),
]
_WITH_WORKING: list[tuple[dict[str, Any], Answer]] = [
    *_EVERY_LIST,
    ({"workingType": None}, absent("workingType")),
    ({"workingType": "MARKET"}, invalid("workingType")),
    ({"workingType": "STOP_LOSS"}, invalid("workingType")),
    ({"workingSide": None}, absent("workingSide")),
    ({"workingPrice": None}, absent("workingPrice")),
    ({"workingPrice": "0"}, fails("PRICE_FILTER")),
    ({"workingPrice": "49000.001"}, fails("PRICE_FILTER")),
    ({"workingPrice": "49000.123456789"}, too_precise("workingPrice")),
    ({"workingQuantity": None}, absent("workingQuantity")),
    ({"workingQuantity": "-1"}, illegal("workingQuantity", DECIMAL)),
    ({"workingQuantity": "0.000001"}, fails("LOT_SIZE")),
    ({"workingQuantity": "0.00001"}, fails("NOTIONAL")),
    ({"workingQuantity": "40"}, not_placed("Account has insufficient balance for requested action.")),
    ({"workingTimeInForce": None}, absent("workingTimeInForce")),
    ({"workingTimeInForce": "GTX"}, BAD_TIME_IN_FORCE),
    ({"workingType": "LIMIT_MAKER"}, unneeded("workingTimeInForce")),
    (
        {"workingType": "LIMIT_MAKER", "workingTimeInForce": None, "workingPrice": "50100"},
        not_placed("Order would immediately match and take."),
    ),
    ({"workingIcebergQty": "0.0005", "workingTimeInForce": "IOC"}, not_gtc("workingIcebergQty")),
    ({"workingStrategyType": 999_999}, BAD_STRATEGY),
    ({"workingPegOffsetValue": 1}, together("workingPegOffsetType", "workingPegOffsetValue")),
    ({"workingClientOrderId": ""}, (-1105, "Parameter 'workingClientOrderId' was empty.")),
    ({"workingClientOrderId": "resting"}, not_placed("Duplicate order sent.")),
    ({"workingStopPrice": "1"}, None),
    ({"pendingSide": None}, absent("pendingSide")),
]


def _with_working(method: str) -> list[tuple[dict[str, Any], Answer]]:
    sent = len(LIST_GOOD[method]) + 2  # the timestamp, and the one that is too much
    return [(changes, unread(sent - 1, sent) if answer is None else answer) for changes, answer in _WITH_WORKING]


_ONE: list[tuple[dict[str, Any], Answer]] = [
    ({"pendingType": None}, absent("pendingType")),
    ({"pendingPrice": None}, absent("pendingPrice")),
    ({"pendingTimeInForce": None}, absent("pendingTimeInForce")),
    ({"pendingPrice": "55000.001"}, fails("PRICE_FILTER")),
    ({"pendingStopPrice": "45000"}, unneeded("pendingStopPrice")),
    ({"pendingTrailingDelta": 100}, unneeded("pendingTrailingDelta")),
    ({"pendingType": "MARKET"}, unneeded("pendingTimeInForce")),
    ({"pendingType": "MARKET", "pendingTimeInForce": None}, unneeded("pendingPrice")),
    (
        {"pendingType": "STOP_LOSS", "pendingTimeInForce": None, "pendingPrice": None},
        neither("pendingStopPrice", "pendingTrailingDelta"),
    ),
    ({"pendingType": "STOP_LOSS_LIMIT", "pendingTrailingDelta": 5}, fails("TRAILING_DELTA")),
    ({"pendingIcebergQty": "0.0005", "pendingTimeInForce": "FOK"}, not_gtc("pendingIcebergQty")),
    ({"pendingIcebergQty": "0.001"}, not_placed("IcebergQty exceeds QTY.")),
    ({"pendingStrategyType": 1}, BAD_STRATEGY),
    ({"pendingPegOffsetType": "PRICE_LEVEL"}, together("pendingPegOffsetType", "pendingPegOffsetValue")),
    ({"pendingClientOrderId": "x", "workingClientOrderId": "x"}, not_placed("Duplicate order sent.")),
]
_TWO: list[tuple[dict[str, Any], Answer]] = [
    ({"pendingAboveType": None}, absent("pendingAboveType")),
    ({"pendingBelowType": None}, absent("pendingBelowType")),
    ({"pendingAboveType": "LIMIT"}, ILLEGAL_IN_OCO),
    ({"pendingBelowType": "MARKET"}, ILLEGAL_IN_OCO),
    ({"pendingBelowType": "LIMIT_MAKER"}, (-1168, "At least one OCO order must be contingent.")),
    ({"pendingAboveType": "STOP_LOSS"}, (-1197, "A stop loss order in a sell OCO must be below.")),
    ({"pendingBelowType": "TAKE_PROFIT"}, (-1199, "A take profit order in a sell OCO must be above.")),
    ({"pendingAbovePrice": None}, absent("pendingAbovePrice")),
    ({"pendingAboveTimeInForce": "GTC"}, unneeded("pendingAboveTimeInForce")),
    ({"pendingBelowStopPrice": None}, neither("pendingBelowStopPrice", "pendingBelowTrailingDelta")),
    ({"pendingBelowPrice": "44000"}, unneeded("pendingBelowPrice")),
    ({"pendingBelowType": "STOP_LOSS_LIMIT"}, absent("pendingBelowTimeInForce")),
    (
        {"pendingBelowType": "STOP_LOSS_LIMIT", "pendingBelowTimeInForce": "IOC", "pendingBelowIcebergQty": "0.0005"},
        not_gtc("pendingBelowIcebergQty"),
    ),
    ({"pendingBelowStopPrice": "56000"}, BAD_PRICES),
    ({"pendingBelowStopPrice": "45000.001"}, fails("PRICE_FILTER")),
]
_OCO: list[tuple[dict[str, Any], Answer]] = [
    *_EVERY_LIST,
    ({"side": None}, absent("side")),
    ({"quantity": None}, absent("quantity")),
    ({"quantity": "0"}, fails("LOT_SIZE")),
    ({"aboveType": None}, absent("aboveType")),
    ({"belowType": None}, absent("belowType")),
    ({"aboveType": "LIMIT"}, ILLEGAL_IN_OCO),
    ({"belowType": "MARKET"}, ILLEGAL_IN_OCO),
    ({"belowType": "LIMIT_MAKER"}, (-1168, "At least one OCO order must be contingent.")),
    ({"aboveType": "STOP_LOSS"}, (-1197, "A stop loss order in a sell OCO must be below.")),
    ({"aboveType": "STOP_LOSS_LIMIT"}, (-1197, "A stop loss order in a sell OCO must be below.")),
    ({"aboveType": "STOP_LOSS", "belowType": "LIMIT_MAKER"}, (-1197, "A stop loss order in a sell OCO must be below.")),
    ({"aboveType": "TAKE_PROFIT", "belowType": "LIMIT_MAKER"}, (-1166, "A limit order in a sell OCO must be above.")),
    ({"belowType": "TAKE_PROFIT"}, (-1199, "A take profit order in a sell OCO must be above.")),
    ({"belowType": "TAKE_PROFIT_LIMIT"}, (-1199, "A take profit order in a sell OCO must be above.")),
    ({"side": "BUY"}, (-1165, "A limit order in a buy OCO must be below.")),
    ({"side": "BUY", "aboveType": "TAKE_PROFIT"}, (-1198, "A take profit order in a buy OCO must be below.")),
    ({"side": "BUY", "aboveType": "STOP_LOSS"}, (-1196, "A stop loss order in a buy OCO must be above.")),
    ({"abovePrice": None}, absent("abovePrice")),
    ({"aboveStopPrice": "1"}, unneeded("aboveStopPrice")),
    ({"belowStopPrice": None}, neither("belowStopPrice", "belowTrailingDelta")),
    ({"belowTimeInForce": None}, absent("belowTimeInForce")),
    ({"belowPrice": None}, absent("belowPrice")),
    ({"belowTrailingDelta": "x"}, illegal("belowTrailingDelta", INTEGER)),
    ({"belowTimeInForce": "IOC", "belowIcebergQty": "0.0005"}, not_gtc("belowIcebergQty")),
    ({"aboveIcebergQty": "0.001"}, not_placed("IcebergQty exceeds QTY.")),
    ({"belowStrategyType": 1}, BAD_STRATEGY),
    ({"belowType": "STOP_LOSS", "belowTimeInForce": None}, unneeded("belowPrice")),
    ({"abovePrice": "50000"}, BAD_PRICES),
    ({"belowStopPrice": "50000"}, BAD_PRICES),
    ({"belowStopPrice": "50001"}, BAD_PRICES),
    ({"abovePrice": "55000.001"}, fails("PRICE_FILTER")),
    ({"belowPrice": "0.01"}, fails("PERCENT_PRICE_BY_SIDE")),
    ({"quantity": "0.00001"}, fails("NOTIONAL")),
    ({"quantity": "200"}, not_placed("Account has insufficient balance for requested action.")),
    ({"aboveClientOrderId": "resting"}, not_placed("Duplicate order sent.")),
    ({"aboveClientOrderId": "x", "belowClientOrderId": "x"}, not_placed("Duplicate order sent.")),
    ({"symbol": "NOLISTUSDT"}, not_placed("OCO orders are not supported for this symbol")),
    (
        {"symbol": "PLAINUSDT"},
        (-1013, "Stop loss limit orders are not supported for this symbol."),
    ),
]
_OLD: list[tuple[dict[str, Any], Answer]] = [
    *_EVERY_LIST,
    ({"side": None}, absent("side")),
    ({"price": None}, absent("price")),
    ({"quantity": None}, absent("quantity")),
    ({"stopPrice": None}, neither("stopPrice", "trailingDelta")),
    (
        {"stopLimitTimeInForce": None},
        (
            -1128,
            "Combination of optional parameters invalid. Recommendation: 'stopLimitTimeInForce' should also be sent.",
        ),
    ),
    ({"stopLimitPrice": None}, unneeded("stopLimitTimeInForce")),
    ({"stopLimitTimeInForce": "IOC", "stopIcebergQty": "0.0005"}, not_gtc("stopIcebergQty")),
    ({"limitIcebergQty": "0.001"}, not_placed("IcebergQty exceeds QTY.")),
    ({"stopLimitPrice": "44000.123456789"}, too_precise("stopLimitPrice")),
    ({"stopStrategyType": 1}, BAD_STRATEGY),
    ({"price": "50000"}, BAD_PRICES),
    ({"stopPrice": "55000"}, BAD_PRICES),
    ({"side": "BUY"}, BAD_PRICES),
    ({"limitClientOrderId": "resting"}, not_placed("Duplicate order sent.")),
    ({"quantity": "200"}, not_placed("Account has insufficient balance for requested action.")),
    ({"symbol": "NOLISTUSDT"}, not_placed("OCO orders are not supported for this symbol")),
]
NO_OTO = ({"symbol": "NOLISTUSDT"}, not_placed("OTO orders are not supported for this symbol."))

LIST_REFUSALS = [
    *of("orderList.place", *_OLD),
    *of("orderList.place.oco", *_OCO),
    *of(
        "orderList.place.oto",
        *_with_working("orderList.place.oto"),
        *_ONE,
        NO_OTO,
        ({"pendingQuantity": None}, absent("pendingQuantity")),
        ({"pendingQuantity": "0.000001"}, fails("LOT_SIZE")),
    ),
    *of(
        "orderList.place.otoco",
        *_with_working("orderList.place.otoco"),
        *_TWO,
        NO_OTO,
        ({"pendingQuantity": None}, absent("pendingQuantity")),
        ({"pendingQuantity": "0.00001"}, fails("NOTIONAL")),
    ),
    *of(
        "orderList.place.opo",
        *_with_working("orderList.place.opo"),
        *_ONE,
        NO_OTO,
        ({"pendingQuantity": "1"}, unread(11, 12)),
        ({"workingSide": "SELL"}, (-1222, "Working order in an OPO list must be a bid.")),
        ({"pendingSide": "BUY"}, (-1223, "Pending orders in an OPO list must be asks.")),
    ),
    *of(
        "orderList.place.opoco",
        *_with_working("orderList.place.opoco"),
        *_TWO,
        NO_OTO,
        ({"workingSide": "SELL"}, (-1222, "Working order in an OPO list must be a bid.")),
        ({"pendingSide": "BUY"}, (-1223, "Pending orders in an OPO list must be asks.")),
    ),
    *of(
        "orderList.cancel",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"orderListId": None}, neither("orderListId", "listClientOrderId")),
        ({"orderListId": "x"}, illegal("orderListId", INTEGER)),
        ({"newClientOrderId": ""}, NO_NEW_ID),
        ({}, UNKNOWN_ORDER),
        ({"orderListId": None, "listClientOrderId": "nosuch"}, UNKNOWN_ORDER),
    ),
    *of(
        "orderList.status",
        ({"orderListId": None}, neither("origClientOrderId", "orderListId")),
        ({"orderListId": "x"}, illegal("orderListId", INTEGER)),
        ({}, NO_SUCH_ORDER),
        ({"origClientOrderId": "nosuch"}, NO_SUCH_ORDER),
    ),
    *of("openOrderLists.status", ({"symbol": "BTCUSDT"}, unread(1, 2))),
    *of(
        "allOrderLists",
        ({"symbol": "BTCUSDT"}, unread(1, 2)),
        ({"fromId": "x"}, illegal("fromId", INTEGER)),
        ({"limit": 0}, invalid("limit")),
        ({"startTime": 1, "endTime": 86_400_002}, TOO_LONG),
    ),
]
