from decimal import Decimal
from typing import Any, ClassVar

import msgspec
import pytest
from msgspec import UNSET, Raw, Struct

from pitwire.market.enums import Side
from pitwire.protocol.codec import (
    decimal_parameter,
    decode_response,
    encode,
    signing_text,
    wire_params,
)
from pitwire.protocol.requests.base import Method, Security, SignedRequest


class Empty(Struct):
    pass


class Sample(SignedRequest[Empty], kw_only=True):
    METHOD: ClassVar = Method("sample", Security.TRADE)
    symbol: str
    side: Side
    price: Decimal | None = None
    time_in_force: str | None = None
    symbols: list[str] | None = None
    omit: bool | None = None
    tail: str | None = msgspec.field(name="TAIL", default=None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0E-8"), "0.00000000"),
        (Decimal("52000.00"), "52000.00"),
        ("0.00000001", "0.00000001"),
        (" 1.50 ", "1.50"),
        (5, "5"),
        (-(10**20), "-100000000000000000000"),
    ],
)
def test_decimals_reach_the_wire_exactly_and_without_exponent(value: Any, expected: str):
    request = Sample(symbol="A", side=Side.BUY, price=decimal_parameter(value, "price"))
    assert wire_params(request)["price"] == expected


def test_a_float_is_refused_and_told_why():
    with pytest.raises(
        TypeError, match=r'price is the float 0\.1, which stands for 0\.10000000000000000555.*Decimal\("0\.1"\)'
    ):
        decimal_parameter(0.1, "price")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (True, TypeError, "quantity is True, a bool"),
        (None, TypeError, "quantity is a NoneType"),
        (b"1", TypeError, "quantity is a bytes"),
        ("", ValueError, "quantity '' is not a number"),
        ("one", ValueError, "quantity 'one' is not a number"),
        ("NaN", ValueError, "not a finite number"),
        ("-Infinity", ValueError, "not a finite number"),
        (Decimal("inf"), ValueError, "not a finite number"),
        ("9" * 65, ValueError, "65 characters"),
        (float("nan"), TypeError, "the float nan"),
    ],
)
def test_what_is_no_decimal_is_refused_by_name(value: Any, error: type[Exception], words: str):
    with pytest.raises(error, match=words):
        decimal_parameter(value, "quantity")


def test_params_have_wire_names_and_leave_out_none():
    request = Sample(symbol="BTCUSDT", side=Side.BUY, time_in_force="GTC", symbols=["A", "B"], omit=False, tail="x")
    assert wire_params(request) == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "timeInForce": "GTC",
        "symbols": ["A", "B"],
        "omit": False,
        "TAIL": "x",
    }


@pytest.mark.parametrize(
    ("window", "sent"), [("5000", b"5000"), ("5000.0", b"5000"), ("6000.346", b"6000.346"), ("0.001", b"0.001")]
)
def test_recv_window_is_a_json_number_with_the_digits_that_were_typed(window: str, sent: bytes):
    params = wire_params(Sample(symbol="A", side=Side.BUY, recv_window=Decimal(window)))
    assert b'"recvWindow":%b' % sent in msgspec.json.encode(params)
    assert signing_text(params["recvWindow"]) == sent.decode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("１２", "１２"),
        (Side.BUY, "BUY"),
        (5, "5"),
        (True, "true"),
        (["BTCUSDT", "ETHUSDT"], '["BTCUSDT","ETHUSDT"]'),
        ([Side.BUY], '["BUY"]'),
    ],
)
def test_what_is_signed_is_the_text_of_the_value_as_sent(value: object, expected: str):
    assert signing_text(value) == expected
    assert type(signing_text(value)) is str


class Fill(Struct, rename="camel"):
    trade_price: Decimal
    side: Side = Side.SELL
    maker: str | msgspec.UnsetType = UNSET
    note: str | None = None


class Order(Struct):
    fills: list[Fill]
    pairs: tuple[tuple[Decimal, Decimal], ...]
    raw: Raw
    balances: dict[str, Decimal]


def test_encode_writes_nested_decimals_plainly_under_wire_names():
    order = Order([Fill(Decimal("1E-8"))], ((Decimal("1E+2"), Decimal("0.10")),), Raw(b'{"a": 1}'), {"B": Decimal(7)})
    assert encode(order) == (
        b'{"fills":[{"tradePrice":"0.00000001","side":"SELL","note":null}],'
        b'"pairs":[["100","0.10"]],"raw":{"a": 1},"balances":{"B":"7"}}'
    )
    assert encode([Decimal("1E-8"), None, 3]) == b'["0.00000001",null,3]'


def test_a_response_decodes_with_its_keys_in_any_order():
    whole = b'{"rateLimits":[{"a":1}],"result":{"x":[1,2]},"extra":1,"status":200,"id":"a\\u00e9"}'
    response = decode_response(whole)
    assert (response.id, response.status, bytes(response.error)) == ("aé", 200, b"")
    assert (bytes(response.result), bytes(response.rate_limits)) == (b'{"x":[1,2]}', b'[{"a":1}]')


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"1", 1), (b"-7", -7), (b'"1"', "1"), (b"null", None), (b"%d" % 2**63, 2**63), (b'""', "")],
)
def test_ids_are_integers_strings_or_null(text: bytes, expected: object):
    response = decode_response(b'{"status":200,"id":%b}' % text)
    assert response.id == expected
    assert type(response.id) is type(expected)


def test_a_missing_id_is_told_from_null():
    assert decode_response(b'{"event":{"e":"x"}}').id is UNSET
    assert bytes(decode_response(b'{"event":{"e":"x"}}').event) == b'{"e":"x"}'


@pytest.mark.parametrize(
    "frame",
    [b"", b"{", b"null", b"[]", b'{"id":1.5,"status":200}', b'{"id":[1],"status":200}', b'{"id":1,"status":"200"}'],
)
def test_what_is_no_response_raises_a_decode_error(frame: bytes):
    with pytest.raises(msgspec.DecodeError):
        decode_response(frame)
