import random
from collections import Counter
from heapq import heappop, heappush
from itertools import count

from pitwire.client.limits.budget import BUDGET_CELLS, FRESH_US, TRANSIT_US, Budget, Now

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
NOON = 1_700_000_000 * SECOND // MINUTE * MINUTE


def a_budget(**limits: int) -> Budget:
    budget = Budget([0] * (BUDGET_CELLS + 3), 3)
    for interval_us, limit in ({MINUTE: 100} if not limits else {}).items():
        budget.learn_limit(interval_us, limit)
    return budget


def at(offset_us: float, error_us: int = 0) -> Now:
    return Now(NOON + round(offset_us) - error_us, NOON + round(offset_us) + error_us)


def test_without_a_limit_there_is_no_end_of_it():
    budget = Budget([0] * BUDGET_CELLS, 0)
    budget.take(10**9, at(0))
    assert budget.free(0.05, at(0)) > 10**9
    assert budget.steady_us(at(0)) > DAY


def test_what_is_taken_is_gone_until_the_minute_is_over():
    budget = a_budget()
    budget.take(60, at(10 * SECOND))
    assert budget.free(0.0, at(10 * SECOND)) == 40
    assert budget.free(0.05, at(10 * SECOND)) == 35
    assert budget.free(0.0, at(MINUTE - 1)) == 40
    assert budget.free(0.0, at(MINUTE)) == 100


def test_the_new_minute_begins_when_it_has_at_the_earliest_that_it_may_be():
    budget = a_budget()
    budget.take(100, at(10 * SECOND))
    assert budget.free(0.0, at(MINUTE, error_us=30_000)) == 0
    assert budget.free(0.0, at(MINUTE + 30_000, error_us=30_000)) == 100


def test_what_is_sent_shortly_before_the_minute_is_over_counts_in_both():
    budget = a_budget()
    budget.take(10, at(MINUTE - TRANSIT_US - 1))
    budget.take(20, at(MINUTE - TRANSIT_US))
    assert budget.free(0.0, at(MINUTE - 1)) == 70
    assert budget.free(0.0, at(MINUTE)) == 80
    assert budget.free(0.0, at(2 * MINUTE)) == 100


def test_when_there_will_be_room():
    budget = a_budget()
    budget.learn_limit(DAY, 1000)
    assert budget.when(100, 0.0, at(0)) <= NOON
    budget.take(50, at(0))
    assert budget.when(50, 0.0, at(0)) <= NOON
    assert budget.when(51, 0.0, at(0)) == NOON + MINUTE
    budget.take(1000, at(MINUTE))
    assert budget.when(1, 0.0, at(MINUTE)) == NOON // DAY * DAY + DAY


def test_a_block_is_obeyed_to_its_end():
    budget = a_budget()
    budget.block(NOON + 90 * SECOND)
    assert budget.free(0.0, at(90 * SECOND - 1)) == 0
    assert budget.free(0.0, at(90 * SECOND)) == 100
    assert budget.when(1, 0.0, at(0)) == NOON + 90 * SECOND
    budget.block(NOON + SECOND)
    assert budget.when(1, 0.0, at(0)) == NOON + 90 * SECOND, "a shorter one does not lift it"


def test_the_exchange_may_have_counted_more_and_for_unfilled_orders_less():
    budget = a_budget()
    budget.take(10, at(10 * SECOND))
    budget.learn_count(MINUTE, 30, at(10 * SECOND))
    assert budget.free(0.0, at(10 * SECOND)) == 70
    budget.learn_count(MINUTE, 20, at(10 * SECOND))
    assert budget.free(0.0, at(10 * SECOND)) == 70, "what is under way is not counted there yet"
    budget.learn_count(MINUTE, 5, at(10 * SECOND), in_flight=2)
    assert budget.free(0.0, at(10 * SECOND)) == 83, "nor what may just have been sent, by whomever"
    budget.learn_count(MINUTE, 5, at(11 * SECOND), in_flight=2)
    assert budget.free(0.0, at(11 * SECOND)) == 93


def test_a_lower_count_is_believed_however_much_is_sent_but_for_what_was_sent_in_the_last_second_and_a_half():
    budget = Budget([0] * BUDGET_CELLS, 0)
    budget.learn_limit(DAY, 1_000)
    for second in range(10, 30):
        budget.take(30, at(second * SECOND))
    budget.learn_count(DAY, 100, at(29 * SECOND), in_flight=3)
    assert budget.free(0.0, at(29 * SECOND)) == 1_000 - 100 - 3 - 2 * 30


def test_what_others_have_taken_ahead_may_not_be_counted_yet():
    budget = a_budget()
    budget.take(40, at(10 * SECOND))
    budget.take_ahead(20, at(12 * SECOND))
    budget.learn_count(MINUTE, 5, at(12.9 * SECOND), in_flight=0)
    assert budget.free(0.0, at(12.9 * SECOND)) == 100 - 5 - 20
    budget.give_back(15, 20, at(12 * SECOND).earliest_us, at(12.9 * SECOND))
    budget.take(0, at(12.9 * SECOND))
    budget.learn_count(MINUTE, 5, at(13 * SECOND), in_flight=0)
    assert budget.free(0.0, at(13 * SECOND)) == 100 - 5 - 5


def test_a_count_that_may_be_of_the_minute_before_is_not_believed():
    budget = a_budget()
    budget.take(1, at(MINUTE))
    budget.learn_count(MINUTE, 100, at(MINUTE + FRESH_US - 1))
    assert budget.free(0.0, at(MINUTE + FRESH_US)) == 99
    budget.learn_count(MINUTE, 100, at(MINUTE + FRESH_US))
    assert budget.free(0.0, at(MINUTE + FRESH_US)) == 0


def test_what_is_given_back_is_free_unless_its_minute_is_over():
    budget = a_budget()
    budget.take(50, at(0))
    budget.give_back(20, 50, at(0).earliest_us, at(SECOND))
    assert budget.free(0.0, at(SECOND)) == 70
    budget.take(30, at(MINUTE))
    budget.give_back(30, 50, at(0).earliest_us, at(MINUTE))
    assert budget.free(0.0, at(MINUTE)) == 70


def test_an_estimate_that_goes_back_across_the_minute_changes_nothing():
    budget = a_budget()
    budget.take(60, at(MINUTE))
    assert budget.free(0.0, at(MINUTE - 1000)) == 40
    assert budget.free(0.0, at(MINUTE + 1000)) == 40


def test_counts_from_the_future_are_no_counts():
    cells = [0] * BUDGET_CELLS
    budget = Budget(cells, 0)
    budget.learn_limit(MINUTE, 100)
    budget.take(100, Now(NOON + DAY, NOON + DAY))
    assert budget.free(0.0, at(0)) == 100


def test_however_the_clocks_and_the_network_are_no_interval_of_the_exchange_sees_more_than_its_limit():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    for _ in range(50):
        interval, limit = source.choice([(10 * SECOND, 50), (MINUTE, 100)])
        budget = Budget([0] * BUDGET_CELLS, 0)
        budget.learn_limit(interval, limit)
        offset = source.randrange(-500_000, 500_000)  # how wrong the middle of the estimate is
        error = abs(offset) + source.randrange(200_000)
        counted: dict[int, int] = {}
        now = NOON
        for _ in range(3000):
            now += source.randrange(100_000)
            seen = Now(now + offset - error, now + offset + error)
            amount = source.randrange(1, 6)
            if budget.free(0.0, seen) >= amount:
                budget.take(amount, seen)
                arrives = now + source.randrange(TRANSIT_US)
                counted[arrives // interval] = counted.get(arrives // interval, 0) + amount
        assert max(counted.values()) <= limit
        assert sorted(counted.values())[len(counted) // 2] > 0.8 * limit


def test_who_never_pauses_uses_the_room_that_fills_give_back_and_no_more():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    source = random.Random(seed)
    shares: list[float] = []
    for _ in range(50):
        interval, limit = 10 * SECOND, source.choice([50, 100])
        budget = Budget([0] * BUDGET_CELLS, 0)
        budget.learn_limit(interval, limit)
        offset = source.randrange(-500_000, 500_000)  # how wrong the middle of the estimate is
        error = abs(offset) + source.randrange(200_000)
        transit = source.choice([20_000, 200_000, TRANSIT_US])
        most, placed = 0, Counter[int]()
        unfilled = Counter[int]()
        in_flight = 0
        to_come: list[tuple[int, int, str, int]] = []  # when, a number, what happens, and the count that it says
        numbers = count()
        answered = sent = NOON
        while sent < NOON + 120 * SECOND:
            if not to_come or sent <= to_come[0][0]:
                now = sent
                sent += source.randrange(100_000)  # 20 a second
                seen = Now(now + offset - error, now + offset + error)
                if budget.free(0.0, seen):
                    budget.take(1, seen)
                    in_flight += 1
                    heappush(to_come, (now + source.randrange(transit), next(numbers), "arrives", 0))
                continue
            now, _, what, said = heappop(to_come)
            window = now // interval
            if what == "arrives":
                unfilled[window] += 1
                placed[window] += 1
                most = max(most, unfilled[window])
                answered = max(answered, now + source.randrange(min(transit, FRESH_US)))
                heappush(to_come, (answered, next(numbers), "answered", unfilled[window]))
                if source.random() < 0.4:
                    heappush(to_come, (now + source.randrange(2 * SECOND), next(numbers), "filled", 0))
            elif what == "filled":
                unfilled[window] = max(0, unfilled[window] - source.choice([1, 5]))
            else:
                in_flight -= 1
                seen = Now(now + offset - error, now + offset + error)
                budget.learn_count(interval, said, seen, in_flight)
        assert most <= limit
        shares += [placed[window] / limit for window in sorted(placed)[1:-1]]
    assert sum(shares) / len(shares) > 1.5
