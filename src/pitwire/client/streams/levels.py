"""The levels of one local book, by side: prices in order, and what stands at each. Pure."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from decimal import Decimal

PriceLevel = tuple[Decimal, Decimal]


class Levels:
    """One side. `sign` is 1 where the lowest price is the best (asks), -1 where the highest is (bids)."""

    __slots__ = ("_keys", "_quantities", "_sign")

    def __init__(self, sign: int, levels: Iterable[PriceLevel] = ()) -> None:
        self._sign = sign
        self._quantities = {price: quantity for price, quantity in levels if quantity}
        self._keys = sorted(price * sign for price in self._quantities)

    def __len__(self) -> int:
        return len(self._keys)

    def change(self, levels: Iterable[PriceLevel]) -> None:
        """Set what stands at these prices; 0 takes a level away."""
        quantities, keys, sign = self._quantities, self._keys, self._sign
        for price, quantity in levels:
            if quantity:
                if price not in quantities:
                    insort(keys, price * sign)
                quantities[price] = quantity
            elif quantities.pop(price, None) is not None:
                del keys[bisect_left(keys, price * sign)]

    def top(self, count: int | None = None) -> tuple[PriceLevel, ...]:
        """The best `count` levels, or all, the best first."""
        sign, quantities = self._sign, self._quantities
        return tuple((price, quantities[price]) for price in (key * sign for key in self._keys[:count]))

    def best(self) -> PriceLevel | None:
        """The best level; `None` where there is none."""
        if not self._keys:
            return None
        price = self._keys[0] * self._sign
        return price, self._quantities[price]

    def quantity(self, price: Decimal) -> Decimal:
        """What stands at `price`; 0 where nothing does."""
        return self._quantities.get(price, Decimal(0))
