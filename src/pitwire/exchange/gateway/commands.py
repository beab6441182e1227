"""Order requests become commands: which parameters a type needs, what is not supported, and exact scaled numbers.

Sources: web-socket-api.md, Place new order (TRADE) and Cancel order (TRADE); the wording of refusals is errors.md's.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from pitwire.exchange.gateway.refusal import Refusal, refusal
from pitwire.exchange.messages import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    Peg,
    PlaceOrder,
    ReplaceOrder,
    RouteOrder,
    Trigger,
)
from pitwire.market.enums import OrderType, TimeInForce
from pitwire.market.numbers import TooLarge, TooPrecise, scaled
from pitwire.market.rejects import Reject
from pitwire.market.symbols import SymbolRules
from pitwire.protocol.errors import Code, of_reject
from pitwire.protocol.requests.trading import (
    OpenOrdersCancelAll,
    OrderAmendKeepPriority,
    OrderCancel,
    OrderCancelReplace,
    OrderPlace,
    OrderTest,
    SorOrderPlace,
    SorOrderTest,
)

_UNSUPPORTED: Final[Mapping[OrderType, str]] = {
    OrderType.STOP_LOSS: "Stop loss orders are not supported for this symbol.",
    OrderType.STOP_LOSS_LIMIT: "Stop loss limit orders are not supported for this symbol.",
    OrderType.TAKE_PROFIT: "Take profit orders are not supported for this symbol.",
    OrderType.TAKE_PROFIT_LIMIT: "Take profit limit orders are not supported for this symbol.",
    OrderType.MARKET: "Market orders are not supported for this symbol.",
}
_CONTINGENT: Final = frozenset(
    {OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT}
)
_MARKET: Final = OrderType.MARKET
_PRICED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT})
"""The types that take a time in force and a price."""
STRATEGY_TYPE_MIN: Final = 1_000_000

TRAILING_DELTA_END: Final = 10_000
"""In basis points: 100 %."""

PEG_OFFSET_MAX: Final = 100

_units: Final = lru_cache(maxsize=16_384)(scaled)
"""`scaled` with a memory: prices and quantities lie on a symbol's grid, and the arithmetic takes 1.2 us."""

NewId = Callable[[], str]
"""Makes client order ids for those who send none."""

Names = Callable[[str], str]
"""What a parameter of `order.place` is called where it is one of several orders of a request."""


def _as_it_is(name: str) -> str:
    return name


def place_order(
    request: OrderPlace | OrderTest | OrderCancelReplace,
    account: int,
    symbol_rules: Callable[[str], SymbolRules],
    new_id: NewId,
    names: Names = _as_it_is,
    *,
    awaits_quantity: bool = False,
) -> PlaceOrder:
    """The command for an order. Raises `Refusal`, and whatever `symbol_rules` raises for an unknown symbol.

    One that `awaits_quantity` needs none yet.
    """
    rules = symbol_rules(request.symbol)
    _check_supported(request, rules)
    _check_parameters(request, names, awaits_quantity)
    mode = request.self_trade_prevention_mode
    if mode is None:
        mode = rules.default_self_trade_prevention
    elif mode not in rules.allowed_self_trade_prevention:
        raise Refusal(of_reject(Reject.SELF_TRADE_PREVENTION_NOT_ALLOWED))
    return PlaceOrder(
        account=account,
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        client_order_id=request.new_client_order_id or new_id(),
        time_in_force=request.time_in_force or TimeInForce.GTC,
        price=_positive("price", request.price, "PRICE_FILTER", names),
        quantity=_positive("quantity", request.quantity, "LOT_SIZE", names),
        quote_quantity=_positive("quoteOrderQty", request.quote_order_qty, "NOTIONAL"),
        self_trade_prevention=mode,
        strategy_id=-1 if request.strategy_id is None else request.strategy_id,
        strategy_type=-1 if request.strategy_type is None else request.strategy_type,
        trigger=_trigger(request, names),
        iceberg_quantity=_positive("icebergQty", request.iceberg_qty, "LOT_SIZE", names),
        peg=_peg(request, names),
    )


def route_order(
    request: SorOrderPlace | SorOrderTest,
    account: int,
    symbol_rules: Callable[[str], SymbolRules],
    new_id: NewId,
) -> RouteOrder:
    """The command for an order that is routed. Raises as `place_order` does."""
    if request.type is not OrderType.LIMIT and request.type is not OrderType.MARKET:
        raise refusal(Code.INVALID_ORDER_TYPE)  # (Place new order using SOR, Note)
    asked = OrderPlace(
        timestamp=request.timestamp,
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        time_in_force=request.time_in_force,
        price=request.price,
        quantity=request.quantity,
        new_client_order_id=request.new_client_order_id,
        iceberg_qty=request.iceberg_qty,
        strategy_id=request.strategy_id,
        strategy_type=request.strategy_type,
        self_trade_prevention_mode=request.self_trade_prevention_mode,
    )
    return RouteOrder(order=place_order(asked, account, symbol_rules, new_id))


def cancel_order(
    request: OrderCancel, account: int, symbol_rules: Callable[[str], SymbolRules], new_id: NewId
) -> CancelOrder:
    """The command for a cancel. Raises `Refusal`, and whatever `symbol_rules` raises for an unknown symbol."""
    symbol_rules(request.symbol)
    check_some_id(request.order_id, request.orig_client_order_id)
    return CancelOrder(
        account=account,
        symbol=request.symbol,
        cancel_id=request.new_client_order_id or new_id(),
        order_id=-1 if request.order_id is None else request.order_id,
        client_order_id=request.orig_client_order_id or "",
        restriction=request.cancel_restrictions,
    )


def cancel_open_orders(
    request: OpenOrdersCancelAll, account: int, symbol_rules: Callable[[str], SymbolRules], new_id: NewId
) -> CancelOpenOrders:
    """The command that cancels all. Raises whatever `symbol_rules` raises for an unknown symbol."""
    symbol_rules(request.symbol)
    return CancelOpenOrders(account=account, symbol=request.symbol, cancel_id=new_id())


def amend_order(
    request: OrderAmendKeepPriority, account: int, symbol_rules: Callable[[str], SymbolRules], new_id: NewId
) -> AmendOrder:
    """The command for an amendment. Raises `Refusal`, and whatever `symbol_rules` raises for an unknown symbol."""
    symbol_rules(request.symbol)
    check_some_id(request.order_id, request.orig_client_order_id)
    return AmendOrder(
        account=account,
        symbol=request.symbol,
        new_client_order_id=request.new_client_order_id or new_id(),
        quantity=_positive("newQty", request.new_qty, "LOT_SIZE"),
        order_id=-1 if request.order_id is None else request.order_id,
        client_order_id=request.orig_client_order_id or "",
    )


def replace_order(
    request: OrderCancelReplace, account: int, symbol_rules: Callable[[str], SymbolRules], new_id: NewId
) -> ReplaceOrder:
    """The command that cancels one order and places another. Raises as `place_order` does."""
    new = place_order(request, account, symbol_rules, new_id)
    client_order_id = request.cancel_orig_client_order_id
    check_some_id(request.cancel_order_id, client_order_id, "cancelOrigClientOrderId", "cancelOrderId")
    return ReplaceOrder(
        cancel=CancelOrder(
            account=account,
            symbol=request.symbol,
            cancel_id=request.cancel_new_client_order_id or new_id(),
            order_id=-1 if request.cancel_order_id is None else request.cancel_order_id,
            client_order_id=client_order_id or "",
            restriction=request.cancel_restrictions,
        ),
        mode=request.cancel_replace_mode,
        place=new,
    )


def check_some_id(order_id: int | None, client_order_id: str | None, *names: str) -> None:
    """An order is named by either id, which the parameters `names` hold. Raises `Refusal`."""
    if order_id is None and client_order_id is None:
        raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, *(names or ("origClientOrderId", "orderId")))


def _check_supported(request: OrderPlace | OrderTest | OrderCancelReplace, rules: SymbolRules) -> None:
    if request.type not in rules.order_types:
        message = _UNSUPPORTED.get(request.type)
        if message is None:
            raise refusal(Code.INVALID_ORDER_TYPE)
        raise refusal(Code.INVALID_MESSAGE, message=message)
    if request.trailing_delta is not None and not rules.trailing_stop_allowed:
        raise refusal(Code.INVALID_MESSAGE, message="Trailing stop orders are not supported for this symbol.")
    if request.iceberg_qty is not None and not rules.iceberg_allowed:
        raise refusal(Code.INVALID_MESSAGE, message="Iceberg orders are not supported for this symbol.")
    if not rules.peg_instructions_allowed and (
        request.peg_price_type is not None
        or request.peg_offset_type is not None
        or request.peg_offset_value is not None
    ):
        raise refusal(Code.INVALID_MESSAGE, message="Pegged orders are not supported for this symbol.")
    if request.strategy_type is not None and request.strategy_type < STRATEGY_TYPE_MIN:
        raise refusal(Code.BAD_STRATEGY_TYPE)


def _check_parameters(
    request: OrderPlace | OrderTest | OrderCancelReplace, names: Names, awaits_quantity: bool
) -> None:
    """The table under Place new order: what each type must have, and what it must not."""
    kind = request.type
    if kind in _CONTINGENT:
        if request.stop_price is None and request.trailing_delta is None:
            raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, names("stopPrice"), names("trailingDelta"))
    elif request.stop_price is not None:
        raise refusal(Code.PARAM_NOT_REQUIRED, names("stopPrice"))
    elif request.trailing_delta is not None:
        raise refusal(Code.PARAM_NOT_REQUIRED, names("trailingDelta"))
    if kind is _MARKET:
        if request.time_in_force is not None:
            raise refusal(Code.PARAM_NOT_REQUIRED, names("timeInForce"))
        if request.price is not None:
            raise refusal(Code.PARAM_NOT_REQUIRED, names("price"))
        if request.quantity is None and request.quote_order_qty is None and not awaits_quantity:
            raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, names("quantity"), names("quoteOrderQty"))
        if request.quantity is not None and request.quote_order_qty is not None:
            raise refusal(Code.PARAM_NOT_REQUIRED, names("quoteOrderQty"))
        return
    if kind in _PRICED:
        if request.time_in_force is None:
            raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, names("timeInForce"))
    elif request.time_in_force is not None:
        raise refusal(Code.PARAM_NOT_REQUIRED, names("timeInForce"))
    if request.quantity is None and not awaits_quantity:
        raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, names("quantity"))
    if kind in _PRICED or kind is OrderType.LIMIT_MAKER:
        if request.price is None and request.peg_price_type is None:
            raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, names("price"))
    elif request.price is not None:
        raise refusal(Code.PARAM_NOT_REQUIRED, names("price"))
    if request.quote_order_qty is not None:
        raise refusal(Code.PARAM_NOT_REQUIRED, names("quoteOrderQty"))


def _trigger(request: OrderPlace | OrderTest | OrderCancelReplace, names: Names) -> Trigger | None:
    if request.type not in _CONTINGENT:
        return None
    trailing_delta = request.trailing_delta
    # Without a TRAILING_DELTA filter too: a price can fall by less than all of it, and a delta of 0 is no delta.
    if trailing_delta is not None and not 0 < trailing_delta < TRAILING_DELTA_END:
        raise refusal(Code.INVALID_MESSAGE, message="Filter failure: TRAILING_DELTA")
    return Trigger(
        stop_price=_positive("stopPrice", request.stop_price, "PRICE_FILTER", names),
        trailing_delta=trailing_delta or 0,
    )


def _peg(request: OrderPlace | OrderTest | OrderCancelReplace, names: Names) -> Peg | None:
    """Notes on using parameters for Pegged Orders: offset type and value must be specified together."""
    offset = request.peg_offset_value
    if (offset is None) != (request.peg_offset_type is None):
        raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO, names("pegOffsetType"), names("pegOffsetValue"))
    if request.peg_price_type is None:
        if offset is not None:
            raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO, names("pegPriceType"), names("pegOffsetType"))
        return None
    if offset is not None and offset > PEG_OFFSET_MAX:
        raise refusal(Code.INVALID_PARAMETER, names("pegOffsetValue"))
    return Peg(price_type=request.peg_price_type, offset=-1 if offset is None else offset)


def _positive(name: str, value: Decimal | None, judging_filter: str, names: Names = _as_it_is) -> Any:
    """`value` in units of 1e-8, 0 if not sent. Sent as zero, or too large, it fails the filter that bounds it.

    An integer, and whichever of the `NewType`s its caller keeps it as: wrapping it in one is a call each time.
    """
    if value is None:
        return 0
    try:
        units = _units(value)
    except TooPrecise:
        raise refusal(Code.BAD_PRECISION, names(name)) from None
    except TooLarge:
        units = 0
    if units == 0:
        raise refusal(Code.INVALID_MESSAGE, message=f"Filter failure: {judging_filter}")
    return units
