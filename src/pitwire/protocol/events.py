"""What the exchange sends unasked: user data events (user-data-stream.md) and connection events (web-socket-api.md).

An event comes as `{"subscriptionId": 0, "event": {"e": "executionReport", ...}}`; `serverShutdown` has no subscription.
Its one-letter names have readable ones here, after the documentation's descriptions. Times are in the connection's
unit, by default milliseconds since the epoch. Fields that are only sometimes sent are `UNSET` when they were not.
"""

from decimal import Decimal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, ValidationError, field
from msgspec.structs import force_setattr

from pitwire.market.enums import (
    ContingencyType,
    ExecutionType,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from pitwire.protocol.errors import ProtocolViolation


class Event(Struct, frozen=True, kw_only=True, tag_field="e", omit_defaults=True, repr_omit_defaults=True):
    """What all events have. `subscription_id` comes from beside the event; connection events have none."""

    event_time: int = field(name="E")
    subscription_id: int | None = field(name="subscriptionId", default=None)


class ExecutionReport(Event, frozen=True, kw_only=True, tag="executionReport"):
    """Order Update: an order was accepted, traded, cancelled, replaced, refused, or has expired.

    `client_order_id` is, for a cancellation, the cancel's own, and `original_client_order_id` the order's.
    The average price is `quote_executed / executed`.
    """

    symbol: str = field(name="s")
    client_order_id: str = field(name="c")
    side: Side = field(name="S")
    type: OrderType = field(name="o")
    time_in_force: TimeInForce = field(name="f")
    quantity: Decimal = field(name="q")
    price: Decimal = field(name="p")
    stop_price: Decimal = field(name="P")
    iceberg_quantity: Decimal = field(name="F")
    order_list_id: int = field(name="g")
    original_client_order_id: str = field(name="C")
    execution_type: ExecutionType = field(name="x")
    status: OrderStatus = field(name="X")
    reject_reason: str = field(name="r")
    order_id: int = field(name="i")
    last_executed: Decimal = field(name="l")
    executed: Decimal = field(name="z")
    last_price: Decimal = field(name="L")
    commission: Decimal = field(name="n")
    commission_asset: str | None = field(name="N")
    transaction_time: int = field(name="T")
    trade_id: int = field(name="t")
    execution_id: int = field(name="I")
    is_on_book: bool = field(name="w")
    is_maker: bool = field(name="m")
    ignored: bool = field(name="M")
    creation_time: int = field(name="O")
    quote_executed: Decimal = field(name="Z")
    last_quote_executed: Decimal = field(name="Y")
    quote_order_quantity: Decimal = field(name="Q")
    self_trade_prevention_mode: str | UnsetType = field(name="V", default=UNSET)
    working_time: int | UnsetType = field(name="W", default=UNSET)
    # Conditional Fields in Execution Report
    trailing_delta: int | UnsetType = field(name="d", default=UNSET)
    trailing_time: int | UnsetType = field(name="D", default=UNSET)
    strategy_id: int | UnsetType = field(name="j", default=UNSET)
    strategy_type: int | UnsetType = field(name="J", default=UNSET)
    prevented_match_id: int | UnsetType = field(name="v", default=UNSET)
    prevented_quantity: Decimal | UnsetType = field(name="A", default=UNSET)
    last_prevented_quantity: Decimal | UnsetType = field(name="B", default=UNSET)
    trade_group_id: int | UnsetType = field(name="u", default=UNSET)
    counter_order_id: int | UnsetType = field(name="U", default=UNSET)
    counter_symbol: str | UnsetType = field(name="Cs", default=UNSET)
    prevented_execution_quantity: Decimal | UnsetType = field(name="pl", default=UNSET)
    prevented_execution_price: Decimal | UnsetType = field(name="pL", default=UNSET)
    prevented_execution_quote: Decimal | UnsetType = field(name="pY", default=UNSET)
    match_type: str | UnsetType = field(name="b", default=UNSET)
    allocation_id: int | UnsetType = field(name="a", default=UNSET)
    working_floor: str | UnsetType = field(name="k", default=UNSET)
    used_sor: bool | UnsetType = field(name="uS", default=UNSET)
    peg_price_type: str | UnsetType = field(name="gP", default=UNSET)
    peg_offset_type: str | UnsetType = field(name="gOT", default=UNSET)
    peg_offset_value: int | UnsetType = field(name="gOV", default=UNSET)
    pegged_price: Decimal | UnsetType = field(name="gp", default=UNSET)
    expiry_reason: str | UnsetType = field(name="eR", default=UNSET)


class BalanceState(Struct, frozen=True, kw_only=True):
    """What an account has of an asset after an event."""

    asset: str = field(name="a")
    free: Decimal = field(name="f")
    locked: Decimal = field(name="l")


class OutboundAccountPosition(Event, frozen=True, kw_only=True, tag="outboundAccountPosition"):
    """Account Update: the balances that an event may have changed, as they stand after it."""

    last_update_time: int = field(name="u")
    balances: tuple[BalanceState, ...] = field(name="B")


class BalanceUpdate(Event, frozen=True, kw_only=True, tag="balanceUpdate"):
    """Balance Update: a deposit, a withdrawal, or a transfer between accounts."""

    asset: str = field(name="a")
    delta: Decimal = field(name="d")
    clear_time: int = field(name="T")


class ListStatusOrder(Struct, frozen=True, kw_only=True):
    """An order of an order list, by its ids."""

    symbol: str = field(name="s")
    order_id: int = field(name="i")
    client_order_id: str = field(name="c")


class ListStatus(Event, frozen=True, kw_only=True, tag="listStatus"):
    """The status of an order list; it comes beside the `ExecutionReport`s of the list's orders."""

    symbol: str = field(name="s")
    order_list_id: int = field(name="g")
    contingency_type: ContingencyType = field(name="c")
    list_status_type: ListStatusType = field(name="l")
    list_order_status: ListOrderStatus = field(name="L")
    reject_reason: str = field(name="r")
    list_client_order_id: str = field(name="C")
    transaction_time: int = field(name="T")
    orders: tuple[ListStatusOrder, ...] = field(name="O")


class ExternalLockUpdate(Event, frozen=True, kw_only=True, tag="externalLockUpdate"):
    """External Lock Update: an external system has locked (`delta` > 0) or unlocked part of the spot wallet."""

    asset: str = field(name="a")
    delta: Decimal = field(name="d")
    transaction_time: int = field(name="T")


class EventStreamTerminated(Event, frozen=True, kw_only=True, tag="eventStreamTerminated"):
    """Event Stream Terminated: the subscription is over; no event of it follows."""


class ServerShutdown(Event, frozen=True, kw_only=True, tag="serverShutdown"):
    """Server Shutdown: the server is about to close this connection; a new one should be made at once."""


class UnknownEvent(Struct, frozen=True, kw_only=True):
    """An event that this library cannot read: its type is new, or its fields are not as documented. `raw` is its JSON.

    What it is about is not lost on the account: ask for orders and balances where `type` is one that matters.
    """

    type: str
    raw: bytes
    subscription_id: int | None = None


UserDataEvent = (
    ExecutionReport
    | OutboundAccountPosition
    | BalanceUpdate
    | ListStatus
    | ExternalLockUpdate
    | EventStreamTerminated
    | UnknownEvent
)
ConnectionEvent = ServerShutdown

_Known = (
    ExecutionReport
    | OutboundAccountPosition
    | BalanceUpdate
    | ListStatus
    | ExternalLockUpdate
    | EventStreamTerminated
    | ServerShutdown
)


class _Type(Struct):
    e: str


class _Frame(Struct, rename="camel"):
    event: Raw
    subscription_id: int | None = None


_decode_known = msgspec.json.Decoder(_Known).decode
_decode_type = msgspec.json.Decoder(_Type).decode
_decode_frame = msgspec.json.Decoder(_Frame).decode


def decode_event(raw: bytes | memoryview | Raw, subscription_id: int | None = None) -> UserDataEvent | ConnectionEvent:
    """The event in `raw`, the JSON of what stands under `event`; `subscription_id` is what stood beside it.

    An event of an unknown type becomes an `UnknownEvent`, and so does one of a known type that lacks a field or has one
    of another kind than documented. Raises `ProtocolViolation` when `raw` is no event.
    """
    try:
        event: _Known = _decode_known(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _unknown_event(bytes(raw), subscription_id, error)
    if subscription_id is not None:
        force_setattr(event, "subscription_id", subscription_id)  # nobody else has seen the struct yet
    return event


def decode_event_frame(frame: bytes | memoryview) -> UserDataEvent | ConnectionEvent:
    """The event in a whole frame: see `decode_event`."""
    try:
        envelope = _decode_frame(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolViolation(f"not an event: {error}") from error
    return decode_event(envelope.event, envelope.subscription_id)


def _unknown_event(raw: bytes, subscription_id: int | None, error: Exception) -> UnknownEvent:
    if not isinstance(error, ValidationError):
        raise ProtocolViolation(f"not an event: {error}") from error
    try:
        kind = _decode_type(raw).e
    except ValidationError:
        raise ProtocolViolation(f"an event without a type: {error}") from error
    return UnknownEvent(type=kind, raw=raw, subscription_id=subscription_id)
