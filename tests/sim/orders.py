"""One seed's orders: a few requests at about the same time, and everything that may go wrong on their way.

    python -m tests.sim.orders SEED      repeats one, and says what was done, what went wrong, and what came of it

What must hold is in `_judge`: what the client said became of a request is what the exchange has, nothing is there
twice, and every request ended within the time that docs/guarantees/order-safety.md promises.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pitwire
from pitwire.exchange.gateway.faults import Fault, Phase, Rule
from pitwire.market.enums import Side
from pitwire.market.numbers import SCALE
from tests.sim.world import ALICE, BOB, SYMBOL, Broken, World, simulate, world

FAULTS_END_S = 10.0
"""When the faults stop, after the first request may be made: from then on the exchange can be reached."""
RECV_WINDOW_S = 5.0
MARGIN_S = 10.0
RECONNECT_S = 45.0
"""A back-off that many failed attempts have raised, and the queries after it."""

METHODS = {
    "place": "order.place",
    "cancel": "order.cancel",
    "replace": "order.cancelReplace",
    "amend": "order.amend.keepPriority",
    "cancel_all": "openOrders.cancelAll",
    "list": "orderList.place.oco",
    "cancel_list": "orderList.cancel",
}
QUERIES = ("order.status", "orderList.status", "myTrades", "openOrders.status", "allOrders", "order.amendments")
SESSION = ("session.logon", "userDataStream.subscribe", "time")


@dataclass
class Request:
    """One request and what came of it."""

    kind: str
    name: str
    """The client order id of the order that it is about."""
    new_name: str = ""
    """That of the order that it is to place."""
    old_id: int = 0
    result: Any = None
    error: BaseException | None = None
    made_s: float = 0.0
    ended_s: float = 0.0

    @property
    def said(self) -> str:
        return "done" if self.error is None else type(self.error).__name__


@dataclass(frozen=True)
class Only:
    """One request and one fault, in place of those that the seed would choose."""

    kind: str
    rule: Rule


async def orders(seed: int, say: Callable[[str], object] = lambda _: None, only: Only | None = None) -> None:
    """Live through one seed. Raises `Broken`."""
    async with world(seed) as here:
        deadline_s = here.random.choice([0.5, 2.0, 10.0])
        client = here.client(
            deadline_s=deadline_s, connections=here.random.choice([1, 1, 2]), resolve_margin_s=MARGIN_S
        )
        async with client:
            if here.random.random() < 0.7 or only is not None:
                watching = asyncio.ensure_future(_watch(client))
                await here.clock.advance(seconds=0.3)
            else:
                watching = None
            requests = await _prepare(here, client, only)
            if only is None:
                _spread_faults(here, requests, say)
            else:
                here.faults.add(only.rule)
            begun_s = here.now_s()
            await asyncio.gather(*(_make(here, client, request, say) for request in requests))
            if here.now_s() < begun_s + FAULTS_END_S:
                await here.clock.advance(seconds=begun_s + FAULTS_END_S - here.now_s())
            await here.clock.advance(seconds=RECV_WINDOW_S + MARGIN_S)  # what was held up has happened by now
            for request in requests:
                _judge(here, request, deadline_s, begun_s, say)
            if only is not None and not sum(here.faults.strikes.values()):
                raise Broken(f"{only.rule} did not strike")
        if watching is not None:
            await watching


async def _watch(client: pitwire.Client) -> None:
    try:
        async for _ in client.user_data():
            pass
    except pitwire.PitwireError:
        pass  # it could not be subscribed: then there are queries only


async def _prepare(here: World, client: pitwire.Client, only: Only | None) -> list[Request]:
    random = here.random
    await here.rests(ALICE, Side.BUY, 55_000, SCALE // 1000, "last price")
    await here.rests(BOB, Side.SELL, 55_000, SCALE // 1000, "last price")
    for number in range(random.randrange(3)):
        await here.rests(BOB, Side.SELL, 60_000 + number, SCALE // 100, f"bob{number}")
    kinds = random.choices(list(METHODS), weights=[5, 3, 3, 2, 1, 2, 2], k=random.choice([1, 1, 2, 3]))
    if only is not None:
        kinds = [only.kind]
    if "cancel_all" in kinds:
        kinds = ["cancel_all"]  # what it leaves nobody else can tell
    requests = []
    for number, kind in enumerate(kinds):
        request = Request(kind, f"old{number}", f"new{number}")
        if kind == "cancel_list":
            await _place_list(client, request.name)
            here.opened.clear()
        elif kind not in ("place", "list"):
            request.old_id = await here.rests(ALICE, Side.BUY, 50_000 - number, SCALE // 10, request.name)
            here.opened.clear()
        requests.append(request)
    return requests


# --- what goes wrong ------------------------------------------------------------------------------------------------


def _spread_faults(here: World, requests: list[Request], say: Callable[[str], object]) -> None:
    random, loop = here.random, asyncio.get_running_loop()
    for number in range(random.choice([1, 1, 2, 3, 4])):
        rule = _rule(here, METHODS[random.choice(requests).kind], about=random.random() if number else 0.0)
        say(f"rule {rule}")
        loop.call_later(random.uniform(0.1, FAULTS_END_S), here.faults.remove, here.faults.add(rule))
    for _ in range(random.choice([0, 0, 1, 2])):
        happens = random.choice([_reset, _reset, _silence])
        after_s = random.uniform(0, FAULTS_END_S * random.random())
        say(f"{happens.__name__} after {after_s:.3f} s")
        loop.call_later(after_s, happens, here)
    loop.call_later(FAULTS_END_S, here.faults.clear)


def _rule(here: World, method: str, about: float) -> Rule:
    random = here.random
    if about < 0.6:
        phase = random.choice(list(Phase))
    elif about < 0.9:
        method, phase = random.choice(QUERIES), random.choice([Phase.RECEIVED, Phase.EXECUTED])
    else:
        method, phase = random.choice(SESSION), random.choice([Phase.RECEIVED, Phase.EXECUTED])
    if phase is Phase.EVENT:
        return Rule(
            fault=random.choice([Fault.CUT, Fault.CUT, Fault.HALF_OPEN, Fault.SHUTDOWN]),
            phase=phase,
            method=random.choice([None, "executionReport", "outboundAccountPosition"]),
            count=random.choice([1, 2]),
            delay_ms=random.randrange(3_000),
        )
    possible = [
        Fault.DROP,
        Fault.DELAY,
        Fault.CUT,
        Fault.CUT,
        Fault.ERROR,
        Fault.ERROR,
        Fault.HALF_OPEN,
        Fault.SHUTDOWN,
    ]
    fault = random.choice([*possible, Fault.DUPLICATE] if phase is Phase.EXECUTED else possible)
    # -1007 and all 5xx leave the outcome open; a query may also not show yet what is there.
    code, status = random.choice([(-1007, None), (-1006, None), (-1000, 500), (-1001, 503), (-1016, 503)])
    if method in QUERIES and random.random() < 0.5:
        code, status = -2013, None
    elif method in SESSION and random.random() < 0.3:
        code, status = -1003, 429
    return Rule(
        fault=fault,
        phase=phase,
        method=method,
        count=random.choice([1, 1, 1, 2, 3, None]),
        probability=random.choice([1.0, 1.0, 0.5]),
        delay_ms=int(random.choice([20, 500, 3_000, 9_900, 9_900]) * random.random() ** 0.5),
        code=code,
        status=status,
        retry_after_ms=random.randrange(3_000),
    )


def _reset(here: World) -> None:
    if here.network.pairs:
        here.random.choice(here.network.pairs).reset()


def _silence(here: World) -> None:
    """A cable is pulled, and nobody is told; after a while it is found to be broken."""
    if here.network.pairs:
        pair = here.random.choice(here.network.pairs)
        pair.silent = True
        asyncio.get_running_loop().call_later(40, pair.reset)


# --- what is asked for ----------------------------------------------------------------------------------------------


async def _make(here: World, client: pitwire.Client, request: Request, say: Callable[[str], object]) -> None:
    await here.clock.advance(seconds=here.random.choice([0.0, here.random.uniform(0, 3)]))
    if here.random.random() < 0.1:
        _reset(here)  # at the very moment, so that nobody knows of it when the request is made
    request.made_s = here.now_s()
    try:
        request.result = await _ask(here, client, request)
    except pitwire.PitwireError as error:
        request.error = error
    request.ended_s = here.now_s()
    say(
        f"{request.made_s:.3f} to {request.ended_s:.3f} {request.kind} {request.name}: "
        f"{request.said} {request.error or ''}"
    )


def _ask(here: World, client: pitwire.Client, request: Request) -> Awaitable[Any]:
    random = here.random
    match request.kind:
        case "place":
            crossing = random.random() < 0.4
            terms: dict[str, Any] = {"type": "LIMIT", "time_in_force": "GTC", "price": "61000" if crossing else "40000"}
            if crossing and random.random() < 0.3:
                terms = {"type": "LIMIT", "time_in_force": "IOC", "price": "61000"}
            shown = random.choice([None, "ACK", "RESULT", "FULL"])
            return client.order_place(
                symbol=SYMBOL,
                side="BUY",
                quantity="0.015",
                new_client_order_id=request.new_name,
                new_order_resp_type=shown,
                **terms,
            )
        case "cancel":
            return client.order_cancel(symbol=SYMBOL, orig_client_order_id=request.name)
        case "replace":
            return client.order_cancel_replace(
                symbol=SYMBOL,
                side="BUY",
                type="LIMIT",
                time_in_force="GTC",
                cancel_replace_mode=random.choice(["STOP_ON_FAILURE", "ALLOW_FAILURE"]),
                cancel_orig_client_order_id=request.name,
                new_client_order_id=request.new_name,
                quantity="0.05",
                price="41000",
            )
        case "amend":
            return client.order_amend_keep_priority(symbol=SYMBOL, orig_client_order_id=request.name, new_qty="0.04")
        case "list":
            return _place_list(client, request.new_name)
        case "cancel_list":
            return client.order_list_cancel(symbol=SYMBOL, list_client_order_id=request.name)
        case _:
            return client.open_orders_cancel_all(symbol=SYMBOL)


def _place_list(client: pitwire.Client, name: str) -> Awaitable[Any]:
    """A pair that sells at 65,000, or stops the loss at 45,000."""
    return client.order_list_place_oco(
        symbol=SYMBOL,
        side="SELL",
        quantity="0.01",
        list_client_order_id=name,
        above_type="LIMIT_MAKER",
        above_price="65000",
        above_client_order_id=f"{name}-above",
        below_type="STOP_LOSS_LIMIT",
        below_stop_price="45000",
        below_price="44900",
        below_time_in_force="GTC",
        below_client_order_id=f"{name}-below",
    )


# --- what must hold -------------------------------------------------------------------------------------------------


def _judge(here: World, request: Request, deadline_s: float, begun_s: float, say: Callable[[str], object]) -> None:
    def must(holds: bool, what: str) -> None:
        if not holds:
            raise Broken(
                f"{request.kind} {request.name}/{request.new_name} "
                f"ended with {request.said} ({request.error}), but {what}"
            )

    reachable_s = max(request.made_s, begun_s + FAULTS_END_S)
    took_s = request.ended_s - request.made_s
    promised_s = max(deadline_s + RECV_WINDOW_S + MARGIN_S, reachable_s - request.made_s) + RECONNECT_S
    must(took_s <= promised_s, f"it took {took_s:.1f} s, and {promised_s:.1f} s are promised")
    must(not isinstance(request.error, pitwire.OutcomeUnknown), "its outcome was left unknown")
    placed = here.opened[request.new_name]
    must(placed <= 1, f"{placed} orders were placed")
    there = here.orders()
    old = next((order for order in there if order["orderId"] == request.old_id), None)
    new = next((order for order in there if order["clientOrderId"] == request.new_name), None)
    say(f"  old {old and (old['status'], old['origQty'])}, new {new and (new['status'], new['executedQty'])}")
    nothing = isinstance(request.error, pitwire.NotSent | pitwire.NeverArrived)
    done = request.error is None
    if request.kind == "place":
        must(placed == (1 if done else 0), f"{placed} orders are there")
        if done:
            assert new is not None
            must(request.result.order_id == new["orderId"], f"the order is {new}")
        return
    pair = {order["status"] for order in there if order["clientOrderId"].rpartition("-")[0] == request.name}
    if request.kind == "list":
        placed_of_pair = [here.opened[f"{request.new_name}-{side}"] for side in ("above", "below")]
        must(placed_of_pair == ([1, 1] if done else [0, 0]), f"of its orders {placed_of_pair} are there")
        return
    if request.kind == "cancel_list":
        must(pair == ({"CANCELED"} if done else {"NEW"}), f"its orders are {pair}")
        return
    assert old is not None
    canceled, open_still = old["status"] == "CANCELED", old["status"] in ("NEW", "PARTIALLY_FILLED")
    match request.kind:
        case "cancel" | "cancel_all":
            must(canceled if done else open_still, f"the order is {old['status']}")
        case "amend":
            amended = Decimal(old["origQty"]) == Decimal("0.04")
            must(amended is done, f"its quantity is {old['origQty']}")
        case "replace" if isinstance(request.error, pitwire.CancelReplaceFailed):
            must(request.error.canceled is canceled, f"the old order is {old['status']}")
            must(request.error.placed is bool(placed), f"{placed} new orders are there")
        case "replace":
            must(canceled is done, f"the old order is {old['status']}")
            must(placed == (1 if done else 0), f"{placed} new orders are there")
    must(done or nothing or isinstance(request.error, pitwire.Rejected), "that is no way for a request to end")


if __name__ == "__main__":
    for each in sys.argv[1:]:
        simulate(int(each), lambda seed: orders(seed, print))
        print(f"seed {each} holds")
