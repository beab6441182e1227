import gzip
import json

import pytest

from pitwire.recording import reader
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, Trade
from pitwire.recording.reader import Recording, RecordingError, units
from tests.locations import recordings_dir

TICKER = {"u": 7, "s": "BTCUSDT", "b": "100.00000000", "B": "1.50000000", "a": "100.01000000", "A": "2.00000000"}
TRADE = {"e": "trade", "E": 5, "s": "BTCUSDT", "t": 3, "p": "100.01000000", "q": "0.5", "T": 4, "m": False, "M": True}
DIFF = {"e": "depthUpdate", "E": 5, "s": "BTCUSDT", "U": 6, "u": 7, "b": [["99.5", "0.00000000"]], "a": []}
SNAPSHOT = {"lastUpdateId": 5, "bids": [["100.00000000", "1.00000000"]], "asks": [["100.02000000", "3.00000000"]]}


def line(stream, data, receive_ns=1_000):
    return f"{receive_ns} " + json.dumps({"stream": f"btcusdt@{stream}", "data": data})


def written(tmp_path, *lines):
    path = tmp_path / "recording.gz"
    path.write_bytes(gzip.compress("".join(text + "\n" for text in lines).encode()))
    return path


def test_each_kind_of_line_becomes_its_event_in_scaled_numbers(tmp_path):
    path = written(
        tmp_path,
        line("bookTicker", TICKER, 1),
        line("trade", TRADE, 2),
        line("depth@100ms", DIFF, 3),
        "4 " + json.dumps(SNAPSHOT),
    )
    recording = Recording(path)
    assert recording.symbol == "BTCUSDT"
    assert list(recording.events()) == [
        BookTicker(
            receive_ns=1,
            symbol="BTCUSDT",
            update_id=7,
            bid_price=100_00000000,
            bid_quantity=1_50000000,
            ask_price=100_01000000,
            ask_quantity=2_00000000,
        ),
        Trade(
            receive_ns=2,
            symbol="BTCUSDT",
            trade_id=3,
            price=100_01000000,
            quantity=50000000,
            time_ms=4,
            buyer_is_maker=False,
        ),
        DepthDiff(
            receive_ns=3, symbol="BTCUSDT", first_update_id=6, last_update_id=7, bids=((99_50000000, 0),), asks=()
        ),
        DepthSnapshot(
            receive_ns=4,
            symbol="BTCUSDT",
            last_update_id=5,
            bids=((100_00000000, 1_00000000),),
            asks=((100_02000000, 3_00000000),),
        ),
    ]


def test_events_can_be_read_any_number_of_times(tmp_path):
    recording = Recording(written(tmp_path, line("trade", TRADE)))
    assert list(recording.events()) == list(recording.events())


def test_streams_of_other_kinds_are_passed_over(tmp_path):
    recording = Recording(written(tmp_path, line("trade", TRADE), line("kline_1m", {"s": "BTCUSDT"})))
    assert len(list(recording.events())) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("x {}", "b'x' is not a time in nanoseconds"),
        ("-5 {}", "b'-5' is not a time"),
        (f"{'9' * 30} {{}}", "is not a time"),
        ("7", "is not a time in nanoseconds"),
        ("7 {", "truncated"),
        ("7 {}", "neither a message of a combined stream nor a depth snapshot"),
        ("7 " + "[" * 100_000, "recursion|array"),
        (line("trade", TRADE | {"p": "1e3"}), "'1e3' is not a price or quantity"),
        (line("trade", TRADE | {"p": "-1.0"}), "'-1.0' is not a price or quantity"),
        (line("trade", TRADE | {"p": "0.000000001"}), "'0.000000001' has more than 8 decimal places"),
        (line("trade", TRADE | {"s": "ETHUSDT"}), "ETHUSDT in a recording of BTCUSDT"),
        (line("depth", {"s": "BTCUSDT"}), "missing required field `U`"),
        (line("bookTicker", TICKER | {"b": 100}), "Expected `str`, got `int`"),
    ],
)
def test_a_bad_line_is_named_with_file_number_and_reason(tmp_path, bad, reason):
    path = written(tmp_path, line("trade", TRADE), line("trade", TRADE), bad)
    with pytest.raises(RecordingError, match=rf"recording.gz, line 3: .*({reason})"):
        list(Recording(path).events())


def test_a_line_longer_than_the_bound_is_refused_without_being_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "LINE_BYTES_MAX", 300)
    path = written(tmp_path, line("trade", TRADE), "1 " + "x" * 1_000)
    with pytest.raises(RecordingError, match="line 2: the line is longer than 300 bytes"):
        list(Recording(path).events())


def test_a_file_that_was_cut_off_gives_what_it_has_and_then_says_so(tmp_path):
    path = written(tmp_path, *(line("trade", TRADE | {"t": n * 7919 % 1000, "T": n * 104729}) for n in range(5_000)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    seen = []
    with pytest.raises(RecordingError, match="the gzip data end in the middle"):
        seen.extend(Recording(path).events())
    assert seen


def test_what_is_no_gzip_is_refused(tmp_path):
    path = tmp_path / "recording.gz"
    path.write_text(line("trade", TRADE))
    with pytest.raises(RecordingError, match="line 1: the gzip data are damaged"):
        Recording(path)


def test_a_recording_that_never_names_a_symbol_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="no line up to here names a symbol"):
        Recording(written(tmp_path, "4 " + json.dumps(SNAPSHOT)))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0.00000001", 1),
        ("61837.63000000", 6183763000000),
        ("5", 500000000),
        ("5.", 500000000),
        ("1.5000000000", 150000000),
    ],
)
def test_numbers_are_scaled_exactly(number, expected):
    assert units(number) == expected


@pytest.mark.parametrize("number", ["", ".", ".5", "+1", "1_0", "٣", "1.٣", "NaN", "1,5", "9" * 21, " 1", "1.2.3"])
def test_what_is_not_plain_digits_is_no_number(number):
    with pytest.raises(ValueError, match="is not a price or quantity"):
        units(number)


@pytest.mark.parametrize(("name", "count"), [("btcusdt_20240808.gz", 41249), ("ethusdt_20240808.gz", 33618)])
def test_the_real_recordings_are_read_to_the_last_line(name, count):
    assert sum(1 for _ in Recording(recordings_dir() / name).events()) == count
