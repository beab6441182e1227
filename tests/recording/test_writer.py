"""What is recorded is what is read."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pitwire.recording.reader import LINE_BYTES_MAX, Recording
from pitwire.recording.writer import DAY_NS, RecordingWriter

NOON_NS = 1_723_118_400_000_000_000  # 2024-08-08 12:00
TICKER = (
    b'{"stream":"btcusdt@bookTicker","data":{"u":%d,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000",'
    b'"a":"61837.64000000","A":"1.54698000"}}'
)


def test_a_recording_is_read_back_line_by_line(tmp_path):
    writer = RecordingWriter(tmp_path / "new" / "folder", "BTCUSDT")
    begun = [writer.write(NOON_NS + number, TICKER % number) for number in range(100)]
    writer.close()
    assert begun == [True] + [False] * 99
    assert writer.lines == 100
    assert [path.name for path in writer.finished] == ["btcusdt_20240808.gz"]
    events = list(Recording(writer.finished[0]).events())
    assert [(event.receive_ns - NOON_NS, event.update_id) for event in events] == [(n, n) for n in range(100)]


def test_each_day_has_a_file_and_so_has_what_does_not_fit(tmp_path):
    writer = RecordingWriter(tmp_path, "btcusdt", file_bytes_max=1)
    # A second apart, so that each is flushed, and the file has grown.
    times_ns = [*(NOON_NS + number * 1_000_000_000 for number in range(3)), NOON_NS + DAY_NS]
    begun = [writer.write(time_ns, TICKER % number) for number, time_ns in enumerate(times_ns)]
    writer.close()
    assert begun == [True] * 4
    assert [path.name for path in writer.finished] == [
        "btcusdt_20240808.gz",
        "btcusdt_20240808_2.gz",
        "btcusdt_20240808_3.gz",
        "btcusdt_20240809.gz",
    ]
    assert sum(len(list(Recording(path).events())) for path in writer.finished) == 4


def test_a_file_that_is_there_is_never_written_to_again(tmp_path):
    for _ in range(2):
        writer = RecordingWriter(tmp_path, "btcusdt")
        writer.write(NOON_NS, TICKER % 1)
        writer.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["btcusdt_20240808.gz", "btcusdt_20240808_2.gz"]


def test_the_same_messages_give_the_same_bytes(tmp_path):
    written = []
    for folder in ("one", "two"):
        writer = RecordingWriter(tmp_path / folder, "btcusdt")
        for number in range(50):
            writer.write(NOON_NS + number, TICKER % number)
        writer.close()
        written.append(writer.finished[0].read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("message", [b"two\nlines", b" " * LINE_BYTES_MAX], ids=["two lines", "too long"])
def test_what_would_not_be_a_line_is_refused_and_nothing_is_written(tmp_path, message):
    writer = RecordingWriter(tmp_path, "btcusdt")
    with pytest.raises(ValueError, match="cannot be a line"):
        writer.write(NOON_NS, message)
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_closing_twice_or_with_nothing_written_does_nothing(tmp_path):
    writer = RecordingWriter(tmp_path, "btcusdt")
    writer.close()
    writer.close()
    assert writer.finished == []


KILLED = """
import sys
from pathlib import Path
from pitwire.recording.writer import RecordingWriter
writer = RecordingWriter(Path(sys.argv[1]), "btcusdt")
for number in range(3):
    writer.write({noon} + number * 1_000_000_000, {ticker!r} % number)
print("written", flush=True)
sys.stdin.read()
"""


def test_a_process_that_is_killed_leaves_what_was_flushed(tmp_path):
    code = KILLED.format(noon=NOON_NS, ticker=TICKER)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        os.kill(process.pid, signal.SIGKILL)
    part = Path(tmp_path / "btcusdt_20240808.gz.part")
    with gzip.open(part) as lines:
        assert [lines.readline().split()[0] for _ in range(3)] == [b"%d" % (NOON_NS + n * 10**9) for n in range(3)]
