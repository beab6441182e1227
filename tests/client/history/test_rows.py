import sys
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest

from pitwire.client.history.rows import FrameLibraryMissing, Rows, instant
from pitwire.protocol.results import Kline

BAR = Kline(
    open_time=1_700_000_000_000,
    open=Decimal("1.00000001"),
    high=Decimal(2),
    low=Decimal("0.5"),
    close=Decimal("1.5"),
    volume=Decimal(10),
    close_time=1_700_000_059_999_999,  # as with timeUnit=MICROSECOND
    quote_volume=Decimal(15),
    trade_count=3,
    taker_buy_volume=Decimal(4),
    taker_buy_quote_volume=Decimal(6),
    ignored="0",
)


def test_a_polars_frame_has_exact_numbers_and_times_in_utc():
    frame = Rows([BAR, BAR]).to_polars()
    assert frame.columns[:5] == ["open_time", "open", "high", "low", "close"]
    assert "ignored" not in frame.columns
    assert frame.schema["open"] == pl.Decimal(38, 8)
    assert frame["open"].to_list() == [Decimal("1.00000001")] * 2
    assert frame["open_time"][0] == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert frame["close_time"][0].microsecond == 999_999
    assert frame["trade_count"].sum() == 6


def test_floats_for_those_who_want_them():
    assert Rows([BAR]).to_polars(floats=True).schema["open"] == pl.Float64


def test_no_rows_are_an_empty_frame():
    assert Rows().to_polars().is_empty()


def test_a_library_that_is_not_there_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(FrameLibraryMissing, match="pandas is not installed: `pip install pandas`"):
        Rows([BAR]).to_pandas()


def test_a_pandas_frame_is_made_of_the_same_columns(monkeypatch):
    class Pandas:
        DataFrame = staticmethod(dict)

    monkeypatch.setitem(sys.modules, "pandas", Pandas)
    frame = Rows([BAR]).to_pandas()
    assert frame["open"] == [1.00000001]
    assert frame["open_time"] == [datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)]
    assert Rows([BAR]).to_pandas(floats=False)["open"] == [Decimal("1.00000001")]


def test_milliseconds_and_microseconds_are_told_apart():
    assert instant(1_700_000_000_001) == instant(1_700_000_000_001_000)
