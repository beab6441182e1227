import pytest
from msgspec import Raw

from pitwire.protocol.errors import NotSent, OutcomeUnknown
from pitwire.protocol.pending_requests import REMEMBERED_MAX, Pending, PendingRequests, Stray
from pitwire.protocol.requests.general import Ping


class Box:
    """A waiter that keeps what it is handed."""

    def __init__(self) -> None:
        self.outcome: object = None
        self.gone = False

    def done(self) -> bool:
        return self.gone or self.outcome is not None

    def set_result(self, result: object, /) -> None:
        assert not self.done()
        self.outcome = result

    def set_exception(self, exception: BaseException, /) -> None:
        assert not self.done()
        self.outcome = exception


def table(deadline_ticks: int = 3, in_flight_max: int = 10_000) -> PendingRequests:
    return PendingRequests(deadline_ticks, in_flight_max)


def waiting(requests: PendingRequests, box: Box, chosen_id: bool = False, order_id: str | None = None) -> Pending:
    return Pending(box, Ping(), bytes, requests.expires_tick, order_id, chosen_id=chosen_id)


def add(requests: PendingRequests, request_id: int | str | None = None, **how: object) -> tuple[object, Box]:
    box = Box()
    number = requests.new_id() if request_id is None else request_id
    return requests.add(number, waiting(requests, box, **how)), box  # type: ignore[arg-type]


def test_ids_count_from_one_and_step_over_the_users_own():
    requests = table()
    add(requests, 2)
    assert [add(requests)[0] for _ in range(3)] == [1, 3, 4]


def test_a_request_is_settled_once():
    requests = table()
    key, box = add(requests)
    pending = requests.settle(key)
    assert pending is not None
    assert pending.waiter is box
    assert pending.decode(Raw(b"x")) == b"x"
    assert requests.settle(key) is None
    assert len(requests) == 0


def test_an_integer_and_its_text_are_different_ids():
    requests = table()
    add(requests, 7)
    add(requests, "7")
    assert requests.settle("7") is not None
    assert requests.settle("7") is None
    assert requests.settle(7) is not None


def test_an_id_whose_late_response_may_yet_come_is_not_used_again_on_the_connection():
    requests = table(deadline_ticks=0)
    add(requests, "mine", chosen_id=True)
    add(requests, 1, chosen_id=True)
    requests.tick()
    with pytest.raises(ValueError, match="its response may yet come"):
        requests.check_id("mine")
    assert add(requests)[0] == 2
    requests.end_all("gone")
    requests.check_id("mine")


def test_an_id_that_was_never_written_is_free_again():
    requests = table(deadline_ticks=0)
    key, _ = add(requests, "mine", chosen_id=True)
    requests.hold(key, b"frame")
    requests.tick()
    requests.check_id("mine")


def test_a_response_to_what_was_not_written_yet_answers_nothing():
    requests = table()
    key, box = add(requests, "mine", chosen_id=True)
    requests.hold(key, b"frame")
    assert requests.settle("mine") is None
    assert requests.stray("mine") is Stray.UNKNOWN
    assert requests.release() == [b"frame"]
    assert box.outcome is None
    assert requests.settle("mine") is not None


def test_a_null_id_matches_no_response():
    requests = table()
    requests.add(None, waiting(requests, Box()))
    requests.add(None, waiting(requests, Box()))
    assert requests.settle(None) is None
    assert len(requests) == 2


@pytest.mark.parametrize("bad", [True, 1.5, b"1", [1], object], ids=repr)
def test_other_types_are_no_ids(bad: object):
    with pytest.raises(TypeError, match="pass an int, a str or None"):
        table().check_id(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["", "my id", "１２３", 'quote"', "x" * 37], ids=repr)
def test_what_no_exchange_takes_as_an_id_is_refused_before_it_is_sent(bad: str):
    with pytest.raises(ValueError, match="1 to 36 letters"):
        table().check_id(bad)


def test_an_id_in_flight_cannot_be_used_again_until_it_is_answered():
    requests = table()
    add(requests, "mine")
    with pytest.raises(ValueError, match="'mine' is in flight"):
        requests.check_id("mine")
    requests.settle("mine")
    requests.check_id("mine")


def test_strays_are_told_apart():
    requests = table(deadline_ticks=1)
    answered, _ = add(requests)
    requests.settle(answered)
    add(requests, "chosen", chosen_id=True)
    requests.settle("chosen")
    expired, _ = add(requests)
    requests.tick()
    requests.tick()
    assert requests.stray(answered) is Stray.DUPLICATE
    assert requests.stray("chosen") is Stray.DUPLICATE
    assert requests.stray(expired) is Stray.LATE
    assert requests.stray(None) is Stray.NULL
    for unknown in (3, 0, -1, "1", "never", 10**30):
        assert requests.stray(unknown) is Stray.UNKNOWN


def test_what_is_remembered_for_strays_is_bounded():
    requests = table(deadline_ticks=0, in_flight_max=10_000)
    for number in range(REMEMBERED_MAX + 5):
        add(requests, f"{number}", chosen_id=True)
        requests.settle(f"{number}")
    assert requests.stray("4") is Stray.UNKNOWN
    assert requests.stray("5") is Stray.DUPLICATE


def test_a_written_request_whose_time_is_up_has_an_unknown_outcome():
    requests = table(deadline_ticks=2)
    _, first = add(requests, order_id="order-1")
    assert requests.tick() == 0
    _, second = add(requests)
    assert requests.tick() == 0
    assert requests.tick() == 1
    assert isinstance(first.outcome, OutcomeUnknown)
    assert str(first.outcome) == "ping: the deadline passed before the request was answered (client order id order-1)"
    assert first.outcome.client_order_id == "order-1"
    assert second.outcome is None
    assert requests.tick() == 1
    assert isinstance(second.outcome, OutcomeUnknown)
    assert len(requests) == 0


def test_an_unsent_request_whose_time_is_up_was_not_sent_and_never_will_be():
    requests = table(deadline_ticks=0)
    key, box = add(requests)
    requests.hold(key, b"frame")
    assert requests.tick() == 1
    assert isinstance(box.outcome, NotSent)
    assert requests.release() == []


def test_a_lost_connection_tells_written_requests_from_unsent_ones():
    requests = table()
    _, at_once = add(requests)
    key, held_and_released = add(requests)
    requests.hold(key, b"1")
    assert requests.release() == [b"1"]
    key, held = add(requests)
    requests.hold(key, b"2")
    assert requests.end_all("the connection was lost") == 3
    assert isinstance(at_once.outcome, OutcomeUnknown)
    assert isinstance(held_and_released.outcome, OutcomeUnknown)
    assert isinstance(held.outcome, NotSent)
    assert str(held.outcome) == "ping: the connection was lost before the request was written"
    assert (len(requests), requests.held) == (0, 0)


def test_abandoned_requests_leave_with_their_response_their_deadline_or_the_connection():
    for leave in (lambda r, key: r.settle(key), lambda r, key: r.tick(), lambda r, key: r.end_all("gone")):
        requests = table(deadline_ticks=0)
        key, box = add(requests)
        box.gone = True
        leave(requests, key)
        assert len(requests) == 0
        assert box.outcome is None


def test_held_frames_of_abandoned_requests_are_withdrawn():
    requests = table()
    boxes = []
    for name in (b"a", b"b", b"c"):
        key, box = add(requests)
        requests.hold(key, name)
        boxes.append(box)
    boxes[1].gone = True
    requests.withdraw_abandoned()
    assert requests.release() == [b"a", b"c"]
    assert len(requests) == 2


def test_a_full_table_refuses_and_says_so():
    requests = table(in_flight_max=2)
    add(requests)
    add(requests)
    with pytest.raises(NotSent, match="2 requests are in flight"):
        add(requests)
