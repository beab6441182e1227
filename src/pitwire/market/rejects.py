"""Why an exchange refuses a command: the reason, not yet the wire's code and message.

`pitwire.protocol.errors` gives each reason its code and message (errors.md), so the engine need not know them.
"""

from enum import StrEnum


class Reject(StrEnum):
    """Why the matching engine refuses a command. `detail` of `CommandRejected` completes it where noted."""

    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    MARKET_CLOSED = "MARKET_CLOSED"
    SYMBOL_NOT_PERMITTED = "SYMBOL_NOT_PERMITTED"  # the account has none of the permissions that the symbol asks for
    FILTER_FAILURE = "FILTER_FAILURE"  # detail: the filter's name, e.g. PRICE_FILTER
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    WOULD_MATCH_IMMEDIATELY = "WOULD_MATCH_IMMEDIATELY"
    MARKET_WITHOUT_LIQUIDITY = "MARKET_WITHOUT_LIQUIDITY"  # detail: the lot filter that the book falls short of, or ""
    WOULD_TRIGGER_IMMEDIATELY = "WOULD_TRIGGER_IMMEDIATELY"  # the last trade has reached the stop price already
    TRAILING_STOP_UNSUPPORTED = "TRAILING_STOP_UNSUPPORTED"
    ICEBERG_UNSUPPORTED = "ICEBERG_UNSUPPORTED"
    ICEBERG_EXCEEDS_QUANTITY = "ICEBERG_EXCEEDS_QUANTITY"
    PEG_UNSUPPORTED = "PEG_UNSUPPORTED"
    PEG_WITHOUT_PRICE = "PEG_WITHOUT_PRICE"  # the order's type has no price that could be pegged
    PEG_WRONG_FOR_TYPE = "PEG_WRONG_FOR_TYPE"  # MARKET_PEG of a LIMIT_MAKER order
    PEG_WITHOUT_LIQUIDITY = "PEG_WITHOUT_LIQUIDITY"  # the book has no level to take the price from
    UNSUPPORTED_ORDER_TYPE = "UNSUPPORTED_ORDER_TYPE"  # detail: the order type, e.g. STOP_LOSS
    SELF_TRADE_PREVENTION_NOT_ALLOWED = "SELF_TRADE_PREVENTION_NOT_ALLOWED"  # on this symbol, in this mode
    UNSUPPORTED_COMBINATION = "UNSUPPORTED_COMBINATION"  # the order's type and its parameters do not go together
    ZERO_NOTIONAL = "ZERO_NOTIONAL"  # price * quantity is less than the smallest unit
    UNKNOWN_ORDER = "UNKNOWN_ORDER"  # a cancel of what is not open
    NO_OPEN_ORDERS = "NO_OPEN_ORDERS"  # cancel all, with none open
    CANCEL_RESTRICTED = "CANCEL_RESTRICTED"
    AMEND_NOT_ALLOWED = "AMEND_NOT_ALLOWED"  # the symbol's rules switch it off
    QUANTITY_INCREASE = "QUANTITY_INCREASE"  # an amendment to more than the order's quantity
    NO_CHANGE = "NO_CHANGE"  # an amendment to the very quantity that the order has
    TOO_MANY_AMENDMENTS = "TOO_MANY_AMENDMENTS"  # MAX_NUM_ORDER_AMENDS
    CANCEL_REPLACE_NOT_ALLOWED = "CANCEL_REPLACE_NOT_ALLOWED"  # the symbol's rules switch it off
    OCO_UNSUPPORTED = "OCO_UNSUPPORTED"  # the symbol's rules switch it off, here and in the next two
    OTO_UNSUPPORTED = "OTO_UNSUPPORTED"
    OPO_UNSUPPORTED = "OPO_UNSUPPORTED"
    BAD_PRICES = "BAD_PRICES"  # the prices of a pair do not lie on both sides of the last price
    AMEND_PENDING_OPO = "AMEND_PENDING_OPO"  # an order of a list that has no quantity yet
    SOR_UNSUPPORTED = "SOR_UNSUPPORTED"  # no smart order routing includes the symbol
    INVALID_CONFIGURATION = "INVALID_CONFIGURATION"  # of a symbol or an account; detail: what is wrong with it
