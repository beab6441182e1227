"""What the engine's tests build on: a small exchange to talk to, and what it says put into readable words."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pitwire.exchange.engine.engine import Engine
from pitwire.exchange.messages import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    CommandRejected,
    Deposit,
    Event,
    ListSymbol,
    OpenAccount,
    Outcome,
    PlaceOrder,
    Record,
)
from pitwire.market.enums import OrderType, SelfTradePrevention, Side, TimeInForce
from pitwire.market.filters import Filter
from pitwire.market.numbers import Amount, Price, Quantity
from pitwire.market.symbols import SymbolRules

ALICE, BOB, CAROL = 1, 2, 3


def units(value: str) -> int:
    """`"1.5"` in units of 1e-8."""
    return int(Decimal(value).scaleb(8))


class Floor:
    """An engine with its records numbered and timed: each command comes one second after the one before."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine()
        self.sequence = 0
        self.time_us = 1_700_000_000_000_000
        self.outcomes: list[Outcome] = []

    def tell(self, command: Command) -> tuple[Event, ...]:
        self.sequence += 1
        self.time_us += 1_000_000
        record = Record(self.sequence, self.time_us, command)
        events = self.engine.apply(record)
        self.outcomes.append(Outcome(record, events))
        return events

    def open(
        self,
        *,
        filters: tuple[Filter, ...] = (),
        accounts: Sequence[int] = (ALICE, BOB, CAROL),
        maker_rate: str = "0.001",
        taker_rate: str = "0.002",
        trade_groups: Mapping[int, int] | None = None,
        balance: str = "1000000",
        base: str = "BTC",
        **rules: Any,
    ) -> "Floor":
        """List BTCUSDT, whatever its base asset, and give every account `balance` of both its assets."""
        self.tell(ListSymbol(rules=SymbolRules(symbol="BTCUSDT", base=base, quote="USDT", filters=filters, **rules)))
        for account in accounts:
            self.tell(
                OpenAccount(
                    account=account,
                    name=f"account {account}",
                    maker_rate=units(maker_rate),
                    taker_rate=units(taker_rate),
                    trade_group=(trade_groups or {}).get(account, -1),
                )
            )
            for asset in (base, "USDT"):
                self.tell(Deposit(account=account, asset=asset, amount=Amount(units(balance))))
        return self

    def place(
        self,
        account: int,
        side: str,
        quantity: str = "0",
        price: str = "0",
        *,
        type: str | None = None,  # noqa: A002
        tif: str = "GTC",
        quote: str = "0",
        id: str | None = None,  # noqa: A002
        mode: str = "NONE",
    ) -> tuple[Event, ...]:
        """Place an order on BTCUSDT: LIMIT where it has a price, MARKET where it has none."""
        return self.tell(
            PlaceOrder(
                account=account,
                symbol="BTCUSDT",
                side=Side(side),
                type=OrderType(type or ("LIMIT" if price != "0" else "MARKET")),
                client_order_id=id or f"order-{self.sequence}",
                time_in_force=TimeInForce(tif),
                price=Price(units(price)),
                quantity=Quantity(units(quantity)),
                quote_quantity=Amount(units(quote)),
                self_trade_prevention=SelfTradePrevention(mode),
            )
        )

    def cancel(self, account: int, **which: Any) -> tuple[Event, ...]:
        return self.tell(CancelOrder(account=account, symbol="BTCUSDT", cancel_id="cancel", **which))

    def cancel_all(self, account: int) -> tuple[Event, ...]:
        return self.tell(CancelOpenOrders(account=account, symbol="BTCUSDT", cancel_id="cancel"))

    def balance(self, account: int, asset: str) -> tuple[str, str]:
        """Free and locked."""
        holding = self.engine.venue.accounts[account].holding(asset)
        return plain(holding.free), plain(holding.locked)


def plain(value: int) -> str:
    """A scaled number the way a person writes it: `"1.5"`, `"0"`."""
    whole, fraction = divmod(value, 100_000_000)
    return f"{whole}.{fraction:08d}".rstrip("0").rstrip(".")


def reason(events: tuple[Event, ...]) -> str:
    """`"accepted"`, or the reason of the refusal and its detail: `"FILTER_FAILURE: LOT_SIZE"`."""
    first = events[0]
    if not isinstance(first, CommandRejected):
        return "accepted"
    assert len(events) == 1
    return f"{first.reason}: {first.detail}" if first.detail else str(first.reason)


def said(events: tuple[Event, ...]) -> list[str]:
    """The events in short, in their order."""
    return [_short(event) for event in events]


def _short(event: Any) -> str:
    name = type(event).__name__
    match name:
        case "OrderOpened" | "OrderCanceled" | "OrderExpired" | "OrderAmended" | "OrderPrevented":
            order = event.order
            return f"{name} #{order.order_id} {order.status} {plain(order.executed)}/{plain(order.quantity)}"
        case "OrderListChanged":
            why = f" {event.rejection}" if event.rejection else ""
            return f"{name} {event.order_list.order_list_id} {event.status_type}{why}"
        case "OrderTraded":
            order = event.order
            role = "maker" if event.is_maker else "taker"
            return (
                f"{name} #{order.order_id} {role} {order.status} {plain(event.quantity)} at {plain(event.price)}"
                f" fee {plain(event.commission)} {event.commission_asset}"
            )
        case "TradeMatched":
            return f"{name} {event.trade_id}: {plain(event.quantity)} at {plain(event.price)}"
        case "LevelChanged":
            return f"{name} {event.side} {plain(event.price)} = {plain(event.quantity)}"
        case "PositionChanged":
            held = ", ".join(f"{b.asset} {plain(b.free)} + {plain(b.locked)}" for b in event.balances)
            return f"{name} {event.account}: {held}"
    return name
