import random

from pitwire.client.server_clock import DRIFT_PER_MILLION, ERROR_NS_UNMEASURED, ServerClock

MS = 1_000_000


class Local:
    def __init__(self, now_ns: int = 1_700_000_000_000 * MS) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns


def test_before_anything_is_measured_it_is_the_own_time_give_or_take_a_second():
    local = Local()
    clock = ServerClock(local)
    assert not clock.is_measured
    assert clock.now_ns() == local.now_ns
    assert clock.error_ns == ERROR_NS_UNMEASURED
    assert clock.earliest_ns() == local.now_ns - ERROR_NS_UNMEASURED


def test_one_exchange_confines_the_offset_to_the_round_trip():
    local = Local()
    clock = ServerClock(local)
    sent = local.now_ns
    local.now_ns += 20 * MS
    clock.exchanged(sent, local.now_ns, (sent + 5_010 * MS) // MS)  # the server is 5 s ahead
    assert abs(clock.offset_ns - 5_000 * MS) <= clock.error_ns <= 11 * MS


def test_microseconds_are_told_from_milliseconds():
    local = Local()
    clock = ServerClock(local)
    clock.exchanged(local.now_ns, local.now_ns, local.now_ns // 1000)
    assert clock.error_ns <= 1_000


def test_the_true_offset_is_always_within_the_bounds():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    for _ in range(100):
        begin = 1_700_000_000_000 * MS
        local = Local(begin)
        offset, drift = source.randrange(-3_600_000, 3_600_000) * MS, source.uniform(-1, 1) * DRIFT_PER_MILLION / 1e6

        def server_ns(local: Local = local, offset: int = offset, drift: float = drift, begin: int = begin) -> int:
            return local.now_ns + offset + int((local.now_ns - begin) * drift)

        clock = ServerClock(local)
        for _ in range(50):
            local.now_ns += source.randrange(120_000) * MS
            sent = local.now_ns
            local.now_ns += source.randrange(300 * MS)
            stamp = server_ns() // MS
            local.now_ns += source.randrange(300 * MS)
            clock.exchanged(sent, local.now_ns, stamp)
            local.now_ns += source.randrange(1000 * MS)
            clock.stamped(local.now_ns, server_ns() // MS - source.randrange(50))
            assert clock.earliest_ns() - MS <= server_ns() <= clock.latest_ns() + MS
            assert abs(clock.now_ns() - server_ns()) <= clock.error_ns + MS


def test_a_clock_that_was_set_is_noticed_and_the_newer_word_counts():
    local = Local()
    clock = ServerClock(local)
    clock.exchanged(local.now_ns, local.now_ns, local.now_ns // MS)
    local.now_ns += 1000 * MS
    clock.exchanged(local.now_ns, local.now_ns, local.now_ns // MS + 60_000)
    assert abs(clock.offset_ns - 60_000 * MS) <= MS


def test_what_is_forgotten_is_measured_anew_and_the_offset_stays_meanwhile():
    local = Local()
    clock = ServerClock(local)
    clock.exchanged(local.now_ns, local.now_ns, local.now_ns // MS + 500)
    clock.forget()
    assert not clock.is_measured
    assert clock.now_ns() - local.now_ns > 499 * MS
    clock.exchanged(local.now_ns - 2000 * MS, local.now_ns, local.now_ns // MS - 700)
    assert clock.error_ns <= 1001 * MS


def test_an_event_says_that_it_is_at_least_so_late():
    local = Local()
    clock = ServerClock(local)
    clock.stamped(local.now_ns, local.now_ns // MS + 10)
    assert clock.offset_ns == 0, "without a measurement nothing says how late it may be at most"
    clock.exchanged(local.now_ns - 100 * MS, local.now_ns, local.now_ns // MS)
    before = clock.error_ns
    clock.stamped(local.now_ns, local.now_ns // MS + 60)
    assert clock.error_ns < before
    clock.stamped(local.now_ns, local.now_ns // MS + 9_000)
    assert clock.offset_ns < 101 * MS, "an event from the future is not believed"
