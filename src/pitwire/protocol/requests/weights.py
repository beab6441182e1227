"""Weights that depend on the parameters, as the documentation's tables have them (web-socket-api.md).

Their docstrings go into the documentation of the client's methods.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class _ForSymbols(Protocol):
    @property
    def symbol(self) -> str | None: ...
    @property
    def symbols(self) -> Sequence[str] | None: ...


def per_symbol(each: int, most: int) -> Callable[[_ForSymbols], int]:
    """`each` for every symbol asked for, at most `most`, which all symbols cost too."""

    def weight(request: _ForSymbols) -> int:
        if request.symbols is not None:
            return min(each * len(request.symbols), most)
        return each if request.symbol is not None else most

    weight.__doc__ = f"{each} for each symbol, at most {most}."
    return weight


def one_or_many(one: int, many: int) -> Callable[[_ForSymbols], int]:
    """`one` for a single `symbol`, `many` for `symbols` or for all."""

    def weight(request: _ForSymbols) -> int:
        return one if request.symbol is not None else many

    weight.__doc__ = f"{one} for a single `symbol`, {many} for `symbols` or for all."
    return weight


def day_statistics(request: _ForSymbols) -> int:
    """2 for up to 20 symbols, 40 for up to 100, 80 beyond that and for all."""
    if request.symbols is None:
        return 2 if request.symbol is not None else 80
    count = len(request.symbols)
    return 2 if count <= 20 else 40 if count <= 100 else 80


def depth(request: Any) -> int:
    """5 for a `limit` of up to 100, 25 for up to 500, 50 for up to 1000, 250 beyond that."""
    limit = 100 if request.limit is None else request.limit
    return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1000 else 250


def order_test(request: Any) -> int:
    """1, and 20 with `compute_commission_rates`."""
    return 20 if request.compute_commission_rates else 1


def open_orders(request: Any) -> int:
    """6 for one symbol, 80 for all."""
    return 80 if request.symbol is None else 6


def my_trades(request: Any) -> int:
    """20, and 5 with `order_id`."""
    return 20 if request.order_id is None else 5


def prevented_matches(request: Any) -> int:
    """2, and 20 by `order_id`."""
    return 2 if request.order_id is None else 20
