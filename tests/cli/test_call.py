"""`pitwire call`: what its words mean, and what it says of words that mean nothing."""

from decimal import Decimal

import pytest
import typer

from pitwire.cli.call import parsed
from pitwire.market.enums import Side
from pitwire.protocol.requests.market import Depth
from pitwire.protocol.requests.trading import OrderPlace


def test_words_become_a_request_of_the_right_types() -> None:
    request = parsed("order.place", ["symbol=BTCUSDT", "side=BUY", "type=MARKET", "quantity=0.010"])
    assert isinstance(request, OrderPlace)
    assert request.side is Side.BUY
    assert request.quantity == Decimal("0.010")


def test_numbers_are_read_as_numbers_only_where_the_parameter_is_one() -> None:
    assert parsed("depth", ["symbol=BTCUSDT", "limit=5"]) == Depth(symbol="BTCUSDT", limit=5)
    placed = parsed("order.place", ["symbol=BTCUSDT", "side=BUY", "type=MARKET", "newClientOrderId=007"])
    assert placed.new_client_order_id == "007"


def test_a_list_is_written_as_json() -> None:
    assert parsed("exchangeInfo", ['symbols=["BTCUSDT","ETHUSDT"]']).symbols == ("BTCUSDT", "ETHUSDT")


@pytest.mark.parametrize(
    ("method", "parameters", "message"),
    [
        ("order.plac", [], "there is no method 'order.plac'; did you mean order.place"),
        ("depth", ["symbl=BTCUSDT"], "there is no parameter of depth 'symbl'; did you mean symbol?"),
        ("depth", [], "depth needs symbol: add symbol=..."),
        ("depth", ["BTCUSDT"], "'BTCUSDT' is no parameter: write NAME=VALUE"),
        ("depth", ["symbol=BTCUSDT", "symbol=ETHUSDT"], "symbol is given twice: 'BTCUSDT' and 'ETHUSDT'"),
        ("depth", ["symbol=BTCUSDT", "limit=five"], "limit=five does not fit"),
        ("order.place", ["symbol=BTCUSDT", "side=BUYS", "type=MARKET"], "side=BUYS does not fit: .*; one of BUY, SELL"),
        ("exchangeInfo", ['symbols=["BTCUSDT"'], "is no JSON"),
    ],
)
def test_a_word_that_means_nothing_is_named_with_what_would_fit(
    method: str, parameters: list[str], message: str
) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        parsed(method, parameters)
