"""Why an order fails a filter, in words that name the values and what would pass."""

from typing import Any

from pitwire.market.enums import Side
from pitwire.market.filter_checks import Asked, name_of
from pitwire.market.filters import (
    AnyFilter,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from pitwire.market.numbers import SCALE, decimal


def why(rule: AnyFilter, asked: Asked, average: int) -> str:
    """What is wrong with `asked`, which fails `rule`. `average` is the price that it was judged by; 0 if by none."""
    match rule:
        case PriceFilter():
            return _price(rule, asked)
        case LotSize() | MarketLotSize():
            return _quantity(rule, asked)
        case PercentPrice():
            return _far(asked, rule.multiplier_down, rule.multiplier_up, average)
        case PercentPriceBySide():
            if asked.side is Side.BUY:
                return _far(asked, rule.bid_multiplier_down, rule.bid_multiplier_up, average)
            return _far(asked, rule.ask_multiplier_down, rule.ask_multiplier_up, average)
        case MinNotional() | Notional():
            return _notional(rule, asked, average)
        case IcebergParts():
            parts = -(-asked.quantity // asked.iceberg_quantity)
            least = -(-asked.quantity // rule.limit)
            return (
                f"an iceberg quantity of {_plain(asked.iceberg_quantity)} makes {parts} parts of"
                f" {_plain(asked.quantity)}, and {rule.limit} are allowed: show at least {_plain(least)}"
            )
        case TrailingDelta():
            above = rule.min_trailing_above_delta, rule.max_trailing_above_delta
            below = rule.min_trailing_below_delta, rule.max_trailing_below_delta
            return (
                f"a trailing delta of {asked.trailing_delta} basis points is outside of {above[0]}..{above[1]} above"
                f" the price and {below[0]}..{below[1]} below it"
            )
        case MaxAsset():
            return f"the order asks for more than {_plain(rule.limit)} {rule.asset}"
    return f"{name_of(rule)} allows no further order like this one"


def _price(rule: PriceFilter, asked: Asked) -> str:
    for what, price in (("price", asked.price), ("stop price", asked.stop_price)):
        if price and rule.tick_size and price % rule.tick_size:
            return f"{what} {_plain(price)} is not a multiple of the tick size {_plain(rule.tick_size)}"
        if price and price < rule.min_price:
            return f"{what} {_plain(price)} is below the least price {_plain(rule.min_price)}"
        if 0 < rule.max_price < price:
            return f"{what} {_plain(price)} is above the greatest price {_plain(rule.max_price)}"
    return f"price {_plain(asked.price)} is below the least price {_plain(rule.min_price)}"


def _quantity(rule: LotSize | MarketLotSize, asked: Asked) -> str:
    for what, quantity in (("quantity", asked.quantity), ("iceberg quantity", asked.iceberg_quantity)):
        if rule.step_size and quantity % rule.step_size:
            return f"{what} {_plain(quantity)} is not a multiple of the step size {_plain(rule.step_size)}"
        if 0 < rule.max_quantity < quantity:
            return f"{what} {_plain(quantity)} is more than the most, {_plain(rule.max_quantity)}"
        if 0 < quantity < rule.min_quantity:
            return f"{what} {_plain(quantity)} is less than the least, {_plain(rule.min_quantity)}"
    return f"quantity 0 is less than the least, {_plain(rule.min_quantity)}"


def _far(asked: Asked, down: int, up: int, average: int) -> str:
    low, high = average * down // SCALE, average * up // SCALE
    return f"price {_plain(asked.price)} is outside of {_plain(low)}..{_plain(high)}, around {_plain(average)}"


def _notional(rule: Any, asked: Asked, average: int) -> str:
    if asked.quote_quantity:
        notional, what = asked.quote_quantity, f"a quote quantity of {_plain(asked.quote_quantity)}"
    else:
        price = asked.price or average
        notional = price * asked.quantity // SCALE
        what = f"{_plain(asked.quantity)} at {_plain(price)} is {_plain(notional)}, which"
    if notional < rule.min_notional:
        return f"{what} is less than the least notional, {_plain(rule.min_notional)} {asked.quote}"
    return f"{what} is more than the greatest notional, {_plain(rule.max_notional)} {asked.quote}"


def _plain(value: int) -> str:
    """`"0.01"` for a scaled number: no zeros at the end, no exponent."""
    return format(decimal(value).normalize(), "f")
