"""Time that jumps, and what it waits for."""

import asyncio
import time
from collections.abc import AsyncIterator
from threading import Event

import pytest

from pitwire.testing.virtual_time import VirtualTime, virtual_time


@pytest.fixture
async def clock() -> AsyncIterator[VirtualTime]:
    with virtual_time(asyncio.get_running_loop(), VirtualTime(start_ns=1_000_000_000)) as clock:
        yield clock


async def test_a_year_passes_at_once(clock: VirtualTime) -> None:
    begun_s = time.monotonic()
    await clock.advance(days=365)
    assert clock.now_us() == 1_000_000 + 365 * 86_400_000_000
    assert time.monotonic() - begun_s < 5


async def test_the_loop_and_the_clock_tell_the_same_time(clock: VirtualTime) -> None:
    loop = asyncio.get_running_loop()
    begun_s, begun_ns = loop.time(), clock.now_ns()
    await clock.advance(seconds=1.5)
    assert loop.time() - begun_s == pytest.approx(1.5)
    assert clock.now_ns() - begun_ns == pytest.approx(1_500_000_000, abs=1000)


async def test_timers_fire_in_their_order_each_at_its_time(clock: VirtualTime) -> None:
    fired: list[tuple[str, int]] = []

    async def after(name: str, minutes: float) -> None:
        await clock.advance(minutes=minutes)
        fired.append((name, round((clock.now_ns() - 1_000_000_000) / 60e9)))

    await asyncio.gather(after("c", 3), after("a", 1), after("b", 2))
    assert fired == [("a", 1), ("b", 2), ("c", 3)]


async def test_a_deadline_is_one_of_virtual_time(clock: VirtualTime) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3600):
            await asyncio.get_running_loop().create_future()
    assert clock.elapsed_s() == pytest.approx(3600)


async def test_no_time_passes_while_something_is_ready(clock: VirtualTime) -> None:
    later = asyncio.ensure_future(clock.advance(seconds=1e-6))
    for _ in range(1000):
        await asyncio.sleep(0)
    assert clock.elapsed_s() == 0
    assert not later.done()
    await later


async def test_no_time_passes_while_a_thread_works(clock: VirtualTime) -> None:
    begun = Event()

    def work() -> str:
        begun.wait(10)
        return "done"

    working = asyncio.ensure_future(asyncio.to_thread(work))
    an_hour = asyncio.ensure_future(clock.advance(hours=1))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(begun.set)
    assert await working == "done"
    assert clock.elapsed_s() == 0
    await an_hour
    assert clock.elapsed_s() == pytest.approx(3600)


async def test_what_a_thread_brings_is_taken_while_something_is_always_ready(clock: VirtualTime) -> None:
    loop = asyncio.get_running_loop()
    working = asyncio.ensure_future(asyncio.to_thread(lambda: 7))

    def again() -> None:
        if not working.done():
            loop.call_soon(again)

    again()
    assert await working == 7
    assert clock.elapsed_s() == 0


async def test_what_is_set_before_it_begins_stays_as_far_away() -> None:
    loop = asyncio.get_running_loop()
    fired = loop.create_future()
    loop.call_later(600, fired.set_result, None)
    with virtual_time(loop, VirtualTime()) as clock:
        await fired
        assert clock.elapsed_s() == pytest.approx(600, abs=1)


async def test_afterwards_the_loop_is_as_it_was() -> None:
    loop = asyncio.get_running_loop()
    with virtual_time(loop, VirtualTime()) as clock:
        await clock.advance(days=1)
    assert abs(loop.time() - time.monotonic()) < 60
    await asyncio.to_thread(lambda: None)


def test_a_loop_that_cannot_be_given_a_clock_is_refused() -> None:
    uvloop = pytest.importorskip("uvloop")
    loop = uvloop.new_event_loop()
    try:
        with pytest.raises(TypeError, match="asyncio's own event loop"), virtual_time(loop, VirtualTime()):
            pass
    finally:
        loop.close()
