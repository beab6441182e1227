import math

import pytest

from pitwire.exchange.messages import CancelOpenOrders
from pitwire.exchange.participants import pacing
from pitwire.exchange.participants.pacing import play
from pitwire.exchange.sequencer import Overloaded
from pitwire.recording.events import Trade
from tests.exchange.participants.direct import FakeTimer

MS = 1_000_000


def event(at_ms):
    return Trade(
        receive_ns=10**18 + round(at_ms * MS),
        symbol="X",
        trade_id=1,
        price=1,
        quantity=1,
        time_ms=0,
        buyer_is_maker=True,
    )


class Market:
    """Decides on as many commands as asked for, and notes when."""

    def __init__(self, timer, commands=1):
        self.timer = timer
        self.commands = commands
        self.seen_ms = []
        self.restarts = 0

    def withdrawal(self):
        return []

    def restart(self):
        self.restarts += 1

    def decide(self, event):
        self.seen_ms.append(self.timer.now_ns() / MS)
        return [CancelOpenOrders(account=1001, symbol="X", cancel_id=str(n)) for n in range(self.commands)]

    def learn(self, outcome):
        pass


class Exchange:
    """Takes commands; is overloaded as often as told."""

    def __init__(self, overloads=0):
        self.overloads = overloads
        self.taken = []
        self.waits = 0

    def submit(self, command):
        if self.overloads:
            self.overloads -= 1
            raise Overloaded("full")
        self.taken.append(command.cancel_id)

    async def execute(self, command):
        self.submit(command)
        self.waits += 1

    def listen(self, callback):
        pass


@pytest.mark.parametrize(
    ("speed", "expected_ms"),
    [(1, [0, 20, 50]), (2, [0, 10, 25]), (0.5, [0, 40, 100]), (0, [0, 0, 0]), (math.inf, [0, 0, 0])],
)
async def test_each_event_is_played_when_it_is_due(speed, expected_ms):
    market = Market(timer := FakeTimer())
    await play(market, [[event(100), event(120), event(150)]], Exchange(), speed=speed, timer=timer)
    assert market.seen_ms == expected_ms


async def test_events_within_a_millisecond_are_played_together():
    market = Market(timer := FakeTimer())
    await play(market, [[event(0), event(0.4), event(0.9), event(1.5)]], Exchange(), speed=1, timer=timer)
    assert market.seen_ms == [0, 0, 0, 1.5]


async def test_a_market_that_is_behind_catches_up_without_waiting():
    market = Market(timer := FakeTimer())

    def late():
        yield event(0)
        timer.time_ns += 100 * MS
        yield event(10)
        yield event(50)
        yield event(130)

    await play(market, [late()], Exchange(), speed=1, timer=timer)
    assert market.seen_ms == [0, 100, 100, 130]


async def test_each_performance_starts_anew_in_time_and_market():
    market = Market(timer := FakeTimer())
    await play(market, [[event(0), event(30)], [event(0), event(30)]], Exchange(), speed=1, timer=timer)
    assert market.seen_ms == [0, 30, 30, 60]
    assert market.restarts == 2


@pytest.mark.parametrize("speed", [-1, math.nan])
async def test_a_speed_that_is_none_is_refused(speed):
    market = Market(timer := FakeTimer())
    with pytest.raises(ValueError, match="neither positive nor 0"):
        await play(market, [], Exchange(), speed=speed, timer=timer)


async def test_many_commands_go_in_portions_in_their_order(monkeypatch):
    monkeypatch.setattr(pacing, "COMMANDS_AT_ONCE_MAX", 4)
    market = Market(timer := FakeTimer(), commands=10)
    await play(market, [[event(0)]], exchange := Exchange(), speed=0, timer=timer)
    assert exchange.taken == [str(n) for n in range(10)]
    assert exchange.waits == 3


async def test_an_overloaded_exchange_is_asked_again_and_nothing_is_lost_or_doubled():
    market = Market(timer := FakeTimer(), commands=3)
    await play(market, [[event(0)]], exchange := Exchange(overloads=4), speed=0, timer=timer)
    assert exchange.taken == ["0", "1", "2"]
    assert timer.slept_ns == [pacing.OVERLOAD_WAIT_NS] * 4


async def test_a_long_stretch_without_commands_gives_the_loop_its_turn():
    market = Market(timer := FakeTimer(), commands=0)
    await play(market, [[event(0)] * 130], Exchange(), speed=0, timer=timer)
    assert timer.slept_ns == [0, 0]
