"""A disk that fails: nothing unacknowledged is reported as done, nothing acknowledged is lost, and nothing is retried.

strace injects the errors into a process of its own, as the kernel would return them.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pitwire.exchange.log.file import FileLog

WRITER = """
import asyncio, resource, signal, sys
from pathlib import Path
from pitwire.exchange.log.file import FileLog
from pitwire.exchange.messages import CancelOpenOrders, Outcome, Record
from pitwire.exchange.ports import LogFailed
from pitwire.exchange.sequencer import Halted, Sequencer

directory, segment_bytes_max, inline_ns_max, file_bytes_max = Path(sys.argv[1]), *map(int, sys.argv[2:])
if file_bytes_max:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))

class Quiet:
    def apply(self, _): return ()
    def now_us(self): return 1

async def main():
    failures = []
    log = FileLog(directory, segment_bytes_max=segment_bytes_max, inline_ns_max=inline_ns_max)
    sequencer = Sequencer(log, Quiet(), Quiet(), Quiet(), failures.append)
    print("open", flush=True)
    for number in range(20):
        command = CancelOpenOrders(account=1, symbol="BTCUSDT", cancel_id=str(number))
        try:
            outcome = await sequencer.execute(command)
        except Halted as halted:
            assert [type(failure) for failure in failures] == [LogFailed], failures
            try:
                sequencer.submit(command)
            except Halted:
                print("halted:", halted.__cause__, flush=True)
            break
        print("acknowledged", outcome.record.sequence, flush=True)
    log.close()

asyncio.run(main())
"""

ON_A_THREAD = -1
ON_THE_LOOP = 10**12

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: apt install strace")


def run(
    directory: Path,
    *,
    inject: str = "",
    segment_bytes_max: int = 10**6,
    inline_ns_max: int = ON_A_THREAD,
    file_bytes_max: int = 0,
) -> tuple[int, str]:
    """Append until the disk fails: how many appends were acknowledged, and what the process said in the end."""
    strace = ["strace", "-f", "-qq", "-o", str(directory / "trace"), "-e", f"inject={inject}"] if inject else []
    arguments = [str(directory), str(segment_bytes_max), str(inline_ns_max), str(file_bytes_max)]
    finished = subprocess.run(
        [*strace, sys.executable, "-c", WRITER, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    if "ptrace" in finished.stderr and "open" not in finished.stdout:
        pytest.skip(f"strace may not trace here: {finished.stderr.splitlines()[0]}")
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    return sum(line.startswith("acknowledged") for line in lines), lines[-1]


def recovered(directory: Path) -> list[int]:
    log = FileLog(directory)
    try:
        return [record.sequence for record in log.replay(0)]
    finally:
        log.close()


@needs_strace
@pytest.mark.parametrize(
    ("inline_ns_max", "failing", "acknowledged_before"),
    [
        # strace counts each thread's calls by themselves.
        (ON_A_THREAD, 1, 0),
        (ON_A_THREAD, 2, 1),
        (ON_A_THREAD, 15, 14),
        # The first append is on the thread, the others are on the loop.
        (ON_THE_LOOP, 1, 0),
        (ON_THE_LOOP, 2, 2),
        (ON_THE_LOOP, 15, 15),
    ],
)
def test_a_failed_fdatasync_stops_everything_and_is_not_tried_again(
    tmp_path: Path, inline_ns_max: int, failing: int, acknowledged_before: int
) -> None:
    acknowledged, last = run(tmp_path, inject=f"fdatasync:error=EIO:when={failing}", inline_ns_max=inline_ns_max)
    assert last.startswith("halted: the log could not be written: [Errno 5]")
    assert acknowledged == acknowledged_before
    assert (tmp_path / "trace").read_text().count("fdatasync(") == acknowledged + 1, "after the failed one, no other"
    assert recovered(tmp_path)[:acknowledged] == list(range(1, acknowledged + 1))


@needs_strace
def test_a_segment_that_cannot_be_begun_stops_everything(tmp_path: Path) -> None:
    FileLog(tmp_path).close()  # so that opening it again takes two fsyncs
    # The thread's third fsync: two made its first new segment and its name durable.
    acknowledged, last = run(tmp_path, inject="fsync:error=EIO:when=3", segment_bytes_max=300)
    assert last.startswith("halted: the log could not be written: [Errno 5]")
    assert 0 < acknowledged < 20
    assert recovered(tmp_path) == list(range(1, acknowledged + 1))


@pytest.mark.parametrize("file_bytes_max", range(700, 800, 20))
@pytest.mark.parametrize("inline_ns_max", [ON_A_THREAD, ON_THE_LOOP])
def test_a_full_disk_stops_everything_and_the_half_written_append_is_cut_off(
    tmp_path: Path, inline_ns_max: int, file_bytes_max: int
) -> None:
    acknowledged, last = run(tmp_path, file_bytes_max=file_bytes_max, inline_ns_max=inline_ns_max)
    assert last.startswith("halted: the log could not be written: [Errno 27]")
    assert 0 < acknowledged < 20
    assert recovered(tmp_path) == list(range(1, acknowledged + 1))


STARVED = """
import asyncio, os, resource, sys
from pathlib import Path
from pitwire.exchange.log.file import FileLog
from pitwire.exchange.messages import Tick

async def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    log = FileLog(Path(sys.argv[1]), segment_bytes_max=300, inline_ns_max=int(sys.argv[2]))
    for time_us in range(1, 40):
        try:
            while True:
                os.dup(0)  # as a flood of sockets does, which takes whatever has become free
        except OSError as error:
            assert "Too many open files" in str(error), error
        await log.append([Tick()], time_us).durable
        print("acknowledged", time_us)

asyncio.run(main())
"""


@pytest.mark.parametrize("inline_ns_max", [ON_A_THREAD, ON_THE_LOOP])
def test_when_sockets_have_used_up_all_descriptors_the_log_still_begins_its_next_segments(
    tmp_path: Path, inline_ns_max: int
) -> None:
    arguments = [sys.executable, "-c", STARVED, str(tmp_path), str(inline_ns_max)]
    finished = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("acknowledged") == 39
    assert len(list(tmp_path.glob("*.log"))) > 5
    assert recovered(tmp_path) == list(range(1, 40))
