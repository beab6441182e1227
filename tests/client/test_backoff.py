import random

from pitwire.client.backoff import (
    DELAY_S_MAX,
    FIRST_DELAY_S_MAX,
    RETRY_AFTER_S_MAX,
    STABLE_S,
    Backoff,
)


def test_delays_double_up_to_a_bound():
    backoff = Backoff(lambda: 0.5)
    delays = [backoff.next_delay_s(0) for _ in range(12)]
    assert delays[:4] == [0.05, 0.1, 0.2, 0.4]
    assert delays[-1] == DELAY_S_MAX / 2


def test_delays_are_drawn_from_the_whole_range():
    """Full jitter: clients that lost the same server spread out, from the first attempt on."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    first = [Backoff(source.random).next_delay_s(0) for _ in range(1000)]
    assert 0 <= min(first) < 0.1 * FIRST_DELAY_S_MAX
    assert 0.9 * FIRST_DELAY_S_MAX < max(first) <= FIRST_DELAY_S_MAX


def test_delays_begin_anew_after_a_connection_that_lasted_and_not_after_one_that_did_not():
    backoff = Backoff(lambda: 1.0)
    for _ in range(3):
        backoff.next_delay_s(0)
    backoff.lost(STABLE_S / 2)
    assert backoff.next_delay_s(0) == FIRST_DELAY_S_MAX * 8
    backoff.lost(STABLE_S)
    assert backoff.next_delay_s(0) == FIRST_DELAY_S_MAX


def test_a_server_that_asks_for_time_gets_it_within_reason():
    backoff = Backoff(lambda: 0.5)
    backoff.retry_after(100.0, 120.0)
    assert backoff.next_delay_s(100.0) == 120.0
    assert backoff.next_delay_s(219.0) == 1.0
    assert backoff.next_delay_s(220.0) == FIRST_DELAY_S_MAX * 2
    backoff.retry_after(220.0, 1e9)
    assert backoff.next_delay_s(220.0) == RETRY_AFTER_S_MAX


def test_any_number_of_failures_is_survived():
    backoff = Backoff(lambda: 1.0)
    now = 0.0
    for _ in range(5000):
        now += backoff.next_delay_s(now)
    assert backoff.next_delay_s(now) == DELAY_S_MAX
