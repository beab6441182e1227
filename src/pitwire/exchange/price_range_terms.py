"""Reference price and price range of a symbol, as a configuration file writes them.

reference_price = { bucket_count = 10, bucket_width_ms = 1000 }
reference_price = { external_calculation_id = 2, price = "10" }
price_range = { bid_limit_up = "2", bid_limit_down = "0.5", ask_limit_up = "2", ask_limit_down = "0.5" }
"""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from pitwire.market.numbers import Price, scaled
from pitwire.market.reference_price import (
    BUCKET_WIDTH_MS_MAX,
    BUCKETS_MAX,
    ArithmeticMean,
    Calculation,
    External,
    PriceRange,
)


class ReferencePriceTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An arithmetic mean over buckets, or a price that comes from outside.

    `price` is where an external one starts; without it there is none until it is set.
    """

    bucket_count: int | None = None
    bucket_width_ms: int | None = None
    external_calculation_id: int | None = None
    price: Decimal | None = None

    def calculation(self) -> Calculation:
        """The same in the exchange's words."""
        if self.external_calculation_id is not None:
            return External(calculation_id=self.external_calculation_id)
        return ArithmeticMean(bucket_count=self.bucket_count or 0, bucket_width_ms=self.bucket_width_ms or 0)

    def first_price(self) -> Price | None:
        """Where an external price starts."""
        return None if self.price is None else Price(scaled(self.price))

    def problems(self) -> Iterator[str]:
        """What is wrong with it."""
        if self.external_calculation_id is not None:
            if self.bucket_count is not None or self.bucket_width_ms is not None:
                yield "reference_price: an external one has no buckets: leave out one or the other"
            yield from _number_problems("reference_price: price", self.price)
            return
        if self.price is not None:
            yield "reference_price: only an external one has a price: it needs an external_calculation_id"
        for name, value, most in (
            ("bucket_count", self.bucket_count, BUCKETS_MAX),
            ("bucket_width_ms", self.bucket_width_ms, BUCKET_WIDTH_MS_MAX),
        ):
            if value is None or not 0 < value <= most:
                yield f"reference_price: {name} {value} is not within 1..{most}"


class PriceRangeTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far from the reference price an order to buy (bid) or to sell (ask) may trade, as fractions of it."""

    bid_limit_up: Decimal | None = None
    bid_limit_down: Decimal | None = None
    ask_limit_up: Decimal | None = None
    ask_limit_down: Decimal | None = None

    def rule(self) -> PriceRange:
        """The same in the exchange's words."""
        return PriceRange(**{name: None if value is None else scaled(value) for name, value in self._limits()})

    def problems(self) -> Iterator[str]:
        """What is wrong with it."""
        for name, value in self._limits():
            yield from _number_problems(f"price_range: {name}", value)

    def _limits(self) -> list[tuple[str, Decimal | None]]:
        return [(name, getattr(self, name)) for name in self.__struct_fields__]


def _number_problems(what: str, value: Decimal | None) -> Iterator[str]:
    if value is None:
        return
    try:
        if scaled(value) <= 0:
            yield f"{what} {value} is not a positive number"
    except ValueError as error:
        yield f"{what}: {error}"
