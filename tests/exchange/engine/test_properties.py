"""What holds whatever is asked: random histories of every order type, judged by the engine's own state and words."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from pitwire.exchange.engine.digest import event_digest
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.engine.market import Market
from pitwire.exchange.engine.orders import Order
from pitwire.exchange.messages import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    Command,
    CommandRejected,
    Event,
    OrderListChanged,
    OrderOpened,
    OrderTraded,
    Peg,
    PlaceOrder,
    PlaceOrderList,
    ReplaceOrder,
    TradeMatched,
    Trigger,
)
from pitwire.market.enums import (
    CancelReplaceMode,
    ContingencyType,
    ListStatusType,
    OrderStatus,
    OrderType,
    PegPriceType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from pitwire.market.numbers import SCALE, Amount, Price, Quantity
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, units

ACCOUNTS = (ALICE, BOB, CAROL)
ASSETS = ("BTC", "USDT")
FINAL = frozenset({OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.EXPIRED_IN_MATCH})
MODES = tuple(SelfTradePrevention)
BALANCES = (units("40"), units("100000"))
IDS = "abcdefghijklmnop"
CONTINGENT = (
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
)
WITHOUT_PRICE = frozenset({OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT})

prices = st.integers(0, 7).map(lambda step: 1_234_567_891 + 111_111_113 * step)
quantities = st.integers(1, 6).map(lambda size: size * 100_000_000 + (7 if size % 2 else 0))
sometimes = st.integers(0, 3).map(lambda chance: chance == 0)


@st.composite
def orders(draw: st.DrawFn) -> PlaceOrder:
    kind = draw(st.sampled_from((*[OrderType.LIMIT] * 5, OrderType.LIMIT_MAKER, OrderType.MARKET, *CONTINGENT)))
    trigger = peg = None
    if kind in CONTINGENT:
        trails = draw(sometimes)
        stop_price = 0 if trails and draw(st.booleans()) else draw(prices)
        trigger = Trigger(Price(stop_price), draw(st.sampled_from((50, 900, 2500))) if trails else 0)
    priced = kind not in WITHOUT_PRICE
    if priced and kind is not OrderType.LIMIT_MAKER and draw(sometimes):
        peg = Peg(draw(st.sampled_from(PegPriceType)), draw(st.sampled_from((-1, 0, 1, 2))))
    time_in_force = TimeInForce.GTC
    if kind is OrderType.LIMIT and peg is None:
        time_in_force = draw(st.sampled_from((*[TimeInForce.GTC] * 4, TimeInForce.IOC, TimeInForce.FOK)))
    quantity = draw(quantities)
    hides = priced and time_in_force is TimeInForce.GTC and draw(sometimes)
    by_quote = kind is OrderType.MARKET and draw(st.booleans())
    return PlaceOrder(
        account=draw(st.sampled_from(ACCOUNTS)),
        symbol="BTCUSDT",
        side=draw(st.sampled_from(Side)),
        type=kind,
        client_order_id=draw(st.sampled_from(IDS)),
        time_in_force=time_in_force,
        price=Price(draw(prices) if priced and (peg is None or draw(st.booleans())) else 0),
        quantity=Quantity(0 if by_quote else quantity),
        quote_quantity=Amount(draw(st.integers(1, 90)) * 100_000_000 if by_quote else 0),
        self_trade_prevention=draw(st.sampled_from(MODES)),
        trigger=trigger,
        iceberg_quantity=Quantity(quantity // 3 if hides else 0),
        peg=peg,
    )


@st.composite
def order_lists(draw: st.DrawFn) -> PlaceOrderList:
    """A list of any kind. Its prices make sense more often than not."""
    account = draw(st.sampled_from(ACCOUNTS))
    side = draw(st.sampled_from(Side))
    quantity = Quantity(draw(quantities))
    first = draw(st.integers(0, len(IDS) - 3))
    names = IDS[first : first + 3]
    mode = draw(st.sampled_from(MODES))
    pays = draw(sometimes)

    def order(name: str, kind: OrderType, side: Side, **terms: Any) -> PlaceOrder:
        asked = {"quantity": quantity, "self_trade_prevention": mode, **terms}
        return PlaceOrder(account=account, symbol="BTCUSDT", side=side, type=kind, client_order_id=name, **asked)

    def pair(side: Side, **terms: Any) -> tuple[PlaceOrder, PlaceOrder]:
        near, far = sorted(draw(st.lists(prices, min_size=2, max_size=2)), reverse=side is Side.BUY)
        price = Price(draw(prices))
        stops = [
            (OrderType.STOP_LOSS, Price(0), Trigger(Price(near))),
            (OrderType.STOP_LOSS_LIMIT, price, Trigger(Price(near), draw(st.sampled_from((0, 900))))),
            (OrderType.STOP_LOSS, Price(0), Trigger(Price(0), 900)),
        ]
        others = [
            (OrderType.LIMIT_MAKER, Price(far), None),
            (OrderType.TAKE_PROFIT, Price(0), Trigger(Price(far))),
            (OrderType.TAKE_PROFIT_LIMIT, Price(far), Trigger(Price(far))),
        ]
        (one, one_price, one_trigger), (two, two_price, two_trigger) = (
            draw(st.sampled_from(stops)),
            draw(st.sampled_from((others[0], *others))),
        )
        return (
            order(names[1], one, side, price=one_price, trigger=one_trigger, **terms),
            order(names[2], two, side, price=two_price, trigger=two_trigger, **terms),
        )

    def with_pending(kind: int) -> tuple[PlaceOrder, ...]:
        pending = Side.SELL if pays else draw(st.sampled_from(Side))
        terms = {"quantity": Quantity(0)} if pays else {}
        working = order(
            names[0],
            draw(st.sampled_from((OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT_MAKER))),
            Side.BUY if pays else side,
            price=Price(draw(prices)),
            iceberg_quantity=Quantity(quantity // 3 if draw(sometimes) else 0),
        )
        if working.type is OrderType.LIMIT and not working.iceberg_quantity:
            tif = draw(st.sampled_from((*[TimeInForce.GTC] * 4, TimeInForce.IOC, TimeInForce.FOK)))
            working = structs.replace(working, time_in_force=tif)
        if kind == 1:
            return (working, *pair(pending, **terms))
        if kind == 2:
            return working, order(names[1], OrderType.MARKET, pending, **terms)
        return working, order(names[1], OrderType.LIMIT, pending, price=Price(draw(prices)), **terms)

    kind = draw(st.integers(0, 3))
    contingency = ContingencyType.OTO if kind else ContingencyType.OCO
    pays = pays and kind > 0
    orders = with_pending(kind) if kind else pair(side)
    return PlaceOrderList(
        account=account,
        symbol="BTCUSDT",
        list_client_order_id=draw(st.sampled_from(IDS)),
        contingency=contingency,
        orders=orders,
        pays=pays,
    )


@st.composite
def changes(draw: st.DrawFn) -> Command:
    """What is done to orders that may be there."""
    account = draw(st.sampled_from(ACCOUNTS))
    named = draw(st.sampled_from(IDS))
    cancel = CancelOrder(account=account, symbol="BTCUSDT", cancel_id="gone", client_order_id=named)
    match draw(st.integers(0, 10)):
        case 0:
            return CancelOpenOrders(account=account, symbol="BTCUSDT", cancel_id="gone")
        case 10:
            return CancelOrderList(account=account, symbol="BTCUSDT", cancel_id="gone", list_client_order_id=named)
        case 1 | 2 | 3:
            return AmendOrder(
                account=account,
                symbol="BTCUSDT",
                new_client_order_id=draw(st.sampled_from(IDS)),
                quantity=Quantity(draw(quantities) - 100_000_000 // 2),
                client_order_id=named,
            )
        case 4 | 5 | 6:
            place = draw(orders())
            cancel = CancelOrder(account=place.account, symbol="BTCUSDT", cancel_id="gone", client_order_id=named)
            return ReplaceOrder(cancel=cancel, mode=draw(st.sampled_from(CancelReplaceMode)), place=place)
    return cancel


histories = st.lists(st.one_of(orders(), orders(), order_lists(), order_lists(), changes()), min_size=30, max_size=60)


def opened(balance: int, seed_trade: bool = True) -> Floor:
    floor = Floor().open(
        balance=f"{balance // SCALE}",
        trade_groups={ALICE: 7, BOB: 7},
        order_types=tuple(OrderType),
        allowed_self_trade_prevention=MODES,
        trailing_stop_allowed=True,
        iceberg_allowed=True,
        peg_instructions_allowed=True,
        oco_allowed=True,
        oto_allowed=True,
        opo_allowed=True,
    )
    if seed_trade:  # so that stop prices have a market to lie on one side of
        floor.place(CAROL, "SELL", "0.5", "15")
        floor.place(BOB, "BUY", "0.5", "15")
    return floor


class Ends:
    """Which orders and lists were accepted, how each of them ended, and what working orders brought in."""

    def __init__(self) -> None:
        self.open: set[int] = set()
        self.ended: set[int] = set()
        self.lists: dict[int, set[int]] = {}
        self.lists_done: set[int] = set()
        self.received: dict[int, tuple[int, int]] = {}
        """By order: of the base asset, and the commission on that in it."""

    def hear(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, OrderListChanged):
                self._hear_list(event)
            if isinstance(event, OrderTraded) and event.order.side is Side.BUY:
                quantity, commission = self.received.get(event.order.order_id, (0, 0))
                paid = event.commission if event.commission_asset == "BTC" else 0
                self.received[event.order.order_id] = quantity + event.quantity, commission + paid
            order = getattr(event, "order", None)
            if order is None or order.order_id < 0:
                continue
            if isinstance(event, OrderOpened) and order.order_id not in self.open:
                assert order.order_id not in self.ended
                self.open.add(order.order_id)
            else:
                assert order.order_id in self.open, f"{event} is of an order that is not open"
            if order.status in FINAL:
                self.open.remove(order.order_id)
                self.ended.add(order.order_id)

    def _hear_list(self, event: OrderListChanged) -> None:
        view = event.order_list
        number = view.order_list_id
        assert number not in self.lists_done
        ids = self.lists.setdefault(number, {order.order_id for order in view.orders})
        assert ids == {order.order_id for order in view.orders}
        assert view.is_done == (event.status_type is ListStatusType.ALL_DONE)
        if view.is_done:
            assert not ids & self.open
            self.lists_done.add(number)


@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from(BALANCES))
def test_whatever_is_asked(history: list[Command], balance: int) -> None:
    floor = opened(balance)
    ends = Ends()
    for outcome in floor.outcomes:
        ends.hear(outcome.events)
    market = floor.engine.venue.markets["BTCUSDT"]
    for command in history:
        queue = {side: [(order.order_id, order.price) for order in queued(market, side)] for side in Side}
        events = floor.tell(command)
        ends.hear(events)
        assert set(market.orders) == ends.open
        assert set(floor.engine.venue.order_lists) == set(ends.lists) - ends.lists_done
        assert all(ends.open & ends.lists[number] for number in floor.engine.venue.order_lists)
        assert floor.engine.venue.waiting == len(market.triggers.orders()) + len(floor.engine.venue.order_lists)
        assert_conserved(floor.engine, balance)
        assert_locked(floor.engine, market, ends)
        assert_not_crossed(market)
        assert_levels_add_up(market)
        assert_priority(events, queue)


def queued(market: Market, side: Side) -> Iterator[Order]:
    """The orders that rest on a side, in their priority."""
    book = market.book
    for level in (book.bids if side is Side.BUY else book.asks).best_first():
        yield from level.orders()


def assert_conserved(engine: Engine, balance: int) -> None:
    for asset in ASSETS:
        holdings = [account.holding(asset) for account in engine.venue.accounts.values()]
        assert all(holding.free >= 0 and holding.locked >= 0 for holding in holdings)
        held = sum(holding.free + holding.locked for holding in holdings)
        assert held + engine.venue.commissions.get(asset, 0) == len(ACCOUNTS) * balance


def assert_locked(engine: Engine, market: Market, ends: Ends) -> None:
    """What an account has locked is what its open orders may still spend, and nothing else.

    Of a pair that is what the dearer order needs; for pending orders it is what their working order brought in.
    """
    needed = dict.fromkeys([(account, asset) for account in ACCOUNTS for asset in ASSETS], 0)
    pairs: dict[int, int] = {}
    for order in market.orders.values():
        rest = order.quantity - order.executed
        if order.status is OrderStatus.PENDING_NEW:
            continue
        assert rest > 0
        asset, amount = ("USDT", order.price * rest // SCALE) if order.is_buy else ("BTC", rest)
        order_list = None if order.extras is None else engine.venue.order_lists.get(order.extras.order_list_id)
        if order_list is not None and order_list.other(order) is not None:
            before = pairs.get(order_list.order_list_id, 0)
            pairs[order_list.order_list_id] = amount = max(before, amount)
            amount -= before
        needed[order.trader.account_id, asset] += amount
    for order_list in engine.venue.order_lists.values():
        working = order_list.orders[0].order_id
        if order_list.pays and not order_list.in_second_phase:
            received, commission = ends.received.get(working, (0, 0))
            assert received - commission <= order_list.reserved_base <= received
            needed[order_list.trader.account_id, "BTC"] += order_list.reserved_base
    for (account, asset), amount in needed.items():
        assert engine.venue.accounts[account].holding(asset).locked == amount


def assert_not_crossed(market: Market) -> None:
    bid, ask = next(queued(market, Side.BUY), None), next(queued(market, Side.SELL), None)
    assert bid is None or ask is None or bid.price < ask.price


def assert_levels_add_up(market: Market) -> None:
    for side in (market.book.bids, market.book.asks):
        for level in side.best_first():
            rests = [order.quantity - order.executed for order in level.orders()]
            hidden = sum(order.hidden for order in level.orders())
            assert rests
            assert (level.quantity, level.hidden) == (sum(rests) - hidden, hidden)
            assert level.quantity > 0


def assert_priority(events: tuple[Event, ...], queue: dict[Side, list[tuple[int, int]]]) -> None:
    """A taker trades best price first, and at one price whoever came first; only icebergs come again behind the others.

    Looked at for the first taker of a command: the others come to a book that it has changed.
    """
    trades = [event for event in events if isinstance(event, TradeMatched)]
    if not trades or isinstance(events[0], CommandRejected):
        return
    first = trades[0]
    buys = not first.buyer_is_maker
    taker = first.buyer_order_id if buys else first.seller_order_id
    mine = [event for event in trades if taker == (event.buyer_order_id if buys else event.seller_order_id)]
    at = [event.price for event in mine]
    assert at == sorted(at, reverse=not buys)
    before = {order_id: place for place, (order_id, _) in enumerate(queue[Side.SELL if buys else Side.BUY])}
    for _, level in groupby(mine, key=lambda event: event.price):
        makers = [event.seller_order_id if buys else event.buyer_order_id for event in level]
        once = list(dict.fromkeys(maker for maker in makers if maker in before))
        assert once == sorted(once, key=before.__getitem__)


@settings(max_examples=25, deadline=None)
@given(histories, st.data())
def test_a_snapshot_and_what_follows_are_the_whole_log(history: list[Command], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(history)), label="cut")
    original = opened(BALANCES[1])
    for command in history[:cut]:
        original.tell(command)
    payload = original.engine.snapshot()
    restored = Floor(Engine.restore(payload))
    restored.sequence, restored.time_us = original.sequence, original.time_us
    assert restored.engine.snapshot() == payload
    original.outcomes.clear()
    for command in history[cut:]:
        original.tell(command)
        restored.tell(command)
    assert event_digest(restored.outcomes) == event_digest(original.outcomes)
    assert restored.engine.snapshot() == original.engine.snapshot()


@settings(max_examples=25, deadline=None)
@given(histories)
def test_what_is_refused_changes_nothing(history: list[Command]) -> None:
    floor = opened(BALANCES[0])
    for command in history:
        before = floor.engine.snapshot()
        events: tuple[Any, ...] = floor.tell(command)
        if isinstance(events[0], CommandRejected):
            assert len(events) == 1
            assert floor.engine.snapshot() == before
