from pitwire.client.limits.sliding_window import (
    ATTEMPTS_MAX,
    ATTEMPTS_US,
    STREAM_MESSAGES_MAX,
    STREAM_MESSAGES_US,
    SlidingWindow,
)


def test_no_stretch_of_time_sees_more_than_is_allowed():
    """Even where each comes as early as it may."""
    for count, span in ((ATTEMPTS_MAX, ATTEMPTS_US), (STREAM_MESSAGES_MAX, STREAM_MESSAGES_US)):
        window = SlidingWindow([0] * (count + 5), 4, count, span)
        now, times = 1_700_000_000_000_000, []
        for _ in range(3 * count):
            now = max(now + 10, window.earliest_us())
            window.count(now)
            times.append(now)
        for earlier, later in zip(times, times[count:], strict=False):
            assert later - earlier >= span
        assert times[count - 1] - times[0] == 10 * (count - 1), "up to the bound nobody waits"
