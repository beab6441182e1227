"""The generated methods: current, complete, and each the request that its name and parameters say."""

import asyncio
import inspect
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any, TypeVar, cast

import pytest

from pitwire.client.methods import Methods
from pitwire.market.enums import OrderType, Side, TimeInForce
from pitwire.protocol.registry import METHODS
from pitwire.protocol.requests.base import Request, SignedRequest
from pitwire.protocol.requests.general import ExchangeInfo
from pitwire.protocol.requests.trading import OrderPlace
from tools import generate_methods

R = TypeVar("R")


class Recorder(Methods):
    """Keeps the request instead of sending it."""

    def __init__(self) -> None:
        self.request: Request[Any] | None = None

    def call(self, request: Request[R], /) -> Awaitable[R]:
        self.request = request
        return asyncio.sleep(0, cast(R, None))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def test_the_module_is_what_the_registry_gives() -> None:
    written = generate_methods.TARGET.read_text(encoding="utf-8")
    assert written == generate_methods.source(), "run python tools/generate_methods.py"


def test_there_is_a_method_for_each_row_of_the_registry_and_no_other() -> None:
    names = {name for name, _ in inspect.getmembers(Methods, inspect.isfunction)} - {"call"}
    assert names == {generate_methods.python_name(request.METHOD.name) for request in METHODS}


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("ping", "ping"),
        ("exchangeInfo", "exchange_info"),
        ("order.place", "order_place"),
        ("openOrders.cancelAll", "open_orders_cancel_all"),
        ("session.logon", "session_logon"),
        ("ticker.24hr", "ticker_24hr"),
        ("order.amend.keepPriority", "order_amend_keep_priority"),
        ("userDataStream.subscribe.signature", "user_data_stream_subscribe_signature"),
    ],
)
def test_a_method_is_named_as_on_the_wire_in_snake_case(wire: str, python: str) -> None:
    assert generate_methods.python_name(wire) == python


@pytest.mark.parametrize("request_type", METHODS, ids=lambda request: request.METHOD.name)
def test_a_method_asks_for_its_requests_parameters_by_keyword(request_type: type[Request[Any]]) -> None:
    method = getattr(Methods, generate_methods.python_name(request_type.METHOD.name))
    parameters = list(inspect.signature(method).parameters.values())[1:]
    assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    filled_in = {"api_key", "signature", "timestamp"} if issubclass(request_type, SignedRequest) else set()
    assert {parameter.name for parameter in parameters} == set(request_type.__struct_fields__) - filled_in
    assert request_type.METHOD.name in (method.__doc__ or "")


async def test_an_order_is_built_from_strings_and_integers(recorder: Recorder) -> None:
    await recorder.order_place(
        symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity="0.01", price=50000, recv_window=5000
    )
    assert recorder.request == OrderPlace(
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Decimal("0.01"),
        price=Decimal(50000),
        recv_window=Decimal(5000),
    )


def test_a_float_is_refused_before_anything_is_sent(recorder: Recorder) -> None:
    with pytest.raises(TypeError, match="price is the float"):
        recorder.order_place(symbol="BTCUSDT", side="BUY", type="LIMIT", price=0.1)  # type: ignore[arg-type]
    assert recorder.request is None


def test_an_unknown_word_is_refused_before_anything_is_sent(recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="time_in_force 'GTX' is not one of GTC, IOC, FOK"):
        recorder.order_place(symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTX")
    assert recorder.request is None


async def test_a_list_of_symbols_becomes_a_tuple(recorder: Recorder) -> None:
    await recorder.exchange_info(symbols=["BTCUSDT"], permissions="SPOT")
    assert recorder.request == ExchangeInfo(symbols=("BTCUSDT",), permissions="SPOT")
