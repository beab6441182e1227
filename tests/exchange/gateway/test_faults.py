"""Faults on purpose, as a client sees them: over another's WebSocket library, in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import websockets

from pitwire.exchange.app import Exchange, Settings
from pitwire.exchange.gateway.faults import RULES_MAX, Fault, Faults, Phase, Rule
from pitwire.testing.virtual_time import VirtualTime, virtual_time
from tests.exchange.gateway.venue import Peer

ALICE, BOB = 1, 2


class World:
    """An exchange in virtual time, and alice, logged on to it."""

    def __init__(self, exchange: Exchange, clock: VirtualTime) -> None:
        self.exchange = exchange
        self.clock = clock
        self.faults = exchange.faults
        self.alice: Peer

    async def connect(self) -> Peer:
        socket = await websockets.connect(self.exchange.ws_url, ping_interval=None)
        peer = Peer(self, socket)  # type: ignore[arg-type]  # a venue to it is whoever has the clock
        await peer.log_on("alice")
        return peer

    def open_orders(self) -> list[str]:
        return [order["clientOrderId"] for order in self.exchange.projections.orders.open(ALICE, None, "MILLISECOND")]

    async def next_within(self, peer: Peer, seconds: float) -> dict[str, Any] | str:
        """The next message, or why there is none."""
        try:
            async with asyncio.timeout(seconds):
                return msgspec.json.decode(await peer.socket.recv())  # type: ignore[no-any-return]
        except TimeoutError:
            return "nothing"
        except websockets.ConnectionClosed:
            return "closed"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    with virtual_time(asyncio.get_running_loop(), VirtualTime()) as clock:
        async with Exchange.start(Settings(ws_port=0, http_port=None), clock) as exchange:
            world = World(exchange, clock)
            world.alice = await world.connect()
            yield world
            await world.alice.socket.close()


def answer_of(message: dict[str, Any] | str) -> str:
    if isinstance(message, str):
        return message
    return "answered" if message["status"] == 200 else str(message["error"]["code"])


CASES = [
    # phase      fault             seen within 5 s            executed
    ("received", "drop", ["nothing"], False),
    ("received", "cut", ["closed"], False),
    ("received", "error", ["-1007", "nothing"], False),
    ("received", "half_open", ["nothing"], False),
    ("received", "delay", ["answered", "nothing"], True),
    ("admitted", "drop", ["nothing"], False),
    ("admitted", "cut", ["closed"], True),
    ("admitted", "error", ["-1007", "nothing"], True),
    ("admitted", "half_open", ["nothing"], True),
    ("admitted", "delay", ["answered", "nothing"], True),
    ("executed", "drop", ["nothing"], True),
    ("executed", "cut", ["closed"], True),
    ("executed", "error", ["-1007", "nothing"], True),
    ("executed", "half_open", ["nothing"], True),
    ("executed", "delay", ["answered", "nothing"], True),
    ("executed", "duplicate", ["answered", "answered", "nothing"], True),
]


@pytest.mark.parametrize(("phase", "fault", "seen", "executed"), CASES)
async def test_a_fault_shows_what_its_table_says(
    world: World, phase: str, fault: str, seen: list[str], executed: bool
) -> None:
    world.faults.add(Rule(fault=Fault(fault), phase=Phase(phase), method="order.place", delay_ms=2_000))
    begun_s = world.clock.elapsed_s()
    await world.alice.send("order.place", world.alice.stamped(ORDER))
    first = await world.next_within(world.alice, 5)
    if fault == "delay":
        assert world.clock.elapsed_s() - begun_s == pytest.approx(2, abs=0.01)
    assert [answer_of(first), *[answer_of(await world.next_within(world.alice, 5)) for _ in seen[1:]]] == seen
    assert world.open_orders() == (["mine"] if executed else [])
    assert not world.faults.rules
    # The next one goes as ever, where there still is a connection for it.
    if seen[-1] == "nothing" and fault != "half_open":
        assert (await world.alice.call("order.place", world.alice.stamped({**ORDER, "newClientOrderId": "next"})))[
            "status"
        ] == 200


ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "price": "50000",
    "quantity": "0.001",
    "newClientOrderId": "mine",
}


async def test_a_request_that_is_held_up_beyond_recv_window_is_refused_but_one_on_its_way_to_the_engine_is_not(
    world: World,
) -> None:
    for phase, code in ((Phase.RECEIVED, "-1021"), (Phase.ADMITTED, "answered")):
        world.faults.add(Rule(fault=Fault.DELAY, phase=phase, method="order.place", delay_ms=6_000))
        await world.alice.send("order.place", world.alice.stamped(ORDER))
        assert answer_of(await world.next_within(world.alice, 7)) == code


async def test_an_order_may_appear_after_an_unknown_outcome(world: World) -> None:
    rule = Rule(fault=Fault.ERROR, phase=Phase.ADMITTED, method="order.place", delay_ms=8_000, code=-1007)
    world.faults.add(rule)
    answer = await world.alice.call("order.place", world.alice.stamped(ORDER))
    assert (answer["status"], answer["error"]["code"]) == (504, -1007)
    status = {"symbol": "BTCUSDT", "origClientOrderId": "mine"}
    assert (await world.alice.call("order.status", world.alice.stamped(status)))["error"]["code"] == -2013
    await world.clock.advance(seconds=9)
    assert (await world.alice.call("order.status", world.alice.stamped(status)))["result"]["status"] == "NEW"


async def test_a_query_answers_late_what_was_true_before(world: World) -> None:
    world.faults.add(Rule(fault=Fault.DELAY, phase=Phase.EXECUTED, method="order.status", delay_ms=3_000))
    await world.alice.send("order.status", world.alice.stamped({"symbol": "BTCUSDT", "origClientOrderId": "mine"}))
    assert (await world.alice.place(newClientOrderId="mine"))["status"] == 200
    assert answer_of(await world.next_within(world.alice, 5)) == "-2013"


@pytest.mark.parametrize(("status", "code"), [(429, -1003), (418, -1003)])
async def test_a_limit_says_when_to_come_back(world: World, status: int, code: int) -> None:
    world.faults.add(Rule(fault=Fault.ERROR, phase=Phase.RECEIVED, code=code, status=status, retry_after_ms=7_000))
    answer = await world.alice.call("time")
    assert answer["status"] == status
    data = answer["error"]["data"]
    assert data["retryAfter"] - data["serverTime"] == 7_000
    assert (await world.alice.call("time"))["status"] == 200


async def test_any_status_of_5xx_can_be_answered(world: World) -> None:
    world.faults.add(Rule(fault=Fault.ERROR, method="order.place", code=-1000, status=503))
    answer = await world.alice.call("order.place", world.alice.stamped(ORDER))
    assert (answer["status"], answer["error"]["code"]) == (503, -1000)
    assert world.open_orders() == ["mine"]


async def test_the_connection_is_cut_in_the_middle_of_an_event_after_the_reply(world: World) -> None:
    await world.alice.call("userDataStream.subscribe")
    world.faults.add(Rule(fault=Fault.CUT, phase=Phase.EVENT, method="executionReport", account=ALICE))
    assert (await world.alice.call("order.place", world.alice.stamped(ORDER)))["status"] == 200
    assert await world.next_within(world.alice, 5) == "closed"


async def test_an_event_that_does_not_fit_the_rule_comes(world: World) -> None:
    await world.alice.call("userDataStream.subscribe")
    world.faults.add(Rule(fault=Fault.CUT, phase=Phase.EVENT, method="outboundAccountPosition"))
    world.faults.add(Rule(fault=Fault.CUT, phase=Phase.EVENT, account=BOB))
    await world.alice.call("order.place", world.alice.stamped(ORDER))
    event = await world.next_within(world.alice, 5)
    assert isinstance(event, dict)
    assert event["event"]["e"] == "executionReport"
    assert await world.next_within(world.alice, 5) == "closed"


async def test_a_half_open_connection_says_nothing_for_two_minutes_and_then_is_dropped(world: World) -> None:
    world.faults.add(Rule(fault=Fault.HALF_OPEN, phase=Phase.RECEIVED, method="time"))
    await world.alice.send("time")
    assert await world.next_within(world.alice, 110) == "nothing"
    assert await world.next_within(world.alice, 20) == "closed"


async def test_a_half_open_connection_does_not_hold_up_the_exchange_s_end(world: World) -> None:
    world.faults.add(Rule(fault=Fault.HALF_OPEN, phase=Phase.RECEIVED, method="time"))
    await world.alice.send("time")
    await world.next_within(world.alice, 1)


async def test_a_shutdown_is_announced_and_all_goes_on_until_the_connection_closes(world: World) -> None:
    world.faults.add(Rule(fault=Fault.SHUTDOWN, phase=Phase.RECEIVED, method="order.place", delay_ms=10_000))
    await world.alice.send("order.place", world.alice.stamped(ORDER))
    notice = await world.next_within(world.alice, 1)
    assert isinstance(notice, dict)
    assert notice["event"]["e"] == "serverShutdown"
    assert answer_of(await world.next_within(world.alice, 1)) == "answered"
    assert await world.next_within(world.alice, 9) == "nothing"
    assert await world.next_within(world.alice, 2) == "closed"


async def test_a_subscription_that_is_held_up_beyond_its_connection_is_none(world: World) -> None:
    world.faults.add(Rule(fault=Fault.DELAY, phase=Phase.RECEIVED, method="userDataStream.subscribe", delay_ms=5_000))
    await world.alice.send("userDataStream.subscribe")
    assert await world.next_within(world.alice, 1) == "nothing"
    await world.alice.socket.close()
    await world.clock.advance(seconds=10)
    again = await world.connect()
    assert (await again.place())["status"] == 200
    await again.socket.close()


# --- the table ----------------------------------------------------------------------------------------------------


def test_rules_strike_by_method_account_and_count_the_oldest_first() -> None:
    faults = Faults(lambda: 0)
    first = faults.add(Rule(fault=Fault.DROP, method="order.place", count=2))
    second = faults.add(Rule(fault=Fault.CUT, account=ALICE, count=None))
    third = faults.add(Rule(fault=Fault.ERROR, phase=Phase.RECEIVED))

    def struck(phase: Phase, method: str, account: int) -> str | None:
        rule = faults.hit(phase, method, account)
        return rule and str(rule.fault)

    assert struck(Phase.EXECUTED, "order.place", BOB) == "drop"
    assert struck(Phase.EXECUTED, "order.cancel", BOB) is None
    assert struck(Phase.EXECUTED, "order.cancel", ALICE) == "cut"
    assert struck(Phase.EXECUTED, "order.place", ALICE) == "drop"
    assert list(faults.rules) == [second, third]
    assert struck(Phase.EXECUTED, "order.place", ALICE) == "cut"
    assert struck(Phase.RECEIVED, "order.place", ALICE) == "error"
    assert faults.strikes == {first: 2, second: 2, third: 1}
    assert faults.remove(second)
    assert not faults.remove(second)
    assert not faults.rules


def test_a_probability_is_kept_and_the_same_seed_strikes_the_same() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults(lambda: 0, seed)
        faults.add(Rule(fault=Fault.DROP, count=None, probability=0.3))
        return [faults.hit(Phase.EXECUTED, "ping", 0) is not None for _ in range(10_000)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 2_800 < sum(strikes(1)) < 3_200


def test_there_is_a_most_of_rules() -> None:
    faults = Faults(lambda: 0)
    for _ in range(RULES_MAX):
        faults.add(Rule(fault=Fault.DROP))
    with pytest.raises(ValueError, match="1000 rules are in force"):
        faults.add(Rule(fault=Fault.DROP))
    faults.clear()
    for _ in range(3 * RULES_MAX):
        faults.remove(faults.add(Rule(fault=Fault.DROP)))
    assert len(faults.strikes) <= 2 * RULES_MAX


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"fault": "duplicate", "phase": "received"}, "choose of cut, delay, drop, error, half_open, shutdown"),
        ({"fault": "drop", "phase": "event"}, "choose of cut, half_open, shutdown"),
        ({"fault": "drop", "count": 0}, "count 0 is not positive"),
        ({"fault": "drop", "probability": 0}, "probability 0.0 is not within"),
        ({"fault": "delay", "delay_ms": -1}, "delay_ms and retry_after_ms are within 0 to 86400000"),
        ({"fault": "melt"}, "Invalid enum value 'melt'"),
        ({"fault": "drop", "often": 3}, "unknown field `often`"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError), match=says):
        msgspec.convert(fields, Rule)
