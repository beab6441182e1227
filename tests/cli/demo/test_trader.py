"""The example trader, against a client whose answers the test decides."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from pitwire import CancelRejected, ExecutionReport, NotSent, OutcomeUnknown, SubscriptionRestored
from pitwire.cli.demo.quoting import Plan, Resting
from pitwire.cli.demo.trader import DONE, MarketMaker
from pitwire.market.enums import OrderStatus, Side
from pitwire.protocol.errors import OrderRejected
from pitwire.protocol.events import decode_event_frame
from pitwire.protocol.results import OrderBook
from pitwire.protocol.results.market import PriceLevel

D = Decimal
PLAN = Plan(quantity=D("0.01"), position_max=D("0.05"))
REFUSED = OrderRejected(400, -2010, "Order would immediately match and take.")
UNKNOWN_ORDER = CancelRejected(400, -2011, "Unknown order sent.")


class ScriptedClient:
    """Answers each method with what the test put there, an exception or a value, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {"open_orders_status": ()}
        self.events: deque[Any] = deque()
        self.ordered = asyncio.Event()

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        async def answered(**parameters: Any) -> Any:
            self.asked.append((method, parameters))
            if method == "order_place":
                self.ordered.set()
            answer = self.answers.get(method, object())
            if isinstance(answer, Exception):
                raise answer
            return answer

        return answered

    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]

    def user_data(self) -> "ScriptedClient":
        return self

    def __aiter__(self) -> "ScriptedClient":
        return self

    async def __anext__(self) -> Any:
        if not self.events:
            raise StopAsyncIteration
        return self.events.popleft()


@pytest.fixture
def client() -> ScriptedClient:
    return ScriptedClient()


@pytest.fixture
def trader(client: ScriptedClient) -> MarketMaker:
    return MarketMaker(client, "BTCUSDT", PLAN)  # type: ignore[arg-type]


def book(bid: int, ask: int) -> OrderBook:
    return OrderBook(
        last_update_id=1,
        bids=(PriceLevel(price=D(bid), quantity=D(1)),),
        asks=(PriceLevel(price=D(ask), quantity=D(1)),),
    )


def report(order: Resting, execution: str, status: str, executed: str = "0", canceled: bool = False) -> ExecutionReport:
    own, other = order.client_order_id, "the-cancels-own"
    event = (
        f'{{"subscriptionId":0,"event":{{"e":"executionReport","E":1,"s":"BTCUSDT","c":"{other if canceled else own}",'
        f'"S":"{order.side}","o":"LIMIT_MAKER","f":"GTC","q":"0.01","p":"{order.price}","P":"0","F":"0","g":-1,'
        f'"C":"{own if canceled else ""}","x":"{execution}","X":"{status}","r":"NONE","i":1,"l":"{executed}",'
        f'"z":"{executed}","L":"{order.price}","n":"0.00001","N":"BTC","T":1,"t":7,"I":1,"w":true,"m":true,"M":false,'
        f'"O":1,"Z":"0","Y":"{D(executed) * order.price}","Q":"0","W":1,"V":"NONE"}}}}'
    )
    decoded = decode_event_frame(event.encode())
    assert isinstance(decoded, ExecutionReport)
    return decoded


async def quote_once(trader: MarketMaker, client: ScriptedClient, bid: int = 100, ask: int = 101) -> None:
    client.answers["depth"] = book(bid, ask)
    await trader.look_and_quote()


async def test_it_places_one_order_a_side_with_an_id_made_before_sending(
    trader: MarketMaker, client: ScriptedClient
) -> None:
    await quote_once(trader, client)
    placed = [parameters for method, parameters in client.asked if method == "order_place"]
    assert [(order["side"], order["price"], order["type"]) for order in placed] == [
        (Side.BUY, D(100), "LIMIT_MAKER"),
        (Side.SELL, D(101), "LIMIT_MAKER"),
    ]
    assert [order["new_client_order_id"] for order in placed] == list(trader.orders)
    assert (trader.tally.placed, trader.tally.answered) == (2, 3)


async def test_when_the_touch_moves_it_cancels_before_it_places(trader: MarketMaker, client: ScriptedClient) -> None:
    await quote_once(trader, client)
    client.asked.clear()
    await quote_once(trader, client, 110, 111)
    assert client.methods() == ["depth", "order_cancel", "order_cancel", "order_place", "order_place"]
    assert {order.price for order in trader.orders.values()} == {D(110), D(111)}


@pytest.mark.parametrize("error", [REFUSED, NotSent("not connected")])
async def test_an_order_that_was_certainly_not_placed_is_forgotten(
    trader: MarketMaker, client: ScriptedClient, error: Exception
) -> None:
    client.answers["order_place"] = error
    await quote_once(trader, client)
    assert trader.orders == {}
    assert trader.tally.placed == 0


async def test_an_order_of_unknown_outcome_is_kept_and_never_sent_again_but_canceled(
    trader: MarketMaker, client: ScriptedClient
) -> None:
    client.answers["order_place"] = OutcomeUnknown("connection lost")
    await quote_once(trader, client)
    kept = list(trader.orders)
    assert len(kept) == 2
    await quote_once(trader, client)
    assert client.methods().count("order_place") == 2
    del client.answers["order_place"]
    await quote_once(trader, client, 110, 111)
    canceled = [parameters["orig_client_order_id"] for method, parameters in client.asked if method == "order_cancel"]
    assert canceled == kept
    assert (trader.tally.unknown, trader.tally.placed) == (2, 2)


async def test_an_order_that_cannot_be_canceled_because_it_is_gone_is_forgotten(
    trader: MarketMaker, client: ScriptedClient
) -> None:
    await quote_once(trader, client)
    client.answers["order_cancel"] = UNKNOWN_ORDER
    await quote_once(trader, client, 110, 111)
    assert {order.price for order in trader.orders.values()} == {D(110), D(111)}


async def test_an_order_whose_cancel_may_have_failed_is_kept_and_tried_again(
    trader: MarketMaker, client: ScriptedClient
) -> None:
    await quote_once(trader, client)
    client.answers["order_cancel"] = OutcomeUnknown("connection lost")
    await quote_once(trader, client, 110, 111)
    assert len(trader.orders) == 4
    del client.answers["order_cancel"]
    await quote_once(trader, client, 110, 111)
    assert {order.price for order in trader.orders.values()} == {D(110), D(111)}


async def test_without_a_book_it_waits_until_it_is_connected(trader: MarketMaker, client: ScriptedClient) -> None:
    client.answers["depth"] = NotSent("not connected")
    await trader.look_and_quote()
    assert client.methods() == ["depth", "wait_connected"]


async def test_a_fill_counts_and_a_finished_order_is_forgotten(trader: MarketMaker, client: ScriptedClient) -> None:
    await quote_once(trader, client)
    buy, sell = trader.orders.values()
    client.events.extend(
        [
            report(buy, "TRADE", "PARTIALLY_FILLED", "0.004"),
            report(buy, "TRADE", "FILLED", "0.006"),
            report(sell, "CANCELED", "CANCELED", canceled=True),
        ]
    )
    await trader.follow_events()
    assert trader.orders == {}
    assert trader.tally.fills == 2
    assert trader.tally.position == D("0.01") - 2 * D("0.00001")
    assert len(trader.fills) == 2


async def test_after_a_gap_in_the_events_it_asks_which_orders_are_still_open(
    trader: MarketMaker, client: ScriptedClient
) -> None:
    await quote_once(trader, client)
    first, _ = trader.orders
    client.answers["open_orders_status"] = (SimpleNamespace(client_order_id=first),)
    client.events.append(SubscriptionRestored(lost_at_ms=1, restored_at_ms=2))
    await trader.follow_events()
    assert list(trader.orders) == [first]


async def test_leaving_cancels_what_the_exchange_says_is_open(trader: MarketMaker, client: ScriptedClient) -> None:
    await trader.leave()
    assert client.methods() == ["open_orders_status"]
    client.answers["open_orders_status"] = (object(), object())
    await trader.leave()
    assert client.methods()[-1] == "open_orders_cancel_all"
    assert trader.tally.canceled == 2


def test_every_final_status_ends_an_order() -> None:
    assert {status for status in OrderStatus if status not in {"NEW", "PARTIALLY_FILLED"}} - {
        OrderStatus.PENDING_NEW,
        OrderStatus.PENDING_CANCEL,
    } == DONE


async def test_running_ends_when_it_is_canceled(trader: MarketMaker, client: ScriptedClient) -> None:
    client.answers["depth"] = book(100, 101)
    running = asyncio.ensure_future(trader.run())
    await client.ordered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
