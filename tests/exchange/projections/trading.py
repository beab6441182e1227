"""A real engine that feeds projections: what the tests of this package trade on."""

import random
from collections.abc import Iterator
from decimal import Decimal

from msgspec import structs

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    Command,
    Commission,
    CommissionRates,
    Deposit,
    ListSymbol,
    OpenAccount,
    Outcome,
    PlaceOrder,
    PlaceOrderList,
    Record,
    ReplaceOrder,
    RouteOrder,
    SetCommission,
    SetDiscount,
    SetSmartRouting,
    Trigger,
)
from pitwire.exchange.projections.archive import Archive
from pitwire.exchange.projections.state import Projections
from pitwire.market.enums import (
    CancelReplaceMode,
    ContingencyType,
    OrderType,
    SelfTradePrevention,
    Side,
    SymbolStatus,
    TimeInForce,
)
from pitwire.market.filters import LotSize, MarketLotSize, MaxNumOrders, Notional, PriceFilter
from pitwire.market.numbers import scaled
from pitwire.market.symbols import SymbolRules

ALICE, BOB, CAROL = 1, 2, 3
START_US = 1_700_000_000_000_000
STEP_US = 1_000_001
"""Between two commands: more than a second, and no whole number of milliseconds."""


def units(number: str | int) -> int:
    return scaled(Decimal(number))


def rules(symbol: str = "BTCUSDT", base: str = "BTC", quote: str = "USDT", **changes) -> SymbolRules:
    filters = (
        PriceFilter(min_price=units("0.01"), max_price=units(1_000_000), tick_size=units("0.01")),
        LotSize(min_quantity=units("0.00001"), max_quantity=units(9000), step_size=units("0.00001")),
        MarketLotSize(min_quantity=0, max_quantity=units(100), step_size=0),
        Notional(
            min_notional=units("0.001"),
            apply_min_to_market=True,
            max_notional=units(9_000_000),
            apply_max_to_market=False,
            average_price_minutes=5,
        ),
        MaxNumOrders(max_num_orders=200),
    )
    defaults = {
        "symbol": symbol,
        "base": base,
        "quote": quote,
        "filters": filters,
        "allowed_self_trade_prevention": tuple(SelfTradePrevention),
        "order_types": tuple(OrderType),
        "oco_allowed": True,
        "oto_allowed": True,
        "opo_allowed": True,
    }
    return SymbolRules(**defaults | changes)


class Floor:
    """Engine and projections side by side, with a clock that moves by `STEP_US` for each command."""

    def __init__(self, *listed: SymbolRules, archive: Archive | None = None) -> None:
        self.engine = Engine()
        self.projections = Projections(archive)
        self.outcomes: list[Outcome] = []
        for each in listed or (rules(),):
            self.do(ListSymbol(rules=each))
        for account, name in ((ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")):
            self.do(OpenAccount(account=account, name=name))
            for asset in sorted(self.projections.symbols.assets()):
                self.do(Deposit(account=account, asset=asset, amount=units(1_000_000)))

    @property
    def now_us(self) -> int:
        return START_US + len(self.outcomes) * STEP_US

    def do(self, command: Command) -> Outcome:
        record = Record(len(self.outcomes) + 1, self.now_us, command)
        outcome = Outcome(record, self.engine.apply(record))
        self.outcomes.append(outcome)
        self.projections.apply(outcome)
        return outcome

    def place(
        self,
        account: int,
        side: str,
        price: str | int = 0,
        quantity: str | int = 0,
        client_order_id: str = "",
        *,
        symbol: str = "BTCUSDT",
        kind: str = "LIMIT",
        tif: str = "GTC",
        quote_quantity: str | int = 0,
        strategy: tuple[int, int] = (-1, -1),
        mode: str = "NONE",
    ) -> Outcome:
        return self.do(
            PlaceOrder(
                account=account,
                symbol=symbol,
                side=Side(side),
                type=OrderType(kind),
                client_order_id=client_order_id or f"order-{len(self.outcomes)}",
                time_in_force=TimeInForce(tif),
                price=units(price),
                quantity=units(quantity),
                quote_quantity=units(quote_quantity),
                self_trade_prevention=SelfTradePrevention(mode),
                strategy_id=strategy[0],
                strategy_type=strategy[1],
            )
        )

    def cancel(self, account: int, order_id: int, cancel_id: str = "cancel", symbol: str = "BTCUSDT") -> Outcome:
        return self.do(CancelOrder(account=account, symbol=symbol, cancel_id=cancel_id, order_id=order_id))

    def amend(self, account: int, order_id: int, quantity: str | int, new_id: str, symbol: str = "BTCUSDT") -> Outcome:
        return self.do(
            AmendOrder(
                account=account,
                symbol=symbol,
                new_client_order_id=new_id,
                quantity=units(quantity),
                order_id=order_id,
            )
        )

    def cancel_all(self, account: int, cancel_id: str = "cancel", symbol: str = "BTCUSDT") -> Outcome:
        return self.do(CancelOpenOrders(account=account, symbol=symbol, cancel_id=cancel_id))


def random_commands(seed: int, count: int, symbols: tuple[str, ...], routed: tuple[str, ...] = ()) -> Iterator[Command]:
    """Commands that trade, rest, lapse, are cancelled and are refused, on a few price levels.

    Some orders are routed among the symbols of BTC in `routed`, if there are any.
    """
    if routed:
        yield SetSmartRouting(base="BTC", symbols=routed)
    chance = random.Random(seed)
    for number in range(count):
        account = chance.choice((ALICE, BOB, CAROL))
        symbol = chance.choice(symbols)
        what = chance.random()
        if what < 0.15:
            yield CancelOrder(
                account=account, symbol=symbol, cancel_id=f"c{number}", order_id=chance.randint(1, number + 1)
            )
        elif what < 0.25:
            yield CancelOrder(
                account=account, symbol=symbol, cancel_id=f"c{number}", client_order_id=f"o{chance.randint(0, 9)}"
            )
        elif what < 0.26:
            yield CancelOpenOrders(account=account, symbol=symbol, cancel_id=f"c{number}")
        elif what < 0.27:
            name = f"l{chance.randint(0, 9)}"
            yield CancelOrderList(account=account, symbol=symbol, cancel_id=f"c{number}", list_client_order_id=name)
        elif what < 0.29:
            yield Deposit(account=account, asset="BTC", amount=chance.randint(-5, 5) * units(1))
        elif what < 0.30:
            rate, group = chance.randint(0, 200_000), chance.choice((-1, 7))
            yield OpenAccount(account=account, name=f"name-{number}", taker_rate=rate, trade_group=group)
        elif what < 0.305:
            yield SetDiscount(account=account, enabled=chance.random() < 0.5, asset="BTC")
            rates = CommissionRates(chance.randint(0, 100_000), chance.randint(0, 100_000))
            yield SetCommission(account=account, symbol=symbol, commission=chance.choice((None, Commission(tax=rates))))
        elif what < 0.31:
            yield ListSymbol(rules=rules(status=chance.choice((SymbolStatus.TRADING, SymbolStatus.HALT))))
        elif what < 0.34:
            yield AmendOrder(
                account=account,
                symbol=symbol,
                new_client_order_id=f"o{chance.randint(0, 9)}",
                quantity=chance.randint(1, 100) * units("0.01"),
                order_id=chance.randint(max(1, number - 30), number + 1),
            )
        elif what < 0.36:
            yield ReplaceOrder(
                cancel=CancelOrder(
                    account=account, symbol=symbol, cancel_id=f"c{number}", order_id=chance.randint(1, number + 1)
                ),
                mode=chance.choice(tuple(CancelReplaceMode)),
                place=_random_order(chance, account, symbol, number),
            )
        elif routed and what < 0.5:
            order = _random_order(chance, account, chance.choice(routed), number)
            if order.type is not OrderType.LIMIT_MAKER and order.quantity:
                yield RouteOrder(order=order)
        elif what < 0.46:
            yield _random_list(chance, account, symbol, number)
        else:
            yield _random_order(chance, account, symbol, number)


def _random_list(chance: random.Random, account: int, symbol: str, number: int) -> PlaceOrderList:
    """An OCO that sells, or a working order with one or two that are pending."""
    quantity = chance.randint(1, 300) * units("0.01")
    working = PlaceOrder(
        account=account,
        symbol=symbol,
        side=Side.BUY,
        type=OrderType.LIMIT,
        client_order_id=f"w{number}",
        price=units(chance.randint(97, 104)),
        quantity=quantity,
    )
    pays = chance.random() < 0.5
    sold = 0 if pays else quantity
    stop, limit = (
        PlaceOrder(
            account=account,
            symbol=symbol,
            side=Side.SELL,
            type=kind,
            client_order_id=f"{kind}-{number}",
            price=price,
            quantity=sold,
            trigger=trigger,
        )
        for kind, price, trigger in (
            (OrderType.STOP_LOSS, 0, Trigger(units(chance.randint(94, 98)))),
            (OrderType.LIMIT_MAKER, units(chance.randint(101, 106)), None),
        )
    )
    orders = chance.choice(((stop, limit), (working, limit), (working, stop, limit)))
    is_pair = orders[0] is stop
    if is_pair:
        orders = tuple(structs.replace(order, quantity=quantity) for order in orders)
    return PlaceOrderList(
        account=account,
        symbol=symbol,
        list_client_order_id=f"l{chance.randint(0, 9)}",
        contingency=ContingencyType.OCO if is_pair else ContingencyType.OTO,
        orders=orders,
        pays=pays and not is_pair,
    )


def _random_order(chance: random.Random, account: int, symbol: str, number: int) -> PlaceOrder:
    kind = chance.choice((OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET))
    market, by_quote = kind is OrderType.MARKET, chance.random() < 0.5
    return PlaceOrder(
        account=account,
        symbol=symbol,
        side=chance.choice(tuple(Side)),
        type=kind,
        client_order_id=f"o{chance.randint(0, 9)}" if chance.random() < 0.5 else f"n{number}",
        time_in_force=chance.choice(tuple(TimeInForce)) if kind is OrderType.LIMIT else TimeInForce.GTC,
        price=0 if market else units(chance.randint(95, 105)),
        quantity=0 if market and by_quote else chance.randint(1, 300) * units("0.01"),
        quote_quantity=chance.randint(1, 50_000) * units("0.01") if market and by_quote else 0,
        self_trade_prevention=chance.choice((*[SelfTradePrevention.NONE] * 9, *SelfTradePrevention)),
        strategy_id=chance.choice((-1, 7)),
        strategy_type=chance.choice((-1, 1_000_000)),
    )
