"""User data events (user-data-stream.md): what an account is told of its orders and balances, in the order of the log."""

from collections.abc import Container
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from pitwire.exchange.messages import (
    Deposited,
    OrderCanceled,
    OrderExpired,
    OrderOpened,
    OrderTraded,
    OrderView,
    Outcome,
    PositionChanged,
)
from pitwire.exchange.projections.conditional import expiry_reason
from pitwire.exchange.projections.wire import ZERO, grid_text, microseconds_per
from pitwire.market.enums import (
    ExecutionType,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TimeUnit,
)
from pitwire.market.numbers import text

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


def reports(outcome: Outcome, unit: TimeUnit, wanted: Container[int]) -> list[tuple[int, bytes]]:
    """The events of one outcome for the accounts in `wanted`: pairs of an account and its event, encoded, in log order.

    The event is what goes into `event` of the envelope `{"subscriptionId": ..., "event": ...}`.
    """
    microseconds = microseconds_per(unit)
    time_us = outcome.record.time_us
    found: list[tuple[int, bytes]] = []
    for event in outcome.events:
        kind = type(event)
        if kind is OrderOpened or kind is OrderTraded or kind is OrderCanceled or kind is OrderExpired:
            if (account := event.order.account) in wanted:  # type: ignore[union-attr]
                found.append((account, _encode(_execution_report(event, time_us, microseconds))))  # type: ignore[arg-type]
        elif kind is PositionChanged:
            if (account := event.account) in wanted:  # type: ignore[union-attr]
                found.append((account, _encode(_account_position(event, time_us // microseconds))))  # type: ignore[arg-type]
        elif kind is Deposited and (account := event.account) in wanted:  # type: ignore[union-attr]
            found.append((account, _encode(_balance_update(event, time_us // microseconds))))  # type: ignore[arg-type]
    return found


def _execution_report(
    event: OrderOpened | OrderTraded | OrderCanceled | OrderExpired, time_us: int, microseconds: int
) -> ExecutionReport:
    order = event.order
    time = time_us // microseconds
    client_order_id, original = order.client_order_id, ""
    last_quantity = last_price = last_quote = ZERO
    commission, commission_asset, trade_id = "0", None, -1
    traded = on_book = is_maker = False
    reason: str | UnsetType = UNSET
    if isinstance(event, OrderTraded):
        execution_type = ExecutionType.TRADE
        traded = True
        on_book = order.status is OrderStatus.PARTIALLY_FILLED and _rests(order)
        last_quantity, last_price = grid_text(event.quantity), grid_text(event.price)
        last_quote = grid_text(event.quote)
        commission, commission_asset = text(event.commission), event.commission_asset
        trade_id, is_maker = event.trade_id, event.is_maker
    elif isinstance(event, OrderOpened):
        execution_type = ExecutionType.NEW
        on_book = True
    elif isinstance(event, OrderCanceled):
        execution_type = ExecutionType.CANCELED
        client_order_id, original = event.cancel_id, client_order_id
    else:
        execution_type = ExecutionType.EXPIRED
        reason = expiry_reason(order)
    return ExecutionReport(
        time,
        order.symbol,
        client_order_id,
        order.side,
        order.type,
        order.time_in_force,
        grid_text(order.quantity),
        grid_text(order.price),
        ZERO,
        ZERO,
        -1,
        original,
        execution_type,
        order.status,
        "NONE",
        order.order_id,
        last_quantity,
        grid_text(order.executed),
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
        grid_text(order.quote_executed),
        last_quote,
        grid_text(order.quote_quantity),
        order.working_us // microseconds if order.working_us >= 0 else UNSET,
        order.self_trade_prevention,
        order.strategy_id if order.strategy_id >= 0 else UNSET,
        order.strategy_type if order.strategy_type >= 0 else UNSET,
        reason,
    )


def _rests(order: OrderView) -> bool:
    """Whether the rest of the order stays on the book. `w` of a MARKET order's trade is false (faqs/market_orders_faq.md)."""
    return order.time_in_force is TimeInForce.GTC and order.type is not OrderType.MARKET


def _account_position(event: PositionChanged, time: int) -> dict[str, Any]:
    return {
        "e": "outboundAccountPosition",
        "E": time,
        "u": time,
        "B": [{"a": balance.asset, "f": text(balance.free), "l": text(balance.locked)} for balance in event.balances],
    }


def _balance_update(event: Deposited, time: int) -> dict[str, Any]:
    return {"e": "balanceUpdate", "E": time, "a": event.asset, "d": text(event.amount), "T": time}
