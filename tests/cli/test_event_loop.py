"""The loop that commands run in: what a signal does."""

import asyncio
import os
import signal

import pytest

from pitwire.cli.event_loop import STOP_SIGNALS, run, stop_requested


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_what_must_not_be_left_behind_is_seen_to_before_a_second_signal_can_end_the_process(
    number: signal.Signals,
) -> None:
    seen: list[bool] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        with stop_requested(lambda: seen.append(loop.remove_signal_handler(number))) as stop:
            os.kill(os.getpid(), number)
            await stop.wait()

    run(work())
    assert seen == [True]  # the handler was still there: a second signal would have waited its turn
