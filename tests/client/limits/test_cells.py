import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pitwire.client.limits.cells import FileCells, MemoryCells

TAKE = """
import sys, time
from pathlib import Path
from pitwire.client.limits.cells import FileCells
cells = FileCells(Path(sys.argv[1]), 4)
print("ready", flush=True)
sys.stdin.readline()
taken = 0
while True:
    with cells:
        if cells.values[0] >= 20_000:
            break
        seen = cells.values[0]
        cells.values[0] = seen + 1
        taken += 1
print(taken)
"""
HOLD = """
import sys
from pathlib import Path
from pitwire.client.limits.cells import FileCells
cells = FileCells(Path(sys.argv[1]), 4)
with cells:
    cells.values[1] = 7
    print("ready", flush=True)
    sys.stdin.readline()
"""


def run(program: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_memory_begins_with_zeros():
    with MemoryCells(3) as cells:
        assert list(cells.values) == [0, 0, 0]


def test_a_file_keeps_what_was_written(tmp_path: Path):
    first = FileCells(tmp_path / "limits", 4)
    with first:
        first.values[2] = -5
    first.close()
    second = FileCells(tmp_path / "limits", 4)
    assert list(second.values) == [0, 0, -5, 0]
    second.close()


@pytest.mark.parametrize("content", [b"not ours at all", b"x" * 40])
def test_another_file_is_refused_and_left_alone(tmp_path: Path, content: bytes):
    path = tmp_path / "limits"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no file of shared limits"):
        FileCells(path, 4)
    assert path.read_bytes() == content


def test_processes_count_together(tmp_path: Path):
    path = tmp_path / "limits"
    processes = [run(TAKE, path) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    taken = [int(process.communicate(timeout=30)[0]) for process in processes]
    assert sum(taken) == 20_000


def test_a_process_that_is_killed_with_the_lock_lets_go_of_it(tmp_path: Path):
    path = tmp_path / "limits"
    holder = run(HOLD, path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate(timeout=30)
    cells = FileCells(path, 4)
    with cells:
        assert cells.values[1] == 7
    cells.close()
