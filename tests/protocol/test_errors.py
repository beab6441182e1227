import inspect
import pickle

import pytest

from pitwire.market.rejects import Reject
from pitwire.protocol import errors
from pitwire.protocol.codes import MESSAGES
from pitwire.protocol.errors import (
    TIMESTAMP_AHEAD,
    AmendRejected,
    Banned,
    Blocked,
    CancelRejected,
    CancelReplaceFailed,
    Code,
    ErrorBody,
    EventsLost,
    FilterFailure,
    InvalidParameter,
    InvalidSignature,
    InvalidTimestamp,
    NoSuchOrder,
    NotSent,
    OrderArchived,
    OrderRejected,
    OutcomeUnknown,
    PitwireError,
    ProtocolViolation,
    RateLimited,
    Rejected,
    SubscriptionRejected,
    Unauthorized,
    WireError,
    of_amend_reject,
    of_reject,
    rejected,
    wire_error,
)


@pytest.mark.parametrize(
    ("status", "code", "message", "raised"),
    [
        (429, -1003, "Too much request weight used; ...", RateLimited),
        (418, -1003, "Way too much request weight used; ...", Banned),
        (429, -1015, "Too many new orders.", RateLimited),
        (400, -1034, "Too many concurrent connections; ...", RateLimited),
        (403, 0, "Forbidden", Blocked),
        (401, -2015, "Invalid API-key, IP, or permissions for action.", Unauthorized),
        (400, -2014, "API-key format invalid.", Unauthorized),
        (400, -1002, "You are not authorized to execute this request.", Unauthorized),
        (401, 0, "", Unauthorized),
        (400, -1021, "Timestamp for this request is outside of the recvWindow.", InvalidTimestamp),
        (400, -1022, "Signature for this request is not valid.", InvalidSignature),
        (400, -1100, "Illegal characters found in a parameter.", InvalidParameter),
        (400, -1121, "Invalid symbol.", InvalidParameter),
        (400, -1199, "A take profit order in a sell OCO must be above.", InvalidParameter),
        (400, -1220, "The symbol's status does not match the requested symbolStatus.", InvalidParameter),
        (400, -1013, "Filter failure: PRICE_FILTER", FilterFailure),
        (400, -1013, "Stop price must be above last price.", OrderRejected),
        (400, -1014, "Unsupported order combination.", OrderRejected),
        (400, -2010, "Account has insufficient balance for requested action.", OrderRejected),
        (400, -2011, "Unknown order sent.", CancelRejected),
        (400, -2038, "Order amend is not supported for this symbol.", AmendRejected),
        (409, -2021, "Order cancel-replace partially failed.", CancelReplaceFailed),
        (400, -2022, "Order cancel-replace failed.", CancelReplaceFailed),
        (400, -2013, "Order does not exist.", NoSuchOrder),
        (400, -2026, "Order was canceled or expired ...", OrderArchived),
        (400, -2035, "User Data Stream subscription already active.", SubscriptionRejected),
        (400, -2043, "This symbol doesn't have a reference price.", Rejected),
        (400, -9999, "A code of tomorrow", Rejected),
        (500, -1000, "An unknown error occurred while processing the request.", OutcomeUnknown),
        (503, -1008, "Server is currently overloaded with other requests.", OutcomeUnknown),
        (504, -2010, "whatever the code says", OutcomeUnknown),
        (400, -1006, "An unexpected response was received from the message bus.", OutcomeUnknown),
        (408, -1007, "Timeout waiting for response from backend server.", OutcomeUnknown),
    ],
)
def test_a_failed_response_becomes_the_class_of_its_family(
    status: int, code: int, message: str, raised: type[PitwireError]
) -> None:
    error = rejected(status, ErrorBody(code, message))
    assert type(error) is raised
    assert message in str(error)
    assert f"(status {status}, code {code})" in str(error)


def test_an_unknown_outcome_names_the_order_to_ask_for() -> None:
    error = rejected(500, ErrorBody(-1000, "?"), client_order_id="abc")
    assert isinstance(error, OutcomeUnknown)
    assert error.client_order_id == "abc"
    assert "abc" in str(error)


def test_a_rate_limit_says_when_to_come_back() -> None:
    data = {"serverTime": 1659142907531, "retryAfter": 1659146400000}
    error = rejected(418, ErrorBody(-1003, "Way too much request weight used; ...", data))
    assert isinstance(error, RateLimited)
    assert (error.server_time_ms, error.retry_after_ms) == (1659142907531, 1659146400000)


@pytest.mark.parametrize("data", [None, {}, {"retryAfter": "soon"}])
def test_a_rate_limit_that_does_not_say_when_has_none(data: dict[str, object] | None) -> None:
    error = rejected(429, ErrorBody(-1003, "Too many requests queued.", data))
    assert isinstance(error, RateLimited)
    assert error.retry_after_ms is None


def test_a_filter_failure_names_the_filter() -> None:
    error = rejected(400, ErrorBody(-1013, "Filter failure: LOT_SIZE"))
    assert isinstance(error, FilterFailure)
    assert error.filter == "LOT_SIZE"


@pytest.mark.parametrize(
    ("cancel", "new_order", "canceled", "placed"),
    [
        ("SUCCESS", "FAILURE", True, False),
        ("FAILURE", "SUCCESS", False, True),
        ("FAILURE", "NOT_ATTEMPTED", False, False),
    ],
)
def test_a_failed_cancel_replace_says_which_half_was_done(
    cancel: str, new_order: str, canceled: bool, placed: bool
) -> None:
    data = {"cancelResult": cancel, "newOrderResult": new_order}
    error = rejected(409, ErrorBody(-2021, "Order cancel-replace partially failed.", data))
    assert isinstance(error, CancelReplaceFailed)
    assert (error.canceled, error.placed) == (canceled, placed)


@pytest.mark.parametrize("error", [rejected(400, ErrorBody(-2010, "No.", {"a": 1})), OutcomeUnknown("lost", "abc")])
def test_an_error_survives_pickling(error: PitwireError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_the_tree_in_the_docstring_has_every_class() -> None:
    drawn = errors.__doc__ or ""
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, PitwireError):
            assert f" {name} " in drawn.replace("\n", " "), f"{name} is not drawn"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (wire_error(Code.INVALID_JSON), WireError(400, -1135, "Invalid JSON Request")),
        (
            wire_error(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, "symbol"),
            WireError(400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        ),
        (
            wire_error(Code.MANDATORY_PARAM_EMPTY_OR_MALFORMED, "orderId", "origClientOrderId"),
            WireError(400, -1102, "Param 'orderId' or 'origClientOrderId' must be sent, but both were empty/null!"),
        ),
        (
            wire_error(Code.TOO_MANY_REQUESTS, 6000, "1 MINUTE", data={"retryAfter": 1}),
            WireError(
                429,
                -1003,
                "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
                "Please use WebSocket Streams for live updates to avoid polling the API.",
                {"retryAfter": 1},
            ),
        ),
        (
            wire_error(Code.TOO_MANY_REQUESTS, 1659146400000, status=418),
            WireError(
                418,
                -1003,
                "Way too much request weight used; IP banned until 1659146400000. "
                "Please use WebSocket Streams for live updates to avoid bans.",
            ),
        ),
        (
            wire_error(Code.INVALID_TIMESTAMP, message=TIMESTAMP_AHEAD),
            WireError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time."),
        ),
        (wire_error(Code.REJECTED_MBX_KEY), WireError(401, -2015, "Invalid API-key, IP, or permissions for action.")),
    ],
)
def test_a_refusal_has_the_documented_words_with_the_values_in_them(error: WireError, expected: WireError) -> None:
    assert error == expected


def test_values_that_no_documented_message_takes_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"BAD_SYMBOL \(-1121\) takes 1 values"):
        wire_error(Code.BAD_SYMBOL, "BTCUSDT")


@pytest.mark.parametrize("code", Code)
def test_every_code_can_be_sent_and_is_understood(code: Code) -> None:
    places = MESSAGES[code][0].count("%s") + MESSAGES[code][0].count("%d")
    sent = wire_error(code, *range(places))
    assert sent.code == code
    understood = rejected(sent.status, sent.body)
    if sent.status < 500:
        assert isinstance(understood, Rejected)
        assert understood.code == code


@pytest.mark.parametrize(
    ("reason", "detail", "expected"),
    [
        (Reject.FILTER_FAILURE, "PRICE_FILTER", WireError(400, -1013, "Filter failure: PRICE_FILTER")),
        (
            Reject.INSUFFICIENT_BALANCE,
            "",
            WireError(400, -2010, "Account has insufficient balance for requested action."),
        ),
        (Reject.UNKNOWN_ORDER, "", WireError(400, -2011, "Unknown order sent.")),
        (Reject.NO_OPEN_ORDERS, "", WireError(400, -2011, "Unknown order sent.")),
        (Reject.DUPLICATE_ORDER, "", WireError(400, -2010, "Duplicate order sent.")),
        (Reject.WOULD_MATCH_IMMEDIATELY, "", WireError(400, -2010, "Order would immediately match and take.")),
        (Reject.UNKNOWN_SYMBOL, "", WireError(400, -1121, "Invalid symbol.")),
        (
            Reject.MARKET_WITHOUT_LIQUIDITY,
            "",
            WireError(400, -2010, "Order book liquidity is less than symbol minimum quantity."),
        ),
        (
            Reject.MARKET_WITHOUT_LIQUIDITY,
            "MARKET_LOT_SIZE",
            WireError(400, -2010, "Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity."),
        ),
        (
            Reject.UNSUPPORTED_ORDER_TYPE,
            "STOP_LOSS_LIMIT",
            WireError(400, -2010, "Stop loss limit orders are not supported for this symbol."),
        ),
        (Reject.UNSUPPORTED_ORDER_TYPE, "LIMIT_MAKER", WireError(400, -1116, "Invalid orderType.")),
        (Reject.INVALID_CONFIGURATION, "tick size 0", WireError(400, -1130, "tick size 0")),
    ],
)
def test_the_engines_reasons_become_binances_words(reason: Reject, detail: str, expected: WireError) -> None:
    assert of_reject(reason, detail) == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reject.UNKNOWN_ORDER, WireError(400, -2038, "Unknown order sent.")),
        (Reject.DUPLICATE_ORDER, WireError(400, -2038, "Duplicate order sent.")),
        (Reject.TOO_MANY_AMENDMENTS, WireError(400, -2038, "Filter failure: MAX_NUM_ORDER_AMENDS")),
        (Reject.FILTER_FAILURE, WireError(400, -1013, "Filter failure: LOT_SIZE")),
        (Reject.UNKNOWN_SYMBOL, WireError(400, -1121, "Invalid symbol.")),
    ],
)
def test_an_amendment_is_refused_with_a_code_of_its_own(reason: Reject, expected: WireError) -> None:
    assert of_amend_reject(reason, "LOT_SIZE" if reason is Reject.FILTER_FAILURE else "") == expected


@pytest.mark.parametrize("reason", Reject)
def test_every_reason_of_the_engine_has_its_words(reason: Reject) -> None:
    assert of_reject(reason, "X").msg


@pytest.mark.parametrize(
    ("result", "inner", "placed"),
    [
        ("SUCCESS", {"orderId": 1}, True),
        ("FAILURE", {"code": -2010, "msg": "no"}, False),
        ("FAILURE", {"code": -1007, "msg": "Timeout"}, None),
        ("FAILURE", {"code": -1006, "msg": "Unexpected"}, None),
        ("NOT_ATTEMPTED", None, False),
        ("FAILURE", [], False),
    ],
)
def test_a_half_of_cancel_replace_whose_outcome_is_unknown_is_not_called_undone(
    result: str, inner: object, placed: bool | None
) -> None:
    data = {"cancelResult": "SUCCESS", "newOrderResult": result, "newOrderResponse": inner}
    error = rejected(409, ErrorBody(-2021, "Order cancel-replace partially failed.", data), "mine")
    assert isinstance(error, CancelReplaceFailed)
    assert (error.canceled, error.placed, error.client_order_id) == (True, placed, "mine")


@pytest.mark.parametrize(
    "error",
    [
        EventsLost(1, 2),
        NotSent("x"),
        OutcomeUnknown("x", "mine"),
        ProtocolViolation("x", "mine", b"raw"),
        rejected(409, ErrorBody(-2021, "no", {"a": 1}), "mine"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_being_pickled(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))
