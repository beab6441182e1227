"""What is left of a connection that fell silent, at either end, once it was dropped."""

import gc
import weakref

import pytest

from pitwire.exchange.gateway.connection import Connection
from pitwire.exchange.gateway.faults import Fault, Phase, Rule
from pitwire.exchange.gateway.peer import SILENT_S
from tests.sim.world import SYMBOL, simulate, world


@pytest.mark.parametrize("phase", [Phase.RECEIVED, Phase.ADMITTED, Phase.EXECUTED])
def test_nothing_is_left_of_a_half_open_connection_that_was_dropped_though_no_command_follows_its_last(
    phase: Phase,
) -> None:
    simulate(1, lambda seed: fall_silent(seed, phase))


async def fall_silent(seed: int, phase: Phase) -> None:
    of_other_tests = connections()
    async with world(seed) as here, here.client() as client:
        order = await client.order_place(
            symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity="0.01", price="50000"
        )
        (of_exchange,) = [weakref.ref(each) for each in connections() - of_other_tests]
        of_client = weakref.ref(client._ready[0])
        here.faults.add(Rule(fault=Fault.HALF_OPEN, phase=phase, method="order.cancel"))
        cancelling = client.order_cancel(symbol=SYMBOL, order_id=order.order_id)
        await here.clock.advance(seconds=SILENT_S + 10)  # the client has noticed, connected again, and asked
        assert client.is_connected
        assert cancelling.done()
        assert (cancelling.exception() is None) == (phase is not Phase.RECEIVED)
        del cancelling
        gc.collect()
        assert (of_client(), of_exchange()) == (None, None)


def connections() -> set[Connection]:
    """The exchange's connections that are kept in memory, open or not."""
    gc.collect()
    return {each for each in gc.get_objects() if type(each) is Connection}
