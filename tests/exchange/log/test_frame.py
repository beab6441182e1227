"""Frames: what is written is what is read, and damage is told from an unfinished write."""

from itertools import pairwise

import pytest

from pitwire.exchange.log import frame
from pitwire.exchange.log.frame import GENESIS, SEGMENT_HEAD_BYTES, Batch, Damage, SegmentHead
from pitwire.exchange.messages import CancelOpenOrders, Deposit, Record
from pitwire.market.numbers import Amount


def batch(first_sequence: int, size: int, text: str = "x") -> Batch:
    commands = [CancelOpenOrders(account=1, symbol="BTCUSDT", cancel_id=f"{text}{n}") for n in range(size)]
    return Batch(first_sequence, 1_700_000_000_000_000 + first_sequence, commands)


def segment(*batches: Batch) -> tuple[bytes, list[int]]:
    """A segment of the batches, and where each frame starts; the last number is where the segment ends."""
    data, chain, offsets = frame.encode_head(SegmentHead(1, GENESIS)), GENESIS, [SEGMENT_HEAD_BYTES]
    for each in batches:
        encoded, chain = frame.encode(each, chain)
        data += encoded
        offsets.append(len(data))
    return data, offsets


def read(data: bytes) -> tuple[list[Batch], Damage | None]:
    """The batches that can be read, and the damage that ends them."""
    batches: list[Batch] = []
    try:
        batches.extend(frame.decode(whole.payload) for whole in frame.frames(data, frame.decode_head(data).chain))
    except Damage as damage:
        return batches, damage
    return batches, None


THREE = (batch(1, 2), batch(3, 1), batch(4, 3))
DATA, OFFSETS = segment(*THREE)


def test_what_is_written_is_what_is_read() -> None:
    assert read(DATA) == (list(THREE), None)
    assert list(THREE[1].records()) == [Record(3, THREE[1].time_us, THREE[1].commands[0])]
    assert [frame.place(whole.payload) for whole in frame.frames(DATA, GENESIS)] == [
        (each.first_sequence, len(each.commands), each.time_us) for each in THREE
    ]


def test_amounts_beyond_64_bits_are_kept() -> None:
    vast = Batch(1, 1, [Deposit(account=1, asset="PEPE", amount=Amount(10**30))])
    assert read(segment(vast)[0]) == ([vast], None)


def test_every_truncation_of_the_last_frame_leaves_the_frames_before_it() -> None:
    for end in range(OFFSETS[2] + 1, OFFSETS[3]):
        batches, damage = read(DATA[:end])
        assert batches == list(THREE[:2])
        assert damage is not None
        assert (damage.torn, damage.offset) == (True, OFFSETS[2]), f"cut at {end}"


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_every_flipped_byte_is_noticed_in_its_frame_and_is_not_taken_for_an_unfinished_write(flip: int) -> None:
    for position in range(SEGMENT_HEAD_BYTES, len(DATA)):
        damaged = bytearray(DATA)
        damaged[position] ^= flip
        batches, damage = read(bytes(damaged))
        index = sum(position >= offset for offset in OFFSETS) - 1
        assert batches == list(THREE[:index]), f"flipped {position}"
        assert damage is not None
        assert (damage.torn, damage.offset) == (False, OFFSETS[index]), f"flipped {position}"


def test_every_flipped_byte_of_the_head_is_noticed() -> None:
    for position in range(SEGMENT_HEAD_BYTES):
        damaged = bytearray(DATA)
        damaged[position] ^= 0x10
        with pytest.raises(Damage):
            frame.decode_head(bytes(damaged))


LONG, LONG_OFFSETS = segment(batch(1, 1), batch(2, 60, "y" * 30))


@pytest.mark.parametrize("sector", range(LONG_OFFSETS[1] // 512, len(LONG) // 512))
def test_a_sector_of_the_last_frame_that_was_never_written_is_an_unfinished_write(sector: int) -> None:
    damaged = bytearray(LONG)
    start = max(sector * 512, LONG_OFFSETS[1])
    damaged[start : sector * 512 + 512] = bytes(sector * 512 + 512 - start)
    batches, damage = read(bytes(damaged))
    assert len(batches) == 1
    assert damage is not None
    assert (damage.torn, damage.offset) == (True, LONG_OFFSETS[1])


def test_a_head_across_two_sectors_of_which_the_second_was_never_written_is_an_unfinished_write() -> None:
    first = batch(1, 1)
    excess = 512 - 27 - len(segment(first)[0])
    first = batch(1, 1, "x" * (1 + excess))
    data, offsets = segment(first, batch(2, 1))
    assert offsets[1] == 512 - 27
    batches, damage = read(data[:512] + bytes(len(data) - 512))
    assert batches == [first]
    assert damage is not None
    assert damage.torn


def ending_at(end: int) -> Batch:
    """A batch whose frame, as the first of a segment, ends there."""
    return batch(1, 1, "x" * (1 + end - len(segment(batch(1, 1))[0])))


@pytest.mark.parametrize("share", range(1, 40))
def test_however_little_of_the_last_frame_is_in_the_unwritten_first_sector_it_is_an_unfinished_write(
    share: int,
) -> None:
    first = ending_at(512 - share)
    data, offsets = segment(first, batch(2, 3))
    assert offsets[1] == 512 - share
    batches, damage = read(data[: offsets[1]] + bytes(share) + data[512:])
    assert batches == [first]
    assert damage is not None
    assert damage.torn == (share > 1), "a single zero may be a damaged byte"


@pytest.mark.parametrize("share", range(1, 40))
def test_however_little_of_the_last_frame_is_in_the_unwritten_last_sector_it_is_an_unfinished_write(share: int) -> None:
    first = batch(1, 1)
    second = batch(2, 1, "y" * (1 + 512 + share - len(segment(first, batch(2, 1))[0])))
    data, _ = segment(first, second)
    assert len(data) == 512 + share
    batches, damage = read(data[:512] + bytes(share))
    assert batches == [first]
    assert damage is not None
    assert damage.torn == (share > 1), "a single zero may be a damaged byte"


@pytest.mark.parametrize("hole", [0, 1])
def test_an_unwritten_sector_with_a_whole_frame_after_it_is_damage(hole: int) -> None:
    data, offsets = segment(batch(1, 30, "y" * 30), batch(31, 30, "z" * 30), batch(61, 1))
    damaged = bytearray(data)
    start = offsets[1] + hole * 512
    damaged[start : start + 512] = bytes(512)
    batches, damage = read(bytes(damaged))
    assert len(batches) == 1
    assert damage is not None
    assert not damage.torn


@pytest.mark.parametrize("end", [0, 1, 31, 32, 512, 5_000])
def test_zeros_after_the_last_frame_are_an_unfinished_write(end: int) -> None:
    batches, damage = read(DATA + bytes(end))
    assert batches == list(THREE)
    assert damage is None if end == 0 else damage is not None and damage.torn


def test_a_frame_that_was_dropped_repeated_or_moved_is_noticed_by_the_chain() -> None:
    first, second, third = (DATA[start:end] for start, end in pairwise(OFFSETS))
    head = DATA[:SEGMENT_HEAD_BYTES]
    for order, readable in {(first, third): 1, (first, first, second): 1, (second, first): 0}.items():
        batches, damage = read(head + b"".join(order))
        assert len(batches) == readable
        assert damage is not None
        assert "does not follow" in damage.what
        assert not damage.torn


def test_commands_that_do_not_fit_into_a_frame_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "PAYLOAD_BYTES_MAX", 100)
    with pytest.raises(frame.FrameTooLong, match="50 commands take"):
        frame.encode(batch(1, 50), GENESIS)


def test_a_frame_that_claims_more_than_the_bound_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "PAYLOAD_BYTES_MAX", 10)
    _, damage = read(DATA)
    assert damage is not None
    assert "at most 10 are possible" in damage.what
    assert not damage.torn
