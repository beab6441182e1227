"""The default symbols: what Binance showed for them, and that the markets made for them keep to it."""

import pytest

from pitwire.exchange.defaults import SYMBOLS
from pitwire.exchange.participants.calibration import CALIBRATIONS
from pitwire.market.filters import LotSize, MarketLotSize, MaxNumOrders, Notional, PercentPriceBySide, PriceFilter
from pitwire.market.numbers import Amount, Price, Quantity

RULES = {terms.symbol: terms.rules() for terms in SYMBOLS}


@pytest.mark.parametrize("symbol", RULES)
def test_a_synthetic_market_has_its_symbols_tick_and_step(symbol: str) -> None:
    price_filter, lot_size, *_ = RULES[symbol].filters
    assert isinstance(price_filter, PriceFilter)
    assert isinstance(lot_size, LotSize)
    calibration = CALIBRATIONS[symbol]
    assert (calibration.base, calibration.quote) == (RULES[symbol].base, RULES[symbol].quote)
    assert (calibration.tick_size, calibration.step_size) == (price_filter.tick_size, lot_size.step_size)


def test_there_is_a_synthetic_market_for_every_symbol() -> None:
    assert CALIBRATIONS.keys() == RULES.keys()


def test_the_filters_of_ethbtc_are_those_that_binance_showed_on_2024_09_08() -> None:
    assert RULES["ETHBTC"].filters == (
        PriceFilter(min_price=Price(1_000), max_price=Price(922_327_00000000), tick_size=Price(1_000)),
        LotSize(min_quantity=Quantity(10_000), max_quantity=Quantity(100_000_00000000), step_size=Quantity(10_000)),
        MarketLotSize(min_quantity=Quantity(0), max_quantity=Quantity(2_255_71583723), step_size=Quantity(0)),
        Notional(
            min_notional=Amount(10_000),
            apply_min_to_market=True,
            max_notional=Amount(9_000_000_00000000),
            apply_max_to_market=False,
            average_price_minutes=5,
        ),
        MaxNumOrders(max_num_orders=200),
        PercentPriceBySide(
            bid_multiplier_up=5_00000000,
            bid_multiplier_down=20000000,
            ask_multiplier_up=5_00000000,
            ask_multiplier_down=20000000,
            average_price_minutes=5,
        ),
    )
