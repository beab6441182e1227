"""Orders rounded and checked before they are sent, by what exchangeInfo says."""

from decimal import ROUND_UP, Decimal

import msgspec
import pytest

import pitwire
from pitwire.client.symbol import FilterViolation, Symbol
from pitwire.exchange.projections.symbols import Symbols
from pitwire.market.enums import TimeUnit
from pitwire.protocol.results import ExchangeInformation
from tests.conformance.test_refusals import EVERYTHING
from tests.exchange.gateway.venue import open_venue


@pytest.fixture(scope="module")
def symbol():
    described = Symbols.of([EVERYTHING], ()).exchange_info([], 0, TimeUnit.MILLISECOND)
    return Symbol(msgspec.json.decode(msgspec.json.encode(described), type=ExchangeInformation).symbols[0])


def test_it_says_what_its_grid_is(symbol):
    assert (symbol.name, symbol.base_asset, symbol.quote_asset) == ("BTCUSDT", "BTC", "USDT")
    assert repr(symbol) == "Symbol('BTCUSDT', tick_size=0.01, step_size=0.00001)"
    assert symbol.unknown_filters == ()


def test_prices_are_rounded_to_the_nearest_tick_and_quantities_down(symbol):
    assert symbol.round_price("100.006") == Decimal("100.01")
    assert symbol.round_price("100.001", ROUND_UP) == Decimal("100.01")
    assert symbol.round_quantity("0.123456789") == Decimal("0.12345")
    assert symbol.round_price(100) == 100


LIMIT = {"side": "BUY", "type": "LIMIT", "price": "50000", "quantity": "0.01"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"price": "100.005"}, "PRICE_FILTER: price 100.005 is not a multiple of the tick size 0.01 (BTCUSDT)"),
        ({"price": "2000000"}, "PRICE_FILTER: price 2000000 is above the greatest price 1000000 (BTCUSDT)"),
        ({"price": "0.000000001"}, "PRICE_FILTER: price 1E-9 has more than 8 decimal places (BTCUSDT)"),
        ({"price": "-1"}, "PRICE_FILTER: price -1 is not positive (BTCUSDT)"),
        ({"price": "0.001"}, "PRICE_FILTER: price 0.001 is not a multiple of the tick size 0.01 (BTCUSDT)"),
        ({"price": None}, "PRICE_FILTER: price 0 is below the least price 0.01 (BTCUSDT)"),
        (
            {"type": "STOP_LOSS_LIMIT", "stop_price": "9.999"},
            "PRICE_FILTER: stop price 9.999 is not a multiple of the tick size 0.01 (BTCUSDT)",
        ),
        (
            {"quantity": "0.000015"},
            "LOT_SIZE: quantity 0.000015 is not a multiple of the step size 0.00001 (BTCUSDT)",
        ),
        ({"quantity": "9001"}, "LOT_SIZE: quantity 9001 is more than the most, 9000 (BTCUSDT)"),
        ({"quantity": None}, "LOT_SIZE: quantity 0 is less than the least, 0.00001 (BTCUSDT)"),
        (
            {"iceberg_qty": "0.000001"},
            "LOT_SIZE: iceberg quantity 0.000001 is not a multiple of the step size 0.00001 (BTCUSDT)",
        ),
        (
            {"quantity": "0.00001"},
            "NOTIONAL: 0.00001 at 50000 is 0.5, which is less than the least notional, 5 USDT (BTCUSDT)",
        ),
        (
            {"quantity": "200"},
            "NOTIONAL: 200 at 50000 is 10000000, which is more than the greatest notional, 9000000 USDT (BTCUSDT)",
        ),
        (
            {"price": "10", "quantity": "1", "average_price": "50000"},
            "PERCENT_PRICE_BY_SIDE: price 10 is outside of 10000..250000, around 50000 (BTCUSDT)",
        ),
        (
            {"side": "SELL", "price": "300000", "average_price": "50000"},
            "PERCENT_PRICE_BY_SIDE: price 300000 is outside of 10000..250000, around 50000 (BTCUSDT)",
        ),
        (
            {"quantity": "1", "iceberg_qty": "0.01"},
            "ICEBERG_PARTS: an iceberg quantity of 0.01 makes 100 parts of 1, and 10 are allowed: show at least 0.1"
            " (BTCUSDT)",
        ),
        (
            {"type": "STOP_LOSS", "price": None, "trailing_delta": 5},
            "TRAILING_DELTA: a trailing delta of 5 basis points is outside of 10..2000 above the price and 10..2000"
            " below it (BTCUSDT)",
        ),
        (
            {"type": "MARKET", "price": None, "quantity": "60"},
            "MARKET_LOT_SIZE: quantity 60 is more than the most, 50 (BTCUSDT)",
        ),
        (
            {"type": "MARKET", "price": None, "quantity": None, "quote_order_qty": "1"},
            "NOTIONAL: a quote quantity of 1 is less than the least notional, 5 USDT (BTCUSDT)",
        ),
    ],
)
def test_a_violation_names_the_filter_the_value_and_what_would_pass(symbol, changes, message):
    with pytest.raises(FilterViolation) as violation:
        symbol.check(**{**LIMIT, **changes})
    assert str(violation.value) == message
    assert message.startswith(violation.value.filter_type)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"average_price": "49000"},
        {"type": "MARKET", "price": None},
        {"type": "MARKET", "price": None, "quantity": None, "quote_order_qty": 100},
        {"quantity": Decimal("0.1"), "iceberg_qty": Decimal("0.05")},
    ],
)
def test_what_would_pass_passes(symbol, changes):
    symbol.check(**{**LIMIT, **changes})


def test_a_float_is_refused_with_what_to_pass_instead(symbol):
    with pytest.raises(TypeError, match=r"price is the float 100\.1: pass .* such as '100\.1'"):
        symbol.check("BUY", "LIMIT", price=100.1, quantity="1")


async def test_a_client_asks_for_a_symbols_rules_once():
    async with open_venue() as venue, pitwire.connect(venue.url) as client:
        symbol = await client.symbol("BTCUSDT")
        assert symbol.tick_size == Decimal("0.01")
        assert await client.symbol("BTCUSDT") is symbol
        assert await client.symbol("BTCUSDT", renew=True) is not symbol
        with pytest.raises(pitwire.Rejected, match="Invalid symbol"):
            await client.symbol("NOSUCH")
