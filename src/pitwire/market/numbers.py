"""Fixed-point numbers: the exchange counts money in whole units of 1e-8, never in floats.

`Decimal` is what people and the wire see; a scaled `int` is what the exchange computes with. The conversions
stand here, one each way.
"""

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
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


class TooLarge(ValueError):
    """The value has no scaled form within 64 bits, which is as much as a log entry holds (and as Binance takes)."""


LARGEST: Final = 2**63 - 1
"""The largest number that may come in, in units of 1e-8. Sums of them, such as balances, may be larger."""
_LARGEST_EXPONENT: Final = 10
_SCALE: Final = Decimal(SCALE)
_EXACT: Final = Context(prec=64, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[Inexact])


def scaled(value: Decimal) -> int:
    """`value` in units of 1e-8, exactly.

    Raises `TooPrecise` when it has more than eight decimal places, `TooLarge` when it exceeds `LARGEST` either way,
    and `ValueError` (of which both are kinds) when it is NaN or infinite.
    """
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    # Judged by its exponent first: the integer behind 1E+999999 would have a million digits.
    if value and value.adjusted() > _LARGEST_EXPONENT:
        raise TooLarge(f"{value} is larger than {decimal(LARGEST)}")
    try:
        product = _EXACT.multiply(value, _SCALE)
    except Inexact as error:
        raise TooPrecise(f"{value} has more than {SCALE_DIGITS} decimal places") from error
    units = int(product)
    if units != product:
        raise TooPrecise(f"{value} has more than {SCALE_DIGITS} decimal places")
    if not -LARGEST <= units <= LARGEST:
        raise TooLarge(f"{value} is larger than {decimal(LARGEST)}")
    return units


def text(value: int) -> str:
    """The wire form of a scaled number: plain notation, always eight decimal places (`"0.00010000"`)."""
    if value < 0:
        return "-" + text(-value)
    digits = str(value).zfill(SCALE_DIGITS + 1)
    return f"{digits[:-SCALE_DIGITS]}.{digits[-SCALE_DIGITS:]}"


def decimal(value: int) -> Decimal:
    """The `Decimal` of a scaled number, exactly, with eight decimal places."""
    return Decimal(value).scaleb(-SCALE_DIGITS, _EXACT)
