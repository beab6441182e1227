"""What an application may do: the kinds of its requests, what each is about, and how it is made."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

import pitwire
from pitwire.exchange.gateway.list_commands import place_oco, place_with_pending
from pitwire.market.enums import OrderResponseType, OrderType, Side, TimeInForce
from pitwire.market.numbers import SCALE
from pitwire.protocol.requests.lists import (
    OrderListPlaceOco,
    OrderListPlaceOpo,
    OrderListPlaceOpoco,
    OrderListPlaceOto,
    OrderListPlaceOtoco,
)
from tests.sim.world import ALICE, SYMBOL, World

LISTS: dict[str, Any] = {
    "oco": OrderListPlaceOco,
    "oto": OrderListPlaceOto,
    "otoco": OrderListPlaceOtoco,
    "opo": OrderListPlaceOpo,
    "opoco": OrderListPlaceOpoco,
}
LEGS = {
    "oco": ("above", "below"),
    "oto": ("working", "pending"),
    "otoco": ("working", "above", "below"),
    "opo": ("working", "pending"),
    "opoco": ("working", "above", "below"),
}
METHODS = {
    "place": "order.place",
    "cancel": "order.cancel",
    "replace": "order.cancelReplace",
    "amend": "order.amend.keepPriority",
    "cancel_all": "openOrders.cancelAll",
    **{kind: request.METHOD.name for kind, request in LISTS.items()},
    "cancel_leg": "order.cancel",
    "cancel_list": "orderList.cancel",
}
"""The kinds of requests, and the method of each."""
WEIGHTS = {"place": 5, "cancel": 3, "replace": 3, "amend": 2, "cancel_leg": 2, "cancel_list": 2}
"""How often each is made, of those that a seed chooses freely; once, where nothing is said."""
LIMIT: dict[str, Any] = {"type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC}


@dataclass
class Request:
    """One request and what came of it."""

    kind: str
    name: str
    """The client order id of the order, or the list, that it is about."""
    new_name: str = ""
    """That of what it is to place."""
    of_list: str = ""
    """The kind of the list that it is to cancel, or a leg of it."""
    leg: str = ""
    """The client order id of that leg."""
    there: list[int] = field(default_factory=list)
    """The ids of the orders that it is about, which are there before."""
    outcomes: list[Any] = field(default_factory=list)
    """What was said of it: results, and errors. Nothing by a process that died before it knew."""
    made_s: float = -1.0
    unsure_s: float = 0.0
    """How far the time that it was sent with may be off."""
    ended_s: float = -1.0

    def new_names(self) -> list[str]:
        """The client order ids of the orders that it is to place."""
        if self.kind in LISTS:
            return [f"{self.new_name}-{leg}" for leg in LEGS[self.kind]]
        return [self.new_name] if self.kind in ("place", "replace") else []

    def is_that(self, request: Any) -> bool:
        """Whether a request that somebody has kept is this one."""
        names = {self.leg or self.name, self.new_name}
        said = [getattr(request, each) for each in request.__struct_fields__ if each.endswith("client_order_id")]
        return request.METHOD.name == METHODS[self.kind] and (self.kind == "cancel_all" or not names.isdisjoint(said))


def chosen(random: Random, first: str, count: int) -> list[Request]:
    """A few requests, the first of a kind that is given."""
    # What `cancel_all` leaves nobody else can tell; and what befalls the first shall befall nothing but its kind.
    others = [kind for kind in METHODS if kind == first or METHODS[kind] not in (METHODS[first], METHODS["cancel_all"])]
    count = 1 if first == "cancel_all" else count
    kinds = [first, *random.choices(others, weights=[WEIGHTS.get(kind, 1) for kind in others], k=count - 1)]
    return [Request(kind, f"old{number}", f"new{number}") for number, kind in enumerate(kinds)]


async def prepare(here: World, requests: Iterable[Request]) -> None:
    """See to it that everything is there that the requests are about."""
    random = here.random
    for number, request in enumerate(requests):
        if request.kind in ("cancel", "replace", "amend", "cancel_all"):
            request.there = [await here.rests(ALICE, Side.BUY, 50_000 - number, SCALE // 10, request.name)]
        if request.kind in ("cancel_leg", "cancel_list") or (request.kind == "cancel_all" and random.random() < 0.5):
            request.of_list = random.choice(list(LISTS))
            terms = list_terms(request.of_list, request.name, random)
            read = place_oco if request.of_list == "oco" else place_with_pending
            placed: Any = LISTS[request.of_list](**terms)
            await here.execute(read(placed, ALICE, lambda _: here.exchange.engine.rules(SYMBOL), lambda: "none"))
            legs = [f"{request.name}-{leg}" for leg in LEGS[request.of_list]]
            request.there += here.truth.ids(legs)
            request.leg = random.choice(legs) if request.kind == "cancel_leg" else ""


def list_terms(kind: str, name: str, random: Random) -> dict[str, Any]:
    """A list of this kind: what it buys at 40,000, or at once, it sells at 65,000, or at 45,000 to stop the loss."""
    terms: dict[str, Any] = {"symbol": SYMBOL, "list_client_order_id": name}
    terms["new_order_resp_type"] = random.choice([None, *OrderResponseType])
    if kind == "oco":
        return terms | {"side": Side.SELL, "quantity": Decimal("0.01")} | _pair("", name)
    terms |= {f"working_{term}": value for term, value in LIMIT.items()}
    terms["working_client_order_id"] = f"{name}-working"
    terms["working_side"], terms["pending_side"] = Side.BUY, Side.SELL
    terms["working_price"] = Decimal(random.choice([40_000, 61_000]))
    terms["working_quantity"] = Decimal("0.015")
    if kind in ("oto", "otoco"):
        terms["pending_quantity"] = Decimal("0.01")  # the others sell what was bought
    if kind in ("otoco", "opoco"):
        return terms | _pair("pending_", name)
    terms |= {f"pending_{term}": value for term, value in LIMIT.items()}
    return terms | {"pending_price": Decimal(65_000), "pending_client_order_id": f"{name}-pending"}


def _pair(prefix: str, name: str) -> dict[str, Any]:
    terms = {
        "above_type": OrderType.LIMIT_MAKER,
        "above_price": Decimal(65_000),
        "above_client_order_id": f"{name}-above",
        "below_type": OrderType.STOP_LOSS_LIMIT,
        "below_stop_price": Decimal(45_000),
        "below_price": Decimal(44_900),
        "below_time_in_force": TimeInForce.GTC,
        "below_client_order_id": f"{name}-below",
    }
    return {prefix + term: value for term, value in terms.items()}


def make(random: Random, client: pitwire.Client, request: Request) -> Awaitable[Any]:
    """Make the request."""
    match request.kind:
        case "place":
            at_once = random.random() < 0.4
            terms = LIMIT | {"price": "61000" if at_once else "40000"}
            if at_once and random.random() < 0.3:
                terms["time_in_force"] = TimeInForce.IOC
            return client.order_place(
                symbol=SYMBOL,
                side=Side.BUY,
                quantity="0.015",
                new_client_order_id=request.new_name,
                new_order_resp_type=random.choice([None, "ACK", "RESULT", "FULL"]),
                **terms,
            )
        case "cancel" | "cancel_leg":
            return client.order_cancel(symbol=SYMBOL, orig_client_order_id=request.leg or request.name)
        case "replace":
            return client.order_cancel_replace(
                symbol=SYMBOL,
                side=Side.BUY,
                cancel_replace_mode=random.choice(["STOP_ON_FAILURE", "ALLOW_FAILURE"]),
                cancel_orig_client_order_id=request.name,
                new_client_order_id=request.new_name,
                quantity="0.05",
                price="41000",
                **LIMIT,
            )
        case "amend":
            return client.order_amend_keep_priority(symbol=SYMBOL, orig_client_order_id=request.name, new_qty="0.04")
        case "oco":
            return client.order_list_place_oco(**list_terms("oco", request.new_name, random))
        case "oto":
            return client.order_list_place_oto(**list_terms("oto", request.new_name, random))
        case "otoco":
            return client.order_list_place_otoco(**list_terms("otoco", request.new_name, random))
        case "opo":
            return client.order_list_place_opo(**list_terms("opo", request.new_name, random))
        case "opoco":
            return client.order_list_place_opoco(**list_terms("opoco", request.new_name, random))
        case "cancel_list":
            return client.order_list_cancel(symbol=SYMBOL, list_client_order_id=request.name)
        case _:
            return client.open_orders_cancel_all(symbol=SYMBOL)


# --- what must hold of it -------------------------------------------------------------------------------------------


class Misled(AssertionError):
    """The application was told something else than what is true."""


def judge(here: World, request: Request, outcome: Any) -> None:
    """Compare what was said of a request with what the exchange has done. Raises `Misled`."""
    truth = here.truth
    failed = outcome if isinstance(outcome, BaseException) else None
    done = failed is None

    def must(holds: bool, what: str) -> None:
        if not holds:
            said = "done" if done else f"{type(failed).__name__} ({failed})"
            raise Misled(f"{request.kind} {request.name}/{request.new_name} ended with {said}, but {what}")

    must(done or isinstance(failed, pitwire.NotSent | pitwire.NeverArrived | pitwire.Rejected), "that is no end")
    # Refused for its timestamp it was not carried out, whatever it was about.
    refused = isinstance(failed, pitwire.Rejected) and not isinstance(failed, pitwire.InvalidTimestamp)
    placed = truth.ids(request.new_names())
    for name in request.new_names():
        must(truth.opened[name] <= 1, f"{name} was placed {truth.opened[name]} times")
    canceled = truth.canceled.intersection(request.there)
    still_open = truth.open().intersection(request.there)
    match request.kind:
        case "place":
            must(len(placed) == done, f"{placed} are there")
            must(not done or [outcome.order_id] == placed, f"the order is {placed}")
            must(not refused, "nothing was to be refused")
        case "cancel" | "cancel_leg" | "cancel_list" | "cancel_all":
            must(bool(canceled) is done, f"{canceled} were cancelled")
            ended = request.there if done or request.kind != "cancel_leg" else truth.ids([request.leg])
            must(not (done or refused) or still_open.isdisjoint(ended), f"{still_open} are open")
            must(not done or _canceled_by(outcome) == canceled, f"{canceled} were cancelled, not {outcome}")
        case "amend":
            amended = truth.amended.issuperset(request.there)
            must(amended is done, "it was not" if done else "it was amended")
            left = sum(truth.orders[number].quantity - truth.orders[number].executed for number in request.there)
            must(not refused or not still_open or left < SCALE // 10, "nothing speaks against amending it")
        case "replace":
            halves = bool(canceled), bool(placed)
            if isinstance(failed, pitwire.CancelReplaceFailed):
                must((failed.canceled, failed.placed) == halves, f"cancelled and placed are {halves}")
                must(failed.canceled is True or not still_open, "the old order is open")
            else:
                must(halves == (done, done), f"cancelled and placed are {halves}")
                must(not refused, "it is a cancel-replace")
        case _:
            must(len(placed) == (len(request.new_names()) if done else 0), f"{placed} are there")
            must(not refused or request.new_name in truth.refused, "the exchange has not refused it")
            if done:
                known = truth.lists[request.new_name]
                must(outcome.order_list_id == known.order_list_id, f"the list is {known}")
                must(sorted(each.order_id for each in outcome.orders) == sorted(placed), f"its orders are {placed}")
                reported = sorted(each.order_id for each in outcome.order_reports)
                must(reported == sorted(placed), f"its orders are {placed}")


def _canceled_by(result: Any) -> set[int]:
    """The orders that a result says were cancelled."""
    if isinstance(result, tuple):
        return set().union(*map(_canceled_by, result))
    reports = getattr(result, "order_reports", msgspec.UNSET)
    return {result.order_id} if reports is msgspec.UNSET else {each.order_id for each in reports}
