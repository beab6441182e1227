"""How the exchange words the refusals of its matching engine: a code and a message for each reason."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pitwire.market.rejects import Reject
from pitwire.protocol.codes import Code

FILTER_FAILURE: Final = "Filter failure: "

# errors.md, Messages for -1010 ERROR_MSG_RECEIVED, -2010 NEW_ORDER_REJECTED, -2011 CANCEL_REJECTED, ...
OF_REASON: Final[Mapping[Reject, tuple[Code, str]]] = MappingProxyType(
    {
        Reject.UNKNOWN_SYMBOL: (Code.BAD_SYMBOL, "Invalid symbol."),
        Reject.UNKNOWN_ACCOUNT: (Code.REJECTED_MBX_KEY, "Invalid API-key, IP, or permissions for action."),
        Reject.FILTER_FAILURE: (Code.INVALID_MESSAGE, FILTER_FAILURE),
        Reject.MARKET_CLOSED: (Code.NEW_ORDER_REJECTED, "Market is closed."),
        Reject.SYMBOL_NOT_PERMITTED: (Code.NEW_ORDER_REJECTED, "This symbol is not permitted for this account."),
        Reject.INSUFFICIENT_BALANCE: (
            Code.NEW_ORDER_REJECTED,
            "Account has insufficient balance for requested action.",
        ),
        Reject.DUPLICATE_ORDER: (Code.NEW_ORDER_REJECTED, "Duplicate order sent."),
        Reject.WOULD_MATCH_IMMEDIATELY: (Code.NEW_ORDER_REJECTED, "Order would immediately match and take."),
        Reject.WOULD_TRIGGER_IMMEDIATELY: (Code.NEW_ORDER_REJECTED, "Order would trigger immediately."),
        Reject.TRAILING_STOP_UNSUPPORTED: (
            Code.NEW_ORDER_REJECTED,
            "Trailing stop orders are not supported for this symbol.",
        ),
        Reject.ICEBERG_UNSUPPORTED: (Code.NEW_ORDER_REJECTED, "Iceberg orders are not supported for this symbol."),
        Reject.ICEBERG_EXCEEDS_QUANTITY: (Code.NEW_ORDER_REJECTED, "IcebergQty exceeds QTY."),
        Reject.PEG_UNSUPPORTED: (Code.NEW_ORDER_REJECTED, "Pegged orders are not supported for this symbol."),
        Reject.PEG_WITHOUT_PRICE: (Code.NEW_ORDER_REJECTED, "This order type may not use pegged price."),
        Reject.PEG_WRONG_FOR_TYPE: (Code.NEW_ORDER_REJECTED, "This price peg cannot be used with this order type."),
        Reject.PEG_WITHOUT_LIQUIDITY: (
            Code.NEW_ORDER_REJECTED,
            "Order book liquidity is too low for this pegged order.",
        ),
        Reject.MARKET_WITHOUT_LIQUIDITY: (
            Code.NEW_ORDER_REJECTED,
            "Order book liquidity is less than symbol minimum quantity.",
        ),
        Reject.UNSUPPORTED_ORDER_TYPE: (Code.INVALID_ORDER_TYPE, "Invalid orderType."),
        Reject.SELF_TRADE_PREVENTION_NOT_ALLOWED: (
            Code.INVALID_MESSAGE,
            "This symbol does not allow the specified self-trade prevention mode.",
        ),
        # errors.md has no message for it: the wording is that of its neighbours.
        Reject.SOR_UNSUPPORTED: (Code.NEW_ORDER_REJECTED, "SOR orders are not supported for this symbol."),
        Reject.UNSUPPORTED_COMBINATION: (Code.NEW_ORDER_REJECTED, "Unsupported order combination"),
        Reject.ZERO_NOTIONAL: (Code.NEW_ORDER_REJECTED, "Price * QTY is zero or less."),
        Reject.UNKNOWN_ORDER: (Code.CANCEL_REJECTED, "Unknown order sent."),
        Reject.NO_OPEN_ORDERS: (Code.CANCEL_REJECTED, "Unknown order sent."),
        Reject.CANCEL_RESTRICTED: (Code.CANCEL_REJECTED, "Order was not canceled due to cancel restrictions."),
        Reject.AMEND_NOT_ALLOWED: (Code.ORDER_AMEND_REJECTED, "Order amend is not supported for this symbol."),
        Reject.QUANTITY_INCREASE: (Code.ORDER_AMEND_REJECTED, "Order amend (quantity increase) is not supported."),
        Reject.NO_CHANGE: (Code.ORDER_AMEND_REJECTED, "The requested action would change no state; rejecting."),
        # filters.md, MAX_NUM_ORDER_AMENDS: the one filter that does not answer with -1013.
        Reject.TOO_MANY_AMENDMENTS: (Code.ORDER_AMEND_REJECTED, f"{FILTER_FAILURE}MAX_NUM_ORDER_AMENDS"),
        Reject.CANCEL_REPLACE_NOT_ALLOWED: (
            Code.NEW_ORDER_REJECTED,
            "Order cancel-replace is not supported for this symbol.",
        ),
        Reject.OCO_UNSUPPORTED: (Code.NEW_ORDER_REJECTED, "OCO orders are not supported for this symbol"),
        Reject.OTO_UNSUPPORTED: (Code.NEW_ORDER_REJECTED, "OTO orders are not supported for this symbol."),
        Reject.OPO_UNSUPPORTED: (Code.NEW_ORDER_REJECTED, "OPO orders are not supported for this symbol."),
        Reject.BAD_PRICES: (
            Code.NEW_ORDER_REJECTED,
            "The relationship of the prices for the orders is not correct.",
        ),
        Reject.AMEND_PENDING_OPO: (Code.ORDER_AMEND_REJECTED, "Order amend (pending OPO order) is not supported."),
        Reject.INVALID_CONFIGURATION: (Code.INVALID_PARAMETER, "Invalid data sent for a parameter."),
    }
)
NAMES_OF_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "MARKET": "Market",
        "STOP_LOSS": "Stop loss",
        "STOP_LOSS_LIMIT": "Stop loss limit",
        "TAKE_PROFIT": "Take profit",
        "TAKE_PROFIT_LIMIT": "Take profit limit",
    }
)
