"""Order list requests become commands: each order is read as `order.place` reads one, under the names that it has here.

Sources: web-socket-api.md, Order lists; the wording of refusals is errors.md's. Whether a symbol takes such lists, and
how prices lie, is the engine's to say.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from pitwire.exchange.gateway.commands import NewId, check_some_id, place_order
from pitwire.exchange.gateway.refusal import refusal
from pitwire.exchange.messages import CancelOrderList, PlaceOrder, PlaceOrderList
from pitwire.market.enums import ContingencyType, OrderResponseType, OrderType, Side, TimeInForce
from pitwire.market.symbols import SymbolRules
from pitwire.protocol.errors import Code
from pitwire.protocol.requests.lists import (
    OrderListCancel,
    OrderListPlace,
    OrderListPlaceOco,
    OrderListPlaceOpo,
    OrderListPlaceOpoco,
    OrderListPlaceOto,
    OrderListPlaceOtoco,
)
from pitwire.protocol.requests.trading import OrderPlace

SymbolRulesOf = Callable[[str], SymbolRules]
WithPending = OrderListPlaceOto | OrderListPlaceOtoco | OrderListPlaceOpo | OrderListPlaceOpoco
Placing = OrderListPlace | OrderListPlaceOco | WithPending

OF_A_PAIR: Final = frozenset(OrderType) - {OrderType.LIMIT, OrderType.MARKET}
WORKING: Final = frozenset({OrderType.LIMIT, OrderType.LIMIT_MAKER})
STOP_LOSSES: Final = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
TAKE_PROFITS: Final = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
MISPLACED: Final[Mapping[tuple[Side, str], Mapping[OrderType, Code]]] = {
    (Side.BUY, "above"): {
        OrderType.LIMIT_MAKER: Code.BUY_OCO_LIMIT_MUST_BE_BELOW,
        **dict.fromkeys(TAKE_PROFITS, Code.BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW),
    },
    (Side.BUY, "below"): dict.fromkeys(STOP_LOSSES, Code.BUY_OCO_STOP_LOSS_MUST_BE_ABOVE),
    (Side.SELL, "above"): dict.fromkeys(STOP_LOSSES, Code.SELL_OCO_STOP_LOSS_MUST_BE_BELOW),
    (Side.SELL, "below"): {
        OrderType.LIMIT_MAKER: Code.SELL_OCO_LIMIT_MUST_BE_ABOVE,
        **dict.fromkeys(TAKE_PROFITS, Code.SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE),
    },
}
"""What does not go there (errors.md, -1165 to -1199); what is left is a stop loss order and one of the others."""
OF_THE_LIMIT_ORDER: Final = {"price": "price", "quantity": "quantity"}
OF_THE_STOP_ORDER: Final = {
    "price": "stopLimitPrice",
    "quantity": "quantity",
    "stopPrice": "stopPrice",
    "timeInForce": "stopLimitTimeInForce",
    "trailingDelta": "trailingDelta",
}
"""The names in `orderList.place` that have no prefix."""


def response_type(request: Placing) -> OrderResponseType:
    """How much is answered of each order. Only `orderList.place` has a documented default, FULL.

    The examples of the others that send no `newOrderRespType` show what RESULT shows.
    """
    if request.new_order_resp_type is not None:
        return request.new_order_resp_type
    return OrderResponseType.FULL if isinstance(request, OrderListPlace) else OrderResponseType.RESULT


def place_old_oco(request: OrderListPlace, account: int, symbol_rules: SymbolRulesOf, new_id: NewId) -> PlaceOrderList:
    """The command for `orderList.place`. Raises as `place_order` does."""
    symbol_rules(request.symbol)
    tif = request.stop_limit_time_in_force
    if request.stop_limit_price is not None and tif is None:
        # CHANGELOG.md, 2020-04-25: updated error messages for -1128.
        advice = "Combination of optional parameters invalid. Recommendation: '%s' should also be sent."
        raise refusal(Code.OPTIONAL_PARAMS_BAD_COMBO, "stopLimitTimeInForce", message=advice)
    if request.stop_iceberg_qty is not None and tif is not TimeInForce.GTC:
        raise refusal(Code.OCO_ICEBERGQTY_TIMEINFORCE, "stopIcebergQty")
    stop_loss = OrderPlace(
        symbol=request.symbol,
        side=request.side,
        type=OrderType.STOP_LOSS if request.stop_limit_price is None else OrderType.STOP_LOSS_LIMIT,
        time_in_force=tif,
        price=request.stop_limit_price,
        quantity=request.quantity,
        new_client_order_id=request.stop_client_order_id,
        stop_price=request.stop_price,
        trailing_delta=request.trailing_delta,
        iceberg_qty=request.stop_iceberg_qty,
        strategy_id=request.stop_strategy_id,
        strategy_type=request.stop_strategy_type,
        self_trade_prevention_mode=request.self_trade_prevention_mode,
    )
    limit = OrderPlace(
        symbol=request.symbol,
        side=request.side,
        type=OrderType.LIMIT_MAKER,
        price=request.price,
        quantity=request.quantity,
        new_client_order_id=request.limit_client_order_id,
        iceberg_qty=request.limit_iceberg_qty,
        strategy_id=request.limit_strategy_id,
        strategy_type=request.limit_strategy_type,
        self_trade_prevention_mode=request.self_trade_prevention_mode,
    )
    orders = (
        place_order(stop_loss, account, symbol_rules, new_id, _names("stop", OF_THE_STOP_ORDER)),
        place_order(limit, account, symbol_rules, new_id, _names("limit", OF_THE_LIMIT_ORDER)),
    )
    return _list(request, account, new_id, ContingencyType.OCO, orders)


def place_oco(request: OrderListPlaceOco, account: int, symbol_rules: SymbolRulesOf, new_id: NewId) -> PlaceOrderList:
    """The command for `orderList.place.oco`. Raises as `place_order` does."""
    symbol_rules(request.symbol)
    reader = _Reader(request, account, symbol_rules, new_id)
    orders = reader.pair("", request.side, request.quantity, {"quantity": "quantity"})
    return _list(request, account, new_id, ContingencyType.OCO, orders)


def place_with_pending(
    request: WithPending, account: int, symbol_rules: SymbolRulesOf, new_id: NewId
) -> PlaceOrderList:
    """The command for OTO, OTOCO, OPO and OPOCO. Raises as `place_order` does."""
    symbol_rules(request.symbol)
    pays = isinstance(request, OrderListPlaceOpo | OrderListPlaceOpoco)
    if request.working_type not in WORKING:
        raise refusal(Code.INVALID_PARAMETER, "workingType")
    if pays and request.working_side is not Side.BUY:
        raise refusal(Code.OPO_WORKING_MUST_BE_BUY)
    if pays and request.pending_side is not Side.SELL:
        raise refusal(Code.OPO_PENDING_MUST_BE_SELL)
    reader = _Reader(request, account, symbol_rules, new_id)
    working = reader.order("working", request.working_side, request.working_quantity, {})
    side = request.pending_side
    quantity = None if isinstance(request, OrderListPlaceOpo | OrderListPlaceOpoco) else request.pending_quantity
    pending: tuple[PlaceOrder, ...]
    if isinstance(request, OrderListPlaceOtoco | OrderListPlaceOpoco):
        pending = reader.pair("pending", side, quantity, {"quantity": "pendingQuantity"})
    else:
        pending = (reader.order("pending", side, quantity, {}),)
    return _list(request, account, new_id, ContingencyType.OTO, (working, *pending), pays=pays)


def cancel_list(request: OrderListCancel, account: int, symbol_rules: SymbolRulesOf, new_id: NewId) -> CancelOrderList:
    """The command that cancels a list. Raises `Refusal`, and what `symbol_rules` raises for an unknown symbol."""
    symbol_rules(request.symbol)
    check_some_id(request.order_list_id, request.list_client_order_id, "orderListId", "listClientOrderId")
    return CancelOrderList(
        account=account,
        symbol=request.symbol,
        cancel_id=request.new_client_order_id or new_id(),
        order_list_id=-1 if request.order_list_id is None else request.order_list_id,
        list_client_order_id=request.list_client_order_id or "",
    )


class _Reader:
    """Reads the orders of one request, by what their parameters' names begin with."""

    def __init__(
        self, request: OrderListPlaceOco | WithPending, account: int, symbol_rules: SymbolRulesOf, new_id: NewId
    ) -> None:
        self._request = request
        self._account = account
        self._symbol_rules = symbol_rules
        self._new_id = new_id

    def pair(
        self, prefix: str, side: Side, quantity: Decimal | None, others: Mapping[str, str]
    ) -> tuple[PlaceOrder, PlaceOrder]:
        """The orders above and below the price, the stop loss order first."""
        prefixes = {place: f"{prefix}_{place}" if prefix else place for place in ("above", "below")}
        kinds = {place: getattr(self._request, f"{each}_type") for place, each in prefixes.items()}
        if kinds["below"] is None:
            raise refusal(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, _camel(f"{prefixes['below']}_type"))
        if not OF_A_PAIR.issuperset(kinds.values()):
            raise refusal(Code.OCO_ORDER_TYPE_REJECTED)
        if set(kinds.values()) == {OrderType.LIMIT_MAKER}:
            raise refusal(Code.BOTH_OCO_ORDERS_CANNOT_BE_LIMIT)
        for place, kind in kinds.items():
            code = MISPLACED[side, place].get(kind)
            if code is not None:
                raise refusal(code)
        first, second = ("above", "below") if kinds["above"] in STOP_LOSSES else ("below", "above")
        return (
            self.order(prefixes[first], side, quantity, others),
            self.order(prefixes[second], side, quantity, others),
        )

    def order(self, prefix: str, side: Side, quantity: Decimal | None, others: Mapping[str, str]) -> PlaceOrder:
        """One order. `others` are names that do not begin with `prefix`. Without a quantity it awaits one."""
        request = self._request

        def sent(name: str) -> Any:
            return getattr(request, f"{prefix}_{name}", None)

        iceberg_qty, tif = sent("iceberg_qty"), sent("time_in_force")
        if iceberg_qty is not None and tif not in (None, TimeInForce.GTC):
            raise refusal(Code.OCO_ICEBERGQTY_TIMEINFORCE, _camel(f"{prefix}_iceberg_qty"))
        order = OrderPlace(
            symbol=request.symbol,
            side=side,
            type=sent("type"),
            time_in_force=tif,
            price=sent("price"),
            quantity=quantity,
            new_client_order_id=sent("client_order_id"),
            stop_price=sent("stop_price"),
            trailing_delta=sent("trailing_delta"),
            iceberg_qty=iceberg_qty,
            strategy_id=sent("strategy_id"),
            strategy_type=sent("strategy_type"),
            self_trade_prevention_mode=request.self_trade_prevention_mode,
            peg_price_type=sent("peg_price_type"),
            peg_offset_value=sent("peg_offset_value"),
            peg_offset_type=sent("peg_offset_type"),
        )
        names = _names(_camel(prefix), others)
        return place_order(
            order, self._account, self._symbol_rules, self._new_id, names, awaits_quantity=quantity is None
        )


def _list(
    request: Placing,
    account: int,
    new_id: NewId,
    contingency: ContingencyType,
    orders: tuple[PlaceOrder, ...],
    *,
    pays: bool = False,
) -> PlaceOrderList:
    return PlaceOrderList(
        account=account,
        symbol=request.symbol,
        list_client_order_id=request.list_client_order_id or new_id(),
        contingency=contingency,
        orders=orders,
        pays=pays,
    )


def _names(prefix: str, others: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: others.get(name) or prefix + name[0].upper() + name[1:]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
