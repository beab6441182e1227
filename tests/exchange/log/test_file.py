"""The file log: what was acknowledged is there after a restart, the rest is gone or whole, and damage is refused."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwire.exchange.log.file import FileLog, LogLocked
from pitwire.exchange.messages import CancelOpenOrders, Record
from pitwire.exchange.ports import LogCorrupt, LogFailed


def command(number: int) -> CancelOpenOrders:
    return CancelOpenOrders(account=1, symbol="BTCUSDT", cancel_id=str(number))


async def fill(log: FileLog, sizes: Sequence[int]) -> list[Record]:
    """Append batches of these sizes, each durable before the next, and give the records."""
    records: list[Record] = []
    for size in sizes:
        first = log.last_sequence + 1
        append = log.append([command(n) for n in range(first, first + size)], first * 10)
        await append.durable
        records += append.records
    return records


def reopened(directory: Path) -> tuple[list[Record], int]:
    log = FileLog(directory)
    try:
        return list(log.replay(0)), log.last_sequence
    finally:
        log.close()


def unfinished(directory: Path) -> list[Path]:
    return list(directory.glob("*.unfinished"))


def segments(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.log"))


async def test_a_new_directory_is_an_empty_log(tmp_path: Path) -> None:
    assert reopened(tmp_path / "new" / "log") == ([], 0)


async def test_what_was_acknowledged_is_there_after_a_restart_and_the_sequence_goes_on(tmp_path: Path) -> None:
    log = FileLog(tmp_path)
    written = await fill(log, [1, 5, 2])
    log.close()
    log = FileLog(tmp_path)
    assert log.last_sequence == 8
    written += await fill(log, [3])
    assert list(log.replay(6)) == written[6:]
    log.close()
    assert reopened(tmp_path) == (written, 11)


async def test_a_full_segment_is_followed_by_a_new_one_and_replay_crosses_them(tmp_path: Path) -> None:
    log = FileLog(tmp_path, segment_bytes_max=300)
    written = await fill(log, [2] * 20)
    assert len(segments(tmp_path)) > 3
    for after in range(41):
        assert list(log.replay(after)) == written[after:]
    log.close()
    assert reopened(tmp_path) == (written, 40)


async def test_every_truncation_of_the_last_frame_recovers_exactly_the_frames_before_it(tmp_path: Path) -> None:
    log = FileLog(tmp_path)
    written = await fill(log, [2, 3])
    (path,) = segments(tmp_path)
    start = path.stat().st_size
    await fill(log, [2])
    log.close()
    whole = path.read_bytes()
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        log = FileLog(tmp_path)
        assert log.torn_bytes == end - start
        assert list(log.replay(0)) == written
        rewritten = await fill(log, [1])
        log.close()
        assert reopened(tmp_path) == (written + rewritten, 6), f"cut at {end}"


async def test_every_flipped_byte_is_refused_with_the_file_the_place_and_the_remedy(tmp_path: Path) -> None:
    log = FileLog(tmp_path)
    await fill(log, [2, 1, 2])
    log.close()
    (path,) = segments(tmp_path)
    whole = path.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x20
        path.write_bytes(damaged)
        with pytest.raises(LogCorrupt, match=r"\.log is damaged at byte \d+: .* truncate --size="):
            FileLog(tmp_path)
        assert path.read_bytes() == damaged, "nothing was changed"
    path.write_bytes(whole)
    assert reopened(tmp_path)[1] == 5


async def test_the_remedy_that_the_message_names_works(tmp_path: Path) -> None:
    log = FileLog(tmp_path)
    written = await fill(log, [2, 1, 2])
    log.close()
    (path,) = segments(tmp_path)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(LogCorrupt, match="records from sequence 4 on") as refused:
        FileLog(tmp_path)
    size = int(str(refused.value).partition("--size=")[2].split()[0])
    path.write_bytes(damaged[:size])
    assert reopened(tmp_path) == (written[:3], 3)


@pytest.mark.parametrize("cut", [1, 40, 10_000])
async def test_a_segment_that_ends_early_before_another_one_is_damage(tmp_path: Path, cut: int) -> None:
    log = FileLog(tmp_path, segment_bytes_max=300)
    await fill(log, [1] * 20)
    log.close()
    first = segments(tmp_path)[0]
    first.write_bytes(first.read_bytes()[:-cut])
    with pytest.raises(LogCorrupt):
        FileLog(tmp_path)


@pytest.mark.parametrize(("missing", "says"), [(0, "no segment holds the records 1 to"), (1, "does not follow")])
async def test_a_segment_that_is_missing_is_noticed(tmp_path: Path, missing: int, says: str) -> None:
    log = FileLog(tmp_path, segment_bytes_max=300)
    await fill(log, [1] * 20)
    log.close()
    segments(tmp_path)[missing].unlink()
    with pytest.raises(LogCorrupt, match=says):
        FileLog(tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_interrupted_write_leaves_exactly_the_acknowledged_prefix(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The last frame loses its end, or some of its sectors, as a power cut may leave it."""
    directory = tmp_path_factory.mktemp("log")
    sizes = data.draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    log = FileLog(directory, segment_bytes_max=data.draw(st.sampled_from([500, 5_000])))
    acknowledged = await fill(log, sizes)
    before = segments(directory)[-1]
    start = before.stat().st_size
    unacknowledged = await fill(log, [data.draw(st.integers(1, 60))])
    log.close()
    last = segments(directory)[-1]
    if last != before:  # the interrupted append began a segment, whose head is durable before any frame
        start = 36
    content = bytearray(last.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(start, len(content) - 1)) :]
    else:
        sectors = range(start // 512, -(-len(content) // 512))
        for sector in data.draw(st.lists(st.sampled_from(sectors), min_size=1, unique=True)):
            begin, end = max(start, sector * 512), min(len(content), sector * 512 + 512)
            if end - begin < 2:
                begin, end = start, len(content)  # a single zero cannot be told from a damaged byte
            content[begin:end] = bytes(end - begin)
    last.write_bytes(content)
    recovered, _ = reopened(directory)
    assert recovered == acknowledged
    assert unacknowledged


async def test_replay_after_a_snapshot_needs_only_the_segments_from_there_on(tmp_path: Path) -> None:
    log = FileLog(tmp_path, segment_bytes_max=300)
    written = await fill(log, [1] * 20)
    log.save_snapshot(18, b"state")
    log.close()
    for path in segments(tmp_path)[:-2]:
        path.unlink()
    log = FileLog(tmp_path)
    assert log.load_snapshot() == (18, b"state")
    assert list(log.replay(18)) == written[18:]
    with pytest.raises(LogCorrupt, match="no segment holds the records 1 to"):
        list(log.replay(0))
    log.close()


async def test_a_log_that_ends_before_its_snapshot_has_lost_acknowledged_records(tmp_path: Path) -> None:
    log = FileLog(tmp_path)
    await fill(log, [1])
    (path,) = segments(tmp_path)
    start = path.stat().st_size
    await fill(log, [1])
    log.save_snapshot(2, b"state")
    log.close()
    path.write_bytes(path.read_bytes()[:start])
    with pytest.raises(LogCorrupt, match="ends at sequence 1, but there is a snapshot of sequence 2"):
        FileLog(tmp_path)


async def test_what_a_crash_left_of_a_file_being_begun_is_removed(tmp_path: Path) -> None:
    for name in ("00000000000000000009.unfinished", "00000000000000000001.unfinished"):
        (tmp_path / name).write_bytes(b"half")
    assert reopened(tmp_path) == ([], 0)
    assert unfinished(tmp_path) == []


async def test_a_directory_serves_one_log_at_a_time(tmp_path: Path) -> None:
    log = FileLog(tmp_path)
    with pytest.raises(LogLocked, match=r"in use by another exchange \(process \d+\)"):
        FileLog(tmp_path)
    log.close()
    FileLog(tmp_path).close()


async def test_a_closed_log_takes_nothing_more(tmp_path: Path) -> None:
    log = FileLog(tmp_path)
    append = log.append([command(1)], 1)
    log.close()
    await append.durable
    with pytest.raises(LogFailed, match="closed"):
        log.append([command(2)], 1)
    log.close()
