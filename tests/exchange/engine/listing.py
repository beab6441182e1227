"""Order lists as the engine's tests write them: a floor that allows all of them, and their orders in few words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pitwire.exchange.messages import (
    AmendOrder,
    CancelOrderList,
    Event,
    OrderExpired,
    OrderListChanged,
    OrderTriggered,
    Peg,
    PlaceOrder,
    PlaceOrderList,
    PositionChanged,
    TradeMatched,
    Trigger,
)
from pitwire.market.enums import ContingencyType, OrderType, PegPriceType, SelfTradePrevention, Side, TimeInForce
from pitwire.market.numbers import Price, Quantity
from tests.exchange.engine.venues import ALICE, BOB, CAROL, Floor, plain, said, units


def opened(last_price: str | None = "100", **rules: Any) -> Floor:
    """Everything is allowed on BTCUSDT, nothing is charged, and it has traded at `last_price`."""
    floor = Floor().open(
        **{
            "order_types": tuple(OrderType),
            "trailing_stop_allowed": True,
            "iceberg_allowed": True,
            "peg_instructions_allowed": True,
            "oco_allowed": True,
            "oto_allowed": True,
            "opo_allowed": True,
            "allowed_self_trade_prevention": tuple(SelfTradePrevention),
            "maker_rate": "0",
            "taker_rate": "0",
        }
        | rules
    )
    if last_price is not None:
        trade(floor, last_price)
    return floor


def trade(floor: Floor, price: str, quantity: str = "1") -> tuple[Event, ...]:
    """Two others trade at a price, if nobody else stands in their way."""
    floor.place(BOB, "SELL", quantity, price)
    return floor.place(CAROL, "BUY", quantity, price)


def leg(
    floor: Floor,
    side: str,
    kind: str,
    price: str = "0",
    *,
    quantity: str = "1",
    stop: str = "0",
    delta: int = 0,
    iceberg: str = "0",
    peg: bool = False,
    tif: str = "GTC",
    mode: str = "NONE",
    id: str | None = None,  # noqa: A002
    account: int = ALICE,
) -> PlaceOrder:
    return PlaceOrder(
        account=account,
        symbol="BTCUSDT",
        side=Side(side),
        type=OrderType(kind),
        client_order_id=id or f"{kind.lower()}-{floor.sequence}",
        time_in_force=TimeInForce(tif),
        price=Price(units(price)),
        quantity=Quantity(units(quantity)),
        trigger=Trigger(stop_price=Price(units(stop)), trailing_delta=delta) if stop != "0" or delta else None,
        iceberg_quantity=Quantity(units(iceberg)),
        peg=Peg(price_type=PegPriceType.PRIMARY_PEG) if peg else None,
        self_trade_prevention=SelfTradePrevention(mode),
    )


def place(
    floor: Floor,
    contingency: str,
    *orders: PlaceOrder,
    pays: bool = False,
    id: str | None = None,  # noqa: A002
) -> tuple[Event, ...]:
    return floor.tell(
        PlaceOrderList(
            account=orders[0].account,
            symbol="BTCUSDT",
            list_client_order_id=id or f"list-{floor.sequence}",
            contingency=ContingencyType(contingency),
            orders=orders,
            pays=pays,
        )
    )


def oco(floor: Floor, side: str = "SELL", limit: str = "110", stop: str = "90", price: str = "0", **more: Any) -> Any:
    """A stop loss order and a LIMIT_MAKER, of which one ends the other."""
    stop_loss = leg(floor, side, "STOP_LOSS_LIMIT" if price != "0" else "STOP_LOSS", price, stop=stop, **more)
    return place(floor, "OCO", stop_loss, leg(floor, side, "LIMIT_MAKER", limit, **more))


def cancel_list(floor: Floor, account: int = ALICE, symbol: str = "BTCUSDT", **which: Any) -> tuple[Event, ...]:
    return floor.tell(CancelOrderList(account=account, symbol=symbol, cancel_id="cancel", **which))


def amend(floor: Floor, order_id: int, quantity: str, new_id: str) -> tuple[Event, ...]:
    return floor.tell(
        AmendOrder(
            account=ALICE,
            symbol="BTCUSDT",
            new_client_order_id=new_id,
            quantity=Quantity(units(quantity)),
            order_id=order_id,
        )
    )


def in_full(events: Sequence[Event]) -> list[str]:
    """The events in short, with why an order expired, and how a pending one stands that was placed."""
    lines = []
    for event, line in zip(events, said(tuple(events)), strict=True):
        if isinstance(event, OrderTriggered):
            order = event.order
            line += f" #{order.order_id} {order.status} {plain(order.executed)}/{plain(order.quantity)}"
        elif isinstance(event, OrderExpired) and event.order.expiry_reason:
            line += f" {event.order.expiry_reason}"
        lines.append(line)
    return lines


def heard(events: Sequence[Event], account: int = ALICE) -> list[str]:
    """What an account is told of its orders and lists: without trades as such, book and balances."""
    return [
        line
        for event, line in zip(events, in_full(events), strict=True)
        if (isinstance(event, OrderListChanged) and event.order_list.account == account)
        or (hasattr(event, "order") and event.order.account == account)
    ]


def locked(floor: Floor, account: int = ALICE) -> tuple[str, str]:
    """What an account has locked of BTC and of USDT; a list that is done has left nothing behind."""
    base, quote = floor.balance(account, "BTC"), floor.balance(account, "USDT")
    assert Decimal(base[0]) >= 0 <= Decimal(quote[0])
    return base[1], quote[1]


def positions(events: Sequence[Event]) -> list[int]:
    return [event.account for event in events if isinstance(event, PositionChanged)]


def trades(events: Sequence[Event]) -> list[int]:
    return [event.trade_id for event in events if isinstance(event, TradeMatched)]
