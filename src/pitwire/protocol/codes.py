"""Binance's error codes and their documented messages (errors.md). `%s`, `%d` and `{param}` are values to fill in."""

# ruff: noqa: E501  (messages are quoted whole, so that a search finds them)

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final


class Code(IntEnum):
    """An error code by its documented name."""

    UNKNOWN = -1000
    DISCONNECTED = -1001
    UNAUTHORIZED = -1002
    TOO_MANY_REQUESTS = -1003
    UNEXPECTED_RESP = -1006
    TIMEOUT = -1007
    SERVER_BUSY = -1008
    ERROR_MSG_RECEIVED = -1010  # named only in a heading: Messages for -1010, -2010, -2011 and -2038
    INVALID_MESSAGE = -1013
    UNKNOWN_ORDER_COMPOSITION = -1014
    TOO_MANY_ORDERS = -1015
    SERVICE_SHUTTING_DOWN = -1016
    UNSUPPORTED_OPERATION = -1020
    INVALID_TIMESTAMP = -1021
    INVALID_SIGNATURE = -1022
    COMP_ID_IN_USE = -1033
    TOO_MANY_CONNECTIONS = -1034
    LOGGED_OUT = -1035
    ILLEGAL_CHARS = -1100
    TOO_MANY_PARAMETERS = -1101
    MANDATORY_PARAM_EMPTY_OR_MALFORMED = -1102
    UNKNOWN_PARAM = -1103
    UNREAD_PARAMETERS = -1104
    PARAM_EMPTY = -1105
    PARAM_NOT_REQUIRED = -1106
    PARAM_OVERFLOW = -1108
    BAD_PRECISION = -1111
    NO_DEPTH = -1112
    TIF_NOT_REQUIRED = -1114
    INVALID_TIF = -1115
    INVALID_ORDER_TYPE = -1116
    INVALID_SIDE = -1117
    EMPTY_NEW_CL_ORD_ID = -1118
    EMPTY_ORG_CL_ORD_ID = -1119
    BAD_INTERVAL = -1120
    BAD_SYMBOL = -1121
    INVALID_SYMBOLSTATUS = -1122
    INVALID_LISTEN_KEY = -1125
    MORE_THAN_XX_HOURS = -1127
    OPTIONAL_PARAMS_BAD_COMBO = -1128
    INVALID_PARAMETER = -1130
    BAD_STRATEGY_TYPE = -1134
    INVALID_JSON = -1135
    INVALID_TICKER_TYPE = -1139
    INVALID_CANCEL_RESTRICTIONS = -1145
    DUPLICATE_SYMBOLS = -1151
    INVALID_SBE_HEADER = -1152
    UNSUPPORTED_SCHEMA_ID = -1153
    SBE_DISABLED = -1155
    OCO_ORDER_TYPE_REJECTED = -1158
    OCO_ICEBERGQTY_TIMEINFORCE = -1160
    DEPRECATED_SCHEMA = -1161
    BUY_OCO_LIMIT_MUST_BE_BELOW = -1165
    SELL_OCO_LIMIT_MUST_BE_ABOVE = -1166
    BOTH_OCO_ORDERS_CANNOT_BE_LIMIT = -1168
    INVALID_TAG_NUMBER = -1169
    TAG_NOT_DEFINED_IN_MESSAGE = -1170
    TAG_APPEARS_MORE_THAN_ONCE = -1171
    TAG_OUT_OF_ORDER = -1172
    GROUP_FIELDS_OUT_OF_ORDER = -1173
    INVALID_COMPONENT = -1174
    RESET_SEQ_NUM_SUPPORT = -1175
    ALREADY_LOGGED_IN = -1176
    GARBLED_MESSAGE = -1177
    BAD_SENDER_COMPID = -1178
    BAD_SEQ_NUM = -1179
    EXPECTED_LOGON = -1180
    TOO_MANY_MESSAGES = -1181
    PARAMS_BAD_COMBO = -1182
    NOT_ALLOWED_IN_DROP_COPY_SESSIONS = -1183
    DROP_COPY_SESSION_NOT_ALLOWED = -1184
    DROP_COPY_SESSION_REQUIRED = -1185
    NOT_ALLOWED_IN_ORDER_ENTRY_SESSIONS = -1186
    NOT_ALLOWED_IN_MARKET_DATA_SESSIONS = -1187
    INCORRECT_NUM_IN_GROUP_COUNT = -1188
    DUPLICATE_ENTRIES_IN_A_GROUP = -1189
    INVALID_REQUEST_ID = -1190
    TOO_MANY_SUBSCRIPTIONS = -1191
    INVALID_TIME_UNIT = -1194
    BUY_OCO_STOP_LOSS_MUST_BE_ABOVE = -1196
    SELL_OCO_STOP_LOSS_MUST_BE_BELOW = -1197
    BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW = -1198
    SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE = -1199
    INVALID_PEG_PRICE_TYPE = -1210
    INVALID_PEG_OFFSET_TYPE = -1211
    SYMBOL_DOES_NOT_MATCH_STATUS = -1220
    INVALID_SBE_MESSAGE_FIELD = -1221
    OPO_WORKING_MUST_BE_BUY = -1222
    OPO_PENDING_MUST_BE_SELL = -1223
    WORKING_PARAM_REQUIRED = -1224
    PENDING_PARAM_NOT_REQUIRED = -1225
    NEW_ORDER_REJECTED = -2010
    CANCEL_REJECTED = -2011
    NO_SUCH_ORDER = -2013
    BAD_API_KEY_FMT = -2014
    REJECTED_MBX_KEY = -2015
    NO_TRADING_WINDOW = -2016
    CANCEL_REPLACE_PARTIALLY_FAILED = -2021
    CANCEL_REPLACE_FAILED = -2022
    ORDER_ARCHIVED = -2026
    SUBSCRIPTION_ACTIVE = -2035
    SUBSCRIPTION_INACTIVE = -2036
    ORDER_AMEND_REJECTED = -2038  # named only in a heading, like -1010
    CLIENT_ORDER_ID_INVALID = -2039
    MAXIMUM_SUBSCRIPTION_IDS = -2042
    NO_REFERENCE_PRICE = -2043


TIMESTAMP_AHEAD: Final = "Timestamp for this request was 1000ms ahead of the server's time."
"""The second message of -1021: the other one says that the request came too late."""

MESSAGES: Final[Mapping[Code, tuple[str, ...]]] = MappingProxyType(
    {
        Code.UNKNOWN: ("An unknown error occurred while processing the request.",),
        Code.DISCONNECTED: ("Internal error; unable to process your request. Please try again.",),
        Code.UNAUTHORIZED: ("You are not authorized to execute this request.",),
        Code.TOO_MANY_REQUESTS: (
            "Too many requests queued.",
            "Too much request weight used; current limit is %s request weight per %s. Please use WebSocket Streams for live updates to avoid polling the API.",
            "Way too much request weight used; IP banned until %s. Please use WebSocket Streams for live updates to avoid bans.",
        ),
        Code.UNEXPECTED_RESP: ("An unexpected response was received from the message bus. Execution status unknown.",),
        Code.TIMEOUT: (
            "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
        ),
        Code.SERVER_BUSY: ("Server is currently overloaded with other requests. Please try again in a few minutes.",),
        Code.INVALID_MESSAGE: (
            "The request is rejected by the API. (i.e. The request didn't reach the Matching Engine.)",
            "Potential error messages can be found in [Filter Failures](#filter-failures) or [Failures during order placement](#other-errors).",
        ),
        Code.UNKNOWN_ORDER_COMPOSITION: ("Unsupported order combination.",),
        Code.TOO_MANY_ORDERS: (
            "Too many new orders.",
            "Too many new orders; current limit is %s orders per %s.",
        ),
        Code.SERVICE_SHUTTING_DOWN: ("This service is no longer available.",),
        Code.UNSUPPORTED_OPERATION: ("This operation is not supported.",),
        Code.INVALID_TIMESTAMP: (
            "Timestamp for this request is outside of the recvWindow.",
            TIMESTAMP_AHEAD,
        ),
        Code.INVALID_SIGNATURE: ("Signature for this request is not valid.",),
        Code.COMP_ID_IN_USE: (
            "`SenderCompId(49)` is currently in use. Concurrent use of the same SenderCompId within one account is not allowed.",
        ),
        Code.TOO_MANY_CONNECTIONS: (
            "Too many concurrent connections; current limit is '%s'.",
            "Too many connection attempts for account; current limit is %s per '%s'.",
            "Too many connection attempts from IP; current limit is %s per '%s'.",
        ),
        Code.LOGGED_OUT: ("Please send [Logout`<5>`](fix-api.md#logout) message to close the session.",),
        Code.ILLEGAL_CHARS: (
            "Illegal characters found in a parameter.",
            "Illegal characters found in parameter '%s'; legal range is '%s'.",
        ),
        Code.TOO_MANY_PARAMETERS: (
            "Too many parameters sent for this endpoint.",
            "Too many parameters; expected '%s' and received '%s'.",
            "Duplicate values for a parameter detected.",
        ),
        Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED: (
            "A mandatory parameter was not sent, was empty/null, or malformed.",
            "Mandatory parameter '%s' was not sent, was empty/null, or malformed.",
            "Param '%s' or '%s' must be sent, but both were empty/null!",
            "Required tag '%s' missing.",
            "Field value was empty or malformed.",
            "'%s' contains unexpected value. Cannot be greater than %s.",
        ),
        Code.UNKNOWN_PARAM: (
            "An unknown parameter was sent.",
            "Undefined Tag.",
        ),
        Code.UNREAD_PARAMETERS: (
            "Not all sent parameters were read.",
            "Not all sent parameters were read; read '%s' parameter(s) but was sent '%s'.",
        ),
        Code.PARAM_EMPTY: (
            "A parameter was empty.",
            "Parameter '%s' was empty.",
        ),
        Code.PARAM_NOT_REQUIRED: (
            "A parameter was sent when not required.",
            "Parameter '%s' sent when not required.",
            "A tag '%s' was sent when not required.",
        ),
        Code.PARAM_OVERFLOW: ("Parameter '%s' overflowed.",),
        Code.BAD_PRECISION: ("Parameter '%s' has too much precision.",),
        Code.NO_DEPTH: ("No orders on book for symbol.",),
        Code.TIF_NOT_REQUIRED: ("TimeInForce parameter sent when not required.",),
        Code.INVALID_TIF: ("Invalid timeInForce.",),
        Code.INVALID_ORDER_TYPE: ("Invalid orderType.",),
        Code.INVALID_SIDE: ("Invalid side.",),
        Code.EMPTY_NEW_CL_ORD_ID: ("New client order ID was empty.",),
        Code.EMPTY_ORG_CL_ORD_ID: ("Original client order ID was empty.",),
        Code.BAD_INTERVAL: ("Invalid interval.",),
        Code.BAD_SYMBOL: ("Invalid symbol.",),
        Code.INVALID_SYMBOLSTATUS: ("Invalid symbolStatus.",),
        Code.INVALID_LISTEN_KEY: ("This listenKey does not exist.",),
        Code.MORE_THAN_XX_HOURS: (
            "Lookup interval is too big.",
            "More than %s hours between startTime and endTime.",
        ),
        Code.OPTIONAL_PARAMS_BAD_COMBO: (
            "Combination of optional parameters invalid.",
            "Combination of optional fields invalid. Recommendation: '%s' and '%s' must both be sent.",
            "Fields [%s] must be sent together or omitted entirely.",
            "Invalid `MDEntryType (269)` combination. BID and OFFER must be requested together.",
            "Conflicting fields: ['%s'...]",
        ),
        Code.INVALID_PARAMETER: (
            "Invalid data sent for a parameter.",
            "Data sent for parameter '%s' is not valid.",
        ),
        Code.BAD_STRATEGY_TYPE: (
            "`strategyType` was less than 1000000.",
            "`TargetStrategy (847)` was less than 1000000.",
        ),
        Code.INVALID_JSON: (
            "Invalid JSON Request",
            "JSON sent for parameter '%s' is not valid",
        ),
        Code.INVALID_TICKER_TYPE: ("Invalid ticker type.",),
        Code.INVALID_CANCEL_RESTRICTIONS: (
            "`cancelRestrictions` has to be either `ONLY_NEW` or `ONLY_PARTIALLY_FILLED`.",
        ),
        Code.DUPLICATE_SYMBOLS: ("Symbol is present multiple times in the list.",),
        Code.INVALID_SBE_HEADER: (
            "Invalid `X-MBX-SBE` header; expected `<SCHEMA_ID>:<VERSION>`.",
            "Invalid SBE message header.",
        ),
        Code.UNSUPPORTED_SCHEMA_ID: (
            "Unsupported SBE schema ID or version specified in the `X-MBX-SBE` header.",
            "Invalid SBE schema ID or version specified.",
        ),
        Code.SBE_DISABLED: ("SBE is not enabled.",),
        Code.OCO_ORDER_TYPE_REJECTED: (
            "Order type not supported in OCO.",
            "If the order type provided in the `aboveType` and/or `belowType` is not supported.",
        ),
        Code.OCO_ICEBERGQTY_TIMEINFORCE: (
            "Parameter '%s' is not supported if `aboveTimeInForce`/`belowTimeInForce` is not GTC.",
            "If the order type for the above or below leg is `STOP_LOSS_LIMIT`, and `icebergQty` is provided for that leg, the `timeInForce` has to be `GTC` else it will throw an error.",
            "`TimeInForce (59)` must be `GTC (1)` when `MaxFloor (111)` is used.",
        ),
        Code.DEPRECATED_SCHEMA: ("Unable to encode the response in SBE schema 'x'. Please use schema 'y' or higher.",),
        Code.BUY_OCO_LIMIT_MUST_BE_BELOW: ("A limit order in a buy OCO must be below.",),
        Code.SELL_OCO_LIMIT_MUST_BE_ABOVE: ("A limit order in a sell OCO must be above.",),
        Code.BOTH_OCO_ORDERS_CANNOT_BE_LIMIT: ("At least one OCO order must be contingent.",),
        Code.INVALID_TAG_NUMBER: ("Invalid tag number.",),
        Code.TAG_NOT_DEFINED_IN_MESSAGE: ("Tag '%s' not defined for this message type.",),
        Code.TAG_APPEARS_MORE_THAN_ONCE: ("Tag '%s' appears more than once.",),
        Code.TAG_OUT_OF_ORDER: ("Tag '%s' specified out of required order.",),
        Code.GROUP_FIELDS_OUT_OF_ORDER: ("Repeating group '%s' fields out of order.",),
        Code.INVALID_COMPONENT: ("Component '%s' is incorrectly populated on '%s' order. Recommendation: '%s'",),
        Code.RESET_SEQ_NUM_SUPPORT: (
            "Continuation of sequence numbers to new session is currently unsupported. Sequence numbers must be reset for each new session.",
        ),
        Code.ALREADY_LOGGED_IN: ("[Logon`<A>`](fix-api.md#logon-main) should only be sent once.",),
        Code.GARBLED_MESSAGE: (
            "`CheckSum(10)` contains an incorrect value.",
            "`BeginString (8)` is not the first tag in a message.",
            "`MsgType (35)` is not the third tag in a message.",
            "`BodyLength (9)` does not contain the correct byte count.",
            "Only printable ASCII characters and SOH (Start of Header) are allowed.",
            "Tag specified without a value.",
            "Invalid encodingType.",
        ),
        Code.BAD_SENDER_COMPID: (
            "`SenderCompId(49)` contains an incorrect value. The SenderCompID value should not change throughout the lifetime of a session.",
        ),
        Code.BAD_SEQ_NUM: ("`MsgSeqNum(34)` contains an unexpected value. Expected: '%d'.",),
        Code.EXPECTED_LOGON: ("[Logon`<A>`](fix-api.md#logon-main) must be the first message in the session.",),
        Code.TOO_MANY_MESSAGES: ("Too many messages; current limit is '%d' messages per '%s'.",),
        Code.PARAMS_BAD_COMBO: ("Conflicting fields: [%s]",),
        Code.NOT_ALLOWED_IN_DROP_COPY_SESSIONS: ("Requested operation is not allowed in DropCopy sessions.",),
        Code.DROP_COPY_SESSION_NOT_ALLOWED: (
            "DropCopy sessions are not supported on this server. Please reconnect to a drop copy server.",
        ),
        Code.DROP_COPY_SESSION_REQUIRED: (
            "Only DropCopy sessions are supported on this server. Either reconnect to order entry server or send `DropCopyFlag (9406)` field.",
        ),
        Code.NOT_ALLOWED_IN_ORDER_ENTRY_SESSIONS: ("Requested operation is not allowed in order entry sessions.",),
        Code.NOT_ALLOWED_IN_MARKET_DATA_SESSIONS: ("Requested operation is not allowed in market data sessions.",),
        Code.INCORRECT_NUM_IN_GROUP_COUNT: ("Incorrect NumInGroup count for repeating group '%s'.",),
        Code.DUPLICATE_ENTRIES_IN_A_GROUP: ("Group '%s' contains duplicate entries.",),
        Code.INVALID_REQUEST_ID: (
            "`MDReqID (262)` contains a subscription request id that is already in use on this connection.",
            "`MDReqID (262)` contains an unsubscription request id that does not match any active subscription.",
        ),
        Code.TOO_MANY_SUBSCRIPTIONS: (
            "Too many subscriptions. Connection may create up to '%s' subscriptions at a time.",
            "Similar subscription is already active on this connection. Symbol='%s', active subscription id: '%s'.",
        ),
        Code.INVALID_TIME_UNIT: ("Invalid value for time unit; expected either MICROSECOND or MILLISECOND.",),
        Code.BUY_OCO_STOP_LOSS_MUST_BE_ABOVE: ("A stop loss order in a buy OCO must be above.",),
        Code.SELL_OCO_STOP_LOSS_MUST_BE_BELOW: ("A stop loss order in a sell OCO must be below.",),
        Code.BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW: ("A take profit order in a buy OCO must be below.",),
        Code.SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE: ("A take profit order in a sell OCO must be above.",),
        Code.INVALID_PEG_PRICE_TYPE: ("Invalid pegPriceType.",),
        Code.INVALID_PEG_OFFSET_TYPE: ("Invalid pegOffsetType.",),
        Code.SYMBOL_DOES_NOT_MATCH_STATUS: ("The symbol's status does not match the requested symbolStatus.",),
        Code.INVALID_SBE_MESSAGE_FIELD: ("Invalid/missing field(s) in SBE message.",),
        Code.OPO_WORKING_MUST_BE_BUY: ("Working order in an OPO list must be a bid.",),
        Code.OPO_PENDING_MUST_BE_SELL: ("Pending orders in an OPO list must be asks.",),
        Code.WORKING_PARAM_REQUIRED: ("Working order must include the '{param}' tag.",),
        Code.PENDING_PARAM_NOT_REQUIRED: ("Pending orders should not include the '%s' tag.",),
        Code.NEW_ORDER_REJECTED: ("NEW_ORDER_REJECTED",),
        Code.CANCEL_REJECTED: ("CANCEL_REJECTED",),
        Code.NO_SUCH_ORDER: ("Order does not exist.",),
        Code.BAD_API_KEY_FMT: ("API-key format invalid.",),
        Code.REJECTED_MBX_KEY: ("Invalid API-key, IP, or permissions for action.",),
        Code.NO_TRADING_WINDOW: ("No trading window could be found for the symbol. Try ticker/24hrs instead.",),
        Code.CANCEL_REPLACE_PARTIALLY_FAILED: ("Order cancel-replace partially failed.",),
        Code.CANCEL_REPLACE_FAILED: ("Order cancel-replace failed.",),
        Code.ORDER_ARCHIVED: (
            "Order was canceled or expired with no executed qty over 90 days ago and has been archived.",
        ),
        Code.SUBSCRIPTION_ACTIVE: ("User Data Stream subscription already active.",),
        Code.SUBSCRIPTION_INACTIVE: ("User Data Stream subscription not active.",),
        Code.CLIENT_ORDER_ID_INVALID: ("Client order ID is not correct for this order ID.",),
        Code.MAXIMUM_SUBSCRIPTION_IDS: ("Maximum subscription ID reached for this connection.",),
        Code.NO_REFERENCE_PRICE: ("This symbol doesn't have a reference price.",),
        Code.ERROR_MSG_RECEIVED: ("ERROR_MSG_RECEIVED",),
        Code.ORDER_AMEND_REJECTED: ("ORDER_AMEND_REJECTED",),
    }
)
"""What each code may say. For -1010, -2010, -2011 and -2038 the message is one of many (errors.md, Messages for ...)."""
