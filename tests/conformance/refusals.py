"""Requests that are refused, each with the code and the message that Binance has for it (errors.md, filters.md).

A row is what it changes in its method's good request (`GOOD`), and what is answered. `None` leaves a parameter out. The
messages are written out here, once for each kind: no table of the package is asked for them.
"""

from typing import Any, NamedTuple

LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "price": "49000",
    "quantity": "0.001",
}
MARKET = {"type": "MARKET", "timeInForce": None, "price": None}
MAKER = {"type": "LIMIT_MAKER", "timeInForce": None}
STOP = {"type": "STOP_LOSS", "timeInForce": None, "price": None, "stopPrice": "51000"}
STOP_LIMIT = {"type": "STOP_LOSS_LIMIT", "stopPrice": "51000", "price": "51000"}
PROFIT = {"type": "TAKE_PROFIT", "timeInForce": None, "price": None, "stopPrice": "48000"}
PROFIT_LIMIT = {"type": "TAKE_PROFIT_LIMIT", "stopPrice": "48000", "price": "48000"}
ICEBERG = {"icebergQty": "0.0005"}
PEG = {"pegPriceType": "PRIMARY_PEG", "price": None}

GOOD: dict[str, dict[str, Any]] = {
    "order.place": LIMIT,
    "order.test": LIMIT,
    "order.cancel": {"symbol": "BTCUSDT", "origClientOrderId": "resting"},
    "order.cancelReplace": {**LIMIT, "cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrigClientOrderId": "resting"},
    "order.amend.keepPriority": {"symbol": "BTCUSDT", "origClientOrderId": "resting", "newQty": "0.25"},
    "order.amendments": {"symbol": "BTCUSDT", "orderId": 1},
    "openOrders.cancelAll": {"symbol": "BTCUSDT"},
    "order.status": {"symbol": "BTCUSDT", "origClientOrderId": "resting"},
    "openOrders.status": {"symbol": "BTCUSDT"},
    "allOrders": {"symbol": "BTCUSDT"},
    "myTrades": {"symbol": "BTCUSDT"},
    "myPreventedMatches": {"symbol": "BTCUSDT", "orderId": 1},
    "myFilters": {"symbol": "BTCUSDT"},
    "account.status": {},
    "account.commission": {"symbol": "BTCUSDT"},
    "account.rateLimits.orders": {},
    "depth": {"symbol": "BTCUSDT"},
    "trades.recent": {"symbol": "BTCUSDT"},
    "ticker.price": {"symbol": "BTCUSDT"},
    "ticker.book": {"symbol": "BTCUSDT"},
    "exchangeInfo": {},
    "executionRules": {},
    "referencePrice": {"symbol": "BTCUSDT"},
    "referencePrice.calculation": {"symbol": "BTCUSDT"},
    "userDataStream.unsubscribe": {},
}
UNSIGNED = frozenset(
    {
        "depth",
        "exchangeInfo",
        "executionRules",
        "referencePrice",
        "referencePrice.calculation",
        "ticker.book",
        "ticker.price",
        "trades.recent",
        "userDataStream.unsubscribe",
    }
)

Answer = tuple[int, str]
INTEGER = "^[0-9]{1,20}$"
DECIMAL = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
SYMBOL = r"^[\w\-._&&[^a-z]]{1,50}$"
ORDER_ID = "^[a-zA-Z0-9-_]{1,36}$"


def absent(name: str) -> Answer:
    return -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."


def neither(one: str, other: str) -> Answer:
    return -1102, f"Param '{one}' or '{other}' must be sent, but both were empty/null!"


def too_large(name: str, most: int) -> Answer:
    return -1102, f"'{name}' contains unexpected value. Cannot be greater than {most}."


def illegal(name: str, legal: str) -> Answer:
    return -1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."


def unread(read: int, sent: int) -> Answer:
    return -1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."


def empty(name: str) -> Answer:
    return -1105, f"Parameter '{name}' was empty."


def unneeded(name: str) -> Answer:
    return -1106, f"Parameter '{name}' sent when not required."


def overflowed(name: str) -> Answer:
    return -1108, f"Parameter '{name}' overflowed."


def too_precise(name: str) -> Answer:
    return -1111, f"Parameter '{name}' has too much precision."


def together(one: str, other: str) -> Answer:
    return -1128, f"Combination of optional fields invalid. Recommendation: '{one}' and '{other}' must both be sent."


def invalid(name: str) -> Answer:
    return -1130, f"Data sent for parameter '{name}' is not valid."


def no_json(name: str) -> Answer:
    return -1135, f"JSON sent for parameter '{name}' is not valid"


def fails(name: str) -> Answer:
    return -1013, f"Filter failure: {name}"


def not_placed(message: str) -> Answer:
    return -2010, message


BAD_SYMBOL = (-1121, "Invalid symbol.")
BAD_COMBINATION = (-1128, "Combination of optional parameters invalid.")
BAD_SIDE = (-1117, "Invalid side.")
BAD_TYPE = (-1116, "Invalid orderType.")
BAD_TIME_IN_FORCE = (-1115, "Invalid timeInForce.")
BAD_STATUS = (-1122, "Invalid symbolStatus.")
BAD_RESTRICTION = (-1145, "`cancelRestrictions` has to be either `ONLY_NEW` or `ONLY_PARTIALLY_FILLED`.")
NO_NEW_ID = (-1118, "New client order ID was empty.")
NO_ORIGINAL_ID = (-1119, "Original client order ID was empty.")
TOO_LONG = (-1127, "More than 24 hours between startTime and endTime.")
UNKNOWN_ORDER = (-2011, "Unknown order sent.")
NO_SUCH_ORDER = (-2013, "Order does not exist.")
WRONG_STATUS = (-1220, "The symbol's status does not match the requested symbolStatus.")


class Refusal(NamedTuple):
    method: str
    changes: dict[str, Any]
    code: int
    message: str
    status: int = 400


def of(method: str, *rows: tuple[dict[str, Any], Answer]) -> list[Refusal]:
    return [Refusal(method, changes, *answer) for changes, answer in rows]


# What is wrong with a new order before a matching engine sees it: the same for every method that takes one.
_NEW_ORDER: list[tuple[dict[str, Any], Answer]] = [
    ({"symbol": None}, absent("symbol")),
    ({"symbol": ""}, absent("symbol")),
    ({"symbol": "btcusdt"}, illegal("symbol", SYMBOL)),
    ({"symbol": "BTC/USDT"}, illegal("symbol", SYMBOL)),
    ({"symbol": "B" * 51}, illegal("symbol", SYMBOL)),
    ({"symbol": 1}, absent("symbol")),
    ({"symbol": ["BTCUSDT"]}, absent("symbol")),
    ({"symbol": "NOSUCH"}, BAD_SYMBOL),
    ({"side": None}, absent("side")),
    ({"side": ""}, absent("side")),
    ({"side": "buy"}, BAD_SIDE),
    ({"side": "HOLD"}, BAD_SIDE),
    ({"side": True}, absent("side")),
    ({"type": None}, absent("type")),
    ({"type": "limit"}, BAD_TYPE),
    ({"type": "ICEBERG"}, BAD_TYPE),
    ({"timeInForce": None}, absent("timeInForce")),
    ({"timeInForce": ""}, empty("timeInForce")),
    ({"timeInForce": "GTX"}, BAD_TIME_IN_FORCE),
    ({"price": None}, absent("price")),
    ({"price": ""}, empty("price")),
    ({"price": "-1"}, illegal("price", DECIMAL)),
    ({"price": "+1"}, illegal("price", DECIMAL)),
    ({"price": "1e4"}, illegal("price", DECIMAL)),
    ({"price": "NaN"}, illegal("price", DECIMAL)),
    ({"price": "0x10"}, illegal("price", DECIMAL)),
    ({"price": "49,000"}, illegal("price", DECIMAL)),
    ({"price": " 49000"}, illegal("price", DECIMAL)),
    ({"price": "1" * 21}, illegal("price", DECIMAL)),
    ({"price": "49000."}, illegal("price", DECIMAL)),
    ({"price": "49000.123456789"}, too_precise("price")),
    ({"price": {"value": 1}}, invalid("price")),
    ({"price": False}, invalid("price")),
    ({"quantity": None}, absent("quantity")),
    ({"quantity": ""}, empty("quantity")),
    ({"quantity": "-0.1"}, illegal("quantity", DECIMAL)),
    ({"quantity": "0.000000001"}, too_precise("quantity")),
    ({"newClientOrderId": ""}, NO_NEW_ID),
    ({"newClientOrderId": "a" * 37}, illegal("newClientOrderId", ORDER_ID)),
    ({"newClientOrderId": "with space"}, illegal("newClientOrderId", ORDER_ID)),
    ({"newClientOrderId": "größe"}, illegal("newClientOrderId", ORDER_ID)),
    ({"newOrderRespType": "EVERYTHING"}, invalid("newOrderRespType")),
    ({"selfTradePreventionMode": "MAYBE"}, invalid("selfTradePreventionMode")),
    ({"strategyId": "one"}, illegal("strategyId", INTEGER)),
    ({"strategyId": 2**63}, overflowed("strategyId")),
    ({"strategyType": 999_999}, (-1134, "`strategyType` was less than 1000000.")),
    ({"stopPrice": "48000"}, unneeded("stopPrice")),
    ({"trailingDelta": 100}, unneeded("trailingDelta")),
    ({"quoteOrderQty": "100"}, unneeded("quoteOrderQty")),
    ({"pegPriceType": "BEST"}, (-1210, "Invalid pegPriceType.")),
    ({"pegPriceType": "PRIMARY_PEG", "pegOffsetType": "TICKS", "pegOffsetValue": 1}, (-1211, "Invalid pegOffsetType.")),
    ({**PEG, "pegOffsetValue": 1}, together("pegOffsetType", "pegOffsetValue")),
    ({**PEG, "pegOffsetType": "PRICE_LEVEL"}, together("pegOffsetType", "pegOffsetValue")),
    ({"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 1}, together("pegPriceType", "pegOffsetType")),
    ({**PEG, "pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 101}, invalid("pegOffsetValue")),
    ({**MARKET, "timeInForce": "GTC"}, unneeded("timeInForce")),
    ({**MARKET, "price": "50000"}, unneeded("price")),
    ({**MARKET, "quantity": None}, neither("quantity", "quoteOrderQty")),
    ({**MARKET, "quoteOrderQty": "100"}, unneeded("quoteOrderQty")),
    ({**MARKET, "stopPrice": "48000"}, unneeded("stopPrice")),
    ({**MARKET, "trailingDelta": 100}, unneeded("trailingDelta")),
    ({**MAKER, "timeInForce": "GTC"}, unneeded("timeInForce")),
    ({**MAKER, "price": None}, absent("price")),
    ({**MAKER, "quantity": None}, absent("quantity")),
    ({**MAKER, "stopPrice": "48000"}, unneeded("stopPrice")),
    ({**STOP, "stopPrice": None}, neither("stopPrice", "trailingDelta")),
    ({**STOP, "price": "50000"}, unneeded("price")),
    ({**STOP, "timeInForce": "GTC"}, unneeded("timeInForce")),
    ({**STOP, "quantity": None}, absent("quantity")),
    ({**STOP, "quoteOrderQty": "100"}, unneeded("quoteOrderQty")),
    ({**STOP_LIMIT, "stopPrice": None}, neither("stopPrice", "trailingDelta")),
    ({**STOP_LIMIT, "price": None}, absent("price")),
    ({**STOP_LIMIT, "timeInForce": None}, absent("timeInForce")),
    ({**PROFIT, "stopPrice": None}, neither("stopPrice", "trailingDelta")),
    ({**PROFIT, "price": "50000"}, unneeded("price")),
    ({**PROFIT_LIMIT, "stopPrice": None}, neither("stopPrice", "trailingDelta")),
    ({**PROFIT_LIMIT, "price": None}, absent("price")),
    ({**STOP, "stopPrice": "x"}, illegal("stopPrice", DECIMAL)),
    ({**STOP, "trailingDelta": "1.5"}, illegal("trailingDelta", INTEGER)),
    ({**STOP, "stopPrice": "51000.123456789"}, too_precise("stopPrice")),
    ({"icebergQty": "x"}, illegal("icebergQty", DECIMAL)),
    ({"recvWindow": 60_001}, too_large("recvWindow", 60_000)),
    ({"recvWindow": "1.0001"}, too_precise("recvWindow")),
    ({"recvWindow": "soon"}, illegal("recvWindow", DECIMAL)),
    ({"timestamp": None}, absent("timestamp")),
    ({"timestamp": "now"}, illegal("timestamp", INTEGER)),
    ({"timestamp": 1}, (-1021, "Timestamp for this request is outside of the recvWindow.")),
    ({"timestamp": 10**13}, (-1021, "Timestamp for this request was 1000ms ahead of the server's time.")),
    ({"leverage": 3}, unread(7, 8)),
]

# What the filters and the symbol's rules refuse, and `order.test` as well.
_JUDGED: list[tuple[dict[str, Any], Answer]] = [
    ({"price": "0"}, fails("PRICE_FILTER")),
    ({"price": "0.001"}, fails("PRICE_FILTER")),
    ({"price": "49000.005"}, fails("PRICE_FILTER")),
    ({"price": "1000000.01"}, fails("PRICE_FILTER")),
    ({"price": "99999999999999999999"}, fails("PRICE_FILTER")),
    ({"price": "500000"}, fails("PERCENT_PRICE_BY_SIDE")),
    ({"price": "9000"}, fails("PERCENT_PRICE_BY_SIDE")),
    ({"quantity": "0"}, fails("LOT_SIZE")),
    ({"quantity": "0.000001"}, fails("LOT_SIZE")),
    ({"quantity": "0.0010001"}, fails("LOT_SIZE")),
    ({"quantity": "9001"}, fails("LOT_SIZE")),
    ({"quantity": "0.0001"}, fails("NOTIONAL")),
    ({"quantity": "200"}, fails("NOTIONAL")),
    ({**ICEBERG, "icebergQty": "0"}, fails("LOT_SIZE")),
    ({**ICEBERG, "quantity": "1", "icebergQty": "0.01"}, fails("ICEBERG_PARTS")),
    ({**ICEBERG, "icebergQty": "0.000001"}, fails("LOT_SIZE")),
    ({**MARKET, "quantity": "60"}, fails("MARKET_LOT_SIZE")),
    ({**MARKET, "quantity": "0.00001"}, fails("NOTIONAL")),
    ({**MARKET, "quantity": None, "quoteOrderQty": "0"}, fails("NOTIONAL")),
    ({**STOP, "stopPrice": "0"}, fails("PRICE_FILTER")),
    ({**STOP, "stopPrice": "51000.005"}, fails("PRICE_FILTER")),
    ({**STOP, "trailingDelta": 0}, fails("TRAILING_DELTA")),
    ({**STOP, "trailingDelta": 9}, fails("TRAILING_DELTA")),
    ({**STOP, "trailingDelta": 2001}, fails("TRAILING_DELTA")),
    ({**STOP, "trailingDelta": 10_000}, fails("TRAILING_DELTA")),
    ({**PROFIT, "trailingDelta": 9}, fails("TRAILING_DELTA")),
    ({**STOP_LIMIT, "price": "51000.005"}, fails("PRICE_FILTER")),
    ({**STOP_LIMIT, "quantity": "0.00009"}, fails("NOTIONAL")),
    (
        {"selfTradePreventionMode": "NONE"},
        (-1013, "This symbol does not allow the specified self-trade prevention mode."),
    ),
    ({"symbol": "PLAINUSDT", **MARKET}, (-1013, "Market orders are not supported for this symbol.")),
    ({"symbol": "PLAINUSDT", **MAKER}, BAD_TYPE),
    ({"symbol": "PLAINUSDT", **STOP}, (-1013, "Stop loss orders are not supported for this symbol.")),
    ({"symbol": "PLAINUSDT", **STOP_LIMIT}, (-1013, "Stop loss limit orders are not supported for this symbol.")),
    ({"symbol": "PLAINUSDT", **PROFIT}, (-1013, "Take profit orders are not supported for this symbol.")),
    ({"symbol": "PLAINUSDT", **PROFIT_LIMIT}, (-1013, "Take profit limit orders are not supported for this symbol.")),
    ({"symbol": "PLAINUSDT", **ICEBERG}, (-1013, "Iceberg orders are not supported for this symbol.")),
    ({"symbol": "PLAINUSDT", **PEG}, (-1013, "Pegged orders are not supported for this symbol.")),
    ({"symbol": "PLAINUSDT", "trailingDelta": 100}, (-1013, "Trailing stop orders are not supported for this symbol.")),
]

# What only a matching engine can know.
_IN_THE_ENGINE: list[tuple[dict[str, Any], Answer]] = [
    ({"newClientOrderId": "resting"}, not_placed("Duplicate order sent.")),
    ({"quantity": "150"}, not_placed("Account has insufficient balance for requested action.")),
    (
        {"side": "SELL", "price": "51000", "quantity": "150"},
        not_placed("Account has insufficient balance for requested action."),
    ),
    ({**MAKER, "price": "50100"}, not_placed("Order would immediately match and take.")),
    ({**MAKER, "side": "SELL", "price": "49900"}, not_placed("Order would immediately match and take.")),
    ({**STOP, "stopPrice": "50000"}, not_placed("Order would trigger immediately.")),
    ({**STOP, "side": "SELL", "stopPrice": "50000.01"}, not_placed("Order would trigger immediately.")),
    ({**STOP_LIMIT, "stopPrice": "49999"}, not_placed("Order would trigger immediately.")),
    ({**PROFIT, "stopPrice": "50000"}, not_placed("Order would trigger immediately.")),
    ({**PROFIT, "side": "SELL", "stopPrice": "49999"}, not_placed("Order would trigger immediately.")),
    ({**PROFIT_LIMIT, "stopPrice": "50001", "price": "50001"}, not_placed("Order would trigger immediately.")),
    ({**ICEBERG, "icebergQty": "0.002"}, not_placed("IcebergQty exceeds QTY.")),
    ({**PEG, **MARKET}, not_placed("This order type may not use pegged price.")),
    ({**PEG, **STOP}, not_placed("This order type may not use pegged price.")),
    (
        {**MAKER, "pegPriceType": "MARKET_PEG", "price": None},
        not_placed("This price peg cannot be used with this order type."),
    ),
    (
        {**PEG, "pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": 9},
        not_placed("Order book liquidity is too low for this pegged order."),
    ),
    (
        {**MARKET, "symbol": "EMPTYUSDT", "quantity": None, "quoteOrderQty": "100"},
        not_placed("Order book liquidity is less than symbol minimum quantity."),
    ),
    ({"symbol": "HALTUSDT"}, not_placed("Market is closed.")),
    ({"symbol": "OTHERUSDT"}, not_placed("This symbol is not permitted for this account.")),
]

REFUSALS: list[Refusal] = [
    *of("order.place", *_NEW_ORDER, *_JUDGED, *_IN_THE_ENGINE),
    *of(
        "order.test", *_NEW_ORDER, *_JUDGED, ({"computeCommissionRates": "perhaps"}, invalid("computeCommissionRates"))
    ),
    *of(
        "order.cancel",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"symbol": "btcusdt"}, illegal("symbol", SYMBOL)),
        ({"origClientOrderId": None}, neither("origClientOrderId", "orderId")),
        ({"origClientOrderId": ""}, NO_ORIGINAL_ID),
        ({"origClientOrderId": "no such"}, illegal("origClientOrderId", ORDER_ID)),
        ({"origClientOrderId": "nothing"}, UNKNOWN_ORDER),
        ({"orderId": "x"}, illegal("orderId", INTEGER)),
        ({"orderId": -1}, illegal("orderId", INTEGER)),
        ({"orderId": 2**63}, overflowed("orderId")),
        ({"orderId": 999}, UNKNOWN_ORDER),
        ({"orderId": 1, "origClientOrderId": None}, UNKNOWN_ORDER),  # it is another account's
        ({"newClientOrderId": ""}, NO_NEW_ID),
        ({"newClientOrderId": "!"}, illegal("newClientOrderId", ORDER_ID)),
        ({"cancelRestrictions": "ONLY_FILLED"}, BAD_RESTRICTION),
        (
            {"cancelRestrictions": "ONLY_PARTIALLY_FILLED"},
            (-2011, "Order was not canceled due to cancel restrictions."),
        ),
        ({"timestamp": None}, absent("timestamp")),
        ({"price": "1"}, unread(3, 4)),
    ),
    *of(
        "order.cancelReplace",
        ({"cancelReplaceMode": None}, absent("cancelReplaceMode")),
        ({"cancelReplaceMode": "TRY"}, invalid("cancelReplaceMode")),
        (
            {"cancelOrigClientOrderId": None},
            neither("cancelOrigClientOrderId", "cancelOrderId"),
        ),
        ({"cancelOrigClientOrderId": ""}, empty("cancelOrigClientOrderId")),
        ({"cancelOrderId": "x"}, illegal("cancelOrderId", INTEGER)),
        ({"cancelNewClientOrderId": "!"}, illegal("cancelNewClientOrderId", ORDER_ID)),
        ({"cancelRestrictions": "NEVER"}, BAD_RESTRICTION),
        ({"orderRateLimitExceededMode": "WAIT"}, invalid("orderRateLimitExceededMode")),
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"side": "buy"}, BAD_SIDE),
        ({"type": "limit"}, BAD_TYPE),
        ({"timeInForce": None}, absent("timeInForce")),
        ({"price": None}, absent("price")),
        ({"quantity": None}, absent("quantity")),
        ({"stopPrice": "48000"}, unneeded("stopPrice")),
        ({**MARKET, "price": "50000"}, unneeded("price")),
        ({"price": "49000.005"}, fails("PRICE_FILTER")),
        ({"quantity": "0.0001"}, fails("NOTIONAL")),
        ({"symbol": "PLAINUSDT", **MAKER}, BAD_TYPE),
        ({"strategyType": 1}, (-1134, "`strategyType` was less than 1000000.")),
    ),
    *of(
        "order.amend.keepPriority",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"origClientOrderId": None}, neither("origClientOrderId", "orderId")),
        ({"origClientOrderId": "nothing"}, (-2038, "Unknown order sent.")),
        ({"newQty": None}, absent("newQty")),
        ({"newQty": ""}, absent("newQty")),
        ({"newQty": "-1"}, illegal("newQty", DECIMAL)),
        ({"newQty": "0.000000001"}, too_precise("newQty")),
        ({"newQty": "0"}, fails("LOT_SIZE")),
        ({"newQty": "0.0000001"}, fails("LOT_SIZE")),
        ({"newQty": "0.00005"}, fails("NOTIONAL")),
        ({"newQty": "0.6"}, (-2038, "Order amend (quantity increase) is not supported.")),
        ({"newQty": "0.5"}, (-2038, "The requested action would change no state; rejecting.")),
        ({"newClientOrderId": "other"}, (-2038, "Duplicate order sent.")),
        ({"newClientOrderId": ""}, NO_NEW_ID),
        ({"symbol": "PLAINUSDT"}, (-2038, "Order amend is not supported for this symbol.")),
        ({"symbol": "HALTUSDT"}, (-2038, "Market is closed.")),
    ),
    *of(
        "order.amendments",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"orderId": None}, absent("orderId")),
        ({"orderId": "x"}, illegal("orderId", INTEGER)),
        ({"fromExecutionId": "x"}, illegal("fromExecutionId", INTEGER)),
        ({"limit": "many"}, illegal("limit", INTEGER)),
        ({"limit": 0}, invalid("limit")),
    ),
    *of(
        "openOrders.cancelAll",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"symbol": "HALTUSDT"}, UNKNOWN_ORDER),
        ({"orderId": 1}, unread(2, 3)),
    ),
    *of(
        "order.status",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"origClientOrderId": None}, neither("origClientOrderId", "orderId")),
        ({"origClientOrderId": "nothing"}, NO_SUCH_ORDER),
        ({"orderId": 999}, NO_SUCH_ORDER),
        ({"orderId": 1, "origClientOrderId": None}, NO_SUCH_ORDER),
        ({"orderId": "1.0", "origClientOrderId": None}, illegal("orderId", INTEGER)),
        ({"timestamp": 5}, (-1021, "Timestamp for this request is outside of the recvWindow.")),
    ),
    *of(
        "openOrders.status",
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"symbol": ""}, empty("symbol")),
        ({"limit": 5}, unread(2, 3)),
    ),
    *of(
        "allOrders",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"startTime": 1, "endTime": 86_400_002}, TOO_LONG),
        ({"startTime": "yesterday"}, illegal("startTime", INTEGER)),
        ({"limit": 0}, invalid("limit")),
        ({"limit": -5}, illegal("limit", INTEGER)),
        ({"orderId": "x"}, illegal("orderId", INTEGER)),
    ),
    *of(
        "myTrades",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"startTime": 1, "endTime": 86_400_002}, TOO_LONG),
        ({"fromId": 1, "startTime": 1}, BAD_COMBINATION),
        ({"fromId": 1, "startTime": 1, "endTime": 2}, BAD_COMBINATION),
        ({"fromId": 1, "endTime": 1}, BAD_COMBINATION),
        ({"orderId": 1, "startTime": 1}, BAD_COMBINATION),
        ({"orderId": 1, "endTime": 1}, BAD_COMBINATION),
        ({"limit": 0}, invalid("limit")),
        ({"fromId": "x"}, illegal("fromId", INTEGER)),
    ),
    *of(
        "myPreventedMatches",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"orderId": None}, neither("preventedMatchId", "orderId")),
        ({"preventedMatchId": 1}, BAD_COMBINATION),
        ({"orderId": None, "preventedMatchId": 1, "limit": 5}, BAD_COMBINATION),
        ({"limit": 5}, BAD_COMBINATION),
        ({"fromPreventedMatchId": 1, "limit": 0}, invalid("limit")),
    ),
    *of("myFilters", ({"symbol": None}, absent("symbol")), ({"symbol": "NOSUCH"}, BAD_SYMBOL)),
    *of(
        "account.status",
        ({"omitZeroBalances": "yes"}, invalid("omitZeroBalances")),
        ({"symbol": "BTCUSDT"}, unread(1, 2)),
    ),
    *of("account.commission", ({"symbol": None}, absent("symbol")), ({"symbol": "NOSUCH"}, BAD_SYMBOL)),
    *of("account.rateLimits.orders", ({"symbol": "BTCUSDT"}, unread(1, 2)), ({"timestamp": None}, absent("timestamp"))),
    *of(
        "depth",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"limit": 0}, invalid("limit")),
        ({"limit": "all"}, illegal("limit", INTEGER)),
        ({"symbolStatus": "OPEN"}, BAD_STATUS),
        ({"symbolStatus": "HALT"}, WRONG_STATUS),
        ({"symbolStatus": "CANCEL_ONLY"}, BAD_STATUS),
    ),
    *of(
        "trades.recent",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"limit": 0}, invalid("limit")),
    ),
    *[
        refusal
        for method in ("ticker.price", "ticker.book")
        for refusal in of(
            method,
            ({"symbol": "NOSUCH"}, BAD_SYMBOL),
            ({"symbols": ["BTCUSDT"]}, BAD_COMBINATION),
            ({"symbol": None, "symbols": ["NOSUCH"]}, BAD_SYMBOL),
            ({"symbol": None, "symbols": "BTCUSDT"}, no_json("symbols")),
            ({"symbol": None, "symbols": [1]}, no_json("symbols")),
            (
                {"symbol": None, "symbols": ["BTCUSDT", "BTCUSDT"]},
                (-1151, "Symbol is present multiple times in the list."),
            ),
            ({"symbolStatus": "HALT"}, WRONG_STATUS),
            ({"symbolStatus": "ASLEEP"}, BAD_STATUS),
        )
    ],
    *of(
        "exchangeInfo",
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"symbols": ["NOSUCH"]}, BAD_SYMBOL),
        ({"symbol": "BTCUSDT", "symbols": ["BTCUSDT"]}, BAD_COMBINATION),
        ({"symbol": "BTCUSDT", "permissions": ["SPOT"]}, BAD_COMBINATION),
        ({"symbol": "BTCUSDT", "symbolStatus": "TRADING"}, BAD_COMBINATION),
        ({"symbolStatus": "END_OF_DAY"}, BAD_STATUS),
        ({"showPermissionSets": "maybe"}, invalid("showPermissionSets")),
    ),
    *of(
        "executionRules",
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({"symbol": "BTCUSDT", "symbols": ["BTCUSDT"]}, BAD_COMBINATION),
        ({"symbolStatus": "CANCEL_ONLY"}, BAD_STATUS),
    ),
    *of("referencePrice", ({"symbol": None}, absent("symbol")), ({"symbol": "NOSUCH"}, BAD_SYMBOL)),
    *of(
        "referencePrice.calculation",
        ({"symbol": None}, absent("symbol")),
        ({"symbol": "NOSUCH"}, BAD_SYMBOL),
        ({}, (-2043, "This symbol doesn't have a reference price.")),
        ({"symbolStatus": "HALT"}, WRONG_STATUS),
    ),
    *of(
        "userDataStream.unsubscribe",
        ({}, (-2036, "User Data Stream subscription not active.")),
        ({"subscriptionId": 7}, (-2036, "User Data Stream subscription not active.")),
        ({"subscriptionId": "x"}, illegal("subscriptionId", INTEGER)),
    ),
]
