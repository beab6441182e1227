"""Klines as they leave."""

import msgspec
import pytest

from pitwire.exchange.projections.klines import klines
from pitwire.market.enums import KlineInterval, TimeUnit
from tests.exchange.projections import examples
from tests.exchange.projections.tape import SYMBOL, Tape
from tests.exchange.projections.trading import START_US

OPENED_MS = 1_699_999_200_000
"""The full hour before START_US."""


@pytest.mark.parametrize(("unit", "scale", "last"), [(TimeUnit.MILLISECOND, 1, 0), (TimeUnit.MICROSECOND, 1000, 999)])
def test_a_kline_is_the_documented_array(unit, scale, last):
    tape = Tape()
    tape.trade(START_US, 100, 2)
    tape.trade(START_US, 103, 1, buyer_is_maker=True)
    tape.trade(START_US, 99, 3)
    found = klines(tape.candles, SYMBOL, KlineInterval.H1, None, None, 0, 10, unit, START_US)
    assert found == [
        (
            OPENED_MS * scale,
            "100.00000000",
            "103.00000000",
            "99.00000000",
            "99.00000000",
            "6.00000000",
            (OPENED_MS + 3_599_999) * scale + last,
            "600.00000000",
            3,
            "5.00000000",
            "497.00000000",
            "0",
        )
    ]
    example = examples.results("klines")[0][0]
    assert [type(each) for each in msgspec.to_builtins(found)[0]] == [type(each) for each in example]
