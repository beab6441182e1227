"""User data events (user-data-stream.md): what an account is told of its orders and balances, in log order."""

from collections.abc import Container
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import astuple

from pitwire.exchange.messages import (
    Deposited,
    ExternallyLocked,
    OrderAllocated,
    OrderAmended,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderExtras,
    OrderListChanged,
    OrderOpened,
    OrderPrevented,
    OrderRejected,
    OrderTraded,
    OrderTriggered,
    OrderView,
    Outcome,
    PositionChanged,
)
from pitwire.exchange.projections.conditional import expiry_reason
from pitwire.exchange.projections.replies import ONE_PARTY
from pitwire.exchange.projections.wire import ZERO, grid_text, microseconds_per
from pitwire.market.enums import (
    ContingencyType,
    ExecutionType,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    OrderType,
    PegOffsetType,
    PegPriceType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TimeUnit,
    WorkingFloor,
)
from pitwire.market.numbers import text
from pitwire.market.rejects import Reject

_NEW, _TRADE = ExecutionType.NEW, ExecutionType.TRADE
_CANCELED, _EXPIRED = ExecutionType.CANCELED, ExecutionType.EXPIRED
_REPLACED, _REJECTED = ExecutionType.REPLACED, ExecutionType.REJECTED
_TRADE_PREVENTION = ExecutionType.TRADE_PREVENTION
_OPEN = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)
_PARTIALLY_FILLED, _GTC = OrderStatus.PARTIALLY_FILLED, TimeInForce.GTC
_AT_MARKET = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)

_REJECT_REASONS = {
    Reject.INSUFFICIENT_BALANCE: "INSUFFICIENT_BALANCES",
    Reject.WOULD_MATCH_IMMEDIATELY: "WOULD_MATCH_IMMEDIATELY",
    Reject.WOULD_TRIGGER_IMMEDIATELY: "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
    Reject.BAD_PRICES: "OCO_BAD_PRICES",
}
"""user-data-stream.md, Order Reject Reason. An order that is rejected for another reason is not reported."""

_encode = msgspec.json.Encoder().encode


class ExecutionReport(Struct, frozen=True, gc=False, tag_field="e", tag="executionReport"):
    """`executionReport` in its wire order (user-data-stream.md, Order Update). `UNSET` fields do not appear.

    Built positionally: keywords would cost a fifth more, and one is made for every change of an order.
    """

    event_time: int = field(name="E")
    symbol: str = field(name="s")
    client_order_id: str = field(name="c")
    side: Side = field(name="S")
    type: OrderType = field(name="o")
    time_in_force: TimeInForce = field(name="f")
    quantity: str = field(name="q")
    price: str = field(name="p")
    stop_price: str = field(name="P")
    iceberg_quantity: str = field(name="F")
    order_list_id: int = field(name="g")
    original_client_order_id: str = field(name="C")
    execution_type: ExecutionType = field(name="x")
    status: OrderStatus = field(name="X")
    reject_reason: str = field(name="r")
    order_id: int = field(name="i")
    last_quantity: str = field(name="l")
    executed: str = field(name="z")
    last_price: str = field(name="L")
    commission: str = field(name="n")
    commission_asset: str | None = field(name="N")
    transaction_time: int = field(name="T")
    trade_id: int = field(name="t")
    execution_id: int = field(name="I")
    is_on_book: bool = field(name="w")
    is_maker: bool = field(name="m")
    ignored: bool = field(name="M")
    created: int = field(name="O")
    quote_executed: str = field(name="Z")
    last_quote: str = field(name="Y")
    quote_quantity: str = field(name="Q")
    working_time: int | UnsetType = field(name="W")
    self_trade_prevention: SelfTradePrevention = field(name="V")
    strategy_id: int | UnsetType = field(name="j")
    strategy_type: int | UnsetType = field(name="J")
    expiry_reason: str | UnsetType = field(name="eR")


class ExtendedReport(ExecutionReport, frozen=True, gc=False, tag_field="e", tag="executionReport"):
    """`executionReport` of an order that has more to say than most: each field if its condition holds.

    Source: user-data-stream.md, Conditional Fields in Execution Report. What self-trade prevention took from the order
    is in `v` and `A`, and with that event only in those that follow. `pl`, `pL` and `pY` are what `l`, `L` and `Y`
    of the trade would have been (the documentation's change log).
    """

    trailing_delta: int | UnsetType = field(name="d", default=UNSET)
    trailing_time: int | UnsetType = field(name="D", default=UNSET)
    peg_price_type: PegPriceType | UnsetType = field(name="gP", default=UNSET)
    peg_offset_type: PegOffsetType | UnsetType = field(name="gOT", default=UNSET)
    peg_offset_value: int | UnsetType = field(name="gOV", default=UNSET)
    pegged_price: str | UnsetType = field(name="gp", default=UNSET)
    prevented_match_id: int | UnsetType = field(name="v", default=UNSET)
    prevented: str | UnsetType = field(name="A", default=UNSET)
    last_prevented: str | UnsetType = field(name="B", default=UNSET)
    trade_group: int | UnsetType = field(name="u", default=UNSET)
    counter_order_id: int | UnsetType = field(name="U", default=UNSET)
    counter_symbol: str | UnsetType = field(name="Cs", default=UNSET)
    prevented_quantity: str | UnsetType = field(name="pl", default=UNSET)
    prevented_price: str | UnsetType = field(name="pL", default=UNSET)
    prevented_quote: str | UnsetType = field(name="pY", default=UNSET)
    match_type: str | UnsetType = field(name="b", default=UNSET)
    allocation_id: int | UnsetType = field(name="a", default=UNSET)
    working_floor: WorkingFloor | UnsetType = field(name="k", default=UNSET)
    used_sor: bool | UnsetType = field(name="uS", default=UNSET)


class AssetBalance(Struct, frozen=True, gc=False):
    """One entry of `outboundAccountPosition`."""

    asset: str = field(name="a")
    free: str = field(name="f")
    locked: str = field(name="l")


class AccountPosition(Struct, frozen=True, gc=False, tag_field="e", tag="outboundAccountPosition"):
    """`outboundAccountPosition` (user-data-stream.md, Account Update): the balances that a command may have changed."""

    event_time: int = field(name="E")
    updated: int = field(name="u")
    balances: list[AssetBalance] = field(name="B")


class ListedOrder(Struct, frozen=True, gc=False):
    """One entry of `O` of `listStatus`."""

    symbol: str = field(name="s")
    order_id: int = field(name="i")
    client_order_id: str = field(name="c")


class ListStatus(Struct, frozen=True, gc=False, tag_field="e", tag="listStatus"):
    """`listStatus` (user-data-stream.md, Order Update): a list was placed, goes on in another way, or is done."""

    event_time: int = field(name="E")
    symbol: str = field(name="s")
    order_list_id: int = field(name="g")
    contingency: ContingencyType = field(name="c")
    status_type: ListStatusType = field(name="l")
    order_status: ListOrderStatus = field(name="L")
    reject_reason: str = field(name="r")
    list_client_order_id: str = field(name="C")
    transaction_time: int = field(name="T")
    orders: list[ListedOrder] = field(name="O")


class BalanceUpdate(Struct, frozen=True, gc=False, tag_field="e", tag="balanceUpdate"):
    """`balanceUpdate` (user-data-stream.md, Balance Update): a deposit, or a withdrawal when negative."""

    event_time: int = field(name="E")
    asset: str = field(name="a")
    delta: str = field(name="d")
    clear_time: int = field(name="T")


class ExternalLockUpdate(Struct, frozen=True, gc=False, tag_field="e", tag="externalLockUpdate"):
    """`externalLockUpdate` (user-data-stream.md, External Lock Update): locked from outside, or unlocked."""

    event_time: int = field(name="E")
    asset: str = field(name="a")
    delta: str = field(name="d")
    transaction_time: int = field(name="T")


def reports(outcome: Outcome, unit: TimeUnit, wanted: Container[int]) -> list[tuple[int, bytes]]:
    """The events of one outcome for the accounts in `wanted`: pairs of an account and its event, encoded, in log order.

    The event is what goes into `event` of the envelope `{"subscriptionId": ..., "event": ...}`.
    """
    microseconds = microseconds_per(unit)
    time_us = outcome.record.time_us
    found: list[tuple[int, bytes]] = []
    for event in outcome.events:
        # Not isinstance: for a struct that asks the metaclass, which takes 0.2 us when the answer is no.
        if (
            type(event) is OrderOpened
            or type(event) is OrderTraded
            or type(event) is OrderCanceled
            or type(event) is OrderExpired
            or type(event) is OrderTriggered
            or type(event) is OrderPrevented
        ):
            if (account := event.order.account) in wanted:
                found.append((account, _encode(_execution_report(event, time_us, microseconds))))
        elif type(event) is PositionChanged:
            if (account := event.account) in wanted:
                found.append((account, _encode(_account_position(event, time_us // microseconds))))
        elif type(event) is Deposited:
            if (account := event.account) in wanted:
                found.append((account, _encode(_balance_update(event, time_us // microseconds))))
        elif type(event) is OrderListChanged:
            if (account := event.order_list.account) in wanted:
                found.append((account, _encode(_list_status(event, time_us // microseconds))))
        elif type(event) is ExternallyLocked:
            if (account := event.account) in wanted:
                time = time_us // microseconds
                found.append((account, _encode(ExternalLockUpdate(time, event.asset, text(event.amount), time))))
        elif (
            type(event) is OrderAmended
            or type(event) is OrderAllocated
            or (type(event) is OrderRejected and event.rejection.reason in _REJECT_REASONS)
        ) and (account := event.order.account) in wanted:
            found.append((account, _encode(_execution_report(event, time_us, microseconds))))
    return found


def _execution_report(event: OrderEvent, time_us: int, microseconds: int) -> ExecutionReport:
    order = event.order
    time = time_us // microseconds
    client_order_id, original = order.client_order_id, ""
    last_quantity = last_price = last_quote = executed = quote_executed = ZERO
    commission, commission_asset, trade_id = "0", None, -1
    traded = on_book = is_maker = False
    reason: str | UnsetType = UNSET
    reject_reason = "NONE"
    if order.executed:
        executed, quote_executed = grid_text(order.executed), text(order.quote_executed)
    if type(event) is OrderOpened or type(event) is OrderTriggered:
        execution_type = _NEW
        on_book = order.working_us >= 0
    elif type(event) is OrderTraded:
        execution_type = _TRADE
        traded = True
        on_book = order.status is _PARTIALLY_FILLED and _rests(order)
        last_quantity, last_price, last_quote = grid_text(event.quantity), grid_text(event.price), text(event.quote)
        commission, commission_asset = text(event.commission), event.commission_asset
        trade_id, is_maker = event.trade_id, event.is_maker
    elif type(event) is OrderAllocated:
        execution_type = _TRADE
        traded = True
        on_book = order.status is _PARTIALLY_FILLED and _rests(order)
        last_quantity, last_price, last_quote = grid_text(event.quantity), grid_text(event.price), text(event.quote)
        commission, commission_asset = text(event.commission), event.commission_asset
    elif type(event) is OrderCanceled:
        execution_type = _CANCELED
        client_order_id, original = event.cancel_id, client_order_id
    elif type(event) is OrderAmended:
        execution_type = _REPLACED
        original = event.previous_client_order_id
        on_book = order.working_us >= 0
    elif type(event) is OrderRejected:
        execution_type = _REJECTED
        reject_reason = _REJECT_REASONS[event.rejection.reason]
    elif type(event) is OrderPrevented:
        execution_type = _TRADE_PREVENTION
        on_book = order.status in _OPEN and _rests(order)
    else:
        execution_type = _EXPIRED
        reason = expiry_reason(order)
    stop_price = iceberg_quantity = ZERO
    order_list_id = -1
    extras = order.extras
    if extras is not None:
        order_list_id = extras.order_list_id
        iceberg_quantity = grid_text(extras.iceberg_quantity)
        if extras.trigger is not None:
            stop_price = grid_text(extras.trigger.stop_price)
    report = ExecutionReport(
        time,
        order.symbol,
        client_order_id,
        order.side,
        order.type,
        order.time_in_force,
        grid_text(order.quantity),
        grid_text(order.price),
        stop_price,
        iceberg_quantity,
        order_list_id,
        original,
        execution_type,
        order.status,
        reject_reason,
        order.order_id,
        last_quantity,
        executed,
        last_price,
        commission,
        commission_asset,
        time,
        trade_id,
        event.execution_id,
        on_book,
        is_maker,
        traded,  # M: documented as "Ignore"; Binance sends true with a trade (faqs/market_orders_faq.md)
        order.created_us // microseconds,
        quote_executed,
        last_quote,
        grid_text(order.quote_quantity),
        order.working_us // microseconds if order.working_us >= 0 else UNSET,
        order.self_trade_prevention,
        order.strategy_id if order.strategy_id != -1 else UNSET,
        order.strategy_type if order.strategy_type != -1 else UNSET,
        reason,
    )
    if extras is None and not order.prevented:
        return report
    more = _extras(extras, microseconds) if extras is not None else {}
    if order.prevented:
        more |= _prevented(event)
    if type(event) is OrderAllocated:
        more |= {"match_type": ONE_PARTY, "allocation_id": event.allocation_id}
    return ExtendedReport(*astuple(report), **more)


def _extras(extras: OrderExtras, microseconds: int) -> dict[str, Any]:
    """The fields whose condition `extras` meets."""
    found: dict[str, Any] = {}
    if extras.trigger is not None and extras.trigger.trailing_delta:
        found["trailing_delta"] = extras.trigger.trailing_delta
        found["trailing_time"] = extras.trailing_us // microseconds if extras.trailing_us >= 0 else -1
    peg = extras.peg
    if peg is not None:
        found["peg_price_type"] = peg.price_type
        if peg.offset >= 0:
            found["peg_offset_type"] = PegOffsetType.PRICE_LEVEL
            found["peg_offset_value"] = peg.offset
    if extras.pegged_price:
        found["pegged_price"] = grid_text(extras.pegged_price)
    if extras.working_floor is not None:
        found["working_floor"] = extras.working_floor
        found["used_sor"] = True
    return found


def _prevented(event: OrderEvent) -> dict[str, Any]:
    """The fields of an order that self-trade prevention took from."""
    order = event.order
    found: dict[str, Any] = {"prevented_match_id": order.prevented_match_id, "prevented": grid_text(order.prevented)}
    if type(event) is OrderPrevented:
        found["last_prevented"] = grid_text(event.prevented)
        if event.trade_group != -1:
            found["trade_group"] = event.trade_group
        found["counter_order_id"] = event.counter_order_id
        found["counter_symbol"] = event.counter_symbol or order.symbol
        found["prevented_quantity"] = grid_text(event.quantity)
        found["prevented_price"] = grid_text(event.price)
        found["prevented_quote"] = text(event.quote)
    return found


def _rests(order: OrderView) -> bool:
    """Whether the rest of the order stays on the book: not that of a MARKET order (faqs/market_orders_faq.md)."""
    return order.time_in_force is _GTC and order.type not in _AT_MARKET


def _account_position(event: PositionChanged, time: int) -> AccountPosition:
    return AccountPosition(
        time,
        time,
        [
            AssetBalance(balance.asset, text(balance.free), text(balance.locked) if balance.locked else ZERO)
            for balance in event.balances
        ],
    )


def _list_status(event: OrderListChanged, time: int) -> ListStatus:
    order_list = event.order_list
    symbol = order_list.symbol
    reason = "NONE" if event.rejection is None else _REJECT_REASONS.get(event.rejection, "NONE")
    return ListStatus(
        time,
        symbol,
        order_list.order_list_id,
        order_list.contingency,
        event.status_type,
        ListOrderStatus.ALL_DONE if order_list.is_done else ListOrderStatus.EXECUTING,
        reason,
        order_list.list_client_order_id,
        time,
        [ListedOrder(symbol, order.order_id, order.client_order_id) for order in order_list.orders],
    )


def _balance_update(event: Deposited, time: int) -> BalanceUpdate:
    return BalanceUpdate(time, event.asset, text(event.amount), time)
