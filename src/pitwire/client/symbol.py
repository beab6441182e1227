"""A symbol's rules in the client's hands: prices and quantities rounded to them, and orders checked before they go out.

Source: filters.md; web-socket-api.md, Exchange information.
"""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Final

from pitwire.market.enums import OrderType, Side
from pitwire.market.filter_checks import Asked, Standing, first_failure, in_order, name_of
from pitwire.market.filter_words import why
from pitwire.market.filters import AnyFilter, LotSize, MarketLotSize, PriceFilter
from pitwire.market.numbers import TooLarge, TooPrecise, decimal, scaled
from pitwire.protocol.filters import filter_of
from pitwire.protocol.results.general import SymbolInformation

_NOTHING_OPEN: Final = Standing()


class FilterViolation(ValueError):
    """An order that the exchange would refuse, found before it was sent: nothing has left this process.

    `filter_type` is the filter's name as Binance has it, such as `PRICE_FILTER`; the message says what would pass.
    """

    def __init__(self, filter_type: str, symbol: str, reason: str) -> None:
        super().__init__(f"{filter_type}: {reason} ({symbol})")
        self.filter_type = filter_type
        self.symbol = symbol


class Symbol:
    """One symbol as `exchangeInfo` describes it. `information` is that description; it does not change by itself.

    Numbers are `Decimal`, `int` or strings of decimal digits; a `float` is refused, since it is rarely the number that
    it looks like.
    """

    def __init__(self, information: SymbolInformation) -> None:
        self.information = information
        self.name = information.symbol
        self.base_asset = information.base_asset
        self.quote_asset = information.quote_asset
        known = [rule for rule in map(filter_of, information.filters) if rule is not None]
        self._filters = in_order(known)
        self.tick_size = _step(known, PriceFilter, "tick_size")
        """Prices are multiples of it; 0 where any price goes."""
        self.step_size = _step(known, LotSize, "step_size")
        """Quantities are multiples of it; 0 where any quantity goes."""
        self.unknown_filters = tuple(each.filter_type for each in information.filters if filter_of(each) is None)
        """What the exchange checks and this library does not."""

    def __repr__(self) -> str:
        return f"Symbol({self.name!r}, tick_size={self.tick_size}, step_size={self.step_size})"

    def round_price(self, price: Decimal | int | str, rounding: str = ROUND_HALF_EVEN) -> Decimal:
        """The nearest price on the tick grid; `rounding` is one of the `decimal` module's, such as `ROUND_DOWN`."""
        return _on_grid(_number("price", price), self.tick_size, rounding)

    def round_quantity(self, quantity: Decimal | int | str, rounding: str = ROUND_DOWN) -> Decimal:
        """The quantity on the step grid, by default rounded down: never more than is there."""
        return _on_grid(_number("quantity", quantity), self.step_size, rounding)

    def check(
        self,
        side: Side | str,
        type: OrderType | str,  # noqa: A002
        *,
        price: Decimal | int | str | None = None,
        quantity: Decimal | int | str | None = None,
        quote_order_qty: Decimal | int | str | None = None,
        stop_price: Decimal | int | str | None = None,
        iceberg_qty: Decimal | int | str | None = None,
        trailing_delta: int | None = None,
        average_price: Decimal | int | str | None = None,
    ) -> None:
        """Raise `FilterViolation` if an order like this fails one of the symbol's filters, in Binance's order of them.

        `average_price` is what `avgPrice` says (or the reference price, where the symbol has one): without it, how far
        a price may be from the market, and what a market order is worth, is not judged. What depends on the account,
        such as how many orders are open, is not judged either.
        """
        asked = Asked(
            self.base_asset,
            self.quote_asset,
            OrderType(type),
            Side(side),
            self._units("price", price, "PRICE_FILTER"),
            self._units("quantity", quantity, "LOT_SIZE"),
            self._units("quote_order_qty", quote_order_qty, "NOTIONAL"),
            stop_price=self._units("stop_price", stop_price, "PRICE_FILTER"),
            iceberg_quantity=self._units("iceberg_qty", iceberg_qty, "LOT_SIZE"),
            trailing_delta=trailing_delta or 0,
        )
        average = 0 if average_price is None else scaled(_number("average_price", average_price))
        failed = first_failure(self._filters, asked, _NOTHING_OPEN, lambda _: average)
        if failed is not None:
            rule = next(each for each in self._filters if name_of(each) == failed)
            raise FilterViolation(failed, self.name, why(rule, asked, average))

    def _units(self, name: str, value: Decimal | int | str | None, judging_filter: str) -> int:
        if value is None:
            return 0
        try:
            units = scaled(_number(name, value))
        except (TooPrecise, TooLarge) as error:
            raise FilterViolation(judging_filter, self.name, f"{name} {error}") from error
        if units <= 0:
            raise FilterViolation(judging_filter, self.name, f"{name} {value} is not positive")
        return units


def _number(name: str, value: Decimal | int | str) -> Decimal:
    if isinstance(value, float):
        raise TypeError(f"{name} is the float {value!r}: pass a Decimal or a string, such as {str(value)!r}")
    return Decimal(value)


def _step(known: list[AnyFilter], kind: type[PriceFilter | LotSize | MarketLotSize], name: str) -> Decimal:
    steps = [getattr(rule, name) for rule in known if isinstance(rule, kind)]
    return decimal(steps[0]).normalize() if steps else Decimal(0)


def _on_grid(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    if not step:
        return value
    return (value / step).to_integral_value(rounding) * step
