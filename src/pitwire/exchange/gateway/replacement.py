"""What `order.cancelReplace` is answered: both halves, each with its result or with the reason why there is none.

Source: web-socket-api.md, Cancel and replace order. Of an account beyond its unfilled order count in mode CANCEL_ONLY
the table there says status 429 for STOP_ON_FAILURE, and the example below it 409 "regardless of cancelReplaceMode".
Here it is 409 once the order is cancelled, and the table's status when it could not be.
"""

from typing import Any

import msgspec

from pitwire.exchange.messages import (
    CancelFailed,
    Command,
    CommandRejected,
    OrderCanceled,
    OrderOpened,
    OrderRejected,
    Outcome,
    ReplacementFailed,
    ReplaceOrder,
)
from pitwire.exchange.projections.replies import order_canceled, order_placed
from pitwire.market.enums import (
    CancelReplaceMode,
    OrderRateLimitExceededMode,
    OrderResponseType,
    OrderType,
    TimeUnit,
)
from pitwire.protocol.errors import Code, WireError, of_reject, wire_error
from pitwire.protocol.requests.base import Request
from pitwire.protocol.requests.trading import OrderCancelReplace, OrderPlace, SorOrderPlace

_SUCCESS, _FAILURE, _NOT_ATTEMPTED = "SUCCESS", "FAILURE", "NOT_ATTEMPTED"


def response_type(request: OrderPlace | OrderCancelReplace | SorOrderPlace) -> OrderResponseType:
    """How much is answered of the new order: all of it for LIMIT and MARKET, unless `newOrderRespType` says other."""
    if request.new_order_resp_type is not None:
        return request.new_order_resp_type
    full = request.type is OrderType.LIMIT or request.type is OrderType.MARKET
    return OrderResponseType.FULL if full else OrderResponseType.ACK


def without_placement(request: Request[Any], command: Command) -> Command | None:
    """What is left of a command for an account beyond its unfilled order count; None: nothing."""
    if (
        isinstance(request, OrderCancelReplace)
        and isinstance(command, ReplaceOrder)
        and request.order_rate_limit_exceeded_mode is OrderRateLimitExceededMode.CANCEL_ONLY
    ):
        return msgspec.structs.replace(command, place=None)
    return None


def order_replaced(
    request: OrderCancelReplace, outcome: Outcome, unit: TimeUnit, over_limit: WireError | None = None
) -> dict[str, Any] | WireError:
    """The result of `order.cancelReplace`, or the error when a half of it failed.

    `over_limit` is why no order was placed, of a command that `without_placement` made. The outcome must be that of a
    `ReplaceOrder` that was not refused as a whole: ask `rejection` first.
    """
    canceled = placed = None
    not_canceled = not_placed = None
    for number, event in enumerate(outcome.events):
        if isinstance(event, OrderCanceled) and canceled is None:
            canceled = order_canceled(outcome, unit)
        elif isinstance(event, OrderOpened):
            rest = Outcome(outcome.record, outcome.events[number:])
            placed = order_placed(rest, response_type(request), unit)
            break
        elif isinstance(event, CancelFailed):
            not_canceled = _body(event.rejection)
        elif isinstance(event, OrderRejected):
            not_placed = _body(event.rejection)
        elif isinstance(event, ReplacementFailed):
            not_canceled = _body(event.cancel)
            not_placed = None if event.placement is None else _body(event.placement)
    stopped = not_canceled is not None and request.cancel_replace_mode is CancelReplaceMode.STOP_ON_FAILURE
    if over_limit is not None and not stopped:
        not_placed = _half(over_limit)
    data = {
        "cancelResult": _FAILURE if canceled is None else _SUCCESS,
        "newOrderResult": _NOT_ATTEMPTED if stopped else _FAILURE if placed is None else _SUCCESS,
        "cancelResponse": not_canceled if canceled is None else canceled,
        "newOrderResponse": not_placed if placed is None else placed,
    }
    if canceled is not None and placed is not None:
        return data
    if canceled is not None or placed is not None:
        return wire_error(Code.CANCEL_REPLACE_PARTIALLY_FAILED, data=data)
    return wire_error(Code.CANCEL_REPLACE_FAILED, data=data, status=429 if over_limit is not None and stopped else None)


def _body(rejection: CommandRejected) -> dict[str, Any]:
    return _half(of_reject(rejection.reason, rejection.detail))


def _half(error: WireError) -> dict[str, Any]:
    return {"code": error.code, "msg": error.msg}
