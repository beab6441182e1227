"""Fixed-point numbers: the exchange counts money in whole units of 1e-8, never in floats.

`Decimal` is what people and the wire see; a scaled `int` is what the exchange computes with. The conversions
stand here, one each way.
"""

from decimal import Decimal
from typing import Final, NewType

SCALE_DIGITS: Final = 8
SCALE: Final = 100_000_000

Price = NewType("Price", int)
"""Quote asset for one whole unit of the base asset, in units of 1e-8."""
Quantity = NewType("Quantity", int)
"""Base asset, in units of 1e-8."""
Amount = NewType("Amount", int)
"""Any asset (a balance, a quote quantity, a commission), in units of 1e-8."""


class TooPrecise(ValueError):
    """The value has more than eight decimal places, so it has no exact scaled form."""


def scaled(value: Decimal) -> int:
    """`value` in units of 1e-8, exactly.

    Raises `TooPrecise` when it has more than eight decimal places, and `ValueError` when it is NaN or infinite.
    """
    try:
        units = int(product := value * SCALE)
    except (ValueError, OverflowError, ArithmeticError) as error:
        raise ValueError(f"{value} is not a finite number") from error
    if units != product:
        raise TooPrecise(f"{value} has more than {SCALE_DIGITS} decimal places")
    return units


def text(value: int) -> str:
    """The wire form of a scaled number: plain notation, always eight decimal places (`"0.00010000"`)."""
    if value < 0:
        return "-" + text(-value)
    digits = str(value).zfill(SCALE_DIGITS + 1)
    return f"{digits[:-SCALE_DIGITS]}.{digits[-SCALE_DIGITS:]}"


def decimal(value: int) -> Decimal:
    """The `Decimal` of a scaled number, exactly, with eight decimal places."""
    return Decimal(value).scaleb(-SCALE_DIGITS)


def quote_amount(price: Price, quantity: Quantity) -> Amount:
    """What `quantity` costs at `price`, in the quote asset, rounded towards zero to a whole unit of 1e-8.

    Payer and receiver use the same rounded figure, so no trade makes or loses money.
    """
    return Amount(price * quantity // SCALE)
