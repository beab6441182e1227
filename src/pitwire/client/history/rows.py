"""Rows of history, and the frames that studies are made with.

polars and pandas are not needed by pitwire: whoever asks for a frame has the library, or is told how to get it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec import structs

from pitwire.market.numbers import SCALE_DIGITS

if TYPE_CHECKING:
    import polars

R = TypeVar("R")

MICROSECONDS_FROM: Final = 10**14
"""Times from here on are microseconds: as milliseconds it is the year 5138, as microseconds 1973."""
_TIMES: Final = frozenset({"time", "open_time", "close_time"})
_IGNORED: Final = frozenset({"ignored"})


class FrameLibraryMissing(ImportError):
    """A frame was asked for, and the library that makes it is not installed; the message says how to get it."""


class Rows(list[R], Generic[R]):
    """A list of results, such as `Kline`, oldest first. A kind without rows gives a frame without columns."""

    def to_polars(self, *, floats: bool = False) -> polars.DataFrame:
        """A polars frame: times as `Datetime` in UTC, numbers as `Decimal` with eight places, or as floats.

        Raises `FrameLibraryMissing`.
        """
        pl: Any = _library("polars")
        number = pl.Float64 if floats else pl.Decimal(38, SCALE_DIGITS)
        columns = self._columns(float if floats else None)
        schema = {
            name: pl.Datetime("us", "UTC") if name in _TIMES else number if name in self._numbers() else None
            for name in columns
        }
        frame: polars.DataFrame = pl.DataFrame(columns, schema=schema)
        return frame

    def to_pandas(self, *, floats: bool = True) -> Any:
        """A `pandas.DataFrame`: times as timestamps in UTC, numbers as floats, or as `Decimal` objects.

        Raises `FrameLibraryMissing`.
        """
        pd: Any = _library("pandas")
        return pd.DataFrame(self._columns(float if floats else None))

    def _columns(self, number: type[float] | None) -> dict[str, list[Any]]:
        if not self:
            return {}
        names = [field.name for field in structs.fields(type(self[0])) if field.name not in _IGNORED]  # type: ignore[arg-type]
        numbers = self._numbers() if number is not None else frozenset()
        columns: dict[str, list[Any]] = {}
        for name in names:
            values: list[Any] = [getattr(row, name) for row in self]
            if name in _TIMES:
                values = [instant(value) for value in values]
            elif name in numbers:
                values = [float(value) for value in values]
            columns[name] = values
        return columns

    def _numbers(self) -> frozenset[str]:
        fields = structs.fields(type(self[0])) if self else ()  # type: ignore[arg-type]
        return frozenset(field.name for field in fields if field.type is Decimal)


def instant(time: int) -> datetime:
    """A time of the exchange, in milliseconds or microseconds since the epoch, as a `datetime` in UTC, exactly."""
    seconds, microseconds = divmod(time if time >= MICROSECONDS_FROM else time * 1000, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise FrameLibraryMissing(f"{name} is not installed: `pip install {name}`") from error
