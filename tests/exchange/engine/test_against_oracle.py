"""The engine against the oracle, over random histories: same refusals, trades, books and balances, all the time."""

import random
from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from pitwire.exchange.engine.digest import event_digest
from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    Command,
    CommandRejected,
    Commission,
    CommissionRates,
    Deposit,
    Event,
    LevelChanged,
    ListSymbol,
    OpenAccount,
    OrderCanceled,
    OrderOpened,
    OrderRejected,
    OrderTraded,
    PlaceOrder,
    PlaceOrderList,
    PositionChanged,
    ReplacementFailed,
    ReplaceOrder,
    RouteOrder,
    SetCommission,
    SetDiscount,
    SetSmartRouting,
    TradeMatched,
    Trigger,
)
from pitwire.market.enums import CancelReplaceMode, ContingencyType, OrderType, SelfTradePrevention, Side, TimeInForce
from pitwire.market.filters import LotSize
from pitwire.market.numbers import Amount, Price, Quantity, decimal
from pitwire.market.symbols import SymbolRules
from tests.exchange.engine.oracle import Oracle, Resting
from tests.exchange.engine.venues import Floor, units

ACCOUNTS = (1, 2, 3)
GROUPS = {1: 7, 2: 7}
ASSETS = ("XYZ", "ABC", "USD")
ROUTED = ("XYZABC", "XYZUSD")
MODES = tuple(SelfTradePrevention)
STEP = units("0.25")
TYPES = tuple(OrderType)
# Both share ABC, so that one symbol's orders compete with the other's for balances.
SYMBOLS = (
    SymbolRules(
        symbol="XYZABC",
        base="XYZ",
        quote="ABC",
        iceberg_allowed=True,
        order_types=TYPES,
        oco_allowed=True,
        oto_allowed=True,
        opo_allowed=True,
        allowed_self_trade_prevention=MODES,
    ),
    SymbolRules(
        symbol="XYZUSD",
        base="XYZ",
        quote="USD",
        iceberg_allowed=True,
        order_types=TYPES,
        oco_allowed=True,
        oto_allowed=True,
        opo_allowed=True,
        allowed_self_trade_prevention=MODES,
    ),
    SymbolRules(
        symbol="ABCUSD",
        base="ABC",
        quote="USD",
        iceberg_allowed=True,
        order_types=TYPES,
        oco_allowed=True,
        oto_allowed=True,
        opo_allowed=True,
        filters=(LotSize(min_quantity=Quantity(STEP), max_quantity=Quantity(0), step_size=Quantity(STEP)),),
        allowed_self_trade_prevention=MODES,
    ),
)
# Prices and quantities with so many digits that every product has to be rounded, and rates that round on top of that.
PRICES = {"XYZABC": [12_345_671 + 1_111_113 * n for n in range(6)], "ABCUSD": [33_333_333 + 7 * n for n in range(6)]}
# The same prices in both books, and some in between.
PRICES["XYZUSD"] = [PRICES["XYZABC"][0], PRICES["XYZABC"][2], *(12_900_001 + 1_111_113 * n for n in range(4))]
MAKER_RATE = 123_457
TAKER_RATE = 234_567


@st.composite
def orders(draw: st.DrawFn) -> PlaceOrder:
    symbol = draw(st.sampled_from(tuple(PRICES)))
    if symbol == "ABCUSD":
        quantity = STEP * draw(st.integers(1, 24))
    else:
        quantity = draw(st.integers(1, 6)) * 100_000_000 + draw(st.sampled_from((0, 0, 1, 3, 77_777_777)))
    order_type = draw(
        st.sampled_from((*[OrderType.LIMIT] * 6, OrderType.LIMIT_MAKER, OrderType.MARKET, OrderType.MARKET))
    )
    time_in_force = draw(st.sampled_from((*[TimeInForce.GTC] * 4, TimeInForce.IOC, TimeInForce.FOK)))
    hides = order_type is not OrderType.MARKET and time_in_force is TimeInForce.GTC and draw(st.integers(0, 3)) == 0
    by_quote = order_type is OrderType.MARKET and draw(st.booleans())
    return PlaceOrder(
        account=draw(st.sampled_from(ACCOUNTS)),
        symbol=symbol,
        side=draw(st.sampled_from(Side)),
        type=order_type,
        client_order_id=draw(st.sampled_from("abcdefghijkl")),
        time_in_force=time_in_force,
        price=Price(0 if order_type is OrderType.MARKET else draw(st.sampled_from(PRICES[symbol]))),
        quantity=Quantity(0 if by_quote else quantity),
        quote_quantity=Amount(draw(st.integers(1, 250_000_000)) if by_quote else 0),
        iceberg_quantity=Quantity(STEP * draw(st.integers(0, (quantity - 1) // STEP)) if hides else 0),
        self_trade_prevention=draw(st.sampled_from((SelfTradePrevention.NONE, *MODES))),
    )


@st.composite
def routed(draw: st.DrawFn) -> RouteOrder:
    order = draw(orders().filter(lambda order: order.symbol in ROUTED and order.type is not OrderType.LIMIT_MAKER))
    quantity = order.quantity or Quantity(draw(st.integers(1, 6)) * 100_000_000)
    return RouteOrder(order=structs.replace(order, quantity=quantity, quote_quantity=Amount(0)))


@st.composite
def cancels(draw: st.DrawFn) -> CancelOrder | CancelOpenOrders:
    account = draw(st.sampled_from(ACCOUNTS))
    symbol = draw(st.sampled_from(tuple(PRICES)))
    if draw(st.integers(0, 9)) == 0:
        return CancelOpenOrders(account=account, symbol=symbol, cancel_id="gone")
    which = draw(st.sampled_from(("id", "client id", "both")))
    return CancelOrder(
        account=account,
        symbol=symbol,
        cancel_id="gone",
        order_id=-1 if which == "client id" else draw(st.integers(1, 20)),
        client_order_id="" if which == "id" else draw(st.sampled_from("abcdefghijkl")),
    )


@st.composite
def amendments(draw: st.DrawFn) -> AmendOrder:
    symbol = draw(st.sampled_from(tuple(PRICES)))
    which = draw(st.sampled_from(("id", "client id", "both")))
    size = draw(st.integers(1, 24))
    return AmendOrder(
        account=draw(st.sampled_from(ACCOUNTS)),
        symbol=symbol,
        new_client_order_id=draw(st.sampled_from("abcdefghijkl")),
        quantity=Quantity(
            STEP * size if symbol == "ABCUSD" else size * 25_000_000 + draw(st.sampled_from((0, 1, 7_777_777)))
        ),
        order_id=-1 if which == "client id" else draw(st.integers(1, 20)),
        client_order_id="" if which == "id" else draw(st.sampled_from("abcdefghijkl")),
    )


@st.composite
def replacements(draw: st.DrawFn) -> ReplaceOrder:
    new = draw(orders())
    return ReplaceOrder(
        cancel=CancelOrder(account=new.account, symbol=new.symbol, cancel_id="gone", order_id=draw(st.integers(1, 20))),
        mode=draw(st.sampled_from(CancelReplaceMode)),
        place=new,
    )


@st.composite
def order_lists(draw: st.DrawFn) -> PlaceOrderList:
    symbol = draw(st.sampled_from(tuple(PRICES)))
    account = draw(st.sampled_from(ACCOUNTS))
    mode = draw(st.sampled_from((SelfTradePrevention.NONE, *MODES)))
    quantity = STEP * draw(st.integers(1, 24)) if symbol == "ABCUSD" else draw(st.integers(1, 6)) * 100_000_003
    pays = draw(st.booleans())
    first = draw(st.integers(0, 9))
    names = "abcdefghijkl"[first : first + 3]

    def leg(number: int, kind: OrderType, side: Side, price: int = 0, stop: int = 0, **more: Any) -> PlaceOrder:
        return PlaceOrder(
            account=account,
            symbol=symbol,
            side=side,
            type=kind,
            client_order_id=names[number],
            price=Price(price),
            quantity=Quantity(0 if pays and number else quantity),
            self_trade_prevention=mode,
            trigger=Trigger(Price(stop)) if stop else None,
            **more,
        )

    def pair(side: Side) -> tuple[PlaceOrder, ...]:
        low, high = sorted(draw(st.lists(st.sampled_from(PRICES[symbol]), min_size=2, max_size=2, unique=True)))
        stop, far = (high, low) if side is Side.BUY else (low, high)
        kind = draw(st.sampled_from((OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)))
        price = draw(st.sampled_from(PRICES[symbol])) if kind is OrderType.STOP_LOSS_LIMIT else 0
        return leg(1, kind, side, price, stop), leg(2, OrderType.LIMIT_MAKER, side, far)

    def list_of(contingency: ContingencyType, *orders: PlaceOrder) -> PlaceOrderList:
        name = draw(st.sampled_from("abcdef"))
        return PlaceOrderList(
            account=account,
            symbol=symbol,
            list_client_order_id=name,
            contingency=contingency,
            orders=orders,
            pays=pays,
        )

    side = draw(st.sampled_from(Side))
    if draw(st.integers(0, 2)) == 0:
        pays = False
        return list_of(ContingencyType.OCO, *pair(side))
    kind = draw(st.sampled_from((OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT_MAKER)))
    tif = draw(st.sampled_from((*[TimeInForce.GTC] * 4, TimeInForce.IOC, TimeInForce.FOK)))
    working = leg(
        0,
        kind,
        Side.BUY if pays else side,
        draw(st.sampled_from(PRICES[symbol])),
        time_in_force=tif if kind is OrderType.LIMIT else TimeInForce.GTC,
    )
    other = Side.SELL if pays else draw(st.sampled_from(Side))
    match draw(st.integers(0, 2)):
        case 0:
            pending: tuple[PlaceOrder, ...] = (leg(1, OrderType.MARKET, other),)
        case 1:
            pending = (leg(1, OrderType.LIMIT, other, draw(st.sampled_from(PRICES[symbol]))),)
        case _:
            pending = pair(other)
    return list_of(ContingencyType.OTO, working, *pending)


@st.composite
def list_cancels(draw: st.DrawFn) -> CancelOrderList:
    return CancelOrderList(
        account=draw(st.sampled_from(ACCOUNTS)),
        symbol=draw(st.sampled_from(tuple(PRICES))),
        cancel_id="gone",
        list_client_order_id=draw(st.sampled_from("abcdef")),
    )


commands = st.one_of(orders(), orders(), orders(), routed(), cancels(), amendments(), replacements())
with_lists = st.one_of(orders(), orders(), order_lists(), order_lists(), order_lists(), commands, list_cancels())
histories = st.lists(commands, min_size=1, max_size=60)


def opened(balance: int) -> Floor:
    floor = Floor()
    for rules in SYMBOLS:
        floor.tell(ListSymbol(rules=rules))
    floor.tell(SetSmartRouting(base="XYZ", symbols=ROUTED))
    for account in ACCOUNTS:
        floor.tell(
            OpenAccount(
                account=account,
                name="",
                maker_rate=MAKER_RATE,
                taker_rate=TAKER_RATE,
                trade_group=GROUPS.get(account, -1),
            )
        )
        for asset in ASSETS:
            floor.tell(Deposit(account=account, asset=asset, amount=Amount(balance)))
    return floor


class Heard:
    """What somebody knows who only listens to the events."""

    def __init__(self) -> None:
        self.levels: dict[tuple[str, str], dict[Decimal, Decimal]] = {}
        self.balances: dict[tuple[int, str], tuple[Decimal, Decimal]] = {}

    def listen(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, LevelChanged):
                side = self.levels.setdefault((event.symbol, event.side.value), {})
                side[decimal(event.price)] = decimal(event.quantity)
                if not event.quantity:
                    del side[decimal(event.price)]
            elif isinstance(event, PositionChanged):
                for balance in event.balances:
                    self.balances[event.account, balance.asset] = decimal(balance.free), decimal(balance.locked)


@settings(max_examples=60, deadline=None)
@given(st.lists(with_lists, min_size=20, max_size=40), st.sampled_from((units("1"), units("9"), units("100000"))))
def test_engine_and_oracle_agree_on_order_lists(history: list[Command], balance: int) -> None:
    assert_agreement(history, balance)


@settings(max_examples=150, deadline=None)
@given(histories, st.sampled_from((units("9"), units("100000"))))
def test_engine_and_oracle_agree(history: list[Command], balance: int) -> None:
    assert_agreement(history, balance)


def test_engine_and_oracle_agree_over_a_long_history_in_a_crowded_book() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    history: list[Command] = []
    owners: list[int] = []
    symbol = "XYZABC"
    for number in range(800):
        if owners and rng.random() < 0.5:
            order_id = rng.randint(max(1, len(owners) - 12), len(owners))
            if rng.random() < 0.3:
                history.append(
                    AmendOrder(
                        account=owners[order_id - 1],
                        symbol=symbol,
                        new_client_order_id=rng.choice((str(number), f"again {order_id}")),
                        quantity=Quantity(rng.choice((1, 2)) * 100_000_000 - rng.choice((0, 1))),
                        order_id=order_id,
                    )
                )
                continue
            history.append(
                CancelOrder(account=owners[order_id - 1], symbol=symbol, cancel_id="gone", order_id=order_id)
            )
            continue
        owners.append(account := rng.choice(ACCOUNTS))
        quantity = rng.choice((1, 1, 2, 3)) * 100_000_000 + rng.choice((0, 0, 1))
        history.append(
            PlaceOrder(
                account=account,
                symbol=symbol,
                side=rng.choice(list(Side)),
                type=OrderType.LIMIT,
                client_order_id=str(number),
                price=Price(rng.choice(PRICES[symbol][:3])),
                quantity=Quantity(quantity),
                iceberg_quantity=Quantity(rng.choice((0, 0, 0, 30_000_000, quantity // 2))),
                self_trade_prevention=rng.choice((SelfTradePrevention.NONE, *MODES)),
            )
        )
    assert_agreement(history, units("100000"))


def test_engine_and_oracle_agree_over_a_long_history_of_routed_orders_in_crowded_books() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    history: list[Command] = []
    prices = sorted(PRICES["XYZABC"][:3] + PRICES["XYZUSD"][2:4])
    for number in range(800):
        account, symbol = rng.choice(ACCOUNTS), rng.choice(ROUTED)
        if rng.random() < 0.02:
            history.append(CancelOpenOrders(account=account, symbol=symbol, cancel_id="gone"))
            continue
        routes = rng.random() < 0.3
        time_in_force = rng.choice((*[TimeInForce.GTC] * 4, TimeInForce.IOC, TimeInForce.FOK))
        at_market = routes and rng.random() < 0.2
        hides = not at_market and time_in_force is TimeInForce.GTC and rng.random() < 0.3
        quantity = rng.choice((1, 2, 5 if routes else 3)) * 100_000_000 + rng.choice((0, 0, 1, 77_777_777))
        order = PlaceOrder(
            account=account,
            symbol=symbol,
            side=rng.choice(list(Side)),
            type=OrderType.MARKET if at_market else OrderType.LIMIT,
            client_order_id=str(number),
            time_in_force=time_in_force,
            price=Price(0 if at_market else rng.choice(prices)),
            quantity=Quantity(quantity),
            iceberg_quantity=Quantity(rng.choice((30_000_000, quantity // 2)) if hides else 0),
            self_trade_prevention=rng.choice((*[SelfTradePrevention.NONE] * 4, *MODES)),
        )
        history.append(RouteOrder(order=order) if routes else order)
    floor = assert_agreement(history, units("100000"))
    books = [
        len({event.symbol for event in outcome.events if isinstance(event, TradeMatched)})
        for outcome in floor.outcomes
        if isinstance(outcome.record.command, RouteOrder)
    ]
    assert min(books.count(0), books.count(1), books.count(2)) > 5


def assert_agreement(history: list[Command], balance: int) -> Floor:
    floor = opened(balance)
    steps = {"XYZABC": "0.00000001", "XYZUSD": "0.00000001", "ABCUSD": "0.25"}
    oracle = Oracle(
        {rules.symbol: (rules.base, rules.quote, Decimal(steps[rules.symbol])) for rules in SYMBOLS},
        decimal(MAKER_RATE),
        decimal(TAKER_RATE),
        GROUPS,
    )
    for account in ACCOUNTS:
        for asset in ASSETS:
            oracle.credit(account, asset, decimal(balance))
    heard = Heard()
    for outcome in floor.outcomes:
        heard.listen(outcome.events)
    for command in history:
        events = floor.tell(command)
        heard.listen(events)
        reject = events[0] if isinstance(events[0], CommandRejected) else None
        routes = isinstance(command, RouteOrder)
        if isinstance(command, RouteOrder):
            command = command.order
        if isinstance(command, PlaceOrder):
            refused, status, trades = placed(oracle, command, ROUTED if routes else ())
            assert (reject.reason.value if reject else None) == refused
            if refused is None:
                assert isinstance(events[0], OrderOpened)
                placed_id = events[0].order.order_id
                assert events[0].order.symbol == command.symbol
                assert oracle.status[command.symbol, placed_id] == status
                assert matched(events) == trades
                own = [e for e in events if isinstance(e, OrderTraded) and e.order.order_id == placed_id]
                if command.side is Side.BUY and command.quote_quantity and not routes:
                    assert sum(e.quote for e in own if e.order.symbol == command.symbol) <= command.quote_quantity
        elif isinstance(command, PlaceOrderList):
            refused, trades = list_placed(oracle, command)
            assert (reject.reason.value if reject else None) == refused
            assert matched(events) == trades
        elif isinstance(command, CancelOrderList):
            gone = oracle.cancel_list(command.account, command.symbol, command.list_client_order_id)
            assert [e.order.order_id for e in events if isinstance(e, OrderCanceled)] == gone
            assert (reject is None) == bool(gone)
        elif isinstance(command, CancelOrder):
            gone = oracle.cancel(
                command.account,
                command.symbol,
                command.order_id if command.order_id >= 0 else None,
                command.client_order_id or None,
            )
            assert [e.order.order_id for e in events if isinstance(e, OrderCanceled)] == gone
            assert (reject is None) == bool(gone)
        elif isinstance(command, ReplaceOrder):
            assert_replaced(command, events, oracle)
        elif isinstance(command, AmendOrder):
            amended = oracle.amend(
                command.account,
                command.symbol,
                command.order_id if command.order_id >= 0 else None,
                command.client_order_id or None,
                command.new_client_order_id,
                decimal(command.quantity),
            )
            assert (reject is None) == amended
        elif isinstance(command, CancelOpenOrders):
            gone = oracle.cancel(command.account, command.symbol, None, None)
            assert [e.order.order_id for e in events if isinstance(e, OrderCanceled)] == gone
            assert (reject is None) == bool(gone)

        assert_standing(floor.engine, events, oracle)
        for account in ACCOUNTS:
            for asset in ASSETS:
                assert heard.balances[account, asset] == (oracle.free(account, asset), oracle.locked(account, asset))
        for rules in SYMBOLS:
            for side in ("BUY", "SELL"):
                assert heard.levels.get((rules.symbol, side), {}) == oracle.levels(rules.symbol, side)
        settlements = floor.engine.venue.settlements
        assert [decimal(settlements.get(asset, 0)) for asset in ASSETS] == [oracle.exchanged[asset] for asset in ASSETS]
        assert_conserved(floor.engine, balance * len(ACCOUNTS))
    return floor


def matched(events: tuple[Event, ...]) -> list[Any]:
    return [
        (
            e.symbol,
            *(e.buyer_order_id, e.seller_order_id)[:: 1 if e.buyer_is_maker else -1],
            decimal(e.price),
            decimal(e.quantity),
            decimal(e.quote),
        )
        for e in events
        if isinstance(e, TradeMatched)
    ]


def assert_standing(engine: Engine, events: tuple[Event, ...], oracle: Oracle) -> None:
    """How each order stands that something was said of, and which orders and lists are open."""
    last = {}
    for event in events:
        order = getattr(event, "order", None)
        if order is not None and order.order_id >= 0:
            last[order.symbol, order.order_id] = order.status.value
    assert last == {which: oracle.status[which] for which in last}
    for symbol, market in engine.venue.markets.items():
        assert set(market.orders) == {order.order_id for order in oracle.open() if order.symbol == symbol}
    names = [
        (each.trader.account_id, name) for each in engine.venue.order_lists.values() for name in (each.client_order_id,)
    ]
    assert sorted(names) == sorted((each.account, each.name) for each in oracle.lists)


def list_placed(oracle: Oracle, command: PlaceOrderList) -> Any:
    legs = [
        Resting(
            each.symbol,
            0,
            each.account,
            each.client_order_id,
            each.side.value,
            decimal(each.price),
            decimal(each.quantity),
            decimal(each.quantity),
            Decimal(0),
            decimal(each.quantity),
            each.self_trade_prevention.value,
            "pending",
            each.type.value,
            each.time_in_force.value,
            decimal(each.trigger.stop_price) if each.trigger else None,
        )
        for each in command.orders
    ]
    is_pair = command.contingency is ContingencyType.OCO
    return oracle.place_list(command.account, command.symbol, command.list_client_order_id, is_pair, legs, command.pays)


def placed(oracle: Oracle, command: PlaceOrder, books: tuple[str, ...] = ()) -> Any:
    return oracle.place(
        command.account,
        command.symbol,
        command.side.value,
        command.type.value,
        command.time_in_force.value,
        command.client_order_id,
        decimal(command.price),
        decimal(command.quantity),
        decimal(command.quote_quantity),
        command.self_trade_prevention.value,
        decimal(command.iceberg_quantity),
        books,
    )


def assert_replaced(command: ReplaceOrder, events: tuple[Event, ...], oracle: Oracle) -> None:
    new = command.place
    assert new is not None
    if placed(deepcopy(oracle), new)[0] == "FILTER_FAILURE":
        assert isinstance(events[0], CommandRejected)
        return
    gone = oracle.cancel(new.account, new.symbol, command.cancel.order_id, None)
    tried = gone or command.mode is CancelReplaceMode.ALLOW_FAILURE
    refused = placed(oracle, new)[0] if tried else None
    assert [e.order.order_id for e in events if isinstance(e, OrderCanceled)] == gone
    assert any(isinstance(e, OrderOpened) for e in events) == (tried and refused is None)
    why = [e.rejection.reason.value for e in events if isinstance(e, OrderRejected)]
    why += [e.placement.reason.value for e in events if isinstance(e, ReplacementFailed) and e.placement]
    assert why == ([] if refused is None else [refused])
    positions = [e.account for e in events if isinstance(e, PositionChanged)]
    assert positions == sorted(set(positions))


@settings(max_examples=150, deadline=None)
@given(histories, st.sampled_from((units("9"), units("30"), units("100000"))), st.data())
def test_with_commission_paid_in_another_asset_nobody_is_in_debt_and_every_balance_is_told(
    history: list[Command], balance: int, data: st.DataObject
) -> None:
    floor = opened(balance)
    rates = CommissionRates(maker=1_234_567, taker=2_345_678, buyer=3_456_789, seller=4_567_891)
    for account in ACCOUNTS:
        # ABC is the quote of one symbol and the base of the other.
        asset = data.draw(st.sampled_from(ASSETS), label="asset")
        floor.tell(SetDiscount(account=account, enabled=True, asset=asset, discount=33_333_333))
        for rules in SYMBOLS:
            floor.tell(SetCommission(account=account, symbol=rules.symbol, commission=Commission(rates, rates, rates)))
    heard = Heard()
    for outcome in floor.outcomes:
        heard.listen(outcome.events)
    cut = data.draw(st.integers(0, len(history)), label="cut")
    for number, command in enumerate(history):
        if number == cut:
            payload = floor.engine.snapshot()
            floor.engine = Engine.restore(payload)
            assert floor.engine.snapshot() == payload
        heard.listen(floor.tell(command))
        assert_conserved(floor.engine, balance * len(ACCOUNTS))
        for account in ACCOUNTS:
            for asset in ASSETS:
                holding = floor.engine.venue.accounts[account].holding(asset)
                assert heard.balances[account, asset] == (decimal(holding.free), decimal(holding.locked))


def assert_conserved(engine: Engine, deposited: int) -> None:
    """Balances and commissions are together what was deposited, and nobody is in debt."""
    for asset in ASSETS:
        holdings = [account.holding(asset) for account in engine.venue.accounts.values()]
        assert all(holding.free >= 0 and holding.locked >= 0 for holding in holdings)
        held = sum(holding.free + holding.locked for holding in holdings)
        venue = engine.venue
        assert held + venue.commissions.get(asset, 0) + venue.settlements.get(asset, 0) == deposited
    assert sum(engine.venue.settlements.values()) == 0


@settings(max_examples=60, deadline=None)
@given(histories, st.data())
def test_engine_restored_from_a_snapshot_goes_on_byte_for_byte(history: list[Command], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(history)), label="cut")
    original = opened(units("100000"))
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


@settings(max_examples=30, deadline=None)
@given(histories)
def test_a_refused_command_changes_nothing(history: list[Command]) -> None:
    floor = opened(units("9"))
    for command in history:
        before = floor.engine.snapshot()
        events = floor.tell(command)
        if isinstance(events[0], CommandRejected):
            assert floor.engine.snapshot() == before
            if isinstance(command, PlaceOrder):
                assert floor.engine.refusal(command, floor.time_us) == events[0]
